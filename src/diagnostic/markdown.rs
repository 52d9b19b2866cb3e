//! Findings as Markdown, for a comment on a merge request.

use super::selection::{Selection, details};
use super::visible;

/// A list with a closing count.
pub(super) fn document(selection: &Selection<'_>) -> String {
    let mut out = String::new();
    for d in &selection.shown {
        let at = d.labels.first().map(|l| format!(" — {}", markdown_text(&l.spot().to_string()))).unwrap_or_default();
        out.push_str(&format!("- **{} {}** {}{at}\n", d.severity.word(), d.code.id(), markdown_text(&d.title)));
        for line in details(d) {
            out.push_str(&format!("  - {}\n", markdown_text(&line)));
        }
    }
    if selection.cut > 0 {
        out.push_str(&format!("- … and {} more\n", selection.cut));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&format!("{}\n", selection.counted()));
    out
}

/// Text that Markdown shows as it is: nothing in it is markup, a mention, a link or the end of a table's cell.
#[must_use]
pub fn markdown_text(text: &str) -> String {
    visible(text).chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Mentions and references would call people; a link would lead away.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            ':' => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' | '+' | '-' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
        out
    })
}
