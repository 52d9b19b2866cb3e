//! `qunce sql`: what playbooks measure, as SQL.

use super::arguments::{ChoiceArgument, DialectArgument, SqlOptions};
use super::{Failure, followed, terminal, workspace};
use crate::calendar::Period;
use crate::data::latest_instant;
use crate::diagnostic::{Code, Diagnostic};
use crate::measure::Plan;
use crate::measure::sql::{Choice, Dialect, Judged, Query, write};
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
    let mut kpis: Vec<Judged> = Vec::new();
    for (group, playbook) in &variants {
        for own in plan.ask_all(playbook, group.as_deref()) {
            // A stage that judges a KPI by the same numbers is not told apart.
            let same = |k: &Judged| {
                (&k.playbook, &k.group, &k.kpi, k.value, k.denominator)
                    == (&own.playbook, &own.group, &own.kpi, own.value, own.denominator)
            };
            if !kpis.iter().any(same) {
                kpis.push(own);
            }
        }
    }
    let last = period.unwrap_or_else(|| Period::last_complete(config.site.period, config.site.zone.day(as_of)));
    let mut periods = vec![last];
    while periods.len() < config.site.trend {
        periods.insert(0, periods.first().copied().unwrap_or(last).previous());
    }
    let query = Query {
        plan: &plan,
        kpis: &kpis,
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
            ChoiceArgument::Kpis => Choice::Kpis,
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
