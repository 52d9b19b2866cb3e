//! What anything reads of rows that are held or wait, or counts of streamed ones; nothing else need be kept.

use super::plan::{Access, Bound, BoundFormula, Held, Plan, Planned, ReadId};
use crate::expr::{Expr, Window};
use crate::playbook::Grain;
use crate::schema::Table;
use std::collections::BTreeSet;

impl BoundFormula {
    /// Whether a part of it reads an answer.
    fn waits(&self, part: &Expr) -> bool {
        let answered = |slot: usize| matches!(self.access.get(slot), Some(Access::AnsweredAt | Access::AnsweredByRole));
        part.slots().into_iter().any(answered)
    }

    /// The columns of its row that a part of it reads.
    fn cells_of(&self, part: &Expr) -> Vec<usize> {
        let cell = |slot: usize| match self.access.get(slot) {
            Some(Access::Cell(cell, _)) => Some(*cell),
            _ => None,
        };
        part.slots().into_iter().filter_map(cell).collect()
    }
}

impl Plan {
    /// Notes that posts are shown to people, by their titles.
    pub fn show_posts(&mut self) {
        self.shows_posts = true;
    }

    /// Notes that people are told how many rows the measures of an expression matched.
    pub fn tell_rows(&mut self, bound: Bound) {
        let measure = |access: &Access| if let Access::Measure(read) = access { Some(*read) } else { None };
        let mut reads: Vec<ReadId> = self.formula(bound).iter().flat_map(|f| &f.access).filter_map(measure).collect();
        while let Some(read) = reads.pop() {
            let Some(planned) = self.planned_read(read) else { continue };
            let own = planned.measure.0;
            reads.extend_from_slice(&planned.parts);
            self.measures.iter_mut().skip(own).take(1).for_each(|measure| measure.told = true);
        }
    }

    /// The slots of members that anything reads.
    pub(super) fn member_slots(&self) -> BTreeSet<usize> {
        self.held_slots(Table::Members, Held::Member, Grain::Member, &["joined_at", "left_at", "role"])
    }

    /// The slots of posts that anything reads.
    pub(super) fn post_slots(&self) -> BTreeSet<usize> {
        let always: &[&str] = if self.shows_posts { &["sent_at", "title", "kind"] } else { &["sent_at"] };
        self.held_slots(Table::Posts, Held::Post, Grain::Post, always)
    }

    /// Whether anything asks for posts or what they refer to, besides when they were sent.
    pub(super) fn reads_posts(&self) -> bool {
        let access = self.formulas.iter().flat_map(|f| &f.access);
        let held = access.into_iter().any(|a| matches!(a, Access::Held(Held::Post | Held::Product, ..)));
        let grain = self.reads.iter().any(|r| matches!(r.grain, Grain::Post | Grain::Product));
        let of_items = |m: &Planned| matches!(m.table, Some(Table::Posts | Table::Products));
        self.shows_posts || held || grain || self.measures.iter().any(of_items)
    }

    /// The conditions of a measure's filter that cannot be decided before the answers are known.
    pub(super) fn waiting_conditions(&self, planned: &Planned) -> Vec<(&Expr, &BoundFormula)> {
        let formula = planned.filter.and_then(|f| self.formula(f)).filter(|f| f.deferred);
        let conditions = formula.iter().flat_map(|f| f.expr.conjuncts().into_iter().map(move |expr| (expr, *f)));
        conditions.filter(|(expr, formula)| formula.waits(expr)).collect()
    }

    /// The columns of rows that are asked for once the answers are known.
    pub(super) fn waiting_columns(&self) -> BTreeSet<usize> {
        let mut columns = BTreeSet::new();
        for (at, planned) in self.measures.iter().enumerate() {
            if !self.formulas_of(planned).iter().any(|b| self.formula(*b).is_some_and(|f| f.deferred)) {
                continue;
            }
            let conditions = self.waiting_conditions(planned);
            columns.extend(conditions.iter().flat_map(|(expr, formula)| formula.cells_of(expr)));
            // What the row brings, and by what it is split, is asked of the kept row as well.
            let of_splits = self.breakdowns.iter().filter(|b| b.measure.0 == at).map(|b| b.by);
            let others = self.formulas_of(planned).into_iter().filter(|b| Some(*b) != planned.filter).chain(of_splits);
            columns.extend(others.filter_map(|b| self.formula(b)).flat_map(|f| f.cells_of(&f.expr)));
        }
        columns
    }

    /// What expressions, windows and measures read of a held table, and the slots that are always read.
    fn held_slots(&self, table: Table, held: Held, grain: Grain, always: &[&str]) -> BTreeSet<usize> {
        let access = self.formulas.iter().flat_map(|f| &f.access);
        let read = access.filter_map(|a| match a {
            Access::Held(of, slot, _) if *of == held => Some(*slot),
            _ => None,
        });
        let after = self.reads.iter().filter_map(|r| match &r.window {
            Window::After { column, .. } if r.grain == grain => Some(column.as_str()),
            _ => None,
        });
        let on = self.measures.iter().filter(|m| m.table == Some(table)).filter_map(|m| m.on.as_deref());
        let named = always.iter().copied().chain(after).chain(on);
        read.chain(named.filter_map(|name| self.column_slot(table, name))).collect()
    }
}
