//! Reads the tables that are held: groups, members, products, posts.

use super::entity::Entities;
use super::fold::stored;
use super::held::{HeldTable, Stored};
use super::plan::Plan;
use super::run::MakeSink;
use crate::calendar::{Instant, Zone};
use crate::config::Config;
use crate::data::{Cell, Layout, Reason, Row, ScanOptions, Sources, TableReport, Verdict, scan};
use crate::expr::Value;
use crate::schema::Table;
use std::collections::BTreeMap;

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

/// Reads all held tables.
pub(super) fn load(
    sources: &Sources,
    plan: &Plan,
    config: &Config,
    quarantine: &MakeSink<'_>,
    limits: &Limits<'_>,
) -> (Entities, Vec<TableReport>) {
    let mut entities = Entities::new(|table| plan.attributes(table));
    let mut reports = Vec::new();
    let read = |tables: &[Table], entities: &mut Entities| -> Vec<TableReport> {
        tables.iter().map(|table| load_table(sources, *table, plan, config, quarantine, limits, entities)).collect()
    };
    reports.extend(read(&[Table::Groups], &mut entities));
    if config.data.infer.groups.is_some() {
        // Every table may add groups.
        reports.extend(read(&[Table::Members, Table::Products, Table::Posts], &mut entities));
    } else {
        let mut items = entities.same_groups(|table| plan.attributes(table));
        let (members, others) = rayon::join(
            || load_table(sources, Table::Members, plan, config, quarantine, limits, &mut entities),
            || {
                [Table::Products, Table::Posts]
                    .map(|table| load_table(sources, table, plan, config, quarantine, limits, &mut items))
            },
        );
        reports.push(members);
        reports.extend(others);
        entities.take_items(items);
    }
    order_posts(&mut entities);
    let new = entities.posts.column("is_new_product");
    if let Some(column) = new.filter(|column| plan.post_slots().contains(column)) {
        mark_new_products(&mut entities, column, limits.zone);
    }
    (entities, reports)
}

fn load_table(
    sources: &Sources,
    table: Table,
    plan: &Plan,
    config: &Config,
    quarantine: &MakeSink<'_>,
    limits: &Limits<'_>,
    entities: &mut Entities,
) -> TableReport {
    let layout = Layout { table, attributes: plan.attributes(table) };
    let width = layout.len();
    let mut sink = quarantine(table);
    let options = &mut ScanOptions { config, quarantine: sink.as_deref_mut().map(|s| s as _) };
    let report = match table {
        Table::Groups => scan(sources, table, &layout, options, &mut |row| {
            let Some(id) = row.text(0) else { return empty("group_id") };
            let at = entities.add_group(id) as usize;
            fill(&mut entities.groups, at, row, 0..width);
            Verdict::Keep
        }),
        Table::Members => load_members(sources, &layout, plan, options, limits, entities),
        Table::Products => scan(sources, table, &layout, options, &mut |row| {
            let Some(id) = row.text(0) else { return empty("product_id") };
            let number = entities.product_ids.intern(id) as usize;
            while entities.products.len() <= number {
                entities.products.push();
            }
            fill(&mut entities.products, number, row, 0..width);
            Verdict::Keep
        }),
        _ => load_posts(sources, &layout, plan, options, limits, entities),
    };
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

/// The group of an id, made up where that is allowed.
fn known_group(entities: &mut Entities, id: &str, infer: bool) -> Option<u32> {
    entities.group_ids.find(id).or_else(|| infer.then(|| entities.add_group(id)))
}

fn empty(column: &'static str) -> Verdict {
    Verdict::Reject { column, reason: Reason::EmptyKey }
}

fn load_members(
    sources: &Sources,
    layout: &Layout,
    plan: &Plan,
    options: &mut ScanOptions<'_>,
    limits: &Limits<'_>,
    entities: &mut Entities,
) -> TableReport {
    let infer_groups = options.config.data.infer.groups.is_some();
    let slot = |name| layout.slot(name).unwrap_or(usize::MAX);
    let (joined, left, attributes) = (slot("joined_at"), slot("left_at"), slot("attributes"));
    // Both ids are set when a member is added.
    let kept: Vec<usize> = plan.member_slots().into_iter().filter(|slot| *slot > 1).collect();
    scan(sources, Table::Members, layout, options, &mut |row| {
        let (Some(group), Some(member)) = (row.text(0), row.text(1)) else { return empty("member_id") };
        let Some(group) = known_group(entities, group, infer_groups) else { return Verdict::OrphanGroup };
        let joined_at = stored(row, joined);
        if let Stored::Time(joined_at) = joined_at {
            if let Some(verdict) = limits.late(joined_at, "joined_at") {
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
        entities.members.set(at, attributes, Stored::Int(i64::from(row.extra_filled())));
        Verdict::Keep
    })
}

fn load_posts(
    sources: &Sources,
    layout: &Layout,
    plan: &Plan,
    options: &mut ScanOptions<'_>,
    limits: &Limits<'_>,
    entities: &mut Entities,
) -> TableReport {
    let infer_groups = options.config.data.infer.groups.is_some();
    let slot = |name| layout.slot(name).unwrap_or(usize::MAX);
    let (group_slot, sent, product_slot) = (slot("group_id"), slot("sent_at"), slot("product_id"));
    let kept = plan.post_slots();
    scan(sources, Table::Posts, layout, options, &mut |row| {
        let Some(id) = row.text(0) else { return empty("post_id") };
        let Some(group) = row.text(group_slot) else { return empty("group_id") };
        let Some(group) = known_group(entities, group, infer_groups) else { return Verdict::OrphanGroup };
        if let Stored::Time(at) = stored(row, sent) {
            if let Some(verdict) = limits.late(at, "sent_at") {
                return verdict;
            }
            if entities.created.get(group as usize).copied().flatten().is_some_and(|d| limits.zone.day(at) < d) {
                return Verdict::Reject { column: "sent_at", reason: Reason::BeforeGroup };
            }
        }
        let number = entities.post_ids.intern(id) as usize;
        if number < entities.posts.len() {
            return Verdict::Keep;
        }
        let at = entities.posts.push();
        fill(&mut entities.posts, at, row, kept.iter().copied());
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
    for list in posts_of_group {
        // Files are in the order of time as a rule.
        if !list.is_sorted_by_key(key) {
            list.sort_by_cached_key(|post| key(post));
        }
    }
}

/// A product is new in a group if no post of the 14 days before showed it there.
fn mark_new_products(entities: &mut Entities, column: usize, zone: &Zone) {
    for group in 0..entities.posts_of_group.len() {
        let mut last_shown = BTreeMap::new();
        let posts = entities.posts_of_group.get(group).cloned().unwrap_or_default();
        for post in posts {
            let Some(Some(product)) = entities.post_product.get(post as usize).copied() else { continue };
            let Some(at) = entities.posts.time(post as usize, "sent_at") else { continue };
            let day = zone.day(at);
            let new = last_shown.get(&product).is_none_or(
                |(first_of_run, last): &(crate::calendar::Day, crate::calendar::Day)| {
                    // Further posts on its first day belong to the same showing.
                    *first_of_run == day || last.plus(NEW_PRODUCT_DAYS) < day
                },
            );
            let run = match last_shown.get(&product) {
                Some((first, last)) if last.plus(NEW_PRODUCT_DAYS) >= day => (*first, day),
                _ => (day, day),
            };
            last_shown.insert(product, run);
            entities.posts.set(post as usize, column, Stored::Bool(new));
        }
    }
}
