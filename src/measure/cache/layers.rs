//! From the buckets of an earlier run to those of this one.

use super::super::cuts::Cuts;
use super::beside::NONE;
use crate::calendar::Instant;
use serde::{Deserialize, Serialize};

/// The cuts of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OldCuts {
    /// Ascending instants.
    pub at: Vec<i64>,
    pub open_start: bool,
    /// Whether rows lay beyond the last.
    pub beyond: bool,
}

impl OldCuts {
    pub fn of(cuts: &Cuts, beyond: bool) -> Self {
        Self { at: cuts.at.iter().map(|c| c.0).collect(), open_start: cuts.open_start, beyond }
    }

    /// Whether rows may lie beyond the last of the new cuts.
    pub fn reaches_beyond(&self, new: &Cuts) -> bool {
        self.beyond || self.at.last() > new.at.last().map(|c| &c.0)
    }

    /// The bucket that takes what lay in each old one, [`NONE`] for those that no window reaches now; `None` if
    /// a window begins or ends within what was taken together, or reaches what was left out.
    pub fn buckets(&self, new: &Cuts) -> Option<Vec<u32>> {
        if self.open_start != new.open_start {
            return None;
        }
        let mut buckets = Vec::with_capacity(self.at.len() + 1);
        for bucket in 0..=self.at.len() {
            let from = bucket.checked_sub(1).and_then(|b| self.at.get(b)).map_or(Instant::MIN, |c| Instant(*c));
            let to = self.at.get(bucket).map_or(Instant::MAX, |c| Instant(*c));
            let left_out = (bucket == 0 && !self.open_start) || bucket == self.at.len();
            let none = left_out && bucket == self.at.len() && !self.beyond;
            let next = new.at.partition_point(|c| *c <= from);
            let cut = new.at.get(next).is_some_and(|c| *c < to);
            let home = if left_out && cut { None } else { new.bucket(from) };
            buckets.push(match (left_out, cut, home) {
                _ if none => NONE,
                // A window reaches what was left out, unless it is left out now, too.
                (true, true, _) | (false, true, _) | (true, false, Some(_)) => return None,
                (true, false, None) | (false, false, None) => NONE,
                (false, false, Some(home)) => u32::try_from(home).ok()?,
            });
        }
        // What lies beyond the last has no cells.
        buckets.truncate(self.at.len());
        Some(buckets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(at: &[i64], open_start: bool) -> Cuts {
        Cuts { at: at.iter().map(|c| Instant(*c)).collect(), open_start }
    }

    fn map(old: (&[i64], bool), new: &[i64]) -> Option<Vec<u32>> {
        OldCuts::of(&cuts(old.0, false), old.1).buckets(&cuts(new, false))
    }

    #[test]
    fn buckets_are_joined_and_dropped_never_split() {
        assert_eq!(map((&[10, 20, 30], false), &[10, 20, 30]), Some(vec![NONE, 1, 2]));
        assert_eq!(map((&[10, 20, 30], false), &[20, 30, 40]), Some(vec![NONE, NONE, 1]));
        assert_eq!(map((&[10, 20, 30], false), &[10, 30, 40]), Some(vec![NONE, 1, 1]));
        assert_eq!(map((&[10, 20, 30], false), &[15, 30]), None, "a window begins within a bucket");
        assert_eq!(map((&[10, 20, 30], false), &[5, 30]), None, "rows before were left out");
        assert_eq!(map((&[10, 20, 30], true), &[20, 30, 40]), None, "rows beyond were left out");
        assert_eq!(map((&[10, 20, 30], true), &[20, 30]), Some(vec![NONE, NONE, 1]));
        let open = OldCuts::of(&cuts(&[10, 20], true), false);
        assert_eq!(open.buckets(&cuts(&[20, 30], true)), Some(vec![0, 0]));
        assert_eq!(open.buckets(&cuts(&[20, 30], false)), None);
    }
}
