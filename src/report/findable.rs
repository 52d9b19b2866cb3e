//! What a reader can look up: groups, KPIs and tactics, each with the place where it stands.

use super::reporter::Reporter;
use super::texts::Reading;
use super::visible::clean;
use crate::health::{GroupHealth, PeriodHealth};
use crate::playbook::{Playbook, Stage, Tactic};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest text that is searched beside a title, in characters.
const LONGEST: usize = 60;

/// Something that can be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Findable {
    /// `group`, `kpi` or `tactic`.
    pub kind: &'static str,
    /// What is shown first, and searched first.
    pub title: String,
    /// What is shown beside it, and searched as well.
    pub about: String,
    /// Where it stands, from the language's root.
    pub href: String,
}

impl Reporter<'_> {
    /// Everything that can be looked up: groups by slug, then KPIs, then tactics by title.
    #[must_use]
    pub fn findables(&self, playbooks: &[Arc<Playbook>]) -> Vec<Findable> {
        let mut all = self.all_groups();
        all.extend(self.all_kpis(playbooks));
        all.extend(self.all_tactics());
        all
    }

    fn all_groups(&self) -> Vec<Findable> {
        let mut out: Vec<Findable> = self
            .assessment
            .groups
            .iter()
            .filter(|g| g.latest().is_some())
            .map(|g| {
                let own = |t: &Option<String>| t.as_deref().map(clean).unwrap_or_default();
                let about = [own(&g.info.owner), own(&g.info.brand), self.text(&g.playbook.name)];
                Findable {
                    kind: "group",
                    title: short(&clean(&g.info.name)),
                    about: short(&joined(about)),
                    href: format!("groups/{}/index.html", g.info.slug),
                }
            })
            .collect();
        out.sort_by(|a, b| a.href.cmp(&b.href));
        out
    }

    fn all_kpis(&self, playbooks: &[Arc<Playbook>]) -> Vec<Findable> {
        let mut by_id: BTreeMap<&str, Findable> = BTreeMap::new();
        for kpi in playbooks.iter().flat_map(|p| &p.kpis) {
            by_id.entry(&kpi.id).or_insert_with(|| Findable {
                kind: "kpi",
                title: short(&self.text(&kpi.name)),
                about: short(&joined([kpi.id.clone(), self.maybe(kpi.definition.as_ref()).unwrap_or_default()])),
                href: format!("method/{}.html", kpi.id),
            });
        }
        by_id.into_values().collect()
    }

    /// The tactics of every type, each in the manual of a group that has it at hand, else in one that tells it
    /// under another stage.
    fn all_tactics(&self) -> Vec<Findable> {
        let mut by_text: BTreeMap<(&str, &str), Findable> = BTreeMap::new();
        // All groups of a type in one stage have the same tactics.
        let mut one_each: BTreeMap<(&str, Option<&str>), (&GroupHealth, &PeriodHealth)> = BTreeMap::new();
        for group in &self.assessment.groups {
            if let Some(health) = group.latest() {
                one_each.entry((&group.playbook.id, group.playbook.stage.as_deref())).or_insert((group, health));
            }
        }
        for at_hand in [true, false] {
            for (group, health) in one_each.values() {
                let playbook = &*group.playbook;
                let variables = self.variables(group, health);
                let current = playbook.current_stage();
                let own = current.into_iter().flat_map(|s| s.tactics.iter().map(move |t| (Some(s), t)));
                let here = own.chain(playbook.tactics.iter().map(|t| (None, t)));
                let others = playbook.stages.iter().filter(|s| current.is_none_or(|c| c.id != s.id));
                let elsewhere = others.flat_map(|s| s.tactics.iter().map(move |t| (Some(s), t)));
                let chosen: Vec<(Option<&Stage>, &Tactic)> = if at_hand { here.collect() } else { elsewhere.collect() };
                for (stage, tactic) in chosen {
                    let key = (tactic.id.as_str(), tactic.title.original.as_str());
                    by_text.entry(key).or_insert_with(|| {
                        let stage_name = stage.map(|s| self.text(&s.name)).unwrap_or_default();
                        let improves: Vec<String> =
                            tactic.improves.iter().map(|k| self.kpi_name(playbook, &k.value)).collect();
                        Findable {
                            kind: "tactic",
                            title: short(&self.fill(&tactic.title, &variables, Reading::Plain)),
                            about: short(&joined([self.text(&playbook.name), stage_name, improves.join(" ")])),
                            href: format!("groups/{}/{}", group.info.slug, self.place_of(playbook, &tactic.id)),
                        }
                    });
                }
            }
        }
        let mut out: Vec<Findable> = by_text.into_values().collect();
        out.sort_by(|a, b| (&a.title, &a.href).cmp(&(&b.title, &b.href)));
        out
    }
}

/// What there is, with a dot between.
fn joined<const N: usize>(parts: [String; N]) -> String {
    parts.into_iter().filter(|p| !p.trim().is_empty()).collect::<Vec<_>>().join(" · ")
}

fn short(text: &str) -> String {
    super::portfolio::shorten(&text.split_whitespace().collect::<Vec<_>>().join(" "), LONGEST)
}
