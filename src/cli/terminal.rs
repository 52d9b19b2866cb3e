//! What people see: findings, progress, a closing line.

use crate::diagnostic::{Findings, Severity, render};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};

/// At most this many findings are printed; the rest are counted.
const MOST: usize = 50;

/// Whether standard error may be coloured.
fn colour() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Prints findings to standard error, worst first, with a closing count.
pub(super) fn report(findings: &Findings) {
    if findings.is_empty() {
        return;
    }
    let mut items: Vec<_> = findings.items().iter().collect();
    items.sort_by_key(|d| std::cmp::Reverse(d.severity));
    let mut text = String::new();
    for item in items.iter().take(MOST) {
        text.push_str(&render(item, colour()));
        text.push('\n');
    }
    let (errors, warnings) = (findings.count(Severity::Error), findings.count(Severity::Warning));
    if items.len() > MOST {
        text.push_str(&format!("… and {} more\n", items.len() - MOST));
    }
    if errors + warnings > 0 {
        text.push_str(&format!("{}, {}\n", counted(errors, "error"), counted(warnings, "warning")));
    }
    say(&text);
}

/// `1 error`, `2 errors`
pub(super) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Prints one error line.
pub(super) fn fail(message: &str) {
    say(&format!("error: {message}\n"));
}

/// Writes to standard error; nobody listening is no reason to fail.
pub(super) fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Writes to standard output; a closed pipe is success.
pub(super) fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
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
