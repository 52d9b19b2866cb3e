//! Numbers as measures give them: whole, exact decimal, or floating after a division.

use crate::calendar::Instant;
use crate::expr::Value;
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// The value of a measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A count.
    Int(i64),
    /// Money or another exact decimal.
    Decimal(Decimal),
    /// The result of a division; always finite.
    Float(f64),
    /// A moment (`min` or `max` of a time column).
    Time(Instant),
}

impl Number {
    /// As a floating-point number; instants in microseconds.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Int(i) => i as f64,
            Self::Decimal(d) => nearest(d),
            Self::Float(f) => f,
            Self::Time(t) => t.0 as f64,
        }
    }

    /// As a value of expressions.
    #[must_use]
    pub fn value(self) -> Value<'static> {
        match self {
            Self::Int(i) => Value::Int(i),
            Self::Decimal(d) => Value::Decimal(d),
            Self::Float(f) => Value::Float(f),
            Self::Time(t) => Value::Time(t),
        }
    }

    /// From a value of an expression; `None` for NULL, texts and truth values.
    #[must_use]
    pub fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Int(i) => Some(Self::Int(i)),
            Value::Decimal(d) => Some(Self::Decimal(d)),
            Value::Float(f) if f.is_finite() => Some(Self::Float(f)),
            Value::Time(t) => Some(Self::Time(t)),
            Value::Float(_) | Value::Null | Value::Bool(_) | Value::Text(_) => None,
        }
    }

    /// Exact as a decimal, floats rounded to 12 places, so that sums do not depend on their order.
    #[must_use]
    pub fn to_decimal(self) -> Option<Decimal> {
        match self {
            Self::Int(i) => Some(Decimal::from(i)),
            Self::Decimal(d) => Some(d),
            Self::Float(f) => Decimal::try_from(f).ok().map(|d| d.round_dp(12)),
            Self::Time(_) => None,
        }
    }

    /// The sum, exact where both are.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let inexact = || Self::Float(self.to_f64() + other.to_f64());
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.checked_add(b).map_or_else(inexact, Self::Int),
            (Self::Int(_) | Self::Decimal(_), Self::Int(_) | Self::Decimal(_)) => self
                .to_decimal()
                .zip(other.to_decimal())
                .and_then(|(a, b)| a.checked_add(b))
                .map_or_else(inexact, Self::Decimal),
            _ => inexact(),
        }
    }

    /// Order by size; numbers before instants, so that the order is total.
    #[must_use]
    pub fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(&b),
            (Self::Time(a), Self::Time(b)) => a.cmp(&b),
            (Self::Time(_), _) => Ordering::Greater,
            (_, Self::Time(_)) => Ordering::Less,
            (a, b) => match (a.to_decimal(), b.to_decimal()) {
                (Some(x), Some(y)) => x.cmp(&y),
                _ => a.to_f64().total_cmp(&b.to_f64()),
            },
        }
    }
}

/// The floating-point number nearest to a decimal, which a threshold written with the same digits has, too.
/// `Decimal::to_f64` rounds more than once and misses it now and then.
fn nearest(d: Decimal) -> f64 {
    // Below 2^53 a number is exact, and so is a power of ten up to 10^22: their quotient is rounded once.
    match 10_u64.checked_pow(d.scale()) {
        Some(power) if d.mantissa().unsigned_abs() < 1 << 53 => d.mantissa() as f64 / power as f64,
        _ => d.to_string().parse().unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_equals_the_same_digits_as_a_float() {
        let digits = ["30.1", "0.1", "1234567.89", "12345678901234.5678", "79228162514264.337593543950335", "-0.07"];
        for text in digits {
            let decimal: Decimal = text.parse().unwrap_or_default();
            assert_eq!(Ok(Number::Decimal(decimal).to_f64()), text.parse(), "{text}");
        }
        for cents in 0..200_000_i64 {
            let decimal = Decimal::new(cents, 2);
            assert_eq!(Ok(Number::Decimal(decimal).to_f64()), decimal.to_string().parse(), "{decimal}");
        }
    }
}
