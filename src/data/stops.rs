//! Where cells and records end in a text, found sixty-four bytes at a time.

use wide::u8x16;

const LANES: usize = 16;
/// How many bytes are looked at together.
pub(super) const BLOCK: usize = 4 * LANES;

/// What stands in a block of bytes, a bit each, the first lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stops {
    /// Delimiters and line feeds.
    pub ends: u64,
    /// Line feeds.
    pub breaks: u64,
    /// What needs a closer look: quotes, NULs, carriage returns that no line feed follows.
    pub odd: u64,
}

impl Stops {
    /// The stops among the bytes from a place on.
    #[inline]
    pub fn of(bytes: &[u8], from: usize, delimiter: u8) -> Self {
        let rest = bytes.get(from..).unwrap_or_default();
        let (stops, returns) = match rest.first_chunk::<BLOCK>() {
            Some(block) => found(block, delimiter),
            None => {
                // A letter stands for what is not there.
                let mut last = [b'a'; BLOCK];
                last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                found(&last, delimiter)
            }
        };
        if returns == 0 {
            return stops;
        }
        let behind = u64::from(rest.get(BLOCK) == Some(&b'\n')) << (BLOCK - 1);
        let followed = stops.breaks >> 1 | behind;
        Self { odd: stops.odd | returns & !followed, ..stops }
    }
}

/// The stops of a block, and apart from them its carriage returns.
#[inline]
fn found(block: &[u8; BLOCK], delimiter: u8) -> (Stops, u64) {
    let [delimiter, feed, quote, carriage, nul] = [delimiter, b'\n', b'"', b'\r', 0].map(u8x16::splat);
    let (mut ends, mut breaks) = (0, 0);
    let (mut odd, mut returns) = (0, 0);
    for (number, lanes) in block.chunks_exact(LANES).enumerate() {
        let lanes = u8x16::new(lanes.try_into().unwrap_or([b'a'; LANES]));
        let feeds = lanes.simd_eq(feed);
        let shift = number * LANES;
        let bits = |of: u8x16| u64::from(of.to_bitmask()) << shift;
        ends |= bits(feeds | lanes.simd_eq(delimiter));
        breaks |= bits(feeds);
        odd |= bits(lanes.simd_eq(quote) | lanes.simd_eq(nul));
        returns |= bits(lanes.simd_eq(carriage));
    }
    (Stops { ends, breaks, odd }, returns)
}

/// The byte after the comma.
pub(super) const FIRST_HIGH: u8 = b',' + 1;
const ONES: u64 = u64::from_ne_bytes([1; 8]);

/// The next byte from `at` on at which an unquoted field may end or is flawed; the end if there is none.
pub(super) fn next_stop(bytes: &[u8], mut at: usize, stops: &[bool; 256], low: bool) -> usize {
    let stops_at = |i: usize| bytes.get(i).is_none_or(|b| stops[usize::from(*b)]);
    // Eight bytes at once: those below the letters show in the high bits, the first of them for sure.
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()).filter(|_| low) {
        let word = u64::from_le_bytes(*eight);
        let mut hits = word.wrapping_sub(ONES * u64::from(FIRST_HIGH)) & !word & (ONES << 7);
        while hits != 0 {
            let hit = at + hits.trailing_zeros() as usize / 8;
            if stops_at(hit) {
                return hit;
            }
            hits &= hits - 1;
        }
        at += 8;
    }
    while !stops_at(at) {
        at += 1;
    }
    at.min(bytes.len())
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
            ], 0..150),
            from in 0usize..160,
            delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b'|')],
        ) {
            let bits = |is: &dyn Fn(usize, u8) -> bool| {
                let block = bytes.iter().enumerate().skip(from).take(BLOCK);
                block.filter(|(at, b)| is(*at, **b)).fold(0, |all, (at, _)| all | 1_u64 << (at - from))
            };
            let lone = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
            let expected = Stops {
                ends: bits(&|_, b| b == delimiter || b == b'\n'),
                breaks: bits(&|_, b| b == b'\n'),
                odd: bits(&|at, b| b == b'"' || b == 0 || lone(at)),
            };
            prop_assert_eq!(Stops::of(&bytes, from, delimiter), expected);
        }
    }
}
