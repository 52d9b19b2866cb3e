//! How well a group keeps the principles of the method, and the product of its golden rule.

use super::reporter::Reporter;
use super::visible::clean;
use crate::health::PeriodHealth;
use crate::playbook::{Kpi, Playbook};
use serde::{Deserialize, Serialize};

/// The radar with its list.
#[derive(Debug, Clone, Serialize)]
pub struct PrinciplesView {
    /// One axis a principle, in the playbook's order.
    pub axes: Vec<PrincipleView>,
    /// Numbers of the radar; `None` where fewer than three principles have a score.
    pub radar: Option<Radar>,
    /// Which one is weakest, as a sentence.
    pub weakest: Option<String>,
    /// Indices that multiply other KPIs.
    pub indices: Vec<IndexView>,
}

/// A principle with the score of its KPIs.
#[derive(Debug, Clone, Serialize)]
pub struct PrincipleView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it asks for; Markdown.
    pub body: Option<String>,
    /// Weighted mean of its KPIs' scores without decimals, or a dash.
    pub score: String,
    /// 0..=100, for the bar.
    pub width: String,
    /// Whether it is the weakest.
    pub weakest: bool,
    /// Names of the KPIs that it is made of, lowest score first, those without one left out.
    pub kpis: Vec<String>,
}

/// The numbers of a radar, in the order of its axes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Radar {
    /// 0..=100 an axis; `None` without a score.
    pub values: Vec<Option<f64>>,
    /// What it shows.
    pub title: String,
    /// The axes with their scores in words.
    pub label: String,
}

/// A KPI that is the product of others.
#[derive(Debug, Clone, Serialize)]
pub struct IndexView {
    /// Name.
    pub name: String,
    /// Value in its unit, or the word for no data.
    pub value: String,
    /// What it multiplies.
    pub definition: Option<String>,
    /// Names and values of its factors.
    pub factors: Vec<FactorView>,
}

/// One factor of a product.
#[derive(Debug, Clone, Serialize)]
pub struct FactorView {
    /// Name of the KPI.
    pub name: String,
    /// Its value in its unit, or the word for no data.
    pub value: String,
    /// Whether it is the smallest, which holds the product down most.
    pub least: bool,
}

/// Axes with a score that a radar needs to have an area.
const LEAST_AXES: usize = 3;

/// As many KPIs as a sentence names.
fn first(kpis: &[String]) -> &[String] {
    kpis.get(..3).unwrap_or(kpis)
}

impl Reporter<'_> {
    pub(super) fn principles(&self, playbook: &Playbook, health: &PeriodHealth) -> PrinciplesView {
        let w = self.wording;
        let lowest = health
            .principles
            .iter()
            .filter_map(|(id, score)| Some((id, (*score)?)))
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
            .map(|(id, _)| id.as_str());
        let axes: Vec<PrincipleView> = health
            .principles
            .iter()
            .map(|(id, score)| {
                let principle = playbook.principles.iter().find(|p| &p.id == id);
                PrincipleView {
                    id: id.clone(),
                    name: principle.map_or_else(|| clean(id), |p| self.text(&p.name)),
                    body: principle.and_then(|p| self.maybe(p.body.as_ref())),
                    score: score.map_or_else(|| "–".to_owned(), |s| w.fixed(s, 0)),
                    width: super::flow::width(score.unwrap_or(0.0), 100.0),
                    weakest: lowest == Some(id.as_str()),
                    kpis: self.scored_kpis(playbook, health, id),
                }
            })
            .collect();
        let values: Vec<Option<f64>> = health.principles.iter().map(|(_, score)| *score).collect();
        let weakest = axes.iter().find(|a| a.weakest).map(|a| {
            w.say("principle_weakest", &[("name", &a.name), ("score", &a.score), ("kpis", &first(&a.kpis).join(" · "))])
        });
        let label: Vec<String> = axes.iter().map(|a| format!("{} {}", a.name, a.score)).collect();
        let radar = (values.iter().flatten().count() >= LEAST_AXES).then(|| Radar {
            values,
            title: w.get("h_principles"),
            label: label.join(&w.get("list_comma")),
        });
        PrinciplesView { axes, radar, weakest, indices: self.indices(playbook, health) }
    }

    fn scored_kpis(&self, playbook: &Playbook, health: &PeriodHealth, principle: &str) -> Vec<String> {
        let mut scored: Vec<(f64, &Kpi)> = health
            .kpis
            .iter()
            .filter_map(|k| Some((k.score?, playbook.kpis.get(k.index)?)))
            .filter(|(_, k)| k.principle.as_deref() == Some(principle))
            .collect();
        scored.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        scored.into_iter().map(|(_, k)| self.text(&k.name)).collect()
    }

    fn indices(&self, playbook: &Playbook, health: &PeriodHealth) -> Vec<IndexView> {
        playbook.kpis.iter().filter(|k| !k.factors.is_empty()).map(|k| self.index(playbook, health, k)).collect()
    }

    fn index(&self, playbook: &Playbook, health: &PeriodHealth, kpi: &Kpi) -> IndexView {
        let read = |id: &str| health.kpis.iter().find(|k| k.id == id)?.reading.as_ref().ok().map(|r| r.value);
        let shown =
            |kpi: &Kpi| read(&kpi.id).map_or_else(|| self.wording.get("no_data"), |v| self.wording.value(kpi.unit, v));
        let factors: Vec<&Kpi> = kpi.factors.iter().filter_map(|id| playbook.kpi(id)).collect();
        let least = factors
            .iter()
            .filter_map(|f| Some((f.id.as_str(), read(&f.id)?)))
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
            .map(|(id, _)| id);
        IndexView {
            name: self.text(&kpi.name),
            value: shown(kpi),
            definition: self.maybe(kpi.definition.as_ref()),
            factors: factors
                .iter()
                .map(|f| FactorView { name: self.text(&f.name), value: shown(f), least: least == Some(f.id.as_str()) })
                .collect(),
        }
    }
}
