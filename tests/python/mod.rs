//! The Python that the comparisons run in: `tests/.venv`, which `tests/run` prepares.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The tests folder.
pub fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// A Python with the pinned packages; `None` after saying loudly that `what` is skipped. Under
/// `QUNCE_TESTS_STRICT` nothing may be skipped.
pub fn python(what: &str) -> Option<Command> {
    let exe =
        ["bin/python", "Scripts/python.exe"].map(|p| tests().join(".venv").join(p)).into_iter().find(|p| p.exists());
    let Some(exe) = exe else {
        let strict = std::env::var("QUNCE_TESTS_STRICT").is_ok_and(|v| v != "0");
        assert!(!strict, "{what} cannot be skipped: tests/.venv is missing; `tests/run` makes it");
        eprintln!("\n!!! SKIPPED {what}: tests/.venv is missing; `tests/run` makes it !!!\n");
        return None;
    };
    let mut command = Command::new(exe);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
    Some(command)
}

/// The output of a command that must succeed; what it wrote is shown if it does not.
pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|e| panic!("cannot start {command:?}: {e}"));
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n── stdout ──\n{}\n── stderr ──\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    output
}

/// Copies a folder with everything in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
