//! Which rows are good, and their typed cells: column by column, so that what is the same for all rows is asked once.

use super::fields::Fields;
use super::number::{parse_bool, parse_decimal, parse_int};
use super::plan::{Empty, Origin, Place, Plan, Slot};
use super::reason::Reason;
use super::record::Flaw;
use super::row::Cell;
use super::time::TimeReader;
use crate::calendar::{Instant, Zone};
use crate::schema::ColumnType;
use rust_decimal::Decimal;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// Its cells are filled in.
    Good,
    /// The workspace leaves it out.
    Filtered,
    /// It is set aside; the slot to blame, where it is one.
    Bad(Option<usize>, Reason),
}

/// What became of the records that are not good.
#[derive(Debug, Default)]
pub(super) struct NotGood {
    /// By place among the records, ascending once all are judged.
    pub all: Vec<(usize, Judged)>,
    is: Vec<bool>,
}

impl NotGood {
    /// All of so many records are good.
    fn begin(&mut self, records: usize) {
        self.all.clear();
        self.is.clear();
        self.is.resize(records, false);
    }

    fn note(&mut self, at: usize, judged: Judged) {
        if let Some(is) = self.is.get_mut(at) {
            *is = true;
            self.all.push((at, judged));
        }
    }

    /// Whether a record is not good, as far as is known.
    #[inline]
    pub fn is(&self, at: usize) -> bool {
        !self.all.is_empty() && self.is.get(at).copied().unwrap_or(true)
    }
}

/// Stands where a record has no time; those of files lie in our age.
pub const NEVER: Instant = Instant::MIN;

/// The typed cells of records, column by column, those of records that are not good included.
#[derive(Debug, Default)]
pub(super) struct Cells {
    records: usize,
    values: Vec<Cell>,
    /// [`NEVER`] for none.
    times: Vec<Instant>,
}

impl Cells {
    /// All cells of so many records are empty.
    fn begin(&mut self, records: usize, plan: &Plan) {
        self.records = records;
        self.values.clear();
        self.values.resize(records * plan.cells, Cell::Null);
        self.times.clear();
        self.times.resize(records * plan.times, NEVER);
    }

    /// A cell of a column of values.
    #[inline]
    pub fn value(&self, column: usize, at: usize) -> Cell {
        self.values.get(column * self.records + at).copied().unwrap_or(Cell::Absent)
    }

    /// A cell of a column of times.
    #[inline]
    pub fn time(&self, column: usize, at: usize) -> Cell {
        self.times(column).get(at).filter(|time| **time != NEVER).map_or(Cell::Null, |time| Cell::Time(*time))
    }

    /// A column of times.
    #[inline]
    pub fn times(&self, column: usize) -> &[Instant] {
        self.times.get(column * self.records..(column + 1) * self.records).unwrap_or_default()
    }
}

/// The cells of one column, to be filled in.
enum Column<'c> {
    None,
    Values(&'c mut [Cell]),
    Times(&'c mut [Instant]),
}

impl Column<'_> {
    #[inline]
    fn set(&mut self, at: usize, cell: Cell) {
        match (self, cell) {
            (Self::Values(values), _) => values.get_mut(at).into_iter().for_each(|to| *to = cell),
            (Self::Times(times), Cell::Time(time)) => times.get_mut(at).into_iter().for_each(|to| *to = time),
            _ => {}
        }
    }
}

impl Plan {
    /// Fills in the cells of all records, column by column, and says which are not good and why; of several reasons,
    /// the first column's.
    pub fn judge(
        &self,
        fields: &mut Fields,
        clocks: &mut [TimeReader],
        days: Zone,
        cells: &mut Cells,
        not_good: &mut NotGood,
    ) {
        let records = fields.len();
        not_good.begin(records);
        cells.begin(records, self);
        fields.width = if self.judge_shape(fields, not_good) { self.width() } else { 0 };
        let fields = &*fields;
        for index in &self.judged {
            let (Some(slot), Some(clock)) = (self.slots.get(*index), clocks.get_mut(*index)) else { continue };
            let run = |column: &usize| column * records..(column + 1) * records;
            let column = match self.places.get(*index) {
                Some(Place::Cell(own)) => Column::Values(cells.values.get_mut(run(own)).unwrap_or_default()),
                Some(Place::Time(own)) => Column::Times(cells.times.get_mut(run(own)).unwrap_or_default()),
                _ => Column::None,
            };
            self.judge_column((*index, slot), fields, clock, days, column, not_good);
        }
        if let Some((amount, refunded)) = self.refund {
            let cell = |slot: usize, at: usize| match self.places.get(slot) {
                Some(Place::Cell(own)) => cells.value(*own, at),
                Some(Place::Time(own)) => cells.time(*own, at),
                _ => Cell::Absent,
            };
            for at in 0..records {
                if !not_good.is(at)
                    && matches!(cell(amount, at), Cell::Decimal(value) if value.is_sign_negative())
                    && !matches!(cell(refunded, at), Cell::Time(_))
                {
                    not_good.note(at, Judged::Bad(Some(amount), Reason::NegativeAmount));
                }
            }
        }
        not_good.all.sort_unstable_by_key(|(at, _)| *at);
    }

    /// Notes records that have not as many fields as they should, or are not among those that count; `true` if all
    /// have.
    fn judge_shape(&self, fields: &Fields, not_good: &mut NotGood) -> bool {
        let width = self.width();
        let mut even = true;
        for (at, record) in fields.records.iter().enumerate() {
            even &= record.fields as usize == at * width;
            let reason = match record.flaw {
                Some(Flaw::NulByte) => Reason::NulByte,
                Some(Flaw::StrayQuote) => Reason::StrayQuote,
                None if record.count as usize != width => {
                    Reason::Ragged { found: record.count, expected: u32::try_from(width).unwrap_or(u32::MAX) }
                }
                None => continue,
            };
            not_good.note(at, Judged::Bad(None, reason));
        }
        even &= fields.ranges.len() == fields.records.len() * width;
        for (index, kept) in &self.keep {
            for at in 0..fields.len() {
                if !not_good.is(at) && !kept.iter().any(|c| c == fields.field(at, *index)) {
                    not_good.note(at, Judged::Filtered);
                }
            }
        }
        even
    }

    fn judge_column(
        &self,
        (index, slot): (usize, &Slot),
        fields: &Fields,
        clock: &mut TimeReader,
        days: Zone,
        mut column: Column<'_>,
        not_good: &mut NotGood,
    ) {
        let plain = match &slot.origin {
            Origin::Field(field) if slot.values.is_empty() => Some(*field),
            _ => None,
        };
        let optional = slot.empty == Empty::Fine;
        for at in 0..fields.len() {
            if not_good.is(at) {
                continue;
            }
            match (plain, slot.kind, &mut column) {
                // Of texts it only matters whether there is any.
                (Some(field), ColumnType::Text, _) if fields.is_filled(at, field) => continue,
                (Some(field), ColumnType::Time, Column::Times(times)) => {
                    let bytes = fields.bytes(at, field);
                    if bytes.is_empty() && optional {
                        continue;
                    }
                    if let Some(time) = clock.fast(bytes) {
                        times.get_mut(at).into_iter().for_each(|to| *to = time);
                        continue;
                    }
                }
                (Some(field), ..) if optional && fields.bytes(at, field).is_empty() => continue,
                _ => {}
            }
            let read = match &slot.origin {
                Origin::Absent => Ok(Cell::Absent),
                Origin::Product(factors) => product(factors.iter().map(|index| fields.field(at, *index))),
                _ => slot.read(self.text(index, |field| fields.field(at, field)).unwrap_or_default(), clock, days),
            };
            let reason = match (read, slot.empty) {
                (Ok(Cell::Null), Empty::NoIdentity) => Reason::EmptyKey,
                (Ok(Cell::Null), Empty::NoMeaning) => Reason::Missing,
                (Ok(value), _) => {
                    column.set(at, value);
                    continue;
                }
                (Err(reason), _) => reason,
            };
            not_good.note(at, Judged::Bad(Some(index), reason));
        }
    }
}

impl Slot {
    #[inline]
    fn read(&self, text: &str, clock: &mut TimeReader, days: Zone) -> Result<Cell, Reason> {
        if text.is_empty() || (self.zero_is_empty && matches!(text, "0" | "-1")) {
            return Ok(Cell::Null);
        }
        match self.kind {
            ColumnType::Text => Ok(Cell::Text),
            ColumnType::Int => parse_int(text).map(Cell::Int),
            ColumnType::Decimal => parse_decimal(text).map(Cell::Decimal),
            ColumnType::Time => clock.instant(text).map(Cell::Time),
            ColumnType::Date => clock.day(text, days).map(Cell::Time),
            ColumnType::Bool => parse_bool(text).map(Cell::Bool),
        }
    }
}

fn product<'t>(factors: impl Iterator<Item = &'t str>) -> Result<Cell, Reason> {
    let mut product = Decimal::ONE;
    for text in factors {
        if text.is_empty() {
            return Ok(Cell::Null);
        }
        product = product.checked_mul(parse_decimal(text)?).ok_or(Reason::TooManyDigits)?;
    }
    Ok(Cell::Decimal(product))
}
