//! The membership of a group's and a person's id in one look-up.
//!
//! Every streamed row asks it, in no order that memory could foresee, so a look-up touches one place:
//! the key stands in the table itself, and no text is followed.

use super::columns::NONE;
use crate::data::{hash_of, packed};

/// Both ids: themselves where they are short, else 120 bits of their hash.
pub(super) type PairKey = [u64; 2];

/// The most bytes of both ids that a key holds as they are.
const SHORT: usize = 14;
/// Ids of ordinary length and the length of one fit into so many bytes.
const LONG: usize = 128;
/// Stands where a short key has the length of an id.
const HASHED: u8 = u8::MAX;
const VACANT: u32 = u32::MAX;

/// 96 bits made of a key, which stand for it in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digest([u32; 3]);

#[derive(Debug, Clone, Copy)]
struct Slot {
    digest: Digest,
    member: u32,
}

const NOBODY: Slot = Slot { digest: Digest([0; 3]), member: VACANT };

/// A line of memory, which is looked through as a whole: few look-ups need another.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Line([Slot; 4]);

const EMPTY: Line = Line([NOBODY; 4]);

/// Memberships by both ids.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// At most three quarters of the slots taken.
    lines: Vec<Line>,
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
        let ids = packed(g) | packed(m) << (8 * g.len());
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

impl Digest {
    #[inline]
    pub fn of([low, high]: PairKey) -> Self {
        let mix = |a: u64, b: u64| {
            let product = u128::from(low ^ a) * u128::from(high ^ b);
            (product as u64) ^ ((product >> 64) as u64)
        };
        let first = mix(0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03);
        let second = mix(0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db);
        Self([first as u32, (first >> 32) as u32, second as u32])
    }

    /// The part that places it, as all 64-bit numbers are shared out among the slots.
    #[inline]
    fn place(self) -> u64 {
        u64::from(self.0[0]) | u64::from(self.0[1]) << 32
    }
}

impl Pairs {
    /// The membership of each key, [`NONE`] where there is none. The first place of every key is asked of memory before
    /// any is looked at, so that they are waited for together.
    pub fn find_all(
        &self,
        keys: impl Iterator<Item = Option<PairKey>>,
        digests: &mut Vec<Option<Digest>>,
        found: &mut Vec<u32>,
    ) {
        digests.clear();
        digests.extend(keys.map(|key| key.map(Digest::of)));
        let first = |digest: &Option<Digest>| self.lines.get(self.home((*digest)?)).map(|line| line.0[0].member);
        std::hint::black_box(digests.iter().filter_map(first).fold(0, |all, member| all ^ member));
        found.clear();
        found.extend(digests.iter().map(|digest| digest.and_then(|digest| self.find_digest(digest)).unwrap_or(NONE)));
    }

    /// The membership of a key.
    pub fn find(&self, key: PairKey) -> Option<u32> {
        self.find_digest(Digest::of(key))
    }

    /// The line in which a key is looked for first: its hash as a share of all lines.
    #[inline]
    fn home(&self, digest: Digest) -> usize {
        ((u128::from(digest.place()) * self.lines.len() as u128) >> 64) as usize
    }

    #[inline]
    fn next(&self, at: usize) -> usize {
        if at + 1 == self.lines.len() { 0 } else { at + 1 }
    }

    #[inline]
    fn find_digest(&self, digest: Digest) -> Option<u32> {
        let mut at = self.home(digest);
        loop {
            for slot in &self.lines.get(at)?.0 {
                if slot.digest == digest || slot.member == VACANT {
                    return Some(slot.member).filter(|member| *member != VACANT);
                }
            }
            at = self.next(at);
        }
    }

    /// Lays itself out for so many pairs.
    pub fn expect(&mut self, pairs: usize) {
        if self.lines.is_empty() {
            self.lines = vec![EMPTY; (pairs * 3 / 8).max(4)];
        }
    }

    /// Adds a pair that is not there yet.
    pub fn add(&mut self, key: PairKey, member: u32) {
        if self.len + 1 > self.lines.len() * 3 {
            let size = (self.lines.len() * 2).max(4);
            let old = std::mem::replace(&mut self.lines, vec![EMPTY; size]);
            let taken = old.into_iter().flat_map(|line| line.0).filter(|slot| slot.member != VACANT);
            taken.for_each(|slot| self.put(slot));
        }
        self.put(Slot { digest: Digest::of(key), member });
        self.len += 1;
    }

    fn put(&mut self, slot: Slot) {
        let mut at = self.home(slot.digest);
        while let Some(line) = self.lines.get_mut(at) {
            if let Some(place) = line.0.iter_mut().find(|place| place.member == VACANT) {
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
    fn what_was_added_is_found_and_nothing_else() {
        let mut pairs = Pairs::default();
        assert_eq!(pairs.find(pair_key("g", "m")), None);
        let id = |i: u32| (format!("g{}", i % 7), format!("member-{i}-{}", "x".repeat(i as usize % 9)));
        for i in 0..2000 {
            let (group, member) = id(i);
            pairs.add(pair_key(&group, &member), i);
        }
        for i in 0..4000 {
            let (group, member) = id(i);
            let found = pairs.find(pair_key(&group, &member));
            assert_eq!(found, (i < 2000).then_some(i));
        }
    }
}
