//! Cells as narrow as what they hold: most members do little in any one bucket of time.

use super::paged::Pages;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Counts in a byte each; what a byte cannot hold is counted aside.
#[derive(Debug)]
pub(super) struct Counts {
    pages: Pages,
    cells: Vec<u8>,
    /// How often a byte began anew, by entity and bucket.
    wraps: FxHashMap<(u32, usize), u32>,
    /// By entity up to the last of which a byte did, whether one of its own did.
    wrapped: Vec<bool>,
}

/// The sum of a run of bytes, eight at once.
#[inline]
fn sum_of(cells: &[u8], from: usize, to: usize) -> u32 {
    const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
    let (mut sum, mut at) = (0, from);
    while at < to {
        let word = match cells.get(at..at + 8).map(<[u8; 8]>::try_from) {
            Some(Ok(eight)) => u64::from_le_bytes(eight),
            // The last few of all.
            _ => return sum + cells.get(at..to).unwrap_or(&[]).iter().map(|n| u32::from(*n)).sum::<u32>(),
        };
        let beyond = 8_usize.saturating_sub(to - at);
        let word = word << (8 * beyond);
        let pairs = (word & EVEN) + (word >> 8 & EVEN);
        sum += (pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48) as u32;
        at += 8;
    }
    sum
}

impl Counts {
    /// Nothing counted yet in so many buckets.
    pub fn new(buckets: usize) -> Self {
        Self {
            pages: Pages::new(buckets, size_of::<u8>()),
            cells: Vec::new(),
            wraps: FxHashMap::default(),
            wrapped: Vec::new(),
        }
    }

    /// Takes room for so many entities. Room that is never written costs nothing, and growing would cost it twice.
    pub fn expect(&mut self, entities: usize) {
        self.pages.reach(entities);
        self.cells = vec![0; self.pages.cells()];
        self.cells.reserve(entities * self.pages.buckets() - self.cells.len());
    }

    /// Asks memory for many cells, so that they are waited for together.
    pub fn ask(&self, rows: &[(u32, u32)]) {
        let cell = |(entity, bucket): &(u32, u32)| self.cells.get(self.pages.find(*entity)? + *bucket as usize);
        std::hint::black_box(rows.iter().filter_map(cell).fold(0, |all, cell| all ^ cell));
    }

    #[inline]
    fn at(&mut self, entity: u32, bucket: usize) -> usize {
        let start = self.pages.find(entity).unwrap_or_else(|| {
            let start = self.pages.open(entity);
            self.cells.resize(self.pages.cells(), 0);
            start
        });
        start + bucket
    }

    /// Counts one more.
    #[inline]
    pub fn add(&mut self, entity: u32, bucket: usize) {
        let at = self.at(entity, bucket);
        let Some(cell) = self.cells.get_mut(at) else { return };
        *cell = cell.wrapping_add(1);
        if *cell == 0 {
            self.wrap(entity, bucket, 1);
        }
    }

    #[cold]
    fn wrap(&mut self, entity: u32, bucket: usize, times: u32) {
        let wraps = self.wraps.entry((entity, bucket)).or_default();
        *wraps = wraps.saturating_add(times);
        if self.wrapped.len() <= entity as usize {
            self.wrapped.resize(entity as usize + 1, false);
        }
        self.wrapped.iter_mut().skip(entity as usize).take(1).for_each(|wrapped| *wrapped = true);
    }

    /// Counts many more.
    pub fn add_many(&mut self, entity: u32, bucket: usize, more: u64) {
        let at = self.at(entity, bucket);
        let Some(cell) = self.cells.get_mut(at) else { return };
        let sum = more + u64::from(*cell);
        // The lower byte stays.
        *cell = sum as u8;
        if sum > u64::from(u8::MAX) {
            self.wrap(entity, bucket, u32::try_from(sum >> 8).unwrap_or(u32::MAX));
        }
    }

    /// Lays the cells out as they will be read; by group where lists of the groups' entities are given.
    pub fn lay_out(&mut self, groups: Option<&[Vec<u32>]>) {
        self.pages.lay_out(&mut self.cells, groups);
    }

    /// The bytes of all entities and buckets, and how often each began anew that did, ascending.
    pub fn parts(&self) -> (Vec<u8>, Vec<(usize, u32)>) {
        let cell = |start, bucket| self.cells.get(self.pages.place(start, bucket)).copied();
        let place = |(entity, bucket): (u32, usize)| entity as usize * self.pages.buckets() + bucket;
        let mut wraps: Vec<(usize, u32)> = self.wraps.iter().map(|(of, times)| (place(*of), *times)).collect();
        wraps.sort_unstable();
        (self.pages.spread(cell), wraps)
    }

    /// The sum of a run of an entity's cells.
    #[inline]
    pub fn sum(&self, entity: u32, buckets: &Range<usize>) -> i64 {
        let Some(start) = self.pages.find(entity) else { return 0 };
        let low = match self.pages.grouped() {
            None => sum_of(&self.cells, start + buckets.start, start + buckets.end),
            Some(grouped) => {
                let cell = |bucket| self.cells.get(grouped.place(start, bucket)).copied().map_or(0, u32::from);
                Range::clone(buckets).map(cell).sum()
            }
        };
        i64::from(low) + self.beyond(entity, buckets)
    }

    /// What bytes that began anew do not tell.
    #[inline]
    fn beyond(&self, entity: u32, buckets: &Range<usize>) -> i64 {
        if self.wrapped.get(entity as usize) != Some(&true) {
            return 0;
        }
        let wraps = Range::clone(buckets).filter_map(|bucket| self.wraps.get(&(entity, bucket)));
        wraps.map(|n| i64::from(*n) << 8).sum()
    }

    /// The sums of a run of cells for each entity of a group, by its list.
    pub fn sums(&self, group: usize, entities: &[u32], buckets: &Range<usize>) -> Vec<i64> {
        let Some(grouped) = self.pages.grouped() else {
            return entities.iter().map(|entity| self.sum(*entity, buckets)).collect();
        };
        let positions = grouped.positions(group);
        let mut low = vec![0_u32; positions.len()];
        for column in grouped.columns(&self.cells, group, buckets) {
            low.iter_mut().zip(column).for_each(|(sum, cell)| *sum += u32::from(*cell));
        }
        let mut sums = vec![0; entities.len()];
        for (position, low) in positions.iter().zip(low) {
            sums.iter_mut().skip(*position as usize).take(1).for_each(|sum| *sum = i64::from(low));
        }
        if !self.wrapped.is_empty() {
            sums.iter_mut().zip(entities).for_each(|(sum, entity)| *sum += self.beyond(*entity, buckets));
        }
        sums
    }
}

/// The first second that four bytes tell: 1990-01-01, before which no time of a file lies.
const EPOCH: i64 = 631_152_000;
const SECOND: i64 = 1_000_000;

/// The earliest or latest moments, in whole seconds of four bytes as long as that is exact.
#[derive(Debug)]
pub(super) struct Moments {
    least: bool,
    pages: Pages,
    /// Zero for none; the larger one wins, so that the earliest is counted from the end.
    narrow: Vec<u32>,
    /// Microseconds in place of `narrow`, once a moment needs them.
    wide: Option<Vec<i64>>,
}

impl Moments {
    /// No moments yet in so many buckets; the earliest (`least`) or the latest are kept.
    pub fn new(least: bool, buckets: usize) -> Self {
        Self { least, pages: Pages::new(buckets, size_of::<u32>()), narrow: Vec::new(), wide: None }
    }

    /// What stands for no moment where microseconds are kept.
    pub fn neutral(&self) -> i64 {
        if self.least { i64::MAX } else { i64::MIN }
    }

    fn code(&self, micros: i64) -> Option<u32> {
        if micros % SECOND != 0 {
            return None;
        }
        let code = u32::try_from(micros / SECOND - EPOCH).ok()?.checked_add(1)?;
        Some(if self.least { u32::MAX - code } else { code }).filter(|c| *c != 0)
    }

    fn moment(&self, code: u32) -> Option<i64> {
        let code = match (code, self.least) {
            (0, _) => return None,
            (code, true) => u32::MAX - code,
            (code, false) => code,
        };
        Some((i64::from(code) - 1 + EPOCH) * SECOND)
    }

    /// The codes of four bytes of all entities and buckets; or else microseconds, each with its place.
    #[allow(clippy::type_complexity)]
    pub fn parts(&self) -> Result<Vec<u32>, (usize, Vec<(usize, i64)>)> {
        let Some(wide) = &self.wide else {
            return Ok(self.pages.spread(|start, bucket| self.narrow.get(self.pages.place(start, bucket)).copied()));
        };
        let buckets = self.pages.buckets();
        let cells = |(entity, start): (u32, usize)| {
            (0..buckets).filter_map(move |b| Some((entity as usize * buckets + b, *wide.get(start + b)?)))
        };
        let all = self.pages.all().flat_map(cells).filter(|(_, micros)| *micros != self.neutral());
        Err((self.pages.entities() * buckets, all.collect()))
    }

    /// The moment of a code of [`Moments::parts`], in microseconds; `None` for none.
    pub fn moment_of(&self, code: u32) -> Option<i64> {
        self.moment(code)
    }

    /// Takes room for so many entities. Room that is never written costs nothing, and growing would cost it twice.
    pub fn expect(&mut self, entities: usize) {
        self.pages.reach(entities);
        self.narrow = vec![0; self.pages.cells()];
        self.narrow.reserve(entities * self.pages.buckets() - self.narrow.len());
    }

    /// Asks memory for many cells, so that they are waited for together.
    pub fn ask(&self, rows: &[(u32, u32, i64)]) {
        let cell =
            |(entity, bucket, _): &(u32, u32, i64)| self.narrow.get(self.pages.find(*entity)? + *bucket as usize);
        std::hint::black_box(rows.iter().filter_map(cell).fold(0, |all, cell| all ^ cell));
    }

    fn open(&mut self, entity: u32) -> usize {
        let start = self.pages.open(entity);
        let (all, neutral) = (self.pages.cells(), self.neutral());
        match &mut self.wide {
            Some(wide) => wide.resize(all, neutral),
            None => self.narrow.resize(all, 0),
        }
        start
    }

    /// Takes a moment.
    #[inline]
    pub fn add(&mut self, entity: u32, bucket: usize, micros: i64) {
        let at = self.pages.find(entity).unwrap_or_else(|| self.open(entity)) + bucket;
        if self.wide.is_none() {
            if let Some(code) = self.code(micros) {
                if let Some(cell) = self.narrow.get_mut(at) {
                    *cell = (*cell).max(code);
                }
                return;
            }
            let narrow = std::mem::take(&mut self.narrow);
            self.wide = Some(narrow.into_iter().map(|c| self.moment(c).unwrap_or(self.neutral())).collect());
        }
        let least = self.least;
        if let Some(cell) = self.wide.as_mut().and_then(|w| w.get_mut(at)) {
            *cell = if least { micros.min(*cell) } else { micros.max(*cell) };
        }
    }

    /// Lays the cells out as they will be read; by group where lists of the groups' entities are given.
    pub fn lay_out(&mut self, groups: Option<&[Vec<u32>]>) {
        match &mut self.wide {
            Some(wide) => self.pages.lay_out(wide, None),
            None => self.pages.lay_out(&mut self.narrow, groups),
        }
    }

    /// The best of a run of cells for each entity of a group, by its list.
    pub fn all_best(&self, group: usize, entities: &[u32], buckets: &Range<usize>) -> Vec<Option<i64>> {
        let Some(grouped) = self.pages.grouped().filter(|_| self.wide.is_none()) else {
            return entities.iter().map(|entity| self.best(*entity, buckets)).collect();
        };
        let positions = grouped.positions(group);
        let mut codes = vec![0_u32; positions.len()];
        for column in grouped.columns(&self.narrow, group, buckets) {
            codes.iter_mut().zip(column).for_each(|(best, code)| *best = (*best).max(*code));
        }
        let mut all = vec![None; entities.len()];
        for (position, code) in positions.iter().zip(codes) {
            all.iter_mut().skip(*position as usize).take(1).for_each(|best| *best = self.moment(code));
        }
        all
    }

    /// Whether an entity has any cells.
    #[inline]
    pub fn has(&self, entity: u32) -> bool {
        self.pages.find(entity).is_some()
    }

    /// The earliest or latest of a run of an entity's cells, in microseconds.
    pub fn best(&self, entity: u32, buckets: &Range<usize>) -> Option<i64> {
        let start = self.pages.find(entity)?;
        let Some(wide) = &self.wide else {
            let cell = |bucket| self.narrow.get(self.pages.place(start, bucket)).copied();
            return Range::clone(buckets).filter_map(cell).max().and_then(|code| self.moment(code));
        };
        let all =
            wide.get(start + buckets.start..start + buckets.end)?.iter().copied().filter(|t| *t != self.neutral());
        if self.least { all.min() } else { all.max() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_go_on_where_a_byte_ends() {
        let mut counts = Counts::new(3);
        for (at, times) in [(0, 255), (1, 256), (2, 70_000)] {
            (0..times).for_each(|_| counts.add(5, at));
            assert_eq!(counts.sum(5, &(at..at + 1)), times);
        }
        counts.add(2, 1);
        counts.lay_out(None);
        assert_eq!([5, 2, 0, 9].map(|entity| counts.sum(entity, &(0..3))), [70_511, 1, 0, 0]);
        let (cells, wraps) = counts.parts();
        assert_eq!((cells.len(), cells.get(7), wraps), (18, Some(&1), vec![(16, 1), (17, 273)]));
    }

    #[test]
    fn counts_are_the_same_by_group_and_by_entity() {
        let groups = [vec![5, 2], vec![], vec![7, 0, 4]];
        let buckets = 12;
        let fill = || {
            let mut counts = Counts::new(buckets);
            for (entity, at, times) in [(5, 0, 3), (5, 11, 300), (7, 4, 2), (4, 4, 255), (4, 5, 1), (2, 11, 9)] {
                counts.add_many(entity, at, times);
            }
            counts
        };
        let (mut plain, mut grouped) = (fill(), fill());
        plain.lay_out(None);
        grouped.lay_out(Some(&groups));
        assert_eq!(plain.parts(), grouped.parts());
        for range in [0..12, 4..5, 4..6, 11..12, 3..3] {
            for (group, entities) in groups.iter().enumerate() {
                let each: Vec<i64> = entities.iter().map(|entity| plain.sum(*entity, &range)).collect();
                assert_eq!(plain.sums(group, entities, &range), each);
                assert_eq!(grouped.sums(group, entities, &range), each);
                assert_eq!(entities.iter().map(|entity| grouped.sum(*entity, &range)).collect::<Vec<_>>(), each);
            }
        }
    }

    proptest! {
        #[test]
        fn runs_of_counts_are_the_sums_of_their_bytes(
            cells in proptest::collection::vec(any::<u8>(), 0..40), ends in (0usize..40, 0usize..40),
        ) {
            let (from, to) = (ends.0.min(ends.1).min(cells.len()), ends.0.max(ends.1).min(cells.len()));
            let sum: u32 = cells.get(from..to).unwrap_or(&[]).iter().map(|n| u32::from(*n)).sum();
            prop_assert_eq!(sum_of(&cells, from, to), sum);
        }

        #[test]
        fn the_best_moment_is_exact_in_any_order_and_width(
            least in any::<bool>(),
            lay in 0..3,
            moments in proptest::collection::vec((0usize..3, prop_oneof![
                (631_152_000i64..4_133_980_800).prop_map(|s| s * SECOND),
                631_152_000_000_000i64..4_133_980_800_000_000,
                Just(0i64), Just(EPOCH * SECOND), any::<i64>(),
            ]), 0..12),
        ) {
            let mut kept = Moments::new(least, 3);
            for (at, micros) in &moments {
                kept.add(4, *at, *micros);
                kept.add(1, 2 - *at, *micros);
            }
            let lists = [vec![4, 3, 1]];
            match lay {
                0 => {}
                1 => kept.lay_out(None),
                _ => kept.lay_out(Some(&lists)),
            }
            for (from, to) in [(0, 1), (1, 3), (0, 3), (2, 3)] {
                let inside = moments.iter().filter(|(at, _)| (from..to).contains(at)).map(|m| m.1);
                let neutral = if least { i64::MAX } else { i64::MIN };
                let best = if least { inside.min() } else { inside.max() }.filter(|t| *t != neutral);
                prop_assert_eq!(kept.best(4, &(from..to)), best);
                let all = kept.all_best(0, &[4, 3, 1], &(from..to));
                prop_assert_eq!(all, [best, None, kept.best(1, &(from..to))]);
            }
        }
    }
}
