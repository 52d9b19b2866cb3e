//! Texts by number.

use rustc_hash::FxHasher;
use std::hash::Hasher;
use std::sync::{Arc, OnceLock};

/// Texts kept once; equal texts have equal numbers.
#[derive(Debug, Default, Clone)]
pub struct Texts {
    texts: Vec<Arc<str>>,
    index: Index,
}

impl Texts {
    /// The number of a text, given one if it is new.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(known) = self.find(text) {
            return known;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(Arc::from(text));
        self.index.add(text, number);
        number
    }

    /// The number of a known text.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        self.index.find(text, |number| self.get(number).is_some_and(|t| **t == *text))
    }

    /// A text by number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Arc<str>> {
        self.texts.get(number as usize)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// Texts end to end in one piece of memory, for those of which there are many.
#[derive(Debug, Default)]
pub struct Dictionary {
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
    /// Made when a text is looked for; texts that are only read need none.
    index: OnceLock<Index>,
}

impl Dictionary {
    /// Of texts end to end and where each ends.
    pub(super) fn of(text: String, ends: Vec<usize>) -> Self {
        Self { text, ends, index: OnceLock::new() }
    }

    /// The texts end to end, and where each ends.
    pub(super) fn parts(&self) -> (&str, &[usize]) {
        (&self.text, &self.ends)
    }

    /// Puts other texts behind its own, those that are there already once more.
    pub(super) fn append(&mut self, other: &Self) {
        let before = self.text.len();
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| before + end));
        self.index = OnceLock::new();
    }

    /// Takes room for so many texts, of some bytes each.
    pub(super) fn expect(&mut self, texts: usize) {
        self.ends.reserve(texts);
        self.text.reserve(texts * EXPECTED_BYTES);
        if self.ends.is_empty() {
            let mut index = Index::default();
            index.expect(texts);
            self.index = OnceLock::from(index);
        }
    }

    /// Gives up the way from texts to numbers until one is looked for again.
    pub(super) fn rest(&mut self) {
        self.index = OnceLock::new();
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a text that is not looked for, be it there or not, and gives its number.
    pub(super) fn push(&mut self, text: &str) -> u32 {
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(text);
        self.ends.push(self.text.len());
        number
    }

    /// The number of a text, given one if it is new.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(known) = self.find(text) {
            return known;
        }
        let number = self.push(text);
        if let Some(index) = self.index.get_mut() {
            index.add(text, number);
        }
        number
    }

    /// The number of a known text.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        self.index.get_or_init(|| self.indexed()).find(text, |number| self.get(number) == Some(text))
    }

    /// Asks memory for the places where texts will be looked for, so that they are waited for together.
    pub(super) fn ask<'t>(&self, texts: impl Iterator<Item = &'t [u8]>) {
        let index = self.index.get_or_init(|| self.indexed());
        let Some(mask) = index.slots.len().checked_sub(1) else { return };
        let first = |text| index.slots.get(hash(text) as usize & mask).map(|[hash, _]| *hash);
        std::hint::black_box(texts.filter_map(first).fold(0, |all, first| all ^ first));
    }

    fn indexed(&self) -> Index {
        let mut index = Index::default();
        index.grow((self.ends.len() * 3 / 2 + 1).next_power_of_two());
        (0_u32..).map_while(|number| Some((self.get(number)?, number))).for_each(|(text, n)| index.add(text, n));
        index
    }

    /// A text by number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&str> {
        let at = number as usize;
        let from = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(from..*self.ends.get(at)?)
    }
}

/// Numbers by the hash of their text; the texts themselves are elsewhere.
#[derive(Debug, Default, Clone)]
struct Index {
    /// Hash and number; a power of two of them, at most two thirds taken.
    slots: Vec<[u32; 2]>,
    len: usize,
}

/// Not zero: memory that is read before it is written costs the system two turns for each page.
const VACANT: [u32; 2] = [u32::MAX; 2];
/// Bytes for which there is room beforehand, for each of many texts; what is not written costs nothing.
const EXPECTED_BYTES: usize = 32;

fn hash(text: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    hasher.finish() as u32
}

impl Index {
    fn find(&self, text: &str, same: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let wanted = hash(text.as_bytes());
        let mut at = wanted as usize & mask;
        loop {
            let slot = *self.slots.get(at)?;
            if slot == VACANT {
                return None;
            }
            let [hash, number] = slot;
            if hash == wanted && same(number) {
                return Some(number);
            }
            at = (at + 1) & mask;
        }
    }

    /// Lays itself out for so many texts.
    fn expect(&mut self, texts: usize) {
        if self.slots.is_empty() {
            self.slots = vec![VACANT; (texts + texts / 2).next_power_of_two().max(16)];
        }
    }

    fn add(&mut self, text: &str, number: u32) {
        if (self.len + 1) * 3 > self.slots.len() * 2 {
            self.grow(self.slots.len() * 2);
        }
        self.put([hash(text.as_bytes()), number]);
        self.len += 1;
    }

    /// Makes so much room, a power of two.
    fn grow(&mut self, size: usize) {
        let old = std::mem::replace(&mut self.slots, vec![VACANT; size.max(16)]);
        old.into_iter().filter(|slot| *slot != VACANT).for_each(|slot| self.put(slot));
    }

    fn put(&mut self, slot: [u32; 2]) {
        let mask = self.slots.len() - 1;
        let [hash, _] = slot;
        let mut at = hash as usize & mask;
        while let Some(place) = self.slots.get_mut(at) {
            if *place == VACANT {
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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equal_texts_have_equal_numbers(texts in proptest::collection::vec("[ab茶]{0,4}", 0..200)) {
            let (mut shared, mut joined) = (Texts::default(), Dictionary::default());
            let mut distinct: Vec<&String> = Vec::new();
            for text in &texts {
                if !distinct.contains(&text) {
                    prop_assert_eq!(shared.find(text), None);
                    distinct.push(text);
                }
                let number = distinct.iter().position(|t| *t == text).and_then(|n| u32::try_from(n).ok());
                prop_assert_eq!(Some(shared.intern(text)), number);
                prop_assert_eq!(Some(joined.intern(text)), number);
            }
            for (number, text) in (0..).zip(&distinct) {
                prop_assert_eq!(shared.get(number).map(|t| &**t), Some(text.as_str()));
                prop_assert_eq!(joined.get(number), Some(text.as_str()));
            }
            prop_assert_eq!((shared.len(), joined.len(), joined.get(u32::MAX)), (distinct.len(), distinct.len(), None));
            let (text, ends) = joined.parts();
            let mut again = Dictionary::of(text.to_owned(), ends.to_vec());
            for text in &distinct {
                prop_assert_eq!(again.find(text), joined.find(text));
            }
            prop_assert_eq!(again.intern("none of them"), joined.intern("none of them"));
            again.append(&joined);
            prop_assert_eq!(again.get(0), again.get(u32::try_from(joined.len()).unwrap_or(0)));
        }
    }
}
