//! Why nothing can be said of a measure: a table, a column or every row of the group is not there.

use super::fact::Missing;
use super::needed::Needed;
use super::plan::{Bound, MeasureId, Planned};
use super::program::Rows;
use super::view::View;
use crate::calendar::{Instant, Interval};
use crate::config::Absent as TableAbsent;
use crate::playbook::Absent;
use crate::schema::Table;

impl View<'_> {
    /// Why a measure has no data for this group.
    pub(super) fn missing(&self, needed: Needed) -> Option<Missing> {
        if self.not_yet_created() {
            let planned = self.facts.plan.planned(needed.measure)?;
            return (planned.table.is_some() || !planned.parts.is_empty()).then_some(Missing::NotYetCreated);
        }
        if let Some(known) = self.steady.missing.borrow().get(&needed) {
            return known.clone();
        }
        if let Some(known) = self.missing.borrow().get(&needed) {
            self.unsteady.set(true);
            return known.clone();
        }
        // What hangs on no period is remembered for all of them.
        let outer = self.unsteady.replace(false);
        let missing = self.find_missing(needed);
        let memo = if self.unsteady.get() { &self.missing } else { &self.steady.missing };
        memo.borrow_mut().insert(needed, missing.clone());
        self.unsteady.set(outer || self.unsteady.get());
        missing
    }

    /// Whether the period lies before the group.
    fn not_yet_created(&self) -> bool {
        self.steady.created.is_some_and(|t| t >= self.clock.window.end)
    }

    pub(super) fn known(&self, bound: Bound) -> Result<(), Missing> {
        let Some(formula) = self.facts.plan.formula(bound) else { return Ok(()) };
        for needed in &formula.measures {
            if let Some(missing) = self.missing(*needed) {
                return Err(missing);
            }
        }
        self.columns_known(bound)
    }

    fn columns_known(&self, bound: Bound) -> Result<(), Missing> {
        match self.facts.prepared().columns.get(bound.0) {
            Some(Some(missing)) => Err(missing.clone()),
            _ => Ok(()),
        }
    }

    fn find_missing(&self, needed: Needed) -> Option<Missing> {
        let planned = self.facts.plan.planned(needed.measure)?;
        if !planned.parts.is_empty() {
            let reasons: Vec<Option<Missing>> = planned.parts.iter().map(|p| self.missing(needed.of(*p))).collect();
            return if reasons.iter().all(Option::is_some) { reasons.into_iter().flatten().next() } else { None };
        }
        let own = self.find_missing_rows(needed.measure, planned);
        match (own, planned.fallback.filter(|_| needed.whole)) {
            (Some(own), Some(fallback)) if self.missing(needed.of(fallback)).is_some() => Some(own),
            (Some(_), Some(_)) => None,
            (own, _) => own,
        }
    }

    /// Why the measure's own rows say nothing, whatever its fallback.
    pub(super) fn find_missing_rows(&self, measure: MeasureId, planned: &Planned) -> Option<Missing> {
        let table = planned.table?;
        if self.not_yet_created() {
            return Some(Missing::NotYetCreated);
        }
        let present = self.facts.report(table).is_some_and(|r| r.present);
        let has_rows = match table {
            Table::Members => !self.members().is_empty(),
            Table::Posts => !self.steady.posts.is_empty(),
            Table::Groups | Table::Products => true,
            streamed => {
                let rows = self.facts.store.tables.get(&streamed).and_then(|t| t.rows.get(self.group as usize));
                rows == Some(&true)
            }
        };
        if !(present || table == Table::Members && has_rows) {
            return Some(Missing::TableAbsent(table));
        }
        for bound in self.facts.plan.formulas_of(planned) {
            if let Err(missing) = self.columns_known(bound) {
                return Some(missing);
            }
            let Some(formula) = self.facts.plan.formula(bound) else { continue };
            for other in &formula.measures {
                if let Some(missing) = self.missing(*other) {
                    return Some(missing);
                }
            }
        }
        let zero = match planned.absent {
            Some(absent) => absent == Absent::Zero,
            None => self.facts.table_absent.get(&table) == Some(&TableAbsent::Zero),
        };
        if !has_rows && !zero {
            return Some(Missing::NoRows(table));
        }
        if planned.absent == Some(Absent::NoData) && !self.ever_matched(measure, planned, table) {
            return Some(Missing::NeverSeen { table, measure: planned.id.clone() });
        }
        None
    }

    /// Whether any row of the group in the whole drop matches the measure's filter.
    fn ever_matched(&self, measure: MeasureId, planned: &Planned, table: Table) -> bool {
        if self.facts.entities.table(table).is_none() {
            return self.facts.store.tables.get(&table).is_some_and(|t| t.ever(measure, self.group));
        }
        let program = &self.facts.prepared().program;
        let steady = Rows::of(table).is_some()
            && self.facts.plan.formulas_of(planned).into_iter().all(|bound| program.is_steady(bound));
        if !steady {
            self.unsteady.set(true);
        }
        let mut any = false;
        let life = Interval { start: Instant::MIN, end: Instant::MAX };
        self.visit_held(planned, life, &mut |_, _| any = true);
        any
    }
}
