//! The content calendar: recurring items laid out on real days.

use crate::calendar::Day;
use crate::playbook::{Calendar, CalendarItem, Rhythm, Text};
use chrono::{Datelike, Months};
use std::collections::BTreeMap;

/// How many days are planned ahead: five weeks, so that a whole month is always inside.
pub const DAYS_AHEAD: i32 = 35;

/// An item on a day.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// The day.
    pub day: Day,
    /// Minutes from midnight, where the item says.
    pub time: Option<u32>,
    /// The item.
    pub item: &'a CalendarItem,
}

/// A calendar laid out.
#[derive(Debug, Default)]
pub struct Plan<'a> {
    /// By day, time, then the playbook's order.
    pub planned: Vec<Planned<'a>>,
    /// Holidays in the span that would have had items.
    pub holidays: Vec<(Day, &'a Text)>,
    /// Promotional items left out, because their week had enough.
    pub over_cap: usize,
}

/// Lays out a calendar from a day on. Holidays stay empty, and in each week from Monday only the
/// first promotional items stay, as many as the playbook allows.
#[must_use]
pub fn plan(calendar: &Calendar, from: Day, days: i32) -> Plan<'_> {
    let mut plan = Plan::default();
    let mut promos: BTreeMap<i32, u32> = BTreeMap::new();
    let cap = calendar.promo_per_week.as_ref().map(|c| c.value);
    for offset in 0..days.max(0) {
        let day = from.plus(offset);
        let mut due: Vec<Planned<'_>> = calendar
            .items
            .iter()
            .filter_map(|item| falls_on(item.cadence, from, day).map(|time| Planned { day, time, item }))
            .collect();
        if due.is_empty() {
            continue;
        }
        if let Some(name) = calendar.holidays.get(&day.to_string()) {
            plan.holidays.push((day, name));
            continue;
        }
        // A stable sort keeps the playbook's order among items of one time.
        due.sort_by_key(|p| p.time.unwrap_or(u32::MAX));
        let monday = day.0 - i32::try_from(day.weekday()).unwrap_or(1) + 1;
        for item in due {
            if is_promotion(item.item)
                && let Some(cap) = cap
            {
                let sent = promos.entry(monday).or_default();
                if *sent >= cap {
                    plan.over_cap += 1;
                    continue;
                }
                *sent += 1;
            }
            plan.planned.push(item);
        }
    }
    plan
}

/// Whether an item sells.
pub(super) fn is_promotion(item: &CalendarItem) -> bool {
    item.kind == "promo"
}

/// Whether something is due on a day, and at what time. What is due once falls on the first day;
/// a day of the month that the month lacks falls on its last.
fn falls_on(rhythm: Rhythm, from: Day, day: Day) -> Option<Option<u32>> {
    let date = day.date();
    match rhythm {
        Rhythm::Daily(time) => Some(time),
        Rhythm::Weekly(weekday, time) => (day.weekday() == weekday).then_some(time),
        Rhythm::Monthly(wanted, time) => {
            let first = date.with_day(1).unwrap_or(date);
            let last = first.checked_add_months(Months::new(1)).and_then(|d| d.pred_opt()).map_or(28, |d| d.day());
            (date.day() == wanted.min(last)).then_some(time)
        }
        Rhythm::Quarterly => (date.day() == 1 && date.month0().is_multiple_of(3)).then_some(None),
        Rhythm::Once => (day == from).then_some(None),
        Rhythm::OnJoin => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::diagnostic::{SourceText, Span};
    use crate::playbook::{Origin, Provenance, Sourced};

    fn text(t: &str) -> Text {
        Text {
            original: t.to_owned(),
            translations: std::sync::Arc::default(),
            span: Span::new(&SourceText::new("x", ""), 0..0),
        }
    }

    fn item(id: &str, cadence: Rhythm, kind: &str) -> CalendarItem {
        CalendarItem {
            id: id.to_owned(),
            title: text(id),
            cadence,
            core: "knowledge".to_owned(),
            kind: kind.to_owned(),
            owner: "host".to_owned(),
            body: None,
            provenance: Provenance { origin: Origin::Own, source: Vec::new() },
        }
    }

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().unwrap())
    }

    fn shown(plan: &Plan<'_>) -> Vec<String> {
        plan.planned.iter().map(|p| format!("{} {}", p.day, p.item.id)).collect()
    }

    #[test]
    fn weekly_and_monthly_items_fall_on_their_days() {
        let calendar = Calendar {
            items: vec![
                item("tip", Rhythm::Weekly(3, Some(1200)), "useful"),
                item("end", Rhythm::Monthly(31, None), "event"),
            ],
            ..Calendar::default()
        };
        let plan = plan(&calendar, day("2025-02-10"), 21);
        assert_eq!(shown(&plan), ["2025-02-12 tip", "2025-02-19 tip", "2025-02-26 tip", "2025-02-28 end"]);
    }

    #[test]
    fn holidays_are_skipped_and_named() {
        let calendar = Calendar {
            holidays: BTreeMap::from([("2025-05-01".to_owned(), text("劳动节")), ("2025-05-03".to_owned(), text("x"))]),
            items: vec![item("tip", Rhythm::Weekly(4, None), "useful")],
            ..Calendar::default()
        };
        let plan = plan(&calendar, day("2025-04-28"), 14);
        assert_eq!(shown(&plan), ["2025-05-08 tip"]);
        assert_eq!(plan.holidays.len(), 1, "only holidays that displace something are told");
    }

    #[test]
    fn a_week_has_no_more_promotions_than_allowed() {
        let calendar = Calendar {
            promo_per_week: Some(Sourced { value: 2, span: text("").span }),
            items: vec![item("sale", Rhythm::Daily(None), "promo"), item("tip", Rhythm::Daily(Some(600)), "useful")],
            ..Calendar::default()
        };
        let plan = plan(&calendar, day("2025-05-12"), 7);
        assert_eq!(plan.planned.iter().filter(|p| p.item.id == "sale").count(), 2);
        assert_eq!(plan.planned.iter().filter(|p| p.item.id == "tip").count(), 7);
        assert_eq!(plan.over_cap, 5);
    }
}
