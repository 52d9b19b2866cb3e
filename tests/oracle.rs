//! The published figures agree with a second computation: SQL written by hand from the definitions, run by
//! DuckDB over the same CSV files.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod python;

use assert_cmd::cargo::cargo_bin_cmd;
use python::{copy_folder, python, succeed, tests};
use std::fs;
use std::path::Path;

const WEEKS: [&str; 3] = ["2025-W17", "2025-W18", "2025-W19"];
const WHAT: &str = "the comparison of all figures with the oracle";

fn build(workspace: &Path) {
    cargo_bin_cmd!("qunce")
        .args(["build", "--quiet", "--period", WEEKS[2], "--workspace"])
        .arg(workspace)
        .assert()
        .success();
}

/// Fails with every difference; `at_least` figures must have been measured somewhere.
fn compare(workspace: &Path, at_least: u32) {
    let mut command = python(WHAT).unwrap();
    command
        .arg(tests().join("oracle/compare.py"))
        .arg("--data")
        .arg(workspace.join("data"))
        .arg("--out")
        .arg(workspace.join("out"))
        .arg("--weeks")
        .args(WEEKS)
        .args(["--at-least", &at_least.to_string()]);
    println!("{}", String::from_utf8_lossy(&succeed(&mut command).stdout));
}

#[test]
fn the_sample_agrees_with_the_oracle() {
    if python(WHAT).is_none() {
        return;
    }
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = tempfile::tempdir().unwrap();
    copy_folder(&repository.join("data"), &workspace.path().join("data"));
    // Folders that the workspace may do without.
    for name in ["playbooks", "qunce.toml"] {
        let from = repository.join(name);
        if from.is_dir() {
            copy_folder(&from, &workspace.path().join(name));
        } else if from.is_file() {
            fs::copy(&from, workspace.path().join(name)).unwrap();
        }
    }
    build(workspace.path());
    compare(workspace.path(), 40);
}

#[test]
fn drops_full_of_edges_agree_with_the_oracle() {
    for seed in ["1", "2", "3"] {
        let Some(mut command) = python(WHAT) else { return };
        let workspace = tempfile::tempdir().unwrap();
        succeed(command.arg(tests().join("oracle/hostile.py")).arg(seed).arg(workspace.path().join("data")));
        fs::write(workspace.path().join("qunce.toml"), "[site]\nlanguages = [\"zh-CN\"]\n").unwrap();
        build(workspace.path());
        compare(workspace.path(), 40);
    }
}
