//! Cadences, weekdays and times of day as playbooks write them.

use super::model::Rhythm;

/// What a cadence may be.
pub(super) const FORMS: &str = "`once`, `on_join`, `daily 20:00`, `weekly wed 20:00`, `monthly 1` or `quarterly`";
/// Weekday names from Monday.
pub(super) const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Reads a cadence; the time of day is optional everywhere.
pub(super) fn parse(text: &str) -> Option<Rhythm> {
    let words: Vec<&str> = text.split_whitespace().collect();
    Some(match *words.as_slice() {
        ["once"] => Rhythm::Once,
        ["on_join"] => Rhythm::OnJoin,
        ["quarterly"] => Rhythm::Quarterly,
        ["daily"] => Rhythm::Daily(None),
        ["daily", at] => Rhythm::Daily(Some(time(at)?)),
        ["weekly", day] => Rhythm::Weekly(weekday(day)?, None),
        ["weekly", day, at] => Rhythm::Weekly(weekday(day)?, Some(time(at)?)),
        ["monthly", day] => Rhythm::Monthly(day_of_month(day)?, None),
        ["monthly", day, at] => Rhythm::Monthly(day_of_month(day)?, Some(time(at)?)),
        _ => return None,
    })
}

/// A weekday, Monday 1.
pub(super) fn weekday(name: &str) -> Option<u32> {
    WEEKDAYS.iter().position(|d| *d == name).and_then(|i| u32::try_from(i + 1).ok())
}

/// A time of day (`20:00`) in minutes from midnight.
pub(super) fn time(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    if hour.is_empty() || hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u32>().ok()).flatten();
    let (hour, minute) = (number(hour)?, number(minute)?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// A day that some month has; months without it take their last.
fn day_of_month(text: &str) -> Option<u32> {
    text.parse().ok().filter(|d| (1..=31).contains(d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cadences_are_read_with_or_without_a_time() {
        for (text, rhythm) in [
            ("once", Some(Rhythm::Once)),
            ("daily", Some(Rhythm::Daily(None))),
            ("daily 09:30", Some(Rhythm::Daily(Some(570)))),
            ("weekly wed 20:00", Some(Rhythm::Weekly(3, Some(1200)))),
            ("monthly 31", Some(Rhythm::Monthly(31, None))),
            ("monthly 32", None),
            ("weekly someday", None),
            ("daily 24:00", None),
            ("daily +9:00", None),
            ("sometimes", None),
        ] {
            assert_eq!(parse(text), rhythm, "{text}");
        }
    }
}
