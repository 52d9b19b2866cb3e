//! Where a label points, in the terms of other programs: lines, columns and bytes.

use super::{Label, Place};

/// A place as numbers. Lines and columns count from 1, columns in characters; an end is exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spot {
    /// Path as shown to people.
    pub file: String,
    /// Line; `None` for a file as a whole.
    pub line: Option<u64>,
    /// Column, where one is known.
    pub column: Option<u64>,
    /// Line on which it ends.
    pub end_line: Option<u64>,
    /// Column before which it ends.
    pub end_column: Option<u64>,
    /// Bytes from the start of the text and how many; only of texts that are held.
    pub bytes: Option<(usize, usize)>,
    /// The offending text of a cell.
    pub excerpt: Option<String>,
}

impl Label {
    /// Where the label points.
    #[must_use]
    pub fn spot(&self) -> Spot {
        match &self.place {
            Place::Text(span) => {
                let length = span.source.text.len();
                let end = span.range.end.min(length);
                let start = span.range.start.min(end);
                let (line, column) = span.source.position(start);
                let (end_line, end_column) = span.source.position(end);
                Spot {
                    file: span.source.name.clone(),
                    line: Some(line as u64),
                    column: Some(column as u64),
                    end_line: Some(end_line as u64),
                    end_column: Some(end_column as u64),
                    bytes: Some((start, end - start)),
                    excerpt: None,
                }
            }
            Place::Cell { file, line, column, excerpt } => {
                let column = column.map(u64::from);
                let whole = !excerpt.is_empty() && !excerpt.ends_with('…') && !excerpt.contains(['\n', '\r']);
                Spot {
                    file: file.clone(),
                    line: Some(*line),
                    column,
                    end_line: column.filter(|_| whole).map(|_| *line),
                    // A cell that is shown whole ends where its text does.
                    end_column: column.filter(|_| whole).map(|c| c + excerpt.chars().count() as u64),
                    bytes: None,
                    excerpt: Some(excerpt.clone()).filter(|e| !e.is_empty()),
                }
            }
            Place::File(file) => Spot { file: file.clone(), ..Spot::default() },
        }
    }
}

impl std::fmt::Display for Spot {
    /// `file:line:column` as far as known.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}
