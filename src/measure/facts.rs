//! The folded facts, and the view of one group in one period that answers every handle of the plan.

use super::accumulate::{Item, Shape, Tallier, Tally, longest_run};
use super::cuts::interval;
use super::entity::Entities;
use super::fact::{Fact, Missing, Moments};
use super::fold::{CellKey, Store, split_text, step_key};
use super::hash::KeyHasher;
use super::number::Number;
use super::plan::{Access, Bound, BoundFormula, BreakdownId, Held, KeyPart, MeasureId, Plan, Planned, Read};
use super::row::or_default;
use crate::calendar::{Day, Instant, Interval, Period};
use crate::config::{Absent as TableAbsent, Config};
use crate::data::TableReport;
use crate::expr::{Clock, Env, Value, Window};
use crate::playbook::{Absent, At, CombineWith, Grain};
use crate::schema::Table;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that was measured.
#[derive(Debug)]
pub struct Facts {
    pub(super) plan: Plan,
    pub(super) store: Store,
    pub(super) clocks: Vec<Clock>,
    pub(super) table_absent: BTreeMap<Table, TableAbsent>,
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
}

impl Facts {
    pub(super) fn absent_of(config: &Config) -> BTreeMap<Table, TableAbsent> {
        Table::ALL.into_iter().map(|t| (t, config.data.table(t).absent)).collect()
    }

    /// The view of a group in a period; both by index.
    #[must_use]
    pub fn view(&self, group: u32, period: usize) -> Option<View<'_>> {
        let clock = self.clocks.get(period)?;
        Some(View { facts: self, group, clock, memo: RefCell::default(), missing: RefCell::default() })
    }

    /// The clock of a period.
    #[must_use]
    pub fn clock(&self, period: usize) -> Option<&Clock> {
        self.clocks.get(period)
    }

    fn report(&self, table: Table) -> Option<&TableReport> {
        self.reports.iter().find(|r| r.table == table)
    }
}

/// The entity at which a measure is read.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    member: Option<u32>,
    post: Option<u32>,
    /// Product number, not the pair's.
    product: Option<u32>,
}

/// One group in one period.
#[derive(Debug)]
pub struct View<'f> {
    facts: &'f Facts,
    group: u32,
    clock: &'f Clock,
    memo: RefCell<BTreeMap<Read, (Fact, u64)>>,
    missing: RefCell<BTreeMap<MeasureId, Option<Missing>>>,
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
            Access::Measure(read) => matches!(self.fact(read, Place::default()), Fact::Known { approximate: true, .. }),
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
        let Some(planned) = self.facts.plan.planned(read.measure) else { return Ok(None) };
        Ok(match self.tally(read, planned, Place::default()).0 {
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

    /// Whether a member is a customer who had joined and not left at an instant.
    #[must_use]
    pub fn is_in(&self, member: u32, at: Instant) -> bool {
        let members = &self.facts.entities.members;
        members.time(member as usize, "joined_at").is_some_and(|t| t < at)
            && members.time(member as usize, "left_at").is_none_or(|t| t >= at)
    }

    /// Whether a membership is a customer's, not staff's or a bot's.
    #[must_use]
    pub fn is_customer(&self, member: u32) -> bool {
        matches!(self.facts.entities.members.text(member as usize, "role"), None | Some("member" | "koc"))
    }

    /// The local days in the period on which a member did what a funnel step counts.
    #[must_use]
    pub fn step_days(&self, read: &Read, member: u32) -> &'f [Day] {
        self.facts
            .store
            .cells
            .get(&step_key(read.measure))
            .map_or(&[], |cells| cells.days(member, self.clock.window, &self.clock.zone))
    }

    /// The members whom a `members` measure counts.
    #[must_use]
    pub fn matching_members(&self, read: &Read) -> Vec<u32> {
        let Some(planned) = self.facts.plan.planned(read.measure) else { return Vec::new() };
        let window = interval(&read.window, self.clock);
        self.members().iter().copied().filter(|m| self.member_matches(planned, *m, window)).collect()
    }

    /// Whether a measure streams rows (`false`: it is taken over held rows).
    #[must_use]
    pub fn streams(&self, read: &Read) -> bool {
        self.facts.plan.planned(read.measure).and_then(|p| p.table).is_some_and(|t| t != Table::Members)
    }

    /// Why a measure has no data for this group.
    #[must_use]
    pub fn missing(&self, measure: MeasureId) -> Option<Missing> {
        if let Some(known) = self.missing.borrow().get(&measure) {
            return known.clone();
        }
        let missing = self.find_missing(measure);
        self.missing.borrow_mut().insert(measure, missing.clone());
        missing
    }

    /// Rows that the measures of an expression matched in the period, by measure id.
    #[must_use]
    pub fn rows(&self, bound: Bound) -> BTreeMap<String, u64> {
        let mut out = BTreeMap::new();
        if let Some(formula) = self.facts.plan.formula(bound) {
            for access in &formula.access {
                if let Access::Measure(read) = access {
                    self.rows_of(read, &mut out);
                }
            }
        }
        out
    }

    fn rows_of(&self, read: &Read, out: &mut BTreeMap<String, u64>) {
        let Some(planned) = self.facts.plan.planned(read.measure) else { return };
        for part in &planned.parts {
            self.rows_of(&Read { measure: *part, ..read.clone() }, out);
        }
        if !planned.parts.is_empty() || self.missing(read.measure).is_some() {
            return;
        }
        let rows = if let Some(matched) = self.facts.store.matched.get(&read.measure) {
            match matched.read(self.group, self.clock.window, &self.clock.zone, &[]) {
                Tally::Number(Some(Number::Int(n))) => u64::try_from(n).unwrap_or(0),
                _ => 0,
            }
        } else {
            self.tally(read, planned, Place::default()).1
        };
        out.insert(planned.id.clone(), rows);
    }

    /// The values of a measure at post or product grain, or of a member, by entity number.
    ///
    /// # Errors
    /// Why there is no data.
    pub fn ranking(&self, read: &Read) -> Result<Vec<(u32, Number)>, Missing> {
        if let Some(missing) = self.missing(read.measure) {
            return Err(missing);
        }
        let entities = &self.facts.entities;
        let places: Vec<(u32, Place)> = match read.grain {
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
    pub fn breakdown(&self, id: BreakdownId) -> Result<Vec<(Option<Arc<str>>, Number)>, Missing> {
        let plan = &self.facts.plan;
        let Some(planned_split) = plan.breakdowns.get(id.0) else { return Ok(Vec::new()) };
        if let Some(missing) = self.missing(planned_split.measure) {
            return Err(missing);
        }
        if let Some(by) = plan.formula(planned_split.by) {
            self.known(by)?;
        }
        let Some(planned) = plan.planned(planned_split.measure) else { return Ok(Vec::new()) };
        let mut rows: Vec<(Option<Arc<str>>, Number)> = Vec::new();
        if let Some(split) = self.facts.store.splits.get(&id.0) {
            for (text, entity) in split.of_group.get(&self.group).into_iter().flatten() {
                let tally = split.cells.read(*entity, self.clock.window, &self.clock.zone, &[]);
                if let Tally::Number(Some(n)) = whole(tally, planned.whole)
                    && n.to_f64() != 0.0
                {
                    rows.push((text.clone(), n));
                }
            }
        } else {
            let mut by_text: BTreeMap<Option<Arc<str>>, Tallier> = BTreeMap::new();
            self.visit_held(planned, self.clock.window, Place::default(), &mut |place, item| {
                let text = plan.formula(planned_split.by).and_then(|by| split_text(by.expr.eval(&self.env(by, place))));
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

    fn env<'a>(&'a self, formula: &'a BoundFormula, place: Place) -> ViewEnv<'a, 'f> {
        ViewEnv { view: self, formula, place }
    }

    fn known(&self, formula: &BoundFormula) -> Result<(), Missing> {
        for measure in &formula.measures {
            if let Some(missing) = self.missing(*measure) {
                return Err(missing);
            }
        }
        self.columns_known(formula)
    }

    fn columns_known(&self, formula: &BoundFormula) -> Result<(), Missing> {
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

    fn find_missing(&self, measure: MeasureId) -> Option<Missing> {
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
    fn find_missing_rows(&self, measure: MeasureId, planned: &Planned) -> Option<Missing> {
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
            streamed => self.facts.store.rows.get(&streamed).is_some_and(|g| g.contains(&self.group)),
        };
        if !present && !(table == Table::Members && has_rows) {
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
    fn ever_matched(&self, measure: MeasureId, planned: &Planned, table: Table) -> bool {
        if self.facts.entities.table(table).is_none() {
            return self.facts.store.seen.get(&measure).is_some_and(|g| g.contains(&self.group));
        }
        let mut any = false;
        let life = Interval { start: Instant::MIN, end: Instant::MAX };
        self.visit_held(planned, life, Place::default(), &mut |_, _| any = true);
        any
    }

    fn fact(&self, read: &Read, place: Place) -> Fact {
        let memoize = read.grain == Grain::Group;
        if memoize && let Some((fact, _)) = self.memo.borrow().get(read) {
            return fact.clone();
        }
        let (fact, rows) = self.find_fact(read, place);
        if memoize {
            self.memo.borrow_mut().insert(read.clone(), (fact.clone(), rows));
        }
        fact
    }

    fn find_fact(&self, read: &Read, place: Place) -> (Fact, u64) {
        let Some(planned) = self.facts.plan.planned(read.measure) else {
            return (Fact::Known { number: None, approximate: false }, 0);
        };
        if let Some(missing) = self.missing(read.measure) {
            return (Fact::Missing(missing), 0);
        }
        if !planned.parts.is_empty() {
            return (self.combine(read, planned, place), 0);
        }
        if let Some(fallback) = planned.fallback
            && self.find_missing_rows(read.measure, planned).is_some()
        {
            let other = Read { measure: fallback, ..read.clone() };
            return match self.find_fact(&other, place) {
                (Fact::Known { number, .. }, rows) => (Fact::Known { number, approximate: true }, rows),
                missing => missing,
            };
        }
        let (tally, rows) = self.tally(read, planned, place);
        let fact = match tally {
            Tally::Number(number) => Fact::Known { number, approximate: false },
            Tally::Moments(m) => Fact::Known { number: (m.n > 0).then_some(Number::Float(m.mean)), approximate: false },
            Tally::Overflow => Fact::Missing(Missing::Overflow(planned.id.clone())),
        };
        (fact, rows)
    }

    fn combine(&self, read: &Read, planned: &Planned, place: Place) -> Fact {
        let mut total: Option<Number> = None;
        let mut any_approximate = false;
        for part in &planned.parts {
            if self.missing(*part).is_some() {
                continue;
            }
            let other = Read { measure: *part, ..read.clone() };
            let Fact::Known { number, approximate } = self.fact(&other, place) else { continue };
            any_approximate |= approximate;
            total = match (total, number) {
                (None, n) | (n, None) => n,
                (Some(a), Some(b)) => Some(match planned.with {
                    CombineWith::Max => {
                        if b.order(a).is_gt() {
                            b
                        } else {
                            a
                        }
                    }
                    CombineWith::Min => {
                        if b.order(a).is_lt() {
                            b
                        } else {
                            a
                        }
                    }
                    CombineWith::Sum => a.plus(b),
                }),
            };
        }
        Fact::Known { number: total, approximate: any_approximate }
    }

    fn tally(&self, read: &Read, planned: &Planned, place: Place) -> (Tally, u64) {
        let Some(table) = planned.table else { return (Tally::Number(None), 0) };
        let window = interval(&read.window, self.clock);
        if self.facts.entities.table(table).is_some() {
            let mut tallier = Tallier::new(planned.shape);
            self.visit_held(planned, window, place, &mut |_, item| tallier.add(item));
            let rows = tallier.rows();
            return (whole(tallier.finish(), planned.whole), rows);
        }
        let after = matches!(read.window, Window::After { .. }).then(|| read.window.clone());
        let key = CellKey { measure: read.measure, grain: read.grain, after };
        let Some(cells) = self.facts.store.cells.get(&key) else { return (Tally::Number(None), 0) };
        let entity = match read.grain {
            Grain::Group => Some(self.group),
            Grain::Member => place.member,
            Grain::Post => place.post,
            Grain::Product => place.product.and_then(|p| self.facts.entities.offers.get(&(self.group, p)).copied()),
        };
        let Some(entity) = entity else { return (Tally::Number(None), 0) };
        let zone = &self.clock.zone;
        if planned.streak {
            let run = longest_run(cells.days(entity, window, zone));
            return (Tally::Number(Some(Number::Int(run))), 0);
        }
        let single = [entity];
        let members = if read.grain == Grain::Member { &single[..] } else { self.members() };
        (whole(cells.read(entity, window, zone, members), planned.whole), 0)
    }

    fn member_matches(&self, planned: &Planned, member: u32, window: Interval) -> bool {
        let stays = match planned.at {
            Some(At::End) => self.is_in(member, window.end),
            Some(At::Start) => self.is_in(member, window.start),
            None => self.facts.entities.members.time(member as usize, "joined_at").is_some_and(|t| t < window.end),
        };
        stays && self.passes(planned, Place { member: Some(member), ..Place::default() })
    }

    fn passes(&self, planned: &Planned, place: Place) -> bool {
        planned.filter.and_then(|f| self.facts.plan.formula(f)).is_none_or(|f| f.expr.is_true(&self.env(f, place)))
    }

    /// Shows every held row that a measure counts, with what it brings.
    fn visit_held(&self, planned: &Planned, window: Interval, place: Place, visit: &mut dyn FnMut(Place, Item)) {
        let entities = &self.facts.entities;
        let places: Vec<Place> = match planned.table {
            Some(Table::Members) => self
                .members()
                .iter()
                .filter(|m| self.member_matches(planned, **m, window))
                .map(|m| Place { member: Some(*m), ..Place::default() })
                .collect(),
            Some(Table::Posts) => {
                let on = planned.on.as_deref().unwrap_or("sent_at");
                let posts = entities.posts_of_group.get(self.group as usize).map_or(&[][..], Vec::as_slice);
                posts
                    .iter()
                    .filter(|p| place.post.is_none_or(|only| only == **p))
                    .filter(|p| entities.posts.time(**p as usize, on).is_some_and(|t| window.contains(t)))
                    .map(|p| Place {
                        post: Some(*p),
                        product: entities.post_product.get(*p as usize).copied().flatten(),
                        ..Place::default()
                    })
                    .filter(|here| place.product.is_none() || here.product == place.product)
                    .filter(|here| self.passes(planned, *here))
                    .collect()
            }
            Some(Table::Products) => entities
                .offer_keys
                .iter()
                .filter(|(g, p)| *g == self.group && (*p as usize) < entities.products.len())
                .map(|(_, p)| Place { product: Some(*p), ..Place::default() })
                .filter(|here| place.product.is_none() || here.product == place.product)
                .filter(|here| self.passes(planned, *here))
                .collect(),
            Some(Table::Groups) => {
                Some(Place::default()).filter(|here| self.passes(planned, *here)).into_iter().collect()
            }
            _ => Vec::new(),
        };
        for here in places {
            if let Some(item) = self.held_item(planned, here) {
                visit(here, item);
            }
        }
    }

    fn held_item(&self, planned: &Planned, place: Place) -> Option<Item> {
        match planned.shape {
            Shape::Rows => Some(Item::Row),
            Shape::Members => place.member.map(Item::Member),
            Shape::Days | Shape::Keys => {
                let mut hasher = KeyHasher::new();
                for part in &planned.keys {
                    match part {
                        KeyPart::Member => hasher.add(place.member?),
                        KeyPart::Day => {
                            let on = planned.on.as_deref().unwrap_or("sent_at");
                            let at = self.facts.entities.posts.time(place.post? as usize, on)?;
                            hasher.add(self.clock.zone.day(at).0);
                        }
                        KeyPart::Formula(bound) => {
                            let formula = self.facts.plan.formula(*bound)?;
                            match formula.expr.eval(&self.env(formula, place)) {
                                Value::Null => return None,
                                value => hasher.add_value(value),
                            }
                        }
                    }
                }
                Some(Item::Key(hasher.finish()))
            }
            Shape::Sum | Shape::Moments | Shape::Least | Shape::Most | Shape::Numbers => {
                let formula = self.facts.plan.formula(planned.argument?)?;
                Number::from_value(formula.expr.eval(&self.env(formula, place))).map(Item::Number)
            }
        }
    }
}

/// Sums of whole numbers are whole.
fn whole(tally: Tally, is_whole: bool) -> Tally {
    match tally {
        Tally::Number(Some(Number::Decimal(d))) if is_whole => {
            Tally::Number(Some(i64::try_from(d).map_or(Number::Decimal(d), Number::Int)))
        }
        other => other,
    }
}

/// An expression at an entity of a group in a period.
struct ViewEnv<'a, 'f> {
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
            Some(Access::Measure(read)) => match self.view.fact(read, self.place) {
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
