//! From a judgement to a result.

use super::fingerprint;
use super::result::{GroupResult, KpiValue, MadeFrom, PeriodRef, RESULT_SCHEMA_VERSION, ResultFile, ScoreValue, Tool};
use super::rules::Rules;
use super::text;
use crate::calendar::{Cadence, Day};
use crate::config::Config;
use crate::health::{Assessment, GroupHealth, KpiResult, PeriodHealth, Status, observations, waivers};
use crate::measure::Number;
use crate::playbook::Library;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The result of a judgement. `data` is the hash of the drop, where it was taken.
#[must_use]
pub fn gather(assessment: &Assessment, library: &Library, config: &Config, data: Option<String>) -> ResultFile {
    let mut rules: BTreeMap<String, Rules> = BTreeMap::new();
    let mut groups = BTreeMap::new();
    for group in &assessment.groups {
        let Some(health) = group.latest() else { continue };
        let id = &group.info.id;
        let own = library.group_overrides().contains(&id.as_str()).then_some(id.as_str());
        let playbook = &group.playbook.id;
        let key = own.map_or_else(|| playbook.clone(), |id| format!("{playbook}#{id}"));
        if !rules.contains_key(&key)
            && let Some(found) = rules_of(library, playbook, own)
        {
            rules.insert(key.clone(), found);
        }
        groups.insert(id.clone(), group_result(group, health, key, config.site.zone.day(assessment.as_of)));
    }
    let period = assessment.periods.last().map_or_else(
        || PeriodRef { id: String::new(), start: String::new(), end: String::new() },
        |p| PeriodRef { id: p.to_string(), start: p.first.to_string(), end: p.last().to_string() },
    );
    let as_of = chrono::DateTime::<chrono::Utc>::from_timestamp_micros(assessment.as_of.0).unwrap_or_default();
    ResultFile {
        schema_version: RESULT_SCHEMA_VERSION,
        tool: Tool { name: "qunce".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        as_of: as_of.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        period,
        made_from: MadeFrom {
            data,
            configuration: fingerprint::text(&configuration(config)),
            playbooks: fingerprint::text(&text::write(&rules)),
        },
        groups,
        rules,
    }
}

fn rules_of(library: &Library, playbook: &str, group: Option<&str>) -> Option<Rules> {
    let neutral = library.resolve(playbook, None, group)?;
    let stages: Vec<_> = library
        .stage_ids(playbook)
        .into_iter()
        .filter_map(|stage| Some((stage.clone(), library.resolve(playbook, Some(&stage), group)?)))
        .collect();
    let stages: Vec<_> = stages.iter().map(|(id, p)| (id.clone(), &**p)).collect();
    Some(Rules::new(&neutral, &stages))
}

/// What of the configuration decides what is measured: the zone, the length of periods, and `[data]` as it is set,
/// without white space and comments.
fn configuration(config: &Config) -> String {
    let data = config
        .source
        .as_ref()
        .and_then(|source| toml::from_str::<BTreeMap<String, Value>>(&source.text).ok())
        .and_then(|mut file| file.remove("data"));
    let period = match config.site.period {
        Cadence::Week => "week",
        Cadence::Month => "month",
    };
    format!("{} {period} {}", config.site.zone.name(), data.unwrap_or_default())
}

fn group_result(group: &GroupHealth, health: &PeriodHealth, rules: String, as_of: Day) -> GroupResult {
    let score = &health.score;
    let grades = &group.playbook.scoring.grades;
    GroupResult {
        name: group.info.name.clone(),
        rules,
        stage: group.playbook.stage.clone(),
        members: health.members,
        score: ScoreValue {
            value: score.value,
            grade: score.grade.and_then(|g| grades.get(g)).map(|(letter, _)| letter.clone()),
            coverage: score.coverage,
            low: score.low,
            high: score.high,
        },
        kpis: health.kpis.iter().map(|k| (k.id.clone(), kpi_value(k))).collect(),
        alerts: health.alerts.iter().map(|a| (a.id.clone(), a.members.len() as u64)).collect(),
        waivers: waivers(group, as_of).iter().filter(|s| s.holds()).map(|s| s.waiver.id.clone()).collect(),
    }
}

fn kpi_value(k: &KpiResult) -> KpiValue {
    let Ok(reading) = &k.reading else { return KpiValue::default() };
    KpiValue {
        value: Some(reading.value),
        numerator: reading.numerator.map(number),
        denominator: reading.denominator.map(number),
        observations: observations(reading),
        status: k.status.map(|s| status_word(s).to_owned()),
        score: k.score,
        points: k.points,
    }
}

/// The word of a status.
pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Critical => "critical",
        Status::Watch => "watch",
        Status::Healthy => "healthy",
        Status::Excellent => "excellent",
    }
}

/// Counts stay whole and decimals exact, as text.
fn number(n: Number) -> Value {
    match n {
        Number::Int(i) => json!(i),
        Number::Decimal(d) => json!(d.normalize().to_string()),
        Number::Float(f) => json!(f),
        Number::Time(t) => json!(t.0),
    }
}
