//! Expressions over many entities at once, in place of a walk over the tree for each: what the tree says of one entity,
//! a block says of all.

use super::bits::{Bits, Truths};
use super::block::{At, Block};
use super::column::Column;
use super::eval::{apply, extreme, negated};
use super::fixed::{Fixed, Joining};
use super::function::Function;
use super::moment;
use super::tree::{Branch, Comparison, Expr, Kind};
use super::value::{Arithmetic, Type, Value};
use std::borrow::Cow;
use std::cmp::Ordering;

/// A column, or one that stands elsewhere.
type Values<'c, 'a> = Cow<'c, Column<'a>>;

impl Expr {
    /// The truth for each entity of a block.
    #[must_use]
    pub fn truths<'a>(&'a self, block: &Block<'a, '_>) -> Truths {
        match &self.kind {
            Kind::And(parts) => parts
                .iter()
                .map(|part| part.truths(block))
                .reduce(|all, part| all.and(&part))
                .unwrap_or_else(|| Truths::same(block.len, Some(true))),
            Kind::Or(parts) => parts
                .iter()
                .map(|part| part.truths(block))
                .reduce(|any, part| any.or(&part))
                .unwrap_or_else(|| Truths::same(block.len, Some(false))),
            Kind::Not(inner) => inner.truths(block).not(),
            Kind::Compare(op, sides) => {
                let [left, right] = &**sides;
                Column::compare(*op, &left.values(block), &right.values(block), block.len)
            }
            Kind::Between { parts, negated, folded: false } => {
                let [value, low, high] = &**parts;
                let value = value.values(block);
                let bound = |op, bound: &'a Self| Column::compare(op, &value, &bound.values(block), block.len);
                let inside = bound(Comparison::GreaterOrEqual, low).and(&bound(Comparison::LessOrEqual, high));
                if *negated { inside.not() } else { inside }
            }
            Kind::IsNull { inner, negated } => inner.values(block).is_null(*negated, block.len),
            Kind::Within(inner, window) => inner.values(block).within(block.clock.interval(window), block.len),
            Kind::ColumnIs { column, text, negated } => match block.of_slot(column.slot) {
                Some(column) => column.is_one_of(std::slice::from_ref(text), *negated, block.len),
                None => Truths::same(block.len, None),
            },
            Kind::ColumnIn { column, texts, negated } => match block.of_slot(column.slot) {
                Some(column) => column.is_one_of(texts, *negated, block.len),
                None => Truths::same(block.len, None),
            },
            _ => Truths::of(block.len, |at| self.truth(&At { block, at })),
        }
    }

    /// The value for the entity of a block at a position.
    #[must_use]
    pub fn value_at<'a>(&'a self, block: &Block<'a, '_>, at: usize) -> Value<'a> {
        self.eval(&At { block, at })
    }

    /// The value for each entity of a block.
    #[must_use]
    pub fn column<'a>(&'a self, block: &Block<'a, '_>) -> Column<'a> {
        self.values(block).into_owned()
    }

    /// Whether the values of many entities take no walk over the tree for each.
    #[must_use]
    pub fn is_at_once(&self) -> bool {
        let all = |parts: &[Self]| parts.iter().all(Self::is_at_once);
        match &self.kind {
            Kind::Widen(inner) | Kind::Shift(inner, _) | Kind::Negate(inner) => inner.is_at_once(),
            Kind::Arithmetic(_, sides) => all(&**sides),
            Kind::Case { operand: None, branches, otherwise, .. } => {
                branches.iter().all(|b| b.when.is_decided_at_once() && b.then.is_at_once())
                    && otherwise.iter().all(|e| e.is_at_once())
            }
            Kind::Call(function, arguments) => {
                !matches!(function, Function::Lower | Function::Length) && all(arguments)
            }
            Kind::ColumnIs { .. } | Kind::ColumnIn { .. } => false,
            // What has no parts is a name or a literal, as what has one already widened.
            Kind::Fraction(..) => true,
            _ => self.parts().is_empty(),
        }
    }

    fn is_decided_at_once(&self) -> bool {
        match &self.kind {
            Kind::And(parts) | Kind::Or(parts) => parts.iter().all(Self::is_decided_at_once),
            Kind::Not(inner) => inner.is_decided_at_once(),
            Kind::Compare(_, sides) => sides.iter().all(Self::is_at_once),
            Kind::Between { parts, folded: false, .. } => parts.iter().all(Self::is_at_once),
            Kind::IsNull { inner, .. } | Kind::Within(inner, _) => inner.is_at_once(),
            Kind::ColumnIs { .. } | Kind::ColumnIn { .. } => true,
            _ => false,
        }
    }

    fn values<'a, 'c>(&'a self, block: &'c Block<'a, '_>) -> Values<'c, 'a> {
        if let Kind::Column(name) | Kind::Measure(name) = &self.kind {
            return block.of_slot(name.slot).map_or(Cow::Owned(Column::Same(Value::Null)), Cow::Borrowed);
        }
        let slots = self.slots();
        if slots.iter().all(|slot| matches!(block.of_slot(*slot), None | Some(Column::Same(_)))) {
            return Cow::Owned(Column::Same(self.value_at(block, 0)));
        }
        let one_by_one = || (0..block.len).map(|at| self.value_at(block, at)).collect();
        self.at_once(block).unwrap_or_else(|| Cow::Owned(Column::from_values(one_by_one())))
    }

    /// The values, worked out part by part; `None` where there is no such way.
    fn at_once<'a, 'c>(&'a self, block: &'c Block<'a, '_>) -> Option<Values<'c, 'a>> {
        let each = |value: &dyn Fn(usize) -> Value<'a>| Column::from_values((0..block.len).map(value).collect());
        Some(match &self.kind {
            Kind::Widen(inner) => {
                let values = inner.values(block);
                match &*values {
                    Column::Ints(ints) if self.ty == Type::Decimal => {
                        Cow::Owned(Column::Fixed(Fixed::new(0, ints.clone())))
                    }
                    Column::Fixed(_) if self.ty == Type::Decimal => values,
                    _ => Cow::Owned(each(&|at| values.get(at).widen(self.ty))),
                }
            }
            Kind::Negate(inner) => {
                let values = inner.values(block);
                Cow::Owned(each(&|at| negated(values.get(at))))
            }
            Kind::Shift(inner, step) => {
                let values = inner.values(block);
                let shifted = |at| match values.get(at) {
                    Value::Time(time) => moment::shift(&block.clock.zone, time, *step),
                    _ => Value::Null,
                };
                Cow::Owned(each(&shifted))
            }
            Kind::Arithmetic(op, sides) => {
                let [left, right] = &**sides;
                let (left, right) = (left.values(block), right.values(block));
                let whole = whole_results(*op, &left, &right);
                Cow::Owned(whole.unwrap_or_else(|| {
                    each(&|at| match left.get(at) {
                        Value::Null => Value::Null,
                        left => op.apply(left, right.get(at)),
                    })
                }))
            }
            Kind::Case { operand: None, branches, otherwise, .. } => {
                Cow::Owned(chosen(block, branches, otherwise.as_deref()))
            }
            Kind::Call(Function::Coalesce, arguments) => {
                let mut columns: Vec<Values<'c, 'a>> = arguments.iter().map(|a| a.values(block)).collect();
                if columns.first().is_some_and(|first| first.is_known()) {
                    return Some(columns.swap_remove(0));
                }
                let first = |at| columns.iter().map(|c| c.get(at)).find(|v| !v.is_null()).unwrap_or(Value::Null);
                Cow::Owned(each(&first))
            }
            Kind::Call(function @ (Function::Least | Function::Greatest), arguments) => {
                let columns: Vec<Values<'c, 'a>> = arguments.iter().map(|a| a.values(block)).collect();
                let (joining, wanted) = match function {
                    Function::Least => (Joining::Least, Ordering::Less),
                    _ => (Joining::Greatest, Ordering::Greater),
                };
                let parts: Vec<&Column<'a>> = columns.iter().map(|c| &**c).collect();
                let joined = Column::joined(&parts, joining, block.len);
                Cow::Owned(joined.unwrap_or_else(|| each(&|at| extreme(parts.iter().map(|p| p.get(at)), wanted))))
            }
            Kind::Call(function, arguments) if !matches!(function, Function::Lower | Function::Length) => {
                let columns: Vec<Values<'c, 'a>> = arguments.iter().map(|a| a.values(block)).collect();
                let argument = |number: usize, at| columns.get(number).map_or(Value::Null, |c| c.get(at));
                Cow::Owned(each(&|at| apply(*function, argument(0, at), argument(1, at), block.clock)))
            }
            _ => return None,
        })
    }
}

/// The value of the branch that each entity takes.
fn chosen<'a>(block: &Block<'a, '_>, branches: &'a [Branch], otherwise: Option<&'a Expr>) -> Column<'a> {
    let none = Cow::Owned(Column::Same(Value::Null));
    let mut open = Bits::all(block.len);
    let mut taken: Vec<(Bits, Values<'_, 'a>)> = Vec::with_capacity(branches.len());
    for branch in branches {
        let holds = branch.when.truths(block).yes.and(&open);
        open = open.without(&holds);
        taken.push((holds, branch.then.values(block)));
    }
    let rest = otherwise.map_or(none, |otherwise| otherwise.values(block));
    let columns = || taken.iter().map(|(_, column)| column).chain([&rest]);
    if columns().all(|c| matches!(**c, Column::Ints(_) | Column::Same(Value::Int(_)))) {
        let number = |column: &Column<'_>, at| if let Value::Int(number) = column.get(at) { number } else { 0 };
        let mut numbers: Vec<i64> = (0..block.len).map(|at| number(&rest, at)).collect();
        for (holds, column) in &taken {
            for at in holds.positions() {
                numbers.iter_mut().skip(at).take(1).for_each(|place| *place = number(column, at));
            }
        }
        return Column::Ints(numbers);
    }
    let column = |at| taken.iter().find(|(holds, _)| holds.has(at)).map_or(&rest, |(_, column)| column);
    Column::from_values((0..block.len).map(|at| column(at).get(at)).collect())
}

/// Whole numbers that come of whole numbers; `None` with others, in a division, or if one gets too large.
fn whole_results<'a>(op: Arithmetic, left: &Column<'_>, right: &Column<'_>) -> Option<Column<'a>> {
    let apply = match op {
        Arithmetic::Add => i64::checked_add,
        Arithmetic::Subtract => i64::checked_sub,
        Arithmetic::Multiply => i64::checked_mul,
        Arithmetic::Divide => return None,
    };
    let results: Option<Vec<i64>> = match (left, right) {
        (Column::Ints(a), Column::Ints(b)) => a.iter().zip(b).map(|(a, b)| apply(*a, *b)).collect(),
        (Column::Ints(a), Column::Same(Value::Int(b))) => a.iter().map(|a| apply(*a, *b)).collect(),
        (Column::Same(Value::Int(a)), Column::Ints(b)) => b.iter().map(|b| apply(*a, *b)).collect(),
        _ => None,
    };
    results.map(Column::Ints)
}
