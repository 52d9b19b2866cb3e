//! Gates, baselines, comparisons and waivers, through the real program. The workspace is `workspaces/minimal`: one
//! group of 62.5 points, in which two alerts fire; its README says why.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::{Value, json};
use std::fs;
use support::{Said, Workspace, project};

fn minimal() -> Workspace {
    Workspace::copy(&project("tests/workspaces/minimal"))
}

/// Changes a text that stands once in a file.
fn change(workspace: &Workspace, path: &str, from: &str, to: &str) {
    let text = workspace.read(path);
    assert_eq!(text.matches(from).count(), 1, "{from:?} in {path}");
    workspace.write(path, text.replace(from, to));
}

fn append(workspace: &Workspace, path: &str, text: &str) {
    let before = workspace.read(path);
    workspace.write(path, before + text);
}

/// A fifth of ten members speaks: 80 of 100 for the KPI instead of 70, 2.5 points more for the group.
fn one_more_speaker(workspace: &Workspace) {
    append(workspace, "data/messages.csv", "90,g1,m07,2025-05-07 10:00,text\n");
}

/// 0.4 is enough now: 80 of 100 for the KPI instead of 70, 2.5 points more for the group.
fn softer_cut(workspace: &Workspace) {
    change(workspace, "playbooks/tea.toml", "watch = 0.2, healthy = 0.5", "watch = 0.2, healthy = 0.4");
}

/// 0.4 is critical now.
fn harder_cut(workspace: &Workspace) {
    change(
        workspace,
        "playbooks/tea.toml",
        "floor = 0.0, watch = 0.2, healthy = 0.5",
        "floor = 0.0, watch = 0.45, healthy = 0.5",
    );
}

const WAIVER: &str = "\n[[waiver]]\nid = \"holidays\"\nkpi = \"speak_rate\"\ngroups = [\"g1\"]\n\
    reason = \"Away for | the *holidays*\"\nowner = \"Lin\"\nexpires = \"2025-05-12\"\n";

#[track_caller]
fn says(said: &Said, code: i32, parts: &[&str]) {
    assert_eq!(said.code, code, "{}\n{}", said.out, said.err);
    for part in parts {
        assert!(said.err.contains(part), "{part:?} is not in\n{}", said.err);
    }
}

#[test]
fn a_score_below_the_gate_fails_and_the_site_is_written() {
    let workspace = minimal();
    workspace.run(&["build", "--fail-under", "62.5"]).well();
    fs::remove_dir_all(workspace.path().join("out")).unwrap();
    let said = workspace.run(&["build", "--fail-under", "62.6"]);
    says(&said, 1, &["error[Q0502]: group `g1` (Green tea) scores 62.5, and at least 62.6 is asked for"]);
    says(&said, 1, &["`order_value` costs most: 17.5 points", "asked for by `--fail-under`"]);
    assert!(workspace.has("out/index.html") && workspace.has("out/api/result.json"));

    append(&workspace, "qunce.toml", "\n[gate]\nfail_under = 70\n");
    says(&workspace.run(&["build"]), 1, &["Q0502", "qunce.toml:7:14", "`fail_under` asks for this"]);
    workspace.run(&["build", "--fail-under", "50"]).well();
    says(&workspace.run(&["gate"]), 1, &["Q0502"]);
    says(&workspace.run(&["gate", "--fail-under", "101"]), 2, &["points from 0 to 100"]);
}

#[test]
fn a_gate_that_failed_fails_again_without_a_look_at_the_drop_until_something_changes() {
    let workspace = minimal();
    let failing = ["build", "--fail-under", "62.6"];
    let first = workspace.run(&failing);
    says(&first, 1, &["Q0502"]);
    assert!(first.out.trim_end().ends_with("/out") && !first.out.contains("nothing changed"), "{}", first.out);
    let again = |then: &str| {
        let said = workspace.run(&failing);
        assert_eq!((said.code, &said.err), (1, &first.err), "{then}");
        said.out.contains("nothing changed")
    };
    assert!(again("nothing to do"));
    assert!(again("as before"));
    let json = |said: Said| serde_json::from_str::<Value>(&said.out).unwrap();
    let told = json(workspace.run(&["build", "--fail-under", "62.6", "--format", "json"]));
    assert_eq!((&told["exit_code"], &told["counts"]["errors"]), (&json!(1), &json!(1)));
    assert_eq!(workspace.run(&["build", "--fail-under", "62.6", "--quiet"]).out, "");

    // Without the gate it is another build, and with it again.
    let without = workspace.run(&["build"]).well();
    assert!(!without.out.contains("nothing changed") && workspace.run(&["build"]).well().out.contains("nothing"));
    assert!(!again("other gates") && again("the same ones"));

    // Whatever became of what is remembered, it fails.
    let folder = workspace.path().join(".qunce/builds");
    let record = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let kept = fs::read_to_string(&record).unwrap();
    for (from, to) in
        [("\"gate_failed\":true", "\"gate_failed\":false"), ("\"severity\":\"error\"", "\"severity\":\"note\"")]
    {
        assert!(kept.contains(from), "{kept}");
        fs::write(&record, kept.replace(from, to)).unwrap();
        assert!(!again(to) && again("remembered anew"));
    }
    fs::write(&record, kept.replace("\"gate_failed\":true,", "")).unwrap();
    assert!(!again("a record without a verdict"));
    workspace.write("out/index.html", "tampered with");
    assert!(!again("another site") && again("mended"));
    one_more_speaker(&workspace);
    assert!(!workspace.run(&failing).well().out.contains("nothing changed"));
}

#[test]
fn critical_kpis_and_alerts_fail_with_the_place_of_the_rule() {
    let workspace = minimal();
    workspace.run(&["gate", "--fail-on", "critical"]).well();
    harder_cut(&workspace);
    let said = workspace.run(&["gate", "--fail-on", "critical"]);
    says(
        &said,
        1,
        &["error[Q0503]: group `g1` (Green tea): KPI `speak_rate` is critical at 0.4; its `watch` cut is 0.45"],
    );
    says(&said, 1, &["playbooks/tea.toml:90:", "4 of 10", "the status is uncertain"]);
    let said = workspace.run(&["gate", "--fail-on", "alert"]);
    says(&said, 1, &["Q0504", "alert `silent_buyer` fires for 2 members", "alert `many_leave` fires for the group"]);
    let said = workspace.run(&["gate", "--fail-on", "critical,alert", "--format", "json"]);
    let json: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.code, &json["exit_code"], &json["counts"]["errors"]), (1, &json!(1), &json!(3)));
}

#[test]
fn a_gate_without_anything_to_hold_says_so() {
    says(&minimal().run(&["gate"]), 0, &["warning[Q0512]"]);
}

#[test]
fn a_group_without_a_score_is_told_and_not_passed_over() {
    let workspace = minimal();
    change(&workspace, "playbooks/tea.toml", "min_members = 5", "min_members = 50");
    says(
        &workspace.run(&["gate", "--fail-under", "60"]),
        0,
        &["warning[Q0506]", "10 customers; `min_members` asks for 50"],
    );
}

#[test]
fn a_waiver_holds_a_finding_back_until_its_day() {
    let workspace = minimal();
    harder_cut(&workspace);
    append(&workspace, "playbooks/tea.toml", WAIVER);
    let said = workspace.run(&["build", "--fail-on", "critical"]);
    says(&said, 0, &["note[Q0511]: waived: group `g1` (Green tea): KPI `speak_rate` is critical"]);
    says(&said, 0, &["by `holidays` until 2025-05-12, for `Lin`", "reason: Away for | the *holidays*"]);

    let json: Value = serde_json::from_str(&workspace.read("out/api/groups/g1.json")).unwrap();
    let waiver = json!([{"id": "holidays", "kpi": "speak_rate", "alert": null, "owner": "Lin", "state": "holds",
        "reason": "Away for | the *holidays*", "expires": "2025-05-12"}]);
    assert_eq!(json["waivers"], waiver);
    let page = workspace.read("out/groups/g1/index.html");
    let (beside, score) = (page.find("id=\"waivers\"").unwrap(), page.find("class=\"hero").unwrap());
    assert!(score < beside && beside < page.find("id=\"alerts\"").unwrap(), "beside the score");
    let hero = &page[score..page.find("id=\"actions\"").unwrap()];
    assert!(
        hero.contains("<dt>Waived</dt><dd><a href=\"#waivers\">1 "),
        "the score says that something is waived: {hero}"
    );
    for part in ["Away for | the *holidays*", "Lin", "2025-05-12", "Speaking", "waived"] {
        assert!(page[beside..beside + 700].contains(part), "{part} is not in {}", &page[beside..beside + 700]);
    }
    let report = workspace.read("out/groups/g1/report.md");
    assert!(report.contains("## Waived\n\n- waived: **Speaking** — Away for \\| the \\*holidays\\*"), "{report}");
    let result: Value = serde_json::from_str(&workspace.read("out/api/result.json")).unwrap();
    assert_eq!(result["groups"]["g1"]["waivers"], json!(["holidays"]));

    // The as-of day decides, and not the clock: on the 12th it holds, on the 13th it does not.
    append(&workspace, "data/messages.csv", "91,g1,h1,2025-05-13 10:00,text\n");
    let said = workspace.run(&["build", "--fail-on", "critical"]);
    says(&said, 1, &["Q0503", "warning[Q0510]: waiver `holidays` expired on 2025-05-12", "playbooks/tea.toml:"]);
    let page = workspace.read("out/groups/g1/index.html");
    assert!(page.contains("expired") && !page.contains("<dt>Waived</dt>"), "nothing is waived any more");
    workspace.run(&["build", "--fail-on", "critical", "--as-of", "2025-05-12"]).well();
    says(&workspace.run(&["build"]), 0, &["Q0510"]);
}

#[test]
fn a_waiver_of_an_alert_is_for_its_groups_alone() {
    let workspace = minimal();
    let waiver = |alert: &str, group: &str| {
        format!(
            "\n[[waiver]]\nid = \"w_{alert}\"\nalert = \"{alert}\"\n{group}reason = \"r\"\nowner = \"o\"\nexpires = \"2025-12-31\"\n"
        )
    };
    append(&workspace, "playbooks/tea.toml", &(waiver("many_leave", "") + &waiver("silent_buyer", "")));
    let said = workspace.run(&["gate", "--fail-on", "alert"]).well();
    assert!(said.out.contains("no gate failed, 2 waived"), "{}", said.out);

    append(&workspace, "data/groups.csv", "g2,Black tea,tea,2025-01-06,Lin\n");
    let text = workspace
        .read("playbooks/tea.toml")
        .replace("alert = \"many_leave\"\n", "alert = \"many_leave\"\ngroups = [\"g2\"]\n");
    workspace.write("playbooks/tea.toml", text);
    says(&workspace.run(&["gate", "--fail-on", "alert"]), 1, &["alert `many_leave` fires", "Q0511"]);
}

#[test]
fn a_waiver_that_says_too_little_is_an_error_at_its_place() {
    let wrong = |from: &str, to: &str| {
        let workspace = minimal();
        append(&workspace, "playbooks/tea.toml", &WAIVER.replace(from, to));
        workspace
    };
    for (from, to, parts) in [
        ("speak_rate", "speek_rate", ["Q0106", "did you mean `speak_rate`?"]),
        ("reason = \"Away for | the *holidays*\"\n", "", ["Q0006", "`holidays` has no `reason`"]),
        ("owner = \"Lin\"\n", "", ["Q0006", "`holidays` has no `owner`"]),
        ("expires = \"2025-05-12\"\n", "", ["Q0006", "`holidays` has no `expires`"]),
        ("2025-05-12", "2025-02-30", ["Q0005", "`2025-02-30` is not a day"]),
        ("owner = \"Lin\"", "owner = \" \"", ["Q0005", "`owner` is empty"]),
        ("kpi = ", "kpi = \"speak_rate\"\nalert = \"many_leave\"\n# ", ["Q0005", "names a KPI and an alert"]),
        ("kpi = \"speak_rate\"\n", "", ["Q0005", "names neither a KPI nor an alert"]),
    ] {
        let said = wrong(from, to).run(&["check"]);
        says(&said, 3, &parts);
        says(&said, 3, &["playbooks/tea.toml:2"]);
    }
    let said = wrong("\"g1\"", "\"g11\"").run(&["build"]);
    says(
        &said,
        3,
        &["error[Q0114]: waiver `holidays` is for a group `g11`", "playbooks/tea.toml:", "did you mean `g1`?"],
    );
}

#[test]
fn a_baseline_is_the_same_for_the_same_input_and_tells_what_a_site_tells() {
    let workspace = minimal();
    workspace.run(&["baseline"]).well();
    let first = workspace.read("baseline.json");
    workspace.run(&["build"]).well();
    assert_eq!(workspace.run(&["baseline", "--output", "-"]).well().out, first);
    let (mut a, mut b): (Value, Value) =
        (serde_json::from_str(&first).unwrap(), serde_json::from_str(&workspace.read("out/api/result.json")).unwrap());
    assert!(a["made_from"]["data"].is_string() && b["made_from"]["data"].is_null());
    a["made_from"].take();
    b["made_from"].take();
    assert_eq!(a, b);
    for other in ["out", ".", "out/api/result.json"] {
        let said = workspace.run(&["diff", "baseline.json", other]).well();
        assert!(said.out.ends_with("\nnothing changed in 1 group\n"), "{other}: {}", said.out);
    }
}

#[test]
fn a_result_of_the_first_schema_is_read_and_a_later_one_refused_by_name() {
    let workspace = minimal();
    workspace.write("old.json", fs::read(project("tests/results/version-1.json")).unwrap());
    let said = workspace.run(&["diff", "old.json", "."]).well();
    assert!(said.out.contains("group g1  Green tea  60.0 → 62.5  +2.5"), "{}", said.out);
    let newer = workspace.read("old.json").replace("\"schema_version\": 1", "\"schema_version\": 2");
    workspace.write("newer.json", newer.replace("\"version\": \"0.0.1\"", "\"version\": \"9.9.9\""));
    let said = workspace.run(&["diff", "newer.json", "."]);
    says(&said, 3, &["error[Q0507]: `newer.json` has schema version 2", "written by qunce 9.9.9", "update qunce"]);
    workspace.write("none.json", "[]");
    says(&workspace.run(&["diff", ".", "none.json"]), 3, &["error[Q0508]", "qunce baseline"]);
    says(&workspace.run(&["diff", ".", "gone.json"]), 4, &["error[Q0501]", "gone.json"]);
    says(&workspace.run(&["diff", ".", "data"]), 3, &["error[Q0508]", "neither a site nor a workspace"]);
    says(&workspace.run(&["diff", ".", ".", "--format", "sarif"]), 2, &[]);
}

#[test]
fn points_lost_since_the_baseline_fail_and_say_what_took_them() {
    let workspace = minimal();
    one_more_speaker(&workspace);
    workspace.run(&["baseline"]).well();
    let workspace_now = minimal();
    workspace_now.write("baseline.json", workspace.read("baseline.json"));
    append(&workspace_now, "qunce.toml", "\n[gate]\nmax_drop = 2.5\nbaseline = \"baseline.json\"\n");
    workspace_now.run(&["build"]).well();
    let said = workspace_now.run(&["build", "--max-drop", "2.4", "--baseline", "baseline.json"]);
    says(&said, 1, &["error[Q0505]: group `g1` (Green tea) lost 2.5 points, 65.0 → 62.5; at most 2.4 may be lost"]);
    says(&said, 1, &["of this data -2.5, playbook +0.0, coverage +0.0, version +0.0"]);
    says(&workspace_now.run(&["gate", "--max-drop", "2.4"]), 1, &["Q0505", "asked for by `--max-drop`"]);
    says(&minimal().run(&["gate", "--max-drop", "2.4"]), 2, &["no baseline", "`--baseline` or in `[gate]`"]);

    // Without orders too little is measured for a score: that is no way past the gate.
    fs::remove_file(workspace_now.path().join("data/orders.csv")).unwrap();
    says(&workspace_now.run(&["build"]), 1, &["error[Q0506]", "had 65.0 points and has no score now"]);

    change(&workspace_now, "data/groups.csv", "g1,Green tea", "g2,Green tea");
    says(&workspace_now.run(&["gate"]), 0, &["warning[Q0509]: group `g1` of the baseline is not in the drop"]);

    fs::remove_file(workspace_now.path().join("baseline.json")).unwrap();
    fs::remove_dir_all(workspace_now.path().join("out")).unwrap();
    says(&workspace_now.run(&["build"]), 4, &["Q0501", "baseline.json", "qunce baseline"]);
    assert!(workspace_now.has("out/index.html"), "the site is written all the same");
}

/// The parts of the change of g1, as told for programs.
fn parts(after: &Workspace) -> Value {
    let before = minimal();
    before.run(&["baseline"]).well();
    after.write("before.json", before.read("baseline.json"));
    let said = after.run(&["diff", "before.json", ".", "--format", "json"]).well();
    let json: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["schema_version"], 1);
    json["groups"]["g1"].clone()
}

fn near(value: &Value, expected: [f64; 4]) -> bool {
    let names = ["data", "playbook", "coverage", "version"];
    names.iter().zip(expected).all(|(name, part)| {
        let told = value["parts"][name].as_f64().unwrap();
        if part == 0.0 { told == 0.0 } else { (told - part).abs() < 1e-9 }
    })
}

#[test]
fn a_change_is_told_by_what_caused_it() {
    let rows = minimal();
    one_more_speaker(&rows);
    let told = parts(&rows);
    assert!(near(&told, [2.5, 0.0, 0.0, 0.0]), "{told:#}");

    let threshold = minimal();
    softer_cut(&threshold);
    let told = parts(&threshold);
    assert!(near(&told, [0.0, 2.5, 0.0, 0.0]), "{told:#}");

    // By new rules the new rows come to 83.3 for the KPI, which is 3.33 points more; each gives 2.5 alone.
    let both = minimal();
    one_more_speaker(&both);
    softer_cut(&both);
    let told = parts(&both);
    assert!(near(&told, [5.0 / 3.0, 5.0 / 3.0, 0.0, 0.0]), "{told:#}");

    // The rows are the same, and other rows are counted: whoever wrote twice.
    let measure = minimal();
    change(&measure, "playbooks/tea.toml", "and messages > 0\"", "and messages > 1\"");
    let told = parts(&measure);
    assert_eq!(told["kpis"][0]["redefined"], true, "{told:#}");
    let change = told["change"].as_f64().unwrap();
    assert!(change < -2.0 && near(&told, [0.0, change, 0.0, 0.0]), "{told:#}");

    // White space is no change.
    let spaces = minimal();
    change_spaces(&spaces);
    assert_eq!(parts(&spaces), Value::Null);
}

fn change_spaces(workspace: &Workspace) {
    change(workspace, "playbooks/tea.toml", "role = 'member' and messages > 0", "role='member'   and messages>0");
    change(workspace, "playbooks/tea.toml", "# Shown, never scored.", "# Shown only.");
}

#[test]
fn a_comparison_is_fit_for_a_merge_request() {
    let after = minimal();
    one_more_speaker(&after);
    softer_cut(&after);
    change(&after, "data/groups.csv", "Green tea", "<b>茶|@all</b>");
    let before = minimal();
    before.run(&["baseline"]).well();
    after.write("before.json", before.read("baseline.json"));
    let markdown = after.run(&["diff", "before.json", ".", "--format", "markdown"]).well().out;
    assert!(
        markdown.contains("| g1 &lt;b&gt;茶\\|&#64;all&lt;/b&gt; | 62.5 | 65.8 | +3.3 | +1.7 | +1.6 | ±0.0 | ±0.0 |")
            || markdown
                .contains("| g1 &lt;b&gt;茶\\|&#64;all&lt;/b&gt; | 62.5 | 65.8 | +3.3 | +1.6 | +1.7 | ±0.0 | ±0.0 |"),
        "{markdown}"
    );
    assert!(markdown.contains("- tea&#58; kpis.speak\\_rate.cuts \\[0.0,0.2,0.5,1.0\\] → "), "{markdown}");
    let human = after.run(&["diff", "before.json", "."]).well().out;
    for part in ["62.5 → 65.8  +3.3\n", "speak_rate 0.4 → 0.5", "tea: kpis.speak_rate.cuts", "1 changed, 0 unchanged"]
    {
        assert!(human.contains(part), "{part}\n{human}");
    }
}
