//! A step of a funnel: a trapezium from the width of the step before to its own.

use super::{at, mark};
use crate::report::StepView;

/// One step; set below each other, the steps of a funnel form it.
#[must_use]
pub fn step(step: &StepView) -> String {
    let [above, below] = [&step.width_before, &step.width].map(|w| w.parse::<f64>().unwrap_or(0.0).clamp(0.0, 100.0));
    // A step that nobody reached still shows as a hair.
    let [above, below] = [above, below].map(|w| w.max(0.6) / 2.0);
    format!(
        "{}<path d=\"M{} 0H{}L{} 20H{}Z\"/></svg>",
        mark("step", (100, 20)),
        at(50.0 - above),
        at(50.0 + above),
        at(50.0 + below),
        at(50.0 - below)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(before: &str, own: &str) -> String {
        let own = own.to_owned();
        step(&StepView { width_before: before.to_owned(), width: own, ..StepView::default() })
    }

    #[test]
    fn a_step_narrows_from_the_one_before_to_its_own_share() {
        assert!(of("100.0", "40.0").contains("d=\"M0 0H100L70 20H30Z\""));
        assert!(of("40.0", "10.0").contains("d=\"M30 0H70L55 20H45Z\""));
    }

    #[test]
    fn a_step_that_nobody_reached_is_a_hair() {
        assert!(of("10.0", "0.0").contains("L50.3 20H49.7Z"));
    }
}
