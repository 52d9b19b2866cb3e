//! Diagnostics as rustc prints them.

use super::{Diagnostic, Place, Severity};
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

/// A cell further right than this is quoted without its place in the line.
const WIDEST_MARGIN: usize = 80;

/// Renders one finding for a terminal or a log.
///
/// Data never reaches the terminal raw: control characters, bidirectional marks and zero-width
/// characters are shown escaped.
#[must_use]
pub fn render(diagnostic: &Diagnostic, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = visible(&diagnostic.title);
    // Owned copies live as long as the report that borrows them.
    let prepared: Vec<(String, String, &Place)> = diagnostic
        .labels
        .iter()
        .map(|l| match &l.place {
            Place::Text(span) => (visible_lines(&span.source.text), visible(&l.message), &l.place),
            Place::Cell { excerpt, .. } => (visible(excerpt), visible(&l.message), &l.place),
            Place::File(_) => (String::new(), visible(&l.message), &l.place),
        })
        .collect();
    let notes: Vec<String> = diagnostic.notes.iter().map(|n| visible(n)).collect();
    let help = diagnostic.help.as_deref().map(visible);

    let mut group =
        level.primary_title(&title).id(diagnostic.code.id()).elements(Vec::<annotate_snippets::Element<'_>>::new());
    for (index, (text, message, place)) in prepared.iter().enumerate() {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        match place {
            Place::Text(span) => {
                let end = span.range.end.min(text.len());
                let start = span.range.start.min(end);
                group = group.element(
                    Snippet::source(text.as_str())
                        .path(span.source.name.as_str())
                        .annotation(kind.span(start..end).label(message.as_str())),
                );
            }
            Place::Cell { file, line, column, .. } => {
                // Spaces stand for the cells before it, which are none of a log's business.
                let margin = column.map_or(0, |c| (c as usize).saturating_sub(1));
                if text.is_empty() || margin > WIDEST_MARGIN {
                    let mut origin = Origin::path(file.as_str()).line(usize::try_from(*line).unwrap_or(usize::MAX));
                    if let Some(c) = column {
                        origin = origin.char_column(*c as usize);
                    }
                    group = group.element(origin);
                    for note in [message, text].into_iter().filter(|n| !n.is_empty()) {
                        group = group.element(Level::NOTE.message(note.as_str()));
                    }
                } else {
                    group = group.element(
                        Snippet::source(format!("{}{text}", " ".repeat(margin)))
                            .line_start(usize::try_from(*line).unwrap_or(usize::MAX))
                            .path(file.as_str())
                            .annotation(kind.span(margin..margin + text.len()).label(message.as_str())),
                    );
                }
            }
            Place::File(file) => {
                group = group.element(Origin::path(file.as_str()));
                if !message.is_empty() {
                    group = group.element(Level::NOTE.message(message.as_str()));
                }
            }
        }
    }
    for note in &notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = renderer.render(&[group]).to_string();
    out.push('\n');
    out
}

/// Text with everything that could steer a terminal or mislead a reader shown as `\u{…}`.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if is_hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
        out
    })
}

/// As [`visible`], but byte offsets and line breaks stay, because spans point into the text.
fn visible_lines(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if is_hidden(c) && !matches!(c, '\n' | '\t' | '\r') {
            out.extend(std::iter::repeat_n('?', c.len_utf8()));
        } else {
            out.push(c);
        }
        out
    })
}

/// Whether a character shows nothing but changes how others are read.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::super::{Code, SourceText, Span};
    use super::*;

    #[test]
    fn a_finding_in_toml_quotes_the_line() {
        let source = SourceText::new("playbooks/vip.toml", "[kpi.x]\nwieght = 3\n");
        let text = render(
            &Diagnostic::error(Code::UnknownKey, "unknown key `wieght`")
                .at(&Span::new(&source, 8..14), "not a key of a KPI")
                .with_help("did you mean `weight`?"),
            false,
        );
        assert_eq!(
            text,
            "error[Q0003]: unknown key `wieght`\n \
             --> playbooks/vip.toml:2:1\n  \
             |\n\
             2 | wieght = 3\n  \
             | ^^^^^^ not a key of a KPI\n  \
             |\n  \
             = help: did you mean `weight`?\n"
        );
    }

    #[test]
    fn hostile_text_cannot_steer_the_terminal() {
        let text = render(
            &Diagnostic::error(Code::BadCell, "bad \u{1b}[31m cell").at_cell(
                "data/m.csv",
                3,
                Some(2),
                "\u{1b}]0;x\u{7}\u{202e}abc",
                "expected a time",
            ),
            false,
        );
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}') && !text.contains('\u{7}'));
        assert!(text.contains("data/m.csv:3"));
    }
}
