//! Columns of numbers taken together exactly: sums, the smallest and the largest of each entity.

use super::column::Column;
use super::value::Value;
use crate::calendar::Instant;
use rust_decimal::Decimal;
use std::borrow::Cow;

/// Decimals of one scale, none of them NULL: whole multiples of a power of ten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    scale: u32,
    mantissas: Vec<i64>,
}

impl Fixed {
    /// The numbers `mantissa × 10^-scale`. No decimal has more than 28 places.
    #[must_use]
    pub fn new(scale: u32, mantissas: Vec<i64>) -> Self {
        Self { scale: scale.min(Decimal::MAX_SCALE), mantissas }
    }

    /// The decimals in the least scale that holds them all; `None` if one is unknown or has too many digits.
    #[must_use]
    pub fn from_decimals(decimals: impl ExactSizeIterator<Item = Option<Decimal>>) -> Option<Self> {
        let mut all = Self { scale: 0, mantissas: Vec::with_capacity(decimals.len()) };
        for decimal in decimals {
            let decimal = decimal?;
            let mut mantissa = i64::try_from(decimal.mantissa()).ok()?;
            if decimal.scale() > all.scale {
                all.mantissas = all.at_scale(decimal.scale())?.into_owned();
                all.scale = decimal.scale();
            } else if mantissa != 0 {
                mantissa = mantissa.checked_mul(power(all.scale - decimal.scale())?)?;
            }
            all.mantissas.push(mantissa);
        }
        Some(all)
    }

    /// Digits after the point.
    #[must_use]
    pub fn scale(&self) -> u32 {
        self.scale
    }

    /// The numbers as multiples of the scale's last place.
    #[must_use]
    pub fn mantissas(&self) -> &[i64] {
        &self.mantissas
    }

    /// The number of the entity at a position.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Decimal> {
        let mantissa = *self.mantissas.get(at)?;
        Some(Decimal::new(mantissa, self.scale).normalize())
    }

    /// The numbers as multiples of a last place at or behind their own; `None` if one gets too large.
    fn at_scale(&self, scale: u32) -> Option<Cow<'_, [i64]>> {
        raised(&self.mantissas, scale.checked_sub(self.scale)?)
    }
}

/// Ten to a power.
fn power(places: u32) -> Option<i64> {
    10_i64.checked_pow(places)
}

/// Numbers with so many zeros behind them.
fn raised(numbers: &[i64], places: u32) -> Option<Cow<'_, [i64]>> {
    if places == 0 {
        return Some(Cow::Borrowed(numbers));
    }
    let by = power(places)?;
    numbers.iter().map(|number| number.checked_mul(by)).collect::<Option<Vec<i64>>>().map(Cow::Owned)
}

/// How several numbers of an entity become one. NULL is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    /// Added up.
    Sum,
    /// The smallest.
    Least,
    /// The largest.
    Greatest,
}

impl Joining {
    #[inline]
    fn join(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Self::Sum => a.checked_add(b),
            Self::Least => Some(a.min(b)),
            Self::Greatest => Some(a.max(b)),
        }
    }
}

impl Column<'_> {
    /// The numbers or times of columns, joined for each of `len` entities; `None` where that has to be done one by one:
    /// with NULLs among numbers, fractions, texts, or sums that are too large.
    #[must_use]
    pub fn joined(parts: &[&Self], joining: Joining, len: usize) -> Option<Column<'static>> {
        if joining != Joining::Sum
            && let Some(times) = times(parts, joining == Joining::Least)
        {
            return Some(Column::Times(times));
        }
        let mut scale = 0;
        let mut whole = true;
        for part in parts {
            match part {
                Self::Ints(_) | Self::Same(Value::Int(_)) => {}
                Self::Fixed(fixed) => (scale, whole) = (scale.max(fixed.scale), false),
                Self::Same(Value::Decimal(decimal)) => (scale, whole) = (scale.max(decimal.scale()), false),
                _ => return None,
            }
        }
        let (first, rest) = parts.split_first()?;
        let mut all = first.multiples(scale, len)?.into_owned();
        for part in rest {
            let numbers = part.multiples(scale, len)?;
            for (all, number) in all.iter_mut().zip(&*numbers) {
                *all = joining.join(*all, *number)?;
            }
        }
        Some(if whole { Column::Ints(all) } else { Column::Fixed(Fixed::new(scale, all)) })
    }

    /// The numbers of `len` entities as multiples of a last place.
    fn multiples(&self, scale: u32, len: usize) -> Option<Cow<'_, [i64]>> {
        match self {
            Self::Ints(numbers) => raised(numbers, scale),
            Self::Fixed(fixed) => fixed.at_scale(scale),
            Self::Same(_) => Some(Cow::Owned(vec![self.multiple(scale)?; len])),
            Self::Times(_) | Self::Values(_) => None,
        }
    }

    /// The one number of all entities as a multiple of a last place.
    pub(super) fn multiple(&self, scale: u32) -> Option<i64> {
        match self {
            Self::Same(Value::Int(number)) => number.checked_mul(power(scale)?),
            Self::Same(Value::Decimal(decimal)) => {
                let mantissa = i64::try_from(decimal.mantissa()).ok()?;
                mantissa.checked_mul(power(scale.checked_sub(decimal.scale())?)?)
            }
            _ => None,
        }
    }
}

/// The earliest of times, or the latest; `None` if there is anything else.
fn times(parts: &[&Column<'_>], earliest: bool) -> Option<Vec<Instant>> {
    let times: Option<Vec<&Vec<Instant>>> =
        parts.iter().map(|part| if let Column::Times(times) = part { Some(times) } else { None }).collect();
    let (first, rest) = times.as_deref()?.split_first()?;
    let mut best = Vec::clone(first);
    for times in rest {
        for (best, time) in best.iter_mut().zip(*times) {
            let sooner = *best == Instant::MIN || (*time != Instant::MIN && *time < *best);
            *best = if !earliest {
                (*best).max(*time)
            } else if sooner {
                *time
            } else {
                *best
            };
        }
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal() -> impl Strategy<Value = Decimal> {
        (prop_oneof![-1000i64..1000, any::<i64>()], 0u32..6).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
    }

    proptest! {
        #[test]
        fn decimals_of_one_scale_are_those_they_were(decimals in proptest::collection::vec(decimal(), 0..9)) {
            if let Some(fixed) = Fixed::from_decimals(decimals.iter().copied().map(Some)) {
                let back: Vec<_> = (0..decimals.len()).map_while(|at| fixed.get(at)).collect();
                prop_assert_eq!(back, decimals);
            }
        }

        #[test]
        fn numbers_are_joined_as_they_are_one_by_one(
            numbers in proptest::collection::vec((-1000i64..1000, -1000i64..1000, 0u32..4), 1..9), same in decimal(),
        ) {
            let ints = Column::Ints(numbers.iter().map(|n| n.0).collect());
            let decimals = || numbers.iter().map(|n| Decimal::new(n.1, n.2));
            let fixed = Column::Fixed(Fixed::from_decimals(decimals().map(Some).collect::<Vec<_>>().into_iter()).ok_or_else(|| {
                TestCaseError::fail("small decimals fit")
            })?);
            for joining in [Joining::Sum, Joining::Least, Joining::Greatest] {
                let parts = [&ints, &fixed, &Column::Same(Value::Decimal(same))];
                let Some(joined) = Column::joined(&parts, joining, numbers.len()) else { continue };
                for (at, (int, decimal)) in numbers.iter().map(|n| Decimal::from(n.0)).zip(decimals()).enumerate() {
                    let expected = match joining {
                        Joining::Sum => int + decimal + same,
                        Joining::Least => int.min(decimal).min(same),
                        Joining::Greatest => int.max(decimal).max(same),
                    };
                    prop_assert_eq!(joined.get(at), Value::Decimal(expected));
                }
            }
        }
    }

    #[test]
    fn what_has_no_common_scale_is_joined_one_by_one() {
        let large = Column::Ints(vec![i64::MAX]);
        let fine = Column::Fixed(Fixed::new(2, vec![1]));
        assert!(Column::joined(&[&large, &fine], Joining::Greatest, 1).is_none());
        assert!(Column::joined(&[&large, &Column::Same(Value::Int(1))], Joining::Sum, 1).is_none());
        assert!(Column::joined(&[&fine, &Column::Same(Value::Null)], Joining::Sum, 1).is_none());
        assert!(Fixed::from_decimals([Some(Decimal::MAX)].into_iter()).is_none());
    }
}
