//! The tables of the format, each with its keys in the order in which they are documented.

mod figures;
mod manual;
mod people;

pub(super) use figures::{AGGREGATES, FORMS, UNCOMBINED};

use crate::format::{Key, Kind, Section, key};
use Kind::{
    Attributes, Entries, Flag, Formula, Free, List, Number, Positive, Share, Str, StrOrStrings, Strings, Text, Texts,
    Word,
};
use figures::{BOARD, BREAKDOWN, FUNNEL, KPI, MEASURE, PRINCIPLE, RANKING};
use manual::{ARTEFACT, CALENDAR, PDCA, POSITIONING, RULE, SELECTION, SOP, TASK, TIER};
use people::{ALERT, ROLE, SEGMENT, TACTIC};

const ID: Key = key("id", Str).required().doc("Lower-case letters, digits and `_`; entries of the same id are merged.");
const NAME: Key = key("name", Text).required().doc("What people call it.");
const ORIGIN: Key = key("origin", Word(&["article", "case", "default", "own"]))
    .doc("Where it comes from: an article, a case, qunce's own default, or your own experience.");
const SOURCE: Key = key("source", StrOrStrings).doc("What it can be looked up under: ids of sources, or a link.");
const OWNER: Key = key("owner", Str).doc("Id of the role that is responsible.");
const CADENCE: Key = key("cadence", Str).doc(
    "When: `once`, `on_join`, `daily 09:00`, `weekly mon,thu 20:00`, `monthly 1 10:00` or `quarterly`; times are optional.",
);

static SCORING: Section = Section {
    what: "`[scoring]`",
    keys: &[
        key("grades", Free(&Number)).doc("Least score of each grade."),
        key("min_coverage", Share)
            .doc("No score is issued when a smaller share of the weight was measured; 0.6 by default."),
        key("min_members", Positive).doc("No score is issued for fewer members; 10 by default."),
        key("min_sample", Positive).doc("A ratio or mean of fewer observations is not scored; 3 by default."),
    ],
};

static WAIVER: Section = Section {
    what: "a waiver",
    keys: &[
        ID,
        key("kpi", Str).doc("Id of the KPI that may be critical."),
        key("alert", Str).doc("Id of the alert that may fire."),
        key("groups", Strings).doc("Ids of the groups that it is for; every group of the playbook without them."),
        key("reason", Text).required().doc("Why it is put up with."),
        key("owner", Str).required().doc("Who answers for it, a role or a name."),
        key("expires", Str).required().doc("Last day on which it holds, as `2025-06-30`."),
    ],
};

const KPIS: Key = key("kpi", Entries(&KPI)).doc("What is judged, by id.");
const BOARDS: Key = key("board", List(&BOARD)).doc("The boards whose scores make the health score.");
const FUNNELS: Key = key("funnel", Entries(&FUNNEL)).doc("Ways of members from one step to the next, by id.");
const RANKINGS: Key = key("ranking", List(&RANKING)).doc("Lists of the best posts, products or members.");
const BREAKDOWNS: Key = key("breakdown", List(&BREAKDOWN)).doc("Measures split by a text.");
const SEGMENTS: Key = key("segment", List(&SEGMENT)).doc("Classes of members; the first that fits takes a member.");
const CHURN: Key =
    key("churn", List(&SEGMENT)).doc("Depths of churn; the first that fits takes a member, those who left included.");
const ALERTS: Key = key("alert", List(&ALERT)).doc("What needs an answer now.");
const TACTICS: Key = key("tactic", List(&TACTIC)).doc("What to do.");
const POSITION: Key = key("positioning", Kind::Table(&POSITIONING)).doc("Whom the group is for, and why.");
const RULES: Key = key("rule", List(&RULE)).doc("Rules of the group.");
const ARTEFACTS: Key =
    key("artefact", List(&ARTEFACT)).doc("Texts ready to be used: the welcome, the notice, the naming of the group.");
const TIERS: Key = key("tier", List(&TIER)).doc("Tiers of membership.");
const TASKS: Key = key("task", List(&TASK)).doc("Tasks for members.");
const SOPS: Key = key("sop", List(&SOP)).doc("Checklists for the team.");
const CALENDARS: Key = key("calendar", Kind::Table(&CALENDAR)).doc("What is posted when.");
const SELECTIONS: Key = key("selection", Kind::Table(&SELECTION)).doc("Which products are shown, and how.");
const REVIEW: Key = key("pdca", Kind::Table(&PDCA)).doc("The rhythm of review.");
const SCORES: Key = key("scoring", Kind::Table(&SCORING)).doc("How scores are made and graded.");

/// The keys of a stage that override the playbook's keys of the same name while a group is in it.
/// Its `tactic` list belongs to the stage itself and merges over the playbook's tactics.
pub(super) const OVERRIDABLE: &[&str] = &[
    "kpi",
    "board",
    "funnel",
    "ranking",
    "breakdown",
    "segment",
    "churn",
    "alert",
    "positioning",
    "rule",
    "artefact",
    "tier",
    "task",
    "sop",
    "calendar",
    "selection",
    "pdca",
    "scoring",
];

pub(super) static STAGE: Section = Section {
    what: "a stage",
    keys: &[
        ID,
        NAME,
        key("aliases", Strings).doc("Other words for the stage in the data's `groups.stage`."),
        key("goal", Text).required().doc("What the group should reach in this stage."),
        key("enter_when", Formula).doc("A group that names no stage is in the last one for which this holds."),
        key("exit", Text).doc("When the stage is over."),
        key("stop", Texts).doc("Signs that the group should be stopped rather than carried on."),
        ORIGIN,
        SOURCE,
        TACTICS,
        KPIS,
        BOARDS,
        FUNNELS,
        RANKINGS,
        BREAKDOWNS,
        SEGMENTS,
        CHURN,
        ALERTS,
        POSITION,
        RULES,
        ARTEFACTS,
        TIERS,
        TASKS,
        SOPS,
        CALENDARS,
        SELECTIONS,
        REVIEW,
        SCORES,
    ],
};

pub(super) static PLAYBOOK: Section = Section {
    what: "a playbook",
    keys: &[
        key("extends", Str).doc("Playbook that this one builds on; what is set here wins."),
        key("abstract", Flag).doc("No group may use it directly; others extend it."),
        NAME,
        key("summary", Text).doc("What the type of group is about, in a sentence."),
        key("attribute", Attributes).doc("Further columns of your exports and their types, by table."),
        key("measure", Entries(&MEASURE)).doc("What is counted, by id."),
        KPIS,
        BOARDS,
        key("principle", List(&PRINCIPLE)).doc("Principles by which the work is judged."),
        FUNNELS,
        RANKINGS,
        BREAKDOWNS,
        SEGMENTS,
        CHURN,
        ALERTS,
        TACTICS,
        key("stage", List(&STAGE))
            .doc("Stages of life in order; what a stage sets overrides the playbook while a group is in it."),
        key("role", List(&ROLE)).doc("Who does the work."),
        POSITION,
        RULES,
        ARTEFACTS,
        TIERS,
        TASKS,
        SOPS,
        CALENDARS,
        SELECTIONS,
        REVIEW,
        SCORES,
        key("waiver", List(&WAIVER)).doc("Findings that fail no gate until a day."),
    ],
};

/// The whole format: the keys of a playbook file with everything below them.
#[must_use]
pub fn format() -> &'static Section {
    &PLAYBOOK
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_stage_overrides_keys_as_the_playbook_has_them() {
        for name in OVERRIDABLE {
            assert!(STAGE.key(name).is_some() && PLAYBOOK.key(name).is_some(), "{name}");
        }
    }

    #[test]
    fn no_section_has_a_key_twice() {
        fn visit(section: &'static Section) {
            let names: BTreeSet<_> = section.keys.iter().map(|k| k.name).collect();
            assert_eq!(names.len(), section.keys.len(), "{}", section.what);
            for key in section.keys {
                match key.kind {
                    Kind::Table(s) | Kind::Entries(s) | Kind::List(s) | Kind::Sequence(s) | Kind::Steps(s) => visit(s),
                    _ => {}
                }
            }
        }
        visit(format());
    }

    #[test]
    fn every_key_is_explained() {
        fn visit(section: &'static Section, seen: &mut BTreeSet<&'static str>) {
            if !seen.insert(section.what) {
                return;
            }
            for key in section.keys {
                assert!(!key.doc.is_empty(), "`{}` of {}", key.name, section.what);
                match key.kind {
                    Kind::Table(s) | Kind::Entries(s) | Kind::List(s) | Kind::Sequence(s) | Kind::Steps(s) => {
                        visit(s, seen);
                    }
                    _ => {}
                }
            }
        }
        visit(format(), &mut BTreeSet::new());
    }
}
