//! The arithmetic of scores alone: KPIs with weights to boards, boards with weights to the whole.
//!
//! It is apart from what KPIs and boards are, so that a result kept as a file can be scored anew by other rules.

/// A KPI's part in the score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Index of its board; beyond the last: it counts nowhere.
    pub board: usize,
    /// Weight within the board; 0 for KPIs without bands.
    pub weight: f64,
    /// Score 0..=100; `None`: not measured.
    pub score: Option<f64>,
    /// Counted with zero points although it was not measured.
    pub failed: bool,
}

impl Part {
    /// Whether it has a part in the score.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.score.is_some() || self.failed
    }

    /// Its score, 0 without one.
    #[must_use]
    pub fn points(&self) -> f64 {
        self.score.unwrap_or(0.0)
    }
}

/// Sums of weights over a board.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    /// Of all its KPIs.
    pub all: f64,
    /// Of those that were measured.
    pub measured: f64,
    /// Of those that count with zero points.
    pub failed: f64,
    /// Of those that have a part in the score.
    pub counted: f64,
    /// Weighted points.
    pub points: f64,
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

    /// The board's score; `None` if none of its KPIs counts.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        (self.counted > 0.0).then(|| self.points / self.counted)
    }
}

/// A score with everything it was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// One a board.
    pub boards: Vec<Totals>,
    /// Weight of the boards that have a part in the score.
    pub counted_weight: f64,
    /// 0..=100 over what was measured; `None` when nothing was.
    pub total: Option<f64>,
    /// Measured weight over all weight, 0..=1.
    pub coverage: f64,
    /// The score if all unmeasured weight were 0.
    pub low: f64,
    /// The score if all unmeasured weight were 100.
    pub high: f64,
}

/// Weighs parts; `weights` are those of the boards.
#[must_use]
pub fn weigh(parts: &[Part], weights: &[f64]) -> Weighed {
    let boards: Vec<Totals> = (0..weights.len()).map(|b| Totals::of(parts, b)).collect();
    let sum = |pick: &dyn Fn(f64, &Totals) -> f64| weights.iter().zip(&boards).map(|(w, t)| pick(*w, t)).sum::<f64>();
    // Boards without any scored KPI have no part in anything.
    let all_weight = sum(&|w, t| if t.all > 0.0 { w } else { 0.0 });
    let counted_weight = sum(&|w, t| if t.counted > 0.0 { w } else { 0.0 });
    let per_all = |value: f64| if all_weight > 0.0 { value / all_weight } else { 0.0 };
    let coverage = per_all(sum(&|w, t| if t.all > 0.0 { w * t.measured / t.all } else { 0.0 }));
    let low = per_all(sum(&|w, t| if t.all > 0.0 { w * t.points / t.all } else { 0.0 }));
    let failed = per_all(sum(&|w, t| if t.all > 0.0 { w * t.failed / t.all } else { 0.0 }));
    let high = low + 100.0 * (1.0 - coverage - failed);
    // One division at the end: a score that is a cut of a grade must not miss it by rounding.
    let total = sum(&|w, t| if t.counted > 0.0 { w * (t.points / t.counted) } else { 0.0 }) / counted_weight;
    Weighed {
        boards,
        counted_weight,
        total: (counted_weight > 0.0).then(|| total.clamp(0.0, 100.0)),
        coverage: coverage.clamp(0.0, 1.0),
        low: low.clamp(0.0, 100.0),
        high: high.clamp(0.0, 100.0),
    }
}
