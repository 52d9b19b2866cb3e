//! 128-bit keys of texts and values; equal keys are taken for equal texts.

use crate::data::hash_of;
use crate::expr::Value;
use std::hash::{Hash, Hasher};

/// Most keys are no longer.
const ROOM: usize = 96;

/// Collects the parts of a key.
#[derive(Debug)]
pub struct KeyHasher {
    room: [u8; ROOM],
    len: usize,
    /// In place of `room`, once that is too small.
    long: Vec<u8>,
}

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        match self.room.get_mut(self.len..self.len + bytes.len()) {
            Some(place) if self.long.is_empty() => {
                place.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            _ => {
                if self.long.is_empty() {
                    self.long.extend_from_slice(self.room.get(..self.len).unwrap_or(&[]));
                }
                self.long.extend_from_slice(bytes);
            }
        }
    }

    fn finish(&self) -> u64 {
        self.key() as u64
    }
}

impl KeyHasher {
    /// No parts yet.
    #[must_use]
    pub fn new() -> Self {
        Self { room: [0; ROOM], len: 0, long: Vec::new() }
    }

    /// Adds a part.
    pub fn add(&mut self, part: impl Hash) {
        part.hash(self);
    }

    /// Adds a value; equal numbers of different types are equal.
    pub fn add_value(&mut self, value: Value<'_>) {
        match value {
            Value::Null => self.add(0_u8),
            Value::Bool(b) => self.add((1_u8, b)),
            Value::Int(i) => self.add((2_u8, rust_decimal::Decimal::from(i).normalize())),
            Value::Decimal(d) => self.add((2_u8, d.normalize())),
            Value::Float(f) => self.add((3_u8, f.to_bits())),
            Value::Text(t) => self.add((4_u8, t)),
            Value::Time(t) => self.add((5_u8, t.0)),
        }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> u128 {
        let all = if self.long.is_empty() { self.room.get(..self.len).unwrap_or(&[]) } else { &self.long };
        let [low, high] = hash_of(all);
        u128::from(high) << 64 | u128::from(low)
    }
}

impl Default for KeyHasher {
    fn default() -> Self {
        Self::new()
    }
}

/// The key of one text.
#[must_use]
pub fn key_of(text: &str) -> u128 {
    let mut hasher = KeyHasher::new();
    hasher.add(text);
    hasher.key()
}
