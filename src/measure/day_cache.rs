//! The local day of the row before, which is most often the next row's too.

use crate::calendar::{Day, Instant, Zone};

/// The local day of the last instant asked for.
#[derive(Debug)]
pub(super) struct DayCache {
    from: Instant,
    to: Instant,
    day: Day,
}

impl DayCache {
    pub fn new() -> Self {
        Self { from: Instant::MAX, to: Instant::MIN, day: Day(0) }
    }

    /// The local day of an instant.
    #[inline]
    pub fn day(&mut self, at: Instant, zone: &Zone) -> Day {
        if at < self.from || at >= self.to {
            self.day = zone.day(at);
            self.from = zone.midnight(self.day);
            self.to = zone.midnight(self.day.plus(1));
        }
        self.day
    }
}
