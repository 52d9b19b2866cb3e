//! The program at the command line: what it says to whom, and its exit codes.
//!
//! `sessions/*.txt` are whole sessions in an empty folder, compared to the last character; they are written
//! as in `golden.rs`, and `UPDATE_EXPECTED=1 cargo test --test cli` writes them anew.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::process::Stdio;
use support::{Workspace, first_difference, program, project, replay, tags, updating};

#[track_caller]
fn session(name: &str) {
    let path = project("tests/sessions").join(format!("{name}.txt"));
    let expected = fs::read_to_string(&path).unwrap();
    let now = replay(&Workspace::empty(), &expected).replace(env!("CARGO_PKG_VERSION"), "…");
    if updating() {
        fs::write(path, now).unwrap();
        return;
    }
    assert!(expected == now, "session {name} differs:\n{}", first_difference(&expected, &now));
}

#[test]
fn help_and_wrong_arguments() {
    session("help");
}

#[test]
fn making_a_workspace_keeps_what_is_there() {
    session("init");
}

#[test]
fn mistakes_have_their_exit_codes() {
    session("mistakes");
}

/// A small drop that takes little time: three groups, forty members each, six weeks.
fn sample() -> Workspace {
    let workspace = Workspace::empty();
    workspace.run(&["init"]).well();
    workspace.run(&["sample", "--groups", "3", "--members", "40", "--weeks", "6"]).well();
    workspace
}

/// `upgrade_rate` is a KPI of low-price groups, so the override is sound there; but g002 follows `vip`.
#[test]
fn a_group_whose_override_does_not_fit_its_playbook_is_not_left_out() {
    let workspace = sample();
    workspace.write("playbooks/groups/g002.toml", "[kpi.upgrade_rate]\nweight = 2\n");
    let said = workspace.run(&["build"]);
    assert_eq!(said.code, 3, "{}\n{}", said.out, said.err);
    assert!(said.err.contains("playbooks/groups/g002.toml:1"), "{}", said.err);
    assert!(!workspace.has("out/index.html"));
}

#[test]
fn the_program_needs_nothing_but_itself() {
    let workspace = Workspace::empty();
    let alone = workspace.path().join("qunce");
    fs::copy(env!("CARGO_BIN_EXE_qunce"), &alone).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(&alone);
        command.env_clear().env("QUNCE_KEY", "k").current_dir(workspace.path()).args(arguments);
        workspace.said(&command.output().unwrap()).well()
    };
    run(&["init", "demo"]);
    run(&["sample", "demo/data", "--groups", "3", "--members", "40", "--weeks", "6"]);
    let built = run(&["build", "-w", "demo"]);
    assert!(built.out.starts_with("2025-W19 of 3 groups: "), "{}", built.out);
    assert_eq!(built.err, "", "silent where nobody watches, and nothing to warn of");
    for path in
        ["index.html", "method.html", "quality.html", "api/index.json", "en/index.html", "groups/g001/manual.html"]
    {
        assert!(workspace.has(&format!("demo/out/{path}")), "{path}");
    }
    assert_eq!(run(&["build", "-w", "demo", "--quiet"]).out, "");
}

/// Pages open from a folder: every link leads to a file of the site, and nothing is fetched from elsewhere.
#[test]
fn every_link_stays_within_the_site_and_leads_somewhere() {
    let workspace = sample();
    workspace.run(&["build"]).well();
    let files = workspace.tree("out");
    let mut links = 0;
    for (path, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        if path.ends_with(".css") {
            assert!(!text.contains("@import") && !text.contains("//fonts"), "{path}");
            assert!(!text.contains("url(http") && !text.contains("url(//"), "{path}");
        }
        if !path.ends_with(".html") {
            continue;
        }
        let ids: Vec<String> = values(&text, &["id"]);
        for link in values(&text, &["href", "src", "action", "srcset", "poster", "data"]) {
            links += 1;
            let (target, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let to = join(path, target);
            assert!(!link.contains(':') && !link.starts_with('/'), "{path}: {link}");
            assert!(target.is_empty() || files.contains_key(&to), "{path}: {link}");
            if target.is_empty() && !anchor.is_empty() {
                assert!(ids.iter().any(|id| id == anchor), "{path}: {link}");
            } else if !anchor.is_empty() {
                let there = String::from_utf8_lossy(&files[&to]);
                assert!(there.contains(&format!("id=\"{anchor}\"")), "{path}: {link}");
            }
        }
    }
    assert!(links > 1000, "only {links} links");
}

/// The values of attributes of a page.
fn values(html: &str, names: &[&str]) -> Vec<String> {
    let all = tags(html).into_iter().flat_map(|(_, attributes)| attributes);
    all.filter(|(key, _)| names.contains(&key.as_str())).map(|(_, value)| value).collect()
}

/// A link of a page as a path below the site's root.
fn join(page: &str, link: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let tell = |seed: &str, split: &str| {
        let workspace = Workspace::empty();
        let options = ["--groups", "2", "--members", "10", "--weeks", "3", "--seed", seed, "--split", split];
        workspace.run(&[&["sample", "drop"], &options[..]].concat()).well();
        workspace.tree("drop")
    };
    assert!(tell("7", "single") == tell("7", "single"));
    assert!(tell("7", "single") != tell("8", "single"));
    let (single, weekly) = (tell("7", "single"), tell("7", "weekly"));
    assert!(single.contains_key("messages.csv") && weekly.contains_key("messages-2025w19.csv"));
    let rows = |parts: &std::collections::BTreeMap<String, Vec<u8>>| {
        let parts = parts.iter().filter(|(name, _)| name.starts_with("messages"));
        let mut rows: Vec<String> = parts
            .flat_map(|(_, bytes)| {
                String::from_utf8(bytes.clone()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        rows.sort();
        rows.dedup();
        rows
    };
    assert_eq!(rows(&single), rows(&weekly));
}

/// A number is followed down to rows, filters and the playbook's lines. Lines of shipped playbooks move, and
/// their texts are reworded, so both are left out.
#[test]
fn a_number_of_the_sample_is_explained() {
    let workspace = sample();
    let whole = workspace.run(&["explain", "g001", "--lang", "en"]).well().out;
    assert!(whole.starts_with("g001 · "), "{whole}");
    assert!(
        whole.contains("\nscore    ") && whole.contains("\ncoverage ") && whole.contains("\nspeak_rate "),
        "{whole}"
    );
    let by_name = whole.lines().next().unwrap().split_once(" · ").unwrap().1;
    assert_eq!(workspace.run(&["explain", by_name, "--lang", "en"]).well().out, whole, "a name serves like an id");

    let one = workspace.run(&["explain", "g001", "speak_rate", "--lang", "en"]).well().out;
    let lines: Vec<&str> = one.lines().collect();
    let value = lines.iter().find(|l| l.starts_with("value")).unwrap();
    assert!(value.starts_with("value    speakers ÷ members = "), "{value}");
    let bands: Vec<&&str> = lines.iter().filter(|l| l.starts_with("bands")).collect();
    assert_eq!(bands.len(), 4, "{one}");
    for band in bands {
        let (file, line) = band.split_whitespace().last().unwrap().rsplit_once(':').unwrap();
        assert!(file.starts_with("built-in/") && line.parse::<usize>().unwrap() > 1, "{band}");
        let text = fs::read_to_string(project("playbooks").join(file.trim_start_matches("built-in/"))).unwrap();
        assert!(text.lines().nth(line.parse::<usize>().unwrap() - 1).unwrap().contains("bands"), "{band}");
    }
    assert!(one.contains("\norigin   ") && one.contains("; source S060"), "{one}");
    assert!(one.contains("\nmeasures\n  speakers over window, by group  (built-in/base/measures.toml:"), "{one}");
    assert!(one.contains(" rows matched in the period\n"), "{one}");
    assert!(one.contains("\ntactics that improve it\n"), "{one}");

    // The share that the rows give, counted here by hand over the drop.
    let numbers: Vec<u64> = value.split(" = ").nth(1).unwrap().split(" ÷ ").map(|n| n.parse().unwrap()).collect();
    let (speakers, members) = counted(&workspace, "g001");
    assert_eq!(numbers, [speakers, members]);
}

/// Customers of a group at the end of 2025-W19, and those of them who wrote in it.
fn counted(workspace: &Workspace, group: &str) -> (u64, u64) {
    let rows = |table: &str| -> Vec<std::collections::BTreeMap<String, String>> {
        let text = workspace.read(&format!("data/{table}.csv"));
        csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
    };
    let here: std::collections::BTreeSet<String> = rows("members")
        .into_iter()
        .filter(|m| m["group_id"] == group && matches!(m["role"].as_str(), "" | "member" | "koc"))
        .filter(|m| {
            m["joined_at"].as_str() < "2025-05-12" && (m["left_at"].is_empty() || m["left_at"].as_str() >= "2025-05-12")
        })
        .map(|m| m["member_id"].clone())
        .collect();
    let speakers: std::collections::BTreeSet<String> = rows("messages")
        .into_iter()
        .filter(|m| m["group_id"] == group && !matches!(m["kind"].as_str(), "system" | "recalled"))
        .filter(|m| ("2025-05-05".."2025-05-12").contains(&m["sent_at"].as_str()))
        .map(|m| m["member_id"].clone())
        .filter(|m| here.contains(m))
        .collect();
    (speakers.len() as u64, here.len() as u64)
}

/// `qunce … | head -1`: whoever reads no further is content.
#[test]
fn a_closed_pipe_is_success() {
    let workspace = Workspace::copy(&project("tests/workspaces/minimal"));
    for arguments in [&["explain", "g1"][..], &["build"], &["--help"], &["build", "--help"]] {
        let mut child = program()
            .current_dir(workspace.path())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

#[test]
fn no_colour_without_a_terminal() {
    let workspace = Workspace::empty();
    for arguments in [&["build"][..], &["biuld"], &["--help"]] {
        let said = workspace.run_with(arguments, |c| {
            c.env("TERM", "xterm-256color");
        });
        assert!(!said.out.contains('\u{1b}') && !said.err.contains('\u{1b}'), "{arguments:?}");
    }
}

/// Where there is a terminal, messages are coloured unless the user asks for none.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_has_colour_unless_told_otherwise() {
    let workspace = Workspace::empty();
    let shown = |no_colour: bool, arguments: &str| {
        let mut command = std::process::Command::new("script");
        let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_qunce"));
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(workspace.path());
        command.env("TERM", "xterm-256color").env_remove("NO_COLOR").stdin(Stdio::null());
        if no_colour {
            command.env("NO_COLOR", "1");
        }
        let output = command.output().expect("script of util-linux");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    for (arguments, code) in [("build", 3), ("biuld", 2)] {
        let (status, coloured) = shown(false, arguments);
        assert_eq!(status, Some(code), "{coloured}");
        assert!(coloured.contains('\u{1b}'), "{arguments}: {coloured:?}");
        assert!(!shown(true, arguments).1.contains('\u{1b}'), "{arguments}");
    }
}

/// A KPI of one's own is some lines of TOML; pages, method and JSON show it.
#[test]
fn a_new_kpi_needs_no_rust() {
    let workspace = Workspace::copy(&project("tests/workspaces/minimal"));
    let playbook = workspace.read("playbooks/tea.toml");
    workspace.write(
        "playbooks/tea.toml",
        playbook
            + r#"
[measure.questions]
name = "Questions asked"
table = "messages"
count = "*"
where = "kind = 'question'"

[kpi.curiosity]
name = "Curiosity about tea"
definition = "Questions, of all messages."
board = "talk"
ratio = ["questions", "messages"]
bands = { floor = 0.0, watch = 0.1, healthy = 0.2, excellent = 0.3 }
weight = 2
origin = "own"

[[tactic]]
id = "riddle"
title = "Riddle of the week"
improves = ["curiosity"]
owner = "host"
cadence = "weekly mon"
body = "Ask what nobody knows."
"#,
    );
    workspace.run(&["check"]).well();
    workspace.run(&["build"]).well();
    let json: serde_json::Value = serde_json::from_str(&workspace.read("out/api/groups/g1.json")).unwrap();
    let kpi = &json["kpis"]["curiosity"];
    // Row 4 of the rows 4 to 11: a quarter of the way from watch to healthy.
    assert_eq!(kpi["value"], 0.125);
    assert_eq!(kpi["score"], 57.5);
    assert_eq!((&kpi["numerator"], &kpi["denominator"]), (&serde_json::json!(1), &serde_json::json!(8)));
    let actions = json["actions"].as_array().unwrap();
    assert!(actions.iter().any(|a| a["tactic"] == "riddle"), "{actions:?}");
    let report = workspace.read("out/groups/g1/index.html");
    assert!(report.contains("Curiosity about tea") && report.contains("Riddle of the week"));
    let method = workspace.read("out/method.html");
    assert!(method.contains("Curiosity about tea") && method.contains("Questions, of all messages."));
    assert!(workspace.read("out/method/curiosity.html").contains("Questions asked"));
    assert!(workspace.read("out/groups/g1/measures.html").contains("Questions asked"));
    assert!(workspace.read("out/groups/g1/manual-tactics.html").contains("Ask what nobody knows."));
    assert!(
        workspace.run(&["explain", "g1", "curiosity"]).well().out.contains("questions ÷ messages = 1 ÷ 8 = 12.5 %")
    );
}

/// The READMEs show what works: their playbook, their commands, their links, the tests they name.
#[test]
fn the_readmes_are_true() {
    let block = |text: &str| {
        let from = text.split("```toml\n").nth(1).unwrap();
        from.split("```").next().unwrap().to_owned()
    };
    let sources: String = ["cli", "determinism", "faults", "gates", "golden", "oracle", "output", "statistics"]
        .map(|name| fs::read_to_string(project(&format!("tests/{name}.rs"))).unwrap())
        .concat();
    let mut blocks = Vec::new();
    for name in ["README.md", "README.zh-CN.md"] {
        let text = fs::read_to_string(project(name)).unwrap();
        blocks.push(block(&text));
        for link in text.split("](").skip(1).map(|l| l.split(')').next().unwrap()) {
            assert!(link.starts_with("https://") || project(link).exists(), "{name}: {link}");
        }
        for named in
            text.split("`) `").skip(1).chain(text.split(".rs) `").skip(1)).map(|t| t.split('`').next().unwrap())
        {
            assert!(sources.contains(&format!("fn {named}(")), "{name}: {named}");
        }
        for command in text.lines().filter_map(|l| l.strip_prefix("| `qunce ")) {
            let command = command.split([' ', '`']).next().unwrap();
            assert_eq!(Workspace::empty().run(&[command, "--help"]).code, 0, "{name}: {command}");
        }
    }
    assert_eq!(blocks[0], blocks[1], "both show the same playbook");
    let workspace = Workspace::empty();
    workspace.run(&["init"]).well();
    workspace.run(&["sample", "--groups", "2", "--members", "15", "--weeks", "3"]).well();
    workspace.write("qunce.toml", "[site]\nlanguages = [\"zh-CN\"]\n").write("playbooks/acme_vip.toml", &blocks[0]);
    assert_eq!(workspace.run(&["check"]).well().err, "");
    let groups = workspace.read("data/groups.csv").replace(",vip,", ",acme_vip,");
    assert!(groups.contains(",acme_vip,"), "{groups}");
    workspace.write("data/groups.csv", groups).run(&["build"]).well();
    for (path, part) in [
        ("out/groups/g002/index.html", "问茶率"),
        ("out/method.html", "问茶率"),
        ("out/api/groups/g002.json", "\"tea_curiosity\""),
        ("out/groups/g002/manual.html", "周五下午茶"),
    ] {
        assert!(workspace.read(path).contains(part), "{path}");
    }
}
