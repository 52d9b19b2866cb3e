//! Typed access to a merged table. Values of the wrong type were reported when their file was read
//! and count as absent here.

use super::merge::Removed;
use super::model::{Origin, Provenance, Rhythm, Sourced, Text};
use super::overlay::Translations;
use super::rhythm;
use super::scope::{Place, Vocabulary};
use super::{Formula, shape, tree};
use crate::config::toml::{Node, Value};
use crate::diagnostic::{Code, Diagnostic, Findings, Span, did_you_mean};
use crate::expr::Want;
use crate::format::{Kind, Section};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What all sections of one playbook share while they are read.
pub(super) struct Context<'a> {
    pub(super) translations: &'a Translations,
    pub(super) removed: &'a Removed,
    pub(super) vocabulary: Vocabulary,
    /// The ids of each section, whether or not their entries are valid.
    pub(super) ids: BTreeMap<&'static str, BTreeSet<String>>,
    pub(super) findings: RefCell<Findings>,
}

impl Context<'_> {
    /// Adds a finding.
    pub(super) fn report(&self, finding: Diagnostic) {
        self.findings.borrow_mut().push(finding);
    }

    /// The text of a node with its translations.
    pub(super) fn text(&self, node: &Node) -> Option<Text> {
        Some(Text {
            original: tree::text(node)?.to_owned(),
            translations: self.translations.of(&node.span).cloned().unwrap_or_default(),
            span: node.span.clone(),
        })
    }

    /// Compiles the expression of a node.
    pub(super) fn formula(&self, node: &Node, place: Place, want: Want) -> Option<Formula> {
        self.vocabulary.compile(node, place, want, &mut self.findings.borrow_mut())
    }

    /// Whether a section has an entry.
    pub(super) fn has(&self, section: &str, id: &str) -> bool {
        self.ids.get(section).is_some_and(|ids| ids.contains(id))
    }

    /// Whether a section has the entry that `span` names; reported when not.
    pub(super) fn refers(&self, section: &'static str, id: &str, span: &Span) -> bool {
        let found = self.has(section, id);
        if !found {
            let what = section_name(section);
            let mut finding = Diagnostic::error(Code::UnknownReference, format!("there is no {what} `{id}`"))
                .at(span, format!("expected the id of a {what}"));
            let known = self.ids.get(section).into_iter().flatten().map(String::as_str);
            if let Some(place) = self.removed.get(&(section, id.to_owned())) {
                finding = finding.at(place, "removed here");
            } else if let Some(meant) = did_you_mean(id, known) {
                finding = finding.with_help(format!("did you mean `{meant}`?"));
            }
            self.report(finding);
        }
        found
    }

    /// Reads each entry of a section or list of the parent.
    pub(super) fn each<T>(
        &self,
        parent: &Node,
        section: &'static Section,
        key: &'static str,
        read: impl Fn(&Fields<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(node) = tree::get(parent, key) else { return Vec::new() };
        match section.key(key).map(|k| k.kind) {
            Some(Kind::List(section)) => {
                tree::items(node).iter().filter_map(|item| self.entry(tree::id(item)?, item, section, &read)).collect()
            }
            Some(Kind::Entries(section)) => tree::entries(node)
                .iter()
                .filter_map(|entry| self.entry(&entry.key, &entry.node, section, &read))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn entry<T>(
        &self,
        id: &str,
        node: &Node,
        section: &'static Section,
        read: impl Fn(&Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        shape::complete(node, section, &format!("`{id}`"), &mut self.findings.borrow_mut());
        read(&Fields { id, node, section, context: self })
    }
}

fn section_name(section: &str) -> &str {
    match section {
        "kpi" => "KPI",
        "churn" => "churn class",
        other => other,
    }
}

/// One merged table.
pub(super) struct Fields<'a> {
    /// Id of the entry; the key for tables without one.
    pub(super) id: &'a str,
    pub(super) node: &'a Node,
    pub(super) section: &'static Section,
    pub(super) context: &'a Context<'a>,
}

impl<'a> Fields<'a> {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        debug_assert!(self.section.key(key).is_some(), "{} has no `{key}`", self.section.what);
        tree::get(self.node, key)
    }

    /// The place of the entry.
    pub(super) fn span(&self) -> Span {
        self.node.span.clone()
    }

    /// A text for people.
    pub(super) fn text(&self, key: &str) -> Option<Text> {
        self.context.text(self.get(key)?)
    }

    /// A list of texts for people.
    pub(super) fn texts(&self, key: &str) -> Vec<Text> {
        self.get(key).map(tree::items).unwrap_or_default().iter().filter_map(|n| self.context.text(n)).collect()
    }

    /// A string.
    pub(super) fn str(&self, key: &str) -> Option<&'a str> {
        tree::text(self.get(key)?)
    }

    /// A string with its place.
    pub(super) fn sourced(&self, key: &str) -> Option<Sourced<String>> {
        let node = self.get(key)?;
        Some(Sourced { value: tree::text(node)?.to_owned(), span: node.span.clone() })
    }

    /// A list of strings with their places.
    pub(super) fn strings(&self, key: &str) -> Vec<Sourced<String>> {
        let one = |n: &Node| Some(Sourced { value: tree::text(n)?.to_owned(), span: n.span.clone() });
        match self.get(key) {
            Some(node @ Node { value: Value::Text(_), .. }) => one(node).into_iter().collect(),
            Some(node) => tree::items(node).iter().filter_map(one).collect(),
            None => Vec::new(),
        }
    }

    /// A number, or what it is without the key, at the entry's place.
    pub(super) fn number_or(&self, key: &str, default: f64) -> Sourced<f64> {
        self.number(key).unwrap_or_else(|| Sourced { value: default, span: self.span() })
    }

    /// A number.
    pub(super) fn number(&self, key: &str) -> Option<Sourced<f64>> {
        let node = self.get(key)?;
        Some(Sourced { value: tree::number(node)?, span: node.span.clone() })
    }

    /// A whole number that is not negative.
    pub(super) fn whole(&self, key: &str) -> Option<u32> {
        match self.get(key)?.value {
            Value::Int(number) => u32::try_from(number).ok(),
            _ => None,
        }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let word = self.str(key)?;
        words.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
    }

    /// A compiled expression.
    pub(super) fn formula(&self, key: &str, place: Place, want: Want) -> Option<Formula> {
        self.context.formula(self.get(key)?, place, want)
    }

    /// The id of an entry of another section; reported when there is none.
    pub(super) fn reference(&self, key: &str, section: &'static str) -> Option<Sourced<String>> {
        let name = self.sourced(key)?;
        self.context.refers(section, &name.value, &name.span).then_some(name)
    }

    /// Where the entry comes from.
    pub(super) fn provenance(&self) -> Provenance {
        let origin = self.word(
            "origin",
            &[("article", Origin::Article), ("case", Origin::Case), ("default", Origin::Default), ("own", Origin::Own)],
        );
        let source = self.strings("source").into_iter().map(|s| s.value).collect();
        Provenance { origin: origin.unwrap_or(Origin::Own), source }
    }

    /// When something is due; reported when it cannot be read.
    pub(super) fn rhythm(&self) -> Option<Rhythm> {
        let node = self.get("cadence")?;
        let text = tree::text(node)?;
        let rhythm = rhythm::parse(text);
        if rhythm.is_none() {
            self.report_value(node, format!("`{text}` is not a cadence"), rhythm::FORMS);
        }
        rhythm
    }

    /// Reports a value that the key does not allow.
    pub(super) fn report_value(&self, node: &Node, title: impl Into<String>, expected: &str) {
        node.invalid(title, expected, &mut self.context.findings.borrow_mut());
    }
}
