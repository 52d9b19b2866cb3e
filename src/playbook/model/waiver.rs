//! What a consultant has decided to put up with, for a while.

use super::text::{Sourced, Text};
use crate::calendar::Day;
use crate::diagnostic::Span;

/// What a waiver holds back.
#[derive(Debug, Clone, PartialEq)]
pub enum Waived {
    /// A critical KPI.
    Kpi(Sourced<String>),
    /// An alert that fires.
    Alert(Sourced<String>),
}

impl Waived {
    /// Id of the KPI or alert.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Kpi(id) | Self::Alert(id) => &id.value,
        }
    }
}

/// A finding that fails no gate until a day, with the reason and whose decision it is.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Id.
    pub id: String,
    /// What it holds back.
    pub of: Waived,
    /// The groups it is for; empty: every group of the playbook.
    pub groups: Vec<Sourced<String>>,
    /// Why.
    pub reason: Text,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub expires: Sourced<Day>,
    /// Where it is declared.
    pub span: Span,
}

impl Waiver {
    /// Whether it is for a group.
    #[must_use]
    pub fn is_for(&self, group: &str) -> bool {
        self.groups.is_empty() || self.groups.iter().any(|g| g.value == group)
    }

    /// Whether it holds no more on a day.
    #[must_use]
    pub fn is_expired(&self, today: Day) -> bool {
        today > self.expires.value
    }
}
