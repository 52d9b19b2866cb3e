//! The command line: one file per command, exit codes in one place.

mod arguments;
mod baseline;
mod build;
mod check;
mod ci;
mod diff;
mod explain;
mod explain_code;
mod explain_text;
mod facts;
mod fingerprint;
mod followed;
mod gate;
mod init;
mod record;
mod sample;
mod schema;
mod serve;
mod shell;
mod sql;
mod terminal;
mod verify;
mod workspace;

use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::fs::FsError;
use arguments::{Arguments, Command, FormatArgument, OutputOptions};
use clap::Parser;
use std::process::ExitCode;

/// Why a command ended without its result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A gate failed: exit code 1. Everything that can be written is written.
    Gate(Findings),
    /// Bad configuration, playbook or data: exit code 3.
    Input(Findings),
    /// A file besides the site could not be read: exit code 4.
    Unwritten(Findings),
    /// A wrong argument that only the command could notice: exit code 2.
    Usage(Findings),
    /// The site cannot be written: exit code 4.
    Output(Findings),
    /// Input/output or internal: exit code 4.
    System(String),
}

impl Failure {
    /// The exit code and what is told.
    fn told(self) -> (u8, Findings) {
        match self {
            Self::Gate(findings) => (1, findings),
            Self::Usage(findings) => (2, findings),
            Self::Input(findings) => (3, findings),
            Self::Unwritten(findings) | Self::Output(findings) => (4, findings),
            Self::System(message) => {
                let mut findings = Findings::new();
                findings.push(Diagnostic::error(Code::InputOutput, message));
                (4, findings)
            }
        }
    }
}

impl From<FsError> for Failure {
    fn from(error: FsError) -> Self {
        Self::System(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::System(error.to_string())
    }
}

/// Runs the program with the process's arguments and returns its exit code.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misunderstood(&error),
    };
    terminal::listen_to(&arguments.output);
    let result = match arguments.command {
        Command::Init(options) => init::run(&options),
        Command::Build(options) => build::run(&options),
        Command::Serve(options) => serve::run(&options),
        Command::Verify(options) => verify::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Sample(options) => sample::run(&options),
        Command::Explain(options) => explain::run(&options),
        Command::Schema(options) => {
            schema::run(&options);
            Ok(())
        }
        Command::Completions(options) => {
            shell::completions(&options);
            Ok(())
        }
        Command::Man(options) => shell::man(&options),
        Command::Gate(options) => gate::run(&options),
        Command::Baseline(options) => baseline::run(&options),
        Command::Diff(options) => diff::run(&options),
        Command::ExplainCode(options) => explain_code::run(&options),
        Command::Facts(options) => facts::run(&options),
        Command::Sql(options) => sql::run(&options),
    };
    result.map_or_else(end, |()| ExitCode::SUCCESS)
}

fn end(failure: Failure) -> ExitCode {
    let (code, findings) = failure.told();
    terminal::tell(&findings, code);
    ExitCode::from(code)
}

/// Arguments that no command has are told to people by their parser, and to programs as any other finding.
fn misunderstood(error: &clap::Error) -> ExitCode {
    let output = OutputOptions::guess(std::env::args_os().skip(1));
    if !error.use_stderr() || output.format == FormatArgument::Human {
        error.exit();
    }
    let text = error.render().to_string();
    let reason = text.split("\n\n").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let mut findings = Findings::new();
    findings.push(
        Diagnostic::error(Code::UnknownName, reason.trim_start_matches("error: "))
            .with_help("`--help` behind a command tells what it takes"),
    );
    terminal::listen_to(&output);
    end(Failure::Usage(findings))
}
