//! Where rows are added up: one cell for each entity and bucket of time.
//!
//! Every shape gives the same answer whatever the order of the rows.

use super::batch::{Addition, Batch, FULL, Waiting, reached};
use super::chained::Chained;
use super::keys::Keys;
use super::masks::Masks;
use super::narrow::{Counts, Moments};
use super::number::Number;
use super::tally::MomentCell;
use crate::calendar::Day;
use rust_decimal::Decimal;

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

#[derive(Debug)]
pub(super) enum Cells {
    Rows(Counts),
    Sum(Chained<Decimal>),
    Moments(Chained<MomentCell>),
    Extreme(Chained<Option<Number>>),
    /// Extremes of instants.
    Instants(Moments),
    /// A bit for each bucket.
    Members(Masks),
    /// A bit for each day from the first that any window reaches.
    DayBits(Masks),
    /// Ascending days of each entity, where windows have no first day.
    Days(Vec<Vec<Day>>),
    /// A bit for each bucket, by entity and key.
    Keys(Keys),
    Numbers(Chained<Vec<Number>>),
}

/// The cells of one measure at one grain.
#[derive(Debug)]
pub struct Accumulator {
    pub(super) shape: Shape,
    /// The first day that any window reaches, where there is one.
    pub(super) first_day: Option<Day>,
    pub(super) cells: Cells,
    pub(super) overflow: bool,
}

/// How the cells of an accumulator are laid out in time.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Number of buckets.
    pub buckets: usize,
    /// The local days from the first to the last that any window reaches; `None` if there is no first.
    pub days: Option<(Day, Day)>,
}

impl Accumulator {
    /// No rows yet. `instants` says that the numbers are times.
    #[must_use]
    pub fn new(shape: Shape, instants: bool, layout: Layout) -> Self {
        let Layout { buckets, days } = layout;
        let cells = match shape {
            Shape::Rows => Cells::Rows(Counts::new(buckets)),
            Shape::Sum => Cells::Sum(Chained::new(buckets)),
            Shape::Moments => Cells::Moments(Chained::new(buckets)),
            Shape::Least | Shape::Most if instants => Cells::Instants(Moments::new(shape == Shape::Least, buckets)),
            Shape::Least | Shape::Most => Cells::Extreme(Chained::new(buckets)),
            Shape::Members => Cells::Members(Masks::new(buckets)),
            Shape::Days => match days {
                Some((first, last)) => Cells::DayBits(Masks::new(usize::try_from(last.0 - first.0 + 1).unwrap_or(1))),
                None => Cells::Days(Vec::new()),
            },
            Shape::Keys => Cells::Keys(Keys::new(buckets)),
            Shape::Numbers => Cells::Numbers(Chained::new(buckets)),
        };
        Self { shape, first_day: days.map(|d| d.0), cells, overflow: false }
    }

    /// Itself, leaving none.
    #[must_use]
    pub fn take_out(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.shape, false, Layout { buckets: 0, days: None }))
    }

    /// What is kept.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Makes room for so many entities, or members where those are counted. Memory that is never written
    /// costs nothing, and growing would cost it twice.
    pub fn expect(&mut self, entities: usize, members: usize) {
        match &mut self.cells {
            Cells::Rows(cells) => cells.expect(entities),
            Cells::Instants(cells) => cells.expect(entities),
            Cells::Members(masks) => masks.reach(members),
            Cells::DayBits(masks) => masks.reach(entities),
            _ => {}
        }
    }

    /// An empty batch of what this accumulator takes.
    #[must_use]
    pub fn batch(&self) -> Batch {
        let rows = match &self.cells {
            Cells::Rows(_) => Waiting::Places(Vec::with_capacity(2 * FULL)),
            Cells::Members(_) => Waiting::Members(Vec::with_capacity(2 * FULL)),
            Cells::Instants(_) => Waiting::Instants(Vec::with_capacity(2 * FULL)),
            Cells::DayBits(masks) => Waiting::Days {
                first: self.first_day.map_or(0, |d| d.0),
                most: masks.width(),
                rows: Vec::with_capacity(2 * FULL),
            },
            _ => Waiting::Rows(Vec::new()),
        };
        Batch { rows }
    }

    /// Puts a batch into its cells and leaves it empty.
    pub fn take(&mut self, batch: &mut Batch) {
        match (&mut self.cells, &mut batch.rows) {
            (Cells::Rows(cells), Waiting::Places(rows)) => {
                cells.ask(rows);
                for (entity, bucket) in rows.drain(..) {
                    cells.add(entity, bucket as usize);
                }
            }
            (Cells::Members(masks), Waiting::Members(rows)) | (Cells::DayBits(masks), Waiting::Days { rows, .. }) => {
                masks.reach(reached(rows));
                masks.ask(rows);
                for (item, bit) in rows.drain(..) {
                    masks.set(item as usize, bit as usize);
                }
            }
            (Cells::Instants(cells), Waiting::Instants(rows)) => {
                cells.ask(rows);
                for (entity, bucket, micros) in rows.drain(..) {
                    cells.add(entity, bucket as usize, micros);
                }
            }
            (_, Waiting::Rows(rows)) => {
                self.ask(rows);
                for Addition { entity, bucket, day, item } in rows.drain(..) {
                    self.add(entity, bucket as usize, day, item);
                }
            }
            _ => {}
        }
    }

    /// Asks memory for the cells of many rows, so that they are waited for together.
    fn ask(&self, rows: &[Addition]) {
        let entities = rows.iter().map(|row| row.entity);
        match &self.cells {
            Cells::Sum(cells) => cells.ask(entities),
            Cells::Moments(cells) => cells.ask(entities),
            Cells::Extreme(cells) => cells.ask(entities),
            _ => {}
        }
    }

    /// Lays the cells out as they will be read; call it when all rows are in. Where they are of members or posts, with
    /// the lists of those of each group.
    pub fn lay_out(&mut self, groups: Option<&[Vec<u32>]>) {
        match &mut self.cells {
            Cells::Rows(cells) => cells.lay_out(groups),
            Cells::Sum(cells) => cells.lay_out(),
            Cells::Moments(cells) => cells.lay_out(),
            Cells::Extreme(cells) => cells.lay_out(),
            Cells::Instants(cells) => cells.lay_out(groups),
            Cells::Numbers(cells) => cells.lay_out(),
            Cells::Keys(keys) => keys.lay_out(),
            Cells::Members(_) | Cells::DayBits(_) | Cells::Days(_) => {}
        }
    }

    /// Whether any row of an entity was added; where that is not kept, whether one may have been.
    #[must_use]
    pub fn has(&self, entity: u32) -> bool {
        match &self.cells {
            Cells::Sum(cells) => cells.has(entity),
            Cells::Moments(cells) => cells.has(entity),
            Cells::Extreme(cells) => cells.has(entity),
            Cells::Numbers(cells) => cells.has(entity),
            Cells::Instants(cells) => cells.has(entity),
            Cells::Keys(keys) => keys.has(entity),
            Cells::Rows(_) | Cells::Members(_) | Cells::DayBits(_) | Cells::Days(_) => true,
        }
    }

    /// Adds what a row of an entity brings, into the bucket of its time.
    pub fn add(&mut self, entity: u32, bucket: usize, day: Day, item: Item) {
        let entity_at = entity as usize;
        match (&mut self.cells, item) {
            (Cells::Rows(cells), _) => cells.add(entity, bucket),
            (Cells::Sum(cells), Item::Number(n)) => {
                let Some(cell) = cells.cell(entity, bucket) else { return };
                match n.to_decimal().and_then(|d| cell.checked_add(d)) {
                    Some(sum) => *cell = sum,
                    None => self.overflow = true,
                }
            }
            (Cells::Moments(cells), Item::Number(n)) => {
                let Some(cell) = cells.cell(entity, bucket) else { return };
                match cell.plus(n) {
                    Some(sum) => *cell = sum,
                    None => self.overflow = true,
                }
            }
            (Cells::Extreme(cells), Item::Number(n)) => {
                let least = self.shape == Shape::Least;
                let Some(cell) = cells.cell(entity, bucket) else { return };
                let replace = cell.is_none_or(|old| if least { n.order(old).is_lt() } else { n.order(old).is_gt() });
                if replace {
                    *cell = Some(n);
                }
            }
            (Cells::Instants(cells), Item::Number(Number::Time(t))) => cells.add(entity, bucket, t.0),
            (Cells::Members(masks), Item::Member(member)) => {
                masks.reach(member as usize + 1);
                masks.set(member as usize, bucket);
            }
            (Cells::DayBits(masks), _) => {
                let offset = self.first_day.and_then(|first| usize::try_from(day.0 - first.0).ok());
                if let Some(offset) = offset.filter(|o| *o < masks.width()) {
                    masks.reach(entity_at + 1);
                    masks.set(entity_at, offset);
                }
            }
            (Cells::Days(cells), _) => {
                let days = slot(cells, entity_at, entity_at + 1);
                if days.last().is_none_or(|last| *last < day) {
                    days.push(day);
                } else if let Err(place) = days.binary_search(&day) {
                    days.insert(place, day);
                }
            }
            (Cells::Keys(keys), Item::Key(key)) => keys.add(entity, [key as u64, (key >> 64) as u64], bucket),
            (Cells::Numbers(cells), Item::Number(n)) => {
                if let Some(cell) = cells.cell(entity, bucket) {
                    cell.push(n);
                }
            }
            _ => {}
        }
    }
}

/// A cell of a vector that grows as entities appear.
fn slot<T: Default>(cells: &mut Vec<T>, at: usize, all: usize) -> &mut T {
    if cells.len() < all {
        cells.resize_with(all, T::default);
    }
    &mut cells[at]
}

#[cfg(test)]
mod tests {
    use super::super::cuts::Cuts;
    use super::super::tally::Tally;
    use super::*;
    use crate::calendar::Instant;
    use crate::calendar::{Interval, Zone};
    use crate::expr::{Clock, Window};
    use chrono_tz::Tz;

    #[test]
    fn distinct_days_and_keys_count_once_in_any_order() {
        let zone = Zone::new(Tz::Asia__Shanghai);
        let interval = Interval { start: zone.midnight(Day(20_000)), end: zone.midnight(Day(20_007)) };
        let clock = Clock { zone, window: interval, previous: interval };
        let cuts = Cuts::new([&Window::Period], &[clock]);
        let span = cuts.span(interval, &zone);
        for order in [[20_003, 20_001, 20_003, 20_006], [20_006, 20_003, 20_001, 20_003]] {
            let mut by_day = Accumulator::new(Shape::Days, false, cuts.layout(&zone));
            let mut by_key = Accumulator::new(Shape::Keys, false, cuts.layout(&zone));
            for d in order {
                let at = Instant(zone.midnight(Day(d)).0 + 1);
                let bucket = cuts.bucket(at).unwrap();
                by_day.add(0, bucket, Day(d), Item::Row);
                by_key.add(0, bucket, Day(d), Item::Key(u128::from(d.unsigned_abs())));
            }
            assert_eq!(by_day.read(0, &span, &[]), Tally::Number(Some(Number::Int(3))));
            assert_eq!(by_key.read(0, &span, &[]), Tally::Number(Some(Number::Int(3))));
            assert_eq!(by_day.counts(0, &[0, 1], &span), Some(vec![3, 0]));
            assert_eq!(by_key.counts(0, &[0], &span), None);
            assert_eq!(by_day.days(0, &span), [Day(20_001), Day(20_003), Day(20_006)]);
        }
    }
}
