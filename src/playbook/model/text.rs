//! Texts with their translations, values with the place that set them, and where rules come from.

use crate::diagnostic::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A text in the playbook's own language with its translations. May be Markdown and may hold
/// template variables where the section says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text of the playbook file itself.
    pub original: String,
    /// Translations by language tag (`en`). All playbooks that have the text share them.
    pub translations: Arc<BTreeMap<String, String>>,
    /// Where the original stands.
    pub span: Span,
}

impl Text {
    /// The text in a language, or the original where there is no translation.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        self.translations.get(language).unwrap_or(&self.original)
    }
}

/// A value with the place that set it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it was set.
    pub span: Span,
}

/// Where a threshold or rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Origin {
    /// Prescribed by the source article.
    Article,
    /// A figure of a case, quoted as evidence.
    Case,
    /// This tool's default.
    Default,
    /// The consultant's own.
    #[default]
    Own,
}

/// Where something comes from: its kind and the ids of the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// Kind of source.
    pub origin: Origin,
    /// Inventory ids such as `S060`.
    pub source: Vec<String>,
}
