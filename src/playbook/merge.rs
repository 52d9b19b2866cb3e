//! Lays one file over another, key by key.

use super::sections::{OVERRIDABLE, PLAYBOOK, STAGE};
use super::tree;
use crate::config::toml::{Entry, Node, Value};
use crate::diagnostic::{Code, Diagnostic, Findings, Span, did_you_mean};
use crate::format::{Key, Kind, Section};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was taken away, by section and id, with the place that did it.
pub(super) type Removed = BTreeMap<(&'static str, String), Span>;

/// What merging leaves behind besides the tree.
#[derive(Debug, Default, Clone)]
pub(super) struct Trail {
    /// What was found to be wrong.
    pub(super) findings: Findings,
    /// Entries that were removed and not declared again.
    pub(super) removed: Removed,
}

/// Whether `remove` and `before` act at once or wait, as they do within a stage until a group is
/// in it.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Act,
    Wait,
}

/// `child` over `parent`; without a parent the child as it stands by itself.
pub(super) fn over(parent: Option<&Node>, child: &Node, trail: &mut Trail) -> Node {
    table(parent, child, &PLAYBOOK, Mode::Act, trail)
}

/// The overrides of a stage over the playbook. The stage's own tactics are not touched.
pub(super) fn stage_over(playbook: &Node, stage: &Node, trail: &mut Trail) -> Node {
    let overrides = tree::entries(stage).iter().filter(|e| OVERRIDABLE.contains(&e.key.as_str())).cloned().collect();
    let child = Node { span: stage.span.clone(), value: Value::table(overrides) };
    let mut merged = over(Some(playbook), &child, trail);
    merged.span = playbook.span.clone();
    merged
}

/// Gives every stage its tactics in full: those with the id of a tactic of the playbook are laid
/// over it. Where `current` names a stage, what it removes is taken from the playbook's list.
pub(super) fn stage_tactics(playbook: &mut Node, current: Option<&str>, trail: &mut Trail) {
    let top = tree::get(playbook, "tactic").cloned();
    let Value::Table(entries) = &mut playbook.value else { return };
    let entries = Arc::make_mut(entries);
    let mut gone: Vec<String> = Vec::new();
    for stage in entries.iter_mut().filter(|e| e.key == "stage").flat_map(|e| items_mut(&mut e.node)) {
        let is_current = current.is_some() && tree::id(stage) == current;
        let Value::Table(keys) = &mut stage.value else { continue };
        let Some(own) = Arc::make_mut(keys).iter_mut().find(|e| e.key == "tactic") else { continue };
        let Kind::List(section) = key(&STAGE, "tactic").kind else { continue };
        let mut kept = Vec::new();
        for tactic in tree::items(&own.node) {
            let general = top.as_ref().zip(tree::id(tactic)).and_then(|(top, id)| tree::item(top, id));
            if !tree::is_removed(tactic) {
                kept.push(table(general, tactic, section, Mode::Act, trail));
            } else if general.is_none() && !stood_for_something(tactic) {
                removed_nothing(tactic, tree::id(tactic).unwrap_or_default(), top.as_ref(), trail);
            } else if is_current {
                gone.extend(tree::id(tactic).map(str::to_owned));
            }
        }
        own.node.value = Value::list(kept);
    }
    let tactics = entries.iter_mut().find(|e| e.key == "tactic").map(|e| &mut e.node.value);
    if let Some(Value::List(tactics)) = tactics.filter(|_| !gone.is_empty()) {
        Arc::make_mut(tactics).retain(|t| gone.iter().all(|g| tree::id(t) != Some(g)));
    }
}

fn items_mut(node: &mut Node) -> &mut [Node] {
    if let Value::List(items) = &mut node.value { Arc::make_mut(items).as_mut_slice() } else { &mut [] }
}

fn key(section: &'static Section, name: &str) -> Key {
    section.key(name).copied().unwrap_or(crate::format::key("", Kind::Str))
}

fn table(parent: Option<&Node>, child: &Node, section: &'static Section, mode: Mode, trail: &mut Trail) -> Node {
    let Some(parent) = parent.filter(|p| matches!(p.value, Value::Table(_))) else {
        return table(Some(&tree::empty(&child.span)), child, section, mode, trail);
    };
    if !matches!(child.value, Value::Table(_)) {
        return child.clone();
    }
    let lost = resets(parent, child, section);
    let mut merged: Vec<Entry> =
        tree::entries(parent).iter().filter(|e| !lost.contains(&e.key.as_str())).cloned().collect();
    for entry in tree::entries(child) {
        // Such entries were reported when the file was read.
        let Some(key) = section.key(&entry.key).filter(|_| fits(entry, section)) else {
            if matches!(entry.key.as_str(), "remove" | "before") && mode == Mode::Wait {
                put(&mut merged, entry.clone());
            }
            continue;
        };
        let inside_stage =
            std::ptr::eq(section, &STAGE) && (entry.key == "tactic" || OVERRIDABLE.contains(&entry.key.as_str()));
        let mode = if inside_stage { Mode::Wait } else { mode };
        let inherited = tree::get(parent, &entry.key).filter(|_| !lost.contains(&key.name));
        let node = value(inherited, &entry.node, key, mode, trail);
        put(&mut merged, Entry { node, ..entry.clone() });
    }
    if lost.contains(&"origin") && tree::get(child, "origin").is_none() {
        merged.extend(changed_origin(child));
    }
    Node { span: child.span.clone(), value: Value::table(merged) }
}

fn fits(entry: &Entry, section: &'static Section) -> bool {
    // A value of the wrong type must not hide what is inherited key by key.
    match section.key(&entry.key).map(|k| k.kind) {
        Some(Kind::Table(_) | Kind::Entries(_) | Kind::Free(_) | Kind::Attributes) => {
            matches!(entry.node.value, Value::Table(_))
        }
        Some(Kind::List(_)) => matches!(entry.node.value, Value::List(_)),
        _ => true,
    }
}

/// Inherited keys that the child makes void.
fn resets(parent: &Node, child: &Node, section: &'static Section) -> Vec<&'static str> {
    let set = |name: &str| tree::get(child, name).is_some();
    section
        .keys
        .iter()
        .filter(|k| set(k.name))
        .filter(|k| {
            k.name != "better"
                || tree::get(child, k.name).map(|n| &n.value) != tree::get(parent, k.name).map(|n| &n.value)
        })
        .flat_map(|k| k.resets.iter().filter(move |r| **r != k.name))
        .copied()
        // Bands are laid over each other cut by cut, which makes no sense across directions.
        .filter(|r| tree::get(parent, r).is_some() && (*r == "bands" || !set(r)))
        .collect()
}

/// Who moves a threshold without saying why has chosen it.
fn changed_origin(child: &Node) -> Option<Entry> {
    let bands = tree::entry(child, "bands")?;
    let origin = if bands.key_span.source.name.starts_with(super::files::BUILT_IN) { "default" } else { "own" };
    let node = Node { span: bands.key_span.clone(), value: Value::Text(origin.to_owned()) };
    Some(Entry { key: "origin".to_owned(), key_span: bands.key_span.clone(), node })
}

fn put(merged: &mut Vec<Entry>, entry: Entry) {
    match merged.iter_mut().find(|e| e.key == entry.key) {
        Some(place) => *place = entry,
        None => merged.push(entry),
    }
}

fn value(parent: Option<&Node>, child: &Node, key: &Key, mode: Mode, trail: &mut Trail) -> Node {
    match key.kind {
        Kind::Table(section) => table(parent, child, section, mode, trail),
        Kind::Entries(section) => entries(parent, child, key.name, section, mode, trail),
        Kind::List(section) => list(parent, child, key.name, section, mode, trail),
        Kind::Free(_) => free(parent, child, 1),
        Kind::Attributes => free(parent, child, 2),
        _ => child.clone(),
    }
}

/// Tables with free keys, down to a depth.
fn free(parent: Option<&Node>, child: &Node, depth: usize) -> Node {
    let (Some(parent), Value::Table(own)) = (parent, &child.value) else { return child.clone() };
    let mut merged = tree::entries(parent).to_vec();
    for entry in own.iter() {
        let node = match tree::get(parent, &entry.key) {
            Some(inherited) if depth > 1 => free(Some(inherited), &entry.node, depth - 1),
            _ => entry.node.clone(),
        };
        put(&mut merged, Entry { node, ..entry.clone() });
    }
    Node { span: child.span.clone(), value: Value::table(merged) }
}

fn entries(
    parent: Option<&Node>,
    child: &Node,
    name: &'static str,
    section: &'static Section,
    mode: Mode,
    trail: &mut Trail,
) -> Node {
    let mut merged = parent.map(tree::entries).unwrap_or_default().to_vec();
    for entry in tree::entries(child) {
        let inherited = merged.iter().position(|e| e.key == entry.key);
        let old = inherited.and_then(|i| merged.get(i)).map(|e| e.node.clone());
        match one(old.as_ref(), &entry.node, (name, &entry.key), section, mode, trail) {
            Some(node) => put(&mut merged, Entry { node, ..entry.clone() }),
            None if inherited.is_some() => merged.retain(|e| e.key != entry.key),
            None if stood_for_something(&entry.node) => {}
            None => removed_nothing(&entry.node, &entry.key, parent, trail),
        }
    }
    Node { span: child.span.clone(), value: Value::table(merged) }
}

fn list(
    parent: Option<&Node>,
    child: &Node,
    name: &'static str,
    section: &'static Section,
    mode: Mode,
    trail: &mut Trail,
) -> Node {
    let mut merged = parent.map(tree::items).unwrap_or_default().to_vec();
    for item in tree::items(child) {
        let Some(id) = tree::id(item) else { continue };
        let inherited = merged.iter().position(|n| tree::id(n) == Some(id));
        let old = inherited.and_then(|i| merged.get(i)).cloned();
        match (one(old.as_ref(), item, (name, id), section, mode, trail), inherited) {
            (Some(node), Some(index)) => {
                if let Some(place) = merged.get_mut(index) {
                    *place = node;
                }
            }
            (Some(node), None) => merged.push(node),
            (None, Some(index)) => drop(merged.remove(index)),
            (None, None) if stood_for_something(item) => {}
            (None, None) => removed_nothing(item, id, parent, trail),
        }
    }
    if mode == Mode::Act {
        tree::items(child).iter().for_each(|item| place_before(&mut merged, item, trail));
    }
    Node { span: child.span.clone(), value: Value::list(merged) }
}

/// One entry over the one that it inherits from; nothing where it is taken away.
fn one(
    parent: Option<&Node>,
    child: &Node,
    (name, id): (&'static str, &str),
    section: &'static Section,
    mode: Mode,
    trail: &mut Trail,
) -> Option<Node> {
    let removed = tree::is_removed(child);
    match mode {
        Mode::Act if removed => {
            trail.removed.insert((name, id.to_owned()), child.span.clone());
            None
        }
        // What it removes stays visible below the mark, so that the mark is known to have met something.
        Mode::Wait if removed => Some(table(parent, child, section, mode, trail)),
        _ => {
            trail.removed.remove(&(name, id.to_owned()));
            Some(table(parent.filter(|p| !tree::is_removed(p)), child, section, mode, trail))
        }
    }
}

/// Whether a mark of removal lies over an entry.
fn stood_for_something(mark: &Node) -> bool {
    tree::entries(mark).iter().any(|e| !matches!(e.key.as_str(), "id" | "remove" | "before"))
}

fn removed_nothing(mark: &Node, id: &str, parent: Option<&Node>, trail: &mut Trail) {
    let known = parent.into_iter().flat_map(|p| {
        tree::entries(p).iter().map(|e| e.key.as_str()).chain(tree::items(p).iter().filter_map(tree::id))
    });
    let place = tree::entry(mark, "remove").map_or(&mark.span, |e| &e.key_span);
    let finding = Diagnostic::error(Code::RemovedNothing, format!("`{id}` is removed but was not inherited"))
        .at(place, "there is nothing to remove");
    trail.findings.push(match did_you_mean(id, known) {
        Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
        None => finding.with_help("delete this entry"),
    });
}

fn place_before(merged: &mut Vec<Node>, item: &Node, trail: &mut Trail) {
    let (Some(id), Some(before)) = (tree::id(item), tree::get(item, "before")) else { return };
    let Some(target) = tree::text(before) else { return };
    let Some(from) = merged.iter().position(|n| tree::id(n) == Some(id)) else { return };
    let moved = merged.remove(from);
    let to = merged.iter().position(|n| tree::id(n) == Some(target));
    if to.is_none() {
        let known = merged.iter().filter_map(tree::id);
        let finding = Diagnostic::error(Code::UnknownReference, format!("`{target}` is not an entry of this list"))
            .at(&before.span, "expected the id of another entry");
        trail.findings.push(match did_you_mean(target, known) {
            Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
            None => finding,
        });
    }
    merged.insert(to.unwrap_or(from.min(merged.len())), moved);
}
