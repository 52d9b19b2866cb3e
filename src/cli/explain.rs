//! `qunce explain`: where a group's numbers come from.

use super::arguments::ExplainOptions;
use super::{Failure, explain_text, terminal, workspace};
use crate::diagnostic::{Code, Diagnostic, Findings, Format, did_you_mean};
use crate::health::{Assessment, GroupHealth, PeriodHealth};

pub(super) fn run(options: &ExplainOptions) -> Result<(), Failure> {
    terminal::only(&[Format::Human], "no `--format`; programs find the same in `api/groups` of a site")?;
    let workspace = workspace::open(&options.workspace)?;
    let bar = terminal::progress("reading");
    let judged = workspace.judge(&options.time, &|rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    let (group, period) = find_group(&judged.assessment, &options.group)?;
    let language =
        options.lang.as_deref().or(workspace.config.site.languages.first().map(String::as_str)).unwrap_or("zh-CN");
    let text = match &options.kpi {
        None => explain_text::group(group, period, language),
        Some(id) => {
            let result = period.kpis.iter().find(|k| k.id == *id).ok_or_else(|| {
                let known = period.kpis.iter().map(|k| k.id.as_str());
                unknown("KPI", id, did_you_mean(id, known))
            })?;
            explain_text::kpi(group, period, result, language)
        }
    };
    terminal::print(&text);
    Ok(())
}

fn find_group<'a>(assessment: &'a Assessment, id: &str) -> Result<(&'a GroupHealth, &'a PeriodHealth), Failure> {
    let group = assessment.groups.iter().find(|g| g.info.id == id || g.info.name == id);
    group.and_then(|g| Some((g, g.latest()?))).ok_or_else(|| {
        let known = assessment.groups.iter().map(|g| g.info.id.as_str());
        unknown("group", id, did_you_mean(id, known))
    })
}

fn unknown(what: &str, id: &str, meant: Option<&str>) -> Failure {
    let mut finding = Diagnostic::error(Code::UnknownName, format!("there is no {what} `{id}`"));
    if let Some(meant) = meant {
        finding = finding.with_help(format!("did you mean `{meant}`?"));
    }
    let mut findings = Findings::new();
    findings.push(finding);
    Failure::Usage(findings)
}
