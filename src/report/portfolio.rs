//! The portfolio: one row a group, the worst first, and what groups come to when taken together.

use super::kpi::Spark;
use super::reporter::{Reporter, tactic};
use super::score::{ScoreView, trouble};
use super::visible::clean;
use crate::health::{GroupHealth, PeriodHealth, Rollup, Scope};
use serde::Serialize;
use std::collections::BTreeSet;

/// The first page.
#[derive(Debug, Clone, Serialize)]
pub struct PortfolioView {
    /// Name of the report's period.
    pub period: String,
    /// Its days.
    pub days: String,
    /// How the groups are, in one sentence.
    pub verdict: String,
    /// Number of groups by class, worst first.
    pub tally: Vec<TallyView>,
    /// One row a group, worst first, those without a score last.
    pub rows: Vec<GroupRow>,
    /// Values to filter by: types.
    pub types: Vec<Choice>,
    /// Values to filter by: owners.
    pub owners: Vec<Choice>,
    /// Roll-ups, one table a kind of scope.
    pub rollups: Vec<RollupTable>,
}

/// How many groups are in a class.
#[derive(Debug, Clone, Serialize)]
pub struct TallyView {
    /// `critical`, `watch`, `healthy`, `excellent` or `none`.
    pub class: String,
    /// The class as a word.
    pub name: String,
    /// How many groups.
    pub count: usize,
}

/// A group in the portfolio.
#[derive(Debug, Clone, Serialize)]
pub struct GroupRow {
    /// Name.
    pub name: String,
    /// Path segment.
    pub slug: String,
    /// Link to the report.
    pub href: String,
    /// Link to the manual.
    pub manual: String,
    /// Playbook id.
    pub playbook: String,
    /// Playbook name.
    pub playbook_name: String,
    /// Stage name.
    pub stage: String,
    /// Owner.
    pub owner: Option<String>,
    /// Brand.
    pub brand: Option<String>,
    /// Number of customers in it.
    pub members: String,
    /// Score.
    pub score: ScoreView,
    /// Scores of the last periods.
    pub trend: Spark,
    /// Since when it is in trouble, in words.
    pub since: Option<String>,
    /// Title of the first thing to do.
    pub action: Option<String>,
    /// Number of urgent alerts, in words.
    pub urgent: Option<String>,
}

/// A value to filter by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Choice {
    /// What is compared.
    pub value: String,
    /// What is shown.
    pub name: String,
}

/// Roll-ups of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct RollupTable {
    /// What it is by.
    pub title: String,
    /// One row a scope.
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
    /// Memberships.
    pub places: String,
    /// Distinct persons.
    pub persons: String,
    /// Member-weighted mean score.
    pub score: String,
    /// How many groups have one.
    pub scored: String,
    /// Name of the worst group.
    pub worst: Option<String>,
    /// Link to it.
    pub worst_href: Option<String>,
}

impl Reporter<'_> {
    /// The first page.
    #[must_use]
    pub fn portfolio(&self) -> PortfolioView {
        let w = self.wording;
        let mut rows: Vec<GroupRow> =
            self.assessment.groups.iter().filter_map(|g| Some(self.row(g, g.latest()?, ""))).collect();
        sort_worst_first(&mut rows);
        let tally: Vec<TallyView> = ["critical", "watch", "healthy", "excellent", "none"]
            .into_iter()
            .map(|class| TallyView {
                class: class.to_owned(),
                name: w.get(&format!("grade_{class}")),
                count: rows.iter().filter(|r| r.score.class == class).count(),
            })
            .filter(|t| t.count > 0)
            .collect();
        let troubled = rows.iter().filter(|r| r.since.is_some()).count();
        let all = ("all", rows.len() as u64);
        let verdict = match troubled {
            0 => w.plural("portfolio_fine", &[all], &[]),
            n => w.plural("portfolio_trouble", &[all, ("n", n as u64)], &[]),
        };
        let types: BTreeSet<Choice> =
            rows.iter().map(|r| Choice { value: r.playbook.clone(), name: r.playbook_name.clone() }).collect();
        let owners: BTreeSet<Choice> =
            rows.iter().filter_map(|r| r.owner.clone()).map(|o| Choice { value: o.clone(), name: o }).collect();
        let period = self.assessment.periods.last();
        PortfolioView {
            period: period.map(|p| w.period(*p)).unwrap_or_default(),
            days: period.map(|p| w.days(p.first, p.last())).unwrap_or_default(),
            verdict,
            tally,
            rows,
            types: types.into_iter().collect(),
            owners: owners.into_iter().collect(),
            rollups: self.rollups(),
        }
    }

    pub(super) fn row(&self, group: &GroupHealth, health: &PeriodHealth, base: &str) -> GroupRow {
        let w = self.wording;
        let head = self.group_head(group, health);
        let history: Vec<&PeriodHealth> = group.periods.iter().skip(group.periods.len().saturating_sub(9)).collect();
        let urgent = health.alerts.iter().filter(|a| a.severity == crate::playbook::Urgency::High).count();
        GroupRow {
            name: head.name,
            href: format!("{base}groups/{}/index.html", head.slug),
            manual: format!("{base}groups/{}/manual.html", head.slug),
            slug: head.slug,
            playbook: head.playbook,
            playbook_name: head.playbook_name,
            stage: head.stage_name,
            owner: head.owner,
            brand: head.brand,
            members: health.members.map(|n| w.fixed(n as f64, 0)).unwrap_or_else(|| "–".to_owned()),
            score: self.score(&group.playbook, &health.score),
            trend: self.score_spark(&history),
            since: trouble(group)
                .map(|t| w.plural("trouble_since", &[("n", t.periods as u64)], &[("since", &t.since)])),
            action: health
                .actions
                .first()
                .and_then(|a| tactic(&group.playbook, &a.tactic))
                .map(|t| self.fill(&t.title, &self.variables(group, health), super::texts::Reading::Plain)),
            urgent: (urgent > 0).then(|| w.plural("urgent_alerts", &[("n", urgent as u64)], &[])),
        }
    }

    fn rollups(&self) -> Vec<RollupTable> {
        let w = self.wording;
        let mut tables: Vec<RollupTable> = Vec::new();
        for kind in ["all", "type", "brand", "owner"] {
            let mut rows: Vec<(Option<f64>, RollupRow)> = self
                .assessment
                .rollups
                .iter()
                .filter(|r| scope_kind(&r.scope) == kind)
                .map(|r| (r.score, self.rollup(r)))
                .collect();
            if rows.is_empty() {
                continue;
            }
            rows.sort_by(|a, b| match (a.0, b.0) {
                (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.1.name.cmp(&b.1.name)),
                (x, y) => y.is_some().cmp(&x.is_some()).then_with(|| a.1.name.cmp(&b.1.name)),
            });
            tables.push(RollupTable {
                title: w.get(&format!("rollup_{kind}")),
                rows: rows.into_iter().map(|(_, r)| r).collect(),
            });
        }
        tables
    }

    fn rollup(&self, rollup: &Rollup) -> RollupRow {
        let w = self.wording;
        let worst = rollup.worst.and_then(|i| self.assessment.groups.get(i));
        let (name, href) = match &rollup.scope {
            Scope::All => (w.get("rollup_all"), None),
            Scope::Playbook(id) => (self.playbook_name(id), Some(format!("types/{id}.html"))),
            Scope::Brand(name) | Scope::Owner(name) => (clean(name), None),
        };
        RollupRow {
            name,
            href,
            groups: w.count(rollup.groups as u64),
            places: w.count(rollup.places),
            persons: w.count(rollup.persons),
            score: rollup.score.map_or_else(|| "–".to_owned(), |s| w.fixed(s, 0)),
            scored: w.count(rollup.scored as u64),
            worst: worst.map(|g| clean(&g.info.name)),
            worst_href: worst.map(|g| format!("groups/{}/index.html", g.info.slug)),
        }
    }

    /// A playbook's name as its groups know it.
    pub(super) fn playbook_name(&self, id: &str) -> String {
        self.assessment
            .groups
            .iter()
            .find(|g| g.playbook.id == id)
            .map_or_else(|| clean(id), |g| self.text(&g.playbook.name))
    }
}

/// Lowest score first; without a score last; ties by slug.
pub(super) fn sort_worst_first(rows: &mut [GroupRow]) {
    rows.sort_by(|a, b| match (a.score.value, b.score.value) {
        (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.slug.cmp(&b.slug)),
        (x, y) => y.is_some().cmp(&x.is_some()).then_with(|| a.slug.cmp(&b.slug)),
    });
}

fn scope_kind(scope: &Scope) -> &'static str {
    match scope {
        Scope::All => "all",
        Scope::Playbook(_) => "type",
        Scope::Brand(_) => "brand",
        Scope::Owner(_) => "owner",
    }
}
