//! Keys of which none was met twice so far: 8 bytes of hash for each tell that.

use super::seen::KeyHash;

/// How many tables the hashes are spread over, so that one that grows needs little room besides.
const SHARDS: usize = 64;
/// Not zero: memory that is read before it is written costs the system two turns for each page.
const VACANT: u64 = u64::MAX;

/// Halves of the hashes of keys.
#[derive(Debug, Default)]
pub(super) struct Halves {
    shards: Vec<Shard>,
    /// So many are expected.
    expected: usize,
}

#[derive(Debug, Default, Clone)]
struct Shard {
    /// At most three quarters taken.
    slots: Vec<u64>,
    len: usize,
}

/// The half of a key's hash that is kept; never the one that stands for none.
fn half_of(key: KeyHash) -> u64 {
    key.half().min(VACANT - 1)
}

fn shard_of(half: u64) -> usize {
    (half >> 32) as usize % SHARDS
}

impl Halves {
    /// Takes room for so many, once there is one. Growing would cost it twice over.
    pub fn expect(&mut self, keys: usize) {
        self.expected = self.expected.max(keys);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.len).sum()
    }

    /// All of them, in no order.
    pub fn all(&self) -> impl Iterator<Item = u64> {
        self.shards.iter().flat_map(|shard| &shard.slots).copied().filter(|half| *half != VACANT)
    }

    /// Whether a key, or one of the same half, is among them.
    pub fn has(&self, key: KeyHash) -> bool {
        let half = half_of(key);
        let shard = self.shards.get(shard_of(half));
        shard.is_some_and(|shard| shard.find(half).and_then(|at| shard.slots.get(at)) == Some(&half))
    }

    /// Adds a key; `false` if it, or one of the same half, was there.
    pub fn add(&mut self, key: KeyHash) -> bool {
        if self.shards.is_empty() {
            // A little more than three quarters would let them be, since no shard has just its share.
            let each = self.expected.div_ceil(SHARDS) * 3 / 2;
            self.shards = (0..SHARDS).map(|_| Shard { slots: vec![VACANT; each], len: 0 }).collect();
        }
        let half = half_of(key);
        let Some(shard) = self.shards.get_mut(shard_of(half)) else { return false };
        if (shard.len + 1) * 4 > shard.slots.len() * 3 {
            shard.grow();
        }
        let Some(slot) = shard.find(half).and_then(|at| shard.slots.get_mut(at)) else { return false };
        let new = *slot == VACANT;
        *slot = half;
        shard.len += usize::from(new);
        new
    }

    /// Adds many keys, if all are new; else none of them.
    pub fn add_all(&mut self, keys: &[KeyHash]) -> bool {
        // What is asked of memory for all at once comes sooner.
        let home = |key: &KeyHash| {
            let half = half_of(*key);
            let shard = self.shards.get(shard_of(half))?;
            shard.slots.get(shard.home(half))
        };
        std::hint::black_box(keys.iter().filter_map(home).fold(0, |all, half| all ^ half));
        let Some(met) = keys.iter().position(|key| !self.add(*key)) else { return true };
        for half in keys.iter().take(met).map(|key| half_of(*key)) {
            self.shards.get_mut(shard_of(half)).into_iter().for_each(|shard| shard.take_back(half));
        }
        false
    }
}

impl Shard {
    /// Where a half is looked for first: its lower bits as a share of all slots.
    #[inline]
    fn home(&self, half: u64) -> usize {
        ((u64::from(half as u32) * self.slots.len() as u64) >> 32) as usize
    }

    /// The slot of a half, or the one that it would take; `None` while there are none.
    fn find(&self, half: u64) -> Option<usize> {
        let mut at = self.home(half);
        loop {
            let slot = *self.slots.get(at)?;
            if slot == VACANT || slot == half {
                return Some(at);
            }
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
    }

    /// Takes a half back. Those behind it that are cut off from their homes move up.
    fn take_back(&mut self, half: u64) {
        let size = self.slots.len();
        let Some(mut gap) = self.find(half).filter(|at| self.slots.get(*at) == Some(&half)) else { return };
        let mut at = gap;
        loop {
            at = if at + 1 == size { 0 } else { at + 1 };
            let Some(next) = self.slots.get(at).copied().filter(|next| *next != VACANT && at != gap) else { break };
            let since = |place: usize| (at + size - place) % size;
            if since(self.home(next)) >= since(gap) {
                self.slots.iter_mut().skip(gap).take(1).for_each(|slot| *slot = next);
                gap = at;
            }
        }
        self.slots.iter_mut().skip(gap).take(1).for_each(|slot| *slot = VACANT);
        self.len -= 1;
    }

    fn grow(&mut self) {
        let size = (self.slots.len() + self.slots.len() / 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![VACANT; size]);
        for half in old.into_iter().filter(|half| *half != VACANT) {
            if let Some(slot) = self.find(half).and_then(|at| self.slots.get_mut(at)) {
                *slot = half;
            }
        }
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
