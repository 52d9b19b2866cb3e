//! Which findings are told: the worst first, at most so many, and how many were left out.

use super::{Diagnostic, Findings, Severity};

/// Findings in the order in which they are told.
#[derive(Debug)]
pub struct Selection<'a> {
    /// The worst first; those of one severity in the order in which they were made.
    pub shown: Vec<&'a Diagnostic>,
    /// How many were left out.
    pub cut: usize,
    /// All errors, warnings and notes, those left out included.
    pub counts: [usize; 3],
}

impl<'a> Selection<'a> {
    /// At most `most` findings; 0 means all.
    #[must_use]
    pub fn new(findings: &'a Findings, most: usize) -> Self {
        let mut shown: Vec<&Diagnostic> = findings.items().iter().collect();
        shown.sort_by_key(|d| std::cmp::Reverse(d.severity));
        let all = shown.len();
        if most > 0 {
            shown.truncate(most);
        }
        let counts = [Severity::Error, Severity::Warning, Severity::Note].map(|s| findings.count(s));
        Self { cut: all - shown.len(), shown, counts }
    }

    /// `1 error, 2 warnings`
    #[must_use]
    pub fn counted(&self) -> String {
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        format!("{}, {}", count(self.counts[0], "error"), count(self.counts[1], "warning"))
    }
}

/// Everything a finding says beside its title, line by line: places, notes, help.
pub(super) fn details(diagnostic: &Diagnostic) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, label) in diagnostic.labels.iter().enumerate() {
        let spot = label.spot();
        let excerpt = spot.excerpt.as_ref().map(|e| format!(" `{e}`")).unwrap_or_default();
        match (index, label.message.as_str()) {
            (0, "") if excerpt.is_empty() => {}
            (0, message) => lines.push(format!("{message}{excerpt}").trim().to_owned()),
            (_, message) => lines.push(format!("{spot}{excerpt} {message}").trim().to_owned()),
        }
    }
    lines.extend(diagnostic.notes.iter().map(|n| format!("note: {n}")));
    lines.extend(diagnostic.help.iter().map(|h| format!("help: {h}")));
    lines
}
