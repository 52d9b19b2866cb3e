//! Evaluation: one match over the tree, no names, no heap.

use super::function::Function;
use super::moment;
use super::pattern::{self, Pattern};
use super::tree::{Expr, Kind};
use super::value::{Value, finite};
use super::window::Clock;
use rust_decimal::RoundingStrategy;
use std::cmp::Ordering;

/// Where the values of names come from: a row, an entity with its measures, or both.
pub trait Env<'a> {
    /// The value of a column, by the slot that the [`super::Scope`] gave it.
    fn column(&self, slot: usize) -> Value<'a>;
    /// The value of a measure, by the slot that the [`super::Scope`] gave it.
    fn measure(&self, slot: usize) -> Value<'a>;
    /// The report's place in time.
    fn clock(&self) -> &Clock;
}

impl Expr {
    /// The value for one row or entity.
    pub fn eval<'a>(&'a self, env: &impl Env<'a>) -> Value<'a> {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(b) => Value::Bool(*b),
            Kind::Int(i) => Value::Int(*i),
            Kind::Decimal(d) => Value::Decimal(*d),
            Kind::Text(text) => Value::Text(text),
            Kind::Fraction(f, _) => Value::Float(*f),
            Kind::Column(name) => env.column(name.slot),
            Kind::Measure(name) => env.measure(name.slot),
            Kind::Date(day) => Value::Time(env.clock().zone.midnight(*day)),
            Kind::Timestamp(local) => moment::local_instant(&env.clock().zone, *local).map_or(Value::Null, Value::Time),
            Kind::Negate(inner) => negated(inner.eval(env)),
            Kind::Arithmetic(op, sides) => {
                let [left, right] = &**sides;
                match left.eval(env) {
                    Value::Null => Value::Null,
                    left => op.apply(left, right.eval(env)),
                }
            }
            Kind::Widen(inner) => inner.eval(env).widen(self.ty),
            Kind::Shift(inner, step) => match inner.eval(env) {
                Value::Time(t) => moment::shift(&env.clock().zone, t, *step),
                _ => Value::Null,
            },
            Kind::Case { operand, branches, otherwise, folded } => {
                let taken = match operand {
                    None => branches.iter().find(|b| b.when.is_true(env)),
                    Some(operand) if *folded => {
                        let value = operand.folded(env);
                        branches.iter().find(|b| compare_folded(value, b.when.folded(env)) == Some(Ordering::Equal))
                    }
                    Some(operand) => {
                        let value = operand.eval(env);
                        branches.iter().find(|b| value.compare(b.when.eval(env)) == Some(Ordering::Equal))
                    }
                };
                match (taken, otherwise) {
                    (Some(branch), _) => branch.then.eval(env),
                    (None, Some(otherwise)) => otherwise.eval(env),
                    (None, None) => Value::Null,
                }
            }
            Kind::Call(function, arguments) => call(*function, arguments, env),
            _ => self.truth(env).map_or(Value::Null, Value::Bool),
        }
    }

    /// Whether the condition holds; NULL does not.
    pub fn is_true<'a>(&'a self, env: &impl Env<'a>) -> bool {
        self.truth(env) == Some(true)
    }

    /// The truth value of a condition; nothing for NULL.
    pub(super) fn truth<'a>(&'a self, env: &impl Env<'a>) -> Option<bool> {
        match &self.kind {
            Kind::ColumnIs { column, text, negated } => match env.column(column.slot) {
                Value::Text(value) => Some((value == &**text) != *negated),
                _ => None,
            },
            Kind::ColumnIn { column, texts, negated } => match env.column(column.slot) {
                Value::Text(value) => Some(texts.iter().any(|t| value == &**t) != *negated),
                _ => None,
            },
            Kind::And(parts) => {
                let mut known = true;
                for part in parts {
                    match part.truth(env) {
                        Some(false) => return Some(false),
                        Some(true) => {}
                        None => known = false,
                    }
                }
                known.then_some(true)
            }
            Kind::Or(parts) => {
                let mut known = true;
                for part in parts {
                    match part.truth(env) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => known = false,
                    }
                }
                known.then_some(false)
            }
            Kind::Not(inner) => inner.truth(env).map(|b| !b),
            Kind::Compare(op, sides) => {
                let [left, right] = &**sides;
                match left.eval(env) {
                    Value::Null => None,
                    left => left.compare(right.eval(env)).map(|order| op.holds(order)),
                }
            }
            Kind::CompareFolded(op, sides) => {
                let [left, right] = &**sides;
                compare_folded(left.folded(env), right.folded(env)).map(|order| op.holds(order))
            }
            Kind::In { needle, list, negated, folded } => {
                let found = if *folded {
                    let value = needle.folded(env);
                    contains(list.iter().map(|item| compare_folded(value, item.folded(env))))
                } else {
                    let value = needle.eval(env);
                    contains(list.iter().map(|item| value.compare(item.eval(env))))
                };
                found.map(|b| b != *negated)
            }
            Kind::Between { parts, negated, folded } => {
                let [value, low, high] = &**parts;
                let (low, high) = if *folded {
                    let value = value.folded(env);
                    (compare_folded(value, low.folded(env)), compare_folded(value, high.folded(env)))
                } else {
                    let value = value.eval(env);
                    (value.compare(low.eval(env)), value.compare(high.eval(env)))
                };
                let inside = match (low.map(Ordering::is_ge), high.map(Ordering::is_le)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                };
                inside.map(|b| b != *negated)
            }
            Kind::IsNull { inner, negated } => Some(inner.eval(env).is_null() != *negated),
            Kind::IsBool { inner, is, negated } => Some((inner.truth(env) == Some(*is)) != *negated),
            Kind::Like { text, pattern, negated } => like(text, pattern, env).map(|b| b != *negated),
            Kind::Within(inner, window) => match inner.eval(env) {
                Value::Time(t) => env.clock().interval(window).map(|interval| interval.contains(t)),
                _ => None,
            },
            _ => match self.eval_plain(env) {
                Value::Bool(b) => Some(b),
                _ => None,
            },
        }
    }

    /// [`Self::eval`] for kinds that are not conditions by themselves but may hold a truth value.
    fn eval_plain<'a>(&'a self, env: &impl Env<'a>) -> Value<'a> {
        match &self.kind {
            Kind::Bool(b) => Value::Bool(*b),
            Kind::Column(name) => env.column(name.slot),
            Kind::Measure(name) => env.measure(name.slot),
            Kind::Case { .. } | Kind::Call(..) => self.eval(env),
            _ => Value::Null,
        }
    }

    /// A text, and whether it is to be read in lower case; so `lower` needs no room for its result.
    fn folded<'a>(&'a self, env: &impl Env<'a>) -> Option<Folded<'a>> {
        let (inner, lower) = match &self.kind {
            Kind::Call(Function::Lower, arguments) => (arguments.first()?, true),
            _ => (self, false),
        };
        match inner.eval(env) {
            Value::Text(text) => Some(Folded { text, lower }),
            _ => None,
        }
    }
}

/// A text, perhaps to be read in lower case.
#[derive(Clone, Copy)]
struct Folded<'a> {
    text: &'a str,
    lower: bool,
}

impl<'a> Folded<'a> {
    fn chars(self) -> impl Iterator<Item = char> + Clone + use<'a> {
        let (plain, lower) = if self.lower { ("", self.text) } else { (self.text, "") };
        plain.chars().chain(lower.chars().flat_map(char::to_lowercase))
    }
}

/// Code points and UTF-8 bytes have the same order.
fn compare_folded(left: Option<Folded<'_>>, right: Option<Folded<'_>>) -> Option<Ordering> {
    Some(left?.chars().cmp(right?.chars()))
}

/// Whether one comparison found equality; unknown if none did and one could not be made.
fn contains(orders: impl Iterator<Item = Option<Ordering>>) -> Option<bool> {
    let mut known = true;
    for order in orders {
        match order {
            Some(Ordering::Equal) => return Some(true),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(false)
}

fn like<'a>(text: &'a Expr, pattern: &'a Pattern, env: &impl Env<'a>) -> Option<bool> {
    let text = text.folded(env)?;
    match pattern {
        Pattern::Literal { source, plan } if !text.lower => Some(plan.matches(source, text.text)),
        Pattern::Literal { source, .. } => Some(pattern::matches(source.chars(), text.chars())),
        Pattern::Computed(pattern) => Some(pattern::matches(pattern.folded(env)?.chars(), text.chars())),
    }
}

fn call<'a>(function: Function, arguments: &'a [Expr], env: &impl Env<'a>) -> Value<'a> {
    let values = || arguments.iter().map(|a| a.eval(env));
    match function {
        Function::Coalesce => values().find(|v| !v.is_null()).unwrap_or(Value::Null),
        Function::Greatest => extreme(values(), Ordering::Greater),
        Function::Least => extreme(values(), Ordering::Less),
        Function::Length => match arguments.first().and_then(|a| a.folded(env)) {
            Some(text) => i64::try_from(text.chars().count()).map_or(Value::Null, Value::Int),
            None => Value::Null,
        },
        _ => {
            let mut values = values();
            let first = values.next().unwrap_or(Value::Null);
            let second = values.next().unwrap_or(Value::Null);
            apply(function, first, second, env.clock())
        }
    }
}

/// A number with the other sign; NULL where there is none.
pub(super) fn negated(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Int(i) => i.checked_neg().map_or(Value::Null, Value::Int),
        Value::Decimal(d) => Value::Decimal(-d),
        Value::Float(f) => Value::Float(-f),
        _ => Value::Null,
    }
}

/// A function of one or two values.
pub(super) fn apply<'a>(function: Function, first: Value<'a>, second: Value<'a>, clock: &Clock) -> Value<'a> {
    let int = |i: Option<i64>| i.map_or(Value::Null, Value::Int);
    let zone = &clock.zone;
    match (function, first) {
        (Function::Nullif, left) if left.compare(second) == Some(Ordering::Equal) => Value::Null,
        (Function::Nullif, left) => left,
        (Function::Abs, Value::Int(i)) => int(i.checked_abs()),
        (Function::Abs, Value::Decimal(d)) => Value::Decimal(d.abs()),
        (Function::Abs, Value::Float(f)) => Value::Float(f.abs()),
        (Function::Round(_), Value::Int(i)) => Value::Int(i),
        (Function::Round(places), Value::Decimal(d)) => {
            Value::Decimal(d.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
        }
        (Function::Round(places), Value::Float(f)) => round(f, places),
        (Function::DaysBetween, Value::Time(a)) => match second {
            Value::Time(b) => {
                int(moment::day(zone, a).zip(moment::day(zone, b)).map(|(a, b)| i64::from(b.0) - i64::from(a.0)))
            }
            _ => Value::Null,
        },
        (Function::DaysSince, Value::Time(t)) => int(moment::days_since(clock, t)),
        (Function::Hour, Value::Time(t)) => int(moment::hour(zone, t)),
        (Function::Weekday, Value::Time(t)) => int(moment::day(zone, t).map(|d| i64::from(d.weekday()))),
        // `lower` is only met where texts are compared, and the others take several values or a text.
        _ => Value::Null,
    }
}

/// The largest or smallest of the values that are not NULL.
pub(super) fn extreme<'a>(values: impl Iterator<Item = Value<'a>>, wanted: Ordering) -> Value<'a> {
    values.fold(Value::Null, |best, value| match value.compare(best) {
        Some(order) if order == wanted => value,
        None if best.is_null() => value,
        _ => best,
    })
}

/// Half away from zero; a fraction too large to have places is left alone.
fn round<'a>(f: f64, places: u32) -> Value<'a> {
    let power = 10f64.powi(i32::try_from(places).unwrap_or(0));
    let scaled = f * power;
    if scaled.abs() < 4_503_599_627_370_496.0 { finite(scaled.round() / power) } else { finite(f) }
}
