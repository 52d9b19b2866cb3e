//! The ring of the health score: an arc for the score, a band for what it could be.

use super::{at, attribute};

const CENTRE: (f64, f64) = (80.0, 80.0);
const RADIUS: f64 = 66.0;
/// The ring is open below: it runs from 144° past six o'clock, clockwise, through 288°… of 360.
const START: f64 = 126.0;
const SWEEP: f64 = 288.0;

/// A gauge of 0 to 100. `class` colours the arc; `previous` is a tick.
#[must_use]
pub fn gauge(value: Option<f64>, (low, high): (f64, f64), previous: Option<f64>, class: &str, label: &str) -> String {
    let mut out = format!(
        "<svg class=\"gauge {}\" viewBox=\"0 0 160 152\" role=\"img\" aria-label=\"{}\"><path class=\"track\" d=\"{}\"/>",
        attribute(class),
        attribute(label),
        arc(0.0, 100.0, RADIUS)
    );
    if let Some(value) = value.filter(|v| *v >= 0.5) {
        out.push_str(&format!("<path class=\"val\" d=\"{}\"/>", arc(0.0, value, RADIUS)));
    }
    if high - low >= 1.0 {
        out.push_str(&format!("<path class=\"range\" d=\"{}\"/>", arc(low, high, RADIUS - 12.0)));
    }
    if let Some(previous) = previous {
        let (x1, y1) = point(previous, RADIUS - 7.0);
        let (x2, y2) = point(previous, RADIUS + 7.0);
        out.push_str(&format!("<path class=\"tick\" d=\"M{} {}L{} {}\"/>", at(x1), at(y1), at(x2), at(y2)));
    }
    out.push_str("</svg>");
    out
}

fn point(score: f64, radius: f64) -> (f64, f64) {
    let angle = (START + SWEEP * score.clamp(0.0, 100.0) / 100.0).to_radians();
    (CENTRE.0 + radius * angle.cos(), CENTRE.1 + radius * angle.sin())
}

fn arc(from: f64, to: f64, radius: f64) -> String {
    let (x1, y1) = point(from, radius);
    let (x2, y2) = point(to, radius);
    let large = u8::from(SWEEP * (to - from) / 100.0 > 180.0);
    let r = at(radius);
    format!("M{} {}A{r} {r} 0 {large} 1 {} {}", at(x1), at(y1), at(x2), at(y2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_an_arc_and_its_bounds_a_band() {
        let svg = gauge(Some(64.2), (58.1, 69.9), Some(67.5), "watch", "分 64 <b>");
        assert!(svg.contains("class=\"val\"") && svg.contains("class=\"range\"") && svg.contains("class=\"tick\""));
        assert!(svg.contains("分 64 &lt;b&gt;"));
        assert!(!gauge(None, (20.0, 90.0), None, "none", "").contains("class=\"val\""));
    }
}
