//! All playbooks that are known, and what each comes to for a group in a stage.

use super::build;
use super::files::{self, Files, Part};
use super::merge::{self, Trail};
use super::model::Playbook;
use super::overlay::{self, Translations};
use super::sections::PLAYBOOK;
use super::{bound, shape, tree, unite};
use crate::config::toml::{Node, Value, parse};
use crate::diagnostic::{Code, Diagnostic, Findings, Span, did_you_mean};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The language of the playbook files themselves.
const OWN_LANGUAGE: &str = "zh-CN";

/// Every playbook and group override, merged on demand.
#[derive(Debug)]
pub struct Library {
    playbooks: BTreeMap<String, Written>,
    groups: BTreeMap<String, Written>,
    chains: BTreeMap<String, Merged>,
    translations: Translations,
    untranslated: Findings,
    judged: Mutex<BTreeMap<Case, Arc<Judged>>>,
}

/// A playbook or group override as it is written.
#[derive(Debug)]
struct Written {
    /// Its parts joined; nothing when one of them is not TOML.
    tree: Option<Node>,
    /// Whether something in its files was reported as wrong.
    broken: bool,
}

/// A playbook over all that it extends.
#[derive(Debug)]
struct Merged {
    chain: Vec<String>,
    tree: Node,
    trail: Trail,
    broken: bool,
}

/// What can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    playbook: String,
    stage: Option<String>,
    group: Option<String>,
}

/// The answer, with everything that is wrong with it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) playbook: Option<Arc<Playbook>>,
    pub(super) findings: Findings,
}

impl Library {
    /// Reads all files: built-in ones (`("base/kpis.toml", text)`) and those of the workspace's
    /// folder, which replace built-in ones of the same path.
    ///
    /// Reports what is wrong with single files, overlays and `extends`; [`Library::check`] reports
    /// the rest. `languages` are those of the site, the default first.
    #[must_use]
    pub fn load(
        built_in: &[(String, String)],
        workspace: Option<&Path>,
        languages: &[String],
        findings: &mut Findings,
    ) -> Self {
        let Files { playbooks, groups } = files::collect(built_in, workspace, findings);
        let wanted: Vec<String> = languages.iter().skip(1).filter(|l| *l != OWN_LANGUAGE).cloned().collect();
        // Files hang on no other; only what is told of them has an order.
        let read = |part: &Part| Read::of(part, &wanted);
        let (playbooks, groups) = rayon::join(
            || {
                let all = |(id, parts): (String, Vec<Part>)| (id, parts.par_iter().map(read).collect(), parts);
                playbooks.into_par_iter().map(all).collect::<Vec<(String, Vec<Read>, Vec<Part>)>>()
            },
            || groups.into_par_iter().map(|(id, part)| (id, read(&part))).collect::<Vec<(String, Read)>>(),
        );
        let mut reader = Reader { translations: Translations::default(), untranslated: Findings::new(), findings };
        let playbooks: BTreeMap<String, Written> =
            playbooks.into_iter().map(|(id, read, parts)| (id.clone(), reader.playbook(&id, &parts, read))).collect();
        let groups: BTreeMap<String, Written> = groups.into_iter().map(|(id, read)| (id, reader.group(read))).collect();
        let Reader { translations, untranslated, .. } = reader;
        let mut library =
            Self { playbooks, groups, chains: BTreeMap::new(), translations, untranslated, judged: Mutex::default() };
        library.chains = library.merge_chains(findings);
        library
    }

    /// The playbooks that groups may name, sorted.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        self.playbooks
            .iter()
            .filter(|(_, w)| w.tree.as_ref().is_none_or(|t| !is_abstract(t)))
            .map(|(id, _)| id.as_str())
            .collect()
    }

    /// The stages of a playbook in order of life.
    #[must_use]
    pub fn stage_ids(&self, playbook: &str) -> Vec<String> {
        let Some(merged) = self.chains.get(playbook) else { return Vec::new() };
        tree::ids(&merged.tree, "stage").into_iter().map(str::to_owned).collect()
    }

    /// The groups that have an override, sorted.
    #[must_use]
    pub fn group_overrides(&self) -> Vec<&str> {
        self.groups.keys().map(String::as_str).collect()
    }

    /// The playbook for a group in a stage, later over earlier: what it extends, itself, the stage,
    /// the group. Nothing when the playbook or the stage does not exist or anything is wrong with
    /// it; [`Library::findings_of`] tells what. The same question gives the same object.
    #[must_use]
    pub fn resolve(&self, playbook: &str, stage: Option<&str>, group: Option<&str>) -> Option<Arc<Playbook>> {
        self.judge(playbook, stage, group)?.playbook.clone()
    }

    /// What is wrong with the playbook for a group in a stage.
    #[must_use]
    pub fn findings_of(&self, playbook: &str, stage: Option<&str>, group: Option<&str>) -> Findings {
        self.judge(playbook, stage, group).map(|j| j.findings.clone()).unwrap_or_default()
    }

    /// Resolves every playbook without a stage and in each of its stages, and every group override,
    /// and reports each finding once.
    pub fn check(&self, findings: &mut Findings) {
        bound::check(self, findings);
        findings.extend(self.untranslated.clone());
    }

    /// The answer to a question, computed once; nothing for unknown playbooks and stages.
    pub(super) fn judge(&self, playbook: &str, stage: Option<&str>, group: Option<&str>) -> Option<Arc<Judged>> {
        let merged = self.chains.get(playbook)?;
        if stage.is_some_and(|s| !tree::ids(&merged.tree, "stage").contains(&s)) {
            return None;
        }
        let case = Case {
            playbook: playbook.to_owned(),
            stage: stage.map(str::to_owned),
            group: group.filter(|g| self.groups.contains_key(*g)).map(str::to_owned),
        };
        if let Some(known) = self.judged.lock().unwrap_or_else(PoisonError::into_inner).get(&case) {
            return Some(Arc::clone(known));
        }
        let answer = Arc::new(self.work_out(merged, &case));
        self.judged.lock().unwrap_or_else(PoisonError::into_inner).insert(case, Arc::clone(&answer));
        Some(answer)
    }

    fn work_out(&self, merged: &Merged, case: &Case) -> Judged {
        let mut trail = merged.trail.clone();
        let mut whole = merged.tree.clone();
        let stage = case.stage.as_deref();
        if let Some(own) = stage_of(&merged.tree, stage) {
            whole = merge::stage_over(&whole, own, &mut trail);
        }
        let mut broken = merged.broken;
        if let Some(group) = case.group.as_ref().and_then(|g| self.groups.get(g)) {
            broken |= group.broken || group.tree.is_none();
            if let Some(own) = &group.tree {
                let own = known_stages(own, &whole, &mut trail.findings);
                whole = merge::over(Some(&whole), &own, &mut trail);
                if let Some(own) = stage_of(&own, stage) {
                    whole = merge::stage_over(&whole, own, &mut trail);
                }
            }
        }
        merge::stage_tactics(&mut whole, stage, &mut trail);
        let names = build::Identity { id: &case.playbook, chain: &merged.chain, stage };
        let (playbook, found) = build::build(&whole, &names, &trail.removed, &self.translations);
        let mut findings = trail.findings;
        findings.extend(found);
        let playbook = playbook.filter(|_| !broken && !findings.has_errors()).map(Arc::new);
        Judged { playbook, findings }
    }

    /// Every playbook that groups may name over all that it extends; those whose chain is broken
    /// are reported and left out.
    fn merge_chains(&self, findings: &mut Findings) -> BTreeMap<String, Merged> {
        let mut chains = BTreeMap::new();
        let mut told: Vec<String> = Vec::new();
        for id in self.playbooks.keys() {
            let chain = match self.chain(id) {
                Ok(chain) => chain,
                Err(finding) => {
                    // Every playbook of a circle and below it meets the same mistake.
                    let key = finding.labels.first().map(|l| format!("{:?}", l.place)).unwrap_or_default();
                    if !told.contains(&key) {
                        told.push(key);
                        findings.push(*finding);
                    }
                    continue;
                }
            };
            let written: Vec<&Written> = chain.iter().filter_map(|c| self.playbooks.get(c)).collect();
            let trees: Option<Vec<&Node>> = written.iter().map(|w| w.tree.as_ref()).collect();
            let Some(trees) = trees else { continue };
            let Some(own) = trees.last().filter(|t| !is_abstract(t)) else { continue };
            let mut trail = Trail::default();
            let mut whole: Option<Node> = None;
            for tree in &trees {
                whole = Some(merge::over(whole.as_ref(), tree, &mut trail));
            }
            let tree = whole.unwrap_or_else(|| (*own).clone());
            chains.insert(id.clone(), Merged { chain, tree, trail, broken: written.iter().any(|w| w.broken) });
        }
        chains
    }

    /// The playbooks from the root to this one.
    fn chain(&self, id: &str) -> Result<Vec<String>, Box<Diagnostic>> {
        let mut chain: Vec<(String, Option<Span>)> = vec![(id.to_owned(), None)];
        while let Some((current, _)) = chain.last() {
            let parent = self.playbooks.get(current).and_then(|w| parent_of(w.tree.as_ref()?));
            let Some((name, span)) = parent else { break };
            if let Some(start) = chain.iter().position(|(c, _)| *c == name) {
                return Err(Box::new(circle(chain.split_off(start), name, span)));
            }
            if !self.playbooks.contains_key(&name) {
                return Err(Box::new(self.orphan(&chain, &name, &span)));
            }
            chain.push((name, Some(span)));
        }
        Ok(chain.into_iter().rev().map(|(id, _)| id).collect())
    }

    fn orphan(&self, chain: &[(String, Option<Span>)], parent: &str, span: &Span) -> Diagnostic {
        let child = chain.last().map_or("", |(c, _)| c.as_str());
        let mut finding =
            Diagnostic::error(Code::UnknownParent, format!("`{child}` extends `{parent}`, which does not exist"))
                .at(span, "no such playbook in the workspace or built in");
        if chain.len() > 1 {
            let names: Vec<&str> = chain.iter().map(|(c, _)| c.as_str()).chain([parent]).collect();
            finding = finding.with_note(format!("reached through {}", arrows(&names)));
        }
        match did_you_mean(parent, self.playbooks.keys().map(String::as_str).filter(|k| *k != child)) {
            Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
            None => finding,
        }
    }
}

fn circle(mut chain: Vec<(String, Option<Span>)>, back: String, span: Span) -> Diagnostic {
    chain.push((back, Some(span)));
    // Wherever the search began, a circle is told from its first name, so that it is told once.
    let steps: Vec<(String, String, Span)> = chain
        .windows(2)
        .filter_map(|pair| match pair {
            [(from, _), (to, Some(span))] => Some((from.clone(), to.clone(), span.clone())),
            _ => None,
        })
        .collect();
    let first = steps.iter().enumerate().min_by_key(|(_, (from, _, _))| from.clone()).map_or(0, |(i, _)| i);
    let ordered: Vec<&(String, String, Span)> = steps.iter().cycle().skip(first).take(steps.len()).collect();
    let mut names: Vec<&str> = ordered.iter().map(|(from, _, _)| from.as_str()).collect();
    names.extend(names.first().copied());
    let mut finding =
        Diagnostic::error(Code::ExtendsCycle, format!("playbooks extend each other in a circle: {}", arrows(&names)));
    for (from, to, span) in ordered {
        finding = finding.at(span, format!("`{from}` extends `{to}`"));
    }
    finding.with_help("remove one `extends`; the playbook that all others build on has none")
}

/// `a → b → c`, in quotes.
pub(super) fn arrows(names: &[&str]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" → ")
}

fn is_abstract(playbook: &Node) -> bool {
    matches!(tree::get(playbook, "abstract"), Some(Node { value: Value::Bool(true), .. }))
}

fn stage_of<'a>(playbook: &'a Node, stage: Option<&str>) -> Option<&'a Node> {
    tree::item(tree::get(playbook, "stage")?, stage?)
}

/// The override without stages that the playbook does not have: a group cannot add any.
fn known_stages(group: &Node, playbook: &Node, findings: &mut Findings) -> Node {
    let known = tree::ids(playbook, "stage");
    let mut group = group.clone();
    let Value::Table(entries) = &mut group.value else { return group };
    for entry in Arc::make_mut(entries).iter_mut().filter(|e| e.key == "stage") {
        let Value::List(stages) = &mut entry.node.value else { continue };
        Arc::make_mut(stages).retain(|stage| {
            let Some(place) = tree::get(stage, "id") else { return false };
            let Some(id) = tree::text(place).filter(|id| !known.contains(id)) else { return true };
            let finding = Diagnostic::error(Code::UnknownReference, format!("there is no stage `{id}`"))
                .at(&place.span, "a group cannot add stages");
            findings.push(match did_you_mean(id, known.iter().copied()) {
                Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
                None => finding,
            });
            false
        });
    }
    group
}

/// The playbook that a playbook extends, with the place that says so.
fn parent_of(playbook: &Node) -> Option<(String, Span)> {
    let node = tree::get(playbook, "extends")?;
    Some((tree::text(node)?.to_owned(), node.span.clone()))
}

/// A file with its overlays, read.
struct Read {
    tree: Option<Node>,
    translations: Translations,
    untranslated: Findings,
    findings: Findings,
}

impl Read {
    fn of(part: &Part, wanted: &[String]) -> Self {
        let (mut translations, mut untranslated, mut findings) =
            (Translations::default(), Findings::new(), Findings::new());
        let tree = parse(&part.source, &mut findings);
        if let Some(tree) = &tree {
            shape::check(tree, &PLAYBOOK, &mut findings);
        }
        for (language, source) in &part.overlays {
            if let Some(overlay) = parse(source, &mut findings)
                && let Some(tree) = &tree
            {
                overlay::lay(&overlay, tree, &PLAYBOOK, language, &mut translations, &mut findings);
            }
        }
        if let Some(tree) = &tree {
            overlay::missing(tree, &PLAYBOOK, wanted, &translations, &mut untranslated);
        }
        Self { tree, translations, untranslated, findings }
    }
}

/// Takes files that were read one after the other.
struct Reader<'a> {
    translations: Translations,
    untranslated: Findings,
    findings: &'a mut Findings,
}

impl Reader<'_> {
    fn playbook(&mut self, id: &str, parts: &[Part], read: Vec<Read>) -> Written {
        let before = self.findings.items().len();
        if !tree::is_snake_case(id) {
            let file = parts.first().map_or(id, |p| p.source.name.as_str());
            self.findings.push(
                Diagnostic::error(Code::InvalidId, format!("`{id}` is not an id"))
                    .at_file(file, "a playbook is named after its file: lower-case letters, digits and `_`"),
            );
        }
        let mut whole: Option<Node> = None;
        let mut readable = true;
        for part in read {
            let Some(tree) = self.take(part) else {
                readable = false;
                continue;
            };
            whole = Some(match whole {
                Some(before) => unite::join(&before, &tree, self.findings),
                None => tree,
            });
        }
        let broken = self.findings.items().len() > before;
        Written { tree: whole.filter(|_| readable), broken }
    }

    fn group(&mut self, read: Read) -> Written {
        let before = self.findings.items().len();
        let tree = self.take(read);
        for key in ["extends", "abstract"] {
            if let Some(entry) = tree.as_ref().and_then(|t| tree::entry(t, key)) {
                self.findings.push(
                    Diagnostic::error(Code::UnknownKey, format!("a group override has no `{key}`"))
                        .at(&entry.key_span, "not a key of a group override")
                        .with_help("the group's row in `groups.csv` names its playbook"),
                );
            }
        }
        Written { tree, broken: self.findings.items().len() > before }
    }

    fn take(&mut self, read: Read) -> Option<Node> {
        let Read { tree, translations, untranslated, findings } = read;
        self.translations.join(translations);
        self.untranslated.extend(untranslated);
        self.findings.extend(findings);
        tree
    }
}
