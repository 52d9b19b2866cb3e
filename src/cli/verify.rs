//! `qunce verify`: whether a site is just what the inputs give.

use super::arguments::VerifyOptions;
use super::build::with_inputs;
use super::{Failure, terminal, workspace};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::site;
use std::path::Path;

/// Files named of each kind; the rest are counted.
const NAMED: usize = 20;

pub(super) fn run(options: &VerifyOptions) -> Result<(), Failure> {
    let workspace = workspace::open(&options.workspace)?.without_cache(true);
    let bar = terminal::progress("reading");
    let judged = workspace.judge(&options.time, &|rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    let out = workspace.output(options.out.as_deref());
    let mut found = with_inputs(&workspace, &judged, |inputs, _| {
        site::verify(inputs, &out).map_err(|findings| {
            let no_site = findings.items().iter().any(|f| f.code == Code::SiteDiffers);
            if no_site { Failure::Gate(findings) } else { Failure::of_site(findings) }
        })
    })?;
    let tolerated = if options.allow_foreign { std::mem::take(&mut found.foreign).len() } else { 0 };
    if found.is_empty() {
        let others =
            if tolerated > 0 { format!(", {} of others", terminal::counted(tolerated, "file")) } else { String::new() };
        terminal::report(&Findings::new());
        terminal::close(&format!(
            "{} comes from these inputs: {} as they must be{others}\n",
            out.display(),
            terminal::counted(found.same, "file")
        ));
        return Ok(());
    }
    // As somebody in the workspace would name the files, wherever the workspace lies.
    let site = out.strip_prefix(&workspace.root).ok().or(out.file_name().map(Path::new)).unwrap_or(&out);
    let site: Vec<_> = site.iter().map(|part| part.to_string_lossy()).collect();
    let site = site.join("/");
    let mut findings = Findings::new();
    let kinds = [
        (&found.changed, "not what these inputs give", "changed after the build, or the inputs were"),
        (&found.missing, "missing", "removed after the build, or the inputs are new"),
        (
            &found.foreign,
            "not of these inputs",
            "added by others, or left of other inputs; `--allow-foreign` lets them be",
        ),
    ];
    for (files, what, why) in kinds {
        if files.is_empty() {
            continue;
        }
        let verb = if files.len() == 1 { "is" } else { "are" };
        let title = format!("{} of `{site}` {verb} {what}", terminal::counted(files.len(), "file"));
        let mut finding = Diagnostic::error(Code::SiteDiffers, title);
        for file in files.iter().take(NAMED) {
            finding = finding.at_file(format!("{site}/{file}"), "");
        }
        if files.len() > NAMED {
            finding = finding.with_note(format!("and {} more", files.len() - NAMED));
        }
        findings.push(finding.with_note(why));
    }
    Err(Failure::Gate(findings))
}
