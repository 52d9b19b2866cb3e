//! Breakdowns: a measure split by a text, with the shares and which of them a build withholds.

use super::super::accumulate::Shape;
use super::super::needed::Needed;
use super::super::plan::{MeasureId, Planned, PlannedBreakdown, ReadId};
use super::dialect::literal_text;
use super::followed::{Followed, Split, shared};
use super::script::Script;
use super::stages::{followers, union};
use crate::expr::Window;
use crate::playbook::Grain;
use crate::schema::Table;
use std::collections::BTreeSet;

pub(super) const COLUMNS: [&str; 10] =
    ["group_id", "period", "breakdown", "place", "text", "number", "share", "persons", "withheld", "known"];

/// Who works in a group; a cell of staff alone singles nobody out.
const CREW: &str = "mf.\"member.role\" in ('host', 'staff', 'bot')";

impl Script<'_> {
    /// The texts by which breakdowns split the rows of a stream, by number of the breakdown.
    pub(super) fn split_columns(&self, table: Table, on: &str) -> Vec<String> {
        // The members behind a split measure are counted on its own rows.
        let persons: BTreeSet<usize> = self.plan.breakdowns.iter().filter_map(|b| b.persons).map(|b| b.0).collect();
        let splits = self.plan.breakdowns.iter().enumerate().filter(|(number, split)| {
            let planned = self.plan.planned(split.measure);
            let here = planned.is_some_and(|p| p.table == Some(table) && p.on.as_deref().unwrap_or_default() == on);
            here && !persons.contains(number)
        });
        splits
            .map(|(number, split)| {
                let text = self.plan.formula(split.by).map_or("null".to_owned(), |by| self.on_row(by, table));
                format!("cast({text} as text) as b{number}")
            })
            .collect()
    }

    /// A row for each text; one without a place where there are none, or nothing is known. A build withholds cells of
    /// 1 to `min_cell - 1` persons, and with them further ones, smallest first, until two are withheld and at
    /// least `min_cell` persons stand behind them together.
    pub(super) fn breakdowns(&mut self, facts: &str, followed: &[Followed], min_cell: u64) {
        let mut rows = Vec::new();
        for (number, (split, by)) in shared(followed, |f| &f.breakdowns).into_iter().enumerate() {
            let Some(planned_split) = self.plan.breakdowns.get(split.of.0) else { continue };
            let Some(planned) = self.plan.planned(planned_split.measure) else { continue };
            let Some(read) = self.total_of(planned_split.measure) else { continue };
            let sql = match self.rows_and_spans(planned_split.measure) {
                Some(stream) => self.split_stream(split, planned_split, planned, stream),
                None => self.split_held(planned_split, planned, read, facts),
            };
            let known = match self.plan.formula(planned_split.by) {
                Some(by) => format!(
                    "{} and {}",
                    self.known_column(Needed { measure: planned_split.measure, whole: true }),
                    self.formula_known(by)
                ),
                None => "false".to_owned(),
            };
            let number_sql = self.written_number(read, "n.\"number\"");
            let name = format!("breakdown {number}");
            let sql = self.withheld(&sql, min_cell);
            self.cte(&name, sql);
            rows.push(format!(
                "select gf.\"group\" as \"group_id\", p.\"name\" as \"period\", {} as \"breakdown\", n.\"place\", n.\"text\", {number_sql} as \"number\",\n  \
                 n.\"share\", n.\"persons\", n.\"withheld\", {known} as \"known\"\n\
                 from {}\n  left join \"{name}\" n on n.\"group\" = gf.\"group\" and n.\"period\" = gf.\"period\" and ({known})\nwhere {}",
                literal_text(&split.id),
                self.judged("known"),
                followers(&by)
            ));
        }
        self.cte("breakdowns", union(&rows, &COLUMNS));
    }

    /// The read of a measure of the group in the report's period.
    fn total_of(&self, measure: MeasureId) -> Option<ReadId> {
        let fits = |r: &super::super::plan::PlannedRead| {
            r.measure == measure && r.grain == Grain::Group && r.window == Window::Period
        };
        self.plan.reads.iter().position(fits).map(ReadId)
    }

    /// A measure over streamed rows, split.
    fn split_stream(
        &self,
        split: &Split,
        planned_split: &PlannedBreakdown,
        planned: &Planned,
        (rows, spans, flag): (String, String, String),
    ) -> String {
        let MeasureId(id) = planned_split.measure;
        let number = match planned.shape {
            Shape::Sum if planned.whole => format!("cast(sum(r.a{id}) as bigint)"),
            Shape::Sum => format!("sum({})", self.exact(planned, &format!("r.a{id}"))),
            _ => "count(*)".to_owned(),
        };
        let persons = match planned_split.persons {
            Some(_) => "count(distinct r.\"member\")",
            None => "cast(null as bigint)",
        };
        format!(
            "select * from (\n  select r.\"group\", s.\"period\", r.b{} as \"text\", {number} as \"number\", {persons} as \"persons\"\n  \
             from {rows} r join {spans} s on s.\"bucket\" = r.\"bucket\"\n  where r.f{id} and s.{flag}\n  group by r.\"group\", s.\"period\", r.b{}\n) counted where \"number\" <> 0",
            split.of.0, split.of.0
        )
    }

    /// A measure over held rows, split.
    fn split_held(&self, planned_split: &PlannedBreakdown, planned: &Planned, read: ReadId, facts: &str) -> String {
        let table = planned.table.unwrap_or(Table::Groups);
        let text = self.plan.formula(planned_split.by).map_or("null".to_owned(), |by| self.on_entity(by));
        let filter = self.plan.planned_read(read).map_or("false".to_owned(), |r| self.held_filter(r, planned));
        let argument = planned.argument.and_then(|a| self.plan.formula(a)).map(|a| self.on_entity(a));
        let brings = argument.as_ref().map_or(String::new(), |a| format!(" and {a} is not null"));
        let brought = argument.map_or("1".to_owned(), |a| self.exact(planned, &a));
        let number = match planned.shape {
            Shape::Sum if planned.whole => "cast(sum(\"brought\") as bigint)",
            Shape::Sum => "sum(\"brought\")",
            _ => "count(*)",
        };
        let (person, persons) = match table {
            Table::Members => (format!("case when not ({CREW}) then mf.\"member\" end"), "count(distinct \"person\")"),
            _ => ("null".to_owned(), "cast(null as bigint)"),
        };
        format!(
            "select \"group\", \"period\", \"text\", {number} as \"number\", {persons} as \"persons\" from (\n  \
             select gf.\"group\", gf.\"period\", cast({text} as text) as \"text\", {brought} as \"brought\", {person} as \"person\"\n  \
             from {}\n  where ({filter}){brings}\n) rows group by \"group\", \"period\", \"text\"",
            self.held_from(table, facts),
        )
    }

    /// The split values in order, each with its share and whether a build withholds it.
    fn withheld(&self, split: &str, min_cell: u64) -> String {
        let of = "partition by \"group\", \"period\"";
        let (small, large) = (
            format!("\"persons\" between 1 and {}", min_cell.saturating_sub(1)),
            format!("\"persons\" >= {}", min_cell.max(1)),
        );
        let before = format!("({of} order by \"persons\", \"place\" rows between unbounded preceding and 1 preceding)");
        format!(
            "select \"group\", \"period\", \"place\", \"text\", \"number\", \"share\", \"persons\",\n  \
             coalesce({small} or ({large} and \"small cells\" > 0\n    \
             and not (\"small cells\" + \"cells before\" >= 2 and \"small persons\" + \"persons before\" >= {min_cell})), false) as \"withheld\"\n\
             from (\n  select *,\n    \
             count(*) filter (where {small}) over ({of}) as \"small cells\", coalesce(sum(\"persons\") filter (where {small}) over ({of}), 0) as \"small persons\",\n    \
             count(*) filter (where {large}) over {before} as \"cells before\", coalesce(sum(\"persons\") filter (where {large}) over {before}, 0) as \"persons before\"\n  \
             from (\n  select *, row_number() over ({of} order by \"number\" desc, \"text\"{} nulls first) as \"place\",\n    \
             case when sum(\"number\") over ({of}) > 0 then cast(\"number\" as float8) / cast(sum(\"number\") over ({of}) as float8) end as \"share\"\n  \
             from (\n{split}\n) split ) placed ) told",
            self.printer.dialect.by_code_point()
        )
    }
}
