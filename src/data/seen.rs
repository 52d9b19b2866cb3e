//! Keys that were seen, by their hashes: 24 bytes for each, because a table may have tens of millions of rows.

use super::reuse::hash_of;
use super::sharded::{Sharded, Slot};

/// Stands in a slot that no key has.
const NO_PART: u32 = u32::MAX;

/// 96 bits of a key's hash; the first 64 place it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyHash([u32; 3]);

impl KeyHash {
    /// The hash of a key, the same in every run and on every machine.
    pub fn of(key: &[u8]) -> Self {
        let [low, high] = hash_of(key);
        Self([low as u32, (low >> 32) as u32, high as u32])
    }

    /// The first 64 bits.
    pub fn half(self) -> u64 {
        let [low, high, _] = self.0;
        u64::from(low) | u64::from(high) << 32
    }
}

/// Where a key was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// A hash of all cells of its row.
    pub row: u32,
    /// Saturates; only messages show it.
    pub line: u32,
    pub part: u32,
}

/// A key and where it was seen first.
#[derive(Debug, Clone, Copy)]
struct SeenKey {
    key: KeyHash,
    place: Place,
}

impl Slot for SeenKey {
    const VACANT: Self = Self::asked(KeyHash([0; 3]));

    fn half(&self) -> u64 {
        self.key.half()
    }

    fn is_vacant(&self) -> bool {
        self.place.part == NO_PART
    }

    fn is_same(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl SeenKey {
    /// To be looked for.
    const fn asked(key: KeyHash) -> Self {
        Self { key, place: Place { row: 0, line: 0, part: NO_PART } }
    }
}

/// Keys with the places where they were seen first.
#[derive(Debug, Default)]
pub(super) struct SeenKeys(Sharded<SeenKey>);

impl SeenKeys {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The first 64 bits of the hash of every key, in no order.
    pub fn halves(&self) -> impl Iterator<Item = u64> {
        self.0.all().map(Slot::half)
    }

    /// Where a key was seen.
    pub fn get(&self, key: KeyHash) -> Option<Place> {
        self.0.find(&SeenKey::asked(key)).map(|seen| seen.place)
    }

    /// Where a key was seen before; if nowhere, it is noted.
    pub fn note(&mut self, key: KeyHash, place: impl FnOnce() -> Place) -> Option<Place> {
        let known = self.get(key);
        if known.is_none() {
            self.0.put(SeenKey { key, place: place() });
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_of_every_key_is_kept() {
        let mut seen = SeenKeys::default();
        let place = |n: u32| Place { row: n, line: n + 1, part: 0 };
        assert!(seen.len() == 0 && seen.get(KeyHash::of(b"0")).is_none());
        for n in 0..5000 {
            let key = KeyHash::of(n.to_string().as_bytes());
            assert_eq!(seen.note(key, || place(n)), None);
            assert_eq!(seen.note(key, || place(n + 1)), Some(place(n)));
        }
        assert_eq!((seen.len(), seen.halves().count()), (5000, 5000));
        for n in 0..10_000 {
            assert_eq!(seen.get(KeyHash::of(n.to_string().as_bytes())), (n < 5000).then(|| place(n)));
        }
    }
}
