//! Distinct keys of entities, with a bit for each bucket of time in which one was met.

use super::masks::Masks;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// A key in two halves, so that it is not padded.
pub(super) type HalvedKey = [u64; 2];

/// The keys of all entities, numbered on first sight.
#[derive(Debug)]
pub(super) struct Keys {
    numbers: FxHashMap<(u32, HalvedKey), u32>,
    /// The last key of each entity, counted from one; 0 for none.
    last: Vec<u32>,
    /// By number of a key, the entity's key before it, counted likewise.
    before: Vec<u32>,
    masks: Masks,
}

impl Keys {
    /// No keys yet, of so many buckets.
    pub fn new(buckets: usize) -> Self {
        Self { numbers: FxHashMap::default(), last: Vec::new(), before: Vec::new(), masks: Masks::new(buckets) }
    }

    /// Notes a key of an entity in a bucket.
    pub fn add(&mut self, entity: u32, key: HalvedKey, bucket: usize) {
        let Self { numbers, last, before, masks } = self;
        let number = *numbers.entry((entity, key)).or_insert_with(|| {
            if last.len() <= entity as usize {
                last.resize(entity as usize + 1, 0);
            }
            let number = u32::try_from(before.len()).unwrap_or(u32::MAX);
            if let Some(last) = last.get_mut(entity as usize) {
                before.push(std::mem::replace(last, number.saturating_add(1)));
            }
            number
        });
        masks.reach(number as usize + 1);
        masks.set(number as usize, bucket);
    }

    /// Whether an entity has any keys.
    #[inline]
    pub fn has(&self, entity: u32) -> bool {
        self.last.get(entity as usize).is_some_and(|last| *last != 0)
    }

    /// How many keys of an entity were met in a run of buckets.
    pub fn count(&self, entity: u32, buckets: &Range<usize>) -> usize {
        let some = |number: &u32| number.checked_sub(1);
        let last = self.last.get(entity as usize).and_then(some);
        let own = std::iter::successors(last, |number| self.before.get(*number as usize).and_then(some));
        own.filter(|number| self.masks.any(*number as usize, buckets)).count()
    }

    /// Numbers the keys in the order of their entities, as they will be read.
    pub fn lay_out(&mut self) {
        let Self { numbers, last, before, masks } = self;
        let mut ordered = Masks { words: masks.words, bits: Vec::with_capacity(masks.bits.len()) };
        let mut new = vec![0; before.len()];
        let mut chain = Vec::with_capacity(before.len());
        for last in last {
            let mut number = *last;
            let mut own = 0;
            while let Some(old) = number.checked_sub(1) {
                let old = old as usize;
                let words = masks.bits.get(old * masks.words..(old + 1) * masks.words);
                ordered.bits.extend_from_slice(words.unwrap_or(&[]));
                new.iter_mut().skip(old).take(1).for_each(|place| *place = u32::try_from(chain.len()).unwrap_or(0));
                chain.push(own);
                own = u32::try_from(chain.len()).unwrap_or(0);
                number = before.get(old).copied().unwrap_or(0);
            }
            *last = own;
        }
        numbers.values_mut().for_each(|number| *number = new.get(*number as usize).copied().unwrap_or(*number));
        (*before, *masks) = (chain, ordered);
    }

    /// Entity and key by number, and the bits of the buckets in which each was met.
    pub fn parts(&self) -> (Vec<(u32, HalvedKey)>, &Masks) {
        let mut keys = vec![(u32::MAX, [0; 2]); self.before.len()];
        self.numbers.iter().for_each(|(key, number)| {
            if let Some(place) = keys.get_mut(*number as usize) {
                *place = *key;
            }
        });
        (keys, &self.masks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_count_once_in_each_run_of_buckets() {
        let mut keys = Keys::new(70);
        for (entity, key, bucket) in [(3, 1, 0), (1, 1, 69), (3, 2, 5), (3, 1, 69), (1, 9, 69), (3, 2, 5)] {
            keys.add(entity, [key, 0], bucket);
        }
        for _ in 0..2 {
            let count = |entity, range: Range<usize>| keys.count(entity, &range);
            assert_eq!(
                [count(3, 0..70), count(3, 1..6), count(3, 6..69), count(1, 0..69), count(1, 0..70)],
                [2, 1, 0, 0, 2]
            );
            assert_eq!((count(0, 0..70), count(9, 0..70), keys.has(3), keys.has(0)), (0, 0, true, false));
            keys.lay_out();
        }
        let (parts, masks) = keys.parts();
        assert_eq!(parts.iter().map(|(entity, _)| *entity).collect::<Vec<_>>(), [1, 1, 3, 3]);
        let met =
            |key| parts.iter().position(|part| *part == key).map(|at| masks.among(at, &(0..70)).collect::<Vec<_>>());
        assert_eq!(met((3, [1, 0])), Some(vec![0, 69]));
    }
}
