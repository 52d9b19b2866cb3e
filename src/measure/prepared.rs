//! What all groups and periods share when they are judged; worked out once.

use super::fact::Missing;
use super::facts::Facts;
use super::plan::BoundFormula;
use super::program::Program;
use crate::schema::Table;

/// What is worked out before the first question is answered.
#[derive(Debug)]
pub(super) struct Prepared {
    pub program: Program,
    /// By formula of the plan: the column without which nothing can be said.
    pub columns: Vec<Option<Missing>>,
    /// The products that each group was shown or bought, in the order of their pairs' numbers.
    pub products_of_group: Vec<Vec<u32>>,
}

impl Prepared {
    pub fn new(facts: &Facts) -> Self {
        let mut products_of_group = vec![Vec::new(); facts.entities.groups.len()];
        for (group, product) in &facts.entities.offer_keys {
            if let Some(list) = products_of_group.get_mut(*group as usize) {
                list.push(*product);
            }
        }
        let columns = facts.plan.formulas.iter().map(|f| missing_column(facts, f)).collect();
        Self { program: Program::new(&facts.plan), columns, products_of_group }
    }
}

/// The first column of a formula that no file has.
fn missing_column(facts: &Facts, formula: &BoundFormula) -> Option<Missing> {
    formula.columns.iter().find_map(|(table, column)| {
        let report = facts.report(*table);
        let inferred = match table {
            Table::Groups => !facts.entities.groups.is_empty(),
            Table::Members => !facts.entities.members.is_empty(),
            _ => false,
        };
        if report.is_none_or(|r| !r.present) && !inferred {
            return Some(Missing::TableAbsent(*table));
        }
        let has = match facts.entities.table(*table) {
            Some(held) => held.has(column),
            None => report.is_some_and(|r| r.columns.contains(column)),
        };
        (!has).then(|| Missing::ColumnAbsent(*table, column.clone()))
    })
}
