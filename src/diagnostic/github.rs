//! Findings as workflow commands, which GitHub shows beside the changed lines.

use super::selection::{Selection, details};
use super::{Diagnostic, Severity, visible};

/// One command a finding; every command is one line, whatever the texts hold.
pub(super) fn document(selection: &Selection<'_>) -> String {
    let mut out: String = selection.shown.iter().map(|d| command(d)).collect();
    if selection.cut > 0 {
        let text = format!("{} more findings were left out; `--max-findings 0` shows all", selection.cut);
        out.push_str(&format!("::notice title=qunce::{}\n", data(&text)));
    }
    out
}

fn command(d: &Diagnostic) -> String {
    let name = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(label) = d.labels.first() {
        let spot = label.spot();
        properties.push(("file", spot.file));
        let numbers =
            [("line", spot.line), ("endLine", spot.end_line), ("col", spot.column), ("endColumn", spot.end_column)];
        properties.extend(numbers.into_iter().filter_map(|(key, n)| Some((key, n?.to_string()))));
    }
    properties.push(("title", format!("{} {}", d.code.id(), d.code.slug())));
    let properties: Vec<String> =
        properties.into_iter().map(|(key, value)| format!("{key}={}", property(&value))).collect();
    let lines: Vec<String> = std::iter::once(d.title.clone()).chain(details(d)).map(|l| data(&visible(&l))).collect();
    format!("::{name} {}::{}\n", properties.join(","), lines.join("%0A"))
}

/// Escapes the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a command.
fn property(text: &str) -> String {
    data(&visible(text)).replace(':', "%3A").replace(',', "%2C")
}
