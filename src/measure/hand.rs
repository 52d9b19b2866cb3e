//! One thread at the fold of a table: what it remembers from row to row, and what it has not yet put into cells.

use super::accumulate::{Item, Shape};
use super::batch::{Batch, Columns, Items};
use super::cache::Vain;
use super::columns::{BlockColumns, NEVER, NONE};
use super::day_cache::DayCache;
use super::dispatch::{Candidate, Dispatch};
use super::fold::{Gathered, MeasureFold, TableFold, split_text};
use super::hash::KeyHasher;
use super::number::Number;
use super::plan::{Held, KeyPart, Plan};
use super::row::{Cells, Refers, RowEnv};
use crate::calendar::{Day, Instant};
use crate::data::{Block, Cell, Row};
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
    /// Places in the block, by list of measures.
    lists: Vec<Vec<u32>>,
    /// Those of them that match the measure at hand, and the numbers they bring.
    chosen: Vec<u32>,
    numbers: Vec<Number>,
    /// Rows that wait for an answer: place, measure, time.
    waiting: Vec<(u32, usize, Instant)>,
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
                vain: Vain::default(),
                beyond: vec![false; fold.cells.cuts.len()],
            },
            lists: Vec::new(),
            chosen: Vec::new(),
            numbers: Vec::new(),
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

    /// What rows asked for in vain.
    pub fn vain(&mut self) -> &mut Vain {
        &mut self.gathered.vain
    }

    fn refers(&mut self, row: &Row<'_>, group: u32, member: Option<u32>) -> Refers {
        let fold = self.fold;
        let entities = fold.entities;
        let named = fold.slots.post.and_then(|s| row.text(s));
        let post = named.and_then(|id| entities.post_ids.find(id));
        if let (Some(id), None) = (named, post) {
            self.gathered.vain.post(id);
        }
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

    /// Adds the rows that count to all cells they belong to, measure by measure.
    pub fn add(&mut self, rows: &Block<'_>, columns: &mut BlockColumns) {
        let mut lists = std::mem::take(&mut self.lists);
        self.sort_out(rows, columns, &mut lists);
        self.waiting.clear();
        let mut chosen = std::mem::take(&mut self.chosen);
        for (number, list) in lists.iter().enumerate().filter(|(_, list)| !list.is_empty()) {
            for candidate in &*self.dispatch.candidates(number) {
                self.add_to(candidate, list, rows, columns, &mut chosen);
            }
        }
        self.answer(rows, columns, columns.len());
        (self.chosen, self.lists) = (chosen, lists);
    }

    /// Notes the groups and references of the rows, and sorts them by list of measures.
    fn sort_out(&mut self, rows: &Block<'_>, columns: &mut BlockColumns, lists: &mut Vec<Vec<u32>>) {
        let fold = self.fold;
        self.dispatch.begin(columns.len());
        lists.iter_mut().for_each(Vec::clear);
        if fold.items {
            for at in 0..columns.len() {
                let Some((row, Refers { group, member, .. })) = columns.row(rows, at) else { continue };
                columns.refer(self.refers(&row, group, member));
            }
        }
        for group in &columns.groups {
            if let Some(has) = self.gathered.rows.get_mut(*group as usize) {
                *has = true;
            }
        }
        let kinds = fold.kind.map(|slot| rows.texts(slot));
        for (at, place) in (0..).zip(columns.places()) {
            let kind = kinds.and_then(|kinds| kinds.bytes(*place as usize));
            let list = self.dispatch.list_of(kind, fold.clock);
            if lists.len() <= list {
                lists.resize_with(self.dispatch.lists().max(list + 1), Vec::new);
            }
            if let Some(list) = lists.get_mut(list) {
                list.push(at);
            }
        }
    }

    /// Adds the rows of a list that match a measure.
    fn add_to(
        &mut self,
        Candidate { measure: number, conditions }: &Candidate,
        list: &[u32],
        rows: &Block<'_>,
        columns: &mut BlockColumns,
        chosen: &mut Vec<u32>,
    ) {
        let fold = self.fold;
        let Some(measure) = fold.measures.get(*number) else { return };
        let own = columns.is_own(measure.on);
        let times = columns.times(measure.on, fold, rows);
        chosen.clear();
        chosen.extend_from_slice(list);
        if !own {
            chosen.retain(|at| times.get(*at as usize).is_some_and(|time| *time != NEVER));
        }
        if !conditions.is_empty() {
            chosen.retain(|at| {
                let holds = |(row, refers): (Row<'_>, Refers)| {
                    self.dispatch.holds(conditions, *at as usize, &env(fold, &row, refers))
                };
                columns.row(rows, *at as usize).is_some_and(holds)
            });
        }
        if measure.plain && !measure.deferred {
            self.collect_all(*number, measure, chosen, columns, rows);
            return;
        }
        for at in &*chosen {
            let Some(on) = columns.time(measure.on, *at as usize) else { continue };
            if measure.deferred {
                self.waiting.push((*at, *number, on));
            } else if let Some((row, refers)) = columns.row(rows, *at as usize) {
                self.collect(*number, on, &env(fold, &row, refers));
            }
        }
    }

    /// Notes replies, and keeps the rows that wait for one.
    fn answer(&mut self, rows: &Block<'_>, columns: &BlockColumns, count: usize) {
        let Some(answers) = &mut self.gathered.answers else { return };
        self.waiting.sort_unstable();
        let mut waiting = self.waiting.as_slice();
        for at in 0..count {
            let Some((row, refers)) = columns.row(rows, at) else { continue };
            answers.note(&row, refers.member);
            let own = waiting.iter().take_while(|w| w.0 as usize == at).count();
            let (now, later) = waiting.split_at(own);
            waiting = later;
            if !now.is_empty() {
                answers.keep(&row, refers, now.iter().map(|w| (w.1, w.2)).collect());
            }
        }
    }

    #[inline]
    fn bucket(&mut self, placing: usize, on: Instant) -> Option<usize> {
        let cached = self.buckets.get_mut(placing)?;
        if on < cached.from || on >= cached.to {
            let number = self.fold.placings.get(placing)?.cuts;
            let cuts = self.fold.cells.cuts.get(number)?;
            (cached.from, cached.to) = cuts.around(on);
            cached.bucket = cuts.bucket(on);
            let beyond = cached.to == Instant::MAX && cached.bucket.is_none();
            self.gathered.beyond.iter_mut().skip(number).take(1).for_each(|b| *b |= beyond);
        }
        cached.bucket
    }

    /// Adds rows of a block to the cells of a measure that they match.
    fn collect_all(
        &mut self,
        number: usize,
        measure: &MeasureFold,
        chosen: &mut Vec<u32>,
        columns: &mut BlockColumns,
        rows: &Block<'_>,
    ) {
        let fold = self.fold;
        if let Some(seen) = self.gathered.seen.get_mut(number) {
            for group in chosen.iter().filter_map(|at| columns.groups.get(*at as usize)) {
                if let Some(seen) = seen.get_mut(*group as usize) {
                    *seen = true;
                }
            }
        }
        let mut numbers = std::mem::take(&mut self.numbers);
        numbers.clear();
        // The time that places the rows is known already.
        let timed = columns.is_own(measure.on) && measure.cell == fold.slots.time;
        match (measure.shape, measure.cell) {
            (Shape::Members, _) if columns.members_known => {}
            (Shape::Members, _) => chosen.retain(|at| columns.members.get(*at as usize).is_some_and(|m| *m != NONE)),
            (_, Some(_)) if timed => {}
            (_, Some(slot)) => chosen.retain(|at| {
                let row = columns.row(rows, *at as usize);
                let number = row.and_then(|(row, _)| number_in(row.cell(slot)));
                numbers.extend(number);
                number.is_some()
            }),
            _ => {}
        }
        for target in &measure.targets {
            columns.place(target.bucket, measure.on, |on| self.bucket(target.bucket, on));
            columns.date(measure.on, |on| self.local_day(on));
            let entities = match target.grain {
                Grain::Group => &columns.groups[..],
                Grain::Member => &columns.members,
                Grain::Post => &columns.posts,
                Grain::Product => &[],
            };
            let (buckets, days) = (columns.buckets(target.bucket), columns.days(measure.on));
            let known = target.grain == Grain::Group || (target.grain == Grain::Member && columns.members_known);
            let items = match measure.cell {
                Some(_) if timed => Items::Times(columns.known_times(measure.on)),
                Some(_) => Items::Numbers(&numbers),
                None => Items::Rows,
            };
            let columns = Columns { entities, known, buckets, members: &columns.members, days };
            if let Some(batch) = self.batches.get_mut(target.cell)
                && batch.add_all(chosen, columns, items)
            {
                fold.settle(target.cell, batch);
            }
        }
        self.numbers = numbers;
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

/// A streamed row with what it refers to.
fn env<'e>(fold: &'e TableFold<'_>, row: &'e Row<'e>, refers: Refers) -> RowEnv<'e> {
    let TableFold { entities, clock, .. } = fold;
    RowEnv { cells: Cells::Live(row), refers, entities, access: &[], clock, answer: None }
}

/// The number in a cell, if it holds one.
fn number_in(cell: Cell) -> Option<Number> {
    match cell {
        Cell::Int(i) => Some(Number::Int(i)),
        Cell::Decimal(d) => Some(Number::Decimal(d)),
        Cell::Time(t) => Some(Number::Time(t)),
        Cell::Absent | Cell::Null | Cell::Text | Cell::Bool(_) => None,
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
