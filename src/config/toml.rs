//! Reads TOML with the place of every key and value, and collects everything that is wrong.
//!
//! [`parse`] turns a text into an owned tree of [`Node`]s. A [`TableReader`] then takes the keys it
//! knows out of one table; what is left when it is finished is reported as unknown. Nothing stops
//! at the first mistake, so that one run shows all of them.
//!
//! ```
//! use qunce::config::toml::{TableReader, parse};
//! use qunce::diagnostic::{Findings, SourceText};
//!
//! let source = SourceText::new("qunce.toml", "[site]\ntitle = \"Tea\"\n");
//! let mut findings = Findings::new();
//! let root = parse(&source, &mut findings).expect("valid TOML");
//! let mut top = TableReader::new(&root, "the workspace");
//! if let Some(mut site) = top.take_table("site", &mut findings) {
//!     let title = site.take_str("title", &mut findings).map(|t| t.value);
//!     assert_eq!(title.as_deref(), Some("Tea"));
//!     site.finish(&mut findings);
//! }
//! top.finish(&mut findings);
//! assert!(findings.is_empty());
//! ```

mod reader;

pub use reader::TableReader;

use crate::diagnostic::{Code, Diagnostic, Findings, SourceText, Span};
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T> Located<T> {
    /// Another value at the same place.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: f(self.value), span: self.span }
    }
}

/// A TOML value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value stands.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// The kinds of TOML values.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// An integer.
    Int(i64),
    /// A float; may be `nan` or infinite, which the readers below refuse.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A date, a time or both, as written.
    Moment(String),
    /// An array. Copies share it: playbooks that build on each other have most of their trees in common.
    List(Arc<Vec<Node>>),
    /// A table, its entries in the order of the file. Copies share it.
    Table(Arc<Vec<Entry>>),
}

impl Value {
    /// An array.
    #[must_use]
    pub fn list(items: Vec<Node>) -> Self {
        Self::List(Arc::new(items))
    }

    /// A table.
    #[must_use]
    pub fn table(entries: Vec<Entry>) -> Self {
        Self::Table(Arc::new(entries))
    }

    /// The kind in words, with its article.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Bool(_) => "a boolean",
            Self::Moment(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// A key of a table with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key, unquoted.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// Its value.
    pub node: Node,
}

/// Parses a TOML text; `None` when its syntax is broken, in which case every syntax error is in
/// `findings` and the rest of the file is not judged.
pub fn parse(source: &Arc<SourceText>, findings: &mut Findings) -> Option<Node> {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    for error in &errors {
        let range = error.span().unwrap_or(0..0);
        findings.push(
            Diagnostic::error(Code::TomlSyntax, format!("invalid TOML: {}", first_line(error.message())))
                .at(&Span::new(source, range), ""),
        );
    }
    if !errors.is_empty() {
        return None;
    }
    let before = findings.items().len();
    let range = table.span();
    let entries = entries(source, table.into_inner(), findings);
    (findings.items().len() == before).then(|| Node { span: Span::new(source, range), value: Value::table(entries) })
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

fn entries(source: &Arc<SourceText>, table: DeTable<'_>, findings: &mut Findings) -> Vec<Entry> {
    table
        .into_iter()
        .map(|(key, value)| Entry {
            key_span: Span::new(source, key.span()),
            key: key.into_inner().into_owned(),
            node: node(source, value, findings),
        })
        .collect()
}

fn node(source: &Arc<SourceText>, value: toml::Spanned<DeValue<'_>>, findings: &mut Findings) -> Node {
    let span = Span::new(source, value.span());
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Value::Int(number),
            Err(_) => {
                findings.push(
                    Diagnostic::error(Code::InvalidValue, format!("`{integer}` is too large for an integer"))
                        .at(&span, "does not fit in 64 bits"),
                );
                Value::Int(0)
            }
        },
        DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Bool(flag),
        DeValue::Datetime(moment) => Value::Moment(moment.to_string()),
        DeValue::Array(items) => Value::list(items.into_iter().map(|i| node(source, i, findings)).collect()),
        DeValue::Table(table) => Value::table(entries(source, table, findings)),
    };
    Node { span, value }
}

impl Node {
    /// Reports that this value has another type than is wanted here.
    pub fn wrong_type(&self, wanted: &str, findings: &mut Findings) {
        findings.push(
            Diagnostic::error(Code::WrongType, format!("expected {wanted}, found {}", self.value.kind()))
                .at(&self.span, format!("not {wanted}")),
        );
    }

    /// Reports that this value is of the right type but not allowed here.
    pub fn invalid(&self, title: impl Into<String>, wanted: &str, findings: &mut Findings) {
        findings.push(Diagnostic::error(Code::InvalidValue, title).at(&self.span, format!("expected {wanted}")));
    }

    /// The string, or a finding.
    pub fn str(&self, findings: &mut Findings) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => self.refuse("a string", findings),
        }
    }

    /// The integer, or a finding.
    pub fn int(&self, findings: &mut Findings) -> Option<i64> {
        match self.value {
            Value::Int(number) => Some(number),
            _ => self.refuse("an integer", findings),
        }
    }

    /// The number (integers are numbers too), or a finding; `nan` and infinities are refused.
    pub fn float(&self, findings: &mut Findings) -> Option<f64> {
        match self.value {
            // Exact up to 2^53, far beyond any threshold.
            #[allow(clippy::cast_precision_loss)]
            Value::Int(number) => Some(number as f64),
            Value::Float(number) if number.is_finite() => Some(number),
            Value::Float(number) => {
                self.invalid(format!("`{number}` is not a finite number"), "a finite number", findings);
                None
            }
            _ => self.refuse("a number", findings),
        }
    }

    /// The boolean, or a finding.
    pub fn bool(&self, findings: &mut Findings) -> Option<bool> {
        match self.value {
            Value::Bool(flag) => Some(flag),
            _ => self.refuse("`true` or `false`", findings),
        }
    }

    /// The items, or a finding.
    pub fn list(&self, findings: &mut Findings) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => self.refuse("a list", findings),
        }
    }

    /// The strings of a list, or findings; with one of another type, the rest is still read.
    pub fn strings(&self, findings: &mut Findings) -> Option<Vec<Located<String>>> {
        let Value::List(items) = &self.value else { return self.refuse("a list of strings", findings) };
        Some(
            items
                .iter()
                .filter_map(|i| {
                    let value = i.str(findings)?.to_owned();
                    Some(Located { value, span: i.span.clone() })
                })
                .collect(),
        )
    }

    /// The entries of a table, or a finding.
    pub fn entries(&self, findings: &mut Findings) -> Option<&[Entry]> {
        match &self.value {
            Value::Table(entries) => Some(entries),
            _ => self.refuse("a table", findings),
        }
    }

    fn refuse<T>(&self, wanted: &str, findings: &mut Findings) -> Option<T> {
        self.wrong_type(wanted, findings);
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::diagnostic::render;

    fn findings_of(text: &str, read: impl FnOnce(&mut TableReader<'_>, &mut Findings)) -> String {
        let source = SourceText::new("x.toml", text);
        let mut findings = Findings::new();
        if let Some(root) = parse(&source, &mut findings) {
            let mut reader = TableReader::new(&root, "the file");
            read(&mut reader, &mut findings);
            reader.finish(&mut findings);
        }
        findings.items().iter().map(|d| render(d, false)).collect()
    }

    #[test]
    fn every_mistake_is_told_at_its_place() {
        let shown = findings_of("tilte = 'x'\ntrend = 'many'\nshare = nan\n", |r, f| {
            r.take_str("title", f);
            r.take_int("trend", f);
            r.take_float("share", f);
        });
        assert_eq!(
            shown,
            "error[Q0004]: expected an integer, found a string\n \
             --> x.toml:2:9\n  \
             |\n\
             2 | trend = 'many'\n  \
             |         ^^^^^^ not an integer\n\
             error[Q0005]: `NaN` is not a finite number\n \
             --> x.toml:3:9\n  \
             |\n\
             3 | share = nan\n  \
             |         ^^^ expected a finite number\n\
             error[Q0003]: unknown key `tilte`\n \
             --> x.toml:1:1\n  \
             |\n\
             1 | tilte = 'x'\n  \
             | ^^^^^ not a key of the file\n  \
             |\n  \
             = help: did you mean `title`?\n"
        );
    }

    #[test]
    fn broken_syntax_points_at_the_line() {
        let shown = findings_of("a = 1\nb = = 2\n", |_, _| {});
        assert!(shown.starts_with("error[Q0002]: invalid TOML: "), "{shown}");
        assert!(shown.contains("x.toml:2:"), "{shown}");
    }

    #[test]
    fn choices_are_listed() {
        let shown = findings_of("period = 'weak'", |r, f| {
            r.take_choice("period", &[("week", 1), ("month", 2)], f);
        });
        assert!(shown.contains("expected `week` or `month`"), "{shown}");
        assert!(shown.contains("did you mean `week`?"), "{shown}");
    }

    #[test]
    fn integers_of_any_radix_and_their_limits() {
        let source = SourceText::new("x.toml", "a = 0xff\nb = 1_000\nc = 99999999999999999999");
        let mut findings = Findings::new();
        assert!(parse(&source, &mut findings).is_none());
        assert_eq!(findings.items().len(), 1);
        let source = SourceText::new("x.toml", "a = 0xff\nb = -1_000");
        let root = parse(&source, &mut Findings::new()).unwrap();
        let mut reader = TableReader::new(&root, "the file");
        assert_eq!(reader.take_int("a", &mut findings).unwrap().value, 255);
        assert_eq!(reader.take_int("b", &mut findings).unwrap().value, -1000);
    }
}
