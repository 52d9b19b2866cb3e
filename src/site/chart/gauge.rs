//! The ring of the health score: an arc for the score, a band for what it could be.

use super::{Fit, at, escaped, image};

const CENTRE: (f64, f64) = (80.0, 80.0);
const RADIUS: f64 = 66.0;
/// The ring is open below: it runs from 144° past six o'clock, clockwise, through 288°… of 360.
const START: f64 = 126.0;
const SWEEP: f64 = 288.0;

/// The numbers of a gauge: those of the score's view.
#[derive(serde::Deserialize)]
pub struct Gauge {
    value: Option<f64>,
    low: f64,
    high: f64,
    previous: Option<f64>,
    class: String,
    name: String,
    label: String,
}

/// A gauge of 0 to 100: an arc for the score, a thin one for its bounds, a tick for the previous score.
#[must_use]
pub fn gauge(g: &Gauge) -> String {
    let (low, high) = (g.low, g.high);
    let mut out = image(&format!("gauge {}", escaped(&g.class)), (160, 152), Fit::Whole, &g.name, &g.label);
    out.push_str(&format!("<path class=\"track\" d=\"{}\"/>", arc(0.0, 100.0, RADIUS)));
    if let Some(value) = g.value.filter(|v| *v >= 0.5) {
        out.push_str(&format!("<path class=\"val\" d=\"{}\"/>", arc(0.0, value, RADIUS)));
    }
    if high - low >= 1.0 {
        out.push_str(&format!("<path class=\"range\" d=\"{}\"/>", arc(low, high, RADIUS - 12.0)));
    }
    if let Some(previous) = g.previous {
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

    fn of(value: Option<f64>, bounds: (f64, f64), previous: Option<f64>) -> String {
        let (low, high) = bounds;
        let (class, name, label) = ("watch".to_owned(), "健康分".to_owned(), "分 64 <b>".to_owned());
        gauge(&Gauge { value, low, high, previous, class, name, label })
    }

    #[test]
    fn a_score_is_an_arc_and_its_bounds_a_band() {
        let svg = of(Some(64.2), (58.1, 69.9), Some(67.5));
        assert!(svg.contains("class=\"val\"") && svg.contains("class=\"range\"") && svg.contains("class=\"tick\""));
        assert!(svg.contains("<title>健康分</title><desc>分 64 &lt;b&gt;</desc>"));
        assert!(!of(None, (20.0, 90.0), None).contains("class=\"val\""));
    }

    #[test]
    fn half_marks_end_at_the_top_of_the_ring() {
        assert!(of(Some(50.0), (50.0, 50.0), None).contains("A66 66 0 0 1 80 14"));
    }
}
