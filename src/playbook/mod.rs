//! What the consultant wrote: the TOML model, inheritance, overlays, validation, provenance.

mod formula;
mod model;

pub use formula::{Entity, Formula, Reference};
pub use model::*;
