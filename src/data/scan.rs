//! Reads all parts of a table, row by row.

use super::decode::Text;
use super::discover::{Part, Sources};
use super::ledger::{KeyLedger, Keyed, Seen, hash_row};
use super::plan::{Judged, Plan};
use super::reason::Reason;
use super::record::{ReadError, Records, Split};
use super::report::{PartReport, QuarantineSink, Quarantined, TableReport, shorten};
use super::row::{Cell, Layout, Record, Row, Verdict};
use crate::calendar::Instant;
use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::fs;
use crate::schema::Table;
use std::collections::BTreeSet;
use std::path::Path;

/// How many quarantined rows a report shows.
const EXAMPLES: usize = 20;
/// How many orphaned ids a report shows.
const ORPHAN_EXAMPLES: usize = 5;
/// How many conflicts of a table are told one by one.
const CONFLICTS: u64 = 5;

/// What a scan needs besides the files.
pub struct ScanOptions<'a> {
    /// The workspace's configuration.
    pub config: &'a Config,
    /// Where quarantined rows go besides the report's examples.
    pub quarantine: Option<&'a mut dyn QuarantineSink>,
}

/// Reads every part of a table, the newest drop first, and shows each row that was not replaced.
///
/// A row whose key was read in a newer drop is counted as replaced, also if the visitor rejected
/// the newer row. A file that cannot be read is a finding; the others are read all the same.
pub fn scan(
    sources: &Sources,
    table: Table,
    layout: &Layout,
    options: &mut ScanOptions<'_>,
    visit: &mut dyn FnMut(&Row<'_>) -> Verdict,
) -> TableReport {
    let parts = sources.of(table);
    let mut scan = Scan {
        layout,
        config: options.config,
        parts,
        plans: parts.iter().map(|_| None).collect(),
        ledger: KeyLedger::new(parts.iter().map(|p| p.drop.clone()).collect()),
        conflicts: 0,
        columns: BTreeSet::new(),
    };
    let mut done: Vec<(PartReport, Findings)> = Vec::new();
    for index in (0..parts.len()).rev() {
        done.push(scan.part(index, &mut options.quarantine, visit));
    }
    let mut report = TableReport {
        table,
        present: !parts.is_empty(),
        columns: scan.columns,
        parts: Vec::new(),
        findings: Findings::new(),
    };
    for (part, findings) in done.into_iter().rev() {
        report.parts.push(part);
        report.findings.extend(findings);
    }
    if scan.conflicts > CONFLICTS {
        report.findings.push(Diagnostic::error(
            Code::DuplicateKey,
            format!("{} more rows of {table} conflict with others of their drop", scan.conflicts - CONFLICTS),
        ));
    }
    judge_shares(&mut report, options.config);
    report
}

struct Scan<'a> {
    layout: &'a Layout,
    config: &'a Config,
    parts: &'a [Part],
    /// How the parts read so far are read, to read their keys again.
    plans: Vec<Option<Plan>>,
    ledger: KeyLedger,
    conflicts: u64,
    columns: BTreeSet<String>,
}

/// Length and time of modification, to notice a change.
type Stamp = (u64, Option<std::time::SystemTime>);

fn stamp(path: &Path) -> fs::Result<Stamp> {
    fs::metadata(path).map(|m| (m.len(), m.modified().ok()))
}

impl Scan<'_> {
    fn part(
        &mut self,
        index: usize,
        sink: &mut Option<&mut dyn QuarantineSink>,
        visit: &mut dyn FnMut(&Row<'_>) -> Verdict,
    ) -> (PartReport, Findings) {
        let mut findings = Findings::new();
        let mut report = PartReport { sorted_by_time: true, ..PartReport::default() };
        let Some(part) = self.parts.get(index) else { return (report, findings) };
        report.shown.clone_from(&part.shown);
        let before = stamp(&part.path);
        if let Err(error) = self.read(index, part, &mut report, &mut findings, sink, visit) {
            findings.push(error.diagnostic(&part.shown, part.table.name()));
        }
        if let (Ok(before), Ok(after)) = (before, stamp(&part.path))
            && before != after
        {
            findings.push(
                Diagnostic::error(Code::FileChanged, "the file changed while it was read")
                    .at_file(part.shown.clone(), "")
                    .with_help("run again when the export is complete"),
            );
        }
        // Conflicting rows were told one by one.
        if report.quarantined > report.conflicts
            && let Some(first) = report.examples.iter().find(|e| e.reason != Reason::Conflict)
        {
            let why = match &first.column {
                Some(column) => format!("`{column}`: {}", first.reason),
                None => first.reason.to_string(),
            };
            let count = report.quarantined - report.conflicts;
            let (line, column) = first.place.map_or((first.line, None), |(line, column)| (line, Some(column)));
            findings.push(
                Diagnostic::warning(first.code, format!("{count} of {} set aside", rows(report.rows))).at_cell(
                    part.shown.clone(),
                    line,
                    column,
                    first.text.clone(),
                    why,
                ),
            );
        }
        (report, findings)
    }

    fn read(
        &mut self,
        index: usize,
        part: &Part,
        report: &mut PartReport,
        findings: &mut Findings,
        sink: &mut Option<&mut dyn QuarantineSink>,
        visit: &mut dyn FnMut(&Row<'_>) -> Verdict,
    ) -> Result<(), ReadError> {
        let mut records = open(part, self.config)?;
        report.encoding = records.encoding();
        let Some(names) = header_of(&mut records)? else {
            findings.push(
                Diagnostic::error(Code::EmptyFile, "the file is empty")
                    .at_file(part.shown.clone(), "")
                    .with_help("export it again; a table without rows still has a header"),
            );
            return Ok(());
        };
        let Some(plan) = Plan::new(names, self.layout, self.config, &part.shown, findings) else { return Ok(()) };
        records.expect_width(plan.width());
        self.columns.extend(plan.columns().map(str::to_owned));
        self.ledger.begin(index);
        let settings = self.config.data.table(part.table);
        let days = self.config.site.zone;
        let mut clocks = plan.clocks(settings.zone.unwrap_or(days), settings.time_format.as_deref());
        let mut cells = vec![Cell::Absent; self.layout.len()];
        let time_slot = part.table.time().and_then(|name| self.layout.slot(name));
        let id_slots = (self.layout.slot("group_id"), self.layout.slot("member_id"));
        let mut key = Vec::new();
        let mut latest_visited: Option<Instant> = None;
        while let Some(split) = records.next()? {
            report.rows += 1;
            let record = split.record;
            let mut set_aside = |report: &mut PartReport, slot: Option<usize>, text: &str, reason: Reason| {
                report.quarantined += 1;
                if report.examples.len() >= EXAMPLES && sink.is_none() {
                    return;
                }
                let column = slot.and_then(|s| plan.written(s));
                let place = slot.and_then(|s| plan.position(s, &record));
                let file = part.shown.clone();
                let text = shorten(text, 80);
                let row = Quarantined { file, line: record.line, column, place, text, code: reason.code(), reason };
                if let Some(sink) = sink {
                    sink.quarantine(&row);
                }
                if report.examples.len() < EXAMPLES {
                    report.examples.push(row);
                }
            };
            match plan.judge(&split, &mut clocks, days, &mut cells) {
                Judged::Filtered => {
                    report.filtered += 1;
                    continue;
                }
                Judged::Bad(None, reason) => {
                    set_aside(report, None, record.text, reason);
                    continue;
                }
                Judged::Bad(Some(slot), reason) => {
                    let text = plan.text(slot, &record).unwrap_or_default();
                    set_aside(report, Some(slot), text, reason);
                    continue;
                }
                Judged::Good => {}
            }
            if plan.key(&record, &cells, &mut key) {
                let keyed = Keyed { key: &key, row: &|| hash_record(&record), line: record.line };
                let seen = self.ledger.note(keyed, &mut |earlier, hand_on| {
                    let source =
                        if earlier == index { Some(&plan) } else { self.plans.get(earlier).and_then(Option::as_ref) };
                    let until = if earlier == index { record.line } else { u64::MAX };
                    if let (Some(source), Some(part)) = (source, self.parts.get(earlier)) {
                        // A file that cannot be read again was changed, which is told at its end.
                        let _ = read_keys(part, source, self.config, self.layout, until, hand_on);
                    }
                });
                match seen {
                    Seen::New => {}
                    Seen::Newer => {
                        report.replaced += 1;
                        continue;
                    }
                    Seen::Same { identical: true, .. } => {
                        report.duplicates += 1;
                        continue;
                    }
                    Seen::Same { part: other, line, identical: false } => {
                        self.conflicts += 1;
                        report.conflicts += 1;
                        set_aside(report, None, record.text, Reason::Conflict);
                        if self.conflicts <= CONFLICTS {
                            let there = self.parts.get(other).map_or(String::new(), |p| p.shown.clone());
                            findings.push(conflict(&record, part, there, line));
                        }
                        continue;
                    }
                }
            }
            let row = Row { record, cells: &cells, plan: &plan, part: index };
            let time = time_slot.and_then(|slot| match cells.get(slot) {
                Some(Cell::Time(time)) => Some(*time),
                _ => None,
            });
            if time < latest_visited {
                report.sorted_by_time = false;
            }
            latest_visited = latest_visited.max(time);
            match visit(&row) {
                Verdict::Keep => report.kept += 1,
                Verdict::OrphanMember => {
                    report.kept += 1;
                    report.orphan_members += 1;
                    note_orphan(report, id_slots.1.and_then(|s| row.text(s)));
                }
                Verdict::OrphanGroup => {
                    report.orphan_groups += 1;
                    note_orphan(report, id_slots.0.and_then(|s| row.text(s)));
                    continue;
                }
                Verdict::Future => {
                    report.future += 1;
                    continue;
                }
                Verdict::Reject { column, reason } => {
                    let slot = self.layout.slot(column);
                    let text = slot.and_then(|s| row.text(s)).unwrap_or_default();
                    set_aside(report, slot, text, reason);
                    continue;
                }
            }
            if let Some(time) = time {
                report.first = Some(report.first.map_or(time, |t| t.min(time)));
                report.last = Some(report.last.map_or(time, |t| t.max(time)));
            }
        }
        if report.rows == 0 {
            findings.push(
                Diagnostic::note(Code::EmptyFile, "the file has a header and no rows").at_file(part.shown.clone(), ""),
            );
        }
        if let Some(slot) = self.plans.get_mut(index) {
            *slot = Some(plan);
        }
        Ok(())
    }
}

/// Opens a part as records.
pub(super) fn open(part: &Part, config: &Config) -> Result<Records, ReadError> {
    let settings = config.data.table(part.table);
    let text = Text::open(&part.path, settings.encoding).map_err(ReadError::Decode)?;
    Ok(Records::new(text, settings.delimiter, config.data.max_field_bytes))
}

/// The names in the header; `None` when there is none.
pub(super) fn header_of(records: &mut Records) -> Result<Option<Vec<String>>, ReadError> {
    Ok(records
        .next()?
        .map(|split: Split<'_>| (0..split.record.fields.len()).map(|i| split.record.field(i).to_owned()).collect()))
}

/// Hands on the keys of a part's good rows up to a line.
fn read_keys(
    part: &Part,
    plan: &Plan,
    config: &Config,
    layout: &Layout,
    until: u64,
    hand_on: &mut dyn FnMut(Keyed<'_>),
) -> Result<(), ReadError> {
    let mut records = open(part, config)?;
    header_of(&mut records)?;
    records.expect_width(plan.width());
    let settings = config.data.table(part.table);
    let days = config.site.zone;
    let mut clocks = plan.clocks(settings.zone.unwrap_or(days), settings.time_format.as_deref());
    let mut cells = vec![Cell::Absent; layout.len()];
    let mut key = Vec::new();
    while let Some(split) = records.next()? {
        let record = split.record;
        if record.line >= until {
            break;
        }
        if plan.judge(&split, &mut clocks, days, &mut cells) == Judged::Good && plan.key(&record, &cells, &mut key) {
            hand_on(Keyed { key: &key, row: &|| hash_record(&record), line: record.line });
        }
    }
    Ok(())
}

fn hash_record(record: &Record<'_>) -> u64 {
    hash_row((0..record.fields.len()).map(|i| record.field(i)))
}

fn conflict(record: &Record<'_>, part: &Part, other_file: String, other_line: u64) -> Diagnostic {
    Diagnostic::error(Code::DuplicateKey, format!("two different rows of {} have the same key", part.table))
        .at_cell(part.shown.clone(), record.line, None, shorten(record.text, 120), "this row")
        .at_cell(other_file, other_line, None, "", "the other row")
        .with_help(format!(
            "remove one of them, or set `key` in `[data.{}]` to the columns that tell them apart, `[]` for rows without identity",
            part.table
        ))
}

fn note_orphan(report: &mut PartReport, id: Option<&str>) {
    if let Some(id) = id
        && report.orphan_examples.len() < ORPHAN_EXAMPLES
        && !report.orphan_examples.iter().any(|e| e == id)
    {
        report.orphan_examples.push(id.to_owned());
    }
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".into() } else { format!("{count} rows") }
}

#[allow(clippy::cast_precision_loss)]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Compares the shares of bad and orphaned rows with the workspace's limits.
fn judge_shares(report: &mut TableReport, config: &Config) {
    let data = &config.data;
    let unread = |p: &PartReport| p.quarantined - p.conflicts;
    let (bad, all) = (report.total(unread), report.total(|p| p.rows));
    if share(bad, all) > data.max_bad_share
        && let Some(worst) = report.parts.iter().max_by(|a, b| {
            share(unread(a), a.rows).total_cmp(&share(unread(b), b.rows)).then_with(|| b.shown.cmp(&a.shown))
        })
    {
        let limit = data.max_bad_share * 100.0;
        report.findings.push(
            Diagnostic::error(
                Code::TooManyBadRows,
                format!("{bad} of {} of {} could not be read", rows(all), report.table),
            )
            .at_file(worst.shown.clone(), "")
            .with_note(format!("the workspace allows {limit} %"))
            .with_help("mend the rows listed in `quarantine.csv`, or raise `max_bad_share` in `[data]`"),
        );
    }
    for part in &report.parts {
        let orphans = part.orphan_groups + part.orphan_members;
        let found = share(orphans, part.rows);
        let finding = format!("{orphans} of {} name unknown groups or members", rows(part.rows));
        let diagnostic = if data.fail_orphan_share.is_some_and(|limit| found > limit) {
            Diagnostic::error(Code::Orphans, finding)
        } else if found > data.max_orphan_share {
            Diagnostic::warning(Code::Orphans, finding)
        } else {
            continue;
        };
        report.findings.push(
            diagnostic
                .at_file(part.shown.clone(), "")
                .with_note(format!("among them: {}", part.orphan_examples.join(", ")))
                .with_help("add them to `groups.csv` and `members.csv`, or let `[data.infer]` do it"),
        );
    }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
