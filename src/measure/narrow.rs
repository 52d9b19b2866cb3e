//! Cells as narrow as what they hold: most members do little in any one bucket of time.

use rustc_hash::FxHashMap;

/// Counts in a byte each; what a byte cannot hold is counted aside.
#[derive(Debug, Default)]
pub(super) struct Counts {
    cells: Vec<u8>,
    /// How often a byte began anew.
    wraps: FxHashMap<usize, u32>,
}

impl Counts {
    /// Makes room for so many cells.
    pub fn reach(&mut self, all: usize) {
        if self.cells.is_empty() {
            self.cells = vec![0; all];
        } else if self.cells.len() < all {
            self.cells.resize(all, 0);
        }
    }

    /// Asks memory for many cells, so that they are waited for together.
    pub fn ask(&self, cells: impl Iterator<Item = usize>) {
        std::hint::black_box(cells.filter_map(|at| self.cells.get(at)).fold(0, |all, cell| all ^ cell));
    }

    /// Counts one more in a cell that there is room for.
    #[inline]
    pub fn add(&mut self, at: usize) {
        let Some(cell) = self.cells.get_mut(at) else { return };
        *cell = cell.wrapping_add(1);
        if *cell == 0 {
            *self.wraps.entry(at).or_default() += 1;
        }
    }

    /// Counts many more in a cell that there is room for.
    pub fn add_many(&mut self, at: usize, more: u64) {
        let Some(cell) = self.cells.get_mut(at) else { return };
        let sum = more + u64::from(*cell);
        // The lower byte stays.
        *cell = sum as u8;
        if sum > u64::from(u8::MAX) {
            let wraps = self.wraps.entry(at).or_default();
            *wraps = wraps.saturating_add(u32::try_from(sum >> 8).unwrap_or(u32::MAX));
        }
    }

    /// The bytes, and how often each began anew that did, ascending.
    pub fn parts(&self) -> (&[u8], Vec<(usize, u32)>) {
        let mut wraps: Vec<(usize, u32)> = self.wraps.iter().map(|(at, times)| (*at, *times)).collect();
        wraps.sort_unstable();
        (&self.cells, wraps)
    }

    /// The sum of a run of cells, which may reach past those that were ever needed.
    pub fn sum(&self, from: usize, to: usize) -> i64 {
        let cells = run(&self.cells, from, to);
        let low: i64 = cells.iter().map(|n| i64::from(*n)).sum();
        if self.wraps.is_empty() {
            return low;
        }
        let wraps = (from..from + cells.len()).filter_map(|at| self.wraps.get(&at));
        low + wraps.map(|n| i64::from(*n) << 8).sum::<i64>()
    }
}

/// The first second that four bytes tell: 1990-01-01, before which no time of a file lies.
const EPOCH: i64 = 631_152_000;
const SECOND: i64 = 1_000_000;

/// The earliest or latest moments, in whole seconds of four bytes as long as that is exact.
#[derive(Debug)]
pub(super) struct Moments {
    least: bool,
    /// Zero for none; the larger one wins, so that the earliest is counted from the end.
    narrow: Vec<u32>,
    /// Microseconds in place of `narrow`, once a moment needs them.
    wide: Option<Vec<i64>>,
}

impl Moments {
    /// No moments yet; the earliest (`least`) or the latest are kept.
    pub fn new(least: bool) -> Self {
        Self { least, narrow: Vec::new(), wide: None }
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

    /// The codes of four bytes; or else microseconds, with those that stand for none.
    pub fn parts(&self) -> Result<&[u32], (&[i64], i64)> {
        self.wide.as_ref().map_or(Ok(&self.narrow), |wide| Err((wide, self.neutral())))
    }

    /// The moment of a code of [`Moments::parts`], in microseconds; `None` for none.
    pub fn moment_of(&self, code: u32) -> Option<i64> {
        self.moment(code)
    }

    /// Makes room for so many cells.
    pub fn reach(&mut self, all: usize) {
        let neutral = self.neutral();
        match &mut self.wide {
            Some(wide) if wide.len() < all => wide.resize(all, neutral),
            None if self.narrow.is_empty() => self.narrow = vec![0; all],
            None if self.narrow.len() < all => self.narrow.resize(all, 0),
            _ => {}
        }
    }

    /// Asks memory for many cells, so that they are waited for together.
    pub fn ask(&self, cells: impl Iterator<Item = usize>) {
        std::hint::black_box(cells.filter_map(|at| self.narrow.get(at)).fold(0, |all, cell| all ^ cell));
    }

    /// Takes a moment into a cell that there is room for.
    #[inline]
    pub fn add(&mut self, at: usize, micros: i64) {
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

    /// The earliest or latest of a run of cells, in microseconds.
    pub fn best(&self, from: usize, to: usize) -> Option<i64> {
        let Some(wide) = &self.wide else {
            return run(&self.narrow, from, to).iter().copied().max().and_then(|c| self.moment(c));
        };
        let all = run(wide, from, to).iter().copied().filter(|t| *t != self.neutral());
        if self.least { all.min() } else { all.max() }
    }
}

/// The cells of a run that may reach past those that were ever needed.
fn run<T>(cells: &[T], from: usize, to: usize) -> &[T] {
    cells.get(from.min(cells.len())..to.min(cells.len())).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_go_on_where_a_byte_ends() {
        let mut counts = Counts::default();
        counts.reach(3);
        for (at, times) in [(0, 255), (1, 256), (2, 70_000)] {
            (0..times).for_each(|_| counts.add(at));
            assert_eq!(counts.sum(at, at + 1), times);
        }
        assert_eq!((counts.sum(0, 9), counts.sum(5, 9)), (70_511, 0));
    }

    proptest! {
        #[test]
        fn the_best_moment_is_exact_in_any_order_and_width(
            least in any::<bool>(),
            moments in proptest::collection::vec((0usize..3, prop_oneof![
                (631_152_000i64..4_133_980_800).prop_map(|s| s * SECOND),
                631_152_000_000_000i64..4_133_980_800_000_000,
                Just(0i64), Just(EPOCH * SECOND), any::<i64>(),
            ]), 0..12),
        ) {
            let mut kept = Moments::new(least);
            for (at, micros) in &moments {
                kept.reach(3);
                kept.add(*at, *micros);
            }
            for (from, to) in [(0, 1), (1, 3), (0, 3), (2, 9)] {
                let inside = moments.iter().filter(|(at, _)| (from..to).contains(at)).map(|m| m.1);
                let neutral = if least { i64::MAX } else { i64::MIN };
                let best = if least { inside.min() } else { inside.max() };
                prop_assert_eq!(kept.best(from, to), best.filter(|t| *t != neutral));
            }
        }
    }
}
