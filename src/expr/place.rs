//! Places in an expression as places in the TOML file around it.

use super::error::ExprError;
use crate::diagnostic::{Diagnostic, Span};
use std::ops::Range;

/// The error as a finding under the offending word of the TOML file.
///
/// `toml_span` covers the string value including its quotes. Escapes and line breaks of the TOML
/// string are followed; when the span is no string, the finding points at all of it.
#[must_use]
pub fn to_diagnostic(error: &ExprError, toml_span: &Span) -> Diagnostic {
    let raw = toml_span.source.text.get(toml_span.range.clone()).unwrap_or_default();
    let range = match Literal::read(raw) {
        Some(literal) => {
            let place = literal.place(&error.range);
            toml_span.range.start + place.start..toml_span.range.start + place.end
        }
        None => toml_span.range.clone(),
    };
    let diagnostic =
        Diagnostic::error(error.code, &error.message).at(&Span::new(&toml_span.source, range), &error.label);
    match &error.help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    }
}

/// The characters of a TOML string, decoded and raw.
struct Literal {
    /// Bytes of the decoded text, and of the raw text that stands for it, by character.
    characters: Vec<(Range<usize>, Range<usize>)>,
    /// Where the closing quotes begin in the raw text.
    end: usize,
}

impl Literal {
    fn read(raw: &str) -> Option<Self> {
        let quotes = ["\"\"\"", "'''", "\"", "'"]
            .into_iter()
            .find(|q| raw.len() >= 2 * q.len() && raw.starts_with(q) && raw.ends_with(q))?;
        let end = raw.len() - quotes.len();
        let mut at = quotes.len();
        let escapes = quotes.starts_with('"');
        if quotes.len() == 3 {
            // A line break right after the opening quotes is no part of the text.
            at += ["\r\n", "\n"]
                .into_iter()
                .find(|b| raw.get(at..end).is_some_and(|r| r.starts_with(b)))
                .map_or(0, str::len);
        }
        let mut characters = Vec::new();
        let mut decoded = 0;
        while let Some(rest) = raw.get(at..end).filter(|r| !r.is_empty()) {
            let (raw_length, length) = if escapes && rest.starts_with('\\') {
                escape(rest)?
            } else {
                let length = rest.chars().next()?.len_utf8();
                (length, length)
            };
            if length > 0 {
                characters.push((decoded..decoded + length, at..at + raw_length));
            }
            decoded += length;
            at += raw_length;
        }
        Some(Self { characters, end })
    }

    /// The raw bytes that stand for decoded bytes; for none at the end, the closing quote.
    fn place(&self, decoded: &Range<usize>) -> Range<usize> {
        let first = self.characters.iter().find(|(d, _)| d.end > decoded.start);
        let Some((_, first)) = first else { return self.end..self.end + 1 };
        let last = self.characters.iter().take_while(|(d, _)| d.start < decoded.end).last();
        first.start..last.map_or(first.end, |(_, r)| r.end).max(first.end)
    }
}

/// The raw and decoded lengths of an escape.
fn escape(rest: &str) -> Option<(usize, usize)> {
    let kind = rest.chars().nth(1)?;
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        // The end of a line and the white space up to the next text vanish.
        ' ' | '\t' | '\r' | '\n' => {
            let text = rest.get(1..)?.trim_start_matches([' ', '\t', '\r', '\n']);
            return Some((rest.len() - text.len(), 0));
        }
        _ => return Some((1 + kind.len_utf8(), 1)),
    };
    let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
    Some((2 + digits, char::from_u32(code)?.len_utf8()))
}
