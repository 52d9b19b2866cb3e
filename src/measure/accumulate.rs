//! Where rows are added up: one cell for each entity and bucket of time.
//!
//! Every shape gives the same answer whatever the order of the rows.

use super::cuts::Cuts;
use super::fact::Moments;
use super::number::Number;
use crate::calendar::{Day, Instant, Interval, Zone};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::{BTreeSet, HashMap};

/// What is kept of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// Their number.
    Rows,
    /// Exact sum.
    Sum,
    /// Number, sum and sum of squares.
    Moments,
    /// Smallest.
    Least,
    /// Largest.
    Most,
    /// Which members they are of.
    Members,
    /// Which local days they fall on.
    Days,
    /// Which keys they have.
    Keys,
    /// All their numbers, for medians.
    Numbers,
}

/// What a row adds.
#[derive(Debug, Clone, Copy)]
pub enum Item {
    /// Its existence.
    Row,
    /// A number.
    Number(Number),
    /// Its member.
    Member(u32),
    /// A hashed key.
    Key(u128),
}

#[derive(Debug, Clone, Copy, Default)]
struct MomentCell {
    n: u64,
    sum: Decimal,
    squares: Decimal,
}

#[derive(Debug)]
enum Cells {
    Rows(Vec<u64>),
    Sum(Vec<Decimal>),
    Moments(Vec<MomentCell>),
    Extreme(Vec<Option<Number>>),
    /// A bit for each bucket.
    Members(Masks),
    /// Ascending days of each entity.
    Days(Vec<Vec<Day>>),
    /// A bit for each bucket, by entity and key.
    Keys {
        index: HashMap<(u32, u128), u32>,
        of_entity: Vec<Vec<u32>>,
        masks: Masks,
    },
    Numbers(Vec<Vec<Number>>),
}

/// Rows of bits, one row an item.
#[derive(Debug, Default)]
struct Masks {
    words: usize,
    bits: Vec<u64>,
}

impl Masks {
    fn new(buckets: usize) -> Self {
        Self { words: buckets.div_ceil(64).max(1), bits: Vec::new() }
    }

    fn set(&mut self, item: usize, bucket: usize) {
        let at = item * self.words + bucket / 64;
        if at >= self.bits.len() {
            self.bits.resize((item + 1) * self.words, 0);
        }
        if let Some(word) = self.bits.get_mut(at) {
            *word |= 1 << (bucket % 64);
        }
    }

    fn any(&self, item: usize, range: &std::ops::Range<usize>) -> bool {
        range.clone().any(|b| self.bits.get(item * self.words + b / 64).is_some_and(|w| w & (1 << (b % 64)) != 0))
    }
}

/// The cells of one measure at one grain.
#[derive(Debug)]
pub struct Accumulator {
    shape: Shape,
    cuts: Cuts,
    cells: Cells,
    overflow: bool,
}

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

impl Accumulator {
    /// No rows yet.
    #[must_use]
    pub fn new(shape: Shape, cuts: Cuts) -> Self {
        let buckets = cuts.buckets();
        let cells = match shape {
            Shape::Rows => Cells::Rows(Vec::new()),
            Shape::Sum => Cells::Sum(Vec::new()),
            Shape::Moments => Cells::Moments(Vec::new()),
            Shape::Least | Shape::Most => Cells::Extreme(Vec::new()),
            Shape::Members => Cells::Members(Masks::new(buckets)),
            Shape::Days => Cells::Days(Vec::new()),
            Shape::Keys => Cells::Keys { index: HashMap::new(), of_entity: Vec::new(), masks: Masks::new(buckets) },
            Shape::Numbers => Cells::Numbers(Vec::new()),
        };
        Self { shape, cuts, cells, overflow: false }
    }

    /// What is kept.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Adds what a row of an entity brings.
    pub fn add(&mut self, entity: u32, instant: Instant, zone: &Zone, item: Item) {
        let Some(bucket) = self.cuts.bucket(instant) else { return };
        let buckets = self.cuts.buckets();
        let entity_at = entity as usize;
        let at = entity_at * buckets + bucket;
        let all = (entity_at + 1) * buckets;
        match (&mut self.cells, item) {
            (Cells::Rows(cells), _) => *slot(cells, at, all) += 1,
            (Cells::Sum(cells), Item::Number(n)) => {
                let cell = slot(cells, at, all);
                match n.to_decimal().and_then(|d| cell.checked_add(d)) {
                    Some(sum) => *cell = sum,
                    None => self.overflow = true,
                }
            }
            (Cells::Moments(cells), Item::Number(n)) => {
                let cell = slot(cells, at, all);
                let sums = n.to_decimal().and_then(|d| {
                    let square = d.checked_mul(d)?;
                    Some((cell.sum.checked_add(d)?, cell.squares.checked_add(square)?))
                });
                match sums {
                    Some((sum, squares)) => *cell = MomentCell { n: cell.n + 1, sum, squares },
                    None => self.overflow = true,
                }
            }
            (Cells::Extreme(cells), Item::Number(n)) => {
                let least = self.shape == Shape::Least;
                let cell = slot(cells, at, all);
                let replace = cell.is_none_or(|old| if least { n.order(old).is_lt() } else { n.order(old).is_gt() });
                if replace {
                    *cell = Some(n);
                }
            }
            (Cells::Members(masks), Item::Member(member)) => masks.set(member as usize, bucket),
            (Cells::Days(cells), _) => {
                let days = slot(cells, entity_at, entity_at + 1);
                let day = zone.day(instant);
                if days.last().is_none_or(|last| *last < day) {
                    days.push(day);
                } else if let Err(place) = days.binary_search(&day) {
                    days.insert(place, day);
                }
            }
            (Cells::Keys { index, of_entity, masks }, Item::Key(key)) => {
                let next = u32::try_from(index.len()).unwrap_or(u32::MAX);
                let number = *index.entry((entity, key)).or_insert_with(|| {
                    slot(of_entity, entity_at, entity_at + 1).push(next);
                    next
                });
                masks.set(number as usize, bucket);
            }
            (Cells::Numbers(cells), Item::Number(n)) => slot(cells, at, all).push(n),
            _ => {}
        }
    }

    /// What an entity's rows in an interval come to. `members` are the memberships to look at where
    /// members are counted for a group.
    #[must_use]
    pub fn read(&self, entity: u32, interval: Interval, zone: &Zone, members: &[u32]) -> Tally {
        if self.overflow {
            return Tally::Overflow;
        }
        let range = self.cuts.range(interval);
        let at = |b: usize| entity as usize * self.cuts.buckets() + b;
        match &self.cells {
            Cells::Rows(cells) => {
                let n: u64 = range.filter_map(|b| cells.get(at(b))).sum();
                Tally::Number(Some(Number::Int(i64::try_from(n).unwrap_or(i64::MAX))))
            }
            Cells::Sum(cells) => range
                .filter_map(|b| cells.get(at(b)))
                .try_fold(Decimal::ZERO, |sum, d| sum.checked_add(*d))
                .map_or(Tally::Overflow, |sum| Tally::Number(Some(Number::Decimal(sum.normalize())))),
            Cells::Moments(cells) => moments(range.filter_map(|b| cells.get(at(b)))),
            Cells::Extreme(cells) => {
                let all = range.filter_map(|b| cells.get(at(b)).copied().flatten());
                Tally::Number(if self.shape == Shape::Least {
                    all.min_by(|a, b| a.order(*b))
                } else {
                    all.max_by(|a, b| a.order(*b))
                })
            }
            Cells::Members(masks) => {
                let n = members.iter().filter(|m| masks.any(**m as usize, &range)).count();
                Tally::Number(Some(count(n)))
            }
            Cells::Days(_) => Tally::Number(Some(count(self.days(entity, interval, zone).len()))),
            Cells::Keys { of_entity, masks, .. } => {
                let keys = of_entity.get(entity as usize).map_or(&[][..], Vec::as_slice);
                Tally::Number(Some(count(keys.iter().filter(|k| masks.any(**k as usize, &range)).count())))
            }
            Cells::Numbers(cells) => {
                let all: Vec<Number> = range.filter_map(|b| cells.get(at(b))).flatten().copied().collect();
                Tally::Number(median(all))
            }
        }
    }

    /// The ascending local days of an entity's rows in an interval.
    #[must_use]
    pub fn days(&self, entity: u32, interval: Interval, zone: &Zone) -> &[Day] {
        let Cells::Days(cells) = &self.cells else { return &[] };
        let days = cells.get(entity as usize).map_or(&[][..], Vec::as_slice);
        let from =
            if interval.start == Instant::MIN { 0 } else { days.partition_point(|d| *d < zone.day(interval.start)) };
        let to = if interval.end == Instant::MAX {
            days.len()
        } else {
            days.partition_point(|d| *d < zone.day(interval.end))
        };
        days.get(from..to).unwrap_or(&[])
    }
}

/// A cell of a vector that grows as entities appear.
fn slot<T: Default>(cells: &mut Vec<T>, at: usize, all: usize) -> &mut T {
    if cells.len() < all {
        cells.resize_with(all, T::default);
    }
    &mut cells[at]
}

fn count(n: usize) -> Number {
    Number::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

fn moments<'a>(cells: impl Iterator<Item = &'a MomentCell>) -> Tally {
    let mut all = MomentCell::default();
    for cell in cells {
        let (Some(sum), Some(squares)) = (all.sum.checked_add(cell.sum), all.squares.checked_add(cell.squares)) else {
            return Tally::Overflow;
        };
        all = MomentCell { n: all.n + cell.n, sum, squares };
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

/// Folds numbers of held rows: what [`Accumulator`] does for streamed ones, without buckets.
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
                    let sums = n
                        .to_decimal()
                        .and_then(|d| Some((all.sum.checked_add(d)?, all.squares.checked_add(d.checked_mul(d)?)?)));
                    let Some((sum, squares)) = sums else { return Tally::Overflow };
                    all = MomentCell { n: all.n + 1, sum, squares };
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
    use crate::expr::{Clock, Window};
    use chrono_tz::Tz;

    fn days(list: &[i32]) -> Vec<Day> {
        list.iter().map(|d| Day(*d)).collect()
    }

    #[test]
    fn a_run_is_broken_by_a_missing_day() {
        assert_eq!(longest_run(&days(&[])), 0);
        assert_eq!(longest_run(&days(&[1, 2, 3, 5, 6])), 3);
    }

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        let n = |i| Number::Int(i);
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![n(3), n(1), n(2)]), Some(Number::Float(2.0)));
        assert_eq!(median(vec![n(4), n(1), n(2), n(3)]), Some(Number::Float(2.5)));
    }

    #[test]
    fn distinct_days_and_keys_count_once_in_any_order() {
        let zone = Zone::new(Tz::Asia__Shanghai);
        let interval = Interval { start: zone.midnight(Day(20_000)), end: zone.midnight(Day(20_007)) };
        let clock = Clock { zone, window: interval, previous: interval };
        let cuts = || Cuts::new(&[Window::Period], &[clock]);
        let at = |d: i32| Instant(zone.midnight(Day(d)).0 + 1);
        for order in [[20_003, 20_001, 20_003, 20_006], [20_006, 20_003, 20_001, 20_003]] {
            let mut by_day = Accumulator::new(Shape::Days, cuts());
            let mut by_key = Accumulator::new(Shape::Keys, cuts());
            for d in order {
                by_day.add(0, at(d), &zone, Item::Row);
                by_key.add(0, at(d), &zone, Item::Key(u128::from(d.unsigned_abs())));
            }
            by_day.add(0, at(20_007), &zone, Item::Row);
            assert_eq!(by_day.read(0, interval, &zone, &[]), Tally::Number(Some(Number::Int(3))));
            assert_eq!(by_key.read(0, interval, &zone, &[]), Tally::Number(Some(Number::Int(3))));
            assert_eq!(by_day.days(0, interval, &zone), days(&[20_001, 20_003, 20_006]));
        }
    }
}
