//! A plan as SQL: the same facts, asked of another engine.
//!
//! Periods and windows are literal bounds, half-open, computed here. Nothing is asked of the other engine that a
//! sharded one could not answer shard by shard.

mod alerts;
mod breakdowns;
mod classes;
mod dialect;
mod expression;
mod facts;
mod followed;
mod funnels;
mod known;
mod kpis;
mod rankings;
mod script;
mod stages;
mod streams;
mod tables;

pub use dialect::Dialect;
pub use followed::Followed;

use super::plan::Plan;
use crate::calendar::{Instant, Interval, Period, Zone};
use crate::config::Config;
use crate::data::{Layout, Sources, describe};
use crate::diagnostic::Findings;
use crate::expr::Clock;
use crate::playbook::Grain;
use crate::schema::Table;
use classes::{CHURN, SEGMENTS};
use dialect::quoted;
use script::{Present, Script};

/// Which of the facts a query ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// A row for each group and period, a column for each measure and window.
    Groups,
    /// The same for each member.
    Members,
    /// A row for each group, with the stage it is in.
    Stages,
    /// A row for each group, period and KPI of its playbook in its stage.
    Kpis,
    /// A row for each step of each funnel.
    Funnels,
    /// A row for each place of each ranking; one without a place where there is none.
    Rankings,
    /// A row for each text of each breakdown; one without a place where there is none.
    Breakdowns,
    /// A row for each segment.
    Segments,
    /// A row for each class of churn.
    Churn,
    /// A row for each alert.
    Alerts,
}

/// What is to be written.
pub struct Query<'a> {
    /// All that is to be measured.
    pub plan: &'a Plan,
    /// The playbooks that groups follow, without a stage and in each, bound to the plan.
    pub followed: &'a [Followed],
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

/// Writes the statements that compute a plan's facts and what playbooks judge by them: views of the files where the
/// dialect reads files, then one query that has all of it as common table expressions and ends in one of them.
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
    script.judgements(&facts, query);
    let choice = match query.choice {
        Choice::Groups => script.choose_groups(&facts),
        Choice::Members => script.choose_members(),
        Choice::Stages => "select \"group\" as \"group_id\", \"stage\"\nfrom \"stages\"\norder by 1".to_owned(),
        Choice::Kpis => chosen("kpis", &kpis::COLUMNS),
        Choice::Funnels => chosen("funnels", &funnels::COLUMNS),
        Choice::Rankings => chosen("rankings", &rankings::COLUMNS),
        Choice::Breakdowns => chosen("breakdowns", &breakdowns::COLUMNS),
        Choice::Segments => chosen("segments", &SEGMENTS.columns()),
        Choice::Churn => chosen("churn", &CHURN.columns()),
        Choice::Alerts => chosen("alerts", &alerts::COLUMNS),
    };
    sql + &script.finish(&choice)
}

/// All of a table, in order of its first four columns, which tell its rows apart.
fn chosen(name: &str, columns: &[&str]) -> String {
    let columns: Vec<String> = columns.iter().map(|c| quoted(c)).collect();
    format!("select {}\nfrom {}\norder by 1, 2, 3, 4", columns.join(", "), quoted(name))
}

impl Script<'_> {
    /// What playbooks make of the facts.
    fn judgements(&mut self, facts: &str, query: &Query<'_>) {
        let Query { followed, config, .. } = *query;
        self.stages(facts, followed, config.data.infer.groups.as_deref());
        self.kpis(facts, followed);
        self.funnels(facts, followed);
        self.rankings(facts, followed);
        self.breakdowns(facts, followed, config.privacy.min_cell);
        self.partition(&SEGMENTS, facts, followed);
        self.partition(&CHURN, facts, followed);
        self.alerts(facts, followed);
    }

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
