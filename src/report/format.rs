//! Numbers, money, dates and spans of time as a language writes them.

use super::rounding::with_fixed;
use super::wording::{Style, Wording};
use crate::calendar::{Cadence, Day, Period};
use crate::measure::Number;
use crate::playbook::{Rhythm, Unit};
use chrono::Datelike;
use fluent_bundle::types::FluentNumber;
use rust_decimal::Decimal;

/// A real minus sign, which is as wide as a plus.
const MINUS: &str = "−";

impl Wording {
    /// A whole number with separators of thousands.
    #[must_use]
    pub fn count(&self, n: u64) -> String {
        let mut out = String::with_capacity(16);
        push_grouped(&mut out, n);
        out
    }

    /// A number with a fixed number of decimal places; minus zero does not exist.
    #[must_use]
    pub fn fixed(&self, value: f64, places: usize) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        with_fixed(value.abs(), places, |digits| signed_text(value.is_sign_negative(), digits, ""))
    }

    /// A share as percent with one decimal place.
    #[must_use]
    pub fn percent(&self, share: f64) -> String {
        with_sign_of_percent(self.fixed(share * 100.0, 1))
    }

    /// A share as whole percent.
    #[must_use]
    pub fn whole_percent(&self, share: f64) -> String {
        with_sign_of_percent(self.fixed(share * 100.0, 0))
    }

    /// Points with one decimal place and their sign.
    #[must_use]
    pub fn signed(&self, value: f64, places: usize) -> String {
        with_fixed(value.abs(), places, |digits| signed_text(value.is_sign_negative(), digits, "+"))
    }

    /// A value in its unit.
    #[must_use]
    pub fn value(&self, unit: Unit, value: f64) -> String {
        let text = match unit {
            // Only whole days can be one day; their number chooses the form.
            Unit::Days if value.fract() == 0.0 && (0.0..1e9).contains(&value) => {
                return self.plural("unit_days", &[("n", value as u64)], &[]);
            }
            Unit::Percent => return self.percent(value),
            Unit::Points => self.fixed(value, 1),
            Unit::Count => self.fixed(value, if value.fract() == 0.0 { 0 } else { 1 }),
            Unit::Money => return self.money(Decimal::try_from(value).unwrap_or_default()),
            Unit::Number => self.plain(value),
            Unit::Days | Unit::Hours => self.fixed(value, if value.fract() == 0.0 { 0 } else { 1 }),
        };
        match unit {
            Unit::Days => self.say("unit_days", &[("n", &text)]),
            Unit::Hours => self.say("unit_hours", &[("n", &text)]),
            _ => text,
        }
    }

    /// A difference of two values in their unit, with its sign.
    #[must_use]
    pub fn difference(&self, unit: Unit, delta: f64) -> String {
        match unit {
            Unit::Percent => self.say("unit_pp", &[("n", &self.signed(delta * 100.0, 1))]),
            Unit::Money => {
                let text = self.money(Decimal::try_from(delta.abs()).unwrap_or_default());
                signed_text(delta.is_sign_negative(), &text, "+")
            }
            Unit::Days => self.say("unit_days", &[("n", &self.signed(delta, 1))]),
            Unit::Hours => self.say("unit_hours", &[("n", &self.signed(delta, 1))]),
            Unit::Count if delta.fract() == 0.0 => self.signed(delta, 0),
            Unit::Count | Unit::Points => self.signed(delta, 1),
            Unit::Number => self.signed(delta, 2),
        }
    }

    /// An amount of money with two decimal places.
    #[must_use]
    pub fn money(&self, amount: Decimal) -> String {
        let text = format!("{:.2}", amount.round_dp(2).abs());
        signed_text(amount.is_sign_negative(), &format!("¥{}", grouped(&text)), "")
    }

    /// A measured number as it stands in evidence.
    #[must_use]
    pub fn number(&self, number: Number) -> String {
        match number {
            Number::Int(i) => signed_text(i < 0, &i.unsigned_abs().to_string(), ""),
            Number::Decimal(d) => signed_text(d.is_sign_negative(), &d.abs().round_dp(2).to_string(), ""),
            Number::Float(f) => self.plain(f),
            Number::Time(_) => "–".to_owned(),
        }
    }

    fn plain(&self, value: f64) -> String {
        if value.fract() == 0.0 { self.fixed(value, 0) } else { self.fixed(value, 2) }
    }

    /// A day without its year: `5月5日`, `5 May`.
    #[must_use]
    pub fn day(&self, day: Day) -> String {
        let date = day.date();
        match self.style {
            Style::Chinese => format!("{}月{}日", date.month(), date.day()),
            Style::English => format!("{} {}", date.day(), month(date.month())),
        }
    }

    /// A day with its year.
    #[must_use]
    pub fn full_day(&self, day: Day) -> String {
        let year = day.date().year();
        match self.style {
            Style::Chinese => format!("{year}年{}", self.day(day)),
            Style::English => format!("{} {year}", self.day(day)),
        }
    }

    /// A day with its weekday.
    #[must_use]
    pub fn week_day(&self, day: Day) -> String {
        match self.style {
            Style::Chinese => format!("{} {}", self.day(day), self.weekday(day.weekday())),
            Style::English => format!("{} {}", self.weekday(day.weekday()), self.day(day)),
        }
    }

    /// A weekday, Monday 1.
    #[must_use]
    pub fn weekday(&self, weekday: u32) -> String {
        const ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
        const EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let names = match self.style {
            Style::Chinese => ZH,
            Style::English => EN,
        };
        let index = weekday.clamp(1, 7) as usize - 1;
        names.get(index).copied().unwrap_or_default().to_owned()
    }

    /// A stretch of days, both ends inside.
    #[must_use]
    pub fn days(&self, first: Day, last: Day) -> String {
        let (a, b) = (first.date(), last.date());
        match self.style {
            Style::English if a.month() == b.month() && a.year() == b.year() => {
                format!("{}–{}", a.day(), self.day(last))
            }
            Style::English => format!("{} – {}", self.day(first), self.day(last)),
            Style::Chinese => format!("{}–{}", self.day(first), self.day(last)),
        }
    }

    /// A period's name: `2025年第19周`, `May 2025`.
    #[must_use]
    pub fn period(&self, period: Period) -> String {
        let date = period.first.date();
        match (period.cadence, self.style) {
            (Cadence::Week, Style::Chinese) => format!("{}年第{}周", date.iso_week().year(), date.iso_week().week()),
            (Cadence::Week, Style::English) => format!("week {}, {}", date.iso_week().week(), date.iso_week().year()),
            (Cadence::Month, Style::Chinese) => format!("{}年{}月", date.year(), date.month()),
            (Cadence::Month, Style::English) => format!("{} {}", month(date.month()), date.year()),
        }
    }

    /// A time of day from minutes after midnight.
    #[must_use]
    pub fn time(&self, minutes: u32) -> String {
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// When something recurs.
    #[must_use]
    pub fn rhythm(&self, rhythm: Rhythm) -> String {
        let at = |text: String, time: Option<u32>| match time {
            Some(minutes) => format!("{text} {}", self.time(minutes)),
            None => text,
        };
        match rhythm {
            Rhythm::Once => self.get("rhythm_once"),
            Rhythm::OnJoin => self.get("rhythm_on_join"),
            Rhythm::Daily(time) => at(self.get("rhythm_daily"), time),
            Rhythm::Weekly(day, time) => at(self.say("rhythm_weekly", &[("day", &self.weekday(day))]), time),
            Rhythm::Monthly(day, time) => at(self.say("rhythm_monthly", &[("day", &day.to_string())]), time),
            Rhythm::Quarterly => self.get("rhythm_quarterly"),
        }
    }
}

/// A number in a message: with separators of thousands and a real minus sign. `NUMBER` may ask for decimal
/// places and for no separators.
pub(super) fn fluent_number(number: &FluentNumber) -> String {
    let options = &number.options;
    let least = options.minimum_fraction_digits.unwrap_or(0);
    let exact = number.value.abs().to_string();
    let has = exact.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let places = has.max(least).min(options.maximum_fraction_digits.unwrap_or(usize::MAX)).min(20);
    let digits = format!("{:.places$}", number.value.abs());
    let zero = digits.chars().all(|c| matches!(c, '0' | '.'));
    let sign = if number.value < 0.0 && !zero { MINUS } else { "" };
    format!("{sign}{}", if options.use_grouping { grouped(&digits) } else { digits })
}

fn with_sign_of_percent(mut number: String) -> String {
    number.push('%');
    number
}

/// Digits with their sign and separators of thousands; zero has no sign.
fn signed_text(negative: bool, digits: &str, plus: &str) -> String {
    let zero = digits.bytes().all(|b| !b.is_ascii_digit() || b == b'0');
    let mut out = String::with_capacity(digits.len() + 8);
    out.push_str(match (negative, zero) {
        (_, true) => "",
        (true, false) => MINUS,
        (false, false) => plus,
    });
    push_separated(&mut out, digits);
    out
}

/// Separators of thousands in the whole part; a text that has some already stays as it is.
fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + 8);
    push_separated(&mut out, digits);
    out
}

/// A whole number with separators of thousands.
pub(super) fn push_grouped(out: &mut String, n: u64) {
    if n >= 1000 {
        push_grouped(out, n / 1000);
        out.push(',');
    }
    let digit = |n: u64| char::from(b'0' + u8::try_from(n % 10).unwrap_or_default());
    if n >= 100 {
        out.push(digit(n / 100));
    }
    if n >= 10 {
        out.push(digit(n / 10));
    }
    out.push(digit(n));
}

fn push_separated(out: &mut String, digits: &str) {
    let bytes = digits.as_bytes();
    let start = bytes.iter().position(u8::is_ascii_digit).unwrap_or(0);
    let whole = bytes.iter().skip(start).take_while(|b| b.is_ascii_digit()).count();
    // The place of the first separator: one to three digits stand before it.
    let mut from = 0;
    let mut to = start + if whole > 3 { (whole - 1) % 3 + 1 } else { whole };
    while to < start + whole {
        out.push_str(digits.get(from..to).unwrap_or_default());
        out.push(',');
        (from, to) = (to, to + 3);
    }
    out.push_str(digits.get(from..).unwrap_or_default());
}

fn month(number: u32) -> &'static str {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    NAMES.get(number.saturating_sub(1) as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn zh() -> Wording {
        Wording::load("zh-CN", None).unwrap()
    }

    fn en() -> Wording {
        Wording::load("en", None).unwrap()
    }

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().unwrap())
    }

    #[test]
    fn numbers_are_grouped_and_signed() {
        assert_eq!(zh().count(1_234_567), "1,234,567");
        assert_eq!(zh().signed(-3.25, 1), "−3.2");
        assert_eq!(zh().signed(0.04, 1), "0.0");
        assert_eq!(zh().signed(-0.04, 1), "0.0");
        assert_eq!(zh().percent(0.1826), "18.3%");
        assert_eq!(zh().fixed(999.96, 1), "1,000.0");
    }

    #[test]
    fn numbers_in_messages_are_written_alike() {
        let number = |value: f64, change: fn(&mut FluentNumber)| {
            let mut number = FluentNumber::from(value);
            change(&mut number);
            fluent_number(&number)
        };
        assert_eq!(number(1_234_567.0, |_| {}), "1,234,567");
        assert_eq!(number(-0.5, |_| {}), "−0.5");
        assert_eq!(number(12.0, |n| n.options.minimum_fraction_digits = Some(1)), "12.0");
        assert_eq!(number(2.5678, |n| n.options.maximum_fraction_digits = Some(2)), "2.57");
        assert_eq!(number(2025.0, |n| n.options.use_grouping = false), "2025");
    }

    #[test]
    fn one_day_is_not_days() {
        assert_eq!([en().value(Unit::Days, 1.0), en().value(Unit::Days, 1.5)], ["1 day", "1.5 days"]);
        assert_eq!(zh().value(Unit::Days, 1.0), "1 天");
    }

    #[test]
    fn whole_numbers_are_separated_as_other_digits_are() {
        for n in [0, 1, 9, 10, 99, 100, 999, 1000, 1001, 9_999, 10_000, 999_999, 1_000_000, 1_010_005, u64::MAX] {
            assert_eq!(zh().count(n), grouped(&n.to_string()));
        }
        assert_eq!(
            [grouped("¥1234567.50"), grouped("-1000"), grouped("12"), grouped("")],
            ["¥1,234,567.50", "-1,000", "12", ""]
        );
    }

    #[test]
    fn money_is_exact() {
        assert_eq!(zh().money("1234567.5".parse().unwrap()), "¥1,234,567.50");
        assert_eq!(en().money("-0.001".parse().unwrap()), "¥0.00");
        assert_eq!(en().difference(Unit::Money, -1234.5), "−¥1,234.50");
    }

    #[test]
    fn dates_follow_the_language() {
        let d = day("2025-05-05");
        assert_eq!(zh().week_day(d), "5月5日 周一");
        assert_eq!(en().week_day(d), "Mon 5 May");
        assert_eq!(zh().days(d, d.plus(6)), "5月5日–5月11日");
        assert_eq!(en().days(d, d.plus(6)), "5–11 May");
        assert_eq!(en().days(day("2025-04-28"), d), "28 Apr – 5 May");
        assert_eq!(zh().period(Period::parse("2025-W19").unwrap()), "2025年第19周");
        assert_eq!(en().period(Period::parse("2025-05").unwrap()), "May 2025");
    }

    #[test]
    fn differences_of_shares_are_percentage_points() {
        assert_eq!(zh().difference(Unit::Percent, 0.131), "+13.1 个百分点");
        assert_eq!(en().difference(Unit::Percent, -0.057), "−5.7 pp");
    }
}
