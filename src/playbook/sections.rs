//! The tables of the format, each with its keys in the order in which they are documented.

use super::format::{Key, Kind, Section, key};
use Kind::{
    Attributes, Cut, Entries, Flag, Formula, FormulaPair, Free, List, Number, Positive, Sequence, Share, Steps, Str,
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
/// What a form replaces: the other forms, and the factors of a product.
const FORM_RESETS: &[&str] = &["ratio", "value", "mean", "factors"];
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
        key("at", Word(&["start", "end", "during"])),
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
        key("ratio", FormulaPair).resets(FORM_RESETS),
        key("value", Formula).resets(FORM_RESETS),
        key("mean", Formula).resets(FORM_RESETS),
        key("unit", Word(&["percent", "points", "number", "count", "money", "days", "hours"])),
        key("better", Word(&["higher", "lower", "range"])).resets(&["bands"]),
        // Whoever moves a threshold answers for it.
        key("bands", Kind::Table(&BANDS)).resets(&["origin", "source"]),
        key("weight", Weight),
        key("missing", Word(&["exclude", "fail"])),
        key("factors", Strings),
        ORIGIN.required(),
        SOURCE,
    ],
};

static BOARD: Section = Section { what: "a board", keys: &[ID, NAME, key("weight", Weight), ORIGIN, SOURCE] };
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
        key("top", Positive),
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

static ROLE: Section = Section { what: "a role", keys: &[ID, NAME, BODY, ORIGIN, SOURCE] };

static POSITIONING: Section = Section {
    what: "`[positioning]`",
    keys: &[
        key("who", Text),
        key("need", Text),
        key("peak", Text),
        key("value", Text),
        key("not_for", Text),
        key("questionnaire", Texts),
        ORIGIN,
        SOURCE,
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
        ORIGIN,
        SOURCE,
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
        ORIGIN,
        SOURCE,
    ],
};

static PDCA: Section = Section {
    what: "`[pdca]`",
    keys: &[key("plan", Texts), key("do", Texts), key("check", Texts), key("act", Texts), ORIGIN, SOURCE],
};

static SCORING: Section = Section {
    what: "`[scoring]`",
    keys: &[
        key("grades", Free(&Number)),
        key("min_coverage", Share),
        key("min_members", Positive),
        key("min_sample", Positive),
    ],
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
