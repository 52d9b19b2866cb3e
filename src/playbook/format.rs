//! The keys of a playbook file, as one table: it drives reading, merging, overlays, "did you mean"
//! and the published schema, so that none of them can disagree.

/// What a key holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text for people; the only thing that an overlay may translate.
    Text,
    /// A list of texts for people.
    Texts,
    /// A string that is not for people: an id, a time, a cadence.
    Str,
    /// A list of such strings.
    Strings,
    /// One such string or a list of them.
    StrOrStrings,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// An expression.
    Formula,
    /// Two expressions: numerator and denominator.
    FormulaPair,
    /// A finite number above zero.
    Weight,
    /// A finite number between 0 and 1.
    Share,
    /// A finite number.
    Number,
    /// A whole number that is not negative.
    Whole,
    /// A finite number, or a pair of them for `better = "range"`.
    Cut,
    /// `true` or `false`.
    Flag,
    /// A table with fixed keys.
    Table(&'static Section),
    /// A table whose keys are ids of entries: `[kpi.speak_rate]`. Entries can be removed.
    Entries(&'static Section),
    /// A table with free keys.
    Free(&'static Kind),
    /// A table with one table each of the data's tables, whose keys are column names.
    Attributes,
    /// A list of tables with an `id`, merged by it. Entries can be removed and placed `before`.
    List(&'static Section),
    /// A list of tables without ids; replaced as a whole.
    Sequence(&'static Section),
    /// The steps of a funnel: names of measures or tables `{ measure, name }`.
    Steps(&'static Section),
}

impl Kind {
    /// What is expected, in words.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        match self {
            Self::Text | Self::Str | Self::Word(_) => "a string",
            Self::Texts | Self::Strings => "a list of strings",
            Self::StrOrStrings => "a string or a list of strings",
            Self::Formula => "an expression in quotes",
            Self::FormulaPair => "a pair of expressions",
            Self::Weight | Self::Share | Self::Number => "a number",
            Self::Whole => "a whole number",
            Self::Cut => "a number or a pair of numbers",
            Self::Flag => "`true` or `false`",
            Self::Table(_) | Self::Entries(_) | Self::Free(_) | Self::Attributes => "a table",
            Self::List(_) | Self::Sequence(_) => "a list of tables",
            Self::Steps(_) => "a list of measures",
        }
    }
}

/// A key of a section.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether the merged entry must have it.
    pub required: bool,
    /// Inherited keys that lose their meaning when a later file sets this one.
    pub resets: &'static [&'static str],
}

impl Key {
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn resets(mut self, keys: &'static [&'static str]) -> Self {
        self.resets = keys;
        self
    }
}

/// A table of the format.
#[derive(Debug)]
pub struct Section {
    /// Its name in messages, with the article.
    pub what: &'static str,
    /// Its keys in the order in which they are documented.
    pub keys: &'static [Key],
}

impl Section {
    /// A key by name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|k| k.name == name)
    }
}

const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, required: false, resets: &[] }
}

use Kind::{
    Attributes, Cut, Entries, Flag, Formula, FormulaPair, Free, List, Number, Sequence, Share, Steps, Str,
    StrOrStrings, Strings, Text, Texts, Weight, Whole, Word,
};

const ID: Key = key("id", Str).required();
const NAME: Key = key("name", Text).required();
const BODY: Key = key("body", Text);
const ORIGIN: Key = key("origin", Word(&["article", "case", "default", "own"]));
const SOURCE: Key = key("source", StrOrStrings);
const OWNER: Key = key("owner", Str);
const CADENCE: Key = key("cadence", Str);

/// Every aggregate of a measure; a later file that sets one of them replaces the inherited one.
pub(super) const AGGREGATES: &[&str] =
    &["count", "count_distinct", "sum", "avg", "min", "max", "median", "streak", "combine"];
/// The three forms of a KPI.
pub(super) const FORMS: &[&str] = &["ratio", "value", "mean"];
/// What a composed measure cannot have.
pub(super) const UNCOMBINED: &[&str] = &["table", "where", "on", "at", "fallback", "absent"];
const OTHER_AGGREGATES: &[&str] =
    &["count", "count_distinct", "sum", "avg", "min", "max", "median", "streak", "combine", "combine_with"];

static FALLBACK: Section = Section {
    what: "a fallback",
    keys: &[
        key("table", Word(&["daily"])).required(),
        key("avg", Formula),
        key("sum", Formula),
        key("min", Formula),
        key("max", Formula),
    ],
};

static MEASURE: Section = Section {
    what: "a measure",
    keys: &[
        key("name", Text),
        key(
            "table",
            Word(&["groups", "members", "messages", "posts", "events", "orders", "surveys", "products", "daily"]),
        ),
        key("count", Word(&["*"])).resets(OTHER_AGGREGATES),
        key("count_distinct", StrOrStrings).resets(OTHER_AGGREGATES),
        key("sum", Formula).resets(OTHER_AGGREGATES),
        key("avg", Formula).resets(OTHER_AGGREGATES),
        key("min", Formula).resets(OTHER_AGGREGATES),
        key("max", Formula).resets(OTHER_AGGREGATES),
        key("median", Formula).resets(OTHER_AGGREGATES),
        key("streak", Word(&["day"])).resets(OTHER_AGGREGATES),
        key("combine", Strings).resets(&[
            "count",
            "count_distinct",
            "sum",
            "avg",
            "min",
            "max",
            "median",
            "streak",
            "table",
            "where",
            "on",
            "at",
            "fallback",
            "absent",
        ]),
        key("combine_with", Word(&["sum", "max", "min"])),
        key("where", Formula),
        key("on", Str),
        key("at", Word(&["start", "end"])),
        key("fallback", Kind::Table(&FALLBACK)),
        key("absent", Word(&["no_data", "zero"])),
    ],
};

static BANDS: Section = Section {
    what: "the bands of a KPI",
    keys: &[
        key("floor", Cut).required(),
        key("watch", Cut).required(),
        key("healthy", Cut).required(),
        key("excellent", Cut),
    ],
};

static KPI: Section = Section {
    what: "a KPI",
    keys: &[
        NAME,
        key("definition", Text),
        key("board", Str).required(),
        key("principle", Str),
        key("ratio", FormulaPair).resets(FORMS),
        key("value", Formula).resets(FORMS),
        key("mean", Formula).resets(FORMS),
        key("unit", Word(&["percent", "points", "number", "count", "money", "days", "hours"])),
        key("better", Word(&["higher", "lower", "range"])).resets(&["bands"]),
        // Whoever moves a threshold answers for it.
        key("bands", Kind::Table(&BANDS)).resets(&["origin", "source"]),
        key("weight", Weight),
        key("missing", Word(&["exclude", "fail"])),
        ORIGIN.required(),
        SOURCE,
    ],
};

static BOARD: Section = Section { what: "a board", keys: &[ID, NAME, key("weight", Weight)] };
static PRINCIPLE: Section = Section { what: "a principle", keys: &[ID, NAME, BODY, ORIGIN, SOURCE] };

static STEP: Section =
    Section { what: "a step of a funnel", keys: &[key("measure", Str).required(), key("name", Text)] };

static FUNNEL: Section = Section {
    what: "a funnel",
    keys: &[
        NAME,
        key("steps", Steps(&STEP)).required(),
        key("weak_below", Share),
        key("within_days", Whole),
        ORIGIN,
        SOURCE,
    ],
};

static RANKING: Section = Section {
    what: "a ranking",
    keys: &[
        ID,
        NAME,
        key("grain", Word(&["post", "product", "member"])).required(),
        key("by", Str).required(),
        key("top", Whole),
        ORIGIN,
        SOURCE,
    ],
};

static BREAKDOWN: Section = Section {
    what: "a breakdown",
    keys: &[
        ID,
        NAME,
        key("measure", Str).required(),
        key("by", Formula).required(),
        key("labels", Free(&Text)),
        ORIGIN,
        SOURCE,
    ],
};

static SEGMENT: Section =
    Section { what: "a segment", keys: &[ID, NAME, key("when", Formula), key("tactic", Str), BODY, ORIGIN, SOURCE] };

static ALERT: Section = Section {
    what: "an alert",
    keys: &[
        ID,
        NAME,
        key("grain", Word(&["member", "group"])).required(),
        key("severity", Word(&["high", "medium", "low"])).required(),
        key("when", Formula).required(),
        key("action", Str).required(),
        OWNER,
        key("within_hours", Whole),
        key("cooldown_days", Whole),
        BODY,
        ORIGIN,
        SOURCE,
    ],
};

static EVIDENCE: Section =
    Section { what: "a piece of evidence", keys: &[key("text", Text).required(), ORIGIN, SOURCE] };

static TACTIC: Section = Section {
    what: "a tactic",
    keys: &[
        ID,
        key("title", Text).required(),
        key("improves", Strings),
        key("audience", Str),
        OWNER.required(),
        CADENCE.required(),
        key("effort_minutes", Whole),
        key("effect", Text),
        key("evidence", Sequence(&EVIDENCE)),
        key("avoid", Text),
        key("message", Text),
        BODY.required(),
        ORIGIN,
        SOURCE,
    ],
};

static ROLE: Section = Section { what: "a role", keys: &[ID, NAME, BODY] };

static POSITIONING: Section = Section {
    what: "`[positioning]`",
    keys: &[
        key("who", Text),
        key("need", Text),
        key("peak", Text),
        key("value", Text),
        key("not_for", Text),
        key("questionnaire", Texts),
    ],
};

static RULE: Section =
    Section { what: "a rule", keys: &[ID, key("title", Text).required(), BODY.required(), OWNER, ORIGIN, SOURCE] };
static ARTEFACT: Section =
    Section { what: "an artefact", keys: &[ID, key("title", Text).required(), BODY.required(), OWNER, ORIGIN, SOURCE] };

static TIER: Section = Section {
    what: "a tier",
    keys: &[ID, NAME, key("requirement", Text).required(), key("rights", Texts), ORIGIN, SOURCE],
};

static TASK: Section = Section {
    what: "a task",
    keys: &[
        ID,
        NAME,
        key("level", Word(&["newcomer", "growth", "advanced"])).required(),
        BODY.required(),
        key("reward", Text),
        key("target", Share),
        ORIGIN,
        SOURCE,
    ],
};

static SOP: Section = Section {
    what: "a checklist",
    keys: &[ID, NAME, CADENCE.required(), OWNER.required(), key("steps", Texts).required(), ORIGIN, SOURCE],
};

static CALENDAR_ITEM: Section = Section {
    what: "an item of the calendar",
    keys: &[
        ID,
        key("title", Text).required(),
        CADENCE.required(),
        key("core", Word(&["knowledge", "emotion", "conversion"])).required(),
        key("kind", Str).required(),
        OWNER.required(),
        BODY,
        ORIGIN,
        SOURCE,
    ],
};

static CALENDAR: Section = Section {
    what: "`[calendar]`",
    keys: &[
        key("useful_share", Share),
        key("promo_per_week", Whole),
        key("holidays", Free(&Text)),
        key("item", List(&CALENDAR_ITEM)),
    ],
};

static SELECTION_CELL: Section = Section {
    what: "a cell of the selection matrix",
    keys: &[
        ID,
        key("objective", Text).required(),
        key("role", Str).required(),
        key("mechanic", Text).required(),
        BODY,
        ORIGIN,
        SOURCE,
    ],
};

static SELECTION: Section = Section {
    what: "`[selection]`",
    keys: &[
        key("refresh", Strings),
        key("slots", Strings),
        key("mix", Free(&Share)),
        key("cell", List(&SELECTION_CELL)),
    ],
};

static PDCA: Section =
    Section { what: "`[pdca]`", keys: &[key("plan", Texts), key("do", Texts), key("check", Texts), key("act", Texts)] };

static SCORING: Section = Section {
    what: "`[scoring]`",
    keys: &[key("grades", Free(&Number)), key("min_coverage", Share), key("min_members", Whole)],
};

const KPIS: Key = key("kpi", Entries(&KPI));
const BOARDS: Key = key("board", List(&BOARD));
const FUNNELS: Key = key("funnel", Entries(&FUNNEL));
const RANKINGS: Key = key("ranking", List(&RANKING));
const BREAKDOWNS: Key = key("breakdown", List(&BREAKDOWN));
const SEGMENTS: Key = key("segment", List(&SEGMENT));
const CHURN: Key = key("churn", List(&SEGMENT));
const ALERTS: Key = key("alert", List(&ALERT));
const TACTICS: Key = key("tactic", List(&TACTIC));
const POSITION: Key = key("positioning", Kind::Table(&POSITIONING));
const RULES: Key = key("rule", List(&RULE));
const ARTEFACTS: Key = key("artefact", List(&ARTEFACT));
const TIERS: Key = key("tier", List(&TIER));
const TASKS: Key = key("task", List(&TASK));
const SOPS: Key = key("sop", List(&SOP));
const CALENDARS: Key = key("calendar", Kind::Table(&CALENDAR));
const SELECTIONS: Key = key("selection", Kind::Table(&SELECTION));
const REVIEW: Key = key("pdca", Kind::Table(&PDCA));
const SCORES: Key = key("scoring", Kind::Table(&SCORING));

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
        key("aliases", Strings),
        key("goal", Text).required(),
        key("enter_when", Formula),
        key("exit", Text),
        key("stop", Texts),
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
        key("extends", Str),
        key("abstract", Flag),
        NAME,
        key("summary", Text),
        key("attribute", Attributes),
        key("measure", Entries(&MEASURE)),
        KPIS,
        BOARDS,
        key("principle", List(&PRINCIPLE)),
        FUNNELS,
        RANKINGS,
        BREAKDOWNS,
        SEGMENTS,
        CHURN,
        ALERTS,
        TACTICS,
        key("stage", List(&STAGE)),
        key("role", List(&ROLE)),
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

/// The whole format: the keys of a playbook file with everything below them.
#[must_use]
pub fn format() -> &'static Section {
    &PLAYBOOK
}

/// The types that an extra column can be declared with.
pub(super) const ATTRIBUTE_TYPES: &[(&str, crate::schema::ColumnType)] = &[
    ("text", crate::schema::ColumnType::Text),
    ("number", crate::schema::ColumnType::Decimal),
    ("int", crate::schema::ColumnType::Int),
    ("time", crate::schema::ColumnType::Time),
    ("date", crate::schema::ColumnType::Date),
    ("bool", crate::schema::ColumnType::Bool),
];

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
                    Kind::Table(s) | Entries(s) | List(s) | Sequence(s) | Steps(s) => visit(s),
                    _ => {}
                }
            }
        }
        visit(format());
    }
}
