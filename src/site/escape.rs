//! Escapes of the template engines and of the files that are not templates.

use crate::report::visible::{clean, clean_lines, cleaned_lines};
use std::io::{self, Write};

/// HTML: text and quoted attributes. Marks that mislead a reader are dropped on the way.
///
/// # Errors
/// When the output cannot take more.
pub fn html(input: &str, output: &mut dyn Write) -> io::Result<()> {
    tera::escape_html(&cleaned_lines(input), output)
}

/// Markdown: a value stands as one line of plain text, wherever in a line it is.
///
/// # Errors
/// When the output cannot take more.
pub fn markdown(input: &str, output: &mut dyn Write) -> io::Result<()> {
    let mut start = true;
    for c in clean(input).chars() {
        let special = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '!' | '#' | '&' => true,
            // A list or a numbered item begins only at the start.
            '-' | '+' | '=' => start,
            _ => false,
        };
        match c {
            '<' => output.write_all(b"&lt;")?,
            '&' => output.write_all(b"&amp;")?,
            // An e-mail or mention must not become one.
            '@' => output.write_all("@".as_bytes())?,
            _ if special => write!(output, "\\{c}")?,
            _ => write!(output, "{c}")?,
        }
        start = false;
    }
    Ok(())
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
