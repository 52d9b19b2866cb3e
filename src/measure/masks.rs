//! Bits of many items: which buckets of time a member was met in, which days something happened on.

/// Rows of bits, one row an item.
#[derive(Debug, Default)]
pub(super) struct Masks {
    pub words: usize,
    pub bits: Vec<u64>,
}

impl Masks {
    pub fn new(width: usize) -> Self {
        Self { words: width.div_ceil(64).max(1), bits: Vec::new() }
    }

    /// Makes room for so many items.
    pub fn reach(&mut self, items: usize) {
        let all = items * self.words;
        if self.bits.is_empty() {
            self.bits = vec![0; all];
        } else if self.bits.len() < all {
            self.bits.resize(all, 0);
        }
    }

    /// Asks memory for many bits, so that they are waited for together.
    pub fn ask(&self, bits: &[(u32, u32)]) {
        let word = |(item, bit): &(u32, u32)| self.bits.get(*item as usize * self.words + *bit as usize / 64);
        std::hint::black_box(bits.iter().filter_map(word).fold(0, |all, word| all ^ word));
    }

    /// Sets a bit of an item that there is room for.
    pub fn set(&mut self, item: usize, bit: usize) {
        let at = item * self.words + bit / 64;
        if let Some(word) = self.bits.get_mut(at) {
            *word |= 1 << (bit % 64);
        }
    }

    fn has(&self, item: usize, bit: usize) -> bool {
        self.bits.get(item * self.words + bit / 64).is_some_and(|w| w & (1 << (bit % 64)) != 0)
    }

    /// The bits of a range that are set, ascending.
    pub fn among<'m>(&'m self, item: usize, range: &'m std::ops::Range<usize>) -> impl Iterator<Item = usize> + 'm {
        let words = self.bits.get(item * self.words..(item + 1) * self.words).unwrap_or(&[]);
        words
            .iter()
            .enumerate()
            .flat_map(|(at, word)| {
                std::iter::successors(Some(*word).filter(|w| *w != 0), |w| Some(w & (w - 1)).filter(|w| *w != 0))
                    .map(move |w| at * 64 + w.trailing_zeros() as usize)
            })
            .filter(|bit| range.contains(bit))
    }

    /// How many bits of a range are set.
    pub fn count(&self, item: usize, range: &std::ops::Range<usize>) -> i64 {
        let Some(words) = self.bits.get(item * self.words..(item + 1) * self.words) else { return 0 };
        let below = |bit: usize| {
            let whole: u32 = words.iter().take(bit / 64).map(|w| w.count_ones()).sum();
            let rest = words.get(bit / 64).map_or(0, |w| (w & ((1 << (bit % 64)) - 1)).count_ones());
            i64::from(whole + rest)
        };
        (below(range.end) - below(range.start)).max(0)
    }

    pub fn any(&self, item: usize, range: &std::ops::Range<usize>) -> bool {
        match self.mask(range) {
            Some(mask) => self.bits.get(item).is_some_and(|word| word & mask != 0),
            None => range.clone().any(|b| self.has(item, b)),
        }
    }

    /// Of how many items a bit of a range is set.
    pub fn how_many(&self, items: &[u32], range: &std::ops::Range<usize>) -> usize {
        match self.mask(range) {
            Some(mask) => {
                let word = |item: &u32| self.bits.get(*item as usize).copied().unwrap_or(0);
                items.iter().map(|item| usize::from(word(item) & mask != 0)).sum()
            }
            None => items.iter().filter(|item| self.any(**item as usize, range)).count(),
        }
    }

    /// The bits of a range, where an item has one word.
    fn mask(&self, range: &std::ops::Range<usize>) -> Option<u64> {
        if self.words != 1 || range.end > 64 {
            return None;
        }
        let width = range.len();
        Some(if width >= 64 { u64::MAX } else { ((1_u64 << width) - 1) << range.start.min(63) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_know_runs_of_buckets_on_both_sides_of_a_word() {
        for width in [3, 64, 70] {
            let mut masks = Masks::new(width);
            masks.reach(2);
            masks.set(1, width - 1);
            assert!(masks.any(1, &(0..width)) && masks.any(1, &(width - 1..width)));
            assert!(!masks.any(1, &(0..width - 1)) && !masks.any(0, &(0..width)));
            masks.set(1, 0);
            assert_eq!([0, width - 1, width].map(|end| masks.count(1, &(0..end))), [0, 1, 2]);
            assert_eq!(masks.among(1, &(0..width)).collect::<Vec<_>>(), [0, width - 1]);
            assert_eq!(masks.among(1, &(1..width - 1)).count() + masks.among(0, &(0..width)).count(), 0);
            assert_eq!((masks.count(1, &(1..width)), masks.count(0, &(0..width)), masks.count(2, &(0..1))), (1, 0, 0));
        }
    }
}
