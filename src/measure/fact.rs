//! What is known of a measure, and why something is not.

use super::number::Number;
use crate::schema::Table;

/// Why there is no number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// The drop has no file of this table.
    TableAbsent(Table),
    /// No file of the table has this column.
    ColumnAbsent(Table, String),
    /// The table has no row of this group in the whole drop.
    NoRows(Table),
    /// No row of this group ever matched the measure's filter.
    NeverSeen {
        /// Its table.
        table: Table,
        /// The measure.
        measure: String,
    },
    /// The denominator is zero.
    ZeroDenominator,
    /// A sum too large to hold exactly.
    Overflow(String),
    /// No row to take a mean, smallest or largest of.
    Empty,
    /// The period lies before the group was created.
    NotYetCreated,
}

/// A measure's value, or why it has none.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Known.
    Known {
        /// Value; `None` is SQL's NULL (the smallest of no rows).
        number: Option<Number>,
        /// Whether a fallback on daily totals was used.
        approximate: bool,
    },
    /// No data.
    Missing(Missing),
}

/// A mean with what its interval needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Number of observations.
    pub n: u64,
    /// Mean.
    pub mean: f64,
    /// Sample variance (n − 1); `None` below two observations.
    pub variance: Option<f64>,
}
