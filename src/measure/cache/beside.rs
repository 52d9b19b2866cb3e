//! What rows saw of the held tables: every entity with the columns that streamed rows ask for.
//!
//! Facts of old rows hold as long as each entity that was there still is and shows them the same. Entities may be
//! added and numbered otherwise.

use super::super::entity::Entities;
use super::super::hash::key_of;
use super::super::held::HeldTable;
use super::super::pairs::{PairKey, pair_key};
use super::super::plan::{Access, Held, Home, Plan};
use super::super::run::STREAMED;
use super::super::texts::Texts;
use crate::expr::{Value, Window};
use crate::playbook::Grain;
use crate::schema::Table;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Stands for an entity without a number.
pub(super) const NONE: u32 = u32::MAX;

/// The columns of held tables on which streamed rows hang.
#[derive(Debug, Default)]
pub(super) struct Columns {
    groups: BTreeSet<usize>,
    members: BTreeSet<usize>,
    posts: BTreeSet<usize>,
    products: BTreeSet<usize>,
}

impl Columns {
    pub fn of(plan: &Plan) -> Self {
        let mut columns = Self::default();
        let streamed = |formula: &&super::super::plan::BoundFormula| matches!(formula.home, Home::Row(table) if STREAMED.contains(&table));
        for access in plan.formulas.iter().filter(streamed).flat_map(|f| &f.access) {
            match access {
                Access::Held(held, column, _) => {
                    columns.held(*held).insert(*column);
                }
                Access::AnsweredByRole => columns.named(plan, Held::Member, Table::Members, "role"),
                _ => {}
            }
        }
        for read in &plan.reads {
            let Window::After { column, .. } = &read.window else { continue };
            let (held, table) = match read.grain {
                Grain::Group => (Held::Group, Table::Groups),
                Grain::Member => (Held::Member, Table::Members),
                Grain::Post => (Held::Post, Table::Posts),
                Grain::Product => (Held::Product, Table::Products),
            };
            columns.named(plan, held, table, column);
        }
        // Rows from before their group are no rows of it; orders go to those who had joined.
        columns.named(plan, Held::Group, Table::Groups, "created_on");
        columns.named(plan, Held::Member, Table::Members, "joined_at");
        columns
    }

    fn held(&mut self, held: Held) -> &mut BTreeSet<usize> {
        match held {
            Held::Group => &mut self.groups,
            Held::Member => &mut self.members,
            Held::Post => &mut self.posts,
            Held::Product => &mut self.products,
        }
    }

    fn named(&mut self, plan: &Plan, held: Held, table: Table, column: &str) {
        if let Some(column) = plan.column_slot(table, column) {
            self.held(held).insert(column);
        }
    }
}

/// The present numbers of an earlier run's entities, and which entities it did not have.
#[derive(Debug, Default)]
pub(in super::super) struct Numbers {
    pub(super) groups: Vec<u32>,
    pub(super) members: Vec<u32>,
    pub(super) posts: Vec<u32>,
    pub(super) products: Vec<u32>,
    /// Whether members stand in the same order as before.
    pub(super) in_order: bool,
    pub(super) new_groups: Vec<u128>,
    pub(super) new_members: Vec<PairKey>,
    pub(super) new_posts: Vec<u128>,
}

/// The entities of an earlier run, beside those of this one.
pub(super) struct Beside<'b> {
    /// The earlier ones; a table that was taken over has no rows left.
    pub old: &'b Entities,
    pub now: &'b Entities,
    pub columns: &'b Columns,
}

/// Members that are looked for one after another.
const CHUNK: usize = 8192;

/// How many rows were read in front of those that were taken over.
pub(super) type TakenBehind = Option<usize>;

impl Beside<'_> {
    /// The groups' numbers.
    pub fn groups(&self, taken: TakenBehind) -> Option<Vec<u32>> {
        let Self { old, now, columns } = self;
        let count = old.group_ids.len();
        if taken.is_some() {
            return Some(numbers(0..count));
        }
        let find = |row: u32| {
            let id = now.group_ids.find(old.group_ids.get(row)?)?;
            same_row((&old.groups, row), (&now.groups, id), &columns.groups).then_some(id)
        };
        numbers(0..count).into_iter().map(find).collect()
    }

    /// The members' numbers.
    pub fn members(&self, taken: TakenBehind) -> Option<Vec<u32>> {
        let Self { old, now, columns } = self;
        if let Some(read) = taken {
            return Some(numbers(read..now.members.len()));
        }
        let members = old.group_of_member.len();
        let find = |chunk: usize| -> Option<Vec<u32>> {
            // As a rule members stand in the order in which they stood.
            let rows = chunk * CHUNK..((chunk + 1) * CHUNK).min(members);
            let mut next = number(rows.start);
            let mut found = Vec::with_capacity(rows.len());
            for row in rows.map(number) {
                let key = old.membership(row)?;
                let member = self.is_member(key, next).or_else(|| self.member(key))?;
                same_row((&old.members, row), (&now.members, member), &columns.members).then_some(())?;
                found.push(member);
                next = member.saturating_add(1);
            }
            Some(found)
        };
        let found: Option<Vec<Vec<u32>>> = (0..members.div_ceil(CHUNK)).into_par_iter().map(find).collect();
        found.map(|chunks| chunks.concat())
    }

    /// A number, if it is that of an earlier membership.
    fn is_member(&self, (group, person): (u32, u32), candidate: u32) -> Option<u32> {
        let Self { old, now, .. } = self;
        let own = now.membership(candidate)?;
        let same = now.group_ids.get(own.0)? == old.group_ids.get(group)?
            && now.person_ids.get(own.1)? == old.person_ids.get(person)?;
        same.then_some(candidate)
    }

    /// The number of an earlier membership.
    fn member(&self, (group, person): (u32, u32)) -> Option<u32> {
        let key = pair_key(self.old.group_ids.get(group)?, self.old.person_ids.get(person)?);
        self.now.pairs.find(key)
    }

    /// The products' numbers; those that are known have one in both runs.
    pub fn products(&self, taken: TakenBehind) -> Option<Vec<u32>> {
        let Self { old, now, columns } = self;
        let find = |row: u32| {
            let id = now.product_ids.find(old.product_ids.get(row)?)?;
            let same = taken.is_some() || same_row((&old.products, row), (&now.products, id), &columns.products);
            same.then_some(id)
        };
        numbers(0..old.product_ids.len()).into_iter().map(find).collect()
    }

    /// The posts' numbers.
    pub fn posts(&self, taken: TakenBehind) -> Option<Vec<u32>> {
        let Self { old, now, columns } = self;
        if let Some(read) = taken {
            return Some(numbers(read..now.posts.len()));
        }
        let shown = |of: &Entities, row: u32| of.post_product.get(row as usize).copied().flatten();
        let find = |row: u32| {
            let post = now.post_ids.find(old.post_ids.get(row)?)?;
            let product = |of: &Texts, id: Option<u32>| id.and_then(|id| of.get(id)).cloned();
            let same = product(&old.product_ids, shown(old, row)) == product(&now.product_ids, shown(now, post))
                && same_row((&old.posts, row), (&now.posts, post), &columns.posts);
            same.then_some(post)
        };
        numbers(0..old.posts.len()).into_par_iter().map(find).collect()
    }

    /// Adds which entities there were not.
    pub fn with_new(&self, found: Numbers) -> Numbers {
        let now = self.now;
        let text = |id: Option<&str>| id.map_or(0, key_of);
        let new_groups = others(&found.groups, now.groups.len());
        let new_members = others(&found.members, now.members.len());
        let new_posts = others(&found.posts, now.posts.len());
        Numbers {
            in_order: found.members.is_sorted(),
            new_groups: new_groups.map(|n| text(now.group_ids.get(n).map(|t| &**t))).collect(),
            new_members: new_members.filter_map(|n| now.member_key(n)).collect(),
            new_posts: new_posts.map(|n| text(now.post_ids.get(n))).collect(),
            ..found
        }
    }
}

/// Whether a product that no table knew shows rows the same now.
pub(super) fn is_as_unknown(product: &str, now: &Entities, columns: &Columns) -> bool {
    let shows = |row: u32| columns.products.iter().any(|c| now.products.value(row as usize, *c) != Value::Null);
    !now.product_ids.find(product).is_some_and(shows)
}

fn same_row(old: (&HeldTable, u32), now: (&HeldTable, u32), columns: &BTreeSet<usize>) -> bool {
    columns.iter().all(|c| match (old.0.value(old.1 as usize, *c), now.0.value(now.1 as usize, *c)) {
        // Those that are equal may be written otherwise.
        (Value::Decimal(old), Value::Decimal(now)) => old.serialize() == now.serialize(),
        (old, now) => old == now,
    })
}

fn number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(NONE)
}

fn numbers(rows: std::ops::Range<usize>) -> Vec<u32> {
    (number(rows.start)..number(rows.end)).collect()
}

/// The numbers below a limit that are not among some.
fn others(known: &[u32], limit: usize) -> impl Iterator<Item = u32> {
    let mut seen = vec![false; limit];
    known.iter().for_each(|n| seen.iter_mut().skip(*n as usize).take(1).for_each(|s| *s = true));
    seen.into_iter().enumerate().filter(|(_, seen)| !seen).map(|(row, _)| number(row))
}
