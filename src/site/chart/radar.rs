//! The radar of the principles: one axis each, clockwise from the top.

use super::{Fit, at, image, push_marks};
use crate::report::Radar;

const CENTRE: f64 = 100.0;
const RADIUS: f64 = 78.0;
/// The rings at half and at the healthy score.
const RINGS: [f64; 3] = [50.0, 80.0, 100.0];

/// A radar of 0 to 100. Axes are numbered as in the list beside it; an axis without a score has no
/// mark, and the shape is drawn between those that have one.
#[must_use]
pub fn radar(radar: &Radar) -> String {
    let count = radar.values.len();
    let corner = |axis: usize, score: f64| {
        let angle = std::f64::consts::TAU * axis as f64 / count.max(1) as f64 - std::f64::consts::FRAC_PI_2;
        let distance = RADIUS * score.clamp(0.0, 125.0) / 100.0;
        (CENTRE + distance * angle.cos(), CENTRE + distance * angle.sin())
    };
    let mut out = image("radar", (200, 200), Fit::Whole, &radar.title, &radar.label);
    for ring in RINGS {
        out.push_str(&format!("<path class=\"ring\" d=\"{}\"/>", polygon((0..count).map(|i| corner(i, ring)))));
    }
    for axis in 0..count {
        let (x, y) = corner(axis, 100.0);
        out.push_str(&format!("<path class=\"axis\" d=\"M{CENTRE} {CENTRE}L{} {}\"/>", at(x), at(y)));
    }
    let marks: Vec<(usize, f64)> = radar.values.iter().enumerate().filter_map(|(i, v)| Some((i, (*v)?))).collect();
    let shape = polygon(marks.iter().map(|(i, v)| corner(*i, *v)));
    out.push_str(&format!("<path class=\"shape\" d=\"{shape}\"/>"));
    for (axis, value) in &marks {
        let (x, y) = corner(*axis, *value);
        out.push_str(&format!("<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"3\"/>", at(x), at(y)));
    }
    for axis in 0..count {
        let (x, y) = corner(axis, 118.0);
        let (x, y) = (at(x), at(y));
        out.push_str(&format!("<text x=\"{x}\" y=\"{y}\" aria-hidden=\"true\">{}</text>", axis + 1));
    }
    out.push_str("</svg>");
    out
}

fn polygon(corners: impl Iterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (i, (x, y)) in corners.enumerate() {
        push_marks(&mut path, if i == 0 { "M" } else { "L" }, [(x, " "), (y, "")]);
    }
    path.push('Z');
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[Option<f64>]) -> String {
        radar(&Radar { values: values.to_vec(), title: "六条原则".to_owned(), label: "a \"b\" <c>".to_owned() })
    }

    #[test]
    fn the_first_axis_points_up_and_full_marks_reach_the_rim() {
        let svg = of(&[Some(100.0), Some(0.0), Some(50.0), Some(80.0)]);
        assert!(svg.contains("cx=\"100\" cy=\"22\""), "{svg}");
        assert!(svg.contains("cx=\"100\" cy=\"139\""), "half marks of the third axis, downwards: {svg}");
    }

    #[test]
    fn an_axis_without_a_score_has_no_mark() {
        let svg = of(&[Some(60.0), None, Some(60.0), Some(60.0), None, Some(60.0)]);
        assert_eq!(svg.matches("class=\"dot\"").count(), 4);
        assert_eq!(svg.matches("class=\"axis\"").count(), 6);
    }

    #[test]
    fn its_text_alternative_is_escaped() {
        assert!(!of(&[Some(1.0); 3]).contains("<c>"));
    }
}
