//! Who turns rows into facts.

use super::facts::Facts;
use super::plan::Plan;
use super::run::{self, Request};
use crate::diagnostic::Findings;

/// Measures a plan over a drop. Every engine finds the same facts: those of the one built in, which
/// [`sql`](super::sql) writes out for others.
pub trait Engine {
    /// Reads the drop and measures what the plan asks for.
    ///
    /// # Errors
    /// Everything that makes the result worthless: unreadable files, conflicts, too many bad rows.
    fn measure(&self, plan: Plan, request: Request<'_>) -> Result<(Facts, Findings), Findings>;
}

/// The engine built in: one pass over the files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fold;

impl Engine for Fold {
    fn measure(&self, plan: Plan, request: Request<'_>) -> Result<(Facts, Findings), Findings> {
        run::measure(plan, request)
    }
}

/// Measures with the engine built in.
///
/// # Errors
/// As [`Engine::measure`].
pub fn measure(plan: Plan, request: Request<'_>) -> Result<(Facts, Findings), Findings> {
    Fold.measure(plan, request)
}
