//! The forms in which findings are told.

use super::selection::Selection;
use super::{Findings, github, json, junit, markdown, render, sarif};

/// A form of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people, as rustc prints them.
    #[default]
    Human,
    /// For programs; see [`DIAGNOSTICS_SCHEMA_VERSION`](super::DIAGNOSTICS_SCHEMA_VERSION).
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands.
    Github,
    /// A JUnit report.
    Junit,
    /// For a comment on a merge request.
    Markdown,
}

/// The findings of a run as one document.
///
/// At most `most` findings are in it, the worst first (0: all of them); it tells how many were left out.
/// `exit_code` is that of the run. People are told nothing where nothing was found.
#[must_use]
pub fn document(findings: &Findings, format: Format, most: usize, exit_code: u8, colour: bool) -> String {
    let selection = Selection::new(findings, most);
    let pretty = |value: serde_json::Value| serde_json::to_string_pretty(&value).unwrap_or_default() + "\n";
    match format {
        Format::Human => human(&selection, colour),
        Format::Json => pretty(json::document(&selection, exit_code)),
        Format::Sarif => pretty(sarif::document(&selection, exit_code)),
        Format::Github => github::document(&selection),
        Format::Junit => junit::document(&selection),
        Format::Markdown => markdown::document(&selection),
    }
}

fn human(selection: &Selection<'_>, colour: bool) -> String {
    let mut text: String = selection.shown.iter().map(|d| render(d, colour) + "\n").collect();
    if selection.cut > 0 {
        text.push_str(&format!("… and {} more; `--max-findings 0` shows all\n", selection.cut));
    }
    if selection.counts[0] + selection.counts[1] > 0 {
        text.push_str(&format!("{}\n", selection.counted()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Diagnostic, SourceText, Span};
    use super::*;

    const HOSTILE: &str = "a\n::error file=x::forged\r\u{1b}[31m%0A]]></failure>@all [x](javascript:1) | `b`";

    fn findings() -> Findings {
        let source = SourceText::new("playbooks/a,b:c.toml", "name = \"茶\"\nwieght = 3\n");
        let mut findings = Findings::new();
        findings.push(Diagnostic::warning(Code::Orphans, "rows are orphaned").at_file("data/m.csv", ""));
        findings.push(
            Diagnostic::error(Code::UnknownKey, format!("unknown key `{HOSTILE}`"))
                .at(&Span::new(&source, 13..19), HOSTILE)
                .at_cell("data/m.csv", 3, Some(4), HOSTILE, "here")
                .with_note(HOSTILE)
                .with_help(HOSTILE),
        );
        findings
    }

    #[test]
    fn the_worst_come_first_and_those_left_out_are_counted() {
        for format in [Format::Human, Format::Json, Format::Sarif, Format::Github, Format::Junit, Format::Markdown] {
            let text = document(&findings(), format, 1, 3, false);
            assert!(text.contains("Q0003") && !text.contains("Q0312"), "{format:?}: {text}");
            assert!(text.contains("1 more") || text.contains("\"cut\": 1"), "{format:?}: {text}");
            assert!(document(&findings(), format, 0, 3, false).contains("Q0312"), "{format:?}");
        }
    }

    #[test]
    fn places_are_lines_columns_and_bytes() {
        let json: serde_json::Value =
            serde_json::from_str(&document(&findings(), Format::Json, 0, 3, false)).unwrap_or_default();
        let place = &json["diagnostics"][0]["places"][0];
        assert_eq!([&place["line"], &place["column"], &place["end_column"]], [2, 1, 7], "{place}");
        assert_eq!([&place["offset"], &place["length"]], [13, 6], "{place}");
        assert_eq!(json["exit_code"], 3);
    }

    #[test]
    fn a_command_of_github_is_one_line_that_no_text_can_forge() {
        let text = document(&findings(), Format::Github, 0, 3, false);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(
            lines[0]
                .starts_with("::error file=playbooks/a%2Cb%3Ac.toml,line=2,endLine=2,col=1,endColumn=7,title=Q0003"),
            "{text}"
        );
        assert!(lines[0].contains("%250A") && !text.contains('\u{1b}') && !text.contains('\r'), "{text}");
        assert_eq!(text.matches("\n::").count(), 1, "{text}");
    }

    #[test]
    fn markup_and_control_characters_stay_text() {
        let junit = document(&findings(), Format::Junit, 0, 3, false);
        assert_eq!(junit.matches("</failure>").count(), 1, "{junit}");
        assert!(!junit.contains('\u{1b}') && junit.contains("\\u{1b}"), "{junit}");
        let markdown = document(&findings(), Format::Markdown, 0, 3, false);
        assert!(!markdown.contains("@all") && !markdown.contains("](") && !markdown.contains(" | "), "{markdown}");
        let human = document(&findings(), Format::Human, 0, 3, false);
        assert!(human.lines().all(|l| !l.starts_with("::")) && !human.contains('\u{1b}'), "{human}");
    }
}
