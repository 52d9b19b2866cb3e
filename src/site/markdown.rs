//! Markdown of playbooks to HTML, and made safe to stand in another Markdown file.

pub use super::outline::Headings;
use super::outline::{lowered, lowered_source};
use super::sanitise::{is_safe, may_load, sanitise};
use pulldown_cmark::{Event, Options, Parser, Tag, html};
use rustc_hash::FxHashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use tera::Value;

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// The most bytes of Markdown that are remembered with what they became; the texts of all shipped playbooks
/// are fewer.
const REMEMBERED: usize = 1 << 20;

/// What texts became, for every place that they can have in a page.
type Known<P> = FxHashMap<P, FxHashMap<Box<str>, Value>>;

/// What Markdown texts that stand on many pages become in a place of kind `P`, made once.
#[derive(Debug)]
pub struct Remembered<P> {
    texts: Mutex<(usize, Known<P>)>,
}

impl<P> Default for Remembered<P> {
    fn default() -> Self {
        Self { texts: Mutex::default() }
    }
}

impl<P: Copy + Eq + Hash> Remembered<P> {
    /// What `render` makes of a text, marked as safe; asked once.
    #[must_use]
    pub fn get(&self, source: &str, place: P, render: fn(&str, P) -> String) -> Value {
        // Texts are whole between any two steps, so a panic elsewhere spoils none.
        let lock = || self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().1.get(&place).and_then(|known| known.get(source)) {
            return known.clone();
        }
        let made = Value::safe_string(&render(source, place));
        let mut texts = lock();
        texts.0 += source.len();
        if texts.0 > REMEMBERED {
            *texts = (source.len(), Known::default());
        }
        texts.1.entry(place).or_default().insert(Box::from(source), made.clone());
        made
    }
}

/// HTML of a Markdown text, without raw HTML and dangerous links.
#[must_use]
pub fn to_html(source: &str, headings: Headings) -> String {
    let mut out = String::with_capacity(source.len() * 3 / 2);
    html::push_html(&mut out, lowered(sanitise(Parser::new_ext(source, options())), headings));
    // An empty head of a table heads nothing; raw HTML cannot have put it there.
    if out.contains("<th></th>") { out.replace("<th></th>", "<td></td>") } else { out }
}

/// HTML of a single line of Markdown, without the paragraph around it.
#[must_use]
pub fn to_inline_html(source: &str, headings: Headings) -> String {
    let html = to_html(source, headings);
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

/// A Markdown text that stands as a block in another one: raw HTML and dangerous links are escaped, headings brought
/// below those of the text around it.
#[must_use]
pub fn to_block(source: &str, headings: Headings) -> String {
    let mut text = source.to_owned();
    // What raw HTML enclosed becomes Markdown once the HTML is text, and must be looked at as such. Every round
    // makes something harmless that stays so; deep nests are given up as a whole.
    for _ in 0..ROUNDS {
        match escaped(&text).or_else(|| lowered_source(&text, headings, options())) {
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

/// A Markdown text that stands in an item of a list whose content begins `indent` columns in: on the item's line if
/// it is a single one, as blocks of the item otherwise. Headings become bold lines.
#[must_use]
pub fn to_item(source: &str, indent: usize) -> String {
    let text = to_block(source, Headings::Bold);
    let text = text.trim_end();
    if !text.contains('\n') {
        return text.to_owned();
    }
    let mut out = String::from("\n");
    for line in text.trim_start_matches('\n').lines() {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&" ".repeat(indent));
            out.push_str(line);
        }
    }
    out
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
        let html = to_html("a **b** [c](x.html)", Headings::Below(2));
        assert_eq!(html, "<p>a <strong>b</strong> <a href=\"x.html\">c</a></p>\n");
        assert_eq!(to_inline_html("a *b*", Headings::Bold), "a <em>b</em>");
    }

    #[test]
    fn what_is_remembered_is_what_would_be_made() {
        let remembered = Remembered::default();
        for _ in 0..3 {
            for (source, level) in [("# a **b**", 2), ("# a **b**", 3), ("<b>", 2), ("", 2)] {
                let headings = Headings::Below(level);
                assert_eq!(
                    remembered.get(source, headings, to_html).as_str(),
                    Some(to_html(source, headings).as_str())
                );
            }
        }
        for n in 0..40 {
            let _ = remembered.get(&format!("{n}{}", "x".repeat(REMEMBERED / 20)), Headings::Bold, to_html);
        }
        assert!(
            remembered
                .texts
                .lock()
                .is_ok_and(|t| t.0 <= REMEMBERED && t.1.values().map(FxHashMap::len).sum::<usize>() <= 21)
        );
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
                html::push_html(&mut out, Parser::new_ext(&to_block(source, Headings::Below(2)), options()));
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
    fn headings_stand_below_those_of_the_page() {
        assert_eq!(to_html("# A\n### B", Headings::Below(2)), "<h3>A</h3>\n<h4>B</h4>\n");
        assert_eq!(to_inline_html("# A", Headings::Bold), "<strong>A</strong>");
        assert_eq!(to_block("# A\n### B", Headings::Below(3)), "#### A\n##### B");
        // What raw HTML held back is a heading once the HTML is text.
        assert_eq!(to_block("<div>\n# A\n</div>", Headings::Below(1)), "\\<div>\n## A\n\\</div>");
    }

    #[test]
    fn a_text_of_several_blocks_stays_in_its_item() {
        assert_eq!(to_item("a **b**", 2), "a **b**");
        let item = format!("- x: {}\n- y", to_item("# A\nb\n\n- c", 2));
        let mut html = String::new();
        html::push_html(&mut html, Parser::new_ext(&item, options()));
        assert_eq!(html.matches("<ul>").count(), 2, "{html}");
        assert!(html.contains("<strong>A</strong>") && !html.contains("<h1"), "{html}");
    }

    #[test]
    fn an_empty_head_of_a_table_is_no_head() {
        let html = to_html("| | Mon |\n| --- | --- |\n| a | b |\n", Headings::Bold);
        assert!(html.contains("<td></td><th>Mon</th>"), "{html}");
        assert!(to_html("<th></th>", Headings::Bold).contains("&lt;th&gt;"));
    }
}
