//! Who needs attention and what is done: segments, alerts, tactics, roles.

use super::{CADENCE, ID, NAME, ORIGIN, OWNER, SOURCE};
use crate::format::{Kind, Section, key};
use Kind::{Formula, Sequence, Str, Strings, Text, Whole, Word};

pub(super) static SEGMENT: Section = Section {
    what: "a segment",
    keys: &[
        ID,
        NAME,
        key("when", Formula)
            .doc("Members for whom this holds; the first segment that fits takes them. The last may do without."),
        key("tactic", Str).doc("Id of the tactic that answers it."),
        key("body", Text).doc("Who they are and what they need; Markdown."),
        ORIGIN,
        SOURCE,
    ],
};

pub(super) static ALERT: Section = Section {
    what: "an alert",
    keys: &[
        ID,
        NAME,
        key("grain", Word(&["member", "group"]))
            .required()
            .doc("Whether it is raised for members or for the whole group."),
        key("severity", Word(&["high", "medium", "low"])).required().doc("How pressing it is."),
        key("when", Formula).required().doc("It is raised while this holds."),
        key("action", Str).required().doc("Id of the tactic that answers it."),
        OWNER,
        key("within_hours", Whole).doc("Hours until it should be answered; 24 by default."),
        key("cooldown_days", Whole).doc("Days during which it is not raised again for the same member; 7 by default."),
        key("body", Text).doc("What it means; Markdown."),
        ORIGIN,
        SOURCE,
    ],
};

static EVIDENCE: Section = Section {
    what: "a piece of evidence",
    keys: &[key("text", Text).required().doc("What was observed, with its figures."), ORIGIN, SOURCE],
};

pub(super) static TACTIC: Section = Section {
    what: "a tactic",
    keys: &[
        ID,
        key("title", Text).required().doc("What is done, in a few words."),
        key("improves", Strings).doc("Ids of the KPIs that it lifts: below their bands it is advised."),
        key("audience", Str)
            .doc("Whom it is for: `all`, `staff`, `segment:<id>`, `churn:<id>` or `alert:<id>`; `all` by default."),
        OWNER.required(),
        CADENCE.required(),
        key("effort_minutes", Whole).doc("Minutes that it takes each time."),
        key("effect", Text).doc("What is to be expected of it."),
        key("evidence", Sequence(&EVIDENCE))
            .doc("Where it worked before; told as evidence, never used as a threshold."),
        key("avoid", Text).doc("What must not be done."),
        key("message", Text).doc("A message ready to be copied into the group."),
        key("body", Text).required().doc("How it is done, step by step; Markdown."),
        ORIGIN,
        SOURCE,
    ],
};

pub(super) static ROLE: Section = Section {
    what: "a role",
    keys: &[ID, NAME, key("body", Text).doc("What the role is responsible for; Markdown."), ORIGIN, SOURCE],
};
