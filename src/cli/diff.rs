//! `qunce diff`: what changed between two results, and what changed it.

use super::arguments::{DiffOptions, TimeOptions, WorkspaceOption};
use super::{Failure, baseline, terminal, workspace};
use crate::config;
use crate::diagnostic::{Code, Diagnostic, Findings, Format};
use crate::gate::{self, LoadError, ResultFile, compare};
use std::path::Path;

/// Where a site keeps its result.
pub(super) const IN_SITE: &str = "api/result.json";

pub(super) fn run(options: &DiffOptions) -> Result<(), Failure> {
    terminal::only(&[Format::Human, Format::Json, Format::Markdown], "`--format human`, `json` or `markdown`")?;
    let diff = compare(&side(&options.before)?, &side(&options.after)?);
    terminal::print(&match terminal::format() {
        Format::Json => gate::write(&gate::json(&diff)),
        Format::Markdown => gate::markdown(&diff),
        _ => gate::human(&diff),
    });
    Ok(())
}

/// A result, from a file, a site or a workspace.
fn side(path: &Path) -> Result<ResultFile, Failure> {
    let site = path.join(IN_SITE);
    if path.is_dir() && !site.is_file() {
        if path.join(config::FILE_NAME).is_file() {
            let workspace = workspace::open(&WorkspaceOption { workspace: Some(path.to_path_buf()) })?;
            return Ok(baseline::judge(&workspace, &TimeOptions { as_of: None, period: None })?.0);
        }
        let mut findings = Findings::new();
        findings.push(
            Diagnostic::error(Code::InvalidResult, format!("`{}` is neither a site nor a workspace", path.display()))
                .at_file(path.display().to_string(), format!("expected `{IN_SITE}` or `{}` in it", config::FILE_NAME))
                .with_help("name a file written by `qunce baseline`, a site, or a workspace"),
        );
        return Err(Failure::Input(findings));
    }
    let file = if path.is_dir() { site } else { path.to_path_buf() };
    gate::read_result(&file, &file.display().to_string()).map_err(|error| match error {
        LoadError::System(error) => error.into(),
        LoadError::Invalid(finding) => {
            let mut findings = Findings::new();
            findings.push(*finding);
            Failure::Input(findings)
        }
    })
}
