//! Randomness that is the same on every machine: ChaCha words and whole-number arithmetic, no floats.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The random source of one group. Two groups never share one, so a group does not depend on how many
/// others there are.
#[derive(Debug, Clone)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The source of a group under a seed.
    pub fn new(seed: u64, group: u32) -> Self {
        let mut key = *b"................qunce sample v1.";
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&u64::from(group).to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u32) -> u32 {
        let wide = u128::from(self.0.next_u64()) * u128::from(n);
        u32::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// A number of seconds in `low..=high`.
    pub fn seconds(&mut self, low: u32, high: u32) -> i64 {
        i64::from(self.between(low, high))
    }

    /// True with a probability of so many thousandths.
    pub fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    /// A place in a list; 0 for an empty one.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(u32::try_from(len).unwrap_or(u32::MAX)) as usize
    }

    /// One item of a fixed list.
    pub fn pick<T: Copy, const N: usize>(&mut self, items: &[T; N]) -> T {
        const { assert!(N > 0, "a list to pick from has items") };
        items[self.index(N)]
    }

    /// The place of one of some weights, in proportion to them.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (place, &weight) in weights.iter().enumerate() {
            if left < weight {
                return place;
            }
            left -= weight;
        }
        0
    }

    /// An amount given in thousandths as a whole number, rounded up or down by chance so that the
    /// mean is right.
    pub fn round(&mut self, thousandths: u64) -> u32 {
        let whole = u32::try_from(thousandths / 1000).unwrap_or(u32::MAX);
        let rest = u32::try_from(thousandths % 1000).unwrap_or(0);
        whole.saturating_add(u32::from(rest > 0 && self.chance(rest)))
    }
}

/// A hash of three numbers (`SplitMix64` finalizer), for facts that must not depend on the order of draws.
pub fn mix(a: u64, b: u64, c: u64) -> u64 {
    let mut x = 0x9E37_79B9_7F4A_7C15u64;
    for part in [a, b, c] {
        x = x.wrapping_add(part).wrapping_add(0x9E37_79B9_7F4A_7C15);
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^= x >> 31;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_draws_never_change() {
        let mut dice = Dice::new(1, 0);
        let draws: Vec<u32> = (0..5).map(|_| dice.below(1000)).collect();
        assert_eq!(draws, FIRST_DRAWS);
        assert_eq!(mix(1, 2, 3), FIRST_MIX);
    }

    const FIRST_DRAWS: [u32; 5] = [498, 612, 88, 569, 182];
    const FIRST_MIX: u64 = 0xD306_214C_1FE5_9365;

    #[test]
    fn rounding_keeps_the_mean() {
        let mut dice = Dice::new(7, 3);
        let sum: u32 = (0..10_000).map(|_| dice.round(1_250)).sum();
        assert!((12_300..12_700).contains(&sum), "{sum}");
    }
}
