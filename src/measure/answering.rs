//! The value of a measure at an entity: from cells of streamed rows, from held rows, or taken together.

use super::accumulate::{Item, Shape};
use super::cuts::interval;
use super::fact::{Fact, Missing};
use super::hash::KeyHasher;
use super::number::Number;
use super::plan::{KeyPart, Planned, PlannedRead, ReadId};
use super::tally::{Tallier, Tally, longest_run};
use super::view::{Place, View};
use crate::calendar::Interval;
use crate::expr::Value;
use crate::playbook::{At, CombineWith, Grain};
use crate::schema::Table;

impl View<'_> {
    pub(super) fn fact(&self, read: ReadId, place: Place) -> Fact {
        let Some(planned_read) = self.facts.plan.planned_read(read) else {
            return Fact::Known { number: None, approximate: false };
        };
        if planned_read.grain != Grain::Group {
            return self.find_fact(read, planned_read, place).0;
        }
        if let Some(Some((fact, _))) = self.memo.borrow().get(read.0) {
            return fact.clone();
        }
        let found = self.find_fact(read, planned_read, place);
        let fact = found.0.clone();
        if let Some(slot) = self.memo.borrow_mut().get_mut(read.0) {
            *slot = Some(found);
        }
        fact
    }

    fn find_fact(&self, read: ReadId, planned_read: &PlannedRead, place: Place) -> (Fact, u64) {
        let Some(planned) = self.facts.plan.planned(planned_read.measure) else {
            return (Fact::Known { number: None, approximate: false }, 0);
        };
        if let Some(missing) = self.missing(planned_read.measure) {
            return (Fact::Missing(missing), 0);
        }
        if !planned_read.parts.is_empty() {
            return (self.combine(planned_read, planned, place), 0);
        }
        if let Some(fallback) = planned_read.fallback
            && self.find_missing_rows(planned_read.measure, planned).is_some()
        {
            return match self.fact(fallback, place) {
                Fact::Known { number, .. } => (Fact::Known { number, approximate: true }, 0),
                missing => (missing, 0),
            };
        }
        let (tally, rows) = self.tally(read, place);
        let fact = match tally {
            Tally::Number(number) => Fact::Known { number, approximate: false },
            Tally::Moments(m) => Fact::Known { number: (m.n > 0).then_some(Number::Float(m.mean)), approximate: false },
            Tally::Overflow => Fact::Missing(Missing::Overflow(planned.id.clone())),
        };
        (fact, rows)
    }

    fn combine(&self, planned_read: &PlannedRead, planned: &Planned, place: Place) -> Fact {
        let mut total: Option<Number> = None;
        let mut any_approximate = false;
        for part in &planned_read.parts {
            // A part without data is left out; that all are is found before.
            let Fact::Known { number, approximate } = self.fact(*part, place) else { continue };
            any_approximate |= approximate;
            total = match (total, number) {
                (None, n) | (n, None) => n,
                (Some(a), Some(b)) => Some(match planned.with {
                    CombineWith::Max if b.order(a).is_gt() => b,
                    CombineWith::Min if b.order(a).is_lt() => b,
                    CombineWith::Max | CombineWith::Min => a,
                    CombineWith::Sum => a.plus(b),
                }),
            };
        }
        Fact::Known { number: total, approximate: any_approximate }
    }

    /// What the rows of a read come to, and how many held rows that were.
    pub(super) fn tally(&self, read: ReadId, place: Place) -> (Tally, u64) {
        let none = (Tally::Number(None), 0);
        let Some(planned_read) = self.facts.plan.planned_read(read) else { return none };
        let Some(planned) = self.facts.plan.planned(planned_read.measure) else { return none };
        let Some(table) = planned.table else { return none };
        if self.facts.entities.table(table).is_some() {
            let window = interval(&planned_read.window, self.clock);
            let mut tallier = Tallier::new(planned.shape);
            self.visit_held(planned, window, place, &mut |_, item| tallier.add(item));
            let rows = tallier.rows();
            return (whole(tallier.finish(), planned.whole), rows);
        }
        let Some((cells_of, cells, span)) = self.facts.store.of_read(read, self.period) else { return none };
        let entity = match planned_read.grain {
            Grain::Group => Some(self.group),
            Grain::Member => place.member,
            Grain::Post => place.post,
            Grain::Product => place.product.and_then(|p| cells_of.offers.get(&(self.group, p)).copied()),
        };
        let Some(entity) = entity else { return none };
        if planned.streak {
            let run = longest_run(&cells.days(entity, span));
            return (Tally::Number(Some(Number::Int(run))), 0);
        }
        let single = [entity];
        let members = if planned_read.grain == Grain::Member { &single[..] } else { self.members() };
        (whole(cells.read(entity, span, members), planned.whole), 0)
    }

    pub(super) fn member_matches(&self, planned: &Planned, member: u32, window: Interval) -> bool {
        let stays = match planned.at {
            Some(At::End) => self.is_in(member, window.end),
            Some(At::Start) => self.is_in(member, window.start),
            Some(At::During) => self.was_in(member, window),
            None => self.facts.entities.stays.get(member as usize).is_some_and(|s| s.joined < window.end),
        };
        stays && self.passes(planned, Place { member: Some(member), ..Place::default() })
    }

    pub(super) fn passes(&self, planned: &Planned, place: Place) -> bool {
        planned.filter.and_then(|f| self.facts.plan.formula(f)).is_none_or(|f| f.expr.is_true(&self.env(f, place)))
    }

    /// Shows every held row that a measure counts, with what it brings.
    pub(super) fn visit_held(
        &self,
        planned: &Planned,
        window: Interval,
        place: Place,
        visit: &mut dyn FnMut(Place, Item),
    ) {
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

    pub(super) fn held_item(&self, planned: &Planned, place: Place) -> Option<Item> {
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
pub(super) fn whole(tally: Tally, is_whole: bool) -> Tally {
    match tally {
        Tally::Number(Some(Number::Decimal(d))) if is_whole => {
            Tally::Number(Some(i64::try_from(d).map_or(Number::Decimal(d), Number::Int)))
        }
        other => other,
    }
}
