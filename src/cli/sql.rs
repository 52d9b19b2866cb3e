//! `qunce sql`: what playbooks measure and judge, as SQL.

use super::arguments::{ChoiceArgument, DialectArgument, SqlOptions};
use super::{Failure, followed, terminal, workspace};
use crate::calendar::Period;
use crate::data::latest_instant;
use crate::diagnostic::{Code, Diagnostic};
use crate::measure::Plan;
use crate::measure::sql::{Choice, Dialect, Followed, Query, write};
use crate::playbook::Playbook;
use std::sync::Arc;

pub(super) fn run(options: &SqlOptions) -> Result<(), Failure> {
    let workspace = workspace::open(&options.workspace)?;
    let (as_of, period) = (workspace.as_of(&options.time)?, workspace.period(&options.time)?);
    let mut findings = workspace.findings.clone();
    if findings.has_errors() {
        return Err(Failure::Input(findings));
    }
    let config = &workspace.config;
    let sources = workspace.sources(&mut findings);
    let neutral = followed::playbooks(&workspace, &sources, &mut findings);
    let Some(as_of) = as_of.or_else(|| latest_instant(&sources, config)) else {
        findings.push(
            Diagnostic::error(Code::NoData, "no row tells a time, so there are no periods to ask about")
                .at_file(config.data.dir.clone(), "expected rows with a time, such as those of `messages.csv`")
                .with_help("say until when with `--as-of`"),
        );
        return Err(Failure::Input(findings));
    };
    if findings.has_errors() {
        return Err(Failure::Input(findings));
    }
    let library = &workspace.playbooks;
    let mut variants: Vec<(Option<String>, Arc<Playbook>)> = Vec::new();
    for ((id, group), playbook) in neutral {
        variants.push((group.clone(), playbook));
        for stage in library.stage_ids(&id) {
            variants.extend(library.resolve(&id, Some(&stage), group.as_deref()).map(|p| (group.clone(), p)));
        }
    }
    let mut plan = Plan::new(variants.iter().map(|(_, p)| &**p));
    let followed: Vec<Followed> = variants.iter().map(|(group, p)| plan.ask_all(p, group.as_deref())).collect();
    let last = period.unwrap_or_else(|| Period::last_complete(config.site.period, config.site.zone.day(as_of)));
    let mut periods = vec![last];
    while periods.len() < config.site.trend {
        periods.insert(0, periods.first().copied().unwrap_or(last).previous());
    }
    let query = Query {
        plan: &plan,
        followed: &followed,
        config,
        sources: &sources,
        as_of,
        periods: &periods,
        dialect: match options.dialect {
            DialectArgument::Duckdb => Dialect::DuckDb,
            DialectArgument::Postgres => Dialect::Postgres,
        },
        choice: match options.of {
            ChoiceArgument::Groups => Choice::Groups,
            ChoiceArgument::Members => Choice::Members,
            ChoiceArgument::Stages => Choice::Stages,
            ChoiceArgument::Kpis => Choice::Kpis,
            ChoiceArgument::Funnels => Choice::Funnels,
            ChoiceArgument::Rankings => Choice::Rankings,
            ChoiceArgument::Breakdowns => Choice::Breakdowns,
            ChoiceArgument::Segments => Choice::Segments,
            ChoiceArgument::Churn => Choice::Churn,
            ChoiceArgument::Alerts => Choice::Alerts,
        },
    };
    let sql = write(&query, &mut findings);
    if findings.has_errors() {
        return Err(Failure::Input(findings));
    }
    terminal::report_beside(&findings);
    terminal::print(&sql);
    Ok(())
}
