//! A text as Markdown of a playbook: no raw HTML, no dangerous link and no foreign image comes out of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qunce::site::markdown::{self, Headings, to_block, to_inline_html, to_item, to_quote};

/// The tags that Markdown makes; others would have to come from the text.
const TAGS: &[&str] = &[
    "p", "a", "em", "strong", "del", "code", "pre", "ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "br", "img", "table", "thead", "tbody", "tr", "th", "td", "input",
];

/// What a browser takes for the scheme of an address: what is before the first colon, unless it begins otherwise,
/// without control characters and in small letters.
fn scheme(address: &str) -> Option<String> {
    let address = address.replace("&amp;", "&").replace("&#58;", ":").replace("&colon;", ":").replace("&#x3a;", ":");
    let seen: String = address.chars().filter(|c| !c.is_ascii_control()).collect();
    let (head, _) = seen.trim().split_once(':')?;
    (!head.contains(['/', '?', '#'])).then(|| head.to_ascii_lowercase())
}

fn check(html: &str) {
    for (at, _) in html.match_indices('<') {
        let rest = html[at + 1..].trim_start_matches('/');
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(TAGS.contains(&name.as_str()), "<{name}> in {html}");
        let tag = &rest[..rest.find('>').unwrap_or(rest.len())];
        for (attribute, foreign) in [("href", true), ("src", false)] {
            let Some((_, rest)) = tag.split_once(&format!(" {attribute}=\"")) else { continue };
            let to = &rest[..rest.find('"').expect("a value ends")];
            let allowed: &[&str] = if foreign { &["http", "https", "mailto"] } else { &[] };
            assert!(!to.starts_with("//"), "{to} in {html}");
            assert!(scheme(to).is_none_or(|s| allowed.contains(&&*s)), "{to} in {html}");
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
