//! Funnels, top lists and breakdowns.

use super::reporter::Reporter;
use super::visible::clean;
use crate::expr::Type;
use crate::health::{BreakdownResult, FunnelResult, RankingResult};
use crate::measure::Number;
use crate::playbook::{Grain, Playbook};
use crate::schema::Table;
use serde::{Deserialize, Serialize};

/// A funnel.
#[derive(Debug, Clone, Serialize)]
pub struct FunnelView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Steps.
    pub steps: Vec<StepView>,
    /// Why there are none.
    pub reason: Option<String>,
    /// The rule by which steps count.
    pub rule: String,
}

/// A step of a funnel.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct StepView {
    /// Name.
    pub name: String,
    /// Members who came so far.
    pub passed: String,
    /// Share of the first step's members, 0..=100, for the chart.
    pub width: String,
    /// The same of the step before.
    pub width_before: String,
    /// Share of the step before; empty for the first.
    pub rate: String,
    /// 95 % interval of that share.
    pub interval: String,
    /// Below the weak limit.
    pub weak: bool,
    /// The weakest of the weak.
    pub weakest: bool,
}

/// A top list or a breakdown.
#[derive(Debug, Clone, Serialize)]
pub struct TableView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Rows, largest first.
    pub rows: Vec<RowView>,
    /// Why there are none.
    pub reason: Option<String>,
    /// Whether it is about content and products; the others are about members.
    pub mix: bool,
}

/// A row of a top list or breakdown.
#[derive(Debug, Clone, Serialize)]
pub struct RowView {
    /// What.
    pub label: String,
    /// Its kind or category.
    pub kind: Option<String>,
    /// How much.
    pub value: String,
    /// Share of the whole; empty for top lists.
    pub share: String,
    /// 0..=100, for the bar.
    pub width: String,
}

impl Reporter<'_> {
    pub(super) fn funnel(&self, playbook: &Playbook, result: &FunnelResult) -> Option<FunnelView> {
        let w = self.wording;
        let funnel = playbook.funnels.iter().find(|f| f.id == result.id)?;
        let steps = result.steps.as_ref().map(Vec::as_slice).unwrap_or_default();
        let most = steps.first().map_or(0, |s| s.passed);
        Some(FunnelView {
            id: funnel.id.clone(),
            name: self.text(&funnel.name),
            steps: steps
                .iter()
                .enumerate()
                .map(|(i, step)| StepView {
                    name: funnel.steps.get(i).map_or_else(|| clean(&step.measure), |s| self.text(&s.name)),
                    passed: w.count(step.passed),
                    width: width(step.passed as f64, most as f64),
                    width_before: width(
                        i.checked_sub(1).and_then(|b| steps.get(b)).map_or(most, |s| s.passed) as f64,
                        most as f64,
                    ),
                    rate: step.rate.filter(|_| i > 0).map(|r| w.percent(r)).unwrap_or_default(),
                    interval: step
                        .interval
                        .filter(|_| i > 0)
                        .map(|(a, b)| w.say("interval", &[("low", &w.percent(a)), ("high", &w.percent(b))]))
                        .unwrap_or_default(),
                    weak: step.weak,
                    weakest: result.weakest == Some(i),
                })
                .collect(),
            reason: result.steps.as_ref().err().map(|m| self.missing(m)),
            rule: w.plural(
                "funnel_rule",
                &[("days", u64::from(funnel.within_days.unsigned_abs()))],
                &[("weak", &w.whole_percent(funnel.weak_below.value))],
            ),
        })
    }

    pub(super) fn ranking(&self, playbook: &Playbook, result: &RankingResult) -> Option<TableView> {
        let ranking = playbook.rankings.iter().find(|r| r.id == result.id)?;
        let money = is_money(playbook, &ranking.by.value);
        let rows = result.rows.as_ref().map(Vec::as_slice).unwrap_or_default();
        let most = rows.iter().map(|r| r.value.to_f64()).fold(0.0, f64::max);
        Some(TableView {
            id: ranking.id.clone(),
            name: self.text(&ranking.name),
            rows: rows
                .iter()
                .map(|row| RowView {
                    label: match (&row.title, ranking.grain) {
                        (_, Grain::Member) => self.names.name(&row.id),
                        (Some(title), _) if !clean(title).trim().is_empty() => clean(title),
                        _ => clean(&row.id),
                    },
                    kind: row.kind.as_deref().map(clean),
                    value: self.amount(row.value, money),
                    share: String::new(),
                    width: width(row.value.to_f64(), most),
                })
                .collect(),
            reason: result.rows.as_ref().err().map(|m| self.missing(m)),
            mix: ranking.grain != Grain::Member,
        })
    }

    pub(super) fn breakdown(&self, playbook: &Playbook, result: &BreakdownResult) -> Option<TableView> {
        let w = self.wording;
        let breakdown = playbook.breakdowns.iter().find(|b| b.id == result.id)?;
        let money = is_money(playbook, &breakdown.measure.value);
        let rows = result.rows.as_ref().map(Vec::as_slice).unwrap_or_default();
        let total: f64 = rows.iter().map(|(_, n)| n.to_f64()).sum();
        let most = rows.iter().map(|(_, n)| n.to_f64()).fold(0.0, f64::max);
        let withheld = (result.withheld > 0).then(|| RowView {
            label: w.say("breakdown_withheld", &[("n", &result.withheld.to_string())]),
            kind: None,
            value: String::new(),
            share: String::new(),
            width: width(0.0, most),
        });
        Some(TableView {
            id: breakdown.id.clone(),
            name: self.text(&breakdown.name),
            rows: rows
                .iter()
                .map(|(value, n)| RowView {
                    label: match value {
                        None => w.get("no_value"),
                        Some(v) => breakdown.labels.get(v).map_or_else(|| clean(v), |t| self.text(t)),
                    },
                    kind: None,
                    value: self.amount(*n, money),
                    // Of what is shown alone a share would mislead.
                    share: if total > 0.0 && result.withheld == 0 {
                        w.percent(n.to_f64() / total)
                    } else {
                        String::new()
                    },
                    width: width(n.to_f64(), most),
                })
                .chain(withheld)
                .collect(),
            reason: result.rows.as_ref().err().map(|m| self.missing(m)),
            mix: playbook
                .measures
                .get(&breakdown.measure.value)
                .and_then(|m| m.table)
                .is_some_and(|t| matches!(t, Table::Posts | Table::Orders | Table::Products)),
        })
    }

    fn amount(&self, number: Number, money: bool) -> String {
        match number.to_decimal() {
            Some(d) if money => self.wording.money(d),
            _ => self.wording.number(number),
        }
    }
}

/// Sums of decimals from orders are money.
fn is_money(playbook: &Playbook, measure: &str) -> bool {
    playbook.measures.get(measure).is_some_and(|m| m.ty == Type::Decimal && m.table == Some(Table::Orders))
}

/// A share of a bar's full width, 0 to 100 with one decimal place.
pub(super) fn width(part: f64, whole: f64) -> String {
    let share = if whole > 0.0 { (part / whole * 100.0).clamp(0.0, 100.0) } else { 0.0 };
    super::rounding::fixed(share, 1)
}
