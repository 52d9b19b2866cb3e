//! The one pass: where every row of a streamed table belongs, and the cells of every measure.
//!
//! Cells are shared by all threads; what a thread needs besides is its [`Hand`](super::hand::Hand)'s.

use super::accumulate::{Accumulator, Shape};
use super::answer::Answers;
use super::batch::Batch;
use super::bring::After;
use super::cache::{Damaged, Vain};
use super::cells::{SplitCells, TableCells};
use super::dispatch::Dispatch;
use super::entity::Entities;
use super::hand::Hand;
use super::held::Stored;
use super::marks::Marks;
use super::plan::{Access, Bound, BoundFormula, Held, KeyPart, MeasureId, Plan};
use super::row::{Cells, RowEnv};
use super::texts::Texts;
use crate::data::{Cell, Layout, Row};
use crate::expr::{Clock, Expr, Window};
use crate::playbook::Grain;
use crate::schema::Table;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Cells that a matching row goes into.
#[derive(Debug)]
pub(super) struct Target {
    pub cell: usize,
    pub grain: Grain,
    pub shape: Shape,
    pub bucket: usize,
    /// How soon after a time of their entity rows must come.
    pub after: Option<After>,
}

#[derive(Debug)]
pub(super) struct MeasureFold<'p> {
    pub id: MeasureId,
    pub shape: Shape,
    pub filter: Option<Bound>,
    pub argument: Option<Bound>,
    pub keys: Vec<KeyPart>,
    /// Number of the column of its time, among the fold's.
    pub on: usize,
    pub targets: Vec<Target>,
    /// Index of the plan's breakdown, the text to split by, its bucket.
    pub splits: Vec<(usize, Bound, usize)>,
    pub deferred: bool,
    /// The conditions of its filter that wait for an answer, each with the formula it is a part of.
    pub waits: Vec<(&'p Expr, &'p BoundFormula)>,
    /// The cell that is its argument, where nothing has to be computed.
    pub cell: Option<usize>,
    /// Whether its argument hangs on the kind of a row alone.
    pub by_kind: bool,
}

impl MeasureFold<'_> {
    /// Whether an expression reads the post or the product of a row.
    fn asks_items(&self, plan: &Plan) -> bool {
        let keys = self.keys.iter().filter_map(|k| match k {
            KeyPart::Formula(bound) => Some(*bound),
            _ => None,
        });
        let splits = self.splits.iter().map(|s| s.1);
        let all = self.filter.into_iter().chain(self.argument).chain(keys).chain(splits);
        all.filter_map(|bound| plan.formula(bound))
            .flat_map(|f| &f.access)
            .any(|a| matches!(a, Access::Held(Held::Post | Held::Product, ..)))
    }
}

/// Where rows stand in time: the cuts, and the number of the column of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placing {
    pub cuts: usize,
    pub on: usize,
}

/// The fold of one table, shared by all threads.
pub(super) struct TableFold<'p> {
    pub plan: &'p Plan,
    pub entities: &'p Entities,
    pub clock: &'p Clock,
    pub layout: Layout,
    pub measures: Vec<MeasureFold<'p>>,
    /// The column of kinds.
    pub kind: Option<usize>,
    pub placings: Vec<Placing>,
    /// Columns of times that place rows for some measure.
    pub ons: Vec<usize>,
    pub slots: Slots,
    pub cells: TableCells,
    /// By number of the cells, whose own are taken out until the end.
    accumulators: Vec<Mutex<Accumulator>>,
    splits: BTreeMap<usize, Mutex<SplitCells>>,
    offers: Mutex<FxHashMap<(u32, u32), u32>>,
    /// Whether products are measured in each group.
    pub offering: bool,
    /// Whether anything hangs on the post or product of a row.
    pub items: bool,
    /// Products that no table describes, numbered on from those that are known.
    unknown_products: Mutex<Texts>,
}

/// The columns by which a row is placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slots {
    pub group: Option<usize>,
    pub member: Option<usize>,
    pub post: Option<usize>,
    pub product: Option<usize>,
    pub time: Option<usize>,
}

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The column whose text tells kinds of rows apart.
fn kind_column(table: Table) -> Option<&'static str> {
    match table {
        Table::Events => Some("event"),
        Table::Messages => Some("kind"),
        Table::Surveys => Some("survey"),
        _ => None,
    }
}

/// What another thread may have left behind is whole: every change is one step.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'p> TableFold<'p> {
    /// Prepares the fold of a table and its cells.
    pub fn new(
        plan: &'p Plan,
        table: Table,
        entities: &'p Entities,
        clocks: &'p [Clock],
        later: &[Clock],
    ) -> Option<Self> {
        let clock = clocks.last()?;
        let layout = Layout { table, attributes: plan.attributes(table) };
        let cells = TableCells::new(plan, table, clocks, later);
        let mut fold = Self {
            plan,
            entities,
            clock,
            slots: Slots {
                group: layout.slot("group_id"),
                member: layout.slot("member_id"),
                post: layout.slot("post_id"),
                product: layout.slot("product_id"),
                time: table.time().and_then(|c| layout.slot(c)),
            },
            kind: kind_column(table).and_then(|c| layout.slot(c)),
            layout,
            measures: Vec::new(),
            placings: Vec::new(),
            ons: Vec::new(),
            offering: cells.cells.iter().any(|c| c.grain == Grain::Product),
            items: cells.cells.iter().any(|c| matches!(c.grain, Grain::Post | Grain::Product)),
            cells,
            accumulators: Vec::new(),
            splits: BTreeMap::new(),
            offers: Mutex::default(),
            unknown_products: Mutex::default(),
        };
        for (index, planned) in plan.measures.iter().enumerate().filter(|(_, p)| p.table == Some(table)) {
            let Some(on) = planned.on.as_deref().and_then(|c| fold.layout.slot(c)) else { continue };
            let on = fold.ons.iter().position(|known| *known == on).unwrap_or_else(|| {
                fold.ons.push(on);
                fold.ons.len() - 1
            });
            let id = MeasureId(index);
            let own: Vec<usize> =
                fold.cells.cells.iter().enumerate().filter(|(_, c)| c.measure == id).map(|(i, _)| i).collect();
            let targets: Vec<Target> = own
                .into_iter()
                .filter_map(|cell| {
                    let c = fold.cells.cells.get(cell)?;
                    let (grain, shape, cuts) = (c.grain, c.rows.shape(), c.cuts);
                    let after = match &c.after {
                        Some(window) => Some(after_bounds(plan, grain, window)?),
                        None => None,
                    };
                    Some(Target { cell, grain, shape, bucket: fold.placing(cuts, on), after })
                })
                .collect();
            let of_breakdown: Vec<(usize, usize)> =
                fold.cells.splits.iter().filter(|(_, s)| s.measure == id).map(|(i, s)| (*i, s.cuts)).collect();
            let splits: Vec<(usize, Bound, usize)> = of_breakdown
                .into_iter()
                .filter_map(|(i, cuts)| Some((i, plan.breakdowns.get(i)?.by, fold.placing(cuts, on))))
                .collect();
            let alike =
                fold.measures.iter().find(|known| plan.planned(known.id).is_some_and(|p| planned.matches_as(p)));
            fold.cells.alike.insert(id, alike.map_or(id, |known| known.id));
            if targets.is_empty() && splits.is_empty() && alike.is_some() {
                // Cells of others hold all that is asked of it.
                continue;
            }
            let keyed = targets.iter().any(|target| target.shape == Shape::Keys);
            let shape = match planned.shape {
                Shape::Sum if splits.is_empty() && planned.factor(plan, clock).is_some() => Shape::Rows,
                Shape::Keys if splits.is_empty() && !keyed && planned.counts_member_days() => Shape::Members,
                shape => shape,
            };
            let deferred = plan.formulas_of(planned).iter().any(|b| plan.formula(*b).is_some_and(|f| f.deferred));
            let cell = planned.argument.and_then(|a| plan.bare_cell(plan.formula(a)?));
            let of_kind = |access: &Access| matches!(access, Access::Cell(slot, _) if Some(*slot) == fold.kind);
            let argument = planned.argument.and_then(|a| plan.formula(a));
            let by_kind = argument.is_some_and(|f| f.access.iter().all(of_kind) && !f.expr.depends_on_period());
            fold.measures.push(MeasureFold {
                id,
                shape,
                filter: planned.filter,
                argument: planned.argument,
                keys: planned.keys.clone(),
                on,
                targets,
                splits,
                deferred,
                waits: plan.waiting_conditions(planned),
                cell,
                by_kind,
            });
        }
        fold.items |= fold.measures.iter().any(|m| m.asks_items(plan));
        fold.cells.expect(entities);
        fold.share();
        Some(fold)
    }

    /// Puts the cells where all threads reach them.
    fn share(&mut self) {
        self.accumulators = self.cells.cells.iter_mut().map(|c| Mutex::new(c.rows.take_out())).collect();
        self.splits = std::mem::take(&mut self.cells.splits).into_iter().map(|(i, s)| (i, Mutex::new(s))).collect();
        self.offers = Mutex::new(std::mem::take(&mut self.cells.offers));
    }

    /// Takes the cells back when no thread is at work.
    fn take_back(&mut self) {
        let accumulators = std::mem::take(&mut self.accumulators);
        for (cell, accumulator) in self.cells.cells.iter_mut().zip(accumulators) {
            cell.rows = accumulator.into_inner().unwrap_or_else(PoisonError::into_inner);
        }
        let splits = std::mem::take(&mut self.splits);
        self.cells.splits =
            splits.into_iter().map(|(i, s)| (i, s.into_inner().unwrap_or_else(PoisonError::into_inner))).collect();
        self.cells.offers = std::mem::take(&mut *lock(&self.offers));
    }

    /// Whether any measure waits for answers.
    pub fn waits(&self) -> bool {
        self.measures.iter().any(|m| m.deferred)
    }

    fn placing(&mut self, cuts: usize, on: usize) -> usize {
        let placing = Placing { cuts, on };
        self.placings.iter().position(|p| *p == placing).unwrap_or_else(|| {
            self.placings.push(placing);
            self.placings.len() - 1
        })
    }

    /// The measures' conditions, nothing asked yet.
    pub fn dispatch(&self) -> Dispatch<'p> {
        Dispatch::new(self.plan, self.measures.iter().map(|m| m.filter), self.kind)
    }

    /// No questions yet, if any measure waits for answers.
    pub fn answers(&self) -> Option<Answers> {
        self.waits().then(|| Answers::new(&self.layout, self.plan.waiting_columns()))
    }

    /// An empty batch for each accumulator.
    pub fn batches(&self) -> Vec<Batch> {
        self.accumulators.iter().map(|a| lock(a).batch()).collect()
    }

    /// Puts a batch into the cells of an accumulator.
    pub fn settle(&self, cell: usize, batch: &mut Batch) {
        if let Some(accumulator) = self.accumulators.get(cell) {
            lock(accumulator).take(batch);
        }
    }

    /// The number of a product that rows name.
    pub fn product(&self, id: &str) -> u32 {
        self.entities.product_ids.find(id).unwrap_or_else(|| {
            let known = u32::try_from(self.entities.product_ids.len()).unwrap_or(u32::MAX);
            known.saturating_add(lock(&self.unknown_products).intern(id))
        })
    }

    /// The pair of a group and a product, numbered on first sight.
    pub fn offer(&self, group: u32, product: u32) -> u32 {
        let mut offers = lock(&self.offers);
        let next = u32::try_from(offers.len()).unwrap_or(u32::MAX);
        *offers.entry((group, product)).or_insert(next)
    }

    /// The number of a group's text in a breakdown, numbered on first sight.
    pub fn part(&self, split: usize, group: u32, text: Option<Arc<str>>) -> Option<u32> {
        let split = &mut *lock(self.splits.get(&split)?);
        let next = u32::try_from(split.index.len()).unwrap_or(u32::MAX);
        Some(*split.index.entry((group, text)).or_insert_with_key(|(group, text)| {
            split.of_group.entry(*group).or_default().insert(text.clone(), next);
            next
        }))
    }

    /// By index of the plan's breakdowns, an empty batch for each that is split.
    pub fn split_batches(&self) -> BTreeMap<usize, Batch> {
        self.splits.iter().map(|(split, cells)| (*split, lock(cells).rows.batch())).collect()
    }

    /// Puts a batch into the cells of a breakdown.
    pub fn settle_split(&self, split: usize, batch: &mut Batch) {
        if let Some(cells) = self.splits.get(&split) {
            lock(cells).rows.take(batch);
        }
    }

    /// Adds some of the rows that waited, now that their answers are known.
    fn settle_waiting(&self, rows: Range<usize>, answers: &Answers) -> Gathered {
        let Self { entities, clock, .. } = self;
        let mut hand = Hand::new(self);
        for (kept, cells, measures) in answers.rows(rows) {
            let (cells, answer) = (Cells::Kept(cells, answers.columns()), answers.answer(kept));
            let env = RowEnv { cells, refers: kept.refers, entities, access: &[], clock, answer };
            for at in measures {
                // Everything else was asked when the row was read.
                let waits = self.measures.get(*at).map_or(&[][..], |m| &m.waits);
                if waits.iter().all(|(expr, formula)| expr.is_true(&env.with(formula))) {
                    hand.collect(*at, kept.on, &env);
                }
            }
        }
        hand.gather()
    }

    /// Takes together what all threads have read and what `fill` adds to it, then the rows that waited for their
    /// answers, and gives the cells.
    pub fn finish(mut self, hands: Vec<Gathered>, fill: &mut Fill<'_>) -> Result<Finished, Damaged> {
        // Where no file had to be read, no thread was at work.
        let mut all = Hand::new(&self).gather();
        for hand in hands {
            all.merge(hand);
        }
        let groups = self.entities.groups.len();
        self.take_back();
        self.cells.rows = std::mem::take(&mut all.rows).into_flags();
        let measures = self.measures.iter().map(|m| m.id).collect();
        let unknown = self.unknown_products.get_mut().unwrap_or_else(PoisonError::into_inner);
        fill(Filled {
            plan: self.plan,
            cells: &mut self.cells,
            answers: all.answers.as_mut(),
            unknown,
            measures,
            vain: &mut all.vain,
            beyond: &mut all.beyond,
        })?;
        let answers = all.answers.take();
        if let Some(answers) = &answers {
            self.share();
            let fold = &self;
            let threads = rayon::current_num_threads();
            let each = answers.waiting().div_ceil(threads);
            let hands: Vec<Gathered> = (0..threads)
                .into_par_iter()
                .map(|thread| fold.settle_waiting(thread * each..((thread + 1) * each).min(answers.waiting()), answers))
                .collect();
            hands.into_iter().for_each(|hand| all.merge(hand));
            self.take_back();
        }
        for (at, measure) in self.measures.iter().enumerate() {
            let mut seen = all.seen.get_mut(at).map(std::mem::take).unwrap_or_default().into_flags();
            seen.resize(groups, false);
            either(self.cells.seen.entry(measure.id).or_default(), seen);
        }
        Ok(Finished {
            cells: self.cells,
            unknown_products: self.unknown_products.into_inner().unwrap_or_else(PoisonError::into_inner),
            answers,
            vain: all.vain,
            beyond: all.beyond,
        })
    }
}

/// What a fold came to.
pub(super) struct Finished {
    pub cells: TableCells,
    pub unknown_products: Texts,
    pub answers: Option<Answers>,
    pub vain: Vain,
    /// By cuts, whether rows lay beyond the last.
    pub beyond: Vec<bool>,
}

/// What a fold has before the rows that wait are settled, to be filled with what is known already.
pub(super) struct Filled<'t> {
    pub plan: &'t Plan,
    pub cells: &'t mut TableCells,
    pub answers: Option<&'t mut Answers>,
    pub unknown: &'t mut Texts,
    pub measures: BTreeSet<MeasureId>,
    pub vain: &'t mut Vain,
    pub beyond: &'t mut [bool],
}

/// Adds what is known already.
pub(super) type Fill<'f> = dyn FnMut(Filled<'_>) -> Result<(), Damaged> + 'f;

fn either(mine: &mut Vec<bool>, theirs: Vec<bool>) {
    mine.resize(mine.len().max(theirs.len()), false);
    mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine |= theirs);
}

/// What a thread has gathered besides the cells.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// By measure of the fold, the groups of which some row matched.
    pub seen: Vec<Marks>,
    /// Groups that have some row.
    pub rows: Marks,
    pub answers: Option<Answers>,
    pub vain: Vain,
    /// By cuts, whether rows lay beyond the last.
    pub beyond: Vec<bool>,
}

impl Gathered {
    fn merge(&mut self, other: Self) {
        self.vain.join(other.vain);
        either(&mut self.beyond, other.beyond);
        self.seen.resize_with(self.seen.len().max(other.seen.len()), Marks::default);
        self.seen.iter_mut().zip(&other.seen).for_each(|(mine, theirs)| mine.join(theirs));
        self.rows.join(&other.rows);
        match (&mut self.answers, other.answers) {
            (Some(mine), Some(theirs)) => mine.merge(theirs),
            (mine @ None, theirs) => *mine = theirs,
            (Some(_), None) => {}
        }
    }
}

fn after_bounds(plan: &Plan, grain: Grain, window: &Window) -> Option<After> {
    let Window::After { days, column } = window else { return None };
    let held = match grain {
        Grain::Group => Held::Group,
        Grain::Member => Held::Member,
        Grain::Post => Held::Post,
        Grain::Product => Held::Product,
    };
    let micros = i64::from(*days) * MICROS_PER_DAY;
    Some(After { micros, held, column: plan.column_slot(grain.table(), column)? })
}

/// A cell of a streamed row, kept.
pub(super) fn stored(row: &Row<'_>, slot: usize) -> Stored {
    match row.cell(slot) {
        Cell::Absent | Cell::Null => Stored::Null,
        Cell::Text => row.text(slot).map_or(Stored::Null, |t| Stored::Text(Arc::from(t))),
        Cell::Int(i) => Stored::Int(i),
        Cell::Decimal(d) => Stored::Decimal(d),
        Cell::Time(t) => Stored::Time(t),
        Cell::Bool(b) => Stored::Bool(b),
    }
}
