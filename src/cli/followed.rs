//! Which playbooks the groups of a drop follow.

use super::workspace::Workspace;
use crate::data::{Layout, ScanOptions, Sources, Verdict, scan};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity, did_you_mean};
use crate::playbook::Playbook;
use crate::schema::Table;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A playbook as a group follows it: its id, and the group whose overrides apply.
pub(super) type Key = (String, Option<String>);

/// The playbooks that groups follow, without a stage.
pub(super) fn playbooks(
    workspace: &Workspace,
    sources: &Sources,
    findings: &mut Findings,
) -> BTreeMap<Key, Arc<Playbook>> {
    let config = &workspace.config;
    let library = &workspace.playbooks;
    let own = library.group_overrides();
    let layout = Layout { table: Table::Groups, attributes: Vec::new() };
    let slots = (layout.slot("group_id"), layout.slot("playbook"));
    let inferred = config.data.infer.groups.as_deref();
    let mut keys: BTreeSet<Key> = inferred.map(|p| (p.to_owned(), None)).into_iter().collect();
    scan(sources, Table::Groups, &layout, &mut ScanOptions { config, quarantine: None }, &mut |row| {
        let (id, playbook) = (slots.0.and_then(|s| row.text(s)), slots.1.and_then(|s| row.text(s)));
        if let (Some(id), Some(playbook)) = (id, playbook.or(inferred)) {
            keys.insert((playbook.to_owned(), own.contains(&id).then(|| id.to_owned())));
        }
        Verdict::Keep
    });
    let mut found = BTreeMap::new();
    for key in keys {
        match library.resolve(&key.0, None, key.1.as_deref()) {
            Some(playbook) => {
                found.insert(key, playbook);
            }
            None => {
                let why = library.findings_of(&key.0, None, key.1.as_deref());
                why.items().iter().filter(|f| f.severity == Severity::Error).for_each(|f| findings.push(f.clone()));
                if !findings.has_errors() {
                    let known = library.ids();
                    let mut finding = Diagnostic::error(
                        Code::UnknownPlaybook,
                        format!("a group follows an unknown playbook `{}`", key.0),
                    );
                    if let Some(meant) = did_you_mean(&key.0, known) {
                        finding = finding.with_help(format!("did you mean `{meant}`?"));
                    }
                    findings.push(finding);
                }
            }
        }
    }
    found
}
