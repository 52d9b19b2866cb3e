//! The rows of one file, in their order: which were seen before, what the visitor makes of them, what is told.

use super::chunk::{Piece, Pieces};
use super::discover::Part;
use super::ledger::{Keyed, Seen};
use super::parse::{Parsed, Parser};
use super::plan::{Judged, Plan};
use super::reason::Reason;
use super::record::ReadError;
use super::report::{PartReport, QuarantineSink, Quarantined, shorten};
use super::row::{Cell, Layout, Record, Row, Verdict};
use super::scan::{Scan, Visitor, conflict, hash_record, read_keys};
use crate::calendar::Instant;
use crate::diagnostic::Findings;

/// How many quarantined rows a report shows.
const EXAMPLES: usize = 20;
/// How many orphaned ids a report shows.
const ORPHAN_EXAMPLES: usize = 5;
/// How many conflicts of a table are told one by one.
pub(super) const CONFLICTS: u64 = 5;
/// How many rows are looked at before they are visited.
const AHEAD: usize = 256;

/// A file on its way through a scan.
pub(super) struct Rows<'r, 's, 'q> {
    pub scan: &'r mut Scan<'s>,
    pub plan: &'r Plan,
    pub part: &'r Part,
    pub index: usize,
    pub report: &'r mut PartReport,
    pub findings: &'r mut Findings,
    pub sink: &'r mut Option<&'q mut dyn QuarantineSink>,
    pub visitor: &'r mut dyn Visitor,
    /// Lines before the piece at hand.
    pub lines: u64,
    /// The latest time visited.
    pub latest: Option<Instant>,
    pub slots: Slots,
}

/// Where a row's time and ids stand, if its table has them.
#[derive(Clone, Copy)]
pub(super) struct Slots {
    time: Option<usize>,
    group: Option<usize>,
    member: Option<usize>,
}

impl Slots {
    pub fn new(layout: &Layout) -> Self {
        let time = layout.table.time().and_then(|name| layout.slot(name));
        Self { time, group: layout.slot("group_id"), member: layout.slot("member_id") }
    }
}

/// The next pieces: whole ones to be parsed side by side, and what ends the file.
struct Group {
    whole: Vec<Piece>,
    rest: Option<Piece>,
    failed: Option<ReadError>,
    ended: bool,
}

impl Group {
    fn next(pieces: &mut Pieces, most: usize) -> Self {
        let mut group = Self { whole: Vec::with_capacity(most), rest: None, failed: None, ended: false };
        while group.whole.len() < most && !group.ended {
            match pieces.next() {
                Ok(Some(piece @ Piece::Cut(_))) => group.whole.push(piece),
                Ok(Some(piece)) => {
                    group.rest = Some(piece);
                    group.ended = true;
                }
                Ok(None) => group.ended = true,
                Err(error) => {
                    group.failed = Some(error);
                    group.ended = true;
                }
            }
        }
        group
    }
}

impl Rows<'_, '_, '_> {
    /// Takes all rows: while some are visited in their order, the next are parsed.
    pub fn read(&mut self, parser: &Parser<'_>, mut pieces: Pieces, first: Piece) -> Result<(), ReadError> {
        let most = rayon::current_num_threads().clamp(1, 16);
        let mut group = match first {
            whole @ Piece::Cut(_) => Group { whole: vec![whole], rest: None, failed: None, ended: false },
            rest => Group { whole: Vec::new(), rest: Some(rest), failed: None, ended: true },
        };
        let mut parsed: Vec<Parsed> = Vec::new();
        // Rows that are done with, whose room serves for the next.
        let mut spare: Vec<Parsed> = Vec::new();
        loop {
            let Group { whole, rest, failed, ended } = group;
            let mut next: Vec<Option<Parsed>> = whole.iter().map(|_| None).collect();
            let mut following = None;
            // Parsing may go to other threads; the visitor stays on this one.
            let taken = rayon::in_place_scope(|scope| {
                for (piece, slot) in whole.into_iter().zip(&mut next) {
                    let room = spare.pop().unwrap_or_default();
                    scope.spawn(move |_| {
                        if let Piece::Cut(records) = piece {
                            *slot = Some(parser.all(records, room));
                        }
                    });
                }
                if !ended {
                    following = Some(Group::next(&mut pieces, most));
                }
                parsed.iter_mut().try_for_each(|p| self.piece(p))
            });
            taken?;
            spare.append(&mut parsed);
            parsed = next.into_iter().flatten().collect();
            match following {
                Some(following) => group = following,
                None => {
                    parsed.iter_mut().try_for_each(|p| self.piece(p))?;
                    if let Some(Piece::Rest(records)) = rest {
                        self.rest(parser, records)?;
                    }
                    return failed.map_or(Ok(()), Err);
                }
            }
        }
    }

    /// Takes rows as they come.
    fn rest(&mut self, parser: &Parser<'_>, records: super::record::Records) -> Result<(), ReadError> {
        let mut records = records.after(self.lines);
        let mut memory = parser.memory();
        while let Some(mut parsed) = parser.next(&mut records, &mut memory) {
            let failed = parsed.failed.take();
            parsed.passed = 0;
            self.piece(&mut parsed)?;
            if let Some(failed) = failed {
                return Err(failed);
            }
        }
        Ok(())
    }

    fn piece(&mut self, parsed: &mut Parsed) -> Result<(), ReadError> {
        let failed = parsed.failed.take();
        let settled = parsed.keys.as_ref().is_some_and(|(first, last)| self.scan.ledger.note_rising(first, last));
        let mut key = Vec::new();
        let mut rows = parsed.rows(self.lines);
        loop {
            let ahead: Vec<(Record<'_>, Judged, &[Cell])> = rows.by_ref().take(AHEAD).collect();
            if ahead.is_empty() {
                break;
            }
            let (plan, part) = (self.plan, self.index);
            self.visitor.look_ahead(&mut ahead.iter().map(|(record, _, cells)| Row {
                record: *record,
                cells,
                plan,
                part,
            }));
            for (at, (record, judged, cells)) in ahead.into_iter().enumerate() {
                self.report.rows += 1;
                if self.is_whole(&record, judged) && (settled || self.is_new(&record, cells, &mut key)) {
                    self.visit(at, &Row { record, cells, plan, part });
                }
            }
        }
        drop(rows);
        let before = self.lines - parsed.passed;
        self.lines += parsed.breaks;
        failed.map_or(Ok(()), |error| Err(error.after(before)))
    }

    /// Whether a row could be read and counts; what could not is set aside.
    fn is_whole(&mut self, record: &Record<'_>, judged: Judged) -> bool {
        match judged {
            Judged::Good => return true,
            Judged::Filtered => self.report.filtered += 1,
            Judged::Bad(None, reason) => self.set_aside(record, None, record.text, reason),
            Judged::Bad(Some(slot), reason) => {
                let plan = self.plan;
                let text = plan.text(slot, record).unwrap_or_default();
                self.set_aside(record, Some(slot), text, reason);
            }
        }
        false
    }

    fn set_aside(&mut self, record: &Record<'_>, slot: Option<usize>, text: &str, reason: Reason) {
        self.report.quarantined += 1;
        if self.report.examples.len() >= EXAMPLES && self.sink.is_none() {
            return;
        }
        let column = slot.and_then(|s| self.plan.written(s));
        let place = slot.and_then(|s| self.plan.position(s, record));
        let file = self.part.shown.clone();
        let text = shorten(text, 80);
        let row = Quarantined { file, line: record.line, column, place, text, code: reason.code(), reason };
        if let Some(sink) = self.sink {
            sink.quarantine(&row);
        }
        if self.report.examples.len() < EXAMPLES {
            self.report.examples.push(row);
        }
    }

    /// Whether a row's key was not seen before.
    fn is_new(&mut self, record: &Record<'_>, cells: &[Cell], key: &mut Vec<u8>) -> bool {
        let Self { scan, plan, part, index, .. } = self;
        if !plan.key(record, cells, key) {
            return true;
        }
        let (parts, plans, config, layout, index) = (scan.parts, &scan.plans, scan.config, scan.layout, *index);
        let keyed = Keyed { key, row: &|| hash_record(record), line: record.line };
        let seen = scan.ledger.note(keyed, &mut |earlier, hand_on| {
            let source = if earlier == index { Some(*plan) } else { plans.get(earlier).and_then(Option::as_ref) };
            let until = if earlier == index { record.line } else { u64::MAX };
            if let (Some(source), Some(part)) = (source, parts.get(earlier)) {
                // A file that cannot be read again was changed, which is told at its end.
                let _ = read_keys(part, source, config, layout, until, hand_on);
            }
        });
        match seen {
            Seen::New => return true,
            Seen::Newer => self.report.replaced += 1,
            Seen::Same { identical: true, .. } => self.report.duplicates += 1,
            Seen::Same { part: other, line, identical: false } => {
                scan.conflicts += 1;
                let told = scan.conflicts <= CONFLICTS;
                if told {
                    let there = parts.get(other).map_or(String::new(), |p| p.shown.clone());
                    self.findings.push(conflict(record, part, there, line));
                }
                self.report.conflicts += 1;
                self.set_aside(record, None, record.text, Reason::Conflict);
            }
        }
        false
    }

    /// Shows a row to the visitor and counts what it says.
    fn visit(&mut self, at: usize, row: &Row<'_>) {
        let Slots { time, group, member } = self.slots;
        let time = time.and_then(|slot| match row.cell(slot) {
            Cell::Time(time) => Some(time),
            _ => None,
        });
        if time < self.latest {
            self.report.sorted_by_time = false;
        }
        self.latest = self.latest.max(time);
        match self.visitor.visit(at, row) {
            Verdict::Keep => self.report.kept += 1,
            Verdict::OrphanMember => {
                self.report.kept += 1;
                self.report.orphan_members += 1;
                note_orphan(self.report, member.and_then(|s| row.text(s)));
            }
            Verdict::OrphanGroup => {
                self.report.orphan_groups += 1;
                note_orphan(self.report, group.and_then(|s| row.text(s)));
                return;
            }
            Verdict::Future => {
                self.report.future += 1;
                return;
            }
            Verdict::Reject { column, reason } => {
                let slot = self.scan.layout.slot(column);
                let text = slot.and_then(|s| row.text(s)).unwrap_or_default();
                self.set_aside(&row.record, slot, text, reason);
                return;
            }
        }
        if let Some(time) = time {
            self.report.first = Some(self.report.first.map_or(time, |t| t.min(time)));
            self.report.last = Some(self.report.last.map_or(time, |t| t.max(time)));
        }
    }
}

fn note_orphan(report: &mut PartReport, id: Option<&str>) {
    if let Some(id) = id
        && report.orphan_examples.len() < ORPHAN_EXAMPLES
        && !report.orphan_examples.iter().any(|e| e == id)
    {
        report.orphan_examples.push(id.to_owned());
    }
}
