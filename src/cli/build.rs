//! `qunce build`: from the workspace to the site.

use super::arguments::BuildOptions;
use super::workspace::{self, Judged, Workspace};
use super::{Failure, terminal};
use crate::config::MemberNames;
use crate::data::CellTexts;
use crate::site::{Inputs, SiteSummary, build};
use std::path::Path;

pub(super) fn run(options: &BuildOptions) -> Result<(), Failure> {
    let workspace = workspace::open(&options.workspace)?;
    let bar = terminal::progress("reading");
    let judged = workspace.judge(&options.time, &|rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    let summary = write(&workspace, &judged, &workspace.output(options.out.as_deref()))?;
    let told = told(&judged, &summary);
    let mut findings = judged.findings;
    findings.extend(summary.findings);
    terminal::report(&findings);
    if !options.quiet {
        terminal::print(&format!("{told} in {}\n", workspace.output(options.out.as_deref()).display()));
    }
    Ok(())
}

/// Writes the site of a judged workspace.
pub(super) fn write(workspace: &Workspace, judged: &Judged, out: &Path) -> Result<SiteSummary, Failure> {
    let config = &workspace.config;
    let folder = |name: &str| workspace.root.join(name);
    let templates = folder(&config.site.templates);
    let quarantine = match config.privacy.members {
        MemberNames::Plain => judged.quarantine.combine(CellTexts::Shown)?,
        MemberNames::Pseudonym => {
            workspace.keep_quarantine(&judged.quarantine)?;
            judged.quarantine.combine(CellTexts::Withheld)?
        }
    };
    let extra = quarantine.iter().map(|file| ("quarantine.csv".to_owned(), file.path().to_path_buf())).collect();
    let playbooks = workspace.without_stage();
    let inputs = Inputs {
        assessment: &judged.assessment,
        config,
        playbooks: &playbooks,
        templates: templates.is_dir().then(|| templates.clone()),
        protected: vec![folder(&config.data.dir), folder(&config.site.playbooks), templates],
        key: workspace.key()?,
        extra,
    };
    build(&inputs, out).map_err(Failure::Input)
}

/// What was built, in a line: the period, groups, pages and files.
pub(super) fn told(judged: &Judged, summary: &SiteSummary) -> String {
    format!(
        "{} of {}: {}, {}",
        judged.assessment.periods.last().map(ToString::to_string).unwrap_or_default(),
        terminal::counted(judged.assessment.groups.len(), "group"),
        terminal::counted(summary.pages, "page"),
        terminal::counted(summary.files, "file"),
    )
}
