//! Members over time: how the segments moved, and who stayed of those who joined.

use super::reporter::Reporter;
use super::visible::clean;
use crate::calendar::Period;
use crate::health::{Counted, GroupHealth, PeriodHealth};
use crate::playbook::Playbook;
use serde::{Deserialize, Serialize};

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
    /// Why nobody can tell.
    pub reason: Option<String>,
}

/// The customers who joined in one period.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CohortRow {
    /// `W19` or `2025-05`.
    pub period: String,
    /// How many joined.
    pub joined: String,
    /// Whether they are too few to tell more than chance.
    pub small: bool,
    /// Share still there at the end of each period since, 0..=1.
    pub shares: Vec<Option<f64>>,
    /// Columns that are still to come.
    pub open: usize,
    /// The shares in words.
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
            .filter(|(_, (cohort, _))| cohort.joined > 0)
            .map(|(first, (cohort, health))| {
                let stayed = cohort.stayed.iter().take(columns - first);
                let shares: Vec<f64> = stayed.map(|n| *n as f64 / cohort.joined as f64).collect();
                let cells: Vec<String> = shares.iter().map(|s| w.whole_percent(*s)).collect();
                let joined = w.count(cohort.joined);
                let period = short(health.period);
                let ends = [cells.first(), cells.last()].map(|c| c.cloned().unwrap_or_default());
                let values = [("period", &*period), ("n", &*joined), ("first", &*ends[0]), ("last", &*ends[1])];
                CohortRow {
                    label: w.say("cohort_label", &values),
                    period,
                    joined,
                    small: cohort.joined < least,
                    open: columns - shares.len(),
                    shares: shares.into_iter().map(Some).collect(),
                    cells,
                }
            })
            .collect();
        let reason = rows.is_empty().then(|| w.get("retention_nobody"));
        RetentionView { heads: (0..columns).map(|k| k.to_string()).collect(), rows, reason }
    }
}

/// A period within a year's report: `W19`, or `2025-05` for a month.
fn short(period: Period) -> String {
    let id = clean(&period.to_string());
    id.split_once('-').filter(|(_, rest)| rest.starts_with('W')).map_or(id.clone(), |(_, week)| week.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::fixture::assessment;
    use super::super::tests::with;
    use crate::health::{Cohort, Counted};
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
        let cohort = |joined, stayed: &[u64]| Cohort { joined, stayed: stayed.to_vec() };
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
    fn without_the_day_of_leaving_nobody_can_tell_who_stayed() {
        let mut a = assessment();
        a.groups[0].cohorts = Err(Missing::ColumnAbsent(Table::Members, "left_at".to_owned()));
        with("zh-CN", &a, |r| {
            let view = r.group_report(&a.groups[0], 4).unwrap().retention;
            assert_eq!(view.reason.as_deref(), Some("members.csv 缺少 left_at 列"));
        });
    }
}
