//! Parsed rows of a piece of a file: what can be done for each row without knowing the others.
//!
//! Pieces are parsed side by side; keys, counts and messages need the order of the rows and come after.

use super::plan::{Judged, Plan};
use super::record::{ReadError, Records};
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
    cells: Vec<Cell>,
    rows: Vec<ParsedRow>,
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
    text: (usize, usize),
    fields: (usize, usize),
    /// Lines before it in the piece.
    line: u64,
    judged: Judged,
}

/// How the rows of a file are parsed.
#[derive(Clone, Copy)]
pub struct Parser<'a> {
    plan: &'a Plan,
    config: &'a Config,
    table: Table,
    /// Cells of a row.
    width: usize,
}

/// What a parser remembers from row to row.
pub struct Memory {
    clocks: Vec<TimeReader>,
    key: Vec<u8>,
}

impl<'a> Parser<'a> {
    /// A parser of the rows of a file.
    pub fn new(plan: &'a Plan, config: &'a Config, table: Table, width: usize) -> Self {
        Self { plan, config, table, width }
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

    /// Parses all records there are, into the room of rows that are done with.
    pub fn all(&self, mut records: Records, room: Parsed) -> Parsed {
        self.some(&mut records, &mut self.memory(), usize::MAX, room)
    }

    /// Parses the next few records; `None` when there are none left.
    pub fn next(&self, records: &mut Records, memory: &mut Memory) -> Option<Parsed> {
        let parsed = self.some(records, memory, ROWS, Parsed::default());
        (!parsed.rows.is_empty() || parsed.failed.is_some() || parsed.breaks > 0).then_some(parsed)
    }

    fn some(&self, records: &mut Records, memory: &mut Memory, most: usize, room: Parsed) -> Parsed {
        records.expect_width(self.plan.width());
        let before = records.breaks();
        let mut out = room;
        out.clear();
        (out.passed, out.width) = (before, self.width);
        let mut rising = true;
        let mut first: Option<Vec<u8>> = None;
        let mut last: Vec<u8> = Vec::new();
        while out.rows.len() < most {
            let split = match records.next() {
                Ok(Some(split)) => split,
                Ok(None) => break,
                Err(error) => {
                    out.failed = Some(error);
                    break;
                }
            };
            let own = out.cells.len();
            out.cells.resize(own + self.width, Cell::Absent);
            let cells = out.cells.get_mut(own..).unwrap_or_default();
            let judged = self.plan.judge(&split, &mut memory.clocks, self.days(), cells);
            let record = split.record;
            if judged == Judged::Good {
                if rising && self.plan.key(&record, cells, &mut memory.key) {
                    rising = first.is_none() || memory.key > last;
                    if first.is_none() {
                        first = Some(memory.key.clone());
                    }
                    std::mem::swap(&mut last, &mut memory.key);
                }
            } else {
                out.cells.truncate(own);
            }
            let (text, fields) = (out.text.len(), out.fields.len());
            out.text.push_str(record.text);
            out.fields.extend_from_slice(record.fields);
            out.rows.push(ParsedRow {
                text: (text, out.text.len()),
                fields: (fields, out.fields.len()),
                line: record.line - 1 - before,
                judged,
            });
        }
        out.breaks = records.breaks() - before;
        out.keys = first.filter(|_| rising).map(|first| (first, last));
        out
    }
}

impl Parsed {
    /// Forgets the rows, not their room.
    fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.cells.clear();
        self.rows.clear();
        self.keys = None;
        self.failed = None;
    }

    /// Every row with what became of it and, of a good one, its cells. `before` is the number of lines before the piece.
    pub fn rows(&self, before: u64) -> impl Iterator<Item = (Record<'_>, Judged, &[Cell])> {
        let mut cells = self.cells.as_slice();
        self.rows.iter().map(move |row| {
            let record = Record {
                text: self.text.get(row.text.0..row.text.1).unwrap_or_default(),
                fields: self.fields.get(row.fields.0..row.fields.1).unwrap_or_default(),
                line: before + row.line + 1,
            };
            let own = if row.judged == Judged::Good {
                let (own, after) = cells.split_at_checked(self.width).unwrap_or((cells, &[]));
                cells = after;
                own
            } else {
                &[]
            };
            (record, row.judged, own)
        })
    }
}
