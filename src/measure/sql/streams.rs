//! Measures over streamed rows: put into buckets of time by literal bounds, added up by entity and bucket, and
//! taken together by window.

use super::super::accumulate::Shape;
use super::super::cuts::interval;
use super::super::plan::{Access, KeyPart, MeasureId, Planned, ReadId};
use super::dialect::quoted;
use super::script::Script;
use crate::calendar::Instant;
use crate::expr::{Type, Window};
use crate::playbook::Grain;
use crate::schema::Table;
use std::collections::{BTreeMap, BTreeSet};

/// A query with values of reads, one row an entity and period.
pub(super) struct Piece {
    pub grain: Grain,
    pub name: String,
    /// The reads it has, and what no row comes to.
    pub reads: Vec<(ReadId, &'static str)>,
}

/// A measure at a grain, perhaps over days that follow a time of the entity.
struct Item {
    measure: MeasureId,
    grain: Grain,
    after: Option<Window>,
    reads: Vec<ReadId>,
}

/// The rows of a table, placed in time by one of its columns.
type Stream = (Table, String);

/// The columns that tell an entity in the rows of a stream.
pub(super) fn keys(grain: Grain) -> &'static [&'static str] {
    match grain {
        Grain::Group => &["group"],
        Grain::Member => &["group", "member"],
        Grain::Post => &["post"],
        Grain::Product => &["group", "product"],
    }
}

/// The columns that tell an entity, with an alias before each.
pub(super) fn key_list(grain: Grain, alias: &str) -> String {
    let dot = if alias.is_empty() { "" } else { "." };
    keys(grain).iter().map(|k| format!("{alias}{dot}{}", quoted(k))).collect::<Vec<_>>().join(", ")
}

fn is_additive(planned: &Planned) -> bool {
    !planned.streak && matches!(planned.shape, Shape::Rows | Shape::Sum | Shape::Moments | Shape::Least | Shape::Most)
}

impl Script<'_> {
    /// Writes all streamed tables and their measures.
    pub fn streams(&mut self) -> Vec<Piece> {
        let mut streams: BTreeMap<Stream, Vec<Item>> = BTreeMap::new();
        for (index, read) in self.plan.reads.iter().enumerate() {
            let Some(planned) = self.plan.planned(read.measure) else { continue };
            let Some(table) = planned.table.filter(|t| t.time().is_some() && *t != Table::Posts) else { continue };
            let on = planned.on.clone().unwrap_or_default();
            let after = matches!(read.window, Window::After { .. }).then(|| read.window.clone());
            let items = streams.entry((table, on)).or_default();
            let same = |i: &&mut Item| i.measure == read.measure && i.grain == read.grain && i.after == after;
            match items.iter_mut().find(same) {
                Some(item) => item.reads.push(ReadId(index)),
                None => {
                    items.push(Item { measure: read.measure, grain: read.grain, after, reads: vec![ReadId(index)] })
                }
            }
        }
        let tables: BTreeSet<Table> = streams.keys().map(|s| s.0).collect();
        for table in tables {
            self.streamed_table(table);
            if table == Table::Messages && self.has_answers() {
                self.answers();
            }
        }
        let mut pieces = Vec::new();
        for (stream, items) in &streams {
            self.stream(stream, items, &mut pieces);
        }
        pieces
    }

    fn has_answers(&self) -> bool {
        self.plan.formulas.iter().any(|f| f.deferred)
    }

    /// The first reply of somebody else to each message.
    fn answers(&mut self) {
        self.cte(
            "answers",
            "select distinct on (q.\"message_id\") q.\"message_id\", x.\"sent_at\" as \"answered_at\", mx.\"role\" as \"answered_by_role\"\n\
             from \"counted messages\" q join \"counted messages\" x on x.\"reply_to\" = q.\"message_id\"\n\
             left join \"counted members\" mq on mq.\"group_id\" = q.\"group_id\" and mq.\"member_id\" = q.\"member_id\"\n\
             left join \"counted members\" mx on mx.\"group_id\" = x.\"group_id\" and mx.\"member_id\" = x.\"member_id\"\n\
             where mq.\"member_id\" is null or mx.\"member_id\" is null or mq.\"group_id\" <> mx.\"group_id\" or mq.\"member_id\" <> mx.\"member_id\"\n\
             order by q.\"message_id\", x.\"sent_at\", mx.\"member_id\" nulls first"
                .to_owned(),
        );
    }

    fn stream(&mut self, (table, on): &Stream, items: &[Item], pieces: &mut Vec<Piece>) {
        let name = format!("{table} by {on}");
        let (buckets, spans, windows) = self.buckets(items);
        self.cte(&format!("{name} rows"), self.rows_sql(*table, on, items, &buckets));
        self.cte(&format!("{name} spans"), spans);
        let flag = |read: ReadId| {
            let window = self.plan.planned_read(read).map(|r| r.window.clone());
            windows.iter().position(|w| Some(w) == window.as_ref()).unwrap_or(0)
        };
        let mut made: Vec<(String, String)> = Vec::new();
        for grain in [Grain::Group, Grain::Member, Grain::Post, Grain::Product] {
            let own: Vec<(usize, &Item, &Planned)> = items
                .iter()
                .enumerate()
                .filter(|(_, i)| i.grain == grain)
                .filter_map(|(n, i)| Some((n, i, self.plan.planned(i.measure)?)))
                .collect();
            let additive: Vec<_> = own.iter().filter(|(_, _, p)| is_additive(p)).collect();
            if !additive.is_empty() {
                let cells = format!("{name} {} cells", grain.name());
                let mut states = Vec::new();
                let mut columns = Vec::new();
                let mut reads = Vec::new();
                for (number, item, planned) in additive {
                    states.extend(self.states(*number, item, planned));
                    for read in &item.reads {
                        let (sql, default) = self.total(*number, planned, &format!("s.w{}", flag(*read)));
                        columns.push(format!("{sql} as {}", self.column(*read)));
                        reads.push((*read, default));
                    }
                }
                let keys = key_list(grain, "");
                let known = keys_known(grain);
                let cells_sql = format!(
                    "select {keys}, \"bucket\",\n  {}\nfrom {} where \"bucket\" is not null{known} group by {keys}, \"bucket\"",
                    states.join(",\n  "),
                    quoted(&format!("{name} rows"))
                );
                let piece = format!("{name} {}", grain.name());
                let sql = format!(
                    "select {}, s.\"period\",\n  {}\nfrom {} c join {} s on s.\"bucket\" = c.\"bucket\" group by {}, s.\"period\"",
                    key_list(grain, "c"),
                    columns.join(",\n  "),
                    quoted(&cells),
                    quoted(&format!("{name} spans")),
                    key_list(grain, "c")
                );
                made.push((cells, cells_sql));
                made.push((piece.clone(), sql));
                pieces.push(Piece { grain, name: piece, reads });
            }
            for (number, item, planned) in own.iter().filter(|(_, _, p)| !is_additive(p)) {
                for (part, chunk) in self.hard(&name, grain, *number, item, planned, &flag).into_iter().enumerate() {
                    let piece = format!("{name} {} {number}.{part}", grain.name());
                    made.push((piece.clone(), chunk.0));
                    pieces.push(Piece { grain, name: piece, reads: chunk.1 });
                }
            }
        }
        for (cte, sql) in made {
            self.cte(&cte, sql);
        }
    }

    /// The bucket of a row as literal bounds, which buckets make up each window of each period, and the windows.
    fn buckets(&self, items: &[Item]) -> (String, String, Vec<Window>) {
        let windows: BTreeSet<Window> = items
            .iter()
            .flat_map(|i| &i.reads)
            .filter_map(|r| self.plan.planned_read(*r))
            .map(|r| r.window.clone())
            .collect();
        let windows: Vec<Window> = windows.into_iter().collect();
        let spans: Vec<Vec<_>> = windows.iter().map(|w| self.clocks.iter().map(|c| interval(w, c)).collect()).collect();
        let mut cuts: BTreeSet<Instant> = spans.iter().flatten().flat_map(|s| [s.start, s.end]).collect();
        let open = cuts.remove(&Instant::MIN);
        let cuts: Vec<Instant> = cuts.into_iter().collect();
        let mut case = "case".to_owned();
        for (bucket, cut) in cuts.iter().enumerate() {
            let bucket = if bucket == 0 && !open { "null".to_owned() } else { bucket.to_string() };
            let bound = self.printer.dialect.instant(*cut, &self.zone());
            case.push_str(&format!("\n    when \"moment\" < {bound} then {bucket}"));
        }
        case.push_str("\n  end");
        let mut rows = Vec::new();
        for period in 0..self.clocks.len() {
            for bucket in 0..cuts.len() {
                let from = bucket.checked_sub(1).and_then(|b| cuts.get(b)).copied().unwrap_or(Instant::MIN);
                let until = cuts.get(bucket).copied().unwrap_or(Instant::MAX);
                let inside: Vec<bool> =
                    spans.iter().map(|s| s.get(period).is_some_and(|s| s.start <= from && until <= s.end)).collect();
                if inside.contains(&true) {
                    let flags: Vec<String> = inside.iter().map(ToString::to_string).collect();
                    rows.push(format!("({period}, {bucket}, {})", flags.join(", ")));
                }
            }
        }
        let flags: Vec<String> = (0..windows.len()).map(|w| format!("w{w}")).collect();
        let told: Vec<String> = windows.iter().enumerate().map(|(n, w)| format!("w{n}: {w}")).collect();
        let sql = format!(
            "-- {}\nselect * from (values\n  {}\n) as spans(\"period\", \"bucket\", {})",
            told.join(", "),
            rows.join(",\n  "),
            flags.join(", ")
        );
        (case, sql, windows)
    }

    /// The flag of a window among the spans of a stream.
    pub(super) fn span_flag(&self, table: Table, on: &str, window: &Window) -> Option<String> {
        let here = |p: &Planned| p.table == Some(table) && p.on.as_deref().unwrap_or_default() == on;
        let reads = self.plan.reads.iter().filter(|r| self.plan.planned(r.measure).is_some_and(here));
        let windows: BTreeSet<&Window> = reads.map(|r| &r.window).collect();
        windows.into_iter().position(|w| w == window).map(|place| format!("w{place}"))
    }

    /// The counted rows with everything that measures ask of them.
    fn rows_sql(&self, table: Table, on: &str, items: &[Item], bucket: &str) -> String {
        let layout = self.layout(table);
        let has = |name: &str| layout.slot(name).is_some();
        let mut columns = vec![
            "r.\"group_id\" as \"group\"".to_owned(),
            if has("member_id") { "m.\"member_id\" as \"member\"" } else { "cast(null as text) as \"member\"" }
                .to_owned(),
            format!("r.{} as \"moment\"", quoted(on)),
        ];
        let product = match (has("product_id"), has("post_id")) {
            (true, true) => "coalesce(r.\"product_id\", o.\"product_id\")",
            (true, false) => "r.\"product_id\"",
            (false, true) => "o.\"product_id\"",
            (false, false) => "cast(null as text)",
        };
        columns.push(format!("{} as \"post\"", if has("post_id") { "o.\"post_id\"" } else { "cast(null as text)" }));
        columns.push(format!("{product} as \"product\""));
        let mut asked = BTreeSet::new();
        for (number, item) in items.iter().enumerate() {
            let Some(planned) = self.plan.planned(item.measure) else { continue };
            let MeasureId(id) = item.measure;
            if let Some(after) = self.follows(item, on) {
                columns.push(format!("{after} as after{number}"));
            }
            if !asked.insert(id) {
                continue;
            }
            let print = |b| self.plan.formula(b).map_or("null".to_owned(), |f| self.on_row(f, table));
            let filter = planned.filter.map_or("true".to_owned(), print);
            columns.push(format!("{filter} as f{id}"));
            if let Some(argument) = planned.argument {
                columns.push(format!("{} as a{id}", print(argument)));
            }
            for (part, key) in planned.keys.iter().enumerate() {
                if let KeyPart::Formula(bound) = key {
                    columns.push(format!("{} as k{id}_{part}", print(*bound)));
                }
            }
        }
        columns.extend(self.split_columns(table, on));
        let mut from = format!(
            "{} r join \"counted groups\" g on g.\"group_id\" = r.\"group_id\"",
            quoted(&format!("counted {table}"))
        );
        if has("member_id") {
            from.push_str("\n  left join \"counted members\" m on m.\"group_id\" = r.\"group_id\" and m.\"member_id\" = r.\"member_id\"");
        }
        if has("post_id") {
            from.push_str("\n  left join \"counted posts\" o on o.\"post_id\" = r.\"post_id\"");
        }
        if has("product_id") || has("post_id") {
            from.push_str(&format!("\n  left join \"counted products\" d on d.\"product_id\" = {product}"));
        }
        let deferred = |b: &Access| matches!(b, Access::AnsweredAt | Access::AnsweredByRole);
        if table == Table::Messages && self.plan.formulas.iter().any(|f| f.access.iter().any(deferred)) {
            from.push_str("\n  left join \"answers\" a on a.\"message_id\" = r.\"message_id\"");
        }
        format!(
            "select *, {bucket} as \"bucket\", {} as \"day\"\nfrom (\n  select {}\n  from {from}\n  where r.{} is not null\n) rows",
            self.printer.day("\"moment\""),
            columns.join(",\n    "),
            quoted(on)
        )
    }

    /// Whether a row follows the time of its entity closely enough.
    fn follows(&self, item: &Item, on: &str) -> Option<String> {
        let Some(Window::After { days, column }) = &item.after else { return None };
        let alias = match item.grain {
            Grain::Group => "g",
            Grain::Member => "m",
            Grain::Post => "o",
            Grain::Product => "d",
        };
        let (on, start) = (quoted(on), quoted(column));
        let hours = i64::from(*days) * 24;
        Some(format!("(r.{on} >= {alias}.{start} and r.{on} < {alias}.{start} + interval '{hours} hours')"))
    }

    fn matches(number: usize, item: &Item) -> String {
        let MeasureId(id) = item.measure;
        if item.after.is_some() { format!("f{id} and after{number}") } else { format!("f{id}") }
    }

    /// What is kept of an entity's rows in a bucket.
    fn states(&self, number: usize, item: &Item, planned: &Planned) -> Vec<String> {
        let MeasureId(id) = item.measure;
        let filter = format!("filter (where {})", Self::matches(number, item));
        let number_sql = self.exact(planned, &format!("a{id}"));
        match planned.shape {
            Shape::Sum => vec![format!("sum({number_sql}) {filter} as s{number}")],
            Shape::Moments => {
                vec![format!("sum({number_sql}) {filter} as s{number}"), format!("count(a{id}) {filter} as n{number}")]
            }
            Shape::Least => vec![format!("min(a{id}) {filter} as s{number}")],
            Shape::Most => vec![format!("max(a{id}) {filter} as s{number}")],
            _ => vec![format!("count(*) {filter} as s{number}")],
        }
    }

    /// A number to be added up: fractions rounded to 12 places, so that sums do not depend on their order.
    pub(super) fn exact(&self, planned: &Planned, number: &str) -> String {
        let ty = planned.argument.and_then(|a| self.plan.formula(a)).map(|f| f.expr.ty());
        if ty == Some(Type::Float) {
            format!("round(cast({number} as decimal(38, 14)), 12)")
        } else {
            number.to_owned()
        }
    }

    /// What the buckets of a window come to, and what no row at all does.
    fn total(&self, number: usize, planned: &Planned, flag: &str) -> (String, &'static str) {
        let filter = format!("filter (where {flag})");
        match planned.shape {
            Shape::Sum if planned.whole => (format!("cast(sum(s{number}) {filter} as bigint)"), "0"),
            Shape::Sum => (format!("sum(s{number}) {filter}"), "0"),
            Shape::Moments => {
                let (sum, n) = (format!("(sum(s{number}) {filter})"), format!("(sum(n{number}) {filter})"));
                (self.printer.quotient(&sum, Type::Decimal, &n, Type::Int), "null")
            }
            Shape::Least => (format!("min(s{number}) {filter}"), "null"),
            Shape::Most => (format!("max(s{number}) {filter}"), "null"),
            _ => (format!("cast(sum(s{number}) {filter} as bigint)"), "0"),
        }
    }

    /// Distinct keys, runs of days and medians, which need the rows themselves.
    fn hard(
        &self,
        name: &str,
        grain: Grain,
        number: usize,
        item: &Item,
        planned: &Planned,
        flag: &dyn Fn(ReadId) -> usize,
    ) -> Vec<(String, Vec<(ReadId, &'static str)>)> {
        let MeasureId(id) = item.measure;
        let (rows, spans) = (quoted(&format!("{name} rows")), quoted(&format!("{name} spans")));
        let (keys, known) = (key_list(grain, ""), keys_known(grain));
        let matches = Self::matches(number, item);
        if planned.shape == Shape::Numbers {
            let columns: Vec<String> = item
                .reads
                .iter()
                .map(|r| {
                    let median = self.printer.dialect.median(&format!("cast(c.a{id} as float8)"));
                    format!("{median} filter (where s.w{}) as {}", flag(*r), self.column(*r))
                })
                .collect();
            let own = key_list(grain, "c");
            let sql = format!(
                "select {own}, s.\"period\", {}\nfrom {rows} c join {spans} s on s.\"bucket\" = c.\"bucket\" where {matches}{known} group by {own}, s.\"period\"",
                columns.join(", ")
            );
            return vec![(sql, item.reads.iter().map(|r| (*r, "null")).collect())];
        }
        let parts: Vec<String> = planned
            .keys
            .iter()
            .enumerate()
            .map(|(part, key)| match key {
                KeyPart::Member => "\"member\"".to_owned(),
                KeyPart::Day => "\"day\"".to_owned(),
                KeyPart::Formula(_) => format!("k{id}_{part}"),
            })
            .collect();
        let parts = if planned.streak { vec!["\"day\"".to_owned()] } else { parts };
        let whole: Vec<String> = parts.iter().map(|p| format!("{p} is not null")).collect();
        let named: Vec<String> = parts.iter().enumerate().map(|(n, p)| format!("{p} as key{n}")).collect();
        let once = format!(
            "select distinct {keys}, \"bucket\", {} from {rows} where {matches} and \"bucket\" is not null{known} and {}",
            named.join(", "),
            whole.join(" and ")
        );
        let own = key_list(grain, "c");
        if !planned.streak {
            let key: Vec<String> = (0..parts.len()).map(|n| format!("c.key{n}")).collect();
            let key = if key.len() == 1 { key.concat() } else { format!("({})", key.join(", ")) };
            let columns: Vec<String> = item
                .reads
                .iter()
                .map(|r| format!("count(distinct {key}) filter (where s.w{}) as {}", flag(*r), self.column(*r)))
                .collect();
            let sql = format!(
                "select {own}, s.\"period\", {}\nfrom ({once}) c join {spans} s on s.\"bucket\" = c.\"bucket\" group by {own}, s.\"period\"",
                columns.join(", ")
            );
            return vec![(sql, item.reads.iter().map(|r| (*r, "0")).collect())];
        }
        // A run of days: all days of a run lie as far from their rank.
        let run = |read: &ReadId| {
            let sql = format!(
                "select {keys}, \"period\", max(\"length\") as {}\nfrom (\n  select {keys}, \"period\", \"run\", count(*) as \"length\"\n  from (\n    \
                 select {keys}, \"period\", key0 - cast(row_number() over (partition by {keys}, \"period\" order by key0) as integer) as \"run\"\n    \
                 from (select distinct {own}, s.\"period\", c.key0 from ({once}) c join {spans} s on s.\"bucket\" = c.\"bucket\" where s.w{}) days\n  \
                 ) runs group by {keys}, \"period\", \"run\"\n) runs group by {keys}, \"period\"",
                self.column(*read),
                flag(*read)
            );
            (sql, vec![(*read, "0")])
        };
        item.reads.iter().map(run).collect()
    }
}

/// Rows without the entity belong to none.
fn keys_known(grain: Grain) -> String {
    match grain {
        Grain::Group => String::new(),
        Grain::Member => " and \"member\" is not null".to_owned(),
        Grain::Post => " and \"post\" is not null".to_owned(),
        Grain::Product => " and \"product\" is not null".to_owned(),
    }
}
