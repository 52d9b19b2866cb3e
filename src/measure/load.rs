//! Reads the tables that are held: groups, members, products, posts.

use super::cache::{Cache, Former, HeldSeen};
use super::entity::Entities;
use super::fold::stored;
use super::held::{HeldTable, Stored};
use super::plan::Plan;
use super::run::MakeSink;
use crate::calendar::{Day, Instant, Zone};
use crate::config::Config;
use crate::data::{
    Block, Cell, Layout, Reason, Row, ScanOptions, Sources, TableReport, Verdict, Verdicts, Visitor, scan_in_turn,
};
use crate::expr::Value;
use crate::schema::Table;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Posts of a product at least this many days apart make it new again (inventory S163).
const NEW_PRODUCT_DAYS: i32 = 14;

/// What bounds the rows that count.
pub(super) struct Limits<'a> {
    pub zone: &'a Zone,
    /// The last instant that counts.
    pub as_of: Instant,
    /// Whether somebody asked for it, so that later rows are merely not due yet.
    pub asked: bool,
}

impl Limits<'_> {
    /// What becomes of a row at this time, if it does not count.
    pub fn late(&self, time: Instant, column: &'static str) -> Option<Verdict> {
        if time <= self.as_of {
            None
        } else if self.asked {
            Some(Verdict::Future)
        } else {
            Some(Verdict::Reject { column, reason: Reason::FarFuture })
        }
    }
}

/// Copies the cells of a row, those of these slots, into a held table.
fn fill(table: &mut HeldTable, at: usize, row: &Row<'_>, slots: impl IntoIterator<Item = usize>) {
    for slot in slots {
        match row.cell(slot) {
            Cell::Text => table.set_text(at, slot, row.text(slot).unwrap_or_default()),
            _ => match stored(row, slot) {
                Stored::Null => {}
                value => table.set(at, slot, value),
            },
        }
    }
}

fn mark_columns(table: &mut HeldTable, report: &TableReport) {
    table.present = report.present;
    for column in &report.columns {
        table.mark_present(column);
    }
    for derived in table.table.columns().iter().filter(|c| c.derived) {
        table.mark_present(derived.name);
    }
}

/// Reads the held tables, each as far as an earlier run does not stand for it.
pub(super) struct Loader<'l> {
    pub sources: &'l Sources,
    pub plan: &'l Plan,
    pub config: &'l Config,
    pub quarantine: &'l MakeSink<'l>,
    pub limits: &'l Limits<'l>,
}

impl Loader<'_> {
    /// Reads all held tables; with `cache` also what of them an earlier run had.
    pub fn load<'c>(&self, cache: Option<&'c Cache>) -> (Entities, Vec<TableReport>, Option<Former<'c>>) {
        let mut entities = self.empty();
        if self.config.data.infer.groups.is_some() {
            // Every table may add groups.
            let tables = [Table::Groups, Table::Members, Table::Products, Table::Posts];
            let reports = tables.map(|table| self.table(table, &mut entities, None));
            self.arrange_posts(&mut entities);
            return (entities, reports.into(), None);
        }
        let former = |tables: &[Table]| cache.map(|cache| Former::new(cache, tables, self.empty(), self.limits.as_of));
        let mut list = former(&[Table::Groups]);
        let groups = self.table(Table::Groups, &mut entities, list.as_mut());
        let mut items = entities.same_groups(|table| self.plan.attributes(table));
        let known = list.as_ref().and_then(|l| l.groups(&entities));
        let ((members, people), (products, posts, goods)) = rayon::join(
            || {
                let mut people = former(&[Table::Members]);
                people.iter_mut().for_each(|p| p.beside(known.as_ref()));
                (self.table(Table::Members, &mut entities, people.as_mut()), people)
            },
            || {
                let mut goods = former(&[Table::Products, Table::Posts]);
                goods.iter_mut().for_each(|g| g.beside(known.as_ref()));
                let products = self.table(Table::Products, &mut items, goods.as_mut());
                let posts = self.table(Table::Posts, &mut items, goods.as_mut());
                if goods.as_ref().is_none_or(|g| g.taken(Table::Posts) != Some(0)) {
                    self.arrange_posts(&mut items);
                }
                (products, posts, goods)
            },
        );
        entities.take_items(items);
        let former = list.zip(people).zip(goods).map(|((list, people), goods)| list.and(people, goods));
        (entities, vec![groups, members, products, posts], former)
    }

    fn empty(&self) -> Entities {
        let mut entities = Entities::new(|table| self.plan.attributes(table));
        entities.ids_read = self.plan.member_slots().iter().any(|slot| *slot <= 1);
        entities
    }

    fn arrange_posts(&self, entities: &mut Entities) {
        order_posts(entities);
        let new = entities.posts.column("is_new_product");
        if let Some(column) = new.filter(|column| self.plan.post_slots().contains(column)) {
            mark_new_products(entities, column, self.limits.zone);
        }
    }

    fn table(&self, table: Table, entities: &mut Entities, former: Option<&mut Former<'_>>) -> TableReport {
        let Self { sources, plan, config, quarantine, limits } = *self;
        let layout = Layout { table, attributes: plan.attributes(table) };
        let mut sink = quarantine(table);
        let options = &mut ScanOptions { config, quarantine: sink.as_deref_mut().map(|s| s as _) };
        let mut seen = HeldSeen::default();
        let mut files = former.as_ref().map(|f| f.files(table, sources, config, entities));
        if table == Table::Members {
            entities.expect_members(sources.expected_rows(table));
        }
        let mut scan = |visit: Visit<'_>| {
            let reuse = files.as_mut().map(|f| f as _);
            scan_in_turn(sources, table, &layout, options, reuse, &mut Filling { table, entities, visit })
        };
        let width = layout.len();
        let report = match table {
            Table::Groups => scan(&mut |row, entities| {
                let Some(id) = row.text(0) else { return empty("group_id") };
                let at = entities.add_group(id) as usize;
                fill(&mut entities.groups, at, row, 0..width);
                Verdict::Keep
            }),
            Table::Members => load_members(&layout, plan, config, limits, &mut seen, scan),
            Table::Products => scan(&mut |row, entities| {
                let Some(id) = row.text(0) else { return empty("product_id") };
                let number = entities.product_ids.intern(id) as usize;
                while entities.products.len() <= number {
                    entities.products.push();
                }
                fill(&mut entities.products, number, row, 0..width);
                Verdict::Keep
            }),
            _ => load_posts(&layout, plan, config, limits, &mut seen, scan),
        };
        if let (Some(former), Some(files)) = (former, files) {
            former.take(table, files, seen, entities);
        }
        match table {
            Table::Groups => mark_columns(&mut entities.groups, &report),
            Table::Members => mark_columns(&mut entities.members, &report),
            Table::Products => mark_columns(&mut entities.products, &report),
            _ => mark_columns(&mut entities.posts, &report),
        }
        if table == Table::Groups {
            entities.seal(limits.zone);
        }
        report
    }
}

/// Takes a row of a table, with the entities that it adds to.
type Visit<'v> = &'v mut (dyn FnMut(&Row<'_>, &mut Entities) -> Verdict + Send);

/// A held table on its way in.
struct Filling<'v> {
    table: Table,
    entities: &'v mut Entities,
    visit: Visit<'v>,
}

impl Visitor for Filling<'_> {
    fn visit(&mut self, rows: &Block<'_>, verdicts: &mut Verdicts) {
        let Self { table, entities, visit } = self;
        if *table == Table::Members {
            let (groups, members) = (rows.texts(0), rows.texts(1));
            entities.ask_members(groups.all().zip(members.all()).filter_map(|(group, member)| group.zip(member)));
        }
        (0..).zip(rows.rows()).for_each(|(at, row)| verdicts.say(at, visit(&row, entities)));
    }
}

/// The group of an id, made up where that is allowed.
fn known_group(entities: &mut Entities, id: &str, infer: bool, seen: &mut HeldSeen) -> Option<u32> {
    let known = entities.group_ids.find(id).or_else(|| infer.then(|| entities.add_group(id)));
    if known.is_none() {
        seen.vain.group(id);
    }
    known
}

fn empty(column: &'static str) -> Verdict {
    Verdict::Reject { column, reason: Reason::EmptyKey }
}

fn load_members(
    layout: &Layout,
    plan: &Plan,
    config: &Config,
    limits: &Limits<'_>,
    seen: &mut HeldSeen,
    mut scan: impl FnMut(Visit<'_>) -> TableReport,
) -> TableReport {
    let infer_groups = config.data.infer.groups.is_some();
    let slot = |name| layout.slot(name).unwrap_or(usize::MAX);
    let (joined, left, attributes) = (slot("joined_at"), slot("left_at"), slot("attributes"));
    // Both ids are set when a member is added.
    let mut kept: BTreeSet<usize> = plan.member_slots().into_iter().filter(|slot| *slot > 1).collect();
    let counts_extra = kept.remove(&attributes);
    scan(&mut |row, entities| {
        let (Some(group), Some(member)) = (row.text(0), row.text(1)) else { return empty("member_id") };
        let Some(group) = known_group(entities, group, infer_groups, seen) else { return Verdict::OrphanGroup };
        let joined_at = stored(row, joined);
        if let Stored::Time(joined_at) = joined_at {
            let late = limits.late(joined_at, "joined_at");
            seen.time(joined_at, late.is_some());
            if let Some(verdict) = late {
                return verdict;
            }
            if let Stored::Time(left_at) = stored(row, left)
                && left_at < joined_at
            {
                return Verdict::Reject { column: "left_at", reason: Reason::EndsBeforeStart };
            }
        }
        let at = entities.add_member(group, member) as usize;
        fill(&mut entities.members, at, row, kept.iter().copied());
        if counts_extra {
            entities.members.set(at, attributes, Stored::Int(i64::from(row.extra_filled())));
        }
        Verdict::Keep
    })
}

fn load_posts(
    layout: &Layout,
    plan: &Plan,
    config: &Config,
    limits: &Limits<'_>,
    seen: &mut HeldSeen,
    mut scan: impl FnMut(Visit<'_>) -> TableReport,
) -> TableReport {
    let infer_groups = config.data.infer.groups.is_some();
    let slot = |name| layout.slot(name).unwrap_or(usize::MAX);
    let (group_slot, sent, product_slot) = (slot("group_id"), slot("sent_at"), slot("product_id"));
    let (kept, read) = (plan.post_slots(), plan.reads_posts());
    scan(&mut |row, entities| {
        let Some(id) = row.text(0) else { return empty("post_id") };
        let Some(group) = row.text(group_slot) else { return empty("group_id") };
        let Some(group) = known_group(entities, group, infer_groups, seen) else { return Verdict::OrphanGroup };
        if let Stored::Time(at) = stored(row, sent) {
            let late = limits.late(at, "sent_at");
            seen.time(at, late.is_some());
            if let Some(verdict) = late {
                return verdict;
            }
            if entities.created.get(group as usize).copied().flatten().is_some_and(|d| limits.zone.day(at) < d) {
                return Verdict::Reject { column: "sent_at", reason: Reason::BeforeGroup };
            }
        }
        if !read {
            // Its time tells how far the data reach.
            let at = entities.posts.push();
            fill(&mut entities.posts, at, row, [sent]);
            return Verdict::Keep;
        }
        let number = entities.post_ids.intern(id) as usize;
        if number < entities.posts.len() {
            return Verdict::Keep;
        }
        let at = entities.posts.push();
        if kept.contains(&0) {
            entities.posts.set_id(at, 0, id);
        }
        fill(&mut entities.posts, at, row, kept.iter().copied().filter(|slot| *slot > 0));
        entities.post_group.push(group);
        let product = row.text(product_slot).map(|p| entities.product_ids.intern(p));
        entities.post_product.push(product);
        if let Some(product) = product {
            entities.offer(group, product);
        }
        if let Some(list) = entities.posts_of_group.get_mut(group as usize) {
            list.push(u32::try_from(at).unwrap_or(u32::MAX));
        }
        Verdict::Keep
    })
}

/// Puts the posts of every group in the order of time, then id.
fn order_posts(entities: &mut Entities) {
    let Entities { posts, post_ids, posts_of_group, .. } = entities;
    let Some(sent) = posts.column("sent_at") else { return };
    let key = |post: &u32| {
        let time = match posts.value(*post as usize, sent) {
            Value::Time(t) => Some(t),
            _ => None,
        };
        (time, post_ids.get(*post))
    };
    // Files are in the order of time as a rule.
    posts_of_group
        .par_iter_mut()
        .filter(|list| !list.is_sorted_by_key(key))
        .for_each(|list| list.sort_by_cached_key(|post| key(post)));
}

/// A product is new in a group if no post of the 14 days before showed it there.
fn mark_new_products(entities: &mut Entities, column: usize, zone: &Zone) {
    let posts = &entities.posts;
    let Some(sent) = posts.column("sent_at") else { return };
    let of_group = |list: &Vec<u32>| {
        // The first and the last day of each product's latest showing.
        let mut shown: FxHashMap<u32, (Day, Day)> = FxHashMap::default();
        let mut marks = Vec::with_capacity(list.len());
        for post in list {
            let Some(Some(product)) = entities.post_product.get(*post as usize).copied() else { continue };
            let Value::Time(at) = posts.value(*post as usize, sent) else { continue };
            let day = zone.day(at);
            // Further posts on its first day belong to the same showing.
            let run = shown.entry(product).or_insert((day, day));
            if run.1.plus(NEW_PRODUCT_DAYS) < day {
                *run = (day, day);
            }
            run.1 = day;
            marks.push((*post, run.0 == day));
        }
        marks
    };
    let marks: Vec<_> = entities.posts_of_group.par_iter().map(of_group).collect();
    for (post, new) in marks.into_iter().flatten() {
        entities.posts.set(post as usize, column, Stored::Bool(new));
    }
}
