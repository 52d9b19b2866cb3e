//! What rows saw of the held tables: every entity with a hash of the columns that streamed rows ask for.
//!
//! Facts of old rows hold as long as each entity that was there still is and shows them the same. Entities may be
//! added and numbered otherwise.

use super::super::entity::Entities;
use super::super::hash::key_of;
use super::super::held::HeldTable;
use super::super::pairs::{PairKey, pair_key};
use super::super::plan::{Access, Held, Home, Plan};
use super::super::run::STREAMED;
use super::bytes::{In, Out, Taken};
use crate::expr::{Value, Window};
use crate::playbook::Grain;
use crate::schema::Table;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

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

/// All entities of a run, by number.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Digest {
    groups: Vec<(u128, u64)>,
    members: Vec<(PairKey, u64)>,
    posts: Vec<(u128, u64)>,
    products: Vec<(Arc<str>, u64)>,
}

/// A hash of the columns of a row that count.
fn row_hash(table: &HeldTable, columns: &BTreeSet<usize>, row: usize, more: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    more.hash(&mut hasher);
    for column in columns {
        match table.value(row, *column) {
            Value::Null => 0_u8.hash(&mut hasher),
            Value::Bool(b) => (1_u8, b).hash(&mut hasher),
            Value::Int(i) => (2_u8, i).hash(&mut hasher),
            Value::Decimal(d) => (3_u8, d.serialize()).hash(&mut hasher),
            Value::Float(f) => (4_u8, f.to_bits()).hash(&mut hasher),
            Value::Text(t) => (5_u8, t).hash(&mut hasher),
            Value::Time(t) => (6_u8, t.0).hash(&mut hasher),
        }
    }
    hasher.finish()
}

impl Digest {
    /// Of the tables as they were loaded, before rows name further products.
    pub(super) fn new(entities: &Entities, columns: &Columns) -> Self {
        let text = |texts: &super::super::texts::Texts, number: u32| texts.get(number).map_or(0, |t| key_of(t));
        let groups = (0..entities.groups.len()).map(|row| {
            let id = text(&entities.group_ids, number(row));
            (id, row_hash(&entities.groups, &columns.groups, row, ()))
        });
        let members = entities.member_keys.par_iter().enumerate().map(|(row, (group, person))| {
            let group = entities.group_ids.get(*group).map_or("", |t| t);
            let person = entities.person_ids.get(*person).unwrap_or_default();
            (pair_key(group, person), row_hash(&entities.members, &columns.members, row, ()))
        });
        let product = |number: Option<u32>| number.and_then(|p| entities.product_ids.get(p)).map(|t| &**t);
        let posts = (0..entities.posts.len()).map(|row| {
            let shown = product(entities.post_product.get(row).copied().flatten());
            (
                entities.post_ids.get(number(row)).map_or(0, key_of),
                row_hash(&entities.posts, &columns.posts, row, shown),
            )
        });
        let products = (0..entities.product_ids.len()).filter_map(|row| {
            let id = entities.product_ids.get(number(row))?;
            Some((Arc::clone(id), row_hash(&entities.products, &columns.products, row, ())))
        });
        Self {
            groups: groups.collect(),
            posts: posts.collect(),
            products: products.collect(),
            members: members.collect(),
        }
    }

    /// How many products had a number before rows named further ones.
    pub(super) fn products(&self) -> usize {
        self.products.len()
    }

    /// Whether a product that no table knew shows rows the same now.
    pub(super) fn is_as_unknown(&self, product: &str, entities: &Entities, columns: &Columns) -> bool {
        let unknown = || row_hash(&entities.products, &columns.products, usize::MAX, ());
        let now = entities.product_ids.find(product).and_then(|n| self.products.get(n as usize));
        now.is_none_or(|(_, hash)| *hash == unknown())
    }

    /// The numbers that the entities of an earlier run have now; `None` if one of them is gone or changed.
    pub(super) fn follows(&self, old: &Self, entities: &Entities) -> Option<Numbers> {
        let groups = same(&old.groups, &self.groups)?;
        let posts = same(&old.posts, &self.posts)?;
        let mut members = Vec::with_capacity(old.members.len());
        let aligned = self.members.get(..old.members.len()).is_some_and(|first| first == old.members);
        if aligned {
            members.extend((0..old.members.len()).map(number));
        } else {
            let find = |(key, hash): &(PairKey, u64)| {
                let (_, now) = entities.pairs.find(*key)?;
                (self.members.get(now as usize)?.1 == *hash).then_some(now)
            };
            let found: Option<Vec<u32>> = old.members.par_iter().map(find).collect();
            members = found?;
        }
        let find = |(id, hash): &(Arc<str>, u64)| {
            let now = entities.product_ids.find(id)?;
            (self.products.get(now as usize)?.1 == *hash).then_some(now)
        };
        let products = old.products.iter().map(find).collect::<Option<Vec<u32>>>()?;
        let mut seen = vec![false; self.members.len()];
        members.iter().for_each(|m| seen.iter_mut().skip(*m as usize).take(1).for_each(|s| *s = true));
        let new_members = self.members.iter().zip(&seen).filter(|(_, seen)| !**seen).map(|((key, _), _)| *key);
        Some(Numbers {
            new_groups: new_ones(&self.groups, &groups),
            new_posts: new_ones(&self.posts, &posts),
            new_members: new_members.collect(),
            in_order: members.is_sorted(),
            groups,
            members,
            posts,
            products,
        })
    }

    pub(super) fn write(&self, out: &mut Out) {
        for list in [&self.groups, &self.posts] {
            out.count(list.len());
            for (key, hash) in list {
                out.u128(*key);
                out.u64(*hash);
            }
        }
        out.count(self.members.len());
        for (key, hash) in &self.members {
            key.iter().for_each(|k| out.u64(*k));
            out.u64(*hash);
        }
        out.count(self.products.len());
        for (id, hash) in &self.products {
            out.text(id);
            out.u64(*hash);
        }
    }

    pub(super) fn read(input: &mut In<'_>) -> Taken<Self> {
        let mut lists: [Vec<(u128, u64)>; 2] = Default::default();
        for list in &mut lists {
            for _ in 0..input.count(24)? {
                list.push((input.u128()?, input.u64()?));
            }
        }
        let mut members = Vec::new();
        let count = input.count(24)?;
        members.reserve_exact(count);
        for _ in 0..count {
            members.push(([input.u64()?, input.u64()?], input.u64()?));
        }
        let mut products = Vec::new();
        for _ in 0..input.count(16)? {
            products.push((Arc::from(input.text()?), input.u64()?));
        }
        let [groups, posts] = lists;
        Ok(Self { groups, members, posts, products })
    }
}

fn number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(NONE)
}

/// The numbers of the old ones among the new, if all are there and the same.
fn same(old: &[(u128, u64)], new: &[(u128, u64)]) -> Option<Vec<u32>> {
    if new.get(..old.len()) == Some(old) {
        return Some((0..old.len()).map(number).collect());
    }
    let index: FxHashMap<u128, u32> = new.iter().enumerate().map(|(row, (key, _))| (*key, number(row))).collect();
    let find = |(key, hash): &(u128, u64)| {
        let now = *index.get(key)?;
        (new.get(now as usize)?.1 == *hash).then_some(now)
    };
    old.iter().map(find).collect()
}

/// The keys of those that are no old ones.
fn new_ones(new: &[(u128, u64)], old: &[u32]) -> Vec<u128> {
    let old: FxHashSet<u32> = old.iter().copied().collect();
    new.iter().enumerate().filter(|(row, _)| !old.contains(&number(*row))).map(|(_, (key, _))| *key).collect()
}

/// The present numbers of an earlier run's entities, and which entities it did not have.
#[derive(Debug)]
pub(super) struct Numbers {
    pub groups: Vec<u32>,
    pub members: Vec<u32>,
    pub posts: Vec<u32>,
    pub products: Vec<u32>,
    /// Whether members stand in the same order as before.
    pub in_order: bool,
    pub new_groups: Vec<u128>,
    pub new_members: Vec<PairKey>,
    pub new_posts: Vec<u128>,
}
