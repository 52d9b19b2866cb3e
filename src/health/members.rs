//! Judgements on members: segments, depths of churn, alerts.

use super::handles::Handles;
use super::model::{AlertResult, ClassCount, Counted, MemberRef};
use crate::calendar::Day;
use crate::expr::Bits;
use crate::measure::{Bound, Facts, Missing, View};
use crate::playbook::{Alert, Grain, Segment};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The member of a list.
pub(super) fn member_ref(facts: &Facts, member: u32) -> MemberRef {
    let id = facts.entities.person(member).and_then(|p| facts.entities.person_ids.get(p)).map(std::sync::Arc::from);
    MemberRef { id: id.unwrap_or_else(|| Arc::from("")) }
}

/// The members of a group in the order in which lists show them.
#[derive(Debug)]
pub(super) struct Roster {
    /// By position among the group's members.
    refs: Vec<MemberRef>,
    /// Positions by member id.
    order: Vec<usize>,
}

impl Roster {
    /// The roster of a group.
    pub fn new(facts: &Facts, view: &View<'_>) -> Self {
        let refs: Vec<MemberRef> = view.members().iter().map(|m| member_ref(facts, *m)).collect();
        let mut order: Vec<usize> = (0..refs.len()).collect();
        order.sort_by(|a, b| refs.get(*a).cmp(&refs.get(*b)));
        Self { refs, order }
    }

    /// Those of a set.
    fn list(&self, set: &Bits) -> Vec<MemberRef> {
        if set.is_empty() {
            return Vec::new();
        }
        self.order.iter().filter(|at| set.has(**at)).filter_map(|at| self.refs.get(*at).cloned()).collect()
    }
}

/// The customers in the group at the end of the period.
pub(super) fn customers(view: &View<'_>) -> Bits {
    view.customers().and(&view.those_in(view.clock().window.end))
}

/// The customers who ever joined before the end of the period.
pub(super) fn customers_ever(view: &View<'_>) -> Bits {
    view.customers().and(&view.those_joined(view.clock().window.end))
}

/// Parts members into classes; the first condition that holds takes each.
///
/// A class whose condition has no data takes nobody and says why; if that is so of all, there is no
/// partition.
pub(super) fn partition(
    roster: &Roster,
    view: &View<'_>,
    classes: &[Segment],
    bounds: &[Option<Bound>],
    members: &Bits,
) -> Counted {
    let missing: Vec<Option<Missing>> = bounds.iter().map(|b| b.and_then(|b| view.unknown(b))).collect();
    let conditions = bounds.iter().filter(|b| b.is_some()).count();
    if conditions > 0 && missing.iter().flatten().count() == conditions {
        return missing.into_iter().flatten().next().map_or(Counted::Known(Vec::new()), Counted::Missing);
    }
    let mut rest = members.clone();
    let mut counts = Vec::with_capacity(classes.len());
    for ((class, bound), missing) in classes.iter().zip(bounds).zip(missing) {
        let taken = match (&missing, bound) {
            (Some(_), _) => Bits::none(rest.len()),
            (None, None) => rest.clone(),
            (None, Some(bound)) => view.those_who(*bound).and(&rest),
        };
        counts.push(ClassCount { id: class.id.clone(), members: roster.list(&taken), missing });
        rest = rest.without(&taken);
    }
    Counted::Known(counts)
}

/// Remembers when alerts fired, so that they keep quiet for their cool-down.
#[derive(Debug, Default)]
pub(super) struct Cooldowns {
    /// By place among the playbook's alerts, and position of the member.
    fired: FxHashMap<(usize, Option<usize>), Day>,
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
    pub fn check(&mut self, roster: &Roster, view: &View<'_>, handles: &Handles, members: &Bits) -> Alerts {
        let clock = view.clock();
        let today = clock.zone.day(clock.window.end);
        let mut firing = Vec::new();
        let mut unchecked = Vec::new();
        for (at, (alert, bound)) in handles.playbook.alerts.iter().zip(&handles.alerts).enumerate() {
            let result = if alert.grain == Grain::Member {
                match view.unknown(*bound) {
                    Some(missing) => Err(missing),
                    None => {
                        let mut hit = Bits::none(members.len());
                        for member in view.those_who(*bound).and(members).positions() {
                            if self.may_fire((at, Some(member)), alert, today) {
                                hit.add(member);
                            }
                        }
                        Ok((!hit.is_empty()).then(|| roster.list(&hit)))
                    }
                }
            } else {
                view.holds(*bound).map(|holds| (holds && self.may_fire((at, None), alert, today)).then(Vec::new))
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

    fn may_fire(&mut self, key: (usize, Option<usize>), alert: &Alert, today: Day) -> bool {
        let quiet = self.fired.get(&key).is_some_and(|last| last.plus(alert.cooldown_days) > today);
        if !quiet {
            self.fired.insert(key, today);
        }
        !quiet
    }
}
