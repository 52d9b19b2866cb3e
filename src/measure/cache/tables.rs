//! Groups, members, products and posts as they were loaded, with what hangs on their ids, as bytes and back.

use super::super::entity::Entities;
use super::beside::NONE;
use super::bytes::{Damaged, In, Out, Taken};
use super::columns;
use crate::schema::Table;

/// The tables that are held.
pub(super) const HELD: [Table; 4] = [Table::Groups, Table::Members, Table::Products, Table::Posts];

/// How many products and offers there were before streamed rows named further ones.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct Known {
    pub products: usize,
    pub offers: usize,
}

/// Bytes enough for a table as a rule.
pub(super) fn room(table: Table, entities: &Entities) -> usize {
    entities.table(table).map_or(0, |t| t.len() * (t.columns.len() + 8) * 8)
}

/// Writes a table; of numbers of products those that were known.
pub(super) fn write(table: Table, entities: &Entities, known: Known, out: &mut Out) {
    match table {
        Table::Groups => columns::write(&entities.groups, out),
        Table::Members => {
            columns::write(&entities.members, out);
            columns::write_texts(&entities.person_ids, out);
            out.u32s(entities.group_of_member.iter().copied());
            out.u32s(entities.person_of_member.iter().copied());
        }
        Table::Products => columns::write(&entities.products, out),
        _ => {
            columns::write(&entities.posts, out);
            columns::write_texts(&entities.post_ids, out);
            out.u32s(entities.post_group.iter().copied());
            out.u32s(entities.post_product.iter().map(|p| p.unwrap_or(NONE)));
            let named = entities.products.len()..known.products;
            out.count(named.len());
            for product in named {
                let id = u32::try_from(product).ok().and_then(|p| entities.product_ids.get(p));
                out.text(id.map_or("", |id| id));
            }
            let lists = &entities.posts_of_group;
            out.u32s(lists.iter().map(|l| u32::try_from(l.len()).unwrap_or(NONE)));
            out.u32s(lists.concat().into_iter());
            write_pairs(entities.offer_keys.get(..known.offers).unwrap_or_default(), out);
        }
    }
}

/// Reads a table into entities that have none of it yet; products come before posts.
pub(super) fn read(table: Table, input: &mut In<'_>, entities: &mut Entities) -> Taken<()> {
    match table {
        Table::Groups => {
            columns::read(&mut entities.groups, input)?;
            for row in 0..entities.groups.len() {
                let id = entities.groups.text(row, "group_id").ok_or(Damaged)?;
                same(entities.group_ids.intern(id) as usize, row)?;
            }
        }
        Table::Members => {
            columns::read(&mut entities.members, input)?;
            entities.person_ids = columns::read_texts(input)?;
            entities.group_of_member = input.u32s()?.into_iter().collect();
            entities.person_of_member = input.u32s()?;
            same(entities.group_of_member.len(), entities.members.len())?;
            same(entities.person_of_member.len(), entities.members.len())?;
            below(&entities.person_of_member, entities.person_ids.len())?;
        }
        Table::Products => {
            columns::read(&mut entities.products, input)?;
            for row in 0..entities.products.len() {
                let id = entities.products.text(row, "product_id").ok_or(Damaged)?;
                same(entities.product_ids.intern(id) as usize, row)?;
            }
        }
        _ => {
            columns::read(&mut entities.posts, input)?;
            let posts = entities.posts.len();
            entities.post_ids = columns::read_texts(input)?;
            entities.post_group = input.u32s()?;
            let products = input.u32s()?;
            for _ in 0..input.count(8)? {
                let next = entities.product_ids.len();
                same(entities.product_ids.intern(input.text()?) as usize, next)?;
            }
            let known = entities.product_ids.len();
            // Of posts that nothing asks for only the times are kept.
            let told = if entities.post_ids.is_empty() { 0 } else { posts };
            [entities.post_ids.len(), entities.post_group.len(), products.len()]
                .into_iter()
                .try_for_each(|n| same(n, told))?;
            below(products.iter().filter(|p| **p != NONE), known)?;
            entities.post_product = products.into_iter().map(|p| (p != NONE).then_some(p)).collect();
            let lengths = input.u32s()?;
            below(&entities.post_group, lengths.len())?;
            let all = input.u32s()?;
            below(&all, told)?;
            let mut rest = all.as_slice();
            for length in &lengths {
                let (list, others) = rest.split_at_checked(*length as usize).ok_or(Damaged)?;
                entities.posts_of_group.push(list.to_vec());
                rest = others;
            }
            same(rest.len(), 0)?;
            entities.offer_keys = read_pairs(input)?;
            below(entities.offer_keys.iter().map(|k| &k.0), lengths.len())?;
            below(entities.offer_keys.iter().map(|k| &k.1), known)?;
        }
    }
    Ok(())
}

fn write_pairs(pairs: &[(u32, u32)], out: &mut Out) {
    out.u32s(pairs.iter().map(|p| p.0));
    out.u32s(pairs.iter().map(|p| p.1));
}

fn read_pairs(input: &mut In<'_>) -> Taken<Vec<(u32, u32)>> {
    let (first, second) = (input.u32s()?, input.u32s()?);
    same(first.len(), second.len())?;
    Ok(first.into_iter().zip(second).collect())
}

fn same(found: usize, wanted: usize) -> Taken<()> {
    if found == wanted { Ok(()) } else { Err(Damaged) }
}

fn below<'n>(numbers: impl IntoIterator<Item = &'n u32>, limit: usize) -> Taken<()> {
    if numbers.into_iter().all(|n| (*n as usize) < limit) { Ok(()) } else { Err(Damaged) }
}
