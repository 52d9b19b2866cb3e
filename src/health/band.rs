//! From a value to a status and a score, by the cut points of a KPI.

use super::model::Status;
use crate::playbook::{Bands, Better};

/// The score of each cut point: `floor`, `watch`, `healthy`, `excellent`.
const SCORES: [f64; 4] = [0.0, 50.0, 80.0, 100.0];

/// The status of a value; a value on a cut point has the better one.
#[must_use]
pub fn status(bands: &Bands, better: Better, value: f64) -> Status {
    match bands {
        Bands::Line(cuts) => {
            let reached = |i: usize| cuts.get(i).is_some_and(|cut| at_least(better, value, cut.value));
            if reached(3) {
                Status::Excellent
            } else if reached(2) {
                Status::Healthy
            } else if reached(1) {
                Status::Watch
            } else {
                Status::Critical
            }
        }
        Bands::Range { watch, healthy, .. } => {
            if inside(healthy.value, value) {
                Status::Healthy
            } else if inside(watch.value, value) {
                Status::Watch
            } else {
                Status::Critical
            }
        }
    }
}

/// The score of a value, 0..=100: straight lines between the cut points, level outside them.
#[must_use]
pub fn score(bands: &Bands, value: f64) -> f64 {
    match bands {
        Bands::Line(cuts) => {
            let points: Vec<(f64, f64)> = cuts.iter().map(|c| c.value).zip(SCORES).collect();
            // Descending cut points are mirrored, so that one rule serves both directions.
            let sign = if points.first() > points.last() { -1.0 } else { 1.0 };
            interpolate(&points, sign, value)
        }
        Bands::Range { floor, watch, healthy } => {
            if inside(healthy.value, value) {
                return 100.0;
            }
            let side = usize::from(value > healthy.value[1]);
            let points = [(floor.value[side], 0.0), (watch.value[side], 50.0), (healthy.value[side], 100.0)];
            interpolate(&points, if side == 1 { -1.0 } else { 1.0 }, value)
        }
    }
}

/// The score that a KPI reaches at its `healthy` cut.
#[must_use]
pub fn healthy_score(bands: &Bands) -> f64 {
    match bands {
        Bands::Line(_) => 80.0,
        Bands::Range { .. } => 100.0,
    }
}

fn interpolate(points: &[(f64, f64)], sign: f64, value: f64) -> f64 {
    let x = sign * value;
    let mut previous: Option<(f64, f64)> = None;
    for (cut, score) in points {
        let cut = sign * cut;
        if x < cut {
            return match previous {
                None => *score,
                Some((from, low)) => (low + (score - low) * ((x - from) / (cut - from))).clamp(low, *score),
            };
        }
        previous = Some((cut, *score));
    }
    previous.map_or(0.0, |(_, score)| score)
}

fn at_least(better: Better, value: f64, cut: f64) -> bool {
    match better {
        Better::Lower => value <= cut,
        Better::Higher | Better::Range => value >= cut,
    }
}

fn inside([low, high]: [f64; 2], value: f64) -> bool {
    low <= value && value <= high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{SourceText, Span};
    use crate::playbook::Sourced;
    use proptest::prelude::*;

    fn sourced<T>(value: T) -> Sourced<T> {
        Sourced { value, span: Span::new(&SourceText::new("t", ""), 0..0) }
    }

    fn line(cuts: [f64; 4]) -> Bands {
        Bands::Line(cuts.map(sourced))
    }

    #[test]
    fn a_value_on_a_cut_has_the_better_status_and_one_ulp_below_the_worse() {
        let up = line([0.0, 0.1, 0.2, 0.4]);
        for (cut, on, below) in [
            (0.1, Status::Watch, Status::Critical),
            (0.2, Status::Healthy, Status::Watch),
            (0.4, Status::Excellent, Status::Healthy),
        ] {
            assert_eq!(status(&up, Better::Higher, cut), on);
            assert_eq!(status(&up, Better::Higher, f64::next_down(cut)), below);
        }
        let down = line([0.2, 0.08, 0.04, 0.01]);
        assert_eq!(status(&down, Better::Lower, 0.04), Status::Healthy);
        assert_eq!(status(&down, Better::Lower, f64::next_up(0.04)), Status::Watch);
    }

    #[test]
    fn cut_points_have_their_scores() {
        let up = line([0.0, 0.1, 0.2, 0.4]);
        let down = line([0.2, 0.08, 0.04, 0.01]);
        for (i, expected) in SCORES.into_iter().enumerate() {
            assert_eq!(score(&up, [0.0, 0.1, 0.2, 0.4][i]), expected);
            assert_eq!(score(&down, [0.2, 0.08, 0.04, 0.01][i]), expected);
        }
        assert_eq!(score(&up, 9.0), 100.0);
        assert_eq!(score(&down, 9.0), 0.0);
    }

    #[test]
    fn a_range_is_best_within_and_falls_on_both_sides() {
        let range =
            Bands::Range { floor: sourced([0.0, 10.0]), watch: sourced([2.0, 8.0]), healthy: sourced([4.0, 6.0]) };
        assert_eq!([4.0, 5.0, 6.0].map(|v| score(&range, v)), [100.0; 3]);
        assert_eq!([2.0, 8.0].map(|v| score(&range, v)), [50.0; 2]);
        assert_eq!([-1.0, 0.0, 10.0, 11.0].map(|v| score(&range, v)), [0.0; 4]);
        assert_eq!(status(&range, Better::Range, 7.0), Status::Watch);
    }

    proptest! {
        #[test]
        fn scores_are_monotone_and_bounded(mut cuts in prop::array::uniform4(-1e6_f64..1e6), a in -2e6_f64..2e6, b in -2e6_f64..2e6) {
            cuts.sort_by(f64::total_cmp);
            prop_assume!(cuts.windows(2).all(|w| w[0] < w[1]));
            let bands = line(cuts);
            let (low, high) = (a.min(b), a.max(b));
            let (s, t) = (score(&bands, low), score(&bands, high));
            prop_assert!((0.0..=100.0).contains(&s) && s <= t);
            prop_assert!(status(&bands, Better::Higher, low) <= status(&bands, Better::Higher, high));
            let mirrored = line([cuts[3], cuts[2], cuts[1], cuts[0]]);
            prop_assert!(score(&mirrored, low) >= score(&mirrored, high));
        }
    }
}
