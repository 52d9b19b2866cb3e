//! Stretches of time that a measure is read over, relative to the report.

use crate::calendar::{Instant, Interval, Zone};
use std::fmt;

/// The longest window in days that may be asked for; ten years.
const MAX_DAYS: i32 = 3660;

/// A stretch of time named relative to the report or to a time of the entity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// `window`: the report's period.
    Period,
    /// `previous`: the period before the report's.
    Previous,
    /// `7d`: whole local days up to the end of the report's period.
    Trailing {
        /// Number of days, 1 to 3660.
        days: i32,
    },
    /// `14d before window`: whole local days up to the start of the report's period.
    Before {
        /// Number of days, 1 to 3660.
        days: i32,
    },
    /// `7d after joined_at`: days that follow a time of the entity itself.
    After {
        /// Number of days, 1 to 3660.
        days: i32,
        /// The entity's own time column.
        column: String,
    },
    /// `lifetime`: everything up to the end of the report's period.
    Lifetime,
}

impl Window {
    /// The days that are counted back; none where a window is not counted in days.
    #[must_use]
    pub fn days(&self) -> i32 {
        match self {
            Self::Trailing { days } | Self::Before { days } => *days,
            _ => 0,
        }
    }

    /// Reads the form that playbooks use.
    ///
    /// # Errors
    /// What is wrong with the text, as half a sentence for a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        const FORMS: &str =
            "expected `window`, `previous`, `lifetime`, `7d`, `14d before window` or `7d after joined_at`";
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["window"] => return Ok(Self::Period),
            ["previous"] => return Ok(Self::Previous),
            ["lifetime"] => return Ok(Self::Lifetime),
            _ => {}
        }
        let Some(number) = words.first().and_then(|w| w.strip_suffix('d')) else {
            return Err(FORMS.to_owned());
        };
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(FORMS.to_owned());
        }
        let days = match number.parse::<i32>() {
            Ok(days) if (1..=MAX_DAYS).contains(&days) => days,
            _ => return Err(format!("the number of days must lie between 1 and {MAX_DAYS}")),
        };
        match words.get(1..).unwrap_or_default() {
            [] => Ok(Self::Trailing { days }),
            ["before", "window"] => Ok(Self::Before { days }),
            ["after", column] if is_plain_name(column) => Ok(Self::After { days, column: (*column).to_owned() }),
            ["before", ..] => Err(format!("only `{days}d before window` can be counted back from")),
            ["after", ..] => Err(format!("`{days}d after` must be followed by the name of one time column")),
            _ => Err(FORMS.to_owned()),
        }
    }
}

/// Whether a text can stand unquoted as a name.
pub(super) fn is_plain_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(starts_name) && chars.all(continues_name)
}

/// Whether an unquoted name may begin with this character.
pub(super) fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Whether an unquoted name may go on with this character.
pub(super) fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Period => f.write_str("window"),
            Self::Previous => f.write_str("previous"),
            Self::Trailing { days } => write!(f, "{days}d"),
            Self::Before { days } => write!(f, "{days}d before window"),
            Self::After { days, column } => write!(f, "{days}d after {column}"),
            Self::Lifetime => f.write_str("lifetime"),
        }
    }
}

/// The report's place in time; the as-of instant is the end of its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// The zone of local days.
    pub zone: Zone,
    /// The report's period.
    pub window: Interval,
    /// The period before.
    pub previous: Interval,
}

impl Clock {
    /// The instants of a window, or nothing for one that hangs on a time of an entity.
    #[must_use]
    pub fn interval(&self, window: &Window) -> Option<Interval> {
        let back = |from: Instant, days: i32| self.zone.midnight(self.zone.day(from).plus(-days));
        Some(match window {
            Window::Period => self.window,
            Window::Previous => self.previous,
            Window::Trailing { days } => Interval { start: back(self.window.end, *days), end: self.window.end },
            Window::Before { days } => Interval { start: back(self.window.start, *days), end: self.window.start },
            Window::Lifetime => Interval { start: Instant::MIN, end: self.window.end },
            Window::After { .. } => return None,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::calendar::Period;
    use chrono_tz::Tz;

    #[test]
    fn every_form_is_printed_as_it_is_written() {
        for text in ["window", "previous", "lifetime", "7d", "14d before window", "7d after joined_at"] {
            assert_eq!(Window::parse(text).map(|w| w.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(Window::parse("  7d   after  joined_at "), Window::parse("7d after joined_at"));
    }

    #[test]
    fn a_wrong_window_says_what_was_expected() {
        let forms = "expected `window`, `previous`, `lifetime`, `7d`, `14d before window` or `7d after joined_at`";
        for (text, why) in [
            ("", forms),
            ("d", forms),
            ("-7d", forms),
            ("+7d", forms),
            ("7 d", forms),
            ("last week", forms),
            ("7d ago", forms),
            ("0d", "the number of days must lie between 1 and 3660"),
            ("99999999999d", "the number of days must lie between 1 and 3660"),
            ("7d before joined_at", "only `7d before window` can be counted back from"),
            ("7d after", "`7d after` must be followed by the name of one time column"),
            ("7d after 3x", "`7d after` must be followed by the name of one time column"),
        ] {
            assert_eq!(Window::parse(text), Err(why.to_owned()), "{text}");
        }
    }

    #[test]
    fn windows_are_local_days_and_half_open() {
        let zone = Zone::new(Tz::Asia__Shanghai);
        let week = Period::parse("2025-W19").unwrap();
        let span = |a: crate::calendar::Day, b| Interval { start: zone.midnight(a), end: zone.midnight(b) };
        let clock = Clock {
            zone,
            window: span(week.first, week.end),
            previous: span(week.previous().first, week.previous().end),
        };
        let of = |text: &str| clock.interval(&Window::parse(text).unwrap());
        assert_eq!(of("window"), Some(clock.window));
        assert_eq!(of("previous"), Some(clock.previous));
        assert_eq!(of("3d"), Some(span(week.end.plus(-3), week.end)));
        assert_eq!(of("14d before window"), Some(span(week.first.plus(-14), week.first)));
        assert_eq!(of("lifetime"), Some(Interval { start: Instant::MIN, end: clock.window.end }));
        assert_eq!(of("7d after joined_at"), None);
    }
}
