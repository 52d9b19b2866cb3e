//! The rows of one file: which were seen before, what the visitor makes of them, what is told.
//!
//! Several threads take pieces in turn. Each parses its piece by itself, waits until the pieces before it have
//! passed the ledger of keys, and then shows its rows to a visitor of its own, or to the one there is.

use super::block::{Block, Verdicts, Visitor};
use super::chunk::{Piece, Pieces};
use super::discover::Part;
use super::fields::short;
use super::judge::{Judged, NEVER};
use super::parse::{Parsed, Parser};
use super::plan::Plan;
use super::read_error::ReadError;
use super::reason::Reason;
use super::report::{ORPHAN_EXAMPLES, PartReport, Quarantined, SET_ASIDE_EXAMPLES, shorten};
use super::row::{Layout, Record, Row, Verdict};
use super::turn::{Fate, Line, Outcome};
use crate::calendar::Instant;
use std::sync::{Mutex, PoisonError};

/// How many rows are shown at a time.
const BLOCK: usize = 256;

/// Who visits.
pub(super) enum Visitors<'v, V> {
    /// One, who is shown all rows in their order.
    InTurn(Mutex<&'v mut (dyn Visitor + Send)>),
    /// One for each thread; which rows it is shown, and when, is open.
    SideBySide { hire: &'v (dyn Fn() -> V + Sync), idle: Mutex<Vec<V>> },
}

/// To whom a thread shows its rows.
enum Shown<'w, 'v, V> {
    /// To a visitor of its own.
    Own(V),
    /// To the one there is, when it is its turn.
    InTurn(&'w Mutex<&'v mut (dyn Visitor + Send)>),
}

/// A file on its way through a scan.
pub(super) struct Rows<'r> {
    pub plan: &'r Plan,
    pub part: &'r Part,
    pub index: usize,
    pub layout: &'r Layout,
    /// Whether all rows that are set aside are handed on, or only a few for the report.
    pub all_aside: bool,
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

/// The pieces of a file, numbered as they are handed out.
struct Feed {
    pieces: Pieces,
    /// The first, read with the header.
    first: Option<Piece>,
    handed: u64,
    ended: bool,
}

impl Feed {
    /// The next piece; `done` is a text of a piece that is done with.
    fn next(&mut self, done: String) -> Option<(u64, Result<Piece, ReadError>)> {
        self.pieces.give_back(done);
        if self.ended {
            return None;
        }
        let piece = match self.first.take() {
            Some(first) => Ok(first),
            None => match self.pieces.next() {
                Ok(Some(piece)) => Ok(piece),
                Ok(None) => {
                    self.ended = true;
                    return None;
                }
                Err(error) => Err(error),
            },
        };
        self.ended = !matches!(piece, Ok(Piece::Cut(_)));
        self.handed += 1;
        Some((self.handed - 1, piece))
    }
}

impl Rows<'_> {
    /// Takes all rows of a file.
    pub fn read<V: Visitor + Send>(
        &self,
        parser: &Parser<'_>,
        pieces: Pieces,
        first: Piece,
        line: &Line<'_, '_>,
        visitors: &Visitors<'_, V>,
    ) {
        let feed = Mutex::new(Feed { pieces, first: Some(first), handed: 0, ended: false });
        let threads = rayon::current_num_threads().clamp(1, 64);
        if threads == 1 {
            self.work(parser, &feed, line, visitors);
            return;
        }
        rayon::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|_| self.work(parser, &feed, line, visitors));
            }
        });
    }

    /// What each thread does until no piece is left.
    fn work<V: Visitor + Send>(
        &self,
        parser: &Parser<'_>,
        feed: &Mutex<Feed>,
        line: &Line<'_, '_>,
        visitors: &Visitors<'_, V>,
    ) {
        let mut room = Parsed::default();
        let mut shown = match visitors {
            Visitors::InTurn(visitor) => Shown::InTurn(visitor),
            Visitors::SideBySide { hire, idle } => {
                let known = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                Shown::Own(known.unwrap_or_else(hire))
            }
        };
        loop {
            let done = std::mem::take(&mut room.fields.text);
            let next = feed.lock().unwrap_or_else(PoisonError::into_inner).next(done);
            let Some((number, piece)) = next else { break };
            let mut ticket = line.ticket(number);
            match piece {
                Ok(Piece::Cut(records)) => {
                    room = parser.all(records, room);
                    let Some(entered) = ticket.enter(self, &mut room) else { break };
                    match &mut shown {
                        Shown::Own(own) => {
                            ticket.pass();
                            let outcome = self.show(&room, &entered, own);
                            line.told(number, outcome);
                        }
                        Shown::InTurn(visitor) => {
                            let mut visitor = visitor.lock().unwrap_or_else(PoisonError::into_inner);
                            // The next piece may pass the ledger meanwhile; it waits for the visitor before it passes.
                            ticket.pass();
                            line.told(number, self.show(&room, &entered, &mut **visitor));
                        }
                    }
                }
                Ok(Piece::Rest(records)) => {
                    // One thread takes what cannot be cut; nothing comes after it.
                    let Some(lines) = ticket.wait() else { break };
                    let mut records = records.after(lines);
                    let mut memory = parser.memory();
                    let mut all = Outcome::default();
                    while let Some(mut parsed) = parser.next(&mut records, &mut memory) {
                        parsed.passed = 0;
                        // Its lines are counted from the beginning of the file already.
                        let failed = parsed.failed.take();
                        let Some(entered) = ticket.enter(self, &mut parsed) else { break };
                        all.follow(match &mut shown {
                            Shown::InTurn(visitor) => {
                                let mut visitor = visitor.lock().unwrap_or_else(PoisonError::into_inner);
                                self.show(&parsed, &entered, &mut **visitor)
                            }
                            Shown::Own(own) => self.show(&parsed, &entered, own),
                        });
                        if let Some(failed) = failed {
                            ticket.fail(failed);
                        }
                    }
                    line.told(number, all);
                    ticket.pass();
                }
                Err(error) => {
                    ticket.fail(error);
                    ticket.pass();
                }
            }
        }
        if let (Visitors::SideBySide { idle, .. }, Shown::Own(own)) = (visitors, shown) {
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(own);
        }
    }

    /// Shows the rows of a piece that are good and new, and notes what becomes of each.
    fn show(&self, parsed: &Parsed, entered: &Entered, visitor: &mut dyn Visitor) -> Outcome {
        let mut outcome = Outcome::default();
        let mut not_good = parsed.not_good();
        let mut shown: Vec<u32> = Vec::with_capacity(BLOCK);
        // The others of a block, with what the ledger says of those that are good.
        let mut others: Vec<(usize, Judged, Fate)> = Vec::new();
        let mut verdicts = Verdicts::default();
        let mut times = Vec::with_capacity(BLOCK);
        let mut begin = 0;
        while begin < parsed.len() {
            let end = (begin + BLOCK).min(parsed.len());
            shown.clear();
            others.clear();
            verdicts.clear();
            if entered.fates.is_none() && not_good.first().is_none_or(|(place, _)| *place >= end) {
                shown.extend(short(begin)..short(end));
            } else {
                for at in begin..end {
                    let judged = match not_good.split_first() {
                        Some(((place, judged), rest)) if *place == at => {
                            not_good = rest;
                            *judged
                        }
                        _ => Judged::Good,
                    };
                    let fate = entered.fates.as_ref().and_then(|f| f.get(at)).copied().unwrap_or(Fate::Visit);
                    if judged == Judged::Good && fate == Fate::Visit {
                        shown.push(short(at));
                    } else {
                        others.push((at, judged, fate));
                    }
                }
            }
            let block = Block { parsed, plan: self.plan, before: entered.lines, part: self.index, rows: &shown };
            visitor.visit(&block, &mut verdicts);
            outcome.report.rows += (end - begin) as u64;
            self.count(&mut outcome, &block, verdicts.others(), &mut times);
            let mut others = others.iter().peekable();
            for (row, verdict) in verdicts.others().iter().filter_map(|(at, v)| Some((block.row(*at as usize)?, *v))) {
                while let Some(other) = others.next_if(|other| other.0 < row.at) {
                    self.put_by(&mut outcome, parsed, entered.lines, *other);
                }
                self.note(&mut outcome, &row, verdict);
            }
            others.for_each(|other| self.put_by(&mut outcome, parsed, entered.lines, *other));
            begin = end;
        }
        outcome
    }

    /// Notes what became of a row that is not shown.
    fn put_by(&self, outcome: &mut Outcome, parsed: &Parsed, lines: u64, (at, judged, fate): (usize, Judged, Fate)) {
        let Some(record) = parsed.fields.record(at, lines) else { return };
        match (judged, fate) {
            (Judged::Good, Fate::Visit) => {}
            (Judged::Good, Fate::Replaced) => outcome.report.replaced += 1,
            (Judged::Good, Fate::Repeats) => outcome.report.duplicates += 1,
            (Judged::Good, Fate::Conflicts) => {
                outcome.report.conflicts += 1;
                self.set_aside(outcome, &record, None, record.text(), Reason::Conflict);
            }
            (Judged::Filtered, _) => outcome.report.filtered += 1,
            (Judged::Bad(None, reason), _) => self.set_aside(outcome, &record, None, record.text(), reason),
            (Judged::Bad(Some(slot), reason), _) => {
                let text = self.plan.text(slot, |index| record.field(index)).unwrap_or_default();
                self.set_aside(outcome, &record, Some(slot), text, reason);
            }
        }
    }

    fn set_aside(&self, outcome: &mut Outcome, record: &Record<'_>, slot: Option<usize>, text: &str, reason: Reason) {
        outcome.report.quarantined += 1;
        if outcome.aside.len() >= SET_ASIDE_EXAMPLES && !self.all_aside {
            return;
        }
        outcome.aside.push(Quarantined {
            file: self.part.shown.clone(),
            line: record.line,
            column: slot.and_then(|s| self.plan.written(s)),
            place: slot.and_then(|s| self.plan.position(s, record)),
            text: shorten(text, 80),
            code: reason.code(),
            reason,
        });
    }

    /// Counts the rows that were shown, and notes how far those that count reach in time.
    fn count(&self, outcome: &mut Outcome, block: &Block<'_>, others: &[(u32, Verdict)], times: &mut Vec<Instant>) {
        match self.slots.time {
            Some(slot) => block.times(slot, times),
            None => {
                times.clear();
                times.resize(block.len(), NEVER);
            }
        }
        outcome.pass(times);
        let lost = |verdict: &Verdict| !matches!(verdict, Verdict::Keep | Verdict::OrphanMember);
        let lost = others.iter().filter(|(_, verdict)| lost(verdict)).map(|(at, _)| *at as usize);
        outcome.report.kept += (block.len() - lost.clone().count()) as u64;
        // Those do not count, so that they reach nowhere.
        lost.for_each(|at| times.get_mut(at).into_iter().for_each(|time| *time = NEVER));
        let reached = |(first, last): (Instant, Instant), time: &Instant| match *time {
            NEVER => (first, last),
            time => (first.min(time), last.max(time)),
        };
        let (first, last) = times.iter().fold((Instant::MAX, NEVER), reached);
        if last != NEVER {
            outcome.report.reach(first, last);
        }
    }

    /// Notes a row that does not simply count.
    fn note(&self, outcome: &mut Outcome, row: &Row<'_>, verdict: Verdict) {
        let Slots { group, member, .. } = self.slots;
        let report = &mut outcome.report;
        match verdict {
            Verdict::Keep => {}
            Verdict::OrphanMember => {
                report.orphan_members += 1;
                note_orphan(report, member.and_then(|s| row.text(s)));
            }
            Verdict::OrphanGroup => {
                report.orphan_groups += 1;
                note_orphan(report, group.and_then(|s| row.text(s)));
            }
            Verdict::Future => report.future += 1,
            Verdict::Reject { column, reason } => {
                let slot = self.layout.slot(column);
                let text = slot.and_then(|s| row.text(s)).unwrap_or_default();
                if let Some(record) = row.record() {
                    self.set_aside(outcome, &record, slot, text, reason);
                }
            }
        }
    }
}

/// A piece that has passed the ledger.
pub(super) struct Entered {
    /// Lines before it.
    pub lines: u64,
    /// By row; `None` if all are new.
    pub fates: Option<Vec<Fate>>,
}

fn note_orphan(report: &mut PartReport, id: Option<&str>) {
    if let Some(id) = id
        && report.orphan_examples.len() < ORPHAN_EXAMPLES
        && !report.orphan_examples.iter().any(|e| e == id)
    {
        report.orphan_examples.push(id.to_owned());
    }
}

impl Outcome {
    /// Notes the times of rows that are visited, [`NEVER`] for none.
    fn pass(&mut self, times: &[Instant]) {
        let time = |time: &Instant| (*time != NEVER).then_some(*time);
        let Some((first, (least, most))) = times.first().zip(times.iter().min().zip(times.iter().max())) else {
            return;
        };
        self.report.sorted_by_time &= time(first) >= self.latest && times.is_sorted();
        self.earliest = Some(self.earliest.map_or(time(least), |earliest| earliest.min(time(least))));
        self.latest = self.latest.max(time(most));
    }
}
