//! Builds a site: checks first, writes beside the target, then takes its place.

use super::engine::{Engine, TemplateFiles};
use super::lock::Patience;
use super::manifest::ManifestEntry;
use super::output::{Output, Target, collisions, write_failed};
use super::pages::{Page, Shown, Site, bundles};
use crate::config::{Config, MemberNames};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::health::Assessment;
use crate::playbook::Playbook;
use crate::report::{Places, Pseudonyms, Reporter, Wording};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tera::Context;

/// Everything a site is made of.
pub struct Inputs<'a> {
    /// The judgement.
    pub assessment: &'a Assessment,
    /// The configuration.
    pub config: &'a Config,
    /// Further playbooks for the method page; those of the groups are there anyway.
    pub playbooks: &'a [Arc<Playbook>],
    /// The workspace's templates folder, if there is one.
    pub templates: Option<PathBuf>,
    /// Folders that must not be written into: data, playbooks, templates.
    pub protected: Vec<PathBuf>,
    /// The key of the pseudonyms, from the variable that the configuration names.
    pub key: Option<String>,
    /// Files to be copied into the site: the path there and the file. `quarantine.csv` is linked from
    /// the data page.
    pub extra: Vec<(String, PathBuf)>,
}

/// Keeps a site with plain ids of members out of the repository that it may lie in; to commit it
/// takes `git add --force`.
const KEEP_OUT: &str = "# Ids of members stand here in plain.\n*\n";

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct SiteSummary {
    /// Number of HTML pages.
    pub pages: usize,
    /// Number of files.
    pub files: usize,
    /// Bytes in all of them.
    pub bytes: u64,
    /// Files whose content is new, and files that went; `None` where there was no site before.
    pub changes: Option<(usize, usize)>,
    /// Warnings.
    pub findings: Findings,
}

/// A written file with the faults of texts on it, or why there is none.
type Written = Result<(ManifestEntry, Vec<Diagnostic>), Vec<Diagnostic>>;

/// A language with its words and templates.
pub(super) struct Edition<'f> {
    pub wording: Wording,
    pub engine: Engine<'f>,
}

/// Takes a file of the site, by its path, as soon as it is rendered.
pub(super) type Sink<'a> = dyn Fn(&str, &[u8]) -> Result<ManifestEntry, Diagnostic> + Sync + 'a;

/// Writes the site into a folder, which then holds this site and nothing of an older one.
///
/// # Errors
/// Refused folders (`Q0401`), faulty templates and texts (`Q0402`), failed writes (`Q0403`), paths that collide
/// (`Q0404`) and another build at work (`Q0407`). The old site stays as it was.
pub fn build(inputs: &Inputs<'_>, out: &Path) -> Result<SiteSummary, Findings> {
    let output = Target::open(out, &inputs.guarded()).and_then(|t| t.take(Patience::None)).map_err(only)?;
    write(inputs, &output)
}

/// As [`build`], into a folder that was taken already.
///
/// # Errors
/// As [`build`].
pub fn write(inputs: &Inputs<'_>, output: &Output) -> Result<SiteSummary, Findings> {
    let staging = output.begin().map_err(only)?;
    let (entries, findings) =
        produce(inputs, &|path, content| staging.put(path, content)).inspect_err(|_| staging.abandon())?;
    let published = staging.publish(entries).map_err(only)?;
    let files = &published.manifest.files;
    Ok(SiteSummary {
        pages: files.iter().filter(|f| f.path.ends_with(".html")).count(),
        files: files.len(),
        bytes: files.iter().map(|f| f.bytes).sum(),
        changes: published.update.then_some((published.written, published.removed)),
        findings,
    })
}

impl Inputs<'_> {
    /// Every folder that must not be written into.
    fn guarded(&self) -> Vec<PathBuf> {
        self.protected.iter().chain(&self.templates).cloned().collect()
    }
}

/// Renders every file of the site and hands it over; tells what was made, with warnings.
pub(super) fn produce(inputs: &Inputs<'_>, sink: &Sink<'_>) -> Result<(Vec<ManifestEntry>, Findings), Findings> {
    let files = TemplateFiles::load(inputs.templates.as_deref()).map_err(|e| only(write_failed(&e)))?;
    let editions = editions(inputs, &files)?;
    let quarantine = inputs.extra.iter().map(|(p, _)| p).find(|p| *p == "quarantine.csv").cloned();
    let site = Site::new(inputs.assessment, inputs.config, inputs.playbooks, quarantine);
    let pages = site.pages();
    let assets: Vec<(&str, &[u8])> = files.assets().collect();
    let found = collisions(
        pages
            .iter()
            .map(|p| p.path.as_str())
            .chain(assets.iter().map(|(p, _)| *p))
            .chain(inputs.extra.iter().map(|(p, _)| p.as_str())),
    );
    if found.has_errors() {
        return Err(found);
    }

    let places = Places::default();
    let names = Pseudonyms::new(inputs.config.privacy.members, inputs.key.as_deref());
    let written: Vec<Vec<Written>> = bundles(&pages)
        .into_par_iter()
        .map(|bundle| {
            let Some(edition) = bundle.first().and_then(|page| editions.get(page.language)) else { return Vec::new() };
            let reporter = Reporter::new(
                inputs.assessment,
                &edition.wording,
                &names,
                &places,
                &edition.engine,
                &inputs.config.extra,
                inputs.config.site.zone,
            );
            let shown = Shown::default();
            let write = |page: &Page| {
                let content = site.render(page, &reporter, &edition.engine, &shown);
                let mut problems = reporter.take_problems();
                match content {
                    Err(problem) => {
                        problems.push(problem);
                        Err(problems)
                    }
                    Ok(content) => sink(&page.path, &content).map(|entry| (entry, problems)).map_err(|e| vec![e]),
                }
            };
            bundle.iter().map(write).collect()
        })
        .collect();

    let mut entries = Vec::with_capacity(pages.len());
    let mut problems: Vec<Diagnostic> = Vec::new();
    for result in written.into_iter().flatten() {
        let new = match result {
            Ok((entry, new)) => {
                entries.push(entry);
                new
            }
            Err(new) => new,
        };
        // One fault of a text or template shows in every group and period that has it.
        for problem in new {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    let mut assets = assets;
    if inputs.config.privacy.members == MemberNames::Plain {
        assets.push((".gitignore", KEEP_OUT.as_bytes()));
    }
    problems.extend(copy_files(sink, &assets, &inputs.extra, &mut entries).err());
    if problems.is_empty() {
        Ok((entries, warnings(inputs, &files)))
    } else {
        Err(problems.into_iter().collect_findings())
    }
}

pub(super) fn editions<'f>(inputs: &Inputs<'_>, files: &'f TemplateFiles) -> Result<Vec<Edition<'f>>, Findings> {
    let mut editions = Vec::new();
    let mut problems = Vec::new();
    for tag in &inputs.config.site.languages {
        let own = files.own_wording(tag).map_err(|found| vec![found]);
        match own.and_then(|own| Wording::load(tag, own)) {
            Err(found) => problems.extend(found),
            Ok(wording) => {
                let title = inputs.config.site.title.clone().unwrap_or_else(|| wording.get("site_title"));
                let zone = inputs.config.site.zone;
                let mut shared = Context::new();
                shared.insert("lang", tag);
                shared.insert("site_title", &title);
                shared.insert("tool_version", env!("CARGO_PKG_VERSION"));
                shared.insert("as_of", &zone.local(inputs.assessment.as_of).format("%Y-%m-%d %H:%M").to_string());
                shared.insert("extra", &inputs.config.extra);
                match Engine::new(files, &wording, shared) {
                    Ok(engine) => editions.push(Edition { wording, engine }),
                    Err(problem) if problems.contains(&problem) => {}
                    Err(problem) => problems.push(problem),
                }
            }
        }
    }
    if problems.is_empty() { Ok(editions) } else { Err(problems.into_iter().collect_findings()) }
}

fn copy_files(
    sink: &Sink<'_>,
    assets: &[(&str, &[u8])],
    extra: &[(String, PathBuf)],
    entries: &mut Vec<ManifestEntry>,
) -> Result<(), Diagnostic> {
    for (path, bytes) in assets {
        entries.push(sink(path, bytes)?);
    }
    for (path, from) in extra {
        let bytes = crate::fs::read(from).map_err(|e| write_failed(&e))?;
        entries.push(sink(path, &bytes)?);
    }
    Ok(())
}

fn warnings(inputs: &Inputs<'_>, files: &TemplateFiles) -> Findings {
    let mut findings: Findings = files.idle_wordings(&inputs.config.site.languages).into_iter().collect_findings();
    if inputs.config.privacy.members == MemberNames::Pseudonym && inputs.key.as_deref().is_none_or(str::is_empty) {
        let env = &inputs.config.privacy.key_env;
        findings.push(
            Diagnostic::warning(
                Code::PublicKey,
                "members are published under codes that anyone can compute from their ids",
            )
            .with_help(format!("set the environment variable `{env}` to a secret of your own")),
        );
    }
    findings
}

fn only(diagnostic: Diagnostic) -> Findings {
    let mut findings = Findings::new();
    findings.push(diagnostic);
    findings
}

trait CollectFindings {
    fn collect_findings(self) -> Findings;
}

impl<I: Iterator<Item = Diagnostic>> CollectFindings for I {
    fn collect_findings(self) -> Findings {
        let mut findings = Findings::new();
        self.for_each(|d| findings.push(d));
        findings
    }
}
