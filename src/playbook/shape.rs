//! Checks one file by itself: its keys, the types of its values, its ids. What must be there is
//! only known once all files are merged.

use super::tree;
use crate::config::toml::{Entry, Node, Value};
use crate::diagnostic::{Code, Diagnostic, Findings, Span, did_you_mean, list};
use crate::format::{ATTRIBUTE_TYPES, BEFORE, Key, Kind, REMOVE, Section};
use crate::schema::Table;
use std::collections::BTreeMap;

/// Reports every key that the format does not have, every value of the wrong type and every id that
/// is malformed or given twice.
pub(super) fn check(root: &Node, section: &'static Section, findings: &mut Findings) {
    table(root, section, &[], findings);
}

fn table(node: &Node, section: &'static Section, extra: &[Key], findings: &mut Findings) {
    let Some(entries) = node.entries(findings) else { return };
    for entry in entries {
        match section.key(&entry.key).or_else(|| extra.iter().find(|k| k.name == entry.key)) {
            Some(key) => value(&entry.node, &entry.key, &key.kind, findings),
            None => unknown_key(entry, section, entries, extra, findings),
        }
    }
    if tree::is_removed(node) {
        for entry in entries.iter().filter(|e| e.key != "id" && e.key != "remove") {
            findings.push(
                Diagnostic::error(Code::InvalidValue, format!("`{}` is set on an entry that is removed", entry.key))
                    .at(&entry.key_span, "expected only `remove = true` here")
                    .with_help("keep either `remove = true` or the other keys"),
            );
        }
    }
}

/// Reports a key that a section does not have.
pub(super) fn unknown_key(
    entry: &Entry,
    section: &'static Section,
    present: &[Entry],
    extra: &[Key],
    findings: &mut Findings,
) {
    let known: Vec<&str> = section.keys.iter().chain(extra).map(|k| k.name).collect();
    let free = known.iter().copied().filter(|k| present.iter().all(|e| e.key != *k));
    let finding = Diagnostic::error(Code::UnknownKey, format!("unknown key `{}`", entry.key))
        .at(&entry.key_span, format!("not a key of {}", section.what));
    findings.push(match did_you_mean(&entry.key, free) {
        Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
        None => finding.with_help(format!("the keys here are {}", list(&known, "and"))),
    });
}

fn value(node: &Node, name: &str, kind: &Kind, findings: &mut Findings) {
    match kind {
        Kind::Text | Kind::Formula => {
            if let Some(text) = node.str(findings)
                && text.trim().is_empty()
            {
                node.invalid(format!("`{name}` is empty"), "some text", findings);
            }
        }
        Kind::Str => {
            node.str(findings);
        }
        Kind::Texts | Kind::Strings => {
            node.strings(findings);
        }
        Kind::StrOrStrings => match node.value {
            Value::Text(_) => {}
            Value::List(_) => drop(node.strings(findings)),
            _ => node.wrong_type(kind.expected(), findings),
        },
        Kind::Word(words) => {
            if let Some(text) = node.str(findings)
                && !words.contains(&text)
            {
                not_a_word(node, name, text, words, findings);
            }
        }
        Kind::FormulaPair => match &node.value {
            Value::List(pair) if pair.len() == 2 => drop(node.strings(findings)),
            _ => node.wrong_type(kind.expected(), findings),
        },
        Kind::Number => {
            node.float(findings);
        }
        Kind::Weight => {
            if let Some(number) = node.float(findings)
                && number <= 0.0
            {
                node.invalid(format!("`{name}` is {number}"), "a number above 0", findings);
            }
        }
        Kind::Share => {
            if let Some(number) = node.float(findings)
                && !(0.0..=1.0).contains(&number)
            {
                node.invalid(format!("`{name}` is {number}"), "a share between 0 and 1", findings);
            }
        }
        Kind::Whole | Kind::Positive => {
            let (least, wanted) =
                if matches!(kind, Kind::Whole) { (0, "a whole number from 0") } else { (1, "a whole number from 1") };
            if let Some(number) = node.int(findings)
                && u32::try_from(number).map_or(true, |n| n < least)
            {
                node.invalid(format!("`{name}` is {number}"), wanted, findings);
            }
        }
        Kind::Cut => match &node.value {
            Value::List(pair) if pair.len() == 2 => {
                for number in pair.iter() {
                    number.float(findings);
                }
            }
            Value::List(_) => node.wrong_type(kind.expected(), findings),
            _ => {
                node.float(findings);
            }
        },
        Kind::Flag => {
            node.bool(findings);
        }
        Kind::Table(section) => table(node, section, &[], findings),
        Kind::Entries(section) => {
            for entry in node.entries(findings).unwrap_or_default() {
                snake_case(&entry.key, &entry.key_span, findings);
                table(&entry.node, section, &[REMOVE], findings);
            }
        }
        Kind::Free(kind) => {
            for entry in node.entries(findings).unwrap_or_default() {
                value(&entry.node, &entry.key, kind, findings);
            }
        }
        Kind::Attributes => attributes(node, findings),
        Kind::List(section) => with_ids(node, section, findings),
        Kind::Sequence(section) => {
            for item in node.list(findings).unwrap_or_default() {
                table(item, section, &[], findings);
                complete(item, section, section.what, findings);
            }
        }
        Kind::Steps(section) => {
            for item in node.list(findings).unwrap_or_default() {
                if !matches!(item.value, Value::Text(_)) {
                    table(item, section, &[], findings);
                    complete(item, section, section.what, findings);
                }
            }
        }
    }
}

fn not_a_word(node: &Node, name: &str, text: &str, words: &[&str], findings: &mut Findings) {
    let finding = Diagnostic::error(Code::InvalidValue, format!("`{text}` is not a value of `{name}`"))
        .at(&node.span, format!("expected {}", list(words, "or")));
    findings.push(match did_you_mean(text, words.iter().copied()) {
        Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
        None => finding,
    });
}

fn with_ids(node: &Node, section: &'static Section, findings: &mut Findings) {
    let mut seen: BTreeMap<&str, &Span> = BTreeMap::new();
    for item in node.list(findings).unwrap_or_default() {
        table(item, section, &[REMOVE, BEFORE], findings);
        let Some(place) = tree::get(item, "id") else {
            if matches!(item.value, Value::Table(_)) {
                missing(item, "id", section.what, section.what, findings);
            }
            continue;
        };
        let Some(id) = tree::text(place) else { continue };
        snake_case(id, &place.span, findings);
        if let Some(first) = seen.get(id) {
            findings.push(
                Diagnostic::error(Code::DuplicateId, format!("`{id}` is the id of two entries"))
                    .at(&place.span, "used again here")
                    .at(first, "first used here"),
            );
        }
        seen.entry(id).or_insert(&place.span);
    }
}

fn snake_case(id: &str, span: &Span, findings: &mut Findings) {
    if !tree::is_snake_case(id) {
        findings.push(
            Diagnostic::error(Code::InvalidId, format!("`{id}` is not an id"))
                .at(span, "expected lower-case letters, digits and `_`, starting with a letter"),
        );
    }
}

fn attributes(node: &Node, findings: &mut Findings) {
    let tables: Vec<&str> = Table::ALL.iter().map(|t| t.name()).collect();
    let types: Vec<&str> = ATTRIBUTE_TYPES.iter().map(|(name, _)| *name).collect();
    for entry in node.entries(findings).unwrap_or_default() {
        let Some(table) = Table::parse(&entry.key) else {
            let finding = Diagnostic::error(Code::UnknownKey, format!("unknown table `{}`", entry.key))
                .at(&entry.key_span, format!("the tables are {}", list(&tables, "and")));
            findings.push(match did_you_mean(&entry.key, tables.iter().copied()) {
                Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
                None => finding,
            });
            continue;
        };
        for column in entry.node.entries(findings).unwrap_or_default() {
            if table.column(&column.key).is_some() {
                findings.push(
                    Diagnostic::error(Code::DuplicateId, format!("`{}` is a column of `{table}` anyway", column.key))
                        .at(&column.key_span, "expected the name of an extra column"),
                );
            }
            value(&column.node, &column.key, &Kind::Str, findings);
            if let Some(text) = tree::text(&column.node)
                && !types.contains(&text)
            {
                not_a_word(&column.node, &column.key, text, &types, findings);
            }
        }
    }
}

/// Reports required keys of a section that the table does not have. `name` is what the table is
/// called in the message.
pub(super) fn complete(node: &Node, section: &'static Section, name: &str, findings: &mut Findings) {
    for key in section.keys.iter().filter(|k| k.required) {
        if matches!(node.value, Value::Table(_)) && tree::get(node, key.name).is_none() {
            missing(node, key.name, name, section.what, findings);
        }
    }
}

fn missing(node: &Node, key: &str, name: &str, what: &str, findings: &mut Findings) {
    findings.push(
        Diagnostic::error(Code::MissingKey, format!("{name} has no `{key}`"))
            .at(&node.span, format!("`{key}` is required for {what}")),
    );
}
