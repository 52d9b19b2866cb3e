//! Faults of single rows and cells: they are set aside with file, line, column, text and reason.

use super::*;

/// A line of `quarantine.csv`: as it stands in the workspace's, without the cell's text in the site's.
fn set_aside(line: &'static str) -> impl Fn(&Workspace, &Said) -> Result<(), String> + Send + Sync {
    move |workspace, _| {
        let place = line.splitn(4, ',').take(3).collect::<Vec<_>>().join(",");
        contains(workspace, ".qunce/quarantine.csv", line)?;
        contains(workspace, "out/quarantine.csv", &format!("{place},,"))
    }
}

const TOLERANT: &str = "[data]\nmax_bad_share = 1.0\n";

pub fn cases() -> Vec<Case> {
    let amounts = "order_id,group_id,member_id,paid_at,amount,refunded_at\n\
        o1,g1,m1,2025-05-06 10:00,10.50,\n\
        o2,g1,m1,2025-05-06 10:00,NaN,\n\
        o3,g1,m1,2025-05-06 10:00,inf,\n\
        o4,g1,m1,2025-05-06 10:00,1e400,\n\
        o5,g1,m1,2025-05-06 10:00,\"1,000\",\n\
        o6,g1,m1,2025-05-06 10:00,１２,\n\
        o7,g1,m1,2025-05-06 10:00,-5,\n\
        o8,g1,m1,2025-05-06 10:00,-5,2025-05-07 10:00\n\
        o9,g1,m1,2025-05-06 10:00,0,\n\
        o10,g1,m1,2025-05-06 10:00,¥5,\n\
        o11,g1,m1,2025-05-06 10:00\n\
        ,g1,m1,2025-05-06 10:00,1,\n\
        o13,g1,m1,2025-05-06 10:00,\"1\"2,\n\
        o14,g1,m1,2025-05-06 10:00,99999999999999999999999999999999,\n\
        o15,g1,m1,2025-05-06 10:00,5\0,\n";
    let times = "message_id,group_id,member_id,sent_at,kind\n\
        1,g1,m1,2025-05-06 10:00,a\n\
        2,g1,m1,2025-05-06T10:00:00+02:00,a\n\
        3,g1,m1,1746489600,a\n\
        4,g1,m1,2025-03-09 02:30,a\n\
        5,g1,m1,2024-11-03 01:30,a\n\
        6,g1,m1,2025-02-29 10:00,a\n\
        7,g1,m1,2024-02-29 10:00,a\n\
        8,g1,m1,2099-01-01 10:00,a\n\
        9,g1,m1,2023-12-31 10:00,a\n\
        10,g1,m1,tomorrow,a\n\
        11,g1,m1,0001-01-01 00:00,a\n\
        12,g1,m1,2025-05-12 00:00,a\n\
        13,g1,m1,2025-05-11 00:00,a\n\
        14,g1,m1,2025-05-10 00:00,a\n\
        15,g1,m1,2025-05-09 00:00,a\n";
    vec![
        case(
            0,
            vec![text("qunce.toml", &format!("{CONFIG}{TOLERANT}")), text("data/orders.csv", amounts)],
            vec![
                row("`NaN`", &["Q0308", "data/orders.csv:3"]).and(set_aside("data/orders.csv,3,amount,NaN,Q0308")),
                row("`inf`", &[]).and(set_aside("data/orders.csv,4,amount,inf,Q0308")),
                row("`1e400`", &[]).and(set_aside("data/orders.csv,5,amount,1e400,Q0308")),
                row("`1,000`", &[]).and(set_aside("data/orders.csv,6,amount,\"1,000\",Q0308")),
                row("full-width digits", &[]).and(set_aside("data/orders.csv,7,amount,１２,Q0308")),
                row("a negative amount without a refund", &[]).and(set_aside("data/orders.csv,8,amount,'-5,Q0310")),
                row("a currency sign", &[]).and(set_aside("data/orders.csv,11,amount,¥5,Q0308")),
                row("a ragged row", &[]).and(set_aside("data/orders.csv,12,")),
                row("an empty key", &[]).and(set_aside("data/orders.csv,13,order_id,,Q0319")),
                row("text after a closing quote", &[]).and(set_aside("data/orders.csv,14,")),
                row("too many digits", &[]).and(set_aside("data/orders.csv,15,amount,")),
                row("a NUL byte", &[]).and(set_aside("data/orders.csv,16,")),
                row("a refund and a zero amount count", &[])
                    .and(|w, _| contains(w, "out/api/groups/g1.json", "\"value\": 5.5")),
            ],
        ),
        case(
            3,
            vec![text("data/orders.csv", amounts)],
            vec![
                row("more bad rows than the workspace allows", &["Q0313", "data/orders.csv", ".qunce/quarantine.csv"])
                    .and(|w, _| contains(w, ".qunce/quarantine.csv", "data/orders.csv,15,amount,")),
            ],
        ),
        case(
            0,
            vec![
                text(
                    "qunce.toml",
                    &format!("[site]\nlanguages = [\"en\"]\ntrend = 2\nzone = \"America/New_York\"\n{TOLERANT}"),
                ),
                text("data/groups.csv", "group_id,name,playbook,created_on\ng1,茶友会,plain,2024-01-01\n"),
                text("data/members.csv", "group_id,member_id,joined_at\ng1,m1,2024-01-01 09:00\n"),
                text("data/messages.csv", times),
            ],
            vec![
                row("a time without offset, with another, in Unix seconds", &[])
                    .and(|w, _| contains(w, "out/api/groups/g1.json", "\"messages\": 6")),
                row("a time that the clock skipped", &["Q0309"])
                    .and(set_aside("data/messages.csv,5,sent_at,2025-03-09 02:30,Q0309")),
                row("29 February of a common year", &[])
                    .and(set_aside("data/messages.csv,7,sent_at,2025-02-29 10:00,Q0308")),
                row("a time long after all others", &[])
                    .and(set_aside("data/messages.csv,9,sent_at,2099-01-01 10:00,Q0309")),
                row("a time before the group was created", &[])
                    .and(set_aside("data/messages.csv,10,sent_at,2023-12-31 10:00,Q0309")),
                row("no time at all", &[]).and(set_aside("data/messages.csv,11,sent_at,tomorrow,Q0308")),
                row("the year 1", &[]).and(set_aside("data/messages.csv,12,sent_at,0001-01-01 00:00,Q0309")),
                row("the hour that comes twice, and 29 February of a leap year, are read", &[]).and(|w, _| {
                    let rows = w.read("out/quarantine.csv").lines().count();
                    if rows == 7 { Ok(()) } else { Err(w.read("out/quarantine.csv")) }
                }),
            ],
        ),
        case(
            0,
            vec![],
            vec![
                row("a zero denominator is no data", &[]).and(|w, _| {
                    let json: serde_json::Value = serde_json::from_str(&w.read("out/api/groups/g1.json")).unwrap();
                    let kpi = &json["kpis"]["click_rate"];
                    if kpi["value"].is_null() && kpi["reason"].as_str().is_some_and(|r| r.contains("zero")) {
                        Ok(())
                    } else {
                        Err(kpi.to_string())
                    }
                }),
                row("a tiny denominator has a wide interval and is uncertain", &[]).and(|w, _| {
                    let json: serde_json::Value = serde_json::from_str(&w.read("out/api/groups/g1.json")).unwrap();
                    let kpi = &json["kpis"]["speak_rate"];
                    let wide = kpi["high"].as_f64().unwrap() - kpi["low"].as_f64().unwrap() > 0.6;
                    if wide && kpi["uncertain"] == true { Ok(()) } else { Err(kpi.to_string()) }
                }),
            ],
        ),
    ]
}
