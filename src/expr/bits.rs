//! Sets of entities, a bit for each: of whom a condition is true, and of whom false. Where neither bit is set, it is NULL.

use super::tree::Comparison;
use super::value::Value;

/// A set of entities of a block, by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// Nobody of `len`.
    #[must_use]
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// Everybody of `len`.
    #[must_use]
    pub fn all(len: usize) -> Self {
        Self::of(len, |_| true)
    }

    /// Those of `len` for whom something holds.
    #[must_use]
    pub fn of(len: usize, holds: impl Fn(usize) -> bool) -> Self {
        let word = |start: usize| {
            let end = len.min(start + 64);
            (start..end).fold(0, |word, at| word | u64::from(holds(at)) << (at - start))
        };
        Self { words: (0..len).step_by(64).map(word).collect(), len }
    }

    /// Those of a list for whom something holds.
    pub(super) fn of_items<T>(items: &[T], holds: impl Fn(&T) -> bool) -> Self {
        Self::of_each(items, |_, item| holds(item))
    }

    /// The same, told the position of each.
    pub(super) fn of_each<T>(items: &[T], holds: impl Fn(usize, &T) -> bool) -> Self {
        let word = |(number, chunk): (usize, &[T])| {
            let bit = |word, (bit, item)| word | u64::from(holds(64 * number + bit, item)) << bit;
            chunk.iter().enumerate().fold(0, bit)
        };
        Self { words: items.chunks(64).enumerate().map(word).collect(), len: items.len() }
    }

    /// How many there are, in the set or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nobody is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|w| *w == 0)
    }

    /// How many are in the set.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether the one at a position is in the set.
    #[must_use]
    pub fn has(&self, at: usize) -> bool {
        self.words.get(at / 64).is_some_and(|w| w >> (at % 64) & 1 == 1)
    }

    /// Adds the one at a position; positions from `len` on are left out.
    pub fn add(&mut self, at: usize) {
        if at < self.len
            && let Some(word) = self.words.get_mut(at / 64)
        {
            *word |= 1 << (at % 64);
        }
    }

    /// The positions of those in the set, ascending.
    pub fn positions(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(word, bits)| {
            std::iter::successors(Some(*bits).filter(|b| *b != 0), |b| Some(b & (b - 1)).filter(|b| *b != 0))
                .map(move |b| word * 64 + b.trailing_zeros() as usize)
        })
    }

    /// Those who are in both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= b);
        self
    }

    /// Those who are in either.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a |= b);
        self
    }

    /// Those who are in this one only.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= !b);
        self
    }
}

/// Of whom a condition is true, and of whom false; of all others it is NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truths {
    /// For whom it holds.
    pub yes: Bits,
    /// For whom it does not.
    pub no: Bits,
}

impl Truths {
    /// The truth for each of `len`.
    pub(super) fn of(len: usize, truth: impl Fn(usize) -> Option<bool>) -> Self {
        let mut out = Self { yes: Bits::none(len), no: Bits::none(len) };
        for at in 0..len {
            match truth(at) {
                Some(true) => out.yes.add(at),
                Some(false) => out.no.add(at),
                None => {}
            }
        }
        out
    }

    /// The truth of a comparison for each of a set; of nobody else anything is said.
    #[must_use]
    pub fn compared<'v>(
        of: &Bits,
        op: Comparison,
        left: impl Fn(usize) -> Value<'v>,
        right: impl Fn(usize) -> Value<'v>,
    ) -> Self {
        let mut out = Self { yes: Bits::none(of.len), no: Bits::none(of.len) };
        for at in of.positions() {
            match left(at).compare(right(at)).map(|order| op.holds(order)) {
                Some(true) => out.yes.add(at),
                Some(false) => out.no.add(at),
                None => {}
            }
        }
        out
    }

    /// The same for all.
    pub(super) fn same(len: usize, truth: Option<bool>) -> Self {
        let set = |is: bool| if truth == Some(is) { Bits::all(len) } else { Bits::none(len) };
        Self { yes: set(true), no: set(false) }
    }

    /// For conditions that are never NULL.
    pub(super) fn known(yes: Bits) -> Self {
        let no = Bits::all(yes.len()).without(&yes);
        Self { yes, no }
    }

    /// SQL's `and`.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self { yes: self.yes.and(&other.yes), no: self.no.or(&other.no) }
    }

    /// SQL's `or`.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self { yes: self.yes.or(&other.yes), no: self.no.and(&other.no) }
    }

    /// SQL's `not`.
    #[must_use]
    pub fn not(&self) -> Self {
        Self { yes: self.no.clone(), no: self.yes.clone() }
    }
}
