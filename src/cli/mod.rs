//! The command line: one file per command.

use std::process::ExitCode;

/// Runs the program with the process's arguments and returns its exit code.
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
