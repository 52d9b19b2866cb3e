//! What the rows of a measure bring to its cells: numbers, keys, texts to be split by.

use super::accumulate::{Item, Shape};
use super::batch::Items;
use super::columns::{BlockColumns, NONE};
use super::dispatch::code;
use super::entity::Entities;
use super::fold::{MeasureFold, TableFold};
use super::hand::env;
use super::hash::KeyHasher;
use super::held::NO_TIME;
use super::number::Number;
use super::plan::{Held, KeyPart, Plan};
use super::row::RowEnv;
use crate::calendar::Instant;
use crate::data::{Block, Cell};
use crate::expr::Value;
use std::sync::Arc;

/// What rows of a block bring, by place.
#[derive(Debug, Default)]
pub(super) struct Brought {
    numbers: Vec<Number>,
    keys: Vec<u128>,
}

impl Brought {
    /// Nothing but the rows.
    pub fn clear(&mut self) {
        self.numbers.clear();
        self.keys.clear();
    }

    /// What rows bring to cells of a measure, which may tell members as keys: what was found, or what is known of them
    /// without being found. `timed` says that they bring the time that places them.
    pub fn items<'i>(
        &'i self,
        measure: &MeasureFold<'_>,
        timed: bool,
        keyed: bool,
        columns: &'i BlockColumns,
    ) -> Items<'i> {
        match (self.numbers.as_slice(), self.keys.as_slice()) {
            _ if keyed && measure.shape == Shape::Members => Items::Persons(&columns.members),
            _ if timed => Items::Times(columns.known_times(measure.on)),
            ([], []) => Items::Rows,
            ([], keys) => Items::Keys(keys),
            (numbers, _) => Items::Numbers(numbers),
        }
    }

    /// Finds what rows bring to a measure, and leaves those that bring something.
    pub fn ask(
        &mut self,
        measure: &MeasureFold<'_>,
        counted: &mut Vec<u32>,
        columns: &BlockColumns,
        rows: &Block<'_>,
        fold: &TableFold<'_>,
    ) {
        self.clear();
        match measure.shape {
            Shape::Keys => self.keys.resize(columns.len(), 0),
            _ => self.numbers.resize(columns.len(), Number::Int(0)),
        }
        // What hangs on the kind of a row alone is worked out once a kind.
        let kinds = fold.kind.filter(|_| measure.by_kind).map(|slot| rows.texts(slot));
        let mut of_kind: Vec<(u128, Option<Item>)> = Vec::new();
        counted.retain(|at| {
            let at = *at as usize;
            let Some((row, refers)) = columns.row(rows, at) else { return false };
            let find = || {
                let on = columns.time(measure.on, at)?;
                item(fold.plan, measure, on, &env(fold, &row, refers))
            };
            let place = columns.places().get(at).map_or(usize::MAX, |row| *row as usize);
            let item = match (measure.cell, kinds.and_then(|kinds| kinds.bytes(place)).map_or(0, code)) {
                (Some(slot), _) if measure.shape != Shape::Keys => number_in(row.cell(slot)).map(Item::Number),
                (_, 0) => find(),
                (_, kind) => of_kind.iter().find(|known| known.0 == kind).map(|known| known.1).unwrap_or_else(|| {
                    let found = find();
                    of_kind.push((kind, found));
                    found
                }),
            };
            match (item, self.numbers.get_mut(at), self.keys.get_mut(at)) {
                (Some(Item::Number(number)), Some(place), _) => *place = number,
                (Some(Item::Key(key)), _, Some(place)) => *place = key,
                _ => return false,
            }
            true
        });
    }
}

/// The days after a time of a row's entity within which it counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct After {
    pub micros: i64,
    pub held: Held,
    /// The entity's column with the time.
    pub column: usize,
}

impl After {
    /// The times of all entities.
    fn starts<'e>(&self, entities: &'e Entities) -> &'e [Instant] {
        let table = match self.held {
            Held::Group => &entities.groups,
            Held::Member => &entities.members,
            Held::Post => &entities.posts,
            Held::Product => &entities.products,
        };
        table.times(self.column)
    }

    #[inline]
    fn takes(&self, start: Instant, on: Instant) -> bool {
        start != NO_TIME && start <= on && on.0 < start.0.saturating_add(self.micros)
    }

    /// Whether a time lies within them; `row` is the entity's.
    pub fn take(&self, row: Option<u32>, on: Instant, entities: &Entities) -> bool {
        let start = row.and_then(|row| self.starts(entities).get(row as usize));
        start.is_some_and(|start| self.takes(*start, on))
    }

    /// The rows of a block whose times lie within them, of those at some places.
    pub fn choose(
        &self,
        places: &[u32],
        times: &[Instant],
        columns: &BlockColumns,
        entities: &Entities,
        into: &mut Vec<u32>,
    ) {
        let (starts, rows) = (self.starts(entities), columns.held(self.held));
        let takes = |at: &u32| {
            let row = rows.get(*at as usize).copied().unwrap_or(NONE);
            let start = starts.get(row as usize).copied().unwrap_or(NO_TIME);
            times.get(*at as usize).is_some_and(|on| self.takes(start, *on))
        };
        into.clear();
        into.extend(places.iter().copied().filter(takes));
    }
}

/// The number in a cell, if it holds one.
fn number_in(cell: Cell) -> Option<Number> {
    match cell {
        Cell::Int(i) => Some(Number::Int(i)),
        Cell::Decimal(d) => Some(Number::Decimal(d)),
        Cell::Time(t) => Some(Number::Time(t)),
        Cell::Absent | Cell::Null | Cell::Text | Cell::Bool(_) => None,
    }
}

/// What a row brings to a measure; `None` if its number is NULL.
pub(super) fn item(plan: &Plan, measure: &MeasureFold<'_>, on: Instant, env: &RowEnv<'_>) -> Option<Item> {
    match measure.shape {
        Shape::Rows | Shape::Days => Some(Item::Row),
        Shape::Members => env.refers.member.map(Item::Member),
        Shape::Keys => {
            let mut hasher = KeyHasher::new();
            for part in &measure.keys {
                match part {
                    KeyPart::Member => hasher.add(env.entities.member_key(env.refers.member?)?),
                    KeyPart::Day => hasher.add(env.clock.zone.day(on).0),
                    KeyPart::Formula(bound) => {
                        let formula = plan.formula(*bound)?;
                        match formula.expr.eval(&env.with(formula)) {
                            // As in SQL, a NULL is not counted.
                            Value::Null => return None,
                            value => hasher.add_value(value),
                        }
                    }
                }
            }
            Some(Item::Key(hasher.key()))
        }
        Shape::Sum | Shape::Moments | Shape::Least | Shape::Most | Shape::Numbers => {
            let formula = plan.formula(measure.argument?)?;
            Number::from_value(formula.expr.eval(&env.with(formula))).map(Item::Number)
        }
    }
}

/// The text by which a row is sorted into a breakdown.
pub(super) fn split_text(value: Value<'_>) -> Option<Arc<str>> {
    match value {
        Value::Null | Value::Time(_) => None,
        Value::Text(t) => Some(Arc::from(t)),
        Value::Bool(b) => Some(Arc::from(if b { "true" } else { "false" })),
        Value::Int(i) => Some(Arc::from(i.to_string())),
        Value::Decimal(d) => Some(Arc::from(d.normalize().to_string())),
        Value::Float(f) => Some(Arc::from(f.to_string())),
    }
}

/// What stands for a group and the value that it is split by.
pub(super) fn split_key(group: u32, value: Value<'_>) -> u128 {
    let mut hasher = KeyHasher::new();
    hasher.add(group);
    hasher.add_value(value);
    hasher.key()
}
