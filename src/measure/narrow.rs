//! Cells as narrow as what they hold: most members do little in any one bucket of time.

use super::paged::Pages;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Counts in a byte each; what a byte cannot hold is counted aside.
#[derive(Debug)]
pub(super) struct Counts {
    pages: Pages,
    cells: Vec<u8>,
    /// How often a byte began anew.
    wraps: FxHashMap<usize, u32>,
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
        Self { pages: Pages::new(buckets, size_of::<u8>()), cells: Vec::new(), wraps: FxHashMap::default(), wrapped: Vec::new() }
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
            self.wrap(entity, at, 1);
        }
    }

    #[cold]
    fn wrap(&mut self, entity: u32, at: usize, times: u32) {
        let wraps = self.wraps.entry(at).or_default();
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
            self.wrap(entity, at, u32::try_from(sum >> 8).unwrap_or(u32::MAX));
        }
    }

    /// Lays the cells out as they will be read.
    pub fn lay_out(&mut self) {
        let (pages, buckets) = (self.pages.lay_out(&mut self.cells), self.pages.buckets().max(1));
        let moved = |at: usize| pages.get(at / buckets).map_or(at, |page| *page as usize * buckets + at % buckets);
        self.wraps = std::mem::take(&mut self.wraps).into_iter().map(|(at, times)| (moved(at), times)).collect();
    }

    /// The bytes of all entities and buckets, and how often each began anew that did, ascending.
    pub fn parts(&self) -> (Vec<u8>, Vec<(usize, u32)>) {
        let buckets = self.pages.buckets();
        let mut wraps = Vec::new();
        for (entity, start) in self.pages.all().filter(|_| !self.wraps.is_empty()) {
            let own = (0..buckets).filter_map(|b| Some((b, *self.wraps.get(&(start + b))?)));
            wraps.extend(own.map(|(bucket, times)| (entity as usize * buckets + bucket, times)));
        }
        (self.pages.spread(&self.cells), wraps)
    }

    /// The sum of a run of an entity's cells.
    #[inline]
    pub fn sum(&self, entity: u32, buckets: &Range<usize>) -> i64 {
        let Some(start) = self.pages.find(entity) else { return 0 };
        let (from, to) = (start + buckets.start, start + buckets.end);
        let low = sum_of(&self.cells, from, to);
        if self.wrapped.get(entity as usize) != Some(&true) {
            return i64::from(low);
        }
        let wraps = (from..to).filter_map(|at| self.wraps.get(&at));
        i64::from(low) + wraps.map(|n| i64::from(*n) << 8).sum::<i64>()
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

    fn neutral(&self) -> i64 {
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
        let Some(wide) = &self.wide else { return Ok(self.pages.spread(&self.narrow)) };
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

    /// Lays the cells out as they will be read.
    pub fn lay_out(&mut self) {
        match &mut self.wide {
            Some(wide) => self.pages.lay_out(wide),
            None => self.pages.lay_out(&mut self.narrow),
        };
    }

    /// Whether an entity has any cells.
    #[inline]
    pub fn has(&self, entity: u32) -> bool {
        self.pages.find(entity).is_some()
    }

    /// The earliest or latest of a run of an entity's cells, in microseconds.
    pub fn best(&self, entity: u32, buckets: &Range<usize>) -> Option<i64> {
        let start = self.pages.find(entity)?;
        let (from, to) = (start + buckets.start, start + buckets.end);
        let Some(wide) = &self.wide else {
            let code = self.narrow.get(from..to)?.iter().copied().max();
            return code.and_then(|c| self.moment(c));
        };
        let all = wide.get(from..to)?.iter().copied().filter(|t| *t != self.neutral());
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
        counts.lay_out();
        assert_eq!([5, 2, 0, 9].map(|entity| counts.sum(entity, &(0..3))), [70_511, 1, 0, 0]);
        let (cells, wraps) = counts.parts();
        assert_eq!((cells.len(), cells.get(7), wraps), (18, Some(&1), vec![(16, 1), (17, 273)]));
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
            lay in any::<bool>(),
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
            if lay {
                kept.lay_out();
            }
            for (from, to) in [(0, 1), (1, 3), (0, 3), (2, 3)] {
                let inside = moments.iter().filter(|(at, _)| (from..to).contains(at)).map(|m| m.1);
                let neutral = if least { i64::MAX } else { i64::MIN };
                let best = if least { inside.min() } else { inside.max() };
                prop_assert_eq!(kept.best(4, &(from..to)), best.filter(|t| *t != neutral));
            }
        }
    }
}
