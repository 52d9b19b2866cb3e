//! Entities side by side, and the forms of expressions that are looked at apart.

use super::column::Column;
use super::eval::Env;
use super::tree::{Comparison, Expr, Kind};
use super::value::Value;
use super::window::{Clock, Window};

/// What an expression is made of, as far as blocks have a way of their own for it.
#[derive(Debug, Clone, PartialEq)]
pub enum Form<'e> {
    /// All must hold.
    And(&'e [Expr]),
    /// One must hold.
    Or(&'e [Expr]),
    /// It must not hold.
    Not(&'e Expr),
    /// Two values are compared.
    Compare(Comparison, &'e Expr, &'e Expr),
    /// A time lies in a window.
    Within(&'e Expr, &'e Window),
    /// A value is NULL, or is not.
    IsNull(&'e Expr, bool),
    /// A column's text is one of these, or is none of them.
    OneOf(usize, Vec<Box<str>>, bool),
    /// A column or measure by itself, by its slot.
    Name(usize),
    /// Anything else.
    Other,
}

impl Expr {
    /// What it is made of.
    #[must_use]
    pub fn form(&self) -> Form<'_> {
        match &self.kind {
            Kind::And(parts) => Form::And(parts),
            Kind::Or(parts) => Form::Or(parts),
            Kind::Not(inner) => Form::Not(inner),
            Kind::Compare(op, sides) => {
                let [left, right] = &**sides;
                Form::Compare(*op, left, right)
            }
            Kind::Within(inner, window) => Form::Within(inner, window),
            Kind::IsNull { inner, negated } => Form::IsNull(inner, *negated),
            Kind::ColumnIs { column, text, negated } => Form::OneOf(column.slot, vec![text.clone()], *negated),
            Kind::ColumnIn { column, texts, negated } => Form::OneOf(column.slot, texts.to_vec(), *negated),
            Kind::Column(name) | Kind::Measure(name) => Form::Name(name.slot),
            _ => Form::Other,
        }
    }

    /// The slots of its names in the order in which they are written, each as often as it is.
    #[must_use]
    pub fn slots(&self) -> Vec<usize> {
        let mut slots = Vec::new();
        self.visit(&mut |e| match &e.kind {
            Kind::Column(name)
            | Kind::Measure(name)
            | Kind::ColumnIs { column: name, .. }
            | Kind::ColumnIn { column: name, .. } => slots.push(name.slot),
            _ => {}
        });
        slots
    }
}

/// Entities side by side, with the values of an expression's names.
pub struct Block<'a, 'b> {
    /// How many there are.
    pub len: usize,
    /// The columns by slot.
    pub columns: &'b [Option<std::rc::Rc<Column<'a>>>],
    /// The report's place in time.
    pub clock: &'b Clock,
}

impl<'a> Block<'a, '_> {
    pub(super) fn of_slot(&self, slot: usize) -> Option<&Column<'a>> {
        self.columns.get(slot)?.as_deref()
    }
}

/// One entity of a block.
pub(super) struct At<'a, 'b> {
    pub block: &'b Block<'a, 'b>,
    pub at: usize,
}

impl<'a> Env<'a> for At<'a, '_> {
    fn column(&self, slot: usize) -> Value<'a> {
        self.block.of_slot(slot).map_or(Value::Null, |c| c.get(self.at))
    }

    fn measure(&self, slot: usize) -> Value<'a> {
        self.column(slot)
    }

    fn clock(&self) -> &Clock {
        self.block.clock
    }
}
