//! Takes known keys out of a table and tells what is left.

use super::{Entry, Located, Node, Value};
use crate::diagnostic::{Code, Diagnostic, Findings, Span, did_you_mean, list};

/// Takes known keys out of one table. Every key asked for counts as known; [`TableReader::finish`]
/// reports the others.
#[derive(Debug)]
pub struct TableReader<'a> {
    entries: &'a [Entry],
    span: Span,
    what: String,
    taken: Vec<bool>,
    known: Vec<&'static str>,
}

impl<'a> TableReader<'a> {
    /// A reader of a table node; any other node reads as an empty table. `what` names the table in
    /// messages ("a KPI", "`[site]`").
    #[must_use]
    pub fn new(node: &'a Node, what: impl Into<String>) -> Self {
        let entries: &[Entry] = if let Value::Table(entries) = &node.value { entries.as_slice() } else { &[] };
        Self { entries, span: node.span.clone(), what: what.into(), taken: vec![false; entries.len()], known: vec![] }
    }

    /// Where the table stands (its header, or the inline table).
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Takes a key with whatever value it has.
    pub fn take(&mut self, key: &'static str) -> Option<&'a Entry> {
        self.known.push(key);
        let index = self.entries.iter().position(|e| e.key == key)?;
        if let Some(taken) = self.taken.get_mut(index) {
            *taken = true;
        }
        self.entries.get(index)
    }

    /// Takes a string.
    pub fn take_str(&mut self, key: &'static str, findings: &mut Findings) -> Option<Located<String>> {
        self.take_with(key, |n| n.str(findings).map(str::to_owned))
    }

    /// Takes a string that must not be missing or empty.
    pub fn require_str(&mut self, key: &'static str, findings: &mut Findings) -> Option<Located<String>> {
        if !self.require(key, findings) {
            return None;
        }
        let text = self.take_str(key, findings)?;
        if text.value.trim().is_empty() {
            findings.push(
                Diagnostic::error(Code::InvalidValue, format!("`{key}` is empty")).at(&text.span, "expected some text"),
            );
            return None;
        }
        Some(text)
    }

    /// Takes an integer.
    pub fn take_int(&mut self, key: &'static str, findings: &mut Findings) -> Option<Located<i64>> {
        self.take_with(key, |n| n.int(findings))
    }

    /// Takes a finite number.
    pub fn take_float(&mut self, key: &'static str, findings: &mut Findings) -> Option<Located<f64>> {
        self.take_with(key, |n| n.float(findings))
    }

    /// Takes a boolean.
    pub fn take_bool(&mut self, key: &'static str, findings: &mut Findings) -> Option<Located<bool>> {
        self.take_with(key, |n| n.bool(findings))
    }

    /// Takes a list of anything.
    pub fn take_list(&mut self, key: &'static str, findings: &mut Findings) -> Option<&'a [Node]> {
        self.take(key)?.node.list(findings)
    }

    /// Takes a list of strings.
    pub fn take_strings(&mut self, key: &'static str, findings: &mut Findings) -> Option<Vec<Located<String>>> {
        self.take(key)?.node.strings(findings)
    }

    /// Takes one of a few words.
    pub fn take_choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        findings: &mut Findings,
    ) -> Option<Located<T>> {
        let text = self.take_str(key, findings)?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text.value) {
            return Some(Located { value: *value, span: text.span });
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let mut finding = Diagnostic::error(Code::InvalidValue, format!("`{}` is not a value of `{key}`", text.value))
            .at(&text.span, format!("expected {}", list(&names, "or")));
        if let Some(meant) = did_you_mean(&text.value, names) {
            finding = finding.with_help(format!("did you mean `{meant}`?"));
        }
        findings.push(finding);
        None
    }

    /// Takes a table, as a reader named after its key.
    pub fn take_table(&mut self, key: &'static str, findings: &mut Findings) -> Option<TableReader<'a>> {
        let entry = self.take(key)?;
        entry.node.entries(findings)?;
        Some(TableReader::new(&entry.node, format!("`{key}`")))
    }

    /// Takes a table whose keys are free.
    pub fn take_entries(&mut self, key: &'static str, findings: &mut Findings) -> Option<&'a [Entry]> {
        self.take(key)?.node.entries(findings)
    }

    /// Takes a table of strings with free keys; entries of another type are reported and left out.
    pub fn take_texts(
        &mut self,
        key: &'static str,
        findings: &mut Findings,
    ) -> Option<Vec<(Located<String>, Located<String>)>> {
        let entries = self.take_entries(key, findings)?;
        Some(
            entries
                .iter()
                .filter_map(|e| {
                    let value = e.node.str(findings)?.to_owned();
                    Some((
                        Located { value: e.key.clone(), span: e.key_span.clone() },
                        Located { value, span: e.node.span.clone() },
                    ))
                })
                .collect(),
        )
    }

    /// Whether the key is there; reports it when it is not.
    pub fn require(&mut self, key: &'static str, findings: &mut Findings) -> bool {
        let there = self.entries.iter().any(|e| e.key == key);
        if !there {
            self.known.push(key);
            findings.push(
                Diagnostic::error(Code::MissingKey, format!("{} has no `{key}`", self.what))
                    .at(&self.span, format!("`{key}` is required")),
            );
        }
        there
    }

    /// The entries that were not taken; from now on they count as taken.
    pub fn take_rest(&mut self) -> Vec<&'a Entry> {
        let rest = self.entries.iter().zip(&self.taken).filter(|(_, taken)| !**taken).map(|(e, _)| e).collect();
        self.taken.fill(true);
        rest
    }

    /// Reports every key that nobody asked for.
    pub fn finish(self, findings: &mut Findings) {
        for (entry, _) in self.entries.iter().zip(&self.taken).filter(|(_, taken)| !**taken) {
            let free: Vec<&str> =
                self.known.iter().copied().filter(|k| !self.entries.iter().any(|e| e.key == *k)).collect();
            let mut finding = Diagnostic::error(Code::UnknownKey, format!("unknown key `{}`", entry.key))
                .at(&entry.key_span, format!("not a key of {}", self.what));
            if let Some(meant) = did_you_mean(&entry.key, free) {
                finding = finding.with_help(format!("did you mean `{meant}`?"));
            } else {
                let mut known = self.known.clone();
                known.sort_unstable();
                known.dedup();
                if !known.is_empty() {
                    finding = finding.with_help(format!("the keys here are {}", list(&known, "and")));
                }
            }
            findings.push(finding);
        }
    }

    fn take_with<T>(&mut self, key: &'static str, read: impl FnOnce(&'a Node) -> Option<T>) -> Option<Located<T>> {
        let node = &self.take(key)?.node;
        Some(Located { value: read(node)?, span: node.span.clone() })
    }
}
