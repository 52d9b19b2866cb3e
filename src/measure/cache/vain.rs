//! What rows asked for in vain, and what else they met that a later run would have to look at anew.

use super::super::hash::key_of;
use super::super::pairs::PairKey;
use super::bytes::{In, Out, Taken};
use rustc_hash::FxHashSet;

/// How many ids are remembered at most; a drop that names more unknown ones is read anew each time.
const MOST: usize = 100_000;

/// Ids that no held table has, and rows that hang on more than their own ids.
#[derive(Debug, Default, Clone)]
pub(in super::super) struct Vain {
    pub(super) groups: FxHashSet<u128>,
    pub(super) members: FxHashSet<PairKey>,
    pub(super) posts: FxHashSet<u128>,
    /// Whether an order was given to a group for its buyer's memberships.
    pub(in super::super) by_person: bool,
    /// Whether a row lies after the as-of moment.
    pub(in super::super) late: bool,
    pub(super) too_many: bool,
}

impl Vain {
    /// Notes an unknown group.
    pub fn group(&mut self, id: &str) {
        self.too_many |= self.groups.len() >= MOST;
        if !self.too_many {
            self.groups.insert(key_of(id));
        }
    }

    /// Notes an unknown member of a known group.
    pub fn member(&mut self, key: PairKey) {
        self.too_many |= self.members.len() >= MOST;
        if !self.too_many {
            self.members.insert(key);
        }
    }

    /// Notes an unknown post.
    pub fn post(&mut self, id: &str) {
        self.too_many |= self.posts.len() >= MOST;
        if !self.too_many {
            self.posts.insert(key_of(id));
        }
    }

    /// Takes in what other rows met.
    pub fn join(&mut self, other: Self) {
        self.groups.extend(other.groups);
        self.members.extend(other.members);
        self.posts.extend(other.posts);
        self.by_person |= other.by_person;
        self.late |= other.late;
        self.too_many |=
            other.too_many || [self.groups.len(), self.members.len(), self.posts.len()].iter().any(|n| *n > MOST);
    }

    pub(super) fn write(&self, out: &mut Out) {
        out.u8(u8::from(self.by_person));
        for keys in [&self.groups, &self.posts] {
            let mut keys: Vec<u128> = keys.iter().copied().collect();
            keys.sort_unstable();
            out.count(keys.len());
            keys.into_iter().for_each(|k| out.u128(k));
        }
        let mut keys: Vec<PairKey> = self.members.iter().copied().collect();
        keys.sort_unstable();
        out.count(keys.len());
        keys.into_iter().flatten().for_each(|k| out.u64(k));
    }

    pub(super) fn read(input: &mut In<'_>) -> Taken<Self> {
        let mut vain = Self { by_person: input.u8()? != 0, ..Self::default() };
        for keys in [&mut vain.groups, &mut vain.posts] {
            for _ in 0..input.count(16)? {
                keys.insert(input.u128()?);
            }
        }
        for _ in 0..input.count(16)? {
            vain.members.insert([input.u64()?, input.u64()?]);
        }
        Ok(vain)
    }
}
