//! The one pass: every row of a streamed table goes into the cells of every measure it matches.

use super::accumulate::{Item, Shape};
use super::answer::{Answers, Kept};
use super::cache::Vain;
use super::cells::TableCells;
use super::day_cache::DayCache;
use super::dispatch::Dispatch;
use super::entity::Entities;
use super::hash::KeyHasher;
use super::held::Stored;
use super::number::Number;
use super::pairs::pair_key;
use super::plan::{Access, Bound, Held, KeyPart, MeasureId, Plan};
use super::row::{Cells, Refers, RowEnv};
use super::texts::Texts;
use crate::calendar::{Day, Instant};
use crate::data::{Cell, Layout, Row};
use crate::expr::{Clock, Value, Window};
use crate::playbook::Grain;
use crate::schema::Table;
use std::sync::Arc;

/// Cells that a matching row goes into.
#[derive(Debug)]
struct Target {
    cell: usize,
    grain: Grain,
    shape: Shape,
    bucket: usize,
    /// Microseconds and column of the entity that bound the rows.
    after: Option<(i64, Held, usize)>,
}

#[derive(Debug)]
struct MeasureFold {
    id: MeasureId,
    shape: Shape,
    filter: Option<Bound>,
    argument: Option<Bound>,
    keys: Vec<KeyPart>,
    on: usize,
    targets: Vec<Target>,
    /// Index of the plan's breakdown, the text to split by, its bucket.
    splits: Vec<(usize, Bound, usize)>,
    deferred: bool,
    /// Groups of which some row matched.
    seen: Vec<bool>,
}

impl MeasureFold {
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

/// The bucket of the last row's time, which is most often the next row's too.
#[derive(Debug)]
struct BucketCache {
    cuts: usize,
    on: usize,
    from: Instant,
    to: Instant,
    bucket: Option<usize>,
    /// Whether rows lay beyond the last cut.
    beyond: bool,
}

/// The fold of one table.
pub(super) struct TableFold<'p> {
    plan: &'p Plan,
    entities: &'p Entities,
    clock: &'p Clock,
    pub layout: Layout,
    measures: Vec<MeasureFold>,
    dispatch: Dispatch<'p>,
    /// The column of kinds.
    kind: Option<usize>,
    buckets: Vec<BucketCache>,
    slots: Slots,
    day: DayCache,
    pub answers: Option<Answers>,
    pub cells: TableCells,
    offers: bool,
    /// Whether anything hangs on the post or product of a row.
    items: bool,
    /// Products that no table describes, numbered on from those that are known.
    pub unknown_products: Texts,
    /// What rows asked for in vain.
    pub vain: Vain,
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

#[derive(Debug)]
struct Slots {
    group: Option<usize>,
    member: Option<usize>,
    post: Option<usize>,
    product: Option<usize>,
    time: Option<usize>,
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
            layout,
            measures: Vec::new(),
            dispatch: Dispatch::default(),
            buckets: Vec::new(),
            kind: None,
            day: DayCache::new(),
            answers: None,
            offers: cells.cells.iter().any(|c| c.grain == Grain::Product),
            items: cells.cells.iter().any(|c| matches!(c.grain, Grain::Post | Grain::Product)),
            cells,
            unknown_products: Texts::default(),
            vain: Vain::default(),
        };
        for (index, planned) in plan.measures.iter().enumerate().filter(|(_, p)| p.table == Some(table)) {
            let Some(on) = planned.on.as_deref().and_then(|c| fold.layout.slot(c)) else { continue };
            let id = MeasureId(index);
            let own: Vec<usize> =
                fold.cells.cells.iter().enumerate().filter(|(_, c)| c.measure == id).map(|(i, _)| i).collect();
            let targets = own
                .into_iter()
                .filter_map(|cell| {
                    let c = fold.cells.cells.get(cell)?;
                    let (grain, shape, cuts) = (c.grain, c.rows.shape(), c.cuts);
                    let after = match &c.after {
                        Some(window) => Some(after_bounds(plan, grain, window)?),
                        None => None,
                    };
                    Some(Target { cell, grain, shape, bucket: fold.bucket_cache(cuts, on), after })
                })
                .collect();
            let splits: Vec<(usize, Bound, usize)> = fold
                .cells
                .splits
                .iter()
                .filter(|(_, s)| s.measure == id)
                .map(|(i, s)| (*i, s.cuts))
                .collect::<Vec<_>>()
                .into_iter()
                .filter_map(|(i, cuts)| Some((i, plan.breakdowns.get(i)?.by, fold.bucket_cache(cuts, on))))
                .collect();
            let deferred = plan.formulas_of(planned).iter().any(|b| plan.formula(*b).is_some_and(|f| f.deferred));
            fold.measures.push(MeasureFold {
                id,
                shape: planned.shape,
                filter: planned.filter,
                argument: planned.argument,
                keys: planned.keys.clone(),
                on,
                targets,
                splits,
                deferred,
                seen: vec![false; entities.groups.len()],
            });
        }
        fold.items |= fold.measures.iter().any(|m| m.asks_items(plan));
        fold.cells.rows = vec![false; entities.groups.len()];
        fold.cells.expect(entities);
        fold.kind = kind_column(table).and_then(|c| fold.layout.slot(c));
        fold.dispatch = Dispatch::new(plan, fold.measures.iter().map(|m| m.filter), fold.kind);
        if fold.measures.iter().any(|m| m.deferred) {
            fold.answers = Some(Answers::new(&fold.layout));
        }
        Some(fold)
    }

    fn bucket_cache(&mut self, cuts: usize, on: usize) -> usize {
        self.buckets.iter().position(|b| b.cuts == cuts && b.on == on).unwrap_or_else(|| {
            self.buckets.push(BucketCache {
                cuts,
                on,
                from: Instant::MAX,
                to: Instant::MIN,
                bucket: None,
                beyond: false,
            });
            self.buckets.len() - 1
        })
    }

    /// The time that places a row.
    pub fn time(&self, row: &Row<'_>) -> Option<Instant> {
        match row.cell(self.slots.time?) {
            Cell::Time(t) => Some(t),
            _ => None,
        }
    }

    /// The local day of a row's time.
    pub fn local_day(&mut self, at: Instant) -> Day {
        self.day.day(at, &self.clock.zone)
    }

    /// The text of the row's group.
    pub fn group_id<'r>(&self, row: &Row<'r>) -> Option<&'r str> {
        row.text(self.slots.group?)
    }

    /// The text of the row's member.
    pub fn member_id<'r>(&self, row: &Row<'r>) -> Option<&'r str> {
        row.text(self.slots.member?)
    }

    /// Notes that a row names an unknown member of a group.
    pub fn unknown_member(&mut self, row: &Row<'_>, group: u32) {
        if let (Some(group), Some(id)) = (self.entities.group_ids.get(group), self.member_id(row)) {
            self.vain.member(pair_key(group, id));
        }
    }

    fn refers(&mut self, row: &Row<'_>, group: u32, member: Option<u32>) -> Refers {
        if !self.items {
            return Refers { group, member, post: None, product: None };
        }
        let entities = self.entities;
        let named = self.slots.post.and_then(|s| row.text(s));
        let post = named.and_then(|id| entities.post_ids.find(id));
        if let (Some(id), None) = (named, post) {
            self.vain.post(id);
        }
        let own = self.slots.product.and_then(|s| row.text(s)).map(|id| {
            entities.product_ids.find(id).unwrap_or_else(|| {
                let known = u32::try_from(entities.product_ids.len()).unwrap_or(u32::MAX);
                known.saturating_add(self.unknown_products.intern(id))
            })
        });
        let product = own.or_else(|| post.and_then(|p| entities.post_product.get(p as usize).copied().flatten()));
        if self.offers
            && let Some(product) = product
        {
            let next = u32::try_from(self.cells.offers.len()).unwrap_or(u32::MAX);
            self.cells.offers.entry((group, product)).or_insert(next);
        }
        Refers { group, member, post, product }
    }

    /// Adds a row of a group and member to all cells it belongs to.
    pub fn add(&mut self, row: &Row<'_>, group: u32, member: Option<u32>) {
        let refers = self.refers(row, group, member);
        if let Some(has) = self.cells.rows.get_mut(group as usize) {
            *has = true;
        }
        let Self { plan, entities, clock, measures, dispatch, kind, buckets, day, cells, answers, .. } = self;
        let env = RowEnv { cells: Cells::Live(row), refers, entities, access: &[], clock, answer: None };
        let mut keep = Vec::new();
        let mut sink = Sink { plan, buckets, day, cells };
        for at in dispatch.matching(kind.and_then(|slot| row.text(slot)), &env) {
            let Some(measure) = measures.get_mut(*at) else { continue };
            let Cell::Time(on) = row.cell(measure.on) else { continue };
            if measure.deferred {
                keep.push((*at, on));
            } else {
                sink.collect(measure, on, &env);
            }
        }
        if let Some(answers) = answers {
            answers.note(row, refers.member);
            if !keep.is_empty() {
                answers.keep(row, refers, keep);
            }
        }
    }

    /// Adds the rows that waited for their answers, and gives the cells.
    pub fn finish(mut self) -> Finished {
        let answers = self.answers.take();
        if let Some(answers) = &answers {
            let Self { plan, entities, clock, measures, buckets, day, cells, .. } = &mut self;
            for kept in answers.rows() {
                let answer = answers.answer(kept);
                let Kept { refers, cells: row, measures: waiting, .. } = kept;
                let env = RowEnv { cells: Cells::Kept(row), refers: *refers, entities, access: &[], clock, answer };
                for (at, on) in waiting {
                    let Some(measure) = measures.get_mut(*at) else { continue };
                    let filter = measure.filter.and_then(|b| plan.formula(b));
                    if filter.is_none_or(|f| f.expr.is_true(&env.with(f))) {
                        Sink { plan, buckets, day, cells }.collect(measure, *on, &env);
                    }
                }
            }
        }
        for measure in self.measures {
            let kept = self.cells.seen.entry(measure.id).or_default();
            kept.resize(measure.seen.len(), false);
            kept.iter_mut().zip(measure.seen).for_each(|(all, own)| *all |= own);
        }
        self.cells.cells.iter_mut().for_each(|c| c.rows.settle());
        self.cells.splits.values_mut().for_each(|s| s.rows.settle());
        let beyond = |cuts: usize| self.buckets.iter().any(|b| b.cuts == cuts && b.beyond);
        Finished {
            beyond: (0..self.cells.cuts.len()).map(beyond).collect(),
            cells: self.cells,
            unknown_products: self.unknown_products,
            answers,
            vain: self.vain,
        }
    }

    /// The measures that are folded.
    pub fn measures(&self) -> impl Iterator<Item = MeasureId> {
        self.measures.iter().map(|m| m.id)
    }
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

/// Where matching rows go.
struct Sink<'s, 'p> {
    plan: &'p Plan,
    buckets: &'s mut Vec<BucketCache>,
    day: &'s mut DayCache,
    cells: &'s mut TableCells,
}

impl Sink<'_, '_> {
    fn bucket(&mut self, cache: usize, on: Instant) -> Option<usize> {
        let cached = self.buckets.get_mut(cache)?;
        if on < cached.from || on >= cached.to {
            let cuts = self.cells.cuts.get(cached.cuts)?;
            (cached.from, cached.to) = cuts.around(on);
            cached.bucket = cuts.bucket(on);
            cached.beyond |= cached.to == Instant::MAX && cached.bucket.is_none();
        }
        cached.bucket
    }

    fn collect(&mut self, measure: &mut MeasureFold, on: Instant, env: &RowEnv<'_>) {
        let refers = env.refers;
        if let Some(seen) = measure.seen.get_mut(refers.group as usize) {
            *seen = true;
        }
        let Some(item) = item(self.plan, measure, on, env) else { return };
        let day = self.day.day(on, &env.clock.zone);
        for target in &measure.targets {
            let Some(bucket) = self.bucket(target.bucket, on) else { continue };
            let entity = match target.grain {
                Grain::Group => Some(refers.group),
                Grain::Member => refers.member,
                Grain::Post => refers.post,
                Grain::Product => refers.product.and_then(|p| self.cells.offers.get(&(refers.group, p)).copied()),
            };
            let Some(entity) = entity else { continue };
            if let Some(bounds) = target.after
                && !follows(bounds, on, env)
            {
                continue;
            }
            let item = match (target.shape, item) {
                (Shape::Keys, Item::Member(m)) => Item::Key(u128::from(m)),
                (_, item) => item,
            };
            if let Some(cell) = self.cells.cells.get_mut(target.cell) {
                cell.rows.add(entity, bucket, day, item);
            }
        }
        for (split, by, cache) in &measure.splits {
            let Some(bucket) = self.bucket(*cache, on) else { continue };
            let Some(formula) = self.plan.formula(*by) else { continue };
            let text = split_text(formula.expr.eval(&env.with(formula)));
            if let Some(split) = self.cells.splits.get_mut(split) {
                let next = u32::try_from(split.index.len()).unwrap_or(u32::MAX);
                let entity = *split.index.entry((refers.group, text.clone())).or_insert_with(|| {
                    split.of_group.entry(refers.group).or_default().insert(text, next);
                    next
                });
                let item = match item {
                    Item::Member(m) => Item::Key(u128::from(m)),
                    item => item,
                };
                split.rows.add(entity, bucket, day, item);
            }
        }
    }
}

/// Whether a row's time lies within so many days after a time of its entity.
fn follows((micros, held, column): (i64, Held, usize), on: Instant, env: &RowEnv<'_>) -> bool {
    let refers = env.refers;
    let (table, row) = match held {
        Held::Group => (&env.entities.groups, Some(refers.group)),
        Held::Member => (&env.entities.members, refers.member),
        Held::Post => (&env.entities.posts, refers.post),
        Held::Product => (&env.entities.products, refers.product),
    };
    match row.map(|r| table.value(r as usize, column)) {
        Some(Value::Time(start)) => start <= on && on.0 < start.0.saturating_add(micros),
        _ => false,
    }
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
                    KeyPart::Member => hasher.add(env.entities.member_key(env.refers.member?)?),
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

/// The text by which a row is sorted into a breakdown.
pub(super) fn split_text(value: Value<'_>) -> Option<Arc<str>> {
    match value {
        Value::Null | Value::Time(_) => None,
        Value::Text(t) => Some(Arc::from(t)),
        Value::Bool(b) => Some(Arc::from(if b { "true" } else { "false" })),
        Value::Int(i) => Some(Arc::from(i.to_string())),
        Value::Decimal(d) => Some(Arc::from(d.normalize().to_string())),
        Value::Float(f) => Some(Arc::from(f.to_string())),
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
