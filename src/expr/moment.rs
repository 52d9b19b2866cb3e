//! Moments on the local calendar.

use super::tree::Step;
use super::value::Value;
use super::window::Clock;
use crate::calendar::{Day, Instant, Zone};
use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

/// Years 1 to 9999 in UTC, outside which calendar arithmetic is not meaningful.
const SANE: std::ops::Range<i64> = -62_135_596_800_000_000..253_402_300_800_000_000;

fn sane(instant: Instant) -> Option<Instant> {
    SANE.contains(&instant.0).then_some(instant)
}

/// The local day of a moment.
pub(super) fn day(zone: &Zone, instant: Instant) -> Option<Day> {
    sane(instant).map(|t| zone.day(t))
}

/// The local hour of a moment, 0 to 23.
pub(super) fn hour(zone: &Zone, instant: Instant) -> Option<i64> {
    sane(instant).map(|t| i64::from(zone.local(t).hour()))
}

/// Full local days between the day of a moment and the as-of instant; 0 for what has just been or is to come.
pub(super) fn days_since(clock: &Clock, instant: Instant) -> Option<i64> {
    let now = clock.window.end;
    let days = i64::from(day(&clock.zone, now)?.0) - i64::from(day(&clock.zone, instant)?.0) - 1;
    Some(if instant >= now { 0 } else { days.max(0) })
}

/// The moment some days or months later at the same local wall-clock time.
pub(super) fn shift<'a>(zone: &Zone, instant: Instant, step: Step) -> Value<'a> {
    if let Step::Days(days) = step
        && let Some(moved) = zone.plus_days(instant, days)
    {
        return sane(instant).and_then(|_| sane(moved)).map_or(Value::Null, Value::Time);
    }
    let moved = sane(instant).and_then(|t| {
        let local = zone.local(t);
        match step {
            Step::Days(n) if n >= 0 => local.checked_add_days(Days::new(u64::from(n.unsigned_abs()))),
            Step::Days(n) => local.checked_sub_days(Days::new(u64::from(n.unsigned_abs()))),
            Step::Months(n) if n >= 0 => local.checked_add_months(Months::new(n.unsigned_abs())),
            Step::Months(n) => local.checked_sub_months(Months::new(n.unsigned_abs())),
        }
    });
    moved.and_then(|local| local_instant(zone, local)).map_or(Value::Null, Value::Time)
}

/// The moment of a local wall-clock time; in a gap of the clock, the next half or full hour after it.
pub(super) fn local_instant(zone: &Zone, local: NaiveDateTime) -> Option<Instant> {
    // No gap of the clock has been longer than a day.
    let mut at = local;
    for _ in 0..=48 {
        if let Ok(instant) = zone.instant(at) {
            return sane(instant);
        }
        at = at.checked_add_signed(TimeDelta::minutes(30))?;
    }
    None
}

/// Reads `2025-05-01`, years 1 to 9999.
pub(super) fn parse_date(text: &str) -> Option<Day> {
    if text.len() != 10 || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (date.year() >= 1).then(|| Day::from_date(date))
}

/// Reads `2025-05-01 20:30` or `2025-05-01 20:30:15`.
pub(super) fn parse_timestamp(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_once([' ', 'T'])?;
    let date = parse_date(date)?.date();
    let format = match time.len() {
        5 => "%H:%M",
        8 => "%H:%M:%S",
        _ => return None,
    };
    // A leap second is no time of a wall clock.
    let time = chrono::NaiveTime::parse_from_str(time, format).ok().filter(|t| t.nanosecond() == 0)?;
    Some(date.and_time(time))
}
