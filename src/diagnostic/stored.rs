//! Findings as they are kept between two runs, so that a run with nothing to do can tell them again.

use super::{Code, Diagnostic, Findings, Label, Place, Severity, SourceText, Span};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Findings with the texts they quote, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFindings {
    sources: Vec<(String, String)>,
    items: Vec<StoredFinding>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoredFinding {
    code: String,
    severity: String,
    title: String,
    labels: Vec<(StoredPlace, String)>,
    notes: Vec<String>,
    help: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum StoredPlace {
    /// By index into the texts.
    Text(usize, usize, usize),
    Cell(String, u64, Option<u32>, String),
    File(String),
}

impl StoredFindings {
    /// Findings to be kept.
    #[must_use]
    pub fn of(findings: &Findings) -> Self {
        let mut stored = Self::default();
        for item in findings.items() {
            let labels = item.labels.iter().map(|l| (stored.place(&l.place), l.message.clone())).collect();
            stored.items.push(StoredFinding {
                code: item.code.id().to_owned(),
                severity: item.severity.word().to_owned(),
                title: item.title.clone(),
                labels,
                notes: item.notes.clone(),
                help: item.help.clone(),
            });
        }
        stored
    }

    fn place(&mut self, place: &Place) -> StoredPlace {
        match place {
            Place::File(file) => StoredPlace::File(file.clone()),
            Place::Cell { file, line, column, excerpt } => {
                StoredPlace::Cell(file.clone(), *line, *column, excerpt.clone())
            }
            Place::Text(span) => {
                let source = (&span.source.name, &span.source.text);
                let known = self.sources.iter().position(|(name, text)| (name, text) == source);
                let index = known.unwrap_or_else(|| {
                    self.sources.push((source.0.clone(), source.1.clone()));
                    self.sources.len() - 1
                });
                StoredPlace::Text(index, span.range.start, span.range.end)
            }
        }
    }

    /// The findings again; `None` when they are damaged or of another version.
    #[must_use]
    pub fn restore(self) -> Option<Findings> {
        let sources: Vec<Arc<SourceText>> =
            self.sources.into_iter().map(|(name, text)| SourceText::new(name, text)).collect();
        let mut findings = Findings::new();
        for item in self.items {
            let labels = item.labels.into_iter().map(|(place, message)| {
                let place = match place {
                    StoredPlace::File(file) => Place::File(file),
                    StoredPlace::Cell(file, line, column, excerpt) => Place::Cell { file, line, column, excerpt },
                    StoredPlace::Text(index, start, end) => {
                        let source = sources.get(index)?;
                        source.text.get(start..end)?;
                        Place::Text(Span::new(source, start..end))
                    }
                };
                Some(Label { place, message })
            });
            let severities = [Severity::Note, Severity::Warning, Severity::Error];
            findings.push(Diagnostic {
                code: Code::ALL.iter().copied().find(|c| c.id() == item.code)?,
                severity: severities.into_iter().find(|s| s.word() == item.severity)?,
                title: item.title,
                labels: labels.collect::<Option<_>>()?,
                notes: item.notes,
                help: item.help,
            });
        }
        Some(findings)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn findings_come_back_as_they_were() {
        let source = SourceText::new("playbooks/vip.toml", "[kpi.x]\nwieght = 3\n");
        let mut findings = Findings::new();
        findings.push(
            Diagnostic::warning(Code::UnknownKey, "unknown")
                .at(&Span::new(&source, 8..14), "here")
                .at(&Span::new(&source, 0..3), "and here")
                .at_cell("data/m.csv", 3, Some(2), "x", "a cell")
                .at_file("out", "")
                .with_note("n")
                .with_help("h"),
        );
        let json = serde_json::to_string(&StoredFindings::of(&findings)).unwrap();
        assert_eq!(json.matches("wieght").count(), 1, "a text is kept once");
        let stored: StoredFindings = serde_json::from_str(&json).unwrap();
        assert_eq!(stored.restore().unwrap().items(), findings.items());
        let other = json.replace("Q0003", "Q9999");
        assert!(serde_json::from_str::<StoredFindings>(&other).unwrap().restore().is_none());
        for range in ["[0,8,99]", "[0,14,8]", "[7,8,14]"] {
            let other = json.replace("[0,8,14]", range);
            assert_ne!(other, json);
            assert!(serde_json::from_str::<StoredFindings>(&other).unwrap().restore().is_none(), "{range}");
        }
    }
}
