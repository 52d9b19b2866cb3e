//! How the fields of one file become the cells of a row.

use super::header::Header;
use super::ledger::{push_number, push_text};
use super::parse::Parsed;
use super::row::{Cell, Layout, Record};
use super::time::TimeReader;
use crate::calendar::Zone;
use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::schema::{ColumnType, Table};
use std::collections::BTreeMap;

/// Where a slot's value comes from.
#[derive(Debug)]
pub(super) enum Origin {
    Absent,
    Field(usize),
    Constant(String),
    /// The product of decimal fields.
    Product(Vec<usize>),
}

/// What an empty cell means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Empty {
    Fine,
    /// The row cannot be told from others.
    NoIdentity,
    /// The row means nothing.
    NoMeaning,
}

#[derive(Debug)]
pub(super) struct Slot {
    name: String,
    pub kind: ColumnType,
    pub origin: Origin,
    pub empty: Empty,
    /// Whether `0` and `-1` stand for no time, as some platforms write.
    pub zero_is_empty: bool,
    pub values: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy)]
enum KeyPart {
    Slot(usize),
    Field(usize),
}

/// How one file is read.
#[derive(Debug)]
pub struct Plan {
    pub(super) slots: Vec<Slot>,
    /// Fields that are in no column of the schema.
    pub(super) extra: Vec<usize>,
    /// Fields and the cells of the rows that count.
    pub(super) keep: Vec<(usize, Vec<String>)>,
    key: Vec<KeyPart>,
    header: Header,
    /// Slots of `amount` and `refunded_at`, where negative amounts must be explained.
    pub(super) refund: Option<(usize, usize)>,
    /// What is known of each slot before any row is read.
    pub(super) places: Vec<Place>,
    /// Slots whose fields must be looked at: those with a cell, and texts that must not be empty.
    pub(super) judged: Vec<usize>,
    /// Slots with a cell that is no time.
    pub(super) cells: usize,
    /// Slots with a time.
    pub(super) times: usize,
}

/// Where a visitor finds a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Absent,
    /// The text of a field, as it stands there.
    Field(usize),
    /// A text that is made up or replaced.
    Text,
    /// A cell of this number.
    Cell(usize),
    /// A time of this number.
    Time(usize),
}

impl Plan {
    /// Plans the reading of a file; `None` when its header does not do.
    pub fn new(
        names: Vec<String>,
        layout: &Layout,
        config: &Config,
        file: &str,
        findings: &mut Findings,
    ) -> Option<Self> {
        let table = layout.table;
        let settings = config.data.table(table);
        let before = findings.items().len();
        let header = Header::new(names, table, settings, file, findings);
        let mut missing = Vec::new();
        let mut slots = Vec::with_capacity(layout.len());
        for (name, kind) in layout.slots() {
            let column = table.column(name);
            // Orders that the workspace identifies by other columns, or by none, need no number.
            let unused = table == Table::Orders
                && name == "order_id"
                && settings.key.as_ref().is_some_and(|key| !key.iter().any(|part| part == name));
            let required = column.is_some_and(|c| c.required) && !unused;
            let origin = match header.find(name) {
                _ if column.is_some_and(|c| c.derived) => Origin::Absent,
                Some(field) => Origin::Field(field),
                None => match (settings.compute.get(name), settings.constants.get(name)) {
                    (Some(factors), _) => Self::product(factors, name, &header, table, file, findings),
                    (None, Some(constant)) => Origin::Constant(constant.trim().to_owned()),
                    (None, None) => Origin::Absent,
                },
            };
            if required && matches!(origin, Origin::Absent) && !settings.compute.contains_key(name) {
                missing.push(name);
            }
            slots.push(Slot {
                name: name.to_owned(),
                kind,
                origin,
                empty: meaning_of_empty(table, name, required),
                zero_is_empty: !required && matches!(kind, ColumnType::Time | ColumnType::Date),
                values: settings.values.get(name).cloned().unwrap_or_default(),
            });
        }
        header.report_missing(&missing, table, file, findings);
        let mut absent = |name: &str, key: &str| {
            findings.push(
                Diagnostic::error(Code::MissingColumn, format!("`{key}` names a column that the file does not have"))
                    .at_cell(file, 1, None, header.shown(), format!("no `{name}` in this header"))
                    .with_help(format!("correct `{key}` in `[data.{table}]`")),
            );
        };
        let mut keep = Vec::new();
        for (name, cells) in &settings.keep {
            match header.find_written(name) {
                Some(field) => keep.push((field, cells.clone())),
                None => absent(name, "keep"),
            }
        }
        let names: Vec<&str> = match &settings.key {
            Some(names) => names.iter().map(String::as_str).collect(),
            None => table.key().to_vec(),
        };
        let mut key = Vec::new();
        for name in &names {
            let slot = layout.slot(name).filter(|s| slots.get(*s).is_some_and(|s| !matches!(s.origin, Origin::Absent)));
            match (slot, header.find(name)) {
                (Some(slot), _) => key.push(KeyPart::Slot(slot)),
                (None, Some(field)) => key.push(KeyPart::Field(field)),
                (None, None) if settings.key.is_some() => absent(name, "key"),
                (None, None) => {}
            }
        }
        if key.len() < names.len() {
            key.clear();
        }
        let is_extra = |i: &usize| {
            let name = header.known_as(*i);
            !name.is_empty() && table.column(name).is_none()
        };
        let refund = layout.slot("amount").zip(layout.slot("refunded_at"));
        let extra = (0..header.names.len()).filter(is_extra).collect();
        let (mut places, mut judged, mut cells, mut times) = (Vec::new(), Vec::new(), 0, 0);
        for (index, slot) in slots.iter().enumerate() {
            places.push(match (&slot.origin, slot.kind) {
                (Origin::Absent, _) => Place::Absent,
                (Origin::Field(field), ColumnType::Text) if slot.values.is_empty() => Place::Field(*field),
                (Origin::Field(_) | Origin::Constant(_), ColumnType::Text) => Place::Text,
                (_, ColumnType::Time | ColumnType::Date) if !matches!(slot.origin, Origin::Product(_)) => {
                    times += 1;
                    Place::Time(times - 1)
                }
                _ => {
                    cells += 1;
                    Place::Cell(cells - 1)
                }
            });
            let looked_at = matches!(places.last(), Some(Place::Cell(_) | Place::Time(_))) || slot.empty != Empty::Fine;
            if looked_at && !matches!(slot.origin, Origin::Absent) {
                judged.push(index);
            }
        }
        let plan = Self { slots, extra, keep, key, header, refund, places, judged, cells, times };
        (findings.items().len() == before).then_some(plan)
    }

    /// The cell of a slot of a good row.
    #[inline]
    pub fn cell(&self, slot: usize, parsed: &Parsed, at: usize) -> Cell {
        let filled = |text: &str| if text.is_empty() { Cell::Null } else { Cell::Text };
        match self.places.get(slot) {
            Some(Place::Cell(column)) => parsed.cells.value(*column, at),
            Some(Place::Time(column)) => parsed.cells.time(*column, at),
            Some(Place::Field(field)) => filled(parsed.fields.field(at, *field)),
            Some(Place::Text) => filled(self.text(slot, |field| parsed.fields.field(at, field)).unwrap_or_default()),
            Some(Place::Absent) | None => Cell::Absent,
        }
    }

    fn product(
        factors: &[String],
        target: &str,
        header: &Header,
        table: Table,
        file: &str,
        findings: &mut Findings,
    ) -> Origin {
        let fields: Vec<usize> = factors.iter().filter_map(|f| header.find_written(f)).collect();
        if fields.len() == factors.len() {
            return Origin::Product(fields);
        }
        for factor in factors.iter().filter(|f| header.find_written(f).is_none()) {
            findings.push(
                Diagnostic::error(
                    Code::MissingColumn,
                    format!("`compute.{target}` names a column that the file does not have"),
                )
                .at_cell(file, 1, None, header.shown(), format!("no `{factor}` in this header"))
                .with_help(format!("correct `compute.{target}` in `[data.{table}]`")),
            );
        }
        Origin::Absent
    }

    /// Number of fields a row must have.
    pub fn width(&self) -> usize {
        self.header.names.len()
    }

    /// The columns of the file: canonical, mapped or as written, and those made up.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let named = (0..self.width()).map(|i| self.header.known_as(i)).filter(|n| !n.is_empty());
        let made = |s: &&Slot| matches!(s.origin, Origin::Constant(_) | Origin::Product(_));
        named.chain(self.slots.iter().filter(made).map(|s| s.name.as_str()))
    }

    /// The name of a slot as in the file.
    pub fn written(&self, slot: usize) -> Option<String> {
        let slot = self.slots.get(slot)?;
        Some(match &slot.origin {
            Origin::Field(field) => self.header.names.get(*field).cloned().unwrap_or_default(),
            _ => slot.name.clone(),
        })
    }

    /// Where the cell of a slot stands in a record, if it stands there.
    pub fn position(&self, slot: usize, record: &Record<'_>) -> Option<(u64, u32)> {
        match &self.slots.get(slot)?.origin {
            Origin::Field(field) => record.position(*field),
            _ => None,
        }
    }

    /// The readers of this file's times, one a slot.
    pub fn clocks(&self, zone: Zone, format: Option<&str>) -> Vec<TimeReader> {
        self.slots.iter().map(|_| TimeReader::new(zone, format.map(str::to_owned))).collect()
    }

    /// The text of a slot, trimmed and replaced, of a record of these fields; `None` when the column is absent or
    /// computed.
    #[inline]
    pub fn text<'r>(&'r self, slot: usize, field: impl Fn(usize) -> &'r str) -> Option<&'r str> {
        match self.places.get(slot)? {
            Place::Field(index) => Some(field(*index)),
            Place::Absent => None,
            Place::Text | Place::Cell(_) | Place::Time(_) => self.made_text(slot, field),
        }
    }

    /// The field that is the text of a slot as it stands.
    #[inline]
    pub fn bare_field(&self, slot: usize) -> Option<usize> {
        match self.places.get(slot) {
            Some(Place::Field(field)) => Some(*field),
            _ => None,
        }
    }

    fn made_text<'r>(&'r self, slot: usize, field: impl Fn(usize) -> &'r str) -> Option<&'r str> {
        let slot = self.slots.get(slot)?;
        let text = match &slot.origin {
            Origin::Field(index) => field(*index),
            Origin::Constant(text) => text,
            Origin::Absent | Origin::Product(_) => return None,
        };
        Some(if slot.values.is_empty() { text } else { slot.values.get(text).map_or(text, String::as_str) })
    }

    /// Whether rows have an identity.
    pub fn has_key(&self) -> bool {
        !self.key.is_empty()
    }

    /// The field that alone is the key, if one is.
    pub fn key_field(&self) -> Option<usize> {
        match self.key.as_slice() {
            [KeyPart::Field(field)] => Some(*field),
            [KeyPart::Slot(slot)] => match self.places.get(*slot) {
                Some(Place::Field(field)) => Some(*field),
                _ => None,
            },
            _ => None,
        }
    }

    /// Encodes the key of a good row; `false` when it has no identity.
    pub fn key(&self, parsed: &Parsed, at: usize, key: &mut Vec<u8>) -> bool {
        key.clear();
        let mut any = false;
        let field = |index: usize| parsed.fields.field(at, index);
        for part in &self.key {
            let text = match part {
                KeyPart::Field(index) => field(*index),
                KeyPart::Slot(slot) => match self.cell(*slot, parsed, at) {
                    Cell::Time(time) => {
                        any = true;
                        push_number(key, time.0);
                        continue;
                    }
                    Cell::Int(number) => {
                        any = true;
                        push_number(key, number);
                        continue;
                    }
                    _ => self.text(*slot, field).unwrap_or_default(),
                },
            };
            any |= !text.is_empty();
            push_text(key, text);
        }
        any
    }
}

/// Names may be empty; a row without its other required cells is of no use.
fn meaning_of_empty(table: Table, name: &str, required: bool) -> Empty {
    if !required || name == "name" {
        Empty::Fine
    } else if table.key().contains(&name) || matches!(name, "group_id" | "member_id") {
        Empty::NoIdentity
    } else {
        Empty::NoMeaning
    }
}

/// Where a column's cells come from, for whoever reads the file by other means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellSource {
    /// Nowhere: its cells are empty.
    Nowhere,
    /// This field, counted from 0.
    Field(usize),
    /// The same for every row.
    Constant(String),
    /// The product of these fields.
    Product(Vec<usize>),
}

impl Plan {
    /// Where the cells of each slot come from.
    pub fn cell_sources(&self) -> Vec<CellSource> {
        let of = |slot: &Slot| match &slot.origin {
            Origin::Absent => CellSource::Nowhere,
            Origin::Field(field) => CellSource::Field(*field),
            Origin::Constant(text) => CellSource::Constant(text.clone()),
            Origin::Product(fields) => CellSource::Product(fields.clone()),
        };
        self.slots.iter().map(of).collect()
    }

    /// The fields and cells of the rows that count.
    pub fn kept(&self) -> &[(usize, Vec<String>)] {
        &self.keep
    }
}
