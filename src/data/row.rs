//! What a visitor sees of a row, and what it answers.

use super::fields::trimmed;
use super::parse::Parsed;
use super::plan::Plan;
use super::reason::Reason;
use crate::calendar::Instant;
use crate::schema::{ColumnType, Table};
use rust_decimal::Decimal;

/// A typed cell. Texts are asked for apart, because they are borrowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// The file has no such column.
    Absent,
    /// The column is there and the cell is empty.
    Null,
    /// A text, told by [`Row::text`].
    Text,
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// A moment; of a date its first local instant.
    Time(Instant),
    /// Yes or no.
    Bool(bool),
}

/// The slots of a table's rows: the columns of the schema in its order (derived ones are always
/// [`Cell::Absent`]), then the attributes that expressions name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The table.
    pub table: Table,
    /// Extra columns, and the types as which they are read.
    pub attributes: Vec<(String, ColumnType)>,
}

impl Layout {
    /// A layout without attributes.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table, attributes: Vec::new() }
    }

    /// The slot of a column or attribute.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<usize> {
        let columns = self.table.columns();
        columns
            .iter()
            .position(|c| c.name == name)
            .or_else(|| self.attributes.iter().position(|(n, _)| n == name).map(|i| columns.len() + i))
    }

    /// Number of slots.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.columns().len() + self.attributes.len()
    }

    /// Whether there are no slots; never, since every table has columns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name and type of every slot.
    pub fn slots(&self) -> impl Iterator<Item = (&str, ColumnType)> {
        let columns = self.table.columns().iter().map(|c| (c.name, c.kind));
        columns.chain(self.attributes.iter().map(|(n, k)| (n.as_str(), *k)))
    }
}

/// A record as it lies in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'r> {
    /// The text it lies in, checked to be UTF-8.
    pub whole: &'r str,
    /// Its first byte there.
    pub start: usize,
    /// The end of its last field there.
    pub end: usize,
    /// Byte ranges of the fields there.
    pub fields: &'r [(u32, u32)],
    /// Physical line on which it starts.
    pub line: u64,
}

impl<'r> Record<'r> {
    /// The record's own text.
    pub fn text(&self) -> &'r str {
        self.whole.get(self.start..self.end).unwrap_or_default()
    }

    /// A field without surrounding white space; empty when there is none.
    #[inline]
    pub fn field(&self, index: usize) -> &'r str {
        let Some(&(from, to)) = self.fields.get(index) else { return "" };
        trimmed(self.whole.get(from as usize..to as usize).unwrap_or_default())
    }

    /// The physical line and the column, in characters from 1, at which a field's text begins; without the quote
    /// that opens it.
    pub fn position(&self, index: usize) -> Option<(u64, u32)> {
        let &(from, to) = self.fields.get(index)?;
        let raw = self.whole.get(from as usize..to as usize)?;
        let spaces = raw.len() - raw.trim_start().len();
        let before = self.whole.get(self.start..from as usize + if spaces < raw.len() { spaces } else { 0 })?;
        let line = before.rsplit(['\n', '\r']).next().unwrap_or(before);
        let breaks = before.bytes().filter(|b| *b == b'\n').count() as u64;
        Some((self.line + breaks, u32::try_from(line.chars().count() + 1).ok()?))
    }
}

/// A row that was read, valid until the next.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    pub(super) parsed: &'r Parsed,
    pub(super) plan: &'r Plan,
    /// Its place among the parsed.
    pub(super) at: usize,
    /// Lines before the parsed.
    pub(super) before: u64,
    pub(super) part: usize,
}

impl<'r> Row<'r> {
    /// The typed cell of a slot.
    #[must_use]
    #[inline]
    pub fn cell(&self, slot: usize) -> Cell {
        self.plan.cell(slot, self.parsed, self.at)
    }

    /// The text of a slot of any type, trimmed and with the workspace's replacements; `None` when
    /// the column is absent or the cell empty.
    #[must_use]
    #[inline]
    pub fn text(&self, slot: usize) -> Option<&'r str> {
        let fields = &self.parsed.fields;
        self.plan.text(slot, |index| fields.field(self.at, index)).filter(|t| !t.is_empty())
    }

    /// The bytes of such a text.
    #[must_use]
    #[inline]
    pub fn bytes(&self, slot: usize) -> Option<&'r [u8]> {
        match self.plan.bare_field(slot) {
            Some(field) => Some(self.parsed.fields.bytes(self.at, field)).filter(|bytes| !bytes.is_empty()),
            None => self.text(slot).map(str::as_bytes),
        }
    }

    /// 1-based physical line on which the record starts.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.record().map_or(0, |record| record.line)
    }

    /// Index of the part in [`Sources::parts`](super::Sources) of its table.
    #[must_use]
    pub fn part(&self) -> usize {
        self.part
    }

    /// Number of extra columns that are filled.
    #[must_use]
    pub fn extra_filled(&self) -> u32 {
        let filled = |index: &&usize| !self.parsed.fields.field(self.at, **index).is_empty();
        u32::try_from(self.plan.extra.iter().filter(filled).count()).unwrap_or(u32::MAX)
    }

    pub(super) fn record(&self) -> Option<Record<'r>> {
        self.parsed.fields.record(self.at, self.before)
    }
}

/// What the visitor made of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It counts.
    Keep,
    /// Its group is not known, so it counts nowhere.
    OrphanGroup,
    /// Its member is not known; the row counts all the same where no member is needed.
    OrphanMember,
    /// It lies after the as-of moment and is ignored.
    Future,
    /// It cannot be; it is quarantined.
    Reject {
        /// The column to blame.
        column: &'static str,
        /// Why.
        reason: Reason,
    },
}
