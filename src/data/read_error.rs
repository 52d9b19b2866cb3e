//! Why a file could not be read to its end, and how people are told.

use super::decode::DecodeError;
use crate::diagnostic::{Code, Diagnostic};

/// Why reading a file stopped.
#[derive(Debug)]
pub enum ReadError {
    /// The bytes could not be read as text.
    Decode(DecodeError),
    /// A quote opened and found no end in the file or within the limit of a field.
    UnclosedQuote {
        /// 1-based line of the quote.
        line: u64,
    },
    /// A field, or a record as a whole, is beyond its limit.
    TooLong {
        /// 1-based line on which it starts.
        line: u64,
        /// The limit of a field in bytes.
        limit: usize,
    },
}

impl ReadError {
    /// The same error in a text that follows so many lines.
    pub fn after(self, lines: u64) -> Self {
        match self {
            Self::UnclosedQuote { line } => Self::UnclosedQuote { line: line + lines },
            Self::TooLong { line, limit } => Self::TooLong { line: line + lines, limit },
            Self::Decode(DecodeError::Malformed { encoding, line, bytes }) => {
                Self::Decode(DecodeError::Malformed { encoding, line: line + lines, bytes })
            }
            other @ Self::Decode(_) => other,
        }
    }

    /// The message to people for a file of a table.
    pub fn diagnostic(&self, file: &str, table: &str) -> Diagnostic {
        match self {
            Self::Decode(error) => error.diagnostic(file, table),
            Self::UnclosedQuote { line } => Diagnostic::error(Code::UnclosedQuote, "a quote opens and never closes")
                .at_cell(file, *line, None, "", "the quote opens on this line")
                .with_help("close it, or write a quote inside a cell as `\"\"`"),
            Self::TooLong { line, limit } => {
                Diagnostic::error(Code::FieldTooLong, format!("a field is longer than {limit} bytes"))
                    .at_cell(file, *line, None, "", "it starts on this line")
                    .with_help("check its quotes and the `delimiter`, or raise `max_field_bytes` in `[data]`")
            }
        }
    }
}
