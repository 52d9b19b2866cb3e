//! `[gate]`: what must hold of every group for a run to succeed.

use super::toml::{Located, TableReader};
use crate::diagnostic::{Code, Diagnostic, Findings};

/// `[gate]`; nothing set: nothing is asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gate {
    /// Least score, 0 to 100.
    pub fail_under: Option<Located<f64>>,
    /// Findings that fail.
    pub fail_on: Vec<Located<FailOn>>,
    /// Most points that may be lost since the baseline, from 0.
    pub max_drop: Option<Located<f64>>,
    /// The baseline, a path relative to the workspace.
    pub baseline: Option<Located<String>>,
}

/// A finding that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailOn {
    /// A KPI below its `watch` cut.
    Critical,
    /// An alert that fires.
    Alert,
}

pub(super) fn read(mut reader: TableReader<'_>, findings: &mut Findings) -> Gate {
    let points = |number: Option<Located<f64>>, what: &str, findings: &mut Findings| {
        let number = number?;
        if (0.0..=100.0).contains(&number.value) {
            return Some(number);
        }
        findings.push(
            Diagnostic::error(Code::InvalidValue, format!("`{what}` cannot be {}", number.value))
                .at(&number.span, "expected points from 0 to 100"),
        );
        None
    };
    let fail_under = reader.take_float("fail_under", findings);
    let fail_under = points(fail_under, "fail_under", findings);
    let words = [("critical", FailOn::Critical), ("alert", FailOn::Alert)];
    let mut fail_on = Vec::new();
    for word in reader.take_strings("fail_on", findings).unwrap_or_default() {
        match words.iter().find(|(name, _)| *name == word.value) {
            Some((_, value)) => fail_on.push(Located { value: *value, span: word.span }),
            None => findings.push(
                Diagnostic::error(Code::InvalidValue, format!("`{}` is not a value of `fail_on`", word.value))
                    .at(&word.span, "expected `critical` or `alert`"),
            ),
        }
    }
    let max_drop = reader.take_float("max_drop", findings);
    let max_drop = points(max_drop, "max_drop", findings);
    // An empty path is the template's way to say "none".
    let baseline = reader.take_str("baseline", findings).filter(|b| !b.value.is_empty());
    if let Some(limit) = max_drop.as_ref().filter(|_| baseline.is_none()) {
        findings.push(
            Diagnostic::error(Code::MissingKey, "`max_drop` has no `baseline` to compare with")
                .at(&limit.span, "points lost since when?")
                .with_help("write one with `qunce baseline`, and name it: `baseline = \"baseline.json\"`"),
        );
    }
    reader.finish(findings);
    Gate { fail_under, fail_on, max_drop, baseline }
}
