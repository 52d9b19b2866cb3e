//! The tables: views of the CSV files, and the rows of them that count.

use super::dialect::{Dialect, literal_text, quoted};
use super::script::Script;
use crate::config::{Attribution, Config};
use crate::data::{CellSource, Described, Layout};
use crate::schema::{ColumnType, Table};
use std::collections::BTreeSet;
use std::fmt::Write;

/// `create view` for a table's files in DuckDB.
pub(super) fn view(layout: &Layout, files: &[Described], config: &Config) -> String {
    let settings = config.data.table(layout.table);
    let mut parts = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let names: Vec<String> = (0..file.width).map(|i| literal_text(&format!("f{i}"))).collect();
        let mut columns = Vec::new();
        for ((name, kind), source) in layout.slots().zip(&file.cells) {
            if (layout.table, name) == (Table::Members, "attributes") {
                let filled: Vec<String> =
                    file.extra.iter().map(|f| format!("cast(coalesce(trim(f{f}), '') <> '' as bigint)")).collect();
                columns.push(format!(
                    "{} as attributes",
                    if filled.is_empty() { "0".to_owned() } else { filled.join(" + ") }
                ));
                continue;
            }
            let text = match source {
                CellSource::Nowhere => "null".to_owned(),
                CellSource::Field(field) => replaced(&format!("trim(f{field})"), settings.values.get(name)),
                CellSource::Constant(text) => replaced(&literal_text(text), settings.values.get(name)),
                CellSource::Product(fields) => {
                    let factors: Vec<String> =
                        fields.iter().map(|f| format!("try_cast(trim(f{f}) as decimal(18, 6))")).collect();
                    columns.push(format!("cast({} as decimal(18, 6)) as {}", factors.join(" * "), quoted(name)));
                    continue;
                }
            };
            columns.push(format!(
                "{} as {}",
                typed(&text, kind, config, settings.time_format.as_deref()),
                quoted(name)
            ));
        }
        let keep: Vec<String> = file
            .keep
            .iter()
            .map(|(field, cells)| {
                let cells: Vec<String> = cells.iter().map(|c| literal_text(c)).collect();
                format!("trim(f{field}) in ({})", cells.join(", "))
            })
            .collect();
        let filter = if keep.is_empty() { String::new() } else { format!("\n  where {}", keep.join(" and ")) };
        parts.push(format!(
            "  select {}, {number} as \"file\"\n  from read_csv({}, header = true, all_varchar = true, auto_detect = false, delim = {}, \
             quote = '\"', escape = '\"', nullstr = '', columns = {{{}}}){filter}",
            columns.join(",\n    "),
            literal_text(&file.path.display().to_string()),
            literal_text(&char::from(settings.delimiter).to_string()),
            names.iter().map(|n| format!("{n}: 'VARCHAR'")).collect::<Vec<_>>().join(", "),
        ));
    }
    if parts.is_empty() {
        let columns: Vec<String> = layout
            .slots()
            .map(|(name, kind)| format!("cast(null as {}) as {}", Dialect::DuckDb.column_type(kind), quoted(name)))
            .collect();
        parts.push(format!("  select {}, 0 as \"file\" where false", columns.join(", ")));
    }
    let mut sql = format!(
        "create or replace temp view {} as\nselect * exclude (\"file\") from (\n{}\n)",
        quoted(layout.table.name()),
        parts.join("\n  union all\n")
    );
    let key: Vec<&str> = match &settings.key {
        Some(key) => key.iter().map(String::as_str).collect(),
        None => layout.table.key().to_vec(),
    };
    let known = key.iter().all(|k| layout.slot(k).is_some());
    if files.len() > 1 && !key.is_empty() && known {
        let key: Vec<String> = key.iter().map(|k| quoted(k)).collect();
        // Later drops replace rows with the same key.
        let _ = write!(
            sql,
            "\nqualify {} is null or row_number() over (partition by {} order by \"file\" desc) = 1",
            key.join(" is null or "),
            key.join(", ")
        );
    }
    sql + ";\n"
}

fn replaced(text: &str, values: Option<&std::collections::BTreeMap<String, String>>) -> String {
    let Some(values) = values.filter(|v| !v.is_empty()) else { return text.to_owned() };
    let mut sql = format!("case {text}");
    for (cell, instead) in values {
        let _ = write!(sql, " when {} then {}", literal_text(cell), literal_text(instead));
    }
    sql + &format!(" else {text} end")
}

/// A cell's text as a value of its column.
fn typed(text: &str, kind: ColumnType, config: &Config, format: Option<&str>) -> String {
    let zone = config.site.zone.name();
    if text == "null" {
        return format!("cast(null as {})", Dialect::DuckDb.column_type(kind));
    }
    match kind {
        ColumnType::Text => format!("nullif({text}, '')"),
        ColumnType::Int => format!("try_cast({text} as bigint)"),
        ColumnType::Decimal => format!("try_cast({text} as decimal(18, 6))"),
        ColumnType::Bool => format!("try_cast({text} as boolean)"),
        ColumnType::Time | ColumnType::Date => {
            let moment = match format {
                None => format!("qunce_moment({text})"),
                Some(format) => {
                    let local = format!("try_strptime({text}, {})", literal_text(format));
                    format!("coalesce({local} at time zone '{zone}', qunce_moment({text}))")
                }
            };
            if kind == ColumnType::Date {
                return format!(
                    "cast(cast({moment} at time zone '{zone}' as date) as timestamp) at time zone '{zone}'"
                );
            }
            moment
        }
    }
}

/// A table of PostgreSQL with the columns of the schema; those that it does not have are empty. Days are moments.
pub(super) fn stored(layout: &Layout, present: Option<&BTreeSet<String>>, config: &Config) -> String {
    let table = layout.table;
    let zone = config.site.zone.name();
    let known = |name: &str| present.is_some_and(|p| p.contains(name));
    let columns: Vec<String> = layout
        .slots()
        .map(|(name, kind)| match (kind, quoted(name)) {
            (_, column) if (table, name) == (Table::Members, "attributes") && present.is_some() => {
                let own: Vec<String> = table.columns().iter().map(|c| literal_text(c.name)).collect();
                format!(
                    "(select count(*) from jsonb_each_text(to_jsonb(t)) e where e.value <> '' and e.key not in ({})) as {column}",
                    own.join(", ")
                )
            }
            (kind, column) if !known(name) => {
                format!("cast(null as {}) as {column}", Dialect::Postgres.column_type(kind))
            }
            (ColumnType::Date, column) => format!("cast(t.{column} as timestamp) at time zone '{zone}' as {column}"),
            (_, column) => format!("t.{column}"),
        })
        .collect();
    let from =
        if present.is_some() { format!("{} t", quoted(table.name())) } else { "(select 1) t where false".to_owned() };
    format!("select {}\nfrom {from}", columns.join(", "))
}

/// Reads a moment as exports write it.
pub(super) fn moment_macro(config: &Config) -> String {
    format!(
        "create or replace temp macro qunce_moment(t) as coalesce(\n  \
         case when regexp_matches(t, '(Z|[+-]\\d\\d:?\\d\\d)$') then try_cast(t as timestamptz) end,\n  \
         case when regexp_full_match(t, '\\d{{10}}') then to_timestamp(try_cast(t as bigint)) end,\n  \
         try_cast(t as timestamp) at time zone '{}'\n);\n",
        config.site.zone.name()
    )
}

impl Script<'_> {
    fn columns(&self, alias: &str, table: Table) -> Vec<String> {
        let layout = self.layout(table);
        let default = |name: &str| match (table, name) {
            (Table::Members, "role") => Some("member"),
            (Table::Messages, "kind") => Some("text"),
            _ => None,
        };
        layout
            .slots()
            .filter(|(name, _)| table.column(name).is_none_or(|c| !c.derived))
            .map(|(name, _)| match default(name) {
                Some(text) => format!("coalesce({alias}.{}, {}) as {}", quoted(name), literal_text(text), quoted(name)),
                None => format!("{alias}.{0} as {0}", quoted(name)),
            })
            .collect()
    }

    /// The rows of the held tables that count.
    pub(super) fn held_tables(&mut self) {
        let as_of = self.as_of();
        let mut columns = self.columns("t", Table::Groups).join(", ");
        self.cte("counted groups", format!("select {columns} from \"groups\" t where t.\"group_id\" is not null"));
        let created = "(g.\"created_on\" is null or";
        columns = self.columns("t", Table::Members).join(", ");
        self.cte(
            "counted members",
            format!(
                "select {columns}, t.\"attributes\"\nfrom \"members\" t join \"counted groups\" g on g.\"group_id\" = t.\"group_id\"\n\
                 where t.\"member_id\" is not null and t.\"joined_at\" <= {as_of} and (t.\"left_at\" is null or t.\"left_at\" >= t.\"joined_at\")"
            ),
        );
        columns = self.columns("t", Table::Posts).join(", ");
        let day = |t: &str| self.printer.day(t);
        let (sent, made, other) = (day("t.\"sent_at\""), day("g.\"created_on\""), day("o.\"sent_at\""));
        self.cte(
            "counted posts",
            format!(
                "select {columns}, case when t.\"product_id\" is not null then not exists (\n    select 1 from \"posts\" o where o.\"group_id\" = t.\"group_id\" \
                 and o.\"product_id\" = t.\"product_id\"\n    and {other} < {sent} and {other} >= {sent} - 14\n  ) end as \"is_new_product\"\n\
                 from \"posts\" t join \"counted groups\" g on g.\"group_id\" = t.\"group_id\"\n\
                 where t.\"post_id\" is not null and t.\"sent_at\" <= {as_of} and {created} {sent} >= {made})"
            ),
        );
        columns = self.columns("t", Table::Products).join(", ");
        self.cte(
            "counted products",
            format!("select {columns} from \"products\" t where t.\"product_id\" is not null"),
        );
    }

    /// The rows of a streamed table that count.
    pub(super) fn streamed_table(&mut self, table: Table) {
        let Some(time) = table.time() else { return };
        let as_of = self.as_of();
        let at = format!("t.{}", quoted(time));
        let columns = self.columns("t", table).join(", ");
        let (day, made) = (self.printer.day(&at), self.printer.day("g.\"created_on\""));
        let source = if table == Table::Orders {
            let own = self.attributed();
            format!("({own})")
        } else {
            quoted(table.name())
        };
        self.cte(
            &format!("counted {table}"),
            format!(
                "select {columns}\nfrom {source} t join \"counted groups\" g on g.\"group_id\" = t.\"group_id\"\n\
                 where {at} <= {as_of} and (g.\"created_on\" is null or {day} >= {made})"
            ),
        );
    }

    /// Orders with a group: their own, or one of the buyer's.
    fn attributed(&self) -> String {
        let layout = self.layout(Table::Orders);
        let other: Vec<String> = layout
            .slots()
            .filter(|(name, _)| *name != "group_id")
            .map(|(name, _)| format!("t.{}", quoted(name)))
            .collect();
        let own =
            format!("select t.\"group_id\", {} from \"orders\" t where t.\"group_id\" is not null", other.join(", "));
        let order = match self.attribution {
            Attribution::LastJoined => "desc",
            Attribution::FirstJoined => "",
            Attribution::All => {
                return format!(
                    "{own}\n  union all\n  select m.\"group_id\", {} from \"orders\" t join \"counted members\" m on m.\"member_id\" = t.\"member_id\"\n  \
                     where t.\"group_id\" is null and m.\"joined_at\" <= t.\"paid_at\"",
                    other.join(", ")
                );
            }
        };
        format!(
            "{own}\n  union all\n  select m.\"group_id\", {} from \"orders\" t join lateral (\n    select m.\"group_id\" from \"counted members\" m \
             where m.\"member_id\" = t.\"member_id\" and m.\"joined_at\" <= t.\"paid_at\"\n    order by m.\"joined_at\" {order}, m.\"group_id\" {order} limit 1\n  \
             ) m on true where t.\"group_id\" is null",
            other.join(", ")
        )
    }
}
