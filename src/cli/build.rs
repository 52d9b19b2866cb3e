//! `qunce build`: from the workspace to the site.

use super::arguments::BuildOptions;
use super::diff::IN_SITE;
use super::gate::Asked;
use super::{Failure, terminal, workspace};
use crate::config::MemberNames;
use crate::data::CellTexts;
use crate::site::{Inputs, build};
use crate::{fs, gate};
use std::path::PathBuf;

pub(super) fn run(options: &BuildOptions) -> Result<(), Failure> {
    let workspace = workspace::open(&options.workspace)?;
    let asked = Asked::of(&workspace, &options.gates)?;
    let bar = terminal::progress("reading");
    let judged = workspace.judge(&options.time, &|rows| bar.set_position(rows))?;
    bar.finish_and_clear();
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
    let result = gate::gather(&judged.assessment, &workspace.playbooks, config, None);
    let kept = tempfile::NamedTempFile::new()?;
    fs::write(kept.path(), gate::write(&result))?;
    let mut extra: Vec<(String, PathBuf)> = vec![(IN_SITE.to_owned(), kept.path().to_path_buf())];
    extra.extend(quarantine.iter().map(|file| ("quarantine.csv".to_owned(), file.path().to_path_buf())));
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
    let out = workspace.output(options.out.as_deref());
    let summary = build(&inputs, &out).map_err(Failure::Input)?;
    // The site stands, whatever the gates say.
    let mut findings = judged.findings.clone();
    findings.extend(summary.findings);
    let findings = asked.hold(&workspace, &judged, &result, findings)?;
    terminal::report(&findings);
    if !options.quiet {
        terminal::close(&format!(
            "{} of {}: {}, {} in {}\n",
            judged.assessment.periods.last().map(ToString::to_string).unwrap_or_default(),
            terminal::counted(judged.assessment.groups.len(), "group"),
            terminal::counted(summary.pages, "page"),
            terminal::counted(summary.files, "file"),
            out.display(),
        ));
    }
    Ok(())
}
