//! Why nothing can be said of a measure: a table, a column or every row of the group is not there.

use super::fact::Missing;
use super::plan::{BoundFormula, MeasureId, Planned};
use super::view::{Place, View};
use crate::calendar::{Instant, Interval};
use crate::config::Absent as TableAbsent;
use crate::playbook::Absent;
use crate::schema::Table;

impl View<'_> {
    /// Why a measure has no data for this group.
    #[must_use]
    pub fn missing(&self, measure: MeasureId) -> Option<Missing> {
        if let Some(Some(known)) = self.missing.borrow().get(measure.0) {
            return known.clone();
        }
        let missing = self.find_missing(measure);
        if let Some(slot) = self.missing.borrow_mut().get_mut(measure.0) {
            *slot = Some(missing.clone());
        }
        missing
    }
    pub(super) fn known(&self, formula: &BoundFormula) -> Result<(), Missing> {
        for measure in &formula.measures {
            if let Some(missing) = self.missing(*measure) {
                return Err(missing);
            }
        }
        self.columns_known(formula)
    }

    pub(super) fn columns_known(&self, formula: &BoundFormula) -> Result<(), Missing> {
        for (table, column) in &formula.columns {
            let report = self.facts.report(*table);
            let inferred = match table {
                Table::Groups => !self.facts.entities.groups.is_empty(),
                Table::Members => !self.facts.entities.members.is_empty(),
                _ => false,
            };
            if report.is_none_or(|r| !r.present) && !inferred {
                return Err(Missing::TableAbsent(*table));
            }
            let has = match self.facts.entities.table(*table) {
                Some(held) => held.has(column),
                None => report.is_some_and(|r| r.columns.contains(column)),
            };
            if !has {
                return Err(Missing::ColumnAbsent(*table, column.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn find_missing(&self, measure: MeasureId) -> Option<Missing> {
        let planned = self.facts.plan.planned(measure)?;
        if !planned.parts.is_empty() {
            let reasons: Vec<Option<Missing>> = planned.parts.iter().map(|p| self.missing(*p)).collect();
            return if reasons.iter().all(Option::is_some) { reasons.into_iter().flatten().next() } else { None };
        }
        let own = self.find_missing_rows(measure, planned);
        match (own, planned.fallback) {
            (Some(own), Some(fallback)) if self.missing(fallback).is_some() => Some(own),
            (Some(_), Some(_)) => None,
            (own, _) => own,
        }
    }

    /// As [`View::find_missing`], without looking at a fallback.
    pub(super) fn find_missing_rows(&self, measure: MeasureId, planned: &Planned) -> Option<Missing> {
        let table = planned.table?;
        let created = self.facts.entities.groups.time(self.group as usize, "created_on");
        if created.is_some_and(|t| t >= self.clock.window.end) {
            return Some(Missing::NotYetCreated);
        }
        let present = self.facts.report(table).is_some_and(|r| r.present);
        let has_rows = match table {
            Table::Members => !self.members().is_empty(),
            Table::Posts => self.facts.entities.posts_of_group.get(self.group as usize).is_some_and(|p| !p.is_empty()),
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
            let Some(formula) = self.facts.plan.formula(bound) else { continue };
            if let Err(missing) = self.columns_known(formula) {
                return Some(missing);
            }
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
    pub(super) fn ever_matched(&self, measure: MeasureId, planned: &Planned, table: Table) -> bool {
        if self.facts.entities.table(table).is_none() {
            let seen = self.facts.store.tables.get(&table).and_then(|t| t.seen.get(&measure));
            return seen.and_then(|s| s.get(self.group as usize)) == Some(&true);
        }
        let mut any = false;
        let life = Interval { start: Instant::MIN, end: Instant::MAX };
        self.visit_held(planned, life, Place::default(), &mut |_, _| any = true);
        any
    }
}
