//! The cells of a measure as bytes, and back into the cells of a later run, whose entities have other numbers and
//! whose buckets are wider or begin later.

use super::super::accumulate::{Accumulator, Cells, Shape};
use super::super::chained::Chained;
use super::super::masks::Masks;
use super::super::number::Number;
use super::super::tally::MomentCell;
use super::beside::NONE;
use super::bytes::{Damaged, In, Out, Taken, bits, moment};
use super::values::{of_decimal, of_moments, of_number, to_decimal, to_moments, to_number};
use crate::calendar::Day;
use rust_decimal::Decimal;

/// Where what was kept belongs now.
pub(super) struct Target<'m> {
    /// By old number of the entity.
    pub entities: &'m [u32],
    /// By old number of the member.
    pub members: &'m [u32],
    /// By old bucket; [`NONE`] for those that no window reaches any more.
    pub buckets: &'m [u32],
    /// Whether keys are numbers of members.
    pub keys_are_members: bool,
}

impl Target<'_> {
    fn entity(&self, old: usize) -> Taken<u32> {
        known(self.entities, old)
    }

    /// The entity of a cell, and its bucket if any window still reaches it.
    fn place(&self, cell: usize) -> Taken<(u32, Option<usize>)> {
        let width = self.buckets.len().max(1);
        Ok((self.entity(cell / width)?, self.bucket(cell % width)?))
    }

    fn bucket(&self, old: usize) -> Taken<Option<usize>> {
        let bucket = *self.buckets.get(old).ok_or(Damaged)?;
        Ok((bucket != NONE).then_some(bucket as usize))
    }

    fn most(numbers: &[u32]) -> usize {
        numbers.iter().filter(|n| **n != NONE).max().map_or(0, |n| *n as usize + 1)
    }
}

fn known(numbers: &[u32], old: usize) -> Taken<u32> {
    numbers.get(old).copied().filter(|n| *n != NONE).ok_or(Damaged)
}

/// Writes the cells; call it when all rows are in.
pub(super) fn write(rows: &Accumulator, out: &mut Out) {
    out.u8(u8::from(rows.overflow));
    out.i64(rows.first_day.map_or(i64::MIN, |d| i64::from(d.0)));
    match &rows.cells {
        Cells::Rows(counts) => {
            let (cells, wraps) = counts.parts();
            out.u8(0);
            out.sparse(&cells);
            out.count(wraps.len());
            for (at, times) in wraps {
                out.count(at);
                out.u32(times);
            }
        }
        Cells::Sum(cells) => paged(1, cells, out, &|cell| of_decimal(*cell)),
        Cells::Moments(cells) => paged(2, cells, out, &of_moments),
        Cells::Extreme(cells) => paged(3, cells, out, &|cell| of_number(*cell)),
        Cells::Instants(moments) => match moments.parts() {
            Ok(narrow) => {
                out.u8(4);
                let word = |pair: &[u32]| {
                    u64::from(pair.first().copied().unwrap_or(0)) | u64::from(pair.get(1).copied().unwrap_or(0)) << 32
                };
                out.words(narrow.len().div_ceil(2), narrow.chunks(2).map(word));
            }
            Err((all, wide)) => {
                out.u8(5);
                let neutral = moments.neutral();
                let mut words = vec![0; all];
                for (at, micros) in wide {
                    words.iter_mut().skip(at).take(1).for_each(|w| *w = (micros ^ neutral).cast_unsigned());
                }
                out.words(all, words);
            }
        },
        Cells::Members(masks) => {
            out.u8(6);
            write_masks(masks, out);
        }
        Cells::DayBits(masks) => {
            out.u8(7);
            write_masks(masks, out);
        }
        Cells::Days(days) => {
            out.u8(8);
            out.count(days.len());
            for own in days {
                out.count(own.len());
                own.iter().for_each(|d| out.u32(d.0.cast_unsigned()));
            }
        }
        Cells::Keys(keys) => {
            out.u8(9);
            let (keys, masks) = keys.parts();
            out.count(keys.len());
            for (entity, [low, high]) in keys {
                out.u32(entity);
                out.u64(low);
                out.u64(high);
            }
            write_masks(masks, out);
        }
        Cells::Numbers(cells) => {
            out.u8(10);
            out.count(cells.entities().count());
            for entity in cells.entities() {
                out.u32(entity);
                for numbers in cells.page(entity) {
                    out.count(numbers.len());
                    numbers.iter().flat_map(|n| of_number(Some(*n))).for_each(|w| out.u64(w));
                }
            }
        }
    }
}

fn paged<T: Clone + Default, const N: usize>(kind: u8, cells: &Chained<T>, out: &mut Out, of: &dyn Fn(&T) -> [u64; N]) {
    out.u8(kind);
    let entities: Vec<u32> = cells.entities().collect();
    out.count(entities.len());
    entities.iter().for_each(|entity| out.u32(*entity));
    let words = entities.len() * cells.buckets() * N;
    out.words(words, entities.iter().flat_map(|entity| cells.page(*entity)).flat_map(|cell| of(&cell)));
}

fn write_masks(masks: &Masks, out: &mut Out) {
    out.count(masks.words.div_ceil(2));
    out.words(masks.pairs().count(), masks.pairs());
}

/// Adds what was kept to the cells of the same measure.
pub(super) fn merge(rows: &mut Accumulator, input: &mut In<'_>, to: &Target<'_>) -> Taken<()> {
    rows.overflow |= input.u8()? != 0;
    let old_day = input.i64()?;
    let least = rows.shape() == Shape::Least;
    match (input.u8()?, &mut rows.cells) {
        (0, Cells::Rows(counts)) => {
            input.sparse(|cell, count| {
                let (entity, bucket) = to.place(cell)?;
                bucket.into_iter().for_each(|b| counts.add_many(entity, b, u64::from(count)));
                Ok(())
            })?;
            for _ in 0..input.count(12)? {
                let (cell, times) = (usize::try_from(input.u64()?).map_err(|_| Damaged)?, input.u32()?);
                let (entity, bucket) = to.place(cell)?;
                bucket.into_iter().for_each(|b| counts.add_many(entity, b, u64::from(times) << 8));
            }
            Ok(())
        }
        (1, Cells::Sum(cells)) => {
            let overflow = &mut rows.overflow;
            merge_paged(cells, input, to, |cell: &mut Decimal, words| {
                match cell.checked_add(to_decimal(words)?) {
                    Some(sum) => *cell = sum,
                    None => *overflow = true,
                }
                Ok(())
            })
        }
        (2, Cells::Moments(cells)) => {
            let overflow = &mut rows.overflow;
            merge_paged(cells, input, to, |cell: &mut MomentCell, words| {
                match cell.join(to_moments(words)?) {
                    Some(sum) => *cell = sum,
                    None => *overflow = true,
                }
                Ok(())
            })
        }
        (3, Cells::Extreme(cells)) => merge_paged(cells, input, to, |cell: &mut Option<Number>, words| {
            let Some(number) = to_number(words)? else { return Ok(()) };
            let better = |old: Number| if least { number.order(old).is_lt() } else { number.order(old).is_gt() };
            if cell.is_none_or(better) {
                *cell = Some(number);
            }
            Ok(())
        }),
        (kind @ (4 | 5), Cells::Instants(moments)) => {
            let neutral = moments.neutral();
            input.words(|at, word| {
                let found = if kind == 5 {
                    [Some((at, moment(word.cast_signed() ^ neutral)?.0)), None]
                } else {
                    // Both halves are their own cells.
                    let half = |half: u32, code: u64| Some((at * 2 + half as usize, moments.moment_of(code as u32)?));
                    [half(0, word & u64::from(u32::MAX)), half(1, word >> 32)]
                };
                for (cell, micros) in found.into_iter().flatten() {
                    let (entity, bucket) = to.place(cell)?;
                    bucket.into_iter().for_each(|b| moments.add(entity, b, micros));
                }
                Ok(())
            })
        }
        (6, Cells::Members(masks)) => {
            masks.reach(Target::most(to.members));
            each_bit(input, |item, bit| {
                let member = known(to.members, item)?;
                to.bucket(bit)?.into_iter().for_each(|b| masks.set(member as usize, b));
                Ok(())
            })
        }
        (7, Cells::DayBits(masks)) => {
            let first = rows.first_day.map(|d| i64::from(d.0)).ok_or(Damaged)?;
            if old_day == i64::MIN {
                return Err(Damaged);
            }
            masks.reach(Target::most(to.entities));
            let last = masks.width() as i64;
            each_bit(input, |item, bit| {
                let entity = to.entity(item)?;
                let day = i64::try_from(bit).map_err(|_| Damaged)?.saturating_add(old_day).saturating_sub(first);
                if (0..last).contains(&day) {
                    masks.set(entity as usize, day as usize);
                }
                Ok(())
            })
        }
        (8, Cells::Days(days)) => {
            for item in 0..input.count(8)? {
                let count = input.count(4)?;
                if count == 0 {
                    continue;
                }
                let entity = to.entity(item)? as usize;
                if days.len() <= entity {
                    days.resize(entity + 1, Vec::new());
                }
                let own = days.get_mut(entity).ok_or(Damaged)?;
                for _ in 0..count {
                    own.push(Day(input.u32()?.cast_signed()));
                }
                own.sort_unstable();
                own.dedup();
            }
            Ok(())
        }
        (9, Cells::Keys(own)) => {
            let mut keys = Vec::new();
            for _ in 0..input.count(20)? {
                let (entity, [low, high]) = (input.u32()?, [input.u64()?, input.u64()?]);
                let low = match to.keys_are_members {
                    true => u64::from(known(to.members, usize::try_from(low).map_err(|_| Damaged)?)?),
                    false => low,
                };
                keys.push((to.entity(entity as usize)?, [low, high]));
            }
            each_bit(input, |item, bit| {
                let (entity, key) = *keys.get(item).ok_or(Damaged)?;
                to.bucket(bit)?.into_iter().for_each(|bucket| own.add(entity, key, bucket));
                Ok(())
            })
        }
        (10, Cells::Numbers(cells)) => {
            for _ in 0..input.count(4)? {
                let entity = input.u32()? as usize;
                for bucket in 0..to.buckets.len() {
                    for _ in 0..input.count(24)? {
                        let number = to_number([input.u64()?, input.u64()?, input.u64()?])?.ok_or(Damaged)?;
                        let entity = to.entity(entity)?;
                        let cell = to.bucket(bucket)?.and_then(|b| cells.cell(entity, b));
                        cell.into_iter().for_each(|own| own.push(number));
                    }
                }
            }
            Ok(())
        }
        _ => Err(Damaged),
    }
}

/// Hands on the cells of pages that are not all zero.
fn merge_paged<T: Clone + Default, const N: usize>(
    cells: &mut Chained<T>,
    input: &mut In<'_>,
    to: &Target<'_>,
    mut add: impl FnMut(&mut T, [u64; N]) -> Taken<()>,
) -> Taken<()> {
    let mut entities = Vec::new();
    for _ in 0..input.count(4)? {
        entities.push(to.entity(input.u32()? as usize)?);
    }
    let width = to.buckets.len();
    let mut put = |at: usize, words: [u64; N]| {
        let entity = *entities.get(at / width.max(1)).ok_or(Damaged)?;
        match to.bucket(at % width.max(1))? {
            Some(bucket) => add(cells.cell(entity, bucket).ok_or(Damaged)?, words),
            None => Ok(()),
        }
    };
    // Words of one cell come one after another.
    let mut open: Option<(usize, [u64; N])> = None;
    input.words(|at, word| {
        let cell = at / N;
        match &mut open {
            Some((own, words)) if *own == cell => words.iter_mut().skip(at % N).take(1).for_each(|w| *w = word),
            _ => {
                if let Some((own, words)) = open.take() {
                    put(own, words)?;
                }
                let mut words = [0; N];
                words.iter_mut().skip(at % N).take(1).for_each(|w| *w = word);
                open = Some((cell, words));
            }
        }
        Ok(())
    })?;
    open.map_or(Ok(()), |(own, words)| put(own, words))
}

/// Hands on the bits that are set, by item.
fn each_bit(input: &mut In<'_>, mut each: impl FnMut(usize, usize) -> Taken<()>) -> Taken<()> {
    let width = usize::try_from(input.u64()?).map_err(|_| Damaged)?.max(1);
    input.words(|at, word| {
        let (item, from) = (at / width, at % width * 64);
        bits(word).try_for_each(|bit| each(item, from + bit))
    })
}
