//! Quarantined rows on their way to a file: as many as there are, in constant memory.

use super::report::{QuarantineSink, Quarantined};
use crate::schema::Table;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Result, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};
use tempfile::NamedTempFile;

/// The columns of the file.
const HEADER: [&str; 6] = ["file", "line", "column", "text", "code", "reason"];

/// Temporary files of quarantined rows, one a table, so that tables may be read side by side.
#[derive(Debug, Default)]
pub struct QuarantineFiles {
    files: Mutex<BTreeMap<Table, File>>,
}

/// Writes the rows of one table.
#[derive(Debug)]
struct QuarantineWriter {
    rows: csv::Writer<BufWriter<File>>,
}

impl QuarantineFiles {
    /// A sink for a table's rows; those of an earlier reading are forgotten. `None` when the system
    /// has no place for temporary files: the counts are what matters then.
    #[must_use]
    pub fn sink(&self, table: Table) -> Option<Box<dyn QuarantineSink>> {
        let file = tempfile::tempfile().ok()?;
        let rows = csv::WriterBuilder::new().has_headers(false).from_writer(BufWriter::new(file.try_clone().ok()?));
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(table, file);
        Some(Box::new(QuarantineWriter { rows }))
    }

    /// One CSV of all rows, by table; `None` when there are none.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn combine(&self) -> Result<Option<NamedTempFile>> {
        let mut all = NamedTempFile::new()?;
        writeln!(all, "{}", HEADER.join(","))?;
        let mut bytes = 0;
        for file in self.files.lock().unwrap_or_else(PoisonError::into_inner).values_mut() {
            file.seek(SeekFrom::Start(0))?;
            bytes += std::io::copy(file, &mut all)?;
        }
        Ok((bytes > 0).then_some(all))
    }
}

impl QuarantineSink for QuarantineWriter {
    fn quarantine(&mut self, row: &Quarantined) {
        let line = row.line.to_string();
        let reason = row.reason.to_string();
        let column = row.column.as_deref().unwrap_or("");
        // A full disk shows when the site is written; until then the counts are what matters.
        let _ = self.rows.write_record([
            &safe(&row.file),
            line.as_str(),
            &safe(column),
            &safe(&row.text),
            row.code.id(),
            reason.as_str(),
        ]);
    }
}

/// Text that no spreadsheet takes for a formula, with marks that show nothing written out.
fn safe(text: &str) -> String {
    let text = crate::diagnostic::visible(text);
    let formula = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    if text.trim_start().starts_with(formula) { format!("'{text}") } else { text }
}
