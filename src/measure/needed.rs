//! What must be known so that something can be said.

use super::plan::{MeasureId, PlannedRead};
use crate::playbook::Grain;

/// A measure that must be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Needed {
    pub measure: MeasureId,
    /// Whether of the group as a whole, for which daily totals may stand in, or of its members, posts, products.
    pub whole: bool,
}

impl Needed {
    /// The same of another measure.
    pub fn of(self, measure: MeasureId) -> Self {
        Self { measure, ..self }
    }
}

impl PlannedRead {
    /// What must be known for it.
    pub fn needed(&self) -> Needed {
        Needed { measure: self.measure, whole: self.grain == Grain::Group }
    }
}
