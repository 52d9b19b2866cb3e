//! The method: every KPI, how it is computed and judged, and which playbooks do so.

use super::evidence::{EvidenceView, method};
use super::reporter::Reporter;
use super::visible::clean;
use crate::playbook::{Better, Kpi, Playbook, Unit};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Every KPI, its formula and its thresholds.
#[derive(Debug, Clone, Serialize)]
pub struct MethodView {
    /// KPIs by board.
    pub boards: Vec<MethodBoard>,
    /// Principles of scoring, in sentences.
    pub rules: Vec<String>,
}

/// The KPIs of a board.
#[derive(Debug, Clone, Serialize)]
pub struct MethodBoard {
    /// Name.
    pub name: String,
    /// Its KPIs.
    pub kpis: Vec<MethodKpi>,
}

/// A KPI with the ways in which playbooks use it.
#[derive(Debug, Clone, Serialize)]
pub struct MethodKpi {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it counts.
    pub definition: Option<String>,
    /// Which way is good.
    pub better: String,
    /// Its board.
    pub board: String,
    /// The formula of its first variant.
    pub formula: String,
    /// Variants; one where all playbooks agree.
    pub variants: Vec<MethodVariant>,
}

/// One way to compute and judge a KPI.
#[derive(Debug, Clone, Serialize)]
pub struct MethodVariant {
    /// Playbooks and stages that use it.
    pub used_by: Vec<String>,
    /// Formula, measures, thresholds.
    pub evidence: EvidenceView,
}

/// A playbook's name and the name of its stage.
type User = (String, Option<String>);

impl Reporter<'_> {
    /// The method page of the given playbooks, each in one or several stages.
    #[must_use]
    pub fn method(&self, playbooks: &[Arc<Playbook>]) -> MethodView {
        let w = self.wording;
        let mut boards: Vec<(&str, MethodBoard)> = Vec::new();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for (playbook, kpi) in playbooks.iter().flat_map(|p| p.kpis.iter().map(move |k| (p, k))) {
            if !told.insert(&kpi.id) {
                continue;
            }
            let Some(entry) = self.method_kpi(playbooks, &kpi.id) else { continue };
            match boards.iter_mut().find(|(id, _)| *id == kpi.board) {
                Some((_, board)) => board.kpis.push(entry),
                None => {
                    let board = MethodBoard { name: self.board_name(playbook, kpi), kpis: vec![entry] };
                    boards.push((&kpi.board, board));
                }
            }
        }
        let rules = ["method_bands", "method_interval", "method_coverage", "method_change", "method_missing"];
        MethodView {
            boards: boards.into_iter().map(|(_, b)| b).collect(),
            rules: rules.iter().map(|k| w.get(k)).collect(),
        }
    }

    /// How the given playbooks compute and judge a KPI; `None` if none has it.
    #[must_use]
    pub fn method_kpi(&self, playbooks: &[Arc<Playbook>], id: &str) -> Option<MethodKpi> {
        let w = self.wording;
        let (playbook, kpi) = playbooks.iter().find_map(|p| Some((p, p.kpi(id)?)))?;
        let mut variants: Vec<(Vec<User>, EvidenceView)> = Vec::new();
        for playbook in playbooks {
            let Some(kpi) = playbook.kpi(id) else { continue };
            let stage = playbook.current_stage().map(|s| self.text(&s.name));
            let user: User = (self.text(&playbook.name), stage);
            let evidence = method(self, playbook, kpi);
            match variants.iter_mut().find(|(_, known)| same(known, &evidence)) {
                Some((users, _)) => users.push(user),
                None => variants.push((vec![user], evidence)),
            }
        }
        Some(MethodKpi {
            id: kpi.id.clone(),
            name: self.text(&kpi.name),
            definition: self.maybe(kpi.definition.as_ref()),
            better: w.get(match (kpi.better, kpi.unit) {
                (Better::Higher, _) => "better_higher",
                (Better::Lower, Unit::Days | Unit::Hours) => "better_shorter",
                (Better::Lower, _) => "better_lower",
                (Better::Range, _) => "better_range",
            }),
            board: self.board_name(playbook, kpi),
            formula: variants.first().map(|(_, e)| e.formula.clone()).unwrap_or_default(),
            variants: variants
                .into_iter()
                .map(|(users, evidence)| MethodVariant { used_by: self.users(&users), evidence })
                .collect(),
        })
    }

    fn board_name(&self, playbook: &Playbook, kpi: &Kpi) -> String {
        let board = playbook.boards.iter().find(|b| b.id == kpi.board);
        board.map_or_else(|| clean(&kpi.board), |b| self.text(&b.name))
    }

    /// Playbooks with their stages, each playbook once.
    fn users(&self, users: &[User]) -> Vec<String> {
        let mut grouped: Vec<(&str, Vec<&str>)> = Vec::new();
        for (name, stage) in users {
            let stages = match grouped.iter_mut().find(|(n, _)| n == name) {
                Some((_, stages)) => stages,
                None => {
                    grouped.push((name, Vec::new()));
                    match grouped.last_mut() {
                        Some((_, stages)) => stages,
                        None => continue,
                    }
                }
            };
            stages.extend(stage.as_deref().filter(|s| !stages.contains(s)));
        }
        let comma = self.wording.get("list_comma");
        grouped
            .into_iter()
            .map(
                |(name, stages)| {
                    if stages.is_empty() { name.to_owned() } else { format!("{name} ({})", stages.join(&comma)) }
                },
            )
            .collect()
    }
}

/// Whether two declarations compute and judge alike.
fn same(a: &EvidenceView, b: &EvidenceView) -> bool {
    a.formula == b.formula
        && a.weight.value == b.weight.value
        && a.cuts.iter().map(|c| &c.value).eq(b.cuts.iter().map(|c| &c.value))
        && a.measures
            .iter()
            .map(|m| (&m.id, &m.aggregate, &m.filter))
            .eq(b.measures.iter().map(|m| (&m.id, &m.aggregate, &m.filter)))
}
