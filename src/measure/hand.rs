//! One thread at the fold of a table: what it remembers from row to row, and what it has not yet put into cells.

use super::accumulate::{Item, Shape};
use super::batch::Batch;
use super::day_cache::DayCache;
use super::dispatch::Dispatch;
use super::fold::{Gathered, MeasureFold, TableFold, split_text};
use super::hash::KeyHasher;
use super::number::Number;
use super::plan::{Held, KeyPart, Plan};
use super::row::{Cells, Refers, RowEnv};
use crate::calendar::{Day, Instant};
use crate::data::{Cell, Row};
use crate::expr::Value;
use crate::playbook::Grain;
use rustc_hash::FxHashMap;

/// The bucket of the last row's time, which is most often the next row's too.
#[derive(Debug, Clone, Copy)]
struct BucketCache {
    from: Instant,
    to: Instant,
    bucket: Option<usize>,
}

/// A thread's share in the fold of a table.
pub(super) struct Hand<'f, 'p> {
    fold: &'f TableFold<'p>,
    dispatch: Dispatch<'p>,
    /// By placing of the fold.
    buckets: Vec<BucketCache>,
    day: DayCache,
    /// By number of the cells.
    batches: Vec<Batch>,
    /// Pairs of group and product that were numbered before.
    offers: FxHashMap<(u32, u32), u32>,
    gathered: Gathered,
    /// Measures of the row at hand that wait for an answer.
    waiting: Vec<(usize, Instant)>,
}

impl<'f, 'p> Hand<'f, 'p> {
    /// Nothing read yet.
    pub fn new(fold: &'f TableFold<'p>) -> Self {
        let groups = fold.entities.groups.len();
        let unknown = BucketCache { from: Instant::MAX, to: Instant::MIN, bucket: None };
        Self {
            fold,
            dispatch: fold.dispatch(),
            buckets: vec![unknown; fold.placings.len()],
            day: DayCache::new(),
            batches: fold.batches(),
            offers: FxHashMap::default(),
            gathered: Gathered {
                seen: vec![vec![false; groups]; fold.measures.len()],
                rows: vec![false; groups],
                answers: fold.answers(),
            },
            waiting: Vec::new(),
        }
    }

    /// The local day of an instant.
    pub fn local_day(&mut self, at: Instant) -> Day {
        self.day.day(at, &self.fold.clock.zone)
    }

    /// Puts everything into its cells and hands over the rest.
    pub fn gather(mut self) -> Gathered {
        for (cell, batch) in self.batches.iter_mut().enumerate() {
            self.fold.settle(cell, batch);
        }
        self.gathered
    }

    fn refers(&mut self, row: &Row<'_>, group: u32, member: Option<u32>) -> Refers {
        let fold = self.fold;
        if !fold.items {
            return Refers { group, member, post: None, product: None };
        }
        let entities = fold.entities;
        let post = fold.slots.post.and_then(|s| row.text(s)).and_then(|id| entities.post_ids.find(id));
        let own = fold.slots.product.and_then(|s| row.text(s)).map(|id| fold.product(id));
        let product = own.or_else(|| post.and_then(|p| entities.post_product.get(p as usize).copied().flatten()));
        if let Some(product) = product.filter(|_| fold.offering) {
            self.offer(group, product);
        }
        Refers { group, member, post, product }
    }

    fn offer(&mut self, group: u32, product: u32) -> u32 {
        *self.offers.entry((group, product)).or_insert_with(|| self.fold.offer(group, product))
    }

    /// Adds a row of a group and member to all cells it belongs to.
    pub fn add(&mut self, row: &Row<'_>, group: u32, member: Option<u32>) {
        let refers = self.refers(row, group, member);
        if let Some(has) = self.gathered.rows.get_mut(group as usize) {
            *has = true;
        }
        let TableFold { entities, clock, kind, measures, .. } = self.fold;
        let env = RowEnv { cells: Cells::Live(row), refers, entities, access: &[], clock, answer: None };
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.clear();
        let matching = self.dispatch.matching(kind.and_then(|slot| row.text(slot)), &env);
        for at in 0..matching {
            let Some(measure) = self.dispatch.matched(at) else { continue };
            let Some(planned) = measures.get(measure) else { continue };
            let Cell::Time(on) = row.cell(planned.on) else { continue };
            if planned.deferred {
                waiting.push((measure, on));
            } else {
                self.collect(measure, on, &env);
            }
        }
        if let Some(answers) = &mut self.gathered.answers {
            answers.note(row, refers.member);
            if !waiting.is_empty() {
                answers.keep(row, refers, waiting.clone());
            }
        }
        self.waiting = waiting;
    }

    fn bucket(&mut self, placing: usize, on: Instant) -> Option<usize> {
        let cached = self.buckets.get_mut(placing)?;
        if on < cached.from || on >= cached.to {
            let cuts = self.fold.cells.cuts.get(self.fold.placings.get(placing)?.cuts)?;
            (cached.from, cached.to) = cuts.around(on);
            cached.bucket = cuts.bucket(on);
        }
        cached.bucket
    }

    /// Adds a row to the cells of a measure that it matches.
    pub fn collect(&mut self, measure: usize, on: Instant, env: &RowEnv<'_>) {
        let fold = self.fold;
        let refers = env.refers;
        let seen = self.gathered.seen.get_mut(measure).and_then(|s| s.get_mut(refers.group as usize));
        if let Some(seen) = seen {
            *seen = true;
        }
        let Some(measure) = fold.measures.get(measure) else { return };
        let Some(item) = item(fold.plan, measure, on, env) else { return };
        let day = self.day.day(on, &env.clock.zone);
        for target in &measure.targets {
            let Some(bucket) = self.bucket(target.bucket, on) else { continue };
            let entity = match target.grain {
                Grain::Group => Some(refers.group),
                Grain::Member => refers.member,
                Grain::Post => refers.post,
                Grain::Product => refers.product.map(|p| self.offer(refers.group, p)),
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
            if let Some(batch) = self.batches.get_mut(target.cell)
                && batch.add(entity, bucket, day, item)
            {
                fold.settle(target.cell, batch);
            }
        }
        for (split, by, placing) in &measure.splits {
            let Some(bucket) = self.bucket(*placing, on) else { continue };
            let Some(formula) = fold.plan.formula(*by) else { continue };
            let text = split_text(formula.expr.eval(&env.with(formula)));
            let item = match item {
                Item::Member(m) => Item::Key(u128::from(m)),
                item => item,
            };
            fold.split(*split, refers.group, text, |cells, entity| cells.add(entity, bucket, day, item));
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
