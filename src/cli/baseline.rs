//! `qunce baseline`: a result as a small file made for git.

use super::arguments::BaselineOptions;
use super::workspace::Workspace;
use super::{Failure, terminal, workspace};
use crate::diagnostic::Findings;
use crate::fs;
use crate::gate::{self, ResultFile};
use std::path::Path;

pub(super) fn run(options: &BaselineOptions) -> Result<(), Failure> {
    let workspace = workspace::open(&options.workspace)?;
    let (result, findings) = judge(&workspace, &options.time)?;
    let text = gate::write(&result);
    if options.output == Path::new("-") {
        terminal::report_beside(&findings);
        terminal::print(&text);
        return Ok(());
    }
    fs::write(&options.output, text)?;
    terminal::report(&findings);
    terminal::close(&format!(
        "{} of {} in {}\n",
        result.period.id,
        terminal::counted(result.groups.len(), "group"),
        options.output.display(),
    ));
    Ok(())
}

/// Judges a workspace and takes the result, with the hash of its drop.
pub(super) fn judge(
    workspace: &Workspace,
    time: &super::arguments::TimeOptions,
) -> Result<(ResultFile, Findings), Failure> {
    let bar = terminal::progress("reading");
    let judged = workspace.judge(time, &|rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    let sources = workspace.sources(&mut Findings::new());
    let files = sources.parts.values().flatten().map(|part| (part.shown.as_str(), part.path.as_path()));
    let data = gate::fingerprint_files(files)?;
    let result = gate::gather(&judged.assessment, &workspace.playbooks, &workspace.config, Some(data));
    Ok((result, judged.findings))
}
