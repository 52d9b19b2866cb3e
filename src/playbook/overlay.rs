//! Texts in other languages, from files beside the playbooks.

use super::shape::unknown_key;
use super::tree;
use crate::config::toml::{Entry, Node};
use crate::diagnostic::{Code, Diagnostic, Findings, Span, did_you_mean, list};
use crate::format::{Kind, Section};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Translations by the place of the original: file, first byte, language.
#[derive(Debug, Default)]
pub(super) struct Translations {
    by_place: BTreeMap<String, BTreeMap<usize, Arc<BTreeMap<String, String>>>>,
}

impl Translations {
    /// The translations of the text that stands at a place.
    pub(super) fn of(&self, span: &Span) -> Option<&Arc<BTreeMap<String, String>>> {
        self.by_place.get(span.source.name.as_str())?.get(&span.range.start)
    }

    /// Adds those of other files.
    pub(super) fn join(&mut self, others: Self) {
        self.by_place.extend(others.by_place);
    }

    fn add(&mut self, original: &Node, language: &str, text: &str) {
        let there = self
            .by_place
            .entry(original.span.source.name.clone())
            .or_default()
            .entry(original.span.range.start)
            .or_default();
        Arc::make_mut(there).insert(language.to_owned(), text.to_owned());
    }
}

/// Lays the overlay of one language over the file that it stands beside.
pub(super) fn lay(
    overlay: &Node,
    original: &Node,
    section: &'static Section,
    language: &str,
    translations: &mut Translations,
    findings: &mut Findings,
) {
    Overlay { language, translations, findings }.table(overlay, original, section);
}

/// Reports every text of a file that has no counterpart in a language.
pub(super) fn missing(
    node: &Node,
    section: &'static Section,
    languages: &[String],
    translations: &Translations,
    findings: &mut Findings,
) {
    texts(node, section, &mut |text| {
        let there = translations.of(&text.span);
        let lacking: Vec<&str> =
            languages.iter().map(String::as_str).filter(|l| there.is_none_or(|t| !t.contains_key(*l))).collect();
        if let Some(first) = lacking.first() {
            findings.push(
                Diagnostic::warning(
                    Code::MissingTranslation,
                    format!("a text is not translated to {}", list(&lacking, "and")),
                )
                .at(&text.span, "shown as it is in every language")
                .with_help(format!("translate it in `{}`", overlay_name(&text.span.source.name, first))),
            );
        }
    });
}

/// The name of the overlay beside a file.
fn overlay_name(file: &str, language: &str) -> String {
    format!("{}.{language}.toml", file.strip_suffix(".toml").unwrap_or(file))
}

/// Every text for people in a table.
fn texts(node: &Node, section: &'static Section, found: &mut dyn FnMut(&Node)) {
    for entry in tree::entries(node) {
        if let Some(key) = section.key(&entry.key) {
            texts_of(&entry.node, &key.kind, found);
        }
    }
}

fn texts_of(node: &Node, kind: &Kind, found: &mut dyn FnMut(&Node)) {
    match kind {
        Kind::Text if tree::text(node).is_some() => found(node),
        Kind::Texts => tree::items(node).iter().filter(|n| tree::text(n).is_some()).for_each(found),
        Kind::Table(section) => texts(node, section, found),
        Kind::Entries(section) => tree::entries(node).iter().for_each(|e| texts(&e.node, section, found)),
        Kind::List(section) | Kind::Sequence(section) | Kind::Steps(section) => {
            tree::items(node).iter().for_each(|n| texts(n, section, found));
        }
        Kind::Free(kind) => tree::entries(node).iter().for_each(|e| texts_of(&e.node, kind, found)),
        _ => {}
    }
}

struct Overlay<'a> {
    language: &'a str,
    translations: &'a mut Translations,
    findings: &'a mut Findings,
}

impl Overlay<'_> {
    fn table(&mut self, overlay: &Node, original: &Node, section: &'static Section) {
        let Some(entries) = overlay.entries(self.findings) else { return };
        for entry in entries {
            let Some(key) = section.key(&entry.key) else {
                unknown_key(entry, section, entries, &[], self.findings);
                continue;
            };
            if entry.key == "id" || (entry.key == "measure" && section.what == "a step of a funnel") {
                continue;
            }
            match tree::entry(original, key.name) {
                Some(there) => self.value(entry, there, &key.kind),
                None if is_rule(&key.kind) => self.changes_rule(&entry.key, &entry.key_span, None),
                None => self.nothing(&entry.key, &entry.key_span, original, section.keys.iter().map(|k| k.name)),
            }
        }
    }

    fn value(&mut self, overlay: &Entry, original: &Entry, kind: &Kind) {
        let (name, new, old) = (overlay.key.as_str(), &overlay.node, &original.node);
        match kind {
            Kind::Text => self.text(new, old),
            Kind::Texts => {
                if new.strings(self.findings).is_some() && self.same_length(name, new, old) {
                    for (new, old) in tree::items(new).iter().zip(tree::items(old)) {
                        self.text(new, old);
                    }
                }
            }
            Kind::Table(section) => self.table(new, old, section),
            Kind::Entries(section) => {
                for entry in new.entries(self.findings).unwrap_or_default() {
                    match tree::get(old, &entry.key) {
                        Some(there) => self.table(&entry.node, there, section),
                        None => self.nothing(&entry.key, &entry.key_span, old, keys(old)),
                    }
                }
            }
            Kind::Free(inner) => {
                for entry in new.entries(self.findings).unwrap_or_default() {
                    match tree::entry(old, &entry.key) {
                        Some(there) => self.value(entry, there, inner),
                        None if is_rule(inner) => self.changes_rule(&entry.key, &entry.key_span, None),
                        None => self.nothing(&entry.key, &entry.key_span, old, keys(old)),
                    }
                }
            }
            Kind::List(section) => self.by_name("id", new, old, section),
            Kind::Steps(section) => self.by_name("measure", new, old, section),
            Kind::Sequence(section) => {
                if new.list(self.findings).is_some() && self.same_length(name, new, old) {
                    for (new, old) in tree::items(new).iter().zip(tree::items(old)) {
                        self.table(new, old, section);
                    }
                }
            }
            _ => self.changes_rule(name, &overlay.key_span, Some(&original.key_span)),
        }
    }

    fn text(&mut self, new: &Node, old: &Node) {
        let Some(text) = new.str(self.findings) else { return };
        if text.trim().is_empty() {
            new.invalid("a translation is empty", "some text", self.findings);
        } else if tree::text(old).is_some() {
            self.translations.add(old, self.language, text);
        }
    }

    fn by_name(&mut self, key: &'static str, new: &Node, old: &Node, section: &'static Section) {
        for item in new.list(self.findings).unwrap_or_default() {
            let Some(name) = tree::get(item, key) else {
                self.findings.push(
                    Diagnostic::error(Code::MissingKey, format!("a translated entry has no `{key}`"))
                        .at(&item.span, format!("`{key}` says which entry this translates")),
                );
                continue;
            };
            let Some(wanted) = name.str(self.findings) else { continue };
            let of = |n: &'_ Node| tree::get(n, key).and_then(tree::text).map(str::to_owned);
            match tree::items(old).iter().find(|n| of(n).as_deref() == Some(wanted)) {
                Some(there) => self.table(item, there, section),
                None => {
                    let known: Vec<String> = tree::items(old).iter().filter_map(of).collect();
                    self.nothing(wanted, &name.span, old, known.iter().map(String::as_str));
                }
            }
        }
    }

    fn same_length(&mut self, name: &str, new: &Node, old: &Node) -> bool {
        let (translated, there) = (tree::items(new).len(), tree::items(old).len());
        if translated != there {
            self.findings.push(
                Diagnostic::error(
                    Code::OverlayChangesRule,
                    format!("`{name}` has {there} entries, but {translated} are translated"),
                )
                .at(&new.span, "a translation keeps the number of entries")
                .at(&old.span, "the original"),
            );
        }
        translated == there
    }

    fn changes_rule(&mut self, key: &str, place: &Span, original: Option<&Span>) {
        let finding = Diagnostic::error(Code::OverlayChangesRule, format!("the overlay changes `{key}`"))
            .at(place, "an overlay may only translate texts")
            .with_help("set it in the playbook itself, for every language at once");
        self.findings.push(match original {
            Some(original) => finding.at(original, "the original"),
            None => finding,
        });
    }

    fn nothing<'k>(&mut self, name: &str, place: &Span, original: &Node, known: impl IntoIterator<Item = &'k str>) {
        let present: Vec<&str> = known.into_iter().collect();
        let file = &original.span.source.name;
        let finding = Diagnostic::error(
            Code::OverlayChangesRule,
            format!("`{name}` is not in `{file}`, so it has no translation"),
        )
        .at(place, "there is nothing to translate")
        .at(&original.span, "not among these");
        self.findings.push(match did_you_mean(name, present.iter().copied().filter(|k| *k != name)) {
            Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
            None => finding.with_help("an overlay stands beside the file whose texts it translates"),
        });
    }
}

fn keys(node: &Node) -> impl Iterator<Item = &str> {
    tree::entries(node).iter().map(|e| e.key.as_str())
}

/// Whether a kind holds no texts at all.
fn is_rule(kind: &Kind) -> bool {
    match kind {
        Kind::Text | Kind::Texts => false,
        Kind::Table(section)
        | Kind::Entries(section)
        | Kind::List(section)
        | Kind::Sequence(section)
        | Kind::Steps(section) => section.keys.iter().all(|k| is_rule(&k.kind)),
        Kind::Free(inner) => is_rule(inner),
        _ => true,
    }
}
