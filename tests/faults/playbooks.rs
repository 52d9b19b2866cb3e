//! Faults of `qunce.toml` and of playbooks: told at the place in the file, all at once.

use super::*;

/// A playbook of its own over the plain one.
fn over(path: &'static str, content: &str) -> (&'static str, Option<Vec<u8>>) {
    text(path, &format!("extends = \"plain\"\nname = \"Over\"\n{content}\n"))
}

pub fn cases() -> Vec<Case> {
    vec![
        case(
            3,
            vec![
                over("playbooks/order.toml", "[kpi.speak_rate]\nbands.watch = 0.6"),
                over("playbooks/weight.toml", "[kpi.speak_rate]\nweight = 0"),
                over("playbooks/never.toml", "[kpi.speak_rate]\nbands.excellent = 1.5"),
                over("playbooks/nan.toml", "[kpi.speak_rate]\nbands.watch = nan"),
                over("playbooks/key.toml", "[kpi.speak_rate]\nwieght = 3"),
                over("playbooks/kind.toml", "[kpi.speak_rate]\nweight = \"heavy\""),
                over("playbooks/measure.toml", "[kpi.messages]\nvalue = \"mesages\""),
                over("playbooks/segment.toml", "[[tactic]]\nid = \"ask\"\naudience = \"segment:talker\""),
                over("playbooks/tactic.toml", "[[segment]]\nid = \"others\"\ntactic = \"askk\""),
                text("playbooks/one.toml", "extends = \"two\"\nname = \"One\"\n"),
                text("playbooks/two.toml", "extends = \"one\"\nname = \"Two\"\n"),
                text("playbooks/parent.toml", "extends = \"plian\"\nname = \"Lost\"\n"),
                over("playbooks/translated.toml", "[kpi.speak_rate]\nweight = 2"),
                text("playbooks/translated.en.toml", "[kpi.speak_rate]\nweight = 3\n"),
                text("playbooks/syntax.toml", "name = \"Over\n"),
            ],
            vec![
                row("threshold order", &["Q0104", "playbooks/order.toml:4"]),
                row("weight of 0", &["playbooks/weight.toml:4", "a number above 0"]),
                row("a band that can never apply", &["Q0105", "playbooks/never.toml:4"]),
                row("a threshold of `nan`", &["playbooks/nan.toml:4", "nan"]),
                row(
                    "unknown key",
                    &["Q0003", "playbooks/key.toml:4", "unknown key `wieght`", "did you mean `weight`?"],
                ),
                row("wrong type", &["Q0004", "playbooks/kind.toml:4", "a number"]),
                row("unknown measure", &["Q0202", "playbooks/measure.toml:4", "did you mean `messages`?"]),
                row("unknown segment", &["Q0106", "playbooks/segment.toml:5", "did you mean `talkers`?"]),
                row("unknown tactic", &["Q0106", "playbooks/tactic.toml:5", "did you mean `ask`?"]),
                row("`extends` in a circle", &["Q0102", "playbooks/one.toml:1", "one", "two"]),
                row("missing parent", &["Q0101", "playbooks/parent.toml:1", "did you mean `plain`?"]),
                row("an overlay that changes a number", &["Q0103", "playbooks/translated.en.toml:2"]),
                row("a file that is no TOML", &["Q0002", "playbooks/syntax.toml:1"]),
            ],
        ),
        Case {
            arguments: &["check"],
            ..case(
                0,
                vec![over(
                    "playbooks/idle.toml",
                    "[kpi.speak_rate]\nremove = true\n[[tactic]]\nid = \"nothing\"\ntitle = \"Nothing\"\nimproves = [\"messages\"]\nowner = \"host\"\ncadence = \"once\"\nbody = \"Nothing.\"\n\n[kpi.bought]\nname = \"Bought\"\nboard = \"talk\"\nvalue = \"revenue\"\nbands = { floor = 0, watch = 1, healthy = 2, excellent = 3 }\norigin = \"own\"",
                )],
                vec![
                    row("a KPI that no tactic answers", &["warning[Q0110]", "playbooks/idle.toml:13", "`bought`"]),
                    row("a tactic that no KPI leads to", &["warning[Q0111]", "playbooks/idle.toml", "`nothing`"]),
                ],
            )
        },
        case(
            3,
            vec![text(
                "qunce.toml",
                "[site]\nzone = \"Asia/Shanghay\"\ntrends = 3\nperiod = \"day\"\n[data]\nmax_bad_share = \"5%\"\n",
            )],
            vec![
                row("unknown zone", &["qunce.toml:2", "Asia/Shanghai"]),
                row("unknown key of qunce.toml", &["Q0003", "qunce.toml:3", "did you mean `trend`?"]),
                row("unknown word", &["qunce.toml:4", "week"]),
                row("wrong type in qunce.toml", &["Q0004", "qunce.toml:6"]),
            ],
        ),
    ]
}
