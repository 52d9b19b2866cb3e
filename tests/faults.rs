//! Bad input through the real program: for every kind of fault what it says, where, and what it leaves.
//!
//! One row of the table is one kind of fault. Several rows share a run where faults do not disturb each
//! other, which shows as well that everything wrong is told at once. The test prints the table.
#![allow(clippy::unwrap_used, clippy::expect_used)]

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

#[test]
fn every_fault_is_a_message_and_not_a_panic() {
    let table = Mutex::new(Vec::new());
    let cases: Vec<Case> = [files::cases(), rows::cases(), playbooks::cases(), hostile::cases(), output::cases()]
        .into_iter()
        .flatten()
        .collect();
    let next = Mutex::new(0..cases.len());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(index) = { next.lock().unwrap().next() } {
                    let results = try_case(&cases[index]);
                    table.lock().unwrap().extend(results.into_iter().map(|r| (index, r)));
                }
            });
        }
    });
    let mut table = table.into_inner().unwrap();
    table.sort_by_key(|(index, _)| *index);
    println!("| fault | result |\n| --- | --- |");
    let mut failed = 0;
    for (_, (fault, result)) in &table {
        failed += usize::from(result.is_err());
        println!("| {fault} | {} |", result.as_ref().err().map_or("ok", String::as_str));
    }
    assert_eq!(failed, 0, "{failed} of {} faults are not handled as they must be; see the table", table.len());
}

fn try_case(case: &Case) -> Vec<(&'static str, Result<(), String>)> {
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
            (row.fault, result)
        })
        .collect()
}
