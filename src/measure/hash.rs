//! 128-bit keys of texts and values; equal keys are taken for equal texts.

use crate::expr::Value;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Collects the parts of a key.
#[derive(Debug)]
pub struct KeyHasher {
    low: DefaultHasher,
    high: DefaultHasher,
}

impl KeyHasher {
    /// No parts yet.
    #[must_use]
    pub fn new() -> Self {
        let low = DefaultHasher::new();
        let mut high = DefaultHasher::new();
        high.write_u8(0xa5);
        Self { low, high }
    }

    /// Adds a part.
    pub fn add(&mut self, part: impl Hash) {
        part.hash(&mut self.low);
        part.hash(&mut self.high);
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
    pub fn finish(&self) -> u128 {
        u128::from(self.high.finish()) << 64 | u128::from(self.low.finish())
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
    hasher.finish()
}
