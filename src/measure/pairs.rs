//! The membership of a group's and a person's id in one look-up.
//!
//! Every streamed row asks it, in no order that memory could foresee, so a look-up touches one place:
//! the key stands in the table itself, and no text is followed.

use super::columns::NONE;
use super::huge::HugeVec;
use crate::data::{hash_of, packed};

/// Both ids: themselves where they are short, else 120 bits of their hash.
pub(super) type PairKey = [u64; 2];

/// The most bytes of both ids that a key holds as they are.
const SHORT: usize = 14;
/// Ids of ordinary length and the length of one fit into so many bytes.
const LONG: usize = 128;
/// Stands where a short key has the length of an id.
const HASHED: u8 = u8::MAX;

/// 96 bits made of a key, which stand for it in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digest([u32; 3]);

/// A digest and a membership, counted from one; all zero while it is vacant.
type Slot = [u32; 4];

/// A line of memory, which is looked through as a whole: few look-ups need another.
type Line = [Slot; 4];

/// The membership in a slot, if it is taken.
#[inline]
fn member_in([.., member]: Slot) -> Option<u32> {
    member.checked_sub(1)
}

/// Memberships by both ids.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// At most three quarters of the slots taken.
    lines: HugeVec<Line>,
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

    /// The line in which it is looked for first: its place as a share of all lines.
    #[inline]
    fn home(self, lines: &[Line]) -> usize {
        ((u128::from(self.place()) * lines.len() as u128) >> 64) as usize
    }
}

#[inline]
fn after(at: usize, lines: &[Line]) -> usize {
    if at + 1 == lines.len() { 0 } else { at + 1 }
}

#[inline]
fn find(lines: &[Line], digest: Digest) -> Option<u32> {
    let Digest([low, high, rest]) = digest;
    let mut at = digest.home(lines);
    loop {
        let line = lines.get(at)?;
        // Without a branch for each slot: which one it is cannot be foreseen.
        let mut found = 0;
        for [first, second, third, member] in line {
            let other = (first ^ low) | (second ^ high) | (third ^ rest);
            found |= if other == 0 { *member } else { 0 };
        }
        let [.., [.., last]] = line;
        if found != 0 || *last == 0 {
            return found.checked_sub(1);
        }
        at = after(at, lines);
    }
}

fn put(lines: &mut [Line], slot: Slot) {
    let [first, second, third, _] = slot;
    let mut at = Digest([first, second, third]).home(lines);
    while let Some(line) = lines.get_mut(at) {
        if let Some(place) = line.iter_mut().find(|place| member_in(**place).is_none()) {
            *place = slot;
            return;
        }
        at = after(at, lines);
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
        let lines = &*self.lines;
        let first = |digest: &Option<Digest>| lines.get(digest.as_ref()?.home(lines)).map(|[[first, ..], ..]| *first);
        std::hint::black_box(digests.iter().filter_map(first).fold(0, |all, first| all ^ first));
        found.clear();
        found.extend(digests.iter().map(|digest| digest.and_then(|digest| find(lines, digest)).unwrap_or(NONE)));
    }

    /// Asks memory for the first places of keys.
    pub fn ask(&self, keys: impl Iterator<Item = PairKey>) {
        let lines = &*self.lines;
        let first = |key: PairKey| lines.get(Digest::of(key).home(lines)).map(|[[first, ..], ..]| *first);
        std::hint::black_box(keys.filter_map(first).fold(0, |all, first| all ^ first));
    }

    /// The membership of a key.
    pub fn find(&self, key: PairKey) -> Option<u32> {
        find(&self.lines, Digest::of(key))
    }

    /// Lays itself out for so many pairs.
    pub fn expect(&mut self, pairs: usize) {
        if self.lines.is_empty() {
            self.lines = HugeVec::zeros((pairs * 3 / 8).max(4));
        }
    }

    /// Adds a pair that is not there yet.
    pub fn add(&mut self, key: PairKey, member: u32) {
        if self.len + 1 > self.lines.len() * 3 {
            let size = (self.lines.len() * 2).max(4);
            let old = std::mem::replace(&mut self.lines, HugeVec::zeros(size));
            let taken = old.iter().flatten().filter(|slot| member_in(**slot).is_some());
            taken.for_each(|slot| put(&mut self.lines, *slot));
        }
        let Digest([first, second, third]) = Digest::of(key);
        put(&mut self.lines, [first, second, third, member.saturating_add(1)]);
        self.len += 1;
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
