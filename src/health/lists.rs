//! Top lists, breakdowns and the group's products.

use super::handles::Handles;
use super::members::member_ref;
use super::model::{BreakdownResult, ProductInfo, RankingResult, RankingRow};
use super::privacy::suppress;
use crate::expr::Value;
use crate::measure::{Facts, View};
use crate::playbook::Grain;
use std::sync::Arc;

/// All top lists of a playbook; entities without anything are left out.
pub(super) fn rankings(facts: &Facts, view: &View<'_>, handles: &Handles) -> Vec<RankingResult> {
    let entities = &facts.entities;
    handles
        .playbook
        .rankings
        .iter()
        .zip(&handles.rankings)
        .filter_map(|(ranking, read)| {
            let rows = view.ranking((*read)?).map(|mut values| {
                values.retain(|(_, n)| n.to_f64() > 0.0);
                let key = |id: u32| match ranking.grain {
                    Grain::Post => (
                        entities.posts.time(id as usize, "sent_at"),
                        entities.post_ids.get(id).map(std::sync::Arc::from),
                    ),
                    Grain::Product => (None, entities.product_ids.get(id).cloned()),
                    Grain::Member | Grain::Group => (None, Some(member_ref(facts, id).id)),
                };
                values.sort_by(|a, b| b.1.order(a.1).then_with(|| key(a.0).cmp(&key(b.0))));
                values.truncate(ranking.top);
                values.into_iter().map(|(id, value)| row(facts, ranking.grain, id, value)).collect()
            });
            Some(RankingResult { id: ranking.id.clone(), rows })
        })
        .collect()
}

fn row(facts: &Facts, grain: Grain, id: u32, value: crate::measure::Number) -> RankingRow {
    let entities = &facts.entities;
    let at = id as usize;
    let text = |t: Option<&str>| t.map(str::to_owned);
    match grain {
        Grain::Post => RankingRow {
            id: entities.post_ids.get(id).map(|t| t.to_string()).unwrap_or_default(),
            title: text(entities.posts.text(at, "title")),
            kind: text(entities.posts.text(at, "kind")),
            value,
        },
        Grain::Product => RankingRow {
            id: entities.product_ids.get(id).map(|t| t.to_string()).unwrap_or_default(),
            title: text(entities.products.text(at, "name")),
            kind: text(entities.products.text(at, "category")),
            value,
        },
        Grain::Member | Grain::Group => {
            RankingRow { id: member_ref(facts, id).id.to_string(), title: None, kind: None, value }
        }
    }
}

/// All breakdowns of a playbook, without the cells of fewer than `min_cell` persons.
pub(super) fn breakdowns(view: &View<'_>, handles: &Handles, min_cell: u64) -> Vec<BreakdownResult> {
    handles
        .playbook
        .breakdowns
        .iter()
        .zip(&handles.breakdowns)
        .filter_map(|(breakdown, id)| {
            let id = (*id)?;
            let mut withheld = 0;
            let rows = view.breakdown(id).map(|mut rows| {
                if let Some(persons) = view.persons(id) {
                    let of = |text: &Option<Arc<str>>| persons.get(text).copied().unwrap_or(0);
                    let hidden = suppress(&rows.iter().map(|(text, _)| of(text)).collect::<Vec<_>>(), min_cell);
                    withheld = hidden.iter().filter(|h| **h).count();
                    let mut hidden = hidden.into_iter();
                    rows.retain(|_| !hidden.next().unwrap_or(false));
                }
                rows.into_iter().map(|(text, n)| (text.map(|t| t.to_string()), n)).collect()
            });
            Some(BreakdownResult { id: breakdown.id.clone(), rows, withheld })
        })
        .collect()
}

/// The products that a group was shown or bought, by id.
pub(super) fn products(facts: &Facts, group: u32) -> Vec<ProductInfo> {
    let entities = &facts.entities;
    let mut products: Vec<ProductInfo> = entities
        .offer_keys
        .iter()
        .filter(|(g, p)| *g == group && (*p as usize) < entities.products.len())
        .filter_map(|(_, p)| {
            let at = *p as usize;
            let text = |column| entities.products.text(at, column).map(str::to_owned);
            Some(ProductInfo {
                id: entities.product_ids.get(*p)?.to_string(),
                name: text("name")?,
                category: text("category"),
                role: text("role"),
                price: match entities.products.named(at, "price") {
                    Value::Decimal(d) => Some(d),
                    _ => None,
                },
            })
        })
        .collect();
    products.sort_by(|a, b| a.id.cmp(&b.id));
    products
}
