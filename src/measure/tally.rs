//! What rows come to: counts, sums, means, medians, runs of days.

use super::accumulate::{Item, Shape};
use super::fact::Moments;
use super::number::Number;
use crate::calendar::Day;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeSet;

/// What the cells of an entity and interval come to.
#[derive(Debug, Clone, PartialEq)]
pub enum Tally {
    /// A number; `None` if there is nothing to take the smallest or largest of.
    Number(Option<Number>),
    /// For means.
    Moments(Moments),
    /// Sums too large to hold.
    Overflow,
}

/// Number, sum and sum of squares of some numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MomentCell {
    pub(super) n: u64,
    pub(super) sum: Decimal,
    pub(super) squares: Decimal,
}

impl MomentCell {
    /// With the numbers of another; `None` if a sum overflows.
    pub fn join(self, other: Self) -> Option<Self> {
        let (sum, squares) = (self.sum.checked_add(other.sum)?, self.squares.checked_add(other.squares)?);
        Some(Self { n: self.n.checked_add(other.n)?, sum, squares })
    }

    /// With one more number; `None` if a sum overflows.
    pub fn plus(self, number: Number) -> Option<Self> {
        let d = number.to_decimal()?;
        let squares = self.squares.checked_add(d.checked_mul(d)?)?;
        Some(Self { n: self.n + 1, sum: self.sum.checked_add(d)?, squares })
    }
}

pub(super) fn count(n: usize) -> Number {
    Number::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

pub(super) fn moments<'a>(cells: impl IntoIterator<Item = &'a MomentCell>) -> Tally {
    let mut all = MomentCell::default();
    // Most entities have rows in few of the cells.
    for cell in cells.into_iter().filter(|c| c.n > 0) {
        let (Some(sum), Some(squares)) = (all.sum.checked_add(cell.sum), all.squares.checked_add(cell.squares)) else {
            return Tally::Overflow;
        };
        all = MomentCell { n: all.n + cell.n, sum, squares };
    }
    if all.n == 0 {
        return Tally::Moments(Moments { n: 0, mean: 0.0, variance: None });
    }
    let n = all.n as f64;
    let sum = all.sum.to_f64().unwrap_or(0.0);
    // Divided as decimals: a mean that is a cut point must not miss it by rounding.
    let mean = match all.sum.checked_div(Decimal::from(all.n)) {
        Some(mean) => Number::Decimal(mean).to_f64(),
        None => 0.0,
    };
    let variance = (all.n > 1).then(|| {
        // Exact until the last division, so that no digits cancel.
        let exact = Decimal::from(all.n)
            .checked_mul(all.squares)
            .zip(all.sum.checked_mul(all.sum))
            .and_then(|(a, b)| (a - b).to_f64());
        (exact.unwrap_or_else(|| n * all.squares.to_f64().unwrap_or(0.0) - sum * sum) / (n * (n - 1.0))).max(0.0)
    });
    Tally::Moments(Moments { n: all.n, mean, variance })
}

/// The mean alone; `None` of no numbers, or if their sum is too large.
pub(super) fn mean<'a>(cells: impl IntoIterator<Item = &'a MomentCell>) -> Option<f64> {
    let mut cells = cells.into_iter().filter(|cell| cell.n > 0);
    let first = cells.next()?;
    let (n, sum) = cells
        .try_fold((first.n, first.sum), |(n, sum), cell| Some((n.checked_add(cell.n)?, sum.checked_add(cell.sum)?)))?;
    // Most have one number, which is its own mean.
    let mean = if n == 1 { Some(sum) } else { sum.checked_div(Decimal::from(n)) };
    mean.map(|mean| Number::Decimal(mean).to_f64())
}

/// What whole multiples of a power of ten come to, `10^-scale` each: exact, and without a decimal for each. `None` where
/// numbers of this kind are not taken together so, or the sums are too large.
pub(super) fn multiples(shape: Shape, scale: u32, numbers: &mut dyn Iterator<Item = i64>) -> Option<Tally> {
    Some(match shape {
        Shape::Sum => {
            let sum = numbers.map(i128::from).sum();
            Tally::Number(Some(Number::Decimal(Decimal::try_from_i128_with_scale(sum, scale).ok()?.normalize())))
        }
        Shape::Moments => {
            let (mut n, mut sum, mut squares) = (0, 0_i128, 0_i128);
            for number in numbers.map(i128::from) {
                (n, sum, squares) = (n + 1, sum + number, squares.checked_add(number * number)?);
            }
            let sum = Decimal::try_from_i128_with_scale(sum, scale).ok()?;
            let squares = Decimal::try_from_i128_with_scale(squares, 2 * scale).ok()?;
            moments([&MomentCell { n, sum, squares }])
        }
        Shape::Numbers => {
            let mut all: Vec<i64> = numbers.collect();
            let middle = all.len() / 2;
            if all.is_empty() {
                return Some(Tally::Number(None));
            }
            let even = all.len().is_multiple_of(2);
            let (below, high, _) = all.select_nth_unstable(middle);
            let number = |multiple: i64| Number::Decimal(Decimal::new(multiple, scale)).to_f64();
            let low = below.iter().max().filter(|_| even).map_or(*high, |low| *low);
            Tally::Number(Some(Number::Float(f64::midpoint(number(low), number(*high)))))
        }
        _ => return None,
    })
}

/// The middle number, or the mean of the middle two.
#[must_use]
pub fn median(mut numbers: Vec<Number>) -> Option<Number> {
    numbers.sort_by(|a, b| a.order(*b));
    let high = *numbers.get(numbers.len() / 2)?;
    if numbers.len() % 2 == 1 {
        return Some(Number::Float(high.to_f64()));
    }
    let low = *numbers.get(numbers.len() / 2 - 1)?;
    Some(Number::Float(f64::midpoint(low.to_f64(), high.to_f64())))
}

/// The length of the longest run of consecutive days.
#[must_use]
pub fn longest_run(days: &[Day]) -> i64 {
    let (mut best, mut run, mut last) = (0, 0, None);
    for day in days {
        run = if last.is_some_and(|l: Day| l.plus(1) == *day) { run + 1 } else { 1 };
        best = best.max(run);
        last = Some(*day);
    }
    best
}

/// Folds numbers of held rows: what the accumulators do for streamed ones, without buckets.
#[derive(Debug)]
pub struct Tallier {
    shape: Shape,
    numbers: Vec<Number>,
    keys: BTreeSet<u128>,
    rows: u64,
}

impl Tallier {
    /// Nothing yet.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        Self { shape, numbers: Vec::new(), keys: BTreeSet::new(), rows: 0 }
    }

    /// Adds what a row brings.
    pub fn add(&mut self, item: Item) {
        self.rows += 1;
        match item {
            Item::Row => {}
            Item::Number(n) => self.numbers.push(n),
            Item::Member(m) => {
                self.keys.insert(u128::from(m));
            }
            Item::Key(k) => {
                self.keys.insert(k);
            }
        }
    }

    /// How many rows were added.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What they come to.
    #[must_use]
    pub fn finish(self) -> Tally {
        let extreme = |all: Vec<Number>, least: bool| {
            all.into_iter().reduce(|a, b| if (b.order(a).is_lt()) == least { b } else { a })
        };
        match self.shape {
            Shape::Rows => Tally::Number(Some(Number::Int(i64::try_from(self.rows).unwrap_or(i64::MAX)))),
            Shape::Members | Shape::Keys | Shape::Days => Tally::Number(Some(count(self.keys.len()))),
            Shape::Sum => self
                .numbers
                .iter()
                .try_fold(Decimal::ZERO, |sum, n| n.to_decimal().and_then(|d| sum.checked_add(d)))
                .map_or(Tally::Overflow, |d| Tally::Number(Some(Number::Decimal(d.normalize())))),
            Shape::Moments => {
                let mut all = MomentCell::default();
                for n in &self.numbers {
                    let Some(sum) = all.plus(*n) else { return Tally::Overflow };
                    all = sum;
                }
                moments(std::iter::once(&all))
            }
            Shape::Least => Tally::Number(extreme(self.numbers, true)),
            Shape::Most => Tally::Number(extreme(self.numbers, false)),
            Shape::Numbers => Tally::Number(median(self.numbers)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_run_is_broken_by_a_missing_day() {
        let days = |list: &[i32]| list.iter().map(|d| Day(*d)).collect::<Vec<_>>();
        assert_eq!(longest_run(&days(&[])), 0);
        assert_eq!(longest_run(&days(&[1, 2, 3, 5, 6])), 3);
    }

    proptest! {
        #[test]
        fn multiples_come_to_what_their_numbers_come_to(
            numbers in proptest::collection::vec(-1_000_000i64..1_000_000, 0..9), scale in 0u32..5,
        ) {
            for shape in [Shape::Sum, Shape::Moments, Shape::Numbers] {
                let mut tallier = Tallier::new(shape);
                for number in &numbers {
                    tallier.add(Item::Number(Number::Decimal(Decimal::new(*number, scale))));
                }
                prop_assert_eq!(multiples(shape, scale, &mut numbers.iter().copied()), Some(tallier.finish()));
            }
        }

        #[test]
        fn a_mean_alone_is_that_of_the_moments(
            numbers in proptest::collection::vec((-1000i64..1000, 0u32..3), 0..6), parts in 1usize..4,
        ) {
            let decimals: Vec<Decimal> = numbers.iter().map(|(m, scale)| Decimal::new(*m, *scale)).collect();
            let cell = |part: &[Decimal]| part.iter().try_fold(MomentCell::default(), |cell, d| cell.plus(Number::Decimal(*d)));
            let cells: Vec<MomentCell> = decimals.chunks(parts).filter_map(cell).collect();
            let Tally::Moments(all) = moments(&cells) else { return Err(TestCaseError::fail("small sums fit")) };
            prop_assert_eq!(mean(&cells), (all.n > 0).then_some(all.mean));
        }
    }

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        let n = |i| Number::Int(i);
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![n(3), n(1), n(2)]), Some(Number::Float(2.0)));
        assert_eq!(median(vec![n(4), n(1), n(2), n(3)]), Some(Number::Float(2.5)));
    }
}
