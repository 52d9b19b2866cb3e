//! Examples about the workspace, its output and its gates.

use super::super::Code;
use super::Example;

pub(super) static EXAMPLES: &[Example] = &[
    Example {
        code: Code::WorkspaceMissing,
        command: "qunce check --workspace elsewhere",
        wrong: &[("elsewhere/notes.txt", "no qunce.toml is here")],
        right: &[("elsewhere/qunce.toml", "[site]\nlanguages = [\"zh-CN\"]")],
    },
    Example {
        code: Code::TomlSyntax,
        command: "qunce check",
        wrong: &[("qunce.toml", "[site]\ntitle = \"群策")],
        right: &[("qunce.toml", "[site]\ntitle = \"群策\"")],
    },
    Example {
        code: Code::UnknownKey,
        command: "qunce check",
        wrong: &[("qunce.toml", "[site]\nperoid = \"month\"")],
        right: &[("qunce.toml", "[site]\nperiod = \"month\"")],
    },
    Example {
        code: Code::WrongType,
        command: "qunce check",
        wrong: &[("qunce.toml", "[site]\ntrend = \"9\"")],
        right: &[("qunce.toml", "[site]\ntrend = 9")],
    },
    Example {
        code: Code::InvalidValue,
        command: "qunce check",
        wrong: &[("qunce.toml", "[data]\nmax_bad_share = 5")],
        right: &[("qunce.toml", "[data]\nmax_bad_share = 0.05")],
    },
    Example {
        code: Code::MissingKey,
        command: "qunce check",
        wrong: &[("playbooks/acme.toml", "extends = \"vip\"\nname = \"Acme\"\n\n[[role]]\nid = \"taster\"")],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[[role]]\nid = \"taster\"\nname = \"试吃官\"",
        )],
    },
    Example {
        code: Code::Unreadable,
        command: "qunce check",
        wrong: &[("playbooks/acme.toml/", "<a folder where a file is expected, or a file that may not be read>")],
        right: &[("playbooks/acme.toml", "extends = \"vip\"\nname = \"Acme\"")],
    },
    Example {
        code: Code::OutputRefused,
        command: "qunce build --out mine",
        wrong: &[("mine/thesis.txt", "a file that this program did not write")],
        right: &[("mine/.qunce-site", "")],
    },
    Example {
        code: Code::Template,
        command: "qunce build",
        wrong: &[("templates/components/group_head.html", "{{ report.group.name")],
        right: &[("templates/components/group_head.html", "{{ report.group.name }}")],
    },
    Example {
        code: Code::WordingSyntax,
        command: "qunce build",
        wrong: &[("templates/i18n/en.ftl", "h_alerts Alerts")],
        right: &[("templates/i18n/en.ftl", "h_alerts = Alerts")],
    },
    Example {
        code: Code::WordingMessage,
        command: "qunce build",
        wrong: &[("templates/i18n/en.ftl", "h_alrts = Alerts")],
        right: &[("templates/i18n/en.ftl", "h_alerts = Alerts")],
    },
    Example {
        code: Code::WordingIncomplete,
        command: "qunce build",
        wrong: &[
            ("qunce.toml", "[site]\nlanguages = [\"zh-CN\", \"fr\"]"),
            ("templates/i18n/fr.ftl", "h_alerts = Alertes"),
        ],
        right: &[("qunce.toml", "[site]\nlanguages = [\"zh-CN\", \"en\"]")],
    },
    Example {
        code: Code::WordingUnused,
        command: "qunce build",
        wrong: &[("templates/i18n/fr.ftl", "h_alerts = Alertes")],
        right: &[("templates/i18n/en.ftl", "h_alerts = Alerts")],
    },
    Example {
        code: Code::KeyFile,
        command: "qunce build",
        wrong: &[
            ("qunce.toml", "[privacy]\nkey_file = \"qunce.key\""),
            ("<repository>", "the workspace is a git repository"),
        ],
        right: &[
            ("qunce.toml", "[privacy]\nkey_file = \"../keys/qunce.key\""),
            ("<beside the repository>", "keys/qunce.key"),
        ],
    },
    Example {
        code: Code::WriteFailed,
        command: "qunce build",
        wrong: &[("out/", "<the disk is full, or the folder may not be written>")],
        right: &[("out/", "<a folder that may be written, on a disk with room>")],
    },
    Example {
        code: Code::OutputLocked,
        command: "qunce build",
        wrong: &[("out/", "<another build is writing it>")],
        right: &[("<command>", "qunce build --wait")],
    },
    Example {
        code: Code::SiteDiffers,
        command: "qunce verify",
        wrong: &[("out/", "<a page that was changed by hand, or is missing>")],
        right: &[("<command>", "qunce build")],
    },
    Example {
        code: Code::NewerSite,
        command: "qunce build",
        wrong: &[("out/", "<a site written by a later qunce>")],
        right: &[("<command>", "update qunce, or write to another folder with --out")],
    },
    Example {
        code: Code::NotRemembered,
        command: "qunce build",
        wrong: &[(".qunce/", "<a folder that may not be written>")],
        right: &[(".qunce/", "<a folder that may be written>")],
    },
    Example {
        code: Code::PortRefused,
        command: "qunce serve",
        wrong: &[("<machine>", "another program listens on the port")],
        right: &[("<command>", "qunce serve --port 8001")],
    },
    Example {
        code: Code::ServedAlready,
        command: "qunce serve",
        wrong: &[("<machine>", "the workspace is served by another run")],
        right: &[("<command>", "end the other run, or look at the site that it serves")],
    },
    Example {
        code: Code::ServeFailed,
        command: "qunce serve",
        wrong: &[("<machine>", "the server, or its watch on the files, cannot be kept up")],
        right: &[("<command>", "qunce build, and open out/index.html")],
    },
    Example {
        code: Code::PathCollision,
        command: "qunce build",
        wrong: &[("out/", "<two things that would be written to one path>")],
        right: &[("out/", "<rename the one that you added>")],
    },
    Example {
        code: Code::UnknownName,
        command: "qunce explain g1 speek_rate",
        wrong: &[("<command>", "qunce explain g1 speek_rate")],
        right: &[("<command>", "qunce explain g1 speak_rate")],
    },
    Example {
        code: Code::PublicKey,
        command: "qunce build",
        wrong: &[("<environment>", "QUNCE_KEY is not set")],
        right: &[("<environment>", "QUNCE_KEY=a long secret of your own")],
    },
    Example {
        code: Code::InputOutput,
        command: "qunce baseline --output folder",
        wrong: &[("folder/file.txt", "a folder stands where the file is to be written")],
        right: &[("folder2/file.txt", "nothing stands there")],
    },
    Example {
        code: Code::ScoreBelow,
        command: "qunce gate",
        wrong: &[("qunce.toml", "[gate]\nfail_under = 90"), ("<group>", "a group that scores 64")],
        right: &[("qunce.toml", "[gate]\nfail_under = 60")],
    },
    Example {
        code: Code::CriticalKpi,
        command: "qunce gate",
        wrong: &[("qunce.toml", "[gate]\nfail_on = [\"critical\"]"), ("<group>", "a KPI below its `watch` cut")],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[[waiver]]\nid = \"holidays\"\nkpi = \"speak_rate\"\n\
             groups = [\"g1\"]\nreason = \"假期无人在线\"\nowner = \"小林\"\nexpires = \"2025-06-30\"",
        )],
    },
    Example {
        code: Code::AlertFires,
        command: "qunce gate",
        wrong: &[("qunce.toml", "[gate]\nfail_on = [\"alert\"]"), ("<group>", "an alert that fires")],
        right: &[(
            "playbooks/acme.toml",
            "extends = \"vip\"\nname = \"Acme\"\n\n[[waiver]]\nid = \"moving\"\nalert = \"spam\"\n\
             reason = \"换群期间\"\nowner = \"小林\"\nexpires = \"2025-06-30\"",
        )],
    },
    Example {
        code: Code::ScoreDropped,
        command: "qunce gate",
        wrong: &[
            ("qunce.toml", "[gate]\nmax_drop = 5\nbaseline = \"baseline.json\""),
            ("<group>", "72 points in the baseline, 61 now"),
        ],
        right: &[(
            "<command>",
            "qunce diff baseline.json . tells what took the points; when it is meant: qunce baseline",
        )],
    },
    Example {
        code: Code::NoScore,
        command: "qunce gate",
        wrong: &[
            ("qunce.toml", "[gate]\nfail_under = 60"),
            ("<group>", "a group with fewer members than `min_members`, or with too little data"),
        ],
        right: &[("data/", "<the tables that the report of the group lists as missing>")],
    },
    Example {
        code: Code::ResultVersion,
        command: "qunce diff baseline.json baseline.json",
        wrong: &[("baseline.json", "{\"schema_version\": 999}")],
        right: &[("<command>", "update qunce, or write the file anew with `qunce baseline`")],
    },
    Example {
        code: Code::InvalidResult,
        command: "qunce diff baseline.json baseline.json",
        wrong: &[("baseline.json", "{\"scores\": []}")],
        right: &[("<command>", "qunce baseline --output baseline.json")],
    },
    Example {
        code: Code::BaselineDiffers,
        command: "qunce gate",
        wrong: &[("<group>", "a group of the baseline that the drop has no more")],
        right: &[("<command>", "qunce baseline, and commit the file")],
    },
    Example {
        code: Code::WaiverExpired,
        command: "qunce build",
        wrong: &[(
            "playbooks/groups/g1.toml",
            "[[waiver]]\nid = \"holidays\"\nkpi = \"speak_rate\"\nreason = \"春节\"\nowner = \"小林\"\nexpires = \"2025-02-10\"",
        )],
        right: &[(
            "playbooks/groups/g1.toml",
            "[[waiver]]\nid = \"holidays\"\nkpi = \"speak_rate\"\nreason = \"春节\"\nowner = \"小林\"\nexpires = \"2026-02-28\"",
        )],
    },
    Example {
        code: Code::Waived,
        command: "qunce gate --fail-on critical",
        wrong: &[
            (
                "playbooks/groups/g1.toml",
                "[[waiver]]\nid = \"holidays\"\nkpi = \"speak_rate\"\nreason = \"春节\"\nowner = \"小林\"\nexpires = \"2026-02-28\"",
            ),
            ("<group>", "too few speak, so that `speak_rate` is critical"),
        ],
        right: &[("playbooks/groups/g1.toml", "# mend what is waived, then take the waiver away")],
    },
    Example {
        code: Code::NoGate,
        command: "qunce gate",
        wrong: &[("qunce.toml", "[site]\nlanguages = [\"zh-CN\"]")],
        right: &[("qunce.toml", "[gate]\nfail_under = 0")],
    },
    Example {
        code: Code::UnknownMeasure,
        command: "qunce facts -g speekers",
        wrong: &[("<asked>", "`speekers`, which no playbook in use declares")],
        right: &[("<asked>", "`speakers`, as the base playbook calls it")],
    },
    Example {
        code: Code::UnfitMeasure,
        command: "qunce facts -m members",
        wrong: &[("<asked>", "`members` of single members: it counts them, so only a group has it")],
        right: &[("<asked>", "`qunce facts -g members`")],
    },
];
