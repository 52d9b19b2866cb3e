//! Quarantined rows on their way to a file: as many as there are, in constant memory.

use super::report::{QuarantineSink, Quarantined};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

/// A temporary CSV of quarantined rows, begun anew whenever the files are read again.
#[derive(Debug)]
pub struct QuarantineFile {
    file: File,
}

/// Writes rows into a [`QuarantineFile`].
#[derive(Debug)]
pub struct QuarantineWriter {
    rows: csv::Writer<BufWriter<File>>,
}

impl QuarantineFile {
    /// An empty file.
    ///
    /// # Errors
    /// When the system has no place for temporary files.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()? })
    }

    /// Forgets all rows and begins with the header.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn restart(&mut self) -> std::io::Result<QuarantineWriter> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        let mut rows = csv::Writer::from_writer(BufWriter::new(self.file.try_clone()?));
        rows.write_record(["file", "line", "column", "text", "code", "reason"])?;
        Ok(QuarantineWriter { rows })
    }

    /// Copies all rows to their place.
    ///
    /// # Errors
    /// When either side fails.
    pub fn copy_to(&mut self, to: &mut dyn Write) -> std::io::Result<u64> {
        self.file.seek(SeekFrom::Start(0))?;
        std::io::copy(&mut self.file, &mut { to })
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

/// Text that no spreadsheet takes for a formula.
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
