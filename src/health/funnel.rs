//! Funnels: distinct members who passed every step in order.

use super::handles::Handles;
use super::interval::wilson;
use super::model::{FunnelResult, StepCount};
use crate::calendar::Day;
use crate::expr::Bits;
use crate::measure::{Missing, ReadId, Steps, View};
use crate::playbook::Funnel;

/// On which days a member stands on a step.
#[derive(Debug, Clone)]
enum Standing {
    /// On none: the member dropped out.
    Out,
    /// On any day of the period.
    Always,
    /// On these.
    On(Vec<Day>),
}

/// All funnels of a playbook.
pub(super) fn funnels(view: &View<'_>, handles: &Handles, customers: &Bits) -> Vec<FunnelResult> {
    handles
        .playbook
        .funnels
        .iter()
        .zip(&handles.funnels)
        .map(|(funnel, reads)| {
            let steps = steps(view, funnel, reads, customers);
            let weakest = steps.as_ref().ok().and_then(|s| weakest(s));
            FunnelResult { id: funnel.id.clone(), steps, weakest }
        })
        .collect()
}

/// The weak step with the lowest rate.
fn weakest(steps: &[StepCount]) -> Option<usize> {
    steps
        .iter()
        .enumerate()
        .filter(|(_, s)| s.weak)
        .min_by(|a, b| a.1.rate.unwrap_or(1.0).total_cmp(&b.1.rate.unwrap_or(1.0)))
        .map(|(i, _)| i)
}

/// Order is told by local days: a step counts if it was taken on the same day as the one before or
/// up to `within_days` later, within the period.
fn steps(view: &View<'_>, funnel: &Funnel, reads: &[ReadId], customers: &Bits) -> Result<Vec<StepCount>, Missing> {
    for read in reads {
        if let Some(missing) = view.missing_read(*read) {
            return Err(missing);
        }
    }
    // Whoever is counted by a step over `members` may have left since, so the funnel looks at all of them.
    let mut members = customers.clone().or(&view.customers());
    let mut steps: Vec<(Option<Steps<'_>>, Option<Bits>)> = Vec::new();
    for read in reads {
        if view.streams(*read) {
            steps.push((view.steps(*read), None));
        } else {
            let set = view.matching_members(*read);
            members = members.or(&set);
            steps.push((None, Some(set)));
        }
    }
    let mut passed = vec![0_u64; reads.len()];
    let mut open = vec![0_u64; reads.len()];
    for at in members.positions() {
        let Some(member) = view.members().get(at) else { continue };
        let mut standing = Standing::Always;
        for (i, (days, set)) in steps.iter().enumerate() {
            let here = match set {
                Some(set) if set.has(at) => Standing::Always,
                Some(_) => Standing::Out,
                None => {
                    let days = days.as_ref().map(|d| d.of(*member)).unwrap_or_default();
                    if days.is_empty() { Standing::Out } else { Standing::On(days) }
                }
            };
            if !matches!(here, Standing::Out)
                && let Some(n) = open.get_mut(i)
            {
                *n += 1;
            }
            standing = follow(standing, here, funnel.within_days);
            if !matches!(standing, Standing::Out)
                && let Some(n) = passed.get_mut(i)
            {
                *n += 1;
            }
        }
    }
    let mut before: Option<u64> = None;
    let mut out = Vec::new();
    for ((step, passed), open) in funnel.steps.iter().zip(passed).zip(open) {
        let rate = before.filter(|b| *b > 0).map(|b| passed as f64 / b as f64);
        let interval = before.filter(|b| *b > 0).map(|b| wilson(passed as f64, b as f64));
        let weak = rate.is_some_and(|r| r < funnel.weak_below.value);
        out.push(StepCount { measure: step.measure.clone(), passed, open, rate, interval, weak });
        before = Some(passed);
    }
    Ok(out)
}

fn follow(before: Standing, here: Standing, within_days: i32) -> Standing {
    match (before, here) {
        (Standing::Out, _) | (_, Standing::Out) => Standing::Out,
        (Standing::Always, here) => here,
        (before, Standing::Always) => before,
        (Standing::On(before), Standing::On(here)) => {
            let reached: Vec<Day> = here
                .into_iter()
                .filter(|day| before.iter().any(|b| *b <= *day && *day <= b.plus(within_days)))
                .collect();
            if reached.is_empty() { Standing::Out } else { Standing::On(reached) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(days: &[i32]) -> Standing {
        Standing::On(days.iter().map(|d| Day(*d)).collect())
    }

    #[test]
    fn a_step_before_the_one_it_should_follow_does_not_count() {
        assert!(matches!(follow(on(&[5]), on(&[4]), 7), Standing::Out));
        assert!(matches!(follow(on(&[5]), on(&[4, 5]), 7), Standing::On(d) if d == [Day(5)]));
        assert!(matches!(follow(on(&[5]), on(&[13]), 7), Standing::Out));
        assert!(matches!(follow(on(&[1, 6]), on(&[13]), 7), Standing::On(_)));
    }
}
