//! What can be wrong with an expression, located within its text.

use super::value::Type;
use crate::diagnostic::Code;
use std::ops::Range;

/// One thing that is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprError {
    /// Stable code, of the `Q02xx` range.
    pub code: Code,
    /// The offending words, in bytes of the expression's text; empty at its end when something is missing.
    pub range: Range<usize>,
    /// One lower-case sentence: what is wrong.
    pub message: String,
    /// What to write under the offending words.
    pub label: String,
    /// What to do, where it can be said.
    pub help: Option<String>,
}

impl ExprError {
    pub(super) fn new(code: Code, range: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { code, range, message: message.into(), label: label.into(), help: None }
    }

    pub(super) fn syntax(range: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Code::ExprSyntax, range, message, label)
    }

    pub(super) fn unsupported(range: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Code::ExprUnsupported, range, message, "not part of playbook expressions").help(help)
    }

    /// A part has a type that its place cannot take.
    pub(super) fn typed(range: Range<usize>, message: impl Into<String>, found: Type) -> Self {
        Self::new(Code::ExprType, range, message, format!("this is {found}"))
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
