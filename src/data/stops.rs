//! The bytes at which a cell may end or needs a closer look, found sixty-four bytes at a time.

use wide::u8x16;

const LANES: usize = 16;
const BLOCK: usize = 4 * LANES;
/// The last of the control characters among which line breaks are; what lies between is found, too.
const LAST_CONTROL: u8 = b'\r';

/// The places of delimiters, quotes and control characters in a text, ascending.
pub(super) struct Stops<'b> {
    bytes: &'b [u8],
    delimiter: u8,
    /// Where the block at hand begins.
    block: usize,
    /// Its stops that are still to come, a bit each.
    hits: u64,
}

impl<'b> Stops<'b> {
    /// The stops from a place on.
    pub fn new(bytes: &'b [u8], from: usize, delimiter: u8) -> Self {
        let mut stops = Self { bytes, delimiter, block: from, hits: 0 };
        stops.hits = stops.look();
        stops
    }

    /// The next stop.
    #[inline]
    pub fn next(&mut self) -> Option<usize> {
        while self.hits == 0 {
            self.block += BLOCK;
            if self.block >= self.bytes.len() {
                return None;
            }
            self.hits = self.look();
        }
        let at = self.block + self.hits.trailing_zeros() as usize;
        self.hits &= self.hits - 1;
        Some(at)
    }

    /// The stops in the block at hand.
    #[inline]
    fn look(&self) -> u64 {
        let rest = self.bytes.get(self.block..).unwrap_or_default();
        if let Some(block) = rest.first_chunk::<BLOCK>() {
            return stops_in(block, self.delimiter);
        }
        let mut last = [u8::MAX; BLOCK];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let within = 1_u64.checked_shl(u32::try_from(rest.len()).unwrap_or(u32::MAX)).map_or(u64::MAX, |end| end - 1);
        stops_in(&last, self.delimiter) & within
    }
}

#[inline]
fn stops_in(block: &[u8; BLOCK], delimiter: u8) -> u64 {
    let [delimiter, quote, control] = [delimiter, b'"', LAST_CONTROL].map(u8x16::splat);
    block.chunks_exact(LANES).enumerate().fold(0, |hits, (number, lanes)| {
        let lanes = u8x16::new(lanes.try_into().unwrap_or([u8::MAX; LANES]));
        let stops = lanes.simd_eq(delimiter) | lanes.simd_eq(quote) | lanes.min(control).simd_eq(lanes);
        hits | u64::from(stops.to_bitmask()) << (number * LANES)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_stop_is_found_and_nothing_else(
            bytes in proptest::collection::vec(prop_oneof![
                Just(b','), Just(b'"'), Just(b'\n'), Just(b'\r'), Just(b'\t'), Just(0), any::<u8>(), b'a'..=b'z', b'a'..=b'z',
            ], 0..300),
            from in 0usize..310,
            delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b'|')],
        ) {
            let is_stop = |b: u8| b == delimiter || b == b'"' || b <= b'\r';
            let expected: Vec<usize> = (from..bytes.len()).filter(|at| is_stop(bytes[*at])).collect();
            let mut stops = Stops::new(&bytes, from, delimiter);
            let found: Vec<usize> = std::iter::from_fn(|| stops.next()).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
