//! `qunce build`: from the workspace to the site.

use super::arguments::BuildOptions;
use super::diff::IN_SITE;
use super::fingerprint::Fingerprint;
use super::gate::Asked;
use super::record::{Record, Summary, Verdict};
use super::workspace::{Judged, Workspace};
use super::{Failure, terminal, workspace};
use crate::config::{Config, MemberNames};
use crate::data::CellTexts;
use crate::diagnostic::Findings;
use crate::gate::ResultFile;
use crate::site::{self, Inputs, Patience, SiteSummary, Target};
use crate::{fs, gate};
use std::path::{Path, PathBuf};

pub(super) fn run(options: &BuildOptions) -> Result<(), Failure> {
    let (root, config) = workspace::locate(&options.workspace)?;
    let out = options.out.clone().unwrap_or_else(|| root.join(&config.site.output));
    let waiting = |text: &str| terminal::say(&format!("{text}\n"));
    let patience = if options.wait { Patience::Wait(&waiting) } else { Patience::None };
    let target = Target::open(&out, &protected(&root, &config)).map_err(Failure::of_site)?;
    let output = target.take(patience).map_err(Failure::of_site)?;
    let record = Record::read(&root, output.path());
    // Before anything is read: what changes from here on is noticed.
    let fingerprint = Fingerprint::take(&root, &config, &options.time, &options.gates, &record.known());
    if let Some((summary, verdict)) =
        fingerprint.as_ref().filter(|_| !options.no_cache).and_then(|f| record.unchanged(f, &output))
    {
        return end(options, verdict, &format!("{}nothing changed\n", line(&summary, &out)));
    }

    let workspace = workspace::open(&options.workspace)?.without_cache(options.no_cache);
    let asked = Asked::of(&workspace, &options.gates)?;
    let bar = terminal::progress("reading");
    let judged = workspace.judge(&options.time, &|rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    keep_texts(&workspace, &judged)?;
    let (written, result) = with_inputs(&workspace, &judged, |inputs, result| {
        Ok((site::write(inputs, &output).map_err(Failure::of_site)?, result.clone()))
    })?;
    let summary = summary(&judged, &written);
    // The site stands, whatever the gates say.
    let mut findings = judged.findings.clone();
    findings.extend(written.findings);
    let mut verdict = match asked.hold(&workspace, &judged, &result, findings) {
        Ok(findings) => Verdict { failed: false, findings },
        Err(Failure::Gate(findings)) => Verdict { failed: true, findings },
        Err(failure) => return Err(failure),
    };
    if let Some(fingerprint) = &fingerprint {
        let told = record.keep(fingerprint, output.path(), &summary, &verdict);
        verdict.findings.extend(told);
    }
    let changes = written.changes.map(|(new, gone)| format!("{new} written, {gone} removed, the rest as it was\n"));
    end(options, verdict, &format!("{}{}", line(&summary, &out), changes.unwrap_or_default()))
}

/// Tells how a build came out whose site stands.
fn end(options: &BuildOptions, verdict: Verdict, closing: &str) -> Result<(), Failure> {
    let Verdict { failed, findings } = verdict;
    if !failed {
        terminal::report(&findings);
    }
    if !options.quiet {
        terminal::close(closing);
    }
    if failed { Err(Failure::Gate(findings)) } else { Ok(()) }
}

/// What a build came to.
pub(super) fn summary(judged: &Judged, written: &SiteSummary) -> Summary {
    Summary {
        period: judged.assessment.periods.last().map(ToString::to_string).unwrap_or_default(),
        groups: judged.assessment.groups.len(),
        pages: written.pages,
        files: written.files,
    }
}

/// A build in a line: the period, groups, pages and files.
pub(super) fn told(summary: &Summary) -> String {
    format!(
        "{} of {}: {}, {}",
        summary.period,
        terminal::counted(summary.groups, "group"),
        terminal::counted(summary.pages, "page"),
        terminal::counted(summary.files, "file"),
    )
}

fn line(summary: &Summary, out: &Path) -> String {
    format!("{} in {}\n", told(summary), out.display())
}

/// Writes the site of a judged workspace into a folder.
pub(super) fn write(workspace: &Workspace, judged: &Judged, out: &Path) -> Result<SiteSummary, Failure> {
    keep_texts(workspace, judged)?;
    with_inputs(workspace, judged, |inputs, _| site::build(inputs, out).map_err(Failure::of_site))
}

/// What the site withholds of rows set aside can be read in the workspace.
fn keep_texts(workspace: &Workspace, judged: &Judged) -> Result<(), Failure> {
    if workspace.config.privacy.members == MemberNames::Pseudonym {
        workspace.keep_quarantine(&judged.quarantine)?;
    }
    Ok(())
}

/// Folders that hold inputs.
fn protected(root: &Path, config: &Config) -> Vec<PathBuf> {
    [&config.data.dir, &config.site.playbooks, &config.site.templates].map(|name| root.join(name)).to_vec()
}

/// Everything the site of a judged workspace is made of.
pub(super) fn with_inputs<T>(
    workspace: &Workspace,
    judged: &Judged,
    make: impl FnOnce(&Inputs<'_>, &ResultFile) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let config = &workspace.config;
    let templates = workspace.root.join(&config.site.templates);
    let quarantine = judged.quarantine.combine(match config.privacy.members {
        MemberNames::Plain => CellTexts::Shown,
        MemberNames::Pseudonym => CellTexts::Withheld,
    })?;
    let result = gate::gather(&judged.assessment, &workspace.playbooks, config, None);
    let text = gate::write(&result);
    let kept = fs::temporary(|file| file.write_all(text.as_bytes()))?;
    let mut extra: Vec<(String, PathBuf)> = vec![(IN_SITE.to_owned(), kept.path().to_path_buf())];
    extra.extend(quarantine.iter().map(|file| ("quarantine.csv".to_owned(), file.path().to_path_buf())));
    let playbooks = workspace.without_stage();
    let inputs = Inputs {
        assessment: &judged.assessment,
        config,
        playbooks: &playbooks,
        templates: templates.is_dir().then_some(templates),
        protected: protected(&workspace.root, config),
        key: workspace.key()?,
        extra,
    };
    make(&inputs, &result)
}

/// What goes wrong with the folder of a site is not the fault of its inputs.
impl Failure {
    pub(super) fn of_site(findings: impl Into<Findings>) -> Self {
        let findings = findings.into();
        if findings.items().iter().any(|f| f.code.is_input_output()) {
            Self::Output(findings)
        } else {
            Self::Input(findings)
        }
    }
}
