//! Reads all parts of a table, row by row.

use super::block::{Block, Verdicts, Visitor};
use super::chunk::{Dialect, Piece, Pieces};
use super::decode::Text;
use super::discover::{Part, Sources};
use super::judge::Judged;
use super::ledger::{KeyLedger, Keyed, hash_row};
use super::parse::Parser;
use super::plan::Plan;
use super::read_error::ReadError;
use super::reason::Reason;
use super::record::{Records, Split};
use super::report::{PartReport, QuarantineSink, TableReport, shorten};
use super::reuse::{Content, FileMark, KnownKeys, ReadParts, Recorder, Reuse, Watched, mark, now};
use super::row::{Layout, Record, Row, Verdict};
use super::rows::{Rows, Slots, Visitors};
use super::turn::{CONFLICTS, InOrder, Line};
use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::fs;
use crate::schema::Table;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// What a scan needs besides the files.
pub struct ScanOptions<'a> {
    /// The workspace's configuration.
    pub config: &'a Config,
    /// Where quarantined rows go besides the report's examples.
    pub quarantine: Option<&'a mut (dyn QuarantineSink + Send)>,
}

/// Visits row by row.
struct Each<'a>(&'a mut (dyn FnMut(&Row<'_>) -> Verdict + Send));

impl Visitor for Each<'_> {
    fn visit(&mut self, rows: &Block<'_>, verdicts: &mut Verdicts) {
        (0..).zip(rows.rows()).for_each(|(at, row)| verdicts.say(at, (self.0)(&row)));
    }
}

/// Reads every part of a table, the newest drop first, and shows each row that was not replaced, in order.
///
/// A row whose key was read in a newer drop is counted as replaced, also if the visitor rejected
/// the newer row. A file that cannot be read is a finding; the others are read all the same.
pub fn scan(
    sources: &Sources,
    table: Table,
    layout: &Layout,
    options: &mut ScanOptions<'_>,
    visit: &mut (dyn FnMut(&Row<'_>) -> Verdict + Send),
) -> TableReport {
    scan_in_turn(sources, table, layout, options, None, &mut Each(visit))
}

/// As [`scan`], with one visitor of rows that are shown some at a time; what the caller knows of files by `reuse` is
/// taken instead of reading them.
pub fn scan_in_turn(
    sources: &Sources,
    table: Table,
    layout: &Layout,
    options: &mut ScanOptions<'_>,
    reuse: Option<&mut dyn Reuse>,
    visitor: &mut (dyn Visitor + Send),
) -> TableReport {
    scan_all(sources, table, layout, options, reuse, &Visitors::<Each<'_>>::InTurn(Mutex::new(visitor)))
}

/// As [`scan`], for visitors to whom the order of the rows does not matter: each thread hires one, and all are
/// handed back at the end. The report is the same on any number of threads. What the caller knows of files
/// by `reuse` is taken instead of reading them.
pub fn scan_side_by_side<'v, V: Visitor + Send + 'v>(
    sources: &Sources,
    table: Table,
    layout: &Layout,
    options: &mut ScanOptions<'_>,
    reuse: Option<&mut dyn Reuse>,
    hire: &'v (dyn Fn() -> V + Sync),
) -> (TableReport, Vec<V>) {
    let visitors = Visitors::SideBySide { hire, idle: Mutex::new(Vec::new()) };
    let report = scan_all(sources, table, layout, options, reuse, &visitors);
    let hired = match visitors {
        Visitors::SideBySide { idle, .. } => idle.into_inner().unwrap_or_else(PoisonError::into_inner),
        Visitors::InTurn(_) => Vec::new(),
    };
    (report, hired)
}

fn scan_all<V: Visitor + Send>(
    sources: &Sources,
    table: Table,
    layout: &Layout,
    options: &mut ScanOptions<'_>,
    mut reuse: Option<&mut dyn Reuse>,
    visitors: &Visitors<'_, V>,
) -> TableReport {
    let parts = sources.of(table);
    let mut recorder = Recorder { to: None, rows: Some(Vec::new()) };
    let mut sink: Option<&mut (dyn QuarantineSink + Send)> = match (&reuse, options.quarantine.as_deref_mut()) {
        (Some(_), to) => {
            recorder.to = to.map(|s| s as _);
            Some(&mut recorder)
        }
        (None, to) => to.map(|s| s as _),
    };
    let mut scan = Scan {
        layout,
        config: options.config,
        parts,
        plans: parts.iter().map(|_| None).collect(),
        ledger: KeyLedger::new(parts.iter().map(|p| p.drop.clone()).collect()),
        conflicts: 0,
        columns: BTreeSet::new(),
        marks: reuse.is_some(),
    };
    if reuse.as_ref().is_some_and(|r| r.by_hash()) {
        scan.ledger.store_all();
    }
    let mut done: Vec<(PartReport, Findings, Option<FileMark>)> = Vec::new();
    let mut keys = KnownKeys::default();
    for index in (0..parts.len()).rev() {
        let rest = parts.get(..=index).unwrap_or_default();
        let known = reuse.as_mut().and_then(|r| r.known(rest, &|keys| scan.ledger.is_apart(keys)));
        if let Some(known) = known {
            done.extend(known.parts.into_iter().rev().map(|(report, findings)| (report, findings, None)));
            scan.columns.extend(known.columns);
            known.quarantined.iter().for_each(|row| sink.iter_mut().for_each(|s| s.quarantine(row)));
            keys = known.keys;
            break;
        }
        done.push(scan.part(index, &mut sink, visitors));
    }
    if let Some(reuse) = reuse {
        reuse.read(ReadParts {
            parts: done.iter().rev().cloned().collect(),
            columns: scan.columns.clone(),
            keys: scan.ledger.into_keys().and_then(|own| own.and(keys)),
            quarantined: recorder.rows,
        });
    }
    let mut report = TableReport {
        table,
        present: !parts.is_empty(),
        columns: scan.columns,
        parts: Vec::new(),
        findings: Findings::new(),
    };
    for (part, findings, _) in done.into_iter().rev() {
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
    /// Whether files are to be marked, so that they are known again.
    marks: bool,
}

/// The parts read so far, whose keys may have to be read again.
pub(super) struct Earlier<'a> {
    parts: &'a [Part],
    plans: &'a [Option<Plan>],
    config: &'a Config,
}

impl Earlier<'_> {
    /// How a part is shown to people.
    pub fn shown(&self, part: usize) -> String {
        self.parts.get(part).map_or(String::new(), |p| p.shown.clone())
    }

    /// Hands on the keys of a part's good rows; of the part being read, those before a line.
    pub fn reread(&self, now: &Rows<'_>, index: usize, line: u64, hand_on: &mut dyn FnMut(Keyed<'_>)) {
        let own = (index == now.index).then_some((now.plan, line));
        let known = || Some((self.plans.get(index)?.as_ref()?, u64::MAX));
        let (Some(part), Some((plan, until))) = (self.parts.get(index), own.or_else(known)) else { return };
        // A file that cannot be read again was changed, which is told at its end.
        let _ = read_keys(part, plan, self.config, until, hand_on);
    }
}

impl Scan<'_> {
    fn part(
        &mut self,
        index: usize,
        sink: &mut Option<&mut (dyn QuarantineSink + Send)>,
        visitors: &Visitors<'_, impl Visitor + Send>,
    ) -> (PartReport, Findings, Option<FileMark>) {
        let mut findings = Findings::new();
        let mut report = PartReport { sorted_by_time: true, ..PartReport::default() };
        let Some(part) = self.parts.get(index) else { return (report, findings, None) };
        report.shown.clone_from(&part.shown);
        let content = self.marks.then(Arc::<Mutex<Content>>::default);
        let at = now();
        let before = fs::stamp(&part.path);
        if let Err(error) = self.read(index, part, content.as_ref(), &mut report, &mut findings, sink, visitors) {
            findings.push(error.diagnostic(&part.shown, part.table.name()));
        }
        let after = fs::stamp(&part.path);
        let marked = match (&content, &before, &after) {
            (Some(content), Ok(before), Ok(after)) => mark(*before, *after, at, content),
            _ => None,
        };
        if let (Ok(before), Ok(after)) = (before, after)
            && (before.bytes, before.modified) != (after.bytes, after.modified)
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
        (report, findings, marked)
    }

    #[allow(clippy::too_many_arguments, reason = "each is the part's own")]
    fn read(
        &mut self,
        index: usize,
        part: &Part,
        content: Option<&Arc<Mutex<Content>>>,
        report: &mut PartReport,
        findings: &mut Findings,
        sink: &mut Option<&mut (dyn QuarantineSink + Send)>,
        visitors: &Visitors<'_, impl Visitor + Send>,
    ) -> Result<(), ReadError> {
        let mut pieces = pieces(part, content, self.config)?;
        report.encoding = pieces.encoding();
        let Some((names, first)) = header_and_rest(&mut pieces)? else {
            findings.push(
                Diagnostic::error(Code::EmptyFile, "the file is empty")
                    .at_file(part.shown.clone(), "")
                    .with_help("export it again; a table without rows still has a header"),
            );
            return Ok(());
        };
        let Some(plan) = Plan::new(names, self.layout, self.config, &part.shown, findings) else { return Ok(()) };
        self.columns.extend(plan.columns().map(str::to_owned));
        self.ledger.expect(part.expected_rows());
        self.ledger.begin(index);
        let parser = Parser::new(&plan, self.config, part.table);
        let rows = Rows {
            plan: &plan,
            part,
            index,
            layout: self.layout,
            all_aside: sink.is_some(),
            slots: Slots::new(self.layout),
        };
        let earlier = Earlier { parts: self.parts, plans: &self.plans, config: self.config };
        let order =
            InOrder::new(&mut self.ledger, &mut self.conflicts, earlier, report, findings, sink, first.breaks());
        let line = Line::new(order);
        rows.read(&parser, pieces, first, &line, visitors);
        let result = line.end();
        if report.rows == 0 && result.is_ok() {
            findings.push(
                Diagnostic::note(Code::EmptyFile, "the file has a header and no rows").at_file(part.shown.clone(), ""),
            );
        }
        if let Some(slot) = self.plans.get_mut(index).filter(|_| result.is_ok()) {
            *slot = Some(plan);
        }
        result
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

/// The pieces of a part.
fn pieces(part: &Part, content: Option<&Arc<Mutex<Content>>>, config: &Config) -> Result<Pieces, ReadError> {
    let settings = config.data.table(part.table);
    let text = Text::open_by(&part.path, settings.encoding, |file| match content {
        Some(content) => Box::new(Watched::new(file, content)),
        None => Box::new(file),
    });
    let text = text.map_err(ReadError::Decode)?;
    Ok(Pieces::new(text, Dialect { delimiter: settings.delimiter, max_field: config.data.max_field_bytes }))
}

/// The names in the header, and the first piece behind it; `None` when there is no header.
fn header_and_rest(pieces: &mut Pieces) -> Result<Option<(Vec<String>, Piece)>, ReadError> {
    let Some(piece) = pieces.next()? else { return Ok(None) };
    let (mut records, cut) = match piece {
        Piece::Cut(records) => (records, true),
        Piece::Rest(records) => (records, false),
    };
    let names = header_of(&mut records)?;
    Ok(names.map(|names| (names, if cut { Piece::Cut(records) } else { Piece::Rest(records) })))
}

/// Hands on the keys of a part's good rows up to a line.
fn read_keys(
    part: &Part,
    plan: &Plan,
    config: &Config,
    until: u64,
    hand_on: &mut dyn FnMut(Keyed<'_>),
) -> Result<(), ReadError> {
    let mut records = open(part, config)?;
    header_of(&mut records)?;
    let parser = Parser::new(plan, config, part.table);
    let mut memory = parser.memory();
    let mut key = Vec::new();
    while let Some(mut parsed) = parser.next(&mut records, &mut memory) {
        for (at, record, judged) in parsed.rows(parsed.passed) {
            if record.line >= until {
                return Ok(());
            }
            if judged == Judged::Good && plan.key(&parsed, at, &mut key) {
                hand_on(Keyed { key: &key, row: &|| hash_record(&record), line: record.line });
            }
        }
        if let Some(error) = parsed.failed.take() {
            return Err(error);
        }
    }
    Ok(())
}

pub(super) fn hash_record(record: &Record<'_>) -> u64 {
    hash_row((0..record.fields.len()).map(|i| record.field(i)))
}

pub(super) fn conflict(record: &Record<'_>, part: &Part, other_file: String, other_line: u64) -> Diagnostic {
    Diagnostic::error(Code::DuplicateKey, format!("two different rows of {} have the same key", part.table))
        .at_cell(part.shown.clone(), record.line, None, shorten(record.text(), 120), "this row")
        .at_cell(other_file, other_line, None, "", "the other row")
        .with_help(format!(
            "remove one of them, or set `key` in `[data.{}]` to the columns that tell them apart, `[]` for rows without identity",
            part.table
        ))
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
