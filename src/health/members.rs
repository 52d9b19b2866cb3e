//! Judgements on members: segments, depths of churn, alerts.

use super::handles::Handles;
use super::model::{AlertResult, ClassCount, Counted, MemberRef};
use crate::calendar::Day;
use crate::measure::{Bound, Facts, Missing, View};
use crate::playbook::{Alert, Grain, Segment};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The member of a list.
pub(super) fn member_ref(facts: &Facts, member: u32) -> MemberRef {
    let id = facts.entities.person(member).and_then(|p| facts.entities.person_ids.get(p)).cloned();
    MemberRef { id: id.unwrap_or_else(|| Arc::from("")) }
}

/// The customers in the group at the end of the period.
pub(super) fn customers(view: &View<'_>) -> Vec<u32> {
    let end = view.clock().window.end;
    view.members().iter().copied().filter(|m| view.is_customer(*m) && view.is_in(*m, end)).collect()
}

/// The customers who ever joined before the end of the period.
pub(super) fn customers_ever(facts: &Facts, view: &View<'_>) -> Vec<u32> {
    let end = view.clock().window.end;
    let joined = |m: u32| facts.entities.members.time(m as usize, "joined_at").is_some_and(|t| t < end);
    view.members().iter().copied().filter(|m| view.is_customer(*m) && joined(*m)).collect()
}

/// Parts members into classes; the first condition that holds takes each.
///
/// A class whose condition has no data takes nobody and says why; if that is so of all, there is no
/// partition.
pub(super) fn partition(
    facts: &Facts,
    view: &View<'_>,
    classes: &[Segment],
    bounds: &[Option<Bound>],
    members: &[u32],
) -> Counted {
    let missing: Vec<Option<Missing>> = bounds.iter().map(|b| b.and_then(|b| view.unknown(b))).collect();
    let conditions = bounds.iter().filter(|b| b.is_some()).count();
    if conditions > 0 && missing.iter().flatten().count() == conditions {
        return missing.into_iter().flatten().next().map_or(Counted::Known(Vec::new()), Counted::Missing);
    }
    let mut taken: Vec<Vec<MemberRef>> = vec![Vec::new(); classes.len()];
    for member in members {
        let class = bounds
            .iter()
            .zip(&missing)
            .position(|(bound, missing)| missing.is_none() && bound.is_none_or(|b| view.holds_for(b, *member)));
        if let Some(list) = class.and_then(|c| taken.get_mut(c)) {
            list.push(member_ref(facts, *member));
        }
    }
    Counted::Known(
        classes
            .iter()
            .zip(taken)
            .zip(missing)
            .map(|((class, mut members), missing)| {
                members.sort();
                ClassCount { id: class.id.clone(), members, missing }
            })
            .collect(),
    )
}

/// Remembers when alerts fired, so that they keep quiet for their cool-down.
#[derive(Debug, Default)]
pub(super) struct Cooldowns {
    fired: BTreeMap<(String, Option<u32>), Day>,
    /// Alerts of the previous period.
    previous: BTreeSet<String>,
}

/// The alerts that fire in a period, and those that could not be checked.
pub(super) struct Alerts {
    pub firing: Vec<AlertResult>,
    pub unchecked: Vec<(String, Missing)>,
}

impl Cooldowns {
    /// Checks all alerts of a period; call it once a period, oldest first.
    pub fn check(&mut self, facts: &Facts, view: &View<'_>, handles: &Handles, members: &[u32]) -> Alerts {
        let clock = view.clock();
        let today = clock.zone.day(clock.window.end);
        let mut firing = Vec::new();
        let mut unchecked = Vec::new();
        for (alert, bound) in handles.playbook.alerts.iter().zip(&handles.alerts) {
            let result = if alert.grain == Grain::Member {
                match view.unknown(*bound) {
                    Some(missing) => Err(missing),
                    None => {
                        let mut hit: Vec<MemberRef> = members
                            .iter()
                            .filter(|m| view.holds_for(*bound, **m) && self.may_fire(alert, Some(**m), today))
                            .map(|m| member_ref(facts, *m))
                            .collect();
                        hit.sort();
                        Ok((!hit.is_empty()).then_some(hit))
                    }
                }
            } else {
                view.holds(*bound).map(|holds| (holds && self.may_fire(alert, None, today)).then(Vec::new))
            };
            match result {
                Err(missing) => unchecked.push((alert.id.clone(), missing)),
                Ok(None) => {}
                Ok(Some(members)) => firing.push(AlertResult {
                    id: alert.id.clone(),
                    severity: alert.severity,
                    members,
                    new: !self.previous.contains(&alert.id),
                }),
            }
        }
        self.previous = firing.iter().map(|a| a.id.clone()).collect();
        // A stable sort keeps the playbook's order within one urgency.
        firing.sort_by_key(|a| std::cmp::Reverse(a.severity));
        Alerts { firing, unchecked }
    }

    fn may_fire(&mut self, alert: &Alert, member: Option<u32>, today: Day) -> bool {
        let key = (alert.id.clone(), member);
        let quiet = self.fired.get(&key).is_some_and(|last| last.plus(alert.cooldown_days) > today);
        if !quiet {
            self.fired.insert(key, today);
        }
        !quiet
    }
}
