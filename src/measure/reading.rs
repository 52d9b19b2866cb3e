//! What cells come to, of one entity or of all entities of a group side by side.

use super::accumulate::{Accumulator, Cells, Shape};
use super::cuts::Span;
use super::number::Number;
use super::tally::{Tally, count, longest_run, mean, median, moments};
use crate::calendar::{Day, Instant};
use crate::expr::{Column, Fixed, Value};
use rust_decimal::Decimal;
use std::ops::Range;

impl Accumulator {
    /// What an entity's rows in a span come to. `members` are the memberships to look at where
    /// members are counted for a group.
    #[must_use]
    pub fn read(&self, entity: u32, span: &Span, members: &[u32]) -> Tally {
        if self.overflow {
            return Tally::Overflow;
        }
        let range = span.buckets.clone();
        match &self.cells {
            Cells::Rows(cells) => Tally::Number(Some(Number::Int(cells.sum(entity, &range)))),
            Cells::Sum(cells) => sum(cells.run(entity, &range))
                .map_or(Tally::Overflow, |sum| Tally::Number(Some(Number::Decimal(sum.normalize())))),
            Cells::Moments(cells) => moments(cells.run(entity, &range)),
            Cells::Extreme(cells) => {
                let all = cells.run(entity, &range).copied().flatten();
                Tally::Number(if self.shape == Shape::Least {
                    all.min_by(|a, b| a.order(*b))
                } else {
                    all.max_by(|a, b| a.order(*b))
                })
            }
            Cells::Instants(cells) => Tally::Number(cells.best(entity, &range).map(|t| Number::Time(Instant(t)))),
            Cells::Members(masks) => Tally::Number(Some(count(masks.how_many(members, &range)))),
            Cells::DayBits(_) | Cells::Days(_) => Tally::Number(Some(count(self.days(entity, span).len()))),
            Cells::Keys(keys) => Tally::Number(Some(count(keys.count(entity, &range)))),
            Cells::Numbers(cells) => {
                let all: Vec<Number> = cells.run(entity, &range).flatten().copied().collect();
                Tally::Number(median(all))
            }
        }
    }

    /// What the rows of each entity of a group come to, by its list, as [`Accumulator::read`] says of one; members are
    /// counted each by itself. `None` where they are read one by one.
    #[must_use]
    pub fn column(&self, group: u32, entities: &[u32], span: &Span) -> Option<Column<'static>> {
        if self.overflow {
            return None;
        }
        Some(match &self.cells {
            Cells::Sum(cells) => {
                let sum = |entity: &u32| sum(cells.run(*entity, &span.buckets));
                Column::Fixed(Fixed::from_decimals(entities.iter().map(sum))?)
            }
            Cells::Moments(cells) => {
                let value = |entity: &u32| match mean(cells.run(*entity, &span.buckets)) {
                    Some(mean) => Value::Float(mean),
                    None => Value::Null,
                };
                Column::Values(entities.iter().map(value).collect())
            }
            Cells::Instants(cells) => {
                let best = cells.all_best(group as usize, entities, &span.buckets);
                Column::Times(best.into_iter().map(|best| best.map_or(Instant::MIN, Instant)).collect())
            }
            Cells::Members(masks) => {
                let met = |member: &u32| i64::from(masks.any(*member as usize, &span.buckets));
                Column::Ints(entities.iter().map(met).collect())
            }
            _ => Column::Ints(self.counts(group, entities, span)?),
        })
    }

    /// How many rows or days there are of each entity of a group, by its list; `None` where other things are kept.
    #[must_use]
    pub fn counts(&self, group: u32, entities: &[u32], span: &Span) -> Option<Vec<i64>> {
        match &self.cells {
            Cells::Rows(cells) => Some(cells.sums(group as usize, entities, &span.buckets)),
            Cells::DayBits(masks) => {
                let bits = self.day_bits(span, masks.width());
                Some(entities.iter().map(|e| masks.count(*e as usize, &bits)).collect())
            }
            _ => None,
        }
    }

    /// The longest run of consecutive local days of each entity.
    #[must_use]
    pub fn runs(&self, entities: &[u32], span: &Span) -> Vec<i64> {
        match &self.cells {
            Cells::DayBits(masks) => {
                let bits = self.day_bits(span, masks.width());
                entities.iter().map(|e| masks.longest_run(*e as usize, &bits)).collect()
            }
            _ => entities.iter().map(|entity| longest_run(&self.days(*entity, span))).collect(),
        }
    }

    /// The bits of the days of a span.
    fn day_bits(&self, span: &Span, width: usize) -> Range<usize> {
        let first = self.first_day.map_or(0, |first| i64::from(first.0));
        let bit = |day: Day| usize::try_from(i64::from(day.0) - first).unwrap_or(0);
        bit(span.days.0)..bit(span.days.1).min(width)
    }

    /// The ascending local days of an entity's rows in a span.
    #[must_use]
    pub fn days(&self, entity: u32, span: &Span) -> Vec<Day> {
        match (&self.cells, self.first_day) {
            (Cells::DayBits(masks), Some(first)) => {
                let bits = self.day_bits(span, masks.width());
                masks
                    .among(entity as usize, &bits)
                    .filter_map(|b| i32::try_from(b).ok().map(|b| Day(first.0 + b)))
                    .collect()
            }
            (Cells::Days(cells), _) => {
                let days = cells.get(entity as usize).map_or(&[][..], Vec::as_slice);
                let from = days.partition_point(|d| *d < span.days.0);
                let to = days.partition_point(|d| *d < span.days.1);
                days.get(from..to).unwrap_or(&[]).to_vec()
            }
            _ => Vec::new(),
        }
    }
}

/// The exact sum; `None` if it is too large.
fn sum<'d>(decimals: impl Iterator<Item = &'d Decimal>) -> Option<Decimal> {
    let mut decimals = decimals.filter(|d| !d.is_zero());
    let first = decimals.next().copied().unwrap_or_default();
    decimals.try_fold(first, |sum, d| sum.checked_add(*d))
}

#[cfg(test)]
mod tests {
    use super::super::accumulate::{Item, Layout};
    use super::*;
    use proptest::prelude::*;

    /// Days in a bucket, buckets, entities.
    const SIZES: (i32, usize, u32) = (10, 4, 6);

    fn accumulator(shape: Shape, rows: &[(u32, i32, i64)]) -> Accumulator {
        let (days, buckets, _) = SIZES;
        let layout = Layout { buckets, days: Some((Day(0), Day(days * 4))) };
        let instants = matches!(shape, Shape::Least | Shape::Most);
        let mut filled = Accumulator::new(shape, instants, layout);
        for (entity, day, number) in rows {
            let item = match shape {
                Shape::Members => Item::Member(*entity),
                Shape::Least | Shape::Most => Item::Number(Number::Time(Instant(*number))),
                _ => Item::Number(Number::Decimal(Decimal::new(*number, (number % 3).unsigned_abs() as u32))),
            };
            filled.add(*entity, usize::try_from(day / days).unwrap_or(0), Day(*day), item);
        }
        filled
    }

    proptest! {
        #[test]
        fn what_is_read_of_many_is_of_each_what_is_read_of_one(
            rows in proptest::collection::vec((0..SIZES.2, 0..40, -500i64..500), 0..40),
            ends in (0usize..5, 0usize..5), by_group in any::<bool>(),
        ) {
            let (days, _, entities) = SIZES;
            let lists = [vec![4, 1], vec![], (0..entities).filter(|e| ![1, 4].contains(e)).collect()];
            let buckets = ends.0.min(ends.1)..ends.0.max(ends.1);
            let day = |bucket: usize| Day(days * i32::try_from(bucket).unwrap_or(0));
            let span = Span { days: (day(buckets.start), day(buckets.end)), buckets };
            let shapes = [Shape::Rows, Shape::Sum, Shape::Moments, Shape::Least, Shape::Most, Shape::Members, Shape::Days];
            for shape in shapes {
                let mut filled = accumulator(shape, &rows);
                filled.lay_out(by_group.then_some(&lists[..]));
                for (group, list) in (0..).zip(&lists) {
                    let Some(column) = filled.column(group, list, &span) else {
                        return Err(TestCaseError::fail(format!("{shape:?} are read one by one")));
                    };
                    let runs = (shape == Shape::Days).then(|| filled.runs(list, &span));
                    for (at, entity) in list.iter().enumerate() {
                        let one = match filled.read(*entity, &span, &[*entity]) {
                            Tally::Number(number) => number.map_or(Value::Null, Number::value),
                            Tally::Moments(m) if m.n > 0 => Value::Float(m.mean),
                            _ => Value::Null,
                        };
                        prop_assert_eq!(column.get(at), one, "{:?} of {} in {:?}", shape, entity, &span);
                        if let Some(runs) = &runs {
                            prop_assert_eq!(runs.get(at), Some(&longest_run(&filled.days(*entity, &span))));
                        }
                    }
                }
            }
        }
    }
}
