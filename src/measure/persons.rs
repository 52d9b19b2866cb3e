//! How many persons stand behind each cell of a breakdown, so that small ones can be withheld.

use super::accumulate::Shape;
use super::plan::{BreakdownId, KeyPart, MeasureId, Plan, Planned};
use super::program::Rows;
use super::view::View;
use crate::playbook::CombineWith;
use crate::schema::Table;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Roles of those who work in a group; a cell of staff alone singles nobody out.
const CREW: [&str; 3] = ["host", "staff", "bot"];

impl Plan {
    /// Plans to count the members behind a measure's rows, where its table names them.
    pub(super) fn persons(&mut self, measure: MeasureId) -> Option<MeasureId> {
        let of = self.planned(measure)?;
        let table =
            of.table.filter(|t| matches!(t, Table::Messages | Table::Events | Table::Orders | Table::Surveys))?;
        if of.shape == Shape::Members {
            return Some(measure);
        }
        let persons = Planned {
            id: format!("{} (members)", of.id),
            table: Some(table),
            shape: Shape::Members,
            streak: false,
            whole: true,
            filter: of.filter,
            argument: None,
            keys: vec![KeyPart::Member],
            on: of.on.clone(),
            at: of.at,
            absent: of.absent,
            parts: Vec::new(),
            with: CombineWith::Sum,
            fallback: None,
            step: false,
            told: false,
        };
        Some(self.add_once(format!("members behind {}", measure.0), persons))
    }
}

impl View<'_> {
    /// The number of persons in each cell of a breakdown; `None` if its rows are not of persons.
    #[must_use]
    pub fn persons(&self, id: BreakdownId) -> Option<BTreeMap<Option<Arc<str>>, u64>> {
        let plan = &self.facts.plan;
        let planned_split = plan.breakdowns.get(id.0)?;
        if let Some(persons) = planned_split.persons {
            let rows = self.breakdown(persons).ok()?;
            return Some(rows.into_iter().map(|(text, n)| (text, n.to_f64() as u64)).collect());
        }
        let planned = plan.planned(planned_split.measure)?;
        if planned.table != Some(Table::Members) {
            return None;
        }
        let mut members: BTreeMap<Option<Arc<str>>, BTreeSet<u32>> = BTreeMap::new();
        let text_at = self.split_texts(planned_split.by);
        let rows = &self.facts.entities.members;
        let here = self.steady.rows(Rows::Members);
        self.visit_held(planned, self.clock.window, &mut |at, _| {
            let member = here
                .get(at)
                .copied()
                .filter(|m| rows.text(*m as usize, "role").is_none_or(|role| !CREW.contains(&role)));
            members.entry(text_at(at)).or_default().extend(member);
        });
        Some(members.into_iter().map(|(text, members)| (text, members.len() as u64)).collect())
    }
}
