//! Times in the forms that exports have.
//!
//! Most rows say `YYYY-MM-DD HH:MM:SS` and share their day with the row before, so the start of
//! the last day is remembered and only the clock is read. Everything else takes the slow path.

use super::reason::Reason;
use crate::calendar::{Day, Instant, Zone};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// The years in which a time is believed.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Reads a time; one without an offset is in `zone`.
///
/// # Errors
/// When it is no time, lies outside the years 1990 to 2100, or was skipped by the zone's clock.
pub fn parse_time(text: &str, zone: Zone) -> Result<Instant, Reason> {
    TimeReader::new(zone, None).instant(text)
}

/// What a text says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Date(NaiveDate),
    Local(NaiveDateTime),
    Absolute(Instant),
}

/// Reads the times of a column, remembering the last day.
#[derive(Debug, Clone)]
pub struct TimeReader {
    zone: Zone,
    /// `chrono` pattern tried first.
    format: Option<String>,
    /// Date text and first instant of the last day whose clock ran evenly for 24 hours.
    last: Option<([u8; 10], i64)>,
}

impl TimeReader {
    /// A reader for times that are local to `zone` unless they say otherwise; `format` is a
    /// `chrono` pattern that is tried first.
    #[must_use]
    pub fn new(zone: Zone, format: Option<String>) -> Self {
        Self { zone, format, last: None }
    }

    /// The moment a text names; of a date its first one.
    ///
    /// # Errors
    /// See [`parse_time`].
    pub fn instant(&mut self, text: &str) -> Result<Instant, Reason> {
        if let Some(instant) = self.fast(text.as_bytes()) {
            return Ok(instant);
        }
        self.resolve(read(text, self.format.as_deref())?)
    }

    /// The first moment, in `days`, of the day a text names.
    ///
    /// # Errors
    /// See [`parse_time`].
    pub fn day(&mut self, text: &str, days: Zone) -> Result<Instant, Reason> {
        match read(text, self.format.as_deref())? {
            Said::Date(date) => believe(date).map(|d| days.midnight(Day::from_date(d))),
            said => self.resolve(said).map(|instant| days.midnight(days.day(instant))),
        }
    }

    fn resolve(&self, said: Said) -> Result<Instant, Reason> {
        match said {
            Said::Date(date) => believe(date).map(|d| self.zone.midnight(Day::from_date(d))),
            Said::Local(local) => {
                believe(local.date())?;
                self.zone.instant(local).map_err(|_| Reason::ClockGap)
            }
            Said::Absolute(instant) => {
                let utc = chrono::DateTime::from_timestamp_micros(instant.0).ok_or(Reason::ImpossibleYear)?;
                believe(utc.date_naive()).map(|_| instant)
            }
        }
    }

    /// `YYYY-MM-DD HH:MM[:SS]` on a day of 24 even hours, where no other format is tried first; `None` sends the text
    /// down the slow path.
    #[inline]
    pub(super) fn fast(&mut self, text: &[u8]) -> Option<Instant> {
        if self.format.is_some() {
            return None;
        }
        let (date, clock) = match text.len() {
            19 => (text.first_chunk::<10>()?, *text.last_chunk::<8>()?),
            16 => {
                let [h1, h2, colon, m1, m2] = *text.last_chunk::<5>()?;
                (text.first_chunk::<10>()?, [h1, h2, colon, m1, m2, b':', b'0', b'0'])
            }
            _ => return None,
        };
        if !matches!(text.get(10), Some(b' ' | b'T')) || date[4] != b'-' || date[7] != b'-' {
            return None;
        }
        let seconds = clock_seconds(clock)?;
        let midnight = match self.last {
            Some((known, midnight)) if known == *date => midnight,
            _ => {
                let Ok(Said::Date(day)) = read(std::str::from_utf8(date).ok()?, None) else { return None };
                let day = Day::from_date(believe(day).ok()?);
                let midnight = self.zone.midnight(day).0;
                if self.zone.midnight(day.plus(1)).0 - midnight != DAY {
                    return None;
                }
                self.last = Some((*date, midnight));
                midnight
            }
        };
        Some(Instant(midnight + seconds * SECOND))
    }
}

/// The seconds since midnight at which a clock shows `HH:MM:SS`.
#[inline]
fn clock_seconds(clock: [u8; 8]) -> Option<i64> {
    const ZERO: u64 = u64::from_le_bytes(*b"00:00:00");
    // Digits above nine, and anything but a colon between them, reach the highest bit of their byte.
    const BEYOND: u64 = u64::from_le_bytes([0x76, 0x76, 0x7f, 0x76, 0x76, 0x7f, 0x76, 0x76]);
    let digits = u64::from_le_bytes(clock) ^ ZERO;
    if (digits.wrapping_add(BEYOND) | digits) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let [h1, h2, _, m1, m2, _, s1, s2] = digits.to_le_bytes().map(i64::from);
    let (hour, minute, second) = (h1 * 10 + h2, m1 * 10 + m2, s1 * 10 + s2);
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

fn believe(date: NaiveDate) -> Result<NaiveDate, Reason> {
    use chrono::Datelike;
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(Reason::ImpossibleYear) }
}

fn read(text: &str, format: Option<&str>) -> Result<Said, Reason> {
    if let Some(format) = format {
        if let Ok(local) = NaiveDateTime::parse_from_str(text, format) {
            return Ok(Said::Local(local));
        }
        if let Ok(date) = NaiveDate::parse_from_str(text, format) {
            return Ok(Said::Date(date));
        }
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return digits(text);
    }
    written(text).ok_or(Reason::NotATime)
}

/// `YYYYMMDD`, `YYYYMMDDHHMMSS`, Unix seconds or milliseconds, told apart by their length.
fn digits(text: &str) -> Result<Said, Reason> {
    let number: i64 = text.parse().map_err(|_| Reason::NotATime)?;
    match text.len() {
        8 => NaiveDate::parse_from_str(text, "%Y%m%d").map(Said::Date).map_err(|_| Reason::NotATime),
        10 => Ok(Said::Absolute(Instant::from_seconds(number))),
        13 => Ok(Said::Absolute(Instant(number * 1000))),
        14 => NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").map(Said::Local).map_err(|_| Reason::NotATime),
        _ => Err(Reason::NotATime),
    }
}

/// `2025-05-06`, `2025/5/6 8:30`, `2025.5.6 08:30:15.250`, `2025年5月6日 08:30`, each also with an
/// offset after the time.
fn written(text: &str) -> Option<Said> {
    let mut rest = Rest(text);
    let year = rest.number(4, 4)?;
    let chinese = rest.skip("年");
    let separator = if chinese { "月" } else { ["-", "/", "."].into_iter().find(|s| rest.skip(s))? };
    let month = rest.number(1, 2)?;
    if !rest.skip(separator) {
        return None;
    }
    let day = rest.number(1, 2)?;
    if chinese && !rest.skip("日") {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    if rest.0.is_empty() {
        return Some(Said::Date(date));
    }
    // After 日 the blank is often left out.
    if !(rest.skip("T") || rest.skip("t") || rest.blanks() || chinese) {
        return None;
    }
    rest.blanks();
    let hour = rest.number(1, 2)?;
    if !rest.skip(":") {
        return None;
    }
    let minute = rest.number(2, 2)?;
    let (mut second, mut micros) = (0, 0);
    if rest.skip(":") {
        second = rest.number(2, 2)?;
        if rest.skip(".") || rest.skip(",") {
            micros = rest.fraction()?;
        }
    }
    let local = date.and_time(NaiveTime::from_hms_micro_opt(hour, minute, second, micros)?);
    rest.blanks();
    if rest.0.is_empty() {
        return Some(Said::Local(local));
    }
    let offset = rest.offset()?;
    let utc = local.checked_sub_signed(TimeDelta::seconds(offset))?;
    rest.0.is_empty().then(|| Said::Absolute(Instant(utc.and_utc().timestamp_micros())))
}

/// The part of a text that is still to be read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn skip(&mut self, expected: &str) -> bool {
        let after = self.0.strip_prefix(expected);
        self.0 = after.unwrap_or(self.0);
        after.is_some()
    }

    fn blanks(&mut self) -> bool {
        let before = self.0.len();
        self.0 = self.0.trim_start();
        self.0.len() < before
    }

    /// A number of at least and at most so many digits.
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let length = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, after) = self.0.split_at_checked(length)?;
        if length < least {
            return None;
        }
        self.0 = after;
        digits.parse().ok()
    }

    /// Digits after the point, as microseconds; finer ones are cut off.
    fn fraction(&mut self) -> Option<u32> {
        let length = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, after) = self.0.split_at_checked(length)?;
        if !(1..=9).contains(&length) {
            return None;
        }
        self.0 = after;
        format!("{digits:0<6}").get(..6)?.parse().ok()
    }

    /// `Z`, `+08:00`, `+0800` or `+08`, in seconds east of Greenwich.
    fn offset(&mut self) -> Option<i64> {
        if self.skip("Z") || self.skip("z") {
            return Some(0);
        }
        let sign = if self.skip("+") {
            1
        } else if self.skip("-") || self.skip("\u{2212}") {
            -1
        } else {
            return None;
        };
        let hours = self.number(2, 2)?;
        self.skip(":");
        let minutes = if self.0.is_empty() { 0 } else { self.number(2, 2)? };
        (hours < 24 && minutes < 60).then(|| sign * i64::from(hours * 3600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::{DateTime, TimeZone};
    use chrono_tz::Tz;
    use proptest::prelude::*;

    fn shanghai(text: &str) -> Result<String, Reason> {
        parse_time(text, Zone::new(Tz::Asia__Shanghai))
            .map(|i| DateTime::from_timestamp_micros(i.0).unwrap().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }

    #[test]
    fn every_form_names_its_moment() {
        for (text, expected) in [
            ("2025-05-06 08:30:15", "2025-05-06T00:30:15Z"),
            ("2025-05-06 08:30", "2025-05-06T00:30:00Z"),
            ("2025-05-06 08:30:15.25", "2025-05-06T00:30:15.250Z"),
            ("2025-05-06T08:30:15", "2025-05-06T00:30:15Z"),
            ("2025-05-06T08:30:15Z", "2025-05-06T08:30:15Z"),
            ("2025-05-06T08:30:15+09:00", "2025-05-05T23:30:15Z"),
            ("2025-05-06 08:30:15 -0430", "2025-05-06T13:00:15Z"),
            ("2025/5/6 8:30", "2025-05-06T00:30:00Z"),
            ("2025/5/6 8:30:05", "2025-05-06T00:30:05Z"),
            ("2025.5.6", "2025-05-05T16:00:00Z"),
            ("2025-05-06", "2025-05-05T16:00:00Z"),
            ("20250506", "2025-05-05T16:00:00Z"),
            ("20250506083015", "2025-05-06T00:30:15Z"),
            ("1746491415", "2025-05-06T00:30:15Z"),
            ("1746491415123", "2025-05-06T00:30:15.123Z"),
            ("2025年5月6日 08:30", "2025-05-06T00:30:00Z"),
            ("2025年5月6日", "2025-05-05T16:00:00Z"),
            ("2024-02-29 00:00:00", "2024-02-28T16:00:00Z"),
        ] {
            assert_eq!(shanghai(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for (text, reason) in [
            ("yesterday", Reason::NotATime),
            ("", Reason::NotATime),
            ("08:30", Reason::NotATime),
            ("2025-02-29", Reason::NotATime),
            ("2025-13-01 00:00:00", Reason::NotATime),
            ("2025-05-06 24:00:00", Reason::NotATime),
            ("2025-05-06 8:3", Reason::NotATime),
            ("2025-05/06", Reason::NotATime),
            ("06/05/2025 08:30", Reason::NotATime),
            ("45783.35", Reason::NotATime),
            ("２０２５-05-06", Reason::NotATime),
            ("2025-05-06 08:30:15 EST", Reason::NotATime),
            ("1970-01-01 00:00:00", Reason::ImpossibleYear),
            ("0001-01-01", Reason::ImpossibleYear),
            ("9999-12-31 23:59:59", Reason::ImpossibleYear),
            ("0000000001", Reason::ImpossibleYear),
            ("9999999999999", Reason::ImpossibleYear),
            ("99999999999999999999", Reason::NotATime),
        ] {
            assert_eq!(shanghai(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn a_skipped_hour_is_impossible_and_a_doubled_one_is_the_earlier() {
        let berlin = Zone::new(Tz::Europe__Berlin);
        assert_eq!(parse_time("2025-03-30 02:30:00", berlin), Err(Reason::ClockGap));
        assert_eq!(parse_time("2025-10-26 02:30:00", berlin), Ok(Instant::from_seconds(1_761_438_600)));
        assert_eq!(parse_time("2025-10-26 02:30:00+01:00", berlin), Ok(Instant::from_seconds(1_761_442_200)));
    }

    #[test]
    fn a_date_is_the_first_moment_of_its_day_in_the_workspace() {
        let shanghai = Zone::new(Tz::Asia__Shanghai);
        let mut utc = TimeReader::new(Zone::new(Tz::UTC), None);
        let sixth = Ok(Instant::from_seconds(1_746_460_800));
        assert_eq!(utc.day("2025-05-06", shanghai), sixth);
        assert_eq!(utc.day("2025-05-05 20:00:00", shanghai), sixth);
        assert_eq!(utc.day("1746491415", shanghai), sixth);
    }

    #[test]
    fn a_pattern_of_the_workspace_comes_first() {
        let mut reader = TimeReader::new(Zone::new(Tz::UTC), Some("%d/%m/%Y %H:%M".into()));
        assert_eq!(reader.instant("06/05/2025 08:30"), Ok(Instant::from_seconds(1_746_520_200)));
        assert_eq!(reader.instant("2025-05-06 08:30:00"), Ok(Instant::from_seconds(1_746_520_200)));
    }

    proptest! {
        #[test]
        fn the_fast_path_agrees_with_chrono(
            seconds in proptest::collection::vec(631_152_000i64..4_102_444_800, 1..20),
            zone in proptest::sample::select(vec![Tz::Asia__Shanghai, Tz::Europe__Berlin, Tz::America__New_York,
                Tz::Australia__Lord_Howe, Tz::America__Sao_Paulo, Tz::UTC]),
        ) {
            let mut reader = TimeReader::new(Zone::new(zone), None);
            for second in seconds {
                let local = DateTime::from_timestamp(second, 0).unwrap().with_timezone(&zone).naive_local();
                let text = local.format("%Y-%m-%d %H:%M:%S").to_string();
                let expected = zone.from_local_datetime(&local).earliest().unwrap();
                prop_assert_eq!(reader.instant(&text), Ok(Instant(expected.timestamp_micros())));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}|[0-9:/. TZ年月日+-]{0,30}") {
            let mut reader = TimeReader::new(Zone::new(Tz::America__New_York), None);
            let _ = (reader.instant(&text), reader.day(&text, Zone::new(Tz::UTC)));
        }
    }
}
