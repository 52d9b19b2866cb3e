//! Escapes of the template engines and of the files that are not templates.

use crate::report::visible::{clean, clean_lines, cleaned, cleaned_lines, is_suspect, stays};
use std::io::{self, Write};

/// HTML: text and quoted attributes. Marks that mislead a reader are dropped on the way.
///
/// # Errors
/// When the output cannot take more.
pub fn html(input: &str, output: &mut dyn Write) -> io::Result<()> {
    let (mut written, mut at) = (0, 0);
    // Pages are made of short texts that stay as they are: these are looked at once and written in one piece.
    while let Some(step) = tail(input, at).bytes().position(|byte| NOTABLE[usize::from(byte)]) {
        at += step;
        let rest = tail(input, at);
        let Some(c) = rest.chars().next() else { break };
        if let Some(entity) = entity(c) {
            output.write_all(input.get(written..at).unwrap_or_default().as_bytes())?;
            output.write_all(entity)?;
            written = at + c.len_utf8();
        } else if !stays(c) {
            return tera::escape_html(&cleaned_lines(tail(input, written)), output);
        }
        at += c.len_utf8();
    }
    output.write_all(tail(input, written).as_bytes())
}

/// Bytes that are written otherwise in HTML, and those that may begin a hidden character.
const NOTABLE: [bool; 256] = {
    let mut notable = [false; 256];
    let mut byte: u8 = 0;
    loop {
        notable[byte as usize] = is_suspect(byte) || matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    notable
};

fn entity(c: char) -> Option<&'static [u8]> {
    Some(match c {
        '&' => b"&amp;",
        '<' => b"&lt;",
        '>' => b"&gt;",
        '"' => b"&quot;",
        '\'' => b"&#39;",
        _ => return None,
    })
}

fn tail(text: &str, from: usize) -> &str {
    text.get(from..).unwrap_or_default()
}

/// Markdown: a value stands as one line of plain text, wherever in a line it is.
///
/// # Errors
/// When the output cannot take more.
pub fn markdown(input: &str, output: &mut dyn Write) -> io::Result<()> {
    let line = cleaned(input);
    let mut written = 0;
    for (at, byte) in line.bytes().enumerate() {
        let (instead, next): (&[u8], usize) = match byte {
            b'<' => (b"&lt;", at + 1),
            b'&' => (b"&amp;", at + 1),
            b'\\' | b'`' | b'*' | b'_' | b'[' | b']' | b'>' | b'|' | b'~' | b'!' | b'#' => (b"\\", at),
            // A list or a numbered item begins only at the start.
            b'-' | b'+' | b'=' if at == 0 => (b"\\", at),
            _ => continue,
        };
        output.write_all(line.get(written..at).unwrap_or_default().as_bytes())?;
        output.write_all(instead)?;
        written = next;
    }
    output.write_all(tail(&line, written).as_bytes())
}

/// A cell of a CSV file: text that a spreadsheet would take for a formula is led by `'`.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    let risky = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠');
    let shown = clean(text);
    let plain_number = shown.parse::<rust_decimal::Decimal>().is_ok();
    let leads = |t: &str| t.trim_start_matches(['\u{feff}', ' ']).starts_with(risky);
    if (leads(text) || leads(&shown)) && !plain_number { format!("'{shown}") } else { shown }
}

/// A text value of RFC 5545.
#[must_use]
pub fn ics_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean_lines(text).chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn md(text: &str) -> String {
        let mut out = Vec::new();
        markdown(text, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn html_is_what_the_template_engine_makes_of_a_cleaned_text() {
        for text in [
            "",
            "plain",
            "<b>\"x\" & 'y'</b>",
            "，“群”·a–b…\nc",
            "a\r\nb\tc",
            "&\u{200b}<\u{202e}>",
            "👩\u{200d}👧 & 👩\u{200d}",
            "\u{feff}'\u{ad}",
        ] {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            html(text, &mut ours).unwrap();
            tera::escape_html(&clean_lines(text), &mut theirs).unwrap();
            assert_eq!(String::from_utf8(ours).unwrap(), String::from_utf8(theirs).unwrap());
        }
    }

    #[test]
    fn markdown_values_stay_words() {
        use pulldown_cmark::{Event, Options, Parser};
        for text in
            ["[x](javascript:a())", "<img src=x>", "# h", "- a", "a|b", "`c`", "**b**", "![i](x)", "a\n\n# b", "&lt;"]
        {
            let events: Vec<Event<'_>> = Vec::new();
            let source = format!("name: {}\n", md(text));
            let plain: String = Parser::new_ext(&source, Options::all())
                .filter_map(|e| match e {
                    Event::Text(t) => Some(t.to_string()),
                    Event::SoftBreak => Some(" ".to_owned()),
                    Event::Start(t) => {
                        assert!(matches!(t, pulldown_cmark::Tag::Paragraph), "{text:?} became {t:?}");
                        None
                    }
                    Event::End(_) => None,
                    other => {
                        assert!(events.contains(&other), "{text:?} became {other:?}");
                        None
                    }
                })
                .collect();
            assert_eq!(plain, format!("name: {}", clean(text)));
        }
    }

    #[test]
    fn formulas_are_disarmed_and_numbers_stay() {
        assert_eq!(csv_cell("=1+1"), "'=1+1");
        assert_eq!(csv_cell("@sum"), "'@sum");
        assert_eq!(csv_cell("\t=1"), "' =1");
        assert_eq!(csv_cell("＝1+1"), "'＝1+1");
        assert_eq!(csv_cell("-12.50"), "-12.50");
        assert_eq!(csv_cell("-x"), "'-x");
        assert_eq!(csv_cell("\u{202e}=1"), "'=1");
    }

    #[test]
    fn calendar_texts_are_one_line() {
        assert_eq!(ics_text("a;b,c\\d\r\ne"), "a\\;b\\,c\\\\d\\ne");
    }
}
