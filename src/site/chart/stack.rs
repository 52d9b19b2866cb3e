//! Stacked bars: how a whole parts into classes, once or period by period.

use super::{Fit, at, image};
use crate::report::{Stack, Stacks};
use std::collections::BTreeMap;

/// Classes that have a colour of their own; further ones begin anew.
const COLOURS: usize = 8;

/// One bar across, as wide as all parts together.
#[must_use]
pub fn stack(s: &Stack) -> String {
    let mut out = image("stack", (1000, 26), Fit::Stretched, &s.title, &s.label);
    let total: f64 = s.parts.iter().sum();
    let mut left = 0.0;
    for (i, part) in s.parts.iter().enumerate().filter(|(_, p)| **p > 0.0) {
        let width = part / total * 1000.0;
        out.push_str(&format!(
            "<rect class=\"s{}\" x=\"{}\" width=\"{}\" height=\"26\"/>",
            i % COLOURS + 1,
            at(left),
            at((width - 3.0).max(2.0))
        ));
        left += width;
    }
    out.push_str("</svg>");
    out
}

/// A column a period, the tallest as high as the chart; classes lie in the same order in each.
#[must_use]
pub fn stacks(s: &Stacks) -> String {
    let count = u32::try_from(s.columns.len()).unwrap_or(1).max(1);
    let most = s.columns.iter().map(|c| c.iter().sum::<f64>()).fold(0.0, f64::max);
    let mut out = image("stacks", (count * 20, 100), Fit::Stretched, &s.title, &s.label);
    // One path a class, a piece of it in every column.
    let mut paths: BTreeMap<usize, String> = BTreeMap::new();
    for (c, column) in s.columns.iter().enumerate() {
        let mut foot = 100.0;
        for (i, part) in column.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            let height = part / most * 100.0;
            foot -= height;
            let (x, top, height) = (c * 20 + 3, at(foot), at((height - 0.8).max(0.4)));
            paths.entry(i).or_default().push_str(&format!("M{x} {top}h14v{height}h-14z"));
        }
    }
    for (i, path) in paths {
        out.push_str(&format!("<path class=\"s{}\" d=\"{path}\"/>", i % COLOURS + 1));
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_wide_as_their_share_and_nobody_is_no_mark() {
        let svg =
            stack(&Stack {
                parts: vec![3.0, 0.0, 1.0], title: "构成".to_owned(), label: "活跃 3, 沉默 1".to_owned()
            });
        assert!(svg.contains("class=\"s1\" x=\"0\" width=\"747\""), "{svg}");
        assert!(svg.contains("class=\"s3\" x=\"750\" width=\"247\"") && !svg.contains("class=\"s2\""), "{svg}");
        assert!(svg.contains("<title>构成</title><desc>活跃 3, 沉默 1</desc>"));
    }

    #[test]
    fn the_tallest_column_fills_the_chart_and_the_others_keep_their_measure() {
        let columns = vec![vec![10.0, 10.0], vec![30.0, 10.0]];
        let svg = stacks(&Stacks { columns, title: "x".to_owned(), label: "y <".to_owned() });
        assert!(svg.contains("viewBox=\"0 0 40 100\"") && svg.contains("<desc>y &lt;</desc>"));
        assert!(svg.contains("class=\"s1\" d=\"M3 75h14v24.2h-14zM23 25h14v74.2h-14z\""), "{svg}");
        assert!(svg.contains("class=\"s2\" d=\"M3 50h14v24.2h-14zM23 0h14v24.2h-14z\""), "{svg}");
    }

    #[test]
    fn nobody_at_all_is_an_empty_chart() {
        let svg = stack(&Stack { parts: vec![0.0, 0.0], ..Stack::default() });
        assert!(!svg.contains("rect") && !svg.contains("NaN"));
        assert!(!stacks(&Stacks { columns: vec![vec![0.0]], ..Stacks::default() }).contains("NaN"));
    }
}
