//! Rankings: the posts, products or members with most of a measure.

use super::super::accumulate::Shape;
use super::super::plan::ReadId;
use super::dialect::{Dialect, literal_text};
use super::followed::{Followed, shared};
use super::script::Script;
use super::stages::{followers, union};
use crate::expr::Type;
use crate::playbook::Grain;

pub(super) const COLUMNS: [&str; 7] = ["group_id", "period", "ranking", "place", "id", "value", "known"];

/// How a number is written into a column that different measures share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Written {
    /// Without loss.
    Exact,
    Float,
    /// A moment, in seconds since 1970.
    Time,
}

impl Written {
    fn sql(self, number: &str, dialect: Dialect) -> String {
        match self {
            Self::Exact => format!("cast({number} as {})", dialect.sum_type()),
            Self::Float => format!("cast({number} as float8)"),
            Self::Time => format!("cast(extract(epoch from {number}) as float8)"),
        }
    }
}

impl Script<'_> {
    /// A row for each place; one without a place where there is nothing to rank, or nothing is known.
    pub(super) fn rankings(&mut self, facts: &str, followed: &[Followed]) {
        if self.reads(Grain::Product).next().is_some() {
            self.products_judged(facts);
        }
        let mut rows = Vec::new();
        for (number, (ranking, by)) in shared(followed, |f| &f.rankings).into_iter().enumerate() {
            let name = format!("ranking {number}");
            let nowhen = "cast(null as timestamptz)";
            let (alias, from, id, moment) = match ranking.grain {
                Grain::Post => ("pf", "post_facts", "post", "pf.\"post.sent_at\""),
                Grain::Product => ("df", "products judged", "product", nowhen),
                Grain::Member | Grain::Group => ("mf", "member_facts", "member", nowhen),
            };
            let value = self.entity_value(ranking.by, alias);
            let written = self.written_number(ranking.by, "\"number\"");
            // Rounding may make equal what is not.
            let number = if self.written(ranking.by) == Written::Exact { "\"number\"" } else { "\"value\"" };
            let sql = format!(
                "select *, row_number() over (partition by \"group\", \"period\" order by {number} desc, \"moment\", \"id\"{}) as \"place\"\nfrom (\n  \
                 select *, {written} as \"value\" from (\n  select {alias}.\"group\", {alias}.\"period\", {alias}.\"{id}\" as \"id\", {moment} as \"moment\", {value} as \"number\"\n  from \"{from}\" {alias}\n) counted\n) valued where {number} > 0",
                self.printer.dialect.by_code_point()
            );
            let known =
                self.plan.planned_read(ranking.by).map_or("false".to_owned(), |r| self.known_column(r.needed()));
            self.cte(&name, sql);
            rows.push(format!(
                "select gf.\"group\" as \"group_id\", p.\"name\" as \"period\", {} as \"ranking\", n.\"place\", n.\"id\", n.\"value\", {known} as \"known\"\n\
                 from {}\n  left join \"{name}\" n on n.\"group\" = gf.\"group\" and n.\"period\" = gf.\"period\" and n.\"place\" <= {} and ({known})\nwhere {}",
                literal_text(&ranking.id),
                self.judged("known"),
                ranking.top,
                followers(&by)
            ));
        }
        self.cte("rankings", union(&rows, &COLUMNS));
    }

    /// How a read's numbers are written.
    pub(super) fn written(&self, read: ReadId) -> Written {
        let Some(planned_read) = self.plan.planned_read(read) else { return Written::Exact };
        if let Some(most) = planned_read.parts.iter().map(|p| self.written(*p)).max() {
            return most;
        }
        let Some(planned) = self.plan.planned(planned_read.measure) else { return Written::Exact };
        let argument = planned.argument.and_then(|a| self.plan.formula(a)).map(|f| f.expr.ty());
        match (planned.shape, argument) {
            (Shape::Moments | Shape::Numbers, _) => Written::Float,
            (Shape::Least | Shape::Most, Some(Type::Time)) => Written::Time,
            (Shape::Sum | Shape::Least | Shape::Most, Some(Type::Float)) => Written::Float,
            _ => Written::Exact,
        }
    }

    /// A number of this read for a column that different measures share.
    pub(super) fn written_number(&self, read: ReadId, number: &str) -> String {
        self.written(read).sql(number, self.printer.dialect)
    }
}
