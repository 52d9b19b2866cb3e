//! The words of the product in one language: messages of Project Fluent by id.

use super::catalogue::Catalogue;
use super::format::fluent_number;
use super::pattern::{Grammar, Layout};
use crate::diagnostic::{Code, Diagnostic};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The built-in texts of the first language; its messages are those that every language must have.
pub const BUILT_IN_ZH: &str = include_str!("../../templates/i18n/zh-CN.ftl");
/// The built-in English texts.
pub const BUILT_IN_EN: &str = include_str!("../../templates/i18n/en.ftl");

/// How numbers and dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `5月5日`
    Chinese,
    /// `5 May`
    English,
}

/// The value of a variable.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Given<'a> {
    /// A whole number, which chooses among the forms and is written as the language writes it.
    Number(u64),
    /// A text; as a number it takes the default form.
    Text(&'a str),
}

/// The words of one language. Clones share them.
#[derive(Clone)]
pub struct Wording {
    /// Language tag.
    pub tag: String,
    /// How numbers and dates are written.
    pub style: Style,
    bundle: Arc<FluentBundle<FluentResource>>,
    grammar: Grammar,
    /// Messages with variables that are filled without the bundle, by id.
    layouts: Arc<FxHashMap<String, Layout>>,
    /// Messages without variables, by id.
    plain: Arc<FxHashMap<String, String>>,
    /// The variables of every message.
    variables: Arc<BTreeMap<String, BTreeSet<String>>>,
}

impl std::fmt::Debug for Wording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wording").field("tag", &self.tag).field("messages", &self.variables.len()).finish()
    }
}

impl Wording {
    /// The texts of a language: the built-in ones, replaced message by message by a workspace's file.
    ///
    /// # Errors
    /// Faults of the file, each with its place: its syntax, messages and variables that the site does not
    /// have; and a language that is neither built in nor complete.
    pub fn load(tag: &str, overlay: Option<(&str, &str)>) -> Result<Self, Vec<Diagnostic>> {
        let reference = Catalogue::read("built-in/i18n/zh-CN.ftl", BUILT_IN_ZH)?;
        let variables: BTreeMap<String, BTreeSet<String>> =
            reference.messages.iter().map(|(id, m)| (id.clone(), m.variables.keys().cloned().collect())).collect();
        let (style, base) = match tag.split('-').next().unwrap_or_default() {
            "zh" => (Style::Chinese, Some(reference)),
            "en" => (Style::English, Some(Catalogue::read("built-in/i18n/en.ftl", BUILT_IN_EN)?)),
            _ => (Style::English, None),
        };
        let own = overlay.map(|(name, text)| Catalogue::read(name, text)).transpose()?;
        let mut wrong = own.as_ref().map(|own| own.faults(base.as_ref(), &variables)).unwrap_or_default();
        let has = |id: &String| [&base, &own].into_iter().flatten().any(|c| c.messages.contains_key(id));
        let missing: Vec<&String> = variables.keys().filter(|id| !has(id)).collect();
        if let Some(first) = missing.first() {
            wrong.push(
                Diagnostic::error(
                    Code::WordingIncomplete,
                    format!("the language `{tag}` lacks {} texts", missing.len()),
                )
                .at_file(overlay.map_or("built-in", |(name, _)| name), format!("the first is `{first}`"))
                .with_help(format!(
                    "complete `i18n/{tag}.ftl` in the templates folder, or remove `{tag}` from `languages`"
                )),
            );
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let bundle = bundle(tag, [base, own].into_iter().flatten().map(|c| c.resource))?;
        let mut wording = Self {
            tag: tag.to_owned(),
            style,
            bundle: Arc::new(bundle),
            grammar: Grammar::of(tag),
            layouts: Arc::default(),
            plain: Arc::default(),
            variables: Arc::new(variables),
        };
        let plain = wording.variables.iter().filter(|(_, v)| v.is_empty());
        let plain: FxHashMap<String, String> = plain.map(|(id, _)| (id.clone(), wording.resolved(id, &[]))).collect();
        let others = wording.variables.iter().filter(|(_, v)| !v.is_empty());
        let layouts = others.filter_map(|(id, _)| {
            let pattern = wording.bundle.get_message(id)?.value()?;
            Some((id.clone(), Layout::of(pattern)?))
        });
        wording.layouts = Arc::new(layouts.collect());
        wording.plain = Arc::new(plain);
        Ok(wording)
    }

    /// A text without variables. A message that does not exist shows as `⟦id⟧`; a test keeps that from
    /// happening.
    #[must_use]
    pub fn get(&self, key: &str) -> String {
        self.plain.get(key).cloned().unwrap_or_else(|| format!("⟦{key}⟧"))
    }

    /// A text with its variables filled by words. A number that decides a plural goes to
    /// [`plural`](Self::plural); as a word it takes the default form.
    #[must_use]
    pub fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.plural(key, &[], values)
    }

    /// A text with its variables filled by numbers, which choose among its forms and are written as the
    /// language writes them, and by words.
    #[must_use]
    pub fn plural(&self, key: &str, numbers: &[(&str, u64)], values: &[(&str, &str)]) -> String {
        match (numbers, values) {
            ([(name, n)], []) => self.form(key, &[(name, Given::Number(*n))]),
            _ => {
                let numbers = numbers.iter().map(|(name, n)| (*name, Given::Number(*n)));
                let values = values.iter().map(|(name, value)| (*name, Given::Text(value)));
                self.form(key, &numbers.chain(values).collect::<Vec<_>>())
            }
        }
    }

    /// A text for a template, which gives variables by name.
    ///
    /// # Errors
    /// What the template got wrong: a message that does not exist, a variable that it lacks or has not.
    pub(crate) fn told(&self, key: &str, given: &[(&str, Given<'_>)]) -> Result<String, String> {
        let Some(variables) = self.variables.get(key) else { return Err(format!("there is no text `{key}`")) };
        if let Some(missing) = variables.iter().find(|v| given.iter().all(|(name, _)| name != v)) {
            return Err(format!("the text `{key}` wants `{missing}`"));
        }
        match given.iter().map(|(name, _)| *name).filter(|name| !variables.contains(*name)).min() {
            Some(extra) => Err(format!("the text `{key}` has no variable `{extra}`")),
            None => Ok(self.form(key, given)),
        }
    }

    fn form(&self, key: &str, given: &[(&str, Given<'_>)]) -> String {
        let mut text = String::with_capacity(64);
        match self.layouts.get(key).and_then(|layout| layout.write(given, self.grammar, &mut text)) {
            Some(()) => text,
            None => self.resolved(key, given),
        }
    }

    /// As Fluent itself puts a text together.
    fn resolved(&self, key: &str, given: &[(&str, Given<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|m| m.value()) else { return format!("⟦{key}⟧") };
        let mut args = FluentArgs::with_capacity(given.len());
        for (name, value) in given {
            match value {
                Given::Number(n) => args.set(*name, *n),
                Given::Text(text) => args.set(*name, *text),
            }
        }
        let mut faults = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&args), &mut faults).into_owned();
        debug_assert!(faults.is_empty(), "`{key}`: {faults:?}");
        text
    }

    /// The messages without variables, for templates.
    #[must_use]
    pub fn texts(&self) -> &FxHashMap<String, String> {
        &self.plain
    }

    /// Every message with its variables.
    #[must_use]
    pub fn messages(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.variables
    }
}

/// A bundle in which later files win.
fn bundle(
    tag: &str,
    resources: impl Iterator<Item = FluentResource>,
) -> Result<FluentBundle<FluentResource>, Vec<Diagnostic>> {
    let locale = tag.parse().map_err(|_| {
        vec![
            Diagnostic::error(Code::InvalidValue, format!("`{tag}` is not a language tag"))
                .with_help("expected a tag such as `en` or `zh-CN`"),
        ]
    })?;
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // The site marks names off with <bdi>; marks in texts would end up in files that are not HTML.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value: &FluentValue<'_>, _| match value {
        FluentValue::Number(number) => Some(fluent_number(number)),
        _ => None,
    }));
    bundle.add_builtins().map_err(|e| vec![Diagnostic::error(Code::WordingSyntax, e.to_string())])?;
    for resource in resources {
        bundle.add_resource_overriding(resource);
    }
    Ok(bundle)
}

#[cfg(test)]
#[path = "wording_tests.rs"]
mod tests;
