//! Bits of many items: which buckets of time a member was met in, which days something happened on.

use std::ops::Range;

/// Bits of a word: most masks are of the weeks of half a year, which need no more.
const WORD: usize = 32;

/// Rows of bits, one row an item.
#[derive(Debug, Default)]
pub(super) struct Masks {
    /// Of an item; one, or an even number.
    pub words: usize,
    pub bits: Vec<u32>,
}

/// The bits of a range that lie in a word.
#[inline]
fn within(word: usize, range: &Range<usize>) -> u32 {
    let below = |bit: usize| (1_u64 << bit.saturating_sub(word * WORD).min(WORD)) - 1;
    (below(range.end) & !below(range.start)) as u32
}

impl Masks {
    pub fn new(width: usize) -> Self {
        let words = if width <= WORD { 1 } else { 2 * width.div_ceil(2 * WORD) };
        Self { words, bits: Vec::new() }
    }

    /// How many bits an item has.
    pub fn width(&self) -> usize {
        self.words * WORD
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
        let word = |(item, bit): &(u32, u32)| self.bits.get(*item as usize * self.words + *bit as usize / WORD);
        std::hint::black_box(bits.iter().filter_map(word).fold(0, |all, word| all ^ word));
    }

    /// Sets a bit of an item that there is room for.
    pub fn set(&mut self, item: usize, bit: usize) {
        let at = item * self.words + bit / WORD;
        if let Some(word) = self.bits.get_mut(at) {
            *word |= 1 << (bit % WORD);
        }
    }

    /// The words of all items, two in one.
    pub fn pairs(&self) -> impl Iterator<Item = u64> {
        let pair = |pair: &[u32]| pair.iter().rev().fold(0, |all, word| all << WORD | u64::from(*word));
        self.bits.chunks(self.words.clamp(1, 2)).map(pair)
    }

    /// The words of an item in which a range has bits, each with those bits.
    fn masked<'m>(&'m self, item: usize, range: &'m Range<usize>) -> impl Iterator<Item = (usize, u32)> + 'm {
        let from = (range.start / WORD).min(self.words);
        let to = range.end.div_ceil(WORD).clamp(from, self.words);
        let words = self.bits.get(item * self.words + from..item * self.words + to).unwrap_or(&[]);
        (from..).zip(words).map(|(at, word)| (at, word & within(at, range)))
    }

    /// The bits of a range that are set, ascending.
    pub fn among<'m>(&'m self, item: usize, range: &'m Range<usize>) -> impl Iterator<Item = usize> + 'm {
        self.masked(item, range).flat_map(|(at, word)| {
            std::iter::successors(Some(word).filter(|w| *w != 0), |w| Some(w & (w - 1)).filter(|w| *w != 0))
                .map(move |w| at * WORD + w.trailing_zeros() as usize)
        })
    }

    /// How many bits of a range are set.
    pub fn count(&self, item: usize, range: &Range<usize>) -> i64 {
        self.masked(item, range).map(|(_, word)| i64::from(word.count_ones())).sum()
    }

    /// How many bits of a range are set at most one after the other.
    pub fn longest_run(&self, item: usize, range: &Range<usize>) -> i64 {
        let (mut best, mut run) = (0, 0);
        for (_, word) in self.masked(item, range) {
            let (mut word, mut left) = (u64::from(word), WORD as u32);
            while left > 0 {
                let gap = word.trailing_zeros().min(left);
                run = if gap > 0 { 0 } else { run };
                (word, left) = (word >> gap, left - gap);
                // No bit beyond the word is set, so that no more are counted than are left.
                let set = word.trailing_ones();
                (word, left) = (word >> set, left - set);
                run += set;
                best = best.max(run);
            }
        }
        i64::from(best)
    }

    pub fn any(&self, item: usize, range: &Range<usize>) -> bool {
        self.masked(item, range).any(|(_, word)| word != 0)
    }

    /// Of how many items a bit of a range is set.
    pub fn how_many(&self, items: &[u32], range: &Range<usize>) -> usize {
        if self.words == 1 {
            let mask = within(0, range);
            let word = |item: &u32| self.bits.get(*item as usize).copied().unwrap_or(0);
            return items.iter().map(|item| usize::from(word(item) & mask != 0)).sum();
        }
        items.iter().filter(|item| self.any(**item as usize, range)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tally::longest_run;
    use super::*;
    use crate::calendar::Day;
    use proptest::prelude::*;

    #[test]
    fn masks_know_runs_of_buckets_on_both_sides_of_a_word() {
        for width in [3, 32, 33, 64, 70, 200] {
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
            assert_eq!([0..width, 1..width, 1..width - 1].map(|range| masks.how_many(&[0, 1, 2], &range)), [1, 1, 0]);
            let pairs: Vec<u64> = masks.pairs().collect();
            let (words, last) = (pairs.len() / 2, width - 1);
            let expected = (0..words).map(|at| u64::from(at == 0) | u64::from(at == last / 64) << (last % 64));
            assert_eq!(pairs[words..], expected.collect::<Vec<_>>());
        }
    }

    proptest! {
        #[test]
        fn the_longest_run_is_that_of_the_days(
            bits in proptest::collection::btree_set(0usize..130, 0..90), ends in (0usize..131, 0usize..131),
        ) {
            let range = ends.0.min(ends.1)..ends.0.max(ends.1);
            let mut masks = Masks::new(130);
            masks.reach(2);
            bits.iter().for_each(|bit| masks.set(1, *bit));
            let days: Vec<Day> = bits.range(range.clone()).map(|bit| Day(*bit as i32)).collect();
            prop_assert_eq!(masks.longest_run(1, &range), longest_run(&days));
            prop_assert_eq!(masks.longest_run(0, &range), 0);
        }
    }
}
