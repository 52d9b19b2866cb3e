//! The plan: the measures of all playbooks in use, each distinct one once.
//!
//! Two playbooks that declare the same measure share it; a playbook that redefines one gets its own.
//! Whoever needs a number binds its expression here first and gets a handle; the handle is answered
//! after the fold.

use super::accumulate::Shape;
use super::needed::Needed;
use super::signature::signature;
use crate::expr::{Expr, Type, Window};
use crate::playbook::{
    Absent, Aggregate, At, Breakdown, CombineWith, DistinctKey, Entity, Formula, Grain, Measure, Playbook, Reference,
};
use crate::schema::{ColumnType, Table};
use std::collections::{BTreeMap, BTreeSet};

/// Handle of a bound expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound(pub(super) usize);

/// Handle of a planned measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeasureId(pub(super) usize);

/// Handle of a measure to be read at a grain over a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadId(pub(super) usize);

/// A measure to be read at a grain over a window.
#[derive(Debug)]
pub(super) struct PlannedRead {
    pub measure: MeasureId,
    pub grain: Grain,
    pub window: Window,
    /// Whether it is read in the last period only, so that no cells are kept for the others.
    pub latest: bool,
    /// The same of the measures it is composed of.
    pub parts: Vec<ReadId>,
    /// The same of its substitute, where it is of the group as a whole.
    pub fallback: Option<ReadId>,
}

/// Handle of a breakdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BreakdownId(pub(super) usize);

/// Where the names of an expression are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// A row of a table.
    Row(Table),
    /// A group.
    Group,
}

/// A held row that a row refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Held {
    Group,
    Member,
    Post,
    Product,
}

/// How a slot of an expression gets its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Access {
    /// A cell of the streamed row, with what an empty one means.
    Cell(usize, Option<&'static str>),
    /// A cell of a held row, with what an empty one means.
    Held(Held, usize, Option<&'static str>),
    /// When a question was first answered by somebody else.
    AnsweredAt,
    /// The role of whoever did.
    AnsweredByRole,
    /// Days from the group's creation to the end of the period.
    AgeDays,
    /// Days from joining to leaving, or to the end of the period.
    DaysInGroup,
    /// Another measure.
    Measure(ReadId),
    /// A name that the schema lost since it was checked: NULL.
    Nothing,
}

/// An expression with the ways to its values.
#[derive(Debug)]
pub(super) struct BoundFormula {
    pub expr: Expr,
    pub home: Home,
    pub access: Vec<Access>,
    /// Columns without which nothing can be said.
    pub columns: BTreeSet<(Table, String)>,
    /// Measures without which nothing can be said.
    pub measures: BTreeSet<Needed>,
    /// Whether it reads an answer, known only at the end of the table.
    pub deferred: bool,
}

/// What is hashed into a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyPart {
    Member,
    Day,
    Formula(Bound),
}

/// A measure in the plan.
#[derive(Debug)]
pub(super) struct Planned {
    pub id: String,
    pub table: Option<Table>,
    pub shape: Shape,
    pub streak: bool,
    pub whole: bool,
    pub filter: Option<Bound>,
    pub argument: Option<Bound>,
    pub keys: Vec<KeyPart>,
    pub on: Option<String>,
    pub at: Option<At>,
    pub absent: Option<Absent>,
    pub parts: Vec<MeasureId>,
    pub with: CombineWith,
    pub fallback: Option<MeasureId>,
    /// Whether days must be kept at member grain, for funnels.
    pub step: bool,
    /// Whether people are told how many rows it matched.
    pub told: bool,
}

/// A measure split by a text.
#[derive(Debug)]
pub(super) struct PlannedBreakdown {
    pub measure: MeasureId,
    pub by: Bound,
    /// The same split of the members behind its rows, where they are streamed.
    pub persons: Option<BreakdownId>,
}

/// All that is to be measured.
#[derive(Debug, Default)]
pub struct Plan {
    pub(super) attributes: BTreeMap<Table, Vec<(String, ColumnType)>>,
    pub(super) formulas: Vec<BoundFormula>,
    formula_keys: BTreeMap<String, Bound>,
    pub(super) measures: Vec<Planned>,
    measure_keys: BTreeMap<String, MeasureId>,
    pub(super) reads: Vec<PlannedRead>,
    read_keys: BTreeMap<(MeasureId, Grain, Window, bool), ReadId>,
    pub(super) breakdowns: Vec<PlannedBreakdown>,
    /// Whether posts are shown to people, by their titles.
    pub(super) shows_posts: bool,
}

/// What an empty cell of a column means.
fn default_of(table: Table, column: &str) -> Option<&'static str> {
    match (table, column) {
        (Table::Members, "role") => Some("member"),
        (Table::Messages, "kind") => Some("text"),
        _ => None,
    }
}

impl Plan {
    /// An empty plan over the extra columns that any of these playbooks declares.
    #[must_use]
    pub fn new<'a>(playbooks: impl IntoIterator<Item = &'a Playbook>) -> Self {
        let mut all: BTreeMap<Table, BTreeMap<String, ColumnType>> = BTreeMap::new();
        for playbook in playbooks {
            for (table, columns) in &playbook.attributes {
                all.entry(*table).or_default().extend(columns.iter().map(|(n, t)| (n.clone(), *t)));
            }
        }
        let attributes = all.into_iter().map(|(t, columns)| (t, columns.into_iter().collect())).collect();
        Self { attributes, ..Self::default() }
    }

    /// The extra columns of a table.
    #[must_use]
    pub fn attributes(&self, table: Table) -> Vec<(String, ColumnType)> {
        self.attributes.get(&table).cloned().unwrap_or_default()
    }

    /// Binds an expression of a playbook.
    pub fn bind(&mut self, playbook: &Playbook, formula: &Formula, home: Home) -> Bound {
        let access: Vec<Access> = formula.refs.iter().map(|r| self.access(playbook, r, home)).collect();
        let key = format!("{home:?}|{}|{access:?}", formula.text);
        if let Some(bound) = self.formula_keys.get(&key) {
            return *bound;
        }
        let strict = formula.expr.strict_columns();
        let columns = formula
            .refs
            .iter()
            .enumerate()
            .filter_map(|(slot, r)| match r {
                Reference::Column { entity, name } => Some((slot, entity.table(), name)),
                Reference::Measure { .. } => None,
            })
            .flat_map(|(slot, table, name)| needed_columns(table, name, strict.contains(&slot)))
            .collect();
        let measures = access
            .iter()
            .filter_map(|a| match a {
                Access::Measure(read) => self.reads.get(read.0).map(PlannedRead::needed),
                _ => None,
            })
            .collect();
        let deferred = access.iter().any(|a| matches!(a, Access::AnsweredAt | Access::AnsweredByRole));
        let bound = Bound(self.formulas.len());
        self.formulas.push(BoundFormula { expr: formula.expr.clone(), home, access, columns, measures, deferred });
        self.formula_keys.insert(key, bound);
        bound
    }

    fn access(&mut self, playbook: &Playbook, reference: &Reference, home: Home) -> Access {
        match reference {
            Reference::Measure { grain, id, window } => {
                self.read(playbook, id, *grain, window.clone()).map_or(Access::Nothing, Access::Measure)
            }
            Reference::Column { entity, name } => self.column_access(*entity, name, home),
        }
    }

    fn column_access(&self, entity: Entity, name: &str, home: Home) -> Access {
        let table = entity.table();
        match (table, name) {
            (Table::Messages, "answered_at") => return Access::AnsweredAt,
            (Table::Messages, "answered_by_role") => return Access::AnsweredByRole,
            (Table::Groups, "age_days") => return Access::AgeDays,
            (Table::Members, "days_in_group") => return Access::DaysInGroup,
            _ => {}
        }
        let Some(slot) = self.column_slot(table, name) else { return Access::Nothing };
        let default = default_of(table, name);
        let held = match entity {
            Entity::Group => Held::Group,
            Entity::Member => Held::Member,
            Entity::Post => Held::Post,
            Entity::Product => Held::Product,
            Entity::Row(Table::Groups) => Held::Group,
            Entity::Row(Table::Members) => Held::Member,
            Entity::Row(Table::Posts) => Held::Post,
            Entity::Row(Table::Products) => Held::Product,
            Entity::Row(row) if home == Home::Row(row) => return Access::Cell(slot, default),
            Entity::Row(_) => return Access::Nothing,
        };
        Access::Held(held, slot, default)
    }

    /// The position of a column among the schema's and the extra ones.
    pub(super) fn column_slot(&self, table: Table, name: &str) -> Option<usize> {
        let schema = table.columns();
        schema.iter().position(|c| c.name == name).or_else(|| {
            let extra = self.attributes.get(&table)?;
            extra.iter().position(|(n, _)| n == name).map(|i| schema.len() + i)
        })
    }

    /// Plans to read a measure of a playbook; `None` if it has no such measure.
    pub fn read(&mut self, playbook: &Playbook, id: &str, grain: Grain, window: Window) -> Option<ReadId> {
        let measure = self.measure(playbook, id)?;
        Some(self.want(measure, grain, &window, false))
    }

    /// As [`Plan::read`], for the last period alone: what it costs does not grow with the periods.
    pub fn read_latest(&mut self, playbook: &Playbook, id: &str, grain: Grain, window: Window) -> Option<ReadId> {
        let measure = self.measure(playbook, id)?;
        Some(self.want(measure, grain, &window, true))
    }

    /// Plans to know on which days members did what a measure counts.
    pub fn step(&mut self, playbook: &Playbook, id: &str) -> Option<ReadId> {
        let grain = match playbook.measures.get(id)?.table {
            Some(Table::Members) => Grain::Group,
            _ => Grain::Member,
        };
        let read = self.read(playbook, id, grain, Window::Period)?;
        let measure = self.reads.get(read.0)?.measure;
        self.measures.get_mut(measure.0)?.step = true;
        Some(read)
    }

    /// Plans a breakdown; `None` if its measure cannot be split.
    pub fn breakdown(&mut self, playbook: &Playbook, breakdown: &Breakdown) -> Option<BreakdownId> {
        let measure = self.measure(playbook, &breakdown.measure.value)?;
        let table = self.measures.get(measure.0)?.table?;
        let by = self.bind(playbook, &breakdown.by, Home::Row(table));
        let persons = self.persons(measure).map(|persons| self.split(persons, by));
        let id = self.split(measure, by);
        if let Some(planned) = self.breakdowns.get_mut(id.0) {
            planned.persons = persons;
        }
        Some(id)
    }

    /// A measure split by a text, planned once.
    fn split(&mut self, measure: MeasureId, by: Bound) -> BreakdownId {
        self.want(measure, Grain::Group, &Window::Period, false);
        let known = self.breakdowns.iter().position(|b| b.measure == measure && b.by == by);
        BreakdownId(known.unwrap_or_else(|| {
            self.breakdowns.push(PlannedBreakdown { measure, by, persons: None });
            self.breakdowns.len() - 1
        }))
    }

    fn want(&mut self, measure: MeasureId, grain: Grain, window: &Window, latest: bool) -> ReadId {
        let key = (measure, grain, window.clone(), latest);
        if let Some(known) = self.read_keys.get(&key) {
            return *known;
        }
        let planned = self.measures.get(measure.0);
        let parts = planned.map(|p| p.parts.clone()).unwrap_or_default();
        let fallback = planned.and_then(|p| p.fallback);
        let parts = parts.into_iter().map(|part| self.want(part, grain, window, latest)).collect();
        let fallback = fallback.filter(|_| grain == Grain::Group).map(|f| self.want(f, grain, window, latest));
        let id = ReadId(self.reads.len());
        self.reads.push(PlannedRead { measure, grain, window: window.clone(), latest, parts, fallback });
        self.read_keys.insert(key, id);
        id
    }

    fn measure(&mut self, playbook: &Playbook, id: &str) -> Option<MeasureId> {
        let declared = playbook.measures.get(id)?;
        let key = signature(playbook, id);
        if let Some(known) = self.measure_keys.get(&key) {
            return Some(*known);
        }
        let planned = self.plan_measure(playbook, declared)?;
        Some(self.add_once(key, planned))
    }

    /// Adds a measure unless one of this key is there.
    pub(super) fn add_once(&mut self, key: String, planned: Planned) -> MeasureId {
        if let Some(known) = self.measure_keys.get(&key) {
            return *known;
        }
        let number = MeasureId(self.measures.len());
        self.measures.push(planned);
        self.measure_keys.insert(key, number);
        number
    }

    fn plan_measure(&mut self, playbook: &Playbook, declared: &Measure) -> Option<Planned> {
        let mut planned = Planned {
            id: declared.id.clone(),
            table: declared.table,
            shape: Shape::Rows,
            streak: false,
            whole: declared.ty == Type::Int,
            filter: None,
            argument: None,
            keys: Vec::new(),
            on: declared.on.clone().or_else(|| declared.table.and_then(Table::time).map(str::to_owned)),
            at: declared.at,
            absent: declared.absent,
            parts: Vec::new(),
            with: CombineWith::Sum,
            fallback: None,
            step: false,
            told: false,
        };
        if let Aggregate::Combine { parts, with } = &declared.aggregate {
            planned.with = *with;
            for part in parts {
                planned.parts.push(self.measure(playbook, &part.value)?);
            }
            return Some(planned);
        }
        let home = Home::Row(declared.table?);
        planned.filter = declared.filter.as_ref().map(|f| self.bind(playbook, f, home));
        self.plan_aggregate(playbook, &declared.aggregate, home, &mut planned);
        if let Some(fallback) = &declared.fallback {
            let substitute = Measure {
                id: format!("{} (daily)", declared.id),
                table: Some(fallback.table),
                aggregate: fallback.aggregate.clone(),
                filter: None,
                on: None,
                at: None,
                fallback: None,
                absent: None,
                ..declared.clone()
            };
            let key = format!("fallback of {}", signature(playbook, &declared.id));
            let known = self.measure_keys.get(&key).copied();
            planned.fallback = if known.is_some() {
                known
            } else {
                let substitute = self.plan_measure(playbook, &substitute)?;
                Some(self.add_once(key, substitute))
            };
        }
        Some(planned)
    }

    fn plan_aggregate(&mut self, playbook: &Playbook, aggregate: &Aggregate, home: Home, planned: &mut Planned) {
        let (shape, argument) = match aggregate {
            Aggregate::Count | Aggregate::Combine { .. } => (Shape::Rows, None),
            Aggregate::Streak => {
                planned.streak = true;
                (Shape::Days, None)
            }
            Aggregate::CountDistinct(keys) => {
                planned.keys = keys
                    .iter()
                    .map(|k| match k {
                        DistinctKey::Member => KeyPart::Member,
                        DistinctKey::Day => KeyPart::Day,
                        DistinctKey::Formula(f) => KeyPart::Formula(self.bind(playbook, f, home)),
                    })
                    .collect();
                let shape = match planned.keys.as_slice() {
                    [KeyPart::Member] => Shape::Members,
                    [KeyPart::Day] => Shape::Days,
                    _ => Shape::Keys,
                };
                (shape, None)
            }
            Aggregate::Sum(f) => (Shape::Sum, Some(f)),
            Aggregate::Avg(f) => (Shape::Moments, Some(f)),
            Aggregate::Min(f) => (Shape::Least, Some(f)),
            Aggregate::Max(f) => (Shape::Most, Some(f)),
            Aggregate::Median(f) => (Shape::Numbers, Some(f)),
        };
        planned.shape = shape;
        planned.argument = argument.map(|f| self.bind(playbook, f, home));
    }

    pub(super) fn formula(&self, bound: Bound) -> Option<&BoundFormula> {
        self.formulas.get(bound.0)
    }

    /// The cell of a streamed row that an expression merely names.
    pub(super) fn bare_cell(&self, formula: &BoundFormula) -> Option<usize> {
        match formula.access.get(formula.expr.bare_column()?)? {
            Access::Cell(slot, None) => Some(*slot),
            _ => None,
        }
    }

    pub(super) fn planned_read(&self, read: ReadId) -> Option<&PlannedRead> {
        self.reads.get(read.0)
    }

    pub(super) fn planned(&self, measure: MeasureId) -> Option<&Planned> {
        self.measures.get(measure.0)
    }

    /// The bound expressions that a measure evaluates on its rows.
    pub(super) fn formulas_of(&self, planned: &Planned) -> Vec<Bound> {
        let keys = planned.keys.iter().filter_map(|k| match k {
            KeyPart::Formula(b) => Some(*b),
            _ => None,
        });
        planned.filter.into_iter().chain(planned.argument).chain(keys).collect()
    }

    /// Distinct measures planned.
    #[must_use]
    pub fn len(&self) -> usize {
        self.measures.len()
    }

    /// Whether nothing is planned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.measures.is_empty()
    }
}

/// The columns of the files on which a column hangs; none where an absent one may be taken as empty.
fn needed_columns(table: Table, name: &str, strict: bool) -> Vec<(Table, String)> {
    let base = match (table, name) {
        // Without reply links every question would look unanswered.
        (Table::Messages, "answered_at" | "answered_by_role") => "reply_to",
        (Table::Posts, "is_new_product") => "product_id",
        (Table::Groups, "age_days") => "created_on",
        (Table::Members, "days_in_group") => "joined_at",
        (Table::Members, "attributes") => return Vec::new(),
        _ if !strict || default_of(table, name).is_some() => return Vec::new(),
        _ => name,
    };
    vec![(table, base.to_owned())]
}
