//! How the columns of one file become the slots of a row.

use super::row::Record;

/// Where the slots of one file's rows come from.
#[derive(Debug)]
pub struct Plan {
    /// Fields that are in no slot of the schema.
    pub(super) extra: Vec<usize>,
}

impl Plan {
    /// The text of a slot.
    pub(super) fn text<'r>(&'r self, _slot: usize, _record: &Record<'r>) -> Option<&'r str> {
        None
    }
}
