//! Who stayed: customers by the period in which they joined, and how many of them were still in the
//! group at the end of each period since.

use super::model::Cohort;
use crate::measure::{Facts, Missing};
use crate::schema::Table;

/// The cohorts of a group's customers, one a period, oldest first.
///
/// # Errors
/// Without the days of joining and of leaving nobody can tell who stayed.
pub(super) fn cohorts(facts: &Facts, group: u32) -> Result<Vec<Cohort>, Missing> {
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
    let mut cohorts: Vec<Cohort> =
        (0..windows.len()).map(|p| Cohort { joined: 0, stayed: vec![0; windows.len() - p] }).collect();
    for stay in members.iter().filter_map(|m| entities.stays.get(*m as usize)).filter(|s| s.customer) {
        let Some(first) = windows.iter().position(|w| w.start <= stay.joined && stay.joined < w.end) else { continue };
        let Some(cohort) = cohorts.get_mut(first) else { continue };
        cohort.joined += 1;
        for (count, window) in cohort.stayed.iter_mut().zip(windows.iter().skip(first)) {
            *count += u64::from(stay.covers(window.end));
        }
    }
    Ok(cohorts)
}
