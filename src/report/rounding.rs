//! Numbers with a fixed number of decimal places, as `{:.1}` writes them, without its detour over
//! arbitrary precision: pages write some hundred of them each.

/// Powers of ten for the places that pages use.
const POWERS: [u128; 5] = [1, 10, 100, 1000, 10_000];

/// A finite number with a fixed number of decimal places, half to even; the exact value is rounded.
#[must_use]
pub fn fixed(value: f64, places: usize) -> String {
    with_fixed(value, places, str::to_owned)
}

/// As [`fixed`], handed over without a copy of its own: most numbers go straight into a longer text.
pub fn with_fixed<T>(value: f64, places: usize, take: impl FnOnce(&str) -> T) -> T {
    let Some((negative, scaled)) = rounded(value, places) else { return take(&format!("{value:.places$}")) };
    let mut digits = [0_u8; 24];
    let from = with_point(&mut digits, negative, scaled, places);
    let text = digits.get(from..).and_then(|digits| std::str::from_utf8(digits).ok());
    take(text.unwrap_or_default())
}

/// The sign of a number and its digits without the point; `None` for numbers that are not of everyday size.
fn rounded(value: f64, places: usize) -> Option<(bool, u64)> {
    let power = *POWERS.get(places)?;
    let bits = value.to_bits();
    let exponent = i32::try_from(bits >> 52 & 0x7ff).ok()? - 1075;
    // Whole numbers beyond 2^52, and numbers too small to have an exponent of their own.
    if !(-1074..0).contains(&exponent) {
        return (value == 0.0 && value.is_sign_positive()).then_some((false, 0));
    }
    let mantissa = u128::from(bits & ((1 << 52) - 1) | 1 << 52);
    // Exact: 53 bits times ten thousand.
    let scaled = mantissa * power;
    let shift = exponent.unsigned_abs();
    let whole = scaled.checked_shr(shift).unwrap_or(0);
    let rest = if shift < 128 { scaled & ((1 << shift) - 1) } else { scaled };
    let half = 1_u128.checked_shl(shift - 1).unwrap_or(u128::MAX);
    let up = rest > half || rest == half && whole % 2 == 1;
    Some((value.is_sign_negative(), u64::try_from(whole + u128::from(up)).ok()?))
}

/// Writes digits with their point and sign at the end of a buffer, from the last one to the first: at most twenty, a
/// point and a sign. Tells where they begin.
fn with_point(digits: &mut [u8; 24], negative: bool, scaled: u64, places: usize) -> usize {
    let (mut at, mut rest, mut written) = (digits.len(), scaled, 0);
    let mut put = |byte: u8| {
        at = at.saturating_sub(1);
        if let Some(place) = digits.get_mut(at) {
            *place = byte;
        }
    };
    while rest > 0 || written <= places {
        if written == places && places > 0 {
            put(b'.');
        }
        put(b'0' + u8::try_from(rest % 10).unwrap_or_default());
        rest /= 10;
        written += 1;
    }
    if negative {
        put(b'-');
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_to_the_even_neighbour_as_in_the_library() {
        for value in [0.0, -0.0, 0.5, 1.5, 2.5, 0.25, 0.35, 0.05, 0.15, 99.95, 1e15, 1e16, 1e300, 5e-324, 1e-30, -0.04]
        {
            for places in 0..6 {
                assert_eq!(fixed(value, places), format!("{value:.places$}"));
            }
        }
    }

    proptest! {
        #[test]
        fn every_number_is_written_as_the_library_writes_it(bits: u64, near in -1e6..1e6_f64, places in 0_usize..5) {
            for value in [f64::from_bits(bits), near, (near * 100.0).round() / 100.0, near.round() / 8.0] {
                if value.is_finite() {
                    prop_assert_eq!(fixed(value, places), format!("{value:.places$}"));
                }
            }
        }
    }
}
