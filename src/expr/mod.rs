//! The expression language of playbooks: one small typed language with SQL's syntax and SQL's NULL.
//!
//! A text is compiled once against a [`Scope`], which says what its names mean, and evaluated many
//! times against an [`Env`], which gives the values. This room knows neither tables nor KPIs.

mod at_once;
mod bits;
mod block;
mod call;
mod check;
mod column;
mod error;
mod eval;
mod fixed;
mod function;
mod moment;
mod names;
mod pattern;
mod place;
mod print;
mod reading;
mod resolve;
mod syntax;
mod tokens;
mod tree;
mod value;
mod window;

#[cfg(test)]
mod tests;

pub use bits::{Bits, Truths};
pub use block::{Block, Form};
pub use check::{Scope, Want, compile};
pub use column::Column;
pub use error::ExprError;
pub use eval::Env;
pub use fixed::{Fixed, Joining};
pub use function::FUNCTIONS;
pub use names::{NameUse, names};
pub use place::to_diagnostic;
pub use tree::{Comparison, Expr};
pub use value::{Type, Value};
pub use window::{Clock, Window};
pub(crate) use {
    function::Function,
    pattern::Pattern,
    tree::{Kind, Step},
    value::Arithmetic,
};
