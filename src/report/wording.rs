//! The words of the product in one language: flat keys with `{name}` places to fill.

use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use std::collections::{BTreeMap, BTreeSet};

/// The built-in texts of the first language; its keys are those that every language must have.
pub const BUILT_IN_ZH: &str = include_str!("../../templates/i18n/zh-CN.toml");
/// The built-in English texts.
pub const BUILT_IN_EN: &str = include_str!("../../templates/i18n/en.toml");

/// How numbers and dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `5月5日`
    Chinese,
    /// `5 May`
    English,
}

/// The words of one language.
#[derive(Debug, Clone)]
pub struct Wording {
    /// Language tag.
    pub tag: String,
    /// How numbers and dates are written.
    pub style: Style,
    texts: BTreeMap<String, String>,
}

impl Wording {
    /// The texts of a language: the built-in ones, replaced key by key by a workspace's file.
    ///
    /// # Errors
    /// A file that is not a flat table of texts, an unknown key, a placeholder that the built-in text
    /// does not have, or a language that is neither built in nor complete.
    pub fn load(tag: &str, overlay: Option<(&str, &str)>) -> Result<Self, Vec<Diagnostic>> {
        let reference = parse("built-in/i18n/zh-CN.toml", BUILT_IN_ZH).map_err(|e| vec![e])?;
        let (style, mut texts) = match tag.split('-').next().unwrap_or_default() {
            "zh" => (Style::Chinese, reference.clone()),
            "en" => (Style::English, parse("built-in/i18n/en.toml", BUILT_IN_EN).map_err(|e| vec![e])?),
            _ => (Style::English, BTreeMap::new()),
        };
        let mut wrong = Vec::new();
        let mut file = "built-in";
        if let Some((name, text)) = overlay {
            file = name;
            for (key, value) in parse(name, text).map_err(|e| vec![e])? {
                let Some(own) = reference.get(&key) else {
                    let mut d = Diagnostic::error(Code::Template, format!("no text has the key `{key}`"))
                        .at_file(name, "in this file");
                    if let Some(near) = did_you_mean(&key, reference.keys().map(String::as_str)) {
                        d = d.with_help(format!("did you mean `{near}`?"));
                    }
                    wrong.push(d);
                    continue;
                };
                if let Some(extra) = places(&value).difference(&places(own)).next() {
                    wrong.push(
                        Diagnostic::error(
                            Code::Template,
                            format!("the text `{key}` has no place `{{{extra}}}` to fill"),
                        )
                        .at_file(name, "in this file"),
                    );
                }
                texts.insert(key, value);
            }
        }
        let missing: Vec<&str> = reference.keys().map(String::as_str).filter(|k| !texts.contains_key(*k)).collect();
        if let Some(first) = missing.first() {
            wrong.push(
                Diagnostic::error(Code::Template, format!("the language `{tag}` lacks {} texts", missing.len()))
                    .at_file(file, format!("the first is `{first}`"))
                    .with_help(format!(
                        "complete `i18n/{tag}.toml` in the templates folder, or remove `{tag}` from `languages`"
                    )),
            );
        }
        if wrong.is_empty() { Ok(Self { tag: tag.to_owned(), style, texts }) } else { Err(wrong) }
    }

    /// A text without places. A key that does not exist shows as `⟦key⟧`; a test keeps that from
    /// happening.
    #[must_use]
    pub fn get(&self, key: &str) -> String {
        self.texts.get(key).cloned().unwrap_or_else(|| format!("⟦{key}⟧"))
    }

    /// A text with its places filled.
    #[must_use]
    pub fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        let Some(mut rest) = self.texts.get(key).map(String::as_str) else { return format!("⟦{key}⟧") };
        let mut out = String::with_capacity(rest.len() + 16);
        // One pass, so that a filled-in value which looks like a place is left alone.
        while let Some(open) = rest.find('{') {
            let (head, tail) = rest.split_at(open);
            out.push_str(head);
            let Some(close) = tail.find('}') else { break };
            let name = &tail[1..close];
            match values.iter().find(|(n, _)| *n == name) {
                Some((_, value)) => out.push_str(value),
                None => out.push_str(&tail[..=close]),
            }
            rest = &tail[close + 1..];
        }
        out.push_str(rest);
        out
    }

    /// All texts, for templates.
    #[must_use]
    pub fn texts(&self) -> &BTreeMap<String, String> {
        &self.texts
    }
}

fn parse(name: &str, text: &str) -> Result<BTreeMap<String, String>, Diagnostic> {
    toml::from_str::<BTreeMap<String, String>>(text).map_err(|e| {
        Diagnostic::error(Code::Template, format!("the texts of a language cannot be read: {}", e.message()))
            .at_file(name, "expected lines of the form `key = \"text\"`")
    })
}

fn places(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|t| t.split_once('}')).map(|(n, _)| n.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn both_languages_have_the_same_keys_and_places() {
        let zh = parse("zh", BUILT_IN_ZH).unwrap();
        let en = parse("en", BUILT_IN_EN).unwrap();
        assert_eq!(zh.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        for (key, text) in &zh {
            assert_eq!(places(text), places(&en[key]), "places of `{key}`");
        }
    }

    #[test]
    fn a_filled_in_value_is_not_filled_again() {
        let w = Wording::load("en", None).unwrap();
        assert_eq!(w.say("missing_column", &[("file", "{column}"), ("column", "x")]), "{column} has no column x");
    }

    #[test]
    fn a_language_must_be_complete_and_a_key_known() {
        assert!(Wording::load("fr", None).is_err());
        let found = Wording::load("en", Some(("templates/i18n/en.toml", "helth = \"x\""))).unwrap_err();
        assert!(found[0].title.contains("`helth`"));
    }
}
