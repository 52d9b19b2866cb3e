//! The rules of a playbook by which values become scores, as they stand in a result.

use super::fingerprint::{kpi_definition, stage_conditions};
use crate::diagnostic::{SourceText, Span};
use crate::health::{Part, band_score, weigh};
use crate::playbook::{Bands, Better, Missing, Playbook, Sourced};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The rules of one playbook in all its stages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// Hash of what decides which stage a group is in.
    pub stage_conditions: String,
    /// Without a stage.
    pub all: RuleSet,
    /// What is different in each stage.
    #[serde(default)]
    pub stages: BTreeMap<String, StageRules>,
}

/// What a stage changes in the rules; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StageRules {
    /// Weights of all boards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boards: Option<BTreeMap<String, f64>>,
    /// All grades.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grades: Option<BTreeMap<String, f64>>,
    /// Least measured share of the weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_coverage: Option<f64>,
    /// Least number of customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_members: Option<u32>,
    /// Least number of observations of a KPI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_sample: Option<u32>,
    /// KPIs that are judged in another way; null: not at all.
    #[serde(default)]
    pub kpis: BTreeMap<String, Option<KpiRule>>,
}

impl StageRules {
    fn between(all: &RuleSet, here: &RuleSet) -> Self {
        fn changed<T: PartialEq + Clone>(all: &T, here: &T) -> Option<T> {
            (all != here).then(|| here.clone())
        }
        let gone = all.kpis.keys().filter(|id| !here.kpis.contains_key(*id)).map(|id| (id.clone(), None));
        let other = here.kpis.iter().filter(|(id, rule)| all.kpis.get(*id) != Some(rule));
        Self {
            boards: changed(&all.boards, &here.boards),
            grades: changed(&all.grades, &here.grades),
            min_coverage: changed(&all.min_coverage, &here.min_coverage),
            min_members: changed(&all.min_members, &here.min_members),
            min_sample: changed(&all.min_sample, &here.min_sample),
            kpis: other.map(|(id, rule)| (id.clone(), Some(rule.clone()))).chain(gone).collect(),
        }
    }

    fn over(&self, all: &RuleSet) -> RuleSet {
        let mut rules = RuleSet {
            boards: self.boards.clone().unwrap_or_else(|| all.boards.clone()),
            grades: self.grades.clone().unwrap_or_else(|| all.grades.clone()),
            min_coverage: self.min_coverage.unwrap_or(all.min_coverage),
            min_members: self.min_members.unwrap_or(all.min_members),
            min_sample: self.min_sample.unwrap_or(all.min_sample),
            kpis: all.kpis.clone(),
        };
        for (id, rule) in &self.kpis {
            match rule {
                Some(rule) => drop(rules.kpis.insert(id.clone(), rule.clone())),
                None => drop(rules.kpis.remove(id)),
            }
        }
        rules
    }
}

impl Rules {
    /// The rules in a stage.
    #[must_use]
    pub fn of(&self, stage: Option<&str>) -> Cow<'_, RuleSet> {
        match stage.and_then(|s| self.stages.get(s)) {
            Some(changes) => Cow::Owned(changes.over(&self.all)),
            None => Cow::Borrowed(&self.all),
        }
    }

    /// What a KPI measures in a stage.
    pub(super) fn definition(&self, stage: Option<&str>, kpi: &str) -> Option<&str> {
        let rule = match stage.and_then(|s| self.stages.get(s)).and_then(|s| s.kpis.get(kpi)) {
            Some(here) => here.as_ref()?,
            None => self.all.kpis.get(kpi)?,
        };
        Some(&rule.definition)
    }

    /// The rules of a playbook; `stages` are the same playbook in each of its stages.
    #[must_use]
    pub fn new(neutral: &Playbook, stages: &[(String, &Playbook)]) -> Self {
        let all = RuleSet::new(neutral);
        let stages = stages
            .iter()
            .map(|(id, p)| (id.clone(), StageRules::between(&all, &RuleSet::new(p))))
            .filter(|(_, changes)| *changes != StageRules::default())
            .collect();
        Self { stage_conditions: stage_conditions(neutral), all, stages }
    }
}

/// What turns values into a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleSet {
    /// Weights of the boards.
    pub boards: BTreeMap<String, f64>,
    /// Lowest score of each grade.
    pub grades: BTreeMap<String, f64>,
    /// Least measured share of the weight.
    pub min_coverage: f64,
    /// Least number of customers.
    pub min_members: u32,
    /// Least number of observations of a KPI.
    pub min_sample: u32,
    /// By KPI id.
    pub kpis: BTreeMap<String, KpiRule>,
}

/// How a KPI is judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KpiRule {
    /// Board.
    pub board: String,
    /// Weight on its board.
    pub weight: f64,
    /// `higher`, `lower` or `range`.
    pub better: String,
    /// `exclude` or `fail`.
    pub missing: String,
    /// Cut points; without them it is not scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cuts: Option<Cuts>,
    /// Hash of what is measured: its expressions and those of every measure behind them.
    pub definition: String,
}

/// Cut points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cuts {
    /// `floor`, `watch`, `healthy`, `excellent`.
    Line([f64; 4]),
    /// `floor`, `watch`, `healthy`, each a pair.
    Range([[f64; 2]; 3]),
}

impl Cuts {
    fn of(bands: &Bands) -> Self {
        match bands {
            Bands::Line(cuts) => Self::Line(cuts.each_ref().map(|c| c.value)),
            Bands::Range { floor, watch, healthy } => Self::Range([floor.value, watch.value, healthy.value]),
        }
    }

    fn bands(&self) -> Bands {
        let nowhere = Span::new(&SourceText::new("", ""), 0..0);
        match self {
            Self::Line(cuts) => Bands::Line(cuts.map(|value| Sourced { value, span: nowhere.clone() })),
            Self::Range([floor, watch, healthy]) => {
                let at = |value: &[f64; 2]| Sourced { value: *value, span: nowhere.clone() };
                Bands::Range { floor: at(floor), watch: at(watch), healthy: at(healthy) }
            }
        }
    }

    /// Whether every cut point is a number.
    pub(super) fn is_finite(&self) -> bool {
        match self {
            Self::Line(cuts) => cuts.iter().all(|c| c.is_finite()),
            Self::Range(cuts) => cuts.iter().flatten().all(|c| c.is_finite()),
        }
    }
}

/// A value as the rules see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The value.
    pub value: f64,
    /// Whether it rests on enough observations to be scored.
    pub enough: bool,
}

/// A score by some rules.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rescored {
    /// Over what was measured; 0 when nothing was.
    pub total: f64,
    /// Measured share of the weight.
    pub coverage: f64,
    /// Whether the rules issue it.
    pub issued: bool,
}

impl RuleSet {
    /// The rules of a resolved playbook.
    #[must_use]
    pub fn new(playbook: &Playbook) -> Self {
        let scoring = &playbook.scoring;
        Self {
            boards: playbook.boards.iter().map(|b| (b.id.clone(), b.weight.value)).collect(),
            grades: scoring.grades.iter().map(|(letter, least)| (letter.clone(), least.value)).collect(),
            min_coverage: scoring.min_coverage.value,
            min_members: scoring.min_members.value,
            min_sample: scoring.min_sample.value,
            kpis: playbook
                .kpis
                .iter()
                .map(|kpi| {
                    let rule = KpiRule {
                        board: kpi.board.clone(),
                        weight: kpi.weight.value,
                        better: match kpi.better {
                            Better::Higher => "higher",
                            Better::Lower => "lower",
                            Better::Range => "range",
                        }
                        .to_owned(),
                        missing: match kpi.missing {
                            Missing::Exclude => "exclude",
                            Missing::Fail => "fail",
                        }
                        .to_owned(),
                        cuts: kpi.bands.as_ref().map(Cuts::of),
                        definition: kpi_definition(playbook, kpi),
                    };
                    (kpi.id.clone(), rule)
                })
                .collect(),
        }
    }

    /// Scores values by these rules.
    #[must_use]
    pub fn score(&self, members: Option<i64>, value: impl Fn(&str, &KpiRule) -> Option<Measured>) -> Rescored {
        let boards: Vec<&String> = self.boards.keys().collect();
        let weights: Vec<f64> = self.boards.values().copied().collect();
        let parts: Vec<Part> = self
            .kpis
            .iter()
            .map(|(id, rule)| {
                let measured = value(id, rule).filter(|m| m.enough);
                let score = rule.cuts.as_ref().zip(measured).map(|(cuts, m)| band_score(&cuts.bands(), m.value));
                Part {
                    board: boards.iter().position(|b| **b == rule.board).unwrap_or(usize::MAX),
                    weight: if rule.cuts.is_some() { rule.weight } else { 0.0 },
                    score,
                    failed: score.is_none() && rule.missing == "fail",
                }
            })
            .collect();
        let weighed = weigh(&parts, &weights);
        let enough_members = members.is_none_or(|m| m >= i64::from(self.min_members));
        Rescored {
            total: weighed.total.unwrap_or(0.0),
            coverage: weighed.coverage,
            issued: weighed.total.is_some() && weighed.coverage >= self.min_coverage && enough_members,
        }
    }
}
