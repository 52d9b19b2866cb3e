//! Headings of authors' texts, brought below the headings of the page that a text stands in.
//!
//! The first heading of a text is one level below the page's, whatever its author wrote, and none skips a level.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};
use std::ops::Range;

/// What becomes of the headings of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Headings {
    /// They stand below a heading of this level, 1 to 6.
    Below(u8),
    /// They become bold lines: the text stands where no heading can, such as in an item of a list.
    Bold,
}

/// The headings that are open at a place of a text.
#[derive(Debug)]
struct Outline {
    below: u8,
    open: Vec<HeadingLevel>,
}

impl Outline {
    fn of(headings: Headings) -> Option<Self> {
        match headings {
            Headings::Below(below) => Some(Self { below, open: Vec::new() }),
            Headings::Bold => None,
        }
    }

    /// The level at which the next heading of the text stands, 1 to 6.
    fn next(&mut self, written: HeadingLevel) -> u8 {
        while self.open.last().is_some_and(|above| *above >= written) {
            self.open.pop();
        }
        self.open.push(written);
        u8::try_from(self.open.len()).unwrap_or(6).saturating_add(self.below).min(6)
    }
}

/// Events of a text with its headings in their place.
pub fn lowered<'a>(events: impl Iterator<Item = Event<'a>>, headings: Headings) -> impl Iterator<Item = Event<'a>> {
    let mut outline = Outline::of(headings);
    let mut now = HeadingLevel::H6;
    events
        .flat_map(move |event| match (event, &mut outline) {
            (Event::Start(Tag::Heading { level, .. }), Some(outline)) => {
                now = HeadingLevel::try_from(usize::from(outline.next(level))).unwrap_or(HeadingLevel::H6);
                let tag = Tag::Heading { level: now, id: None, classes: Vec::new(), attrs: Vec::new() };
                [Some(Event::Start(tag)), None]
            }
            (Event::End(TagEnd::Heading(_)), Some(_)) => [Some(Event::End(TagEnd::Heading(now))), None],
            (Event::Start(Tag::Heading { .. }), None) => {
                [Some(Event::Start(Tag::Paragraph)), Some(Event::Start(Tag::Strong))]
            }
            (Event::End(TagEnd::Heading(_)), None) => {
                [Some(Event::End(TagEnd::Strong)), Some(Event::End(TagEnd::Paragraph))]
            }
            (other, _) => [Some(other), None],
        })
        .flatten()
}

/// A Markdown text with its headings in their place; `None` if they are.
#[must_use]
pub fn lowered_source(source: &str, headings: Headings, options: pulldown_cmark::Options) -> Option<String> {
    let mut outline = Outline::of(headings);
    let mut out = String::with_capacity(source.len() + 16);
    let mut from = 0;
    let mut content: Option<Range<usize>> = None;
    let mut mark = String::new();
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                mark = match &mut outline {
                    Some(outline) => "#".repeat(usize::from(outline.next(level))),
                    None => String::new(),
                };
                content = Some(range.end..range.start);
            }
            Event::End(TagEnd::Heading(_)) => {
                let inside = content.take().filter(|c| c.start < c.end).and_then(|c| source.get(c)).unwrap_or_default();
                let written = source.get(range.clone()).unwrap_or_default();
                let heading = heading(&mark, inside);
                let whole = written.trim_end();
                // A line that closes with marks of its own reads the same.
                let closed = whole.trim_end_matches('#').trim_end();
                if mark.is_empty() || (whole != heading && closed != heading) {
                    out.push_str(source.get(from..range.start).unwrap_or_default());
                    out.push_str(&heading);
                    from = range.start + whole.len();
                    // Without its mark the line would run into the next one.
                    let after = source.get(from..).unwrap_or_default();
                    if mark.is_empty() && after.starts_with('\n') && !after.starts_with("\n\n") {
                        out.push('\n');
                    }
                }
            }
            _ => {
                if let Some(content) = &mut content {
                    *content = content.start.min(range.start)..content.end.max(range.end);
                }
            }
        }
    }
    if from == 0 && out.is_empty() {
        return None;
    }
    out.push_str(source.get(from..).unwrap_or_default());
    Some(out)
}

/// A heading in one line, after its mark; bold without one.
fn heading(mark: &str, inside: &str) -> String {
    // The further lines of an underlined heading begin with the marks of the quotation or list around it.
    let mut lines = inside.lines();
    let mut line = lines.next().unwrap_or_default().trim().to_owned();
    for more in lines {
        line.push(' ');
        line.push_str(more.trim_start_matches([' ', '\t', '>']).trim_end());
    }
    match (mark, line.contains(['*', '_'])) {
        ("", true) => line,
        ("", false) if line.is_empty() => line,
        ("", false) => format!("**{line}**"),
        (_, _) if line.is_empty() => mark.to_owned(),
        _ => format!("{mark} {line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::Options;

    fn told(source: &str, headings: Headings) -> String {
        lowered_source(source, headings, Options::empty()).unwrap_or_else(|| source.to_owned())
    }

    #[test]
    fn the_first_heading_is_one_below_the_pages_and_none_skips_a_level() {
        let text = "# A\n\na\n\n### B\n## C ##\n# D\n";
        assert_eq!(told(text, Headings::Below(2)), "### A\n\na\n\n#### B\n#### C\n### D\n");
        assert_eq!(told("##### x\ny", Headings::Below(3)), "#### x\ny");
        assert_eq!(told("# a\n## b\n### c", Headings::Below(5)), "###### a\n###### b\n###### c");
    }

    #[test]
    fn an_underlined_heading_becomes_one_with_marks() {
        assert_eq!(told("A *b*\nc\n===\nd\n", Headings::Below(2)), "### A *b* c\nd\n");
        assert_eq!(told("> A\n> b\n> ---\n> c\n", Headings::Below(1)), "> ## A b\n> c\n");
    }

    #[test]
    fn where_no_heading_can_stand_it_is_a_bold_line() {
        assert_eq!(told("# A\nb", Headings::Bold), "**A**\n\nb");
        assert_eq!(told("a\n\n## **B**\n\nc", Headings::Bold), "a\n\n**B**\n\nc");
    }

    #[test]
    fn what_looks_like_a_heading_in_code_stays() {
        assert_eq!(lowered_source("```\n# x\n```\n\n    # y\n\n`# z`", Headings::Below(2), Options::empty()), None);
    }

    proptest! {
        /// Once lowered, a text stays as it is, and its headings are those that HTML gets.
        #[test]
        fn a_lowered_text_is_lowered_once(source in "([#=>*`\\- \\n]|a|b){0,40}", below in 1_u8..5) {
            let once = told(&source, Headings::Below(below));
            prop_assert_eq!(&told(&once, Headings::Below(below)), &once);
            let levels = |events: Vec<Event<'_>>| -> Vec<HeadingLevel> {
                events.into_iter().filter_map(|e| match e { Event::Start(Tag::Heading { level, .. }) => Some(level), _ => None }).collect()
            };
            let direct = levels(lowered(Parser::new(&source), Headings::Below(below)).collect());
            prop_assert_eq!(levels(Parser::new(&once).collect()), direct);
        }
    }
}
