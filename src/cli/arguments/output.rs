//! How a run is told: the options that every command has.

use clap::{Args, ValueEnum};
use std::ffi::OsString;

/// How a run is told.
#[derive(Debug, Clone, Args)]
pub struct OutputOptions {
    /// Form of the findings: human, json, sarif (2.1.0), github, junit or markdown; all but human are
    /// one document on standard output, or on standard error beside SQL or a baseline
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = FormatArgument::Human,
        hide_possible_values = true,
        help_heading = "Messages"
    )]
    pub format: FormatArgument,
    /// Tell at most so many findings, the worst first; 0: all
    #[arg(long, global = true, value_name = "N", default_value_t = 50, help_heading = "Messages")]
    pub max_findings: usize,
    /// Colours of messages: auto, always or never; auto means on a terminal, unless NO_COLOR or with
    /// CLICOLOR_FORCE
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        hide_possible_values = true,
        help_heading = "Messages"
    )]
    pub color: ColourArgument,
}

impl OutputOptions {
    /// What is asked for by arguments that cannot be understood as a whole: the form alone.
    pub fn guess(arguments: impl Iterator<Item = OsString>) -> Self {
        let mut format = FormatArgument::Human;
        let mut behind = false;
        for argument in arguments {
            let argument = argument.to_string_lossy();
            let word = argument.strip_prefix("--format=").or(Some(&*argument).filter(|_| behind));
            format = word.and_then(|w| FormatArgument::from_str(w, false).ok()).unwrap_or(format);
            behind = argument == "--format";
        }
        Self { format, max_findings: 0, color: ColourArgument::Auto }
    }
}

/// A form of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArgument {
    /// For people
    Human,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
    /// Workflow commands of GitHub
    Github,
    /// For CI servers
    Junit,
    /// For a comment on a merge request
    Markdown,
}

/// When messages are coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColourArgument {
    /// On a terminal
    #[default]
    Auto,
    /// In any case
    Always,
    /// In no case
    Never,
}
