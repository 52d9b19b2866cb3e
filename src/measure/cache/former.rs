//! The held tables of an earlier run, beside those that are loaded: which of them are taken over, and how their
//! entities are numbered now.

use super::super::entity::Entities;
use super::Cache;
use super::beside::{Beside, Columns, Numbers};
use super::bytes::Out;
use super::file::{HeldTable, Piece};
use super::held::{Condition, Groups, HeldFiles, HeldSeen};
use super::tables::{self, Known};
use crate::calendar::Instant;
use crate::config::Config;
use crate::data::{Part, Sources};
use crate::schema::Table;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Tables of an earlier run; those that are taken over have no rows left here.
pub(in super::super) struct Former<'c> {
    cache: &'c Cache,
    limit: Instant,
    old: Option<Entities>,
    groups: Option<Groups>,
    files: BTreeMap<Table, HeldFiles<'c>>,
    /// By table that was taken over, how many rows were read in front of it.
    taken: BTreeMap<Table, usize>,
}

impl<'c> Former<'c> {
    /// Some tables, into entities that are empty.
    pub fn new(cache: &'c Cache, tables: &[Table], into: Entities, limit: Instant) -> Self {
        let old = cache.old.as_ref().and_then(|old| old.held(tables, into));
        Self { cache, limit, old, groups: None, files: BTreeMap::new(), taken: BTreeMap::new() }
    }

    /// How the groups, once they are loaded, stand to the earlier ones.
    pub fn groups(&self, now: &Entities) -> Option<Groups> {
        self.old.as_ref().map(|old| match self.taken(Table::Groups) {
            Some(_) => Groups::same(),
            None => Groups::of(old, now),
        })
    }

    /// Tells how the groups stand that rows of these tables name.
    pub fn beside(&mut self, groups: Option<&Groups>) {
        self.groups = groups.cloned();
    }

    /// How many rows were read in front of a table that was taken over.
    pub fn taken(&self, table: Table) -> Option<usize> {
        self.taken.get(&table).copied()
    }

    /// How many files were not read.
    pub fn kept_files(&self) -> usize {
        self.files.values().map(HeldFiles::kept_files).sum()
    }

    /// What stands for the files of a table.
    pub fn files(&self, table: Table, sources: &Sources, config: &Config, now: &Entities) -> HeldFiles<'c> {
        let named = matches!(table, Table::Members | Table::Posts);
        let listed = |old: &Entities| {
            let ids = (0..).map_while(|n| old.product_ids.get(n)).take(old.products.len());
            ids.into_iter().all(|id| now.product_ids.find(id).is_some())
        };
        let whole = self.cache.old.as_ref().filter(|old| old.held_key == self.cache.held_key).zip(self.old.as_ref());
        let whole = whole.filter(|_| !named || self.groups.is_some());
        // A product that is no more listed has its number by the first post that names it.
        let whole = whole.filter(|(_, old)| table != Table::Posts || listed(old));
        let told = whole.and_then(|(snapshot, _)| snapshot.told(table));
        let condition = Condition {
            limit: self.limit,
            // Only keys that are ids tell that ids differ.
            alone: !named || config.data.table(table).key.is_some(),
            groups: self.groups.as_ref().filter(|_| named).map(|groups| (groups, table == Table::Posts)),
        };
        let marks = self.cache.marks.get(&table).map_or(&[][..], Vec::as_slice);
        HeldFiles::new(told, marks, sources.of(table), &condition)
    }

    /// Takes note of the files of a table that was read, and puts the earlier rows behind, if they stand for any.
    pub fn take(&mut self, table: Table, mut files: HeldFiles<'c>, seen: HeldSeen, now: &mut Entities) {
        if let Some(old) = self.old.as_mut().filter(|_| files.adopted) {
            self.taken.insert(table, now.table(table).map_or(0, |t| t.len()));
            match table {
                Table::Groups => now.take_groups(old),
                Table::Members => now.append_members(old),
                Table::Products => now.take_products(old),
                _ => now.append_posts(old),
            }
        }
        files.seen = seen;
        self.files.insert(table, files);
    }

    /// All tables together.
    pub fn and(mut self, people: Self, goods: Self) -> Self {
        let parts = self.old.take().zip(people.old).zip(goods.old);
        let old = parts.map(|((mut all, mut people), goods)| {
            all.take_members(&mut people);
            all.take_items(goods);
            all
        });
        self.files.extend(people.files.into_iter().chain(goods.files));
        self.taken.extend(people.taken.into_iter().chain(goods.taken));
        Self { old, ..self }
    }

    /// The numbers that the earlier run's entities have now; `None` if one of them is gone or changed.
    pub(super) fn numbers(&self, columns: &Columns, now: &Entities) -> Option<Numbers> {
        let beside = Beside { old: self.old.as_ref()?, now, columns };
        let groups = beside.groups(self.taken(Table::Groups))?;
        let products = beside.products(self.taken(Table::Products))?;
        let members = beside.members(self.taken(Table::Members))?;
        let posts = beside.posts(self.taken(Table::Posts))?;
        Some(beside.with_new(Numbers { groups, members, posts, products, ..Numbers::default() }))
    }

    /// What is to be kept of the tables, and whether they are all as they were.
    pub(super) fn left(self, now: &Entities, known: Known, sources: &Sources) -> (Vec<HeldTable>, bool) {
        let Self { cache, taken, files, .. } = self;
        let keep = |(table, files): (Table, HeldFiles<'_>)| {
            let ends = |part: &Part| cache.ends.get(&(table, part.shown.clone())).cloned();
            let (told, same) = files.left(sources.of(table), ends);
            // Posts have numbers of groups and of products.
            let on = if table == Table::Posts { &[Table::Groups, Table::Products, Table::Posts][..] } else { &[table] };
            let as_it_was = on.iter().all(|t| taken.get(t) == Some(&0));
            let old = cache.old.as_ref().filter(|_| as_it_was).and_then(|old| old.place(table));
            let content = match old {
                Some(place) => Piece::Old(place),
                None => {
                    let mut out = Out::with_room(tables::room(table, now));
                    tables::write(table, now, known, &mut out);
                    Piece::New(out.0)
                }
            };
            (HeldTable { table, told, content }, same && as_it_was)
        };
        let kept: Vec<(HeldTable, bool)> = files.into_par_iter().map(keep).collect();
        let untouched = kept.iter().all(|(_, untouched)| *untouched);
        (kept.into_iter().map(|(table, _)| table).collect(), untouched)
    }
}
