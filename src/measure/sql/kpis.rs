//! KPIs: one row a group, period and KPI of the group's playbook.

use super::super::plan::Bound;
use super::dialect::{literal_text, quoted};
use super::followed::{Followed, shared};
use super::script::Script;
use super::stages::{followers, union};
use crate::expr::Type;

pub(super) const COLUMNS: [&str; 7] = ["group_id", "period", "stage", "kpi", "numerator", "denominator", "value"];

impl Script<'_> {
    /// The value of an expression of the group where it is known.
    fn number(&self, bound: Bound) -> (String, Type) {
        let Some(formula) = self.plan.formula(bound) else { return ("null".to_owned(), Type::Null) };
        let known = self.formula_known(formula);
        (format!("case when {known} then {} end", self.on_entity(formula)), formula.expr.ty())
    }

    /// All KPIs of all playbooks side by side, then a row for each that the group is judged by.
    pub(super) fn kpis(&mut self, facts: &str, followed: &[Followed]) {
        let all = shared(followed, |f| &f.kpis);
        if all.is_empty() {
            return self.cte("kpis", union(&[], &COLUMNS));
        }
        let mut columns = Vec::new();
        let mut names = Vec::new();
        let [mut numerators, mut denominators, mut values, mut judged] = [const { String::new() }; 4];
        for (number, (kpi, by)) in all.iter().enumerate() {
            let (value, value_type) = self.number(kpi.value);
            let result = match kpi.denominator {
                Some(bound) => {
                    let (denominator, ty) = self.number(bound);
                    columns.push(format!("cast({denominator} as float8) as d{number}"));
                    denominators.push_str(&format!(" when {number} then k.d{number}"));
                    self.printer.quotient(&format!("({value})"), value_type, &format!("({denominator})"), ty)
                }
                None => value.clone(),
            };
            columns.push(format!("cast({value} as float8) as n{number}, cast({result} as float8) as v{number}"));
            numerators.push_str(&format!(" when {number} then k.n{number}"));
            values.push_str(&format!(" when {number} then k.v{number}"));
            judged.push_str(&format!("\n  when {number} then {}", followers(by)));
            names.push(format!("({number}, {})", literal_text(&kpi.id)));
        }
        if denominators.is_empty() {
            denominators.push_str(" when -1 then cast(null as float8)");
        }
        self.cte(
            "kpi values",
            format!(
                "select gf.\"group\", gf.\"period\",\n  {}\nfrom {} gf join \"counted groups\" g on g.\"group_id\" = gf.\"group\" join periods p on p.\"period\" = gf.\"period\"",
                columns.join(",\n  "),
                quoted(facts)
            ),
        );
        self.cte(
            "kpis",
            format!(
                "select k.\"group\" as \"group_id\", p.\"name\" as \"period\", v.\"stage\", c.\"kpi\", case c.\"number\"{numerators} end as \"numerator\",\n  \
                 case c.\"number\"{denominators} end as \"denominator\",\n  case c.\"number\"{values} end as \"value\"\n\
                 from \"kpi values\" k join periods p on p.\"period\" = k.\"period\" join \"stages\" v on v.\"group\" = k.\"group\"\n  \
                 cross join (values {}) as c(\"number\", \"kpi\")\nwhere case c.\"number\"{judged}\nend",
                names.join(", ")
            ),
        );
    }
}
