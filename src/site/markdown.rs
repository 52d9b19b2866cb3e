//! Markdown of playbooks to HTML, and made safe to stand in another Markdown file.

use super::sanitise::{is_safe, may_load, sanitise};
use pulldown_cmark::{Event, Options, Parser, Tag, html};
use rustc_hash::FxHashMap;
use std::sync::{Mutex, PoisonError};
use tera::Value;

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// The most bytes of Markdown that are remembered with their HTML; the texts of all shipped playbooks
/// are fewer.
const REMEMBERED: usize = 1 << 20;

/// HTML of Markdown texts that stand on many pages, made once.
#[derive(Debug, Default)]
pub struct Remembered {
    texts: Mutex<(usize, FxHashMap<Box<str>, Value>)>,
}

impl Remembered {
    /// What `render` makes of a text; asked once.
    #[must_use]
    pub fn get(&self, source: &str, render: fn(&str) -> String) -> Value {
        // Texts are whole between any two steps, so a panic elsewhere spoils none.
        let lock = || self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().1.get(source) {
            return known.clone();
        }
        let html = Value::safe_string(&render(source));
        let mut texts = lock();
        texts.0 += source.len();
        if texts.0 > REMEMBERED {
            *texts = (source.len(), FxHashMap::default());
        }
        texts.1.insert(Box::from(source), html.clone());
        html
    }
}

/// HTML of a Markdown text, without raw HTML and dangerous links.
#[must_use]
pub fn to_html(source: &str) -> String {
    let mut out = String::with_capacity(source.len() * 3 / 2);
    html::push_html(&mut out, sanitise(Parser::new_ext(source, options())));
    // An empty head of a table heads nothing; raw HTML cannot have put it there.
    if out.contains("<th></th>") { out.replace("<th></th>", "<td></td>") } else { out }
}

/// HTML of a single line of Markdown, without the paragraph around it.
#[must_use]
pub fn to_inline_html(source: &str) -> String {
    let html = to_html(source);
    let trimmed = html.trim();
    match trimmed.strip_prefix("<p>").and_then(|t| t.strip_suffix("</p>")) {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => trimmed.to_owned(),
    }
}

/// Plain text as a Markdown quotation, each of its lines as a line of its own.
#[must_use]
pub fn to_quote(text: &str) -> String {
    let mut out = Vec::new();
    for (i, line) in text.trim_end().lines().enumerate() {
        out.extend_from_slice(if i == 0 { b"> " } else { b"  \n> " });
        if super::escape::markdown(line, &mut out).is_err() {
            return String::new();
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

/// A Markdown text that stands as a block in another one: raw HTML and dangerous links are escaped,
/// headings become bold so that the outline stays the page's.
#[must_use]
pub fn to_block(source: &str) -> String {
    let mut text = source.to_owned();
    // What raw HTML enclosed becomes Markdown once the HTML is text, and must be looked at as such. Every round
    // makes something harmless that stays so; deep nests are given up as a whole.
    for _ in 0..ROUNDS {
        match escaped(&text) {
            Some(next) => text = next,
            None => return text,
        }
    }
    let mut out = Vec::new();
    match super::escape::markdown(&text, &mut out) {
        Ok(()) => String::from_utf8(out).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// How often a text is looked at anew.
const ROUNDS: usize = 16;

/// A text with everything escaped that must not act; `None` if nothing does.
fn escaped(source: &str) -> Option<String> {
    let mut cuts: Vec<(usize, &str)> = Vec::new();
    for (event, range) in Parser::new_ext(source, options()).into_offset_iter() {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => {
                let text = source.get(range.clone()).unwrap_or_default();
                cuts.extend(text.match_indices('<').map(|(i, _)| (range.start + i, "\\")));
            }
            Event::Start(Tag::Link { dest_url, .. }) if !is_safe(&dest_url) => cuts.push((range.start, "\\")),
            Event::Start(Tag::Image { dest_url, .. }) if !may_load(&dest_url) => {
                // `![` would leave a link behind if only the mark were escaped.
                cuts.extend([(range.start, "\\"), (range.start + 1, "\\")]);
            }
            _ => {}
        }
    }
    cuts.sort_unstable();
    cuts.dedup();
    if cuts.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(source.len() + cuts.len());
    let mut from = 0;
    for (at, mark) in cuts {
        out.push_str(source.get(from..at).unwrap_or_default());
        out.push_str(mark);
        from = at;
    }
    out.push_str(source.get(from..).unwrap_or_default());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_markdown_works() {
        assert_eq!(to_html("a **b** [c](x.html)"), "<p>a <strong>b</strong> <a href=\"x.html\">c</a></p>\n");
        assert_eq!(to_inline_html("a *b*"), "a <em>b</em>");
    }

    #[test]
    fn what_is_remembered_is_what_would_be_made() {
        let remembered = Remembered::default();
        for _ in 0..3 {
            for source in ["a **b**", "<b>", ""] {
                assert_eq!(remembered.get(source, to_html).as_str(), Some(to_html(source).as_str()));
            }
        }
        for n in 0..40 {
            let _ = remembered.get(&format!("{n}{}", "x".repeat(REMEMBERED / 20)), to_html);
        }
        assert!(remembered.texts.lock().is_ok_and(|t| t.0 <= REMEMBERED && t.1.len() <= 21));
    }

    #[test]
    fn a_block_stays_harmless_when_read_again() {
        for source in [
            "x <b onclick=a()>y</b>",
            "[x](javascript:a())",
            "![x](javascript:a())",
            // A reader of the file would load it from there.
            "![x](https://elsewhere.example/pixel.png)",
            "<script>\na()\n</script>",
            "<script>\n![x](https://elsewhere.example/pixel.png) [x](javascript:a())\n</script>",
        ] {
            let html = {
                let mut out = String::new();
                html::push_html(&mut out, Parser::new_ext(&to_block(source), options()));
                out
            };
            assert!(
                !html.contains("<b ") && !html.contains("<script") && !html.contains("href=\"javascript"),
                "{html}"
            );
            assert!(!html.contains("<img"), "{html}");
        }
    }

    #[test]
    fn an_empty_head_of_a_table_is_no_head() {
        let html = to_html("| | Mon |\n| --- | --- |\n| a | b |\n");
        assert!(html.contains("<td></td><th>Mon</th>"), "{html}");
        assert!(to_html("<th></th>").contains("&lt;th&gt;"));
    }
}
