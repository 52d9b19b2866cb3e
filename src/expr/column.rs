//! Values of many entities side by side, kept as compactly as they let.

use super::bits::{Bits, Truths};
use super::fixed::Fixed;
use super::tree::Comparison;
use super::value::Value;
use crate::calendar::{Instant, Interval};

/// A value for each entity of a block.
#[derive(Debug, Clone)]
pub enum Column<'a> {
    /// One and the same for all.
    Same(Value<'a>),
    /// Whole numbers, none of them NULL.
    Ints(Vec<i64>),
    /// Decimals, none of them NULL.
    Fixed(Fixed),
    /// Times; [`Instant::MIN`] stands for NULL.
    Times(Vec<Instant>),
    /// Any others.
    Values(Vec<Value<'a>>),
}

impl<'a> Column<'a> {
    /// The value of the entity at a position; NULL beyond the last.
    #[must_use]
    pub fn get(&self, at: usize) -> Value<'a> {
        match self {
            Self::Same(value) => *value,
            Self::Ints(values) => values.get(at).map_or(Value::Null, |i| Value::Int(*i)),
            Self::Fixed(fixed) => fixed.get(at).map_or(Value::Null, Value::Decimal),
            Self::Times(values) => {
                values.get(at).filter(|t| **t != Instant::MIN).map_or(Value::Null, |t| Value::Time(*t))
            }
            Self::Values(values) => values.get(at).copied().unwrap_or(Value::Null),
        }
    }

    /// Whether none of the values can be NULL.
    pub(super) fn is_known(&self) -> bool {
        match self {
            Self::Same(value) => !value.is_null(),
            Self::Ints(_) | Self::Fixed(_) => true,
            Self::Times(_) | Self::Values(_) => false,
        }
    }

    /// The values, kept as compactly as they let.
    #[must_use]
    pub fn from_values(values: Vec<Value<'a>>) -> Self {
        if let [Value::Time(_) | Value::Null, ..] = values.as_slice() {
            let time = |value: &Value<'_>| match value {
                Value::Time(time) => Some(*time).filter(|time| *time != Instant::MIN),
                Value::Null => Some(Instant::MIN),
                _ => None,
            };
            let times: Option<Vec<Instant>> = values.iter().map(time).collect();
            return times.map_or(Self::Values(values), Self::Times);
        }
        let ints: Option<Vec<i64>> =
            values.iter().map(|v| if let Value::Int(i) = v { Some(*i) } else { None }).collect();
        ints.map_or(Self::Values(values), Self::Ints)
    }

    /// Where `left op right` holds.
    #[must_use]
    pub fn compare(op: Comparison, left: &Self, right: &Self, len: usize) -> Truths {
        if let (Self::Fixed(fixed), Self::Same(_)) = (left, right)
            && let Some(than) = right.multiple(fixed.scale())
        {
            return Truths::known(ordered(op, fixed.mantissas(), |_| than));
        }
        match (left, right) {
            (Self::Ints(values), Self::Same(Value::Int(than))) => Truths::known(ordered(op, values, |_| *than)),
            (Self::Ints(a), Self::Ints(b)) => {
                Truths::known(ordered(op, a, |at| b.get(at).copied().unwrap_or_default()))
            }
            (Self::Times(times), Self::Same(Value::Time(than))) => {
                let known = Bits::of_items(times, |t| *t != Instant::MIN);
                let yes = ordered(op, times, |_| *than).and(&known);
                Truths { no: known.without(&yes), yes }
            }
            (Self::Times(a), Self::Times(b)) => {
                let known = Bits::of_items(a, |t| *t != Instant::MIN).and(&Bits::of_items(b, |t| *t != Instant::MIN));
                let yes = ordered(op, a, |at| b.get(at).copied().unwrap_or(Instant::MIN)).and(&known);
                Truths { no: known.without(&yes), yes }
            }
            (Self::Same(a), Self::Same(b)) => Truths::same(len, a.compare(*b).map(|o| op.holds(o))),
            _ => Truths::of(len, |at| left.get(at).compare(right.get(at)).map(|o| op.holds(o))),
        }
    }

    /// Whose time lies in an interval; nobody's where there is none.
    #[must_use]
    pub fn within(&self, interval: Option<Interval>, len: usize) -> Truths {
        if let (Self::Times(times), Some(interval)) = (self, interval) {
            let yes = Bits::of_items(times, |t| *t != Instant::MIN && interval.contains(*t));
            let known = Bits::of_items(times, |t| *t != Instant::MIN);
            return Truths { no: known.without(&yes), yes };
        }
        Truths::of(len, |at| match self.get(at) {
            Value::Time(t) => interval.map(|i| i.contains(t)),
            _ => None,
        })
    }

    /// Whose value is NULL, or is not.
    #[must_use]
    pub fn is_null(&self, negated: bool, len: usize) -> Truths {
        if let Self::Times(times) = self {
            return Truths::known(Bits::of_items(times, |t| (*t == Instant::MIN) != negated));
        }
        Truths::known(Bits::of(len, |at| self.get(at).is_null() != negated))
    }

    /// Whose text is one of these, or is none of them.
    #[must_use]
    pub fn is_one_of(&self, texts: &[Box<str>], negated: bool, len: usize) -> Truths {
        Truths::of(len, |at| match self.get(at) {
            Value::Text(text) => Some(texts.iter().any(|t| **t == *text) != negated),
            _ => None,
        })
    }
}

/// Where `item op than` holds; asked for each operator apart, so that nothing is decided item by item.
fn ordered<T: Ord>(op: Comparison, items: &[T], than: impl Fn(usize) -> T) -> Bits {
    match op {
        Comparison::Equal => Bits::of_each(items, |at, item| *item == than(at)),
        Comparison::NotEqual => Bits::of_each(items, |at, item| *item != than(at)),
        Comparison::Less => Bits::of_each(items, |at, item| *item < than(at)),
        Comparison::LessOrEqual => Bits::of_each(items, |at, item| *item <= than(at)),
        Comparison::Greater => Bits::of_each(items, |at, item| *item > than(at)),
        Comparison::GreaterOrEqual => Bits::of_each(items, |at, item| *item >= than(at)),
    }
}
