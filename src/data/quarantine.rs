//! Quarantined rows on their way to a file: as many as there are, in constant memory.

use super::report::{QuarantineSink, Quarantined};
use crate::schema::Table;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Result, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};
use tempfile::NamedTempFile;

/// The columns of the file.
const HEADER: [&str; 6] = ["file", "line", "column", TEXT, "code", "reason"];
/// The one with what stood in the file.
const TEXT: &str = "text";

/// Whether the texts of cells are written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellTexts {
    /// As they stand in the files.
    Shown,
    /// Left empty.
    Withheld,
}

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

    /// One CSV of all rows, by table; `None` when there are none. Cells' texts can hold ids and names, so
    /// what is published may have to do without them.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn combine(&self, texts: CellTexts) -> Result<Option<NamedTempFile>> {
        let mut rows = csv::Writer::from_writer(BufWriter::new(NamedTempFile::new()?));
        rows.write_record(HEADER)?;
        let mut any = false;
        let mut record = csv::StringRecord::new();
        for file in self.files.lock().unwrap_or_else(PoisonError::into_inner).values_mut() {
            file.seek(SeekFrom::Start(0))?;
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(BufReader::new(file));
            while reader.read_record(&mut record)? {
                any = true;
                rows.write_record(record.iter().enumerate().map(|(column, cell)| {
                    if texts == CellTexts::Withheld && HEADER.get(column) == Some(&TEXT) { "" } else { cell }
                }))?;
            }
        }
        let file = rows.into_inner().map_err(|e| e.into_error())?.into_inner().map_err(|e| e.into_error())?;
        Ok(any.then_some(file))
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
