//! Intervals and tests agree with scipy's, computed while the test runs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod python;

use python::{python, succeed, tests};
use qunce::health::{means_differ, proportions_differ, t_interval, wilson};
use qunce::measure::Moments;
use serde_json::Value;
use std::sync::OnceLock;

fn reference() -> Option<&'static Value> {
    static REFERENCE: OnceLock<Option<Value>> = OnceLock::new();
    REFERENCE
        .get_or_init(|| {
            let mut command = python("the comparison of statistics with scipy")?;
            let output = succeed(command.arg(tests().join("statistics/reference.py")));
            Some(serde_json::from_slice(&output.stdout).expect("the reference prints JSON"))
        })
        .as_ref()
}

fn cases(topic: &str) -> &'static [Value] {
    let Some(reference) = reference() else { return &[] };
    let cases = reference[topic].as_array().expect("a list of cases");
    assert!(cases.len() >= 50, "{topic}: only {} cases", cases.len());
    cases
}

fn float(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap_or_else(|| panic!("no number `{key}` in {case}"))
}

fn moments(case: &Value, suffix: &str) -> Moments {
    Moments {
        n: case[format!("n{suffix}")].as_u64().unwrap(),
        mean: float(case, &format!("mean{suffix}")),
        variance: Some(float(case, &format!("variance{suffix}"))),
    }
}

/// To 1e-12 of the larger of one and the number.
fn assert_close(got: f64, want: f64, what: &str, case: &Value) {
    assert!((got - want).abs() <= 1e-12 * want.abs().max(1.0), "{what} is {got:?}, scipy says {want:?}: {case}");
}

#[test]
fn wilson_intervals_are_scipys() {
    for case in cases("wilson") {
        let (low, high) = wilson(float(case, "k"), float(case, "n"));
        assert_close(low, float(case, "low"), "the low end", case);
        assert_close(high, float(case, "high"), "the high end", case);
    }
}

#[test]
fn wilson_ends_touch_zero_and_one_exactly() {
    for n in [1.0, 7.0, 100.0, 1e9] {
        assert_eq!(wilson(0.0, n).0, 0.0, "0 of {n}");
        assert_eq!(wilson(n, n).1, 1.0, "{n} of {n}");
    }
}

#[test]
fn a_known_interval_needs_no_reference() {
    let (low, high) = wilson(20.0, 100.0);
    assert_eq!(format!("{low:.6} {high:.6}"), "0.133367 0.288829");
}

#[test]
fn student_intervals_are_scipys() {
    for case in cases("student") {
        let (low, high) = t_interval(&moments(case, "")).expect("two observations or more");
        assert_close(low, float(case, "low"), "the low end", case);
        assert_close(high, float(case, "high"), "the high end", case);
    }
}

#[test]
fn one_observation_has_no_interval() {
    assert_eq!(t_interval(&Moments { n: 1, mean: 3.0, variance: None }), None);
}

#[test]
fn changes_of_shares_are_significant_when_scipy_says_so() {
    for case in cases("proportions") {
        let got = proportions_differ(float(case, "k1"), float(case, "n1"), float(case, "k2"), float(case, "n2"));
        // No test at all and no difference found are the same to the reader: no clear change.
        assert_eq!(got.unwrap_or(false), case["differ"].as_bool().unwrap(), "{case}");
    }
}

#[test]
fn changes_of_means_are_significant_when_scipy_says_so() {
    for case in cases("means") {
        assert_eq!(means_differ(&moments(case, "1"), &moments(case, "2")), case["differ"].as_bool(), "{case}");
    }
}
