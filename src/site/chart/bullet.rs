//! The bullet bar of a KPI: bands, the value, its interval and the previous value.

use super::{Fit, image, push_marks};
use crate::report::Bullet;

/// A bullet bar on an axis of 0 to 100 that is stretched to its place.
#[must_use]
pub fn bullet(b: &Bullet) -> String {
    let (from, to) = axis(b);
    let x = |v: f64| ((v - from) / (to - from) * 100.0).clamp(0.0, 100.0);
    let mut out = image("bullet", (100, 16), Fit::Stretched, &b.title, &b.label);
    let mut left = 0.0;
    for (i, band) in b.bands.iter().enumerate() {
        let right = b.cuts.get(i).map_or(100.0, |c| x(*c));
        if right > left {
            ["<path class=\"", band].iter().for_each(|piece| out.push_str(piece));
            push_marks(&mut out, "\" d=\"M", [(left, " 8H"), (right, "\"/>")]);
        }
        left = right;
    }
    if let (Some(low), Some(high)) = (b.low, b.high) {
        push_marks(&mut out, "<path class=\"ci\" d=\"M", [(x(low), " 8H"), (x(high), "\"/>")]);
    }
    if let Some(previous) = b.previous {
        push_marks(&mut out, "<path class=\"prev\" d=\"M", [(x(previous), " 1V15\"/>")]);
    }
    let value = x(b.value).clamp(0.7, 99.3);
    push_marks(&mut out, "<path class=\"dot\" d=\"M", [(value - 0.7, " 0h1.4v16h-1.4z\"/></svg>")]);
    out
}

/// The ends of the axis: everything that is shown fits, the outer bands are as wide as an inner one,
/// and no axis leaves the values that the unit has.
fn axis(b: &Bullet) -> (f64, f64) {
    let (Some(first), Some(last)) = (b.cuts.first().copied(), b.cuts.last().copied()) else { return (0.0, 1.0) };
    let step = ((last - first) / (b.cuts.len().max(2) - 1) as f64).max(f64::EPSILON);
    let shown = [Some(b.value), b.low, b.high, b.previous];
    let least = shown.iter().flatten().copied().fold(first - step, f64::min);
    let most = shown.iter().flatten().copied().fold(last + step, f64::max);
    let from = b.least.map_or(least, |l| least.max(l));
    let to = b.most.map_or(most, |m| most.min(m));
    if to > from { (from, to) } else { (from, from + 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(value: f64) -> Bullet {
        Bullet {
            cuts: vec![0.4, 0.6, 0.8],
            bands: ["b0", "b1", "b2", "b3"].map(str::to_owned).to_vec(),
            value,
            low: Some(value - 0.03),
            high: Some(value + 0.03),
            previous: Some(0.47),
            least: Some(0.0),
            most: Some(1.0),
            title: "打开率 <b>".to_owned(),
            label: "41% <".to_owned(),
        }
    }

    #[test]
    fn every_mark_lies_where_its_value_is() {
        // The axis of a share with room on both sides: 20 % to 100 %.
        let svg = bullet(&rate(0.6));
        assert!(svg.contains("class=\"b0\" d=\"M0 8H25\"") && svg.contains("class=\"b1\" d=\"M25 8H50\""), "{svg}");
        assert!(svg.contains("class=\"b3\" d=\"M75 8H100\""), "{svg}");
        assert!(
            svg.contains("class=\"ci\" d=\"M46.2 8H53.8\"") && svg.contains("class=\"prev\" d=\"M33.7 1V15\""),
            "{svg}"
        );
        assert!(svg.contains("class=\"dot\" d=\"M49.3 0h"), "half way, less half its own width: {svg}");
        assert!(svg.contains("<title>打开率 &lt;b&gt;</title><desc>41% &lt;</desc>"));
    }

    #[test]
    fn a_share_is_drawn_between_0_and_1() {
        let svg = bullet(&rate(0.413));
        let (from, to) = axis(&rate(0.05));
        assert!((from - 0.02).abs() < 1e-9 && to == 1.0, "the interval is inside and nothing goes beyond 100%");
        assert!(svg.contains("class=\"b3\"") && svg.contains("class=\"ci\"") && svg.contains("class=\"prev\""));
    }

    #[test]
    fn extremes_stay_inside() {
        for value in [0.0, 1.0, 1e9, -1e9] {
            assert!(!bullet(&rate(value)).contains("NaN"));
        }
    }
}
