//! What is counted, and how it is judged: measures, KPIs, boards, funnels, rankings, breakdowns.

use super::{ID, NAME, ORIGIN, SOURCE};
use crate::format::{Kind, Section, key};
use Kind::{
    Cut, Formula, FormulaPair, Free, Positive, Share, Steps, Str, StrOrStrings, Strings, Text, Weight, Whole, Word,
};

/// Every aggregate of a measure; a later file that sets one of them replaces the inherited one.
pub(in super::super) const AGGREGATES: &[&str] =
    &["count", "count_distinct", "sum", "avg", "min", "max", "median", "streak", "combine"];
/// The three forms of a KPI.
pub(in super::super) const FORMS: &[&str] = &["ratio", "value", "mean"];
/// What a form replaces: the other forms, and the factors of a product.
const FORM_RESETS: &[&str] = &["ratio", "value", "mean", "factors"];
/// What a composed measure cannot have.
pub(in super::super) const UNCOMBINED: &[&str] = &["table", "where", "on", "at", "fallback", "absent"];
const OTHER_AGGREGATES: &[&str] =
    &["count", "count_distinct", "sum", "avg", "min", "max", "median", "streak", "combine", "combine_with"];
/// What a composition replaces.
const COMBINE_RESETS: &[&str] = &[
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
];

static FALLBACK: Section = Section {
    what: "a fallback",
    keys: &[
        key("table", Word(&["daily"])).required().doc("The table of daily totals that stands in."),
        key("avg", Formula).doc("Mean of this column over the days of the window."),
        key("sum", Formula).doc("Sum of this column over the days of the window."),
        key("min", Formula).doc("Least value of this column in the window."),
        key("max", Formula).doc("Greatest value of this column in the window."),
    ],
};

pub(super) static MEASURE: Section = Section {
    what: "a measure",
    keys: &[
        key("name", Text).doc("What people call it."),
        key(
            "table",
            Word(&["groups", "members", "messages", "posts", "events", "orders", "surveys", "products", "daily"]),
        )
        .doc("The table whose rows are counted."),
        key("count", Word(&["*"])).resets(OTHER_AGGREGATES).doc("Number of rows."),
        key("count_distinct", StrOrStrings)
            .resets(OTHER_AGGREGATES)
            .doc("Number of different values of a column, or of several together; `day` is the local day of the row."),
        key("sum", Formula).resets(OTHER_AGGREGATES).doc("Sum of an expression over the rows; exact for money."),
        key("avg", Formula).resets(OTHER_AGGREGATES).doc("Mean of an expression over the rows."),
        key("min", Formula).resets(OTHER_AGGREGATES).doc("Least value of an expression; of a time: the first."),
        key("max", Formula).resets(OTHER_AGGREGATES).doc("Greatest value of an expression; of a time: the last."),
        key("median", Formula).resets(OTHER_AGGREGATES).doc("Median of an expression over the rows."),
        key("streak", Word(&["day"])).resets(OTHER_AGGREGATES).doc("Longest run of consecutive local days with a row."),
        key("combine", Strings)
            .resets(COMBINE_RESETS)
            .doc("Other measures that are put together, instead of a table with an aggregate."),
        key("combine_with", Word(&["sum", "max", "min"])).doc("How `combine` puts them together; `sum` by default."),
        key("where", Formula).doc("Only rows for which this condition holds."),
        key("on", Str).doc("The time column that places a row in a window; the table's own by default."),
        key("at", Word(&["start", "end", "during"]))
            .doc("Of `members`: those in the group at the window's start or end, or at any moment of it."),
        key("fallback", Kind::Table(&FALLBACK))
            .doc("What stands in for a group where the table is not exported; it says nothing of single members."),
        key("absent", Word(&["no_data", "zero"]))
            .doc("What it means that a group never had a matching row: nothing is known, or nothing happened."),
    ],
};

static BANDS: Section = Section {
    what: "the bands of a KPI",
    keys: &[
        key("floor", Cut).required().doc("Score 0 here and beyond; critical up to `watch`."),
        key("watch", Cut).required().doc("Score 50 here; worth watching from here to `healthy`."),
        key("healthy", Cut).required().doc("Score 80 here; healthy from here on. A pair for `better = \"range\"`."),
        key("excellent", Cut).doc("Score 100 here and beyond."),
    ],
};

pub(super) static KPI: Section = Section {
    what: "a KPI",
    keys: &[
        NAME,
        key("definition", Text).doc("What it says, in words, with its numerator and denominator."),
        key("board", Str).required().doc("Id of the board in whose score it counts."),
        key("principle", Str).doc("Id of the principle that it bears on."),
        key("ratio", FormulaPair)
            .resets(FORM_RESETS)
            .doc("Numerator and denominator, both over measures; carries a Wilson interval."),
        key("value", Formula).resets(FORM_RESETS).doc("A number computed from measures; carries no interval."),
        key("mean", Formula).resets(FORM_RESETS).doc("A measure with `avg`; carries a Student-t interval."),
        key("unit", Word(&["percent", "points", "number", "count", "money", "days", "hours"]))
            .doc("How it is written; `percent` for ratios by default."),
        key("better", Word(&["higher", "lower", "range"]))
            .resets(&["bands"])
            .doc("Which direction is good; `higher` by default."),
        // Whoever moves a threshold answers for it.
        key("bands", Kind::Table(&BANDS))
            .resets(&["origin", "source"])
            .doc("The cut points, in the good direction. Without them the KPI is shown but not scored."),
        key("weight", Weight).doc("Its weight in the board's score; 1 by default."),
        key("missing", Word(&["exclude", "fail"]))
            .doc("Without data it is left out of the score, or counts as failed."),
        key("factors", Strings).doc("Measures or KPIs of which it is a product; they explain its change."),
        ORIGIN.required(),
        SOURCE,
    ],
};

pub(super) static BOARD: Section = Section {
    what: "a board",
    keys: &[ID, NAME, key("weight", Weight).doc("Its weight in the health score; 1 by default."), ORIGIN, SOURCE],
};
pub(super) static PRINCIPLE: Section = Section {
    what: "a principle",
    keys: &[ID, NAME, key("body", Text).doc("What it means for the work in the group; Markdown."), ORIGIN, SOURCE],
};

static STEP: Section = Section {
    what: "a step of a funnel",
    keys: &[
        key("measure", Str).required().doc("The measure whose members pass this step."),
        key("name", Text).doc("What people call the step; the measure's name by default."),
    ],
};

pub(super) static FUNNEL: Section = Section {
    what: "a funnel",
    keys: &[
        NAME,
        key("steps", Steps(&STEP)).required().doc("Measures in the order in which members pass them."),
        key("weak_below", Share).doc("A step that a smaller share passes is weak; 0.15 by default."),
        key("within_days", Whole).doc("Days within which a step must follow the one before; 7 by default."),
        ORIGIN,
        SOURCE,
    ],
};

pub(super) static RANKING: Section = Section {
    what: "a ranking",
    keys: &[
        ID,
        NAME,
        key("grain", Word(&["post", "product", "member"])).required().doc("What is ranked."),
        key("by", Str).required().doc("The measure by which it is ranked, highest first."),
        key("top", Positive).doc("Number of places shown; 10 by default."),
        ORIGIN,
        SOURCE,
    ],
};

pub(super) static BREAKDOWN: Section = Section {
    what: "a breakdown",
    keys: &[
        ID,
        NAME,
        key("measure", Str).required().doc("The measure that is split up."),
        key("by", Formula).required().doc("The text by which its rows are split."),
        key("labels", Free(&Text)).doc("Names of the parts, by their value in the data."),
        ORIGIN,
        SOURCE,
    ],
};
