//! Faults of CSV files as wholes: encodings, headers, quotes, sizes, names, keys.

use super::*;
use std::fmt::Write;

/// UTF-16 with a byte order mark.
fn utf16(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
}

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

/// The report says what it says without the fault.
fn as_without(workspace: &Workspace, _: &Said) -> Result<(), String> {
    let json = workspace.read("out/api/groups/g1.json");
    let has = |part: &str| if json.contains(part) { Ok(()) } else { Err(format!("no {part} in {json}")) };
    has("\"name\": \"茶友会\"")?;
    has("\"value\": \"文本\"")?;
    has("\"title\": \"春茶\"")?;
    has("\"score\": 80.0")
}

pub fn cases() -> Vec<Case> {
    let bom = |text: &str| [b"\xef\xbb\xbf", text.as_bytes()].concat();
    let mut unclosed = MESSAGES.to_owned();
    let _ = writeln!(unclosed, "4,g1,m3,2025-05-07 11:00,\"文本");
    for n in 5..5_000 {
        let _ = writeln!(unclosed, "{n},g1,m3,2025-05-07 11:00,文本文本");
    }
    vec![
        case(
            0,
            vec![
                // A share of so few messages shows only where a workspace asks for it.
                text("qunce.toml", &format!("{CONFIG}[privacy]\nmin_cell = 1\n")),
                ("data/groups.csv", Some(bom(GROUPS))),
                ("data/members.csv", Some(utf16(MEMBERS, true))),
                ("data/messages.csv", Some(gb18030(MESSAGES))),
                ("data/posts.csv", Some(utf16(POSTS, false))),
            ],
            vec![
                row("UTF-8 with BOM", &[]).and(as_without),
                row("UTF-16 with BOM, both orders", &[]).and(as_without),
                row("GB18030", &[]).and(as_without),
            ],
        ),
        case(
            3,
            vec![(
                "data/messages.csv",
                Some([MESSAGES.as_bytes(), b"4,g1,m3,2025-05-07 11:00,\xff\xfe\xff\n"].concat()),
            )],
            vec![row("bytes that the encoding does not have", &["Q0304", "data/messages.csv:5", "encoding ="])],
        ),
        case(
            3,
            vec![("data/messages.csv", Some(unclosed.into_bytes()))],
            vec![row("a quote that never closes", &["Q0306", "data/messages.csv:5"])],
        ),
        case(
            3,
            vec![text("data/posts.csv", &format!("{POSTS}p2,g1,2025-05-06 10:00,{}\n", "长".repeat(30_000)))],
            vec![row("a field over the limit", &["Q0307", "data/posts.csv:3"])],
        ),
        case(
            3,
            vec![text("data/mesages.csv", MESSAGES), text("data/notes.csv", "a,b\n1,2\n")],
            vec![
                row(
                    "unknown table file",
                    &["Q0301", "`mesages` is not a table", "data/mesages.csv", "did you mean `messages`?"],
                ),
                row(
                    "unknown table file without a like name",
                    &["`notes` is not a table", "the tables are `groups`", "[data.messages] files = [\"notes.csv\"]"],
                ),
            ],
        ),
        case(
            3,
            vec![
                text("data/members.csv", "group_id,member_id,joined_at,name,name\ng1,m1,2025-01-06 09:00,a,b\n"),
                text("data/orders.csv", "order_id,group_id,member_id,paid,amount\no1,g1,m1,2025-05-06 10:00,1\n"),
            ],
            vec![
                row("duplicate header", &["Q0303", "data/members.csv:1"]),
                row(
                    "missing required column",
                    &[
                        "Q0302",
                        "data/orders.csv:1",
                        "order_id,group_id,member_id,paid,amount",
                        "`columns.paid_at = \"paid\"`",
                    ],
                ),
            ],
        ),
        case(
            3,
            vec![text("data/orders.csv", ""), text("data/events.csv", "group_id,member_id,at,event,post_id\n")],
            vec![row("empty file", &["Q0314", "data/orders.csv"])],
        ),
        case(
            0,
            vec![text("data/events.csv", "group_id,member_id,at,event,post_id\n")],
            vec![row("header only", &["Q0314", "data/events.csv"])],
        ),
        case(
            0,
            vec![text("data/orders.csv", &format!("{ORDERS}o1,g1,m1,2025-05-06 10:00,10.50,\n"))],
            vec![row("the same row twice", &[]).and(|w, _| contains(w, "out/api/groups/g1.json", "\"value\": 10.5"))],
        ),
        case(
            3,
            vec![text("data/orders.csv", &format!("{ORDERS}o1,g1,m1,2025-05-06 10:00,11.50,\n"))],
            vec![row("one key, two rows, one drop", &["Q0311", "data/orders.csv:3", "data/orders.csv:2"])],
        ),
        case(
            0,
            vec![text(
                "data/orders-w2.csv",
                "order_id,group_id,member_id,paid_at,amount,refunded_at\no1,g1,m1,2025-05-06 10:00,11.50,\n",
            )],
            vec![
                row("one key in a later drop", &[])
                    .and(|w, _| contains(w, "out/api/groups/g1.json", "\"value\": 11.5")),
            ],
        ),
        case(
            0,
            vec![text(
                "data/orders.csv",
                &format!("{ORDERS}o2,g1,m9,2025-05-06 10:00,1,\no3,g9,m1,2025-05-06 10:00,1,\n"),
            )],
            vec![row("rows of unknown groups and members", &["Q0312", "data/orders.csv", "m9, g9"])],
        ),
        case(
            3,
            vec![
                text("qunce.toml", &format!("{CONFIG}[data]\nfail_orphan_share = 0.5\n")),
                text(
                    "data/orders.csv",
                    &format!("{ORDERS}o2,g1,m9,2025-05-06 10:00,1,\no3,g9,m1,2025-05-06 10:00,1,\n"),
                ),
            ],
            vec![row("more orphans than the workspace allows", &["error[Q0312]", "data/orders.csv"])],
        ),
        case(
            3,
            vec![
                ("data/groups.csv", None),
                ("data/members.csv", None),
                ("data/messages.csv", None),
                ("data/orders.csv", None),
                ("data/events.csv", None),
                ("data/posts.csv", None),
            ],
            vec![row("no data at all", &["Q0317", "no data files were found", "groups.csv"])],
        ),
        case(
            3,
            vec![
                ("data/members.csv", None),
                ("data/messages.csv", None),
                ("data/orders.csv", None),
                ("data/events.csv", None),
                ("data/posts.csv", None),
            ],
            vec![row("groups alone", &["Q0317", "no row tells a time", "--as-of"])],
        ),
        case(
            3,
            vec![text("data/groups.csv", "group_id,name,playbook,created_on\ng1,茶友会,plian,2025-01-06\n")],
            vec![row(
                "a group of an unknown playbook",
                &["Q0316", "data/groups.csv:2", "plian", "did you mean `plain`?"],
            )],
        ),
    ]
}
