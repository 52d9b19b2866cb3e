//! The JSON of `api/`: everything the report shows, as numbers, for other programs.
//!
//! Version [`SCHEMA_VERSION`]: keys are only ever added; a change of meaning raises the version.
//! What has no data is `null` beside a `reason`. There is no machine path and no wall clock in it.
//!
//! Over time, a group's file holds three things:
//!
//! * `trend`: score and KPIs of every period, oldest first.
//! * `score_change`: why the score moved since the previous period. `parts` has the KPIs scored in both, most points
//!   first, each with `points`, its `score` and `previous_score` of 0 to 100, the `change` of its value and whether that
//!   is `significant`. `rest` has the points of KPIs that only one of the periods could score (`measured_anew`,
//!   `no_longer_measured`) and of the shift of shares that follows. All points add up to `points` = `to` − `from`.
//! * `retention`: a cohort a period, oldest first: how many customers `joined`, and in `stayed` how many of them were
//!   there at the end of that period and of each one since, as `members` and as `share` of those who joined. Numbers by
//!   which fewer persons than `[privacy] min_cell` could be counted are `null`, with what follows from that as
//!   `at_least` and `at_most`; small cohorts are withheld whole, and with them the next smallest.

use super::kpi::status_class;
use super::people::urgency;
use super::reporter::Reporter;
use super::score::{grade_class, grade_letter, trouble};
use super::visible::clean;
use crate::calendar::Period;
use crate::health::{
    Action, Cause, ClassCount, Counted, GroupHealth, KpiResult, PeriodHealth, Rollup, Scope, ScoreGap,
};
use crate::measure::{Missing, Number};
use serde_json::{Map, Value, json};

/// Version of the JSON's schema.
pub const SCHEMA_VERSION: u32 = 1;

impl Reporter<'_> {
    /// `api/groups/<slug>.json`
    #[must_use]
    pub fn group_json(&self, group: &GroupHealth) -> Option<Value> {
        let health = group.latest()?;
        let playbook = &*group.playbook;
        let head = self.group_head(group, health);
        let boards: Map<String, Value> = health
            .boards
            .iter()
            .map(|b| (b.id.clone(), json!({"score": b.score, "weight": b.weight, "coverage": b.coverage})))
            .collect();
        let trend: Vec<Value> = group.periods.iter().map(|p| self.trend_point(group, p)).collect();
        let kpis = self.kpis_json(group, health);
        let whole = json!({
            "schema_version": SCHEMA_VERSION,
            "tool": tool(),
            "language": self.wording.tag,
            "as_of": self.moment_json(),
            "group": {
                "id": head.id, "name": head.name, "slug": head.slug, "playbook": head.playbook, "stage": head.stage,
                "stage_given": group.info.stage_given, "owner": head.owner, "brand": head.brand,
                "region": group.info.region.as_deref().map(clean), "tags": group.info.tags.as_deref().map(clean),
                "capacity": group.info.capacity, "created_on": group.info.created_on.map(|d| d.to_string()),
                "age_days": group.info.age_days, "members": health.members,
            },
            "period": period(health.period),
            "score": self.score_json(group, health),
            "boards": boards,
            "principles": health.principles.iter().cloned().map(|(id, v)| (id, json!(v))).collect::<Map<_, _>>(),
            "segments": counted(self, &health.segments),
            "churn": counted(self, &health.churn),
            "alerts": health.alerts.iter().map(|a| (a.id.clone(), json!(a.members.len().max(1)))).collect::<Map<_, _>>(),
            "alert_details": health.alerts.iter().map(|a| json!({
                "alert": a.id, "severity": urgency(a.severity), "members": a.members.len(), "new": a.new,
            })).collect::<Vec<_>>(),
            "unchecked_alerts": health.unchecked.iter().map(|(id, why)| json!({
                "alert": id, "reason": self.missing(why),
            })).collect::<Vec<_>>(),
            "waivers": self.waivers_json(group),
            "actions": health.actions.iter().map(action).collect::<Vec<_>>(),
            "review": health.review.iter().map(|r| json!({
                "tactic": r.tactic, "kpi": r.kpi,
                "previous": r.change.map(|c| c.previous), "change": r.change.map(|c| c.delta),
                "significant": r.change.and_then(|c| c.significant), "better": r.change.and_then(|c| c.better),
            })).collect::<Vec<_>>(),
            "funnels": health.funnels.iter().map(|f| (f.id.clone(), match &f.steps {
                Err(why) => json!({"steps": null, "reason": self.missing(why)}),
                Ok(steps) => json!({"weakest": f.weakest, "steps": steps.iter().map(|s| json!({
                    "measure": s.measure, "passed": s.passed, "any_order": s.open, "rate": s.rate,
                    "low": s.interval.map(|i| i.0), "high": s.interval.map(|i| i.1), "weak": s.weak,
                })).collect::<Vec<_>>()}),
            })).collect::<Map<_, _>>(),
            "rankings": health.rankings.iter().map(|r| {
                let grain = playbook.rankings.iter().find(|x| x.id == r.id).map(|x| x.grain);
                (r.id.clone(), listed(self, r.rows.as_ref().map(|rows| rows.iter().map(|row| {
                    let id = match grain {
                        Some(crate::playbook::Grain::Member) => self.names.name(&row.id),
                        _ => clean(&row.id),
                    };
                    json!({"id": id, "title": row.title.as_deref().map(clean), "kind": row.kind.as_deref().map(clean),
                        "value": number(row.value)})
                }).collect())))
            }).collect::<Map<_, _>>(),
            "breakdowns": health.breakdowns.iter().map(|b| (b.id.clone(), listed(self, b.rows.as_ref().map(|rows| rows
                .iter()
                .map(|(value, n)| json!({"value": value.as_deref().map(clean), "count": number(*n)}))
                .collect())))).collect::<Map<_, _>>(),
            "withheld": health.breakdowns.iter().filter(|b| b.withheld > 0).map(|b| (b.id.clone(), json!(b.withheld)))
                .collect::<Map<_, _>>(),
            "score_change": self.changes_json(health, group.periods.iter().rev().nth(1)),
            "retention": self.retention_json(group),
        });
        Some(with(whole, [("kpis", Value::Object(kpis)), ("trend", Value::Array(trend))]))
    }

    /// `api/index.json`
    #[must_use]
    pub fn portfolio_json(&self) -> Value {
        let groups: Vec<Value> = self
            .assessment
            .groups
            .iter()
            .filter_map(|g| {
                let health = g.latest()?;
                let head = self.group_head(g, health);
                Some(json!({
                    "id": head.id, "name": head.name, "slug": head.slug, "playbook": head.playbook, "stage": head.stage,
                    "owner": head.owner, "brand": head.brand, "members": health.members,
                    "score": self.score_json(g, health), "status": grade_class(&health.score),
                    "in_trouble_since": trouble(g).map(|t| t.since),
                    "first_action": health.actions.first().map(action),
                    "alerts": health.alerts.len(),
                    "json": format!("groups/{}.json", head.slug),
                }))
            })
            .collect();
        let whole = json!({
            "schema_version": SCHEMA_VERSION,
            "tool": tool(),
            "language": self.wording.tag,
            "as_of": self.moment_json(),
            "zone": self.assessment.zone,
            "period": self.assessment.periods.last().map(|p| period(*p)),
        });
        let rollups = self.assessment.rollups.iter().map(|r| self.rollup_json(r)).collect();
        with(whole, [("groups", Value::Array(groups)), ("rollups", Value::Array(rollups))])
    }

    fn moment_json(&self) -> String {
        let t = self.assessment.as_of;
        let utc = chrono::DateTime::<chrono::Utc>::from_timestamp_micros(t.0).unwrap_or_default();
        utc.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    fn score_json(&self, group: &GroupHealth, health: &PeriodHealth) -> Value {
        let s = &health.score;
        let w = self.wording;
        let reason = match s.gap {
            Some(ScoreGap::Members(least)) => w.plural("reason_members", &[("least", u64::from(least))], &[]),
            Some(ScoreGap::Coverage(least)) => w.say("reason_coverage", &[("least", &w.whole_percent(least))]),
            None => {
                let least = w.whole_percent(group.playbook.scoring.min_coverage.value);
                w.say("reason_coverage", &[("least", &least)])
            }
        };
        json!({
            "value": s.value,
            "grade": s.value.map(|_| grade_letter(&group.playbook, s)),
            "coverage": s.coverage, "low": s.low, "high": s.high,
            "previous": s.value.zip(s.change).map(|(v, c)| v - c),
            "change": s.change,
            "reason": s.value.is_none().then_some(reason),
        })
    }

    fn kpis_json(&self, group: &GroupHealth, health: &PeriodHealth) -> Map<String, Value> {
        health.kpis.iter().map(|k| (k.id.clone(), self.kpi_json(group, k))).collect()
    }

    fn kpi_json(&self, group: &GroupHealth, k: &KpiResult) -> Value {
        let r = k.reading.as_ref().ok();
        let kpi = group.playbook.kpis.get(k.index);
        json!({
            "name": kpi.map(|kpi| self.text(&kpi.name)),
            "board": kpi.map(|kpi| kpi.board.as_str()),
            "value": r.map(|r| r.value),
            "numerator": r.and_then(|r| r.numerator).map(number),
            "denominator": r.and_then(|r| r.denominator).map(number),
            "low": r.and_then(|r| r.interval).map(|i| i.0),
            "high": r.and_then(|r| r.interval).map(|i| i.1),
            "status": k.status.map(status_class),
            "uncertain": k.uncertain,
            "more_needed": k.more_needed,
            "score": k.score, "weight": k.weight, "points": k.points, "lost": k.lost, "lift": k.lift,
            "previous": k.change.map(|c| c.previous),
            "change": k.change.map(|c| c.delta),
            "significant": k.change.and_then(|c| c.significant),
            "better": k.change.and_then(|c| c.better),
            "approximate": r.is_some_and(|r| r.approximate),
            "reason": k.reading.as_ref().err().map(|m| self.missing(m)).or_else(|| self.too_few(k)),
            "rows": k.rows,
        })
    }

    fn trend_point(&self, group: &GroupHealth, health: &PeriodHealth) -> Value {
        let kpis: Map<String, Value> = health
            .kpis
            .iter()
            .map(|k| {
                let value = match &k.reading {
                    Err(why) => json!({"value": null, "reason": self.missing(why)}),
                    Ok(r) => json!({
                        "value": r.value, "numerator": r.numerator.map(number), "denominator": r.denominator.map(number),
                        "status": k.status.map(status_class),
                    }),
                };
                (k.id.clone(), value)
            })
            .collect();
        let whole = json!({
            "period": health.period.to_string(),
            "score": health.score.value,
            "grade": health.score.value.map(|_| grade_letter(&group.playbook, &health.score)),
            "coverage": health.score.coverage,
            "members": health.members,
        });
        with(whole, [("kpis", Value::Object(kpis))])
    }

    fn rollup_json(&self, r: &Rollup) -> Value {
        let (by, id) = match &r.scope {
            Scope::All => ("all", None),
            Scope::Playbook(id) => ("playbook", Some(clean(id))),
            Scope::Brand(id) => ("brand", Some(clean(id))),
            Scope::Owner(id) => ("owner", Some(clean(id))),
        };
        let kpis: Map<String, Value> = r
            .kpis
            .iter()
            .map(|(id, k)| {
                (
                    id.clone(),
                    json!({
                        "value": k.value, "numerator": number(k.numerator), "denominator": number(k.denominator),
                        "low": k.interval.map(|i| i.0), "high": k.interval.map(|i| i.1), "groups": k.groups,
                        "lowest": k.spread[0], "median": k.spread[1], "highest": k.spread[2],
                    }),
                )
            })
            .collect();
        let whole = json!({
            "by": by, "id": id, "groups": r.groups, "places": r.places, "persons": r.persons,
            "score": r.score, "scored": r.scored,
            "worst": r.worst.and_then(|i| self.assessment.groups.get(i)).map(|g| g.info.slug.as_str()),
        });
        with(whole, [("kpis", Value::Object(kpis))])
    }
}

/// An object with further keys, whose values are moved: `json!` would copy all there is below them.
fn with<const N: usize>(mut object: Value, more: [(&str, Value); N]) -> Value {
    if let Value::Object(keys) = &mut object {
        keys.extend(more.map(|(key, value)| (key.to_owned(), value)));
    }
    object
}

fn tool() -> Value {
    json!({"name": "qunce", "version": env!("CARGO_PKG_VERSION")})
}

fn period(p: Period) -> Value {
    json!({"id": p.to_string(), "start": p.first.to_string(), "end": p.last().to_string()})
}

/// Counts stay whole and money stays exact: a decimal is a text, since JSON numbers are binary fractions to
/// most readers.
fn number(n: Number) -> Value {
    match n {
        Number::Int(i) => json!(i),
        Number::Decimal(d) if d.fract().is_zero() => {
            i64::try_from(d).map_or_else(|_| json!(d.normalize().to_string()), |i| json!(i))
        }
        Number::Decimal(d) => json!(d.normalize().to_string()),
        Number::Float(f) => json!(f),
        Number::Time(t) => json!(t.0),
    }
}

fn counted(r: &Reporter<'_>, counted: &Counted) -> Value {
    match counted {
        Counted::Known(classes) => {
            let count = |c: &ClassCount| match &c.missing {
                Some(why) => json!({"value": null, "reason": r.missing(why)}),
                None => json!(c.members.len()),
            };
            Value::Object(classes.iter().map(|c| (c.id.clone(), count(c))).collect())
        }
        Counted::Missing(why) => json!({"value": null, "reason": r.missing(why)}),
    }
}

fn listed(r: &Reporter<'_>, rows: Result<Vec<Value>, &Missing>) -> Value {
    match rows {
        Ok(rows) => json!({"rows": rows}),
        Err(why) => json!({"rows": null, "reason": r.missing(why)}),
    }
}

fn action(a: &Action) -> Value {
    let kpi = a.causes.iter().find_map(|c| match c {
        Cause::Kpi(id) => Some(id.as_str()),
        Cause::Alert(_) | Cause::Funnel(..) => None,
    });
    json!({
        "tactic": a.tactic, "kpi": kpi, "audience": a.audience, "owner": a.owner, "due": a.due.to_string(),
        "lift": a.lift, "list": a.list,
        "causes": a.causes.iter().map(|c| match c {
            Cause::Kpi(id) => json!({"kpi": id}),
            Cause::Alert(id) => json!({"alert": id}),
            Cause::Funnel(id, step) => json!({"funnel": id, "step": step}),
        }).collect::<Vec<_>>(),
    })
}
