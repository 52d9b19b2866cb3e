//! Messages laid out for filling in: what nearly all of them are made of, texts, variables and forms by
//! number, is put together without asking the resolver, which pages would do some hundred thousand times.

use super::wording::Given;
use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement, VariantKey};

/// A message of texts, variables and forms; whatever else Fluent knows has no layout.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Variable(String),
    /// Forms by a variable, tried in their order, and the place of the default.
    Forms(String, Vec<(Form, Layout)>, usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Exactly(u64),
    /// A word of the data or of the grammar: `one`, `other`.
    Named(String),
}

/// Whole numbers beyond this are no longer exact as Fluent holds them.
const EXACT: u64 = 1 << 53;

impl Layout {
    /// The layout of a message.
    pub(super) fn of(pattern: &Pattern<&str>) -> Option<Self> {
        let pieces = pattern.elements.iter().map(|element| match element {
            PatternElement::TextElement { value } => Some(Piece::Text((*value).to_owned())),
            PatternElement::Placeable { expression } => piece(expression),
        });
        Some(Self { pieces: pieces.collect::<Option<Vec<_>>>()? })
    }

    /// Writes the message; `None` where it takes the resolver: a variable that is missing, or a number whose
    /// form the grammar of the language decides in a way unknown here.
    pub(super) fn write(&self, given: &[(&str, Given<'_>)], grammar: Grammar, out: &mut String) -> Option<()> {
        let value = |name: &str| given.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Variable(name) => match value(name)? {
                    Given::Text(text) => out.push_str(text),
                    Given::Number(n) if n < EXACT => super::format::push_grouped(out, n),
                    Given::Number(_) => return None,
                },
                Piece::Forms(name, forms, default) => {
                    let value = value(name)?;
                    let mut chosen = None;
                    for (form, layout) in forms {
                        if grammar.fits(form, value)? {
                            chosen = Some(layout);
                            break;
                        }
                    }
                    let (_, otherwise) = forms.get(*default)?;
                    chosen.unwrap_or(otherwise).write(given, grammar, out)?;
                }
            }
        }
        Some(())
    }
}

fn piece(expression: &Expression<&str>) -> Option<Piece> {
    match expression {
        Expression::Inline(InlineExpression::VariableReference { id }) => Some(Piece::Variable(id.name.to_owned())),
        Expression::Inline(InlineExpression::StringLiteral { value }) if !value.contains('\\') => {
            Some(Piece::Text((*value).to_owned()))
        }
        Expression::Select { selector: InlineExpression::VariableReference { id }, variants } => {
            let forms = variants.iter().map(|variant| {
                let form = match &variant.key {
                    VariantKey::Identifier { name } => Form::Named((*name).to_owned()),
                    VariantKey::NumberLiteral { value } => Form::Exactly(value.parse().ok().filter(|n| *n < EXACT)?),
                };
                Some((form, Layout::of(&variant.value)?))
            });
            let default = variants.iter().position(|v| v.default)?;
            Some(Piece::Forms(id.name.to_owned(), forms.collect::<Option<Vec<_>>>()?, default))
        }
        _ => None,
    }
}

/// How a language chooses forms by whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    /// One form for all.
    Uniform,
    /// One, and the others.
    OneAndOthers,
    /// Another, which the resolver knows.
    Unknown,
}

impl Grammar {
    pub(super) fn of(tag: &str) -> Self {
        match tag.split('-').next() {
            Some("zh") => Self::Uniform,
            Some("en") => Self::OneAndOthers,
            _ => Self::Unknown,
        }
    }

    /// Whether a form is that of a value.
    fn fits(self, form: &Form, value: Given<'_>) -> Option<bool> {
        match (form, value) {
            (Form::Exactly(wanted), Given::Number(n)) => Some(n < EXACT && *wanted == n),
            (Form::Exactly(_), Given::Text(_)) => Some(false),
            (Form::Named(name), Given::Text(text)) => Some(name == text),
            (Form::Named(name), Given::Number(n)) => {
                let category = match self {
                    Self::Unknown => return None,
                    Self::OneAndOthers if n == 1 => "one",
                    Self::Uniform | Self::OneAndOthers => "other",
                };
                Some(name == category)
            }
        }
    }
}
