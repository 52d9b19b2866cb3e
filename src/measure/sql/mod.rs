//! A plan as SQL: the same facts, asked of another engine.
//!
//! Periods and windows are literal bounds, half-open, computed here. Nothing is asked of the other engine that a
//! sharded one could not answer shard by shard.

mod dialect;
mod expression;
mod facts;
mod known;
mod kpis;
mod script;
mod streams;
mod tables;

pub use dialect::Dialect;
pub use kpis::Judged;

use super::plan::Plan;
use crate::calendar::{Instant, Interval, Period, Zone};
use crate::config::Config;
use crate::data::{Layout, Sources, describe};
use crate::diagnostic::Findings;
use crate::expr::Clock;
use crate::playbook::Grain;
use crate::schema::Table;
use dialect::quoted;
use script::{Present, Script};

/// Which of the facts a query ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// A row for each group and period, a column for each measure and window.
    Groups,
    /// The same for each member.
    Members,
    /// A row for each group, period and KPI of its playbook.
    Kpis,
}

/// What is to be written.
pub struct Query<'a> {
    /// All that is to be measured.
    pub plan: &'a Plan,
    /// The expressions of KPIs, bound to the plan.
    pub kpis: &'a [Judged],
    /// The workspace.
    pub config: &'a Config,
    /// The drop, whose headers say which columns there are.
    pub sources: &'a Sources,
    /// The last instant that counts.
    pub as_of: Instant,
    /// The periods, oldest to latest.
    pub periods: &'a [Period],
    /// For which program.
    pub dialect: Dialect,
    /// Which facts.
    pub choice: Choice,
}

/// The report's place in time for each of some periods.
#[must_use]
pub fn clocks(periods: &[Period], zone: Zone) -> Vec<Clock> {
    let span = |p: Period| Interval { start: zone.midnight(p.first), end: zone.midnight(p.end) };
    periods.iter().map(|p| Clock { zone, window: span(*p), previous: span(p.previous()) }).collect()
}

/// Writes the statements that compute a plan's facts: views of the files where the dialect reads files, then one query.
///
/// Files that cannot be understood are left out, with the finding.
pub fn write(query: &Query<'_>, findings: &mut Findings) -> String {
    let Query { plan, config, dialect, .. } = *query;
    let mut sql = String::new();
    let mut present = Present::new();
    let mut stored: Vec<(Table, String)> = Vec::new();
    if dialect == Dialect::DuckDb {
        sql.push_str(&tables::moment_macro(config));
    }
    for table in Table::ALL {
        let layout = Layout { table, attributes: plan.attributes(table) };
        let files = describe(query.sources, &layout, config, findings);
        if !files.is_empty() {
            present.insert(table, files.iter().flat_map(|f| f.columns.iter().cloned()).collect());
        }
        match dialect {
            Dialect::DuckDb => sql.push_str(&tables::view(&layout, &files, config)),
            Dialect::Postgres => stored.push((table, tables::stored(&layout, present.get(&table), config))),
        }
    }
    let clocks = clocks(query.periods, config.site.zone);
    let table_absent = super::facts::Facts::absent_of(config);
    let mut script =
        Script::new(plan, dialect, &clocks, query.periods, query.as_of, config.data.attribution, present, table_absent);
    for (table, text) in stored {
        script.cte(table.name(), text);
    }
    script.held_tables();
    let pieces = script.streams();
    script.known();
    script.entity_facts(&pieces);
    let facts = script.group_facts(&pieces);
    let choice = match query.choice {
        Choice::Groups => script.choose_groups(&facts),
        Choice::Members => script.choose_members(),
        Choice::Kpis => script.choose_kpis(&facts, query.kpis),
    };
    sql + &script.finish(&choice)
}

impl Script<'_> {
    fn choose_groups(&self, facts: &str) -> String {
        let mut columns = vec!["gf.\"group\" as \"group_id\"".to_owned(), "p.\"name\" as \"period\"".to_owned()];
        for (read, _) in self.reads(Grain::Group) {
            columns.push(format!("{} as {}", self.group_value(read), self.column(read)));
        }
        format!(
            "select {}\nfrom {} gf join periods p on p.\"period\" = gf.\"period\"\norder by 1, 2",
            columns.join(",\n  "),
            quoted(facts)
        )
    }

    fn choose_members(&self) -> String {
        let mut columns = vec![
            "mf.\"group\" as \"group_id\"".to_owned(),
            "mf.\"member\" as \"member_id\"".to_owned(),
            "p.\"name\" as \"period\"".to_owned(),
        ];
        for (read, _) in self.reads(Grain::Member) {
            columns.push(format!("{} as {}", self.entity_value(read, "mf"), self.column(read)));
        }
        format!(
            "select {}\nfrom \"member_facts\" mf join periods p on p.\"period\" = mf.\"period\"\norder by 1, 2, 3",
            columns.join(",\n  ")
        )
    }
}
