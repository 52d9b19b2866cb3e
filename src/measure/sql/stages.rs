//! In which stage of its life each group is, and so by which playbook it is judged.

use super::dialect::{literal_text, quoted};
use super::followed::Followed;
use super::script::Script;
use std::collections::BTreeSet;

impl Script<'_> {
    /// The stage of each group, and the number of what it follows in it: as the data say, else the last stage whose
    /// condition holds in the last period, else the first. `inferred` is the playbook of groups that name none.
    pub(super) fn stages(&mut self, facts: &str, followed: &[Followed], inferred: Option<&str>) {
        let last = self.clocks.len().saturating_sub(1);
        let mut rows = Vec::new();
        for (number, own) in followed.iter().enumerate().filter(|(_, f)| f.stage.is_none()) {
            let mut variant = String::new();
            for (other, f) in followed.iter().enumerate() {
                if let Some(stage) = f.stage.as_ref().filter(|_| (&f.playbook, &f.group) == (&own.playbook, &own.group))
                {
                    variant.push_str(&format!(" when \"stage\" = {} then {other}", literal_text(stage)));
                }
            }
            let variant =
                if variant.is_empty() { number.to_string() } else { format!("case{variant} else {number} end") };
            rows.push(format!(
                "select \"group\", \"stage\", {variant} as \"variant\" from (\n  select gf.\"group\", {} as \"stage\"\n  \
                 from {} gf join \"counted groups\" g on g.\"group_id\" = gf.\"group\" join periods p on p.\"period\" = gf.\"period\"\n  \
                 where p.\"period\" = {last} and {}\n) s",
                self.stage_of(own),
                quoted(facts),
                follows(own, followed, inferred)
            ));
        }
        let sql = union(&rows, &["group", "stage", "variant"]);
        self.cte("stages", sql);
    }

    fn stage_of(&self, own: &Followed) -> String {
        let mut cases = String::new();
        for stage in &own.stages {
            let names: Vec<String> = stage.names.iter().map(|n| literal_text(n)).collect();
            cases.push_str(&format!(
                "\n    when lower(trim(g.\"stage\")) in ({}) then {}",
                names.join(", "),
                literal_text(&stage.id)
            ));
        }
        for stage in own.stages.iter().rev() {
            let Some(formula) = stage.when.and_then(|w| self.plan.formula(w)) else { continue };
            cases.push_str(&format!(
                "\n    when {} and {} then {}",
                self.formula_known(formula),
                self.on_entity(formula),
                literal_text(&stage.id)
            ));
        }
        match own.stages.first() {
            Some(first) => format!("case{cases}\n    else {} end", literal_text(&first.id)),
            None => "cast(null as text)".to_owned(),
        }
    }

    /// Groups in every period, with what they follow; `gf`, `g`, `p` and `v`.
    pub(super) fn judged(&self, facts: &str) -> String {
        format!(
            "{} gf join \"counted groups\" g on g.\"group_id\" = gf.\"group\" join periods p on p.\"period\" = gf.\"period\"\n  \
             join \"stages\" v on v.\"group\" = gf.\"group\"",
            quoted(facts)
        )
    }

    /// The same with every member: `mf`.
    pub(super) fn judged_members(&self, facts: &str) -> String {
        format!(
            "{}\n  join \"member_facts\" mf on mf.\"group\" = gf.\"group\" and mf.\"period\" = gf.\"period\"",
            self.judged(facts)
        )
    }
}

/// Customers, not staff or bots.
pub(super) const CUSTOMERS: &str = "mf.\"member.role\" in ('member', 'koc')";
/// Who joined before the end of the period.
pub(super) const JOINED: &str = "mf.\"member.joined_at\" < p.\"end\"";
/// Who had not left before it.
pub(super) const NOT_LEFT: &str = "(mf.\"member.left_at\" is null or p.\"end\" <= mf.\"member.left_at\")";

/// Whether a group follows one of these.
pub(super) fn followers(numbers: &[usize]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("v.\"variant\" in ({})", numbers.join(", "))
}

/// Whether a group names this playbook; one with overrides of its own follows those.
fn follows(own: &Followed, all: &[Followed], inferred: Option<&str>) -> String {
    let named = match inferred {
        Some(inferred) => format!("coalesce(g.\"playbook\", {})", literal_text(inferred)),
        None => "g.\"playbook\"".to_owned(),
    };
    let mut text = format!("{named} = {}", literal_text(&own.playbook));
    if let Some(group) = &own.group {
        text.push_str(&format!(" and g.\"group_id\" = {}", literal_text(group)));
        return text;
    }
    let others: BTreeSet<String> = all
        .iter()
        .filter(|f| f.playbook == own.playbook)
        .filter_map(|f| f.group.as_deref().map(literal_text))
        .collect();
    if !others.is_empty() {
        let others: Vec<String> = others.into_iter().collect();
        text.push_str(&format!(" and g.\"group_id\" not in ({})", others.join(", ")));
    }
    text
}

/// All these queries together; none at all has these columns.
pub(super) fn union(queries: &[String], columns: &[&str]) -> String {
    if queries.is_empty() {
        let columns: Vec<String> = columns.iter().map(|c| format!("null as {}", quoted(c))).collect();
        return format!("select {} where false", columns.join(", "));
    }
    queries.join("\nunion all\n")
}
