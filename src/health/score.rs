//! From KPIs to boards to the health score, with coverage, bounds and points to gain.

use super::band::healthy_score;
use super::model::{BoardScore, HealthScore, KpiResult, ScoreGap};
use super::weigh::{Part, weigh};
use crate::playbook::{Missing, Playbook};

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
    let weights: Vec<f64> = playbook.boards.iter().map(|b| b.weight.value).collect();
    let weighed = weigh(&parts, &weights);

    for (part, result) in parts.iter().zip(kpis.iter_mut()) {
        let (Some(totals), Some(weight), true) =
            (weighed.boards.get(part.board), weights.get(part.board), part.counts())
        else {
            continue;
        };
        let share = weight / weighed.counted_weight * part.weight / totals.counted;
        let target = playbook.kpis.get(result.index).and_then(|k| k.bands.as_ref()).map_or(0.0, healthy_score);
        result.points = share * part.points();
        result.lost = share * (100.0 - part.points());
        result.lift = share * (target - part.points()).max(0.0);
    }
    let least = playbook.scoring.min_coverage.value;
    let crowd = playbook.scoring.min_members.value;
    let gap = if weighed.total.is_none() || weighed.coverage < least {
        Some(ScoreGap::Coverage(least))
    } else if members.is_some_and(|m| m < i64::from(crowd)) {
        Some(ScoreGap::Members(crowd))
    } else {
        None
    };
    let value = weighed.total.filter(|_| gap.is_none());
    let grade = value.and_then(|v| playbook.scoring.grades.iter().position(|(_, least)| v >= least.value));
    let health = HealthScore {
        value,
        grade,
        coverage: weighed.coverage,
        low: weighed.low,
        high: weighed.high,
        change: None,
        gap,
    };
    let scores = playbook
        .boards
        .iter()
        .zip(&weighed.boards)
        .map(|(board, t)| BoardScore {
            id: board.id.clone(),
            score: t.score(),
            weight: board.weight.value,
            coverage: if t.all > 0.0 { t.measured / t.all } else { 0.0 },
        })
        .collect();
    (health, scores)
}
