//! Bad input through the real program: for every kind of fault what it says, where, and what it leaves.
//!
//! One row of the table is one kind of fault. Several rows share a run where faults do not disturb each
//! other, which shows as well that everything wrong is told at once. The test prints the table.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "faults/builds.rs"]
mod builds;
#[path = "faults/disk.rs"]
mod disk;
#[path = "faults/files.rs"]
mod files;
#[path = "faults/hostile.rs"]
mod hostile;
#[path = "faults/output.rs"]
mod output;
#[path = "faults/playbooks.rs"]
mod playbooks;
#[path = "faults/rows.rs"]
mod rows;
mod support;

use std::sync::Mutex;
use support::{Said, Workspace};

/// A run and what it must come to.
struct Case {
    /// Files over those of [`sound`]; `None` takes one away.
    files: Vec<(&'static str, Option<Vec<u8>>)>,
    /// What else is done to the workspace.
    prepare: fn(&Workspace),
    arguments: &'static [&'static str],
    code: i32,
    rows: Vec<Row>,
}

/// Looks at a workspace after a run.
type Proof = Box<dyn Fn(&Workspace, &Said) -> Result<(), String> + Send + Sync>;

/// One kind of fault with its proof.
struct Row {
    fault: &'static str,
    /// Fragments of standard error.
    says: Vec<&'static str>,
    /// What must hold of the workspace afterwards; an error tells what does not.
    leaves: Proof,
}

fn row(fault: &'static str, says: &[&'static str]) -> Row {
    Row { fault, says: says.to_vec(), leaves: Box::new(|_, _| Ok(())) }
}

impl Row {
    fn and(mut self, leaves: impl Fn(&Workspace, &Said) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.leaves = Box::new(leaves);
        self
    }
}

/// A fault that takes more than one run: what it came to, in a few words.
struct Deed {
    fault: &'static str,
    prove: fn() -> Result<String, String>,
}

fn deed(fault: &'static str, prove: fn() -> Result<String, String>) -> Deed {
    Deed { fault, prove }
}

fn case(code: i32, files: Vec<(&'static str, Option<Vec<u8>>)>, rows: Vec<Row>) -> Case {
    Case { files, prepare: |_| {}, arguments: &["build"], code, rows }
}

fn text(path: &'static str, content: &str) -> (&'static str, Option<Vec<u8>>) {
    (path, Some(content.as_bytes().to_vec()))
}

const PLAYBOOK: &str = r#"
name = "Plain"

[scoring]
min_members = 1
min_sample = 1

[[board]]
id = "talk"
name = "Talk"

[[role]]
id = "host"
name = "Host"

[measure.members]
table = "members"
count = "*"
at = "end"

[measure.messages]
table = "messages"
count = "*"

[measure.speakers]
table = "members"
count = "*"
at = "end"
where = "messages > 0"

[measure.revenue]
table = "orders"
sum = "amount"

[measure.carts]
table = "events"
count = "*"
where = "event = 'add_to_cart'"

[measure.clicks]
table = "events"
count = "*"
where = "event = 'click'"

[kpi.speak_rate]
name = "Speaking"
board = "talk"
ratio = ["speakers", "members"]
bands = { floor = 0.0, watch = 0.2, healthy = 0.5, excellent = 1.0 }
origin = "own"

[kpi.messages]
name = "Messages"
board = "talk"
value = "messages"
unit = "count"
origin = "own"

[kpi.revenue]
name = "Revenue"
board = "talk"
value = "revenue"
unit = "money"
origin = "own"

[kpi.click_rate]
name = "Clicks a cart"
board = "talk"
ratio = ["clicks", "carts"]
origin = "own"

[[segment]]
id = "talkers"
name = "Talkers"
when = "messages('7d') > 0"

[[segment]]
id = "others"
name = "Others"
tactic = "ask"

[[ranking]]
id = "posts"
name = "Posts"
grain = "post"
by = "clicks"

[[breakdown]]
id = "kinds"
name = "Kinds"
measure = "messages"
by = "kind"

[[tactic]]
id = "ask"
title = "Ask"
improves = ["speak_rate"]
audience = "segment:others"
owner = "host"
cadence = "daily 09:00"
body = "Ask {{ group.name }}."
"#;

const GROUPS: &str = "group_id,name,playbook,created_on\ng1,茶友会,plain,2025-01-06\n";
const MEMBERS: &str = "group_id,member_id,joined_at,name\n\
    g1,m1,2025-01-06 09:00,一\ng1,m2,2025-01-06 09:00,二\ng1,m3,2025-01-06 09:00,三\ng1,m4,2025-01-06 09:00,四\n";
const MESSAGES: &str = "message_id,group_id,member_id,sent_at,kind\n\
    1,g1,m1,2025-05-05 10:00,文本\n2,g1,m2,2025-05-06 10:00,文本\n3,g1,m2,2025-05-07 10:00,提问\n";
const ORDERS: &str = "order_id,group_id,member_id,paid_at,amount,refunded_at\no1,g1,m1,2025-05-06 10:00,10.50,\n";
const EVENTS: &str = "group_id,member_id,at,event,post_id\ng1,m1,2025-05-06 10:00,click,p1\n\
    g1,m1,2025-05-12 00:00,open,p1\n";
const POSTS: &str = "post_id,group_id,sent_at,title\np1,g1,2025-05-06 09:00,春茶\n";
const CONFIG: &str = "[site]\nlanguages = [\"en\"]\ntrend = 2\n";

/// A workspace with nothing wrong in it: two of four members speak.
fn sound() -> Workspace {
    let workspace = Workspace::empty();
    workspace
        .write("qunce.toml", CONFIG)
        .write("playbooks/plain.toml", PLAYBOOK)
        .write("data/groups.csv", GROUPS)
        .write("data/members.csv", MEMBERS)
        .write("data/messages.csv", MESSAGES)
        .write("data/orders.csv", ORDERS)
        .write("data/events.csv", EVENTS)
        .write("data/posts.csv", POSTS);
    workspace
}

fn contains(workspace: &Workspace, path: &str, part: &str) -> Result<(), String> {
    let content = workspace.read(path);
    if content.contains(part) { Ok(()) } else { Err(format!("{path} does not hold {part:?}:\n{content}")) }
}

/// Every kind of fault that is promised to be handled, with the names of its rows: `# kind` leads the rows.
const PROMISED: &str = include_str!("faults/promised.txt");

/// What is done about a row: nothing worth a word, a few words, or what is wrong.
type Outcome = (&'static str, Result<String, String>);

#[test]
fn every_fault_is_a_message_and_not_a_panic() {
    let cases: Vec<Case> = [files::cases(), rows::cases(), playbooks::cases(), hostile::cases(), output::cases()]
        .into_iter()
        .flatten()
        .collect();
    let deeds: Vec<Deed> = [builds::deeds(), disk::deeds()].into_iter().flatten().collect();
    // Those that take long begin first.
    let mut waiting: Vec<Box<dyn FnOnce() -> Vec<Outcome> + Send>> = Vec::new();
    for case in cases {
        waiting.push(Box::new(move || try_case(&case)));
    }
    for deed in deeds {
        waiting.push(Box::new(move || vec![(deed.fault, try_deed(deed.prove))]));
    }
    let waiting = Mutex::new(waiting);
    let found = Mutex::new(std::collections::BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(next) = { waiting.lock().unwrap().pop() } {
                    for (fault, result) in next() {
                        let twice = found.lock().unwrap().insert(fault, result);
                        assert!(twice.is_none(), "two rows are called {fault:?}");
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    let mut failed = 0;
    println!("| fault | result |\n| --- | --- |");
    for line in PROMISED.lines().filter(|l| !l.is_empty()) {
        if let Some(kind) = line.strip_prefix("# ") {
            println!("| **{kind}** | |");
            continue;
        }
        let result = found.remove(line).unwrap_or_else(|| Err("is promised and not tested".to_owned()));
        failed += usize::from(result.is_err());
        match result {
            Ok(words) if words.is_empty() => println!("| {line} | ok |"),
            Ok(words) => println!("| {line} | ok: {words} |"),
            Err(wrong) => println!("| {line} | FAILED: {wrong} |"),
        }
    }
    let unlisted: Vec<_> = found.keys().collect();
    assert!(unlisted.is_empty(), "rows that `promised.txt` does not list: {unlisted:?}");
    assert_eq!(failed, 0, "{failed} faults are not handled as they must be; see the table");
}

/// A kind without a row would be a promise that nothing holds.
#[test]
fn every_promised_kind_has_rows() {
    let kinds: Vec<&str> = PROMISED.split("# ").skip(1).collect();
    assert_eq!(kinds.len(), 25);
    for kind in kinds {
        assert!(kind.lines().filter(|l| !l.is_empty()).count() > 1, "{kind}");
    }
}

/// A proof that panics has failed like one that says so.
fn try_deed(prove: fn() -> Result<String, String>) -> Result<String, String> {
    std::panic::catch_unwind(prove).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
    })
}

fn try_case(case: &Case) -> Vec<Outcome> {
    let workspace = sound();
    for (path, content) in &case.files {
        match content {
            Some(bytes) => {
                workspace.write(path, bytes);
            }
            None => std::fs::remove_file(workspace.path().join(path)).unwrap(),
        }
    }
    (case.prepare)(&workspace);
    let said = workspace.run(case.arguments);
    if std::env::var_os("SHOW").is_some() {
        println!("######## {}\n{}", case.rows[0].fault, said.err);
    }
    let common = if said.code != case.code {
        Err(format!("exit code {} and not {}:\n{}{}", said.code, case.code, said.out, said.err))
    } else if said.err.contains("panicked") {
        Err(format!("a panic: {}", said.err))
    } else if said.code != 0 && workspace.has("out") {
        Err("there is an output folder although the build failed".to_owned())
    } else {
        Ok(())
    };
    case.rows
        .iter()
        .map(|row| {
            let missing = row.says.iter().find(|s| !said.err.contains(*s));
            let result = common.clone().and_then(|()| match missing {
                Some(fragment) => Err(format!("does not say {fragment:?}:\n{}", said.err)),
                None => (row.leaves)(&workspace, &said),
            });
            (row.fault, result.map(|()| String::new()))
        })
        .collect()
}
