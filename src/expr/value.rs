//! The values of expressions and what can be done with two of them.

use crate::calendar::Instant;
use crate::schema::ColumnType;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::cmp::Ordering;
use std::fmt::{self, Write};

/// What an expression gives for one row or entity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Unknown or absent.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// A finite binary fraction; never NaN or infinite.
    Float(f64),
    /// A text borrowed from the row or the expression.
    Text(&'a str),
    /// A moment.
    Time(Instant),
}

/// The type of an expression, known before any row is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// Only NULL; fits every other type.
    Null,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// An exact decimal.
    Decimal,
    /// A binary fraction.
    Float,
    /// A text.
    Text,
    /// A moment.
    Time,
}

impl From<ColumnType> for Type {
    fn from(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Text => Self::Text,
            ColumnType::Int => Self::Int,
            ColumnType::Decimal => Self::Decimal,
            ColumnType::Time | ColumnType::Date => Self::Time,
            ColumnType::Bool => Self::Bool,
        }
    }
}

impl Type {
    /// Whether values of this type can be added.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Decimal | Self::Float)
    }

    /// The type that holds values of both, if there is one.
    #[must_use]
    pub fn common(self, other: Self) -> Option<Self> {
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Self::Null, x) | (x, Self::Null) => Some(x),
            (a, b) if a.is_number() && b.is_number() => {
                Some(if a == Self::Float || b == Self::Float { Self::Float } else { Self::Decimal })
            }
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    /// As messages call it: `a whole number`, `text`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "a condition",
            Self::Int => "a whole number",
            Self::Decimal => "a decimal number",
            Self::Float => "a fraction",
            Self::Text => "text",
            Self::Time => "a time",
        })
    }
}

impl Value<'_> {
    /// Whether the value is NULL.
    #[must_use]
    pub fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }

    /// The number as a binary fraction, correctly rounded; nothing for what is not a number.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        match self {
            Self::Int(i) => Some(int_to_f64(i)),
            Self::Decimal(d) => Some(decimal_to_f64(d)),
            Self::Float(f) => Some(f),
            _ => None,
        }
    }

    /// The order of two values that are not NULL and of comparable types.
    ///
    /// Whole numbers compare exactly with everything. A decimal meets a binary fraction as the
    /// nearest binary fraction, so that `3 / 10 = 0.3` holds.
    #[must_use]
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(&b)),
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Text(a), Self::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(&b)),
            (Self::Decimal(a), Self::Decimal(b)) => Some(a.cmp(&b)),
            (Self::Int(a), Self::Decimal(b)) => Some(Decimal::from(a).cmp(&b)),
            (Self::Decimal(a), Self::Int(b)) => Some(a.cmp(&Decimal::from(b))),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Decimal(a), Self::Float(b)) => decimal_to_f64(a).partial_cmp(&b),
            (Self::Float(a), Self::Decimal(b)) => a.partial_cmp(&decimal_to_f64(b)),
            (Self::Int(a), Self::Float(b)) => compare_int_float(a, b),
            (Self::Float(a), Self::Int(b)) => compare_int_float(b, a).map(Ordering::reverse),
            _ => None,
        }
    }

    /// The value in a wider number type; other values stay as they are.
    #[must_use]
    pub(super) fn widen(self, to: Type) -> Self {
        match (self, to) {
            (Self::Int(i), Type::Decimal) => Self::Decimal(Decimal::from(i)),
            (Self::Int(_) | Self::Decimal(_), Type::Float) => self.as_f64().map_or(Self::Null, finite),
            _ => self,
        }
    }
}

/// A binary fraction as a value; what is not finite is NULL.
pub(super) fn finite<'a>(f: f64) -> Value<'a> {
    if f.is_finite() { Value::Float(f) } else { Value::Null }
}

#[allow(clippy::cast_precision_loss)]
fn int_to_f64(i: i64) -> f64 {
    i as f64
}

/// An exact comparison of a whole number with a binary fraction.
#[allow(clippy::cast_possible_truncation)]
fn compare_int_float(int: i64, float: f64) -> Option<Ordering> {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() {
        None
    } else if float >= TWO_63 {
        Some(Ordering::Less)
    } else if float < -TWO_63 {
        Some(Ordering::Greater)
    } else {
        // Truncation is exact in this range; the fraction breaks the tie.
        let whole = float.trunc() as i64;
        Some(int.cmp(&whole).then_with(|| 0.0.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)))
    }
}

/// The nearest binary fraction.
#[allow(clippy::cast_precision_loss)]
pub(super) fn decimal_to_f64(decimal: Decimal) -> f64 {
    const EXACT: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ];
    let mantissa = decimal.mantissa();
    // Both operands are exact, so the quotient is rounded once.
    if mantissa.unsigned_abs() < 1 << 53
        && let Some(power) = EXACT.get(decimal.scale() as usize)
    {
        return mantissa as f64 / power;
    }
    let mut text = Digits { bytes: [0; 40], len: 0 };
    if write!(text, "{decimal}").is_ok()
        && let Ok(text) = std::str::from_utf8(text.bytes.get(..text.len).unwrap_or_default())
        && let Ok(float) = text.parse()
    {
        return float;
    }
    decimal.to_f64().unwrap_or(0.0)
}

/// Room for the longest decimal without the heap.
struct Digits {
    bytes: [u8; 40],
    len: usize,
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// 10⁻⁶, above which a quotient keeps more digits than a binary fraction has.
const SMALL: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// An operator between two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Arithmetic {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }

    /// The type of the result for two number types.
    pub(super) fn result(self, left: Type, right: Type) -> Type {
        if self == Self::Divide { Type::Float } else { left.common(right).unwrap_or(Type::Null) }
    }

    /// The result; NULL for NULL, overflow and division by zero.
    pub(super) fn apply<'a>(self, left: Value<'a>, right: Value<'a>) -> Value<'a> {
        match (left, right) {
            (Value::Int(a), Value::Int(b)) => match self {
                Self::Add => a.checked_add(b).map_or(Value::Null, Value::Int),
                Self::Subtract => a.checked_sub(b).map_or(Value::Null, Value::Int),
                Self::Multiply => a.checked_mul(b).map_or(Value::Null, Value::Int),
                Self::Divide => finite(int_to_f64(a) / int_to_f64(b)),
            },
            (Value::Decimal(a), Value::Decimal(b)) => self.decimals(a, b),
            (Value::Decimal(a), Value::Int(b)) => self.decimals(a, Decimal::from(b)),
            (Value::Int(a), Value::Decimal(b)) => self.decimals(Decimal::from(a), b),
            _ => match (left.as_f64(), right.as_f64()) {
                (Some(a), Some(b)) => finite(match self {
                    Self::Add => a + b,
                    Self::Subtract => a - b,
                    Self::Multiply => a * b,
                    Self::Divide => a / b,
                }),
                _ => Value::Null,
            },
        }
    }

    fn decimals<'a>(self, a: Decimal, b: Decimal) -> Value<'a> {
        match self {
            Self::Add => a.checked_add(b).map_or(Value::Null, Value::Decimal),
            Self::Subtract => a.checked_sub(b).map_or(Value::Null, Value::Decimal),
            Self::Multiply => a.checked_mul(b).map_or(Value::Null, Value::Decimal),
            Self::Divide if b.is_zero() => Value::Null,
            // Divided as decimals first, so that 0.3 / 0.1 is 3 and not a neighbour of it.
            Self::Divide => match a.checked_div(b) {
                // A small quotient has lost digits to the fixed number of places.
                Some(quotient) if a.is_zero() || quotient.abs() >= SMALL => finite(decimal_to_f64(quotient)),
                _ => finite(decimal_to_f64(a) / decimal_to_f64(b)),
            },
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_and_fractions_compare_exactly() {
        let big = 9_007_199_254_740_993; // 2^53 + 1 has no binary fraction of its own.
        assert_eq!(Value::Int(big).compare(Value::Float(9_007_199_254_740_992.0)), Some(Ordering::Greater));
        assert_eq!(Value::Float(-0.5).compare(Value::Int(0)), Some(Ordering::Less));
        assert_eq!(Value::Int(i64::MAX).compare(Value::Float(9_223_372_036_854_775_808.0)), Some(Ordering::Less));
        assert_eq!(Value::Int(i64::MIN).compare(Value::Float(-9_223_372_036_854_775_808.0)), Some(Ordering::Equal));
    }

    #[test]
    fn decimals_become_the_nearest_fraction() {
        for text in ["0.1", "0.15", "-2.675", "79228162514264337593543950335", "0.1234567890123456789012345678"] {
            assert_eq!(decimal_to_f64(text.parse().unwrap()), text.parse::<f64>().unwrap(), "{text}");
        }
    }

    fn number() -> impl Strategy<Value = Value<'static>> {
        prop_oneof![
            any::<i64>().prop_map(Value::Int),
            (-1000i64..1000).prop_map(Value::Int),
            (any::<i64>(), 0u32..20).prop_map(|(m, s)| Value::Decimal(Decimal::new(m, s))),
            proptest::num::f64::NORMAL.prop_map(Value::Float),
            (-1000i32..1000).prop_map(|i| Value::Float(f64::from(i) / 8.0)),
        ]
    }

    proptest! {
        #[test]
        fn numbers_have_one_order_whichever_way_they_are_compared(a in number(), b in number()) {
            let there = a.compare(b);
            prop_assert!(there.is_some());
            prop_assert_eq!(there.map(Ordering::reverse), b.compare(a));
            prop_assert_eq!(a.compare(a), Some(Ordering::Equal));
        }

        #[test]
        fn arithmetic_never_panics_and_never_leaves_the_finite(a in number(), b in number()) {
            for op in [Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Divide] {
                if let Value::Float(f) = op.apply(a, b) {
                    prop_assert!(f.is_finite());
                }
            }
        }
    }
}
