//! What only the operating manual tells: positioning, rules, tiers, tasks, checklists, calendar.

use super::{CADENCE, ID, NAME, ORIGIN, OWNER, SOURCE};
use crate::format::{Key, Kind, Section, key};
use Kind::{Free, List, Share, Str, Strings, Text, Texts, Whole, Word};

const TITLE: Key = key("title", Text).required().doc("Its heading.");
const BODY: Key = key("body", Text).doc("The text; Markdown.");

pub(super) static POSITIONING: Section = Section {
    what: "`[positioning]`",
    keys: &[
        key("who", Text).doc("For whom the group is."),
        key("need", Text).doc("What they need."),
        key("peak", Text).doc("The moment that they will remember."),
        key("value", Text).doc("What they get out of it."),
        key("not_for", Text).doc("For whom it is not."),
        key("questionnaire", Texts).doc("Questions asked before somebody is let in."),
        ORIGIN,
        SOURCE,
    ],
};

pub(super) static RULE: Section =
    Section { what: "a rule", keys: &[ID, TITLE, BODY.required(), OWNER, ORIGIN, SOURCE] };
pub(super) static ARTEFACT: Section =
    Section { what: "an artefact", keys: &[ID, TITLE, BODY.required(), OWNER, ORIGIN, SOURCE] };

pub(super) static TIER: Section = Section {
    what: "a tier",
    keys: &[
        ID,
        NAME,
        key("requirement", Text).required().doc("What a member must have done to be in it."),
        key("rights", Texts).doc("What its members are entitled to."),
        ORIGIN,
        SOURCE,
    ],
};

pub(super) static TASK: Section = Section {
    what: "a task",
    keys: &[
        ID,
        NAME,
        key("level", Word(&["newcomer", "growth", "advanced"])).required().doc("For whom it is set."),
        BODY.required(),
        key("reward", Text).doc("What a member gets for it."),
        key("target", Share).doc("Share of members that should have done it."),
        ORIGIN,
        SOURCE,
    ],
};

pub(super) static SOP: Section = Section {
    what: "a checklist",
    keys: &[
        ID,
        NAME,
        CADENCE.required(),
        OWNER.required(),
        key("steps", Texts).required().doc("What is ticked off, in order."),
        ORIGIN,
        SOURCE,
    ],
};

static CALENDAR_ITEM: Section = Section {
    what: "an item of the calendar",
    keys: &[
        ID,
        TITLE,
        CADENCE.required(),
        key("core", Word(&["knowledge", "emotion", "conversion"])).required().doc("What the content is for."),
        key("kind", Str).required().doc("Kind of post, as in the data's `posts.kind`."),
        OWNER.required(),
        BODY,
        ORIGIN,
        SOURCE,
    ],
};

pub(super) static CALENDAR: Section = Section {
    what: "`[calendar]`",
    keys: &[
        key("useful_share", Share).doc("Least share of posts that should be useful rather than selling."),
        key("promo_per_week", Whole).doc("Most promotions a week."),
        key("holidays", Free(&Text)).doc("Names of special days, by date (`\"2025-05-01\" = \"…\"`)."),
        key("item", List(&CALENDAR_ITEM)).doc("What is posted, and when."),
        ORIGIN,
        SOURCE,
    ],
};

static SELECTION_CELL: Section = Section {
    what: "a cell of the selection matrix",
    keys: &[
        ID,
        key("objective", Text).required().doc("What the product is chosen for."),
        key("role", Str).required().doc("Part that it plays in the range, as in the data's `products.role`."),
        key("mechanic", Text).required().doc("How it is offered."),
        BODY,
        ORIGIN,
        SOURCE,
    ],
};

pub(super) static SELECTION: Section = Section {
    what: "`[selection]`",
    keys: &[
        key("refresh", Strings).doc("Days on which the range changes (`mon` … `sun`)."),
        key("slots", Strings).doc("Times of day at which products are shown (`12:00`)."),
        key("mix", Free(&Share)).doc("Share of the range for each role."),
        key("cell", List(&SELECTION_CELL)).doc("Which product is offered how, and for what."),
        ORIGIN,
        SOURCE,
    ],
};

pub(super) static PDCA: Section = Section {
    what: "`[pdca]`",
    keys: &[
        key("plan", Texts).doc("What is planned in the review."),
        key("do", Texts).doc("What is then done."),
        key("check", Texts).doc("What is looked at afterwards."),
        key("act", Texts).doc("What follows from it."),
        ORIGIN,
        SOURCE,
    ],
};
