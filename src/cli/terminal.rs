//! What people see: findings, progress, a closing line.

use super::Failure;
use super::arguments::{ColourArgument, FormatArgument, OutputOptions};
use crate::diagnostic::{Code, Diagnostic, Findings, Format, document};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

/// How a run speaks; set once, before any command starts.
static VOICE: OnceLock<Voice> = OnceLock::new();

#[derive(Debug, Clone, Copy, Default)]
struct Voice {
    format: Format,
    colour: ColourArgument,
    most: usize,
}

/// Takes over how the user wants to be told.
pub(super) fn listen_to(options: &OutputOptions) {
    let format = match options.format {
        FormatArgument::Human => Format::Human,
        FormatArgument::Json => Format::Json,
        FormatArgument::Sarif => Format::Sarif,
        FormatArgument::Github => Format::Github,
        FormatArgument::Junit => Format::Junit,
        FormatArgument::Markdown => Format::Markdown,
    };
    let _ = VOICE.set(Voice { format, colour: options.color, most: options.max_findings });
}

fn voice() -> Voice {
    VOICE.get().copied().unwrap_or_default()
}

/// The form that was asked for.
pub(super) fn format() -> Format {
    voice().format
}

/// Refuses forms that a command does not have; `expected` tells what to ask for instead.
pub(super) fn only(known: &[Format], expected: &str) -> Result<(), Failure> {
    if known.contains(&format()) {
        return Ok(());
    }
    let mut findings = Findings::new();
    findings.push(
        Diagnostic::error(Code::UnknownName, "what is asked for is no list of findings")
            .with_help(format!("expected {expected}")),
    );
    Err(Failure::Usage(findings))
}

/// Whether standard error may be coloured.
fn colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty() && v != "0");
    match voice().colour {
        ColourArgument::Always => true,
        ColourArgument::Never => false,
        // An empty NO_COLOR says nothing, any other value says no (no-color.org).
        ColourArgument::Auto if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) => false,
        ColourArgument::Auto if set("CLICOLOR_FORCE") => true,
        ColourArgument::Auto => {
            std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// Tells the findings of a run that ended well: people on standard error, programs on standard output.
pub(super) fn report(findings: &Findings) {
    tell(findings, 0);
}

/// As [`report`] where standard output is something else: on standard error in every form.
pub(super) fn report_beside(findings: &Findings) {
    let voice = voice();
    say(&document(findings, voice.format, voice.most, 0, colour()));
}

/// Tells the findings of a run that ends with an exit code. Programs get one whole document in any case, people
/// nothing where nothing was found.
pub(super) fn tell(findings: &Findings, exit_code: u8) {
    let voice = voice();
    if voice.format == Format::Human {
        say(&document(findings, voice.format, voice.most, exit_code, colour()));
    } else {
        print(&document(findings, voice.format, voice.most, exit_code, false));
    }
}

/// `1 error`, `2 errors`
pub(super) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Writes to standard error; nobody listening is no reason to fail.
pub(super) fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Writes to standard output; a closed pipe is success.
pub(super) fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// A closing line for people; programs read the findings alone.
pub(super) fn close(text: &str) {
    if format() == Format::Human {
        print(text);
    }
}

/// A progress line for long work; silent when standard error is no terminal.
pub(super) fn progress(what: &'static str) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr_with_hz(8)
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}: {human_pos} rows, {per_sec}, {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}
