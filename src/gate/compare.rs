//! Two results held against each other.

use super::attribute::{Pair, Parts, cause_of_gap, parts, same_rows};
use super::result::{GroupResult, KpiValue, PeriodRef, ResultFile, ScoreValue};
use super::rules::{RuleSet, Rules};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A change smaller than this is rounding.
const NOTHING: f64 = 1e-9;

/// What is different between two results. Nothing is listed that is the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// The earlier result.
    pub before: Head,
    /// The later one.
    pub after: Head,
    /// What is to be known of the comparison.
    pub notes: Vec<String>,
    /// Groups that changed, by id.
    pub groups: BTreeMap<String, GroupDiff>,
    /// Groups that only the later result has, with their scores.
    pub added: BTreeMap<String, Option<f64>>,
    /// Groups that only the earlier result has, with their scores.
    pub removed: BTreeMap<String, Option<f64>>,
    /// How many groups did not change.
    pub unchanged: usize,
    /// Rules that changed.
    pub rules: Vec<RuleDiff>,
}

/// Which result it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Head {
    /// The report's period.
    pub period: PeriodRef,
    /// The last instant that counted.
    pub as_of: String,
    /// Version of the program.
    pub version: String,
    /// Hash of the rules.
    pub playbooks: String,
}

/// A group that changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupDiff {
    /// Name in the later result.
    pub name: String,
    /// Score before.
    pub before: ScoreValue,
    /// Score after.
    pub after: ScoreValue,
    /// After minus before, where both have a score.
    pub change: Option<f64>,
    /// What the change is made of; its parts add up to it.
    pub parts: Option<Parts>,
    /// Where only one side has a score: the factor that gave or took it.
    pub gap: Option<&'static str>,
    /// Stages before and after, where they differ.
    pub stage: Option<[Option<String>; 2]>,
    /// KPIs that changed, those that moved the score most first.
    pub kpis: Vec<KpiDiff>,
}

/// A KPI that changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KpiDiff {
    /// Id.
    pub id: String,
    /// Value before.
    pub before: Option<f64>,
    /// Value after.
    pub after: Option<f64>,
    /// Statuses before and after, where they differ.
    pub status: Option<[Option<String>; 2]>,
    /// Points it gives to the score: after minus before.
    pub points: f64,
    /// Whether what it measures was defined anew.
    pub redefined: bool,
}

/// A rule that changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleDiff {
    /// Playbook, with `#group` for the overrides of a group.
    pub rules: String,
    /// Stage, where it holds in one only.
    pub stage: Option<String>,
    /// Path of the rule: `kpis.speak_rate.cuts`.
    pub path: String,
    /// Before; null where it is new.
    pub before: Value,
    /// After; null where it is gone.
    pub after: Value,
}

impl Diff {
    /// Whether nothing at all is different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.added.is_empty() && self.removed.is_empty() && self.rules.is_empty()
    }
}

/// Compares two results.
#[must_use]
pub fn compare(before: &ResultFile, after: &ResultFile) -> Diff {
    let same_rows = same_rows(before, after);
    let same_version = before.tool.version == after.tool.version;
    let mut diff = Diff {
        before: head(before),
        after: head(after),
        notes: notes(before, after, same_version),
        groups: BTreeMap::new(),
        added: BTreeMap::new(),
        removed: BTreeMap::new(),
        unchanged: 0,
        rules: Vec::new(),
    };
    for (id, group) in &after.groups {
        let Some(earlier) = before.groups.get(id) else {
            diff.added.insert(id.clone(), group.score.value);
            continue;
        };
        let found =
            before.rules.get(&earlier.rules).zip(after.rules.get(&group.rules)).and_then(|(a, b)| {
                group_diff(Pair { before: (earlier, a), after: (group, b) }, same_rows, same_version)
            });
        match found {
            Some(changed) => drop(diff.groups.insert(id.clone(), changed)),
            None => diff.unchanged += 1,
        }
    }
    let gone = before.groups.iter().filter(|(id, _)| !after.groups.contains_key(*id));
    diff.removed.extend(gone.map(|(id, group)| (id.clone(), group.score.value)));
    for (key, rules) in &after.rules {
        if let Some(earlier) = before.rules.get(key) {
            rule_diffs(key, earlier, rules, &mut diff.rules);
        }
    }
    diff
}

fn head(result: &ResultFile) -> Head {
    Head {
        period: result.period.clone(),
        as_of: result.as_of.clone(),
        version: result.tool.version.clone(),
        playbooks: result.made_from.playbooks.clone(),
    }
}

fn notes(before: &ResultFile, after: &ResultFile, same_version: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if before.made_from.configuration != after.made_from.configuration {
        notes.push("`qunce.toml` reads the data in another way; what that changes is told as data".to_owned());
    }
    if !same_version && (before.made_from.data.is_none() || after.made_from.data.is_none()) {
        notes.push(
            "the versions differ and one side does not say which rows it was made from, so that values which another \
             version computes in another way are told as data"
                .to_owned(),
        );
    }
    notes
}

fn differ(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() > NOTHING,
        (None, None) => false,
        _ => true,
    }
}

fn group_diff(pair: Pair<'_>, same_rows: bool, same_version: bool) -> Option<GroupDiff> {
    let ((before, old), (after, new)) = (pair.before, pair.after);
    let kpis = kpi_diffs(before, after, &old.of(before.stage.as_deref()), &new.of(after.stage.as_deref()));
    let parts = parts(pair, same_rows, same_version);
    let stage = (before.stage != after.stage).then(|| [before.stage.clone(), after.stage.clone()]);
    // Parts that cancel each other out are a change, too.
    let moved = parts.is_some_and(|p| p.named().iter().any(|(_, part)| part.abs() > NOTHING));
    let scores = differ(before.score.value, after.score.value)
        || differ(Some(before.score.coverage), Some(after.score.coverage))
        || before.score.grade != after.score.grade;
    if !(moved || scores || stage.is_some() || !kpis.is_empty()) {
        return None;
    }
    Some(GroupDiff {
        name: after.name.clone(),
        before: before.score.clone(),
        after: after.score.clone(),
        change: before.score.value.zip(after.score.value).map(|(a, b)| b - a),
        parts,
        gap: (before.score.value.is_some() != after.score.value.is_some()).then(|| cause_of_gap(pair)),
        stage,
        kpis,
    })
}

fn kpi_diffs(before: &GroupResult, after: &GroupResult, old: &RuleSet, new: &RuleSet) -> Vec<KpiDiff> {
    let ids: BTreeSet<&String> = before.kpis.keys().chain(after.kpis.keys()).collect();
    let none = KpiValue::default();
    let mut found: Vec<KpiDiff> = ids
        .into_iter()
        .filter_map(|id| {
            let (a, b) = (before.kpis.get(id).unwrap_or(&none), after.kpis.get(id).unwrap_or(&none));
            let definitions = [old, new].map(|rules| rules.kpis.get(id).map(|k| &k.definition));
            let redefined = definitions[0] != definitions[1];
            let status = (a.status != b.status).then(|| [a.status.clone(), b.status.clone()]);
            let points = b.points - a.points;
            let changed = differ(a.value, b.value) || status.is_some() || points.abs() > NOTHING || redefined;
            changed.then(|| KpiDiff { id: id.clone(), before: a.value, after: b.value, status, points, redefined })
        })
        .collect();
    found.sort_by(|a, b| b.points.abs().total_cmp(&a.points.abs()).then_with(|| a.id.cmp(&b.id)));
    found
}

fn rule_diffs(key: &str, before: &Rules, after: &Rules, out: &mut Vec<RuleDiff>) {
    let json = |rules: &RuleSet| serde_json::to_value(rules).unwrap_or_default();
    let mut everywhere = Vec::new();
    value_diff("", &json(&before.all), &json(&after.all), &mut everywhere);
    let stages: BTreeSet<&String> = before.stages.keys().chain(after.stages.keys()).collect();
    let mut in_stages = Vec::new();
    for stage in stages {
        let mut here = Vec::new();
        let (a, b) = (before.of(Some(stage)), after.of(Some(stage)));
        value_diff("", &json(&a), &json(&b), &mut here);
        // What changed in all stages alike is told once.
        in_stages.extend(here.into_iter().filter(|d| !everywhere.contains(d)).map(|d| (Some(stage.clone()), d)));
    }
    let everywhere = everywhere.into_iter().map(|d| (None, d));
    out.extend(everywhere.chain(in_stages).map(|(stage, (path, before, after))| RuleDiff {
        rules: key.to_owned(),
        stage,
        path,
        before,
        after,
    }));
    if before.stage_conditions != after.stage_conditions {
        out.push(RuleDiff {
            rules: key.to_owned(),
            stage: None,
            path: "stage_conditions".to_owned(),
            before: Value::from(before.stage_conditions.as_str()),
            after: Value::from(after.stage_conditions.as_str()),
        });
    }
}

/// The leaves of two trees that differ, with their paths.
fn value_diff(path: &str, a: &Value, b: &Value, out: &mut Vec<(String, Value, Value)>) {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let keys: BTreeSet<&String> = x.keys().chain(y.keys()).collect();
            for key in keys {
                let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                value_diff(&inner, x.get(key).unwrap_or(&Value::Null), y.get(key).unwrap_or(&Value::Null), out);
            }
        }
        (a, b) if a == b => {}
        (a, b) => out.push((path.to_owned(), a.clone(), b.clone())),
    }
}
