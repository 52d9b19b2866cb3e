//! The facts of members and groups: values of streamed rows joined to every entity and period, then measures
//! over held rows, each after those it reads.

use super::super::accumulate::Shape;
use super::super::plan::{Access, KeyPart, MeasureId, Planned, PlannedRead, ReadId};
use super::dialect::quoted;
use super::script::Script;
use super::streams::{Piece, keys};
use crate::expr::Type;
use crate::playbook::{At, Grain};
use crate::schema::Table;
use std::collections::{BTreeMap, BTreeSet};

fn is_held(planned: &Planned) -> bool {
    matches!(planned.table, Some(Table::Groups | Table::Members | Table::Posts | Table::Products))
}

impl Script<'_> {
    /// The facts of single members, posts and products from streamed rows.
    pub fn entity_facts(&mut self, pieces: &[Piece]) {
        for (grain, alias, table) in [(Grain::Member, "m", "counted members"), (Grain::Post, "o", "counted posts")] {
            let mut columns: Vec<String> = match grain {
                Grain::Member => vec!["m.\"group_id\" as \"group\", m.\"member_id\" as \"member\"".to_owned()],
                _ => vec!["o.\"group_id\" as \"group\", o.\"post_id\" as \"post\"".to_owned()],
            };
            // What is asked of the facts is often asked of the row as well.
            columns.extend(self.own_columns(grain, alias));
            columns.push("p.\"period\"".to_owned());
            let mut from = format!(
                "{} {alias} cross join periods p\n  join \"known\" k on k.\"group\" = {alias}.\"group_id\" and k.\"period\" = p.\"period\"",
                quoted(table)
            );
            for (number, piece) in pieces.iter().filter(|p| p.grain == grain).enumerate() {
                let on: Vec<String> = keys(grain)
                    .iter()
                    .map(|k| format!("t{number}.{} = {alias}.{}", quoted(k), quoted(&format!("{k}_id"))))
                    .collect();
                from.push_str(&format!(
                    "\n  left join {} t{number} on {} and t{number}.\"period\" = p.\"period\"",
                    quoted(&piece.name),
                    on.join(" and ")
                ));
                columns.extend(piece.reads.iter().map(|(read, default)| self.known_value(*read, number, default)));
            }
            self.cte(&format!("{}_facts", grain.name()), format!("select {}\nfrom {from}", columns.join(",\n  ")));
        }
        if self.reads(Grain::Product).next().is_some() {
            self.product_facts(pieces);
        }
    }

    /// The facts of products that a group was shown or bought, from streamed rows.
    fn product_facts(&mut self, pieces: &[Piece]) {
        let mut met =
            vec!["select \"group_id\" as \"group\", \"product_id\" as \"product\" from \"counted posts\"".to_owned()];
        let mut columns = vec!["x.\"group\", x.\"product\", p.\"period\"".to_owned()];
        let mut from = String::new();
        for (number, piece) in pieces.iter().filter(|p| p.grain == Grain::Product).enumerate() {
            let name = quoted(&piece.name);
            met.push(format!("select \"group\", \"product\" from {name}"));
            from.push_str(&format!(
                "\n  left join {name} t{number} on t{number}.\"group\" = x.\"group\" and t{number}.\"product\" = x.\"product\" and t{number}.\"period\" = p.\"period\""
            ));
            columns.extend(piece.reads.iter().map(|(read, default)| self.known_value(*read, number, default)));
        }
        self.cte(
            "product_facts",
            format!(
                "select {}\nfrom (\n  {}\n) x cross join periods p\n  join \"known\" k on k.\"group\" = x.\"group\" and k.\"period\" = p.\"period\"{from}\nwhere x.\"product\" is not null",
                columns.join(",\n  "),
                met.join("\n  union ")
            ),
        );
    }

    /// The facts of products, those from posts too, which may ask for facts of their group.
    pub(super) fn products_judged(&mut self, facts: &str) {
        let mut counted = Vec::new();
        let mut columns = vec!["df.*".to_owned()];
        for (read, planned_read) in self.reads(Grain::Product) {
            let Some(planned) = self.plan.planned(planned_read.measure) else { continue };
            if planned.table == Some(Table::Posts) {
                let filter = format!("filter (where {})", self.held_filter(planned_read, planned));
                let column = self.column(read);
                counted.push(format!("{} as {column}", self.held_aggregate(planned, &filter)));
                columns.push(format!("h.{column}"));
            }
        }
        let mut from = "\"product_facts\" df".to_owned();
        if !counted.is_empty() {
            from.push_str(&format!(
                " left join (\n  select gf.\"group\", pf.\"post.product_id\" as \"product\", gf.\"period\",\n    {}\n  from {}\n  \
                 where pf.\"post.product_id\" is not null group by gf.\"group\", pf.\"post.product_id\", gf.\"period\"\n\
                 ) h on h.\"group\" = df.\"group\" and h.\"product\" = df.\"product\" and h.\"period\" = df.\"period\"",
                counted.join(",\n    "),
                self.held_from(Table::Posts, facts)
            ));
        }
        self.cte("products judged", format!("select {}\nfrom {from}", columns.join(", ")));
    }

    /// A read's value where it is known, with what no row comes to.
    fn known_value(&self, read: ReadId, piece: usize, default: &str) -> String {
        let measure = self.plan.planned_read(read).map_or(0, |r| r.measure.0);
        let column = self.column(read);
        let value = match default {
            "null" => format!("t{piece}.{column}"),
            default => format!("coalesce(t{piece}.{column}, {default})"),
        };
        format!("case when k.\"known {measure}\" then {value} end as {column}")
    }

    /// The facts of groups. Returns the name of the last layer.
    pub fn group_facts(&mut self, pieces: &[Piece]) -> String {
        let mut columns = vec!["k.*".to_owned()];
        let mut from = "\"known\" k".to_owned();
        for (number, piece) in pieces.iter().filter(|p| p.grain == Grain::Group).enumerate() {
            from.push_str(&format!(
                "\n  left join {} t{number} on t{number}.\"group\" = k.\"group\" and t{number}.\"period\" = k.\"period\"",
                quoted(&piece.name)
            ));
            columns.extend(piece.reads.iter().map(|(read, default)| self.known_value(*read, number, default)));
        }
        let mut name = "group facts 0".to_owned();
        self.cte(&name, format!("select {}\nfrom {from}", columns.join(",\n  ")));
        let mut layers: BTreeMap<usize, BTreeMap<Table, Vec<ReadId>>> = BTreeMap::new();
        for (read, planned_read) in self.reads(Grain::Group) {
            let Some(planned) = self.plan.planned(planned_read.measure) else { continue };
            if let Some(table) = planned.table.filter(|_| is_held(planned)) {
                layers.entry(self.layer(read)).or_default().entry(table).or_default().push(read);
            }
        }
        for (layer, tables) in layers {
            let mut columns = vec!["gf.*".to_owned()];
            let mut from = format!("{} gf", quoted(&name));
            for (table, reads) in tables {
                let piece = format!("{table} {layer}");
                let sql = self.held_sql(table, &reads, &name);
                self.cte(&piece, sql);
                let alias = format!("h_{table}");
                from.push_str(&format!(
                    "\n  left join {} {alias} on {alias}.\"group\" = gf.\"group\" and {alias}.\"period\" = gf.\"period\"",
                    quoted(&piece)
                ));
                for read in reads {
                    let measure = self.plan.planned_read(read).map_or(0, |r| r.measure.0);
                    let shape = self.plan.planned(MeasureId(measure)).map_or(Shape::Rows, |p| p.shape);
                    let column = self.column(read);
                    let value = match shape {
                        Shape::Moments | Shape::Least | Shape::Most | Shape::Numbers => format!("{alias}.{column}"),
                        _ => format!("coalesce({alias}.{column}, 0)"),
                    };
                    columns.push(format!("case when gf.\"known {measure}\" then {value} end as {column}"));
                }
            }
            name = format!("group facts {layer}");
            self.cte(&name, format!("select {}\nfrom {from}", columns.join(",\n  ")));
        }
        name
    }

    /// How many layers of group facts a read needs before itself; 0 for streamed rows.
    fn layer(&self, read: ReadId) -> usize {
        let Some(planned_read) = self.plan.planned_read(read) else { return 0 };
        let below = |reads: &[ReadId]| reads.iter().map(|r| self.layer(*r)).max().unwrap_or(0);
        if !planned_read.parts.is_empty() {
            return below(&planned_read.parts);
        }
        let own =
            self.plan.planned(planned_read.measure).filter(|p| is_held(p)).map_or(0, |p| 1 + below(&self.uses(p)));
        own.max(planned_read.fallback.map_or(0, |f| self.layer(f)))
    }

    /// The reads of the group that a measure's expressions name.
    fn uses(&self, planned: &Planned) -> Vec<ReadId> {
        let formulas = self.plan.formulas_of(planned);
        let access = formulas.iter().filter_map(|b| self.plan.formula(*b)).flat_map(|f| &f.access);
        access
            .filter_map(|a| match a {
                Access::Measure(read) => Some(*read),
                _ => None,
            })
            .filter(|r| self.plan.planned_read(*r).is_some_and(|r| r.grain == Grain::Group))
            .collect()
    }

    /// Measures over the rows of a held table.
    fn held_sql(&self, table: Table, reads: &[ReadId], facts: &str) -> String {
        let mut columns = Vec::new();
        for read in reads {
            let Some(planned_read) = self.plan.planned_read(*read) else { continue };
            let Some(planned) = self.plan.planned(planned_read.measure) else { continue };
            let filter = format!("filter (where {})", self.held_filter(planned_read, planned));
            columns.push(format!("{} as {}", self.held_aggregate(planned, &filter), self.column(*read)));
        }
        let from = self.held_from(table, facts);
        format!(
            "select gf.\"group\", gf.\"period\",\n  {}\nfrom {from}\ngroup by gf.\"group\", gf.\"period\"",
            columns.join(",\n  ")
        )
    }

    /// The rows of a held table in every period, with the facts of them and their group.
    pub(super) fn held_from(&self, table: Table, facts: &str) -> String {
        let group = "join \"counted groups\" g on g.\"group_id\" = gf.\"group\"";
        match table {
            Table::Members => format!(
                "{} gf {group} join periods p on p.\"period\" = gf.\"period\"\n\
                 join \"member_facts\" mf on mf.\"group\" = gf.\"group\" and mf.\"period\" = gf.\"period\"",
                quoted(facts)
            ),
            Table::Posts => format!(
                "{} gf {group} join periods p on p.\"period\" = gf.\"period\"\n\
                 join \"post_facts\" pf on pf.\"group\" = gf.\"group\" and pf.\"period\" = gf.\"period\"\n\
                 left join \"counted products\" d on d.\"product_id\" = pf.\"post.product_id\"",
                quoted(facts)
            ),
            Table::Products => format!(
                "{} gf {group} join periods p on p.\"period\" = gf.\"period\"\n\
                 join (select distinct \"group_id\", \"product_id\" from \"counted posts\") offers on offers.\"group_id\" = gf.\"group\"\n\
                 join \"counted products\" d on d.\"product_id\" = offers.\"product_id\"{}",
                quoted(facts),
                if self.reads(Grain::Product).next().is_some() {
                    "\nleft join \"product_facts\" df on df.\"group\" = gf.\"group\" and df.\"product\" = d.\"product_id\" and df.\"period\" = gf.\"period\""
                } else {
                    ""
                }
            ),
            _ => format!("{} gf {group} join periods p on p.\"period\" = gf.\"period\"", quoted(facts)),
        }
    }

    pub(super) fn held_filter(&self, read: &PlannedRead, planned: &Planned) -> String {
        let mut all = Vec::new();
        let (from, until) = self.bounds(&read.window);
        let from = from.unwrap_or_else(|| "cast('-infinity' as timestamptz)".to_owned());
        let (joined, left) = ("mf.\"member.joined_at\"", "mf.\"member.left_at\"");
        let in_at = |at: &str| format!("{joined} < {at} and ({left} is null or {at} <= {left})");
        match planned.table {
            Some(Table::Members) => all.push(match planned.at {
                Some(At::End) => in_at(&until),
                Some(At::Start) => in_at(&from),
                Some(At::During) => {
                    format!("{joined} < {until} and ({left} is null or {left} >= {from})")
                }
                None => format!("{joined} < {until}"),
            }),
            Some(Table::Posts) => {
                let on = quoted(&format!("post.{}", planned.on.as_deref().unwrap_or("sent_at")));
                all.push(format!("pf.{on} >= {from} and pf.{on} < {until}"));
            }
            _ => {}
        }
        if let Some(filter) = planned.filter.and_then(|f| self.plan.formula(f)) {
            all.push(self.on_entity(filter));
        }
        if all.is_empty() { "true".to_owned() } else { all.join(" and ") }
    }

    fn held_aggregate(&self, planned: &Planned, filter: &str) -> String {
        let argument = planned.argument.and_then(|a| self.plan.formula(a));
        let number = argument.map_or("null".to_owned(), |f| self.on_entity(f));
        let exact = self.exact(planned, &number);
        match planned.shape {
            Shape::Rows => format!("count(*) {filter}"),
            Shape::Members => format!("count(distinct mf.\"member\") {filter}"),
            Shape::Days | Shape::Keys => {
                let mut seen = BTreeSet::new();
                let parts: Vec<String> = planned.keys.iter().map(|k| self.held_key(planned, *k)).collect();
                let parts: Vec<String> = parts.into_iter().filter(|p| seen.insert(p.clone())).collect();
                match parts.as_slice() {
                    [one] => format!("count(distinct {one}) {filter}"),
                    parts => {
                        let whole: Vec<String> = parts.iter().map(|p| format!("{p} is not null")).collect();
                        let filter = filter.strip_suffix(')').unwrap_or(filter);
                        format!("count(distinct ({})) {filter} and {})", parts.join(", "), whole.join(" and "))
                    }
                }
            }
            Shape::Sum if planned.whole => format!("cast(sum({number}) {filter} as bigint)"),
            Shape::Sum => format!("sum({exact}) {filter}"),
            Shape::Moments => {
                let (sum, n) = (format!("(sum({exact}) {filter})"), format!("(count({number}) {filter})"));
                self.printer.quotient(&sum, Type::Decimal, &n, Type::Int)
            }
            Shape::Least => format!("min({number}) {filter}"),
            Shape::Most => format!("max({number}) {filter}"),
            Shape::Numbers => {
                format!("{} {filter}", self.printer.dialect.median(&format!("cast({number} as float8)")))
            }
        }
    }

    fn held_key(&self, planned: &Planned, key: KeyPart) -> String {
        match key {
            KeyPart::Member => "mf.\"member\"".to_owned(),
            KeyPart::Day => {
                let on = quoted(&format!("post.{}", planned.on.as_deref().unwrap_or("sent_at")));
                self.printer.day(&format!("pf.{on}"))
            }
            KeyPart::Formula(bound) => {
                self.plan.formula(bound).map_or("null".to_owned(), |f| format!("({})", self.on_entity(f)))
            }
        }
    }
}
