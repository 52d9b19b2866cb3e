//! The compiled form of an expression: typed, with every name resolved to a slot.

use super::function::Function;
use super::pattern::Pattern;
use super::value::{Arithmetic, Type};
use super::window::Window;
use crate::calendar::Day;
use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A compiled expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub(crate) ty: Type,
    pub(crate) kind: Kind,
}

/// A resolved name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// The caller's number for it.
    pub slot: usize,
    /// As it is written in an expression, quoted where it must be.
    pub text: Box<str>,
}

/// A comparison of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    pub(crate) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// What a moment is shifted by, on the local calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Days(i32),
    Months(i32),
}

impl Step {
    /// The step back.
    pub(crate) fn reversed(self) -> Self {
        match self {
            Self::Days(n) => Self::Days(-n),
            Self::Months(n) => Self::Months(-n),
        }
    }
}

/// `when … then …`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Branch {
    pub when: Expr,
    pub then: Expr,
}

/// The operation of an expression. Rare and large ones are boxed, so that the tree stays compact.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Text(Box<str>),
    /// A local day: the moment of its first instant.
    Date(Day),
    /// A local wall-clock time.
    Timestamp(NaiveDateTime),
    Column(Name),
    Measure(Name),

    Not(Box<Expr>),
    And(Box<[Expr]>),
    Or(Box<[Expr]>),
    Compare(Comparison, Box<[Expr; 2]>),
    /// A comparison of texts at least one of which is `lower(…)`.
    CompareFolded(Comparison, Box<[Expr; 2]>),
    /// `column = 'text'` or `column <> 'text'`
    ColumnIs {
        column: Name,
        text: Box<str>,
        negated: bool,
    },
    /// `column in ('a', 'b')`
    ColumnIn {
        column: Name,
        texts: Box<[Box<str>]>,
        negated: bool,
    },
    /// Values, with whether texts are compared folded to lower case.
    In {
        needle: Box<Expr>,
        list: Box<[Expr]>,
        negated: bool,
        folded: bool,
    },
    /// The value and its two bounds.
    Between {
        parts: Box<[Expr; 3]>,
        negated: bool,
        folded: bool,
    },
    IsNull {
        inner: Box<Expr>,
        negated: bool,
    },
    IsBool {
        inner: Box<Expr>,
        is: bool,
        negated: bool,
    },
    Like {
        text: Box<Expr>,
        pattern: Box<Pattern>,
        negated: bool,
    },
    Within(Box<Expr>, Box<Window>),

    Negate(Box<Expr>),
    Arithmetic(Arithmetic, Box<[Expr; 2]>),
    /// The inner value in this expression's wider number type.
    Widen(Box<Expr>),
    /// A literal already widened to a binary fraction.
    Fraction(f64, Box<Expr>),
    Shift(Box<Expr>, Step),
    Case {
        operand: Option<Box<Expr>>,
        branches: Box<[Branch]>,
        otherwise: Option<Box<Expr>>,
        folded: bool,
    },
    Call(Function, Box<[Expr]>),
}

impl Expr {
    pub(crate) fn new(ty: Type, kind: Kind) -> Self {
        Self { ty, kind }
    }

    /// The type of every value it gives that is not NULL.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.ty
    }

    /// The conditions that must all hold; the expression itself when it is no `and`.
    #[must_use]
    pub fn conjuncts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::And(parts) => parts.iter().collect(),
            _ => vec![self],
        }
    }

    /// The slot of the column that it merely names.
    #[must_use]
    pub fn bare_column(&self) -> Option<usize> {
        match &self.kind {
            Kind::Column(name) => Some(name.slot),
            _ => None,
        }
    }

    /// The slots of all columns it reads.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<usize> {
        let mut slots = BTreeSet::new();
        self.visit(&mut |e| match &e.kind {
            Kind::Column(name) | Kind::ColumnIs { column: name, .. } | Kind::ColumnIn { column: name, .. } => {
                slots.insert(name.slot);
            }
            _ => {}
        });
        slots
    }

    /// The slots of all measures it reads.
    #[must_use]
    pub fn measures(&self) -> BTreeSet<usize> {
        let mut slots = BTreeSet::new();
        self.visit(&mut |e| {
            if let Kind::Measure(name) = &e.kind {
                slots.insert(name.slot);
            }
        });
        slots
    }

    /// Shows every part to a visitor, whole before parts.
    pub(super) fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a Self)) {
        visitor(self);
        self.parts().into_iter().for_each(|p| p.visit(visitor));
    }
}

impl Expr {
    /// Its operation, for whoever writes it in another language.
    pub(crate) fn kind(&self) -> &Kind {
        &self.kind
    }
}
