//! What rows add, on the way to their cells. Cells lie far apart in memory and belong to all threads; asked for
//! many at once, memory answers sooner, and a lock is taken once for all of them.

use super::accumulate::Item;
use crate::calendar::Day;

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

impl Batch {
    /// Adds what a row of an entity brings; `true` when the batch is full.
    #[inline]
    pub fn add(&mut self, entity: u32, bucket: usize, day: Day, item: Item) -> bool {
        // There are never so many buckets.
        let bucket = u32::try_from(bucket).unwrap_or(u32::MAX);
        match (&mut self.rows, item) {
            (Waiting::Places(rows), _) => push(rows, (entity, bucket)),
            (Waiting::Members(rows), Item::Member(member)) => push(rows, (member, bucket)),
            (Waiting::Instants(rows), Item::Number(super::number::Number::Time(t))) => {
                push(rows, (entity, bucket, t.0))
            }
            (Waiting::Days { first, most, rows }, _) => match usize::try_from(i64::from(day.0) - i64::from(*first)) {
                Ok(offset) if offset < *most => push(rows, (entity, u32::try_from(offset).unwrap_or(u32::MAX))),
                _ => false,
            },
            (Waiting::Rows(rows), item) => push(rows, Addition { entity, bucket, day, item }),
            _ => false,
        }
    }
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
