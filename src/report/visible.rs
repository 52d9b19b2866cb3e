//! Text of the data made fit to be shown: without marks that steer a reader's eye or terminal.

use crate::diagnostic::is_hidden;

/// Text without control characters, bidirectional overrides and zero-width marks.
///
/// Tabs and line breaks become spaces, because names stand in one line. A zero-width joiner stays
/// where it joins pictographs, since names are full of them.
#[must_use]
pub fn clean(text: &str) -> String {
    strip(text, false)
}

/// As [`clean`], but line breaks stay.
#[must_use]
pub fn clean_lines(text: &str) -> String {
    strip(text, true)
}

fn strip(text: &str, lines: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\n' if lines => out.push(c),
            '\t' | '\n' | '\r' => {
                if !(lines && c == '\r') {
                    out.push(' ');
                }
            }
            '\u{200d}' if joins(before) => out.push(c),
            _ if is_hidden(c) => {}
            _ => out.push(c),
        }
        before = c;
    }
    out
}

fn joins(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_mislead_are_gone() {
        assert_eq!(clean("a\u{202e}b\u{200b}c\u{1b}[31m\u{7}\nd"), "abc[31m d");
        assert_eq!(clean_lines("a\r\nb"), "a\nb");
    }

    #[test]
    fn a_family_stays_together() {
        assert_eq!(clean("👩\u{200d}👧"), "👩\u{200d}👧");
        assert_eq!(clean("a\u{200d}b"), "ab");
    }
}
