//! Whole workspaces with few rows, judged by the real program and compared to the last byte.
//!
//! `workspaces/<name>/session.txt` holds commands with what they say: lines led by `$ ` are run, plain
//! lines are standard output, `! ` leads standard error and `? ` an exit code other than 0. `expected/`
//! holds the numbers that other programs read (`api/`), the lists and the names of all files of the site;
//! a file too many is a failure like a file too few. `README.md` of each workspace says why the numbers
//! are what they are. After a change that is meant, `UPDATE_EXPECTED=1 cargo test --test golden`
//! writes them anew, to be read in the diff.

#![allow(clippy::expect_used, reason = "a test that cannot go on says why")]

mod support;

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use support::{Workspace, first_difference, project, replay, tree, updating};

#[test]
fn minimal() {
    golden("minimal");
}

#[test]
fn no_data() {
    golden("no_data");
}

#[test]
fn stages() {
    golden("stages");
}

#[test]
fn late_drops() {
    golden("late_drops");
}

/// Shipped playbooks grow, so that only what the brand says is compared.
#[test]
fn brand() {
    let workspace = Workspace::copy(&project("tests/workspaces").join("brand"));
    workspace.run(&["build"]).well();
    let json = |path: &str| -> Value { serde_json::from_str(&workspace.read(path)).expect("JSON") };
    let (own, shipped) = (json("out/api/groups/g1.json"), json("out/api/groups/g2.json"));
    let rate = &own["kpis"]["speak_rate"];
    assert_eq!([&rate["score"], &rate["weight"], &rate["status"]], [&json!(70.0), &json!(7.0), &json!("watch")]);
    assert_eq!([&rate["numerator"], &rate["denominator"]], [&json!(4), &json!(10)]);
    let rate = &shipped["kpis"]["speak_rate"];
    assert_eq!([&rate["numerator"], &rate["denominator"]], [&json!(4), &json!(10)]);
    assert_ne!(rate["score"], json!(70.0));
    assert_eq!(own["kpis"].get("open_rate"), None, "the brand removes it");
    assert!(shipped["kpis"]["open_rate"]["reason"].is_string(), "it stays elsewhere: {shipped}");

    let page = |path: &str| workspace.read(&format!("out/{path}"));
    assert!(page("groups/g1/manual.html").contains("Acme 下午茶"));
    assert!(page("groups/g1/manual-tactics.html").contains("泡茶聊天"));
    assert!(page("en/groups/g1/manual.html").contains("Acme tea hour"));
    assert!(page("en/groups/g1/manual-tactics.html").contains("Fridays at three"));
    assert!(!workspace.read("out/groups/g2/manual.html").contains("Acme 下午茶"));
    assert!(workspace.read("out/index.html").contains("Acme 会员群"));
    assert!(workspace.read("out/en/index.html").contains("Acme members"));

    let explained = workspace.run(&["explain", "g1", "speak_rate", "--lang", "en"]).well().out;
    assert!(explained.contains("playbook base ◄ vip ◄ acme_vip\n"), "{explained}");
    assert!(explained.contains("healthy        50.0 %  playbooks/acme_vip.toml:6\n"), "{explained}");
    assert!(explained.contains("weight 7 (playbooks/acme_vip.toml:7)"), "{explained}");
    assert!(explained.contains("  acme_tea_hour · Acme tea hour  (playbooks/acme_vip.toml:13)\n"), "{explained}");
}

#[test]
fn months() {
    golden("months");
}

#[test]
fn every_workspace_is_tested() {
    let source = include_str!("golden.rs");
    for entry in fs::read_dir(project("tests/workspaces")).expect("the workspaces") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(source.contains(&format!("{name:?})")), "{name}");
        assert!(project(&format!("tests/workspaces/{name}/README.md")).is_file(), "{name} has no README.md");
    }
}

#[track_caller]
fn golden(name: &str) {
    let from = project("tests/workspaces").join(name);
    let workspace = Workspace::copy(&from);
    let session = workspace.read("session.txt");
    let now = replay(&workspace, &session);
    let mut found: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut names = String::new();
    for (path, bytes) in workspace.tree("out") {
        names.push_str(&format!("{path}\n"));
        if path.starts_with("api/") || path.starts_with("lists/") || path == "quarantine.csv" {
            found.insert(path, versionless(&bytes));
        }
    }
    found.insert("files.txt".to_owned(), names.into_bytes());

    if updating() {
        let _ = fs::remove_dir_all(from.join("expected"));
        for (path, bytes) in &found {
            let path = from.join("expected").join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, bytes).expect("a written file");
        }
        fs::write(from.join("session.txt"), &now).expect("a written session");
        return;
    }
    let expected = tree(&from.join("expected"));
    let paths: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let mut differences = String::new();
    for path in paths {
        match (expected.get(path), found.get(path)) {
            (Some(_), None) => differences.push_str(&format!("{path} is missing\n")),
            (None, Some(_)) => differences.push_str(&format!("{path} is not expected\n")),
            (Some(a), Some(b)) if a != b => differences.push_str(&format!("{path} differs:\n{}", difference(a, b))),
            _ => {}
        }
    }
    if session != now {
        differences.push_str(&format!("session.txt differs:\n{}", first_difference(&session, &now)));
    }
    assert!(differences.is_empty(), "workspace {name}:\n{differences}");
}

/// The version of the program is no finding of a test.
fn versionless(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    text.replace(&format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"version\": \"…\"").into_bytes()
}

fn difference(expected: &[u8], found: &[u8]) -> String {
    first_difference(&String::from_utf8_lossy(expected), &String::from_utf8_lossy(found))
}
