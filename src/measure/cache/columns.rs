//! Held tables as bytes, column by column, and back.

use super::super::held::{Cells, HeldTable, NO_TEXT, NO_TIME};
use super::super::texts::Dictionary;
use super::bytes::{Damaged, In, Out, Taken, moment};
use super::values::{of_decimal, to_decimal};
use crate::calendar::Instant;
use rust_decimal::Decimal;

/// Texts end to end, with their lengths.
pub(super) fn write_texts(texts: &Dictionary, out: &mut Out) {
    let (text, ends) = texts.parts();
    out.text(text);
    let mut from = 0;
    out.u32s(ends.iter().map(|to| {
        // A text is a cell of a file, whose length is bounded far below.
        let length = u32::try_from(to - from).unwrap_or(u32::MAX);
        from = *to;
        length
    }));
}

pub(super) fn read_texts(input: &mut In<'_>) -> Taken<Dictionary> {
    let text = input.text()?;
    let mut end = 0_usize;
    let ends: Vec<usize> = input
        .u32s()?
        .iter()
        .map(|length| {
            end = end.saturating_add(*length as usize);
            end
        })
        .collect();
    if end == text.len() { Ok(Dictionary::of(text.to_owned(), ends)) } else { Err(Damaged) }
}

pub(super) fn write(table: &HeldTable, out: &mut Out) {
    out.count(table.len);
    out.count(table.columns.len());
    for column in &table.columns {
        match &column.cells {
            Cells::Text(cells) => {
                out.u8(0);
                out.u32s(cells.iter().copied());
            }
            Cells::Int(cells) => {
                out.u8(1);
                out.flags(&some(cells));
                out.u64s(cells.iter().map(|cell| cell.unwrap_or(0).cast_unsigned()));
            }
            Cells::Decimal(cells) => {
                out.u8(2);
                out.flags(&some(cells));
                let words = cells.iter().flat_map(|cell| of_decimal(cell.unwrap_or(Decimal::ZERO)));
                out.u64s(words.collect::<Vec<_>>().into_iter());
            }
            Cells::Time(cells) => {
                out.u8(3);
                out.u64s(cells.iter().map(|t| t.0.cast_unsigned()));
            }
            Cells::Bool(cells) => {
                out.u8(4);
                out.bytes(&cells.iter().map(|cell| cell.map_or(2, u8::from)).collect::<Vec<_>>());
            }
        }
    }
    write_texts(&table.texts, out);
}

/// Fills a table that has the columns and no rows yet.
pub(super) fn read(table: &mut HeldTable, input: &mut In<'_>) -> Taken<()> {
    // Each row has an id, which takes its place.
    table.len = usize::try_from(input.u64()?).map_err(|_| Damaged)?;
    if input.count(1)? != table.columns.len() || table.len > input.0.len() {
        return Err(Damaged);
    }
    let mut most = None;
    for column in &mut table.columns {
        let len = match (input.u8()?, &mut column.cells) {
            (0, Cells::Text(cells)) => {
                *cells = input.u32s()?;
                most = most.max(cells.iter().copied().filter(|n| *n != NO_TEXT).max());
                cells.len()
            }
            (1, Cells::Int(cells)) => {
                let mut some = Vec::new();
                input.flags(|at| mark(&mut some, at))?;
                *cells = optional(some, input.u64s()?.into_iter().map(|word| Ok(word.cast_signed())))?;
                cells.len()
            }
            (2, Cells::Decimal(cells)) => {
                let mut some = Vec::new();
                input.flags(|at| mark(&mut some, at))?;
                let words = input.u64s()?;
                *cells = optional(some, words.as_chunks::<2>().0.iter().map(|pair| to_decimal(*pair)))?;
                cells.len()
            }
            (3, Cells::Time(cells)) => {
                *cells = input.u64s()?.into_iter().map(|word| Instant(word.cast_signed())).collect();
                cells.iter().filter(|t| **t != NO_TIME).try_for_each(|t| moment(t.0).map(|_| ()))?;
                cells.len()
            }
            (4, Cells::Bool(cells)) => {
                let cell = |byte: &u8| match byte {
                    0 => Ok(Some(false)),
                    1 => Ok(Some(true)),
                    2 => Ok(None),
                    _ => Err(Damaged),
                };
                *cells = input.bytes()?.iter().map(cell).collect::<Taken<_>>()?;
                cells.len()
            }
            _ => return Err(Damaged),
        };
        if len > table.len {
            return Err(Damaged);
        }
    }
    table.texts = read_texts(input)?;
    if most.is_none_or(|n| (n as usize) < table.texts.len()) { Ok(()) } else { Err(Damaged) }
}

fn some<T>(cells: &[Option<T>]) -> Vec<bool> {
    cells.iter().map(Option::is_some).collect()
}

/// Marks a place that is not further on than there can be rows.
fn mark(places: &mut Vec<bool>, at: usize) -> Taken<()> {
    if at >= places.len() {
        places.resize(at + 1, false);
    }
    places.get_mut(at).map(|place| *place = true).ok_or(Damaged)
}

fn optional<T>(some: Vec<bool>, values: impl ExactSizeIterator<Item = Taken<T>>) -> Taken<Vec<Option<T>>> {
    if some.len() > values.len() {
        return Err(Damaged);
    }
    let some = some.into_iter().chain(std::iter::repeat(false));
    values.zip(some).map(|(value, some)| value.map(|value| some.then_some(value))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::super::held::{HeldTable, Stored};
    use super::{Damaged, Decimal, In, Instant, Out, read, write};
    use crate::expr::Value;
    use crate::schema::{ColumnType, Table};
    use proptest::prelude::*;

    fn columns() -> Vec<(String, ColumnType)> {
        vec![("size".to_owned(), ColumnType::Decimal), ("age".to_owned(), ColumnType::Int)]
    }

    /// A text, a number, a time and a truth.
    type Cells = (String, Option<i64>, Option<i64>, Option<bool>);

    fn table(rows: &[Cells]) -> HeldTable {
        let mut table = HeldTable::new(Table::Posts, &columns());
        let slot = |name: &str| HeldTable::new(Table::Posts, &columns()).column(name).unwrap();
        for (text, int, time, truth) in rows {
            let row = table.push();
            table.set_text(row, 0, text);
            int.iter().for_each(|i| table.set(row, slot("age"), Stored::Int(*i)));
            int.iter().for_each(|i| table.set(row, slot("size"), Stored::Decimal(Decimal::new(*i, 2))));
            time.iter().for_each(|t| table.set(row, slot("sent_at"), Stored::Time(Instant(*t))));
            truth.iter().for_each(|b| table.set(row, slot("is_new_product"), Stored::Bool(*b)));
        }
        table
    }

    fn cells(table: &HeldTable) -> Vec<Vec<Value<'_>>> {
        (0..table.len()).map(|row| (0..table.columns.len()).map(|c| table.value(row, c)).collect()).collect()
    }

    proptest! {
        #[test]
        fn a_table_comes_back_and_takes_further_rows(
            rows in proptest::collection::vec(
                ("[ab茶]{0,3}", any::<Option<i32>>(), any::<Option<u32>>(), any::<Option<bool>>()), 0..40),
            cut in 0..40_usize,
        ) {
            let rows: Vec<_> =
                rows.into_iter().map(|(t, i, at, b)| (t, i.map(i64::from), at.map(i64::from), b)).collect();
            let (new, old) = rows.split_at(cut.min(rows.len()));
            let mut out = Out::default();
            write(&table(old), &mut out);
            let mut again = HeldTable::new(Table::Posts, &columns());
            let mut input = In(&out.0);
            prop_assert_eq!(read(&mut again, &mut input), Ok(()));
            prop_assert_eq!(input.end(), Ok(()));
            let mut all = table(new);
            all.append(again);
            let whole = table(&rows);
            prop_assert_eq!(cells(&all), cells(&whole));
            for cut in 0..out.0.len().min(60) {
                let mut none = HeldTable::new(Table::Posts, &columns());
                prop_assert_eq!(read(&mut none, &mut In(&out.0[..cut])), Err(Damaged));
            }
        }
    }
}
