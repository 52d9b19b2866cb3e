//! Quarantined rows on their way to a file: as many as there are, in constant memory.

use super::report::{QuarantineSink, Quarantined};
use crate::fs::{FsError, Result, Scratch, temporary};
use crate::schema::Table;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};
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
    failure: Failure,
}

/// Why rows are missing from the files, if some are: told when they are to be combined, since until then the
/// counts are what matters.
type Failure = Arc<Mutex<Option<FsError>>>;

fn note(failure: &Failure, error: FsError) {
    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
}

/// The system's temporary folder is all that can be named.
fn cannot_write(source: std::io::Error) -> FsError {
    FsError { action: "write", path: std::env::temp_dir(), source }
}

/// Writes the rows of one table.
#[derive(Debug)]
struct QuarantineWriter {
    rows: csv::Writer<BufWriter<Scratch>>,
    failure: Failure,
}

impl QuarantineFiles {
    /// A sink for a table's rows; those of an earlier reading are forgotten. `None` when the system
    /// has no place for temporary files, which [`QuarantineFiles::combine`] tells.
    #[must_use]
    pub fn sink(&self, table: Table) -> Option<Box<dyn QuarantineSink + Send>> {
        let (scratch, file) = Scratch::new()
            .and_then(|scratch| scratch.again().map(|file| (scratch, file)))
            .map_err(|e| note(&self.failure, e))
            .ok()?;
        let rows = csv::WriterBuilder::new().has_headers(false).from_writer(BufWriter::new(scratch));
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(table, file);
        Some(Box::new(QuarantineWriter { rows, failure: Arc::clone(&self.failure) }))
    }

    /// One CSV of all rows, by table; `None` when there are none. Cells' texts can hold ids and names, so
    /// what is published may have to do without them.
    ///
    /// # Errors
    /// When a file cannot be read or written, or could not be while the rows came.
    pub fn combine(&self, texts: CellTexts) -> Result<Option<NamedTempFile>> {
        if let Some(error) = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = 0;
        for file in files.values() {
            bytes += file.metadata().map_err(cannot_write)?.len();
        }
        if bytes == 0 {
            return Ok(None);
        }
        temporary(|all| {
            let mut rows = csv::Writer::from_writer(all);
            rows.write_record(HEADER)?;
            let mut record = csv::StringRecord::new();
            for file in files.values_mut() {
                file.seek(SeekFrom::Start(0))?;
                let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(BufReader::new(file));
                while reader.read_record(&mut record)? {
                    rows.write_record(record.iter().enumerate().map(|(column, cell)| {
                        if texts == CellTexts::Withheld && HEADER.get(column) == Some(&TEXT) { "" } else { cell }
                    }))?;
                }
            }
            rows.flush()
        })
        .map(Some)
    }
}

impl QuarantineSink for QuarantineWriter {
    fn quarantine(&mut self, row: &Quarantined) {
        let line = row.line.to_string();
        let reason = row.reason.to_string();
        let column = row.column.as_deref().unwrap_or("");
        let written = self.rows.write_record([
            &safe(&row.file),
            line.as_str(),
            &safe(column),
            &safe(&row.text),
            row.code.id(),
            reason.as_str(),
        ]);
        if let Err(error) = written {
            note(&self.failure, cannot_write(error.into()));
        }
    }
}

impl Drop for QuarantineWriter {
    fn drop(&mut self) {
        if let Err(error) = self.rows.flush() {
            note(&self.failure, cannot_write(error));
        }
    }
}

/// Text that no spreadsheet takes for a formula, with marks that show nothing written out.
fn safe(text: &str) -> String {
    let text = crate::diagnostic::visible(text);
    let formula = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    if text.trim_start().starts_with(formula) { format!("'{text}") } else { text }
}
