//! What is told of the files of a table, kept as JSON: it is little beside the cells.

use super::bytes::{Damaged, In, Out, Taken, moment, rows};
use super::layers::OldCuts;
use crate::calendar::Instant;
use crate::data::{Ends, FileMark, KnownKeys, KnownParts, Part, PartReport, Quarantined, ReadParts, Reason};
use crate::diagnostic::{Findings, StoredFindings};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The files of a table and what reading them came to.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct KeptParts {
    /// From the oldest to the newest.
    pub files: Vec<KeptFile>,
    columns: BTreeSet<String>,
    pub keys: KnownKeys,
    quarantined: Vec<KeptRow>,
}

/// Everything but cells.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told {
    pub parts: KeptParts,
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

    /// Whether its numbers can be: a run with conflicts fails, so that nothing is kept of it.
    fn is_sound(&self) -> bool {
        let counts = [self.rows, self.kept, self.quarantined, self.replaced, self.duplicates];
        let others = [self.filtered, self.future, self.orphan_groups, self.orphan_members];
        let times = self.first.iter().chain(&self.last);
        self.conflicts == 0
            && counts.iter().chain(&others).all(|n| rows(*n).is_ok())
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

impl KeptParts {
    /// What a scan came to: `mark` gives the marks of those that were not read. `None` if some file cannot be
    /// known again.
    pub fn of(
        read: ReadParts,
        sources: &[Part],
        mark: impl Fn(usize) -> Option<FileMark>,
        ends: impl Fn(&Part) -> Option<Ends>,
    ) -> Option<Self> {
        let ReadParts { parts, columns, keys, quarantined } = read;
        let mut files = Vec::with_capacity(parts.len());
        for (at, ((report, findings, own), part)) in parts.iter().zip(sources).enumerate() {
            files.push(KeptFile {
                shown: part.shown.clone(),
                drop: part.drop.clone(),
                mark: own.or_else(|| mark(at))?,
                ends: ends(part),
                report: KeptReport::of(report),
                findings: StoredFindings::of(findings),
            });
        }
        let quarantined = quarantined?.iter().map(KeptRow::of).collect();
        Some(Self { files, columns, keys: keys?, quarantined })
    }

    /// The marks of the files that are as they were.
    pub fn marks(&self, parts: &[Part]) -> Vec<Option<FileMark>> {
        let by_name: BTreeMap<&str, &Part> = parts.iter().map(|p| (p.shown.as_str(), p)).collect();
        let again = |file: &KeptFile| {
            let part = by_name.get(file.shown.as_str()).filter(|p| p.drop == file.drop)?;
            file.mark.again(&part.path)
        };
        self.files.par_iter().map(again).collect()
    }

    /// Whether these are the files, by name.
    pub fn are(&self, parts: &[Part]) -> bool {
        parts.len() == self.files.len()
            && parts.iter().zip(&self.files).all(|(part, file)| part.shown == file.shown && part.drop == file.drop)
    }

    /// What a scan takes in place of the files.
    pub fn known(&self) -> Option<KnownParts> {
        let part = |file: &KeptFile| -> Option<(PartReport, Findings)> {
            Some((file.report.restore(&file.shown)?, file.findings.clone().restore()?))
        };
        Some(KnownParts {
            parts: self.files.iter().map(part).collect::<Option<_>>()?,
            columns: self.columns.clone(),
            keys: self.keys.clone(),
            quarantined: self.quarantined.iter().map(KeptRow::restore).collect(),
        })
    }

    /// Whether its numbers can be.
    pub fn check(&self) -> Taken<()> {
        for (_, count, last) in self.files.iter().flat_map(|f| &f.ends).flatten() {
            rows(*count)?;
            moment(*last)?;
        }
        if self.files.iter().all(|file| file.report.is_sound()) { Ok(()) } else { Err(Damaged) }
    }

    fn write(&self, text: &[u8], out: &mut Out) {
        out.bytes(text);
        out.u64s(self.keys.hashes.iter().copied());
    }
}

impl Told {
    pub fn read(input: &mut In<'_>) -> Taken<Self> {
        let mut told: Self = serde_json::from_slice(input.bytes()?).map_err(|_| Damaged)?;
        told.parts.keys.hashes = input.u64s()?;
        rows(told.attributed)?;
        for (_, count, last) in &told.days {
            rows(*count)?;
            moment(*last)?;
        }
        told.parts.check()?;
        Ok(told)
    }

    pub fn write(&self, out: &mut Out) {
        self.parts.write(&serde_json::to_vec(self).unwrap_or_default(), out);
    }

    /// The last instant of any row.
    pub fn last(&self) -> Option<Instant> {
        self.days.iter().map(|(_, _, last)| Instant(*last)).max()
    }
}
