//! Bars on a track of 0 to 100: a share, and the spread of several.

use super::{mark, push_marks};

/// A share of 0 to 100, written `63.2` by the view, since views word their numbers.
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub struct Width(String);

/// A bar as long as its share.
#[must_use]
pub fn bar(width: &Width) -> String {
    let width: f64 = width.0.parse().unwrap_or(0.0);
    let mut out = mark("bar", (100, 8));
    push_marks(&mut out, "<path d=\"M0 4H", [(width.clamp(0.0, 100.0), "\"/></svg>")]);
    out
}

/// From the lowest to the highest, with the middle marked.
#[must_use]
pub fn spread(marks: &[String; 3]) -> String {
    let [low, middle, high] = marks.each_ref().map(|m| m.parse::<f64>().unwrap_or(0.0).clamp(0.0, 100.0));
    let mut out = mark("spread", (100, 14));
    out.push_str("<path class=\"axis\" d=\"M0 7H100\"/>");
    let marks = [(low, " 7H"), (high, "\"/><path class=\"middle\" d=\"M"), (middle, " 0V14\"/></svg>")];
    push_marks(&mut out, "<path class=\"reach\" d=\"M", marks);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        assert!(bar(&Width("63.2".to_owned())).contains("d=\"M0 4H63.2\""));
        assert!(bar(&Width("140".to_owned())).contains("H100\""));
        assert!(bar(&Width("nonsense".to_owned())).contains("H0\""));
    }

    #[test]
    fn a_spread_goes_from_the_lowest_to_the_highest() {
        let svg = spread(&["12.0", "40.5", "100.0"].map(str::to_owned));
        assert!(svg.contains("class=\"reach\" d=\"M12 7H100\"") && svg.contains("class=\"middle\" d=\"M40.5 0V14\""));
    }
}
