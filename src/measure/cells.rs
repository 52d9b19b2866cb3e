//! All cells of a run, and where each handle of the plan finds its own.

use super::accumulate::{Accumulator, Shape};
use super::cuts::{Cuts, Span, interval};
use super::entity::Entities;
use super::number::Number;
use super::plan::{MeasureId, Plan, Planned, ReadId};
use super::tally::Tally;
use super::wanted::{Wanted, wanted};
use crate::expr::{Clock, Column, Window};
use crate::playbook::Grain;
use crate::schema::Table;
use rayon::prelude::*;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An accumulator with the cuts it is laid out by.
#[derive(Debug)]
pub(super) struct Cell {
    pub measure: MeasureId,
    pub grain: Grain,
    /// The window that follows a time of the entity, which has cells of its own.
    pub after: Option<Window>,
    /// Index of its cuts.
    pub cuts: usize,
    pub rows: Accumulator,
}

/// A split measure's cells: one inner entity for each group and text.
#[derive(Debug)]
pub(super) struct SplitCells {
    pub measure: MeasureId,
    pub cuts: usize,
    pub rows: Accumulator,
    pub index: FxHashMap<(u32, Option<Arc<str>>), u32>,
    pub of_group: BTreeMap<u32, BTreeMap<Option<Arc<str>>, u32>>,
}

/// How many later periods rows may reach that are not placed by their own time, as coupons by their end.
pub(super) const FAR: usize = 13;

/// How cells answer a read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Number of the cells.
    pub cell: usize,
    /// What a row counts, where that is a number of its own.
    factor: Option<Decimal>,
    /// Whether they are of members, and the read is of their group.
    of_members: bool,
}

/// The cells of one streamed table.
#[derive(Debug, Default)]
pub(super) struct TableCells {
    pub cells: Vec<Cell>,
    pub cuts: Vec<Cuts>,
    /// Matched rows by group, for evidence, by measure.
    pub matched: BTreeMap<MeasureId, usize>,
    /// Days on which members did something, for funnels, by measure.
    pub steps: BTreeMap<MeasureId, usize>,
    /// Which cells answer a read, and how.
    pub of_read: BTreeMap<ReadId, Reading>,
    /// By index of the plan's breakdowns.
    pub splits: BTreeMap<usize, SplitCells>,
    /// Groups of which some row matched, ever, by measure; of measures that match alike, by one of them.
    pub seen: BTreeMap<MeasureId, Vec<bool>>,
    /// The measure that stands for each in `seen`.
    pub alike: BTreeMap<MeasureId, MeasureId>,
    /// Groups that have some row.
    pub rows: Vec<bool>,
    /// Products met in a group, numbered: the entity of the product grain.
    pub offers: FxHashMap<(u32, u32), u32>,
}

impl TableCells {
    /// Empty cells for everything that the plan reads of a table.
    /// With cells apart for what the `later` periods will ask for, if facts are to be kept for them.
    pub fn new(plan: &Plan, table: Table, clocks: &[Clock], later: &[Clock]) -> Self {
        let mut out = Self::default();
        let Some(last) = clocks.last() else { return out };
        for Wanted { content, measure, windows, reads, evidence, steps } in wanted(plan, table, last) {
            let Some(planned) = plan.planned(measure) else { continue };
            let asked: Vec<&Window> = windows.iter().map(|(window, _)| window).collect();
            let cuts = Cuts::of(windows.iter().flat_map(|(window, latest)| {
                let from = if *latest { clocks.len().saturating_sub(1) } else { 0 };
                clocks.iter().skip(from).map(move |clock| (window, clock))
            }));
            let cuts = out.intern(cuts.with_later(asked, later, reach(planned, table)));
            let rows = Accumulator::new(content.shape, content.instants, out.layout(cuts, clocks));
            let cell = out.cells.len();
            out.cells.push(Cell { measure, grain: content.grain, after: content.after.clone(), cuts, rows });
            let reading = |read: ReadId| {
                let planned_read = plan.planned_read(read)?;
                let factor = plan.planned(planned_read.measure)?.factor(plan, last);
                let of_members = (planned_read.grain, content.grain) == (Grain::Group, Grain::Member);
                Some((read, Reading { cell, factor, of_members }))
            };
            out.of_read.extend(reads.into_iter().filter_map(reading));
            out.matched.extend(evidence.into_iter().map(|of| (of, cell)));
            out.steps.extend(steps.into_iter().map(|of| (of, cell)));
        }
        for (index, planned) in plan.measures.iter().enumerate().filter(|(_, p)| p.table == Some(table)) {
            let measure = MeasureId(index);
            let reach = reach(planned, table);
            let period = || Cuts::new([&Window::Period], clocks).with_later([&Window::Period], later, reach);
            for (split, _) in plan.breakdowns.iter().enumerate().filter(|(_, b)| b.measure == measure) {
                let cuts = out.intern(period());
                // The members of a split are told by number, since its entities are no groups.
                let shape = if planned.shape == Shape::Members { Shape::Keys } else { planned.shape };
                let rows = Accumulator::new(shape, planned.brings_times(plan), out.layout(cuts, clocks));
                let cells = SplitCells { measure, cuts, rows, index: FxHashMap::default(), of_group: BTreeMap::new() };
                out.splits.insert(split, cells);
            }
        }
        out
    }

    /// Whether any row of a group matched a measure, ever.
    pub fn ever(&self, measure: MeasureId, group: u32) -> bool {
        let seen = self.alike.get(&measure).and_then(|alike| self.seen.get(alike));
        seen.and_then(|seen| seen.get(group as usize)) == Some(&true)
    }

    /// Makes room for every entity there is.
    pub fn expect(&mut self, entities: &Entities) {
        let members = entities.members.len();
        for cell in &mut self.cells {
            let own = match cell.grain {
                Grain::Group => entities.groups.len(),
                Grain::Member => members,
                Grain::Post => entities.posts.len(),
                Grain::Product => 0,
            };
            cell.rows.expect(own, members);
        }
    }

    fn intern(&mut self, cuts: Cuts) -> usize {
        self.cuts.iter().position(|c| *c == cuts).unwrap_or_else(|| {
            self.cuts.push(cuts);
            self.cuts.len() - 1
        })
    }

    fn layout(&self, cuts: usize, clocks: &[Clock]) -> super::accumulate::Layout {
        match (self.cuts.get(cuts), clocks.last()) {
            (Some(cuts), Some(clock)) => cuts.layout(&clock.zone),
            _ => super::accumulate::Layout { buckets: 1, days: None },
        }
    }
}

/// How many later periods rows may reach: they are placed within the first, unless another time than their own places
/// them.
fn reach(planned: &Planned, table: Table) -> usize {
    if planned.on.as_deref() == table.time() { 1 } else { FAR }
}

/// The cells of all tables.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub tables: BTreeMap<Table, TableCells>,
    /// Table and cells of each read, by period the span to be read.
    places: Vec<Option<Place>>,
}

/// Where a read finds its numbers.
#[derive(Debug)]
pub(super) struct Place {
    pub table: Table,
    reading: Reading,
    /// By period; only the last where no other is asked for.
    pub spans: Vec<Option<Span>>,
}

/// What answers a read of a period.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    /// All cells of the table.
    pub table: &'s TableCells,
    pub cells: &'s Accumulator,
    pub span: &'s Span,
    reading: Reading,
}

impl Source<'_> {
    /// What an entity's rows come to, as [`Accumulator::read`].
    pub fn read(&self, entity: u32, members: &[u32]) -> Tally {
        if self.reading.of_members {
            let days = match self.cells.counts(entity, members, self.span) {
                Some(counts) => counts.iter().sum(),
                None => members.iter().map(|member| self.cells.days(*member, self.span).len() as i64).sum(),
            };
            return Tally::Number(Some(Number::Int(days)));
        }
        match (self.cells.read(entity, self.span, members), self.reading.factor) {
            (Tally::Number(Some(Number::Int(rows))), Some(factor)) => match Decimal::from(rows).checked_mul(factor) {
                Some(sum) => Tally::Number(Some(Number::Decimal(sum.normalize()))),
                None => Tally::Overflow,
            },
            (tally, _) => tally,
        }
    }

    /// The same for each entity of a group, by its list, with sums of whole numbers as such; `None` where they are read
    /// one by one.
    pub fn column(&self, group: u32, entities: &[u32], is_whole: bool) -> Option<Column<'static>> {
        match (self.cells.column(group, entities, self.span)?, self.reading.factor) {
            (Column::Ints(mut counts), Some(factor)) => {
                let factor = (factor.scale() == 0).then(|| i64::try_from(factor).ok()).flatten()?;
                for count in &mut counts {
                    *count = count.checked_mul(factor)?;
                }
                Some(Column::Ints(counts))
            }
            (Column::Fixed(sums), _) if is_whole => {
                (sums.scale() == 0).then(|| Column::Ints(sums.mantissas().to_vec()))
            }
            (column, _) => Some(column),
        }
    }
}

impl Store {
    /// Takes the cells of all tables together.
    pub fn new(mut tables: BTreeMap<Table, TableCells>, plan: &Plan, clocks: &[Clock], entities: &Entities) -> Self {
        let all: Vec<&mut Cell> = tables.values_mut().flat_map(|table| &mut table.cells).collect();
        all.into_par_iter().for_each(|cell| {
            cell.rows.lay_out(match cell.grain {
                Grain::Member => Some(&entities.members_of_group),
                Grain::Post => Some(&entities.posts_of_group),
                Grain::Group | Grain::Product => None,
            });
        });
        let mut places: Vec<Option<Place>> = plan.reads.iter().map(|_| None).collect();
        for (table, cells) in &tables {
            for (read, reading) in &cells.of_read {
                let (Some(planned), Some(place)) = (plan.planned_read(*read), places.get_mut(read.0)) else { continue };
                let spans = cells
                    .cells
                    .get(reading.cell)
                    .and_then(|c| cells.cuts.get(c.cuts))
                    .map(|cuts| {
                        let last = clocks.len().saturating_sub(1);
                        let asked = |period| !planned.latest || period == last;
                        let span = |(period, clock): (usize, &Clock)| {
                            asked(period).then(|| cuts.span(interval(&planned.window, clock), &clock.zone))
                        };
                        clocks.iter().enumerate().map(span).collect()
                    })
                    .unwrap_or_default();
                *place = Some(Place { table: *table, reading: *reading, spans });
            }
        }
        Self { tables, places }
    }

    /// The cells that answer a read of a period.
    pub fn of_read(&self, read: ReadId, period: usize) -> Option<Source<'_>> {
        let place = self.places.get(read.0)?.as_ref()?;
        let table = self.tables.get(&place.table)?;
        let (cells, span) = (&table.cells.get(place.reading.cell)?.rows, place.spans.get(period)?.as_ref()?);
        Some(Source { table, cells, span, reading: place.reading })
    }

    /// The span of the report's window in some cells of a table.
    pub fn period_span(table: &TableCells, cuts: usize, clock: &Clock) -> Option<Span> {
        Some(table.cuts.get(cuts)?.span(clock.window, &clock.zone))
    }
}
