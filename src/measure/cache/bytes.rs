//! Numbers and texts as bytes, and back without trust: what is damaged is an error, never a panic, and no count is
//! believed for which there are not the bytes.

use crate::calendar::Instant;

/// What was read is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Damaged;

/// What was read, if it could be.
pub(super) type Taken<T> = Result<T, Damaged>;

/// Microseconds from 1970 beyond which, on either side, no moment of a file lies: some 600 years.
const MOMENTS: u64 = 20_000_000_000_000_000;
/// More rows than any drop has.
const ROWS: u64 = 1 << 48;

/// A moment that can be one.
pub(super) fn moment(micros: i64) -> Taken<Instant> {
    if micros.unsigned_abs() <= MOMENTS { Ok(Instant(micros)) } else { Err(Damaged) }
}

/// A number of rows that can be one.
pub(super) fn rows(count: u64) -> Taken<u64> {
    if count <= ROWS { Ok(count) } else { Err(Damaged) }
}

/// Bytes being written.
#[derive(Debug, Default)]
pub(super) struct Out(pub Vec<u8>);

impl Out {
    /// With room for so many bytes; room that is not used costs nothing.
    pub fn with_room(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub fn i64(&mut self, value: i64) {
        self.u64(value.cast_unsigned());
    }

    pub fn u128(&mut self, value: u128) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub fn count(&mut self, count: usize) {
        self.u64(count as u64);
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Numbers end to end.
    pub fn u64s(&mut self, numbers: impl ExactSizeIterator<Item = u64>) {
        self.count(numbers.len());
        self.chunks(numbers.map(u64::to_le_bytes));
    }

    /// Pieces of one length, end to end.
    fn chunks<const N: usize>(&mut self, pieces: impl ExactSizeIterator<Item = [u8; N]>) {
        let at = self.0.len();
        self.0.resize(at + pieces.len() * N, 0);
        let places = self.0.get_mut(at..).unwrap_or_default().as_chunks_mut().0;
        places.iter_mut().zip(pieces).for_each(|(place, piece)| *place = piece);
    }

    /// As [`Out::u64s`].
    pub fn u32s(&mut self, numbers: impl ExactSizeIterator<Item = u32>) {
        self.count(numbers.len());
        self.chunks(numbers.map(u32::to_le_bytes));
    }

    /// Words most of which are zero: of each 64, a bit for those that are not, and these.
    pub fn words(&mut self, count: usize, words: impl IntoIterator<Item = u64>) {
        self.count(count);
        let mut words = words.into_iter();
        for _ in 0..count.div_ceil(GROUP) {
            let at = self.0.len();
            self.u64(0);
            let mut mask = 0_u64;
            for bit in 0..GROUP {
                let Some(word) = words.next() else { break };
                if word != 0 {
                    mask |= 1 << bit;
                    self.u64(word);
                }
            }
            if let Some(place) = self.0.get_mut(at..at + 8) {
                place.copy_from_slice(&mask.to_le_bytes());
            }
        }
    }

    /// Bytes most of which are zero.
    pub fn sparse(&mut self, bytes: &[u8]) {
        let word = |chunk: &[u8]| {
            let mut whole = [0; 8];
            whole.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            u64::from_le_bytes(whole)
        };
        let (whole, rest) = bytes.as_chunks::<8>();
        let rest = (!rest.is_empty()).then(|| word(rest));
        self.words(bytes.len().div_ceil(8), whole.iter().map(|w| u64::from_le_bytes(*w)).chain(rest));
    }

    /// Truth values.
    pub fn flags(&mut self, flags: &[bool]) {
        let word = |chunk: &[bool]| chunk.iter().enumerate().fold(0, |word, (bit, set)| word | u64::from(*set) << bit);
        self.words(flags.len().div_ceil(GROUP), flags.chunks(GROUP).map(word));
    }
}

/// Words behind one word of bits.
const GROUP: usize = 64;

/// Bytes being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct In<'a>(pub &'a [u8]);

impl<'a> In<'a> {
    fn take(&mut self, count: usize) -> Taken<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Taken<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| Damaged)
    }

    pub fn u8(&mut self) -> Taken<u8> {
        self.array::<1>().map(u8::from_le_bytes)
    }

    pub fn u32(&mut self) -> Taken<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Taken<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn i64(&mut self) -> Taken<i64> {
        self.u64().map(u64::cast_signed)
    }

    pub fn moment(&mut self) -> Taken<Instant> {
        moment(self.i64()?)
    }

    pub fn u128(&mut self) -> Taken<u128> {
        self.array().map(u128::from_le_bytes)
    }

    /// A number of things that take at least so many bytes each, all of them there.
    pub fn count(&mut self, least: usize) -> Taken<usize> {
        let count = usize::try_from(self.u64()?).map_err(|_| Damaged)?;
        let bytes = count.checked_mul(least.max(1)).ok_or(Damaged)?;
        if bytes <= self.0.len() { Ok(count) } else { Err(Damaged) }
    }

    pub fn bytes(&mut self) -> Taken<&'a [u8]> {
        let count = self.count(1)?;
        self.take(count)
    }

    pub fn text(&mut self) -> Taken<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Damaged)
    }

    pub fn u64s(&mut self) -> Taken<Vec<u64>> {
        let bytes = self.wide(8)?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect())
    }

    pub fn u32s(&mut self) -> Taken<Vec<u32>> {
        let bytes = self.wide(4)?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }

    /// Numbers of so many bytes each.
    fn wide(&mut self, width: usize) -> Taken<&'a [u8]> {
        let count = self.count(width)?;
        self.take(count * width)
    }

    /// Hands on the words that are not zero, with their places.
    pub fn words(&mut self, mut each: impl FnMut(usize, u64) -> Taken<()>) -> Taken<()> {
        let count = usize::try_from(self.u64()?).map_err(|_| Damaged)?;
        let groups = count.div_ceil(GROUP);
        if groups.checked_mul(8).is_none_or(|bytes| bytes > self.0.len()) {
            return Err(Damaged);
        }
        for group in 0..groups {
            let mut mask = self.u64()?;
            while mask != 0 {
                let at = group * GROUP + mask.trailing_zeros() as usize;
                mask &= mask - 1;
                if at >= count {
                    return Err(Damaged);
                }
                each(at, self.u64()?)?;
            }
        }
        Ok(())
    }

    /// Hands on the bytes that are not zero, with their places.
    pub fn sparse(&mut self, mut each: impl FnMut(usize, u8) -> Taken<()>) -> Taken<()> {
        self.words(|at, word| {
            let bytes = word.to_le_bytes();
            bytes.iter().enumerate().filter(|(_, b)| **b != 0).try_for_each(|(i, b)| each(at * 8 + i, *b))
        })
    }

    /// Hands on the places of what is true.
    pub fn flags(&mut self, mut each: impl FnMut(usize) -> Taken<()>) -> Taken<()> {
        self.words(|at, word| bits(word).try_for_each(|bit| each(at * GROUP + bit)))
    }

    /// Nothing may be left.
    pub fn end(self) -> Taken<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Damaged) }
    }
}

/// The bits of a word that are set, ascending.
pub(super) fn bits(word: u64) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(word).filter(|w| *w != 0), |w| Some(w & (w - 1)).filter(|w| *w != 0))
        .map(|w| w.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            words in proptest::collection::vec(prop_oneof![Just(0_u64), any::<u64>()], 0..200),
            bytes in proptest::collection::vec(prop_oneof![4 => Just(0_u8), 1 => any::<u8>()], 0..700),
            flags in proptest::collection::vec(any::<bool>(), 0..200),
            text in ".{0,9}",
        ) {
            let mut out = Out::default();
            out.words(words.len(), words.iter().copied());
            out.sparse(&bytes);
            out.flags(&flags);
            out.text(&text);
            let mut input = In(&out.0);
            let mut found = vec![0; words.len()];
            input.words(|at, word| { found[at] = word; Ok(()) }).unwrap();
            prop_assert_eq!(found, words);
            let mut found = vec![0; bytes.len()];
            input.sparse(|at, byte| { found[at] = byte; Ok(()) }).unwrap();
            prop_assert_eq!(found, bytes);
            let mut found = vec![false; flags.len()];
            input.flags(|at| { found[at] = true; Ok(()) }).unwrap();
            prop_assert_eq!(found, flags);
            prop_assert_eq!(input.text(), Ok(&*text));
            prop_assert_eq!(input.end(), Ok(()));
        }

        #[test]
        fn damaged_bytes_are_told(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = In(&bytes).words(|_, _| Ok(()));
            let _ = In(&bytes).text();
            prop_assert!(In(&[u64::MAX.to_le_bytes().to_vec(), bytes.clone()].concat()).count(3).is_err());
        }
    }
}
