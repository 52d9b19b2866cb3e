//! What is told of the files of a table, kept as JSON: it is little beside the cells.

use super::bytes::{Damaged, Taken, moment, rows};
use super::layers::OldCuts;
use crate::calendar::Instant;
use crate::data::{Ends, FileMark, KeyRange, KnownParts, PartReport, Quarantined, Reason};
use crate::diagnostic::{Findings, StoredFindings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Everything but cells.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told {
    /// From the oldest to the newest.
    pub files: Vec<KeptFile>,
    pub columns: BTreeSet<String>,
    pub ranges: Vec<KeyRange>,
    pub quarantined: Vec<KeptRow>,
    /// Local day, number of rows and the latest instant.
    pub days: Vec<(i32, u64, i64)>,
    pub attributed: u64,
    /// Products that only these rows name, in the order in which they were met.
    pub unknown: Vec<String>,
    pub cuts: Vec<OldCuts>,
}

/// A file and what reading it came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptFile {
    pub shown: String,
    pub drop: String,
    pub mark: FileMark,
    pub ends: Option<Ends>,
    pub report: KeptReport,
    pub findings: StoredFindings,
}

/// As [`Quarantined`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptRow {
    file: String,
    line: u64,
    column: Option<String>,
    place: Option<(u64, u32)>,
    text: String,
    reason: Reason,
}

/// As [`PartReport`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptReport {
    encoding: String,
    rows: u64,
    kept: u64,
    quarantined: u64,
    conflicts: u64,
    replaced: u64,
    duplicates: u64,
    filtered: u64,
    future: u64,
    orphan_groups: u64,
    orphan_members: u64,
    orphan_examples: Vec<String>,
    first: Option<i64>,
    last: Option<i64>,
    examples: Vec<KeptRow>,
    sorted_by_time: bool,
}

impl KeptRow {
    pub fn of(row: &Quarantined) -> Self {
        Self {
            file: row.file.clone(),
            line: row.line,
            column: row.column.clone(),
            place: row.place,
            text: row.text.clone(),
            reason: row.reason,
        }
    }

    pub fn restore(&self) -> Quarantined {
        Quarantined {
            file: self.file.clone(),
            line: self.line,
            column: self.column.clone(),
            place: self.place,
            text: self.text.clone(),
            code: self.reason.code(),
            reason: self.reason,
        }
    }
}

impl KeptReport {
    pub fn of(report: &PartReport) -> Self {
        Self {
            encoding: report.encoding.to_owned(),
            rows: report.rows,
            kept: report.kept,
            quarantined: report.quarantined,
            conflicts: report.conflicts,
            replaced: report.replaced,
            duplicates: report.duplicates,
            filtered: report.filtered,
            future: report.future,
            orphan_groups: report.orphan_groups,
            orphan_members: report.orphan_members,
            orphan_examples: report.orphan_examples.clone(),
            first: report.first.map(|t| t.0),
            last: report.last.map(|t| t.0),
            examples: report.examples.iter().map(KeptRow::of).collect(),
            sorted_by_time: report.sorted_by_time,
        }
    }

    /// Whether its numbers can be: keys that were in order met no other row of theirs.
    fn is_sound(&self) -> bool {
        let counts = [self.rows, self.kept, self.quarantined, self.filtered, self.future];
        let orphans = [self.orphan_groups, self.orphan_members];
        let times = self.first.iter().chain(&self.last);
        (self.conflicts, self.replaced, self.duplicates) == (0, 0, 0)
            && counts.iter().chain(&orphans).all(|n| rows(*n).is_ok())
            && times.into_iter().all(|t| moment(*t).is_ok())
    }

    fn restore(&self, shown: &str) -> Option<PartReport> {
        let encoding = match self.encoding.as_str() {
            "" => "",
            name => encoding_rs::Encoding::for_label(name.as_bytes())?.name(),
        };
        Some(PartReport {
            shown: shown.to_owned(),
            encoding,
            rows: self.rows,
            kept: self.kept,
            quarantined: self.quarantined,
            conflicts: self.conflicts,
            replaced: self.replaced,
            duplicates: self.duplicates,
            filtered: self.filtered,
            future: self.future,
            orphan_groups: self.orphan_groups,
            orphan_members: self.orphan_members,
            orphan_examples: self.orphan_examples.clone(),
            first: self.first.map(Instant),
            last: self.last.map(Instant),
            examples: self.examples.iter().map(KeptRow::restore).collect(),
            sorted_by_time: self.sorted_by_time,
        })
    }
}

impl Told {
    pub fn read(bytes: &[u8]) -> Taken<Self> {
        let told: Self = serde_json::from_slice(bytes).map_err(|_| Damaged)?;
        rows(told.attributed)?;
        for (_, count, last) in &told.days {
            rows(*count)?;
            moment(*last)?;
        }
        for (_, count, last) in told.files.iter().flat_map(|f| &f.ends).flatten() {
            rows(*count)?;
            moment(*last)?;
        }
        let sound = |file: &KeptFile| file.report.is_sound();
        if told.files.iter().all(sound) { Ok(told) } else { Err(Damaged) }
    }

    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The last instant of any row.
    pub fn last(&self) -> Option<Instant> {
        self.days.iter().map(|(_, _, last)| Instant(*last)).max()
    }

    /// What a scan takes in place of the files.
    pub fn known(&self) -> Option<KnownParts> {
        let part = |file: &KeptFile| -> Option<(PartReport, Findings)> {
            Some((file.report.restore(&file.shown)?, file.findings.clone().restore()?))
        };
        Some(KnownParts {
            parts: self.files.iter().map(part).collect::<Option<_>>()?,
            columns: self.columns.clone(),
            ranges: self.ranges.clone(),
            quarantined: self.quarantined.iter().map(KeptRow::restore).collect(),
        })
    }
}
