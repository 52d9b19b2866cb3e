//! Text of the data made fit to be shown: without marks that steer a reader's eye or terminal.

use crate::diagnostic::is_hidden;
use std::borrow::Cow;

/// Text without control characters, bidirectional overrides and zero-width marks.
///
/// Tabs and line breaks become spaces, because names stand in one line. A zero-width joiner stays
/// where it joins pictographs, since names are full of them.
#[must_use]
pub fn clean(text: &str) -> String {
    strip(text, false).into_owned()
}

/// As [`clean`], but line breaks stay.
#[must_use]
pub fn clean_lines(text: &str) -> String {
    strip(text, true).into_owned()
}

/// As [`clean`], without a copy where there is nothing to take away.
#[must_use]
pub fn cleaned(text: &str) -> Cow<'_, str> {
    strip(text, false)
}

/// As [`clean_lines`], without a copy where there is nothing to take away.
#[must_use]
pub fn cleaned_lines(text: &str) -> Cow<'_, str> {
    strip(text, true)
}

/// Bytes that are, or begin, a hidden character; those that begin one begin few others.
const SUSPECT: [bool; 256] = {
    let mut suspect = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        suspect[byte] = matches!(byte, 0..=0x1f | 0x7f | 0xc2 | 0xcd | 0xd8 | 0xe1 | 0xe2 | 0xef | 0xf3);
        byte += 1;
    }
    suspect
};

/// Whether a byte is, or begins, a character that may be hidden.
pub(crate) const fn is_suspect(byte: u8) -> bool {
    SUSPECT[byte as usize]
}

/// Whether a character of a text that keeps its line breaks stays as it is, whatever stands around it.
pub(crate) fn stays(c: char) -> bool {
    c == '\n' || !is_hidden(c)
}

/// Whether a text stays as it is.
fn is_clean(text: &str, lines: bool) -> bool {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| SUSPECT[usize::from(byte)]) {
        let mut chars = rest.get(at..).unwrap_or_default().chars();
        match chars.next() {
            Some('\n') if lines => {}
            Some('\t' | '\n' | '\r') => return false,
            Some(c) if is_hidden(c) => return false,
            _ => {}
        }
        rest = chars.as_str();
    }
    true
}

fn strip(text: &str, lines: bool) -> Cow<'_, str> {
    if is_clean(text, lines) {
        return Cow::Borrowed(text);
    }
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
    Cow::Owned(out)
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
    fn every_hidden_character_is_found_by_its_first_byte() {
        for c in ('\u{0}'..=char::MAX).filter(|c| is_hidden(*c)) {
            assert!(!is_clean(&format!("a{c}"), false), "{c:?}");
        }
        assert!(is_clean("，“群”·a–b…", false) && is_clean("a\nb", true) && !is_clean("a\nb", false));
    }

    #[test]
    fn a_family_stays_together() {
        assert_eq!(clean("👩\u{200d}👧"), "👩\u{200d}👧");
        assert_eq!(clean("a\u{200d}b"), "ab");
    }
}
