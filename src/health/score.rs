//! From KPIs to boards to the health score, with coverage, bounds and points to gain.

use super::band::healthy_score;
use super::model::{BoardScore, HealthScore, KpiResult, ScoreGap};
use crate::playbook::{Missing, Playbook};

/// A KPI's part in the score.
struct Part {
    board: usize,
    weight: f64,
    /// `None`: not measured.
    score: Option<f64>,
    /// Counted with zero points although it was not measured.
    failed: bool,
}

impl Part {
    fn counts(&self) -> bool {
        self.score.is_some() || self.failed
    }

    fn points(&self) -> f64 {
        self.score.unwrap_or(0.0)
    }
}

/// Scores the boards and the whole, and fills in each KPI's points, losses and lift.
///
/// `members` is the number of customers, where it is known.
pub(super) fn score(
    playbook: &Playbook,
    kpis: &mut [KpiResult],
    members: Option<i64>,
) -> (HealthScore, Vec<BoardScore>) {
    let parts: Vec<Part> = kpis
        .iter()
        .map(|result| {
            let kpi = playbook.kpis.get(result.index);
            let board = kpi.and_then(|k| playbook.boards.iter().position(|b| b.id == k.board)).unwrap_or(usize::MAX);
            let failed = result.score.is_none() && kpi.is_some_and(|k| k.missing == Missing::Fail);
            Part { board, weight: result.weight, score: result.score, failed }
        })
        .collect();
    let boards: Vec<Totals> = (0..playbook.boards.len()).map(|b| Totals::of(&parts, b)).collect();
    let weight_of = |b: usize| playbook.boards.get(b).map_or(0.0, |board| board.weight.value);
    let sum = |pick: &dyn Fn(usize, &Totals) -> f64| boards.iter().enumerate().map(|(i, t)| pick(i, t)).sum::<f64>();
    // Boards without any scored KPI have no part in anything.
    let all_weight = sum(&|i, t| if t.all > 0.0 { weight_of(i) } else { 0.0 });
    let counted_weight = sum(&|i, t| if t.counted > 0.0 { weight_of(i) } else { 0.0 });
    let per_all = |value: f64| if all_weight > 0.0 { value / all_weight } else { 0.0 };
    let coverage = per_all(sum(&|i, t| if t.all > 0.0 { weight_of(i) * t.measured / t.all } else { 0.0 }));
    let low = per_all(sum(&|i, t| if t.all > 0.0 { weight_of(i) * t.points / t.all } else { 0.0 }));
    let high = low
        + 100.0
            * (1.0 - coverage - per_all(sum(&|i, t| if t.all > 0.0 { weight_of(i) * t.failed / t.all } else { 0.0 })));

    for (part, result) in parts.iter().zip(kpis.iter_mut()) {
        let (Some(totals), true) = (boards.get(part.board), part.counts()) else { continue };
        let share = weight_of(part.board) / counted_weight * part.weight / totals.counted;
        let target = playbook.kpis.get(result.index).and_then(|k| k.bands.as_ref()).map_or(0.0, healthy_score);
        result.points = share * part.points();
        result.lost = share * (100.0 - part.points());
        result.lift = share * (target - part.points()).max(0.0);
    }
    // One division at the end: a score that is a cut of a grade must not miss it by rounding.
    let total = sum(&|i, t| if t.counted > 0.0 { weight_of(i) * (t.points / t.counted) } else { 0.0 }) / counted_weight;
    let least = playbook.scoring.min_coverage.value;
    let crowd = playbook.scoring.min_members.value;
    let gap = if counted_weight == 0.0 || coverage < least {
        Some(ScoreGap::Coverage(least))
    } else if members.is_some_and(|m| m < i64::from(crowd)) {
        Some(ScoreGap::Members(crowd))
    } else {
        None
    };
    let value = gap.is_none().then(|| total.clamp(0.0, 100.0));
    let grade = value.and_then(|v| playbook.scoring.grades.iter().position(|(_, least)| v >= least.value));
    let health = HealthScore {
        value,
        grade,
        coverage: coverage.clamp(0.0, 1.0),
        low: low.clamp(0.0, 100.0),
        high: high.clamp(0.0, 100.0),
        change: None,
        gap,
    };
    let scores = playbook
        .boards
        .iter()
        .zip(&boards)
        .map(|(board, t)| BoardScore {
            id: board.id.clone(),
            score: (t.counted > 0.0).then(|| t.points / t.counted),
            weight: board.weight.value,
            coverage: if t.all > 0.0 { t.measured / t.all } else { 0.0 },
        })
        .collect();
    (health, scores)
}

/// Sums of weights over a board.
#[derive(Default)]
struct Totals {
    all: f64,
    measured: f64,
    failed: f64,
    counted: f64,
    points: f64,
}

impl Totals {
    fn of(parts: &[Part], board: usize) -> Self {
        parts.iter().filter(|p| p.board == board).fold(Self::default(), |mut t, p| {
            t.all += p.weight;
            if p.score.is_some() {
                t.measured += p.weight;
            }
            if p.failed {
                t.failed += p.weight;
            }
            if p.counts() {
                t.counted += p.weight;
                t.points += p.weight * p.points();
            }
            t
        })
    }
}
