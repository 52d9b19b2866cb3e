//! What is published names no member, and singles nobody out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use support::{Workspace, project, tree};

/// The sample workspace with its drop, in a folder of its own.
fn sample() -> Workspace {
    let workspace = Workspace::empty();
    for folder in ["data", "playbooks"] {
        for (path, bytes) in tree(&project(folder)) {
            workspace.write(&format!("{folder}/{path}"), bytes);
        }
    }
    workspace.write("qunce.toml", fs::read(project("qunce.toml")).unwrap());
    workspace
}

/// Every id and every name of a member, staff included.
fn members(workspace: &Workspace) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut rows = csv::Reader::from_path(workspace.path().join("data/members.csv")).unwrap();
    let header = rows.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (id, name) = (at("member_id"), at("name"));
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    for row in rows.records() {
        let row = row.unwrap();
        ids.insert(row[id].to_owned());
        names.insert(row[name].trim().to_owned());
    }
    names.remove("");
    (ids, names)
}

/// Where words stand alone in a text: no letter, digit or hyphen beside them.
fn found<'w>(words: &'w [String], search: &AhoCorasick, text: &str) -> BTreeSet<&'w str> {
    let alone = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    search
        .find_iter(text)
        .filter(|m| alone(text[..m.start()].chars().next_back()) && alone(text[m.end()..].chars().next()))
        .map(|m| words[m.pattern().as_usize()].as_str())
        .collect()
}

fn leaks(workspace: &Workspace, words: BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
    let words: Vec<String> = words.into_iter().collect();
    let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&words).unwrap();
    let mut leaks = BTreeMap::new();
    let site = workspace.tree("out");
    assert!(site.len() > 20, "{} files", site.len());
    for (path, bytes) in site {
        let text = String::from_utf8_lossy(&bytes);
        let words: BTreeSet<String> = found(&words, &search, &text).into_iter().map(str::to_owned).collect();
        let named = found_in_path(&path, &words);
        if !words.is_empty() || named {
            leaks.insert(path, words);
        }
    }
    leaks
}

fn found_in_path(path: &str, words: &BTreeSet<String>) -> bool {
    words.iter().any(|w| path.contains(w.as_str()))
}

#[test]
fn no_id_or_name_of_a_member_is_in_the_site() {
    let workspace = sample();
    // Rows that are set aside hold ids too, and an id can be an orphan's.
    let mut messages = workspace.read("data/messages.csv");
    messages.push_str("g001,u1-5,gegen sieben,zz1,text,,\ng001,u1-6,2025-05-01 10:00:00,zz2,text,,,,u1-7,小柠檬\n");
    workspace.write("data/messages.csv", messages);
    workspace.run(&["build"]).well();
    let (ids, names) = members(&workspace);
    assert!(ids.len() > 500 && names.len() > 100, "{} ids, {} names", ids.len(), names.len());
    let ids = leaks(&workspace, ids);
    assert!(ids.is_empty(), "ids in {ids:?}");
    let names = leaks(&workspace, names);
    assert!(names.is_empty(), "names in {names:?}");
    // Whoever mends the drop needs them, beside the site.
    assert!(workspace.read(".qunce/quarantine.csv").contains("gegen sieben"));
    assert!(!workspace.read("out/quarantine.csv").contains("gegen sieben"));
}

/// The search itself finds what is there.
#[test]
fn plain_ids_are_published_only_on_request_and_not_committed_by_default() {
    let workspace = sample();
    let config = workspace.read("qunce.toml");
    workspace.write("qunce.toml", format!("{config}\n[privacy]\nmembers = \"plain\"\n"));
    workspace.run(&["build"]).well();
    let (ids, _) = members(&workspace);
    let leaks = leaks(&workspace, ids);
    assert!(leaks.keys().any(|path| path.starts_with("lists/")), "{leaks:?}");
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .current_dir(workspace.path())
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "-q"]);
    git(&["add", "--all"]);
    let added = git(&["diff", "--cached", "--name-only"]);
    assert!(added.contains("qunce.toml") && !added.contains("out/"), "{added}");
}

fn small() -> Workspace {
    let workspace = Workspace::empty();
    workspace.run(&["init"]).well();
    workspace.run(&["sample", "--groups", "2", "--members", "30", "--weeks", "4"]).well();
    workspace
}

fn with_key_file(workspace: &Workspace, place: &Path) -> support::Said {
    let config = workspace.read("qunce.toml");
    let line = format!("key_file = {:?}", place.to_str().unwrap());
    workspace.write("qunce.toml", config.replace("# key_file = \"../qunce.key\"", &line));
    workspace.run_with(&["build"], |command| {
        command.env_remove("QUNCE_KEY");
    })
}

#[test]
fn the_key_may_come_from_a_file_outside_of_any_repository() {
    let (workspace, beside) = (small(), Workspace::empty());
    beside.write("qunce.key", "golden\n");
    let said = with_key_file(&workspace, &beside.path().join("qunce.key")).well();
    assert!(!said.err.contains("Q0406"), "{}", said.err);
    let by_file = workspace.tree("out");
    let by_variable = small();
    by_variable.run(&["build"]).well();
    let lists = |tree: BTreeMap<String, Vec<u8>>| -> Vec<_> {
        tree.into_iter().filter(|(p, _)| p.starts_with("lists/")).collect()
    };
    assert_eq!(lists(by_file), lists(by_variable.tree("out")), "the same key makes the same codes");
}

#[test]
fn a_key_in_a_repository_is_refused() {
    let workspace = small();
    fs::create_dir(workspace.path().join(".git")).unwrap();
    workspace.write("keys/qunce.key", "secret\n");
    let said = with_key_file(&workspace, Path::new("keys/qunce.key"));
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("Q0450") && !said.err.contains("secret"), "{}", said.err);
    assert!(!workspace.has("out/index.html"));
}

/// Of a breakdown, no part of one to four persons is told, nor can it be told from the others: at
/// least two parts are withheld, or none.
#[test]
fn small_cells_are_withheld_from_breakdowns() {
    let workspace = small();
    workspace.run(&["build"]).well();
    let guarded = breakdowns(&workspace);
    let config = workspace.read("qunce.toml");
    workspace.write("qunce.toml", config.replace("min_cell = 5", "min_cell = 1"));
    workspace.run(&["build"]).well();
    let open = breakdowns(&workspace);
    let mut withheld = 0;
    for (place, all) in &open {
        let shown = &guarded[place];
        let missing: Vec<_> = all.iter().filter(|row| !shown.contains(row)).collect();
        withheld += missing.len();
        if place.1 == "tier_mix" || place.1 == "join_sources" {
            // Each row of these is one person.
            assert!(shown.iter().all(|(_, n)| *n >= 5), "{place:?}: {shown:?}");
            assert!(missing.is_empty() || missing.len() >= 2 || shown.is_empty(), "{place:?}: {missing:?}");
        }
        if place.1 == "content_mix" {
            assert!(missing.is_empty(), "posts are nobody's: {missing:?}");
        }
    }
    assert!(withheld > 0, "the drop has no small part");
}

type Parts = Vec<(Option<String>, u64)>;

/// The parts of every breakdown in the JSON, by group and breakdown.
fn breakdowns(workspace: &Workspace) -> BTreeMap<(String, String), Parts> {
    let mut found = BTreeMap::new();
    for (path, bytes) in workspace.tree("out/api/groups") {
        let group: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        for (id, rows) in group["breakdowns"].as_object().unwrap() {
            let rows = rows["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
            let rows = rows.iter().map(|r| (r["value"].as_str().map(str::to_owned), r["count"].as_u64().unwrap_or(0)));
            found.insert((path.clone(), id.clone()), rows.collect());
        }
    }
    assert!(!found.is_empty());
    found
}

/// Of those who joined in a period, no one to four persons can be counted: neither who stayed, nor who left, nor who
/// left between two periods, on the pages, in Markdown and in the JSON.
#[test]
fn small_cells_are_withheld_from_who_stayed() {
    let workspace = sample();
    workspace.run(&["build"]).well();
    let guarded = workspace.tree("out");
    let config = workspace.read("qunce.toml");
    workspace.write("qunce.toml", format!("{config}\n[privacy]\nmin_cell = 1\n"));
    workspace.run(&["build"]).well();
    let (mut told, mut withheld) = (0, 0);
    for (path, bytes) in workspace.tree("out/api/groups") {
        let open = cohorts(&bytes);
        let shown = cohorts(&guarded[&format!("api/groups/{path}")]);
        assert_eq!(open.len(), shown.len());
        // Cohorts that are withheld are none, or several of five persons together, or all there are.
        let hidden: Vec<u64> =
            open.iter().zip(&shown).filter(|(_, s)| s.0.is_none()).filter_map(|(o, _)| o.0).collect();
        let everybody = shown.iter().all(|(joined, _)| joined.is_none_or(|n| n == 0));
        assert!(
            hidden.is_empty() || everybody || (hidden.len() >= 2 && hidden.iter().sum::<u64>() >= 5),
            "{path}: {hidden:?}"
        );
        for ((_, all), (joined, stayed)) in open.iter().zip(&shown) {
            let Some(joined) = joined.filter(|n| *n > 0) else { continue };
            assert_eq!(all.len(), stayed.len());
            assert!(all.iter().zip(stayed).all(|(a, s)| s.is_none() || a == s), "{path}: {all:?} {stayed:?}");
            let known: Vec<u64> = [joined, 0].into_iter().chain(stayed.iter().flatten().copied()).collect();
            for (a, b) in known.iter().flat_map(|a| known.iter().map(move |b| (*a, *b))) {
                assert!(a == b || a.abs_diff(b) >= 5, "{path}: {known:?}");
            }
            told += stayed.iter().flatten().count();
            withheld += stayed.iter().filter(|s| s.is_none()).count();
        }
        // What readers see is told exactly where the JSON tells it.
        let slug = path.trim_end_matches(".json");
        let exact: usize = shown.iter().filter(|(j, _)| *j != Some(0)).map(|(_, s)| s.iter().flatten().count()).sum();
        let page = String::from_utf8_lossy(&guarded[&format!("groups/{slug}/index.html")]).into_owned();
        let markdown = String::from_utf8_lossy(&guarded[&format!("groups/{slug}/report.md")]).into_owned();
        let table = page.split("<table class=\"heatmap\">").nth(1).unwrap_or_default();
        let table = table.split("</details>").next().unwrap_or_default();
        let percents = |cells: &str, open: &str, close: char| {
            let cells = cells.split(open).skip(1).filter_map(|c| c.split(close).next());
            cells.map(str::trim).filter(|c| c.strip_suffix('%').is_some_and(|n| n.parse::<u64>().is_ok())).count()
        };
        assert_eq!(percents(table, "<td>", '<'), exact, "{path}");
        let section = markdown.split("### 新成员留存").nth(1).unwrap().split("\n## ").next().unwrap();
        assert_eq!(percents(section, "|", '|'), exact, "{path}: {section}");
    }
    assert!(told > 50 && withheld > 50, "{told} told, {withheld} withheld");
}

type Cohort = (Option<u64>, Vec<Option<u64>>);

/// The cohorts in the JSON of a group: who joined, and who stayed period by period.
fn cohorts(json: &[u8]) -> Vec<Cohort> {
    let group: serde_json::Value = serde_json::from_slice(json).unwrap();
    let cohort = |c: &serde_json::Value| {
        let stayed = c["stayed"].as_array().map(Vec::as_slice).unwrap_or_default();
        (c["joined"].as_u64(), stayed.iter().map(|s| s["members"].as_u64()).collect())
    };
    group["retention"]["cohorts"].as_array().unwrap().iter().map(cohort).collect()
}
