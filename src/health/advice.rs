//! From failing numbers to deeds: which tactics, for whom, by whom, until when, for how many points.

use super::model::{Action, ActionReview, AlertResult, Cause, Counted, FunnelResult, KpiResult, Status};
use crate::calendar::{Cadence, Day, Period};
use crate::playbook::{Audience, Playbook, Rhythm, Tactic, Urgency};
use std::collections::BTreeSet;

/// What an alert weighs beside points of the score when actions are put in order.
fn urgency_weight(urgency: Urgency) -> f64 {
    match urgency {
        Urgency::High => 2.0,
        Urgency::Medium => 0.5,
        Urgency::Low => 0.1,
    }
}

/// What advice is drawn from.
pub(super) struct Findings<'a> {
    pub playbook: &'a Playbook,
    pub period: Period,
    pub kpis: &'a [KpiResult],
    pub alerts: &'a [AlertResult],
    pub funnels: &'a [FunnelResult],
    pub segments: &'a Counted,
    pub churn: &'a Counted,
    pub customers: u64,
    pub staff: u64,
}

/// The actions of a period: those due before the next report first, among them the most worthwhile.
///
/// Each failing KPI is given to one tactic, the one that helps most KPIs' points together, so that
/// the lifts of several actions may be added.
pub(super) fn actions(findings: &Findings<'_>) -> Vec<Action> {
    let mut open: Vec<&KpiResult> = findings
        .kpis
        .iter()
        .filter(|k| k.lift > 0.0 && k.status < Some(Status::Healthy) && k.status.is_some())
        .collect();
    // A tactic that would address nobody is a deed only where there is no other.
    let (reaching, idle): (Vec<&Tactic>, Vec<&Tactic>) =
        findings.playbook.tactics_at_hand().partition(|t| audience(findings, t).0 != Some(0));
    let mut chosen: Vec<(f64, Action)> = Vec::new();
    // What can be done before the next report comes before what is due later.
    let next = findings.period.next().end;
    let (soon, later): (Vec<&Tactic>, Vec<&Tactic>) =
        reaching.into_iter().partition(|t| due(t.cadence, findings.period) < next);
    while let Some((tactic, helped)) = best(&soon, &open).or_else(|| best(&later, &open)).or_else(|| best(&idle, &open))
    {
        open.retain(|k| !helped.contains(&k.id.as_str()));
        let mut kpis: Vec<&KpiResult> = findings.kpis.iter().filter(|k| helped.contains(&k.id.as_str())).collect();
        kpis.sort_by(|a, b| b.lift.total_cmp(&a.lift).then_with(|| a.index.cmp(&b.index)));
        let lift: f64 = kpis.iter().map(|k| k.lift).sum();
        let causes = kpis.iter().map(|k| Cause::Kpi(k.id.clone())).collect();
        chosen.push((lift, action(findings, tactic, causes, lift)));
    }
    for result in findings.alerts {
        let Some(alert) = findings.playbook.alerts.iter().find(|a| a.id == result.id) else { continue };
        let weight = urgency_weight(result.severity);
        let cause = Cause::Alert(alert.id.clone());
        let due = alert_due(findings.period, alert.within_hours);
        if let Some((rank, known)) = chosen.iter_mut().find(|(_, a)| a.tactic == alert.action.value) {
            *rank += weight;
            known.due = known.due.min(due);
            known.causes.push(cause);
            continue;
        }
        let Some(tactic) = tactic_by_id(findings.playbook, &alert.action.value) else { continue };
        let mut new = action(findings, tactic, vec![cause], 0.0);
        if let Some(owner) = &alert.owner {
            new.owner.clone_from(owner);
        }
        if !result.members.is_empty() {
            new.audience = Some(result.members.len() as u64);
            new.list = Some(alert.id.clone());
        }
        new.due = due;
        chosen.push((weight, new));
    }
    for funnel in findings.funnels {
        let Some(step) = funnel.weakest else { continue };
        let measure = funnel.steps.as_ref().ok().and_then(|s| s.get(step)).map(|s| s.measure.as_str());
        // A weak step is named beside the action that lifts a KPI made of the same measure.
        let kpi = findings.playbook.kpis.iter().find(|k| {
            let formulas = match &k.form {
                crate::playbook::KpiForm::Ratio(n, _) => n,
                crate::playbook::KpiForm::Value(f) | crate::playbook::KpiForm::Mean(f) => f,
            };
            measure.is_some_and(|m| formulas.text == m)
        });
        if let Some(kpi) = kpi
            && let Some((_, known)) = chosen.iter_mut().find(|(_, a)| a.causes.contains(&Cause::Kpi(kpi.id.clone())))
        {
            known.causes.push(Cause::Funnel(funnel.id.clone(), step));
        }
    }
    // This week's deeds first, however much later ones may bring. Stable: equals stay in the playbook's order.
    chosen.sort_by(|a, b| (a.1.due >= next).cmp(&(b.1.due >= next)).then_with(|| b.0.total_cmp(&a.0)));
    chosen.into_iter().map(|(_, action)| action).collect()
}

/// The tactic whose open KPIs weigh most, with those KPIs.
fn best<'a>(tactics: &[&'a Tactic], open: &[&KpiResult]) -> Option<(&'a Tactic, BTreeSet<&'a str>)> {
    let mut best: Option<(f64, &Tactic, BTreeSet<&str>)> = None;
    for tactic in tactics {
        let helped: BTreeSet<&str> =
            tactic.improves.iter().map(|i| i.value.as_str()).filter(|id| open.iter().any(|k| k.id == *id)).collect();
        let lift: f64 = open.iter().filter(|k| helped.contains(k.id.as_str())).map(|k| k.lift).sum();
        if !helped.is_empty() && best.as_ref().is_none_or(|(most, ..)| lift > *most) {
            best = Some((lift, tactic, helped));
        }
    }
    best.map(|(_, tactic, helped)| (tactic, helped))
}

fn tactic_by_id<'a>(playbook: &'a Playbook, id: &str) -> Option<&'a Tactic> {
    playbook
        .tactics_at_hand()
        .find(|t| t.id == id)
        .or_else(|| playbook.stages.iter().flat_map(|s| &s.tactics).find(|t| t.id == id))
}

/// How many a tactic addresses now, and the list of them.
fn audience(findings: &Findings<'_>, tactic: &Tactic) -> (Option<u64>, Option<String>) {
    let class = |counted: &Counted, id: &str| match counted {
        Counted::Known(classes) => {
            classes.iter().find(|c| c.id == id && c.missing.is_none()).map(|c| c.members.len() as u64)
        }
        Counted::Missing(_) => None,
    };
    match &tactic.audience.value {
        Audience::All => (Some(findings.customers), None),
        Audience::Staff => (Some(findings.staff), None),
        Audience::Segment(id) => (class(findings.segments, id), Some(id.clone())),
        Audience::Churn(id) => (class(findings.churn, id), Some(id.clone())),
        Audience::Alert(id) => {
            let firing = findings.alerts.iter().find(|a| a.id == *id);
            (Some(firing.map_or(0, |a| a.members.len() as u64)), firing.map(|a| a.id.clone()))
        }
    }
}

fn action(findings: &Findings<'_>, tactic: &Tactic, causes: Vec<Cause>, lift: f64) -> Action {
    let (audience, list) = audience(findings, tactic);
    Action {
        tactic: tactic.id.clone(),
        causes,
        lift,
        audience,
        list: list.filter(|_| audience.is_some_and(|n| n > 0)),
        owner: tactic.owner.value.clone(),
        due: due(tactic.cadence, findings.period),
    }
}

/// The first day after the period on which something of this rhythm falls.
pub(super) fn due(rhythm: Rhythm, period: Period) -> Day {
    let monday = period.end;
    match rhythm {
        Rhythm::OnJoin | Rhythm::Daily(_) => monday,
        Rhythm::Once => monday.plus(6),
        Rhythm::Weekly(weekday, _) => {
            let ahead =
                (i32::try_from(weekday).unwrap_or(1) - i32::try_from(monday.weekday()).unwrap_or(1)).rem_euclid(7);
            monday.plus(ahead)
        }
        Rhythm::Monthly(day, _) => {
            let this = Period::containing(Cadence::Month, monday);
            let on = |month: Period| month.first.plus(i32::try_from(day).unwrap_or(1).min(month.days()) - 1);
            if on(this) >= monday { on(this) } else { on(this.next()) }
        }
        Rhythm::Quarterly => {
            let mut month = Period::containing(Cadence::Month, monday);
            while month.first < monday || !is_quarter_start(month) {
                month = month.next();
            }
            month.first
        }
    }
}

fn is_quarter_start(month: Period) -> bool {
    use chrono::Datelike;
    month.first.date().month0().is_multiple_of(3)
}

/// Hours count from the start of the first day after the period.
fn alert_due(period: Period, hours: u32) -> Day {
    period.end.plus(i32::try_from(hours.saturating_sub(1) / 24).unwrap_or(0))
}

/// How many of the previous period's actions are looked back on.
const REVIEWED: usize = 3;

/// What became of the KPIs for which the previous period's first actions were due.
pub(super) fn review(previous: &[Action], kpis: &[KpiResult]) -> Vec<ActionReview> {
    let mut out = Vec::new();
    for action in previous.iter().take(REVIEWED) {
        for cause in &action.causes {
            let Cause::Kpi(id) = cause else { continue };
            let change = kpis.iter().find(|k| k.id == *id).and_then(|k| k.change);
            out.push(ActionReview { tactic: action.tactic.clone(), kpi: id.clone(), change });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week() -> Period {
        Period::parse("2025-W19").unwrap_or(Period::containing(Cadence::Week, Day(0)))
    }

    #[test]
    fn deeds_are_due_after_the_period() {
        let date = |rhythm| due(rhythm, week()).to_string();
        assert_eq!(date(Rhythm::Daily(None)), "2025-05-12");
        assert_eq!(date(Rhythm::Once), "2025-05-18");
        assert_eq!(date(Rhythm::Weekly(3, Some(1200))), "2025-05-14");
        assert_eq!(date(Rhythm::Weekly(1, None)), "2025-05-12");
        assert_eq!(date(Rhythm::Monthly(1, None)), "2025-06-01");
        assert_eq!(date(Rhythm::Monthly(31, None)), "2025-05-31");
        assert_eq!(date(Rhythm::Quarterly), "2025-07-01");
    }

    #[test]
    fn an_alert_within_a_day_is_due_on_the_first_day() {
        assert_eq!(alert_due(week(), 24).to_string(), "2025-05-12");
        assert_eq!(alert_due(week(), 25).to_string(), "2025-05-13");
    }
}
