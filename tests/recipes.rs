//! What `qunce init --ci` writes: valid for the service, and its steps do what they say when they are run
//! in a repository; completions and man pages; the licences of what we depend on.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod python;
mod support;

use python::{python, succeed, tests};
use std::io::Write;
use std::process::{Command, Stdio};
use support::{Workspace, project};

/// Schema of the service by an independent validator, then the steps in a repository with a branch
/// that moves a threshold. The sending of the comment is caught and looked at.
#[test]
fn workflows_are_valid_and_do_what_they_say() {
    for service in ["github", "gitlab"] {
        let Some(mut command) = python("the run of the CI workflows") else { return };
        let workspace = Workspace::empty();
        workspace.run(&["init", "--ci", service]).well();
        workspace.run(&["sample", "--groups", "3", "--members", "30", "--weeks", "5"]).well();
        let output = succeed(
            command
                .arg(tests().join("recipes/run.py"))
                .arg(service)
                .arg(workspace.path())
                .arg(env!("CARGO_BIN_EXE_qunce")),
        );
        print!("{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn an_existing_workflow_is_kept() {
    let workspace = Workspace::empty();
    workspace.write(".gitlab-ci.yml", "mine: true\n");
    workspace.run(&["init", "--ci", "gitlab"]).well();
    assert_eq!(workspace.read(".gitlab-ci.yml"), "mine: true\n");
}

#[test]
fn the_bash_completion_is_bash_and_names_every_command() {
    let script = Workspace::empty().run(&["completions", "bash"]).well().out;
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
    let help = Workspace::empty().run(&["--help"]).well().out;
    for command in commands(&help) {
        assert!(script.contains(&command), "{command}");
    }
}

/// The names in the list of commands of the help.
fn commands(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    // Longer descriptions go on below, further in.
    let named = list.filter(|l| l.starts_with("  ") && !l.starts_with("   "));
    let names: Vec<String> = named.filter_map(|l| l.split_whitespace().next().map(str::to_owned)).collect();
    assert!(names.contains(&"build".to_owned()), "{help}");
    names
}

#[test]
fn every_command_has_a_man_page() {
    let workspace = Workspace::empty();
    workspace.run(&["man", "pages"]).well();
    let help = workspace.run(&["--help"]).well().out;
    for command in commands(&help).iter().filter(|c| *c != "help") {
        let page = workspace.read(&format!("pages/qunce-{command}.1"));
        assert!(page.contains(".SH SYNOPSIS") && page.contains(command.as_str()), "{page}");
    }
    assert!(workspace.read("pages/qunce.1").contains("qunce\\-build(1)"));
}

/// As `cargo deny` does; here so that every run of the tests does it, offline.
#[test]
fn every_dependency_has_a_permitted_licence() {
    let deny: toml::Table = std::fs::read_to_string(project("deny.toml")).unwrap().parse().unwrap();
    let allowed: Vec<&str> =
        deny["licenses"]["allow"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
        .arg(project("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    let exceptions = deny["licenses"]["exceptions"].as_array().unwrap();
    for package in packages {
        let own = exceptions.iter().filter(|e| e["crate"].as_str() == package["name"].as_str());
        let own: Vec<&str> = own.flat_map(|e| e["allow"].as_array().unwrap()).filter_map(|l| l.as_str()).collect();
        let licence = package["license"].as_str().unwrap_or_default();
        // Every part that is joined by AND must be met, by one of those that are joined by OR.
        let met = licence.split(" AND ").all(|part| {
            part.trim_matches(['(', ')'])
                .replace('/', " OR ")
                .split(" OR ")
                .any(|l| allowed.contains(&l.trim()) || own.contains(&l.trim()))
        });
        assert!(met, "{} is under {licence:?}", package["name"]);
    }
}
