//! The value of a measure: from cells of streamed rows, from held rows, or taken together.

use super::accumulate::{Item, Shape};
use super::block::value_of;
use super::cuts::interval;
use super::fact::{Fact, Missing};
use super::hash::KeyHasher;
use super::number::Number;
use super::plan::{KeyPart, Planned, PlannedRead, ReadId};
use super::program::Rows;
use super::tally::{Tallier, Tally, count, longest_run, multiples};
use super::view::View;
use crate::calendar::Interval;
use crate::expr::{Bits, Column, Joining, Value};
use crate::playbook::{At, CombineWith, Grain};
use crate::schema::Table;
use std::rc::Rc;

/// What a row brings to a measure, by its position.
type Bring<'v> = Box<dyn Fn(usize) -> Option<Item> + 'v>;

impl<'f> View<'f> {
    /// The value at group grain.
    pub(super) fn fact(&self, read: ReadId) -> Fact {
        if let Some((fact, _)) = self.facts_found.borrow().get(&read) {
            return fact.clone();
        }
        let found = self.find_fact(read);
        let fact = found.0.clone();
        self.facts_found.borrow_mut().insert(read, found);
        fact
    }

    fn find_fact(&self, read: ReadId) -> (Fact, u64) {
        let unknown = (Fact::Known { number: None, approximate: false }, 0);
        let plan = &self.facts.plan;
        let Some(planned_read) = plan.planned_read(read) else { return unknown };
        let Some(planned) = plan.planned(planned_read.measure) else { return unknown };
        if let Some(missing) = self.missing(planned_read.needed()) {
            return (Fact::Missing(missing), 0);
        }
        if !planned_read.parts.is_empty() {
            return (self.combine(planned_read, planned), 0);
        }
        if let Some(fallback) = planned_read.fallback
            && self.find_missing_rows(planned_read.measure, planned).is_some()
        {
            return match self.fact(fallback) {
                Fact::Known { number, .. } => (Fact::Known { number, approximate: true }, 0),
                missing => (missing, 0),
            };
        }
        let (tally, rows) = self.tally(read, planned_read, planned);
        let fact = match tally {
            Tally::Overflow => Fact::Missing(Missing::Overflow(planned.id.clone())),
            tally => Fact::Known { number: number_of(&tally), approximate: false },
        };
        (fact, rows)
    }

    fn combine(&self, planned_read: &PlannedRead, planned: &Planned) -> Fact {
        let mut total: Option<Number> = None;
        let mut any_approximate = false;
        for part in &planned_read.parts {
            // A part without data is left out; that all are is found before.
            let Fact::Known { number, approximate } = self.fact(*part) else { continue };
            any_approximate |= approximate;
            total = joined(planned.with, total, number);
        }
        Fact::Known { number: total, approximate: any_approximate }
    }

    /// What the rows of a read at group grain come to, and how many held rows that were.
    pub(super) fn tally(&self, read: ReadId, planned_read: &PlannedRead, planned: &Planned) -> (Tally, u64) {
        let none = (Tally::Number(None), 0);
        let Some(table) = planned.table else { return none };
        if self.facts.entities.table(table).is_some() {
            let window = interval(&planned_read.window, self.clock);
            if planned.shape == Shape::Rows
                && let Some(matching) = self.matching(planned, window)
            {
                let rows = matching.count();
                return (Tally::Number(Some(count(rows))), rows as u64);
            }
            if let Some((tally, rows)) = self.tally_of_multiples(planned, window) {
                return (whole(tally, planned.whole), rows);
            }
            let mut tallier = Tallier::new(planned.shape);
            self.visit_held(planned, window, &mut |_, item| tallier.add(item));
            let rows = tallier.rows();
            return (whole(tallier.finish(), planned.whole), rows);
        }
        let Some(source) = self.facts.store.of_read(read, self.period) else { return none };
        if planned.streak {
            let run = longest_run(&source.cells.days(self.group, source.span));
            return (Tally::Number(Some(Number::Int(run))), 0);
        }
        (whole(source.read(self.group, self.members()), planned.whole), 0)
    }

    /// The same of held rows whose numbers stand side by side.
    fn tally_of_multiples(&self, planned: &Planned, window: Interval) -> Option<(Tally, u64)> {
        if !matches!(planned.shape, Shape::Sum | Shape::Moments | Shape::Numbers) {
            return None;
        }
        let argument = self.facts.prepared().program.column_of(planned.argument?)?;
        if self.is_costly(argument) {
            return None;
        }
        let values = self.values(argument)?;
        let (scale, numbers) = match &*values {
            Column::Ints(numbers) => (0, numbers.as_slice()),
            Column::Fixed(fixed) => (fixed.scale(), fixed.mantissas()),
            _ => return None,
        };
        let matching = self.matching(planned, window)?;
        let mut counted = matching.positions().filter_map(|at| numbers.get(at).copied());
        Some((multiples(planned.shape, scale, &mut counted)?, matching.count() as u64))
    }

    /// The values of a measure for all rows of a block. No data is NULL there; whoever must tell them
    /// apart asks [`View::missing`] before.
    pub(super) fn read_all(&self, read: ReadId, rows: Rows) -> Rc<Column<'f>> {
        if let Some(known) = self.reads.borrow().get(&(read, rows)) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.find_all(read, rows));
        self.reads.borrow_mut().insert((read, rows), Rc::clone(&found));
        found
    }

    fn find_all(&self, read: ReadId, rows: Rows) -> Column<'f> {
        let unknown = Column::Same(Value::Null);
        let plan = &self.facts.plan;
        let Some(planned_read) = plan.planned_read(read) else { return unknown };
        if planned_read.grain == Grain::Group {
            return match self.fact(read) {
                Fact::Known { number, .. } => Column::Same(value_of(number)),
                Fact::Missing(_) => unknown,
            };
        }
        let Some(planned) = plan.planned(planned_read.measure) else { return unknown };
        // Daily totals, which may stand in for a group, say nothing of its rows.
        if self.missing(planned_read.needed()).is_some() {
            return unknown;
        }
        if !planned_read.parts.is_empty() {
            let parts: Vec<Rc<Column<'f>>> = planned_read.parts.iter().map(|p| self.read_all(*p, rows)).collect();
            return combined(&parts, planned.with, self.steady.rows(rows).len());
        }
        match planned.table.and_then(Rows::of) {
            Some(of) => self.held_column(planned, interval(&planned_read.window, self.clock), of, rows),
            None => self.cell_column(read, planned_read.grain, planned, rows),
        }
    }

    /// The values of a streamed measure.
    fn cell_column(&self, read: ReadId, grain: Grain, planned: &Planned, rows: Rows) -> Column<'f> {
        let Some(source) = self.facts.store.of_read(read, self.period) else { return Column::Same(Value::Null) };
        if matches!((grain, rows), (Grain::Member, Rows::Members) | (Grain::Post, Rows::Posts)) {
            let entities = self.steady.rows(rows);
            if planned.streak {
                return Column::Ints(source.cells.runs(entities, source.span));
            }
            if let Some(column) = source.column(self.group, entities, planned.whole) {
                return column;
            }
        }
        let entities = &self.facts.entities;
        let sum = |tally: Tally| value_of(number_of(&whole(tally, planned.whole)));
        // Most members never did what is counted, and what none did comes to the same for all of them.
        let nothing = sum(source.read(u32::MAX, &[]));
        let value = |row: u32| {
            let entity = match (grain, rows) {
                (Grain::Member, Rows::Members) | (Grain::Post, Rows::Posts) => Some(row),
                (Grain::Product, rows) => {
                    let product = match rows {
                        Rows::Products => Some(row),
                        Rows::Posts => entities.post_product.get(row as usize).copied().flatten(),
                        Rows::Members => None,
                    };
                    product.and_then(|p| source.table.offers.get(&(self.group, p)).copied())
                }
                _ => None,
            };
            let Some(entity) = entity else { return Value::Null };
            if !source.cells.has(entity) {
                return nothing;
            }
            let single = [entity];
            let members = if grain == Grain::Member { &single[..] } else { self.members() };
            sum(source.read(entity, members))
        };
        Column::from_values(self.steady.rows(rows).iter().map(|row| value(*row)).collect())
    }

    /// The values of a measure over the held rows `of`, each counted for the rows that it belongs to.
    fn held_column(&self, planned: &Planned, window: Interval, of: Rows, rows: Rows) -> Column<'f> {
        let len = self.steady.rows(rows).len();
        let mut talliers: Vec<Tallier> = (0..len).map(|_| Tallier::new(planned.shape)).collect();
        let of_product = |at: usize| {
            let post = self.steady.posts.get(at)?;
            let product = self.facts.entities.post_product.get(*post as usize).copied().flatten()?;
            self.steady.products.iter().position(|p| *p == product)
        };
        self.visit_held(planned, window, &mut |at, item| {
            let place = match (of, rows) {
                (Rows::Posts, Rows::Products) => of_product(at),
                _ => Some(at).filter(|_| of == rows),
            };
            if let Some(tallier) = place.and_then(|p| talliers.get_mut(p)) {
                tallier.add(item);
            }
        });
        let value = |tallier: Tallier| value_of(number_of(&whole(tallier.finish(), planned.whole)));
        Column::from_values(talliers.into_iter().map(value).collect())
    }

    /// The held rows that a measure counts, by position; `None` for measures over groups.
    pub(super) fn matching(&self, planned: &Planned, window: Interval) -> Option<Bits> {
        let rows = planned.table.and_then(Rows::of)?;
        let numbers = self.steady.rows(rows);
        let entities = &self.facts.entities;
        let here = match rows {
            Rows::Members => Bits::clone(&self.staying(planned.at, window)),
            Rows::Posts => {
                let on = entities.posts.column(planned.on.as_deref().unwrap_or("sent_at"))?;
                Bits::clone(&self.sent(on, window))
            }
            Rows::Products => {
                Bits::of(numbers.len(), |at| numbers.get(at).is_some_and(|p| (*p as usize) < entities.products.len()))
            }
        };
        match planned.filter {
            Some(filter) if !here.is_empty() => {
                let truths = self.truths(self.facts.prepared().program.truth_of(filter)?)?;
                Some(here.and(&truths.yes))
            }
            _ => Some(here),
        }
    }

    /// The members whom a measure over them looks at.
    fn staying(&self, at: Option<At>, window: Interval) -> Rc<Bits> {
        let known = self.stays.borrow().iter().find(|(key, _)| *key == (at, window)).map(|(_, bits)| Rc::clone(bits));
        known.unwrap_or_else(|| {
            let found = Rc::new(match at {
                Some(At::End) => self.those_in(window.end),
                Some(At::Start) => self.those_in(window.start),
                Some(At::During) => self.those_joined(window.end).and(&self.those_not_left(window.start)),
                None => self.those_joined(window.end),
            });
            self.stays.borrow_mut().push(((at, window), Rc::clone(&found)));
            found
        })
    }

    /// The posts whose time in a column lies in a window.
    fn sent(&self, on: usize, window: Interval) -> Rc<Bits> {
        let known = self.sents.borrow().iter().find(|(key, _)| *key == (on, window)).map(|(_, bits)| Rc::clone(bits));
        known.unwrap_or_else(|| {
            let (numbers, posts) = (self.steady.posts, &self.facts.entities.posts);
            let time = |at: usize| numbers.get(at).map(|p| posts.value(*p as usize, on));
            let inside = |at| matches!(time(at), Some(Value::Time(t)) if window.contains(t));
            let found = Rc::new(Bits::of(numbers.len(), inside));
            self.sents.borrow_mut().push(((on, window), Rc::clone(&found)));
            found
        })
    }

    /// Shows every held row that a measure counts, by position, with what it brings.
    pub(super) fn visit_held(&self, planned: &Planned, window: Interval, visit: &mut dyn FnMut(usize, Item)) {
        if planned.table == Some(Table::Groups) {
            if self.group_passes(planned)
                && let Some(item) = self.group_item(planned)
            {
                visit(0, item);
            }
            return;
        }
        let Some(matching) = self.matching(planned, window).filter(|m| !m.is_empty()) else { return };
        let Some(bring) = self.bring(planned) else { return };
        for at in matching.positions() {
            if let Some(item) = bring(at) {
                visit(at, item);
            }
        }
    }

    /// What each held row brings to a measure.
    fn bring(&self, planned: &Planned) -> Option<Bring<'f>> {
        let rows = planned.table.and_then(Rows::of)?;
        let numbers = self.steady.rows(rows);
        let program = &self.facts.prepared().program;
        Some(match planned.shape {
            Shape::Rows => Box::new(|_| Some(Item::Row)),
            Shape::Members => Box::new(move |at| {
                numbers.get(at).filter(|_| rows == Rows::Members).map(|member| Item::Member(*member))
            }),
            Shape::Days | Shape::Keys => {
                let parts: Vec<(KeyPart, Option<Rc<Column<'f>>>)> = planned
                    .keys
                    .iter()
                    .map(|part| match part {
                        KeyPart::Formula(bound) => (*part, program.column_of(*bound).and_then(|c| self.values(c))),
                        _ => (*part, None),
                    })
                    .collect();
                let posts = &self.facts.entities.posts;
                let on = posts.column(planned.on.as_deref().unwrap_or("sent_at"));
                let zone = self.clock.zone;
                Box::new(move |at| {
                    let row = *numbers.get(at)?;
                    let mut hasher = KeyHasher::new();
                    for (part, column) in &parts {
                        match part {
                            KeyPart::Member if rows == Rows::Members => hasher.add(row),
                            KeyPart::Day if rows == Rows::Posts => match posts.value(row as usize, on?) {
                                Value::Time(t) => hasher.add(zone.day(t).0),
                                _ => return None,
                            },
                            KeyPart::Member | KeyPart::Day => return None,
                            // As in SQL, a NULL is not counted.
                            KeyPart::Formula(_) => match column.as_ref()?.get(at) {
                                Value::Null => return None,
                                value => hasher.add_value(value),
                            },
                        }
                    }
                    Some(Item::Key(hasher.key()))
                })
            }
            Shape::Sum | Shape::Moments | Shape::Least | Shape::Most | Shape::Numbers => {
                let value = self.each(program.column_of(planned.argument?)?)?;
                Box::new(move |at| Number::from_value(value(at)).map(Item::Number))
            }
        })
    }

    fn group_passes(&self, planned: &Planned) -> bool {
        planned.filter.and_then(|f| self.facts.plan.formula(f)).is_none_or(|f| f.expr.is_true(&self.env(f)))
    }

    /// What the group's own row brings.
    fn group_item(&self, planned: &Planned) -> Option<Item> {
        let value = |bound| {
            let formula = self.facts.plan.formula(bound)?;
            Some(formula.expr.eval(&self.env(formula)))
        };
        match planned.shape {
            Shape::Rows => Some(Item::Row),
            Shape::Members => None,
            Shape::Days | Shape::Keys => {
                let mut hasher = KeyHasher::new();
                for part in &planned.keys {
                    let KeyPart::Formula(bound) = part else { return None };
                    match value(*bound)? {
                        Value::Null => return None,
                        value => hasher.add_value(value),
                    }
                }
                Some(Item::Key(hasher.key()))
            }
            Shape::Sum | Shape::Moments | Shape::Least | Shape::Most | Shape::Numbers => {
                Number::from_value(value(planned.argument?)?).map(Item::Number)
            }
        }
    }
}

/// The number that rows come to; `None` is NULL.
fn number_of(tally: &Tally) -> Option<Number> {
    match tally {
        Tally::Number(number) => *number,
        Tally::Moments(m) => (m.n > 0).then_some(Number::Float(m.mean)),
        Tally::Overflow => None,
    }
}

/// Two parts of a composed measure taken together; NULL is left out.
fn joined(with: CombineWith, a: Option<Number>, b: Option<Number>) -> Option<Number> {
    match (a, b) {
        (None, n) | (n, None) => n,
        (Some(a), Some(b)) => Some(match with {
            CombineWith::Max if b.order(a).is_gt() => b,
            CombineWith::Min if b.order(a).is_lt() => b,
            CombineWith::Max | CombineWith::Min => a,
            CombineWith::Sum => a.plus(b),
        }),
    }
}

/// A composed measure for each row of a block.
fn combined<'f>(parts: &[Rc<Column<'f>>], with: CombineWith, len: usize) -> Column<'f> {
    let known: Vec<&Column<'f>> =
        parts.iter().map(|p| &**p).filter(|p| !matches!(p, Column::Same(Value::Null))).collect();
    match known.as_slice() {
        [] => return Column::Same(Value::Null),
        [one] => return Column::clone(one),
        _ => {}
    }
    let joining = match with {
        CombineWith::Sum => Joining::Sum,
        CombineWith::Min => Joining::Least,
        CombineWith::Max => Joining::Greatest,
    };
    if let Some(joined) = Column::joined(&known, joining, len) {
        return joined;
    }
    let value = |at: usize| {
        let numbers = known.iter().map(|p| match p.get(at) {
            Value::Null => None,
            value => Number::from_value(value),
        });
        value_of(numbers.fold(None, |total, n| joined(with, total, n)))
    };
    Column::from_values((0..len).map(value).collect())
}

/// Sums of whole numbers are whole.
pub(super) fn whole(tally: Tally, is_whole: bool) -> Tally {
    match tally {
        Tally::Number(Some(Number::Decimal(d))) if is_whole => {
            Tally::Number(Some(i64::try_from(d).map_or(Number::Decimal(d), Number::Int)))
        }
        other => other,
    }
}
