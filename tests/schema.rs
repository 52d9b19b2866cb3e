//! The published schemas: made from the tables that drive reading, named by every shipped file, and
//! judged by a validator that is not ours.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod python;
mod support;

use python::{python, succeed, tests};
use std::fs;
use std::path::Path;
use support::{Workspace, first_difference, project, updating};

const KINDS: [(&str, &str); 3] = [("playbook", "playbook"), ("overlay", "overlay"), ("config", "qunce")];

#[test]
fn the_committed_schemas_are_those_that_the_program_prints() {
    let workspace = Workspace::empty();
    for (argument, name) in KINDS {
        let printed = workspace.run(&["schema", argument]).well().out;
        let path = project("schema").join(format!("{name}.json"));
        if updating() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &printed).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap();
        assert!(committed == printed, "schema/{name}.json is old:\n{}", first_difference(&committed, &printed));
    }
}

#[test]
fn a_new_workspace_has_the_schemas_that_its_files_name() {
    let workspace = Workspace::empty();
    workspace.run(&["init"]).well();
    for file in ["qunce.toml", "playbooks/my_brand.toml", "playbooks/my_brand.en.toml"] {
        assert!(named_schema(&workspace.path().join(file)).exists(), "{file}");
    }
}

/// The file that the first line names.
fn named_schema(file: &Path) -> std::path::PathBuf {
    let text = fs::read_to_string(file).unwrap();
    let first = text.lines().next().unwrap_or_default();
    let name = first.strip_prefix("#:schema ").unwrap_or_else(|| panic!("{} names no schema", file.display()));
    file.parent().unwrap().join(name)
}

/// Every shipped file is valid by the schema that it names, and every mistake of shape among the
/// faulty playbooks of `tests/playbooks` is found by it.
#[test]
fn an_independent_validator_agrees() {
    let Some(mut command) = python("the validation of shipped files by their schemas") else { return };
    let workspace = Workspace::empty();
    workspace.run(&["init"]).well();
    let output = succeed(
        command
            .arg(tests().join("schema/validate.py"))
            .arg(project(""))
            .arg(workspace.path())
            .arg(tests().join("playbooks")),
    );
    print!("{}", String::from_utf8_lossy(&output.stdout));
}
