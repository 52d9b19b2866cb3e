//! What reading a table came to: counts for each file, rows set aside, findings.

use super::reason::Reason;
use crate::calendar::Instant;
use crate::diagnostic::{Code, Findings};
use crate::schema::Table;
use std::collections::BTreeSet;

/// How many rows set aside a report shows.
pub(super) const SET_ASIDE_EXAMPLES: usize = 20;
/// How many orphaned ids a report shows.
pub(super) const ORPHAN_EXAMPLES: usize = 5;

/// The outcome of reading all parts of a table.
#[derive(Debug, Clone)]
pub struct TableReport {
    /// The table.
    pub table: Table,
    /// Whether it has any file.
    pub present: bool,
    /// The columns found in any of its files: canonical names, mapped names, other headers as written.
    pub columns: BTreeSet<String>,
    /// One report a file, in the order of [`Sources::parts`](super::Sources).
    pub parts: Vec<PartReport>,
    /// Everything to tell.
    pub findings: Findings,
}

impl TableReport {
    /// A sum over the files.
    pub fn total(&self, count: impl Fn(&PartReport) -> u64) -> u64 {
        self.parts.iter().map(count).sum()
    }
}

/// The outcome of reading one file. Every row is counted once:
/// `rows = kept + quarantined + replaced + duplicates + filtered + future + orphan_groups`.
#[derive(Debug, Clone, Default)]
pub struct PartReport {
    /// The file as shown to people.
    pub shown: String,
    /// Its encoding, `UTF-8` or another WHATWG name; empty when the file could not be read.
    pub encoding: &'static str,
    /// Records below the header.
    pub rows: u64,
    /// Rows that count.
    pub kept: u64,
    /// Rows set aside as unreadable or impossible.
    pub quarantined: u64,
    /// Those of them that conflict with another row; each is an error of its own.
    pub conflicts: u64,
    /// Rows that a later drop has replaced.
    pub replaced: u64,
    /// Rows that repeat another row of the same drop in every cell.
    pub duplicates: u64,
    /// Rows that the workspace's `keep` leaves out.
    pub filtered: u64,
    /// Rows after the as-of moment.
    pub future: u64,
    /// Rows of unknown groups; they count nowhere.
    pub orphan_groups: u64,
    /// Rows of unknown members; they are among the kept ones.
    pub orphan_members: u64,
    /// The first few ids behind the orphans, each once.
    pub orphan_examples: Vec<String>,
    /// Earliest time of its rows.
    pub first: Option<Instant>,
    /// Latest time of its rows.
    pub last: Option<Instant>,
    /// The first few rows set aside.
    pub examples: Vec<Quarantined>,
    /// Whether its rows are in the order of their times.
    pub sorted_by_time: bool,
}

impl PartReport {
    /// Widens the times of its rows.
    pub(super) fn reach(&mut self, first: Instant, last: Instant) {
        self.first = Some(self.first.map_or(first, |t| t.min(first)));
        self.last = Some(self.last.map_or(last, |t| t.max(last)));
    }

    /// Adds the rows of the same file that follow; its examples are added apart.
    pub(super) fn follow(&mut self, next: &Self) {
        self.rows += next.rows;
        self.kept += next.kept;
        self.quarantined += next.quarantined;
        self.conflicts += next.conflicts;
        self.replaced += next.replaced;
        self.duplicates += next.duplicates;
        self.filtered += next.filtered;
        self.future += next.future;
        self.orphan_groups += next.orphan_groups;
        self.orphan_members += next.orphan_members;
        for id in &next.orphan_examples {
            if self.orphan_examples.len() < ORPHAN_EXAMPLES && !self.orphan_examples.contains(id) {
                self.orphan_examples.push(id.clone());
            }
        }
        if let (Some(first), Some(last)) = (next.first, next.last) {
            self.reach(first, last);
        }
        self.sorted_by_time &= next.sorted_by_time;
    }
}

/// A row that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The file as shown to people.
    pub file: String,
    /// 1-based physical line on which the row starts.
    pub line: u64,
    /// The column to blame; `None` when it is the row as a whole.
    pub column: Option<String>,
    /// Where the cell begins: physical line, and column in characters from 1; `None` for the row as a whole and for
    /// cells that are not in the file.
    pub place: Option<(u64, u32)>,
    /// The offending text, at most 80 characters.
    pub text: String,
    /// The code under which the reason is explained.
    pub code: Code,
    /// Why.
    pub reason: Reason,
}

/// Takes every quarantined row as it is found, to write it somewhere.
pub trait QuarantineSink {
    /// Takes one row.
    fn quarantine(&mut self, row: &Quarantined);
}

impl QuarantineSink for Vec<Quarantined> {
    fn quarantine(&mut self, row: &Quarantined) {
        self.push(row.clone());
    }
}

/// Shortens a text for a message.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(limit).collect();
    if chars.next().is_some() {
        short.pop();
        short.push('…');
    }
    short
}
