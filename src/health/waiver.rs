//! Which findings of a group are waived.

use super::model::{GroupHealth, Status};
use crate::calendar::Day;
use crate::playbook::{Waived, Waiver};

/// A waiver of a group and what it does.
#[derive(Debug, Clone, Copy)]
pub struct WaiverState<'a> {
    /// The waiver.
    pub waiver: &'a Waiver,
    /// Whether its last day has passed, so that it holds nothing back.
    pub expired: bool,
    /// Whether there is anything to hold back: its KPI is critical, or its alert fires.
    pub found: bool,
}

impl WaiverState<'_> {
    /// Whether it holds a finding back.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.found && !self.expired
    }
}

/// The waivers that are for a group, in the playbook's order. The day is that of the as-of moment, never today.
#[must_use]
pub fn waivers(group: &GroupHealth, as_of: Day) -> Vec<WaiverState<'_>> {
    let Some(health) = group.latest() else { return Vec::new() };
    let own = group.playbook.waivers.iter().filter(|w| w.is_for(&group.info.id));
    own.map(|waiver| WaiverState {
        waiver,
        expired: waiver.is_expired(as_of),
        found: match &waiver.of {
            Waived::Kpi(id) => health.kpis.iter().any(|k| k.id == id.value && k.status == Some(Status::Critical)),
            Waived::Alert(id) => health.alerts.iter().any(|a| a.id == id.value),
        },
    })
    .collect()
}
