//! What rows add, on the way to their cells. Cells lie far apart in memory and belong to all threads; asked for
//! many at once, memory answers sooner, and a lock is taken once for all of them.

use super::accumulate::Item;
use super::columns::NONE;
use super::number::Number;
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

/// The rows of a block, by what places them; [`NONE`] where they are of no entity or lie in no bucket.
#[derive(Clone, Copy)]
pub(super) struct Columns<'c> {
    pub entities: &'c [u32],
    pub buckets: &'c [u32],
    pub members: &'c [u32],
    pub days: &'c [Day],
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

    /// Adds what many rows of a block bring, each with its item; `true` when the batch is full.
    pub fn add_all(&mut self, rows: &[u32], columns: Columns<'_>, item: impl Fn(usize) -> Item) -> bool {
        let Columns { entities, buckets, members, days } = columns;
        let placed = rows.iter().enumerate().filter_map(|(number, at)| {
            let (entity, bucket) = (*entities.get(*at as usize)?, *buckets.get(*at as usize)?);
            (entity != NONE && bucket != NONE).then_some((number, *at as usize, entity, bucket))
        });
        match &mut self.rows {
            Waiting::Places(rows) => {
                rows.extend(placed.map(|(.., entity, bucket)| (entity, bucket)));
                rows.len() >= FULL
            }
            Waiting::Members(rows) => {
                rows.extend(placed.filter_map(|(_, at, _, bucket)| Some((*members.get(at)?, bucket))));
                rows.len() >= FULL
            }
            Waiting::Instants(rows) => {
                rows.extend(placed.filter_map(|(number, _, entity, bucket)| match item(number) {
                    Item::Number(Number::Time(t)) => Some((entity, bucket, t.0)),
                    _ => None,
                }));
                rows.len() >= FULL
            }
            Waiting::Days { first, most, rows } => {
                let day = |at: usize| offset(*days.get(at)?, *first, *most);
                rows.extend(placed.filter_map(|(_, at, entity, _)| Some((entity, day(at)?))));
                rows.len() >= FULL
            }
            Waiting::Rows(rows) => {
                rows.extend(placed.filter_map(|(number, at, entity, bucket)| {
                    Some(Addition { entity, bucket, day: *days.get(at)?, item: item(number) })
                }));
                rows.len() >= FULL
            }
        }
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
