//! Which measures a row belongs to, with every condition decided as rarely as it may be.
//!
//! A filter is its conditions. What hangs on the kind of a row alone is decided once a kind, what
//! hangs on a member, post or group alone once for each of those, and everything else once a row,
//! however many measures ask it. Rows come in blocks, and each measure is shown the rows of a block
//! that it may match at once.

use super::columns::BlockColumns;
use super::plan::{Access, Bound, BoundFormula, Held, Plan};
use crate::data::{PACKED, packed};
use crate::expr::{Clock, Env, Expr, Value};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Kinds that are remembered; a column with more of them tells no kinds.
const KINDS: usize = 1024;
/// Places of kinds that are at hand, a power of two of them.
const NEAR: usize = 64;

/// A condition that rows are asked.
#[derive(Debug)]
struct Condition<'p> {
    expr: &'p Expr,
    formula: &'p BoundFormula,
    /// What is known of each row of the block: 0 nothing, 1 does not hold, 2 holds.
    known: Vec<u8>,
    /// Whether a row of the block was asked.
    asked: bool,
    /// The kind of held row that it hangs on alone, with what is known of those.
    held: Option<(Held, HeldKnown)>,
}

/// What is known of held rows: two bits for each, as [`Condition::known`]; the first for none. They are met by chance, so
/// that it has to be as small as it can be.
#[derive(Debug, Default)]
struct HeldKnown(Vec<u8>);

impl HeldKnown {
    /// What is known of a held row, found out if nothing is.
    #[inline]
    fn of(&mut self, row: Option<&u32>, found: impl Fn() -> u8) -> u8 {
        let row = row.map_or(0, |row| row.wrapping_add(1)) as usize;
        let (at, shift) = (row / 4, 2 * (row % 4));
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        let Some(four) = self.0.get_mut(at) else { return found() };
        if *four >> shift & 3 == 0 {
            *four |= found() << shift;
        }
        *four >> shift & 3
    }
}

/// Measures that a row may match, and what is left to be asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidates {
    /// Numbers of the conditions that the kind leaves open.
    pub conditions: Box<[usize]>,
    pub measures: Vec<usize>,
}

/// The measures together that leave the same open, so that it is asked once for all of them.
fn together(each: impl Iterator<Item = (usize, Box<[usize]>)>) -> Arc<[Candidates]> {
    let mut all: Vec<Candidates> = Vec::new();
    for (measure, conditions) in each {
        match all.iter_mut().find(|known| known.conditions == conditions) {
            Some(known) => known.measures.push(measure),
            None => all.push(Candidates { conditions, measures: vec![measure] }),
        }
    }
    all.into()
}

/// The measures of a table, by what their rows must be.
#[derive(Debug, Default)]
pub(super) struct Dispatch<'p> {
    conditions: Vec<Condition<'p>>,
    slot: Option<usize>,
    default: Option<&'static str>,
    /// For every row, and then for rows of a kind by its number.
    lists: Vec<Arc<[Candidates]>>,
    by_kind: FxHashMap<Box<str>, usize>,
    near: Near,
}

/// Lists of short kinds by code, each in the one place that its code tells: most tables have few kinds, in no order.
#[derive(Debug)]
struct Near([(u128, usize); NEAR]);

impl Default for Near {
    fn default() -> Self {
        Self([(0, 0); NEAR])
    }
}

impl Near {
    /// The place of a code, with the code and the list that were met there last.
    #[inline]
    fn place(&mut self, code: u128) -> Option<&mut (u128, usize)> {
        let mixed = (code as u64 ^ (code >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0.get_mut((mixed >> 32) as usize % NEAR)
    }
}

/// A row of which only the kind is known.
struct KindEnv<'a> {
    kind: &'a str,
    clock: &'a Clock,
}

impl<'a> Env<'a> for KindEnv<'a> {
    fn column(&self, _slot: usize) -> Value<'a> {
        Value::Text(self.kind)
    }

    fn measure(&self, _slot: usize) -> Value<'a> {
        Value::Null
    }

    fn clock(&self) -> &Clock {
        self.clock
    }
}

impl<'p> Dispatch<'p> {
    /// The measures with these filters, in their order; `slot` is the column of kinds. Of those that wait for
    /// an answer, only what is known before it is asked.
    pub fn new(plan: &'p Plan, filters: impl IntoIterator<Item = Option<Bound>>, slot: Option<usize>) -> Self {
        let mut dispatch = Self { slot, ..Self::default() };
        let mut numbers: FxHashMap<String, usize> = FxHashMap::default();
        let mut all = Vec::new();
        for (measure, filter) in filters.into_iter().enumerate() {
            let formula = filter.and_then(|f| plan.formula(f));
            let mut own = Vec::new();
            for (expr, formula) in formula.iter().flat_map(|f| f.expr.conjuncts().into_iter().map(move |e| (e, *f))) {
                let access: Vec<&Access> =
                    expr.columns().into_iter().filter_map(|slot| formula.access.get(slot)).collect();
                if access.iter().any(|a| matches!(a, Access::AnsweredAt | Access::AnsweredByRole)) {
                    continue;
                }
                let number = *numbers.entry(format!("{expr} {access:?}")).or_insert_with(|| {
                    let held = held_alone(&access).filter(|_| expr.measures().is_empty());
                    let held = held.map(|held| (held, HeldKnown::default()));
                    dispatch.conditions.push(Condition { expr, formula, known: Vec::new(), asked: false, held });
                    dispatch.conditions.len() - 1
                });
                for one in &access {
                    if let Access::Cell(cell, default) = one
                        && Some(*cell) == slot
                    {
                        dispatch.default = *default;
                    }
                }
                own.push(number);
            }
            own.sort_unstable();
            own.dedup();
            all.push((measure, own.into()));
        }
        dispatch.lists.push(together(all.into_iter()));
        dispatch
    }

    /// The number of the list of measures that a row of a kind may match.
    #[inline]
    pub fn list_of(&mut self, kind: Option<&[u8]>, clock: &Clock) -> usize {
        if self.slot.is_none() {
            return 0;
        }
        let code = kind.map_or(0, code);
        if let Some((known, list)) = self.near.place(code)
            && *known == code
            && code != 0
        {
            return *list;
        }
        let list = self.list(kind.and_then(|kind| std::str::from_utf8(kind).ok()), clock);
        self.near.place(code).into_iter().for_each(|place| *place = (code, list));
        list
    }

    /// As [`Dispatch::list_of`], by the text in the column of kinds.
    fn list(&mut self, kind: Option<&str>, clock: &Clock) -> usize {
        let Some(kind) = kind.or(self.default) else { return 0 };
        self.by_kind.get(kind).copied().or_else(|| self.remember(kind, clock)).unwrap_or(0)
    }

    /// How many lists there are so far.
    pub fn lists(&self) -> usize {
        self.lists.len()
    }

    /// The measures of a list.
    pub fn candidates(&self, list: usize) -> Arc<[Candidates]> {
        self.lists.get(list).map_or_else(|| Arc::from([]), Arc::clone)
    }

    /// Forgets the rows of the block before; the next has so many.
    pub fn begin(&mut self, rows: usize) {
        for condition in &mut self.conditions {
            if std::mem::take(&mut condition.asked) {
                condition.known.fill(0);
            }
            if condition.known.len() < rows {
                condition.known.resize(rows, 0);
            }
        }
    }

    /// Leaves those of some rows, by their places in the block, that meet all these conditions. `ask` tells whether
    /// a condition holds for the row of a place.
    pub fn retain(
        &mut self,
        conditions: &[usize],
        rows: &mut Vec<u32>,
        columns: &BlockColumns,
        ask: impl Fn(u32, &Expr, &BoundFormula) -> bool,
    ) {
        for number in conditions {
            match self.conditions.get_mut(*number) {
                Some(condition) => condition.retain(rows, columns, &ask),
                None => rows.clear(),
            }
        }
    }

    fn remember(&mut self, kind: &str, clock: &Clock) -> Option<usize> {
        if self.by_kind.len() >= KINDS {
            return None;
        }
        let own = self.of_kind(kind, clock);
        // Kinds that the measures do not tell apart share a list; the first is of rows of no kind.
        let shared = self.lists.iter().skip(1).position(|list| *list == own).map(|at| at + 1);
        let list = shared.unwrap_or_else(|| {
            self.lists.push(own);
            self.lists.len() - 1
        });
        self.by_kind.insert(Box::from(kind), list);
        Some(list)
    }

    /// The measures that rows of a kind may match, without what the kind decides.
    fn of_kind(&self, kind: &str, clock: &Clock) -> Arc<[Candidates]> {
        let env = KindEnv { kind, clock };
        let decides = |c: &Condition<'_>| {
            let columns = c.expr.columns();
            let own = |slot: &usize| matches!(c.formula.access.get(*slot), Some(Access::Cell(cell, _)) if Some(*cell) == self.slot);
            c.expr.measures().is_empty() && columns.iter().all(own)
        };
        let open = |conditions: &[usize]| {
            let mut left = Vec::new();
            for number in conditions {
                let condition = self.conditions.get(*number)?;
                if !decides(condition) {
                    left.push(*number);
                } else if !condition.expr.is_true(&env) {
                    return None;
                }
            }
            Some(Box::from(left))
        };
        let all = self.candidates(0);
        let left = all.iter().filter_map(|all| Some((&all.measures, open(&all.conditions)?)));
        together(left.flat_map(|(measures, left): (_, Box<[usize]>)| measures.iter().map(move |m| (*m, left.clone()))))
    }
}

/// A short text as a number that no other text has; 0 for a long one.
#[inline]
pub(super) fn code(kind: &[u8]) -> u128 {
    if kind.len() < PACKED { packed(kind) | (kind.len() as u128) << (8 * (PACKED - 1)) } else { 0 }
}

impl Condition<'_> {
    fn retain(
        &mut self,
        rows: &mut Vec<u32>,
        columns: &BlockColumns,
        ask: &impl Fn(u32, &Expr, &BoundFormula) -> bool,
    ) {
        let Self { expr, formula, known, asked, held } = self;
        *asked = true;
        let mut held = held.as_mut().map(|(held, known)| (columns.held(*held), known));
        rows.retain(|row| {
            let Some(known) = known.get_mut(*row as usize) else { return false };
            if *known == 0 {
                let found = || 1 + u8::from(ask(*row, expr, formula));
                *known = match &mut held {
                    Some((referred, known)) => known.of(referred.get(*row as usize), found),
                    None => found(),
                };
            }
            *known == 2
        });
    }
}

/// The held row on which a condition hangs alone.
fn held_alone(access: &[&Access]) -> Option<Held> {
    let mut of = access.iter().map(|a| match a {
        Access::Held(held, ..) => Some(*held),
        _ => None,
    });
    let first = of.next()??;
    of.all(|held| held == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_held_row_is_found_once() {
        let mut known = HeldKnown::default();
        for (row, found) in [(Some(7), 2), (Some(6), 1), (None, 2), (Some(0), 1), (Some(8), 2)] {
            let ask = std::cell::Cell::new(0);
            let mut look = || {
                known.of(row.as_ref(), || {
                    ask.set(ask.get() + 1);
                    found
                })
            };
            assert_eq!((look(), look(), ask.get()), (found, found, 1), "{row:?}");
        }
    }
}
