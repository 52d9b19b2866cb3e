//! Lists of whom to act on, as CSV.

use super::escape::csv_cell;
use crate::health::{Counted, MemberRef, PeriodHealth};
use crate::report::Pseudonyms;

/// The lists of a period by id: segments, depths of churn and alerts that concern members.
#[must_use]
pub fn lists(health: &PeriodHealth) -> Vec<(&str, &[MemberRef])> {
    let partitions = [&health.segments, &health.churn].into_iter().flat_map(|counted| match counted {
        Counted::Known(classes) => classes.as_slice(),
        Counted::Missing(_) => &[],
    });
    let alerts = health.alerts.iter().map(|a| (a.id.as_str(), a.members.as_slice()));
    partitions.map(|c| (c.id.as_str(), c.members.as_slice())).chain(alerts).filter(|(_, m)| !m.is_empty()).collect()
}

/// A list as CSV, sorted by what is shown, so that the order gives nothing away.
#[must_use]
pub fn csv(members: &[MemberRef], names: &Pseudonyms) -> Vec<u8> {
    let mut shown: Vec<String> = members.iter().map(|m| csv_cell(&names.name(&m.id))).collect();
    shown.sort();
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(["member"]);
    for name in &shown {
        let _ = writer.write_record([name]);
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MemberNames;

    #[test]
    fn a_plain_list_holds_no_formulas() {
        let members = ["=1+1", "-5", "b,\"c", "a"].map(|id| MemberRef { id: id.into() });
        let names = Pseudonyms::new(MemberNames::Plain, None);
        let text = String::from_utf8(csv(&members, &names)).unwrap_or_default();
        assert_eq!(text, "member\n'=1+1\n-5\na\n\"b,\"\"c\"\n");
    }
}
