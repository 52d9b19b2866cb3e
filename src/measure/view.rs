//! One group in one period: answers every handle of the plan.

use super::answering::whole;
use super::block::{Steady, Worked};
use super::bring::split_text;
use super::cells::Store;
use super::cuts::interval;
use super::entity::{Entities, Stay};
use super::fact::{Fact, Missing, Moments};
use super::facts::Facts;
use super::needed::Needed;
use super::number::Number;
use super::plan::{Access, Bound, BoundFormula, BreakdownId, Held, ReadId};
use super::program::Rows;
use super::row::or_default;
use super::steps::Steps;
use super::tally::{Tallier, Tally};
use crate::calendar::{Instant, Interval};
use crate::expr::{Bits, Clock, Column, Env, Value};
use crate::playbook::{At, Grain};
use crate::schema::Table;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// The values of a split measure, each with its text; `None` for rows without one.
pub type SplitRows = Vec<(Option<Arc<str>>, Number)>;

/// When in a window members were in the group.
pub(super) type Stayed = (Option<At>, Interval);

/// In which column and window posts have their time.
pub(super) type Sent = (usize, Interval);

/// One group in one period.
#[derive(Debug)]
pub struct View<'f> {
    pub(super) facts: &'f Facts,
    pub(super) group: u32,
    pub(super) period: usize,
    pub(super) clock: &'f Clock,
    /// What all periods of the group share.
    pub(super) steady: Rc<Steady<'f>>,
    /// What was found at group grain, with how many held rows.
    pub(super) facts_found: RefCell<FxHashMap<ReadId, (Fact, u64)>>,
    /// What was found for each row of a block.
    pub(super) reads: RefCell<FxHashMap<(ReadId, Rows), Rc<Column<'f>>>>,
    pub(super) worked: Worked<'f>,
    /// Who was in the group at, from or until when.
    pub(super) stays: RefCell<Vec<(Stayed, Rc<Bits>)>>,
    /// The posts whose time in a column lies in a window.
    pub(super) sents: RefCell<Vec<(Sent, Rc<Bits>)>>,
    /// What is known not to be known, as far as it hangs on the period.
    pub(super) missing: RefCell<FxHashMap<Needed, Option<Missing>>>,
    /// Whether what is being found out hangs on the period.
    pub(super) unsteady: Cell<bool>,
}

impl<'f> View<'f> {
    pub(super) fn new(facts: &'f Facts, group: u32, period: usize, clock: &'f Clock, steady: Rc<Steady<'f>>) -> Self {
        Self {
            facts,
            group,
            period,
            clock,
            steady,
            facts_found: RefCell::default(),
            reads: RefCell::default(),
            worked: Worked::new(facts),
            stays: RefCell::default(),
            sents: RefCell::default(),
            missing: RefCell::default(),
            unsteady: Cell::new(false),
        }
    }

    /// The same group in another period; what hangs on no period is not worked out again.
    #[must_use]
    pub fn in_period(&self, period: usize) -> Option<Self> {
        let clock = self.facts.clocks.get(period)?;
        Some(Self::new(self.facts, self.group, period, clock, Rc::clone(&self.steady)))
    }

    /// The period's place in time.
    #[must_use]
    pub fn clock(&self) -> &'f Clock {
        self.clock
    }

    /// The group's memberships, those who left included. Sets of members are told by positions in it.
    #[must_use]
    pub fn members(&self) -> &'f [u32] {
        self.steady.members
    }

    /// A number at group grain. `Ok(None)` is SQL's NULL.
    ///
    /// # Errors
    /// Why there is no data.
    pub fn number(&self, bound: Bound) -> Result<Option<(Number, bool)>, Missing> {
        let Some(formula) = self.facts.plan.formula(bound) else { return Ok(None) };
        self.known(bound)?;
        let number = Number::from_value(formula.expr.eval(&self.env(formula)));
        let approximate = formula.access.iter().any(|a| match a {
            Access::Measure(read) => matches!(self.fact(*read), Fact::Known { approximate: true, .. }),
            _ => false,
        });
        Ok(number.map(|n| (n, approximate)))
    }

    /// The moments of an `avg` measure.
    ///
    /// # Errors
    /// Why there is no data.
    pub fn moments(&self, bound: Bound) -> Result<Option<Moments>, Missing> {
        let plan = &self.facts.plan;
        let Some(formula) = plan.formula(bound) else { return Ok(None) };
        self.known(bound)?;
        let [Access::Measure(read)] = formula.access.as_slice() else { return Ok(None) };
        let Some(planned_read) = plan.planned_read(*read) else { return Ok(None) };
        let Some(planned) = plan.planned(planned_read.measure) else { return Ok(None) };
        Ok(match self.tally(*read, planned_read, planned).0 {
            Tally::Moments(m) if m.n > 0 => Some(m),
            _ => None,
        })
    }

    /// Whether a condition on the group holds; NULL does not.
    ///
    /// # Errors
    /// Why there is no data.
    pub fn holds(&self, bound: Bound) -> Result<bool, Missing> {
        let Some(formula) = self.facts.plan.formula(bound) else { return Ok(false) };
        self.known(bound)?;
        Ok(formula.expr.is_true(&self.env(formula)))
    }

    /// Whether nothing can be said of a condition on members.
    #[must_use]
    pub fn unknown(&self, bound: Bound) -> Option<Missing> {
        self.known(bound).err()
    }

    /// The members for whom a condition holds. Ask [`View::unknown`] first.
    #[must_use]
    pub fn those_who(&self, bound: Bound) -> Bits {
        let node = self.facts.prepared().program.truth_of(bound);
        let truths = node.and_then(|n| self.truths(n));
        truths.map_or_else(|| Bits::none(self.members().len()), |t| t.yes.clone())
    }

    /// The members who were in the group just before an instant.
    #[must_use]
    pub fn those_in(&self, at: Instant) -> Bits {
        self.members_where(|stay| stay.covers(at))
    }

    /// The members who joined before an instant.
    #[must_use]
    pub fn those_joined(&self, before: Instant) -> Bits {
        self.members_where(|stay| stay.joined < before)
    }

    /// The members who had not left before an instant.
    pub(super) fn those_not_left(&self, before: Instant) -> Bits {
        self.members_where(|stay| stay.left >= before)
    }

    /// The memberships that are customers', not staff's or a bot's.
    #[must_use]
    pub fn customers(&self) -> Bits {
        self.members_where(|stay| stay.customer)
    }

    fn members_where(&self, holds: impl Fn(&Stay) -> bool) -> Bits {
        let stays = self.steady.stays(&self.facts.entities);
        Bits::of(stays.len(), |at| stays.get(at).is_some_and(&holds))
    }

    /// On which local days of the period members did what a funnel step counts; `None` if it counts no
    /// streamed rows.
    #[must_use]
    pub fn steps(&self, read: ReadId) -> Option<Steps<'f>> {
        let plan = &self.facts.plan;
        let measure = plan.planned_read(read)?.measure;
        let table = self.facts.store.tables.get(&plan.planned(measure)?.table?)?;
        let cell = table.cells.get(*table.steps.get(&measure)?)?;
        Some(Steps::new(&cell.rows, Store::period_span(table, cell.cuts, self.clock)?))
    }

    /// The members whom a `members` measure counts.
    #[must_use]
    pub fn matching_members(&self, read: ReadId) -> Bits {
        let plan = &self.facts.plan;
        let planned = plan.planned_read(read).and_then(|r| Some((r, plan.planned(r.measure)?)));
        planned
            .and_then(|(read, planned)| self.matching(planned, interval(&read.window, self.clock)))
            .unwrap_or_else(|| Bits::none(self.members().len()))
    }

    /// Whether a measure streams rows (`false`: it is taken over held rows).
    #[must_use]
    pub fn streams(&self, read: ReadId) -> bool {
        let plan = &self.facts.plan;
        let table = plan.planned_read(read).and_then(|r| plan.planned(r.measure)).and_then(|p| p.table);
        table.is_some_and(|t| t != Table::Members)
    }

    /// Why a read has no data for this group.
    #[must_use]
    pub fn missing_read(&self, read: ReadId) -> Option<Missing> {
        self.missing(self.facts.plan.planned_read(read)?.needed())
    }

    /// Rows that the measures of an expression matched in the period, by measure id; of streamed rows, as far as the plan
    /// was told that people are (see [`super::Plan::tell_rows`]).
    #[must_use]
    pub fn rows(&self, bound: Bound) -> BTreeMap<String, u64> {
        let mut out = BTreeMap::new();
        if let Some(formula) = self.facts.plan.formula(bound) {
            for access in &formula.access {
                if let Access::Measure(read) = access {
                    self.rows_of(*read, &mut out);
                }
            }
        }
        out
    }

    fn rows_of(&self, read: ReadId, out: &mut BTreeMap<String, u64>) {
        let plan = &self.facts.plan;
        let Some(planned_read) = plan.planned_read(read) else { return };
        let Some(planned) = plan.planned(planned_read.measure) else { return };
        for part in &planned_read.parts {
            self.rows_of(*part, out);
        }
        if !planned_read.parts.is_empty() || self.missing(planned_read.needed()).is_some() {
            return;
        }
        let rows = if let Some(table) = planned.table.and_then(|t| self.facts.store.tables.get(&t)) {
            let cell = table.matched.get(&planned_read.measure).and_then(|cell| table.cells.get(*cell));
            let Some(cell) = cell else { return };
            match Store::period_span(table, cell.cuts, self.clock).map(|span| cell.rows.read(self.group, &span, &[])) {
                Some(Tally::Number(Some(Number::Int(n)))) => u64::try_from(n).unwrap_or(0),
                _ => 0,
            }
        } else {
            let _ = self.fact(read);
            self.facts_found.borrow().get(&read).map_or(0, |found| found.1)
        };
        out.insert(planned.id.clone(), rows);
    }

    /// The values of a measure at post or product grain, or of a member, by entity number.
    ///
    /// # Errors
    /// Why there is no data.
    pub fn ranking(&self, read: ReadId) -> Result<Vec<(u32, Number)>, Missing> {
        if let Some(missing) = self.missing_read(read) {
            return Err(missing);
        }
        let rows = match self.facts.plan.planned_read(read).map(|r| r.grain) {
            Some(Grain::Member) => Rows::Members,
            Some(Grain::Post) => Rows::Posts,
            Some(Grain::Product) => Rows::Products,
            Some(Grain::Group) | None => return Ok(Vec::new()),
        };
        let values = self.read_all(read, rows);
        let numbers = self.steady.rows(rows).iter().enumerate();
        Ok(numbers.filter_map(|(at, id)| Some((*id, Number::from_value(values.get(at))?))).collect())
    }

    /// A split measure's values, largest first, then by text.
    ///
    /// # Errors
    /// Why there is no data.
    pub fn breakdown(&self, id: BreakdownId) -> Result<SplitRows, Missing> {
        let plan = &self.facts.plan;
        let Some(planned_split) = plan.breakdowns.get(id.0) else { return Ok(Vec::new()) };
        if let Some(missing) = self.missing(Needed { measure: planned_split.measure, whole: true }) {
            return Err(missing);
        }
        self.known(planned_split.by)?;
        let Some(planned) = plan.planned(planned_split.measure) else { return Ok(Vec::new()) };
        let mut rows: SplitRows = Vec::new();
        let streamed = planned.table.and_then(|t| self.facts.store.tables.get(&t));
        if let Some((table, split)) = streamed.and_then(|t| Some((t, t.splits.get(&id.0)?))) {
            let span = Store::period_span(table, split.cuts, self.clock);
            for (text, entity) in split.of_group.get(&self.group).into_iter().flatten() {
                let tally = span.as_ref().map_or(Tally::Number(None), |s| split.rows.read(*entity, s, &[]));
                if let Tally::Number(Some(n)) = whole(tally, planned.whole)
                    && n.to_f64() != 0.0
                {
                    rows.push((text.clone(), n));
                }
            }
        } else {
            let text_at = self.split_texts(planned_split.by);
            let mut by_text: BTreeMap<Option<Arc<str>>, Tallier> = BTreeMap::new();
            self.visit_held(planned, self.clock.window, &mut |at, item| {
                by_text.entry(text_at(at)).or_insert_with(|| Tallier::new(planned.shape)).add(item);
            });
            for (text, tallier) in by_text {
                if let Tally::Number(Some(n)) = whole(tallier.finish(), planned.whole) {
                    rows.push((text, n));
                }
            }
        }
        rows.sort_by(|a, b| b.1.order(a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(rows)
    }

    /// The text by which each held row of this group, by position, is sorted into a breakdown.
    pub(super) fn split_texts(&self, by: Bound) -> impl Fn(usize) -> Option<Arc<str>> {
        let values = self.facts.prepared().program.column_of(by).and_then(|c| self.values(c));
        let formula = self.facts.plan.formula(by);
        move |at| match (&values, formula) {
            (Some(values), _) => split_text(values.get(at)),
            (None, Some(by)) => split_text(by.expr.eval(&self.env(by))),
            (None, None) => None,
        }
    }

    pub(super) fn env<'a>(&'a self, formula: &'a BoundFormula) -> GroupEnv<'a, 'f> {
        GroupEnv { view: self, formula }
    }
}

/// An expression at a group in a period.
pub(super) struct GroupEnv<'a, 'f> {
    view: &'a View<'f>,
    formula: &'a BoundFormula,
}

impl<'a> Env<'a> for GroupEnv<'a, '_> {
    fn column(&self, slot: usize) -> Value<'a> {
        let view: &'a View<'_> = self.view;
        let entities: &'a Entities = &view.facts.entities;
        match self.formula.access.get(slot) {
            Some(Access::Held(Held::Group, column, default)) => {
                or_default(entities.groups.value(view.group as usize, *column), *default)
            }
            Some(Access::Held(_, _, default)) => or_default(Value::Null, *default),
            Some(Access::AgeDays) => view.age_days(),
            _ => Value::Null,
        }
    }

    fn measure(&self, slot: usize) -> Value<'a> {
        match self.formula.access.get(slot) {
            Some(Access::Measure(read)) => match self.view.fact(*read) {
                Fact::Known { number, .. } => number.map_or(Value::Null, Number::value),
                Fact::Missing(_) => Value::Null,
            },
            _ => Value::Null,
        }
    }

    fn clock(&self) -> &Clock {
        self.view.clock
    }
}
