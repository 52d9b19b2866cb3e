//! Rows by local day.

use super::day_cache::DayCache;
use crate::calendar::{Day, Instant, Zone};
use crate::data::are_few;
use std::collections::BTreeMap;

/// Rows by local day, to find out through which day the data reach.
#[derive(Debug)]
pub(super) struct DayCounts {
    /// Number and last instant of each day's rows.
    days: BTreeMap<Day, (u64, Instant)>,
    cache: DayCache,
    recent: Option<(Day, u64, Instant)>,
}

impl DayCounts {
    pub fn new() -> Self {
        Self { days: BTreeMap::new(), cache: DayCache::new(), recent: None }
    }

    pub fn add(&mut self, at: Instant, zone: &Zone) {
        let day = self.cache.day(at, zone);
        self.add_on(day, at);
    }

    /// Adds a row whose local day is known.
    #[inline]
    pub fn add_on(&mut self, day: Day, at: Instant) {
        self.add_run(day, 1, at);
    }

    /// Adds some rows of a local day, the last of which is at an instant.
    pub fn add_run(&mut self, day: Day, rows: u64, last: Instant) {
        match &mut self.recent {
            Some((known, n, at)) if *known == day => {
                *n += rows;
                *at = (*at).max(last);
            }
            _ => {
                self.flush();
                self.recent = Some((day, rows, last));
            }
        }
    }

    /// Number and last instant of each day's rows.
    pub fn all(&mut self) -> Vec<(Day, u64, Instant)> {
        self.flush();
        self.days.iter().map(|(day, (n, last))| (*day, *n, *last)).collect()
    }

    fn flush(&mut self) {
        if let Some((day, n, last)) = self.recent.take() {
            self.put(day, n, last);
        }
    }

    /// Adds rows of a day.
    pub fn put(&mut self, day: Day, n: u64, last: Instant) {
        let known = self.days.entry(day).or_insert((0, last));
        *known = (known.0 + n, known.1.max(last));
    }

    pub fn merge(&mut self, mut other: Self) {
        other.flush();
        for (day, (n, last)) in other.days {
            self.put(day, n, last);
        }
    }

    /// The last instant, not counting a few rows that lie long after all others.
    pub fn credible_last(&mut self, gap_days: u32) -> Option<Instant> {
        self.flush();
        let total: u64 = self.days.values().map(|d| d.0).sum();
        let days: Vec<(Day, u64)> = self.days.iter().map(|(d, n)| (*d, n.0)).collect();
        let mut end = days.len();
        let mut beyond = 0;
        for i in (1..days.len()).rev() {
            let (Some((day, n)), Some((before, _))) = (days.get(i), days.get(i - 1)) else { break };
            beyond += n;
            if !are_few(beyond, total) {
                break;
            }
            if i64::from(day.0) - i64::from(before.0) > i64::from(gap_days) {
                end = i;
            }
        }
        days.get(end.checked_sub(1)?).and_then(|(d, _)| self.days.get(d)).map(|d| d.1)
    }
}
