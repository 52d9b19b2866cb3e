//! Data that pages load as scripts, since a page opened from a folder may not fetch files.

use crate::report::Findable;
use serde_json::Value;
use std::collections::BTreeMap;

/// A script that hands a value to the page: `qunce.<name> = …`.
///
/// Names and titles come from data. Whatever could end the script or the line is escaped, so that the file
/// stays one assignment wherever it is put; the page shows strings as text only.
#[must_use]
pub fn assignment(name: &str, value: &Value) -> Vec<u8> {
    let mut out = format!("(window.qunce=window.qunce||{{}}).{name}=");
    for c in value.to_string().chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push_str(";\n");
    out.into_bytes()
}

/// What can be looked up, as rows `[kind, title, about, href]`. Texts that many rows share stand once in
/// `words`; a link is made of a pattern and a name, so that thousands of groups stay small.
#[must_use]
pub fn index(findables: &[Findable]) -> Value {
    let mut words: Vec<&str> = vec![""];
    let mut places: BTreeMap<&str, usize> = BTreeMap::from([("", 0)]);
    let mut rows = Vec::with_capacity(findables.len());
    for found in findables {
        let about = *places.entry(&found.about).or_insert_with(|| {
            words.push(&found.about);
            words.len() - 1
        });
        let kind = ["group", "kpi", "tactic"].iter().position(|k| *k == found.kind).unwrap_or_default();
        let slug = found.href.strip_prefix("groups/").and_then(|h| h.strip_suffix("/index.html"));
        rows.push(match slug {
            Some(slug) if kind == 0 => serde_json::json!([kind, found.title, about, slug]),
            _ => serde_json::json!([kind, found.title, about, found.href]),
        });
    }
    serde_json::json!({ "words": words, "rows": rows })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_script_is_one_assignment_whatever_it_holds() {
        let hostile = "</script><!--<script>\u{2028}\u{2029}&amp;\"'\\\n";
        let script = String::from_utf8(assignment("search", &json!({ "name": hostile }))).unwrap();
        assert!(!script.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{script}");
        assert_eq!(script.lines().count(), 1);
        let value =
            script.strip_prefix("(window.qunce=window.qunce||{}).search=").unwrap().strip_suffix(";\n").unwrap();
        assert_eq!(serde_json::from_str::<Value>(value).unwrap(), json!({ "name": hostile }));
    }

    #[test]
    fn words_that_groups_share_stand_once() {
        let group = |slug: &str| Findable {
            kind: "group",
            title: slug.to_uppercase(),
            about: "Li · Acme".to_owned(),
            href: format!("groups/{slug}/index.html"),
        };
        let kpi = Findable {
            kind: "kpi",
            title: "Speak rate".to_owned(),
            about: String::new(),
            href: "method.html#speak_rate".to_owned(),
        };
        assert_eq!(
            index(&[group("g1"), group("g2"), kpi]),
            json!({
                "words": ["", "Li · Acme"],
                "rows": [[0, "G1", 1, "g1"], [0, "G2", 1, "g2"], [1, "Speak rate", 0, "method.html#speak_rate"]],
            })
        );
    }
}
