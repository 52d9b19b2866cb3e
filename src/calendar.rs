//! Instants, local days and report periods.
//!
//! All windows are half-open `[start, end)` and begin and end at local midnights of the workspace's
//! zone; the wall clock is never asked.

use chrono::{DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use std::fmt;

/// A moment, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// Before every moment.
    pub const MIN: Self = Self(i64::MIN);
    /// After every moment.
    pub const MAX: Self = Self(i64::MAX);

    /// From whole Unix seconds.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }
}

/// A calendar day in the workspace's zone, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of a calendar date.
    #[must_use]
    pub fn from_date(date: NaiveDate) -> Self {
        Self(i32::try_from((date - NaiveDate::default()).num_days()).unwrap_or(i32::MAX))
    }

    /// The calendar date.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        if self.0 >= 0 {
            NaiveDate::default().checked_add_days(Days::new(u64::from(self.0.unsigned_abs())))
        } else {
            NaiveDate::default().checked_sub_days(Days::new(u64::from(self.0.unsigned_abs())))
        }
        .unwrap_or(NaiveDate::MAX)
    }

    /// This day plus a number of days.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// ISO weekday, Monday 1 to Sunday 7.
    #[must_use]
    pub fn weekday(self) -> u32 {
        self.date().weekday().number_from_monday()
    }
}

impl fmt::Display for Day {
    /// `2025-05-05`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date())
    }
}

/// Why a local time names no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InGap;

/// A time zone with a fast path for instants near the last one asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone {
    tz: Tz,
    /// The constant offset in seconds since 1992, for zones that have had one (Asia/Shanghai).
    fixed: Option<i32>,
}

/// Zones whose clock has not been changed since 1992-01-01T00:00:00Z, with their offset in seconds.
const FIXED_SINCE_1992: &[(Tz, i32)] = &[(Tz::Asia__Shanghai, 8 * 3600), (Tz::UTC, 0), (Tz::Etc__UTC, 0)];
const YEAR_1992: i64 = 694_224_000_000_000;
const DAY_MICROS: i64 = 86_400_000_000;

impl Zone {
    /// The zone of a name of the IANA database.
    #[must_use]
    pub fn new(tz: Tz) -> Self {
        let fixed = FIXED_SINCE_1992.iter().find(|(z, _)| *z == tz).map(|(_, o)| *o);
        Self { tz, fixed }
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.tz.name()
    }

    /// The local day on which an instant falls.
    #[must_use]
    pub fn day(&self, instant: Instant) -> Day {
        if let Some(offset) = self.fixed
            && instant.0 >= YEAR_1992
        {
            let local = instant.0.saturating_add(i64::from(offset) * 1_000_000);
            return Day(i32::try_from(local.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX));
        }
        Day::from_date(self.local(instant).date())
    }

    /// The local wall-clock time of an instant.
    #[must_use]
    pub fn local(&self, instant: Instant) -> NaiveDateTime {
        let utc = DateTime::<Utc>::from_timestamp_micros(instant.0).unwrap_or_default();
        utc.with_timezone(&self.tz).naive_local()
    }

    /// The moment so many days later at the same wall-clock time, where the clock is known not to be changed in between.
    #[must_use]
    pub fn plus_days(&self, instant: Instant, days: i32) -> Option<Instant> {
        let moved = instant.0.checked_add(i64::from(days) * DAY_MICROS)?;
        (self.fixed.is_some() && instant.0.min(moved) >= YEAR_1992).then_some(Instant(moved))
    }

    /// The first instant of a local day (after a gap at midnight: the gap's end).
    #[must_use]
    pub fn midnight(&self, day: Day) -> Instant {
        let naive = day.date().and_time(NaiveTime::MIN);
        if let Some(offset) = self.fixed {
            let micros = naive.and_utc().timestamp_micros() - i64::from(offset) * 1_000_000;
            if micros >= YEAR_1992 {
                return Instant(micros);
            }
        }
        let mut at = naive;
        for _ in 0..8 {
            if let Ok(instant) = self.instant(at) {
                return instant;
            }
            at += chrono::TimeDelta::minutes(30);
        }
        Instant(naive.and_utc().timestamp_micros())
    }

    /// The instant of a local wall-clock time; the earlier one where the clock was put back.
    ///
    /// # Errors
    /// When the clock was put forward over this time, so that it never was.
    pub fn instant(&self, local: NaiveDateTime) -> Result<Instant, InGap> {
        match self.tz.from_local_datetime(&local) {
            LocalResult::Single(t) | LocalResult::Ambiguous(t, _) => Ok(Instant(t.timestamp_micros())),
            LocalResult::None => Err(InGap),
        }
    }
}

/// A half-open stretch of time `[start, end)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// First instant inside.
    pub start: Instant,
    /// First instant outside.
    pub end: Instant,
}

impl Interval {
    /// Whether an instant lies inside.
    #[must_use]
    pub fn contains(&self, instant: Instant) -> bool {
        self.start <= instant && instant < self.end
    }
}

/// How long a report's period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// ISO weeks from Monday.
    Week,
    /// Calendar months.
    Month,
}

/// One report period: an ISO week or a calendar month of local days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// Its length.
    pub cadence: Cadence,
    /// First day inside.
    pub first: Day,
    /// First day outside.
    pub end: Day,
}

impl Period {
    /// The period in which a day falls.
    #[must_use]
    pub fn containing(cadence: Cadence, day: Day) -> Self {
        let date = day.date();
        match cadence {
            Cadence::Week => {
                let first = day.plus(1 - i32::try_from(day.weekday()).unwrap_or(1));
                Self { cadence, first, end: first.plus(7) }
            }
            Cadence::Month => {
                let first = date.with_day(1).unwrap_or(date);
                let end = first.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
                Self { cadence, first: Day::from_date(first), end: Day::from_date(end) }
            }
        }
    }

    /// The last period that is complete when the data reach through the end of a day.
    #[must_use]
    pub fn last_complete(cadence: Cadence, through: Day) -> Self {
        let current = Self::containing(cadence, through);
        if current.end == through.plus(1) { current } else { current.previous() }
    }

    /// The period before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::containing(self.cadence, self.first.plus(-1))
    }

    /// The period after.
    #[must_use]
    pub fn next(self) -> Self {
        Self::containing(self.cadence, self.end)
    }

    /// Its last day.
    #[must_use]
    pub fn last(self) -> Day {
        self.end.plus(-1)
    }

    /// Its number of days.
    #[must_use]
    pub fn days(self) -> i32 {
        self.end.0 - self.first.0
    }

    /// Reads an id such as `2025-W19` or `2025-05`.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        if let Some((year, week)) = id.split_once("-W") {
            let date = NaiveDate::from_isoywd_opt(year.parse().ok()?, week.parse().ok()?, chrono::Weekday::Mon)?;
            Some(Self::containing(Cadence::Week, Day::from_date(date)))
        } else {
            let (year, month) = id.split_once('-')?;
            let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)?;
            Some(Self::containing(Cadence::Month, Day::from_date(date)))
        }
    }
}

impl fmt::Display for Period {
    /// `2025-W19` or `2025-05`: the form in paths and JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.first.date();
        match self.cadence {
            Cadence::Week => {
                let week = date.iso_week();
                write!(f, "{}-W{:02}", week.year(), week.week())
            }
            Cadence::Month => write!(f, "{}-{:02}", date.year(), date.month()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().unwrap_or_default())
    }

    #[test]
    fn a_week_is_complete_on_its_sunday() {
        assert_eq!(Period::last_complete(Cadence::Week, day("2025-05-11")).to_string(), "2025-W19");
        assert_eq!(Period::last_complete(Cadence::Week, day("2025-05-10")).to_string(), "2025-W18");
    }

    #[test]
    fn week_one_may_begin_in_december() {
        let p = Period::containing(Cadence::Week, day("2024-12-30"));
        assert_eq!(p.to_string(), "2025-W01");
        assert_eq!(Period::parse("2025-W01"), Some(p));
    }

    #[test]
    fn months_know_leap_days() {
        let p = Period::containing(Cadence::Month, day("2024-02-10"));
        assert_eq!((p.to_string().as_str(), p.days()), ("2024-02", 29));
        assert_eq!(Period::parse("2024-02"), Some(p));
    }

    #[test]
    fn the_fast_path_agrees_with_the_database() {
        let zone = Zone::new(Tz::Asia__Shanghai);
        for seconds in [694_224_000, 1_746_979_199, 1_746_979_200, 1_746_892_800] {
            let t = Instant::from_seconds(seconds);
            assert_eq!(zone.day(t), Day::from_date(zone.local(t).date()));
        }
        assert_eq!(zone.day(zone.midnight(day("2025-05-05"))), day("2025-05-05"));
    }

    #[test]
    fn gaps_and_folds_of_the_clock() {
        let zone = Zone::new(Tz::Europe__Berlin);
        let gap = day("2025-03-30").date().and_hms_opt(2, 30, 0).unwrap_or_default();
        assert_eq!(zone.instant(gap), Err(InGap));
        let fold = day("2025-10-26").date().and_hms_opt(2, 30, 0).unwrap_or_default();
        assert_eq!(zone.instant(fold), Ok(Instant::from_seconds(1_761_438_600)));
    }
}
