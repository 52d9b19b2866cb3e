//! The parts of a manual that stand on pages of their own, so that the manual itself stays short
//! enough for a phone.

use super::action::TacticView;
use super::group::{GroupHead, NamedLink};
use super::manual_view::{AlertRuleView, PassageView, SopRoleView, StageView};
use super::reporter::Reporter;
use crate::health::GroupHealth;
use crate::playbook::{Playbook, Tactic};
use rustc_hash::FxHashMap;
use serde::Serialize;

/// How many tactics a page holds.
const TACTICS: usize = 28;

/// A page beside the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManualPart {
    /// Tactics of this type.
    Tactics,
    /// Tactics that all types share, by the number of the page, from 0.
    Common(usize),
    /// Checklists and answers to alerts.
    Routine,
    /// Stages other than the current one.
    Stages,
    /// Texts and sheets ready to use.
    Texts,
}

impl ManualPart {
    /// Those that a playbook has anything for.
    #[must_use]
    pub fn of(playbook: &Playbook) -> Vec<Self> {
        let (own, common) = own_and_common(playbook);
        let mut parts = Vec::new();
        let mut add = |has: bool, part| parts.extend(has.then_some(part));
        add(!own.is_empty(), Self::Tactics);
        for page in 0..common.len().div_ceil(TACTICS) {
            add(true, Self::Common(page));
        }
        add(!playbook.sops.is_empty() || !playbook.alerts.is_empty(), Self::Routine);
        add(playbook.stages.iter().any(|s| Some(&s.id) != playbook.stage.as_ref()), Self::Stages);
        add(playbook.artefacts.iter().any(|a| a.id != super::manual::WELCOME), Self::Texts);
        parts
    }

    /// The file's name.
    #[must_use]
    pub fn file(self) -> String {
        match self {
            Self::Tactics => "manual-tactics.html".to_owned(),
            Self::Common(0) => "manual-common.html".to_owned(),
            Self::Common(page) => format!("manual-common-{}.html", page + 1),
            Self::Routine => "manual-routine.html".to_owned(),
            Self::Stages => "manual-stages.html".to_owned(),
            Self::Texts => "manual-texts.html".to_owned(),
        }
    }
}

/// What stands on such a page.
#[derive(Debug, Clone, Serialize)]
pub struct ManualPartView {
    /// The group.
    pub group: GroupHead,
    /// Its title.
    pub title: String,
    /// What to know before reading.
    pub note: Option<String>,
    /// Tactics, each with its anchor.
    pub tactics: Vec<TacticView>,
    /// Stages with their tactics.
    pub stages: Vec<StageView>,
    /// Texts.
    pub texts: Vec<PassageView>,
    /// Checklists by role.
    pub sops: Vec<SopRoleView>,
    /// How to answer alerts.
    pub alerts: Vec<AlertRuleView>,
}

/// The tactics that hold in every stage and that the current one does not do in its own way: those of
/// the type, then those that all types have in the same words.
pub(super) fn own_and_common(playbook: &Playbook) -> (Vec<&Tactic>, Vec<&Tactic>) {
    let current = playbook.current_stage();
    let (common, own) = playbook
        .tactics
        .iter()
        .filter(|t| current.is_none_or(|s| s.tactics.iter().all(|own| own.id != t.id)))
        .partition(|t| playbook.is_common(&t.body));
    (own, common)
}

/// Where a group's manual has each tactic, seen from a page of the same folder.
fn places(playbook: &Playbook) -> FxHashMap<String, String> {
    let (own, common) = own_and_common(playbook);
    let mut places = FxHashMap::default();
    // What is told first holds: the current stage, the type, all types, other stages.
    let mut add = |page: String, prefix: &str, tactic: &Tactic| {
        places.entry(tactic.id.clone()).or_insert_with(|| format!("{page}#tactic-{prefix}{}", tactic.id));
    };
    for tactic in playbook.current_stage().into_iter().flat_map(|s| &s.tactics) {
        add("manual.html".to_owned(), "", tactic);
    }
    own.into_iter().for_each(|tactic| add(ManualPart::Tactics.file(), "", tactic));
    for (at, tactic) in common.into_iter().enumerate() {
        add(ManualPart::Common(at / TACTICS).file(), "", tactic);
    }
    for stage in &playbook.stages {
        let prefix = format!("{}-", stage.id);
        stage.tactics.iter().for_each(|tactic| add(ManualPart::Stages.file(), &prefix, tactic));
    }
    places
}

impl Reporter<'_> {
    /// Where a group's manual has a tactic, seen from a page of the same folder.
    pub(super) fn place_of(&self, playbook: &Playbook, id: &str) -> String {
        let places = self.desk.places.get(playbook, || places(playbook));
        places.get(id).cloned().unwrap_or_else(|| format!("{}#tactic--{id}", ManualPart::Stages.file()))
    }

    /// Links to the pages of tactics that all types share.
    pub(super) fn common_pages(&self, playbook: &Playbook) -> Vec<NamedLink> {
        let parts = ManualPart::of(playbook).into_iter().filter(|p| matches!(p, ManualPart::Common(_)));
        let numbered = parts.enumerate().map(|(i, part)| NamedLink {
            name: self.wording.say("l_page_of", &[("n", &(i + 1).to_string())]),
            href: part.file(),
        });
        numbered.collect()
    }

    /// A page beside a group's manual.
    #[must_use]
    pub fn manual_part(&self, group: &GroupHealth, part: ManualPart) -> Option<ManualPartView> {
        let w = self.wording;
        let health = group.latest()?;
        let playbook = &*group.playbook;
        let v = &self.variables(group, health);
        let (own, common) = own_and_common(playbook);
        let title = w.get(match part {
            ManualPart::Tactics => "h_all_tactics",
            ManualPart::Common(_) => "h_common",
            ManualPart::Routine => "h_routine",
            ManualPart::Stages => "h_other_stages",
            ManualPart::Texts => "h_artefacts",
        });
        let mut view = ManualPartView {
            group: self.group_head(group, health),
            title,
            note: matches!(part, ManualPart::Common(_)).then(|| w.get("common_note")),
            tactics: Vec::new(),
            stages: Vec::new(),
            texts: Vec::new(),
            sops: Vec::new(),
            alerts: Vec::new(),
        };
        match part {
            ManualPart::Tactics => view.tactics = own.into_iter().map(|t| self.tactic(playbook, t, v)).collect(),
            ManualPart::Common(page) => {
                let own = common.chunks(TACTICS).nth(page).unwrap_or_default();
                view.tactics = own.iter().map(|t| self.tactic(playbook, t, v)).collect();
            }
            ManualPart::Routine => {
                view.sops = self.sops(playbook);
                view.alerts = self.alert_rules(playbook);
            }
            ManualPart::Stages => view.stages = self.other_stages(playbook, v),
            ManualPart::Texts => {
                view.texts = self.passages(playbook, &playbook.artefacts, v);
                view.texts.retain(|t| t.id != super::manual::WELCOME);
            }
        }
        Some(view)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::fixture::assessment;
    use super::super::tests::with;
    use super::*;

    #[test]
    fn every_tactic_that_a_report_asks_for_stands_where_its_link_leads() {
        let a = assessment();
        with("zh-CN", &a, |r| {
            let group = &a.groups[0];
            let report = r.group_report(group, 4).unwrap();
            let manual = r.manual(group).unwrap();
            for action in report.actions.iter().chain(&report.more_actions) {
                let (page, anchor) = action.tactic.href.split_once('#').unwrap();
                let id = anchor.strip_prefix("tactic-").unwrap();
                let there = match ManualPart::of(&group.playbook).into_iter().find(|p| p.file() == page) {
                    None => manual.stage.as_ref().unwrap().tactics.iter().any(|t| t.id == id),
                    Some(ManualPart::Stages) => manual.stages.iter().any(|s| id.starts_with(&s.id)),
                    Some(part) => r.manual_part(group, part).unwrap().tactics.iter().any(|t| t.id == id),
                };
                assert!(there, "{}", action.tactic.href);
            }
        });
    }

    #[test]
    fn a_part_that_a_playbook_has_nothing_for_is_no_page() {
        let mut bare = (*assessment().groups[0].playbook).clone();
        bare.artefacts.retain(|t| t.id == super::super::manual::WELCOME);
        bare.stages.retain(|s| Some(&s.id) == bare.stage.as_ref());
        let parts = ManualPart::of(&bare);
        assert!(!parts.contains(&ManualPart::Texts) && !parts.contains(&ManualPart::Stages));
    }
}
