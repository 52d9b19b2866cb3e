//! Rows → facts: the measures of all playbooks, planned once and folded in one pass.
//!
//! [`Plan`] collects what is asked for, [`measure`] reads every file once and folds it, and a
//! [`View`] of a group in a period answers. Numbers that nobody can know are [`Missing`], never zero.

mod accumulate;
mod answer;
mod answering;
mod ask;
mod batch;
mod block;
mod bring;
mod cache;
mod cells;
mod chained;
mod columns;
mod cuts;
mod day_cache;
mod day_counts;
mod dispatch;
mod engine;
mod entity;
mod fact;
mod facts;
mod fold;
mod grouped;
mod hand;
mod hash;
mod held;
mod infer;
mod keys;
mod load;
mod marks;
mod masks;
mod missing;
mod narrow;
mod number;
mod paged;
mod pairs;
mod pass;
mod persons;
mod plan;
mod prepared;
mod program;
mod row;
mod run;
mod signature;
mod slots;
pub mod sql;
mod steps;
mod tally;
mod texts;
mod view;
mod wanted;

pub use ask::{Asked, Refusal};
pub use cache::FactsCache;
pub use engine::{Engine, Fold, measure};
pub use entity::Entities;
pub use fact::{Fact, Missing, Moments};
pub use facts::Facts;
pub use held::HeldTable;
pub use number::Number;
pub use plan::{Bound, BreakdownId, Home, Plan, ReadId};
pub use run::{MakeSink, Request};
pub use steps::Steps;
pub use tally::median;
pub use texts::{Dictionary, Texts};
pub use view::View;
