//! What rows add, on the way to their cells. Cells lie far apart in memory and belong to all threads; asked for
//! many at once, memory answers sooner, and a lock is taken once for all of them.

use super::accumulate::Item;
use super::columns::{Cells, NONE};
use super::number::Number;
use crate::calendar::{Day, Instant};

/// How many rows wait.
pub(super) const FULL: usize = 512;

/// What a row adds to a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addition {
    pub entity: u32,
    pub bucket: u32,
    pub day: Day,
    pub item: Item,
}

/// Rows that wait, as narrow as their cells allow.
#[derive(Debug)]
pub(super) enum Waiting {
    /// Entities and buckets.
    Places(Vec<(u32, u32)>),
    /// Members and buckets.
    Members(Vec<(u32, u32)>),
    /// Entities and days from the first.
    Days {
        first: i32,
        /// So many days have room.
        most: usize,
        rows: Vec<(u32, u32)>,
    },
    /// Entities, buckets and microseconds.
    Instants(Vec<(u32, u32, i64)>),
    /// Anything else.
    Rows(Vec<Addition>),
}

/// Rows of one thread that wait for the cells of one accumulator.
#[derive(Debug)]
pub struct Batch {
    pub(super) rows: Waiting,
}

/// The rows of a block, by what places them; [`NONE`] where they are of no entity or lie in no bucket.
#[derive(Clone, Copy)]
pub(super) struct Columns<'c> {
    pub entities: &'c [u32],
    /// Whether all rows are of some entity.
    pub known: bool,
    pub buckets: Cells<'c, u32>,
    pub members: &'c [u32],
    pub days: &'c [Day],
}

/// What rows bring, by their places in the block.
#[derive(Clone, Copy)]
pub(super) enum Items<'i> {
    /// Nothing but themselves.
    Rows,
    Numbers(&'i [Number]),
    Times(&'i [Instant]),
    Keys(&'i [u128]),
    /// Their members, told apart like keys.
    Persons(&'i [u32]),
}

impl Items<'_> {
    /// What the row of a place brings.
    #[inline]
    pub fn get(&self, at: usize) -> Item {
        match self {
            Self::Rows => Item::Row,
            Self::Numbers(numbers) => numbers.get(at).map_or(Item::Row, |number| Item::Number(*number)),
            Self::Times(times) => times.get(at).map_or(Item::Row, |time| Item::Number(Number::Time(*time))),
            Self::Keys(keys) => keys.get(at).map_or(Item::Row, |key| Item::Key(*key)),
            Self::Persons(members) => members.get(at).map_or(Item::Row, |member| Item::Key(u128::from(*member))),
        }
    }
}

impl Batch {
    /// Adds what a row of an entity brings; `true` when the batch is full.
    #[inline]
    pub fn add(&mut self, entity: u32, bucket: usize, day: Day, item: Item) -> bool {
        // There are never so many buckets.
        let bucket = u32::try_from(bucket).unwrap_or(NONE);
        match (&mut self.rows, item) {
            (Waiting::Places(rows), _) => push(rows, (entity, bucket)),
            (Waiting::Members(rows), Item::Member(member)) => push(rows, (member, bucket)),
            (Waiting::Instants(rows), Item::Number(Number::Time(t))) => push(rows, (entity, bucket, t.0)),
            (Waiting::Days { first, most, rows }, _) => match offset(day, *first, *most) {
                Some(offset) => push(rows, (entity, offset)),
                None => false,
            },
            (Waiting::Rows(rows), item) => push(rows, Addition { entity, bucket, day, item }),
            _ => false,
        }
    }

    /// Adds what many rows of a block bring; `true` when the batch is full.
    pub fn add_all(&mut self, rows: &[u32], columns: Columns<'_>, items: Items<'_>) -> bool {
        let Columns { entities, known, buckets, members, days } = columns;
        let cell = |cells: &[u32], at: &u32| cells.get(*at as usize).copied().unwrap_or(NONE);
        if let (Cells::Common(bucket), true) = (buckets, known) {
            // Nearly always; then nothing has to be left out.
            match (&mut self.rows, items) {
                (Waiting::Places(out), _) => {
                    out.extend(rows.iter().map(|at| (cell(entities, at), bucket)));
                    return out.len() >= FULL;
                }
                (Waiting::Members(out), _) => {
                    out.extend(rows.iter().map(|at| (cell(members, at), bucket)));
                    return out.len() >= FULL;
                }
                (Waiting::Instants(out), Items::Times(times)) => {
                    let time = |at: &u32| times.get(*at as usize).map_or(0, |time| time.0);
                    out.extend(rows.iter().map(|at| (cell(entities, at), bucket, time(at))));
                    return out.len() >= FULL;
                }
                _ => {}
            }
        }
        let mut full = false;
        for at in rows {
            let (entity, at) = (cell(entities, at), *at as usize);
            let Some(bucket) = buckets.get(at).filter(|bucket| *bucket != NONE && entity != NONE) else { continue };
            let item = match &self.rows {
                Waiting::Members(_) => Item::Member(members.get(at).copied().unwrap_or(NONE)),
                _ => items.get(at),
            };
            full |= self.add(entity, bucket as usize, days.get(at).copied().unwrap_or(Day(0)), item);
        }
        full
    }
}

/// A day counted from the first, where it has room.
#[inline]
fn offset(day: Day, first: i32, most: usize) -> Option<u32> {
    let offset = u32::try_from(i64::from(day.0) - i64::from(first)).ok()?;
    ((offset as usize) < most).then_some(offset)
}

#[inline]
fn push<T>(rows: &mut Vec<T>, row: T) -> bool {
    rows.push(row);
    rows.len() >= FULL
}

/// How many entities there must be room for.
pub(super) fn reached(rows: &[(u32, u32)]) -> usize {
    rows.iter().map(|r| r.0 as usize + 1).max().unwrap_or(0)
}
