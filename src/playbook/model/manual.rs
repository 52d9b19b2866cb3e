//! The further parts of the operating manual.

use super::tactic::Rhythm;
use super::text::{Provenance, Sourced, Text};
use std::collections::BTreeMap;

/// A titled piece of the manual.
#[derive(Debug, Clone)]
pub struct Passage {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Markdown, a template.
    pub body: Text,
    /// Role concerned, where there is one.
    pub owner: Option<String>,
    /// Source.
    pub provenance: Provenance,
}

/// A member tier with its rights.
#[derive(Debug, Clone)]
pub struct Tier {
    /// Id; the value of `members.tier`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// How one gets there.
    pub requirement: Text,
    /// Rights.
    pub rights: Vec<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// A task of the ladder.
#[derive(Debug, Clone)]
pub struct Task {
    /// Id; the value of `events.ref`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// `newcomer`, `growth` or `advanced`.
    pub level: String,
    /// What to do.
    pub body: Text,
    /// What one gets.
    pub reward: Option<Text>,
    /// Target completion, 0..=1.
    pub target: Option<Sourced<f64>>,
    /// Source.
    pub provenance: Provenance,
}

/// A checklist of a role.
#[derive(Debug, Clone)]
pub struct Sop {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// When.
    pub cadence: Rhythm,
    /// Role.
    pub owner: String,
    /// Steps.
    pub steps: Vec<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// Positioning of a group type.
#[derive(Debug, Clone, Default)]
pub struct Positioning {
    /// For whom.
    pub who: Option<Text>,
    /// Their need.
    pub need: Option<Text>,
    /// The peak experience.
    pub peak: Option<Text>,
    /// The value proposition.
    pub value: Option<Text>,
    /// Who is not wanted.
    pub not_for: Option<Text>,
    /// Questions on entry.
    pub questionnaire: Vec<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// One recurring item of the content calendar.
#[derive(Debug, Clone)]
pub struct CalendarItem {
    /// Id.
    pub id: String,
    /// Title; a template.
    pub title: Text,
    /// When.
    pub cadence: Rhythm,
    /// `knowledge`, `emotion` or `conversion`.
    pub core: String,
    /// `posts.kind` it will be sent as.
    pub kind: String,
    /// Role.
    pub owner: String,
    /// How to do it.
    pub body: Option<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// The content calendar.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    /// Target share of useful items, 0..=1.
    pub useful_share: Option<Sourced<f64>>,
    /// Most promotional items a week.
    pub promo_per_week: Option<Sourced<u32>>,
    /// Days without items (`2025-05-01`), with a name.
    pub holidays: BTreeMap<String, Text>,
    /// Items.
    pub items: Vec<CalendarItem>,
    /// Source.
    pub provenance: Provenance,
}

/// One cell of the product-selection matrix.
#[derive(Debug, Clone)]
pub struct SelectionCell {
    /// Id.
    pub id: String,
    /// Objective.
    pub objective: Text,
    /// `products.role`.
    pub role: String,
    /// Mechanic.
    pub mechanic: Text,
    /// How to do it.
    pub body: Option<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// Product selection.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Weekdays on which the assortment changes (Monday 1).
    pub refresh: Vec<u32>,
    /// Time slots (`12:00`).
    pub slots: Vec<String>,
    /// Target share of each product role.
    pub mix: BTreeMap<String, f64>,
    /// Matrix.
    pub cells: Vec<SelectionCell>,
    /// Source.
    pub provenance: Provenance,
}

/// The review rhythm.
#[derive(Debug, Clone, Default)]
pub struct Pdca {
    /// Monthly.
    pub plan: Vec<Text>,
    /// Always.
    pub act_do: Vec<Text>,
    /// Weekly.
    pub check: Vec<Text>,
    /// Quarterly.
    pub act: Vec<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// A role that acts.
#[derive(Debug, Clone)]
pub struct Role {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Duties.
    pub body: Option<Text>,
    /// Source.
    pub provenance: Provenance,
}
