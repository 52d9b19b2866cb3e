//! Findings as SARIF 2.1.0, which code hosts show beside the lines they are about.

use super::selection::{Selection, details};
use super::{Code, Diagnostic, Label, Severity, visible};
use serde_json::{Map, Value, json};

/// The log with one run.
pub(super) fn document(selection: &Selection<'_>, exit_code: u8) -> Value {
    let mut codes: Vec<Code> = selection.shown.iter().map(|d| d.code).collect();
    codes.sort();
    codes.dedup();
    let rules: Vec<Value> = codes
        .iter()
        .map(|code| {
            json!({
                "id": code.id(),
                "name": code.slug(),
                "shortDescription": {"text": code.explanation()},
                "help": {"text": format!("qunce explain-code {}", code.id())},
            })
        })
        .collect();
    let results: Vec<Value> = selection.shown.iter().map(|d| result(d, &codes)).collect();
    let mut invocation = json!({"executionSuccessful": exit_code == 0, "exitCode": exit_code});
    if selection.cut > 0
        && let Some(object) = invocation.as_object_mut()
    {
        let text = format!("{} more findings were left out; `--max-findings 0` shows all", selection.cut);
        object.insert("toolExecutionNotifications".to_owned(), json!([{"level": "note", "message": {"text": text}}]));
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "qunce", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation],
            "results": results,
        }],
    })
}

fn result(d: &Diagnostic, codes: &[Code]) -> Value {
    let level = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let lines: Vec<String> = std::iter::once(d.title.clone()).chain(details(d)).map(|l| visible(&l)).collect();
    let mut result = json!({
        "ruleId": d.code.id(),
        "ruleIndex": codes.iter().position(|c| *c == d.code),
        "level": level,
        "message": {"text": lines.join("\n")},
        "locations": [d.labels.first().map_or_else(nowhere, location)],
    });
    let related: Vec<Value> = d.labels.iter().skip(1).map(location).collect();
    if let Some(object) = result.as_object_mut().filter(|_| !related.is_empty()) {
        object.insert("relatedLocations".to_owned(), Value::Array(related));
    }
    result
}

/// Where a finding about no file in particular stands: code hosts refuse a whole log for one result without a place.
fn nowhere() -> Value {
    json!({"physicalLocation": {"artifactLocation": {"uri": "qunce.toml"}}})
}

fn location(label: &Label) -> Value {
    let spot = label.spot();
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), json!({"uri": uri(&spot.file)}));
    let numbers = [
        ("startLine", spot.line),
        ("startColumn", spot.column),
        ("endLine", spot.end_line),
        ("endColumn", spot.end_column),
        ("byteOffset", spot.bytes.map(|b| b.0 as u64)),
        ("byteLength", spot.bytes.map(|b| b.1 as u64)),
    ];
    let region: Map<String, Value> =
        numbers.into_iter().filter_map(|(key, n)| Some((key.to_owned(), json!(n?)))).collect();
    if !region.is_empty() {
        physical.insert("region".to_owned(), Value::Object(region));
    }
    let mut location = json!({"physicalLocation": physical});
    if let Some(object) = location.as_object_mut().filter(|_| !label.message.is_empty()) {
        object.insert("message".to_owned(), json!({"text": visible(&label.message)}));
    }
    location
}

/// A path as a relative reference (RFC 3986): everything but unreserved characters and `/` is escaped, so that
/// a name with a colon is no scheme.
fn uri(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut out, b| {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
        out
    })
}
