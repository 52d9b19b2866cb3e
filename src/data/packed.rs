//! Short texts as numbers, which are compared and hashed in one step.

/// The most bytes that a number holds.
pub const PACKED: usize = 16;

/// At most [`PACKED`] bytes as a number, the first lowest; those beyond are left out.
#[must_use]
#[inline]
pub fn packed(bytes: &[u8]) -> u128 {
    match bytes.split_first_chunk::<8>() {
        Some((low, rest)) => u128::from(u64::from_le_bytes(*low)) | u128::from(word(rest)) << 64,
        None => u128::from(word(bytes)),
    }
}

/// At most eight bytes as a number, the first lowest: from both ends, as far as they overlap the same.
#[inline]
fn word(bytes: &[u8]) -> u64 {
    if let Some(all) = bytes.first_chunk::<8>() {
        return u64::from_le_bytes(*all);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4));
    }
    match *bytes {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c] => u64::from(u32::from_le_bytes([a, b, c, 0])),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_make_the_number_that_they_are() {
        let bytes: Vec<u8> = (1..=20).collect();
        for length in 0..=20 {
            let expected = bytes[..length.min(PACKED)].iter().rev().fold(0, |n, byte| n << 8 | u128::from(*byte));
            assert_eq!(packed(&bytes[..length]), expected);
        }
    }
}
