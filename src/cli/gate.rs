//! `qunce gate`, and the gates of `qunce build`.

use super::arguments::{FailOnArgument, GateArguments, GateOptions};
use super::workspace::{Judged, Workspace};
use super::{Failure, terminal, workspace};
use crate::config::FailOn;
use crate::diagnostic::{Code, Diagnostic, Findings, Severity};
use crate::gate::{self, Gates, Limit, LoadError, ResultFile};
use std::path::PathBuf;

pub(super) fn run(options: &GateOptions) -> Result<(), Failure> {
    let workspace = workspace::open(&options.workspace)?;
    let bar = terminal::progress("reading");
    let judged = workspace.judge(&options.time, &|rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    let result = gate::gather(&judged.assessment, &workspace.playbooks, &workspace.config, None);
    let mut findings = judged.findings.clone();
    let asked = Asked::of(&workspace, &options.gates)?;
    if asked.gates.is_empty() {
        findings.push(
            Diagnostic::warning(Code::NoGate, "no gate is set, so nothing was held against anything").with_help(
                "set `fail_under`, `fail_on` or `max_drop` under `[gate]` in qunce.toml, or pass them as flags",
            ),
        );
    }
    asked.hold(&workspace, &judged, &result, findings).map(|findings| {
        terminal::report(&findings);
        let waived = findings.items().iter().filter(|f| f.code == Code::Waived).count();
        terminal::close(&format!(
            "{} of {}: no gate failed, {waived} waived\n",
            result.period.id,
            terminal::counted(judged.assessment.groups.len(), "group"),
        ));
    })
}

/// The gates that a run was asked to hold, and its baseline.
pub(super) struct Asked {
    pub gates: Gates,
    /// Path, and the path as shown.
    baseline: Option<(PathBuf, String)>,
}

impl Asked {
    /// Flags win over `[gate]`.
    pub fn of(workspace: &Workspace, arguments: &GateArguments) -> Result<Self, Failure> {
        let own = &workspace.config.gate;
        let located = |flag: Option<f64>, key: &Option<crate::config::toml::Located<f64>>| match (flag, key) {
            (Some(value), _) => Some(Limit { value, span: None }),
            (None, Some(key)) => Some(Limit { value: key.value, span: Some(key.span.clone()) }),
            (None, None) => None,
        };
        for (flag, value) in [("--fail-under", arguments.fail_under), ("--max-drop", arguments.max_drop)] {
            if let Some(value) = value.filter(|v| !(0.0..=100.0).contains(v)) {
                let mut findings = Findings::new();
                findings.push(
                    Diagnostic::error(Code::UnknownName, format!("`{flag}` cannot be {value}"))
                        .with_help("expected points from 0 to 100"),
                );
                return Err(Failure::Usage(findings));
            }
        }
        let fail_on = if arguments.fail_on.is_empty() {
            own.fail_on.iter().map(|f| (f.value, Some(f.span.clone()))).collect()
        } else {
            let word = |f: &FailOnArgument| match f {
                FailOnArgument::Critical => FailOn::Critical,
                FailOnArgument::Alert => FailOn::Alert,
            };
            arguments.fail_on.iter().map(|f| (word(f), None)).collect()
        };
        let baseline = match (&arguments.baseline, &own.baseline) {
            (Some(path), _) => Some((path.clone(), path.display().to_string())),
            (None, Some(path)) => Some((workspace.root.join(&path.value), path.value.clone())),
            (None, None) => None,
        };
        if arguments.max_drop.is_some() && baseline.is_none() {
            let mut findings = Findings::new();
            findings.push(
                Diagnostic::error(Code::UnknownName, "`--max-drop` has no baseline to compare with").with_help(
                    "write one with `qunce baseline`, and name it by `--baseline` or in `[gate]` of qunce.toml",
                ),
            );
            return Err(Failure::Usage(findings));
        }
        let gates = Gates {
            fail_under: located(arguments.fail_under, &own.fail_under),
            fail_on,
            max_drop: located(arguments.max_drop, &own.max_drop),
        };
        Ok(Self { gates, baseline })
    }

    /// Holds a judgement against the gates; gives all findings where they hold.
    pub fn hold(
        &self,
        workspace: &Workspace,
        judged: &Judged,
        result: &ResultFile,
        mut findings: Findings,
    ) -> Result<Findings, Failure> {
        let baseline = match (&self.gates.max_drop, &self.baseline) {
            (Some(_), Some((path, shown))) => match gate::read_result(path, shown) {
                Ok(baseline) => Some((baseline, shown)),
                Err(LoadError::System(error)) => {
                    findings.push(
                        Diagnostic::error(Code::InputOutput, error.to_string())
                            .with_help("write the baseline with `qunce baseline`"),
                    );
                    return Err(Failure::Unwritten(findings));
                }
                Err(LoadError::Invalid(finding)) => {
                    findings.push(*finding);
                    return Err(Failure::Input(findings));
                }
            },
            _ => None,
        };
        let as_of = workspace.config.site.zone.day(judged.assessment.as_of);
        let baseline = baseline.as_ref().map(|(file, shown)| (file, shown.as_str()));
        let found = gate::check(&self.gates, &judged.assessment, as_of, result, baseline);
        let failed = found.count(Severity::Error) > 0;
        findings.extend(found);
        if failed { Err(Failure::Gate(findings)) } else { Ok(findings) }
    }
}
