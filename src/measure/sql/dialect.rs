//! What the two dialects spell differently.

use crate::calendar::{Instant, Zone};
use crate::schema::ColumnType;

/// For which program SQL is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// DuckDB: reads the CSV files of the drop itself.
    DuckDb,
    /// PostgreSQL: tables with the names and columns of the schema.
    Postgres,
}

/// A name that may be a word of the language, such as `at`.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as a literal.
pub(super) fn literal_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Dialect {
    /// A moment as a literal, told in local time with its offset.
    pub(super) fn instant(self, instant: Instant, zone: &Zone) -> String {
        let local = zone.local(instant);
        let utc = chrono::DateTime::from_timestamp_micros(instant.0).unwrap_or_default().naive_utc();
        let minutes = (local - utc).num_minutes();
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        format!("timestamptz '{}{sign}{hours:02}:{rest:02}'", local.format("%Y-%m-%d %H:%M:%S%.f"))
    }

    /// Orders texts by code point, as every comparison of texts in playbooks does.
    pub(super) fn by_code_point(self) -> &'static str {
        match self {
            Self::DuckDb => "",
            Self::Postgres => " collate \"C\"",
        }
    }

    /// The type of a column.
    pub(super) fn column_type(self, kind: ColumnType) -> &'static str {
        match (kind, self) {
            (ColumnType::Text, _) => "text",
            (ColumnType::Int, _) => "bigint",
            (ColumnType::Decimal, Self::DuckDb) => "decimal(18, 6)",
            (ColumnType::Decimal, Self::Postgres) => "numeric",
            (ColumnType::Time | ColumnType::Date, _) => "timestamptz",
            (ColumnType::Bool, _) => "boolean",
        }
    }

    /// The type of exact numbers, however large.
    pub(super) fn sum_type(self) -> &'static str {
        match self {
            Self::DuckDb => "decimal(38, 6)",
            Self::Postgres => "numeric",
        }
    }

    /// The middle of some numbers.
    pub(super) fn median(self, number: &str) -> String {
        match self {
            Self::DuckDb => format!("median({number})"),
            Self::Postgres => format!("percentile_cont(0.5) within group (order by {number})"),
        }
    }
}
