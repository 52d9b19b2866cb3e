//! The membership of a group's and a person's id in one look-up.
//!
//! Every streamed row asks it, in no order that memory could foresee, so a look-up touches one place:
//! the key stands in the table itself, and no text is followed.

use std::hash::{DefaultHasher, Hasher};

/// Both ids: themselves where they are short, else 120 bits of their hash.
pub(super) type PairKey = [u64; 2];

/// The most bytes of both ids that a key holds as they are.
const SHORT: usize = 14;
/// Stands where a short key has the length of an id.
const HASHED: u8 = u8::MAX;
const VACANT: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Slot {
    key: PairKey,
    group: u32,
    member: u32,
}

/// Memberships by both ids.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// A power of two of them, at most two thirds taken.
    slots: Vec<Slot>,
    len: usize,
}

/// The key of a pair of ids.
#[inline]
pub(super) fn pair_key(group: &str, member: &str) -> PairKey {
    let (g, m) = (group.as_bytes(), member.as_bytes());
    let mut bytes = [0_u8; 16];
    if g.len() + m.len() <= SHORT
        && let Some((ids, lengths)) = bytes.split_at_mut_checked(SHORT)
        && let Some((own, rest)) = ids.split_at_mut_checked(g.len())
        && let Some((other, _)) = rest.split_at_mut_checked(m.len())
    {
        own.copy_from_slice(g);
        other.copy_from_slice(m);
        // Both are at most 14.
        lengths.copy_from_slice(&[g.len() as u8, m.len() as u8]);
    } else {
        for (seed, half) in bytes.chunks_exact_mut(8).enumerate() {
            let mut hasher = DefaultHasher::new();
            hasher.write_usize(seed);
            hasher.write_usize(g.len());
            hasher.write(g);
            hasher.write(m);
            half.copy_from_slice(&hasher.finish().to_le_bytes());
        }
        if let Some(last) = bytes.last_mut() {
            *last = HASHED;
        }
    }
    let (low, high) = bytes.split_at(8);
    let word = |half: &[u8]| half.try_into().map_or(0, u64::from_le_bytes);
    [word(low), word(high)]
}

/// Where a key is looked for first, of all 64-bit numbers.
fn spread([low, high]: PairKey) -> u64 {
    let product = u128::from(low ^ 0x9e37_79b9_7f4a_7c15) * u128::from(high ^ 0xd1b5_4a32_d192_ed03);
    (product as u64) ^ ((product >> 64) as u64)
}

impl Pairs {
    /// Group and membership of each key. The first place of every key is asked of memory before any is looked at,
    /// so that they are waited for together.
    pub fn find_all(&self, keys: &[Option<PairKey>], homes: &mut Vec<usize>, found: &mut Vec<Option<(u32, u32)>>) {
        let mask = self.slots.len().wrapping_sub(1);
        homes.clear();
        homes.extend(keys.iter().map(|key| key.map_or(0, |key| spread(key) as usize & mask)));
        let asked = homes.iter().fold(0, |all, home| all ^ self.slots.get(*home).map_or(0, |slot| slot.member));
        std::hint::black_box(asked);
        found.clear();
        found.extend(keys.iter().zip(&*homes).map(|(key, home)| self.find_from(*home, (*key)?)));
    }

    /// Group and membership of a key.
    pub fn find(&self, key: PairKey) -> Option<(u32, u32)> {
        let mask = self.slots.len().checked_sub(1)?;
        self.find_from(spread(key) as usize & mask, key)
    }

    #[inline]
    fn find_from(&self, home: usize, key: PairKey) -> Option<(u32, u32)> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = home;
        loop {
            let slot = self.slots.get(at)?;
            if slot.member == VACANT {
                return None;
            }
            if slot.key == key {
                return Some((slot.group, slot.member));
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds a pair that is not there yet.
    pub fn add(&mut self, key: PairKey, group: u32, member: u32) {
        if (self.len + 1) * 3 > self.slots.len() * 2 {
            let size = (self.slots.len() * 2).max(16);
            let vacant = Slot { key: [0; 2], group: 0, member: VACANT };
            let old = std::mem::replace(&mut self.slots, vec![vacant; size]);
            old.into_iter().filter(|s| s.member != VACANT).for_each(|s| self.put(s));
        }
        self.put(Slot { key, group, member });
        self.len += 1;
    }

    fn put(&mut self, slot: Slot) {
        let mask = self.slots.len() - 1;
        let mut at = spread(slot.key) as usize & mask;
        while let Some(place) = self.slots.get_mut(at) {
            if place.member == VACANT {
                *place = slot;
                return;
            }
            at = (at + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_only_look_alike_have_keys_of_their_own() {
        let long = "0123456789abcdef";
        let pairs = [("a", "bc"), ("ab", "c"), ("", "abc"), ("abc", ""), ("a", "b\0"), ("a", "b")];
        let others = [(long, "x"), ("x", long), ("0123456789abcde", "fx"), ("群一", "成员"), ("群", "一成员")];
        let keys: std::collections::BTreeSet<PairKey> =
            pairs.iter().chain(&others).map(|(g, m)| pair_key(g, m)).collect();
        assert_eq!(keys.len(), pairs.len() + others.len());
    }

    #[test]
    fn what_was_added_is_found_and_nothing_else() {
        let mut pairs = Pairs::default();
        assert_eq!(pairs.find(pair_key("g", "m")), None);
        let id = |i: u32| (format!("g{}", i % 7), format!("member-{i}-{}", "x".repeat(i as usize % 9)));
        for i in 0..2000 {
            let (group, member) = id(i);
            pairs.add(pair_key(&group, &member), i % 7, i);
        }
        for i in 0..4000 {
            let (group, member) = id(i);
            let found = pairs.find(pair_key(&group, &member));
            assert_eq!(found, (i < 2000).then_some((i % 7, i)));
        }
    }
}
