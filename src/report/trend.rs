//! Members over time: how the segments moved, and who stayed of those who joined.

use super::reporter::Reporter;
use super::visible::clean;
use crate::calendar::Period;
use crate::health::{Cohort, Counted, GroupHealth, PeriodHealth, Stayed};
use crate::playbook::Playbook;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The segments of the last periods.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SegmentsTrend {
    /// Names of the segments.
    pub classes: Vec<String>,
    /// One line a period, oldest first.
    pub periods: Vec<TrendRow>,
    /// Numbers of the chart.
    pub stacks: Stacks,
    /// Why there is no trend.
    pub reason: Option<String>,
}

/// The segments of one period in words.
#[derive(Debug, Clone, Serialize)]
pub struct TrendRow {
    /// `W19` or `2025-05`.
    pub period: String,
    /// Members in all.
    pub total: String,
    /// Members by segment, in the order of the names.
    pub counts: Vec<String>,
}

/// The numbers of columns that are stacked of parts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stacks {
    /// A column a period, its parts in the same order.
    pub columns: Vec<Vec<f64>>,
    /// What it shows.
    pub title: String,
    /// First and last column in words.
    pub label: String,
}

/// Who stayed, by the period of joining.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RetentionView {
    /// Heads of the columns: periods since joining, from 0.
    pub heads: Vec<String>,
    /// One row a period in which somebody joined, oldest first.
    pub rows: Vec<CohortRow>,
    /// Whether numbers of few persons are withheld.
    pub guarded: bool,
    /// Why nobody can tell.
    pub reason: Option<String>,
}

/// The customers who joined in one period.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CohortRow {
    /// `W19` or `2025-05`.
    pub period: String,
    /// How many joined; a dash where that is withheld.
    pub joined: String,
    /// Whether they are too few to tell more than chance.
    pub small: bool,
    /// Share still there at the end of each period since, 0..=1; empty where it is withheld how many joined.
    pub shares: Vec<Option<f64>>,
    /// Which of them are the middle of a range, since the number itself is withheld.
    pub rough: Vec<usize>,
    /// Columns that are still to come.
    pub open: usize,
    /// The shares in words, one a period up to that of the report.
    pub cells: Vec<String>,
    /// The row in one phrase.
    pub label: String,
}

impl Reporter<'_> {
    pub(super) fn segments_trend(&self, playbook: &Playbook, history: &[&PeriodHealth]) -> SegmentsTrend {
        let w = self.wording;
        let mut periods = Vec::new();
        let mut columns = Vec::new();
        for health in history {
            let Counted::Known(classes) = &health.segments else { continue };
            let total: usize = classes.iter().map(|c| c.members.len()).sum();
            columns.push(classes.iter().map(|c| c.members.len() as f64).collect::<Vec<f64>>());
            periods.push(TrendRow {
                period: short(health.period),
                total: w.count(total as u64),
                counts: classes
                    .iter()
                    .map(|c| if c.missing.is_some() { "–".to_owned() } else { w.count(c.members.len() as u64) })
                    .collect(),
            });
        }
        if periods.len() < 2 {
            return SegmentsTrend { reason: Some(w.get("trend_none")), ..SegmentsTrend::default() };
        }
        let classes: Vec<String> = playbook.segments.iter().map(|s| self.text(&s.name)).collect();
        let told = |row: &TrendRow| -> String {
            let counts: Vec<String> = classes.iter().zip(&row.counts).map(|(name, n)| format!("{name} {n}")).collect();
            format!("{}{}{}", row.period, w.get("colon"), counts.join(&w.get("list_comma")))
        };
        let ends: Vec<String> = periods.first().into_iter().chain(periods.last()).map(told).collect();
        let stacks = Stacks { columns, title: w.get("h_segments_trend"), label: ends.join(" → ") };
        SegmentsTrend { classes, periods, stacks, reason: None }
    }

    /// Who stayed, as far as it was known at the end of period `index`.
    pub(super) fn retention(&self, group: &GroupHealth, index: usize) -> RetentionView {
        let w = self.wording;
        let cohorts = match &group.cohorts {
            Ok(cohorts) => cohorts,
            Err(why) => return RetentionView { reason: Some(self.missing(why)), ..RetentionView::default() },
        };
        let least = u64::from(group.playbook.scoring.min_sample.value);
        let columns = index + 1;
        let rows: Vec<CohortRow> = cohorts
            .iter()
            .zip(&group.periods)
            .take(columns)
            .enumerate()
            .filter(|(_, (cohort, _))| cohort.joined != Some(0))
            .map(|(first, (cohort, health))| self.cohort(cohort, short(health.period), (columns - first, first), least))
            .collect();
        let reason = match rows.as_slice() {
            [] => Some(w.get("retention_nobody")),
            rows if rows.iter().all(|r| r.shares.is_empty()) => Some(w.get("retention_few")),
            _ => None,
        };
        let guarded = rows.iter().any(|r| r.shares.is_empty() || !r.rough.is_empty());
        RetentionView { heads: (0..columns).map(|k| k.to_string()).collect(), rows, guarded, reason }
    }

    /// The row of those who joined in a period, `known` periods before the end and `open` short of the first row.
    fn cohort(&self, cohort: &Cohort, period: String, (known, open): (usize, usize), least: u64) -> CohortRow {
        let w = self.wording;
        let Some(of) = cohort.joined else {
            return CohortRow {
                label: w.get("cohort_withheld"),
                period,
                joined: "–".to_owned(),
                open: open + known,
                cells: vec!["–".to_owned(); known],
                ..CohortRow::default()
            };
        };
        let share = |n: f64| n / of as f64;
        let mut row = CohortRow { small: of < least, joined: w.count(of), open, period, ..CohortRow::default() };
        for (at, stayed) in cohort.stayed.iter().take(known).enumerate() {
            let (middle, words) = match stayed {
                Stayed::Told(n) => (*n as f64, w.whole_percent(share(*n as f64))),
                Stayed::Withheld { least, most } => {
                    row.rough.push(at);
                    ((least + most) as f64 / 2.0, self.range(of, *least, *most))
                }
            };
            row.shares.push(Some(share(middle)));
            row.cells.push(words);
        }
        let ends = [row.cells.first(), row.cells.last()].map(|c| c.cloned().unwrap_or_default());
        let values = [("n", &*row.joined), ("first", &*ends[0]), ("last", &*ends[1])];
        row.label = w.say("cohort_label", &values);
        row
    }

    /// `retention` of the JSON: the same numbers up to the latest period, withheld ones as `null` with their range.
    pub(super) fn retention_json(&self, group: &GroupHealth) -> Value {
        let cohorts = match &group.cohorts {
            Ok(cohorts) => cohorts,
            Err(why) => return json!({"cohorts": null, "reason": self.missing(why)}),
        };
        let withheld = || self.wording.get("cohort_withheld");
        let stayed = |of: u64, stayed: &Stayed| match stayed {
            Stayed::Told(n) => json!({"members": n, "share": (of > 0).then(|| *n as f64 / of as f64)}),
            Stayed::Withheld { least, most } => json!({
                "members": null, "share": null, "at_least": least, "at_most": most, "reason": withheld(),
            }),
        };
        let rows = cohorts.iter().zip(&group.periods).map(|(cohort, health)| match cohort.joined {
            Some(of) => json!({
                "period": health.period.to_string(), "joined": of,
                "stayed": cohort.stayed.iter().map(|s| stayed(of, s)).collect::<Vec<_>>(),
            }),
            None => json!({
                "period": health.period.to_string(), "joined": null, "stayed": null, "reason": withheld(),
            }),
        });
        json!({"cohorts": rows.collect::<Vec<_>>()})
    }

    /// The share of a number that is withheld, by its end that says more.
    fn range(&self, of: u64, least: u64, most: u64) -> String {
        let percent =
            |n: u64, round: fn(f64) -> f64| self.wording.whole_percent(round(n as f64 * 100.0 / of as f64) / 100.0);
        if least > 1 {
            self.wording.say("cohort_at_least", &[("share", &percent(least, f64::floor))])
        } else {
            self.wording.say("cohort_at_most", &[("share", &percent(most, f64::ceil))])
        }
    }
}

/// A period within a year's report: `W19`, or `2025-05` for a month.
pub(super) fn short(period: Period) -> String {
    let id = clean(&period.to_string());
    id.split_once('-').filter(|(_, rest)| rest.starts_with('W')).map_or(id.clone(), |(_, week)| week.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::fixture::assessment;
    use super::super::tests::with;
    use crate::health::{Cohort, Counted, Stayed};
    use crate::measure::Missing;
    use crate::schema::Table;

    #[test]
    fn segments_stand_period_by_period_in_one_order() {
        let a = assessment();
        with("zh-CN", &a, |r| {
            let trend = r.group_report(&a.groups[0], 4).unwrap().segments_trend;
            assert_eq!(trend.periods.len(), 5);
            assert_eq!(trend.periods[4].period, "W19");
            assert!(trend.stacks.columns.iter().all(|c| c.len() == trend.classes.len()));
            let total: f64 = trend.stacks.columns[4].iter().sum();
            assert_eq!(trend.periods[4].total, format!("{total}"));
            assert!(r.group_report(&a.groups[0], 0).unwrap().segments_trend.reason.is_some(), "one is no trend");
        });
    }

    #[test]
    fn a_period_without_segments_is_no_column() {
        let mut a = assessment();
        a.groups[0].periods[2].segments = Counted::Missing(Missing::Empty);
        with("zh-CN", &a, |r| {
            let trend = r.group_report(&a.groups[0], 4).unwrap().segments_trend;
            assert_eq!(trend.periods.iter().map(|p| &*p.period).collect::<Vec<_>>(), ["W15", "W16", "W18", "W19"]);
        });
    }

    #[test]
    fn who_stayed_is_told_up_to_the_period_of_the_report() {
        let mut a = assessment();
        let mut book = (*a.groups[0].playbook).clone();
        book.scoring.min_sample.value = 5;
        a.groups[0].playbook = book.into();
        let cohort = |joined, stayed: &[u64]| Cohort {
            joined: Some(joined),
            stayed: stayed.iter().map(|n| Stayed::Told(*n)).collect(),
        };
        a.groups[0].cohorts = Ok(vec![
            cohort(40, &[40, 30, 20, 20, 10]),
            cohort(0, &[0, 0, 0, 0]),
            cohort(4, &[3, 2, 1]),
            cohort(10, &[10, 9]),
            cohort(5, &[5]),
        ]);
        with("zh-CN", &a, |r| {
            let view = r.group_report(&a.groups[0], 4).unwrap().retention;
            let told: Vec<(&str, Vec<&str>)> =
                view.rows.iter().map(|c| (&*c.period, c.cells.iter().map(|s| &**s).collect())).collect();
            assert_eq!(told[0], ("W15", vec!["100%", "75%", "50%", "50%", "25%"]));
            assert_eq!(told[1], ("W17", vec!["75%", "50%", "25%"]), "nobody joined in W16");
            assert_eq!((view.rows[1].open, view.rows[1].small), (2, true));
            let earlier = r.group_report(&a.groups[0], 2).unwrap().retention;
            assert_eq!(earlier.rows.len(), 2, "later weeks are not known yet");
            assert_eq!(earlier.rows[0].cells, ["100%", "75%", "50%"]);
        });
    }

    #[test]
    fn what_is_withheld_of_those_who_stayed_shows_as_a_range_or_a_dash() {
        let mut a = assessment();
        let between = |least, most| Stayed::Withheld { least, most };
        let cohort = |joined, stayed: &[Stayed]| Cohort { joined, stayed: stayed.to_vec() };
        a.groups[0].cohorts = Ok(vec![
            cohort(Some(40), &[Stayed::Told(40), between(36, 39), Stayed::Told(30), between(1, 4), Stayed::Told(0)]),
            cohort(None, &[]),
            cohort(Some(0), &[Stayed::Told(0); 3]),
            cohort(None, &[]),
            cohort(Some(6), &[between(2, 5)]),
        ]);
        with("zh-CN", &a, |r| {
            let view = r.group_report(&a.groups[0], 4).unwrap().retention;
            assert_eq!(view.rows[0].cells, ["100%", "≥ 90%", "75%", "≤ 10%", "0%"]);
            assert_eq!(view.rows[0].rough, [1, 3]);
            assert_eq!((&*view.rows[1].joined, view.rows[1].open), ("–", 5));
            assert!(view.rows[1].shares.is_empty() && view.rows[1].cells == ["–"; 4], "{:?}", view.rows[1]);
            assert_eq!(view.rows[3].cells, ["≥ 33%"]);
            assert!(view.guarded);
            let json = r.group_json(&a.groups[0]).unwrap();
            let cohorts = json["retention"]["cohorts"].as_array().unwrap();
            assert_eq!(cohorts[0]["stayed"][2], serde_json::json!({"members": 30, "share": 0.75}));
            assert!(cohorts[0]["stayed"][1]["members"].is_null() && cohorts[0]["stayed"][1]["at_least"] == 36);
            assert!(cohorts[1]["joined"].is_null() && cohorts[1]["stayed"].is_null(), "{}", cohorts[1]);
        });
    }

    #[test]
    fn without_the_day_of_leaving_nobody_can_tell_who_stayed() {
        let mut a = assessment();
        a.groups[0].cohorts = Err(Missing::ColumnAbsent(Table::Members, "left_at".to_owned()));
        with("zh-CN", &a, |r| {
            let view = r.group_report(&a.groups[0], 4).unwrap().retention;
            assert_eq!(view.reason.as_deref(), Some("members.csv 缺少 left_at 列"));
        });
    }
}
