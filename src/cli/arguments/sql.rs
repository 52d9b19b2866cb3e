//! What can be asked of `qunce sql`.

use super::{TimeOptions, WorkspaceOption};
use clap::{Args, ValueEnum};

/// `qunce sql`
#[derive(Debug, Args)]
#[command(after_help = "\
For DuckDB the text reads the CSV files of the drop and runs as it is; for PostgreSQL it reads tables
with the names and columns of the schema. Periods are literal bounds, the same as those of a build.
One query has the whole plan as common table expressions (facts of members and groups, stages, KPIs,
funnels, rankings, breakdowns, segments, churn, alerts) and ends in the one that `--of` names.
NULL says that there are no data, never zero. In rankings and breakdowns a row without a `place` says
that there is nothing on the list; where that is for want of data, `known` is false. `withheld` marks
the parts of a breakdown that a build does not publish, since few persons stand behind them.
Rows that a build sets aside because a cell cannot be read are no concern of the SQL.

Examples:
  qunce sql | duckdb                          every measure of every group and period
  qunce sql --of kpis --dialect postgres      the KPIs, over tables
  qunce sql --of funnels | duckdb             every step of every funnel")]
pub struct SqlOptions {
    /// For which program
    #[arg(long, value_enum, default_value_t = DialectArgument::Duckdb)]
    pub dialect: DialectArgument,
    /// What the query ends in
    #[arg(long, value_enum, default_value_t = ChoiceArgument::Groups)]
    pub of: ChoiceArgument,
    /// Which workspace
    #[command(flatten)]
    pub workspace: WorkspaceOption,
    /// When
    #[command(flatten)]
    pub time: TimeOptions,
}

/// The dialects of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DialectArgument {
    /// DuckDB, over the files
    Duckdb,
    /// PostgreSQL, over tables
    Postgres,
}

/// What SQL ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChoiceArgument {
    /// A row for each group and period
    Groups,
    /// A row for each member and period
    Members,
    /// A row for each group: the stage it is in
    Stages,
    /// A row for each group, period and KPI
    Kpis,
    /// A row for each step of a funnel: who passed it in order, who took it at all
    Funnels,
    /// A row for each place in a ranking
    Rankings,
    /// A row for each text of a breakdown, with its share and whether a build withholds it
    Breakdowns,
    /// A row for each segment: how many members it takes
    Segments,
    /// A row for each class of churn: how many members it takes
    Churn,
    /// A row for each alert: whether it fires, and of how many members
    Alerts,
}
