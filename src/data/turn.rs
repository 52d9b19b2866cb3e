//! Pieces of a file in their turn: what hangs on the order of the rows, though several threads read them.

use super::judge::Judged;
use super::ledger::{KeyLedger, Keyed, Seen};
use super::parse::{Keys, Parsed};
use super::read_error::ReadError;
use super::report::{PartReport, QuarantineSink, Quarantined, SET_ASIDE_EXAMPLES};
use super::row::Record;
use super::rows::{Entered, Rows};
use super::scan::{Earlier, conflict, hash_record};
use crate::calendar::Instant;
use crate::diagnostic::Findings;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many conflicts of a table are told one by one.
pub(super) const CONFLICTS: u64 = 5;

/// What the ledger says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is new.
    Visit,
    /// A newer drop has it.
    Replaced,
    /// Its drop has it already.
    Repeats,
    /// Its drop has another row of the same key.
    Conflicts,
}

/// What came of the rows of a piece.
#[derive(Debug)]
pub(super) struct Outcome {
    pub report: PartReport,
    /// Rows set aside, in their order.
    pub aside: Vec<Quarantined>,
    /// The earliest time visited; the inner `None` is a row without.
    pub earliest: Option<Option<Instant>>,
    /// The latest.
    pub latest: Option<Instant>,
}

impl Default for Outcome {
    fn default() -> Self {
        let report = PartReport { sorted_by_time: true, ..PartReport::default() };
        Self { report, aside: Vec::new(), earliest: None, latest: None }
    }
}

impl Outcome {
    /// Adds what came of the rows that follow.
    pub fn follow(&mut self, next: Self) {
        if next.earliest.is_some_and(|earliest| earliest < self.latest) {
            self.report.sorted_by_time = false;
        }
        self.report.follow(&next.report);
        self.aside.extend(next.aside);
        self.earliest = match (self.earliest, next.earliest) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.latest = self.latest.max(next.latest);
    }
}

/// What is done in the order of the pieces.
pub(super) struct InOrder<'s, 'q> {
    pub ledger: &'s mut KeyLedger,
    pub conflicts: &'s mut u64,
    pub earlier: Earlier<'s>,
    pub report: &'s mut PartReport,
    pub findings: &'s mut Findings,
    pub sink: &'s mut Option<&'q mut (dyn QuarantineSink + Send)>,
    /// Lines before the piece whose turn it is.
    pub lines: u64,
    /// The piece whose turn it is.
    turn: u64,
    failed: Option<ReadError>,
    /// Whether a thread went away without passing its turn on.
    abandoned: bool,
    /// What came of pieces, until all before them are told.
    waiting: BTreeMap<u64, Outcome>,
    told: u64,
    latest: Option<Instant>,
}

/// The threads at work on a file, in line.
pub(super) struct Line<'s, 'q> {
    order: Mutex<InOrder<'s, 'q>>,
    moved: Condvar,
}

impl<'s, 'q> InOrder<'s, 'q> {
    #[allow(clippy::too_many_arguments, reason = "each is the scan's own")]
    pub fn new(
        ledger: &'s mut KeyLedger,
        conflicts: &'s mut u64,
        earlier: Earlier<'s>,
        report: &'s mut PartReport,
        findings: &'s mut Findings,
        sink: &'s mut Option<&'q mut (dyn QuarantineSink + Send)>,
        lines: u64,
    ) -> Self {
        Self {
            ledger,
            conflicts,
            earlier,
            report,
            findings,
            sink,
            lines,
            turn: 0,
            failed: None,
            abandoned: false,
            waiting: BTreeMap::new(),
            told: 0,
            latest: None,
        }
    }

    /// Passes the rows of a piece through the ledger.
    fn enter(&mut self, rows: &Rows<'_>, parsed: &mut Parsed) -> Entered {
        let lines = self.lines;
        self.lines += parsed.breaks;
        if let Some(error) = parsed.failed.take() {
            self.failed = Some(error.after(lines - parsed.passed));
        }
        let fresh = match &parsed.keys {
            Keys::None => false,
            Keys::Rising(first, last) => self.ledger.note_rising(first, last),
            Keys::Hashed(keys) => {
                let (earlier, until) = (&self.earlier, parsed.rows(lines).next().map_or(0, |(_, first, _)| first.line));
                self.ledger.note_new(keys, &mut |part, hand_on| {
                    earlier.reread(rows, part, until, hand_on);
                })
            }
        };
        let fates = (!fresh && rows.plan.has_key()).then(|| {
            let mut key = Vec::new();
            let mut fates = Vec::new();
            for (at, record, judged) in parsed.rows(lines) {
                fates.push(if judged == Judged::Good && rows.plan.key(parsed, at, &mut key) {
                    let hash = || hash_record(&record);
                    self.fate(rows, Keyed { key: &key, row: &hash, line: record.line }, &record)
                } else {
                    Fate::Visit
                });
            }
            fates
        });
        Entered { lines, fates }
    }

    fn fate(&mut self, rows: &Rows<'_>, keyed: Keyed<'_>, record: &Record<'_>) -> Fate {
        let earlier = &self.earlier;
        let seen = self.ledger.note(keyed, &mut |part, hand_on| earlier.reread(rows, part, record.line, hand_on));
        match seen {
            Seen::New => Fate::Visit,
            Seen::Newer => Fate::Replaced,
            Seen::Same { identical: true, .. } => Fate::Repeats,
            Seen::Same { part: other, line, identical: false } => {
                *self.conflicts += 1;
                if *self.conflicts <= CONFLICTS {
                    let there = self.earlier.shown(other);
                    self.findings.push(conflict(record, rows.part, there, line));
                }
                Fate::Conflicts
            }
        }
    }

    /// Takes what came of a piece, and tells what can be told in order.
    fn tell(&mut self, number: u64, outcome: Outcome) {
        self.waiting.insert(number, outcome);
        while let Some(next) = self.waiting.remove(&self.told) {
            self.told += 1;
            if next.earliest.is_some_and(|earliest| earliest < self.latest) {
                self.report.sorted_by_time = false;
            }
            self.latest = self.latest.max(next.latest);
            self.report.follow(&next.report);
            for row in next.aside {
                if let Some(sink) = self.sink {
                    sink.quarantine(&row);
                }
                if self.report.examples.len() < SET_ASIDE_EXAMPLES {
                    self.report.examples.push(row);
                }
            }
        }
    }
}

impl<'s, 'q> Line<'s, 'q> {
    pub fn new(order: InOrder<'s, 'q>) -> Self {
        Self { order: Mutex::new(order), moved: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, InOrder<'s, 'q>> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to enter when all pieces before this one have.
    pub fn ticket(&self, number: u64) -> Ticket<'_, 's, 'q> {
        Ticket { line: self, number, passed: false }
    }

    /// Takes what came of a piece that has entered.
    pub fn told(&self, number: u64, outcome: Outcome) {
        self.lock().tell(number, outcome);
    }

    /// Why the file could not be read on, if so.
    pub fn end(self) -> Result<(), ReadError> {
        let order = self.order.into_inner().unwrap_or_else(PoisonError::into_inner);
        order.failed.map_or(Ok(()), Err)
    }
}

/// A piece's place in the line; once dropped, the next may enter.
pub(super) struct Ticket<'l, 's, 'q> {
    line: &'l Line<'s, 'q>,
    number: u64,
    passed: bool,
}

impl<'s, 'q> Ticket<'_, 's, 'q> {
    fn turn(&self) -> Option<MutexGuard<'_, InOrder<'s, 'q>>> {
        let mut order = self.line.lock();
        while order.turn < self.number && order.failed.is_none() && !order.abandoned {
            order = self.line.moved.wait(order).unwrap_or_else(PoisonError::into_inner);
        }
        (order.turn == self.number && order.failed.is_none() && !order.abandoned).then_some(order)
    }

    /// Waits for its turn and says how many lines come before; `None` when the file ended in an error before.
    pub fn wait(&self) -> Option<u64> {
        self.turn().map(|order| order.lines)
    }

    /// Passes the ledger in its turn; `None` when the file ended in an error before.
    pub fn enter(&self, rows: &Rows<'_>, parsed: &mut Parsed) -> Option<Entered> {
        self.turn().map(|mut order| order.enter(rows, parsed))
    }

    /// Lets the next one enter.
    pub fn pass(&mut self) {
        self.passed = true;
        self.line.lock().turn += 1;
        self.line.moved.notify_all();
    }

    /// Ends the file in an error, in its turn.
    pub fn fail(&self, error: ReadError) {
        if let Some(mut order) = self.turn() {
            order.failed = Some(error);
        }
    }
}

impl Drop for Ticket<'_, '_, '_> {
    fn drop(&mut self) {
        if !self.passed {
            self.line.lock().abandoned = true;
            self.line.moved.notify_all();
        }
    }
}
