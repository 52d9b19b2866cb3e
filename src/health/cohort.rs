//! Who stayed: customers by the period in which they joined, and how many of them were still in the
//! group at the end of each period since.

use super::model::Cohort;
use super::privacy::{release, suppress};
use crate::measure::{Facts, Missing};
use crate::schema::Table;

/// The cohorts of a group's customers, one a period, oldest first, without the numbers by which fewer than
/// `min_cell` persons could be counted.
///
/// # Errors
/// Without the days of joining and of leaving nobody can tell who stayed.
pub(super) fn cohorts(facts: &Facts, group: u32, min_cell: u64) -> Result<Vec<Cohort>, Missing> {
    let entities = &facts.entities;
    let members = entities.members_of_group.get(group as usize).map_or(&[][..], Vec::as_slice);
    if members.is_empty() {
        let present = facts.reports.iter().any(|r| r.table == Table::Members && r.present);
        return Err(if present { Missing::NoRows(Table::Members) } else { Missing::TableAbsent(Table::Members) });
    }
    for column in ["joined_at", "left_at"] {
        if !entities.members.has(column) {
            return Err(Missing::ColumnAbsent(Table::Members, column.to_owned()));
        }
    }
    let windows: Vec<_> = (0..facts.periods.len()).filter_map(|p| Some(facts.clock(p)?.window)).collect();
    let mut counts: Vec<(u64, Vec<u64>)> = (0..windows.len()).map(|p| (0, vec![0; windows.len() - p])).collect();
    for stay in members.iter().map(|m| entities.stay(*m)).filter(|s| s.customer) {
        let Some(first) = windows.iter().position(|w| w.start <= stay.joined && stay.joined < w.end) else { continue };
        let Some((joined, stayed)) = counts.get_mut(first) else { continue };
        *joined += 1;
        for (count, window) in stayed.iter_mut().zip(windows.iter().skip(first)) {
            *count += u64::from(stay.covers(window.end));
        }
    }
    Ok(guarded(&counts, min_cell))
}

/// Cohorts by who joined and who stayed. How many joined in all can often be told from elsewhere, so that a small
/// cohort takes others with it.
fn guarded(counts: &[(u64, Vec<u64>)], min_cell: u64) -> Vec<Cohort> {
    let joined: Vec<u64> = counts.iter().map(|(joined, _)| *joined).collect();
    let hidden = suppress(&joined, min_cell);
    let cohort = |((joined, stayed), hidden): (&(u64, Vec<u64>), bool)| Cohort {
        joined: (!hidden).then_some(*joined),
        stayed: if hidden { Vec::new() } else { release(*joined, stayed, min_cell) },
    };
    counts.iter().zip(hidden).map(cohort).collect()
}

#[cfg(test)]
mod tests {
    use super::super::model::Stayed;
    use super::*;

    #[test]
    fn a_small_cohort_is_withheld_with_the_next_smallest() {
        let counts = [(40, vec![40, 34, 33]), (9, vec![9, 9]), (0, vec![0, 0]), (3, vec![2])];
        let cohorts = guarded(&counts, 5);
        assert_eq!(cohorts.iter().map(|c| c.joined).collect::<Vec<_>>(), [Some(40), None, Some(0), None]);
        assert!(cohorts.iter().filter(|c| c.joined.is_none()).all(|c| c.stayed.is_empty()));
        assert_eq!(
            cohorts.first().map(|c| c.stayed.clone()),
            Some(vec![Stayed::Told(40), Stayed::Told(34), Stayed::Withheld { least: 30, most: 33 }])
        );
        let all = guarded(&counts, 1);
        assert_eq!(all.last().map(|c| (c.joined, c.stayed.clone())), Some((Some(3), vec![Stayed::Told(2)])));
    }
}
