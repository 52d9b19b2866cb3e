//! Members by class, and alerts: who is to be looked after.

use super::reporter::{Reporter, tactic};
use super::visible::clean;
use crate::health::{ClassCount, Counted, PeriodHealth};
use crate::playbook::{Playbook, Segment, Urgency};
use serde::{Deserialize, Serialize};

/// A partition of members.
#[derive(Debug, Clone, Serialize)]
pub struct PartitionView {
    /// All members in it.
    pub total: String,
    /// Its classes in the playbook's order.
    pub classes: Vec<ClassView>,
    /// Why there is none.
    pub reason: Option<String>,
    /// All classes in one bar.
    pub stack: Stack,
}

/// The parts of a whole, for a bar.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stack {
    /// In the order of the classes.
    pub parts: Vec<f64>,
    /// What it shows.
    pub title: String,
    /// The same in words.
    pub label: String,
}

/// One class of a partition.
#[derive(Debug, Clone, Serialize)]
pub struct ClassView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it means.
    pub body: Option<String>,
    /// Number of members, or a dash.
    pub count: String,
    /// Why nobody can be told to belong.
    pub reason: Option<String>,
    /// Share of all.
    pub share: String,
    /// Against the previous period.
    pub change: String,
    /// The list of its members.
    pub list: Option<String>,
    /// Title of the tactic for them.
    pub tactic: Option<String>,
}

/// An alert that fires.
#[derive(Debug, Clone, Serialize)]
pub struct AlertView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `high`, `medium` or `low`.
    pub severity: String,
    /// The urgency as a word.
    pub severity_text: String,
    /// What it means.
    pub body: Option<String>,
    /// For how many; empty for an alert on the group.
    pub count: String,
    /// The list of them.
    pub list: Option<String>,
    /// Whether it is new since the previous period.
    pub new: bool,
    /// Title of the tactic.
    pub tactic: Option<String>,
    /// Who answers.
    pub owner: String,
    /// Within how long.
    pub within: String,
}

impl Reporter<'_> {
    pub(super) fn partition(
        &self,
        playbook: &Playbook,
        (names, title): (&[Segment], &str),
        (now, before): (&Counted, Option<&Counted>),
        lists: Option<&str>,
    ) -> PartitionView {
        let w = self.wording;
        let classes = match now {
            Counted::Known(classes) => classes,
            Counted::Missing(why) => {
                return PartitionView {
                    total: String::new(),
                    classes: Vec::new(),
                    reason: Some(self.missing(why)),
                    stack: Stack::default(),
                };
            }
        };
        let total: usize = classes.iter().map(|c| c.members.len()).sum();
        let views: Vec<ClassView> = classes
            .iter()
            .map(|class| {
                let segment = names.iter().find(|s| s.id == class.id);
                let n = class.members.len();
                ClassView {
                    id: class.id.clone(),
                    name: segment.map_or_else(|| clean(&class.id), |s| self.text(&s.name)),
                    body: segment.and_then(|s| self.maybe(s.body.as_ref())),
                    count: if class.missing.is_some() { "–".to_owned() } else { w.count(n as u64) },
                    reason: class.missing.as_ref().map(|m| self.missing(m)),
                    share: if class.missing.is_some() {
                        String::new()
                    } else if total > 0 {
                        w.percent(n as f64 / total as f64)
                    } else {
                        "–".to_owned()
                    },
                    change: before
                        .and_then(|b| count_of(b, &class.id))
                        .filter(|old| *old != n)
                        .map(|old| w.signed(n as f64 - old as f64, 0))
                        .unwrap_or_default(),
                    list: lists.filter(|_| n > 0).map(|base| format!("{base}{}.csv", class.id)),
                    tactic: segment
                        .and_then(|s| s.tactic.as_ref())
                        .and_then(|t| tactic(playbook, &t.value))
                        .map(|t| self.text(&t.title)),
                }
            })
            .collect();
        let words: Vec<String> = views.iter().map(|c| format!("{} {}", c.name, c.count)).collect();
        let stack = Stack {
            parts: classes.iter().map(|c| c.members.len() as f64).collect(),
            title: title.to_owned(),
            label: words.join(&w.get("list_comma")),
        };
        PartitionView { total: w.count(total as u64), classes: views, reason: None, stack }
    }

    pub(super) fn alerts(&self, playbook: &Playbook, health: &PeriodHealth, lists: Option<&str>) -> Vec<AlertView> {
        let w = self.wording;
        health
            .alerts
            .iter()
            .filter_map(|result| {
                let alert = playbook.alerts.iter().find(|a| a.id == result.id)?;
                let tactic = tactic(playbook, &alert.action.value);
                let owner = alert.owner.as_deref().or(tactic.map(|t| t.owner.value.as_str()));
                let severity = urgency(result.severity);
                let n = result.members.len();
                Some(AlertView {
                    id: alert.id.clone(),
                    name: self.text(&alert.name),
                    severity: severity.to_owned(),
                    severity_text: w.get(&format!("urgency_{severity}")),
                    body: self.maybe(alert.body.as_ref()),
                    count: if n > 0 { w.plural("persons", &[("n", n as u64)], &[]) } else { String::new() },
                    list: lists.filter(|_| n > 0).map(|base| format!("{base}{}.csv", alert.id)),
                    new: result.new,
                    tactic: tactic.map(|t| self.text(&t.title)),
                    owner: owner.map(|o| self.role(playbook, o)).unwrap_or_default(),
                    within: self.within(alert.within_hours),
                })
            })
            .collect()
    }
}

/// The word of an urgency in classes and JSON.
pub(super) fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::High => "high",
        Urgency::Medium => "medium",
        Urgency::Low => "low",
    }
}

fn count_of(counted: &Counted, id: &str) -> Option<usize> {
    match counted {
        Counted::Known(classes) => classes.iter().find(|c: &&ClassCount| c.id == id).map(|c| c.members.len()),
        Counted::Missing(_) => None,
    }
}
