//! A slope: a score of 0 to 100 in the previous period and in this one.

use super::{Fit, at, image};
use crate::report::Slope;

/// The line from the previous score to this one, each end a dot.
#[must_use]
pub fn slope(s: &Slope) -> String {
    let y = |score: f64| 22.0 - score.clamp(0.0, 100.0) / 100.0 * 20.0;
    let (from, to) = (at(y(s.from)), at(y(s.to)));
    format!(
        "{}<path d=\"M4 {from}L56 {to}\"/><circle class=\"then\" cx=\"4\" cy=\"{from}\" r=\"2\"/><circle cx=\"56\" cy=\"{to}\" r=\"3\"/></svg>",
        image("slope", (60, 24), Fit::Whole, &s.title, &s.label)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_lie_at_the_scores() {
        let (title, label) = ("分".to_owned(), "0 → 100 \"<".to_owned());
        let svg = slope(&Slope { from: 0.0, to: 100.0, title, label });
        assert!(svg.contains("d=\"M4 22L56 2\"") && svg.contains("cx=\"56\" cy=\"2\""), "{svg}");
        assert!(
            slope(&Slope { from: 50.0, to: 50.0, title: String::new(), label: String::new() })
                .contains("d=\"M4 12L56 12\"")
        );
        assert!(svg.contains("<desc>0 → 100 &quot;&lt;</desc>"));
    }
}
