//! From what was written to what is meant: names are resolved, types checked, common shapes specialised.

use super::error::ExprError;
use super::function::Function;
use super::syntax::{Node, NodeKind, parse};
use super::tree::{Branch, Comparison, Expr, Kind};
use super::value::{Arithmetic, Type};
use super::window::Window;
use crate::diagnostic::Code;

/// What the names of an expression mean; slots are numbered by the implementor.
pub trait Scope {
    /// A column: its slot and type, or nothing when it is unknown.
    ///
    /// # Errors
    /// Why a known column cannot be read here.
    fn column(&mut self, qualifier: Option<&str>, name: &str) -> Result<Option<(usize, Type)>, String>;

    /// A measure over a window (the report's period without one), or nothing when it is unknown.
    ///
    /// # Errors
    /// Why a known measure cannot be read here.
    fn measure(
        &mut self,
        qualifier: Option<&str>,
        name: &str,
        window: Option<&Window>,
    ) -> Result<Option<(usize, Type)>, String>;

    /// The names that would be understood after a qualifier, or alone; empty after an unknown qualifier.
    ///
    /// Names that are themselves qualifiers end with `.`: `member.`
    fn known(&self, qualifier: Option<&str>) -> Vec<String>;
}

/// What the place of an expression needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// A condition.
    Bool,
    /// A number of any type.
    Number,
    /// Anything.
    Any,
}

/// Compiles an expression.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn compile(text: &str, scope: &mut dyn Scope, want: Want) -> Result<Expr, Vec<ExprError>> {
    let node = parse(text)?;
    let mut checker = Checker { scope, errors: Vec::new() };
    let expr = match want {
        Want::Bool => checker.condition(&node, "a condition is needed here"),
        Want::Number => checker.number(&node, "a number is needed here"),
        Want::Any => checker.value(&node),
    };
    match expr {
        Some(expr) if checker.errors.is_empty() => Ok(expr),
        _ => {
            checker.errors.sort_by_key(|e| e.range.start);
            Err(checker.errors)
        }
    }
}

/// What is checked gives nothing when it is wrong, and the reason is among the errors.
pub(super) struct Checker<'s> {
    pub(super) scope: &'s mut dyn Scope,
    pub(super) errors: Vec<ExprError>,
}

impl Checker<'_> {
    pub(super) fn fail(&mut self, error: ExprError) -> Option<Expr> {
        self.errors.push(error);
        None
    }

    /// Any expression except a bare `lower(…)`, whose result is not kept anywhere.
    pub(super) fn value(&mut self, node: &Node) -> Option<Expr> {
        let expr = self.text_or_value(node)?;
        if is_lower(&expr) {
            return self.fail(ExprError::unsupported(
                node.range.clone(),
                "`lower` can only be compared or matched",
                format!("write `{expr} = '…'` or `{expr} like '…'`"),
            ));
        }
        Some(expr)
    }

    pub(super) fn condition(&mut self, node: &Node, need: &str) -> Option<Expr> {
        let expr = self.value(node)?;
        if matches!(expr.ty, Type::Bool | Type::Null) {
            return Some(expr);
        }
        let error = ExprError::typed(node.range.clone(), need, expr.ty);
        let help = match expr.ty {
            Type::Text => format!("compare it: `{expr} = '…'`"),
            Type::Time => format!("compare it: `{expr} is not null` or `within({expr}, 'window')`"),
            _ => format!("compare it: `{expr} > 0`"),
        };
        // A literal is rather a slip than a value to compare.
        let literal = matches!(node.kind, NodeKind::Text(_) | NodeKind::Int(_) | NodeKind::Decimal(_));
        self.fail(if literal { error } else { error.help(help) })
    }

    pub(super) fn number(&mut self, node: &Node, need: &str) -> Option<Expr> {
        let expr = self.value(node)?;
        if expr.ty.is_number() || expr.ty == Type::Null {
            return Some(expr);
        }
        self.fail(ExprError::typed(node.range.clone(), need, expr.ty))
    }

    pub(super) fn time(&mut self, node: &Node, need: &str) -> Option<Expr> {
        let expr = self.value(node)?;
        if matches!(expr.ty, Type::Time | Type::Null) {
            return Some(expr);
        }
        self.fail(ExprError::typed(node.range.clone(), need, expr.ty))
    }

    /// A part that must be text; `lower(…)` is possible.
    pub(super) fn text(&mut self, node: &Node, need: &str) -> Option<Expr> {
        let expr = self.text_or_value(node)?;
        if matches!(expr.ty, Type::Text | Type::Null) {
            return Some(expr);
        }
        self.fail(ExprError::typed(node.range.clone(), need, expr.ty))
    }

    pub(super) fn text_or_value(&mut self, node: &Node) -> Option<Expr> {
        Some(match &node.kind {
            NodeKind::Broken => return None,
            NodeKind::Null => Expr::new(Type::Null, Kind::Null),
            NodeKind::Bool(b) => Expr::new(Type::Bool, Kind::Bool(*b)),
            NodeKind::Int(i) => Expr::new(Type::Int, Kind::Int(*i)),
            NodeKind::Decimal(d) => Expr::new(Type::Decimal, Kind::Decimal(*d)),
            NodeKind::Text(text) => Expr::new(Type::Text, Kind::Text(text.as_str().into())),
            NodeKind::Date(day) => Expr::new(Type::Time, Kind::Date(*day)),
            NodeKind::Timestamp(local) => Expr::new(Type::Time, Kind::Timestamp(*local)),
            NodeKind::Interval(_) => {
                return self.fail(
                    ExprError::new(
                        Code::ExprType,
                        node.range.clone(),
                        "an interval can only be added to a time or taken from it",
                        "no time stands before this",
                    )
                    .help("write `joined_at + interval '7' day`"),
                );
            }
            NodeKind::Name { qualifier, name } => return self.name(qualifier.as_ref(), name, &node.range),
            NodeKind::Call { qualifier, name, arguments } => {
                return self.call(qualifier.as_ref(), name, arguments, &node.range);
            }
            NodeKind::Not(inner) => {
                let inner = self.condition(inner, "`not` needs a condition")?;
                Expr::new(Type::Bool, Kind::Not(Box::new(inner)))
            }
            NodeKind::And(parts) => {
                let parts = self.conditions(parts, "`and` needs conditions", true)?;
                Expr::new(Type::Bool, Kind::And(parts))
            }
            NodeKind::Or(parts) => {
                let parts = self.conditions(parts, "`or` needs conditions", false)?;
                Expr::new(Type::Bool, Kind::Or(parts))
            }
            NodeKind::Negate(inner) => {
                let inner = self.number(inner, "`-` needs a number")?;
                Expr::new(inner.ty, Kind::Negate(Box::new(inner)))
            }
            NodeKind::Arithmetic(op, sides) => return self.arithmetic(*op, sides),
            NodeKind::Compare(op, sides) => return self.compare(*op, sides),
            NodeKind::In { needle, list, negated } => return self.is_in(needle, list, *negated),
            NodeKind::Between { parts, negated } => return self.between(parts, *negated),
            NodeKind::IsNull { inner, negated } => {
                let inner = Box::new(self.value(inner)?);
                Expr::new(Type::Bool, Kind::IsNull { inner, negated: *negated })
            }
            NodeKind::IsBool { inner, is, negated } => {
                let inner = Box::new(self.condition(inner, "`is true` and `is false` need a condition")?);
                Expr::new(Type::Bool, Kind::IsBool { inner, is: *is, negated: *negated })
            }
            NodeKind::Like { text, pattern, negated } => return self.like(text, pattern, *negated),
            NodeKind::Case { operand, branches, otherwise } => {
                return self.case(operand.as_deref(), branches, otherwise.as_deref());
            }
        })
    }

    /// All conditions of a chain; chains of the same kind inside are made part of it.
    fn conditions(&mut self, parts: &[Node], need: &str, and: bool) -> Option<Box<[Expr]>> {
        // All parts are checked before giving up, so that all errors are told.
        let parts: Vec<Option<Expr>> = parts.iter().map(|part| self.condition(part, need)).collect();
        let parts: Option<Vec<Expr>> = parts.into_iter().collect();
        let mut flat = Vec::new();
        for part in parts? {
            match part.kind {
                Kind::And(inner) if and => flat.extend(inner),
                Kind::Or(inner) if !and => flat.extend(inner),
                kind => flat.push(Expr::new(part.ty, kind)),
            }
        }
        Some(flat.into())
    }

    fn arithmetic(&mut self, op: Arithmetic, sides: &[Node; 2]) -> Option<Expr> {
        let [left_node, right_node] = sides;
        if let NodeKind::Interval(step) = right_node.kind
            && matches!(op, Arithmetic::Add | Arithmetic::Subtract)
        {
            let time = self.time(left_node, "an interval can only be added to a time or taken from it")?;
            let step = if op == Arithmetic::Add { step } else { step.reversed() };
            return Some(Expr::new(Type::Time, Kind::Shift(Box::new(time), step)));
        }
        let (left, right) = (self.value(left_node), self.value(right_node));
        let (left, right) = (left?, right?);
        let range = left_node.range.start..right_node.range.end;
        if left.ty == Type::Time && right.ty == Type::Time && op == Arithmetic::Subtract {
            return self.fail(
                ExprError::new(Code::ExprType, range, "times cannot be subtracted", "both are times")
                    .help(format!("write `days_between({right}, {left})`")),
            );
        }
        for (side, node) in [(&left, left_node), (&right, right_node)] {
            if !side.ty.is_number() && side.ty != Type::Null {
                let need = format!("`{}` needs numbers", op.symbol());
                let error = ExprError::typed(node.range.clone(), need, side.ty);
                return self.fail(match side.ty {
                    Type::Time => error.help(format!("write `{side} {} interval '7' day`", op.symbol())),
                    _ => error,
                });
            }
        }
        let ty = op.result(left.ty, right.ty);
        Some(Expr::new(ty, Kind::Arithmetic(op, Box::new([left, right]))))
    }

    fn compare(&mut self, op: Comparison, sides: &[Node; 2]) -> Option<Expr> {
        let (left, right) = (self.text_or_value(&sides[0]), self.text_or_value(&sides[1]));
        let (left, right) = self.comparable((left?, &sides[0]), (right?, &sides[1]))?;
        let equality = matches!(op, Comparison::Equal | Comparison::NotEqual);
        let negated = op == Comparison::NotEqual;
        let kind = match (left.kind, right.kind) {
            (Kind::Column(column), Kind::Text(text)) | (Kind::Text(text), Kind::Column(column)) if equality => {
                Kind::ColumnIs { column, text, negated }
            }
            (left_kind, right_kind) => {
                let sides = Box::new([Expr::new(left.ty, left_kind), Expr::new(right.ty, right_kind)]);
                if sides.iter().any(is_lower) { Kind::CompareFolded(op, sides) } else { Kind::Compare(op, sides) }
            }
        };
        Some(Expr::new(Type::Bool, kind))
    }

    /// Two values of types that have one order; a literal decimal beside a fraction becomes one.
    fn comparable(&mut self, left: (Expr, &Node), right: (Expr, &Node)) -> Option<(Expr, Expr)> {
        let ((left, left_node), (right, right_node)) = (left, right);
        if left.ty.common(right.ty).is_some() {
            let fractions = (left.ty == Type::Float, right.ty == Type::Float);
            return Some(match fractions {
                (true, false) => (left, right.into_fraction()),
                (false, true) => (left.into_fraction(), right),
                _ => (left, right),
            });
        }
        // The literal is the more likely slip.
        let left_is_literal = left.is_literal() && !right.is_literal();
        let (literal, range, other) =
            if left_is_literal { (&left, &left_node.range, &right) } else { (&right, &right_node.range, &left) };
        let error =
            ExprError::typed(range.clone(), format!("{} cannot be compared with {}", other.ty, literal.ty), literal.ty);
        let help = match (other.ty, literal.ty) {
            (Type::Text, ty) if ty.is_number() && literal.is_literal() => {
                Some(format!("write `'{literal}'` in quotes"))
            }
            (ty, Type::Text) if ty.is_number() && literal.is_literal() => {
                Some("write the number without quotes".to_owned())
            }
            (Type::Time, Type::Text) if literal.is_literal() => Some("write a time as `date '2025-05-01'`".to_owned()),
            (Type::Time, ty) if ty.is_number() => Some(format!("count days with `days_since({other})`")),
            (Type::Bool, _) if literal.is_literal() => Some(format!("write `{other}` or `not {other}`")),
            _ => None,
        };
        self.fail(ExprError { help, ..error })?;
        None
    }

    fn is_in(&mut self, needle: &Node, list: &[Node], negated: bool) -> Option<Expr> {
        let value = self.text_or_value(needle);
        let items: Vec<Option<Expr>> = list.iter().map(|item| self.text_or_value(item)).collect();
        let mut value = value?;
        let mut checked = Vec::new();
        for (item, node) in items.into_iter().zip(list) {
            let pair = item.and_then(|item| self.comparable((value.clone(), needle), (item, node)));
            let Some((same, item)) = pair else {
                checked.push(None);
                continue;
            };
            value = same;
            checked.push(Some(item));
        }
        let items: Option<Vec<Expr>> = checked.into_iter().collect();
        let items = items?;
        let texts: Option<Vec<Box<str>>> = items
            .iter()
            .map(|item| match &item.kind {
                Kind::Text(text) => Some(text.clone()),
                _ => None,
            })
            .collect();
        let kind = match (value.kind, texts) {
            (Kind::Column(column), Some(texts)) => Kind::ColumnIn { column, texts: texts.into(), negated },
            (kind, _) => {
                let value = Expr::new(value.ty, kind);
                let folded = is_lower(&value) || items.iter().any(is_lower);
                Kind::In { needle: Box::new(value), list: items.into(), negated, folded }
            }
        };
        Some(Expr::new(Type::Bool, kind))
    }

    fn between(&mut self, parts: &[Node; 3], negated: bool) -> Option<Expr> {
        let [value_node, low_node, high_node] = parts;
        let value = self.text_or_value(value_node);
        let (low, high) = (self.text_or_value(low_node), self.text_or_value(high_node));
        let value = value?;
        let low = low.and_then(|low| self.comparable((value.clone(), value_node), (low, low_node)));
        let high = high.and_then(|high| self.comparable((value, value_node), (high, high_node)));
        let ((_, low), (value, high)) = (low?, high?);
        let parts = Box::new([value, low, high]);
        let folded = parts.iter().any(is_lower);
        Some(Expr::new(Type::Bool, Kind::Between { parts, negated, folded }))
    }

    fn like(&mut self, text: &Node, pattern: &Node, negated: bool) -> Option<Expr> {
        use super::pattern::Pattern;
        let text = self.text(text, "`like` needs a text");
        let pattern = self.text(pattern, "`like` needs a pattern");
        let (text, pattern) = (Box::new(text?), pattern?);
        let pattern = match pattern.kind {
            Kind::Text(source) => Pattern::literal(&source),
            _ => Pattern::Computed(Box::new(pattern)),
        };
        Some(Expr::new(Type::Bool, Kind::Like { text, pattern: Box::new(pattern), negated }))
    }

    fn case(&mut self, operand: Option<&Node>, branches: &[(Node, Node)], otherwise: Option<&Node>) -> Option<Expr> {
        let subject = operand.map(|node| (self.text_or_value(node), node));
        let mut whens = Vec::new();
        let mut results = Vec::new();
        for (when, then) in branches {
            whens.push(match &subject {
                None => self.condition(when, "`when` needs a condition"),
                Some((subject, node)) => match (subject.clone(), self.text_or_value(when)) {
                    (Some(subject), Some(value)) => {
                        self.comparable((subject, node), (value, when)).map(|(_, value)| value)
                    }
                    _ => None,
                },
            });
            results.push((self.value(then), then));
        }
        let has_otherwise = otherwise.is_some();
        results.extend(otherwise.map(|node| (self.value(node), node)));
        let (ty, mut results) = self.unify(results, "the results of a `case` must have one type")?;
        let otherwise = if has_otherwise { results.pop().map(Box::new) } else { None };
        let whens: Option<Vec<Expr>> = whens.into_iter().collect();
        let operand = match subject {
            None => None,
            Some((subject, _)) => Some(Box::new(subject?)),
        };
        let whens = whens?;
        let folded = operand.as_deref().is_some_and(is_lower) || (operand.is_some() && whens.iter().any(is_lower));
        let branches = whens.into_iter().zip(results).map(|(when, then)| Branch { when, then }).collect();
        Some(Expr::new(ty, Kind::Case { operand, branches, otherwise, folded }))
    }

    /// Values of one type, numbers widened to the widest.
    pub(super) fn unify(&mut self, values: Vec<(Option<Expr>, &Node)>, need: &str) -> Option<(Type, Vec<Expr>)> {
        let mut ty = Type::Null;
        let mut whole = true;
        for (value, node) in &values {
            let Some(value) = value else {
                whole = false;
                continue;
            };
            match ty.common(value.ty) {
                Some(common) => ty = common,
                None => {
                    whole = false;
                    self.fail(ExprError {
                        help: Some(format!("the values before it are {ty}")),
                        ..ExprError::typed(node.range.clone(), need, value.ty)
                    });
                }
            }
        }
        if !whole {
            return None;
        }
        Some((ty, values.into_iter().filter_map(|(value, _)| value).map(|value| value.widened(ty)).collect()))
    }
}

/// Whether an expression is a `lower(…)`.
pub(super) fn is_lower(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Call(Function::Lower, _))
}

impl Expr {
    fn is_literal(&self) -> bool {
        match &self.kind {
            Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Decimal(_) | Kind::Text(_) | Kind::Date(_) => true,
            Kind::Timestamp(_) | Kind::Fraction(..) => true,
            Kind::Negate(inner) => inner.is_literal(),
            _ => false,
        }
    }

    /// A literal decimal as the nearest fraction, so that it is not converted for every row.
    fn into_fraction(self) -> Self {
        match self.kind {
            Kind::Decimal(d) => Self::new(Type::Float, Kind::Fraction(super::value::decimal_to_f64(d), Box::new(self))),
            _ => self,
        }
    }

    fn widened(self, to: Type) -> Self {
        if self.ty == to || self.ty == Type::Null || !to.is_number() {
            return self;
        }
        Self::new(to, Kind::Widen(Box::new(self)))
    }
}
