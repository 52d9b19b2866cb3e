//! One group in one period: answers every handle of the plan.

use super::answering::whole;
use super::cells::Store;
use super::cuts::interval;
use super::entity::Entities;
use super::fact::{Fact, Missing, Moments};
use super::facts::Facts;
use super::fold::split_text;
use super::number::Number;
use super::plan::{Access, Bound, BoundFormula, BreakdownId, Held, ReadId};
use super::row::or_default;
use super::tally::{Tallier, Tally};
use crate::calendar::{Day, Instant, Interval};
use crate::expr::{Clock, Env, Value};
use crate::playbook::Grain;
use crate::schema::Table;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The entity at which a measure is read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub member: Option<u32>,
    pub post: Option<u32>,
    /// Product number, not the pair's.
    pub product: Option<u32>,
}

/// The values of a split measure, each with its text; `None` for rows without one.
pub type SplitRows = Vec<(Option<Arc<str>>, Number)>;

/// One group in one period.
#[derive(Debug)]
pub struct View<'f> {
    pub(super) facts: &'f Facts,
    pub(super) group: u32,
    pub(super) period: usize,
    pub(super) clock: &'f Clock,
    /// What was found at group grain, by read.
    pub(super) memo: RefCell<Vec<Option<(Fact, u64)>>>,
    /// What is known not to be known, by measure.
    pub(super) missing: RefCell<Vec<Option<Option<Missing>>>>,
}

impl<'f> View<'f> {
    /// The period's place in time.
    #[must_use]
    pub fn clock(&self) -> &'f Clock {
        self.clock
    }

    /// The group's memberships, those who left included.
    #[must_use]
    pub fn members(&self) -> &'f [u32] {
        self.facts.entities.members_of_group.get(self.group as usize).map_or(&[], Vec::as_slice)
    }

    /// A number at group grain. `Ok(None)` is SQL's NULL.
    ///
    /// # Errors
    /// Why there is no data.
    pub fn number(&self, bound: Bound) -> Result<Option<(Number, bool)>, Missing> {
        let Some(formula) = self.facts.plan.formula(bound) else { return Ok(None) };
        self.known(formula)?;
        let env = self.env(formula, Place::default());
        let number = Number::from_value(formula.expr.eval(&env));
        let approximate = formula.access.iter().any(|a| match a {
            Access::Measure(read) => {
                matches!(self.fact(*read, Place::default()), Fact::Known { approximate: true, .. })
            }
            _ => false,
        });
        Ok(number.map(|n| (n, approximate)))
    }

    /// The moments of an `avg` measure.
    ///
    /// # Errors
    /// Why there is no data.
    pub fn moments(&self, bound: Bound) -> Result<Option<Moments>, Missing> {
        let Some(formula) = self.facts.plan.formula(bound) else { return Ok(None) };
        self.known(formula)?;
        let [Access::Measure(read)] = formula.access.as_slice() else { return Ok(None) };
        Ok(match self.tally(*read, Place::default()).0 {
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
        self.known(formula)?;
        Ok(formula.expr.is_true(&self.env(formula, Place::default())))
    }

    /// Whether nothing can be said of a condition on members.
    #[must_use]
    pub fn unknown(&self, bound: Bound) -> Option<Missing> {
        self.known(self.facts.plan.formula(bound)?).err()
    }

    /// Whether a condition on a member holds. Ask [`View::unknown`] first.
    #[must_use]
    pub fn holds_for(&self, bound: Bound, member: u32) -> bool {
        let Some(formula) = self.facts.plan.formula(bound) else { return false };
        formula.expr.is_true(&self.env(formula, Place { member: Some(member), ..Place::default() }))
    }

    /// Whether a member was in the group just before an instant.
    #[must_use]
    pub fn is_in(&self, member: u32, at: Instant) -> bool {
        self.facts.entities.stays.get(member as usize).is_some_and(|s| s.covers(at))
    }

    /// Whether a member was in the group at some instant of an interval.
    pub(super) fn was_in(&self, member: u32, interval: Interval) -> bool {
        let stay = self.facts.entities.stays.get(member as usize);
        stay.is_some_and(|s| s.joined < interval.end && s.left >= interval.start)
    }

    /// Whether a membership is a customer's, not staff's or a bot's.
    #[must_use]
    pub fn is_customer(&self, member: u32) -> bool {
        self.facts.entities.stays.get(member as usize).is_some_and(|s| s.customer)
    }

    /// The local days in the period on which a member did what a funnel step counts.
    #[must_use]
    pub fn step_days(&self, read: ReadId, member: u32) -> Vec<Day> {
        let plan = &self.facts.plan;
        let found = plan.planned_read(read).and_then(|r| {
            let table = self.facts.store.tables.get(&plan.planned(r.measure)?.table?)?;
            let cell = table.cells.get(*table.steps.get(&r.measure)?)?;
            let span = Store::period_span(table, cell.cuts, self.clock)?;
            Some(cell.rows.days(member, &span))
        });
        found.unwrap_or_default()
    }

    /// The members whom a `members` measure counts.
    #[must_use]
    pub fn matching_members(&self, read: ReadId) -> Vec<u32> {
        let plan = &self.facts.plan;
        let Some(read) = plan.planned_read(read) else { return Vec::new() };
        let Some(planned) = plan.planned(read.measure) else { return Vec::new() };
        let window = interval(&read.window, self.clock);
        self.members().iter().copied().filter(|m| self.member_matches(planned, *m, window)).collect()
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
        self.missing(self.facts.plan.planned_read(read)?.measure)
    }

    /// Rows that the measures of an expression matched in the period, by measure id.
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
        if !planned_read.parts.is_empty() || self.missing(planned_read.measure).is_some() {
            return;
        }
        let streamed = planned.table.and_then(|t| self.facts.store.tables.get(&t)).and_then(|table| {
            let cell = table.cells.get(*table.matched.get(&planned_read.measure)?)?;
            let span = Store::period_span(table, cell.cuts, self.clock)?;
            match cell.rows.read(self.group, &span, &[]) {
                Tally::Number(Some(Number::Int(n))) => u64::try_from(n).ok(),
                _ => None,
            }
        });
        let rows = streamed.unwrap_or_else(|| {
            let _ = self.fact(read, Place::default());
            self.memo.borrow().get(read.0).and_then(|m| m.as_ref().map(|m| m.1)).unwrap_or(0)
        });
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
        let Some(grain) = self.facts.plan.planned_read(read).map(|r| r.grain) else { return Ok(Vec::new()) };
        let entities = &self.facts.entities;
        let places: Vec<(u32, Place)> = match grain {
            Grain::Group => Vec::new(),
            Grain::Member => {
                self.members().iter().map(|m| (*m, Place { member: Some(*m), ..Place::default() })).collect()
            }
            Grain::Post => {
                let posts = entities.posts_of_group.get(self.group as usize).map_or(&[][..], Vec::as_slice);
                posts.iter().map(|p| (*p, Place { post: Some(*p), ..Place::default() })).collect()
            }
            Grain::Product => {
                let own = entities.offer_keys.iter().filter(|(g, _)| *g == self.group);
                own.map(|(_, p)| (*p, Place { product: Some(*p), ..Place::default() })).collect()
            }
        };
        Ok(places
            .into_iter()
            .filter_map(|(id, place)| match self.fact(read, place) {
                Fact::Known { number: Some(n), .. } => Some((id, n)),
                _ => None,
            })
            .collect())
    }

    /// A split measure's values, largest first, then by text.
    ///
    /// # Errors
    /// Why there is no data.
    pub fn breakdown(&self, id: BreakdownId) -> Result<SplitRows, Missing> {
        let plan = &self.facts.plan;
        let Some(planned_split) = plan.breakdowns.get(id.0) else { return Ok(Vec::new()) };
        if let Some(missing) = self.missing(planned_split.measure) {
            return Err(missing);
        }
        if let Some(by) = plan.formula(planned_split.by) {
            self.known(by)?;
        }
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
            let mut by_text: BTreeMap<Option<Arc<str>>, Tallier> = BTreeMap::new();
            self.visit_held(planned, self.clock.window, Place::default(), &mut |place, item| {
                let text = self.split_text(planned_split.by, place);
                by_text.entry(text).or_insert_with(|| Tallier::new(planned.shape)).add(item);
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
    /// The text by which a held row is sorted into a breakdown.
    pub(super) fn split_text(&self, by: Bound, place: Place) -> Option<Arc<str>> {
        let by = self.facts.plan.formula(by)?;
        split_text(by.expr.eval(&self.env(by, place)))
    }

    pub(super) fn env<'a>(&'a self, formula: &'a BoundFormula, place: Place) -> ViewEnv<'a, 'f> {
        ViewEnv { view: self, formula, place }
    }
}

/// An expression at an entity of a group in a period.
pub(super) struct ViewEnv<'a, 'f> {
    view: &'a View<'f>,
    formula: &'a BoundFormula,
    place: Place,
}

impl<'a> ViewEnv<'a, '_> {
    fn days_between(&self, from: Instant, to: Instant) -> Value<'a> {
        let zone = &self.view.clock.zone;
        Value::Int(i64::from(zone.day(to).0) - i64::from(zone.day(from).0))
    }
}

impl<'a> Env<'a> for ViewEnv<'a, '_> {
    fn column(&self, slot: usize) -> Value<'a> {
        let view: &'a View<'_> = self.view;
        let entities: &'a Entities = &view.facts.entities;
        match self.formula.access.get(slot) {
            Some(Access::Held(held, column, default)) => {
                let (table, row) = match held {
                    Held::Group => (&entities.groups, Some(view.group)),
                    Held::Member => (&entities.members, self.place.member),
                    Held::Post => (&entities.posts, self.place.post),
                    Held::Product => (&entities.products, self.place.product),
                };
                or_default(row.map_or(Value::Null, |r| table.value(r as usize, *column)), *default)
            }
            Some(Access::AgeDays) => entities
                .groups
                .time(view.group as usize, "created_on")
                .map_or(Value::Null, |t| self.days_between(t, view.clock.window.end)),
            Some(Access::DaysInGroup) => {
                let Some(member) = self.place.member else { return Value::Null };
                let Some(joined) = entities.members.time(member as usize, "joined_at") else { return Value::Null };
                let end = view.clock.window.end;
                let left = entities.members.time(member as usize, "left_at").map_or(end, |t| t.min(end));
                self.days_between(joined, left)
            }
            _ => Value::Null,
        }
    }

    fn measure(&self, slot: usize) -> Value<'a> {
        match self.formula.access.get(slot) {
            Some(Access::Measure(read)) => match self.view.fact(*read, self.place) {
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
