//! Which columns anything reads of rows that are held or wait; cells of the others need not be kept.

use super::plan::{Access, Held, Plan, Planned};
use crate::expr::Window;
use crate::playbook::Grain;
use crate::schema::Table;
use std::collections::BTreeSet;

impl Plan {
    /// Notes that posts are shown to people, by their titles.
    pub fn show_posts(&mut self) {
        self.shows_posts = true;
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

    /// The columns of rows that an expression which waits for answers asks for.
    pub(super) fn waiting_columns(&self) -> BTreeSet<usize> {
        let waits = |m: &&Planned| self.formulas_of(m).iter().any(|b| self.formula(*b).is_some_and(|f| f.deferred));
        // A measure that waits may have other expressions, which ask the kept row as well.
        let mut bounds: BTreeSet<_> = self.measures.iter().filter(waits).flat_map(|m| self.formulas_of(m)).collect();
        bounds.extend(self.breakdowns.iter().map(|b| b.by));
        let of = bounds.into_iter().filter_map(|b| self.formula(b)).flat_map(|f| &f.access);
        of.filter_map(|a| if let Access::Cell(cell, _) = a { Some(*cell) } else { None }).collect()
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
