//! What Markdown of playbooks may become: a filter over the parser's events.
//!
//! Raw HTML becomes text. Links and images keep their destination only if it is relative or has the
//! scheme `http`, `https` or `mailto`; images never load from elsewhere, since pages make no requests.

use crate::diagnostic::is_hidden;
use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

/// Events of a Markdown text with everything dangerous turned into text.
pub fn sanitise<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    // One entry an open link or image: whether its tags are kept.
    let mut open: Vec<bool> = Vec::new();
    events.filter_map(move |event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let keep = is_safe(&dest_url);
            open.push(keep);
            keep.then(|| Event::Start(Tag::Link { link_type, dest_url: trimmed(dest_url), title, id }))
        }
        Event::End(TagEnd::Link) => open.pop().unwrap_or(false).then_some(Event::End(TagEnd::Link)),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let keep = may_load(&dest_url);
            open.push(keep);
            keep.then(|| Event::Start(Tag::Image { link_type, dest_url: trimmed(dest_url), title, id }))
        }
        Event::End(TagEnd::Image) => open.pop().unwrap_or(false).then_some(Event::End(TagEnd::Image)),
        other => Some(other),
    })
}

/// Whether a destination may stand in a page. The parser has already decoded entities.
#[must_use]
pub fn is_safe(destination: &str) -> bool {
    let destination = destination.trim();
    // Browsers ignore control characters within a scheme, so none may stand anywhere.
    if destination.chars().any(|c| is_hidden(c) || c == '\\') || destination.starts_with("//") {
        return false;
    }
    is_relative(destination)
        || scheme(destination)
            .is_some_and(|s| ["http", "https", "mailto"].iter().any(|known| s.eq_ignore_ascii_case(known)))
}

/// Whether an image may be loaded from there: only from the site itself.
pub(super) fn may_load(destination: &str) -> bool {
    is_safe(destination) && is_relative(destination)
}

fn is_relative(destination: &str) -> bool {
    scheme(destination.trim()).is_none() && !destination.trim().starts_with("//")
}

/// Everything before a colon that comes before any `/`, `?` or `#`, whatever its characters: what a
/// lenient reader may take for a scheme is one.
fn scheme(destination: &str) -> Option<&str> {
    let end = destination.find(['/', '?', '#']).unwrap_or(destination.len());
    let head = destination.get(..end)?;
    // An encoded colon counts, for readers that decode twice; `&#` would be cut by the `#`.
    let lower = head.to_ascii_lowercase();
    let cut = (head.ends_with('&') && destination.get(end..).is_some_and(|t| t.starts_with('#'))).then_some(head.len());
    let colon = ["%3a", "&colon"].iter().filter_map(|c| lower.find(c)).chain(head.find(':')).chain(cut).min()?;
    head.get(..colon)
}

fn trimmed(destination: CowStr<'_>) -> CowStr<'_> {
    if destination.trim().len() == destination.len() { destination } else { destination.trim().to_owned().into() }
}

#[cfg(test)]
mod tests {
    use super::super::markdown;
    use super::super::outline::Headings;
    use super::*;

    fn to_html(source: &str) -> String {
        markdown::to_html(source, Headings::Below(2))
    }

    #[test]
    fn schemes_that_run_code_are_refused() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "java\u{0}script:alert(1)",
            "\u{1}javascript:alert(1)",
            "javascript&colon;alert(1)",
            "javascript&#58;alert(1)",
            "javascript%3aalert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:msgbox(1)",
            "file:///etc/passwd",
            "//evil.example/x",
            "\\\\evil.example\\x",
            "http\u{200b}s://x",
        ] {
            assert!(!is_safe(bad), "{bad:?}");
        }
        for good in [
            "https://example.com/a?b=c:d",
            "http://x",
            "mailto:a@b.cn",
            "a/b.html",
            "#top",
            "?x=1",
            "../x",
            "欢迎.html",
        ] {
            assert!(is_safe(good), "{good:?}");
        }
    }

    #[test]
    fn raw_html_is_shown_and_not_run() {
        let html = to_html("<script>alert(1)</script>\n\na <img src=x onerror=alert(1)> b");
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(html.contains("&lt;script&gt;") && html.contains("&lt;img"), "{html}");
    }

    #[test]
    fn a_dangerous_link_keeps_its_words() {
        for source in [
            "[words](javascript:alert(1))",
            "[words](&#106;avascript:alert(1))",
            "[words](javascript&colon;alert(1))",
            "[words][x]\n\n[x]: data:text/html;base64,AAAA",
            "<javascript:words>",
            "![words](https://evil.example/pixel.png)",
        ] {
            let html = to_html(source);
            assert!(!html.contains("href") && !html.contains("src="), "{html}");
            assert!(html.contains("words"), "{html}");
        }
    }

    #[test]
    fn quotes_cannot_leave_an_attribute() {
        let html = to_html("[x](https://a.example/\"onmouseover=alert(1))");
        assert!(!html.contains("\"onmouseover"), "{html}");
        let html = to_html("[x](https://a.example 'a\" onmouseover=\"alert(1)')");
        assert!(!html.contains("\" onmouseover=\""), "{html}");
    }
}
