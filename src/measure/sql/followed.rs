//! Playbooks as groups follow them: what each asks for in a stage, bound to a plan.

use super::super::plan::{Bound, BreakdownId, Home, Plan, ReadId};
use crate::expr::Window;
use crate::playbook::{Alert, Grain, KpiForm, Playbook, Segment, Stage};
use crate::schema::Table;

/// A playbook in a stage, with all that it judges by bound to a plan.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Id of the playbook that groups name.
    pub playbook: String,
    /// The one group to which overrides of its own apply.
    pub group: Option<String>,
    /// Stage in which groups are judged so; `None` without one.
    pub stage: Option<String>,
    pub(super) stages: Vec<Entry>,
    pub(super) kpis: Vec<Kpi>,
    pub(super) segments: Vec<Class>,
    pub(super) churn: Vec<Class>,
    pub(super) alerts: Vec<Watch>,
    pub(super) funnels: Vec<Steps>,
    pub(super) rankings: Vec<Top>,
    pub(super) breakdowns: Vec<Split>,
}

/// A stage, and how a group comes into it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub id: String,
    /// What the data may call it, in lower case.
    pub names: Vec<String>,
    pub when: Option<Bound>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kpi {
    pub id: String,
    /// Numerator or value.
    pub value: Bound,
    /// Denominator of a ratio.
    pub denominator: Option<Bound>,
}

/// A class of a partition of members.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Class {
    pub id: String,
    /// Who belongs; `None` for the rest.
    pub when: Option<Bound>,
}

/// An alert.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Watch {
    pub id: String,
    /// Of the group, or of its members.
    pub grain: Grain,
    pub when: Bound,
    pub cooldown_days: i32,
}

/// A funnel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Steps {
    pub id: String,
    /// Measures by id.
    pub steps: Vec<(String, ReadId)>,
    pub within_days: i32,
    pub weak_below: f64,
}

/// A ranking.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Top {
    pub id: String,
    pub grain: Grain,
    pub by: ReadId,
    pub top: usize,
}

/// A breakdown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Split {
    pub id: String,
    pub of: BreakdownId,
}

impl Plan {
    /// Plans everything that a playbook asks for. `group` is the one to which overrides apply.
    pub fn ask_all(&mut self, playbook: &Playbook, group: Option<&str>) -> Followed {
        let kpis = playbook.kpis.iter().map(|kpi| {
            let (value, denominator) = match &kpi.form {
                KpiForm::Ratio(n, d) => {
                    (self.bind(playbook, n, Home::Group), Some(self.bind(playbook, d, Home::Group)))
                }
                KpiForm::Value(f) | KpiForm::Mean(f) => (self.bind(playbook, f, Home::Group), None),
            };
            Kpi { id: kpi.id.clone(), value, denominator }
        });
        let kpis = kpis.collect();
        let segments = playbook.segments.iter().map(|s| self.class(playbook, s)).collect();
        let churn = playbook.churn.iter().map(|s| self.class(playbook, s)).collect();
        let alerts = playbook.alerts.iter().map(|a| self.watch(playbook, a)).collect();
        let stages = playbook.stages.iter().map(|s| self.entry(playbook, s)).collect();
        for id in playbook.measures.keys() {
            let _ = self.read(playbook, id, Grain::Group, Window::Period);
        }
        let funnels = playbook.funnels.iter().map(|f| {
            let steps = f.steps.iter().filter_map(|s| Some((s.measure.clone(), self.step(playbook, &s.measure)?)));
            let steps = steps.collect();
            Steps { id: f.id.clone(), steps, within_days: f.within_days, weak_below: f.weak_below.value }
        });
        let funnels = funnels.collect();
        let rankings = playbook.rankings.iter().filter_map(|r| {
            let by = self.read(playbook, &r.by.value, r.grain, Window::Period)?;
            Some(Top { id: r.id.clone(), grain: r.grain, by, top: r.top })
        });
        let rankings = rankings.collect();
        let breakdowns = playbook.breakdowns.iter();
        let breakdowns =
            breakdowns.filter_map(|b| Some(Split { id: b.id.clone(), of: self.breakdown(playbook, b)? })).collect();
        Followed {
            playbook: playbook.id.clone(),
            group: group.map(str::to_owned),
            stage: playbook.stage.clone(),
            stages,
            kpis,
            segments,
            churn,
            alerts,
            funnels,
            rankings,
            breakdowns,
        }
    }

    fn class(&mut self, playbook: &Playbook, class: &Segment) -> Class {
        let when = class.when.as_ref().map(|when| self.bind(playbook, when, Home::Row(Table::Members)));
        Class { id: class.id.clone(), when }
    }

    fn watch(&mut self, playbook: &Playbook, alert: &Alert) -> Watch {
        let home = if alert.grain == Grain::Member { Home::Row(Table::Members) } else { Home::Group };
        let when = self.bind(playbook, &alert.when, home);
        Watch { id: alert.id.clone(), grain: alert.grain, when, cooldown_days: alert.cooldown_days }
    }

    fn entry(&mut self, playbook: &Playbook, stage: &Stage) -> Entry {
        let texts = stage.name.translations.values().chain(&stage.aliases);
        let names = [&stage.id, &stage.name.original].into_iter().chain(texts);
        let mut names: Vec<String> = names.map(|n| n.trim().to_lowercase()).collect();
        names.sort();
        names.dedup();
        let when = stage.enter_when.as_ref().map(|when| self.bind(playbook, when, Home::Group));
        Entry { id: stage.id.clone(), names, when }
    }
}

/// Everything that differs among playbooks, once, with the numbers of those that have it.
pub(super) fn shared<'f, T: PartialEq>(
    followed: &'f [Followed],
    own: impl Fn(&'f Followed) -> &'f [T],
) -> Vec<(&'f T, Vec<usize>)> {
    let mut found: Vec<(&T, Vec<usize>)> = Vec::new();
    for (number, playbook) in followed.iter().enumerate() {
        for one in own(playbook) {
            match found.iter_mut().find(|(known, _)| *known == one) {
                Some((_, by)) => by.push(number),
                None => found.push((one, vec![number])),
            }
        }
    }
    found
}
