//! KPIs: one row a group, period and KPI of the group's playbook.

use super::super::plan::{Bound, Home, Plan};
use super::dialect::{literal_text, quoted};
use super::script::Script;
use crate::expr::Type;
use crate::playbook::{Grain, KpiForm, Playbook};
use crate::schema::Table;

/// A KPI of a playbook, with its expressions bound to a plan.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Id of the playbook that groups name.
    pub playbook: String,
    /// The one group to which overrides of its own apply.
    pub group: Option<String>,
    /// Stage in which it is judged so; `None` without one.
    pub stage: Option<String>,
    /// Id.
    pub kpi: String,
    /// Numerator or value.
    pub value: Bound,
    /// Denominator of a ratio.
    pub denominator: Option<Bound>,
}

impl Plan {
    /// Plans everything that a playbook asks for, and gives its KPIs. `group` is the one to which overrides apply.
    pub fn ask_all(&mut self, playbook: &Playbook, group: Option<&str>) -> Vec<Judged> {
        let mut kpis = Vec::new();
        for kpi in &playbook.kpis {
            let (value, denominator) = match &kpi.form {
                KpiForm::Ratio(n, d) => {
                    (self.bind(playbook, n, Home::Group), Some(self.bind(playbook, d, Home::Group)))
                }
                KpiForm::Value(f) | KpiForm::Mean(f) => (self.bind(playbook, f, Home::Group), None),
            };
            kpis.push(Judged {
                playbook: playbook.id.clone(),
                group: group.map(str::to_owned),
                stage: playbook.stage.clone(),
                kpi: kpi.id.clone(),
                value,
                denominator,
            });
        }
        let member = Home::Row(Table::Members);
        for when in playbook.segments.iter().chain(&playbook.churn).filter_map(|s| s.when.as_ref()) {
            self.bind(playbook, when, member);
        }
        for alert in &playbook.alerts {
            let home = if alert.grain == Grain::Member { member } else { Home::Group };
            self.bind(playbook, &alert.when, home);
        }
        for when in playbook.stages.iter().filter_map(|s| s.enter_when.as_ref()) {
            self.bind(playbook, when, Home::Group);
        }
        for id in playbook.measures.keys() {
            let window = crate::expr::Window::Period;
            let _ = self.read(playbook, id, Grain::Group, window);
        }
        kpis
    }
}

impl Script<'_> {
    /// The value of an expression of the group where it is known.
    fn number(&self, bound: Bound) -> (String, Type) {
        let Some(formula) = self.plan.formula(bound) else { return ("null".to_owned(), Type::Null) };
        let known = self.formula_known(formula);
        (format!("case when {known} then {} end", self.on_entity(formula)), formula.expr.ty())
    }

    pub(super) fn choose_kpis(&self, facts: &str, kpis: &[Judged]) -> String {
        let mut rows = Vec::new();
        for kpi in kpis {
            let (value, value_type) = self.number(kpi.value);
            let (denominator, result) = match kpi.denominator {
                Some(bound) => {
                    let (denominator, ty) = self.number(bound);
                    let result =
                        self.printer.quotient(&format!("({value})"), value_type, &format!("({denominator})"), ty);
                    (denominator, result)
                }
                None => ("null".to_owned(), value.clone()),
            };
            let text = |t: &Option<String>| t.as_deref().map_or("cast(null as text)".to_owned(), literal_text);
            let mut of = format!("g.\"playbook\" = {}", literal_text(&kpi.playbook));
            match &kpi.group {
                Some(group) => of.push_str(&format!(" and g.\"group_id\" = {}", literal_text(group))),
                None => {
                    let own: Vec<String> = kpis
                        .iter()
                        .filter(|k| k.playbook == kpi.playbook)
                        .filter_map(|k| k.group.as_deref().map(literal_text))
                        .collect::<std::collections::BTreeSet<_>>()
                        .into_iter()
                        .collect();
                    if !own.is_empty() {
                        of.push_str(&format!(" and g.\"group_id\" not in ({})", own.join(", ")));
                    }
                }
            }
            rows.push(format!(
                "select gf.\"group\" as \"group_id\", p.\"name\" as \"period\", {} as \"stage\", {} as \"kpi\",\n  \
                 cast({value} as float8) as \"numerator\", cast({denominator} as float8) as \"denominator\", cast({result} as float8) as \"value\"\n\
                 from {} gf join \"counted groups\" g on g.\"group_id\" = gf.\"group\" join periods p on p.\"period\" = gf.\"period\"\nwhere {of}",
                text(&kpi.stage),
                literal_text(&kpi.kpi),
                quoted(facts)
            ));
        }
        if rows.is_empty() {
            rows.push("select null where false".to_owned());
        }
        format!("{}\norder by 1, 2, 3, 4", rows.join("\nunion all\n"))
    }
}
