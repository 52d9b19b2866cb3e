//! What changed since the previous period and why: the change of the health score, KPI by KPI.

use super::kpi::ChangeView;
use super::reporter::Reporter;
use crate::health::{Change, KpiResult, PeriodHealth};
use crate::playbook::Playbook;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How many KPIs stand one by one; the rest is summed.
const MOST: usize = 6;
/// Points below which a KPI moved nothing that could be shown.
const SHOWN: f64 = 0.05;

/// The change of the score, taken apart. The points of all lines add up to the change.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChangesView {
    /// From score to score, in a sentence.
    pub summary: String,
    /// KPIs that moved the score, most first.
    pub rows: Vec<MoveView>,
    /// What is not one KPI's: many small ones, and what could be measured in one period only.
    pub rest: Vec<RestView>,
    /// Why there is nothing to compare.
    pub reason: Option<String>,
}

/// What one KPI did to the score.
#[derive(Debug, Clone, Serialize)]
pub struct MoveView {
    /// Name.
    pub name: String,
    /// Where its evidence stands.
    pub href: String,
    /// Points, with a sign.
    pub points: String,
    /// `better` or `worse`.
    pub class: String,
    /// Its value, and the change of it.
    pub value: String,
    /// Against the previous period.
    pub change: ChangeView,
    /// Whether the change is more than chance, in words.
    pub significance: String,
    /// Its score then and now.
    pub slope: Slope,
}

/// Points that are not one KPI's.
#[derive(Debug, Clone, Serialize)]
pub struct RestView {
    /// What it is.
    pub label: String,
    /// Points, with a sign.
    pub points: String,
}

/// A score in the previous period and in this one, 0..=100.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slope {
    /// Then.
    pub from: f64,
    /// Now.
    pub to: f64,
    /// What it shows.
    pub title: String,
    /// The same in words.
    pub label: String,
}

/// What every KPI did to the score since the previous period.
pub(super) struct Moves<'h> {
    /// The score then and now.
    pub from: f64,
    pub to: f64,
    /// KPIs with a score in both periods, with the points that each moved; most first.
    pub moved: Vec<(f64, &'h KpiResult, &'h KpiResult)>,
    /// Points of what could be scored in one of the two periods only, which also shifts the shares of the others.
    pub remainder: f64,
}

impl<'h> Moves<'h> {
    /// `None` where one of the two periods has no score.
    pub fn between(before: &'h PeriodHealth, now: &'h PeriodHealth) -> Option<Self> {
        let (from, to) = (before.score.value?, now.score.value?);
        let mut moved: Vec<(f64, &KpiResult, &KpiResult)> = now
            .kpis
            .iter()
            .filter_map(|k| {
                let old = before.kpis.iter().find(|o| o.id == k.id)?;
                // A KPI's share of the score times what its own score did.
                let share = (k.points + k.lost) / 100.0;
                Some((share * (k.score? - old.score?), k, old))
            })
            .collect();
        moved.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then(a.1.index.cmp(&b.1.index)));
        let remainder = (to - from) - moved.iter().map(|(points, ..)| points).sum::<f64>();
        Some(Self { from, to, moved, remainder })
    }
}

/// Ids of the scored KPIs of a period that the other one could not score, in the order of the period.
pub(super) fn scored_only<'h>(here: &'h PeriodHealth, there: &PeriodHealth) -> Vec<&'h str> {
    let scored =
        |period: &PeriodHealth, id: &str| period.kpis.iter().any(|k| k.id == id && k.weight > 0.0 && k.score.is_some());
    let ids = here.kpis.iter().map(|k| k.id.as_str());
    ids.filter(|id| scored(here, id) && !scored(there, id)).collect()
}

impl Reporter<'_> {
    pub(super) fn changes(
        &self,
        playbook: &Playbook,
        now: &PeriodHealth,
        before: Option<&PeriodHealth>,
        evidence: &str,
    ) -> ChangesView {
        let w = self.wording;
        let Some((before, moves)) = before.and_then(|b| Some((b, Moves::between(b, now)?))) else {
            return ChangesView { reason: Some(w.get("changes_none")), ..ChangesView::default() };
        };
        let Moves { from, to, moved, remainder } = moves;
        let shown = moved.iter().take(MOST).take_while(|(points, ..)| points.abs() >= SHOWN).count();
        let (first, others) = moved.split_at(shown);
        let mut rest = Vec::new();
        let mut add = |label: String, points: f64| {
            if points.abs() >= SHOWN {
                rest.push(RestView { label, points: w.signed(points, 1) });
            }
        };
        add(w.get("changes_others"), others.iter().map(|(points, ..)| points).sum());
        add(self.measured_anew(playbook, now, before), remainder);
        let (from, to) = (w.fixed(from, 1), w.fixed(to, 1));
        let change = w.signed(now.score.change.unwrap_or_default(), 1);
        ChangesView {
            summary: w.say("changes_summary", &[("from", &from), ("to", &to), ("change", &change)]),
            rows: first.iter().filter_map(|m| self.moved(playbook, m, evidence)).collect(),
            rest,
            reason: None,
        }
    }

    /// `score_change` of the JSON: the points of all parts and of the rest add up to the change.
    pub(super) fn changes_json(&self, now: &PeriodHealth, before: Option<&PeriodHealth>) -> Value {
        let Some((before, moves)) = before.and_then(|b| Some((b, Moves::between(b, now)?))) else {
            return json!({"parts": null, "reason": self.wording.get("changes_none")});
        };
        let part = |(points, now, before): &(f64, &KpiResult, &KpiResult)| {
            json!({
                "kpi": now.id, "points": points, "score": now.score, "previous_score": before.score,
                "change": now.change.map(|c| c.delta), "significant": now.change.and_then(|c| c.significant),
            })
        };
        json!({
            "from": moves.from, "to": moves.to, "points": moves.to - moves.from,
            "parts": moves.moved.iter().map(part).collect::<Vec<_>>(),
            "rest": {
                "points": moves.remainder,
                "measured_anew": scored_only(now, before), "no_longer_measured": scored_only(before, now),
            },
        })
    }

    fn moved(
        &self,
        playbook: &Playbook,
        (points, now, before): &(f64, &KpiResult, &KpiResult),
        evidence: &str,
    ) -> Option<MoveView> {
        let w = self.wording;
        let kpi = playbook.kpis.get(now.index)?;
        let (from, to) = (before.score?, now.score?);
        let scores = [("from", &*w.fixed(from, 0)), ("to", &*w.fixed(to, 0))];
        Some(MoveView {
            name: self.text(&kpi.name),
            href: format!("{evidence}#kpi-{}", kpi.id),
            points: w.signed(*points, 1),
            class: if *points > 0.0 { "better" } else { "worse" }.to_owned(),
            value: now.reading.as_ref().ok().map(|r| w.value(kpi.unit, r.value)).unwrap_or_default(),
            change: self.change(kpi.unit, now.change.as_ref()),
            significance: self.significance(now.change.as_ref()),
            slope: Slope { from, to, title: w.get("slope_title"), label: w.say("slope_label", &scores) },
        })
    }

    fn significance(&self, change: Option<&Change>) -> String {
        self.wording.get(match change.and_then(|c| c.significant) {
            Some(true) => "change_clear",
            Some(false) => "change_chance",
            None => "change_untested",
        })
    }

    /// Which KPIs could be scored in one of the two periods only.
    fn measured_anew(&self, playbook: &Playbook, now: &PeriodHealth, before: &PeriodHealth) -> String {
        let w = self.wording;
        let names = |a: &PeriodHealth, b: &PeriodHealth| -> Vec<String> {
            scored_only(a, b).into_iter().map(|id| self.kpi_name(playbook, id)).collect()
        };
        let (gained, lost) = (names(now, before), names(before, now));
        let comma = w.get("list_comma");
        let mut parts = Vec::new();
        for (key, names) in [("changes_gained", &gained), ("changes_lost", &lost)] {
            if !names.is_empty() {
                parts.push(w.say(key, &[("names", &names.join(&comma))]));
            }
        }
        if parts.is_empty() { w.get("changes_shares") } else { parts.join(&w.get("sentence_gap")) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::fixture::assessment;
    use super::super::tests::with;

    fn number(text: &str) -> f64 {
        text.replace('−', "-").replace('+', "").parse().unwrap()
    }

    #[test]
    fn the_points_of_all_lines_add_up_to_the_change_of_the_score() {
        let mut a = assessment();
        let group = &mut a.groups[0];
        // Known scores and shares: three tenths of the score fell by ten, seven tenths rose by five.
        for (period, scores) in [(3, [60.0, 50.0]), (4, [50.0, 55.0])] {
            let health = &mut group.periods[period];
            for k in &mut health.kpis {
                let at = ["open_rate", "speak_rate"].iter().position(|id| *id == k.id);
                k.score = at.map(|i| scores[i]);
                let share = at.map_or(0.0, |i| [0.3, 0.7][i]);
                (k.points, k.lost) = (share * k.score.unwrap_or(0.0), share * (100.0 - k.score.unwrap_or(0.0)));
            }
            health.score.value = Some(0.3 * scores[0] + 0.7 * scores[1]);
        }
        group.periods[4].score.change = Some(0.5);
        with("zh-CN", &a, |r| {
            let changes = r.group_report(&a.groups[0], 4).unwrap().changes;
            let found: Vec<(&str, &str)> = changes.rows.iter().map(|m| (&*m.name, &*m.points)).collect();
            assert_eq!(found, [("发言率", "+3.5"), ("消息打开率", "−3.0")]);
            assert!(changes.rest.is_empty(), "{:?}", changes.rest);
            assert_eq!(changes.rows.iter().map(|m| number(&m.points)).sum::<f64>(), 0.5);
            assert_eq!((changes.rows[1].slope.from, changes.rows[1].slope.to), (60.0, 50.0));
        });
    }

    #[test]
    fn the_json_parts_the_change_among_all_kpis() {
        let mut a = assessment();
        let health = &mut a.groups[0].periods[3];
        health.kpis.iter_mut().filter(|k| k.id == "pay_rate").for_each(|k| k.score = None);
        with("zh-CN", &a, |r| {
            let json = r.group_json(&a.groups[0]).unwrap();
            let change = &json["score_change"];
            let parts = change["parts"].as_array().unwrap();
            let points = |v: &serde_json::Value| v["points"].as_f64().unwrap();
            let sum: f64 = parts.iter().map(points).sum::<f64>() + points(&change["rest"]);
            assert!((sum - points(change)).abs() < 1e-9, "{change}");
            assert!(parts.len() > 2 && parts.iter().all(|p| p["previous_score"].is_number()), "{change}");
            assert_eq!(change["rest"]["measured_anew"], serde_json::json!(["pay_rate"]));
        });
        a.groups[0].periods[3].score.value = None;
        with("en", &a, |r| {
            let json = r.group_json(&a.groups[0]).unwrap();
            assert!(json["score_change"]["parts"].is_null() && json["score_change"]["reason"].is_string());
        });
    }

    #[test]
    fn a_kpi_that_was_measured_once_only_is_named_with_what_it_moved() {
        let mut a = assessment();
        let health = &mut a.groups[0].periods[3];
        health.kpis.iter_mut().filter(|k| k.id == "pay_rate").for_each(|k| k.score = None);
        with("zh-CN", &a, |r| {
            let changes = r.group_report(&a.groups[0], 4).unwrap().changes;
            let rest = changes.rest.last().unwrap();
            assert!(rest.label.contains("加购 → 付款"), "{rest:?}");
        });
    }

    #[test]
    fn significance_is_told_and_the_first_period_has_nothing_to_compare() {
        let a = assessment();
        with("en", &a, |r| {
            let changes = r.group_report(&a.groups[0], 4).unwrap().changes;
            let speak = changes.rows.iter().find(|m| m.name == "Speaking rate");
            assert!(speak.is_none_or(|m| m.significance == "within chance"));
            assert!(r.group_report(&a.groups[0], 0).unwrap().changes.reason.is_some());
        });
    }
}
