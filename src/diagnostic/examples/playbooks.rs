//! Examples about playbooks and their expressions.

use super::super::Code;
use super::Example;

pub(super) static EXAMPLES: &[Example] = &[
    Example {
        code: Code::UnknownParent,
        command: "qunce check",
        wrong: &[("playbooks/acme.toml", "extends = \"vlp\"\nname = \"Acme\"")],
        right: &[("playbooks/acme.toml", "extends = \"vip\"\nname = \"Acme\"")],
    },
    Example {
        code: Code::ExtendsCycle,
        command: "qunce check",
        wrong: &[
            ("playbooks/acme.toml", "extends = \"gold\"\nname = \"Acme\""),
            ("playbooks/gold.toml", "extends = \"acme\"\nname = \"Gold\""),
        ],
        right: &[
            ("playbooks/acme.toml", "extends = \"vip\"\nname = \"Acme\""),
            ("playbooks/gold.toml", "extends = \"acme\"\nname = \"Gold\""),
        ],
    },
    Example {
        code: Code::OverlayChangesRule,
        command: "qunce check",
        wrong: &[
            ("playbooks/acme.toml", "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.speak_rate]\nweight = 2"),
            ("playbooks/acme.en.toml", "name = \"Acme\"\n\n[kpi.speak_rate]\nweight = 3"),
        ],
        right: &[
            ("playbooks/acme.toml", "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.speak_rate]\nweight = 3"),
            ("playbooks/acme.en.toml", "name = \"Acme\""),
        ],
    },
    Example {
        code: Code::BandOrder,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.speak_rate]\nbands = { floor = 0.0, watch = 0.5, healthy = 0.3, excellent = 0.8 }\norigin = \"own\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.speak_rate]\nbands = { floor = 0.0, watch = 0.3, healthy = 0.5, excellent = 0.8 }\norigin = \"own\"",
        )],
    },
    Example {
        code: Code::BandUnreachable,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.speak_rate]\nbands = { floor = 0, watch = 30, healthy = 50, excellent = 80 }\norigin = \"own\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.speak_rate]\nbands = { floor = 0.0, watch = 0.3, healthy = 0.5, excellent = 0.8 }\norigin = \"own\"",
        )],
    },
    Example {
        code: Code::UnknownReference,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.speak_rate]\nboard = \"engagment\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.speak_rate]\nboard = \"engagement\"",
        )],
    },
    Example {
        code: Code::MeasureCycle,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.a]\ntable = \"members\"\ncount = \"*\"\nwhere = \"group.b > 0\"\n\n[measure.b]\ntable = \"members\"\ncount = \"*\"\nwhere = \"group.a > 0\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.a]\ntable = \"members\"\ncount = \"*\"\n\n[measure.b]\ntable = \"members\"\ncount = \"*\"\nwhere = \"group.a > 0\"",
        )],
    },
    Example {
        code: Code::DuplicateId,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[[role]]\nid = \"taster\"\nname = \"试吃官\"\n\n[[role]]\nid = \"taster\"\nname = \"品鉴官\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[[role]]\nid = \"taster\"\nname = \"试吃官\"\n\n[[role]]\nid = \"critic\"\nname = \"品鉴官\"",
        )],
    },
    Example {
        code: Code::InvalidId,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[[role]]\nid = \"Tea-Taster\"\nname = \"试吃官\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[[role]]\nid = \"tea_taster\"\nname = \"试吃官\"",
        )],
    },
    Example {
        code: Code::NoTactic,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.talk]\nname = \"消息数\"\nboard = \"engagement\"\nvalue = \"messages\"\nbands = { floor = 0, watch = 10, healthy = 50, excellent = 200 }\norigin = \"own\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.talk]\nname = \"消息数\"\nboard = \"engagement\"\nvalue = \"messages\"\nbands = { floor = 0, watch = 10, healthy = 50, excellent = 200 }\norigin = \"own\"\n\n[[tactic]]\nid = \"ask\"\ntitle = \"每日一问\"\nimproves = [\"talk\"]\nowner = \"host\"\ncadence = \"daily 20:00\"\nbody = \"提一个好回答的问题。\"",
        )],
    },
    Example {
        code: Code::OrphanTactic,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[[tactic]]\nid = \"bow\"\ntitle = \"鞠躬\"\nowner = \"host\"\ncadence = \"on_join\"\nbody = \"鞠躬。\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[[tactic]]\nid = \"bow\"\ntitle = \"鞠躬\"\nimproves = [\"speak_rate\"]\nowner = \"host\"\ncadence = \"on_join\"\nbody = \"鞠躬。\"",
        )],
    },
    Example {
        code: Code::RemovedNothing,
        command: "qunce check",
        wrong: &[("playbooks/acme.toml", "extends = \"vip\"\nname = \"Acme\"\n\nkpi.npss.remove = true")],
        right: &[("playbooks/acme.toml", "extends = \"vip\"\nname = \"Acme\"")],
    },
    Example {
        code: Code::MissingTranslation,
        command: "qunce check",
        wrong: &[("playbooks/acme.toml", "extends = \"vip\"\nname = \"雅客会员群\"")],
        right: &[
            ("playbooks/acme.toml", "extends = \"vip\"\nname = \"雅客会员群\""),
            ("playbooks/acme.en.toml", "name = \"Acme members\""),
        ],
    },
    Example {
        code: Code::UnknownGroup,
        command: "qunce build",
        wrong: &[("playbooks/groups/g9.toml", "[kpi.speak_rate]\nweight = 2")],
        right: &[("playbooks/groups/g1.toml", "[kpi.speak_rate]\nweight = 2")],
    },
    Example {
        code: Code::SetTwice,
        command: "qunce check",
        wrong: &[
            ("playbooks/acme.toml", "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.speak_rate]\nweight = 2"),
            ("playbooks/acme/kpis.toml", "[kpi.speak_rate]\nweight = 4"),
        ],
        right: &[
            ("playbooks/acme.toml", "extends = \"vip\"\nname = \"Acme\""),
            ("playbooks/acme/kpis.toml", "[kpi.speak_rate]\nweight = 4"),
        ],
    },
    Example {
        code: Code::ExprSyntax,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.tea]\ntable = \"messages\"\ncount = \"*\"\nwhere = \"topic = \"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.tea]\ntable = \"messages\"\ncount = \"*\"\nwhere = \"topic = 'tea'\"",
        )],
    },
    Example {
        code: Code::ExprUnknownName,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.tea]\ntable = \"messages\"\ncount = \"*\"\nwhere = \"topik = 'tea'\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.tea]\ntable = \"messages\"\ncount = \"*\"\nwhere = \"topic = 'tea'\"",
        )],
    },
    Example {
        code: Code::ExprType,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.tea]\ntable = \"messages\"\ncount = \"*\"\nwhere = \"topic > 3\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.tea]\ntable = \"messages\"\ncount = \"*\"\nwhere = \"topic = '3'\"",
        )],
    },
    Example {
        code: Code::ExprUnsupported,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.tea]\ntable = \"messages\"\ncount = \"*\"\nwhere = \"topic in (select topic from posts)\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.tea]\ntable = \"messages\"\ncount = \"*\"\nwhere = \"topic in ('tea', 'coffee')\"",
        )],
    },
    Example {
        code: Code::ExprWindow,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.talkers]\ntable = \"members\"\ncount = \"*\"\nat = \"end\"\nwhere = \"messages('last week') > 3\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.talkers]\ntable = \"members\"\ncount = \"*\"\nat = \"end\"\nwhere = \"messages('7d') > 3\"",
        )],
    },
    Example {
        code: Code::ExprGrain,
        command: "qunce check",
        wrong: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.crowded]\ntable = \"members\"\ncount = \"*\"\nat = \"end\"\nwhere = \"members > 100\"",
        )],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[measure.crowded]\ntable = \"members\"\ncount = \"*\"\nat = \"end\"\nwhere = \"group.members > 100\"",
        )],
    },
];
