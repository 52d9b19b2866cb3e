//! Reading a KPI: its value, interval and change.

use super::band::status;
use super::handles::KpiHandle;
use super::interval::{means_differ, more_trials, proportions_differ, t_interval, wilson};
use super::model::{Change, Reading};
use crate::measure::{Missing, Moments, Number, View};
use crate::playbook::{Bands, Better, Kpi};

/// A reading with what a test of its change needs.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub reading: Reading,
    pub moments: Option<Moments>,
}

/// Reads a KPI in a group's period.
pub(super) fn read(view: &View<'_>, handle: KpiHandle) -> Result<Read, Missing> {
    match handle {
        KpiHandle::Ratio(numerator, denominator) => {
            let (n, approximate_n) = view.number(numerator)?.ok_or(Missing::Empty)?;
            let (d, approximate_d) = view.number(denominator)?.ok_or(Missing::Empty)?;
            if d.to_f64() == 0.0 {
                return Err(Missing::ZeroDenominator);
            }
            let reading = Reading {
                value: n.to_f64() / d.to_f64(),
                exact: None,
                numerator: Some(n),
                denominator: Some(d),
                interval: counts(n, d).map(|(k, n)| wilson(k, n)),
                approximate: approximate_n || approximate_d,
            };
            Ok(Read { reading, moments: None })
        }
        KpiHandle::Value(bound) => {
            let (value, approximate) = view.number(bound)?.ok_or(Missing::ZeroDenominator)?;
            let reading = Reading {
                value: value.to_f64(),
                exact: matches!(value, Number::Int(_) | Number::Decimal(_)).then_some(value),
                numerator: None,
                denominator: None,
                interval: None,
                approximate,
            };
            Ok(Read { reading, moments: None })
        }
        KpiHandle::Mean(bound) => {
            let moments = view.moments(bound)?.ok_or(Missing::Empty)?;
            let reading = Reading {
                value: moments.mean,
                exact: None,
                numerator: None,
                denominator: i64::try_from(moments.n).ok().map(Number::Int),
                interval: t_interval(&moments),
                approximate: false,
            };
            Ok(Read { reading, moments: Some(moments) })
        }
    }
}

/// Numerator and denominator as trials, where a proportion of counts is meant.
pub(super) fn counts(numerator: Number, denominator: Number) -> Option<(f64, f64)> {
    match (numerator, denominator) {
        (Number::Int(k), Number::Int(n)) if 0 <= k && k <= n && n > 0 => Some((k as f64, n as f64)),
        _ => None,
    }
}

/// How many observations a value rests on; `None` where it is no ratio of counts and no mean.
#[must_use]
pub fn observations(reading: &Reading) -> Option<f64> {
    match (reading.numerator, reading.denominator) {
        (Some(Number::Int(_)) | None, Some(Number::Int(n))) => Some(n as f64),
        _ => None,
    }
}

/// Whether the interval lets another status be as possible, and how many more trials would settle it.
pub(super) fn certainty(bands: &Bands, better: Better, reading: &Reading) -> (bool, Option<u64>) {
    let Some((low, high)) = reading.interval else { return (false, None) };
    let class = |value: f64| status(bands, better, value);
    if class(low) == class(high) {
        return (false, None);
    }
    let trials = reading.numerator.zip(reading.denominator).and_then(|(k, n)| counts(k, n));
    (true, trials.and_then(|(k, n)| more_trials(k, n, class)))
}

/// The change from one reading to the next.
pub(super) fn change(kpi: &Kpi, previous: &Read, now: &Read) -> Change {
    let (before, after) = (previous.reading.value, now.reading.value);
    let delta = after - before;
    let pair = |r: &Reading| r.numerator.zip(r.denominator).and_then(|(k, n)| counts(k, n));
    let significant = match (&previous.moments, &now.moments) {
        (Some(a), Some(b)) => means_differ(a, b),
        _ => match (pair(&previous.reading), pair(&now.reading)) {
            (Some((k1, n1)), Some((k2, n2))) => proportions_differ(k2, n2, k1, n1),
            _ => None,
        },
    };
    let better = match kpi.better {
        _ if delta == 0.0 => None,
        Better::Higher => Some(delta > 0.0),
        Better::Lower => Some(delta < 0.0),
        Better::Range => match &kpi.bands {
            Some(Bands::Range { healthy, .. }) => {
                let [low, high] = healthy.value;
                let off = |v: f64| (low - v).max(v - high).max(0.0);
                (off(after) != off(before)).then(|| off(after) < off(before))
            }
            _ => None,
        },
    };
    Change { previous: before, delta, significant, better }
}
