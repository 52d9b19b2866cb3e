//! A resolved playbook: what the consultant decided for one group in one stage, valid and typed.
//!
//! Every value that can change a number keeps the [`Span`](crate::diagnostic::Span) that set it, so that a report can name
//! the file and line of each threshold.

mod kpi;
mod manual;
mod measure;
mod member;
mod tactic;
mod text;
mod waiver;

pub use kpi::*;
pub use manual::*;
pub use measure::*;
pub use member::*;
pub use tactic::*;
pub use text::*;
pub use waiver::*;

use crate::schema::{ColumnType, Table};
use std::collections::BTreeMap;

/// Everything decided for one group in one stage.
#[derive(Debug, Clone)]
pub struct Playbook {
    /// Id of the playbook named by the group.
    pub id: String,
    /// From the root to itself.
    pub chain: Vec<String>,
    /// Name.
    pub name: Text,
    /// One paragraph.
    pub summary: Option<Text>,
    /// The stage whose overrides are applied, if one was asked for.
    pub stage: Option<String>,
    /// Extra columns with their types, by table.
    pub attributes: BTreeMap<Table, BTreeMap<String, ColumnType>>,
    /// Measures by id.
    pub measures: BTreeMap<String, Measure>,
    /// KPIs in the order of the files.
    pub kpis: Vec<Kpi>,
    /// Boards in order.
    pub boards: Vec<Board>,
    /// Principles in order.
    pub principles: Vec<Principle>,
    /// Funnels.
    pub funnels: Vec<Funnel>,
    /// The partition of members in the group.
    pub segments: Vec<Segment>,
    /// The partition of members by depth of churn, those who left included.
    pub churn: Vec<Segment>,
    /// Alerts.
    pub alerts: Vec<Alert>,
    /// Top lists.
    pub rankings: Vec<Ranking>,
    /// Breakdowns.
    pub breakdowns: Vec<Breakdown>,
    /// Tactics of every stage.
    pub tactics: Vec<Tactic>,
    /// Stages in order of life.
    pub stages: Vec<Stage>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Positioning.
    pub positioning: Positioning,
    /// Group rules.
    pub rules: Vec<Passage>,
    /// Artefacts ready to copy.
    pub artefacts: Vec<Passage>,
    /// Tiers.
    pub tiers: Vec<Tier>,
    /// Task ladder.
    pub tasks: Vec<Task>,
    /// Checklists.
    pub sops: Vec<Sop>,
    /// Calendar.
    pub calendar: Calendar,
    /// Selection.
    pub selection: Selection,
    /// Review rhythm.
    pub pdca: Pdca,
    /// Scoring.
    pub scoring: Scoring,
    /// Findings that fail no gate until a day.
    pub waivers: Vec<Waiver>,
}

impl Playbook {
    /// A KPI by id.
    #[must_use]
    pub fn kpi(&self, id: &str) -> Option<&Kpi> {
        self.kpis.iter().find(|k| k.id == id)
    }

    /// The stage whose overrides are applied.
    #[must_use]
    pub fn current_stage(&self) -> Option<&Stage> {
        let id = self.stage.as_deref()?;
        self.stages.iter().find(|s| s.id == id)
    }

    /// Whether a text stands in the playbook that all others build on, as it does where no type, brand,
    /// stage or group has said it in another way.
    #[must_use]
    pub fn is_common(&self, text: &Text) -> bool {
        let Some(root) = self.chain.first().filter(|_| self.chain.len() > 1) else { return false };
        let path = text.span.source.name.as_str();
        path.split('/').any(|part| part == root || part.strip_suffix(".toml") == Some(root))
    }

    /// The tactics at hand: those of the current stage first, then those of every stage.
    pub fn tactics_at_hand(&self) -> impl Iterator<Item = &Tactic> {
        let own = self.current_stage().map_or(&[][..], |s| s.tactics.as_slice());
        own.iter().chain(self.tactics.iter().filter(move |t| own.iter().all(|o| o.id != t.id)))
    }
}
