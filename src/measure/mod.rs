//! Rows → facts: the measures of all playbooks, planned once and folded in one pass.
//!
//! [`Plan`] collects what is asked for, [`measure`] reads every file once and folds it, and a
//! [`View`] of a group in a period answers. Numbers that nobody can know are [`Missing`], never zero.

mod accumulate;
mod answer;
mod answering;
mod block;
mod cells;
mod cuts;
mod day_cache;
mod entity;
mod fact;
mod facts;
mod fold;
mod hash;
mod infer;
mod load;
mod missing;
mod number;
mod persons;
mod plan;
mod prepared;
mod program;
mod row;
mod run;
mod signature;
mod steps;
mod tally;
mod view;

pub use entity::{Entities, HeldTable, Texts};
pub use fact::{Fact, Missing, Moments};
pub use facts::Facts;
pub use number::Number;
pub use plan::{Bound, BreakdownId, Home, Plan, ReadId};
pub use run::{MakeSink, Request, measure};
pub use steps::Steps;
pub use tally::median;
pub use view::View;
