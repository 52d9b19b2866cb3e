//! One thread at the fold of a table: what it remembers from row to row, and what it has not yet put into cells.

use super::accumulate::{Item, Shape};
use super::batch::{Batch, Columns};
use super::bring::{Brought, item, split_key, split_text};
use super::cache::Vain;
use super::columns::{BlockColumns, NEVER, NONE};
use super::day_cache::DayCache;
use super::dispatch::Dispatch;
use super::fold::{Gathered, MeasureFold, TableFold, Target};
use super::marks::Marks;
use super::pairs::Digest;
use super::row::{Cells, Refers, RowEnv};
use crate::calendar::{Day, Instant};
use crate::data::{Block, Row};
use crate::playbook::Grain;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The bucket of the last row's time, which is most often the next row's too.
#[derive(Debug, Clone, Copy)]
struct BucketCache {
    from: Instant,
    to: Instant,
    bucket: Option<usize>,
}

/// A thread's share in a breakdown.
struct Split {
    batch: Batch,
    /// The numbers of groups' texts that were met before.
    parts: FxHashMap<u128, u32>,
    /// Those of the rows at hand.
    entities: Vec<u32>,
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
    /// By index of the plan's breakdowns.
    splits: BTreeMap<usize, Split>,
    /// Pairs of group and product that were numbered before.
    offers: FxHashMap<(u32, u32), u32>,
    gathered: Gathered,
    /// What posts are looked for by, and those found.
    digests: Vec<Option<Digest>>,
    posts: Vec<u32>,
    /// Places in the block, by list of measures.
    lists: Vec<Vec<u32>>,
    /// Those of them that meet the conditions at hand, and those of these that count for a measure.
    chosen: Vec<u32>,
    counted: Vec<u32>,
    /// Those of these that a window after a time of their entity takes.
    followed: Vec<u32>,
    /// What they bring.
    brought: Brought,
    /// Rows that wait for an answer: place, measure, time.
    waiting: Vec<(u32, usize, Instant)>,
    /// Measures that one row waits for.
    together: Vec<usize>,
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
            splits: fold
                .split_batches()
                .into_iter()
                .map(|(split, batch)| (split, Split { batch, parts: FxHashMap::default(), entities: Vec::new() }))
                .collect(),
            offers: FxHashMap::default(),
            gathered: Gathered {
                seen: vec![Marks::new(groups); fold.measures.len()],
                rows: Marks::new(groups),
                answers: fold.answers(),
                vain: Vain::default(),
                beyond: vec![false; fold.cells.cuts.len()],
            },
            digests: Vec::new(),
            posts: Vec::new(),
            lists: Vec::new(),
            chosen: Vec::new(),
            counted: Vec::new(),
            followed: Vec::new(),
            brought: Brought::default(),
            waiting: Vec::new(),
            together: Vec::new(),
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
        for (split, Split { batch, .. }) in &mut self.splits {
            self.fold.settle_split(*split, batch);
        }
        self.gathered
    }

    /// What rows asked for in vain.
    pub fn vain(&mut self) -> &mut Vain {
        &mut self.gathered.vain
    }

    /// Notes the posts and the products that the rows refer to.
    fn refer(&mut self, rows: &Block<'_>, columns: &mut BlockColumns) {
        let fold = self.fold;
        let entities = fold.entities;
        let (mut digests, mut posts) = (std::mem::take(&mut self.digests), std::mem::take(&mut self.posts));
        let named = fold.slots.post.map(|slot| rows.texts(slot));
        let ids = columns.places().iter().map(|row| named.and_then(|named| named.bytes(*row as usize)));
        entities.find_posts(ids, &mut digests, &mut posts);
        for (at, post) in posts.iter().enumerate() {
            let Some((row, Refers { group, .. })) = columns.row(rows, at) else { continue };
            let post = Some(*post).filter(|post| *post != NONE);
            if post.is_none()
                && let Some(id) = fold.slots.post.and_then(|slot| row.text(slot))
            {
                self.gathered.vain.post(id);
            }
            let own = fold.slots.product.and_then(|s| row.text(s)).map(|id| fold.product(id));
            let product = own.or_else(|| post.and_then(|p| entities.post_product.get(p as usize).copied().flatten()));
            let offer = product.filter(|_| fold.offering).map(|product| self.offer(group, product));
            columns.refer(post, product, offer);
        }
        (self.digests, self.posts) = (digests, posts);
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
        let fold = self.fold;
        for (number, list) in lists.iter().enumerate().filter(|(_, list)| !list.is_empty()) {
            for candidates in &*self.dispatch.candidates(number) {
                chosen.clear();
                chosen.extend_from_slice(list);
                self.dispatch.retain(&candidates.conditions, &mut chosen, columns, |at, expr, formula| {
                    let row = columns.row(rows, at as usize);
                    row.is_some_and(|(row, refers)| expr.is_true(&env(fold, &row, refers).with(formula)))
                });
                if !chosen.is_empty() {
                    candidates.measures.iter().for_each(|measure| self.add_to(*measure, &chosen, rows, columns));
                }
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
            self.refer(rows, columns);
        }
        self.gathered.rows.mark(columns.groups.iter().copied());
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

    /// Adds the rows of a block that meet a measure's conditions to its cells.
    fn add_to(&mut self, number: usize, chosen: &[u32], rows: &Block<'_>, columns: &mut BlockColumns) {
        let fold = self.fold;
        let Some(measure) = fold.measures.get(number) else { return };
        let own = columns.is_own(measure.on);
        let times = columns.times(measure.on, fold, rows);
        let mut counted = std::mem::take(&mut self.counted);
        counted.clear();
        match own {
            true => counted.extend_from_slice(chosen),
            false => {
                let timed = |at: &&u32| times.get(**at as usize).is_some_and(|time| *time != NEVER);
                counted.extend(chosen.iter().filter(timed));
            }
        }
        if measure.deferred {
            let waiting = counted.iter().filter_map(|at| Some((*at, number, columns.time(measure.on, *at as usize)?)));
            self.waiting.extend(waiting);
        } else {
            self.collect_all(number, measure, &mut counted, columns, rows);
        }
        self.counted = counted;
    }

    /// Notes replies, and keeps the rows that wait for one.
    fn answer(&mut self, rows: &Block<'_>, columns: &BlockColumns, count: usize) {
        let Some(answers) = &mut self.gathered.answers else { return };
        self.waiting.sort_unstable_by_key(|(at, number, on)| (*at, *on, *number));
        let mut waiting = self.waiting.as_slice();
        for at in 0..count {
            let Some((row, refers)) = columns.row(rows, at) else { continue };
            answers.note(&row, refers.member);
            while let Some((place, _, on)) = waiting.first().copied()
                && place as usize == at
            {
                // As a rule one time places the row for all of them.
                let own = waiting.iter().take_while(|w| (w.0, w.2) == (place, on)).count();
                let (now, later) = waiting.split_at(own);
                waiting = later;
                self.together.clear();
                self.together.extend(now.iter().map(|w| w.1));
                answers.keep(&row, refers, on, &self.together);
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
        measure: &MeasureFold<'_>,
        counted: &mut Vec<u32>,
        columns: &mut BlockColumns,
        rows: &Block<'_>,
    ) {
        let fold = self.fold;
        if let Some(seen) = self.gathered.seen.get_mut(number) {
            seen.mark(counted.iter().filter_map(|at| columns.groups.get(*at as usize)).copied());
        }
        // The time that places the rows is known already.
        let timed = columns.is_own(measure.on) && measure.cell.is_some() && measure.cell == fold.slots.time;
        let members_known = columns.members_known;
        let mut brought = std::mem::take(&mut self.brought);
        match measure.shape {
            Shape::Rows | Shape::Days => {}
            Shape::Members if members_known => {}
            Shape::Members => counted.retain(|at| columns.members.get(*at as usize).is_some_and(|m| *m != NONE)),
            _ if timed => {}
            _ => brought.ask(measure, counted, columns, rows, fold),
        }
        for target in &measure.targets {
            columns.place(target.bucket, measure.on, |on| self.bucket(target.bucket, on));
            columns.date(measure.on, |on| self.local_day(on));
            let counted = match target.after {
                Some(bounds) => {
                    let times = columns.known_times(measure.on);
                    bounds.choose(counted, times, columns, fold.entities, &mut self.followed);
                    &self.followed
                }
                None => &*counted,
            };
            let items = brought.items(measure, timed, target.shape == Shape::Keys, columns);
            let entities = match target.grain {
                Grain::Group => &columns.groups[..],
                Grain::Member => &columns.members,
                Grain::Post => &columns.posts,
                Grain::Product => &columns.offers,
            };
            let (buckets, days) = (columns.buckets(target.bucket), columns.days(measure.on));
            let known = target.grain == Grain::Group || (target.grain == Grain::Member && members_known);
            let columns = Columns { entities, known, buckets, members: &columns.members, days };
            if let Some(batch) = self.batches.get_mut(target.cell)
                && batch.add_all(counted, columns, items)
            {
                fold.settle(target.cell, batch);
            }
        }
        for (split, by, placing) in &measure.splits {
            columns.place(*placing, measure.on, |on| self.bucket(*placing, on));
            columns.date(measure.on, |on| self.local_day(on));
            let (Some(own), Some(by)) = (self.splits.get_mut(split), fold.plan.formula(*by)) else { continue };
            own.entities.clear();
            own.entities.resize(columns.len(), NONE);
            for at in &*counted {
                let Some((row, refers)) = columns.row(rows, *at as usize) else { continue };
                let text = by.expr.eval(&env(fold, &row, refers).with(by));
                let (group, parts) = (refers.group, &mut own.parts);
                let number = parts
                    .entry(split_key(group, text))
                    .or_insert_with(|| fold.part(*split, group, split_text(text)).unwrap_or(NONE));
                own.entities.iter_mut().skip(*at as usize).take(1).for_each(|entity| *entity = *number);
            }
            // Its entities are no groups, so that members are told by their numbers.
            let items = brought.items(measure, timed, true, columns);
            let (buckets, days) = (columns.buckets(*placing), columns.days(measure.on));
            let columns = Columns { entities: &own.entities, known: true, buckets, members: &columns.members, days };
            if own.batch.add_all(counted, columns, items) {
                fold.settle_split(*split, &mut own.batch);
            }
        }
        brought.clear();
        self.brought = brought;
    }

    /// Adds a row that waited for its answer to the cells of a measure that it matches.
    pub fn collect(&mut self, measure: usize, on: Instant, env: &RowEnv<'_>) {
        let fold = self.fold;
        let refers = env.refers;
        if let Some(seen) = self.gathered.seen.get_mut(measure) {
            seen.mark(std::iter::once(refers.group));
        }
        let Some(measure) = fold.measures.get(measure) else { return };
        let Some(item) = item(fold.plan, measure, on, env) else { return };
        let day = self.day.day(on, &env.clock.zone);
        for Target { cell, grain, shape, bucket, after } in &measure.targets {
            let Some(bucket) = self.bucket(*bucket, on) else { continue };
            let entity = match grain {
                Grain::Group => Some(refers.group),
                Grain::Member => refers.member,
                Grain::Post => refers.post,
                Grain::Product => refers.product.map(|p| self.offer(refers.group, p)),
            };
            let Some(entity) = entity else { continue };
            if after.is_some_and(|bounds| !bounds.take(refers.row(bounds.held), on, fold.entities)) {
                continue;
            }
            let item = match (shape, item) {
                (Shape::Keys, Item::Member(m)) => Item::Key(u128::from(m)),
                (_, item) => item,
            };
            if let Some(batch) = self.batches.get_mut(*cell)
                && batch.add(entity, bucket, day, item)
            {
                fold.settle(*cell, batch);
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
            if let Some(own) = self.splits.get_mut(split)
                && let Some(entity) = fold.part(*split, refers.group, text)
                && own.batch.add(entity, bucket, day, item)
            {
                fold.settle_split(*split, &mut own.batch);
            }
        }
    }
}

/// A streamed row with what it refers to.
pub(super) fn env<'e>(fold: &'e TableFold<'_>, row: &'e Row<'e>, refers: Refers) -> RowEnv<'e> {
    let TableFold { entities, clock, .. } = fold;
    RowEnv { cells: Cells::Live(row), refers, entities, access: &[], clock, answer: None }
}
