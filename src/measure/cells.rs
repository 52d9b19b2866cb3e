//! All cells of a run, and where each handle of the plan finds its own.

use super::accumulate::{Accumulator, Shape};
use super::cuts::{Cuts, Span, interval};
use super::entity::Entities;
use super::plan::{MeasureId, Plan, ReadId};
use crate::expr::{Clock, Type, Window};
use crate::playbook::Grain;
use crate::schema::Table;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
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

/// What is read of a measure at one grain.
#[derive(Default)]
struct Wanted<'p> {
    /// With whether only the last period is asked for.
    windows: BTreeSet<(&'p Window, bool)>,
    reads: Vec<ReadId>,
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
    /// Which cells answer a read.
    pub of_read: BTreeMap<ReadId, usize>,
    /// By index of the plan's breakdowns.
    pub splits: BTreeMap<usize, SplitCells>,
    /// Groups of which some row matched, ever, by measure.
    pub seen: BTreeMap<MeasureId, Vec<bool>>,
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
        for (index, planned) in plan.measures.iter().enumerate().filter(|(_, p)| p.table == Some(table)) {
            let measure = MeasureId(index);
            // Rows are placed within the first later period, unless another time than their own places them.
            let reach = if planned.on.as_deref() == table.time() { 1 } else { FAR };
            let instants = planned.argument.and_then(|a| plan.formula(a)).is_some_and(|f| f.expr.ty() == Type::Time);
            let mut wanted: BTreeMap<(Grain, Option<Window>), Wanted<'_>> = BTreeMap::new();
            for (at, read) in plan.reads.iter().enumerate().filter(|(_, r)| r.measure == measure) {
                let after = matches!(read.window, Window::After { .. }).then(|| read.window.clone());
                let own = wanted.entry((read.grain, after)).or_default();
                own.windows.insert((&read.window, read.latest));
                own.reads.push(ReadId(at));
            }
            let mut counted = None;
            for ((grain, after), Wanted { windows, reads }) in wanted {
                let whole = after.is_none() && windows.contains(&(&Window::Period, false));
                let shape = match (planned.shape, grain) {
                    (Shape::Members, Grain::Post | Grain::Product) => Shape::Keys,
                    (shape, _) => shape,
                };
                let asked: Vec<&Window> = windows.iter().map(|(window, _)| *window).collect();
                let cuts = Cuts::of(windows.into_iter().flat_map(|(window, latest)| {
                    let from = if latest { clocks.len().saturating_sub(1) } else { 0 };
                    clocks.iter().skip(from).map(move |clock| (window, clock))
                }));
                let cuts = cuts.with_later(asked, later, reach);
                let cell = out.add(measure, grain, after, shape, instants, cuts, clocks);
                out.of_read.extend(reads.into_iter().map(|r| (r, cell)));
                // Cells that count every matching row of a group in each period serve as evidence, too.
                if grain == Grain::Group && shape == Shape::Rows && whole {
                    counted = Some(cell);
                }
            }
            let period = || Cuts::new([&Window::Period], clocks).with_later([&Window::Period], later, reach);
            if planned.step {
                let cell = out.add(measure, Grain::Member, None, Shape::Days, false, period(), clocks);
                out.steps.insert(measure, cell);
            }
            let cell =
                counted.unwrap_or_else(|| out.add(measure, Grain::Group, None, Shape::Rows, false, period(), clocks));
            out.matched.insert(measure, cell);
            for (split, _) in plan.breakdowns.iter().enumerate().filter(|(_, b)| b.measure == measure) {
                let cuts = out.intern(period());
                // The members of a split are told by number, since its entities are no groups.
                let shape = if planned.shape == Shape::Members { Shape::Keys } else { planned.shape };
                let rows = Accumulator::new(shape, instants, out.layout(cuts, clocks));
                let cells = SplitCells { measure, cuts, rows, index: FxHashMap::default(), of_group: BTreeMap::new() };
                out.splits.insert(split, cells);
            }
        }
        out
    }

    #[allow(clippy::too_many_arguments)]
    fn add(
        &mut self,
        measure: MeasureId,
        grain: Grain,
        after: Option<Window>,
        shape: Shape,
        instants: bool,
        cuts: Cuts,
        clocks: &[Clock],
    ) -> usize {
        let cuts = self.intern(cuts);
        let rows = Accumulator::new(shape, instants, self.layout(cuts, clocks));
        self.cells.push(Cell { measure, grain, after, cuts, rows });
        self.cells.len() - 1
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
    pub cell: usize,
    /// By period; only the last where no other is asked for.
    pub spans: Vec<Option<Span>>,
}

impl Store {
    /// Takes the cells of all tables together.
    pub fn new(
        mut tables: BTreeMap<Table, TableCells>,
        plan: &Plan,
        clocks: &[Clock],
        entities: &Entities,
    ) -> Self {
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
            for (read, cell) in &cells.of_read {
                let (Some(planned), Some(place)) = (plan.planned_read(*read), places.get_mut(read.0)) else { continue };
                let spans = cells
                    .cells
                    .get(*cell)
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
                *place = Some(Place { table: *table, cell: *cell, spans });
            }
        }
        Self { tables, places }
    }

    /// The cells that answer a read, with their table's, and the span of a period.
    pub fn of_read(&self, read: ReadId, period: usize) -> Option<(&TableCells, &Accumulator, &Span)> {
        let place = self.places.get(read.0)?.as_ref()?;
        let table = self.tables.get(&place.table)?;
        Some((table, &table.cells.get(place.cell)?.rows, place.spans.get(period)?.as_ref()?))
    }

    /// The span of the report's window in some cells of a table.
    pub fn period_span(table: &TableCells, cuts: usize, clock: &Clock) -> Option<Span> {
        Some(table.cuts.get(cuts)?.span(clock.window, &clock.zone))
    }
}
