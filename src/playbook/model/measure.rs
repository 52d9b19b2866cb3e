//! Measures: which rows, taken together how.

use super::text::{Sourced, Text};
use crate::diagnostic::Span;
use crate::expr::Type;
use crate::playbook::formula::Formula;
use crate::schema::Table;

/// The rows that a measure is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// One value a group.
    Group,
    /// One value a membership.
    Member,
    /// One value a broadcast item.
    Post,
    /// One value a product within a group.
    Product,
}

impl Grain {
    /// The word used in playbooks.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Member => "member",
            Self::Post => "post",
            Self::Product => "product",
        }
    }

    /// The entity table whose rows have this grain.
    #[must_use]
    pub fn table(self) -> Table {
        match self {
            Self::Group => Table::Groups,
            Self::Member => Table::Members,
            Self::Post => Table::Posts,
            Self::Product => Table::Products,
        }
    }
}

/// How a measure sums up its rows.
#[derive(Debug, Clone)]
pub enum Aggregate {
    /// Number of rows.
    Count,
    /// Number of distinct combinations.
    CountDistinct(Vec<DistinctKey>),
    /// Exact sum.
    Sum(Formula),
    /// Mean.
    Avg(Formula),
    /// Smallest.
    Min(Formula),
    /// Largest.
    Max(Formula),
    /// Median; the mean of the middle two where their number is even.
    Median(Formula),
    /// Longest run of consecutive local days with a row.
    Streak,
    /// Other measures taken together; parts without data are left out unless all are.
    Combine {
        /// Measure ids.
        parts: Vec<Sourced<String>>,
        /// How they are taken together.
        with: CombineWith,
    },
}

/// How a composed measure takes its parts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CombineWith {
    /// Their sum.
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
}

/// What is counted once.
#[derive(Debug, Clone)]
pub enum DistinctKey {
    /// The row's `member_id`.
    Member,
    /// The local day of the row's time.
    Day,
    /// Any other expression, usually a column.
    Formula(Formula),
}

/// When in the window a stock is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// At its first instant.
    Start,
    /// At its end.
    End,
    /// At any of its instants.
    During,
}

/// What a measure says of a group without any matching row in the whole drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Zero.
    Zero,
    /// No data.
    NoData,
}

/// A substitute for drops that only have daily totals; its values are marked approximate.
#[derive(Debug, Clone)]
pub struct Fallback {
    /// Always [`Table::Daily`] for now.
    pub table: Table,
    /// `Avg`, `Sum`, `Min` or `Max` over a column of it.
    pub aggregate: Aggregate,
}

/// Rows → facts.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Id.
    pub id: String,
    /// What it means, for the method page.
    pub name: Option<Text>,
    /// The table it reads; `None` for a composed measure.
    pub table: Option<Table>,
    /// How it sums up.
    pub aggregate: Aggregate,
    /// Which rows.
    pub filter: Option<Formula>,
    /// The time column that places a row in a window; the table's own where it has one.
    /// For entity tables `None`: windows do not select rows, `filter` does.
    pub on: Option<String>,
    /// For stocks over `members`.
    pub at: Option<At>,
    /// Substitute.
    pub fallback: Option<Fallback>,
    /// What no row at all means; `None`: as the table is configured.
    pub absent: Option<Absent>,
    /// Type of its value.
    pub ty: Type,
    /// Where it is declared.
    pub span: Span,
}

impl Measure {
    /// The expressions that it evaluates on its rows: the filter, then what it counts or adds up.
    #[must_use]
    pub fn formulas(&self) -> Vec<&Formula> {
        let mut formulas: Vec<&Formula> = self.filter.iter().collect();
        match &self.aggregate {
            Aggregate::Count | Aggregate::Streak | Aggregate::Combine { .. } => {}
            Aggregate::CountDistinct(keys) => formulas.extend(keys.iter().filter_map(|k| match k {
                DistinctKey::Formula(f) => Some(f),
                DistinctKey::Member | DistinctKey::Day => None,
            })),
            Aggregate::Sum(f) | Aggregate::Avg(f) | Aggregate::Min(f) | Aggregate::Max(f) | Aggregate::Median(f) => {
                formulas.push(f);
            }
        }
        formulas
    }
}
