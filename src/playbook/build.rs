//! From a merged tree to a valid playbook.

use super::fields::{Context, Fields};
use super::merge::Removed;
use super::model::Playbook;
use super::overlay::Translations;
use super::scope::Vocabulary;
use super::sections::PLAYBOOK;
use super::{kpis, manual, measures, people, shape, tree, waivers};
use crate::config::toml::Node;
use crate::diagnostic::{Code, Diagnostic, Findings, Span};
use crate::format::{ATTRIBUTE_TYPES, Kind};
use crate::schema::{ColumnType, Table};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Which playbook this is.
pub(super) struct Identity<'a> {
    pub(super) id: &'a str,
    pub(super) chain: &'a [String],
    pub(super) stage: Option<&'a str>,
}

/// Reads and validates a merged playbook. Nothing is given when something essential is missing;
/// whether the rest is valid is told by the findings.
pub(super) fn build(
    root: &Node,
    identity: &Identity<'_>,
    removed: &Removed,
    translations: &Translations,
) -> (Option<Playbook>, Findings) {
    let vocabulary = Vocabulary { attributes: attributes(root), measures: BTreeMap::new() };
    let findings = RefCell::new(Findings::new());
    let mut context = Context { translations, removed, vocabulary, ids: ids(root), findings };
    let measures = measures::read(root, &mut context);
    let playbook = read(root, identity, &context, measures);
    let attributes = std::mem::take(&mut context.vocabulary.attributes);
    (playbook.map(|p| Playbook { attributes, ..p }), context.findings.into_inner())
}

fn read(root: &Node, identity: &Identity<'_>, context: &Context<'_>, measures: people::Measures) -> Option<Playbook> {
    let name = format!("playbook `{}`", identity.id);
    shape::complete(root, &PLAYBOOK, &name, &mut context.findings.borrow_mut());
    let f = Fields { id: identity.id, node: root, section: &PLAYBOOK, context };
    let kpis = context.each(root, &PLAYBOOK, "kpi", |f| kpis::kpi(f, &measures));
    let boards = context.each(root, &PLAYBOOK, "board", kpis::board);
    let principles = context.each(root, &PLAYBOOK, "principle", kpis::principle);
    let funnels = context.each(root, &PLAYBOOK, "funnel", |f| people::funnel(f, &measures));
    let segments = context.each(root, &PLAYBOOK, "segment", people::segment);
    let churn = context.each(root, &PLAYBOOK, "churn", people::segment);
    people::only_the_last_is_open(root, "segment", context);
    people::only_the_last_is_open(root, "churn", context);
    let alerts = context.each(root, &PLAYBOOK, "alert", people::alert);
    let rankings = context.each(root, &PLAYBOOK, "ranking", people::ranking);
    let breakdowns = context.each(root, &PLAYBOOK, "breakdown", |f| people::breakdown(f, &measures));
    let tactics = context.each(root, &PLAYBOOK, "tactic", people::tactic);
    let stages = context.each(root, &PLAYBOOK, "stage", people::stage);
    aliases_are_unique(root, context);
    let scoring = kpis::scoring(root, context);
    Some(Playbook {
        id: identity.id.to_owned(),
        chain: identity.chain.to_vec(),
        name: f.text("name")?,
        summary: f.text("summary"),
        stage: identity.stage.map(str::to_owned),
        attributes: BTreeMap::new(),
        kpis,
        boards,
        principles,
        funnels,
        segments,
        churn,
        alerts,
        rankings,
        breakdowns,
        tactics,
        stages,
        roles: context.each(root, &PLAYBOOK, "role", manual::role),
        positioning: manual::positioning(root, context),
        rules: context.each(root, &PLAYBOOK, "rule", manual::passage),
        artefacts: context.each(root, &PLAYBOOK, "artefact", manual::passage),
        tiers: context.each(root, &PLAYBOOK, "tier", manual::tier),
        tasks: context.each(root, &PLAYBOOK, "task", manual::task),
        sops: context.each(root, &PLAYBOOK, "sop", manual::sop),
        calendar: manual::calendar(root, context),
        selection: manual::selection(root, context),
        pdca: manual::pdca(root, context),
        scoring: scoring?,
        waivers: context.each(root, &PLAYBOOK, "waiver", waivers::waiver),
        measures,
    })
}

/// Declared extra columns; unknown types were reported when their file was read.
fn attributes(root: &Node) -> BTreeMap<Table, BTreeMap<String, ColumnType>> {
    let mut attributes: BTreeMap<Table, BTreeMap<String, ColumnType>> = BTreeMap::new();
    for entry in tree::get(root, "attribute").map(tree::entries).unwrap_or_default() {
        let Some(table) = Table::parse(&entry.key) else { continue };
        for column in tree::entries(&entry.node) {
            let declared = tree::text(&column.node)
                .and_then(|name| ATTRIBUTE_TYPES.iter().find(|(n, _)| *n == name))
                // A column of an unknown type is still a column.
                .map_or(ColumnType::Text, |(_, kind)| *kind);
            attributes.entry(table).or_default().insert(column.key.clone(), declared);
        }
    }
    attributes
}

/// The ids of every section, those of tactics with the tactics of all stages.
fn ids(root: &Node) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut ids: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for key in PLAYBOOK.keys.iter().filter(|k| matches!(k.kind, Kind::Entries(_) | Kind::List(_))) {
        ids.insert(key.name, tree::ids(root, key.name).into_iter().map(str::to_owned).collect());
    }
    for stage in tree::get(root, "stage").map(tree::items).unwrap_or_default() {
        ids.entry("tactic").or_default().extend(tree::ids(stage, "tactic").into_iter().map(str::to_owned));
    }
    ids
}

/// Reports a name of a stage that the data could use for two of them.
fn aliases_are_unique(root: &Node, context: &Context<'_>) {
    let mut seen: BTreeMap<String, (usize, Span)> = BTreeMap::new();
    for (index, stage) in tree::get(root, "stage").map(tree::items).unwrap_or_default().iter().enumerate() {
        let own = tree::get(stage, "id").into_iter();
        let others = tree::get(stage, "aliases").map(tree::items).unwrap_or_default();
        for node in own.chain(others) {
            let Some(name) = tree::text(node) else { continue };
            if let Some((_, first)) = seen.get(name).filter(|(owner, _)| *owner != index) {
                context.report(
                    Diagnostic::error(Code::DuplicateId, format!("`{name}` names two stages"))
                        .at(&node.span, "used again here")
                        .at(first, "first used here"),
                );
            }
            seen.entry(name.to_owned()).or_insert_with(|| (index, node.span.clone()));
        }
    }
}
