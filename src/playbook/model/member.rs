//! What is told of members: funnels, segments, alerts, top lists, breakdowns.

use super::measure::Grain;
use super::text::{Provenance, Sourced, Text};
use crate::diagnostic::Span;
use crate::playbook::formula::Formula;
use std::collections::BTreeMap;

/// Distinct members by ordered steps.
#[derive(Debug, Clone)]
pub struct Funnel {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Measures, each read at member grain.
    pub steps: Vec<FunnelStep>,
    /// A step's rate below this is weak (strictly).
    pub weak_below: Sourced<f64>,
    /// Each step must follow the one before within so many local days.
    pub within_days: i32,
    /// Source.
    pub provenance: Provenance,
}

/// One step of a funnel.
#[derive(Debug, Clone)]
pub struct FunnelStep {
    /// Measure id.
    pub measure: String,
    /// Shown name.
    pub name: Text,
    /// Place of the reference.
    pub span: Span,
}

/// A class of a partition of members; first match wins.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Who belongs; `None` for the rest.
    pub when: Option<Formula>,
    /// The tactic for its members.
    pub tactic: Option<Sourced<String>>,
    /// What it means.
    pub body: Option<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Worth a look.
    Low,
    /// This week.
    Medium,
    /// Now.
    High,
}

/// A condition that calls for a response.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// [`Grain::Group`] or [`Grain::Member`].
    pub grain: Grain,
    /// Urgency.
    pub severity: Urgency,
    /// Condition.
    pub when: Formula,
    /// Tactic to apply.
    pub action: Sourced<String>,
    /// Role that answers; the tactic's owner where absent.
    pub owner: Option<String>,
    /// Hours within which to answer.
    pub within_hours: u32,
    /// Days during which it does not fire again for the same member or group.
    pub cooldown_days: i32,
    /// What it means.
    pub body: Option<Text>,
    /// Source.
    pub provenance: Provenance,
    /// Where it is declared.
    pub span: Span,
}

/// Top lists.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// What is ranked.
    pub grain: Grain,
    /// Measure, read at that grain over the window.
    pub by: Sourced<String>,
    /// How many.
    pub top: usize,
    /// Source.
    pub provenance: Provenance,
}

/// A measure split by a text column: content mix, reasons of leaving.
#[derive(Debug, Clone)]
pub struct Breakdown {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// A `count` or `sum` measure.
    pub measure: Sourced<String>,
    /// The text to split by, on the measure's rows.
    pub by: Formula,
    /// Names of the values; a value without one is shown as it is.
    pub labels: BTreeMap<String, Text>,
    /// Source.
    pub provenance: Provenance,
}
