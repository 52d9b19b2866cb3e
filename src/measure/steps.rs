//! On which days members took a step of a funnel.

use super::accumulate::Accumulator;
use super::cuts::Span;
use crate::calendar::Day;

/// The days of one step in one period.
#[derive(Debug)]
pub struct Steps<'f> {
    rows: &'f Accumulator,
    span: Span,
}

impl<'f> Steps<'f> {
    pub(super) fn new(rows: &'f Accumulator, span: Span) -> Self {
        Self { rows, span }
    }

    /// The local days on which a member took it, ascending.
    #[must_use]
    pub fn of(&self, member: u32) -> Vec<Day> {
        self.rows.days(member, &self.span)
    }
}
