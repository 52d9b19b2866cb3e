//! In which stage of its life a group is.

use super::handles::Handles;
use crate::measure::View;
use crate::playbook::Playbook;

/// A stage and whether the data named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub id: Option<String>,
    pub given: bool,
    /// The data named a stage that the playbook does not have.
    pub unknown: bool,
}

/// The stage that a text names, by id, alias or name in any language.
fn named<'p>(playbook: &'p Playbook, text: &str) -> Option<&'p str> {
    let wanted = text.trim().to_lowercase();
    let same = |name: &str| name.trim().to_lowercase() == wanted;
    playbook
        .stages
        .iter()
        .find(|s| {
            same(&s.id)
                || same(&s.name.original)
                || s.name.translations.values().any(|t| same(t))
                || s.aliases.iter().any(|a| same(a))
        })
        .map(|s| s.id.as_str())
}

/// The stage that the data name, else the last one whose condition holds, else the first.
pub(super) fn stage(handles: &Handles, view: &View<'_>, given: Option<&str>) -> Found {
    let playbook = &handles.playbook;
    let mut unknown = false;
    if let Some(text) = given.filter(|t| !t.trim().is_empty()) {
        if let Some(id) = named(playbook, text) {
            return Found { id: Some(id.to_owned()), given: true, unknown };
        }
        unknown = true;
    }
    let holding = playbook
        .stages
        .iter()
        .zip(&handles.stages)
        .rev()
        .find(|(_, bound)| bound.is_some_and(|b| view.holds(b) == Ok(true)))
        .map(|(stage, _)| stage.id.clone());
    let id = holding.or_else(|| playbook.stages.first().map(|s| s.id.clone()));
    Found { id, given: false, unknown }
}
