//! The tables of a period in full: what content, products and members are made of.

use super::flow::TableView;
use super::group::{GroupHead, PeriodHead, beside, heads, history};
use super::kpi::{ChangeView, Spark, place};
use super::reporter::Reporter;
use super::shared::Shared;
use crate::health::{GroupHealth, PeriodHealth};
use crate::playbook::Playbook;
use serde::Serialize;
use std::rc::Rc;

/// All tables of a period.
#[derive(Debug, Clone, Serialize)]
pub struct DetailPageView {
    /// The group.
    pub group: GroupHead,
    /// The period.
    pub period: PeriodHead,
    /// KPIs that are shown but never scored.
    pub unscored: Vec<KpiTrendView>,
    /// Short names of the periods of their trends.
    pub heads: Vec<String>,
    /// Breakdowns, then top lists, each a [`TableView`].
    pub tables: Vec<Shared<TableView>>,
    /// Those that have no rows, each with the reason.
    pub empty: Vec<Shared<TableView>>,
}

/// A KPI with its way over the last periods.
#[derive(Debug, Clone, Serialize)]
pub struct KpiTrendView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// The value in its unit.
    pub value: String,
    /// Against the previous period.
    pub change: ChangeView,
    /// Numbers of the sparkline.
    pub spark: Spark,
    /// Where the evidence stands in full.
    pub href: String,
}

/// The tables of a period, which its report shows in part; those without rows apart.
#[derive(Debug)]
pub(super) struct DetailTables {
    pub breakdowns: Vec<Shared<TableView>>,
    pub rankings: Vec<Shared<TableView>>,
    pub empty: Vec<Shared<TableView>>,
}

impl Reporter<'_> {
    /// The tables of a group's period `index`; `None` beyond the last.
    #[must_use]
    pub fn detail_page(&self, group: &GroupHealth, index: usize) -> Option<DetailPageView> {
        let health = group.periods.get(index)?;
        let tables = self.detail_tables(&group.playbook, health);
        Some(DetailPageView {
            group: self.group_head(group, health),
            period: self.period_head(group, index),
            unscored: self.unscored(group, index),
            heads: heads(&history(group, index)),
            tables: tables.breakdowns.iter().chain(&tables.rankings).cloned().collect(),
            empty: tables.empty.clone(),
        })
    }

    fn unscored(&self, group: &GroupHealth, index: usize) -> Vec<KpiTrendView> {
        let Some(health) = group.periods.get(index) else { return Vec::new() };
        let history = history(group, index);
        let evidence = beside(group, index, "evidence.html");
        let plain = health.kpis.iter().filter(|k| k.status.is_none() && k.too_few.is_none());
        plain
            .filter_map(|k| {
                let kpi = group.playbook.kpis.get(k.index)?;
                let reading = k.reading.as_ref().ok()?;
                Some(KpiTrendView {
                    id: kpi.id.clone(),
                    name: self.text(&kpi.name),
                    value: self.wording.value(kpi.unit, reading.value),
                    change: self.change(kpi.unit, k.change.as_ref()),
                    spark: self.spark(k, kpi, &history),
                    href: place(&evidence, kpi),
                })
            })
            .collect()
    }

    pub(super) fn detail_tables(&self, playbook: &Playbook, health: &PeriodHealth) -> Rc<DetailTables> {
        self.desk.tables.get(health, || {
            let mut empty = Vec::new();
            let mut full = |tables: Vec<TableView>| -> Vec<Shared<TableView>> {
                let tables = tables.into_iter().map(Shared::new);
                let (full, without) = tables.partition(|table| table.reason.is_none() && !table.rows.is_empty());
                empty.extend::<Vec<_>>(without);
                full
            };
            let breakdowns = full(health.breakdowns.iter().filter_map(|b| self.breakdown(playbook, b)).collect());
            let rankings = full(health.rankings.iter().filter_map(|b| self.ranking(playbook, b)).collect());
            DetailTables { breakdowns, rankings, empty }
        })
    }
}
