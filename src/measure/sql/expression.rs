//! Expressions of playbooks as SQL.
//!
//! Both languages have SQL's NULL, so most of it is spelling; what differs is written out: quotients are
//! floating-point and NULL by zero, days are local, windows are literal bounds of the period.

use super::dialect::{Dialect, literal_text};
use crate::calendar::Zone;
use crate::expr::{Arithmetic, Comparison, Expr, Function, Kind, Pattern, Step, Type, Window};

/// What the names of an expression are in a query.
pub(super) trait Names {
    /// The column or measure of a slot.
    fn slot(&self, slot: usize) -> String;
    /// The first instant inside a window and the first outside; the first is absent for a lifetime.
    fn bounds(&self, window: &Window) -> (Option<String>, String);
    /// The first instant after the period, and its local day.
    fn end(&self) -> (String, String);
}

/// Prints expressions for one dialect and zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Printer {
    pub dialect: Dialect,
    pub zone: Zone,
}

impl Printer {
    /// The local day of a moment.
    pub fn day(&self, moment: &str) -> String {
        format!("cast({} as date)", self.local(moment))
    }

    /// The local wall-clock time of a moment.
    pub fn local(&self, moment: &str) -> String {
        format!("({moment} at time zone '{}')", self.zone.name())
    }

    /// An expression, in parentheses where it needs them.
    pub fn print(&self, expr: &Expr, names: &dyn Names) -> String {
        let one = |e: &Expr| self.print(e, names);
        let not = |negated: bool| if negated { "not " } else { "" };
        let list = |items: &[Expr], between: &str| items.iter().map(one).collect::<Vec<_>>().join(between);
        match expr.kind() {
            Kind::Null => "null".to_owned(),
            Kind::Bool(b) => b.to_string(),
            Kind::Int(i) => i.to_string(),
            Kind::Decimal(d) => d.to_string(),
            Kind::Text(text) => literal_text(text),
            Kind::Fraction(_, inner) => format!("cast({} as float8)", one(inner)),
            Kind::Date(day) => self.dialect.instant(self.zone.midnight(*day), &self.zone),
            Kind::Timestamp(local) => {
                format!("(timestamp '{}' at time zone '{}')", local.format("%Y-%m-%d %H:%M:%S"), self.zone.name())
            }
            Kind::Column(name) | Kind::Measure(name) => names.slot(name.slot),
            Kind::Not(inner) => format!("(not {})", one(inner)),
            Kind::And(parts) => format!("({})", list(parts, " and ")),
            Kind::Or(parts) => format!("({})", list(parts, " or ")),
            Kind::Compare(op, sides) | Kind::CompareFolded(op, sides) => {
                let [left, right] = &**sides;
                let ordered = left.ty() == Type::Text && !matches!(op, Comparison::Equal | Comparison::NotEqual);
                let collation = if ordered { self.dialect.by_code_point() } else { "" };
                format!("({} {} {}{collation})", one(left), op.symbol(), one(right))
            }
            Kind::ColumnIs { column, text, negated } => {
                let op = if *negated { "<>" } else { "=" };
                format!("({} {op} {})", names.slot(column.slot), literal_text(text))
            }
            Kind::ColumnIn { column, texts, negated } => {
                let texts: Vec<String> = texts.iter().map(|t| literal_text(t)).collect();
                format!("({} {}in ({}))", names.slot(column.slot), not(*negated), texts.join(", "))
            }
            Kind::In { needle, list: items, negated, .. } => {
                format!("({} {}in ({}))", one(needle), not(*negated), list(items, ", "))
            }
            Kind::Between { parts, negated, .. } => {
                let [value, low, high] = &**parts;
                format!("({} {}between {} and {})", one(value), not(*negated), one(low), one(high))
            }
            Kind::IsNull { inner, negated } => format!("({} is {}null)", one(inner), not(*negated)),
            Kind::IsBool { inner, is, negated } => format!("({} is {}{is})", one(inner), not(*negated)),
            Kind::Like { text, pattern, negated } => {
                let pattern = match &**pattern {
                    Pattern::Literal { source, .. } => literal_text(source),
                    Pattern::Computed(pattern) => one(pattern),
                };
                // A backslash stands for itself.
                format!("({} {}like {pattern} escape '')", one(text), not(*negated))
            }
            Kind::Within(inner, window) => {
                let (inner, (from, until)) = (one(inner), names.bounds(window));
                match from {
                    Some(from) => format!("({inner} >= {from} and {inner} < {until})"),
                    None => format!("({inner} < {until})"),
                }
            }
            Kind::Negate(inner) => format!("(-{})", one(inner)),
            Kind::Arithmetic(Arithmetic::Divide, sides) => {
                let [left, right] = &**sides;
                self.quotient(&one(left), left.ty(), &one(right), right.ty())
            }
            Kind::Arithmetic(op, sides) => {
                let [left, right] = &**sides;
                format!("({} {} {})", one(left), op.symbol(), one(right))
            }
            Kind::Widen(inner) if expr.ty() == Type::Float => format!("cast({} as float8)", one(inner)),
            Kind::Widen(inner) => one(inner),
            Kind::Shift(inner, step) => {
                let (count, unit) = match step {
                    Step::Days(n) => (*n, "days"),
                    Step::Months(n) => (*n, "months"),
                };
                let local = self.local(&one(inner));
                format!("(({local} + interval '{count} {unit}') at time zone '{}')", self.zone.name())
            }
            Kind::Case { operand, branches, otherwise, .. } => {
                let mut text = "case".to_owned();
                if let Some(operand) = operand {
                    text.push_str(&format!(" {}", one(operand)));
                }
                for branch in branches {
                    text.push_str(&format!(" when {} then {}", one(&branch.when), one(&branch.then)));
                }
                if let Some(otherwise) = otherwise {
                    text.push_str(&format!(" else {}", one(otherwise)));
                }
                text.push_str(" end");
                text
            }
            Kind::Call(function, arguments) => self.call(*function, arguments, names),
        }
    }

    /// A quotient as a binary fraction, rounded once; NULL by zero.
    pub fn quotient(&self, left: &str, left_type: Type, right: &str, right_type: Type) -> String {
        let exact = |t: Type| t == Type::Decimal || t == Type::Null;
        // Whole multiples of 10⁻⁶ divide as whole numbers do, so that 0.3 / 0.1 is 3.
        let scale = match (left_type, right_type) {
            (Type::Float, _) | (_, Type::Float) => "",
            (a, b) if exact(a) || exact(b) => " * 1000000",
            _ => "",
        };
        format!("(cast({left}{scale} as float8) / nullif(cast({right}{scale} as float8), 0))")
    }

    fn call(&self, function: Function, arguments: &[Expr], names: &dyn Names) -> String {
        let texts: Vec<String> = arguments.iter().map(|a| self.print(a, names)).collect();
        let all = texts.join(", ");
        let first = texts.first().map_or("null", String::as_str);
        match function {
            Function::Abs
            | Function::Coalesce
            | Function::Greatest
            | Function::Least
            | Function::Length
            | Function::Lower
            | Function::Nullif => format!("{}({all})", function.name()),
            Function::Round(places) => {
                let float = arguments.first().is_some_and(|a| a.ty() == Type::Float);
                if float {
                    format!("cast(round(cast({first} as decimal(38, 12)), {places}) as float8)")
                } else {
                    format!("round({first}, {places})")
                }
            }
            Function::DaysBetween => {
                let second = texts.get(1).map_or("null", String::as_str);
                format!("({} - {})", self.day(second), self.day(first))
            }
            Function::DaysSince => {
                let (end, end_day) = names.end();
                let days = format!("{end_day} - {} - 1", self.day(first));
                format!("case when {first} >= {end} or {days} < 0 then 0 else {days} end")
            }
            Function::Hour => format!("cast(extract(hour from {}) as bigint)", self.local(first)),
            Function::Weekday => format!("cast(extract(isodow from {}) as bigint)", self.local(first)),
        }
    }
}
