//! Every message to a person: what is wrong, where, and what to do.
//!
//! This room knows no other room. Others build [`Diagnostic`]s; renderers print them.

mod codes;
mod examples;
mod format;
mod github;
mod human;
mod json;
mod junit;
mod markdown;
mod sarif;
mod selection;
mod spot;
mod stored;
mod suggest;

pub use codes::Code;
pub use examples::Example;
pub use format::{Format, document};
pub use human::{is_hidden, render, visible};
pub use json::DIAGNOSTICS_SCHEMA_VERSION;
pub use markdown::markdown_text;
pub use selection::Selection;
pub use spot::Spot;
pub use stored::StoredFindings;
pub use suggest::{did_you_mean, list};

use std::ops::Range;
use std::sync::Arc;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; changes nothing.
    Note,
    /// Suspicious; the result stands.
    Warning,
    /// The command cannot go on from this input.
    Error,
}

impl Severity {
    /// The lower-case English word, as rustc prints it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A text file kept for quoting: a playbook, an overlay, `qunce.toml`, a template.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    /// Path as shown to people: relative to the workspace, `/`-separated, or `built-in/…`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl SourceText {
    /// Wraps a name and a text for sharing.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }

    /// The 1-based line and column (in characters) of a byte offset.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let before = &self.text.as_bytes()[..offset];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        (line, column)
    }
}

/// Where something was said: a byte range of a text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The file.
    pub source: Arc<SourceText>,
    /// Byte range within its text.
    pub range: Range<usize>,
}

impl Span {
    /// A range of a file.
    #[must_use]
    pub fn new(source: &Arc<SourceText>, range: Range<usize>) -> Self {
        Self { source: Arc::clone(source), range }
    }

    /// 1-based line of the start.
    #[must_use]
    pub fn line(&self) -> usize {
        self.source.position(self.range.start).0
    }
}

impl std::fmt::Display for Span {
    /// `file:line`, the form in which provenance is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.source.name, self.line())
    }
}

/// A place a finding points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A range of a text file, quoted with its line.
    Text(Span),
    /// A cell or a line of a data file, which is never held whole.
    Cell {
        /// Path as shown to people.
        file: String,
        /// 1-based physical line on which the record starts.
        line: u64,
        /// 1-based position of the field, where one is to blame.
        column: Option<u32>,
        /// The offending text, shortened; control characters are shown escaped.
        excerpt: String,
    },
    /// A file or folder as a whole.
    File(String),
}

/// A place and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What; empty for a bare pointer.
    pub message: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// One lower-case sentence without a full stop: what is wrong.
    pub title: String,
    /// The first label is the primary one.
    pub labels: Vec<Label>,
    /// Further facts.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, title: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, title)
    }

    /// A warning.
    pub fn warning(code: Code, title: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, title)
    }

    /// A note.
    pub fn note(code: Code, title: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, title)
    }

    fn new(severity: Severity, code: Code, title: impl Into<String>) -> Self {
        Self { code, severity, title: title.into(), labels: Vec::new(), notes: Vec::new(), help: None }
    }

    /// Points at a range of a text file.
    #[must_use]
    pub fn at(mut self, span: &Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { place: Place::Text(span.clone()), message: message.into() });
        self
    }

    /// Points at a cell of a data file.
    #[must_use]
    pub fn at_cell(
        mut self,
        file: impl Into<String>,
        line: u64,
        column: Option<u32>,
        excerpt: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        self.labels.push(Label {
            place: Place::Cell { file: file.into(), line, column, excerpt: excerpt.into() },
            message: message.into(),
        });
        self
    }

    /// Points at a whole file.
    #[must_use]
    pub fn at_file(mut self, file: impl Into<String>, message: impl Into<String>) -> Self {
        self.labels.push(Label { place: Place::File(file.into()), message: message.into() });
        self
    }

    /// Adds a further fact.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A growing collection of findings, so that everything wrong is told at once.
#[derive(Debug, Default, Clone)]
pub struct Findings {
    items: Vec<Diagnostic>,
}

impl Findings {
    /// Nothing found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.items.push(diagnostic);
    }

    /// Adds all of another collection.
    pub fn extend(&mut self, other: Self) {
        self.items.extend(other.items);
    }

    /// Whether an error is among them.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.items.iter().any(|d| d.severity == Severity::Error)
    }

    /// How many have this severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.items.iter().filter(|d| d.severity == severity).count()
    }

    /// The findings in the order in which they were made.
    #[must_use]
    pub fn items(&self) -> &[Diagnostic] {
        &self.items
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl From<Diagnostic> for Findings {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { items: vec![diagnostic] }
    }
}
