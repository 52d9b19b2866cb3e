//! Findings as JSON, for programs.
//!
//! Version [`DIAGNOSTICS_SCHEMA_VERSION`]: keys are only ever added; a change of meaning raises the version. Texts are
//! as they were found, escaped by JSON's own rules alone: showing them safely is up to the reader.

use super::selection::Selection;
use super::{Diagnostic, Label};
use serde_json::{Value, json};

/// Version of the JSON's schema.
pub const DIAGNOSTICS_SCHEMA_VERSION: u32 = 1;

/// The document: `schema_version`, `tool`, `exit_code`, `counts`, `cut`, `diagnostics`.
pub(super) fn document(selection: &Selection<'_>, exit_code: u8) -> Value {
    let [errors, warnings, notes] = selection.counts;
    json!({
        "schema_version": DIAGNOSTICS_SCHEMA_VERSION,
        "tool": {"name": "qunce", "version": env!("CARGO_PKG_VERSION")},
        "exit_code": exit_code,
        "counts": {"errors": errors, "warnings": warnings, "notes": notes},
        "cut": selection.cut,
        "diagnostics": selection.shown.iter().map(|d| diagnostic(d)).collect::<Vec<_>>(),
    })
}

fn diagnostic(d: &Diagnostic) -> Value {
    json!({
        "code": d.code.id(),
        "name": d.code.slug(),
        "severity": d.severity.word(),
        "message": d.title,
        "places": d.labels.iter().map(place).collect::<Vec<_>>(),
        "notes": d.notes,
        "help": d.help,
    })
}

fn place(label: &Label) -> Value {
    let spot = label.spot();
    json!({
        "file": spot.file,
        "line": spot.line, "column": spot.column,
        "end_line": spot.end_line, "end_column": spot.end_column,
        "offset": spot.bytes.map(|b| b.0), "length": spot.bytes.map(|b| b.1),
        "text": spot.excerpt,
        "message": Some(&label.message).filter(|m| !m.is_empty()),
    })
}
