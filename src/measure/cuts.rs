//! Cutting time once, so that every window of every period is a run of buckets.
//!
//! A row is put into one bucket when it is read; a window is answered afterwards by taking buckets
//! together. Memory follows the number of cut points, never the number of rows.

use super::accumulate::Layout;
use crate::calendar::{Day, Instant, Interval, Zone};
use crate::expr::{Clock, Window};
use std::collections::BTreeSet;

/// A window of a period, ready to be read from cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its buckets.
    pub buckets: std::ops::Range<usize>,
    /// First local day inside and first outside.
    pub days: (Day, Day),
}

/// Ascending instants at which some window of some period begins or ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cuts {
    pub(super) at: Vec<Instant>,
    pub(super) open_start: bool,
}

impl Cuts {
    /// The cut points of these windows in all these periods.
    #[must_use]
    pub fn new<'a>(windows: impl IntoIterator<Item = &'a Window>, clocks: &[Clock]) -> Self {
        Self::of(windows.into_iter().flat_map(|w| clocks.iter().map(move |c| (w, c))))
    }

    /// The cut points of these windows, each in a period of its own.
    #[must_use]
    pub fn of<'a>(windows: impl IntoIterator<Item = (&'a Window, &'a Clock)>) -> Self {
        let mut at = BTreeSet::new();
        let mut open_start = false;
        for (window, clock) in windows {
            let interval = interval(window, clock);
            open_start |= interval.start == Instant::MIN;
            if interval.start != Instant::MIN {
                at.insert(interval.start);
            }
            at.insert(interval.end);
        }
        Self { at: at.into_iter().collect(), open_start }
    }

    /// With the cut points that later periods will ask for as far as rows may lie there already: up to the end of
    /// the first `reach` of them.
    #[must_use]
    pub fn with_later<'a>(self, windows: impl IntoIterator<Item = &'a Window>, later: &[Clock], reach: usize) -> Self {
        let Some(end) = later.get(..reach).and_then(<[Clock]>::last).map(|clock| clock.window.end) else { return self };
        let mut at: BTreeSet<Instant> = self.at.into_iter().collect();
        for window in windows {
            let spans = later.iter().map(|clock| interval(window, clock)).flat_map(|span| [span.start, span.end]);
            at.extend(spans.filter(|t| *t != Instant::MIN && *t <= end));
        }
        Self { at: at.into_iter().collect(), ..self }
    }

    /// How many buckets there are, up to the last instant that any window reaches.
    #[must_use]
    pub fn buckets(&self) -> usize {
        self.at.len().max(1)
    }

    /// The bucket of an instant; `None` if no window reaches it.
    #[must_use]
    pub fn bucket(&self, instant: Instant) -> Option<usize> {
        let bucket = self.at.partition_point(|c| *c <= instant);
        let before_all = bucket == 0 && !self.open_start;
        (bucket < self.at.len() && !before_all).then_some(bucket)
    }

    /// The instants around one that share its bucket, `[from, to)`.
    #[must_use]
    pub fn around(&self, instant: Instant) -> (Instant, Instant) {
        let at = self.at.partition_point(|c| *c <= instant);
        let from = at.checked_sub(1).and_then(|i| self.at.get(i)).copied().unwrap_or(Instant::MIN);
        (from, self.at.get(at).copied().unwrap_or(Instant::MAX))
    }

    /// How cells over these cuts are laid out.
    #[must_use]
    pub fn layout(&self, zone: &Zone) -> Layout {
        let days = match (self.open_start, self.at.first(), self.at.last()) {
            (false, Some(first), Some(last)) => Some((zone.day(*first), zone.day(*last))),
            _ => None,
        };
        Layout { buckets: self.buckets(), days }
    }

    /// An interval whose ends are cut points, as cells are read.
    #[must_use]
    pub fn span(&self, interval: Interval, zone: &Zone) -> Span {
        let first = if interval.start == Instant::MIN { Day(i32::MIN) } else { zone.day(interval.start) };
        Span { buckets: self.range(interval), days: (first, zone.day(interval.end)) }
    }

    /// The buckets `[from, to)` that make up an interval whose ends are cut points.
    #[must_use]
    pub fn range(&self, interval: Interval) -> std::ops::Range<usize> {
        let from = if interval.start == Instant::MIN { 0 } else { self.at.partition_point(|c| *c <= interval.start) };
        let to = self.at.partition_point(|c| *c < interval.end) + 1;
        from..to.max(from).min(self.buckets())
    }
}

/// The instants over which a window takes rows; one that follows a time of its entity is bounded by
/// the period's end only, its rows having been chosen when they were read.
#[must_use]
pub fn interval(window: &Window, clock: &Clock) -> Interval {
    clock.interval(window).unwrap_or(Interval { start: Instant::MIN, end: clock.window.end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Cadence, Period, Zone};
    use chrono_tz::Tz;

    fn clocks() -> Vec<Clock> {
        let zone = Zone::new(Tz::Asia__Shanghai);
        let last = Period::parse("2025-W19").unwrap_or(Period::containing(Cadence::Week, crate::calendar::Day(0)));
        let span = |p: Period| Interval { start: zone.midnight(p.first), end: zone.midnight(p.end) };
        [last.previous(), last].map(|p| Clock { zone, window: span(p), previous: span(p.previous()) }).to_vec()
    }

    #[test]
    fn a_window_is_exactly_the_instants_of_its_buckets() {
        let windows = [Window::Period, Window::Trailing { days: 3 }, Window::Before { days: 14 }];
        let clocks = clocks();
        let cuts = Cuts::new(&windows, &clocks);
        for window in &windows {
            for clock in &clocks {
                let interval = interval(window, clock);
                let range = cuts.range(interval);
                for t in [interval.start.0 - 1, interval.start.0, interval.end.0 - 1, interval.end.0] {
                    let t = Instant(t);
                    let inside = cuts.bucket(t).is_some_and(|b| range.contains(&b));
                    assert_eq!(inside, interval.contains(t), "{window} {t:?}");
                }
            }
        }
    }

    #[test]
    fn rows_outside_all_windows_have_no_bucket_unless_a_lifetime_is_asked_for() {
        let clocks = clocks();
        let weeks = Cuts::new(&[Window::Period], &clocks);
        assert_eq!(weeks.bucket(Instant(0)), None);
        assert_eq!(weeks.bucket(clocks[1].window.end), None);
        let lifetime = Cuts::new(&[Window::Lifetime], &clocks);
        assert_eq!(lifetime.bucket(Instant(0)), Some(0));
        assert_eq!(lifetime.range(interval(&Window::Lifetime, &clocks[1])), 0..2);
    }
}
