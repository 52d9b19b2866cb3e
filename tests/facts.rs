//! `qunce facts`: measures as CSV, over the playbook of the comparison with other programs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use support::{Workspace, project};

/// Two members; m1 speaks on the Sunday and twice on the Monday after, m2 buys; g2 is made after both weeks.
fn workspace() -> Workspace {
    let workspace = Workspace::empty();
    workspace.write("qunce.toml", "[site]\nlanguages = [\"en\"]\ntrend = 2\n");
    let job = fs::read_to_string(project("benches/peers/workspace/playbooks/job.toml")).unwrap();
    workspace.write("playbooks/job.toml", job);
    workspace.write(
        "data/groups.csv",
        "group_id,name,playbook,created_on\ng1,One,job,2025-01-01\ng2,\"Two, too\",job,2025-05-12\n",
    );
    workspace.write(
        "data/members.csv",
        "group_id,member_id,joined_at\ng1,\"m,2\",2025-01-02 09:00\ng1,m1,2025-01-02 09:00\n",
    );
    workspace.write(
        "data/messages.csv",
        "message_id,group_id,member_id,sent_at,kind\n\
         1,g1,m1,2025-05-04 23:59:59,question\n2,g1,m1,2025-05-05 00:00:00,text\n3,g1,m1,2025-05-05 10:00:00,text\n",
    );
    workspace.write(
        "data/orders.csv",
        "order_id,group_id,member_id,paid_at,amount\n1,g1,\"m,2\",2025-05-11 23:59:59,10.50\n2,g1,\"m,2\",2025-05-06 08:00:00,0.25\n",
    );
    workspace
}

#[test]
fn measures_of_groups_and_members_are_told_by_name_and_window() {
    let workspace = workspace();
    let group =
        ["-g", "messages", "-g", "messages('7d')", "-g", "messages('previous')", "-g", "revenue", "-g", "openers"];
    let member = ["-m", "messages('7d')", "-m", "last_activity('lifetime')"];
    workspace.run(&[&["facts"], &group[..], &member[..]].concat()).well();
    assert_eq!(
        workspace.read("facts/groups.csv"),
        "group_id,period,messages,messages('7d'),messages('previous'),revenue,openers\n\
         g1,2025-W18,1,1,0,0,\n\
         g1,2025-W19,2,2,1,10.75,\n\
         g2,2025-W18,,,,,\n\
         g2,2025-W19,,,,,\n",
        "there are no events; the second group is made later"
    );
    assert_eq!(
        workspace.read("facts/members.csv"),
        "group_id,member_id,messages('7d'),last_activity('lifetime')\n\
         g1,\"m,2\",0,2025-05-11 23:59:59\n\
         g1,m1,2,2025-05-05 10:00:00\n"
    );
}

/// Measures that match the same rows share what is kept of them, and must still each say their own.
const ALIKE: &str = r#"
[measure.points]
table = "messages"
sum = "3"

[measure.halves]
table = "messages"
sum = "1.5"

[measure.kind_points]
table = "messages"
sum = "case kind when 'question' then 10 when 'review' then null else 1 end"

[measure.mean_kind_points]
table = "messages"
avg = "case kind when 'question' then 10 when 'review' then null else 1 end"

[measure.talk_days]
table = "messages"
count_distinct = ["member_id", "day"]

[measure.reversed_talk_days]
table = "messages"
count_distinct = ["day", "member_id"]

[measure.days_with_talk]
table = "messages"
count_distinct = "day"

[measure.early_messages]
table = "members"
sum = "messages('2d after joined_at')"
at = "end"

[measure.latest]
table = "messages"
max = "sent_at"
"#;

#[test]
fn measures_that_match_the_same_rows_each_say_their_own() {
    let workspace = workspace();
    workspace.write("playbooks/job.toml", workspace.read("playbooks/job.toml") + ALIKE);
    workspace.write(
        "data/members.csv",
        "group_id,member_id,joined_at\ng1,\"m,2\",2025-01-02 09:00\ng1,m1,2025-05-04 09:00\n",
    );
    // Who the last is of is not known.
    workspace.write(
        "data/messages.csv",
        "message_id,group_id,member_id,sent_at,kind\n\
         1,g1,m1,2025-05-04 23:59:59,question\n2,g1,m1,2025-05-05 00:00:00,text\n3,g1,m1,2025-05-05 10:00:00,\n\
         4,g1,m1,2025-05-06 09:00:00,review\n5,g1,\"m,2\",2025-05-06 10:00:00,text\n\
         6,g1,stranger,2025-05-07 10:00:00,question\n",
    );
    let names = [
        "messages",
        "points",
        "halves",
        "kind_points",
        "mean_kind_points",
        "talk_days",
        "reversed_talk_days",
        "days_with_talk",
        "early_messages",
        "latest",
    ];
    let mut arguments = vec!["facts"];
    names.iter().for_each(|name| arguments.extend(["-g", name]));
    let members = ["messages('lifetime')", "points('lifetime')", "halves", "talk_days", "talk_days('lifetime')"];
    members.iter().for_each(|name| arguments.extend(["-m", name]));
    workspace.run(&arguments).well();
    assert_eq!(
        workspace.read("facts/groups.csv").lines().skip(1).take(2).collect::<Vec<_>>(),
        [
            "g1,2025-W18,1,3,1.5,10,10,1,1,1,1,2025-05-04 23:59:59",
            "g1,2025-W19,5,15,7.5,13,3.25,3,3,3,3,2025-05-07 10:00:00",
        ]
    );
    assert_eq!(
        workspace.read("facts/members.csv"),
        "group_id,member_id,messages('lifetime'),points('lifetime'),halves,talk_days,talk_days('lifetime')\n\
         g1,\"m,2\",1,3,1.5,1,1\n\
         g1,m1,4,12,4.5,2,3\n"
    );
}

/// A measure for which daily totals stand in, and what is counted by it.
const STANDING_IN: &str = r#"
[measure.posted]
table = "messages"
count = "*"
fallback = { table = "daily", sum = "messages" }

[measure.posted_or_bought]
combine = ["posted", "orders"]

[measure.orders]
table = "orders"
count = "*"

[measure.silent]
table = "members"
count = "*"
at = "end"
where = "posted = 0"

[measure.idle]
table = "members"
count = "*"
at = "end"
where = "posted_or_bought = 0"
"#;

#[test]
fn daily_totals_stand_in_for_a_group_and_say_nothing_of_its_members() {
    let workspace = workspace();
    workspace.write("playbooks/job.toml", workspace.read("playbooks/job.toml") + STANDING_IN);
    workspace.write("data/daily.csv", "group_id,date,messages\ng1,2025-05-05,40\ng1,2025-05-06,2\n");
    let names = ["posted", "silent", "posted_or_bought", "idle"];
    let mut arguments = vec!["facts"];
    names.iter().for_each(|name| arguments.extend(["-g", name]));
    arguments.extend(["-m", "posted", "-m", "posted_or_bought"]);
    workspace.run(&arguments).well();
    let last = |workspace: &Workspace| workspace.read("facts/groups.csv").lines().nth(2).unwrap().to_owned();
    assert_eq!(last(&workspace), "g1,2025-W19,2,1,4,0", "messages are known one by one");
    fs::remove_file(workspace.path().join("data/messages.csv")).unwrap();
    workspace.run(&arguments).well();
    assert_eq!(last(&workspace), "g1,2025-W19,42,,44,1", "whoever was silent is not known; who bought is");
    assert_eq!(
        workspace.read("facts/members.csv"),
        "group_id,member_id,posted,posted_or_bought\ng1,\"m,2\",,2\ng1,m1,,0\n"
    );
}

#[test]
fn without_names_every_measure_of_the_playbooks_is_told() {
    let workspace = workspace();
    workspace.run(&["facts", "elsewhere"]).well();
    let text = workspace.read("elsewhere/groups.csv");
    let head = text.lines().next().unwrap();
    assert_eq!(
        head,
        "group_id,period,carters,clickers,last_activity,last_event,last_message,last_order,messages,openers,payers,questions,revenue,speakers"
    );
    assert!(!workspace.has("elsewhere/members.csv"));
}

#[test]
fn what_cannot_be_asked_is_said_with_a_guess() {
    let workspace = workspace();
    for (arguments, expected) in [
        (
            ["-g", "mesages"],
            "error[Q0370]: no playbook in use has a measure `mesages`\n |\n = help: did you mean `messages`?",
        ),
        (["-g", "messages('soon')"], "`--group` does not understand `messages('soon')`"),
        (["-g", "messages + 1"], "expected a measure such as `messages` or `messages('30d')`"),
        (
            ["-g", "messages('7d after joined_at')"],
            "error[Q0371]: `messages('7d after joined_at')` cannot be read: a group has no time `joined_at`",
        ),
    ] {
        let said = workspace.run(&[&["facts"], &arguments[..]].concat());
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains(expected), "{}", said.err);
        assert!(!workspace.has("facts"));
    }
}

#[test]
fn sql_is_printed_whole_and_needs_a_time() {
    let workspace = workspace();
    let sql = workspace.run(&["sql"]).well().out;
    assert!(sql.contains("create or replace temp view \"messages\""), "{sql}");
    // The first instant after each of both weeks, and none of the engine's own calendar.
    for bound in ["timestamptz '2025-05-05 00:00:00+08:00'", "timestamptz '2025-05-12 00:00:00+08:00'"] {
        assert!(sql.contains(bound), "{bound}");
    }
    assert!(!sql.contains("date_trunc"), "{sql}");
    let tables = workspace.run(&["sql", "--dialect", "postgres", "--of", "members"]).well().out;
    assert!(tables.starts_with("with periods("), "{tables}");
    for file in ["messages", "orders"] {
        fs::remove_file(workspace.path().join(format!("data/{file}.csv"))).unwrap();
    }
    fs::remove_file(workspace.path().join("data/members.csv")).unwrap();
    let said = workspace.run(&["sql"]);
    assert_eq!(said.code, 3);
    assert!(said.err.contains("no row tells a time"), "{}", said.err);
}
