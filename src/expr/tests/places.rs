//! Errors inside TOML strings of every kind.

use super::super::{ExprError, Want, to_diagnostic};
use super::compiled;
use crate::diagnostic::{Code, SourceText, Span, render};
use proptest::prelude::*;
use std::ops::Range;

/// The raw text under an error over a decoded range of the one string in a TOML document.
fn under(document: &str, find: impl Fn(&str) -> Range<usize>) -> String {
    let table: toml::Table = document.parse().unwrap();
    let decoded = table["x"].as_str().unwrap().to_owned();
    let error = ExprError {
        code: Code::ExprType,
        range: find(&decoded),
        message: "m".to_owned(),
        label: "l".to_owned(),
        help: None,
    };
    let source = SourceText::new("a.toml", document);
    let start = document.find('=').unwrap() + 2;
    let diagnostic = to_diagnostic(&error, &Span::new(&source, start..document.trim_end().len()));
    let crate::diagnostic::Place::Text(span) = &diagnostic.labels[0].place else { panic!("no text") };
    document[span.range.clone()].to_owned()
}

fn word(word: &'static str) -> impl Fn(&str) -> Range<usize> {
    move |text| {
        let start = text.find(word).unwrap();
        start..start + word.len()
    }
}

#[test]
fn the_offending_word_is_found_in_every_kind_of_string() {
    for document in [
        "x = \"a and bad > 1\"\n",
        "x = \"a = '\\u7fa4\\\\ \\\"' and bad\"\n",
        "x = 'a and bad > 1'\n",
        "x = \"\"\"\na and\n  bad > 1\"\"\"\n",
        "x = \"\"\"a and \\\n     bad > 1\"\"\"\n",
        "x = \"\"\"\r\na and\r\n  bad > 1\"\"\"\r\n",
        "x = '''\na = '群' and\n  bad > 1'''\n",
        "x = \"\"\"a = 'quote \"\" inside' and bad\"\"\"\n",
    ] {
        assert_eq!(under(document, word("bad")), "bad", "{document}");
    }
}

#[test]
fn an_escape_is_marked_whole() {
    assert_eq!(under("x = \"a\\u7fa4b\"", word("群")), "\\u7fa4");
    assert_eq!(under("x = \"a\\\"b\"", word("\"")), "\\\"");
    assert_eq!(under("x = \"\\t\\U0001F600!\"", word("😀!")), "\\U0001F600!");
}

#[test]
fn what_is_missing_at_the_end_is_shown_at_the_closing_quote() {
    assert_eq!(under("x = \"a and\"", |t| t.len()..t.len()), "\"");
    assert_eq!(under("x = '''a and'''", |t| t.len()..t.len()), "'");
    assert_eq!(under("x = \"\"", |t| t.len()..t.len()), "\"");
}

#[test]
fn the_finding_reads_like_a_compiler_message() {
    let source = SourceText::new("playbooks/vip.toml", "[[segment]]\nwhen = \"knd = 'a'\"\n");
    let errors = compiled("knd = 'a'", Want::Bool).map(|_| ()).unwrap_err();
    let text = render(&to_diagnostic(&errors[0], &Span::new(&source, 19..30)), false);
    assert_eq!(
        text,
        "error[Q0202]: unknown column or measure `knd`\n \
         --> playbooks/vip.toml:2:9\n  \
         |\n\
         2 | when = \"knd = 'a'\"\n  \
         |         ^^^ unknown\n  \
         |\n  \
         = help: did you mean `kind`?\n"
    );
}

proptest! {
    #[test]
    fn any_character_is_found_again(text in "[a-z\"'\\\\\n\t群😀 ]{1,20}", pick in 0usize..20) {
        let mut table = toml::Table::new();
        table.insert("x".to_owned(), toml::Value::String(text.clone()));
        let document = table.to_string();
        let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
        let start = starts[pick % starts.len()];
        let length = text[start..].chars().next().unwrap().len_utf8();
        let raw = under(&document, |_| start..start + length);
        let wanted = &text[start..start + length];
        let short = match wanted { "\n" => "\\n", "\t" => "\\t", "\"" => "\\\"", "\\" => "\\\\", other => other };
        prop_assert!(raw == wanted || raw == short, "{document}: {raw:?} for {wanted:?}");
    }
}
