//! What the playbook puts up with, as it stands beside the score.

use super::reporter::Reporter;
use super::visible::clean;
use crate::health::{GroupHealth, WaiverState, waivers};
use crate::playbook::Waived;
use serde::Serialize;
use serde_json::{Value, json};

/// The state of a waiver that holds something back.
pub(super) const HOLDS: &str = "holds";

/// A waiver of a group.
#[derive(Debug, Clone, Serialize)]
pub struct WaiverView {
    /// Id.
    pub id: String,
    /// Name of the KPI or alert.
    pub what: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day on which it holds, ISO.
    pub expires: String,
    /// `holds`, `idle` (nothing to hold back) or `expired`.
    pub state: String,
    /// The state as a word.
    pub state_text: String,
}

impl Reporter<'_> {
    /// The waivers that are for a group.
    pub(super) fn waivers(&self, group: &GroupHealth) -> Vec<WaiverView> {
        let w = self.wording;
        self.waiver_states(group)
            .into_iter()
            .map(|s| {
                let playbook = &*group.playbook;
                let what = match &s.waiver.of {
                    Waived::Kpi(id) => self.kpi_name(playbook, &id.value),
                    Waived::Alert(id) => playbook
                        .alerts
                        .iter()
                        .find(|a| a.id == id.value)
                        .map_or_else(|| clean(&id.value), |a| self.text(&a.name)),
                };
                let role = playbook.roles.iter().find(|r| r.id == s.waiver.owner);
                let (state, word) = state(&s);
                WaiverView {
                    id: s.waiver.id.clone(),
                    what,
                    reason: self.text(&s.waiver.reason),
                    owner: role.map_or_else(|| clean(&s.waiver.owner), |r| self.text(&r.name)),
                    expires: s.waiver.expires.value.to_string(),
                    state: state.to_owned(),
                    state_text: w.get(word),
                }
            })
            .collect()
    }

    /// The same for programs.
    pub(super) fn waivers_json(&self, group: &GroupHealth) -> Vec<Value> {
        self.waiver_states(group)
            .into_iter()
            .map(|s| {
                let (kpi, alert) = match &s.waiver.of {
                    Waived::Kpi(id) => (Some(&id.value), None),
                    Waived::Alert(id) => (None, Some(&id.value)),
                };
                json!({
                    "id": s.waiver.id, "kpi": kpi, "alert": alert, "reason": self.text(&s.waiver.reason),
                    "owner": clean(&s.waiver.owner), "expires": s.waiver.expires.value.to_string(), "state": state(&s).0,
                })
            })
            .collect()
    }

    fn waiver_states<'g>(&self, group: &'g GroupHealth) -> Vec<WaiverState<'g>> {
        waivers(group, self.zone.day(self.assessment.as_of))
    }
}

/// The state and the key of its word.
fn state(s: &WaiverState<'_>) -> (&'static str, &'static str) {
    match (s.expired, s.found) {
        (true, _) => ("expired", "waiver_expired"),
        (false, true) => (HOLDS, "waiver_holds"),
        (false, false) => ("idle", "waiver_idle"),
    }
}
