//! Keys of which none was met twice so far: 8 bytes of hash for each tell that.

use super::seen::KeyHash;
use super::sharded::{Sharded, Slot};

/// Half of the hash of a key.
#[derive(Debug, Clone, Copy)]
struct Half(u64);

impl Slot for Half {
    const VACANT: Self = Self(u64::MAX);

    fn half(&self) -> u64 {
        self.0
    }

    fn is_vacant(&self) -> bool {
        self.0 == Self::VACANT.0
    }

    fn is_same(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Half {
    /// The half of a key's hash that is kept; never the one that stands for none.
    fn of(key: KeyHash) -> Self {
        Self(key.half().min(Self::VACANT.0 - 1))
    }
}

/// Halves of the hashes of keys.
#[derive(Debug, Default)]
pub(super) struct Halves(Sharded<Half>);

impl Halves {
    /// Takes room for so many, once there is one.
    pub fn expect(&mut self, keys: usize) {
        self.0.expect(keys);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, in no order.
    pub fn all(&self) -> impl Iterator<Item = u64> {
        self.0.all().map(Slot::half)
    }

    /// Whether a key, or one of the same half, is among them.
    pub fn has(&self, key: KeyHash) -> bool {
        self.0.find(&Half::of(key)).is_some()
    }

    /// Adds a key; `false` if it, or one of the same half, was there.
    pub fn add(&mut self, key: KeyHash) -> bool {
        self.0.put(Half::of(key)).is_none()
    }

    /// Adds many keys, if all are new; else none of them.
    pub fn add_all(&mut self, keys: &[KeyHash]) -> bool {
        self.0.ask(keys.iter().map(|key| Half::of(*key)));
        let Some(met) = keys.iter().position(|key| !self.add(*key)) else { return true };
        keys.iter().take(met).for_each(|key| self.0.take_back(&Half::of(*key)));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_taken_back_after_growing_leaves_nothing() {
        // The table of some of them grows before one is met twice.
        let mut halves = Halves::default();
        halves.expect(65);
        let keys: Vec<KeyHash> = [430_u16, 73, 334, 18, 334].iter().map(|n| KeyHash::of(&n.to_le_bytes())).collect();
        assert!(!halves.add_all(&keys));
        assert_eq!((halves.len(), halves.all().count()), (0, 0));
    }

    proptest! {
        #[test]
        fn many_are_added_whole_or_not_at_all(expected in 0usize..2000, batches in proptest::collection::vec(proptest::collection::vec(0u16..900, 0..60), 0..30)) {
            let (mut halves, mut known) = (Halves::default(), BTreeSet::new());
            halves.expect(expected);
            for batch in batches {
                let keys: Vec<KeyHash> = batch.iter().map(|n| KeyHash::of(&n.to_le_bytes())).collect();
                let own: BTreeSet<u16> = batch.iter().copied().collect();
                let new = own.len() == batch.len() && own.is_disjoint(&known);
                prop_assert_eq!(halves.add_all(&keys), new);
                if new {
                    known.extend(own);
                }
                prop_assert_eq!((halves.len(), halves.all().count()), (known.len(), known.len()));
                for n in 0..900_u16 {
                    prop_assert_eq!(halves.has(KeyHash::of(&n.to_le_bytes())), known.contains(&n));
                }
            }
        }
    }
}
