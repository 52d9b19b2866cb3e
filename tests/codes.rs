//! Every code of a message: explained, shown by an example that really goes wrong and a remedy that really mends it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use qunce::diagnostic::{Code, Example};
use std::collections::BTreeSet;
use std::sync::Mutex;
use support::{Workspace, project, tree};

/// Codes that no text file in an otherwise sound workspace raises, and where they are raised instead.
const ELSEWHERE: &[(Code, &str)] = &[
    (Code::Unreadable, "`a_file_that_is_no_text_is_told` below"),
    (Code::FileChanged, "needs a file that changes while it is read: `src/data/scan_tests.rs`"),
    (Code::WriteFailed, "needs a full disk or a forbidden folder: `src/site/tests.rs` and the tests of the output"),
    (Code::PathCollision, "two pages of one path: `src/site/output.rs` refuses what no input reaches"),
    (Code::NotRemembered, "needs a disk that fails just while `.qunce` is written; the site is whole all the same"),
    (Code::ServeFailed, "needs a disk that fails under a server that runs"),
    (Code::PublicKey, "the tests set the variable; without it `public_names_are_told` below"),
];

/// What stands in a workspace beside the files of an example.
fn sound() -> Workspace {
    let workspace = Workspace::empty();
    workspace
        .write("qunce.toml", "[site]\nlanguages = [\"zh-CN\", \"en\"]\n")
        .write("data/groups.csv", "group_id,name,playbook,created_on\ng1,茶友会,vip,2025-01-06\n")
        .write("data/members.csv", "group_id,member_id,joined_at\ng1,m1,2025-01-06 09:00\ng1,m2,2025-01-06 09:00\n")
        .write(
            "data/messages.csv",
            "message_id,group_id,member_id,sent_at,kind\n1,g1,m1,2025-05-05 10:00,text\n2,g1,m2,2025-05-12 00:00,text\n",
        );
    workspace
}

/// Whether everything is told by checking playbooks alone, so that many examples fit in one workspace.
fn is_playbook(example: &Example) -> bool {
    let files = example.wrong.iter().chain(example.right);
    example.command == "qunce check" && files.clone().all(|(path, _)| path.starts_with("playbooks/"))
}

/// Whether the files are files: not described in words.
fn can_be_run(files: &[(&str, &str)]) -> bool {
    files.iter().all(|(path, text)| !path.ends_with('/') && !path.starts_with('<') && !text.starts_with('<'))
}

/// For each example its code, if a check of all of them in one workspace tells it in a file of the example. Playbooks
/// are named after the example.
fn told_together(
    examples: &[&'static Example],
    files: fn(&Example) -> &'static [(&'static str, &'static str)],
) -> BTreeSet<&'static str> {
    let workspace = sound();
    for example in examples {
        let own = example.code.id().to_lowercase();
        for (path, text) in files(example) {
            let named =
                |text: &str| text.replace("acme", &format!("acme_{own}")).replace("gold", &format!("gold_{own}"));
            workspace.write(&named(path), named(text) + "\n");
        }
    }
    let said = workspace.run(&["check", "--format", "json", "--max-findings", "0"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let told: BTreeSet<(String, String)> = json["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|d| {
            d["places"].as_array().unwrap().iter().map(move |p| (d["code"].to_string(), p["file"].to_string()))
        })
        .collect();
    let ids = examples.iter().map(|e| e.code.id());
    ids.filter(|id| told.iter().any(|(code, file)| code.contains(id) && file.contains(&id.to_lowercase()))).collect()
}

#[test]
fn every_example_of_a_playbook_goes_wrong_and_its_remedy_mends_it() {
    let examples: Vec<&'static Example> = Example::all().filter(|e| is_playbook(e) && can_be_run(e.wrong)).collect();
    assert!(examples.len() > 15);
    let all: BTreeSet<&str> = examples.iter().map(|e| e.code.id()).collect();
    assert_eq!(told_together(&examples, |e| e.wrong), all);
    assert_eq!(told_together(&examples, |e| e.right), BTreeSet::new());
}

/// The codes that a command tells in a workspace with these files.
fn told(example: &Example, files: &[(&str, &str)]) -> BTreeSet<String> {
    let workspace = sound();
    for (path, text) in files {
        workspace.write(path, format!("{text}\n").trim_start_matches('\n'));
    }
    let arguments: Vec<&str> = example.command.split(' ').skip(1).chain(["--format", "json"]).collect();
    let said = workspace.run(&arguments);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_default();
    let list = json["diagnostics"].as_array().cloned().unwrap_or_default();
    list.iter().map(|d| d["code"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_other_example_goes_wrong_and_its_remedy_mends_it() {
    let examples: Vec<&Example> = Example::all().filter(|e| !is_playbook(e)).collect();
    let next = Mutex::new(examples.iter());
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(example) = { next.lock().unwrap().next() } {
                    let id = example.code.id();
                    if can_be_run(example.wrong) {
                        let codes = told(example, example.wrong);
                        if !codes.contains(id) {
                            faults.lock().unwrap().push(format!("{id}: the example tells {codes:?}"));
                        }
                    }
                    // Baselines and remedies in words are run by hand.
                    if can_be_run(example.right) && !example.command.contains("diff") {
                        let codes = told(example, example.right);
                        if codes.contains(id) {
                            faults.lock().unwrap().push(format!("{id}: the remedy does not mend it"));
                        }
                    }
                }
            });
        }
    });
    let mut faults = faults.into_inner().unwrap();
    faults.sort();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_code_has_one_example_and_is_raised_by_a_test() {
    let tests: String = tree(&project("tests"))
        .into_iter()
        .filter(|(path, _)| !path.starts_with(".venv") && !path.ends_with("codes.rs"))
        .map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    let mut faults = Vec::new();
    for code in Code::ALL {
        let examples: Vec<&Example> = Example::all().filter(|e| e.code == *code).collect();
        let [example] = examples.as_slice() else {
            faults.push(format!("{} has {} examples", code.id(), examples.len()));
            continue;
        };
        let raised =
            can_be_run(example.wrong) || tests.contains(code.id()) || ELSEWHERE.iter().any(|(other, _)| other == code);
        if !raised {
            faults.push(format!("no test raises {}", code.id()));
        }
        assert!(
            !example.wrong.is_empty() && !example.right.is_empty() && example.wrong != example.right,
            "{}",
            code.id()
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_file_that_is_no_text_is_told() {
    let workspace = sound();
    workspace.write("qunce.toml", b"[site]\ntitle = \"\xff\"\n");
    let said = workspace.run(&["check"]);
    assert!(said.code == 3 && said.err.contains("error[Q0007]"), "{}", said.err);
}

#[test]
fn public_names_are_told() {
    let said = sound().run_with(&["build"], |c| {
        c.env_remove("QUNCE_KEY");
    });
    assert!(said.err.contains("Q0406"), "{}", said.err);
}

#[test]
fn a_code_is_explained_by_number_and_by_name() {
    let workspace = Workspace::empty();
    let by_number = workspace.run(&["explain-code", "q0104"]).well().out;
    assert_eq!(workspace.run(&["explain-code", "band-order"]).well().out, by_number);
    assert!(by_number.starts_with("Q0104 band-order\n\n"), "{by_number}");
    for part in ["\nwhat goes wrong\n", "\nhow it is mended\n", "watch = 0.5, healthy = 0.3", "told by  qunce check"] {
        assert!(by_number.contains(part), "{by_number}");
    }
    let list = workspace.run(&["explain-code"]).well().out;
    assert_eq!(list.lines().count(), Code::ALL.len());
    let json: serde_json::Value =
        serde_json::from_str(&workspace.run(&["explain-code", "--format", "json"]).well().out).unwrap();
    assert_eq!(json.as_array().unwrap().len(), Code::ALL.len());
    let wrong = workspace.run(&["explain-code", "band-oder"]);
    assert!(wrong.code == 2 && wrong.err.contains("did you mean `band-order`?"), "{}", wrong.err);
}
