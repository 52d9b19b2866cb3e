//! The health score in numbers and in one sentence.

use super::kpi::Spark;
use super::reporter::Reporter;
use super::visible::clean;
use crate::health::{GroupHealth, HealthScore, PeriodHealth, ScoreGap};
use crate::playbook::Playbook;
use serde::Serialize;

/// A health score as shown.
#[derive(Debug, Clone, Serialize)]
pub struct ScoreView {
    /// 0..=100; `None` below the minimum coverage.
    pub value: Option<f64>,
    /// The score without decimals; a dash without one.
    pub text: String,
    /// Grade letter; empty without a score.
    pub grade: String,
    /// `excellent`, `healthy`, `watch`, `critical` or `none`, by the grade.
    pub class: String,
    /// The class as a word.
    pub class_text: String,
    /// Change in points, with its direction.
    pub change: String,
    /// `better`, `worse`, `flat` or `none`.
    pub change_class: String,
    /// The previous score.
    pub previous: Option<f64>,
    /// Measured share of the weight.
    pub coverage: String,
    /// The same, 0..=1.
    pub coverage_share: f64,
    /// The score if all unmeasured weight were 0 and if it were 100.
    pub bounds: String,
    /// Lower bound, for the gauge.
    pub low: f64,
    /// Upper bound, for the gauge.
    pub high: f64,
    /// What the gauge shows.
    pub name: String,
    /// Everything in one phrase, for those who do not see the gauge.
    pub label: String,
}

/// A labelled fact.
#[derive(Debug, Clone, Serialize)]
pub struct FactView {
    /// What.
    pub label: String,
    /// How much.
    pub value: String,
}

/// How many periods a group has been in trouble.
pub(super) struct Trouble {
    /// Number of latest periods in a row.
    pub periods: usize,
    /// Id of the first of them.
    pub since: String,
}

/// The class of a grade: the best is excellent, the second healthy, the third to be watched.
pub(super) fn grade_class(score: &HealthScore) -> &'static str {
    match (score.value, score.grade) {
        (None, _) | (_, None) => "none",
        (_, Some(0)) => "excellent",
        (_, Some(1)) => "healthy",
        (_, Some(2)) => "watch",
        _ => "critical",
    }
}

pub(super) fn grade_letter(playbook: &Playbook, score: &HealthScore) -> String {
    score.grade.and_then(|g| playbook.scoring.grades.get(g)).map(|(letter, _)| clean(letter)).unwrap_or_default()
}

/// Since when a group has been below its second-best grade without a break.
pub(super) fn trouble(group: &GroupHealth) -> Option<Trouble> {
    let bad: Vec<&PeriodHealth> =
        group.periods.iter().rev().take_while(|p| matches!(grade_class(&p.score), "watch" | "critical")).collect();
    bad.last().map(|first| Trouble { periods: bad.len(), since: first.period.to_string() })
}

impl Reporter<'_> {
    pub(super) fn score(&self, playbook: &Playbook, score: &HealthScore) -> ScoreView {
        let w = self.wording;
        let class = grade_class(score);
        let text = score.value.map_or_else(|| "–".to_owned(), |v| w.fixed(v, 0));
        let grade = grade_letter(playbook, score);
        let (change, change_class) = score_change(self, score.change);
        let bounds = w.say("bounds", &[("low", &w.fixed(score.low, 0)), ("high", &w.fixed(score.high, 0))]);
        let coverage = w.whole_percent(score.coverage);
        let label = match score.value {
            Some(_) => w.say(
                "score_label",
                &[
                    ("score", &text),
                    ("grade", &grade),
                    ("change", &change),
                    ("bounds", &bounds),
                    ("coverage", &coverage),
                ],
            ),
            None => w.say("score_label_none", &[("bounds", &bounds), ("coverage", &coverage)]),
        };
        ScoreView {
            value: score.value,
            text,
            grade,
            class: class.to_owned(),
            class_text: w.get(&format!("grade_{class}")),
            change,
            change_class,
            previous: score.value.zip(score.change).map(|(v, c)| v - c),
            coverage,
            coverage_share: score.coverage,
            bounds,
            low: score.low,
            high: score.high,
            name: w.get("l_score"),
            label,
        }
    }

    /// The verdict: score, change and main cause in one sentence; then what gets better and what calls.
    pub(super) fn verdict(
        &self,
        playbook: &Playbook,
        now: &PeriodHealth,
        before: Option<&PeriodHealth>,
    ) -> Vec<String> {
        let w = self.wording;
        let Some(value) = now.score.value else {
            let coverage = w.whole_percent(now.score.coverage);
            return vec![match now.score.gap {
                Some(ScoreGap::Members(least)) => w.plural("verdict_few_members", &[("least", u64::from(least))], &[]),
                Some(ScoreGap::Coverage(least)) => {
                    w.say("verdict_no_score", &[("coverage", &coverage), ("least", &w.whole_percent(least))])
                }
                None => {
                    let least = w.whole_percent(playbook.scoring.min_coverage.value);
                    w.say("verdict_no_score", &[("coverage", &coverage), ("least", &least)])
                }
            }];
        };
        let grade = grade_letter(playbook, &now.score);
        let score = w.fixed(value, 0);
        let mut moved: Vec<(f64, &str)> = now
            .kpis
            .iter()
            .filter_map(|k| {
                let old = before?.kpis.iter().find(|o| o.id == k.id)?;
                (k.score.is_some() && old.score.is_some()).then_some((k.points - old.points, k.id.as_str()))
            })
            .collect();
        moved.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
        let worst = moved.first().filter(|(d, _)| *d <= -0.3);
        let best = moved.last().filter(|(d, _)| *d >= 0.3);
        let change = now.score.change.unwrap_or(0.0);
        let mut out = Vec::new();
        let value_of = |id: &str| {
            let k = now.kpis.iter().find(|k| k.id == id)?;
            let unit = playbook.kpis.get(k.index)?.unit;
            k.reading.as_ref().ok().map(|r| w.value(unit, r.value))
        };
        let cause = |(_, id): &(f64, &str)| {
            w.say("cause", &[("kpi", &self.kpi_name(playbook, id)), ("value", &value_of(id).unwrap_or_default())])
        };
        let (main, other) = if change < 0.0 { (worst, best) } else { (best, worst) };
        let because = if let Some(main) = main {
            w.say(if change < 0.0 { "verdict_because" } else { "verdict_thanks" }, &[("cause", &cause(main))])
        } else if let Some(costly) =
            now.kpis.iter().filter(|k| k.lost >= 0.5).max_by(|a, b| a.lost.total_cmp(&b.lost).then(b.id.cmp(&a.id)))
        {
            let cause = cause(&(0.0, costly.id.as_str()));
            w.say("verdict_costs", &[("cause", &cause), ("points", &w.fixed(costly.lost, 1))])
        } else {
            String::new()
        };
        let amount = w.fixed(change.abs(), 1);
        let key = match now.score.change {
            None => "verdict_first",
            Some(c) if c <= -0.5 => "verdict_down",
            Some(c) if c >= 0.5 => "verdict_up",
            Some(_) => "verdict_same",
        };
        let values = [("score", score.as_str()), ("grade", &grade), ("change", &amount), ("because", &because)];
        out.push(w.say(key, &values));
        if let Some((_, id)) = other {
            let key = if change < 0.0 { "verdict_improves" } else { "verdict_worsens" };
            out.push(w.say(key, &[("kpi", &self.kpi_name(playbook, id))]));
        }
        let urgent = now.alerts.iter().filter(|a| a.severity == crate::playbook::Urgency::High).count();
        if urgent > 0 {
            out.push(w.say("verdict_alerts", &[("n", &w.count(urgent as u64))]));
        }
        out
    }

    /// The facts beside the gauge.
    pub(super) fn score_facts(&self, playbook: &Playbook, score: &HealthScore) -> Vec<FactView> {
        let w = self.wording;
        let mut facts = vec![FactView { label: w.get("coverage"), value: w.whole_percent(score.coverage) }];
        if score.high - score.low >= 0.5 {
            facts.push(FactView {
                label: w.get("if_unmeasured"),
                value: format!("{}–{}", w.fixed(score.low, 0), w.fixed(score.high, 0)),
            });
        }
        // The grade above is the entry before, since grades run from the best.
        if let (Some(value), Some(grade)) = (score.value, score.grade)
            && let Some((letter, least)) = grade.checked_sub(1).and_then(|g| playbook.scoring.grades.get(g))
        {
            facts.push(FactView {
                label: w.say("to_grade", &[("grade", &clean(letter))]),
                value: w.say("points", &[("n", &w.fixed(least.value - value, 1))]),
            });
        }
        facts
    }

    /// The scores of the last periods.
    pub(super) fn score_spark(&self, history: &[&PeriodHealth]) -> Spark {
        self.spark_of(history.iter().map(|p| p.score.value).collect(), |v| self.wording.fixed(v, 0))
    }
}

/// A change of a score in words, and its class.
pub(super) fn score_change(r: &Reporter<'_>, change: Option<f64>) -> (String, String) {
    let w = r.wording;
    match change {
        None => (w.get("no_previous"), "none".to_owned()),
        Some(c) if c.abs() < 0.05 => (w.get("unchanged"), "flat".to_owned()),
        Some(c) => {
            let arrow = if c > 0.0 { "▲" } else { "▼" };
            let class = if c > 0.0 { "better" } else { "worse" };
            (format!("{arrow} {}", w.signed(c, 1)), class.to_owned())
        }
    }
}
