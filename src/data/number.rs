//! Numbers and truth values, exactly or not at all.

use super::reason::Reason;
use rust_decimal::Decimal;

/// Digits that always fit in an `i64`.
const SAFE_DIGITS: usize = 18;

/// Reads a decimal such as `-12.50`: ASCII digits, one optional point, one optional sign.
///
/// # Errors
/// Names what is wrong with anything else, so that the message can say what to write instead.
pub fn parse_decimal(text: &str) -> Result<Decimal, Reason> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let (mut value, mut count, mut scale, mut point) = (0i64, 0usize, 0u32, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                count += 1;
                if count <= SAFE_DIGITS {
                    value = value * 10 + i64::from(byte - b'0');
                }
                scale += u32::from(point);
            }
            b'.' if !point => point = true,
            _ => return Err(complaint(text)),
        }
    }
    if count == 0 {
        return Err(complaint(text));
    }
    if count <= SAFE_DIGITS {
        return Ok(Decimal::new(if negative { -value } else { value }, scale));
    }
    let number = Decimal::from_str_exact(text).map_err(|_| Reason::TooManyDigits)?;
    Ok(if number.is_zero() { Decimal::ZERO } else { number })
}

/// What is wrong with a text that is not a number.
fn complaint(text: &str) -> Reason {
    let lower = text.to_lowercase();
    let body = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    if ["nan", "inf", "infinity", "∞"].contains(&body) {
        Reason::NotFinite
    } else if text.starts_with(['¥', '￥', '$', '€', '£']) || text.ends_with(['元', '¥', '￥', '%', '％']) {
        Reason::Currency
    } else if text.chars().any(|c| !c.is_ascii() && c.is_numeric()) {
        Reason::WideDigits
    } else if is_number_with(body, |c| matches!(c, 'e' | '+' | '-')) && body.contains('e') {
        Reason::Exponent
    } else if is_number_with(body, |c| matches!(c, ',' | '，' | '\'' | ' ' | '\u{a0}' | '_')) {
        Reason::ThousandsSeparator
    } else {
        Reason::NotANumber
    }
}

fn is_number_with(text: &str, also: impl Fn(char) -> bool) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '.' || also(c))
        && text.matches('.').count() < 2
}

/// Reads a whole number; a fraction of zeros (`12.0`, as spreadsheets write) is allowed.
///
/// # Errors
/// As [`parse_decimal`], and when there is a fraction or the number does not fit in 64 bits.
pub fn parse_int(text: &str) -> Result<i64, Reason> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let number = parse_decimal(text)?;
    if number.fract().is_zero() {
        i64::try_from(number).map_err(|_| Reason::TooManyDigits)
    } else {
        Err(Reason::NotWhole)
    }
}

/// Reads yes or no, in the forms exports use.
///
/// # Errors
/// On anything else.
pub fn parse_bool(text: &str) -> Result<bool, Reason> {
    const YES: &[&str] = &["true", "1", "yes", "y", "t", "是"];
    const NO: &[&str] = &["false", "0", "no", "n", "f", "否"];
    let is_one = |words: &[&str]| words.iter().any(|w| w.eq_ignore_ascii_case(text));
    if is_one(YES) {
        Ok(true)
    } else if is_one(NO) {
        Ok(false)
    } else {
        Err(Reason::NotABool)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn money_is_exact() {
        assert_eq!(parse_decimal("0.10").map(|d| d.to_string()), Ok("0.10".into()));
        assert_eq!(parse_decimal("-12."), Ok(Decimal::from(-12)));
        assert_eq!(parse_decimal("+.5"), Ok(Decimal::new(5, 1)));
        assert_eq!(
            parse_decimal("123456789012345678901.25").map(|d| d.to_string()),
            Ok("123456789012345678901.25".into())
        );
        assert!(!parse_decimal("-0.00").is_ok_and(|d| d.is_sign_negative()));
    }

    #[test]
    fn what_is_not_a_plain_number_is_refused_by_name() {
        for (text, reason) in [
            ("NaN", Reason::NotFinite),
            ("inf", Reason::NotFinite),
            ("-Infinity", Reason::NotFinite),
            ("1e400", Reason::Exponent),
            ("1.2E+05", Reason::Exponent),
            ("1,000", Reason::ThousandsSeparator),
            ("1 000", Reason::ThousandsSeparator),
            ("１２", Reason::WideDigits),
            ("一百", Reason::NotANumber),
            ("¥12", Reason::Currency),
            ("￥１２", Reason::Currency),
            ("12元", Reason::Currency),
            ("12%", Reason::Currency),
            ("0.12345678901234567890123456789012", Reason::TooManyDigits),
            ("99999999999999999999999999999999", Reason::TooManyDigits),
            ("", Reason::NotANumber),
            ("-", Reason::NotANumber),
            (".", Reason::NotANumber),
            ("1.2.3", Reason::NotANumber),
            ("--1", Reason::NotANumber),
            ("0x10", Reason::NotANumber),
        ] {
            assert_eq!(parse_decimal(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn whole_numbers() {
        assert_eq!(parse_int("12"), Ok(12));
        assert_eq!(parse_int("12.0"), Ok(12));
        assert_eq!(parse_int("12.5"), Err(Reason::NotWhole));
        assert_eq!(parse_int("9223372036854775808"), Err(Reason::TooManyDigits));
        assert_eq!(parse_int("１"), Err(Reason::WideDigits));
    }

    #[test]
    fn yes_and_no() {
        for (text, value) in [("TRUE", true), ("1", true), ("是", true), ("No", false), ("0", false), ("否", false)] {
            assert_eq!(parse_bool(text), Ok(value), "{text}");
        }
        assert_eq!(parse_bool("maybe"), Err(Reason::NotABool));
    }

    proptest! {
        #[test]
        fn numbers_survive_printing(mantissa in any::<i64>(), scale in 0u32..20) {
            let number = Decimal::new(mantissa, scale);
            prop_assert_eq!(parse_decimal(&number.to_string()), Ok(number));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,12}|[-+0-9.eE,]{0,40}") {
            let _ = (parse_decimal(&text), parse_int(&text), parse_bool(&text));
        }
    }
}
