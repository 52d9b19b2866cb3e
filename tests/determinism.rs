//! The same input gives the same bytes, wherever, whenever and in whatever order it is read.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeMap;
use support::{Workspace, project, tree};

type Tree = BTreeMap<String, Vec<u8>>;

fn minimal() -> Workspace {
    Workspace::copy(&project("tests/workspaces/minimal"))
}

/// The files of the site that a change of surroundings made differ.
fn differing(a: &Tree, b: &Tree) -> Vec<String> {
    let mut all: Vec<&String> = a.keys().chain(b.keys()).collect();
    all.sort();
    all.dedup();
    all.into_iter().filter(|p| a.get(*p) != b.get(*p)).cloned().collect()
}

#[test]
fn surroundings_do_not_matter() {
    let workspace = minimal();
    workspace
        .run_with(&["build"], |c| {
            c.env("RAYON_NUM_THREADS", "1").env("TZ", "Asia/Shanghai");
        })
        .well();
    let first = workspace.tree("out");
    assert!(first.len() > 15);
    let other = minimal();
    let path = other.path().to_owned();
    other
        .run_with(&["build", "-w"], |c| {
            c.arg(&path).current_dir("/").env("RAYON_NUM_THREADS", "2");
            c.env("TZ", "America/New_York").env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8");
            c.env("HOME", "/nonexistent").env("COLUMNS", "40").env("SOURCE_DATE_EPOCH", "1");
        })
        .well();
    assert_eq!(differing(&first, &other.tree("out")), [""; 0]);
    // A second build over the first finds nothing to change.
    workspace.run(&["build"]).well();
    assert_eq!(differing(&first, &workspace.tree("out")), [""; 0]);
}

/// Everything but the page about the files and the list of all files' hashes, which may tell of the files read.
fn results(workspace: &Workspace) -> Tree {
    let mut files = workspace.tree("out");
    files.retain(|path, _| !path.ends_with("quality.html") && path != "manifest.json");
    files
}

/// The rows below the header in another order.
fn shuffled(table: &str, seed: usize) -> String {
    let mut lines = table.lines();
    let header = lines.next().unwrap_or_default();
    let mut rows: Vec<&str> = lines.collect();
    rows.reverse();
    let turn = seed % rows.len().max(1);
    rows.rotate_left(turn);
    rows.iter().fold(format!("{header}\n"), |all, row| all + row + "\n")
}

/// Few rows that can be looked at, and many that tie in every ranking of every shipped playbook.
#[test]
fn the_order_of_rows_does_not_matter() {
    let sample = Workspace::empty();
    sample.run(&["init", "."]).well();
    sample.run(&["sample", "data", "--groups", "4", "--members", "15", "--weeks", "4"]).well();
    for (workspace, seeds) in [(minimal(), 3), (sample, 1)] {
        workspace.run(&["build"]).well();
        let first = results(&workspace);
        let data = workspace.tree("data");
        for seed in 0..seeds {
            for (path, bytes) in &data {
                let text = String::from_utf8(bytes.clone()).unwrap();
                workspace.write(&format!("data/{path}"), shuffled(&text, seed * 3 + 1));
            }
            workspace.run(&["build"]).well();
            assert_eq!(differing(&first, &results(&workspace)), [""; 0], "seed {seed}");
        }
    }
}

#[test]
fn how_a_drop_is_split_and_named_does_not_matter() {
    let workspace = minimal();
    workspace.run(&["build"]).well();
    let first = results(&workspace);
    for names in [["-a", "-b"], ["-z", "_k"], ["-w10", "-w9"]] {
        let other = minimal();
        for (path, bytes) in tree(&project("tests/workspaces/minimal/data")) {
            let text = String::from_utf8(bytes).unwrap();
            let (header, rows) = text.split_once('\n').unwrap();
            let half = rows.match_indices('\n').nth(rows.lines().count() / 2).map_or(0, |(at, _)| at + 1);
            let table = path.trim_end_matches(".csv");
            std::fs::remove_file(other.path().join("data").join(&path)).unwrap();
            other.write(&format!("data/{table}{}.csv", names[0]), format!("{header}\n{}", &rows[..half]));
            other.write(&format!("data/{table}{}.csv", names[1]), format!("{header}\n{}", &rows[half..]));
        }
        let said = other.run(&["build"]).well();
        assert!(!said.err.contains("error"), "{}", said.err);
        assert_eq!(differing(&first, &results(&other)), [""; 0], "{names:?}");
    }
}

/// The sample in weekly files: enough for facts to be kept.
fn weekly() -> Workspace {
    let workspace = Workspace::empty();
    workspace.write("qunce.toml", "[site]\nlanguages = [\"en\"]\ntrend = 3\n");
    let options = ["sample", "data", "--groups", "6", "--weeks", "10", "--activity", "9", "--split", "weekly"];
    workspace.run(&options).well();
    workspace
}

#[test]
fn a_site_is_the_same_whether_facts_were_kept_or_everything_was_read() {
    let workspace = weekly();
    // The newest week comes later.
    let newest = |name: &str| {
        ["messages", "events", "orders", "surveys", "daily"]
            .iter()
            .any(|t| name.strip_prefix(t).is_some_and(|rest| rest.contains("w19")))
    };
    let data = workspace.path().join("data");
    let away = workspace.path().join("away");
    std::fs::create_dir(&away).unwrap();
    let mut old = 0;
    for entry in std::fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if newest(&name) {
            std::fs::rename(entry.path(), away.join(&name)).unwrap();
        } else {
            old += 1;
        }
    }
    assert!(old > 30);
    workspace.run(&["build"]).well();
    for entry in std::fs::read_dir(&away).unwrap() {
        let entry = entry.unwrap();
        std::fs::rename(entry.path(), data.join(entry.file_name())).unwrap();
    }
    let said = workspace.run(&["build"]).well();
    let kept = workspace.tree("out");
    // Other measures than the pages', so that they are kept apart: the second time no file is read, be posts asked
    // for or not.
    for asked in [&["facts", "facts"][..], &["facts", "few", "-g", "messages"]] {
        for known in ["; 0 files known", "; 53 files known"] {
            let said = workspace.run(asked).well().out;
            assert!(said.contains(known), "{asked:?}: {said}");
        }
    }
    let anew = weekly();
    let whole = anew.run(&["build", "--no-cache"]).well();
    assert_eq!(said.err, whole.err);
    assert_eq!(differing(&kept, &anew.tree("out")), [""; 0]);
    assert!(!anew.has(".qunce/facts"), "nothing is kept where nothing may be known");
}
