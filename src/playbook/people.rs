//! Members and what is done for them: funnels, segments, alerts, top lists, tactics, stages.

use super::fields::{Context, Fields};
use super::measures::all_or_none;
use super::model::{
    Aggregate, Alert, Audience, Breakdown, Evidence, Funnel, FunnelStep, Grain, Measure, Ranking, Segment, Sourced,
    Stage, Tactic, Text, Urgency,
};
use super::scope::Place;
use super::sections::STAGE;
use super::tree;
use crate::config::toml::{Node, Value};
use crate::diagnostic::{Code, Diagnostic, list};
use crate::expr::{Type, Want};
use crate::format::Kind;
use crate::schema::Table;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) type Measures = BTreeMap<String, Measure>;

pub(super) fn funnel(f: &Fields<'_>, measures: &Measures) -> Option<Funnel> {
    let steps: Vec<Option<FunnelStep>> = f
        .get("steps")
        .map(tree::items)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(index, node)| step(f, index, node, measures))
        .collect();
    if let Some(node) = f.get("steps").filter(|_| steps.len() < 2) {
        f.report_value(node, format!("funnel `{}` has no two steps", f.id), "at least two measures");
    }
    Some(Funnel {
        id: f.id.to_owned(),
        name: f.text("name")?,
        steps: steps.into_iter().collect::<Option<_>>()?,
        weak_below: f.number_or("weak_below", 0.15),
        within_days: whole(f, "within_days", 7),
        provenance: f.provenance(),
    })
}

fn whole(f: &Fields<'_>, key: &str, default: i32) -> i32 {
    f.whole(key).map_or(default, |n| i32::try_from(n).unwrap_or(i32::MAX))
}

fn step(f: &Fields<'_>, index: usize, node: &Node, measures: &Measures) -> Option<FunnelStep> {
    let place = if let Value::Table(_) = node.value { tree::get(node, "measure")? } else { node };
    let id = tree::text(place)?;
    if !f.context.refers("measure", id, &place.span) {
        return None;
    }
    let stock = index == 0 && measures.get(id).is_some_and(|m| m.table == Some(Table::Members));
    if !stock {
        readable(f, id, Grain::Member, place)?;
    }
    if let Some(of) = measures.get(id).filter(|m| matches!(m.aggregate, Aggregate::Combine { .. })) {
        // Whose days these are is not kept, so that it would count nobody.
        f.context.report(
            Diagnostic::error(Code::InvalidValue, format!("`{id}` cannot be a step"))
                .at(&place.span, "expected a measure of one table")
                .at(&of.span, "this measure combines others")
                .with_help("name one of the measures that it combines"),
        );
        return None;
    }
    let own = tree::get(node, "name").and_then(|n| f.context.text(n));
    let name = own.or_else(|| measures.get(id)?.name.clone()).unwrap_or_else(|| Text {
        original: id.to_owned(),
        translations: Arc::default(),
        span: place.span.clone(),
    });
    Some(FunnelStep { measure: id.to_owned(), name, span: place.span.clone() })
}

/// Whether a measure has a value at a grain; reported when not.
fn readable(f: &Fields<'_>, id: &str, grain: Grain, place: &Node) -> Option<()> {
    let known = f.context.vocabulary.measures.get(id)?;
    if known.grains.contains(&grain) {
        return Some(());
    }
    let grains: Vec<&str> = known.grains.iter().map(|g| g.name()).collect();
    f.context.report(
        Diagnostic::error(Code::ExprGrain, format!("`{id}` has no value for a single {}", grain.name()))
            .at(&place.span, format!("only for a {}", list(&grains, "or"))),
    );
    None
}

/// A segment or a class of churn.
pub(super) fn segment(f: &Fields<'_>) -> Option<Segment> {
    let when = f.get("when").map(|_| f.formula("when", Place::Member, Want::Bool));
    let tactic = f.get("tactic").map(|_| f.reference("tactic", "tactic"));
    Some(Segment {
        id: f.id.to_owned(),
        name: f.text("name")?,
        when: all_or_none(when)?,
        tactic: all_or_none(tactic)?,
        body: f.text("body"),
        provenance: f.provenance(),
    })
}

/// Reports classes that come after one without a condition, which nobody ever reaches.
pub(super) fn only_the_last_is_open(root: &Node, key: &str, context: &Context<'_>) {
    let items = tree::get(root, key).map(tree::items).unwrap_or_default();
    let Some(open) = items.iter().position(|n| tree::get(n, "when").is_none()) else { return };
    let (Some(open), Some(next)) = (items.get(open), items.get(open + 1)) else { return };
    let (id, after) = (tree::id(open).unwrap_or_default(), tree::id(next).unwrap_or_default());
    context.report(
        Diagnostic::error(Code::MissingKey, format!("`{after}` comes after `{id}`, which has no `when`"))
            .at(&next.span, "nobody reaches this")
            .at(&open.span, "this takes all who are left")
            .with_help(format!("set `before = \"{id}\"` in `{after}`, or give `{id}` a condition")),
    );
}

pub(super) fn alert(f: &Fields<'_>) -> Option<Alert> {
    let grain = f.word("grain", &[("member", Grain::Member), ("group", Grain::Group)]);
    let place = if grain == Some(Grain::Group) { Place::Group } else { Place::Member };
    let when = grain.and_then(|_| f.formula("when", place, Want::Bool));
    let action = f.reference("action", "tactic");
    let owner = f.get("owner").map(|_| f.reference("owner", "role"));
    let severity = f.word("severity", &[("low", Urgency::Low), ("medium", Urgency::Medium), ("high", Urgency::High)]);
    Some(Alert {
        id: f.id.to_owned(),
        name: f.text("name")?,
        grain: grain?,
        severity: severity?,
        when: when?,
        action: action?,
        owner: all_or_none(owner)?.map(|o| o.value),
        within_hours: f.whole("within_hours").unwrap_or(24),
        cooldown_days: whole(f, "cooldown_days", 7),
        body: f.text("body"),
        provenance: f.provenance(),
        span: f.span(),
    })
}

pub(super) fn ranking(f: &Fields<'_>) -> Option<Ranking> {
    let grains = [("post", Grain::Post), ("product", Grain::Product), ("member", Grain::Member)];
    let grain = f.word("grain", &grains)?;
    let by = f.reference("by", "measure")?;
    readable(f, &by.value, grain, f.get("by")?)?;
    Some(Ranking {
        id: f.id.to_owned(),
        name: f.text("name")?,
        grain,
        by,
        top: f.whole("top").map_or(10, |n| n as usize),
        provenance: f.provenance(),
    })
}

pub(super) fn breakdown(f: &Fields<'_>, measures: &Measures) -> Option<Breakdown> {
    let measure = f.reference("measure", "measure")?;
    // A measure that is wrong itself was reported.
    let of = measures.get(&measure.value)?;
    let (Some(table), Aggregate::Count | Aggregate::Sum(_)) = (of.table, &of.aggregate) else {
        f.context.report(
            Diagnostic::error(Code::InvalidValue, format!("`{}` cannot be split", measure.value))
                .at(&measure.span, "expected a measure with `count` or `sum`")
                .at(&of.span, "this measure has another aggregate"),
        );
        return None;
    };
    let by = f.formula("by", Place::Row(table), Want::Any)?;
    if !matches!(by.ty(), Type::Text | Type::Null) {
        f.context.report(
            Diagnostic::error(Code::ExprType, format!("`{}` is split by something that is no text", f.id))
                .at(&by.span, format!("this is {}", by.ty())),
        );
        return None;
    }
    let labels = f.get("labels").map(tree::entries).unwrap_or_default();
    Some(Breakdown {
        id: f.id.to_owned(),
        name: f.text("name")?,
        measure,
        by,
        labels: labels.iter().filter_map(|e| Some((e.key.clone(), f.context.text(&e.node)?))).collect(),
        provenance: f.provenance(),
    })
}

pub(super) fn tactic(f: &Fields<'_>) -> Option<Tactic> {
    // A KPI that a later file takes away is no longer improved; a KPI that never was is a mistake.
    let improves = f.strings("improves").into_iter().filter(|k| {
        f.context.has("kpi", &k.value)
            || (!f.context.removed.contains_key(&("kpi", k.value.clone()))
                && f.context.refers("kpi", &k.value, &k.span))
    });
    let improves = improves.collect();
    let audience = audience(f);
    let owner = f.reference("owner", "role");
    let cadence = f.rhythm();
    Some(Tactic {
        id: f.id.to_owned(),
        title: f.text("title")?,
        improves,
        audience: audience?,
        owner: owner?,
        cadence: cadence?,
        effort_minutes: f.whole("effort_minutes"),
        effect: f.text("effect"),
        evidence: evidence(f),
        avoid: f.text("avoid"),
        message: f.text("message"),
        body: f.text("body")?,
        provenance: f.provenance(),
        span: f.span(),
    })
}

fn evidence(f: &Fields<'_>) -> Vec<Evidence> {
    let Some(Kind::Sequence(section)) = f.section.key("evidence").map(|k| k.kind) else { return Vec::new() };
    let items = f.get("evidence").map(tree::items).unwrap_or_default();
    items
        .iter()
        .filter_map(|node| {
            let f = Fields { id: "evidence", node, section, context: f.context };
            Some(Evidence { text: f.text("text")?, provenance: f.provenance() })
        })
        .collect()
}

fn audience(f: &Fields<'_>) -> Option<Sourced<Audience>> {
    let Some(node) = f.get("audience") else { return Some(Sourced { value: Audience::All, span: f.span() }) };
    let text = tree::text(node)?;
    let value = match text.split_once(':') {
        None if text == "all" => Audience::All,
        None if text == "staff" => Audience::Staff,
        Some(("segment", id)) if f.context.refers("segment", id, &node.span) => Audience::Segment(id.to_owned()),
        Some(("churn", id)) if f.context.refers("churn", id, &node.span) => Audience::Churn(id.to_owned()),
        Some(("alert", id)) if f.context.refers("alert", id, &node.span) => Audience::Alert(id.to_owned()),
        Some(("segment" | "churn" | "alert", _)) => return None,
        _ => {
            let expected = "`all`, `staff`, `segment:…`, `churn:…` or `alert:…`";
            f.report_value(node, format!("`{text}` is not an audience"), expected);
            return None;
        }
    };
    Some(Sourced { value, span: node.span.clone() })
}

pub(super) fn stage(f: &Fields<'_>) -> Option<Stage> {
    let enter_when = f.get("enter_when").map(|_| f.formula("enter_when", Place::Group, Want::Bool));
    let tactics = f.context.each(f.node, &STAGE, "tactic", tactic);
    Some(Stage {
        id: f.id.to_owned(),
        name: f.text("name")?,
        aliases: f.strings("aliases").into_iter().map(|a| a.value).collect(),
        goal: f.text("goal")?,
        enter_when: all_or_none(enter_when)?,
        exit: f.text("exit"),
        stop: f.texts("stop"),
        tactics,
        provenance: f.provenance(),
    })
}
