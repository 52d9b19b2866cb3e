//! Reading a result, and refusing what is none.

use super::result::{RESULT_SCHEMA_VERSION, ResultFile};
use crate::diagnostic::{Code, Diagnostic};
use crate::fs::{self, FsError};
use serde_json::Value;
use std::path::Path;

/// How far a score may lie from what its own values come to: rounding, no more.
const TOLERANCE: f64 = 1e-6;

/// Why a result could not be read.
#[derive(Debug)]
pub enum LoadError {
    /// The file could not be read.
    System(FsError),
    /// It is no result, or one of a later version.
    Invalid(Box<Diagnostic>),
}

/// Reads a result; `shown` is its path as shown to people.
///
/// # Errors
/// When the file cannot be read, is no result, contradicts itself or is of a later version.
pub fn read_result(path: &Path, shown: &str) -> Result<ResultFile, LoadError> {
    let text = fs::read_to_string(path).map_err(LoadError::System)?;
    parse(&text, shown).map_err(|d| LoadError::Invalid(Box::new(d)))
}

fn parse(text: &str, shown: &str) -> Result<ResultFile, Diagnostic> {
    let invalid = |why: String| {
        Diagnostic::error(Code::InvalidResult, format!("`{shown}` is no result: {why}"))
            .at_file(shown, "")
            .with_help("write it with `qunce baseline`")
    };
    let value: Value = serde_json::from_str(text).map_err(|e| invalid(e.to_string()))?;
    let version = value.get("schema_version").and_then(Value::as_u64);
    match version {
        None => return Err(invalid("it has no `schema_version`".to_owned())),
        Some(version) if version > u64::from(RESULT_SCHEMA_VERSION) => {
            let writer = value.pointer("/tool/version").and_then(Value::as_str).unwrap_or("a later version");
            return Err(Diagnostic::error(
                Code::ResultVersion,
                format!("`{shown}` has schema version {version}, and this program knows versions up to {RESULT_SCHEMA_VERSION}"),
            )
            .at_file(shown, "")
            .with_note(format!("written by qunce {writer}; this is qunce {}", env!("CARGO_PKG_VERSION")))
            .with_help("update qunce, or write the file anew with `qunce baseline`"));
        }
        Some(0) => return Err(invalid("there is no `schema_version` 0".to_owned())),
        Some(_) => {}
    }
    let result: ResultFile = serde_json::from_value(value).map_err(|e| invalid(e.to_string()))?;
    consistent(&result).map_err(invalid)?;
    Ok(result)
}

/// Whether every group's score follows from its own values and rules, where this version wrote them.
fn consistent(result: &ResultFile) -> Result<(), String> {
    for rules in result.rules.values() {
        let stages = rules.stages.keys().map(|stage| rules.of(Some(stage)));
        for set in std::iter::once(rules.of(None)).chain(stages) {
            let weights = set.boards.values().chain(set.kpis.values().map(|k| &k.weight));
            let mut cuts = set.kpis.values().filter_map(|k| k.cuts.as_ref());
            if weights.copied().any(|w| !w.is_finite() || w <= 0.0) || !cuts.all(|c| c.is_finite()) {
                return Err("a weight or a cut point is no number that a playbook can have".to_owned());
            }
        }
    }
    for (id, group) in &result.groups {
        let Some(rules) = result.rules.get(&group.rules) else {
            return Err(format!("group `{id}` names rules that are not in it"));
        };
        let by_itself = super::attribute::by_itself(group, rules);
        let same = |a: f64, b: f64| (a - b).abs() <= TOLERANCE;
        let agrees = same(by_itself.coverage, group.score.coverage)
            && match group.score.value {
                Some(value) => by_itself.issued && same(by_itself.total, value),
                None => !by_itself.issued,
            };
        // Another version may have scored in another way; that is told as its part of a change.
        if !agrees && result.tool.version == env!("CARGO_PKG_VERSION") {
            return Err(format!("the score of group `{id}` does not follow from its KPIs; was the file edited?"));
        }
    }
    Ok(())
}
