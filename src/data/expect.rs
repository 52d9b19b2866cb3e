//! About how many rows a table has, so that room for them is taken once.

use super::discover::{Part, Sources};
use crate::fs;
use crate::schema::Table;
use std::io::Read;

/// How much of the beginning of a file is looked at.
const HEAD: usize = 1 << 16;

impl Sources {
    /// About how many rows a table has, by the lines at the beginnings of its files. Packed files and those that
    /// cannot be read count as none.
    #[must_use]
    pub fn expected_rows(&self, table: Table) -> usize {
        self.of(table).iter().filter_map(rows).sum()
    }
}

fn rows(part: &Part) -> Option<usize> {
    if part.path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz")) {
        return None;
    }
    let file = fs::open(&part.path).ok()?;
    let bytes = usize::try_from(file.metadata().ok()?.len()).ok()?;
    let mut head = Vec::with_capacity(HEAD);
    file.take(HEAD as u64).read_to_end(&mut head).ok()?;
    let lines = head.iter().filter(|b| **b == b'\n').count();
    // A file of long lines has few; one of blank lines is not worth the room.
    Some(bytes.saturating_mul(lines) / head.len().max(1)).map(|rows| rows.min(bytes / 8))
}
