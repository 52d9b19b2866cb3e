//! `qunce check`: the configuration and all playbooks, without data.

use super::arguments::CheckOptions;
use super::{Failure, terminal, workspace};
use crate::diagnostic::Severity;

pub(super) fn run(options: &CheckOptions) -> Result<(), Failure> {
    let workspace = workspace::open(&options.workspace)?;
    let mut findings = workspace.findings.clone();
    workspace.playbooks.check(&mut findings);
    // Names of files are part of the configuration; what is in them is not.
    workspace.sources(&mut findings);
    if findings.has_errors() {
        return Err(Failure::Input(findings));
    }
    terminal::report(&findings);
    terminal::close(&format!(
        "{} checked: 0 errors, {}\n",
        terminal::counted(workspace.playbooks.ids().len(), "playbook"),
        terminal::counted(findings.count(Severity::Warning), "warning")
    ));
    Ok(())
}
