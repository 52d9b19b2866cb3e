//! The untyped form of an expression: what was written, with the place of every part.

use super::error::ExprError;
use super::moment::{parse_date, parse_timestamp};
use super::tokens::{PlaybookDialect, tokens};
use super::tree::{Comparison, Step};
use super::value::Arithmetic;
use crate::calendar::Day;
use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use sqlparser::ast::{self, BinaryOperator, DataType, DateTimeField, UnaryOperator};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Span, Token, TokenWithSpan};
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// How deep operators may be nested; far beyond what a person can read.
const MAX_DEPTH: usize = 64;

/// One part of an expression.
#[derive(Debug)]
pub(super) struct Node {
    /// Bytes of the text.
    pub range: Range<usize>,
    pub kind: NodeKind,
}

/// A name as written.
#[derive(Debug, Clone)]
pub(super) struct Ident {
    pub text: String,
    pub quoted: bool,
    pub range: Range<usize>,
}

#[derive(Debug)]
pub(super) enum NodeKind {
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Text(String),
    Date(Day),
    Timestamp(NaiveDateTime),
    Interval(Step),
    Name {
        qualifier: Option<Ident>,
        name: Ident,
    },
    Call {
        qualifier: Option<Ident>,
        name: Ident,
        arguments: Vec<Node>,
    },
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Comparison, Box<[Node; 2]>),
    Arithmetic(Arithmetic, Box<[Node; 2]>),
    In {
        needle: Box<Node>,
        list: Vec<Node>,
        negated: bool,
    },
    Between {
        parts: Box<[Node; 3]>,
        negated: bool,
    },
    IsNull {
        inner: Box<Node>,
        negated: bool,
    },
    IsBool {
        inner: Box<Node>,
        is: bool,
        negated: bool,
    },
    Like {
        text: Box<Node>,
        pattern: Box<Node>,
        negated: bool,
    },
    Case {
        operand: Option<Box<Node>>,
        branches: Vec<(Node, Node)>,
        otherwise: Option<Box<Node>>,
    },
    /// A part that has been reported already.
    Broken,
}

/// How many texts are remembered; a playbook has some hundred.
const REMEMBERED: usize = 8192;

thread_local! {
    /// What has been parsed. A playbook is compiled anew in every stage, with the same texts.
    static PARSED: RefCell<FxHashMap<Box<str>, Rc<Node>>> = RefCell::default();
}

/// Parses a text.
///
/// # Errors
/// Everything that is not part of the language.
pub(super) fn parse(text: &str) -> Result<Rc<Node>, Vec<ExprError>> {
    if let Some(known) = PARSED.with_borrow(|parsed| parsed.get(text).map(Rc::clone)) {
        return Ok(known);
    }
    let node = Rc::new(parse_anew(text)?);
    PARSED.with_borrow_mut(|parsed| {
        if parsed.len() >= REMEMBERED {
            parsed.clear();
        }
        parsed.insert(Box::from(text), Rc::clone(&node));
    });
    Ok(node)
}

fn parse_anew(text: &str) -> Result<Node, Vec<ExprError>> {
    let tokens = tokens(text)?;
    let mut parser = Parser::new(&PlaybookDialect).with_tokens_with_locations(tokens);
    let tree = parser.parse_expr().map_err(|e| vec![parser_error(&e, text)])?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        return Err(vec![unexpected(&rest, text)]);
    }
    let mut converter = Converter { text, errors: Vec::new(), buried: Vec::new() };
    let node = converter.convert(tree, 0);
    if converter.errors.is_empty() { Ok(node) } else { Err(converter.errors) }
}

fn unexpected(token: &TokenWithSpan, text: &str) -> ExprError {
    let range = bytes(token.span, text);
    let found = text.get(range.clone()).unwrap_or_default();
    ExprError::syntax(range, format!("`{found}` was not expected here"), "expected an operator or the end")
}

/// The bytes of a span, whose columns are byte offsets plus one.
fn bytes(span: Span, text: &str) -> Range<usize> {
    let at = |column: u64| usize::try_from(column).unwrap_or(usize::MAX).saturating_sub(1).min(text.len());
    let start = at(span.start.column);
    start..at(span.end.column).max(start)
}

/// The parser tells the place only as text: `Expected: X, found: Y at Line: 1, Column: 5`.
fn parser_error(error: &ParserError, text: &str) -> ExprError {
    let message = match error {
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => message.as_str(),
        ParserError::RecursionLimitExceeded => return too_deep(0..text.len()),
    };
    let (message, column) = match message.rsplit_once(" at Line: 1, Column: ") {
        Some((message, column)) => (message, column.parse::<usize>().ok()),
        None => (message, None),
    };
    let start = column.map_or(text.len(), |c| c.saturating_sub(1)).min(text.len());
    let rest = text.get(start..).unwrap_or_default();
    // The offending word, as far as can be told from its first character.
    let length = match rest.chars().next() {
        Some(c) if super::window::continues_name(c) => {
            rest.find(|c| !super::window::continues_name(c)).unwrap_or(rest.len())
        }
        Some('\'') => rest.get(1..).and_then(|r| r.find('\'')).map_or(rest.len(), |end| end + 2),
        Some(c) => c.len_utf8(),
        None => 0,
    };
    let range = start..start + length;
    let wanted = message.strip_prefix("Expected: ").and_then(|m| m.split(", found").next());
    let wanted = match wanted {
        Some("an expression") | None => "a name, number, text or `(`".to_owned(),
        Some(other) => format!("`{}`", other.to_lowercase()),
    };
    let found = match text.get(range.clone()) {
        Some(found) if !found.is_empty() => format!("`{found}`"),
        _ => "the end".to_owned(),
    };
    ExprError::syntax(range, format!("{found} was not expected here"), format!("expected {wanted}"))
}

fn too_deep(range: Range<usize>) -> ExprError {
    ExprError::syntax(range, "the expression is nested too deeply", "too many levels")
        .help("declare parts of it as measures and use their names")
}

struct Converter<'t> {
    text: &'t str,
    errors: Vec<ExprError>,
    /// Trees too deep to be converted, kept until the stack is empty enough to drop them.
    buried: Vec<ast::Expr>,
}

impl Converter<'_> {
    fn refuse(&mut self, range: Range<usize>, what: &str, help: &str) -> Node {
        self.errors.push(ExprError::unsupported(range.clone(), what, help));
        Node { range, kind: NodeKind::Broken }
    }

    fn boxed(&mut self, tree: ast::Expr, depth: usize) -> Box<Node> {
        Box::new(self.convert(tree, depth))
    }

    fn convert(&mut self, tree: ast::Expr, depth: usize) -> Node {
        if depth > MAX_DEPTH {
            self.errors.push(too_deep(0..self.text.len()));
            self.buried.push(tree);
            return Node { range: 0..self.text.len(), kind: NodeKind::Broken };
        }
        let depth = depth + 1;
        match tree {
            ast::Expr::Nested(inner) => self.convert(*inner, depth),
            ast::Expr::Identifier(name) => {
                let name = self.ident(name);
                Node { range: name.range.clone(), kind: NodeKind::Name { qualifier: None, name } }
            }
            ast::Expr::CompoundIdentifier(parts) => self.compound(parts),
            ast::Expr::Value(value) => self.literal(value),
            ast::Expr::TypedString(typed) => self.moment(typed),
            ast::Expr::Interval(interval) => self.interval(interval),
            ast::Expr::Function(function) => self.call(function, depth),
            ast::Expr::UnaryOp { op, expr } => {
                let inner = self.boxed(*expr, depth);
                let range = inner.range.clone();
                match op {
                    UnaryOperator::Not => Node { range, kind: NodeKind::Not(inner) },
                    UnaryOperator::Minus => {
                        let range = self.back_to('-', range);
                        Node { range, kind: NodeKind::Negate(inner) }
                    }
                    UnaryOperator::Plus => *inner,
                    _ => self.refuse(range, "this operator cannot be used here", "use `not` or `-`"),
                }
            }
            ast::Expr::BinaryOp { left, op, right } => self.binary(*left, &op, *right, depth),
            ast::Expr::IsNull(inner) => self.is_null(*inner, false, depth),
            ast::Expr::IsNotNull(inner) => self.is_null(*inner, true, depth),
            ast::Expr::IsTrue(inner) => self.is_bool(*inner, true, false, depth),
            ast::Expr::IsNotTrue(inner) => self.is_bool(*inner, true, true, depth),
            ast::Expr::IsFalse(inner) => self.is_bool(*inner, false, false, depth),
            ast::Expr::IsNotFalse(inner) => self.is_bool(*inner, false, true, depth),
            ast::Expr::InList { expr, list, negated } => {
                let needle = self.boxed(*expr, depth);
                let list: Vec<Node> = list.into_iter().map(|item| self.convert(item, depth)).collect();
                let range = list.iter().fold(needle.range.clone(), |range, item| join(&range, &item.range));
                Node { range, kind: NodeKind::In { needle, list, negated } }
            }
            ast::Expr::Between { expr, negated, low, high } => {
                let parts = [*expr, *low, *high].map(|part| self.convert(part, depth));
                let range = join(&parts[0].range, &parts[2].range);
                Node { range, kind: NodeKind::Between { parts: Box::new(parts), negated } }
            }
            ast::Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                let text = self.boxed(*expr, depth);
                let pattern = self.boxed(*pattern, depth);
                let range = join(&text.range, &pattern.range);
                Node { range, kind: NodeKind::Like { text, pattern, negated } }
            }
            ast::Expr::Case { case_token, end_token, operand, conditions, else_result } => {
                let range = join(&bytes(case_token.0.span, self.text), &bytes(end_token.0.span, self.text));
                let operand = operand.map(|o| self.boxed(*o, depth));
                let branches = conditions
                    .into_iter()
                    .map(|b| (self.convert(b.condition, depth), self.convert(b.result, depth)))
                    .collect();
                let otherwise = else_result.map(|e| self.boxed(*e, depth));
                Node { range, kind: NodeKind::Case { operand, branches, otherwise } }
            }
            ast::Expr::Tuple(parts) => {
                let range = parts
                    .into_iter()
                    .map(|part| self.convert(part, depth).range)
                    .reduce(|a, b| join(&a, &b))
                    .unwrap_or(0..self.text.len());
                self.refuse(range, "a list of values can only follow `in`", "write one value")
            }
            _ => self.refuse(
                0..self.text.len(),
                "this form of SQL cannot be used here",
                "use comparisons, `and`, `or`, `not`, arithmetic, `case` and the built-in functions",
            ),
        }
    }

    fn ident(&self, ident: ast::Ident) -> Ident {
        let range = bytes(ident.span, self.text);
        Ident { quoted: ident.quote_style.is_some(), text: ident.value, range }
    }

    fn compound(&mut self, parts: Vec<ast::Ident>) -> Node {
        let mut parts: Vec<Ident> = parts.into_iter().map(|p| self.ident(p)).collect();
        let last = parts.pop();
        let first = parts.pop();
        match (first, last) {
            (qualifier, Some(name)) if parts.is_empty() => {
                let range = qualifier.as_ref().map_or(name.range.clone(), |q| join(&q.range, &name.range));
                Node { range, kind: NodeKind::Name { qualifier, name } }
            }
            (_, last) => {
                let start = parts.first().map_or(0, |p| p.range.start);
                let end = last.map_or(self.text.len(), |p| p.range.end);
                self.refuse(start..end, "a name has at most two parts", "write it as `member.role`")
            }
        }
    }

    fn literal(&mut self, value: ast::ValueWithSpan) -> Node {
        let range = bytes(value.span, self.text);
        let kind = match value.value {
            ast::Value::Null => NodeKind::Null,
            ast::Value::Boolean(b) => NodeKind::Bool(b),
            ast::Value::SingleQuotedString(text) => NodeKind::Text(text),
            ast::Value::Number(digits, false) => match number(&digits) {
                Some(kind) => kind,
                None => {
                    self.errors.push(ExprError::syntax(
                        range.clone(),
                        format!("`{digits}` is no number that can be computed with"),
                        "too large or too many digits",
                    ));
                    NodeKind::Broken
                }
            },
            _ => {
                return self.refuse(
                    range,
                    "this value cannot be used here",
                    "write a number or a text in single quotes",
                );
            }
        };
        Node { range, kind }
    }

    fn moment(&mut self, typed: ast::TypedString) -> Node {
        let range = bytes(typed.value.span, self.text);
        let text = typed.value.value.into_string().unwrap_or_default();
        let (kind, label, form) = match typed.data_type {
            DataType::Date => {
                (parse_date(&text).map(NodeKind::Date), "not a day of the calendar", "`date '2025-05-01'`")
            }
            _ => (
                parse_timestamp(&text).map(NodeKind::Timestamp),
                "not a time of a day",
                "`timestamp '2025-05-01 20:30:00'`",
            ),
        };
        let kind = kind.unwrap_or_else(|| {
            let error = ExprError::syntax(range.clone(), format!("`{text}` is no time"), label);
            self.errors.push(error.help(format!("write it as {form}")));
            NodeKind::Broken
        });
        Node { range, kind }
    }

    fn interval(&mut self, interval: ast::Interval) -> Node {
        let node = self.convert(*interval.value, MAX_DEPTH);
        let count = match &node.kind {
            NodeKind::Text(text) => text.trim().parse::<i32>().ok(),
            NodeKind::Int(i) => i32::try_from(*i).ok(),
            _ => None,
        };
        // Ten centuries.
        let Some(count) = count.filter(|c| c.unsigned_abs() <= 365_000) else {
            let error = ExprError::syntax(
                node.range.clone(),
                "an interval needs a whole number",
                "expected a number of days or months",
            );
            self.errors.push(error.help("write `interval '7' day` or `interval '1' month`"));
            return Node { range: node.range, kind: NodeKind::Broken };
        };
        let step = match interval.leading_field {
            Some(DateTimeField::Month | DateTimeField::Months) => Step::Months(count),
            _ => Step::Days(count),
        };
        Node { range: node.range, kind: NodeKind::Interval(step) }
    }

    fn call(&mut self, function: ast::Function, depth: usize) -> Node {
        let mut names = Vec::new();
        for part in function.name.0 {
            match part {
                ast::ObjectNamePart::Identifier(ident) => names.push(self.ident(ident)),
                ast::ObjectNamePart::Function(_) => {}
            }
        }
        let start = names.first().map_or(0, |n| n.range.start);
        let Some(name) = names.pop() else {
            return self.refuse(0..self.text.len(), "a call without a name", "write the name of a function");
        };
        let qualifier = names.pop();
        let named = start..name.range.end;
        if !names.is_empty() {
            return self.refuse(named, "a name has at most two parts", "write it as `post.clicks('7d')`");
        }
        let mut arguments = Vec::new();
        if let ast::FunctionArguments::List(list) = function.args {
            for argument in list.args {
                match argument {
                    ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(e)) => arguments.push(self.convert(e, depth)),
                    _ => return self.refuse(named, "`*` can only multiply", "name what is to be computed"),
                }
            }
        }
        // The closing parenthesis belongs to the call.
        let end = arguments.last().map_or(name.range.end, |a| a.range.end);
        let end = self.text.get(end..).and_then(|rest| rest.find(')')).map_or(end, |i| end + i + 1);
        Node { range: start..end, kind: NodeKind::Call { qualifier, name, arguments } }
    }

    fn is_null(&mut self, inner: ast::Expr, negated: bool, depth: usize) -> Node {
        let inner = self.boxed(inner, depth);
        Node { range: inner.range.clone(), kind: NodeKind::IsNull { inner, negated } }
    }

    fn is_bool(&mut self, inner: ast::Expr, is: bool, negated: bool, depth: usize) -> Node {
        let inner = self.boxed(inner, depth);
        Node { range: inner.range.clone(), kind: NodeKind::IsBool { inner, is, negated } }
    }

    fn binary(&mut self, left: ast::Expr, op: &BinaryOperator, right: ast::Expr, depth: usize) -> Node {
        if matches!(op, BinaryOperator::And | BinaryOperator::Or) {
            return self.chain(left, op, right, depth);
        }
        let sides = [left, right].map(|side| self.convert(side, depth));
        let range = join(&sides[0].range, &sides[1].range);
        let sides = Box::new(sides);
        let kind = match op {
            BinaryOperator::Eq => NodeKind::Compare(Comparison::Equal, sides),
            BinaryOperator::NotEq => NodeKind::Compare(Comparison::NotEqual, sides),
            BinaryOperator::Lt => NodeKind::Compare(Comparison::Less, sides),
            BinaryOperator::LtEq => NodeKind::Compare(Comparison::LessOrEqual, sides),
            BinaryOperator::Gt => NodeKind::Compare(Comparison::Greater, sides),
            BinaryOperator::GtEq => NodeKind::Compare(Comparison::GreaterOrEqual, sides),
            BinaryOperator::Plus => NodeKind::Arithmetic(Arithmetic::Add, sides),
            BinaryOperator::Minus => NodeKind::Arithmetic(Arithmetic::Subtract, sides),
            BinaryOperator::Multiply => NodeKind::Arithmetic(Arithmetic::Multiply, sides),
            BinaryOperator::Divide => NodeKind::Arithmetic(Arithmetic::Divide, sides),
            other => {
                return self.refuse(range, &format!("`{other}` cannot be used here"), "use `+`, `-`, `*` or `/`");
            }
        };
        Node { range, kind }
    }

    /// `a and b and c` becomes one list, so that long conditions stay shallow.
    fn chain(&mut self, left: ast::Expr, op: &BinaryOperator, right: ast::Expr, depth: usize) -> Node {
        let mut parts = vec![right];
        let mut rest = left;
        loop {
            match rest {
                ast::Expr::BinaryOp { left, op: inner, right } if inner == *op => {
                    parts.push(*right);
                    rest = *left;
                }
                first => {
                    parts.push(first);
                    break;
                }
            }
        }
        let parts: Vec<Node> = parts.into_iter().rev().map(|part| self.convert(part, depth)).collect();
        let range = match (parts.first(), parts.last()) {
            (Some(first), Some(last)) => join(&first.range, &last.range),
            _ => 0..self.text.len(),
        };
        let kind = if *op == BinaryOperator::And { NodeKind::And(parts) } else { NodeKind::Or(parts) };
        Node { range, kind }
    }

    /// Extends a range backwards over white space to a sign.
    fn back_to(&self, sign: char, range: Range<usize>) -> Range<usize> {
        let before = self.text.get(..range.start).unwrap_or_default().trim_end_matches([' ', '\t', '\r', '\n', '(']);
        if before.ends_with(sign) { before.len() - sign.len_utf8()..range.end } else { range }
    }
}

fn join(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    a.start.min(b.start)..a.end.max(b.end)
}

/// Whole numbers are whole, all others exact decimals.
fn number(digits: &str) -> Option<NodeKind> {
    if let Ok(int) = digits.parse::<i64>() {
        return Some(NodeKind::Int(int));
    }
    let decimal = if digits.contains(['e', 'E']) {
        Decimal::from_scientific(digits).ok()?
    } else {
        Decimal::from_str_exact(digits).ok()?
    };
    Some(NodeKind::Decimal(decimal))
}
