//! Deeds and the stages of life in which they are at hand.

use super::text::{Provenance, Sourced, Text};
use crate::diagnostic::Span;
use crate::playbook::formula::Formula;

/// When a tactic is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// Once, within the week.
    Once,
    /// Whenever somebody joins.
    OnJoin,
    /// Every day, at a time if given (minutes from midnight).
    Daily(Option<u32>),
    /// On a weekday (Monday 1).
    Weekly(u32, Option<u32>),
    /// On a day of the month.
    Monthly(u32, Option<u32>),
    /// On the first day of a quarter.
    Quarterly,
}

/// Whom a tactic addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Every member.
    All,
    /// The staff of the group.
    Staff,
    /// A segment.
    Segment(String),
    /// A churn depth.
    Churn(String),
    /// Those for whom an alert fires.
    Alert(String),
}

/// A quoted case or study beside a tactic.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The quotation.
    pub text: Text,
    /// Source.
    pub provenance: Provenance,
}

/// What to do.
#[derive(Debug, Clone)]
pub struct Tactic {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// KPIs it improves.
    pub improves: Vec<Sourced<String>>,
    /// Whom it addresses.
    pub audience: Sourced<Audience>,
    /// Role that does it.
    pub owner: Sourced<String>,
    /// When.
    pub cadence: Rhythm,
    /// Effort in person-minutes each time.
    pub effort_minutes: Option<u32>,
    /// What it should bring.
    pub effect: Option<Text>,
    /// Why one may believe it.
    pub evidence: Vec<Evidence>,
    /// When not to use it.
    pub avoid: Option<Text>,
    /// A message ready to send; a template.
    pub message: Option<Text>,
    /// How to do it; Markdown, a template.
    pub body: Text,
    /// Source.
    pub provenance: Provenance,
    /// Where it is declared.
    pub span: Span,
}

/// A stage of the lifecycle.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Other names under which the data may call it.
    pub aliases: Vec<String>,
    /// Goal.
    pub goal: Text,
    /// When a group is in it; the last stage whose condition holds wins.
    pub enter_when: Option<Formula>,
    /// When it is over, for people.
    pub exit: Option<Text>,
    /// What to stop doing.
    pub stop: Vec<Text>,
    /// Its tactics.
    pub tactics: Vec<Tactic>,
    /// Source.
    pub provenance: Provenance,
}
