//! Groups taken together: numerators and denominators are added, ratios never averaged.

use super::interval::wilson;
use super::model::{GroupHealth, Rollup, RollupKpi, Scope};
use super::reading::counts;
use crate::measure::{Number, median};
use std::collections::{BTreeMap, BTreeSet};

/// Every roll-up: all groups, then by playbook, brand and owner.
pub(super) fn rollups(groups: &[GroupHealth], persons: &[BTreeSet<u32>]) -> Vec<Rollup> {
    let mut scopes: BTreeMap<Scope, Vec<usize>> = BTreeMap::new();
    for (i, group) in groups.iter().enumerate() {
        scopes.entry(Scope::All).or_default().push(i);
        scopes.entry(Scope::Playbook(group.playbook.id.clone())).or_default().push(i);
        if let Some(brand) = &group.info.brand {
            scopes.entry(Scope::Brand(brand.clone())).or_default().push(i);
        }
        if let Some(owner) = &group.info.owner {
            scopes.entry(Scope::Owner(owner.clone())).or_default().push(i);
        }
    }
    scopes.into_iter().map(|(scope, members)| rollup(scope, &members, groups, persons)).collect()
}

fn rollup(scope: Scope, indices: &[usize], groups: &[GroupHealth], persons: &[BTreeSet<u32>]) -> Rollup {
    let chosen: Vec<(usize, &GroupHealth)> = indices.iter().filter_map(|i| Some((*i, groups.get(*i)?))).collect();
    let distinct: BTreeSet<u32> = indices.iter().filter_map(|i| persons.get(*i)).flatten().copied().collect();
    let score_of = |g: &GroupHealth| g.latest().and_then(|p| p.score.value);
    let size = |g: &GroupHealth| g.info.members.unwrap_or(0).max(0) as f64;
    let scored: Vec<(usize, f64, f64)> = chosen.iter().filter_map(|(i, g)| Some((*i, score_of(g)?, size(g)))).collect();
    let weight: f64 = scored.iter().map(|s| s.2).sum();
    let score = (weight > 0.0).then(|| scored.iter().map(|s| s.1 * s.2).sum::<f64>() / weight);
    let worst = scored.iter().min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0))).map(|s| s.0);
    Rollup {
        scope,
        groups: chosen.len(),
        places: chosen.iter().map(|(_, g)| g.info.members.unwrap_or(0).max(0).unsigned_abs()).sum(),
        persons: distinct.len() as u64,
        score,
        scored: scored.len(),
        worst,
        kpis: kpis(&chosen),
    }
}

fn kpis(chosen: &[(usize, &GroupHealth)]) -> BTreeMap<String, RollupKpi> {
    let mut sums: BTreeMap<String, (Number, Number, Vec<Number>)> = BTreeMap::new();
    for (_, group) in chosen {
        for kpi in group.latest().map_or(&[][..], |p| p.kpis.as_slice()) {
            let Ok(reading) = &kpi.reading else { continue };
            let (Some(n), Some(d)) = (reading.numerator, reading.denominator) else { continue };
            let value = Number::Float(reading.value);
            match sums.get_mut(&kpi.id) {
                Some((total_n, total_d, values)) => {
                    *total_n = total_n.plus(n);
                    *total_d = total_d.plus(d);
                    values.push(value);
                }
                None => {
                    sums.insert(kpi.id.clone(), (n, d, vec![value]));
                }
            }
        }
    }
    sums.into_iter()
        .filter(|(_, (_, d, _))| d.to_f64() != 0.0)
        .map(|(id, (numerator, denominator, values))| {
            let least = values.iter().copied().reduce(|a, b| if b.order(a).is_lt() { b } else { a });
            let most = values.iter().copied().reduce(|a, b| if b.order(a).is_gt() { b } else { a });
            let number = |n: Option<Number>| n.map_or(0.0, Number::to_f64);
            let kpi = RollupKpi {
                numerator,
                denominator,
                value: numerator.to_f64() / denominator.to_f64(),
                interval: counts(numerator, denominator).map(|(k, n)| wilson(k, n)),
                groups: values.len(),
                spread: [number(least), number(median(values)), number(most)],
            };
            (id, kpi)
        })
        .collect()
}
