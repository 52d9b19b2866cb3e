//! Keys that were seen, by their hashes: 24 bytes for each, because a table may have tens of millions of rows.

use super::reuse::hash_of;

/// How many tables the keys are spread over, so that one that grows needs little room besides.
const SHARDS: usize = 64;
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

    fn shard(self) -> usize {
        self.0[1] as usize % SHARDS
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

#[derive(Debug, Clone, Copy)]
struct Slot {
    key: KeyHash,
    place: Place,
}

const VACANT: Slot = Slot { key: KeyHash([0; 3]), place: Place { row: 0, line: 0, part: NO_PART } };

/// Keys with the places where they were seen first.
#[derive(Debug, Default)]
pub(super) struct SeenKeys {
    shards: Vec<Shard>,
}

#[derive(Debug, Default, Clone)]
struct Shard {
    /// At most three quarters taken.
    slots: Vec<Slot>,
    len: usize,
}

impl SeenKeys {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.len).sum()
    }

    /// The first 64 bits of the hash of every key, in no order.
    pub fn halves(&self) -> impl Iterator<Item = u64> {
        let slots = self.shards.iter().flat_map(|shard| &shard.slots);
        slots.filter(|slot| slot.place.part != NO_PART).map(|slot| slot.key.half())
    }

    /// Where a key was seen.
    pub fn get(&self, key: KeyHash) -> Option<Place> {
        let shard = self.shards.get(key.shard())?;
        shard.slots.get(shard.find(key)?).map(|slot| slot.place).filter(|place| place.part != NO_PART)
    }

    /// Where a key was seen before; if nowhere, it is noted.
    pub fn note(&mut self, key: KeyHash, place: impl FnOnce() -> Place) -> Option<Place> {
        if self.shards.is_empty() {
            self.shards = vec![Shard::default(); SHARDS];
        }
        let shard = self.shards.get_mut(key.shard())?;
        if (shard.len + 1) * 4 > shard.slots.len() * 3 {
            shard.grow();
        }
        let at = shard.find(key)?;
        let slot = shard.slots.get_mut(at)?;
        if slot.place.part != NO_PART {
            return Some(slot.place);
        }
        *slot = Slot { key, place: place() };
        shard.len += 1;
        None
    }
}

impl Shard {
    /// The slot of a key, or the one that it would take; `None` while there are none.
    fn find(&self, key: KeyHash) -> Option<usize> {
        // The hash as a share of all slots.
        let mut at = ((u64::from(key.0[0]) * self.slots.len() as u64) >> 32) as usize;
        loop {
            let slot = self.slots.get(at)?;
            if slot.place.part == NO_PART || slot.key == key {
                return Some(at);
            }
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
    }

    fn grow(&mut self) {
        let size = (self.slots.len() + self.slots.len() / 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![VACANT; size]);
        for slot in old.into_iter().filter(|slot| slot.place.part != NO_PART) {
            if let Some(place) = self.find(slot.key).and_then(|at| self.slots.get_mut(at)) {
                *place = slot;
            }
        }
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
