//! Canonical text: the form in which the method page shows an expression, and which compiles again.

use super::function::Function;
use super::pattern::Pattern;
use super::tree::{Comparison, Expr, Kind, Step};
use super::value::Arithmetic;
use std::fmt::{self, Display, Formatter};

/// How tightly an operator binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Sign,
    Atom,
}

fn level(expr: &Expr) -> Level {
    match &expr.kind {
        Kind::Or(_) => Level::Or,
        Kind::And(_) => Level::And,
        Kind::Not(_) => Level::Not,
        Kind::Compare(..)
        | Kind::CompareFolded(..)
        | Kind::ColumnIs { .. }
        | Kind::ColumnIn { .. }
        | Kind::In { .. }
        | Kind::Between { .. }
        | Kind::IsNull { .. }
        | Kind::IsBool { .. }
        | Kind::Like { .. } => Level::Compare,
        Kind::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, _) | Kind::Shift(..) => Level::Sum,
        Kind::Arithmetic(..) => Level::Product,
        Kind::Negate(_) => Level::Sign,
        Kind::Widen(inner) | Kind::Fraction(_, inner) => level(inner),
        _ => Level::Atom,
    }
}

/// An expression in parentheses unless it binds at least so tightly.
struct At<'a>(&'a Expr, Level);

impl Display for At<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if level(self.0) < self.1 { write!(f, "({})", self.0) } else { write!(f, "{}", self.0) }
    }
}

/// A text as a literal.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\'', "''"))
    }
}

fn joined<T: Display>(f: &mut Formatter<'_>, items: impl IntoIterator<Item = T>, between: &str) -> fmt::Result {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

fn negation(negated: bool) -> &'static str {
    if negated { "not " } else { "" }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Null => f.write_str("null"),
            Kind::Bool(b) => write!(f, "{b}"),
            Kind::Int(i) => write!(f, "{i}"),
            Kind::Decimal(d) if d.scale() == 0 && i64::try_from(*d).is_ok() => write!(f, "{d}.0"),
            Kind::Decimal(d) => write!(f, "{d}"),
            Kind::Text(text) => write!(f, "{}", Quoted(text)),
            Kind::Date(day) => write!(f, "date '{day}'"),
            Kind::Timestamp(local) => write!(f, "timestamp '{}'", local.format("%Y-%m-%d %H:%M:%S")),
            Kind::Column(name) | Kind::Measure(name) => f.write_str(&name.text),
            Kind::Not(inner) => write!(f, "not {}", At(inner, Level::Not)),
            Kind::And(parts) => joined(f, parts.iter().map(|p| At(p, Level::Not)), " and "),
            Kind::Or(parts) => joined(f, parts.iter().map(|p| At(p, Level::And)), " or "),
            Kind::Compare(op, sides) | Kind::CompareFolded(op, sides) => {
                let [left, right] = &**sides;
                write!(f, "{} {} {}", At(left, Level::Sum), op.symbol(), At(right, Level::Sum))
            }
            Kind::ColumnIs { column, text, negated } => {
                let op = if *negated { Comparison::NotEqual } else { Comparison::Equal };
                write!(f, "{} {} {}", column.text, op.symbol(), Quoted(text))
            }
            Kind::ColumnIn { column, texts, negated } => {
                write!(f, "{} {}in (", column.text, negation(*negated))?;
                joined(f, texts.iter().map(|t| Quoted(t)), ", ")?;
                f.write_str(")")
            }
            Kind::In { needle, list, negated, .. } => {
                write!(f, "{} {}in (", At(needle, Level::Sum), negation(*negated))?;
                joined(f, list.iter(), ", ")?;
                f.write_str(")")
            }
            Kind::Between { parts, negated, .. } => {
                let [value, low, high] = &**parts;
                let (value, low, high) = (At(value, Level::Sum), At(low, Level::Sum), At(high, Level::Sum));
                write!(f, "{value} {}between {low} and {high}", negation(*negated))
            }
            Kind::IsNull { inner, negated } => write!(f, "{} is {}null", At(inner, Level::Sum), negation(*negated)),
            Kind::IsBool { inner, is, negated } => {
                write!(f, "{} is {}{is}", At(inner, Level::Sum), negation(*negated))
            }
            Kind::Like { text, pattern, negated } => {
                write!(f, "{} {}like ", At(text, Level::Sum), negation(*negated))?;
                match &**pattern {
                    Pattern::Literal { source, .. } => write!(f, "{}", Quoted(source)),
                    Pattern::Computed(pattern) => write!(f, "{}", At(pattern, Level::Sum)),
                }
            }
            Kind::Within(inner, window) => write!(f, "within({inner}, '{window}')"),
            Kind::Negate(inner) => write!(f, "-{}", At(inner, Level::Atom)),
            Kind::Arithmetic(op, sides) => {
                let [left, right] = &**sides;
                let (own, above) = match op {
                    Arithmetic::Add | Arithmetic::Subtract => (Level::Sum, Level::Product),
                    Arithmetic::Multiply | Arithmetic::Divide => (Level::Product, Level::Sign),
                };
                write!(f, "{} {} {}", At(left, own), op.symbol(), At(right, above))
            }
            Kind::Widen(inner) | Kind::Fraction(_, inner) => write!(f, "{inner}"),
            Kind::Shift(inner, step) => {
                let (count, unit) = match step {
                    Step::Days(n) => (*n, "day"),
                    Step::Months(n) => (*n, "month"),
                };
                let sign = if count < 0 { '-' } else { '+' };
                write!(f, "{} {sign} interval '{}' {unit}", At(inner, Level::Sum), count.unsigned_abs())
            }
            Kind::Case { operand, branches, otherwise, .. } => {
                f.write_str("case")?;
                if let Some(operand) = operand {
                    write!(f, " {operand}")?;
                }
                for branch in branches {
                    write!(f, " when {} then {}", branch.when, branch.then)?;
                }
                if let Some(otherwise) = otherwise {
                    write!(f, " else {otherwise}")?;
                }
                f.write_str(" end")
            }
            Kind::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                joined(f, arguments.iter(), ", ")?;
                match function {
                    Function::Round(places) if *places > 0 => write!(f, ", {places})"),
                    _ => f.write_str(")"),
                }
            }
        }
    }
}
