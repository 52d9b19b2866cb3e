//! Opens a workspace: its folder, configuration and playbooks.

use super::Failure;
use super::arguments::{TimeOptions, WorkspaceOption};
use crate::calendar::{Day, Instant, Period};
use crate::config::{self, Config, find_workspace};
use crate::data::{CellTexts, QuarantineFiles, Sources, discover};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity};
use crate::fs;
use crate::health::{Assessment, Question, assess};
use crate::measure::{FactsCache, MakeSink};
use crate::playbook::{Library, Playbook, built_in};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows set aside by a run that failed, relative to the workspace.
const QUARANTINE: &str = ".qunce/quarantine.csv";
/// Facts of files that need not be read again, relative to the workspace.
const FACTS: &str = ".qunce/facts";
/// Bytes of rows below which reading them takes no longer than keeping their facts.
const QUICK: u64 = 4 * 1024 * 1024;

/// An open workspace.
pub(super) struct Workspace {
    pub root: PathBuf,
    pub config: Config,
    pub playbooks: Library,
    pub findings: Findings,
    /// Where facts are kept; `None` to read everything anew.
    pub facts: Option<PathBuf>,
}

/// Finds a workspace and reads its configuration alone; what is wrong with that is told by [`open`].
pub(super) fn locate(option: &WorkspaceOption) -> Result<(PathBuf, Config), Failure> {
    read(option).map(|(root, config, _)| (root, config))
}

/// Finds and reads a workspace.
pub(super) fn open(option: &WorkspaceOption) -> Result<Workspace, Failure> {
    let (root, config, mut findings) = read(option)?;
    let folder = root.join(&config.site.playbooks);
    let library =
        Library::load(&built_in(), folder.is_dir().then_some(folder.as_path()), &config.site.languages, &mut findings);
    let facts = Some(root.join(FACTS));
    Ok(Workspace { root, config, playbooks: library, findings, facts })
}

fn read(option: &WorkspaceOption) -> Result<(PathBuf, Config, Findings), Failure> {
    let root = find(option)?;
    let mut findings = Findings::new();
    let path = root.join(config::FILE_NAME);
    let Some(config) = config::load(&path, &mut findings) else { return Err(Failure::Input(findings)) };
    Ok((root, config, findings))
}

/// The folder of a workspace.
pub(super) fn find(option: &WorkspaceOption) -> Result<PathBuf, Failure> {
    let mut findings = Findings::new();
    let root = match &option.workspace {
        Some(dir) => dir.clone(),
        None => {
            let here = std::env::current_dir()?;
            find_workspace(&here).ok_or_else(|| {
                findings.push(
                    Diagnostic::error(Code::WorkspaceMissing, "no `qunce.toml` in this folder or above it")
                        .with_help("make a workspace with `qunce init`, or name one with `--workspace DIR`"),
                );
                Failure::Input(std::mem::take(&mut findings))
            })?
        }
    };
    if !root.join(config::FILE_NAME).is_file() {
        findings.push(
            Diagnostic::error(Code::WorkspaceMissing, "this folder is no workspace")
                .at_file(root.display().to_string(), "expected a `qunce.toml` in it")
                .with_help("make one with `qunce init`"),
        );
        return Err(Failure::Input(findings));
    }
    Ok(root)
}

/// A judged workspace with the rows that were set aside.
pub(super) struct Judged {
    pub assessment: Assessment,
    pub findings: Findings,
    pub quarantine: QuarantineFiles,
}

impl Workspace {
    /// Reads the drop and judges it; errors in the configuration or in playbooks stop before that.
    pub fn judge(&self, time: &TimeOptions, progress: &(dyn Fn(u64) + Sync)) -> Result<Judged, Failure> {
        let mut findings = Findings::new();
        let quarantine = QuarantineFiles::default();
        let sink = |table| quarantine.sink(table);
        let sources = self.checked_sources(&mut findings)?;
        let question = self.question(time, &sources, &sink, progress)?;
        match assess(question) {
            Ok((assessment, more)) => {
                findings.extend(more);
                Ok(Judged { assessment, findings, quarantine })
            }
            Err(more) => {
                findings.extend(more);
                self.keep(&quarantine, &mut findings);
                Err(Failure::Input(findings))
            }
        }
    }

    /// Reads everything anew if that is asked for.
    pub fn without_cache(mut self, no_cache: bool) -> Self {
        self.facts = self.facts.filter(|_| !no_cache);
        self
    }

    /// Where facts are kept between runs.
    pub fn cache(&self) -> Option<FactsCache<'_>> {
        self.facts.as_ref().map(|folder| FactsCache { folder, least: QUICK })
    }

    /// The files of the drop, once the configuration and all playbooks hold.
    fn checked_sources(&self, findings: &mut Findings) -> Result<Sources, Failure> {
        findings.extend(self.findings.clone());
        let mut checked = self.findings.clone();
        self.playbooks.check(&mut checked);
        // Gaps of the method are `check`'s to tell; a build tells what is wrong with its data.
        if checked.has_errors() {
            let mut errors = Findings::new();
            checked.items().iter().filter(|f| f.severity == Severity::Error).for_each(|f| errors.push(f.clone()));
            return Err(Failure::Input(errors));
        }
        let sources = self.sources(findings);
        if findings.has_errors() { Err(Failure::Input(std::mem::take(findings))) } else { Ok(sources) }
    }

    fn question<'a>(
        &'a self,
        time: &TimeOptions,
        sources: &'a Sources,
        quarantine: &'a MakeSink<'a>,
        progress: &'a (dyn Fn(u64) + Sync),
    ) -> Result<Question<'a>, Failure> {
        let (as_of, period) = (self.as_of(time)?, self.period(time)?);
        let (config, library, cache) = (&self.config, &self.playbooks, self.cache());
        Ok(Question { config, library, sources, as_of, period, quarantine, cache, progress })
    }

    /// Where no site is written, the rows set aside are kept in the workspace, so that they can be mended.
    fn keep(&self, quarantine: &QuarantineFiles, findings: &mut Findings) {
        let told = match self.keep_quarantine(quarantine) {
            Ok(false) => return,
            Ok(true) => Diagnostic::note(Code::TooManyBadRows, "all rows set aside are listed in a file")
                .at_file(QUARANTINE, "the next failing run replaces it"),
            Err(error) => Diagnostic::warning(Code::WriteFailed, error.to_string()),
        };
        findings.push(told);
    }

    /// Puts the rows set aside, with their cells, where nothing is published from; whether there are any.
    pub fn keep_quarantine(&self, quarantine: &QuarantineFiles) -> Result<bool, fs::FsError> {
        let path = self.root.join(QUARANTINE);
        match quarantine.combine(CellTexts::Shown)? {
            Some(rows) => fs::copy(rows.path(), &path).map(|()| true),
            None => fs::remove_file(&path).map(|()| false),
        }
    }

    /// The key of the members' codes: of the environment variable, else of the file that `qunce.toml` names.
    pub fn key(&self) -> Result<Option<String>, Failure> {
        let privacy = &self.config.privacy;
        if let Some(key) = std::env::var(&privacy.key_env).ok().filter(|k| !k.is_empty()) {
            return Ok(Some(key));
        }
        let Some(name) = &privacy.key_file else { return Ok(None) };
        let refused = |what: String, label: &str| {
            let mut findings = Findings::new();
            findings.push(Diagnostic::error(Code::KeyFile, what).at_file(name.clone(), label).with_help(format!(
                "put it beside the repository rather than into it, or set the variable `{}`",
                privacy.key_env
            )));
            Failure::Input(findings)
        };
        let path = self.root.join(name);
        let text = fs::read_to_string(&path).map_err(|e| refused(e.to_string(), "`privacy.key_file` of qunce.toml"))?;
        let real = path.canonicalize()?;
        if let Some(repository) = real.ancestors().skip(1).find(|folder| folder.join(".git").exists()) {
            return Err(refused(
                format!("the key lies in the git repository `{}`, so it would be committed", repository.display()),
                "expected a file outside of any repository",
            ));
        }
        match text.trim() {
            "" => Err(refused("the file of the key is empty".into(), "expected the key as its text")),
            key => Ok(Some(key.to_owned())),
        }
    }

    /// Every playbook that groups may follow, without a stage.
    pub fn without_stage(&self) -> Vec<Arc<Playbook>> {
        self.playbooks.ids().into_iter().filter_map(|id| self.playbooks.resolve(id, None, None)).collect()
    }

    /// Whether the options of time are understood.
    pub fn check_times(&self, time: &TimeOptions) -> Result<(), Failure> {
        self.as_of(time)?;
        self.period(time)?;
        Ok(())
    }

    /// The files of the drop.
    pub fn sources(&self, findings: &mut Findings) -> Sources {
        discover(&self.root, &self.config, findings)
    }

    /// The output folder.
    pub fn output(&self, option: Option<&Path>) -> PathBuf {
        option.map_or_else(|| self.root.join(&self.config.site.output), Path::to_path_buf)
    }

    /// A day means its end.
    pub fn as_of(&self, time: &TimeOptions) -> Result<Option<Instant>, Failure> {
        let Some(text) = &time.as_of else { return Ok(None) };
        let zone = self.config.site.zone;
        if let Ok(date) = text.parse::<chrono::NaiveDate>() {
            return Ok(Some(Instant(zone.midnight(Day::from_date(date).plus(1)).0 - 1)));
        }
        if let Ok(moment) = chrono::DateTime::parse_from_rfc3339(text) {
            return Ok(Some(Instant(moment.timestamp_micros())));
        }
        ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|f| chrono::NaiveDateTime::parse_from_str(text, f).ok())
            .and_then(|local| zone.instant(local).ok())
            .map(Some)
            .ok_or_else(|| usage("--as-of", text, "a day such as `2025-05-11` or a moment such as `2025-05-11T18:00`"))
    }

    /// The period that was asked for.
    pub fn period(&self, time: &TimeOptions) -> Result<Option<Period>, Failure> {
        let Some(text) = &time.period else { return Ok(None) };
        let cadence = self.config.site.period;
        match Period::parse(text) {
            Some(period) if period.cadence == cadence => Ok(Some(period)),
            _ => Err(usage(
                "--period",
                text,
                "a week such as `2025-W19` or a month such as `2025-05`, as `period` under `[site]` says",
            )),
        }
    }
}

pub(super) fn usage(option: &str, text: &str, expected: &str) -> Failure {
    let mut findings = Findings::new();
    findings.push(
        Diagnostic::error(Code::UnknownName, format!("`{option}` does not understand `{text}`"))
            .with_help(format!("expected {expected}")),
    );
    Failure::Usage(findings)
}
