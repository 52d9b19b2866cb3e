//! The rows of a block that count, column by column: what places a row is worked out once, however many measures ask.

use super::fold::TableFold;
use super::plan::Held;
use super::row::Refers;
use crate::calendar::{Day, Instant};
use crate::data::{Block, Cell, Row};

/// Stands for no entity, no bucket.
pub(super) const NONE: u32 = u32::MAX;
/// Stands for no time; those of files lie in our age.
pub(super) const NEVER: Instant = Instant::MIN;

/// A column that is worked out when it is first asked for.
#[derive(Debug)]
struct Late<T> {
    known: bool,
    /// What all rows have in common, in place of cells.
    common: Option<T>,
    cells: Vec<T>,
}

/// A column of a block, of which all cells may be one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cells<'c, T> {
    Common(T),
    Each(&'c [T]),
}

impl<T: Copy> Cells<'_, T> {
    /// The cell of a row.
    #[inline]
    pub fn get(&self, at: usize) -> Option<T> {
        match self {
            Self::Common(cell) => Some(*cell),
            Self::Each(cells) => cells.get(at).copied(),
        }
    }
}

impl<T> Default for Late<T> {
    fn default() -> Self {
        Self { known: false, common: None, cells: Vec::new() }
    }
}

/// The columns of the rows at hand; cells by place.
#[derive(Debug, Default)]
pub(super) struct BlockColumns {
    rows: Vec<u32>,
    pub groups: Vec<u32>,
    /// [`NONE`] where the member is not known.
    pub members: Vec<u32>,
    /// Where anything hangs on posts or products.
    pub posts: Vec<u32>,
    products: Vec<u32>,
    /// Numbers of the pairs of group and product, where those are measured.
    pub offers: Vec<u32>,
    /// The rows' own times, and the local days of those.
    own_times: Vec<Instant>,
    own_days: Vec<Day>,
    /// By number of the column in the fold's `ons`; [`NEVER`] where there is none.
    times: Vec<Late<Instant>>,
    days: Vec<Late<Day>>,
    /// By placing of the fold.
    buckets: Vec<Late<u32>>,
    /// The number of the column of the rows' own times, and the first and last of them.
    own: Option<(usize, Instant, Instant)>,
    /// Whether the members of all rows are known.
    pub members_known: bool,
}

impl BlockColumns {
    /// Turns to a new block.
    pub fn begin(&mut self, fold: &TableFold<'_>) {
        let Self { rows, groups, members, posts, products, offers, own_times, own_days, .. } = self;
        [rows, groups, members, posts, products, offers].into_iter().for_each(Vec::clear);
        own_times.clear();
        own_days.clear();
        let Self { times, days, buckets, own, .. } = self;
        times.resize_with(fold.ons.len(), Late::default);
        days.resize_with(fold.ons.len(), Late::default);
        buckets.resize_with(fold.placings.len(), Late::default);
        times.iter_mut().for_each(|late| late.known = false);
        days.iter_mut().for_each(|late| late.known = false);
        buckets.iter_mut().for_each(|late| late.known = false);
        *own = None;
    }

    /// Adds a row that counts, by its place in the block, with its time and local day; once for each of its groups.
    pub fn push(&mut self, row: u32, (group, member): (u32, Option<u32>), (time, day): (Instant, Day)) {
        self.rows.push(row);
        self.groups.push(group);
        self.members.push(member.unwrap_or(NONE));
        self.own_times.push(time);
        self.own_days.push(day);
    }

    /// Adds all rows of the block.
    pub fn push_all(&mut self, groups: &[u32], members: &[u32], times: &[Instant], days: &[Day]) {
        self.rows.extend((0..).take(groups.len()));
        self.groups.extend_from_slice(groups);
        self.members.extend_from_slice(members);
        self.own_times.extend_from_slice(times);
        self.own_days.extend_from_slice(days);
    }

    /// Looks over the rows that count; call it when all are in.
    pub fn seal(&mut self, fold: &TableFold<'_>) {
        let Self { members, times, days, own, members_known, own_times, own_days, .. } = self;
        *members_known = !members.contains(&NONE);
        let number = fold.ons.iter().position(|on| Some(*on) == fold.slots.time);
        let (first, last) = own_times
            .iter()
            .fold((Instant::MAX, Instant::MIN), |(first, last), time| (first.min(*time), last.max(*time)));
        *own = number.map(|number| (number, first, last));
        if let Some((times, days)) = number.and_then(|own| times.get_mut(own).zip(days.get_mut(own))) {
            (times.known, days.known) = (true, true);
            std::mem::swap(&mut times.cells, own_times);
            std::mem::swap(&mut days.cells, own_days);
        }
    }

    /// How many rows count.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The places in the block of the rows that count.
    pub fn places(&self) -> &[u32] {
        &self.rows
    }

    /// Adds what the next row refers to.
    pub fn refer(&mut self, post: Option<u32>, product: Option<u32>, offer: Option<u32>) {
        self.posts.push(post.unwrap_or(NONE));
        self.products.push(product.unwrap_or(NONE));
        self.offers.push(offer.unwrap_or(NONE));
    }

    /// The held rows of a kind that the rows refer to.
    pub fn held(&self, held: Held) -> &[u32] {
        match held {
            Held::Group => &self.groups,
            Held::Member => &self.members,
            Held::Post => &self.posts,
            Held::Product => &self.products,
        }
    }

    /// The row of a place and what it refers to.
    #[inline]
    pub fn row<'r>(&self, rows: &Block<'r>, at: usize) -> Option<(Row<'r>, Refers)> {
        let row = rows.row(*self.rows.get(at)? as usize)?;
        let known = |held: &[u32]| held.get(at).copied().filter(|known| *known != NONE);
        let [member, post, product] = [&self.members, &self.posts, &self.products].map(|held| known(held));
        Some((row, Refers { group: *self.groups.get(at)?, member, post, product }))
    }

    /// The times of all rows in a column.
    pub fn times(&mut self, on: usize, fold: &TableFold<'_>, rows: &Block<'_>) -> &[Instant] {
        let Some(Late { known, cells, .. }) = self.times.get_mut(on) else { return &[] };
        if !std::mem::replace(known, true) {
            let time = |row: &u32| match rows.row(*row as usize).zip(fold.ons.get(on)).map(|(row, on)| row.cell(*on)) {
                Some(Cell::Time(time)) => time,
                _ => NEVER,
            };
            cells.clear();
            cells.extend(self.rows.iter().map(time));
        }
        cells
    }

    /// The times of a column, once known.
    pub fn known_times(&self, on: usize) -> &[Instant] {
        self.times.get(on).map_or(&[], |times| &times.cells)
    }

    /// Whether this is the column of the rows' own times, which all have.
    pub fn is_own(&self, on: usize) -> bool {
        self.own.is_some_and(|(own, ..)| own == on)
    }

    /// The time of a row in a column whose times are known.
    #[inline]
    pub fn time(&self, on: usize, at: usize) -> Option<Instant> {
        self.times.get(on)?.cells.get(at).copied().filter(|time| *time != NEVER)
    }

    /// Works out the buckets of all rows, whose times are known.
    pub fn place(&mut self, placing: usize, on: usize, mut bucket: impl FnMut(Instant) -> Option<usize>) {
        let Some(Late { known, common, cells }) = self.buckets.get_mut(placing) else { return };
        if !std::mem::replace(known, true) {
            *common = None;
            if let Some((own, first, last)) = self.own
                && own == on
                && let Some(all) = bucket(first)
                && bucket(last) == Some(all)
            {
                // A bucket has no gaps.
                *common = u32::try_from(all).ok();
                return;
            }
            let times = self.times.get(on).map_or(&[][..], |times| &times.cells);
            let number = |time: &Instant| {
                let bucket = if *time == NEVER { None } else { bucket(*time) };
                bucket.and_then(|b| u32::try_from(b).ok()).unwrap_or(NONE)
            };
            cells.clear();
            cells.extend(times.iter().map(number));
        }
    }

    /// The buckets of a placing, once worked out.
    pub fn buckets(&self, placing: usize) -> Cells<'_, u32> {
        self.buckets
            .get(placing)
            .map_or(Cells::Each(&[]), |late| late.common.map_or(Cells::Each(&late.cells), Cells::Common))
    }

    /// Works out the local days of all rows, whose times are known.
    pub fn date(&mut self, on: usize, mut day: impl FnMut(Instant) -> Day) {
        let Some(Late { known, cells, .. }) = self.days.get_mut(on) else { return };
        if !std::mem::replace(known, true) {
            let times = self.times.get(on).map_or(&[][..], |times| &times.cells);
            cells.clear();
            cells.extend(times.iter().map(|time| if *time == NEVER { Day(0) } else { day(*time) }));
        }
    }

    /// The local days of a column, once worked out.
    pub fn days(&self, on: usize) -> &[Day] {
        self.days.get(on).map_or(&[], |late| &late.cells)
    }
}
