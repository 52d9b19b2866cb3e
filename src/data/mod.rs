//! Finds the files of a drop, decodes them and streams their rows, typed.
//!
//! Rows are visited, never collected; what cannot be read is set aside, counted and told.

mod block;
mod chunk;
mod decode;
mod describe;
mod discover;
mod expect;
mod fields;
mod halves;
mod header;
mod judge;
mod latest;
mod ledger;
mod number;
mod packed;
mod parse;
mod plan;
mod quarantine;
mod read_error;
mod reason;
mod record;
mod report;
mod reuse;
mod row;
mod rows;
mod scan;
mod seen;
mod sharded;
#[cfg(test)]
mod split_tests;
mod stops;
mod time;
mod turn;

pub use block::{Block, Texts, Verdicts, Visitor};
pub use describe::{Described, describe};
pub use discover::{Part, Sources, discover};
pub use latest::{Ends, are_few, latest_instant, latest_instant_by};
pub use number::{parse_bool, parse_decimal, parse_int};
pub use packed::{PACKED, packed};
pub use plan::CellSource;
pub use quarantine::{CellTexts, QuarantineFiles};
pub use reason::Reason;
pub use report::{PartReport, QuarantineSink, Quarantined, TableReport};
pub use reuse::{FileMark, KeyRange, KnownKeys, KnownParts, ReadParts, Reuse, hash_of, hash_of_all};
pub use row::{Cell, Layout, Row, Verdict};
pub use scan::{ScanOptions, scan, scan_in_turn, scan_side_by_side};
pub use time::{TimeReader, parse_time};
