//! The evidence of a whole report: every KPI of a period with its formula, rows and thresholds, and the
//! measures that they are made of.

use super::desk::Declared;
use super::evidence::{CutView, EvidenceView, MeasureView, declaration, formula, measure, read_in_order};
use super::group::{GroupHead, PeriodHead};
use super::kpi::Standing;
use super::reporter::Reporter;
use super::shared::Shared;
use crate::health::{GroupHealth, KpiResult};
use crate::playbook::{Kpi, Playbook};
use serde::Serialize;

/// The evidence of a report.
#[derive(Debug, Clone, Serialize)]
pub struct EvidencePageView {
    /// The group.
    pub group: GroupHead,
    /// The period.
    pub period: PeriodHead,
    /// Every KPI of the period, by board.
    pub boards: Vec<ProofBoard>,
}

/// The KPIs of a board.
#[derive(Debug, Clone, Serialize)]
pub struct ProofBoard {
    /// Name.
    pub name: String,
    /// Its KPIs in the playbook's order.
    pub kpis: Vec<ProofView>,
}

/// How a KPI came to its value and score.
#[derive(Debug, Clone, Serialize)]
pub struct ProofView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `critical` to `excellent`, `none` or `plain`.
    pub status: &'static str,
    /// The status as a word.
    pub status_text: String,
    /// The status as a shape.
    pub mark: &'static str,
    /// Its value.
    pub value: String,
    /// The 95 % interval, and what would settle an open status.
    pub doubt: Option<String>,
    /// Why there is no value, or no score.
    pub reason: Option<String>,
    /// Points given, lost and to be gained, in one phrase; `None` for a KPI that is not scored.
    pub points: Option<String>,
    /// The formula with the numbers filled in.
    pub formula: String,
    /// Its measures with the rows that they matched.
    pub measures: Vec<RowsView>,
    /// Its thresholds and its weight, those that were set on one line together.
    pub thresholds: Shared<Vec<ThresholdView>>,
    /// Where the thresholds come from.
    pub origin: String,
    /// Where it is declared.
    pub declared: String,
}

/// A measure and the rows that it matched.
#[derive(Debug, Clone, Serialize)]
pub struct RowsView {
    /// Id, the anchor on the page of measures.
    pub id: String,
    /// Rows of the period, in words; `None` where it counts no rows of its own.
    pub rows: Option<String>,
}

/// Thresholds that were set on one line of a playbook.
#[derive(Debug, Clone, Serialize)]
pub struct ThresholdView {
    /// Names with values, in the order of the bands.
    pub cuts: Vec<CutView>,
    /// `playbooks/vip.toml:88`
    pub place: String,
}

/// Every measure that a group's KPIs read.
#[derive(Debug, Clone, Serialize)]
pub struct MeasuresView {
    /// The group.
    pub group: GroupHead,
    /// By id.
    pub measures: Vec<MeasureView>,
}

impl Reporter<'_> {
    /// The evidence of a group's period `index`; `None` beyond the last.
    #[must_use]
    pub fn evidence_page(&self, group: &GroupHealth, index: usize) -> Option<EvidencePageView> {
        let health = group.periods.get(index)?;
        let playbook = &*group.playbook;
        let mut proofs: Vec<(&str, Option<ProofView>)> = health
            .kpis
            .iter()
            .filter_map(|k| {
                playbook.kpis.get(k.index).map(|kpi| (kpi.board.as_str(), Some(self.proof(playbook, k, kpi))))
            })
            .collect();
        let boards = playbook.boards.iter().map(|board| ProofBoard {
            name: self.text(&board.name),
            kpis: proofs.iter_mut().filter(|(b, _)| *b == board.id).filter_map(|(_, p)| p.take()).collect(),
        });
        Some(EvidencePageView {
            group: self.group_head(group, health),
            period: self.period_head(group, index),
            boards: boards.filter(|b| !b.kpis.is_empty()).collect(),
        })
    }

    /// The measures of a group's KPIs, those that other measures are made of included.
    #[must_use]
    pub fn measures_page(&self, group: &GroupHealth) -> Option<MeasuresView> {
        let health = group.latest()?;
        let playbook = &*group.playbook;
        let mut ids: Vec<String> = Vec::new();
        for result in &health.kpis {
            let Some(kpi) = playbook.kpis.get(result.index) else { continue };
            ids.extend(super::evidence::measure_ids(playbook, kpi));
        }
        ids.sort();
        ids.dedup();
        Some(MeasuresView {
            group: self.group_head(group, health),
            measures: ids.iter().filter_map(|id| Some(measure(self, playbook.measures.get(id)?))).collect(),
        })
    }

    fn proof(&self, playbook: &Playbook, result: &KpiResult, kpi: &Kpi) -> ProofView {
        let w = self.wording;
        let Standing { status, status_text, mark, value, uncertain, reason } = self.standing((result, kpi));
        let declared = self.desk.declared.get(kpi, || self.declared(playbook, kpi));
        let doubt: Vec<String> = [self.interval((result, kpi)), uncertain].into_iter().flatten().collect();
        let points = result.score.map(|score| {
            let fixed = [score, result.points, result.lost, result.lift].map(|v| w.fixed(v, 1));
            let [score, points, lost, lift] = fixed.each_ref().map(String::as_str);
            w.say("points_of", &[("score", score), ("points", points), ("lost", lost), ("lift", lift)])
        });
        ProofView {
            id: kpi.id.clone(),
            name: self.text(&kpi.name),
            status,
            status_text,
            mark,
            value,
            doubt: (!doubt.is_empty()).then(|| doubt.join(&w.get("list_comma"))),
            reason,
            points,
            formula: formula(self, kpi, Some(result)),
            measures: declared
                .measures
                .iter()
                .map(|id| RowsView {
                    rows: result.rows.get(id).map(|n| w.plural("rows_short", &[("n", *n)], &[])),
                    id: id.clone(),
                })
                .collect(),
            thresholds: declared.thresholds.clone(),
            origin: declared.origin.clone(),
            declared: declared.declared.clone(),
        }
    }

    fn declared(&self, playbook: &Playbook, kpi: &Kpi) -> Declared {
        let EvidenceView { cuts, weight, origin, declared, .. } = declaration(self, kpi);
        let mut thresholds: Vec<ThresholdView> = Vec::new();
        let weighed = kpi.bands.is_some().then_some(weight);
        for cut in cuts.into_iter().chain(weighed) {
            match thresholds.last_mut().filter(|t| t.place == cut.place) {
                Some(same) => same.cuts.push(cut),
                None => thresholds.push(ThresholdView { place: cut.place.clone(), cuts: vec![cut] }),
            }
        }
        Declared { thresholds: Shared::new(thresholds), origin, declared, measures: read_in_order(playbook, kpi) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::fixture::assessment;
    use super::super::tests::with;
    use std::collections::BTreeSet;

    #[test]
    fn every_number_goes_back_to_its_rows_and_to_the_line_that_set_each_threshold() {
        let a = assessment();
        with("zh-CN", &a, |r| {
            let page = r.evidence_page(&a.groups[0], 4).unwrap();
            let proof = page.boards.iter().flat_map(|b| &b.kpis).find(|k| k.id == "open_rate").unwrap();
            assert_eq!(proof.formula, "消息打开率 = opened ÷ reached = 504 ÷ 1,216 = 41.4%");
            let rows = proof.measures.iter().find(|m| m.id == "opened").unwrap();
            assert_eq!(rows.rows.as_deref(), Some("5,204 行"));
            let thresholds = serde_json::to_value(&proof.thresholds).unwrap();
            let set = |t: &serde_json::Value| {
                t["place"] == "playbooks/vip.toml:82"
                    && t["cuts"].as_array().unwrap().iter().any(|c| c["value"] == "60.0%")
            };
            assert!(thresholds.as_array().unwrap().iter().any(set), "{thresholds}");
            assert_eq!(proof.origin, "方法原文 S060 S061");
        });
    }

    #[test]
    fn every_kpi_of_the_report_and_every_measure_of_the_evidence_has_its_place() {
        let a = assessment();
        with("zh-CN", &a, |r| {
            let report = r.group_report(&a.groups[0], 4).unwrap();
            let page = r.evidence_page(&a.groups[0], 4).unwrap();
            let anchors: BTreeSet<String> =
                page.boards.iter().flat_map(|b| &b.kpis).map(|k| format!("evidence.html#kpi-{}", k.id)).collect();
            let named = [&report.passing, &report.too_few, &report.unscored, &report.unknown];
            let linked: BTreeSet<String> = named
                .iter()
                .flat_map(|l| l.iter().map(|k| k.href.clone()))
                .chain(report.failing.iter().map(|k| k.href.clone()))
                .collect();
            assert_eq!(linked, anchors);
            let known: BTreeSet<String> =
                r.measures_page(&a.groups[0]).unwrap().measures.into_iter().map(|m| m.id).collect();
            for proof in page.boards.iter().flat_map(|b| &b.kpis) {
                assert!(proof.measures.iter().all(|m| known.contains(&m.id)), "{}", proof.id);
            }
            let measures = r.measures_page(&a.groups[0]).unwrap().measures;
            let opened = measures.iter().find(|m| m.id == "opened").unwrap();
            assert_eq!(opened.filter.as_deref(), Some("event = 'open' and member.role = 'member'"));
        });
    }

    #[test]
    fn an_earlier_report_has_evidence_of_its_own() {
        let a = assessment();
        with("zh-CN", &a, |r| {
            let view = r.group_report(&a.groups[0], 2).unwrap();
            assert_eq!(view.failing[0].href.split('#').next(), Some("2025-W17-evidence.html"));
        });
    }
}
