//! What only shows when a playbook stands whole: every case is resolved, and each failing number
//! must lead to a deed.

use super::library::{Judged, Library};
use super::model::{Playbook, Tactic};
use crate::diagnostic::{Code, Diagnostic, Findings, Label, Severity, Span, list};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Resolves everything and reports each finding once.
pub(super) fn check(library: &Library, findings: &mut Findings) {
    let mut once = Once { seen: Vec::new(), findings };
    let mut gaps = Gaps::default();
    let all = library.ids().into_iter().flat_map(|p| cases(library, p).into_iter().map(move |stage| (p, stage)));
    let all: Vec<(&str, Option<String>)> = all.collect();
    // Worked out side by side; what is said of them keeps its order.
    let judged: Vec<_> = all.par_iter().map(|(p, stage)| (p, library.judge(p, stage.as_deref(), None))).collect();
    for (playbook, judged) in judged.into_iter().filter_map(|(p, judged)| Some((p, judged?))) {
        once.extend(&judged.findings);
        if let Some(resolved) = &judged.playbook {
            gaps.look(resolved, library.resolve(playbook, None, None).as_deref());
        }
    }
    for group in library.group_overrides() {
        if let Some(judged) = best(library, group) {
            judged.iter().for_each(|j| once.extend(&j.findings));
        }
    }
    gaps.report(&mut once);
}

/// No stage, then each stage.
fn cases(library: &Library, playbook: &str) -> Vec<Option<String>> {
    std::iter::once(None).chain(library.stage_ids(playbook).into_iter().map(Some)).collect()
}

/// What a group override comes to over the playbook that it fits best: which one its group names
/// is only known from the data.
fn best(library: &Library, group: &str) -> Option<Vec<std::sync::Arc<Judged>>> {
    library
        .ids()
        .into_iter()
        // Over a playbook that is wrong by itself nothing can be said.
        .filter(|p| cases(library, p).iter().all(|s| library.resolve(p, s.as_deref(), None).is_some()))
        .map(|p| -> Vec<_> {
            cases(library, p).iter().filter_map(|s| library.judge(p, s.as_deref(), Some(group))).collect()
        })
        .min_by_key(|all| all.iter().map(|j| j.findings.count(Severity::Error)).sum::<usize>())
}

/// Passes on findings that were not told before at the same place.
struct Once<'a> {
    seen: Vec<(Code, String, Option<Label>)>,
    findings: &'a mut Findings,
}

impl Once<'_> {
    fn push(&mut self, finding: Diagnostic) {
        let key = (finding.code, finding.title.clone(), finding.labels.first().cloned());
        if !self.seen.contains(&key) {
            self.seen.push(key);
            self.findings.push(finding);
        }
    }

    fn extend(&mut self, findings: &Findings) {
        findings.items().iter().cloned().for_each(|f| self.push(f));
    }
}

/// An entry of a playbook by the place of its declaration.
#[derive(Debug)]
struct Gap {
    id: String,
    span: Span,
    /// Playbooks with the stages in which it is meant.
    wheres: BTreeMap<String, Vec<String>>,
}

/// KPIs that no tactic improves and tactics that improve no KPI.
#[derive(Debug, Default)]
struct Gaps {
    kpis: BTreeMap<(String, usize, String), Gap>,
    tactics: BTreeMap<(String, usize, String), Gap>,
    /// Tactics that some stage of a playbook has a use for: playbook, file, place.
    useful: BTreeSet<(String, String, usize)>,
}

impl Gaps {
    /// `general` is the playbook without a stage, whose places are the same in all stages.
    fn look(&mut self, playbook: &Playbook, general: Option<&Playbook>) {
        // Without a stage only a playbook that has none is ever used.
        if playbook.stage.is_none() && !playbook.stages.is_empty() {
            return;
        }
        for kpi in playbook.kpis.iter().filter(|k| k.bands.is_some()) {
            if !playbook.tactics_at_hand().any(|t| improves(t, &kpi.id)) {
                let declared = general.and_then(|g| g.kpi(&kpi.id)).unwrap_or(kpi);
                note(&mut self.kpis, &kpi.id, &declared.span, playbook);
            }
        }
        let scored = |id: &str| playbook.kpi(id).is_some_and(|k| k.bands.is_some());
        for tactic in playbook.tactics_at_hand() {
            let prescribed = tactic.improves.is_empty() && is_prescribed(playbook, &tactic.id);
            if prescribed || tactic.improves.iter().any(|k| scored(&k.value)) {
                self.useful.insert((playbook.id.clone(), tactic.span.source.name.clone(), tactic.span.range.start));
            } else {
                note(&mut self.tactics, &tactic.id, &tactic.span, playbook);
            }
        }
    }

    fn report(self, once: &mut Once<'_>) {
        for gap in self.kpis.into_values() {
            once.push(
                wheres(&gap, Diagnostic::warning(Code::NoTactic, format!("nothing is done when `{}` falls", gap.id)))
                    .at(&gap.span, "scored, but no tactic at hand improves it")
                    .with_help(format!("add `{}` to `improves` of a tactic", gap.id)),
            );
        }
        let Self { tactics, useful, .. } = self;
        for mut gap in tactics.into_values() {
            let place = (gap.span.source.name.clone(), gap.span.range.start);
            // A tactic of all stages may rest in some of them.
            gap.wheres.retain(|p, _| !useful.contains(&(p.clone(), place.0.clone(), place.1)));
            if gap.wheres.is_empty() {
                continue;
            }
            once.push(
                wheres(&gap, Diagnostic::warning(Code::OrphanTactic, format!("no number ever leads to `{}`", gap.id)))
                    .at(&gap.span, "improves no KPI that is scored")
                    .with_help("name a KPI with bands in `improves`, or remove the tactic"),
            );
        }
    }
}

fn improves(tactic: &Tactic, kpi: &str) -> bool {
    tactic.improves.iter().any(|k| k.value == kpi)
}

/// Whether a segment, a class of churn or an alert calls for a tactic.
fn is_prescribed(playbook: &Playbook, tactic: &str) -> bool {
    let classes = playbook.segments.iter().chain(&playbook.churn);
    classes.filter_map(|s| s.tactic.as_ref()).any(|t| t.value == tactic)
        || playbook.alerts.iter().any(|a| a.action.value == tactic)
}

fn note(gaps: &mut BTreeMap<(String, usize, String), Gap>, id: &str, span: &Span, playbook: &Playbook) {
    let key = (span.source.name.clone(), span.range.start, id.to_owned());
    let gap = gaps.entry(key).or_insert_with(|| Gap { id: id.to_owned(), span: span.clone(), wheres: BTreeMap::new() });
    gap.wheres.entry(playbook.id.clone()).or_default().extend(playbook.stage.clone());
}

fn wheres(gap: &Gap, finding: Diagnostic) -> Diagnostic {
    gap.wheres.iter().fold(finding, |finding, (playbook, stages)| {
        finding.with_note(match stages.as_slice() {
            [] => format!("in playbook `{playbook}`"),
            [one] => format!("in playbook `{playbook}`, stage `{one}`"),
            many => format!("in playbook `{playbook}`, stages {}", list(many, "and")),
        })
    })
}
