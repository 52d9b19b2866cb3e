//! Findings as a JUnit report, which nearly every CI server reads.

use super::selection::{Selection, details};
use super::{Diagnostic, Severity, visible};

/// A test case a finding: errors fail, warnings and notes pass and are told as output. Without findings there is one
/// case that passes, because some servers take an empty report for a broken one.
pub(super) fn document(selection: &Selection<'_>) -> String {
    let cases: String = if selection.shown.is_empty() {
        "    <testcase classname=\"qunce\" name=\"nothing found\"/>\n".to_owned()
    } else {
        selection.shown.iter().map(|d| case(d)).collect()
    };
    let failures = selection.shown.iter().filter(|d| d.severity == Severity::Error).count();
    let tests = selection.shown.len().max(1);
    let cut = if selection.cut > 0 {
        format!(
            "    <system-out>{} more findings were left out; --max-findings 0 shows all</system-out>\n",
            selection.cut
        )
    } else {
        String::new()
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"qunce\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n  \
         <testsuite name=\"qunce\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n\
         {cases}{cut}  </testsuite>\n</testsuites>\n"
    )
}

fn case(d: &Diagnostic) -> String {
    let spot = d.labels.first().map(super::Label::spot);
    let class = spot.as_ref().map_or("qunce", |s| s.file.as_str());
    let at = spot.as_ref().map(|s| format!(" ({s})")).unwrap_or_default();
    let name = format!("{} {}{at}", d.code.id(), d.title);
    let body: Vec<String> = std::iter::once(format!("{}{at}", d.title)).chain(details(d)).collect();
    let body = body.iter().map(|l| escape(l)).collect::<Vec<_>>().join("\n");
    let inner = if d.severity == Severity::Error {
        format!("<failure type=\"{}\" message=\"{}\">{body}</failure>", d.code.slug(), escape(&d.title))
    } else {
        format!("<system-out>{}: {body}</system-out>", d.severity.word())
    };
    format!("    <testcase classname=\"{}\" name=\"{}\">{inner}</testcase>\n", escape(class), escape(&name))
}

/// Text as XML 1.0 can hold it: without control characters, markup escaped.
fn escape(text: &str) -> String {
    visible(text).chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
        out
    })
}
