//! The values that an expression over a streamed row sees.

use super::entity::Entities;
use super::held::{HeldTable, Stored};
use super::plan::{Access, BoundFormula, Held};
use crate::calendar::Instant;
use crate::data::{Cell, Row};
use crate::expr::{Clock, Env, Value};

/// The numbers of the held rows that a row refers to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Refers {
    pub group: u32,
    pub member: Option<u32>,
    pub post: Option<u32>,
    pub product: Option<u32>,
}

impl Refers {
    /// The number of the held row of a kind.
    pub fn row(&self, held: Held) -> Option<u32> {
        match held {
            Held::Group => Some(self.group),
            Held::Member => self.member,
            Held::Post => self.post,
            Held::Product => self.product,
        }
    }
}

/// Where cells come from.
#[derive(Clone, Copy)]
pub(super) enum Cells<'a> {
    /// The row being read.
    Live(&'a Row<'a>),
    /// A row kept until the end of its table: its cells, and the slots they are of, ascending.
    Kept(&'a [Stored], &'a [usize]),
}

impl<'a> Cells<'a> {
    fn value(&self, slot: usize) -> Value<'a> {
        match self {
            Self::Live(row) => match row.cell(slot) {
                Cell::Absent | Cell::Null => Value::Null,
                Cell::Text => row.text(slot).map_or(Value::Null, Value::Text),
                Cell::Int(i) => Value::Int(i),
                Cell::Decimal(d) => Value::Decimal(d),
                Cell::Time(t) => Value::Time(t),
                Cell::Bool(b) => Value::Bool(b),
            },
            Self::Kept(cells, slots) => {
                slots.binary_search(&slot).ok().and_then(|at| cells.get(at)).map_or(Value::Null, Stored::value)
            }
        }
    }
}

/// Who answered a question first, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    pub at: Instant,
    pub member: Option<u32>,
}

/// A streamed row with what it refers to.
pub(super) struct RowEnv<'a> {
    pub cells: Cells<'a>,
    pub refers: Refers,
    pub entities: &'a Entities,
    pub access: &'a [Access],
    pub clock: &'a Clock,
    pub answer: Option<Answer>,
}

impl<'a> RowEnv<'a> {
    /// The same row under another expression's names.
    pub fn with(&self, formula: &'a BoundFormula) -> Self {
        Self { access: &formula.access, ..*self }
    }

    fn held(&self, held: Held, column: usize, default: Option<&'static str>) -> Value<'a> {
        let Some(row) = self.refers.row(held) else { return Value::Null };
        let table: &'a HeldTable = match held {
            Held::Group => &self.entities.groups,
            Held::Member => &self.entities.members,
            Held::Post => &self.entities.posts,
            Held::Product => &self.entities.products,
        };
        or_default(table.value(row as usize, column), default)
    }
}

pub(super) fn or_default<'a>(value: Value<'a>, default: Option<&'static str>) -> Value<'a> {
    match (value, default) {
        (Value::Null, Some(text)) => Value::Text(text),
        (value, _) => value,
    }
}

impl<'a> Env<'a> for RowEnv<'a> {
    fn column(&self, slot: usize) -> Value<'a> {
        match self.access.get(slot) {
            Some(Access::Cell(cell, default)) => or_default(self.cells.value(*cell), *default),
            Some(Access::Held(held, column, default)) => self.held(*held, *column, *default),
            Some(Access::AnsweredAt) => self.answer.map_or(Value::Null, |a| Value::Time(a.at)),
            Some(Access::AnsweredByRole) => self.answer.and_then(|a| a.member).map_or(Value::Null, |m| {
                let members = &self.entities.members;
                or_default(members.column("role").map_or(Value::Null, |c| members.value(m as usize, c)), Some("member"))
            }),
            Some(Access::AgeDays | Access::DaysInGroup | Access::Measure(_) | Access::Nothing) | None => Value::Null,
        }
    }

    fn measure(&self, _slot: usize) -> Value<'a> {
        Value::Null
    }

    fn clock(&self) -> &Clock {
        self.clock
    }
}
