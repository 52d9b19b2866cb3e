//! Segments and depths of churn: how many members each class takes, in the playbook's order.

use super::dialect::literal_text;
use super::followed::{Class, Followed, shared};
use super::script::Script;
use super::stages::{CUSTOMERS, JOINED, NOT_LEFT, followers, union};

/// A partition of members.
pub(super) struct Partition {
    /// What it is called, and so is the table of it.
    pub name: &'static str,
    /// What a class of it is called.
    pub class: &'static str,
    /// The classes that a playbook has.
    pub of: fn(&Followed) -> &Vec<Class>,
    /// Whether those who left are no part of it.
    pub present: bool,
}

/// The customers in the group at the end of the period.
pub(super) const SEGMENTS: Partition =
    Partition { name: "segments", class: "segment", of: |f| &f.segments, present: true };
/// The customers who ever joined before it.
pub(super) const CHURN: Partition = Partition { name: "churn", class: "class", of: |f| &f.churn, present: false };

impl Partition {
    pub(super) fn columns(&self) -> [&'static str; 5] {
        ["group_id", "period", "place", self.class, "members"]
    }
}

impl Script<'_> {
    /// A row for each class; its members are NULL where its condition has no data.
    pub(super) fn partition(&mut self, partition: &Partition, facts: &str, followed: &[Followed]) {
        let Partition { name, class, of, present } = *partition;
        let whom = if present {
            format!("{CUSTOMERS} and {JOINED} and {NOT_LEFT}")
        } else {
            format!("{CUSTOMERS} and {JOINED}")
        };
        let mut rows = Vec::new();
        let lists = shared(followed, |f| std::slice::from_ref(of(f)));
        for (number, (classes, by)) in lists.into_iter().filter(|(classes, _)| !classes.is_empty()).enumerate() {
            let counted = format!("{name} {number}");
            let conditions: Vec<Option<(String, String)>> =
                classes.iter().map(|c| c.when.map(|when| self.condition(when))).collect();
            // Where nothing is known of any condition, nobody is parted.
            let known: Vec<String> = conditions.iter().flatten().map(|c| c.0.clone()).collect();
            let any = if known.is_empty() { "true".to_owned() } else { format!("({})", known.join(" or ")) };
            let mut first = "case".to_owned();
            let mut knowns = String::new();
            let mut names = Vec::new();
            for (place, (class, condition)) in classes.iter().zip(&conditions).enumerate() {
                names.push(format!("({place}, {})", literal_text(&class.id)));
                match condition {
                    Some((known, holds)) => {
                        first.push_str(&format!("\n    when {known} and {holds} then {place}"));
                        knowns.push_str(&format!(" when {place} then {known}"));
                    }
                    None => {
                        first.push_str(&format!("\n    when true then {place}"));
                        knowns.push_str(&format!(" when {place} then {any}"));
                    }
                }
            }
            self.cte(
                &counted,
                format!(
                    "select \"group\", \"period\", \"place\", count(*) as \"members\" from (\n  \
                     select gf.\"group\", gf.\"period\", {first}\n  end as \"place\"\n  from {}\n  where {} and {whom}\n\
                     ) parted group by \"group\", \"period\", \"place\"",
                    self.judged_members(facts),
                    followers(&by)
                ),
            );
            rows.push(format!(
                "select gf.\"group\" as \"group_id\", p.\"name\" as \"period\", c.\"place\" + 1 as \"place\", c.\"{class}\",\n  \
                 case when case c.\"place\"{knowns} end then coalesce(n.\"members\", 0) end as \"members\"\n\
                 from {}\n  cross join (values {}) as c(\"place\", \"{class}\")\n  \
                 left join \"{counted}\" n on n.\"group\" = gf.\"group\" and n.\"period\" = gf.\"period\" and n.\"place\" = c.\"place\"\nwhere {}",
                self.judged("known"),
                names.join(", "),
                followers(&by)
            ));
        }
        self.cte(name, union(&rows, &partition.columns()));
    }

    /// Whether anything is known of a condition, and the condition.
    pub(super) fn condition(&self, when: super::super::plan::Bound) -> (String, String) {
        match self.plan.formula(when) {
            Some(formula) => (format!("({})", self.formula_known(formula)), format!("({})", self.on_entity(formula))),
            None => ("true".to_owned(), "false".to_owned()),
        }
    }
}
