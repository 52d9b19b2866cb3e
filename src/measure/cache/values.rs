//! Numbers, moments and the cells of rows that wait, as words and bytes.

use super::super::held::Stored;
use super::super::number::Number;
use super::super::tally::MomentCell;
use super::bytes::{Damaged, In, Out, Taken, moment, rows};
use rust_decimal::Decimal;
use std::sync::Arc;

/// A decimal of 96 bits with its scale and sign in two words; zero is two zeros.
pub(super) fn of_decimal(value: Decimal) -> [u64; 2] {
    let digits = value.mantissa().unsigned_abs();
    let rest = (digits >> 64) as u64;
    [digits as u64, rest | u64::from(value.scale()) << 32 | u64::from(value.is_sign_negative()) << 40]
}

pub(super) fn to_decimal([low, high]: [u64; 2]) -> Taken<Decimal> {
    let digits = u128::from(low) | u128::from(high & u64::from(u32::MAX)) << 64;
    let digits = i128::try_from(digits).map_err(|_| Damaged)?;
    let scale = (high >> 32 & 0xff) as u32;
    let mut value = Decimal::try_from_i128_with_scale(digits, scale).map_err(|_| Damaged)?;
    value.set_sign_negative(high >> 40 & 1 == 1);
    Ok(value)
}

/// A number in three words, the first its kind; three zeros for none.
pub(super) fn of_number(number: Option<Number>) -> [u64; 3] {
    match number {
        None => [0; 3],
        Some(Number::Int(i)) => [1, i.cast_unsigned(), 0],
        Some(Number::Decimal(d)) => {
            let [low, high] = of_decimal(d);
            [2, low, high]
        }
        Some(Number::Float(f)) => [3, f.to_bits(), 0],
        Some(Number::Time(t)) => [4, t.0.cast_unsigned(), 0],
    }
}

pub(super) fn to_number([kind, low, high]: [u64; 3]) -> Taken<Option<Number>> {
    Ok(Some(match kind {
        0 => return Ok(None),
        1 => Number::Int(low.cast_signed()),
        2 => Number::Decimal(to_decimal([low, high])?),
        3 => Number::Float(Some(f64::from_bits(low)).filter(|f| f.is_finite()).ok_or(Damaged)?),
        4 => Number::Time(moment(low.cast_signed())?),
        _ => return Err(Damaged),
    }))
}

pub(super) fn of_moments(cell: &MomentCell) -> [u64; 5] {
    let (sum, squares) = (of_decimal(cell.sum), of_decimal(cell.squares));
    [cell.n, sum[0], sum[1], squares[0], squares[1]]
}

pub(super) fn to_moments([n, a, b, c, d]: [u64; 5]) -> Taken<MomentCell> {
    Ok(MomentCell { n: rows(n)?, sum: to_decimal([a, b])?, squares: to_decimal([c, d])? })
}

/// A cell of a kept row.
pub(super) fn write_stored(out: &mut Out, cell: &Stored) {
    match cell {
        Stored::Null => out.u8(0),
        Stored::Text(text) => {
            out.u8(1);
            out.text(text);
        }
        Stored::Int(i) => {
            out.u8(2);
            out.i64(*i);
        }
        Stored::Decimal(d) => {
            out.u8(3);
            of_decimal(*d).into_iter().for_each(|w| out.u64(w));
        }
        Stored::Time(t) => {
            out.u8(4);
            out.i64(t.0);
        }
        Stored::Bool(b) => {
            out.u8(5);
            out.u8(u8::from(*b));
        }
    }
}

pub(super) fn read_stored(input: &mut In<'_>) -> Taken<Stored> {
    Ok(match input.u8()? {
        0 => Stored::Null,
        1 => Stored::Text(Arc::from(input.text()?)),
        2 => Stored::Int(input.i64()?),
        3 => Stored::Decimal(to_decimal([input.u64()?, input.u64()?])?),
        4 => Stored::Time(input.moment()?),
        5 => Stored::Bool(input.u8()? != 0),
        _ => return Err(Damaged),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Instant;

    #[test]
    fn numbers_come_back_with_their_scale_and_sign() {
        let decimals = ["0", "-0.10", "79228162514264337593543950335", "-0.0000000000000000000000000001", "12.50"];
        for text in decimals {
            let decimal: Decimal = text.parse().unwrap_or_default();
            let again = to_decimal(of_decimal(decimal)).map(|d| d.to_string());
            assert_eq!(again, Ok(decimal.to_string()));
            assert_eq!(to_number(of_number(Some(Number::Decimal(decimal)))), Ok(Some(Number::Decimal(decimal))));
        }
        for number in [Number::Int(-3), Number::Float(0.5), Number::Time(Instant(-1))] {
            assert_eq!(to_number(of_number(Some(number))), Ok(Some(number)));
        }
        assert_eq!(of_decimal(Decimal::ZERO), [0, 0]);
        assert_eq!(to_number([0; 3]), Ok(None));
        assert_eq!(to_number([9, 0, 0]), Err(Damaged));
        assert_eq!(to_number([4, i64::MIN.cast_unsigned(), 0]), Err(Damaged));
        assert_eq!(to_decimal([0, 200 << 32]), Err(Damaged));
    }
}
