//! Findings in the forms that other programs read: JSON, SARIF, workflow commands, JUnit, Markdown. Those with a
//! standard are read by parsers that are not ours.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod python;
mod support;

use python::{python, succeed, tests};
use serde_json::{Value, json};
use support::{Said, Workspace, project};

/// A name that would forge a command, close an element, end a cell and steer a terminal.
const HOSTILE: &str = "茶::error file=a::%0A]]></failure><b>@all|\u{1b}[31m\u{202e}";

/// Two errors and a warning: in `qunce.toml`, in an expression inside of TOML, and in a cell.
fn faulty() -> Workspace {
    let workspace = Workspace::empty();
    let order = |id: &str, amount: &str| format!("{id},g1,m1,2025-05-06 10:00,{amount}\n");
    workspace
        .write("qunce.toml", "[site]\nlanguages = [\"en\"]\n[data]\nmax_bad_share = 1.0\n")
        .write("data/groups.csv", "group_id,name,playbook,created_on\ng1,Tea,vip,2025-01-06\n")
        .write("data/members.csv", "group_id,member_id,joined_at\ng1,m1,2025-01-06 09:00\n")
        .write(
            "data/orders.csv",
            format!(
                "order_id,group_id,member_id,paid_at,amount\n{}{}{}",
                order("o1", "5"),
                order("o2", HOSTILE),
                "o3,g1,m1,2025-05-12 00:00,5\n"
            ),
        );
    workspace
}

fn with_broken_playbook() -> Workspace {
    let workspace = faulty();
    workspace.write("playbooks/a,b.toml", "").write(
        "playbooks/acme.toml",
        "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.speak_rate]\nvalue = \"1 + 茶茶 + x\"\nwieght = 2\n",
    );
    workspace
}

fn run(workspace: &Workspace, command: &str, format: &str) -> Said {
    workspace.run(&[command, "--format", format])
}

#[test]
fn json_tells_lines_columns_and_bytes_of_toml_expressions_and_cells() {
    let workspace = with_broken_playbook();
    let said = run(&workspace, "check", "json");
    assert_eq!((said.code, said.err.as_str()), (3, ""), "programs read one document on standard output");
    let json: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!([&json["schema_version"], &json["exit_code"], &json["cut"]], [1, 3, 0]);
    assert_eq!(json["tool"]["name"], "qunce");
    let all = json["diagnostics"].as_array().unwrap();
    assert_eq!(json["counts"]["errors"], all.iter().filter(|d| d["severity"] == "error").count());
    let text = workspace.read("playbooks/acme.toml");
    let place = |code: &str, what: &str| -> Value {
        let found = all.iter().find(|d| d["code"] == code && d["message"].as_str().unwrap().contains(what));
        found.unwrap_or_else(|| panic!("no {code} of {what} in {json:#}"))["places"][0].clone()
    };
    for (code, what) in [("Q0003", "wieght"), ("Q0202", "茶茶")] {
        let place = place(code, what);
        let (offset, length) = (place["offset"].as_u64().unwrap() as usize, place["length"].as_u64().unwrap() as usize);
        assert_eq!(&text[offset..offset + length], what, "{place}");
        let line = text.lines().nth(place["line"].as_u64().unwrap() as usize - 1).unwrap();
        let column = place["column"].as_u64().unwrap() as usize - 1;
        let width = place["end_column"].as_u64().unwrap() as usize - 1 - column;
        assert_eq!(line.chars().skip(column).take(width).collect::<String>(), what, "{place}");
        assert_eq!(place["file"], "playbooks/acme.toml");
    }

    let said = run(&faulty(), "build", "json");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let json: Value = serde_json::from_str(&said.out).unwrap();
    let cell = &json["diagnostics"][0]["places"][0];
    assert_eq!([&cell["file"], &cell["line"], &cell["column"]], [&json!("data/orders.csv"), &json!(3), &json!(27)]);
    assert_eq!(cell["text"], HOSTILE);
}

#[test]
fn a_run_that_finds_nothing_is_a_document_too() {
    let workspace = Workspace::empty();
    workspace.write("qunce.toml", "[site]\nlanguages = [\"zh-CN\"]\n");
    let json: Value = serde_json::from_str(&run(&workspace, "check", "json").well().out).unwrap();
    assert_eq!((&json["diagnostics"], &json["exit_code"]), (&json!([]), &json!(0)));
    assert!(run(&workspace, "check", "junit").well().out.contains("nothing found"));
    assert_eq!(run(&workspace, "check", "github").well().out, "");
}

/// `workspaces/minimal`, whose README counts what is in it.
fn minimal() -> Workspace {
    Workspace::copy(&project("tests/workspaces/minimal"))
}

#[test]
fn programs_get_one_document_of_every_command() {
    let workspace = minimal();
    let told = |arguments: &[&str], code: i32| {
        let said = workspace.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!((said.code, said.err.as_str()), (code, ""), "{arguments:?}: {}", said.out);
        let json: Value =
            serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{arguments:?}: {e}\n{}", said.out));
        assert_eq!(json["exit_code"], code, "{arguments:?}");
        json
    };
    for arguments in [
        &["init", "new"][..],
        &["sample", "new/drop", "--groups", "2", "--members", "10", "--weeks", "2"],
        &["check"],
        &["build"],
        &["build"],
        &["verify"],
        &["gate"],
        &["baseline"],
        &["facts", "facts"],
        &["man", "pages"],
    ] {
        told(arguments, 0);
    }
    told(&["build", "--fail-under", "99"], 1);
    workspace.write("out/groups/g1/index.html", "tampered with");
    let places = &told(&["verify"], 1)["diagnostics"][0]["places"];
    assert_eq!(places[0]["file"], "out/groups/g1/index.html", "as seen from the workspace");
    let json = told(&["build", "--fail-over", "99"], 2);
    assert_eq!(json["diagnostics"][0]["message"], "unexpected argument '--fail-over' found");
    told(&["serve", "--port", "99999"], 2);
    told(&["serve"], 2);
    told(&["explain", "g1"], 2);
    told(&["explain-code", "Q9999"], 2);
    told(&["diff", "out", "nowhere"], 4);
}

#[test]
fn what_is_no_finding_has_standard_output_to_itself() {
    let workspace = minimal();
    workspace.write("qunce.toml", workspace.read("qunce.toml") + "\n[data.messages]\nconstants = { kimd = \"x\" }\n");
    for (arguments, begins) in [(&["sql"][..], "create or replace"), (&["baseline", "--output", "-"], "{\n  \"as_of\"")]
    {
        let said = workspace.run(&[arguments, &["--format", "json"]].concat());
        assert!(said.out.starts_with(begins), "{arguments:?}: {}", said.out);
        let json: Value = serde_json::from_str(&said.err).unwrap();
        assert_eq!((said.code, &json["exit_code"]), (0, &json!(0)));
        assert_eq!(json["diagnostics"][0]["code"], "Q0003", "{arguments:?}: {json:#}");
        let human = workspace.run(arguments);
        assert!(human.err.contains("warning[Q0003]") && human.out == said.out, "{arguments:?}: {}", human.err);
    }
}

#[test]
fn a_finding_about_no_file_has_a_place_in_sarif() {
    let Some(mut command) = python("the validation of SARIF") else { return };
    let workspace = minimal();
    let said = workspace.run(&["gate", "--fail-under", "99", "--format", "sarif"]);
    assert_eq!(said.code, 1);
    workspace.write("log.sarif", &said.out);
    let schema = tests().join("ci/sarif-2.1.0.json");
    let check = command.arg(tests().join("ci/check.py")).arg("sarif").arg(schema);
    let listed = succeed(check.arg(workspace.path().join("log.sarif")));
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "error Q0502 qunce.toml - -\n");
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let Some(mut command) = python("the validation of SARIF") else { return };
    let workspace = with_broken_playbook();
    let said = run(&workspace, "check", "sarif");
    assert_eq!(said.code, 3);
    workspace.write("log.sarif", &said.out);
    let schema = tests().join("ci/sarif-2.1.0.json");
    let output = succeed(
        command.arg(tests().join("ci/check.py")).arg("sarif").arg(schema).arg(workspace.path().join("log.sarif")),
    );
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(listed.contains("error Q0003 playbooks/acme.toml 6 1\n"), "{listed}");
    assert!(listed.contains("error Q0202 playbooks/acme.toml 5 14\n"), "{listed}");
}

#[test]
fn sarif_of_hostile_cells_and_of_a_cut_list_is_valid() {
    let Some(mut command) = python("the validation of SARIF") else { return };
    let workspace = faulty();
    workspace.write("data/more, b.csv", "x\n").write("data/x:y.csv", "x\n");
    let said = workspace.run(&["build", "--format", "sarif", "--max-findings", "1"]);
    workspace.write("log.sarif", &said.out);
    let schema = tests().join("ci/sarif-2.1.0.json");
    succeed(command.arg(tests().join("ci/check.py")).arg("sarif").arg(schema).arg(workspace.path().join("log.sarif")));
    let json: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["runs"][0]["results"].as_array().unwrap().len(), 1);
    assert!(said.out.contains("more findings were left out"), "{}", said.out);
}

#[test]
fn junit_is_read_by_another_parser() {
    for (workspace, command_name, expected) in
        [(with_broken_playbook(), "check", "Q0202"), (faulty(), "build", "1 0\n")]
    {
        let Some(mut command) = python("the reading of JUnit") else { return };
        let said = run(&workspace, command_name, "junit");
        workspace.write("junit.xml", &said.out);
        let output =
            succeed(command.arg(tests().join("ci/check.py")).arg("junit").arg(workspace.path().join("junit.xml")));
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(listed.contains(expected), "{listed}");
    }
}

#[test]
fn no_text_of_the_data_forges_a_workflow_command() {
    let said = run(&faulty(), "build", "github").well();
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.len(), 1, "{}", said.out);
    assert!(lines[0].starts_with("::warning file=data/orders.csv,line=3,"), "{}", said.out);
    assert!(lines[0].contains("col=27") && lines[0].contains("%250A") && !said.out.contains('\u{1b}'), "{}", said.out);
    for format in ["human", "markdown", "junit", "json", "sarif"] {
        let said = run(&faulty(), "build", format).well();
        let all = format!("{}{}", said.out, said.err);
        assert!(all.lines().all(|l| !l.trim_start().starts_with("::")), "{format}: {all}");
        assert!(!all.contains('\u{1b}'), "{format}: {all}");
        assert!(format == "json" || !all.contains('\u{202e}'), "{format}: {all}");
    }
}

#[test]
fn the_worst_come_first_and_the_rest_is_counted() {
    let workspace = with_broken_playbook();
    let all = workspace.run(&["check", "--max-findings", "0"]).err;
    let cut = workspace.run(&["check", "--max-findings", "1"]).err;
    assert!(all.matches("error[Q").count() > 1 && cut.matches("error[Q").count() == 1, "{all}\n{cut}");
    let hidden = all.matches("[Q").count() - 1;
    assert!(cut.contains(&format!("… and {hidden} more; `--max-findings 0` shows all\n")), "{cut}");
    assert_eq!(all.lines().last(), cut.lines().last(), "the closing count is of all");
}

#[test]
fn the_user_decides_on_colours() {
    let workspace = Workspace::empty();
    let coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let arguments: Vec<&str> = std::iter::once("build").chain(arguments.iter().copied()).collect();
        let said = workspace.run_with(&arguments, |c| {
            c.envs(variables.iter().copied());
        });
        said.err.contains('\u{1b}')
    };
    assert!(!coloured(&[], &[]));
    assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")]), "an empty NO_COLOR says nothing");
    assert!(!coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&["--color", "always", "--format", "json"], &[]));
}

#[test]
fn what_the_system_refuses_is_a_finding_too() {
    let workspace = faulty();
    workspace.write("folder/file", "");
    let said = workspace.run(&["baseline", "--output", "folder", "--format", "json"]);
    assert_eq!(said.code, 4);
    let json: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!([&json["diagnostics"][0]["code"], &json["exit_code"]], [&json!("Q0501"), &json!(4)]);
}
