//! The command line: one file per command, exit codes in one place.

mod arguments;
mod build;
mod check;
mod ci;
mod explain;
mod explain_text;
mod init;
mod measure;
mod sample;
mod schema;
mod shell;
mod terminal;
mod workspace;

use crate::diagnostic::Findings;
use crate::fs::FsError;
use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

/// Why a command ended without its result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Bad configuration, playbook or data: exit code 3.
    Input(Findings),
    /// A wrong argument that only the command could notice: exit code 2.
    Usage(Findings),
    /// Input/output or internal: exit code 4.
    System(String),
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
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Init(options) => init::run(&options),
        Command::Build(options) => build::run(&options),
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
        Command::Measure(options) => measure::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(findings)) => {
            terminal::report(&findings);
            ExitCode::from(2)
        }
        Err(Failure::Input(findings)) => {
            terminal::report(&findings);
            ExitCode::from(3)
        }
        Err(Failure::System(message)) => {
            terminal::fail(&message);
            ExitCode::from(4)
        }
    }
}
