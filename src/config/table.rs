//! `[data.<table>]`: how one table's exports map to its columns.

use crate::calendar::Zone;
use crate::config::toml::{Located, Node, TableReader};
use crate::diagnostic::{Code, Diagnostic, Findings, did_you_mean, list};
use crate::schema::{ColumnType, Table};
use std::collections::BTreeMap;
use std::fmt;

/// How the files of one table are found and read.
#[derive(Clone, PartialEq)]
pub struct TableConfig {
    /// Patterns (`*`, `?`) of further files, matched against the path below the data folder.
    pub files: Vec<String>,
    /// Encoding of all its files; detected when absent.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Byte between fields.
    pub delimiter: u8,
    /// Zone of times without an offset; the workspace's when absent.
    pub zone: Option<Zone>,
    /// `chrono` pattern that is tried before the usual forms of times.
    pub time_format: Option<String>,
    /// Columns that identify a row; empty for rows without identity; the table's own when absent.
    pub key: Option<Vec<String>>,
    /// What a group without any row means.
    pub absent: Absent,
    /// Column to header.
    pub columns: BTreeMap<String, String>,
    /// Value of a column that a file does not have.
    pub constants: BTreeMap<String, String>,
    /// Column to replacements of its cells.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Header to the cells of the rows that count; other rows are filtered.
    pub keep: BTreeMap<String, Vec<String>>,
    /// Decimal column to the columns whose product it is where a file does not have it.
    pub compute: BTreeMap<String, Vec<String>>,
}

/// What it means that a group has no row in a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Absent {
    /// Nothing is known.
    #[default]
    NoData,
    /// Nothing happened.
    Zero,
}

impl Default for TableConfig {
    fn default() -> Self {
        Self {
            files: Vec::new(),
            encoding: None,
            delimiter: b',',
            zone: None,
            time_format: None,
            key: None,
            absent: Absent::default(),
            columns: BTreeMap::new(),
            constants: BTreeMap::new(),
            values: BTreeMap::new(),
            keep: BTreeMap::new(),
            compute: BTreeMap::new(),
        }
    }
}

impl fmt::Debug for TableConfig {
    /// Only what differs from the defaults, which is little.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableConfig")
            .field("files", &self.files)
            .field("encoding", &self.encoding.map(encoding_rs::Encoding::name))
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

/// The zone of an IANA name, or a finding.
pub(super) fn zone(name: &Located<String>, findings: &mut Findings) -> Option<Zone> {
    if let Ok(tz) = name.value.parse() {
        return Some(Zone::new(tz));
    }
    let known = chrono_tz::TZ_VARIANTS.iter().map(|z| z.name());
    let mut finding = Diagnostic::error(Code::InvalidValue, format!("`{}` is not a time zone", name.value))
        .at(&name.span, "expected an IANA name such as `Asia/Shanghai`");
    if let Some(meant) = did_you_mean(&name.value, known) {
        finding = finding.with_help(format!("did you mean `{meant}`?"));
    }
    findings.push(finding);
    None
}

/// Reads `[data.<table>]`.
pub(super) fn read(table: Table, node: &Node, findings: &mut Findings) -> TableConfig {
    let mut reader = TableReader::new(node, format!("`[data.{table}]`"));
    let mut config = TableConfig::default();
    if let Some(files) = reader.take_strings("files", findings) {
        config.files = files.into_iter().map(|f| f.value).collect();
    }
    if let Some(label) = reader.take_str("encoding", findings) {
        config.encoding = encoding_rs::Encoding::for_label_no_replacement(label.value.as_bytes());
        if config.encoding.is_none() {
            findings.push(
                Diagnostic::error(Code::InvalidValue, format!("`{}` is not an encoding", label.value))
                    .at(&label.span, "expected a name such as `utf-8`, `gb18030` or `utf-16le`"),
            );
        }
    }
    if let Some(text) = reader.take_str("delimiter", findings) {
        match text.value.as_bytes() {
            [b] if b.is_ascii() && !matches!(b, b'"' | b'\r' | b'\n' | 0) => config.delimiter = *b,
            _ => findings.push(
                Diagnostic::error(Code::InvalidValue, format!("`{}` cannot separate fields", text.value))
                    .at(&text.span, "expected one ASCII character other than `\"`, such as `,`, `;` or `\\t`"),
            ),
        }
    }
    config.zone = reader.take_str("zone", findings).and_then(|name| zone(&name, findings));
    if let Some(format) = reader.take_str("time_format", findings) {
        config.time_format = time_format(format, findings);
    }
    config.key = reader.take_strings("key", findings).map(|key| key.into_iter().map(|k| k.value).collect());
    if let Some(absent) = reader.take_choice("absent", &[("no_data", Absent::NoData), ("zero", Absent::Zero)], findings)
    {
        config.absent = absent.value;
    }
    let columns = reader.take_texts("columns", findings).unwrap_or_default();
    for (column, header) in columns {
        check_column(table, &column, findings);
        config.columns.insert(column.value, header.value);
    }
    for (column, value) in reader.take_texts("constants", findings).unwrap_or_default() {
        check_column(table, &column, findings);
        config.constants.insert(column.value, value.value);
    }
    for entry in reader.take_entries("values", findings).unwrap_or_default() {
        let column = Located { value: entry.key.clone(), span: entry.key_span.clone() };
        check_column(table, &column, findings);
        let mut map = BTreeMap::new();
        for inner in entry.node.entries(findings).unwrap_or_default() {
            if let Some(new) = inner.node.str(findings) {
                map.insert(inner.key.clone(), new.to_owned());
            }
        }
        config.values.insert(column.value, map);
    }
    for entry in reader.take_entries("keep", findings).unwrap_or_default() {
        if let Some(kept) = entry.node.strings(findings) {
            config.keep.insert(entry.key.clone(), kept.into_iter().map(|k| k.value).collect());
        }
    }
    for entry in reader.take_entries("compute", findings).unwrap_or_default() {
        read_product(table, entry, &mut config, findings);
    }
    reader.finish(findings);
    config
}

fn read_product(table: Table, entry: &super::toml::Entry, config: &mut TableConfig, findings: &mut Findings) {
    let Some(factors) = entry.node.strings(findings) else { return };
    if table.column(&entry.key).is_none_or(|c| c.kind != ColumnType::Decimal || c.derived) {
        let known: Vec<&str> =
            table.columns().iter().filter(|c| c.kind == ColumnType::Decimal && !c.derived).map(|c| c.name).collect();
        let wanted = if known.is_empty() {
            format!("{table} has no decimal column")
        } else {
            format!("expected {}", list(&known, "or"))
        };
        findings.push(
            Diagnostic::error(Code::InvalidValue, format!("`{}` cannot be computed", entry.key))
                .at(&entry.key_span, wanted),
        );
    } else if factors.len() < 2 {
        entry.node.invalid("a product needs two columns or more", "a list of column names", findings);
    } else {
        config.compute.insert(entry.key.clone(), factors.into_iter().map(|f| f.value).collect());
    }
}

fn time_format(format: Located<String>, findings: &mut Findings) -> Option<String> {
    use chrono::format::{Item, StrftimeItems};
    let broken = StrftimeItems::new(&format.value).any(|i| matches!(i, Item::Error));
    if broken || !format.value.contains('%') {
        findings.push(
            Diagnostic::error(Code::InvalidValue, format!("`{}` is not a time format", format.value))
                .at(&format.span, "expected a pattern such as `%d/%m/%Y %H:%M`"),
        );
        return None;
    }
    Some(format.value)
}

/// A name that is no column makes an extra column, which is fine unless it looks misspelt.
fn check_column(table: Table, column: &Located<String>, findings: &mut Findings) {
    let names = || table.columns().iter().filter(|c| !c.derived).map(|c| c.name);
    if names().any(|n| n == column.value) {
        return;
    }
    if let Some(derived) = table.column(&column.value) {
        findings.push(
            Diagnostic::error(Code::InvalidValue, format!("`{}` is computed, not read", derived.name))
                .at(&column.span, format!("expected a column of {table} or a new name")),
        );
    } else if let Some(meant) = did_you_mean(&column.value, names()) {
        findings.push(
            Diagnostic::warning(Code::UnknownKey, format!("{table} has no column `{}`", column.value))
                .at(&column.span, "kept as an extra column")
                .with_help(format!("did you mean `{meant}`?")),
        );
    }
}
