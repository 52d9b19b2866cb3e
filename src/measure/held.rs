//! A table that is held, column by column.

use super::texts::Dictionary;
use crate::calendar::Instant;
use crate::expr::Value;
use crate::schema::{ColumnType, Table};
use rust_decimal::Decimal;
use std::sync::Arc;

/// The cells of one column, up to the last that is not empty.
#[derive(Debug)]
pub(super) enum Cells {
    /// Numbers of the table's texts.
    Text(Vec<u32>),
    Int(Vec<Option<i64>>),
    Decimal(Vec<Option<Decimal>>),
    Time(Vec<Instant>),
    Bool(Vec<Option<bool>>),
}

/// Stands for an empty text.
pub(super) const NO_TEXT: u32 = u32::MAX;
/// Stands for an empty time; those of files lie in our age.
pub(super) const NO_TIME: Instant = Instant::MIN;

/// One column of a held table.
#[derive(Debug)]
pub struct HeldColumn {
    /// Its name.
    pub name: String,
    /// Whether any file had it.
    pub present: bool,
    pub(super) cells: Cells,
}

/// A value to be stored, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    /// Empty or absent.
    Null,
    /// Text.
    Text(Arc<str>),
    /// Whole number.
    Int(i64),
    /// Decimal.
    Decimal(Decimal),
    /// Moment.
    Time(Instant),
    /// Truth value.
    Bool(bool),
}

impl Stored {
    /// As a value of expressions.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Text(t) => Value::Text(t),
            Self::Int(i) => Value::Int(*i),
            Self::Decimal(d) => Value::Decimal(*d),
            Self::Time(t) => Value::Time(*t),
            Self::Bool(b) => Value::Bool(*b),
        }
    }
}

/// A held table.
#[derive(Debug)]
pub struct HeldTable {
    /// Which.
    pub table: Table,
    /// Whether the drop has any file of it.
    pub present: bool,
    pub(super) columns: Vec<HeldColumn>,
    pub(super) len: usize,
    pub(super) texts: Dictionary,
    /// So many rows are expected.
    expected: usize,
}

impl HeldTable {
    /// An empty table with the schema's columns and these extra ones.
    #[must_use]
    pub fn new(table: Table, attributes: &[(String, ColumnType)]) -> Self {
        let column = |name: &str, kind: ColumnType| HeldColumn {
            name: name.to_owned(),
            present: false,
            cells: match kind {
                ColumnType::Text => Cells::Text(Vec::new()),
                ColumnType::Int => Cells::Int(Vec::new()),
                ColumnType::Decimal => Cells::Decimal(Vec::new()),
                ColumnType::Time | ColumnType::Date => Cells::Time(Vec::new()),
                ColumnType::Bool => Cells::Bool(Vec::new()),
            },
        };
        let schema = table.columns().iter().map(|c| column(c.name, c.kind));
        let extra = attributes.iter().map(|(name, kind)| column(name, *kind));
        let columns = schema.chain(extra).collect();
        Self { table, present: false, columns, len: 0, texts: Dictionary::default(), expected: 0 }
    }

    /// Takes room for so many rows in every column that gets any cell. Room that is never written costs nothing, and
    /// growing would cost it twice.
    pub(super) fn expect(&mut self, rows: usize) {
        self.expected = rows;
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The position of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// Whether a file had this column; derived columns are always there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|c| c.name == name && c.present)
    }

    /// Notes that a file had this column.
    pub fn mark_present(&mut self, name: &str) {
        if let Some(c) = self.columns.iter_mut().find(|c| c.name == name) {
            c.present = true;
        }
    }

    /// Appends a row of empty cells and returns its number.
    pub fn push(&mut self) -> usize {
        self.len += 1;
        self.len - 1
    }

    /// Takes the rows, and leaves none.
    pub(super) fn take(&mut self) -> Self {
        let none = Self::new(self.table, &[]);
        std::mem::replace(self, none)
    }

    /// Puts the rows of a table with the same columns behind its own.
    pub(super) fn append(&mut self, other: Self) {
        // The longer list of texts is the one that stays where it is.
        let own = std::mem::replace(&mut self.texts, other.texts);
        let shift = u32::try_from(self.texts.len()).unwrap_or(NO_TEXT);
        self.texts.append(&own);
        for (column, other) in self.columns.iter_mut().zip(other.columns) {
            match (&mut column.cells, other.cells) {
                (Cells::Text(own), Cells::Text(other)) => {
                    own.iter_mut().filter(|n| **n != NO_TEXT).for_each(|n| *n = n.saturating_add(shift));
                    join(own, self.len, other, NO_TEXT);
                }
                (Cells::Int(own), Cells::Int(other)) => join(own, self.len, other, None),
                (Cells::Decimal(own), Cells::Decimal(other)) => join(own, self.len, other, None),
                (Cells::Time(own), Cells::Time(other)) => join(own, self.len, other, NO_TIME),
                (Cells::Bool(own), Cells::Bool(other)) => join(own, self.len, other, None),
                _ => {}
            }
        }
        self.len += other.len;
    }

    /// Sets a cell; a value of another type than the column's leaves it empty.
    pub fn set(&mut self, row: usize, column: usize, value: Stored) {
        let Some(column) = self.columns.get_mut(column) else { return };
        let room = self.expected;
        match (&mut column.cells, value) {
            (Cells::Text(v), Stored::Text(x)) => put(v, row, self.texts.intern(&x), NO_TEXT, room),
            (Cells::Int(v), Stored::Int(x)) => put(v, row, Some(x), None, room),
            (Cells::Decimal(v), Stored::Decimal(x)) => put(v, row, Some(x), None, room),
            (Cells::Decimal(v), Stored::Int(x)) => put(v, row, Some(Decimal::from(x)), None, room),
            (Cells::Time(v), Stored::Time(x)) => put(v, row, x, NO_TIME, room),
            (Cells::Bool(v), Stored::Bool(x)) => put(v, row, Some(x), None, room),
            _ => {}
        }
    }

    /// Sets a text cell.
    pub fn set_text(&mut self, row: usize, column: usize, text: &str) {
        if let Some(HeldColumn { cells: Cells::Text(cells), .. }) = self.columns.get_mut(column) {
            // Many a column repeats itself from row to row.
            let before = cells.last().copied().filter(|n| self.texts.get(*n) == Some(text));
            put(cells, row, before.unwrap_or_else(|| self.texts.intern(text)), NO_TEXT, self.expected);
        }
    }

    /// Sets a text cell that as a rule no other cell is equal to, so that none is looked for.
    pub(super) fn set_id(&mut self, row: usize, column: usize, text: &str) {
        if let Some(HeldColumn { cells: Cells::Text(cells), .. }) = self.columns.get_mut(column) {
            put(cells, row, self.texts.push(text), NO_TEXT, self.expected);
        }
    }

    /// A cell as a value of expressions.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> Value<'_> {
        let Some(column) = self.columns.get(column) else { return Value::Null };
        match &column.cells {
            Cells::Text(v) => v.get(row).and_then(|n| self.texts.get(*n)).map_or(Value::Null, Value::Text),
            Cells::Int(v) => v.get(row).copied().flatten().map_or(Value::Null, Value::Int),
            Cells::Decimal(v) => v.get(row).copied().flatten().map_or(Value::Null, Value::Decimal),
            Cells::Time(v) => v.get(row).filter(|t| **t != NO_TIME).map_or(Value::Null, |t| Value::Time(*t)),
            Cells::Bool(v) => v.get(row).copied().flatten().map_or(Value::Null, Value::Bool),
        }
    }

    /// The times of a column, [`NO_TIME`] for none and none beyond the last that has any.
    pub(super) fn times(&self, column: usize) -> &[Instant] {
        match self.columns.get(column).map(|column| &column.cells) {
            Some(Cells::Time(times)) => times,
            _ => &[],
        }
    }

    /// A cell by column name.
    #[must_use]
    pub fn named(&self, row: usize, column: &str) -> Value<'_> {
        self.column(column).map_or(Value::Null, |c| self.value(row, c))
    }

    /// A text cell by column name.
    #[must_use]
    pub fn text(&self, row: usize, column: &str) -> Option<&str> {
        match self.named(row, column) {
            Value::Text(t) => Some(t),
            _ => None,
        }
    }

    /// A time cell by column name.
    #[must_use]
    pub fn time(&self, row: usize, column: &str) -> Option<Instant> {
        match self.named(row, column) {
            Value::Time(t) => Some(t),
            _ => None,
        }
    }
}

fn join<T: Clone>(own: &mut Vec<T>, len: usize, other: Vec<T>, empty: T) {
    if other.is_empty() {
        return;
    }
    own.reserve_exact(len - own.len().min(len) + other.len());
    own.resize(len, empty);
    own.extend(other);
}

fn put<T: Clone>(cells: &mut Vec<T>, row: usize, value: T, empty: T, room: usize) {
    if cells.capacity() == 0 {
        cells.reserve(room);
    }
    if row >= cells.len() {
        cells.resize(row + 1, empty);
    }
    if let Some(cell) = cells.get_mut(row) {
        *cell = value;
    }
}
