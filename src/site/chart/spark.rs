//! A sparkline: a value's way over the last periods, with gaps where there was none.

use super::{at, attribute};
use crate::report::Spark;

/// A sparkline of at least two values; empty below.
#[must_use]
pub fn spark(s: &Spark) -> String {
    let known: Vec<f64> = s.values.iter().flatten().copied().collect();
    if known.len() < 2 {
        return String::new();
    }
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let step = 96.0 / (s.values.len() - 1).max(1) as f64;
    let point = |i: usize, v: f64| {
        // A flat line lies in the middle.
        let y = if high > low { 21.0 - (v - low) / (high - low) * 18.0 } else { 12.0 };
        (2.0 + i as f64 * step, y)
    };
    let mut path = String::new();
    let mut pen_down = false;
    let mut last = (0.0, 0.0);
    for (i, value) in s.values.iter().enumerate() {
        match value {
            Some(v) => {
                let (x, y) = point(i, *v);
                path.push_str(&format!("{}{} {}", if pen_down { "L" } else { "M" }, at(x), at(y)));
                pen_down = true;
                last = (x, y);
            }
            None => pen_down = false,
        }
    }
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 100 24\" role=\"img\" aria-label=\"{}\"><path d=\"{path}\"/><circle cx=\"{}\" cy=\"{}\" r=\"2.2\"/></svg>",
        attribute(&s.label),
        at(last.0),
        at(last.1)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_lifts_the_pen() {
        let svg = spark(&Spark { values: vec![Some(1.0), None, Some(2.0), Some(3.0)], label: "x".to_owned() });
        assert_eq!(svg.matches('M').count(), 2);
        assert!(spark(&Spark { values: vec![Some(1.0), None], label: String::new() }).is_empty());
    }
}
