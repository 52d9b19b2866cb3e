//! Which rows are good, and their typed cells: column by column, so that what is the same for all rows is asked once.

use super::fields::Fields;
use super::number::{parse_bool, parse_decimal, parse_int};
use super::plan::{Empty, Origin, Place, Plan, Slot};
use super::reason::Reason;
use super::record::Flaw;
use super::row::Cell;
use super::time::TimeReader;
use crate::calendar::Zone;
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

impl Plan {
    /// Fills in the cells of all records, column by column, and says which are not good and why; of several reasons,
    /// the first column's.
    pub fn judge(
        &self,
        fields: &Fields,
        clocks: &mut [TimeReader],
        days: Zone,
        cells: &mut Vec<Cell>,
        not_good: &mut NotGood,
    ) {
        let records = fields.len();
        not_good.begin(records);
        cells.clear();
        cells.resize(records * self.cells, Cell::Null);
        self.judge_shape(fields, not_good);
        for index in &self.judged {
            let (Some(slot), Some(clock)) = (self.slots.get(*index), clocks.get_mut(*index)) else { continue };
            let column = match self.places.get(*index) {
                Some(Place::Cell(own)) => cells.get_mut(own * records..(own + 1) * records).unwrap_or_default(),
                _ => &mut [],
            };
            self.judge_column((*index, slot), fields, clock, days, column, not_good);
        }
        if let Some((amount, refunded)) = self.refund {
            let cell = |slot: usize, at: usize| match self.places.get(slot) {
                Some(Place::Cell(own)) => cells.get(own * records + at).copied(),
                _ => None,
            };
            for at in 0..records {
                if !not_good.is(at)
                    && matches!(cell(amount, at), Some(Cell::Decimal(value)) if value.is_sign_negative())
                    && !matches!(cell(refunded, at), Some(Cell::Time(_)))
                {
                    not_good.note(at, Judged::Bad(Some(amount), Reason::NegativeAmount));
                }
            }
        }
        not_good.all.sort_unstable_by_key(|(at, _)| *at);
    }

    /// Whether records have as many fields as they should, and are among those that count.
    fn judge_shape(&self, fields: &Fields, not_good: &mut NotGood) {
        let width = self.width();
        for (at, record) in fields.records.iter().enumerate() {
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
        for (index, kept) in &self.keep {
            for at in 0..fields.len() {
                if !not_good.is(at) && !kept.iter().any(|c| c == fields.field(at, *index)) {
                    not_good.note(at, Judged::Filtered);
                }
            }
        }
    }

    fn judge_column(
        &self,
        (index, slot): (usize, &Slot),
        fields: &Fields,
        clock: &mut TimeReader,
        days: Zone,
        column: &mut [Cell],
        not_good: &mut NotGood,
    ) {
        let plain = match &slot.origin {
            Origin::Field(field) if slot.values.is_empty() => Some(*field),
            _ => None,
        };
        for at in 0..fields.len() {
            if not_good.is(at) {
                continue;
            }
            match (plain, slot.kind) {
                // Of texts it only matters whether there is any.
                (Some(field), ColumnType::Text) if fields.is_filled(at, field) => continue,
                (Some(field), ColumnType::Time) => {
                    if let Some(time) = clock.fast(fields.bytes(at, field)) {
                        if let Some(cell) = column.get_mut(at) {
                            *cell = Cell::Time(time);
                        }
                        continue;
                    }
                }
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
                    if let Some(cell) = column.get_mut(at) {
                        *cell = value;
                    }
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
