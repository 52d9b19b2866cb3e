//! The text under construction: common table expressions in order, and what all of them need to know.

use super::super::cuts::interval;
use super::super::plan::{Access, BoundFormula, Held, MeasureId, Plan, PlannedRead, ReadId};
use super::dialect::{Dialect, literal_text, quoted};
use super::expression::{Names, Printer};
use crate::calendar::{Instant, Period, Zone};
use crate::config::{Absent as TableAbsent, Attribution};
use crate::data::Layout;
use crate::expr::{Clock, Window};
use crate::playbook::Grain;
use crate::schema::Table;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Columns that the drop has, by table; absent for a table without files.
pub(super) type Present = BTreeMap<Table, BTreeSet<String>>;

/// A plan on its way to SQL.
pub(super) struct Script<'a> {
    pub plan: &'a Plan,
    pub printer: Printer,
    pub clocks: &'a [Clock],
    pub periods: &'a [Period],
    pub until: Instant,
    pub attribution: Attribution,
    pub present: Present,
    pub table_absent: BTreeMap<Table, TableAbsent>,
    pub names: Vec<String>,
    /// Windows whose bounds the periods must tell.
    windows: RefCell<BTreeSet<Window>>,
    parts: Vec<(String, String)>,
}

/// The name of a window's bounds among the columns of the periods.
fn bound_names(window: &Window) -> (String, String) {
    (quoted(&format!("{window} from")), quoted(&format!("{window} until")))
}

impl<'a> Script<'a> {
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        plan: &'a Plan,
        dialect: Dialect,
        clocks: &'a [Clock],
        periods: &'a [Period],
        until: Instant,
        attribution: Attribution,
        present: Present,
        table_absent: BTreeMap<Table, TableAbsent>,
    ) -> Self {
        let zone = clocks.last().map_or(Zone::new(chrono_tz::Tz::UTC), |c| c.zone);
        Self {
            plan,
            printer: Printer { dialect, zone },
            clocks,
            periods,
            until,
            attribution,
            present,
            table_absent,
            names: plan.read_names(),
            windows: RefCell::default(),
            parts: Vec::new(),
        }
    }

    pub fn zone(&self) -> Zone {
        self.printer.zone
    }

    pub fn layout(&self, table: Table) -> Layout {
        Layout { table, attributes: self.plan.attributes(table) }
    }

    /// The last instant that counts, as a literal.
    pub fn as_of(&self) -> String {
        self.printer.dialect.instant(self.until, &self.zone())
    }

    pub fn cte(&mut self, name: &str, sql: String) {
        self.parts.push((name.to_owned(), sql));
    }

    /// The quoted column of a read.
    pub fn column(&self, read: ReadId) -> String {
        quoted(self.names.get(read.0).map_or("", String::as_str))
    }

    /// The name of a column of a table.
    pub fn column_name(&self, table: Table, slot: usize) -> String {
        self.layout(table).slots().nth(slot).map_or_else(String::new, |(name, _)| quoted(name))
    }

    /// All reads of a grain.
    pub fn reads(&self, grain: Grain) -> impl Iterator<Item = (ReadId, &'a PlannedRead)> {
        self.plan.reads.iter().enumerate().filter(move |(_, r)| r.grain == grain).map(|(i, r)| (ReadId(i), r))
    }

    /// Bounds of a window in the period at hand.
    pub fn bounds(&self, window: &Window) -> (Option<String>, String) {
        self.windows.borrow_mut().insert(window.clone());
        let (from, until) = bound_names(window);
        let open = matches!(window, Window::Lifetime | Window::After { .. });
        ((!open).then(|| format!("p.{from}")), format!("p.{until}"))
    }

    /// The periods with the bounds of every window that was asked for, as literals.
    fn periods_sql(&self) -> (String, String) {
        let windows = self.windows.borrow();
        let mut columns =
            vec!["\"period\"".to_owned(), "\"name\"".to_owned(), "\"end\"".to_owned(), "\"end day\"".to_owned()];
        for window in windows.iter() {
            let (from, until) = bound_names(window);
            columns.extend([from, until]);
        }
        let mut rows = Vec::new();
        for (number, (clock, period)) in self.clocks.iter().zip(self.periods).enumerate() {
            let instant = |t: Instant| match t {
                Instant::MIN => "cast(null as timestamptz)".to_owned(),
                t => self.printer.dialect.instant(t, &self.zone()),
            };
            let mut row = vec![
                number.to_string(),
                literal_text(&period.to_string()),
                instant(clock.window.end),
                format!("date '{}'", period.end),
            ];
            for window in windows.iter() {
                let bounds = interval(window, clock);
                row.extend([instant(bounds.start), instant(bounds.end)]);
            }
            rows.push(format!("  ({})", row.join(", ")));
        }
        (format!("periods({})", columns.join(", ")), format!("values\n{}", rows.join(",\n")))
    }

    /// The query: all parts, then a choice from the last ones.
    pub fn finish(self, choice: &str) -> String {
        let (periods, values) = self.periods_sql();
        let mut sql = format!("with {periods} as (\n{values}\n)");
        for (name, part) in &self.parts {
            sql.push_str(&format!(",\n{} as (\n{part}\n)", quoted(name)));
        }
        format!("{sql}\n{choice};\n")
    }

    /// An expression on a counted row.
    pub fn on_row(&self, formula: &BoundFormula, table: Table) -> String {
        self.printer.print(&formula.expr, &RowNames { script: self, formula, table })
    }

    /// An expression on an entity in a period.
    pub fn on_entity(&self, formula: &BoundFormula) -> String {
        self.printer.print(&formula.expr, &EntityNames { script: self, formula })
    }

    /// The value of a read of the group, from the facts `gf`.
    pub fn group_value(&self, read: ReadId) -> String {
        let column = format!("gf.{}", self.column(read));
        let Some(planned_read) = self.plan.planned_read(read) else { return "null".to_owned() };
        if !planned_read.parts.is_empty() {
            let parts = planned_read.parts.iter().map(|p| self.group_value(*p)).collect();
            return self.combined(planned_read, parts);
        }
        match planned_read.fallback {
            Some(fallback) => {
                let MeasureId(measure) = planned_read.measure;
                let fallback = self.group_value(fallback);
                // Daily totals have no exact type in common with counts.
                format!(
                    "case when gf.\"known {measure}\" then cast({column} as float8) else cast({fallback} as float8) end"
                )
            }
            None => column,
        }
    }

    /// The value of a read of a single entity, from the facts of its grain.
    pub fn entity_value(&self, read: ReadId, alias: &str) -> String {
        let Some(planned_read) = self.plan.planned_read(read) else { return "null".to_owned() };
        if planned_read.parts.is_empty() {
            return format!("{alias}.{}", self.column(read));
        }
        let parts = planned_read.parts.iter().map(|p| self.entity_value(*p, alias)).collect();
        self.combined(planned_read, parts)
    }

    fn combined(&self, read: &PlannedRead, parts: Vec<String>) -> String {
        use crate::playbook::CombineWith;
        let with = self.plan.planned(read.measure).map_or(CombineWith::Sum, |p| p.with);
        match (with, parts.as_slice()) {
            (_, [one]) => one.clone(),
            (CombineWith::Max, _) => format!("greatest({})", parts.join(", ")),
            (CombineWith::Min, _) => format!("least({})", parts.join(", ")),
            (CombineWith::Sum, _) => {
                let sum: Vec<String> = parts.iter().map(|p| format!("coalesce({p}, 0)")).collect();
                format!("case when coalesce({}) is not null then {} end", parts.join(", "), sum.join(" + "))
            }
        }
    }

    /// The columns of a held row, to stand beside its facts: `member.role`, `post.sent_at`.
    pub fn own_columns(&self, grain: Grain, alias: &str) -> Vec<String> {
        let table = if grain == Grain::Post { Table::Posts } else { Table::Members };
        let there = |name: &str| {
            let worked_out = matches!((table, name), (Table::Members, "attributes") | (Table::Posts, "is_new_product"));
            worked_out || table.column(name).is_none_or(|c| !c.derived)
        };
        let own = |name| format!("{alias}.{} as {}", quoted(name), quoted(&format!("{}.{name}", grain.name())));
        self.layout(table).slots().filter(|(name, _)| there(name)).map(|(name, _)| own(name)).collect()
    }

    /// A column of a row beside its facts.
    fn own_column(&self, held: Held, slot: usize) -> String {
        let (alias, grain, table) = match held {
            Held::Member => ("mf", Grain::Member, Table::Members),
            Held::Post => ("pf", Grain::Post, Table::Posts),
            Held::Group | Held::Product => return self.held(held, slot),
        };
        let name = self.layout(table).slots().nth(slot).map_or_else(String::new, |(name, _)| name.to_owned());
        format!("{alias}.{}", quoted(&format!("{}.{name}", grain.name())))
    }

    fn held(&self, held: Held, slot: usize) -> String {
        let (alias, table) = match held {
            Held::Group => ("g", Table::Groups),
            Held::Member => ("m", Table::Members),
            Held::Post => ("o", Table::Posts),
            Held::Product => ("d", Table::Products),
        };
        format!("{alias}.{}", self.column_name(table, slot))
    }
}

struct RowNames<'s, 'a> {
    script: &'s Script<'a>,
    formula: &'s BoundFormula,
    table: Table,
}

impl Names for RowNames<'_, '_> {
    fn slot(&self, slot: usize) -> String {
        match self.formula.access.get(slot) {
            Some(Access::Cell(cell, _)) => format!("r.{}", self.script.column_name(self.table, *cell)),
            Some(Access::Held(held, column, _)) => self.script.held(*held, *column),
            Some(Access::AnsweredAt) => "a.\"answered_at\"".to_owned(),
            Some(Access::AnsweredByRole) => "a.\"answered_by_role\"".to_owned(),
            _ => "null".to_owned(),
        }
    }

    fn bounds(&self, _: &Window) -> (Option<String>, String) {
        (None, "null".to_owned())
    }

    fn end(&self) -> (String, String) {
        ("null".to_owned(), "null".to_owned())
    }
}

struct EntityNames<'s, 'a> {
    script: &'s Script<'a>,
    formula: &'s BoundFormula,
}

impl Names for EntityNames<'_, '_> {
    fn slot(&self, slot: usize) -> String {
        let script = self.script;
        match self.formula.access.get(slot) {
            Some(Access::Held(held, column, _)) => script.own_column(*held, *column),
            Some(Access::AgeDays) => format!("(p.\"end day\" - {})", script.printer.day("g.\"created_on\"")),
            Some(Access::DaysInGroup) => {
                let last = script.printer.day("least(mf.\"member.left_at\", p.\"end\")");
                format!("({last} - {})", script.printer.day("mf.\"member.joined_at\""))
            }
            Some(Access::Measure(read)) => match script.plan.planned_read(*read).map(|r| r.grain) {
                Some(Grain::Group) => script.group_value(*read),
                Some(Grain::Member) => script.entity_value(*read, "mf"),
                Some(Grain::Post) => script.entity_value(*read, "pf"),
                Some(Grain::Product) => script.entity_value(*read, "df"),
                None => "null".to_owned(),
            },
            _ => "null".to_owned(),
        }
    }

    fn bounds(&self, window: &Window) -> (Option<String>, String) {
        self.script.bounds(window)
    }

    fn end(&self) -> (String, String) {
        ("p.\"end\"".to_owned(), "p.\"end day\"".to_owned())
    }
}
