//! The one pass: every row of a streamed table goes into the cells of every measure it matches.

use super::accumulate::{Accumulator, Item, Shape};
use super::answer::{Answers, Kept};
use super::cuts::Cuts;
use super::entity::{Entities, Stored};
use super::hash::KeyHasher;
use super::number::Number;
use super::plan::{Access, Bound, BoundFormula, Held, KeyPart, MeasureId, Plan};
use super::row::{Cells, Refers, RowEnv};
use crate::calendar::{Day, Instant, Zone};
use crate::data::{Cell, Layout, Row};
use crate::expr::{Clock, Value, Window};
use crate::playbook::Grain;
use crate::schema::Table;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Where the cells of a measure are found again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CellKey {
    pub measure: MeasureId,
    pub grain: Grain,
    /// A window that follows a time of the entity has cells of its own.
    pub after: Option<Window>,
}

/// A split measure's cells: one inner entity for each group and text.
#[derive(Debug)]
pub(super) struct SplitCells {
    pub cells: Accumulator,
    pub index: HashMap<(u32, Option<Arc<str>>), u32>,
    pub of_group: BTreeMap<u32, BTreeMap<Option<Arc<str>>, u32>>,
}

/// All cells of a run.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub cells: BTreeMap<CellKey, Accumulator>,
    /// Matched rows by group, for evidence.
    pub matched: BTreeMap<MeasureId, Accumulator>,
    /// Groups of which some row matched, ever.
    pub seen: BTreeMap<MeasureId, BTreeSet<u32>>,
    /// Groups that have some row in the table.
    pub rows: BTreeMap<Table, BTreeSet<u32>>,
    /// By index of the plan's breakdowns.
    pub splits: BTreeMap<usize, SplitCells>,
}

struct Target {
    key: CellKey,
    /// Microseconds and column of the entity that bound the rows.
    after: Option<(i64, Held, usize)>,
}

struct MeasureFold {
    id: MeasureId,
    shape: Shape,
    filter: Option<Bound>,
    argument: Option<Bound>,
    keys: Vec<KeyPart>,
    on: usize,
    targets: Vec<Target>,
    splits: Vec<(usize, Bound)>,
    deferred: bool,
}

/// The fold of one table.
pub(super) struct TableFold<'p> {
    plan: &'p Plan,
    clock: &'p Clock,
    pub layout: Layout,
    measures: Vec<MeasureFold>,
    filters: Vec<Option<bool>>,
    slots: Slots,
    offers: bool,
    answers: Option<Answers>,
}

struct Slots {
    group: Option<usize>,
    member: Option<usize>,
    post: Option<usize>,
    product: Option<usize>,
    time: Option<usize>,
}

const MICROS_PER_DAY: i64 = 86_400_000_000;

impl<'p> TableFold<'p> {
    /// Prepares the fold of a table and its cells.
    pub fn new(plan: &'p Plan, table: Table, clocks: &'p [Clock], store: &mut Store) -> Option<Self> {
        let clock = clocks.last()?;
        let layout = Layout { table, attributes: plan.attributes(table) };
        let mut measures = Vec::new();
        let mut offers = false;
        for (index, planned) in plan.measures.iter().enumerate() {
            if planned.table != Some(table) {
                continue;
            }
            let id = MeasureId(index);
            let Some(on) = planned.on.as_deref().and_then(|c| layout.slot(c)) else { continue };
            let mut targets = Vec::new();
            for (grain, windows) in &planned.windows {
                offers |= *grain == Grain::Product;
                let (after, plain): (Vec<&Window>, Vec<&Window>) =
                    windows.iter().partition(|w| matches!(w, Window::After { .. }));
                let shape = match (planned.shape, grain) {
                    (Shape::Members, Grain::Post | Grain::Product) => Shape::Keys,
                    (shape, _) => shape,
                };
                if !plain.is_empty() {
                    let key = CellKey { measure: id, grain: *grain, after: None };
                    let cuts = Cuts::new(plain, clocks);
                    store.cells.insert(key.clone(), Accumulator::new(shape, cuts));
                    targets.push(Target { key, after: None });
                }
                for window in after {
                    let key = CellKey { measure: id, grain: *grain, after: Some(window.clone()) };
                    store.cells.insert(key.clone(), Accumulator::new(shape, Cuts::new([window], clocks)));
                    targets.push(Target { key, after: after_bounds(plan, *grain, window) });
                }
                if planned.step {
                    let key = step_key(id);
                    store
                        .cells
                        .insert(key.clone(), Accumulator::new(Shape::Days, Cuts::new([&Window::Period], clocks)));
                    targets.push(Target { key, after: None });
                }
            }
            store.matched.insert(id, Accumulator::new(Shape::Rows, Cuts::new([&Window::Period], clocks)));
            let splits: Vec<(usize, Bound)> =
                plan.breakdowns.iter().enumerate().filter(|(_, b)| b.measure == id).map(|(i, b)| (i, b.by)).collect();
            for (split, _) in &splits {
                store.splits.insert(
                    *split,
                    SplitCells {
                        cells: Accumulator::new(planned.shape, Cuts::new([&Window::Period], clocks)),
                        index: HashMap::new(),
                        of_group: BTreeMap::new(),
                    },
                );
            }
            let deferred = plan.formulas_of(planned).iter().any(|b| plan.formula(*b).is_some_and(|f| f.deferred));
            measures.push(MeasureFold {
                id,
                shape: planned.shape,
                filter: planned.filter,
                argument: planned.argument,
                keys: planned.keys.clone(),
                on,
                targets,
                splits,
                deferred,
            });
        }
        let slots = Slots {
            group: layout.slot("group_id"),
            member: layout.slot("member_id"),
            post: layout.slot("post_id"),
            product: layout.slot("product_id"),
            time: table.time().and_then(|c| layout.slot(c)),
        };
        let answers = measures.iter().any(|m| m.deferred).then(|| Answers::new(&layout));
        Some(Self { plan, clock, layout, measures, filters: vec![None; plan.formulas.len()], slots, offers, answers })
    }

    /// The time that places a row.
    pub fn time(&self, row: &Row<'_>) -> Option<Instant> {
        match row.cell(self.slots.time?) {
            Cell::Time(t) => Some(t),
            _ => None,
        }
    }

    /// The text of the row's group.
    pub fn group_id<'r>(&self, row: &Row<'r>) -> Option<&'r str> {
        row.text(self.slots.group?)
    }

    /// The text of the row's member.
    pub fn member_id<'r>(&self, row: &Row<'r>) -> Option<&'r str> {
        row.text(self.slots.member?)
    }

    /// The held rows that a row of this group and member refers to.
    pub fn refers(&self, row: &Row<'_>, group: u32, member: Option<u32>, entities: &mut Entities) -> Refers {
        let post = self.slots.post.and_then(|s| row.text(s)).and_then(|id| entities.post_ids.find(id));
        let own = self.slots.product.and_then(|s| row.text(s)).map(|id| entities.product_ids.intern(id));
        let product = own.or_else(|| post.and_then(|p| entities.post_product.get(p as usize).copied().flatten()));
        if self.offers
            && let Some(product) = product
        {
            entities.offer(group, product);
        }
        Refers { group, member, post, product }
    }

    /// Adds a row to all cells it belongs to.
    pub fn add(&mut self, row: &Row<'_>, refers: Refers, entities: &Entities, store: &mut Store) {
        store.rows.entry(self.layout.table).or_default().insert(refers.group);
        self.filters.fill(None);
        let env = RowEnv { cells: Cells::Live(row), refers, entities, access: &[], clock: self.clock, answer: None };
        let mut keep = Vec::new();
        for (at, measure) in self.measures.iter().enumerate() {
            let Cell::Time(on) = row.cell(measure.on) else { continue };
            if measure.deferred {
                if measure.filter.and_then(|b| self.plan.formula(b)).is_none_or(|f| may_match(f, &env)) {
                    keep.push((at, on));
                }
                continue;
            }
            if let Some(filter) = measure.filter {
                let known = self.filters.get(filter.0).copied().flatten();
                let matches =
                    known.unwrap_or_else(|| self.plan.formula(filter).is_some_and(|f| f.expr.is_true(&env.with(f))));
                if let Some(cache) = self.filters.get_mut(filter.0) {
                    *cache = Some(matches);
                }
                if !matches {
                    continue;
                }
            }
            collect(self.plan, measure, on, &env, store);
        }
        if let Some(answers) = &mut self.answers {
            answers.note(row, refers.member);
            if !keep.is_empty() {
                answers.keep(row, refers, keep);
            }
        }
    }

    /// Adds the rows that waited for their answers.
    pub fn finish(mut self, entities: &Entities, store: &mut Store) {
        let Some(answers) = self.answers.take() else { return };
        for kept in answers.rows() {
            let answer = answers.answer(kept);
            let Kept { refers, cells, measures, .. } = kept;
            let env =
                RowEnv { cells: Cells::Kept(cells), refers: *refers, entities, access: &[], clock: self.clock, answer };
            for (at, on) in measures {
                let Some(measure) = self.measures.get(*at) else { continue };
                let filter = measure.filter.and_then(|b| self.plan.formula(b));
                if filter.is_none_or(|f| f.expr.is_true(&env.with(f))) {
                    collect(self.plan, measure, *on, &env, store);
                }
            }
        }
    }
}

/// The cells of the days on which members did something.
pub(super) fn step_key(measure: MeasureId) -> CellKey {
    CellKey { measure, grain: Grain::Member, after: Some(Window::Period) }
}

/// Whether the conditions that are known already hold.
fn may_match<'a>(formula: &'a BoundFormula, env: &RowEnv<'a>) -> bool {
    let env = env.with(formula);
    let waits = |slot: &usize| matches!(formula.access.get(*slot), Some(Access::AnsweredAt | Access::AnsweredByRole));
    formula.expr.conjuncts().iter().filter(|c| !c.columns().iter().any(waits)).all(|c| c.is_true(&env))
}

fn after_bounds(plan: &Plan, grain: Grain, window: &Window) -> Option<(i64, Held, usize)> {
    let Window::After { days, column } = window else { return None };
    let held = match grain {
        Grain::Group => Held::Group,
        Grain::Member => Held::Member,
        Grain::Post => Held::Post,
        Grain::Product => Held::Product,
    };
    Some((i64::from(*days) * MICROS_PER_DAY, held, plan.column_slot(grain.table(), column)?))
}

/// What a row brings to a measure; `None` if its number is NULL.
fn item(plan: &Plan, measure: &MeasureFold, on: Instant, env: &RowEnv<'_>) -> Option<Item> {
    match measure.shape {
        Shape::Rows | Shape::Days => Some(Item::Row),
        Shape::Members => env.refers.member.map(Item::Member),
        Shape::Keys => {
            let mut hasher = KeyHasher::new();
            for part in &measure.keys {
                match part {
                    KeyPart::Member => hasher.add(env.refers.member?),
                    KeyPart::Day => hasher.add(env.clock.zone.day(on).0),
                    KeyPart::Formula(bound) => {
                        let formula = plan.formula(*bound)?;
                        match formula.expr.eval(&env.with(formula)) {
                            // As in SQL, a NULL is not counted.
                            Value::Null => return None,
                            value => hasher.add_value(value),
                        }
                    }
                }
            }
            Some(Item::Key(hasher.finish()))
        }
        Shape::Sum | Shape::Moments | Shape::Least | Shape::Most | Shape::Numbers => {
            let formula = plan.formula(measure.argument?)?;
            Number::from_value(formula.expr.eval(&env.with(formula))).map(Item::Number)
        }
    }
}

fn collect(plan: &Plan, measure: &MeasureFold, on: Instant, env: &RowEnv<'_>, store: &mut Store) {
    let zone = &env.clock.zone;
    let refers = env.refers;
    store.seen.entry(measure.id).or_default().insert(refers.group);
    if let Some(matched) = store.matched.get_mut(&measure.id) {
        matched.add(refers.group, on, zone, Item::Row);
    }
    let Some(item) = item(plan, measure, on, env) else { return };
    for target in &measure.targets {
        let entity = match target.key.grain {
            Grain::Group => Some(refers.group),
            Grain::Member => refers.member,
            Grain::Post => refers.post,
            Grain::Product => refers.product.and_then(|p| env.entities.offers.get(&(refers.group, p)).copied()),
        };
        let Some(entity) = entity else { continue };
        if let Some((micros, held, column)) = target.after {
            let start = match held {
                Held::Group => env.entities.groups.value(refers.group as usize, column),
                Held::Member => refers.member.map_or(Value::Null, |m| env.entities.members.value(m as usize, column)),
                Held::Post => refers.post.map_or(Value::Null, |p| env.entities.posts.value(p as usize, column)),
                Held::Product => {
                    refers.product.map_or(Value::Null, |p| env.entities.products.value(p as usize, column))
                }
            };
            let Value::Time(start) = start else { continue };
            if on < start || on.0 >= start.0.saturating_add(micros) {
                continue;
            }
        }
        if let Some(cells) = store.cells.get_mut(&target.key) {
            let item = match (cells.shape(), item) {
                (Shape::Keys, Item::Member(m)) => Item::Key(u128::from(m)),
                (_, item) => item,
            };
            cells.add(entity, on, zone, item);
        }
    }
    for (split, by) in &measure.splits {
        let Some(formula) = plan.formula(*by) else { continue };
        let text = split_text(formula.expr.eval(&env.with(formula)));
        if let Some(split) = store.splits.get_mut(split) {
            let next = u32::try_from(split.index.len()).unwrap_or(u32::MAX);
            let entity = *split.index.entry((refers.group, text.clone())).or_insert_with(|| {
                split.of_group.entry(refers.group).or_default().insert(text, next);
                next
            });
            split.cells.add(entity, on, zone, item);
        }
    }
}

/// The text by which a row is sorted into a breakdown.
pub(super) fn split_text(value: Value<'_>) -> Option<Arc<str>> {
    match value {
        Value::Null => None,
        Value::Text(t) => Some(Arc::from(t)),
        Value::Bool(b) => Some(Arc::from(if b { "true" } else { "false" })),
        Value::Int(i) => Some(Arc::from(i.to_string())),
        Value::Decimal(d) => Some(Arc::from(d.normalize().to_string())),
        Value::Float(f) => Some(Arc::from(f.to_string())),
        Value::Time(_) => None,
    }
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

/// The local day before which no row of a group can lie.
pub(super) fn created_day(entities: &Entities, group: u32, zone: &Zone) -> Option<Day> {
    entities.groups.time(group as usize, "created_on").map(|t| zone.day(t))
}
