//! What changed a score: data, playbook, coverage or version.
//!
//! A score is a function of three things that a result holds apart: the values of the KPIs (data), which of them were
//! measured at all (coverage), and the rules (playbook). Of two results each of the three can be taken from either
//! side, which makes eight scores. The part of one factor is the mean, over all orders in which the factors can be
//! changed one after the other, of the change that it brings (the Shapley value), so that the parts add up to the
//! whole change and no order is preferred. What is left between the score that a result tells and the score that this
//! program makes of its values is the version's.
//!
//! A KPI whose definition changed cannot be measured by the other definition without rows. Its value goes with the
//! rules, so that its whole change is told as the playbook's. A new or removed KPI does likewise. The stage of a group
//! goes with the data, unless its conditions changed.

use super::result::{GroupResult, KpiValue, ResultFile};
use super::rules::{KpiRule, Measured, Rescored, RuleSet, Rules};
use serde::Serialize;
use std::borrow::Cow;

/// The parts of a change, in points; they add up to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Parts {
    /// Other values.
    pub data: f64,
    /// Other rules.
    pub playbook: f64,
    /// KPIs that are measured no more, or now.
    pub coverage: f64,
    /// Another version of this program.
    pub version: f64,
}

impl Parts {
    /// The whole change.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.data + self.playbook + self.coverage + self.version
    }

    /// The factors with their names, in a fixed order.
    #[must_use]
    pub fn named(&self) -> [(&'static str, f64); 4] {
        [("data", self.data), ("playbook", self.playbook), ("coverage", self.coverage), ("version", self.version)]
    }
}

/// A group in two results.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// Before.
    pub before: (&'a GroupResult, &'a Rules),
    /// After.
    pub after: (&'a GroupResult, &'a Rules),
}

/// From which side the data, the coverage and the rules are taken; `true`: the later one.
type Sides = [bool; 3];

impl<'a> Pair<'a> {
    fn side(&self, later: bool) -> (&'a GroupResult, &'a Rules) {
        if later { self.after } else { self.before }
    }

    /// The rules, in the stage that belongs to them.
    fn rules(&self, data: bool, playbook: bool) -> Cow<'a, RuleSet> {
        let rules = self.side(playbook).1;
        let same = self.before.1.stage_conditions == self.after.1.stage_conditions;
        let stage = self.side(if same { data } else { playbook }).0.stage.as_deref();
        rules.of(stage)
    }

    /// A KPI's value under a rule. Where only one side measured what the rule measures, it is that side's.
    fn value(&self, [data, coverage, _]: Sides, id: &str, rule: &KpiRule, least: u32) -> Option<Measured> {
        let of = |later: bool| {
            let (group, rules) = self.side(later);
            let own = rules.definition(group.stage.as_deref(), id)?;
            (own == rule.definition).then(|| group.kpis.get(id)).flatten()
        };
        let (before, after) = (of(false), of(true));
        let pick = |later: bool| if later { after.or(before) } else { before.or(after) };
        if !is_measured(pick(coverage)?, least) {
            return None;
        }
        let value = pick(data)?.value.or(pick(!data)?.value)?;
        Some(Measured { value, enough: true })
    }

    /// The score with each factor from either side.
    fn score(&self, sides: Sides) -> Rescored {
        let [data, _, playbook] = sides;
        let rules = self.rules(data, playbook);
        rules.score(self.side(data).0.members, |id, rule| self.value(sides, id, rule, rules.min_sample))
    }
}

fn is_measured(value: &KpiValue, least: u32) -> bool {
    value.value.is_some() && value.observations.is_none_or(|n| n >= f64::from(least))
}

/// The score that a group's own values and rules come to.
#[must_use]
pub fn by_itself(group: &GroupResult, rules: &Rules) -> Rescored {
    let pair = Pair { before: (group, rules), after: (group, rules) };
    pair.score([false; 3])
}

/// How the change of a group's score is parted; `None` where one of the results has no score. `same_rows` says that
/// both results were made from the same data and configuration, so that other values are another version's.
#[must_use]
pub fn parts(pair: Pair<'_>, same_rows: bool, same_version: bool) -> Option<Parts> {
    let (before, after) = (pair.before.0.score.value?, pair.after.0.score.value?);
    let [data, coverage, playbook] = shapley(|sides| pair.score(sides).total);
    let (first, last) = (pair.score([false; 3]).total, pair.score([true; 3]).total);
    let mut parts = Parts { data, playbook, coverage, version: 0.0 };
    if !same_version {
        parts.version = (after - last) - (before - first);
        if same_rows {
            parts.version += std::mem::take(&mut parts.data);
        }
    }
    Some(parts)
}

/// Which factor gave or took the score, most of all, where only one of two results has one.
#[must_use]
pub fn cause_of_gap(pair: Pair<'_>) -> &'static str {
    let issued = |sides| if pair.score(sides).issued { 1.0 } else { 0.0 };
    let shares = shapley(issued);
    let named = ["data", "coverage", "playbook"].into_iter().zip(shares.map(f64::abs));
    let most = named.fold(("version", 0.0), |best, one| if one.1 > best.1 + 1e-12 { one } else { best });
    most.0
}

/// The Shapley values of three factors.
fn shapley(value: impl Fn(Sides) -> f64) -> [f64; 3] {
    let at = |mask: usize| value([mask & 1 != 0, mask & 2 != 0, mask & 4 != 0]);
    let all: Vec<f64> = (0..8).map(at).collect();
    let of = |mask: usize| all.get(mask).copied().unwrap_or_default();
    [1_usize, 2, 4].map(|factor| {
        (0..8_usize)
            .filter(|mask| mask & factor == 0)
            .map(|mask| {
                // Orders in which exactly the factors of `mask` come before: 2, 1, 1, 2 of 6.
                let weight = if mask.count_ones() == 1 { 1.0 / 6.0 } else { 1.0 / 3.0 };
                weight * (of(mask | factor) - of(mask))
            })
            .sum()
    })
}

/// Whether two results were made from the same rows, read in the same way.
#[must_use]
pub fn same_rows(before: &ResultFile, after: &ResultFile) -> bool {
    let (a, b) = (&before.made_from, &after.made_from);
    a.data.is_some()
        && a.data == b.data
        && a.configuration == b.configuration
        && before.as_of == after.as_of
        && before.period == after.period
}
