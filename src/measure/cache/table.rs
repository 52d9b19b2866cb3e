//! The cells of a table as bytes, and back into the cells of a later run.

use super::super::accumulate::Shape;
use super::super::answer::Answers;
use super::super::cells::TableCells;
use super::super::plan::{MeasureId, Plan};
use super::super::texts::Texts;
use super::beside::{NONE, Numbers};
use super::bytes::{Damaged, In, Out, Taken};
use super::waiting::Renumber;
use super::{cells, waiting};
use crate::playbook::Grain;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A table after its rows were read.
pub(super) struct Whole<'t> {
    pub plan: &'t Plan,
    pub cells: &'t TableCells,
    pub answers: Option<&'t Answers>,
    /// Products that only rows of this table name, numbered on from `known_products`.
    pub unknown: &'t Texts,
    pub known_products: usize,
    /// Numbers that such products have among all, once all tables were read.
    pub products: &'t Texts,
}

/// Whether a measure's rows wait for answers, so that its cells follow from those.
fn waits(plan: &Plan, measure: MeasureId) -> bool {
    let planned = plan.planned(measure);
    planned.is_some_and(|p| plan.formulas_of(p).iter().any(|b| plan.formula(*b).is_some_and(|f| f.deferred)))
}

pub(super) fn write(table: &Whole<'_>, out: &mut Out) {
    let Whole { plan, cells: own, .. } = table;
    // By the number that the table itself gave a product.
    let product = |number: u32| -> Option<u32> {
        if (number as usize) < table.known_products {
            return Some(number);
        }
        let local = table.unknown.find(table.products.get(number)?)?;
        u32::try_from(table.known_products).ok()?.checked_add(local)
    };
    let mut offers: Vec<_> = own.offers.iter().map(|((group, id), cell)| (*cell, *group, *id)).collect();
    offers.sort_unstable();
    out.count(offers.len());
    for (_, group, id) in offers {
        out.u32(group);
        out.u32(product(id).unwrap_or(NONE));
    }
    out.flags(&own.rows);
    for (measure, seen) in &own.seen {
        out.flags(if waits(plan, *measure) { &[] } else { seen });
    }
    for cell in own.cells.iter().filter(|c| !waits(plan, c.measure)) {
        cells::write(&cell.rows, out);
    }
    for split in own.splits.values().filter(|s| !waits(plan, s.measure)) {
        let mut index: Vec<_> = split.index.iter().map(|((group, text), number)| (*number, *group, text)).collect();
        index.sort_unstable_by_key(|i| i.0);
        out.count(index.len());
        for (_, group, text) in index {
            out.u32(group);
            out.u8(u8::from(text.is_some()));
            out.text(text.as_deref().unwrap_or_default());
        }
        cells::write(&split.rows, out);
    }
    out.u8(u8::from(table.answers.is_some()));
    if let Some(answers) = table.answers {
        // Rows that wait have the numbers that the table itself gave.
        let limit = table.known_products + table.unknown.len();
        let local = |number: u32| ((number as usize) < limit).then_some(number);
        waiting::write(answers, &local, out);
    }
}

/// What a later run has of a table, before the rows that waited are settled.
pub(super) struct Goal<'t> {
    pub plan: &'t Plan,
    pub cells: &'t mut TableCells,
    pub answers: Option<&'t mut Answers>,
    pub unknown: &'t mut Texts,
    /// The products that have a number before this table names further ones.
    pub products: &'t Texts,
    /// By index of the cuts, the buckets by old bucket.
    pub buckets: &'t [Vec<u32>],
    /// The measures whose groups were seen.
    pub seen: BTreeSet<MeasureId>,
    /// Products that no table described.
    pub fresh: &'t [String],
}

/// Adds what was kept.
pub(super) fn merge(into: Goal<'_>, numbers: &Numbers, input: &mut In<'_>) -> Taken<()> {
    let Goal { plan, cells: own, answers, unknown, products: known, buckets, seen, fresh } = into;
    let first_unknown = u32::try_from(known.len()).map_err(|_| Damaged)?;
    let mut products = numbers.products.clone();
    for text in fresh {
        products.push(known.find(text).unwrap_or_else(|| first_unknown.saturating_add(unknown.intern(text))));
    }
    let mut offers = Vec::new();
    for _ in 0..input.count(8)? {
        let group = *numbers.groups.get(input.u32()? as usize).ok_or(Damaged)?;
        let product = *products.get(input.u32()? as usize).ok_or(Damaged)?;
        let next = u32::try_from(own.offers.len()).map_err(|_| Damaged)?;
        offers.push(*own.offers.entry((group, product)).or_insert(next));
    }
    mark(&mut own.rows, &numbers.groups, input)?;
    let groups = own.rows.len();
    for measure in seen {
        mark(own.seen.entry(measure).or_insert_with(|| vec![false; groups]), &numbers.groups, input)?;
    }
    for cell in own.cells.iter_mut().filter(|c| !waits(plan, c.measure)) {
        let entities = match cell.grain {
            Grain::Group => &numbers.groups,
            Grain::Member => &numbers.members,
            Grain::Post => &numbers.posts,
            Grain::Product => &offers,
        };
        let members_as_keys = plan.planned(cell.measure).is_some_and(|p| p.shape == Shape::Members);
        let to = cells::Target {
            entities,
            members: &numbers.members,
            buckets: buckets.get(cell.cuts).ok_or(Damaged)?,
            keys_are_members: members_as_keys,
        };
        cells::merge(&mut cell.rows, input, &to)?;
    }
    for split in own.splits.values_mut().filter(|s| !waits(plan, s.measure)) {
        let mut entities = Vec::new();
        for _ in 0..input.count(13)? {
            let group = *numbers.groups.get(input.u32()? as usize).ok_or(Damaged)?;
            let (some, text) = (input.u8()? != 0, input.text()?);
            let text: Option<Arc<str>> = some.then(|| Arc::from(text));
            let next = u32::try_from(split.index.len()).map_err(|_| Damaged)?;
            let number = *split.index.entry((group, text.clone())).or_insert(next);
            split.of_group.entry(group).or_default().insert(text, number);
            entities.push(number);
        }
        let members_as_keys = plan.planned(split.measure).is_some_and(|p| p.shape == Shape::Members);
        let to = cells::Target {
            entities: &entities,
            members: &numbers.members,
            buckets: buckets.get(split.cuts).ok_or(Damaged)?,
            keys_are_members: members_as_keys,
        };
        cells::merge(&mut split.rows, input, &to)?;
    }
    match (input.u8()? != 0, answers) {
        (false, None) => Ok(()),
        (true, Some(answers)) => {
            let to = Renumber {
                groups: &numbers.groups,
                members: &numbers.members,
                posts: &numbers.posts,
                products: &products,
            };
            waiting::merge(answers, input, &to)
        }
        _ => Err(Damaged),
    }
}

/// Marks the groups that were marked.
fn mark(flags: &mut [bool], groups: &[u32], input: &mut In<'_>) -> Taken<()> {
    input.flags(|old| {
        let now = *groups.get(old).ok_or(Damaged)?;
        *flags.get_mut(now as usize).ok_or(Damaged)? = true;
        Ok(())
    })
}
