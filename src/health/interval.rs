//! How sure a number is: intervals and tests at 95 %.

use crate::measure::Moments;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// The 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % score interval of a proportion (Wilson 1927): `k` successes of `n` trials, `0 <= k <= n`,
/// `n > 0`. Both ends lie in 0..=1. Neither number need be whole, for questions of the kind "had
/// there been twice as many".
#[must_use]
pub fn wilson(k: f64, n: f64) -> (f64, f64) {
    let p = k / n;
    let z2 = Z * Z;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // Rounding must not move an end past the value where all or none succeeded.
    let low = if k <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if k >= n { 1.0 } else { (centre + half).min(1.0) };
    (low, high)
}

/// The 95 % interval of a mean by Student's t; `None` below two observations.
#[must_use]
pub fn t_interval(moments: &Moments) -> Option<(f64, f64)> {
    let variance = moments.variance?;
    let n = moments.n as f64;
    let half = t_quantile(n - 1.0)? * (variance / n).sqrt();
    Some((moments.mean - half, moments.mean + half))
}

/// The 97.5 % quantile of Student's t distribution.
fn t_quantile(freedom: f64) -> Option<f64> {
    // The library's quantile loses digits from some ten thousand degrees of freedom on and does not end at a
    // thousand million; there Cornish and Fisher's expansion about the normal quantile is exact.
    if freedom > 1000.0 {
        let z = Z;
        let terms = [
            (z.powi(3) + z) / 4.0,
            (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0,
            (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0,
        ];
        return Some(terms.iter().rev().fold(0.0, |sum, term| (sum + term) / freedom) + z);
    }
    let t = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.975);
    t.is_finite().then_some(t)
}

/// Whether two proportions differ by more than chance (pooled two-proportion z test, two-sided, 95 %);
/// `None` where the test says nothing, with no trials or no variation.
#[must_use]
pub fn proportions_differ(k1: f64, n1: f64, k2: f64, n2: f64) -> Option<bool> {
    if n1 <= 0.0 || n2 <= 0.0 {
        return None;
    }
    let pooled = (k1 + k2) / (n1 + n2);
    let error = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
    if error == 0.0 {
        return Some(false);
    }
    Some(((k1 / n1 - k2 / n2) / error).abs() >= Z)
}

/// Whether two means differ by more than chance (Welch's t test, two-sided, 95 %).
#[must_use]
pub fn means_differ(a: &Moments, b: &Moments) -> Option<bool> {
    let (va, vb) = (a.variance? / a.n as f64, b.variance? / b.n as f64);
    let error = (va + vb).sqrt();
    if error == 0.0 {
        return Some((a.mean - b.mean).abs() > 0.0);
    }
    let freedom = (va + vb).powi(2) / (va * va / (a.n as f64 - 1.0) + vb * vb / (b.n as f64 - 1.0));
    Some(((a.mean - b.mean) / error).abs() >= t_quantile(freedom)?)
}

/// The least number of further trials, at the same proportion, for which the 95 % interval lies
/// within one of the classes that `class` tells apart; `None` if a thousand million do not suffice.
#[must_use]
pub fn more_trials<C: PartialEq>(k: f64, n: f64, class: impl Fn(f64) -> C) -> Option<u64> {
    let p = k / n;
    let settled = |trials: u64| {
        let trials = trials as f64;
        let (low, high) = wilson(p * trials, trials);
        class(low) == class(high)
    };
    let mut low = n as u64;
    let mut high = 1_000_000_000;
    if !settled(high) {
        return None;
    }
    while low + 1 < high {
        let middle = low.midpoint(high);
        if settled(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high.saturating_sub(n as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_of_a_hundred() {
        let (low, high) = wilson(20.0, 100.0);
        assert!((low - 0.133_367).abs() < 1e-6, "{low}");
        assert!((high - 0.288_829).abs() < 1e-6, "{high}");
    }

    #[test]
    fn none_and_all_reach_the_ends() {
        assert_eq!(wilson(0.0, 5.0).0, 0.0);
        assert_eq!(wilson(5.0, 5.0).1, 1.0);
    }

    #[test]
    fn a_settled_status_needs_no_more() {
        let healthy = |p: f64| p >= 0.2;
        assert_eq!(more_trials(44.0, 241.0, healthy).map(|n| n > 100), Some(true));
        assert_eq!(more_trials(20.0, 100.0, healthy), None, "a value on the cut never settles");
    }

    #[test]
    fn equal_means_do_not_differ() {
        let m = Moments { n: 10, mean: 5.0, variance: Some(1.0) };
        assert_eq!(means_differ(&m, &m), Some(false));
        let far = Moments { mean: 9.0, ..m };
        assert_eq!(means_differ(&m, &far), Some(true));
    }
}
