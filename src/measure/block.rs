//! What can be said of all held rows of a group side by side: conditions as bits, values as columns.

use super::entity::{Entities, Stay};
use super::fact::Missing;
use super::facts::Facts;
use super::needed::Needed;
use super::number::Number;
use super::plan::{Access, Held};
use super::program::{ColumnForm, Part, Rows, TruthForm};
use super::row::or_default;
use super::view::View;
use crate::calendar::Instant;
use crate::expr::{Bits, Block, Column, Truths, Value};
use rustc_hash::FxHashMap;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

/// Columns and conditions that have been worked out, by number of their node.
#[derive(Debug, Default)]
pub(super) struct Worked<'f> {
    truths: RefCell<Vec<Option<Rc<Truths>>>>,
    columns: RefCell<Vec<Option<Rc<Column<'f>>>>>,
}

impl<'f> Worked<'f> {
    pub fn new(facts: &'f Facts) -> Self {
        let program = &facts.prepared().program;
        Self {
            truths: RefCell::new(vec![None; program.truths.len()]),
            columns: RefCell::new(vec![None; program.columns.len()]),
        }
    }
}

/// What is the same for a group in every period.
#[derive(Debug)]
pub(super) struct Steady<'f> {
    pub worked: Worked<'f>,
    pub members: &'f [u32],
    pub posts: &'f [u32],
    /// Product numbers.
    pub products: &'f [u32],
    /// When the group was made.
    pub created: Option<Instant>,
    /// When each membership began and ended, once asked for.
    stays: OnceCell<Vec<Stay>>,
    /// What is known not to be known in any period.
    pub missing: RefCell<FxHashMap<Needed, Option<Missing>>>,
}

impl<'f> Steady<'f> {
    pub fn new(facts: &'f Facts, group: u32) -> Self {
        let list = |lists: &'f [Vec<u32>]| lists.get(group as usize).map_or(&[][..], Vec::as_slice);
        Self {
            worked: Worked::new(facts),
            members: list(&facts.entities.members_of_group),
            posts: list(&facts.entities.posts_of_group),
            products: list(&facts.prepared().products_of_group),
            created: facts.entities.groups.time(group as usize, "created_on"),
            stays: OnceCell::new(),
            missing: RefCell::default(),
        }
    }

    /// When each membership began and ended.
    pub fn stays(&self, entities: &Entities) -> &[Stay] {
        self.stays.get_or_init(|| self.members.iter().map(|member| entities.stay(*member)).collect())
    }

    /// The numbers of the rows.
    pub fn rows(&self, rows: Rows) -> &'f [u32] {
        match rows {
            Rows::Members => self.members,
            Rows::Posts => self.posts,
            Rows::Products => self.products,
        }
    }
}

impl<'f> View<'f> {
    /// Of which rows a condition holds.
    pub(super) fn truths(&self, node: usize) -> Option<Rc<Truths>> {
        let planned = self.facts.prepared().program.truths.get(node)?;
        let worked = if planned.steady { &self.steady.worked } else { &self.worked };
        if let Some(Some(known)) = worked.truths.borrow().get(node) {
            return Some(Rc::clone(known));
        }
        let len = self.steady.rows(planned.rows).len();
        let found = Rc::new(self.work_out(&planned.form, len)?);
        if let Some(place) = worked.truths.borrow_mut().get_mut(node) {
            *place = Some(Rc::clone(&found));
        }
        Some(found)
    }

    fn work_out(&self, form: &'f TruthForm, len: usize) -> Option<Truths> {
        Some(match form {
            TruthForm::And(parts) => {
                let mut parts = parts.iter();
                let mut all = Truths::clone(&*self.truths(*parts.next()?)?);
                for part in parts {
                    // Where it is false of all, nothing that follows changes that.
                    if all.no.count() == len {
                        break;
                    }
                    all = match self.truths_but(&all.no, *part, len) {
                        Some(open) => all.and(&open),
                        None => all.and(&*self.truths(*part)?),
                    };
                }
                all
            }
            TruthForm::Or(parts) => {
                let mut parts = parts.iter();
                let mut any = Truths::clone(&*self.truths(*parts.next()?)?);
                for part in parts {
                    if any.yes.count() == len {
                        break;
                    }
                    any = any.or(&*self.truths(*part)?);
                }
                any
            }
            TruthForm::Not(inner) => self.truths(*inner)?.not(),
            TruthForm::Compare(op, left, right) => {
                Column::compare(*op, &*self.values(*left)?, &*self.values(*right)?, len)
            }
            TruthForm::Within(column, window) => self.values(*column)?.within(self.clock.interval(window), len),
            TruthForm::IsNull(column, negated) => self.values(*column)?.is_null(*negated, len),
            TruthForm::OneOf(column, texts, negated) => self.values(*column)?.is_one_of(texts, *negated, len),
            TruthForm::Single(part) => {
                part.expr.truths(&Block { len, columns: &self.columns_of(part), clock: self.clock })
            }
        })
    }

    /// The values of a column.
    pub(super) fn values(&self, node: usize) -> Option<Rc<Column<'f>>> {
        let planned = self.facts.prepared().program.columns.get(node)?;
        let worked = if planned.steady { &self.steady.worked } else { &self.worked };
        if let Some(Some(known)) = worked.columns.borrow().get(node) {
            return Some(Rc::clone(known));
        }
        let found = match &planned.form {
            ColumnForm::Access(Access::Measure(read)) => self.read_all(*read, planned.rows),
            ColumnForm::Access(access) => Rc::new(self.access(access, planned.rows)),
            ColumnForm::Single(part) => {
                let len = self.steady.rows(planned.rows).len();
                Rc::new(part.expr.column(&Block { len, columns: &self.columns_of(part), clock: self.clock }))
            }
        };
        if let Some(place) = worked.columns.borrow_mut().get_mut(node) {
            *place = Some(Rc::clone(&found));
        }
        Some(found)
    }

    /// Of which rows a condition holds, worked out for those alone of whom nothing is false yet; `None` where it costs
    /// no more to know it of all.
    fn truths_but(&self, no: &Bits, node: usize, len: usize) -> Option<Truths> {
        let TruthForm::Compare(op, left, right) = &self.facts.prepared().program.truths.get(node)?.form else {
            return None;
        };
        if !self.is_costly(*left) && !self.is_costly(*right) || self.worked.truths.borrow().get(node)?.is_some() {
            return None;
        }
        let open = Bits::all(len).without(no);
        Some(Truths::compared(&open, *op, self.each(*left)?, self.each(*right)?))
    }

    /// Whether the values of a column would have to be worked out one by one.
    pub(super) fn is_costly(&self, node: usize) -> bool {
        let planned = self.facts.prepared().program.columns.get(node);
        let costly = |form: &ColumnForm| matches!(form, ColumnForm::Single(part) if !part.expr.is_at_once());
        planned.is_some_and(|n| !n.steady && costly(&n.form))
            && self.worked.columns.borrow().get(node).is_some_and(Option::is_none)
    }

    /// The values of a column by position; those that would have to be worked out one by one only when asked for.
    pub(super) fn each(&self, node: usize) -> Option<Box<dyn Fn(usize) -> Value<'f> + 'f>> {
        let planned = self.facts.prepared().program.columns.get(node)?;
        if self.is_costly(node)
            && let ColumnForm::Single(part) = &planned.form
        {
            let (columns, clock) = (self.columns_of(part), self.clock);
            let len = self.steady.rows(planned.rows).len();
            return Some(Box::new(move |at| part.expr.value_at(&Block { len, columns: &columns, clock }, at)));
        }
        let values = self.values(node)?;
        Some(Box::new(move |at| values.get(at)))
    }

    fn columns_of(&self, part: &Part) -> Vec<Option<Rc<Column<'f>>>> {
        part.columns.iter().map(|c| c.and_then(|c| self.values(c))).collect()
    }

    /// The values of a name that is no measure.
    fn access(&self, access: &Access, rows: Rows) -> Column<'f> {
        let entities = &self.facts.entities;
        match access {
            Access::Held(held, column, default) => {
                let (table, of_row): (_, &dyn Fn(u32) -> Option<u32>) = match (held, rows) {
                    (Held::Group, _) => {
                        let value = entities.groups.value(self.group as usize, *column);
                        return Column::Same(or_default(value, *default));
                    }
                    (Held::Member, Rows::Members) => (&entities.members, &Some),
                    (Held::Post, Rows::Posts) => (&entities.posts, &Some),
                    (Held::Product, Rows::Products) => (&entities.products, &Some),
                    (Held::Product, Rows::Posts) => {
                        (&entities.products, &|p| entities.post_product.get(p as usize).copied().flatten())
                    }
                    _ => return Column::Same(or_default(Value::Null, *default)),
                };
                let cell = |row: &u32| {
                    let value = of_row(*row).map_or(Value::Null, |r| table.value(r as usize, *column));
                    or_default(value, *default)
                };
                Column::from_values(self.steady.rows(rows).iter().map(cell).collect())
            }
            Access::AgeDays => Column::Same(self.age_days()),
            Access::DaysInGroup if rows == Rows::Members => {
                let end = self.clock.window.end;
                let days = |stay: &Stay| match stay.joined {
                    Instant::MAX => Value::Null,
                    joined => self.days_between(joined, stay.left.min(end)),
                };
                Column::from_values(self.steady.stays(entities).iter().map(days).collect())
            }
            _ => Column::Same(Value::Null),
        }
    }

    /// Days from the group's creation to the end of the period.
    pub(super) fn age_days(&self) -> Value<'static> {
        self.steady.created.map_or(Value::Null, |t| self.days_between(t, self.clock.window.end))
    }

    fn days_between(&self, from: Instant, to: Instant) -> Value<'static> {
        let zone = &self.clock.zone;
        Value::Int(i64::from(zone.day(to).0) - i64::from(zone.day(from).0))
    }
}

/// A number as a value; none is NULL.
pub(super) fn value_of(number: Option<Number>) -> Value<'static> {
    number.map_or(Value::Null, Number::value)
}
