//! Finds the files of a drop, decodes them and streams their rows, typed.
//!
//! Rows are visited, never collected; what cannot be read is set aside, counted and told.

mod discover;
mod plan;
mod reason;
mod report;
mod row;
mod scan;

pub use discover::{Part, Sources, discover};
pub use reason::Reason;
pub use report::{PartReport, QuarantineSink, Quarantined, TableReport};
pub use row::{Cell, Layout, Row, Verdict};
pub use scan::{ScanOptions, latest_instant, scan};
