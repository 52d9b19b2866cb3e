//! About how many rows a table has, so that room for them is taken once.

use super::discover::{Part, Sources};
use crate::fs;
use crate::schema::Table;
use std::io::Read;

/// How much of the beginning of a file is looked at.
const HEAD: usize = 1 << 16;
/// No more rows are ever expected of a table: the beginning of a file may promise what does not come, and tables
/// of keys take their room at once. What has more rows grows.
const MOST: usize = 1 << 20;

impl Sources {
    /// About how many rows a table has, by the lines at the beginnings of its files. Packed files and those that
    /// cannot be read count as none.
    #[must_use]
    pub fn expected_rows(&self, table: Table) -> usize {
        self.of(table).iter().map(Part::expected_rows).fold(0, usize::saturating_add).min(MOST)
    }
}

impl Part {
    /// About how many rows it has.
    pub(super) fn expected_rows(&self) -> usize {
        rows(self).unwrap_or(0).min(MOST)
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
    Some(bytes.saturating_mul(lines) / head.len().max(1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::discover;
    use super::*;
    use crate::config::Config;
    use crate::diagnostic::Findings;

    #[test]
    fn a_beginning_of_blank_lines_takes_no_room() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data/members.csv");
        fs::write(&path, "\n".repeat(HEAD).as_bytes()).unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_len(1 << 34).unwrap();
        let sources = discover(dir.path(), &Config::default(), &mut Findings::new());
        assert_eq!(sources.of(Table::Members).len(), 1);
        assert_eq!(sources.expected_rows(Table::Members), MOST);
        fs::write(&path, "group_id,member_id\ng1,u1\ng1,u2\n".as_bytes()).unwrap();
        assert_eq!(sources.expected_rows(Table::Members), 3, "with the header's line");
    }
}
