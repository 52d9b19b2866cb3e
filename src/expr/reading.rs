//! What an expression needs to be known before its value means anything.

use super::function::Function;
use super::pattern::Pattern;
use super::tree::{Expr, Kind};
use std::collections::BTreeSet;

impl Expr {
    /// The slots of columns that must exist for the value to mean anything: all but those that are
    /// only asked whether they are empty, or that have a substitute in `coalesce`.
    #[must_use]
    pub fn strict_columns(&self) -> BTreeSet<usize> {
        let mut slots = BTreeSet::new();
        self.strict_into(&mut slots);
        slots
    }

    fn strict_into(&self, slots: &mut BTreeSet<usize>) {
        match &self.kind {
            Kind::IsNull { negated: false, .. } if self.asks_if_empty().is_some() => {}
            Kind::Call(Function::Coalesce, parts) => {
                for part in parts.iter().filter(|p| !matches!(p.kind, Kind::Column(_))) {
                    part.strict_into(slots);
                }
            }
            // `left_at is null or left_at >= …`: being empty is provided for.
            Kind::Or(parts) => {
                let provided: BTreeSet<usize> = parts.iter().filter_map(Self::asks_if_empty).collect();
                let mut inner = BTreeSet::new();
                parts.iter().for_each(|p| p.strict_into(&mut inner));
                slots.extend(inner.difference(&provided));
            }
            Kind::Column(name) | Kind::ColumnIs { column: name, .. } | Kind::ColumnIn { column: name, .. } => {
                slots.insert(name.slot);
            }
            _ => self.parts().into_iter().for_each(|p| p.strict_into(slots)),
        }
    }

    /// The column of `column is null`.
    fn asks_if_empty(&self) -> Option<usize> {
        match &self.kind {
            Kind::IsNull { inner, negated: false } => match &inner.kind {
                Kind::Column(name) => Some(name.slot),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the value depends on the report's period, so that it cannot be decided row by row
    /// while reading.
    #[must_use]
    pub fn depends_on_period(&self) -> bool {
        match &self.kind {
            Kind::Within(..) | Kind::Call(Function::DaysSince, _) => true,
            _ => self.parts().into_iter().any(Self::depends_on_period),
        }
    }
}

impl Expr {
    /// The expressions directly inside this one.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Null
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Decimal(_)
            | Kind::Text(_)
            | Kind::Date(_)
            | Kind::Timestamp(_)
            | Kind::Column(_)
            | Kind::Measure(_)
            | Kind::ColumnIs { .. }
            | Kind::ColumnIn { .. } => Vec::new(),
            Kind::Not(inner)
            | Kind::Negate(inner)
            | Kind::Widen(inner)
            | Kind::Fraction(_, inner)
            | Kind::Shift(inner, _)
            | Kind::Within(inner, _)
            | Kind::IsNull { inner, .. }
            | Kind::IsBool { inner, .. } => vec![inner],
            Kind::And(parts) | Kind::Or(parts) | Kind::Call(_, parts) => parts.iter().collect(),
            Kind::Compare(_, parts) | Kind::CompareFolded(_, parts) | Kind::Arithmetic(_, parts) => {
                parts.iter().collect()
            }
            Kind::Between { parts, .. } => parts.iter().collect(),
            Kind::In { needle, list, .. } => std::iter::once(&**needle).chain(list.iter()).collect(),
            Kind::Like { text, pattern, .. } => match &**pattern {
                Pattern::Computed(pattern) => vec![text, pattern],
                _ => vec![text],
            },
            Kind::Case { operand, branches, otherwise, .. } => operand
                .as_deref()
                .into_iter()
                .chain(branches.iter().flat_map(|b| [&b.when, &b.then]))
                .chain(otherwise.as_deref())
                .collect(),
        }
    }
}
