//! Rows → facts: the measures of all playbooks, planned once and folded in one pass.

mod fact;
mod number;

pub use fact::{Fact, Missing, Moments};
pub use number::Number;
