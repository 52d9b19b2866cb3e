//! Which cells the measures of a table want. Cells that would hold the same are wanted once, whichever measures ask:
//! the messages of members are counted once, though they are a volume, evidence of the last one, and points as well.

use super::accumulate::Shape;
use super::plan::{Bound, KeyPart, MeasureId, Plan, Planned, ReadId};
use crate::calendar::Instant;
use crate::expr::{Clock, Env, Type, Value, Window};
use crate::playbook::Grain;
use crate::schema::Table;
use rust_decimal::Decimal;

/// The rows that count, of those that meet a measure's condition.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Counted {
    All,
    /// Those of a known member.
    OfMembers,
    /// Those that bring a number.
    With(Bound),
    /// Those that have all parts of a key.
    Keyed(Vec<KeyPart>),
}

/// What cells hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    filter: Option<Bound>,
    /// The column of the time that places rows.
    on: Option<String>,
    counted: Counted,
    argument: Option<Bound>,
    pub grain: Grain,
    pub shape: Shape,
    /// Whether the numbers are times.
    pub instants: bool,
    /// The window that follows a time of the entity.
    pub after: Option<Window>,
    /// Whether days are asked for that have no first.
    endless: bool,
}

/// Cells that are wanted.
#[derive(Debug)]
pub(super) struct Wanted {
    pub content: Content,
    /// A measure whose rows fill them.
    pub measure: MeasureId,
    /// With whether only the last period is asked for.
    pub windows: Vec<(Window, bool)>,
    /// What is read of them.
    pub reads: Vec<ReadId>,
    /// The measures whose matched rows they count.
    pub evidence: Vec<MeasureId>,
    /// The measures whose days they hold, for funnels.
    pub steps: Vec<MeasureId>,
}

impl Planned {
    /// Whether the same rows match as of another measure, and the same time places them.
    pub fn matches_as(&self, other: &Self) -> bool {
        (self.table, self.filter, &self.on) == (other.table, other.filter, &other.on)
    }

    /// Whether it counts the days of each member, so that those of a group are its members' together.
    pub fn counts_member_days(&self) -> bool {
        self.shape == Shape::Keys
            && self.keys.len() == 2
            && self.keys.contains(&KeyPart::Member)
            && self.keys.contains(&KeyPart::Day)
    }

    /// The number that every row brings to a sum, so that it is enough to count them.
    pub fn factor(&self, plan: &Plan, clock: &Clock) -> Option<Decimal> {
        let formula = self.argument.filter(|_| self.shape == Shape::Sum).and_then(|a| plan.formula(a))?;
        if !formula.expr.slots().is_empty() || formula.expr.depends_on_period() {
            return None;
        }
        match formula.expr.eval(&Nothing { clock }) {
            Value::Int(number) => Some(Decimal::from(number)),
            Value::Decimal(number) => Some(number),
            _ => None,
        }
    }

    /// Whether the numbers of its rows are times.
    pub fn brings_times(&self, plan: &Plan) -> bool {
        self.argument.and_then(|a| plan.formula(a)).is_some_and(|f| f.expr.ty() == Type::Time)
    }

    /// What cells of a shape at a grain hold.
    fn content(&self, plan: &Plan, grain: Grain, shape: Shape, factor: bool) -> Content {
        let argument = self.argument.filter(|_| !factor);
        let formula = argument.and_then(|a| plan.formula(a));
        let slot = formula.and_then(|f| plan.bare_cell(f));
        // A row has the time that places it, and cells of members have only rows of theirs.
        let placing = self.table.and_then(|table| plan.column_slot(table, self.on.as_deref()?));
        let counted = match (self.shape, argument) {
            (Shape::Keys, _) if self.counts_member_days() && shape == Shape::Days => Counted::All,
            (Shape::Members, _) => Counted::OfMembers,
            (Shape::Keys, _) if self.counts_member_days() => Counted::OfMembers,
            (Shape::Keys, _) => Counted::Keyed(self.keys.clone()),
            (_, Some(argument)) if slot.is_none() || slot != placing => Counted::With(argument),
            _ => Counted::All,
        };
        let counts = matches!(shape, Shape::Rows | Shape::Days);
        Content {
            filter: self.filter,
            on: self.on.clone(),
            counted,
            argument: argument.filter(|_| !counts),
            grain,
            shape,
            instants: !counts && self.brings_times(plan),
            after: None,
            endless: false,
        }
    }
}

/// All cells that the measures of a table want, in the order in which they are first wanted.
pub(super) fn wanted(plan: &Plan, table: Table, clock: &Clock) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for (index, planned) in plan.measures.iter().enumerate().filter(|(_, p)| p.table == Some(table)) {
        let measure = MeasureId(index);
        let factor = planned.factor(plan, clock).is_some();
        let mut want = |grain, shape, window: &Window, latest: bool, note: &dyn Fn(&mut Wanted)| {
            let mut content = planned.content(plan, grain, shape, factor);
            content.after = matches!(window, Window::After { .. }).then(|| window.clone());
            content.endless = shape == Shape::Days && clock.interval(window).is_none_or(|i| i.start == Instant::MIN);
            let known = all.iter().position(|known| known.content == content).unwrap_or_else(|| {
                let (windows, reads, evidence, steps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
                all.push(Wanted { content, measure, windows, reads, evidence, steps });
                all.len() - 1
            });
            let Some(own) = all.get_mut(known) else { return };
            if !own.windows.contains(&(window.clone(), latest)) {
                own.windows.push((window.clone(), latest));
            }
            note(own);
        };
        for (at, read) in plan.reads.iter().enumerate().filter(|(_, r)| r.measure == measure) {
            let (grain, shape) = match (planned.shape, read.grain) {
                (Shape::Members, Grain::Post | Grain::Product) => (read.grain, Shape::Keys),
                (Shape::Sum, _) if factor => (read.grain, Shape::Rows),
                (_, Grain::Group | Grain::Member) if planned.counts_member_days() => (Grain::Member, Shape::Days),
                (shape, grain) => (grain, shape),
            };
            want(grain, shape, &read.window, read.latest, &|own| own.reads.push(ReadId(at)));
        }
        if planned.step {
            want(Grain::Member, Shape::Days, &Window::Period, false, &|own| own.steps.push(measure));
        }
        if planned.told {
            want(Grain::Group, Shape::Rows, &Window::Period, false, &|own| own.evidence.push(measure));
        }
    }
    all
}

/// Where an expression that names nothing is worked out.
struct Nothing<'c> {
    clock: &'c Clock,
}

impl<'a> Env<'a> for Nothing<'_> {
    fn column(&self, _slot: usize) -> Value<'a> {
        Value::Null
    }

    fn measure(&self, _slot: usize) -> Value<'a> {
        Value::Null
    }

    fn clock(&self) -> &Clock {
        self.clock
    }
}
