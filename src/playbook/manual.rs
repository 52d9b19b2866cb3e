//! The parts of the manual: positioning, rules, tiers, tasks, checklists, calendar, selection, review.

use super::fields::{Context, Fields};
use super::model::{
    Calendar, CalendarItem, Passage, Pdca, Positioning, Role, Selection, SelectionCell, Sop, Sourced, Task, Tier,
};
use super::sections::PLAYBOOK;
use super::{rhythm, tree};
use crate::config::toml::{Entry, Node};
use crate::diagnostic::list;
use crate::format::Kind;
use chrono::NaiveDate;

pub(super) fn role(f: &Fields<'_>) -> Option<Role> {
    Some(Role { id: f.id.to_owned(), name: f.text("name")?, body: f.text("body"), provenance: f.provenance() })
}

/// A rule or an artefact.
pub(super) fn passage(f: &Fields<'_>) -> Option<Passage> {
    let owner = f.get("owner").map(|_| f.reference("owner", "role"));
    Some(Passage {
        id: f.id.to_owned(),
        title: f.text("title")?,
        body: f.text("body")?,
        owner: super::measures::all_or_none(owner)?.map(|o| o.value),
        provenance: f.provenance(),
    })
}

pub(super) fn tier(f: &Fields<'_>) -> Option<Tier> {
    Some(Tier {
        id: f.id.to_owned(),
        name: f.text("name")?,
        requirement: f.text("requirement")?,
        rights: f.texts("rights"),
        provenance: f.provenance(),
    })
}

pub(super) fn task(f: &Fields<'_>) -> Option<Task> {
    Some(Task {
        id: f.id.to_owned(),
        name: f.text("name")?,
        level: f.str("level")?.to_owned(),
        body: f.text("body")?,
        reward: f.text("reward"),
        target: f.number("target"),
        provenance: f.provenance(),
    })
}

pub(super) fn sop(f: &Fields<'_>) -> Option<Sop> {
    let cadence = f.rhythm();
    let owner = f.reference("owner", "role");
    Some(Sop {
        id: f.id.to_owned(),
        name: f.text("name")?,
        cadence: cadence?,
        owner: owner?.value,
        steps: f.texts("steps"),
        provenance: f.provenance(),
    })
}

/// A table of the playbook with fixed keys, if it has it.
fn section<'a>(root: &'a Node, key: &'static str, context: &'a Context<'a>) -> Option<Fields<'a>> {
    let node = tree::get(root, key)?;
    let Some(Kind::Table(section)) = PLAYBOOK.key(key).map(|k| k.kind) else { return None };
    Some(Fields { id: key, node, section, context })
}

pub(super) fn positioning(root: &Node, context: &Context<'_>) -> Positioning {
    let Some(f) = section(root, "positioning", context) else { return Positioning::default() };
    Positioning {
        who: f.text("who"),
        need: f.text("need"),
        peak: f.text("peak"),
        value: f.text("value"),
        not_for: f.text("not_for"),
        questionnaire: f.texts("questionnaire"),
        provenance: f.provenance(),
    }
}

pub(super) fn calendar(root: &Node, context: &Context<'_>) -> Calendar {
    let Some(f) = section(root, "calendar", context) else { return Calendar::default() };
    let promo = f.get("promo_per_week").zip(f.whole("promo_per_week"));
    Calendar {
        useful_share: f.number("useful_share"),
        promo_per_week: promo.map(|(node, value)| Sourced { value, span: node.span.clone() }),
        holidays: free(&f, "holidays")
            .iter()
            .filter(|e| is_day(&f, e))
            .filter_map(|e| Some((e.key.clone(), context.text(&e.node)?)))
            .collect(),
        items: context.each(f.node, f.section, "item", item),
        provenance: f.provenance(),
    }
}

fn free<'a>(f: &Fields<'a>, key: &str) -> &'a [Entry] {
    f.get(key).map(tree::entries).unwrap_or_default()
}

fn is_day(f: &Fields<'_>, entry: &Entry) -> bool {
    let valid = entry.key.len() == 10 && NaiveDate::parse_from_str(&entry.key, "%Y-%m-%d").is_ok();
    if !valid {
        let place = Node { span: entry.key_span.clone(), ..entry.node.clone() };
        f.report_value(&place, format!("`{}` is not a day", entry.key), "a day such as `2025-05-01`");
    }
    valid
}

fn item(f: &Fields<'_>) -> Option<CalendarItem> {
    let cadence = f.rhythm();
    let owner = f.reference("owner", "role");
    Some(CalendarItem {
        id: f.id.to_owned(),
        title: f.text("title")?,
        cadence: cadence?,
        core: f.str("core")?.to_owned(),
        kind: f.str("kind")?.to_owned(),
        owner: owner?.value,
        body: f.text("body"),
        provenance: f.provenance(),
    })
}

pub(super) fn selection(root: &Node, context: &Context<'_>) -> Selection {
    let Some(f) = section(root, "selection", context) else { return Selection::default() };
    let mix: Vec<(&Entry, f64)> = free(&f, "mix").iter().filter_map(|e| Some((e, tree::number(&e.node)?))).collect();
    // Shares of decimal fractions need not add up to exactly 1.
    if let Some(node) = f.get("mix").filter(|_| mix.iter().map(|(_, share)| share).sum::<f64>() > 1.0 + 1e-9) {
        f.report_value(node, "the shares of `mix` exceed the whole", "shares that add up to 1 at most");
    }
    Selection {
        refresh: each_string(&f, "refresh", rhythm::weekday, "weekday", &list(&rhythm::WEEKDAYS, "or")),
        slots: each_string(
            &f,
            "slots",
            |s| rhythm::time(s).map(|_| s.to_owned()),
            "time of day",
            "a time such as `12:00`",
        ),
        mix: mix.into_iter().map(|(e, share)| (e.key.clone(), share)).collect(),
        cells: context.each(f.node, f.section, "cell", cell),
        provenance: f.provenance(),
    }
}

fn each_string<T>(f: &Fields<'_>, key: &str, read: impl Fn(&str) -> Option<T>, what: &str, expected: &str) -> Vec<T> {
    let items = f.get(key).map(tree::items).unwrap_or_default();
    items
        .iter()
        .filter_map(|node| {
            let text = tree::text(node)?;
            let value = read(text);
            if value.is_none() {
                f.report_value(node, format!("`{text}` is not a {what}"), expected);
            }
            value
        })
        .collect()
}

fn cell(f: &Fields<'_>) -> Option<SelectionCell> {
    Some(SelectionCell {
        id: f.id.to_owned(),
        objective: f.text("objective")?,
        role: f.str("role")?.to_owned(),
        mechanic: f.text("mechanic")?,
        body: f.text("body"),
        provenance: f.provenance(),
    })
}

pub(super) fn pdca(root: &Node, context: &Context<'_>) -> Pdca {
    let Some(f) = section(root, "pdca", context) else { return Pdca::default() };
    Pdca {
        plan: f.texts("plan"),
        act_do: f.texts("do"),
        check: f.texts("check"),
        act: f.texts("act"),
        provenance: f.provenance(),
    }
}
