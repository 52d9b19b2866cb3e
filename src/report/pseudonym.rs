//! How members appear in what is published: by a code, unless the workspace asks for plain ids.

use crate::config::MemberNames;
use sha2::{Digest, Sha256};

/// The key where the workspace sets none. It is public, so it only hides ids from a passing glance;
/// a warning says so.
pub const DEFAULT_KEY: &str = "qunce pseudonyms, key of no secrecy";

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const BLOCK: usize = 64;

/// Names members in published files.
#[derive(Debug, Clone)]
pub enum Pseudonyms {
    /// A keyed hash (HMAC-SHA-256, 50 bits shown as ten letters and digits).
    Keyed(Box<Keyed>),
    /// Ids as they are.
    Plain,
}

impl Pseudonyms {
    /// By the workspace's privacy mode, with the key of its environment variable if it is set.
    #[must_use]
    pub fn new(mode: MemberNames, key: Option<&str>) -> Self {
        match mode {
            MemberNames::Plain => Self::Plain,
            MemberNames::Pseudonym => {
                let key = key.filter(|k| !k.is_empty()).unwrap_or(DEFAULT_KEY).as_bytes();
                let mut block = [0; BLOCK];
                if key.len() > BLOCK {
                    block.iter_mut().zip(Sha256::digest(key)).for_each(|(b, k)| *b = k);
                } else {
                    block.iter_mut().zip(key).for_each(|(b, k)| *b = *k);
                }
                Self::Keyed(Box::new(Keyed::new(&block)))
            }
        }
    }

    /// Whether plain ids must not be published, nor texts that may hold some.
    #[must_use]
    pub fn hides(&self) -> bool {
        matches!(self, Self::Keyed(_))
    }

    /// The name under which a member is published.
    #[must_use]
    pub fn name(&self, id: &str) -> String {
        match self {
            Self::Plain => super::visible::clean(id),
            Self::Keyed(key) => key.code(id),
        }
    }
}

/// The two hashes of HMAC after the key, which begins them for every member.
#[derive(Clone)]
pub struct Keyed {
    inner: Sha256,
    outer: Sha256,
}

// A key has no business in a log.
impl std::fmt::Debug for Keyed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyed").finish_non_exhaustive()
    }
}

impl Keyed {
    fn new(key: &[u8; BLOCK]) -> Self {
        Self {
            inner: Sha256::new().chain_update(key.map(|b| b ^ 0x36)),
            outer: Sha256::new().chain_update(key.map(|b| b ^ 0x5c)),
        }
    }

    fn code(&self, id: &str) -> String {
        let inner = self.inner.clone().chain_update(id.as_bytes()).finalize();
        let outer = self.outer.clone().chain_update(inner).finalize();
        let bits = outer.iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let letter = |i: usize| ALPHABET.get((bits >> (59 - 5 * i) & 31) as usize);
        (0..10).filter_map(letter).map(|b| char::from(*b)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_depends_on_id_and_key_alone() {
        let one = Pseudonyms::new(MemberNames::Pseudonym, Some("k"));
        let two = Pseudonyms::new(MemberNames::Pseudonym, Some("l"));
        assert_eq!(one.name("m1"), one.name("m1"));
        assert_ne!(one.name("m1"), one.name("m2"));
        assert_ne!(one.name("m1"), two.name("m1"));
        assert_eq!(one.name("m1").len(), 10);
        assert!(!one.name("张三").contains('张'));
    }

    #[test]
    fn the_hash_is_hmac() {
        // RFC 4231, test case 2: key "Jefe", data "what do ya want for nothing?" begins 5bdcc146bf60754e.
        let mut bits = 0x5bdc_c146_bf60_754e_u64;
        let expected: String = (0..10)
            .map(|_| {
                let c = char::from(ALPHABET[(bits >> 59) as usize]);
                bits <<= 5;
                c
            })
            .collect();
        let names = Pseudonyms::new(MemberNames::Pseudonym, Some("Jefe"));
        assert_eq!(names.name("what do ya want for nothing?"), expected);
    }

    #[test]
    fn plain_ids_are_still_made_visible() {
        assert_eq!(Pseudonyms::new(MemberNames::Plain, None).name("a\u{202e}b"), "ab");
    }
}
