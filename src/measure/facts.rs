//! The folded facts of all groups and periods.

use super::block::Steady;
use super::cache::Keeping;
use super::cells::Store;
use super::entity::Entities;
use super::plan::Plan;
use super::prepared::Prepared;
use super::view::View;
use crate::calendar::{Instant, Period};
use crate::config::{Absent as TableAbsent, Config};
use crate::data::TableReport;
use crate::expr::Clock;
use crate::schema::Table;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::OnceLock;

/// Everything that was measured.
#[derive(Debug)]
pub struct Facts {
    pub(super) plan: Plan,
    pub(super) store: Store,
    pub(super) clocks: Vec<Clock>,
    pub(super) table_absent: BTreeMap<Table, TableAbsent>,
    pub(super) prepared: OnceLock<Prepared>,
    pub(super) keeping: Keeping,
    /// The held tables.
    pub entities: Entities,
    /// Oldest to latest.
    pub periods: Vec<Period>,
    /// The last instant that counts.
    pub as_of: Instant,
    /// What was read, by table.
    pub reports: Vec<TableReport>,
    /// Orders that were attributed to a group.
    pub attributed_orders: u64,
    /// Files that were not read, since facts of an earlier run stood for them.
    pub kept_files: usize,
}

impl Facts {
    pub(super) fn absent_of(config: &Config) -> BTreeMap<Table, TableAbsent> {
        Table::ALL.into_iter().map(|t| (t, config.data.table(t).absent)).collect()
    }

    /// Waits until what is kept of them is on the disk. For a process that ends with this: the system takes all
    /// memory back at once, which is quicker than piece by piece.
    pub fn end(mut self) {
        drop(std::mem::take(&mut self.keeping));
        std::mem::forget(self);
    }

    /// The view of a group in a period; both by index.
    #[must_use]
    pub fn view(&self, group: u32, period: usize) -> Option<View<'_>> {
        let clock = self.clocks.get(period)?;
        Some(View::new(self, group, period, clock, Rc::new(Steady::new(self, group))))
    }

    pub(super) fn prepared(&self) -> &Prepared {
        self.prepared.get_or_init(|| Prepared::new(self))
    }

    /// The clock of a period.
    #[must_use]
    pub fn clock(&self, period: usize) -> Option<&Clock> {
        self.clocks.get(period)
    }

    pub(super) fn report(&self, table: Table) -> Option<&TableReport> {
        self.reports.iter().find(|r| r.table == table)
    }
}
