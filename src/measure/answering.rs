//! The value of a measure at an entity: from cells of streamed rows, from held rows, or taken together.

use super::accumulate::{Item, Shape, Tallier, Tally, longest_run};
use super::cuts::interval;
use super::fact::{Fact, Missing};
use super::fold::CellKey;
use super::hash::KeyHasher;
use super::number::Number;
use super::plan::{KeyPart, Planned, Read};
use super::view::{Place, View};
use crate::calendar::Interval;
use crate::expr::{Value, Window};
use crate::playbook::{At, CombineWith, Grain};
use crate::schema::Table;

impl View<'_> {
    pub(super) fn fact(&self, read: &Read, place: Place) -> Fact {
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

    pub(super) fn find_fact(&self, read: &Read, place: Place) -> (Fact, u64) {
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

    pub(super) fn combine(&self, read: &Read, planned: &Planned, place: Place) -> Fact {
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

    pub(super) fn tally(&self, read: &Read, planned: &Planned, place: Place) -> (Tally, u64) {
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
    pub(super) fn member_matches(&self, planned: &Planned, member: u32, window: Interval) -> bool {
        let stays = match planned.at {
            Some(At::End) => self.is_in(member, window.end),
            Some(At::Start) => self.is_in(member, window.start),
            Some(At::During) => self.was_in(member, window),
            None => self.facts.entities.members.time(member as usize, "joined_at").is_some_and(|t| t < window.end),
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
