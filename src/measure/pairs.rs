//! The membership of a group's and a person's id in one look-up.
//!
//! Every streamed row asks it, in no order that memory could foresee, so a look-up touches one place:
//! the key stands in the table itself, and no text is followed.

use crate::data::hash_of;

/// Both ids: themselves where they are short, else 120 bits of their hash.
pub(super) type PairKey = [u64; 2];

/// The most bytes of both ids that a key holds as they are.
const SHORT: usize = 14;
/// Ids of ordinary length and the length of one fit into so many bytes.
const LONG: usize = 128;
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
    /// At most three quarters taken.
    slots: Vec<Slot>,
    len: usize,
}

/// The key of a pair of ids.
#[inline]
pub(super) fn pair_key(group: &str, member: &str) -> PairKey {
    pair_key_of(group.as_bytes(), member.as_bytes())
}

/// The key of the bytes of a pair of ids.
#[inline]
pub(super) fn pair_key_of(g: &[u8], m: &[u8]) -> PairKey {
    if g.len() + m.len() <= SHORT {
        // Both are at most 14, so that the lengths take the last two bytes.
        let ids = number(g) | number(m) << (8 * g.len());
        let key = ids | (g.len() as u128) << (8 * SHORT) | (m.len() as u128) << (8 * SHORT + 8);
        return [key as u64, (key >> 64) as u64];
    }
    let length = (g.len() as u64).to_le_bytes();
    let parts = [&length[..], g, m];
    let mut room = [0; LONG];
    let all = parts.iter().map(|part| part.len()).sum();
    let [low, high] = match room.get_mut(..all) {
        Some(room) => {
            room.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
            hash_of(room)
        }
        None => hash_of(&parts.concat()),
    };
    [low, high | u64::from(HASHED) << 56]
}

/// At most sixteen bytes as a number, the first lowest.
#[inline]
fn number(bytes: &[u8]) -> u128 {
    match bytes.split_first_chunk::<8>() {
        Some((low, rest)) => u128::from(u64::from_le_bytes(*low)) | u128::from(word(rest)) << 64,
        None => u128::from(word(bytes)),
    }
}

/// At most eight bytes as a number, the first lowest: from both ends, as far as they overlap the same.
#[inline]
fn word(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4));
    }
    match *bytes {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c] => u64::from(u32::from_le_bytes([a, b, c, 0])),
        _ => 0,
    }
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
        homes.clear();
        homes.extend(keys.iter().map(|key| key.map_or(0, |key| self.home(key))));
        let asked = homes.iter().fold(0, |all, home| all ^ self.slots.get(*home).map_or(0, |slot| slot.member));
        std::hint::black_box(asked);
        found.clear();
        found.extend(keys.iter().zip(&*homes).map(|(key, home)| self.find_from(*home, (*key)?)));
    }

    /// Group and membership of a key.
    pub fn find(&self, key: PairKey) -> Option<(u32, u32)> {
        self.find_from(self.home(key), key)
    }

    /// Where a key is looked for first: its hash as a share of all places.
    #[inline]
    fn home(&self, key: PairKey) -> usize {
        ((u128::from(spread(key)) * self.slots.len() as u128) >> 64) as usize
    }

    #[inline]
    fn next(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    #[inline]
    fn find_from(&self, home: usize, key: PairKey) -> Option<(u32, u32)> {
        let mut at = home;
        loop {
            let slot = self.slots.get(at)?;
            if slot.member == VACANT {
                return None;
            }
            if slot.key == key {
                return Some((slot.group, slot.member));
            }
            at = self.next(at);
        }
    }

    /// Lays itself out for so many pairs.
    pub fn expect(&mut self, pairs: usize) {
        if self.slots.is_empty() {
            let size = (pairs + pairs / 2).max(16);
            self.slots = vec![Slot { key: [0; 2], group: 0, member: VACANT }; size];
        }
    }

    /// Adds a pair that is not there yet.
    pub fn add(&mut self, key: PairKey, group: u32, member: u32) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let size = (self.slots.len() * 2).max(16);
            let vacant = Slot { key: [0; 2], group: 0, member: VACANT };
            let old = std::mem::replace(&mut self.slots, vec![vacant; size]);
            old.into_iter().filter(|s| s.member != VACANT).for_each(|s| self.put(s));
        }
        self.put(Slot { key, group, member });
        self.len += 1;
    }

    fn put(&mut self, slot: Slot) {
        let mut at = self.home(slot.key);
        while let Some(place) = self.slots.get_mut(at) {
            if place.member == VACANT {
                *place = slot;
                return;
            }
            at = self.next(at);
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
    fn bytes_make_the_number_that_they_are() {
        let bytes: Vec<u8> = (1..=16).collect();
        for length in 0..=16 {
            let expected = bytes[..length].iter().rev().fold(0, |number, byte| number << 8 | u128::from(*byte));
            assert_eq!(number(&bytes[..length]), expected);
        }
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
