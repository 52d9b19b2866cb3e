//! A sparkline: a value's way over the last periods, with gaps where there was none, and the band in
//! which it is healthy.

use super::{Fit, image, push_marks};
use crate::report::Spark;

/// Where the lowest and the highest value lie.
const FOOT: f64 = 21.0;
const HEIGHT: f64 = 18.0;

/// A sparkline of at least two values; empty below.
#[must_use]
pub fn spark(s: &Spark) -> String {
    let known: Vec<f64> = s.values.iter().flatten().copied().collect();
    if known.len() < 2 {
        return String::new();
    }
    let mut low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let mut high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // The edge of the band belongs to the picture if it is near; one far off would flatten the line.
    let near = high - low;
    for edge in s.band.into_iter().flatten().flatten() {
        if edge >= low - near && edge <= high + near {
            low = low.min(edge);
            high = high.max(edge);
        }
    }
    let step = 96.0 / (s.values.len() - 1).max(1) as f64;
    // A flat line lies in the middle.
    let y = |v: f64| if high > low { FOOT - (v - low) / (high - low) * HEIGHT } else { FOOT - HEIGHT / 2.0 };
    let mut path = String::with_capacity(12 * s.values.len());
    let mut last = (0.0, 0.0);
    let is_known = |i: Option<usize>| i.and_then(|i| s.values.get(i)).is_some_and(Option::is_some);
    for (i, value) in s.values.iter().enumerate() {
        let Some(v) = value else { continue };
        let (x, y) = (2.0 + i as f64 * step, y(*v));
        let goes_on = is_known(i.checked_sub(1));
        push_marks(&mut path, if goes_on { "L" } else { "M" }, [(x, " "), (y, "")]);
        // A value between two gaps is a dot, by the round ends of the line.
        if !goes_on && !is_known(Some(i + 1)) {
            path.push_str("h0");
        }
        last = (x, y);
    }
    let mut out = image("spark", (100, 24), Fit::Whole, &s.title, &s.label);
    if let Some([from, to]) = s.band
        && high > low
    {
        let top = y(to.unwrap_or(high)).clamp(0.0, 24.0);
        let foot = y(from.unwrap_or(low)).clamp(0.0, 24.0);
        let (top, foot) = (if to.is_none() { 0.0 } else { top }, if from.is_none() { 24.0 } else { foot });
        if foot - top >= 0.5 {
            let band = [(top, "\" width=\"100\" height=\""), (foot - top, "\"/>")];
            push_marks(&mut out, "<rect class=\"band\" y=\"", band);
        }
    }
    out.push_str("<path d=\"");
    out.push_str(&path);
    push_marks(&mut out, "\"/><circle cx=\"", [(last.0, "\" cy=\""), (last.1, "\" r=\"2.2\"/></svg>")]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[Option<f64>], band: Option<[Option<f64>; 2]>) -> String {
        spark(&Spark {
            values: values.to_vec(),
            title: "x <".to_owned(),
            label: "1 >".to_owned(),
            band,
            ..Spark::default()
        })
    }

    #[test]
    fn a_gap_lifts_the_pen() {
        let svg = of(&[Some(1.0), None, Some(2.0), Some(3.0)], None);
        assert_eq!(svg.matches('M').count(), 2);
        assert!(svg.contains("d=\"M2 21h0M66 12L98 3\""), "a value alone is a dot: {svg}");
        assert!(of(&[Some(1.0), None], None).is_empty());
        assert!(svg.contains("<title>x &lt;</title><desc>1 &gt;</desc>"));
    }

    #[test]
    fn values_lie_between_the_lowest_and_the_highest() {
        let svg = of(&[Some(0.0), Some(5.0), Some(10.0)], None);
        assert!(svg.contains("d=\"M2 21L50 12L98 3\"") && svg.contains("cx=\"98\" cy=\"3\""), "{svg}");
    }

    #[test]
    fn the_healthy_band_is_drawn_where_it_begins() {
        let values = [Some(0.0), Some(10.0)];
        let up = of(&values, Some([Some(5.0), None]));
        assert!(up.contains("class=\"band\" y=\"0\" width=\"100\" height=\"12\""), "from the middle upwards: {up}");
        let down = of(&values, Some([None, Some(5.0)]));
        assert!(
            down.contains("class=\"band\" y=\"12\" width=\"100\" height=\"12\""),
            "from the middle downwards: {down}"
        );
        let far = of(&values, Some([Some(900.0), None]));
        assert!(!far.contains("band") && far.contains("L98 3"), "a band out of sight leaves the line as it is: {far}");
    }
}
