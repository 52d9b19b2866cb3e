//! Parsed rows of a piece of a file: what can be done for each row without knowing the others.
//!
//! Pieces are parsed side by side; keys, counts and messages need the order of the rows and come after.

use super::plan::{Judged, Plan};
use super::record::{Bounds, Flaw, ReadError, Records, Split};
use super::row::{Cell, Record};
use super::time::TimeReader;
use crate::calendar::Zone;
use crate::config::Config;
use crate::schema::Table;

/// Rows of a text without end that are parsed at a time.
const ROWS: usize = 2048;

/// The rows of a piece.
#[derive(Debug, Default)]
pub struct Parsed {
    text: String,
    fields: Vec<(u32, u32)>,
    /// Those of good rows, as many for each.
    cells: Vec<Cell>,
    rows: Vec<ParsedRow>,
    /// What became of rows that are not good, by their place.
    not_good: Vec<(usize, Judged)>,
    /// Cells of a row.
    width: usize,
    /// Line breaks of the piece that were passed before its rows, such as the header's.
    pub passed: u64,
    /// Line breaks in its rows.
    pub breaks: u64,
    /// First and last key, where the keys of all rows rise.
    pub keys: Option<(Vec<u8>, Vec<u8>)>,
    /// Why there are no more rows.
    pub failed: Option<ReadError>,
}

#[derive(Debug)]
struct ParsedRow {
    /// Its text.
    start: usize,
    end: usize,
    /// End of its fields, which begin where the row's before end.
    fields: usize,
    /// Lines before it in the piece.
    line: u64,
    /// Number of its fields, also of those not kept.
    count: usize,
    flaw: Option<Flaw>,
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
    key: Vec<u8>,
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
        Memory { clocks: self.plan.clocks(zone, settings.time_format.as_deref()), key: Vec::new() }
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
        let Parsed { text, rows, fields, failed, breaks, .. } = &mut out;
        *failed = records
            .each(|bounds, own| {
                fields.extend_from_slice(own);
                let Bounds { start, end, line, count, flaw, .. } = bounds;
                rows.push(ParsedRow { start, end, fields: fields.len(), line: line - 1 - before, count, flaw });
            })
            .err();
        *breaks = records.breaks() - before;
        let end = rows.last().map_or(0, |row| row.end);
        match records.into_text(end) {
            Ok(whole) => *text = whole,
            Err(error) => {
                // Nothing from the row on that holds the bytes.
                let valid = error.utf8_error().valid_up_to();
                let whole = rows.partition_point(|row| row.end <= valid);
                let bytes = error.into_bytes();
                let from = rows.get(whole).map_or(0, |row| row.start);
                let line = rows.get(whole).map_or(0, |row| row.line);
                let within = bytes.get(from..valid).unwrap_or_default().iter().filter(|b| **b == b'\n').count();
                let bad = bytes.get(valid..).unwrap_or_default();
                *failed = Some(Records::malformed(encoding, before + line + within as u64 + 1, bad));
                rows.truncate(whole);
                fields.truncate(rows.last().map_or(0, |row| row.fields));
                *breaks = line;
                *text = String::from_utf8_lossy(bytes.get(..from).unwrap_or_default()).into_owned();
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
        while out.rows.len() < ROWS {
            match records.next() {
                Ok(Some(Split { record, count, flaw })) => {
                    let start = out.text.len();
                    out.text.push_str(record.text);
                    out.fields.extend_from_slice(record.fields);
                    let (end, fields, line) = (out.text.len(), out.fields.len(), record.line - 1 - before);
                    out.rows.push(ParsedRow { start, end, fields, line, count, flaw });
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
        (!out.rows.is_empty() || out.failed.is_some() || out.breaks > 0).then_some(out)
    }

    /// Fills in the cells of the rows.
    fn judge(&self, out: &mut Parsed, memory: &mut Memory) {
        out.width = self.plan.cells();
        let mut rising = true;
        let mut first: Option<Vec<u8>> = None;
        let mut last: Vec<u8> = Vec::new();
        let mut begin = 0;
        for (at, row) in out.rows.iter().enumerate() {
            let record = Record {
                text: out.text.get(row.start..row.end).unwrap_or_default(),
                fields: out.fields.get(begin..row.fields).unwrap_or_default(),
                line: row.line + 1,
            };
            begin = row.fields;
            let own = out.cells.len();
            out.cells.resize(own + out.width, Cell::Null);
            let cells = out.cells.get_mut(own..).unwrap_or_default();
            let split = Split { record, count: row.count, flaw: row.flaw };
            let judged = self.plan.judge(&split, &mut memory.clocks, self.days(), cells);
            if judged != Judged::Good {
                out.cells.truncate(own);
                out.not_good.push((at, judged));
            } else if rising && self.plan.key(&record, cells, &mut memory.key) {
                rising = first.is_none() || memory.key > last;
                if first.is_none() {
                    first = Some(memory.key.clone());
                }
                std::mem::swap(&mut last, &mut memory.key);
            }
        }
        out.keys = first.filter(|_| rising).map(|first| (first, last));
    }
}

impl Parsed {
    /// Forgets the rows, not their room.
    fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.cells.clear();
        self.rows.clear();
        self.not_good.clear();
        self.keys = None;
        self.failed = None;
    }

    /// Every row with what became of it and, of a good one, its cells. `before` is the number of lines before the piece.
    pub fn rows(&self, before: u64) -> impl Iterator<Item = (Record<'_>, Judged, &[Cell])> {
        let mut cells = self.cells.as_slice();
        let mut not_good = self.not_good.iter().peekable();
        let mut begin = 0;
        self.rows.iter().enumerate().map(move |(at, row)| {
            let record = Record {
                text: self.text.get(row.start..row.end).unwrap_or_default(),
                fields: self.fields.get(begin..row.fields).unwrap_or_default(),
                line: before + row.line + 1,
            };
            begin = row.fields;
            if let Some((_, judged)) = not_good.next_if(|(place, _)| *place == at) {
                return (record, *judged, &[][..]);
            }
            let (own, after) = cells.split_at_checked(self.width).unwrap_or((cells, &[]));
            cells = after;
            (record, Judged::Good, own)
        })
    }
}
