//! What is known of a group at all: no table, no column, no row is no data, never zero.

use super::super::needed::Needed;
use super::super::plan::{BoundFormula, MeasureId, Planned};
use super::dialect::quoted;
use super::script::Script;
use crate::config::Absent as TableAbsent;
use crate::playbook::{Absent, Grain};
use crate::schema::Table;
use std::collections::BTreeSet;

impl Script<'_> {
    /// For each group and period, which measures are known.
    pub fn known(&mut self) {
        let tables: BTreeSet<Table> = self.plan.measures.iter().filter_map(|p| p.table).collect();
        let mut columns = Vec::new();
        let mut from = "\"counted groups\" g cross join periods p".to_owned();
        for table in &tables {
            match table {
                Table::Groups | Table::Products => continue,
                _ => {}
            }
            let mut flags = vec!["true as \"rows\"".to_owned()];
            for (id, planned) in self.plan.measures.iter().enumerate() {
                if planned.table == Some(*table) && planned.absent == Some(Absent::NoData) {
                    flags.push(format!("{} as seen{id}", self.seen(id, planned)));
                }
            }
            let name = format!("{table} seen");
            let source = self.seen_source(*table);
            self.cte(&name, format!("select \"group\", {}\nfrom {source} group by \"group\"", flags.join(", ")));
            let alias = format!("s_{table}");
            from.push_str(&format!("\n  left join {} {alias} on {alias}.\"group\" = g.\"group_id\"", quoted(&name)));
        }
        for id in 0..self.plan.measures.len() {
            let measure = MeasureId(id);
            columns.push(format!("{} as \"known {id}\"", self.known_measure(Needed { measure, whole: true })));
            if self.stands_in(measure) {
                let rows = self.known_measure(Needed { measure, whole: false });
                columns.push(format!("{rows} as \"known rows {id}\""));
            }
        }
        let sql =
            format!("select g.\"group_id\" as \"group\", p.\"period\",\n  {}\nfrom {from}", columns.join(",\n  "));
        self.cte("known", sql);
    }

    /// The rows in which a measure may have been seen, with the group of each.
    fn seen_source(&self, table: Table) -> String {
        match table {
            Table::Members => format!(
                "(select m.\"group_id\" as \"group\", {} from \"counted members\" m) mf join \"counted groups\" g on g.\"group_id\" = mf.\"group\"",
                self.own_columns(Grain::Member, "m").join(", ")
            ),
            Table::Posts => format!(
                "(select o.\"group_id\" as \"group\", {} from \"counted posts\" o) pf join \"counted groups\" g on g.\"group_id\" = pf.\"group\"\n  \
                 left join \"counted products\" d on d.\"product_id\" = pf.\"post.product_id\"",
                self.own_columns(Grain::Post, "o").join(", ")
            ),
            // A row that another column leaves without a place in time is a row all the same.
            _ => {
                let streams: BTreeSet<&str> = self
                    .plan
                    .measures
                    .iter()
                    .filter(|p| p.table == Some(table))
                    .filter_map(|p| p.on.as_deref())
                    .collect();
                let all: Vec<String> = streams
                    .iter()
                    .map(|on| {
                        let flags: Vec<String> = self
                            .seen_measures(table)
                            .map(|(id, p)| {
                                let own = p.on.as_deref() == Some(on) && self.is_read(id);
                                if own { format!("f{id}") } else { format!("false as f{id}") }
                            })
                            .collect();
                        let flags = if flags.is_empty() { String::new() } else { format!(", {}", flags.join(", ")) };
                        format!("select \"group\"{flags} from {}", quoted(&format!("{table} by {on} rows")))
                    })
                    .collect();
                let flags: String = self.seen_measures(table).map(|(id, _)| format!(", false as f{id}")).collect();
                format!(
                    "(\n  {}\n  union all select \"group_id\" as \"group\"{flags} from {}\n) r",
                    all.join("\n  union all "),
                    quoted(&format!("counted {table}"))
                )
            }
        }
    }

    fn seen_measures(&self, table: Table) -> impl Iterator<Item = (usize, &Planned)> {
        let measures = self.plan.measures.iter().enumerate();
        measures.filter(move |(_, p)| p.table == Some(table) && p.absent == Some(Absent::NoData))
    }

    fn is_read(&self, measure: usize) -> bool {
        self.plan.reads.iter().any(|r| r.measure == MeasureId(measure))
    }

    /// Whether any row ever matched.
    fn seen(&self, id: usize, planned: &Planned) -> String {
        let held = matches!(planned.table, Some(Table::Members | Table::Posts));
        match planned.filter.and_then(|f| self.plan.formula(f)) {
            // What depends on the period cannot be looked for in all of time.
            Some(filter) if held && (filter.expr.depends_on_period() || !filter.measures.is_empty()) => {
                "true".to_owned()
            }
            Some(filter) if held => format!("bool_or({})", self.on_entity(filter)),
            None if held => "true".to_owned(),
            _ => format!("bool_or(f{id})"),
        }
    }

    /// Whether a measure is known of the group and period at hand; all it hangs on is written out.
    fn known_measure(&self, needed: Needed) -> String {
        let Some(planned) = self.plan.planned(needed.measure) else { return "false".to_owned() };
        if !planned.parts.is_empty() {
            let parts: Vec<String> = planned.parts.iter().map(|p| self.known_or_fallback(needed.of(*p))).collect();
            return any(&parts);
        }
        self.known_rows(needed.measure, planned)
    }

    /// Whether daily totals stand in for a part of a composed measure, so that a group may be known and its rows not.
    fn stands_in(&self, measure: MeasureId) -> bool {
        let parts = self.plan.planned(measure).map_or(&[][..], |planned| &planned.parts);
        let own = |part: &MeasureId| self.plan.planned(*part).is_some_and(|planned| planned.fallback.is_some());
        parts.iter().any(|part| own(part) || self.stands_in(*part))
    }

    /// As [`Script::known_measure`], without looking at a fallback.
    fn known_rows(&self, measure: MeasureId, planned: &Planned) -> String {
        let Some(table) = planned.table else { return "false".to_owned() };
        let MeasureId(id) = measure;
        let mut all = vec!["(g.\"created_on\" is null or g.\"created_on\" < p.\"end\")".to_owned()];
        if !self.present.contains_key(&table) {
            return "false".to_owned();
        }
        for bound in self.plan.formulas_of(planned) {
            let Some(formula) = self.plan.formula(bound) else { continue };
            if !self.has_columns(formula) {
                return "false".to_owned();
            }
            for other in &formula.measures {
                all.push(self.known_or_fallback(*other));
            }
        }
        let zero = match planned.absent {
            Some(absent) => absent == Absent::Zero,
            None => self.table_absent.get(&table) == Some(&TableAbsent::Zero),
        };
        let entity = matches!(table, Table::Groups | Table::Products);
        if !zero && !entity {
            all.push(format!("coalesce(s_{table}.\"rows\", false)"));
        }
        if planned.absent == Some(Absent::NoData) && !entity {
            all.push(format!("coalesce(s_{table}.seen{id}, false)"));
        }
        all.sort();
        all.dedup();
        format!("({})", all.join(" and "))
    }

    fn known_or_fallback(&self, needed: Needed) -> String {
        let own = self.known_measure(needed);
        match self.plan.planned(needed.measure).and_then(|p| p.fallback).filter(|_| needed.whole) {
            Some(fallback) => any(&[own, self.known_measure(needed.of(fallback))]),
            None => own,
        }
    }

    /// Whether the drop has every column without which nothing can be said.
    pub fn has_columns(&self, formula: &BoundFormula) -> bool {
        formula.columns.iter().all(|(table, column)| {
            let derived = table.column(column).is_some_and(|c| c.derived);
            self.present.get(table).is_some_and(|known| derived || known.contains(column))
        })
    }

    /// Whether all measures of an expression are known, from the facts `gf`.
    pub fn formula_known(&self, formula: &BoundFormula) -> String {
        if !self.has_columns(formula) {
            return "false".to_owned();
        }
        let known: Vec<String> = formula.measures.iter().map(|m| self.known_column(*m)).collect();
        if known.is_empty() { "true".to_owned() } else { known.join(" and ") }
    }

    /// Whether a measure is known, of a group as a whole also by its substitute, from the facts `gf`.
    pub fn known_column(&self, Needed { measure, whole }: Needed) -> String {
        let MeasureId(id) = measure;
        if !whole && self.stands_in(measure) {
            return format!("gf.\"known rows {id}\"");
        }
        match self.plan.measures.get(id).and_then(|p| p.fallback).filter(|_| whole) {
            Some(MeasureId(fallback)) => format!("(gf.\"known {id}\" or gf.\"known {fallback}\")"),
            None => format!("gf.\"known {id}\""),
        }
    }
}

fn any(parts: &[String]) -> String {
    format!("({})", parts.join(" or "))
}
