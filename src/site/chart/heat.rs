//! A row of a heat map: one cell a period, the darker the larger the share.

use super::{Fit, image};
use crate::report::CohortRow;
use std::collections::BTreeMap;

/// Width and height of a cell.
const CELL: (u32, u32) = (20, 20);

/// The cells of a row, from the left. A period that is not over yet has no cell, one without data an
/// empty one.
#[must_use]
pub fn row(row: &CohortRow) -> String {
    let columns = u32::try_from(row.shares.len() + row.open).unwrap_or(1).max(1);
    let mut out = image("heat", (columns * CELL.0, CELL.1), Fit::Stretched, &row.period, &row.label);
    // One path a shade; its pieces are strokes as thick as a cell is high, thinner where the share is a range.
    let mut paths: BTreeMap<(Option<u8>, bool), String> = BTreeMap::new();
    for (i, share) in row.shares.iter().enumerate() {
        let x = u32::try_from(i).unwrap_or(0) * CELL.0;
        let step = share.map(shade);
        let piece = if step.is_some() { format!("M{x} 10h{}", CELL.0 - 1) } else { format!("M{} 10h6", x + 6) };
        paths.entry((step, row.rough.contains(&i))).or_default().push_str(&piece);
    }
    for ((step, rough), path) in paths {
        let mut class = step.map_or_else(|| "empty".to_owned(), |s| format!("h{s}"));
        if rough {
            class.push_str(" rough");
        }
        out.push_str(&format!("<path class=\"{class}\" d=\"{path}\"/>"));
    }
    out.push_str("</svg>");
    out
}

/// One of eleven shades: 0 for nobody, 10 for all.
fn shade(share: f64) -> u8 {
    // Clamped to 0..=10, so nothing is cut off.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let step = (share.clamp(0.0, 1.0) * 10.0).round() as u8;
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_a_thinner_mark() {
        let svg = row(&CohortRow { shares: vec![Some(1.0), Some(0.95)], rough: vec![1], ..CohortRow::default() });
        assert!(svg.contains("class=\"h10\" d=\"M0 10h19\"") && svg.contains("class=\"h10 rough\" d=\"M20 10h19\""));
    }

    #[test]
    fn cells_stand_in_the_order_of_periods_and_darken_with_the_share() {
        let shares = vec![Some(1.0), Some(0.72), None, Some(0.0), Some(0.68)];
        let svg = row(&CohortRow {
            shares,
            open: 1,
            period: "W11 <b>".to_owned(),
            label: "1 <".to_owned(),
            ..CohortRow::default()
        });
        assert!(svg.contains("viewBox=\"0 0 120 20\""), "six periods, one of them to come: {svg}");
        assert!(svg.contains("class=\"h10\" d=\"M0 10h19\"") && svg.contains("class=\"h0\" d=\"M60 10h19\""));
        assert!(svg.contains("class=\"h7\" d=\"M20 10h19M80 10h19\""), "one shade is one path: {svg}");
        assert!(svg.contains("class=\"empty\" d=\"M46 10h6\""));
        assert!(svg.contains("<title>W11 &lt;b&gt;</title><desc>1 &lt;</desc>"));
    }
}
