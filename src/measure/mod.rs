//! Rows → facts: the measures of all playbooks, planned once and folded in one pass.
//!
//! [`Plan`] collects what is asked for, [`measure`] reads every file once and folds it, and a
//! [`View`] of a group in a period answers. Numbers that nobody can know are [`Missing`], never zero.

mod accumulate;
mod answer;
mod cuts;
mod entity;
mod fact;
mod facts;
mod fold;
mod hash;
mod load;
mod number;
mod plan;
mod row;
mod run;

pub use accumulate::median;
pub use entity::{Entities, HeldTable, Texts};
pub use fact::{Fact, Missing, Moments};
pub use facts::{Facts, View};
pub use number::Number;
pub use plan::{Bound, BreakdownId, Home, MeasureId, Plan, Read};
pub use run::{Request, measure};
