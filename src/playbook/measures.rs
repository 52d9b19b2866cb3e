//! Measures: in which order they can be computed, and their types.

use super::fields::{Context, Fields};
use super::library::arrows;
use super::model::{Absent, Aggregate, At, CombineWith, DistinctKey, Fallback, Grain, Measure};
use super::scope::{Place, Readable};
use super::sections::{AGGREGATES, PLAYBOOK, UNCOMBINED};
use super::{Formula, Reference, shape, tree};
use crate::config::toml::{Node, Value};
use crate::diagnostic::{Code, Diagnostic, Span, list};
use crate::expr::{Type, Want, names};
use crate::format::Kind;
use crate::schema::Table;
use std::collections::{BTreeMap, BTreeSet};

/// Reads every measure of a merged playbook, those that others use first, and makes them known to
/// all other expressions.
pub(super) fn read(root: &Node, context: &mut Context<'_>) -> BTreeMap<String, Measure> {
    let nodes: BTreeMap<&str, &Node> = tree::get(root, "measure")
        .map(tree::entries)
        .unwrap_or_default()
        .iter()
        .map(|e| (e.key.as_str(), &e.node))
        .collect();
    for (id, grains) in grains(&nodes, context) {
        context.vocabulary.measures.insert(id.to_owned(), Readable { ty: Type::Null, grains, tied: false });
    }
    let uses: BTreeMap<&str, Vec<Use>> = nodes.iter().map(|(id, node)| (*id, uses(node, context))).collect();
    let mut order =
        Order { uses: &uses, state: BTreeMap::new(), path: Vec::new(), sorted: Vec::new(), circles: vec![] };
    for id in nodes.keys() {
        order.visit(id);
    }
    let Order { sorted, circles, .. } = order;
    circles.into_iter().for_each(|c| context.report(c));
    let Some(Kind::Entries(section)) = PLAYBOOK.key("measure").map(|k| k.kind) else { return BTreeMap::new() };
    let mut measures = BTreeMap::new();
    for id in sorted {
        let Some(node) = nodes.get(id) else { continue };
        shape::complete(node, section, &format!("`{id}`"), &mut context.findings.borrow_mut());
        let measure = measure(&Fields { id, node, section, context });
        if let Some(measure) = measure {
            let tied = is_tied(&measure, &context.vocabulary.measures);
            if let Some(known) = context.vocabulary.measures.get_mut(id) {
                known.ty = measure.ty;
                known.tied = tied;
            }
            measures.insert(id.to_owned(), measure);
        }
    }
    measures
}

fn table_of(node: &Node) -> Option<Table> {
    Table::parse(tree::text(tree::get(node, "table")?)?)
}

/// Whether a measure is of the report's period whatever window it is read over: its rows are chosen by
/// the period, or by what other measures say of it.
fn is_tied(measure: &Measure, known: &BTreeMap<String, Readable>) -> bool {
    let of_period =
        |f: &Formula| f.expr.depends_on_period() || f.refs.iter().any(|r| matches!(r, Reference::Measure { .. }));
    let argument = match &measure.aggregate {
        Aggregate::Combine { parts, .. } => {
            return parts.iter().any(|p| known.get(&p.value).is_some_and(|r| r.tied));
        }
        Aggregate::CountDistinct(keys) => keys.iter().any(|k| matches!(k, DistinctKey::Formula(f) if of_period(f))),
        Aggregate::Sum(f) | Aggregate::Avg(f) | Aggregate::Min(f) | Aggregate::Max(f) | Aggregate::Median(f) => {
            of_period(f)
        }
        Aggregate::Count | Aggregate::Streak => false,
    };
    argument || measure.filter.as_ref().is_some_and(of_period)
}

/// Where each measure can be read: where all its parts can, for a composed one.
fn grains<'a>(nodes: &BTreeMap<&'a str, &Node>, context: &Context<'_>) -> BTreeMap<&'a str, BTreeSet<Grain>> {
    let all = BTreeSet::from([Grain::Group, Grain::Member, Grain::Post, Grain::Product]);
    // Without a table a measure is wrong anyway and must not cause more findings.
    let own = |node| table_of(node).map_or_else(|| all.clone(), |t| context.vocabulary.grains(t));
    let mut grains: BTreeMap<&str, BTreeSet<Grain>> = nodes
        .iter()
        .map(|(id, node)| (*id, if tree::get(node, "combine").is_some() { all.clone() } else { own(*node) }))
        .collect();
    // Grains are only ever lost, so this comes to rest, circles included.
    loop {
        let before = grains.clone();
        for (id, node) in nodes {
            let parts = tree::get(node, "combine").map(tree::items).unwrap_or_default();
            for part in parts.iter().filter_map(tree::text).filter_map(|p| before.get(p)) {
                if let Some(mine) = grains.get_mut(id) {
                    mine.retain(|g| part.contains(g));
                }
            }
        }
        if grains == before {
            return grains;
        }
    }
}

/// A measure that another one uses.
struct Use {
    id: String,
    span: Span,
}

/// The measures that a measure reads. Names are told apart from columns as the compiler does.
fn uses(node: &Node, context: &Context<'_>) -> Vec<Use> {
    let known = &context.vocabulary.measures;
    let mut found = Vec::new();
    for part in tree::get(node, "combine").map(tree::items).unwrap_or_default() {
        if let Some(id) = tree::text(part).filter(|id| known.contains_key(*id)) {
            found.push(Use { id: id.to_owned(), span: part.span.clone() });
        }
    }
    let Some(table) = table_of(node) else { return found };
    let keys = ["where", "sum", "avg", "min", "max", "median", "count_distinct"];
    let texts = keys.iter().filter_map(|k| tree::get(node, k)).flat_map(|n| match &n.value {
        Value::List(items) => items.iter().collect(),
        _ => vec![n],
    });
    for text in texts {
        for name in tree::text(text).and_then(|t| names(t).ok()).unwrap_or_default() {
            let from = if name.qualifier.as_deref() == Some("group") { Table::Groups } else { table };
            let is_column = name.window.is_none() && context.vocabulary.column(from, &name.name).is_some();
            if !is_column && known.contains_key(&name.name) {
                found.push(Use { id: name.name, span: text.span.clone() });
            }
        }
    }
    found
}

/// A walk over what uses what, in the order of ids.
struct Order<'a> {
    uses: &'a BTreeMap<&'a str, Vec<Use>>,
    /// Whether a measure is done; absent when not reached yet.
    state: BTreeMap<&'a str, bool>,
    path: Vec<(&'a str, Option<&'a Span>)>,
    sorted: Vec<&'a str>,
    circles: Vec<Diagnostic>,
}

impl<'a> Order<'a> {
    fn visit(&mut self, id: &'a str) {
        if self.state.contains_key(id) {
            return;
        }
        self.state.insert(id, false);
        let all = self.uses;
        self.path.push((id, None));
        for used in all.get(id).into_iter().flatten() {
            let Some((next, _)) = all.get_key_value(used.id.as_str()) else { continue };
            if let Some(last) = self.path.last_mut() {
                last.1 = Some(&used.span);
            }
            match self.state.get(next) {
                Some(true) => {}
                Some(false) => self.circle(next),
                None => self.visit(next),
            }
        }
        self.path.pop();
        self.state.insert(id, true);
        self.sorted.push(id);
    }

    fn circle(&mut self, back: &str) {
        let start = self.path.iter().position(|(id, _)| *id == back).unwrap_or(0);
        let steps = self.path.get(start..).unwrap_or_default();
        let mut names: Vec<&str> = steps.iter().map(|(id, _)| *id).collect();
        names.push(back);
        let mut finding =
            Diagnostic::error(Code::MeasureCycle, format!("measures use each other in a circle: {}", arrows(&names)));
        for ((_, span), pair) in steps.iter().zip(names.windows(2)) {
            if let (Some(span), [from, to]) = (span, pair) {
                finding = finding.at(span, format!("`{from}` uses `{to}`"));
            }
        }
        self.circles.push(finding.with_help("none of them can be computed first; break the circle"));
    }
}

fn measure(f: &Fields<'_>) -> Option<Measure> {
    let aggregate = only_one(f, AGGREGATES, "an aggregate");
    if aggregate == Some("combine") {
        return composed(f);
    }
    if let Some(node) = f.get("combine_with") {
        f.report_value(node, "`combine_with` without `combine`", "it beside `combine` only");
    }
    let Some(table) = table_of(f.node) else {
        if f.get("table").is_none() && aggregate.is_some() {
            f.context.report(
                Diagnostic::error(Code::MissingKey, format!("`{}` has no `table`", f.id))
                    .at(&f.node.span, "`table` is required for a measure"),
            );
        }
        return None;
    };
    let place = Place::Row(table);
    let filter = f.get("where").map(|_| f.formula("where", place, Want::Bool));
    let on = time_column(f, table);
    let at = at(f, table);
    let fallback = f.get("fallback").map(|_| fallback(f));
    let aggregate = aggregate.and_then(|key| match key {
        "count" => Some(Aggregate::Count),
        "count_distinct" => distinct(f, place, on.as_ref()?.is_some()).map(Aggregate::CountDistinct),
        "streak" if on.as_ref()?.is_none() => {
            let node = f.get("streak")?;
            f.report_value(node, format!("rows of `{table}` do not happen on a day"), "a table of things that happen");
            None
        }
        "streak" => Some(Aggregate::Streak),
        _ => argument(f, f.get(key)?, key, place),
    });
    let (aggregate, filter, fallback) = (aggregate?, all_or_none(filter)?, all_or_none(fallback)?);
    let ty = type_of(&aggregate);
    Some(Measure {
        id: f.id.to_owned(),
        name: f.text("name"),
        table: Some(table),
        aggregate,
        filter,
        on: on?,
        at: at?,
        fallback,
        absent: f.word("absent", &[("no_data", Absent::NoData), ("zero", Absent::Zero)]),
        ty,
        span: f.span(),
    })
}

/// Nothing when there is a value that is wrong; otherwise the value, if there is one.
pub(super) fn all_or_none<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        Some(None) => None,
        Some(some) => Some(some),
        None => Some(None),
    }
}

/// The one key of several that is there; reported when there is none or more than one.
pub(super) fn only_one(f: &Fields<'_>, keys: &'static [&'static str], what: &str) -> Option<&'static str> {
    let there: Vec<&'static str> = keys.iter().copied().filter(|k| f.get(k).is_some()).collect();
    match there.as_slice() {
        [one] => Some(one),
        [] => {
            f.context.report(
                Diagnostic::error(
                    Code::MissingKey,
                    format!("`{}` has no {}", f.id, what.trim_start_matches("an ").trim_start_matches("a ")),
                )
                .at(&f.node.span, format!("expected one of {}", list(keys, "or"))),
            );
            None
        }
        [first, second, ..] => {
            let place = |key: &str| tree::entry(f.node, key).map_or(&f.node.span, |e| &e.key_span);
            f.context.report(
                Diagnostic::error(Code::InvalidValue, format!("`{}` has both `{first}` and `{second}`", f.id))
                    .at(place(second), format!("{what} is given already"))
                    .at(place(first), "here")
                    .with_help("keep one of them"),
            );
            None
        }
    }
}

fn composed(f: &Fields<'_>) -> Option<Measure> {
    for key in UNCOMBINED {
        if let Some(entry) = tree::entry(f.node, key) {
            f.context.report(
                Diagnostic::error(Code::InvalidValue, format!("`{}` is composed and has no rows of its own", f.id))
                    .at(&entry.key_span, "not a key of a composed measure")
                    .with_help(format!("set `{key}` in its parts")),
            );
        }
    }
    let parts = f.strings("combine");
    let with =
        f.word("combine_with", &[("sum", CombineWith::Sum), ("max", CombineWith::Max), ("min", CombineWith::Min)]);
    let with = with.unwrap_or(CombineWith::Sum);
    if parts.is_empty() {
        f.report_value(f.get("combine")?, "`combine` names no measure", "the ids of measures");
        return None;
    }
    let known: Vec<bool> = parts.iter().map(|p| f.context.refers("measure", &p.value, &p.span)).collect();
    if known.contains(&false) {
        return None;
    }
    let mut ty = Type::Null;
    for part in &parts {
        let own = f.context.vocabulary.measures.get(&part.value)?.ty;
        let fits = ty.common(own).filter(|t| with != CombineWith::Sum || t.is_number() || *t == Type::Null);
        let Some(common) = fits else {
            let title = format!("`{}` cannot be taken together with the others", part.value);
            f.context.report(Diagnostic::error(Code::ExprType, title).at(&part.span, format!("this is {own}")));
            return None;
        };
        ty = common;
    }
    Some(Measure {
        id: f.id.to_owned(),
        name: f.text("name"),
        table: None,
        aggregate: Aggregate::Combine { parts, with },
        filter: None,
        on: None,
        at: None,
        fallback: None,
        absent: None,
        ty,
        span: f.span(),
    })
}

/// The time column of the rows: the one named by `on` or the table's own.
#[allow(clippy::option_option)]
fn time_column(f: &Fields<'_>, table: Table) -> Option<Option<String>> {
    let Some(node) = f.get("on") else { return Some(table.time().map(str::to_owned)) };
    let name = tree::text(node)?;
    if table.time().is_none() {
        let title = format!("windows do not select rows of `{table}`");
        f.report_value(node, title, &format!("`within({name}, 'window')` in `where` instead"));
        return None;
    }
    match f.context.vocabulary.column(table, name).map(Type::from) {
        Some(Type::Time) => Some(Some(name.to_owned())),
        Some(other) => {
            f.context.report(
                Diagnostic::error(Code::ExprType, format!("`{name}` is not a time"))
                    .at(&node.span, format!("this is {other}")),
            );
            None
        }
        None => {
            f.context.report(
                Diagnostic::error(Code::ExprUnknownName, format!("unknown column `{name}` of `{table}`"))
                    .at(&node.span, "expected a time column"),
            );
            None
        }
    }
}

#[allow(clippy::option_option)]
fn at(f: &Fields<'_>, table: Table) -> Option<Option<At>> {
    let Some(node) = f.get("at") else { return Some(None) };
    if table != Table::Members {
        f.report_value(node, format!("`{table}` is not a stock"), "it on a measure over `members` only");
        return None;
    }
    Some(f.word("at", &[("start", At::Start), ("end", At::End), ("during", At::During)]))
}

fn fallback(f: &Fields<'_>) -> Option<Fallback> {
    let node = f.get("fallback")?;
    let Some(Kind::Table(section)) = f.section.key("fallback").map(|k| k.kind) else { return None };
    let name = format!("the fallback of `{}`", f.id);
    shape::complete(node, section, &name, &mut f.context.findings.borrow_mut());
    let inner = Fields { id: "fallback", node, section, context: f.context };
    let key = only_one(&inner, &["avg", "sum", "min", "max"], "an aggregate")?;
    let aggregate = argument(&inner, inner.get(key)?, key, Place::Row(Table::Daily))?;
    Some(Fallback { table: Table::Daily, aggregate })
}

fn distinct(f: &Fields<'_>, place: Place, happens: bool) -> Option<Vec<DistinctKey>> {
    let Place::Row(table) = place else { return None };
    let node = f.get("count_distinct")?;
    let items: Vec<&Node> = if let Value::List(items) = &node.value { items.iter().collect() } else { vec![node] };
    if items.is_empty() {
        f.report_value(node, "`count_distinct` names no column", "a column or a list of columns");
        return None;
    }
    let keys: Vec<Option<DistinctKey>> = items
        .into_iter()
        .map(|item| match tree::text(item)? {
            "member_id" if f.context.vocabulary.column(table, "member_id").is_some() => Some(DistinctKey::Member),
            "day" if happens => Some(DistinctKey::Day),
            _ => f.context.formula(item, place, Want::Any).map(DistinctKey::Formula),
        })
        .collect();
    keys.into_iter().collect()
}

/// An aggregate of an expression.
fn argument(f: &Fields<'_>, node: &Node, key: &str, place: Place) -> Option<Aggregate> {
    let want = if matches!(key, "min" | "max") { Want::Any } else { Want::Number };
    let formula: Formula = f.context.formula(node, place, want)?;
    if want == Want::Any && matches!(formula.ty(), Type::Bool | Type::Text) {
        f.context.report(
            Diagnostic::error(Code::ExprType, format!("`{key}` needs a number or a time"))
                .at(&node.span, format!("this is {}", formula.ty())),
        );
        return None;
    }
    Some(match key {
        "sum" => Aggregate::Sum(formula),
        "avg" => Aggregate::Avg(formula),
        "min" => Aggregate::Min(formula),
        "max" => Aggregate::Max(formula),
        _ => Aggregate::Median(formula),
    })
}

fn type_of(aggregate: &Aggregate) -> Type {
    match aggregate {
        Aggregate::Count | Aggregate::CountDistinct(_) | Aggregate::Streak => Type::Int,
        Aggregate::Avg(_) | Aggregate::Median(_) => Type::Float,
        Aggregate::Sum(f) | Aggregate::Min(f) | Aggregate::Max(f) => f.ty(),
        Aggregate::Combine { .. } => Type::Null,
    }
}
