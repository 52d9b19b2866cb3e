//! KPIs, their bands, and how they add up to a score.

use super::fields::{Context, Fields};
use super::measures::only_one;
use super::model::{
    Aggregate, Bands, Better, Board, Kpi, KpiForm, Measure, Missing, Principle, Scoring, Sourced, Unit,
};
use super::scope::Place;
use super::sections::{FORMS, PLAYBOOK};
use super::{Formula, Reference, shape, tree};
use crate::config::toml::{Node, Value};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::Want;
use crate::format::Kind;
use std::collections::BTreeMap;

/// Grades where the playbook has none.
const GRADES: &[(&str, f64)] = &[("A", 85.0), ("B", 70.0), ("C", 60.0), ("D", 40.0), ("E", 0.0)];
/// Share of the weight that must be measured where the playbook does not say.
const MIN_COVERAGE: f64 = 0.6;

/// Customers below which a group is shown without a score, unless a playbook says otherwise.
const MIN_MEMBERS: u32 = 10;

/// Observations below which a ratio or mean is shown and not scored, unless a playbook says otherwise.
const MIN_SAMPLE: u32 = 3;

pub(super) fn board(f: &Fields<'_>) -> Option<Board> {
    Some(Board {
        id: f.id.to_owned(),
        name: f.text("name")?,
        weight: f.number_or("weight", 1.0),
        provenance: f.provenance(),
    })
}

pub(super) fn principle(f: &Fields<'_>) -> Option<Principle> {
    Some(Principle { id: f.id.to_owned(), name: f.text("name")?, body: f.text("body"), provenance: f.provenance() })
}

pub(super) fn kpi(f: &Fields<'_>, measures: &BTreeMap<String, Measure>) -> Option<Kpi> {
    // Everything is looked at before giving up, so that all mistakes are told.
    let form = form(f, measures);
    let is_ratio = f.get("ratio").is_some();
    let units = [
        ("percent", Unit::Percent),
        ("points", Unit::Points),
        ("number", Unit::Number),
        ("count", Unit::Count),
        ("money", Unit::Money),
        ("days", Unit::Days),
        ("hours", Unit::Hours),
    ];
    let unit = f.word("unit", &units).unwrap_or(if is_ratio { Unit::Percent } else { Unit::Number });
    let better = f.word("better", &[("higher", Better::Higher), ("lower", Better::Lower), ("range", Better::Range)]);
    let better = better.unwrap_or(Better::Higher);
    let bands = f.get("bands").map(|node| bands(f, node, better));
    if let (Some(Some(bands)), true, Unit::Percent) = (&bands, is_ratio, unit) {
        reachable(f, bands);
    }
    let board = f.reference("board", "board");
    let principle = f.get("principle").map(|_| f.reference("principle", "principle"));
    Some(Kpi {
        id: f.id.to_owned(),
        name: f.text("name")?,
        definition: f.text("definition"),
        board: board?.value,
        principle: super::measures::all_or_none(principle)?.map(|p| p.value),
        form: form?,
        unit,
        better,
        bands: super::measures::all_or_none(bands)?,
        weight: f.number_or("weight", 1.0),
        missing: f
            .word("missing", &[("exclude", Missing::Exclude), ("fail", Missing::Fail)])
            .unwrap_or(Missing::Exclude),
        factors: f
            .strings("factors")
            .into_iter()
            .filter(|k| f.context.refers("kpi", &k.value, &k.span))
            .map(|k| k.value)
            .collect(),
        provenance: f.provenance(),
        span: f.span(),
    })
}

fn form(f: &Fields<'_>, measures: &BTreeMap<String, Measure>) -> Option<KpiForm> {
    match only_one(f, FORMS, "a form")? {
        "ratio" => {
            let [numerator, denominator] = tree::items(f.get("ratio")?) else { return None };
            let numerator = f.context.formula(numerator, Place::Group, Want::Number);
            let denominator = f.context.formula(denominator, Place::Group, Want::Number);
            Some(KpiForm::Ratio(numerator?, denominator?))
        }
        "value" => f.formula("value", Place::Group, Want::Number).map(KpiForm::Value),
        _ => {
            let formula = f.formula("mean", Place::Group, Want::Number)?;
            is_mean(f, &formula, measures).then_some(KpiForm::Mean(formula))
        }
    }
}

/// Whether a formula is nothing but a measure that is a mean, so that its spread is known.
fn is_mean(f: &Fields<'_>, formula: &Formula, measures: &BTreeMap<String, Measure>) -> bool {
    let measure = match formula.refs.as_slice() {
        [Reference::Measure { id, window, .. }]
            if [id.clone(), format!("{id}('{window}')")].contains(&formula.expr.to_string()) =>
        {
            Some(id)
        }
        _ => None,
    };
    let fits = measure.is_some_and(|id| measures.get(id).is_none_or(|m| matches!(m.aggregate, Aggregate::Avg(_))));
    if !fits {
        let mut finding = Diagnostic::error(Code::InvalidValue, "`mean` needs a measure that is an average")
            .at(&formula.span, "expected the id of a measure with `avg`")
            .with_help("use `value` for anything else; it has no interval");
        if let Some(measure) = measure.and_then(|id| measures.get(id)) {
            finding = finding.at(&measure.span, "this measure has another aggregate");
        }
        f.context.report(finding);
    }
    fits
}

fn bands(f: &Fields<'_>, node: &Node, better: Better) -> Option<Bands> {
    let Some(Kind::Table(section)) = f.section.key("bands").map(|k| k.kind) else { return None };
    let name = format!("`bands` of `{}`", f.id);
    shape::complete(node, section, &name, &mut f.context.findings.borrow_mut());
    let inner = Fields { id: f.id, node, section, context: f.context };
    if better == Better::Range { range(&inner) } else { line(&inner, better) }
}

fn line(f: &Fields<'_>, better: Better) -> Option<Bands> {
    const CUTS: [&str; 4] = ["floor", "watch", "healthy", "excellent"];
    if f.get("excellent").is_none() {
        f.context.report(
            Diagnostic::error(Code::MissingKey, format!("`bands` of `{}` has no `excellent`", f.id))
                .at(&f.node.span, "`excellent` is required unless `better = \"range\"`"),
        );
    }
    for node in CUTS.iter().filter_map(|c| f.get(c)).filter(|n| matches!(n.value, Value::List(_))) {
        f.report_value(node, "a pair of numbers without `better = \"range\"`", "a number");
    }
    let cuts: Option<Vec<Sourced<f64>>> = CUTS.iter().map(|c| f.number(c)).collect();
    let cuts: [Sourced<f64>; 4] = cuts?.try_into().ok()?;
    let rises = |a: f64, b: f64| if better == Better::Higher { a < b } else { a > b };
    let mut fine = true;
    for (pair, names) in cuts.windows(2).zip(CUTS.windows(2)) {
        if let ([before, after], [low, high]) = (pair, names)
            && !rises(before.value, after.value)
        {
            fine = false;
            let (order, direction) = if better == Better::Higher { ("above", "higher") } else { ("below", "lower") };
            f.context.report(
                Diagnostic::error(Code::BandOrder, format!("`{high}` of `{}` must lie {order} `{low}`", f.id))
                    .at(&after.span, format!("`{high}` is {}", after.value))
                    .at(&before.span, format!("`{low}` is {}", before.value))
                    .with_help(format!(
                        "`better = \"{direction}\"` runs from `floor` over `watch` and `healthy` to `excellent`"
                    )),
            );
        }
    }
    fine.then_some(Bands::Line(cuts))
}

fn range(f: &Fields<'_>) -> Option<Bands> {
    if let Some(node) = f.get("excellent") {
        f.report_value(node, "`excellent` has no place in a range", "only `floor`, `watch` and `healthy`");
    }
    let pair = |key: &str| {
        let node = f.get(key)?;
        let [low, high] = tree::items(node) else {
            f.report_value(
                node,
                format!("`{key}` is a single number"),
                "a pair `[low, high]` for `better = \"range\"`",
            );
            return None;
        };
        Some(Sourced { value: [tree::number(low)?, tree::number(high)?], span: node.span.clone() })
    };
    let (floor, watch, healthy) = (pair("floor"), pair("watch"), pair("healthy"));
    let (floor, watch, healthy) = (floor?, watch?, healthy?);
    let mut fine = true;
    if healthy.value[0] > healthy.value[1] {
        fine = false;
        f.context.report(
            Diagnostic::error(Code::BandOrder, format!("`healthy` of `{}` ends before it begins", f.id))
                .at(&healthy.span, "expected the lower number first"),
        );
    }
    for (inner, name, outer, around) in [(&healthy, "healthy", &watch, "watch"), (&watch, "watch", &floor, "floor")] {
        if !(outer.value[0] < inner.value[0] && inner.value[1] < outer.value[1]) {
            fine = false;
            f.context.report(
                Diagnostic::error(Code::BandOrder, format!("`{name}` of `{}` must lie within `{around}`", f.id))
                    .at(&inner.span, format!("{} to {}", inner.value[0], inner.value[1]))
                    .at(&outer.span, format!("`{around}` is {} to {}", outer.value[0], outer.value[1])),
            );
        }
    }
    fine.then_some(Bands::Range { floor, watch, healthy })
}

/// Reports cut points that a share can never meet.
fn reachable(f: &Fields<'_>, bands: &Bands) {
    let cuts: Vec<(f64, &Span)> = match bands {
        Bands::Line(cuts) => cuts.iter().map(|c| (c.value, &c.span)).collect(),
        Bands::Range { floor, watch, healthy } => {
            [floor, watch, healthy].into_iter().flat_map(|p| p.value.map(|v| (v, &p.span))).collect()
        }
    };
    for (value, span) in cuts.into_iter().filter(|(v, _)| !(0.0..=1.0).contains(v)) {
        let mut finding = Diagnostic::error(Code::BandUnreachable, format!("a band of `{}` can never apply", f.id))
            .at(span, format!("a share is never {value}; expected 0 to 1"));
        if (1.0..=100.0).contains(&value) {
            finding = finding.with_help(format!("{value} % is written `{}`", value / 100.0));
        }
        f.context.report(finding);
    }
}

/// Grades and coverage; with the usual ones where the playbook has none.
pub(super) fn scoring(root: &Node, context: &Context<'_>) -> Option<Scoring> {
    let empty = tree::empty(&root.span);
    let node = tree::get(root, "scoring").unwrap_or(&empty);
    let Some(Kind::Table(section)) = PLAYBOOK.key("scoring").map(|k| k.kind) else { return None };
    let f = Fields { id: "scoring", node, section, context };
    let mut grades: Vec<(String, Sourced<f64>)> = match f.get("grades") {
        Some(table) => tree::entries(table)
            .iter()
            .filter_map(|e| Some((e.key.clone(), Sourced { value: tree::number(&e.node)?, span: e.node.span.clone() })))
            .collect(),
        None => {
            GRADES.iter().map(|(name, from)| ((*name).to_owned(), Sourced { value: *from, span: f.span() })).collect()
        }
    };
    grades.sort_by(|a, b| b.1.value.total_cmp(&a.1.value));
    for (grade, from) in grades.iter().filter(|(_, from)| !(0.0..=100.0).contains(&from.value)) {
        context.report(
            Diagnostic::error(Code::InvalidValue, format!("grade `{grade}` begins at {}", from.value))
                .at(&from.span, "expected a score between 0 and 100"),
        );
    }
    for pair in grades.windows(2) {
        if let [(a, first), (b, second)] = pair
            && first.value.total_cmp(&second.value).is_eq()
        {
            context.report(
                Diagnostic::error(Code::BandOrder, format!("grades `{a}` and `{b}` begin at the same score"))
                    .at(&second.span, "expected another score than the other's")
                    .at(&first.span, "the other"),
            );
        }
    }
    if let Some((lowest, from)) = grades.last().filter(|(_, from)| from.value > 0.0) {
        context.report(
            Diagnostic::error(Code::InvalidValue, format!("scores below {} have no grade", from.value))
                .at(&from.span, format!("expected the lowest grade, `{lowest}`, to begin at 0")),
        );
    }
    let whole = |key: &str, default| Sourced {
        value: f.whole(key).unwrap_or(default),
        span: f.get(key).map_or_else(|| f.span(), |n| n.span.clone()),
    };
    let min_members = whole("min_members", MIN_MEMBERS);
    let min_sample = whole("min_sample", MIN_SAMPLE);
    Some(Scoring { grades, min_coverage: f.number_or("min_coverage", MIN_COVERAGE), min_members, min_sample })
}
