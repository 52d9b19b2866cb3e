//! Groups taken together: by type, brand and owner.

use super::portfolio::shorten;
use super::reporter::Reporter;
use super::score::trouble;
use super::visible::clean;
use crate::health::{GroupHealth, Rollup, Scope};
use crate::playbook::Kpi;
use serde::Serialize;
use std::collections::BTreeMap;

/// How many ratios stand beside the scores.
const RATIOS: usize = 2;
/// Longest name in a table, in characters.
const LONGEST: usize = 40;

/// All roll-ups.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RollupsView {
    /// Names of the ratios that every row shows.
    pub ratios: Vec<String>,
    /// One table a kind of scope.
    pub tables: Vec<RollupTable>,
    /// Rows that were left out of the tables.
    pub left_out: usize,
}

/// Roll-ups of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct RollupTable {
    /// What it is by.
    pub title: String,
    /// One row a scope, the lowest score first, those without a score last.
    pub rows: Vec<RollupRow>,
}

/// Groups taken together.
#[derive(Debug, Clone, Serialize)]
pub struct RollupRow {
    /// Of what.
    pub name: String,
    /// A page about it.
    pub href: Option<String>,
    /// Number of groups.
    pub groups: String,
    /// How many of them are in trouble; empty for none.
    pub troubled: String,
    /// Memberships.
    pub places: String,
    /// Distinct persons.
    pub persons: String,
    /// Mean of the scores, weighted by members.
    pub score: String,
    /// How many groups have a score.
    pub scored: String,
    /// Ratios of sums: numerators and denominators of all groups added.
    pub ratios: Vec<RatioView>,
    /// Name of the worst group.
    pub worst: Option<String>,
    /// Link to it.
    pub worst_href: Option<String>,
}

/// A ratio of sums.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RatioView {
    /// Value in its unit; a dash without data.
    pub value: String,
    /// Numerator and denominator in words; empty without data.
    pub parts: String,
}

impl RollupsView {
    /// At most so many rows a kind, and how many were left out.
    #[must_use]
    pub fn first(&self, most: usize) -> Self {
        let mut out = self.clone();
        for table in &mut out.tables {
            out.left_out += table.rows.len().saturating_sub(most);
            table.rows.truncate(most);
        }
        out
    }
}

impl Reporter<'_> {
    /// All roll-ups.
    #[must_use]
    pub fn rollups(&self) -> RollupsView {
        let ratios = self.shared_ratios();
        let troubled = self.troubled();
        let mut tables: Vec<RollupTable> = Vec::new();
        for kind in ["all", "type", "brand", "owner"] {
            let mut rows: Vec<(Option<f64>, RollupRow)> = self
                .assessment
                .rollups
                .iter()
                .filter(|r| scope_kind(&r.scope) == kind)
                .map(|r| (r.score, self.rollup(r, &ratios, troubled.get(&r.scope).copied().unwrap_or(0))))
                .collect();
            if rows.is_empty() {
                continue;
            }
            rows.sort_by(|a, b| match (a.0, b.0) {
                (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.1.name.cmp(&b.1.name)),
                (x, y) => y.is_some().cmp(&x.is_some()).then_with(|| a.1.name.cmp(&b.1.name)),
            });
            tables.push(RollupTable {
                title: self.wording.get(&format!("rollup_{kind}")),
                rows: rows.into_iter().map(|(_, r)| r).collect(),
            });
        }
        RollupsView { ratios: ratios.iter().map(|k| self.text(&k.name)).collect(), tables, left_out: 0 }
    }

    /// Number of groups in trouble by scope.
    fn troubled(&self) -> BTreeMap<Scope, usize> {
        let mut out = BTreeMap::new();
        for group in self.assessment.groups.iter().filter(|g| trouble(g).is_some()) {
            let mut add = |scope| *out.entry(scope).or_insert(0) += 1;
            add(Scope::All);
            add(Scope::Playbook(group.playbook.id.clone()));
            group.info.brand.iter().for_each(|b| add(Scope::Brand(b.clone())));
            group.info.owner.iter().for_each(|o| add(Scope::Owner(o.clone())));
        }
        out
    }

    /// The ratios that most groups have data for, then those of most weight.
    fn shared_ratios(&self) -> Vec<&Kpi> {
        let Some(all) = self.assessment.rollups.iter().find(|r| r.scope == Scope::All) else { return Vec::new() };
        let mut known: BTreeMap<&str, (&Kpi, f64)> = BTreeMap::new();
        for group in &self.assessment.groups {
            for kpi in group.latest().map_or(&[][..], |p| p.kpis.as_slice()) {
                if let Some(form) = group.playbook.kpis.get(kpi.index).filter(|_| kpi.weight > 0.0) {
                    known.entry(form.id.as_str()).or_insert((form, 0.0)).1 += kpi.weight;
                }
            }
        }
        let mut chosen: Vec<(usize, f64, &Kpi)> = all
            .kpis
            .iter()
            .filter_map(|(id, rolled)| known.get(id.as_str()).map(|(kpi, weight)| (rolled.groups, *weight, *kpi)))
            .collect();
        chosen.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then_with(|| a.2.id.cmp(&b.2.id)));
        chosen.into_iter().take(RATIOS).map(|(_, _, kpi)| kpi).collect()
    }

    fn rollup(&self, rollup: &Rollup, ratios: &[&Kpi], troubled: usize) -> RollupRow {
        let w = self.wording;
        let worst: Option<&GroupHealth> = rollup.worst.and_then(|i| self.assessment.groups.get(i));
        let (name, href) = match &rollup.scope {
            Scope::All => (w.get("rollup_all"), None),
            Scope::Playbook(id) => (self.playbook_name(id), Some(format!("types/{id}.html"))),
            Scope::Brand(name) | Scope::Owner(name) => (clean(name), None),
        };
        RollupRow {
            name: shorten(&name, LONGEST),
            href,
            groups: w.count(rollup.groups as u64),
            troubled: if troubled > 0 { w.count(troubled as u64) } else { String::new() },
            places: w.count(rollup.places),
            persons: w.count(rollup.persons),
            score: rollup.score.map_or_else(|| "–".to_owned(), |s| w.fixed(s, 0)),
            scored: w.count(rollup.scored as u64),
            ratios: ratios.iter().map(|kpi| self.ratio(rollup, kpi)).collect(),
            worst: worst.map(|g| shorten(&clean(&g.info.name), LONGEST)),
            worst_href: worst.map(|g| format!("groups/{}/index.html", g.info.slug)),
        }
    }

    fn ratio(&self, rollup: &Rollup, kpi: &Kpi) -> RatioView {
        let w = self.wording;
        match rollup.kpis.get(&kpi.id) {
            None => RatioView { value: "–".to_owned(), parts: String::new() },
            Some(sum) => RatioView {
                value: w.value(kpi.unit, sum.value),
                parts: w.say("parts", &[("n", &w.number(sum.numerator)), ("d", &w.number(sum.denominator))]),
            },
        }
    }
}

/// The rows of all tables as pages of at most `most`, each with the tables that its rows belong to.
#[must_use]
pub fn rollup_pages(view: &RollupsView, most: usize) -> Vec<RollupsView> {
    let mut pages: Vec<RollupsView> = Vec::new();
    let mut room = 0;
    for table in &view.tables {
        for row in &table.rows {
            if room == 0 {
                pages.push(RollupsView { ratios: view.ratios.clone(), ..RollupsView::default() });
                room = most;
            }
            room -= 1;
            let Some(page) = pages.last_mut() else { continue };
            match page.tables.last_mut().filter(|t| t.title == table.title) {
                Some(last) => last.rows.push(row.clone()),
                None => page.tables.push(RollupTable { title: table.title.clone(), rows: vec![row.clone()] }),
            }
        }
    }
    pages
}

fn scope_kind(scope: &Scope) -> &'static str {
    match scope {
        Scope::All => "all",
        Scope::Playbook(_) => "type",
        Scope::Brand(_) => "brand",
        Scope::Owner(_) => "owner",
    }
}
