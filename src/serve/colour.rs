//! Findings as the terminal shows them, in HTML.

use std::fmt::Write;

/// How the terminal would draw what follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Style {
    bold: bool,
    /// One of the sixteen colours of a terminal.
    colour: Option<u8>,
}

/// Text with a terminal's colours as HTML: runs of one look are spans with the classes `b` and `c0` to `c15`,
/// everything else is escaped.
pub(super) fn to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 2);
    let mut style = Style::default();
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        let (before, after) = rest.split_at(at);
        run(&mut html, before, style);
        let after = after.get(2..).unwrap_or_default();
        let end = after.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (codes, tail) = after.split_at(end);
        if tail.starts_with('m') {
            style = codes.split(';').fold(style, apply);
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    run(&mut html, rest, style);
    html
}

fn apply(style: Style, code: &str) -> Style {
    match code.parse::<u8>() {
        Ok(1) => Style { bold: true, ..style },
        Ok(22) => Style { bold: false, ..style },
        Ok(39) => Style { colour: None, ..style },
        Ok(code @ 30..=37) => Style { colour: Some(code - 30), ..style },
        Ok(code @ 90..=97) => Style { colour: Some(code - 90 + 8), ..style },
        // An empty code is a reset as well.
        Ok(0) | Err(_) => Style::default(),
        Ok(_) => style,
    }
}

fn run(html: &mut String, text: &str, style: Style) {
    if text.is_empty() {
        return;
    }
    let classes: Vec<String> =
        style.bold.then(|| "b".to_owned()).into_iter().chain(style.colour.map(|c| format!("c{c}"))).collect();
    if !classes.is_empty() {
        let _ = write!(html, "<span class=\"{}\">", classes.join(" "));
    }
    escape(html, text);
    if !classes.is_empty() {
        html.push_str("</span>");
    }
}

/// Text that means nothing to a browser.
pub(super) fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // What is left of a sequence that is no colour.
            '\u{1b}' => html.push('\u{fffd}'),
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Diagnostic, SourceText, Span, render};

    #[test]
    fn colours_are_classes_and_the_rest_is_text() {
        assert_eq!(
            to_html("\u{1b}[1m\u{1b}[91merror\u{1b}[0m: <b> & \u{1b}[1;32mgreen\u{1b}[39m\"\u{1b}[0m"),
            "<span class=\"b c9\">error</span>: &lt;b&gt; &amp; \
             <span class=\"b c2\">green</span><span class=\"b\">&quot;</span>"
        );
        assert_eq!(to_html("a\u{1b}[2Kb\u{1b}[38mc\u{1b}"), "abc\u{fffd}");
        assert_eq!(to_html("\u{1b}["), "");
    }

    #[test]
    fn a_finding_reads_as_in_the_terminal() {
        let source = SourceText::new("playbooks/<x>.toml", "name = \"<script>alert(1)</script>\"\n");
        let finding = Diagnostic::error(Code::UnknownKey, "unknown key `<i>`").at(&Span::new(&source, 7..33), "here");
        let html = to_html(&render(&finding, true));
        assert!(!html.contains("<script") && !html.contains("<i>") && !html.contains("<x>"), "{html}");
        assert!(html.contains("class=\"b c9\""), "errors are bright red: {html}");
        let mut text = html.clone();
        while let (Some(from), Some(to)) = (text.find('<'), text.find('>')) {
            text.replace_range(from..=to, "");
        }
        let mut plain = String::new();
        escape(&mut plain, &render(&finding, false));
        assert_eq!(text, plain);
    }
}
