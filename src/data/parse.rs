//! Parsed rows of a piece of a file: what can be done for each row without knowing the others.
//!
//! Pieces are parsed side by side; keys, counts and messages need the order of the rows and come after.

use super::fields::{Bounds, Fields, short};
use super::judge::{Cells, Judged, NotGood};
use super::ledger::{HashedKeys, push_bytes};
use super::packed::{PACKED, packed};
use super::plan::Plan;
use super::read_error::ReadError;
use super::record::{Records, Split};
use super::row::Record;
use super::time::TimeReader;
use crate::calendar::Zone;
use crate::config::Config;
use crate::schema::Table;

/// Rows of a text without end that are parsed at a time.
const ROWS: usize = 2048;
/// The most bytes of them, a row aside.
const BYTES: usize = 1 << 20;

/// The rows of a piece.
#[derive(Debug, Default)]
pub struct Parsed {
    pub(super) fields: Fields,
    pub(super) cells: Cells,
    not_good: NotGood,
    /// Line breaks of the piece that were passed before its rows, such as the header's.
    pub passed: u64,
    /// Line breaks in its rows.
    pub breaks: u64,
    /// The keys of the good rows.
    pub keys: Keys,
    /// Why there are no more rows.
    pub failed: Option<ReadError>,
}

/// What the keys of rows are like.
#[derive(Debug, Default)]
pub enum Keys {
    /// There are none.
    #[default]
    None,
    /// They rise from the first to the last.
    Rising(Vec<u8>, Vec<u8>),
    /// They come in any order.
    Hashed(HashedKeys),
}

/// How the rows of a file are parsed.
#[derive(Clone, Copy)]
pub struct Parser<'a> {
    plan: &'a Plan,
    config: &'a Config,
    table: Table,
}

/// What a parser remembers from row to row.
pub struct Memory {
    clocks: Vec<TimeReader>,
}

impl<'a> Parser<'a> {
    /// A parser of the rows of a file.
    pub fn new(plan: &'a Plan, config: &'a Config, table: Table) -> Self {
        Self { plan, config, table }
    }

    /// Nothing remembered.
    pub fn memory(&self) -> Memory {
        let settings = self.config.data.table(self.table);
        let zone = settings.zone.unwrap_or(self.days());
        Memory { clocks: self.plan.clocks(zone, settings.time_format.as_deref()) }
    }

    fn days(&self) -> Zone {
        self.config.site.zone
    }

    /// Parses all records of a text that is all there, into the room of rows that are done with.
    pub fn all(&self, mut records: Records, room: Parsed) -> Parsed {
        records.expect_width(self.plan.width());
        let (before, encoding) = (records.breaks(), records.encoding());
        let mut out = room;
        out.clear();
        out.passed = before;
        let Parsed { fields, failed, breaks, .. } = &mut out;
        *failed = records.all(fields).err();
        *breaks = records.breaks() - before;
        let end = fields.records.last().map_or(0, |row| row.end as usize);
        match records.into_text(end) {
            Ok(whole) => fields.text = whole,
            Err(error) => {
                // Nothing from the row on that holds the bytes.
                let valid = error.utf8_error().valid_up_to();
                let whole = fields.records.partition_point(|row| row.end as usize <= valid);
                let bytes = error.into_bytes();
                let row = fields.records.get(whole);
                let (from, line) = row.map_or((0, 0), |row| (row.start as usize, u64::from(row.line)));
                let within = bytes.get(from..valid).unwrap_or_default().iter().filter(|b| **b == b'\n').count();
                let bad = bytes.get(valid..).unwrap_or_default();
                *failed = Some(Records::malformed(encoding, before + line + within as u64 + 1, bad));
                fields.ranges.truncate(row.map_or(0, |row| row.fields as usize));
                fields.records.truncate(whole);
                *breaks = line;
                fields.text = String::from_utf8_lossy(bytes.get(..from).unwrap_or_default()).into_owned();
            }
        }
        self.judge(&mut out, &mut self.memory());
        out
    }

    /// Parses the next few records; `None` when there are none left.
    pub fn next(&self, records: &mut Records, memory: &mut Memory) -> Option<Parsed> {
        records.expect_width(self.plan.width());
        let before = records.breaks();
        let mut out = Parsed { passed: before, ..Parsed::default() };
        let fields = &mut out.fields;
        while fields.len() < ROWS && fields.text.len() < BYTES {
            match records.next() {
                Ok(Some(Split { record, count, flaw })) => {
                    let (start, first) = (short(fields.text.len()), short(fields.ranges.len()));
                    fields.text.push_str(record.text());
                    fields.ranges.extend(record.fields.iter().map(|(from, to)| (from + start, to + start)));
                    let (end, line) = (short(fields.text.len()), record.line - 1 - before);
                    let line = u32::try_from(line).unwrap_or(u32::MAX);
                    fields.records.push(Bounds { start, end, fields: first, line, count: short(count), flaw });
                }
                Ok(None) => break,
                Err(error) => {
                    out.failed = Some(error);
                    break;
                }
            }
        }
        out.breaks = records.breaks() - before;
        self.judge(&mut out, memory);
        (out.len() > 0 || out.failed.is_some() || out.breaks > 0).then_some(out)
    }

    /// Fills in the cells of the rows, and sees whether their keys rise.
    fn judge(&self, out: &mut Parsed, memory: &mut Memory) {
        let Parsed { fields, cells, not_good, .. } = out;
        self.plan.judge(fields, &mut memory.clocks, self.days(), cells, not_good);
        let rising = match self.plan.key_field() {
            Some(field) => self.rising_texts(out, field),
            None => self.rising(out),
        };
        out.keys = match rising {
            Some((first, last)) => Keys::Rising(first, last),
            None if self.plan.has_key() => self.hashed(out),
            None => Keys::None,
        };
    }

    fn hashed(&self, rows: &Parsed) -> Keys {
        let mut all = HashedKeys::default();
        let mut key = Vec::new();
        for at in (0..rows.len()).filter(|at| !rows.not_good.is(*at)) {
            if self.plan.key(rows, at, &mut key) {
                all.add(&key);
            }
        }
        Keys::Hashed(all)
    }

    /// The first and last key where the keys of all rows rise; keys that are one text are compared as they stand.
    fn rising_texts(&self, rows: &Parsed, field: usize) -> Option<(Vec<u8>, Vec<u8>)> {
        let (mut first, mut last): (Option<&[u8]>, &[u8]) = (None, &[]);
        let mut before = (0, 0);
        for at in (0..rows.len()).filter(|at| !rows.not_good.is(*at)) {
            let text = rows.fields.bytes(at, field);
            if text.is_empty() {
                continue;
            }
            // Of texts of one length, the number whose highest byte comes first orders them.
            let rank = (text.len(), packed(text).swap_bytes());
            if rank <= before && (rank < before || text.len() <= PACKED || text <= last) {
                return None;
            }
            first = first.or(Some(text));
            (last, before) = (text, rank);
        }
        let key = |text: &[u8]| {
            let mut key = Vec::new();
            push_bytes(&mut key, text);
            key
        };
        first.map(|first| (key(first), key(last)))
    }

    fn rising(&self, rows: &Parsed) -> Option<(Vec<u8>, Vec<u8>)> {
        if !self.plan.has_key() {
            return None;
        }
        let mut first: Option<Vec<u8>> = None;
        let (mut last, mut key) = (Vec::new(), Vec::new());
        for at in (0..rows.len()).filter(|at| !rows.not_good.is(*at)) {
            if !self.plan.key(rows, at, &mut key) {
                continue;
            }
            if first.is_none() {
                first = Some(key.clone());
            } else if key <= last {
                return None;
            }
            std::mem::swap(&mut last, &mut key);
        }
        first.map(|first| (first, last))
    }
}

impl Parsed {
    /// Forgets the rows, not their room.
    fn clear(&mut self) {
        self.fields.clear();
        self.keys = Keys::None;
        self.failed = None;
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// The rows that are not good, ascending.
    pub fn not_good(&self) -> &[(usize, Judged)] {
        &self.not_good.all
    }

    /// Every row with its place; `before` is the number of lines before the piece.
    pub fn rows(&self, before: u64) -> impl Iterator<Item = (usize, Record<'_>, Judged)> {
        let mut not_good = self.not_good.all.iter().peekable();
        (0..self.len()).filter_map(move |at| {
            let judged = not_good.next_if(|(place, _)| *place == at).map_or(Judged::Good, |(_, judged)| *judged);
            Some((at, self.fields.record(at, before)?, judged))
        })
    }
}
