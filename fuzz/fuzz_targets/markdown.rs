//! A text as Markdown of a playbook: no raw HTML, no dangerous link and no foreign image comes out of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qunce::site::markdown::{self, Headings, to_block, to_inline_html, to_item, to_quote};

/// The tags that Markdown makes; others would have to come from the text.
const TAGS: &[&str] = &[
    "p", "a", "em", "strong", "del", "code", "pre", "ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "br", "img", "table", "thead", "tbody", "tr", "th", "td", "input",
];

fn check(html: &str) {
    for (at, _) in html.match_indices('<') {
        let rest = html[at + 1..].trim_start_matches('/');
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(TAGS.contains(&name.as_str()), "<{name}> in {html}");
        let tag = &rest[..rest.find('>').unwrap_or(rest.len())];
        let lower = tag.to_ascii_lowercase();
        assert!(!lower.contains("href=\"javascript") && !lower.contains("href=\"data:"), "{html}");
        if name == "img" {
            assert!(!lower.contains("src=\"http") && !lower.contains("src=\"//"), "{html}");
        }
    }
}

fn to_html(text: &str) -> String {
    markdown::to_html(text, Headings::Below(2))
}

fuzz_target!(|text: &str| {
    check(&to_html(text));
    check(&to_inline_html(text, Headings::Bold));
    // As another reader would see the Markdown files.
    check(&to_html(&to_block(text, Headings::Below(3))));
    check(&to_html(&to_item(text, 2)));
    check(&to_html(&to_quote(text)));
});
