//! Expressions on held rows, taken apart so that whole columns of rows answer them at once.
//!
//! Equal parts of different expressions are one part here, and parts that hang on no period are told
//! apart: they are worked out once for all periods.

use super::plan::{Access, Bound, BoundFormula, Home, Plan};
use crate::expr::{Comparison, Expr, Form, Type, Window};
use crate::schema::Table;
use std::collections::BTreeMap;

/// Held rows of a group that are looked at side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Rows {
    /// Its memberships.
    Members,
    /// Its posts.
    Posts,
    /// The products that it was shown or bought.
    Products,
}

impl Rows {
    /// The rows of a held table; groups are alone with themselves.
    pub fn of(table: Table) -> Option<Self> {
        match table {
            Table::Members => Some(Self::Members),
            Table::Posts => Some(Self::Posts),
            Table::Products => Some(Self::Products),
            _ => None,
        }
    }
}

/// An expression with the columns of its names, by slot.
#[derive(Debug)]
pub(super) struct Part {
    pub expr: Expr,
    pub columns: Vec<Option<usize>>,
}

/// How a condition is worked out.
#[derive(Debug)]
pub(super) enum TruthForm {
    And(Vec<usize>),
    Or(Vec<usize>),
    Not(usize),
    Compare(Comparison, usize, usize),
    Within(usize, Window),
    IsNull(usize, bool),
    OneOf(usize, Vec<Box<str>>, bool),
    /// Row by row.
    Single(Part),
}

/// How a column of values is worked out.
#[derive(Debug)]
pub(super) enum ColumnForm {
    Access(Access),
    /// Row by row.
    Single(Part),
}

/// A part of an expression.
#[derive(Debug)]
pub(super) struct Node<F> {
    pub rows: Rows,
    /// Whether it is the same in every period.
    pub steady: bool,
    pub form: F,
}

/// All expressions on held rows.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub truths: Vec<Node<TruthForm>>,
    pub columns: Vec<Node<ColumnForm>>,
    /// By formula of the plan: its condition, where it is one, and its values.
    of_formula: Vec<(Option<usize>, Option<usize>)>,
    truth_keys: BTreeMap<String, usize>,
    column_keys: BTreeMap<String, usize>,
}

impl Program {
    pub fn new(plan: &Plan) -> Self {
        let mut program = Self::default();
        for formula in &plan.formulas {
            let rows = match formula.home {
                Home::Row(table) => Rows::of(table),
                Home::Group => None,
            };
            let nodes = match rows {
                Some(rows) => {
                    let truth = (formula.expr.ty() == Type::Bool).then(|| program.truth(formula, &formula.expr, rows));
                    (truth, Some(program.column(formula, &formula.expr, rows)))
                }
                None => (None, None),
            };
            program.of_formula.push(nodes);
        }
        program
    }

    /// The condition that a formula is.
    pub fn truth_of(&self, bound: Bound) -> Option<usize> {
        self.of_formula.get(bound.0)?.0
    }

    /// The values that a formula gives.
    pub fn column_of(&self, bound: Bound) -> Option<usize> {
        self.of_formula.get(bound.0)?.1
    }

    /// Whether a formula says the same in every period.
    pub fn is_steady(&self, bound: Bound) -> bool {
        let (truth, column) = self.of_formula.get(bound.0).copied().unwrap_or_default();
        truth.is_some_and(|t| self.truth_is_steady(t)) || column.is_some_and(|c| self.column_is_steady(c))
    }

    fn truth(&mut self, formula: &BoundFormula, expr: &Expr, rows: Rows) -> usize {
        let key = key(formula, expr, rows);
        if let Some(known) = self.truth_keys.get(&key) {
            return *known;
        }
        let each = |program: &mut Self, parts: &[Expr]| -> Vec<usize> {
            parts.iter().map(|p| program.truth(formula, p, rows)).collect()
        };
        let form = match expr.form() {
            Form::And(parts) => TruthForm::And(each(self, parts)),
            Form::Or(parts) => TruthForm::Or(each(self, parts)),
            Form::Not(inner) => TruthForm::Not(self.truth(formula, inner, rows)),
            Form::Compare(op, left, right) => {
                TruthForm::Compare(op, self.column(formula, left, rows), self.column(formula, right, rows))
            }
            Form::Within(inner, window) => TruthForm::Within(self.column(formula, inner, rows), window.clone()),
            Form::IsNull(inner, negated) => TruthForm::IsNull(self.column(formula, inner, rows), negated),
            Form::OneOf(slot, texts, negated) => {
                TruthForm::OneOf(self.access(formula.access.get(slot), rows), texts, negated)
            }
            Form::Name(_) | Form::Other => TruthForm::Single(self.part(formula, expr, rows)),
        };
        let steady = match &form {
            TruthForm::And(parts) | TruthForm::Or(parts) => parts.iter().all(|p| self.truth_is_steady(*p)),
            TruthForm::Not(inner) => self.truth_is_steady(*inner),
            TruthForm::Compare(_, left, right) => self.column_is_steady(*left) && self.column_is_steady(*right),
            TruthForm::Within(..) => false,
            TruthForm::IsNull(column, _) | TruthForm::OneOf(column, ..) => self.column_is_steady(*column),
            TruthForm::Single(part) => self.part_is_steady(part),
        };
        self.truths.push(Node { rows, steady, form });
        self.truth_keys.insert(key, self.truths.len() - 1);
        self.truths.len() - 1
    }

    fn column(&mut self, formula: &BoundFormula, expr: &Expr, rows: Rows) -> usize {
        if let Form::Name(slot) = expr.form() {
            return self.access(formula.access.get(slot), rows);
        }
        let key = key(formula, expr, rows);
        if let Some(known) = self.column_keys.get(&key) {
            return *known;
        }
        let part = self.part(formula, expr, rows);
        let steady = self.part_is_steady(&part);
        self.add_column(key, Node { rows, steady, form: ColumnForm::Single(part) })
    }

    fn access(&mut self, access: Option<&Access>, rows: Rows) -> usize {
        let access = access.cloned().unwrap_or(Access::Nothing);
        let key = format!("{rows:?}|{access:?}");
        if let Some(known) = self.column_keys.get(&key) {
            return *known;
        }
        let steady = match access {
            Access::Held(..) | Access::Cell(..) | Access::AnsweredAt | Access::AnsweredByRole | Access::Nothing => true,
            Access::AgeDays | Access::DaysInGroup | Access::Measure(_) => false,
        };
        self.add_column(key, Node { rows, steady, form: ColumnForm::Access(access) })
    }

    fn add_column(&mut self, key: String, node: Node<ColumnForm>) -> usize {
        self.columns.push(node);
        self.column_keys.insert(key, self.columns.len() - 1);
        self.columns.len() - 1
    }

    fn part(&mut self, formula: &BoundFormula, expr: &Expr, rows: Rows) -> Part {
        let mut columns = vec![None; formula.access.len()];
        for slot in expr.slots() {
            let column = self.access(formula.access.get(slot), rows);
            if let Some(place) = columns.get_mut(slot) {
                *place = Some(column);
            }
        }
        Part { expr: expr.clone(), columns }
    }

    fn part_is_steady(&self, part: &Part) -> bool {
        !part.expr.depends_on_period() && part.columns.iter().flatten().all(|c| self.column_is_steady(*c))
    }

    fn truth_is_steady(&self, node: usize) -> bool {
        self.truths.get(node).is_some_and(|n| n.steady)
    }

    fn column_is_steady(&self, node: usize) -> bool {
        self.columns.get(node).is_some_and(|n| n.steady)
    }
}

/// The same for parts that mean the same: their text and what their names stand for, in that order.
fn key(formula: &BoundFormula, expr: &Expr, rows: Rows) -> String {
    let access: Vec<Option<&Access>> = expr.slots().into_iter().map(|s| formula.access.get(s)).collect();
    // A number stands for another value where it was widened to meet one of a wider type.
    format!("{rows:?}|{:?}|{expr}|{access:?}", expr.ty())
}
