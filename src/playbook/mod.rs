//! What the consultant wrote: the TOML model, inheritance, overlays, validation, provenance.
//!
//! Files are read one by one into trees that keep the place of every value ([`Library::load`]),
//! checked against the one table of all keys ([`format()`]), laid over each other along `extends`,
//! and read into a typed [`Playbook`] for each stage and group ([`Library::resolve`]).

mod bound;
mod build;
mod fields;
mod files;
mod formula;
mod kpis;
mod library;
mod manual;
mod measures;
mod merge;
mod model;
mod overlay;
mod people;
mod rhythm;
mod scope;
mod sections;
mod shape;
#[cfg(test)]
mod tests;
mod tree;
mod unite;
mod waivers;

pub use files::built_in;
pub use formula::{Entity, Formula, Reference};
pub use library::Library;
pub use model::*;
pub use sections::format;
