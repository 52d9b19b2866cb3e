//! The method as the shipped playbooks carry it: every point of it is in its place, a case never cuts,
//! types do not repeat each other, and the manuals made from them read well (`method/snapshots`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

#[path = "method/manuals.rs"]
mod manuals;
#[path = "method/points.rs"]
mod points;
#[path = "method/starters.rs"]
mod starters;

use qunce::diagnostic::{Findings, Severity, render};
use qunce::playbook::{Library, Playbook, built_in};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const TYPES: [&str; 4] = ["low_price", "vip", "freebie", "content"];

fn library(findings: &mut Findings) -> Library {
    Library::load(&built_in(), None, &["zh-CN".into(), "en".into()], findings)
}

/// Every type, without a stage and in each of its stages.
fn shipped() -> Vec<Arc<Playbook>> {
    let library = library(&mut Findings::new());
    let mut all = Vec::new();
    for id in TYPES {
        let general = library.resolve(id, None, None).unwrap();
        for stage in &general.stages {
            all.push(library.resolve(id, Some(&stage.id), None).unwrap());
        }
        all.push(general);
    }
    all
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/method")
}

/// Errors, gaps of the method and texts without a translation are findings alike.
#[test]
fn check_has_nothing_to_remark_on_the_shipped_playbooks() {
    let mut findings = Findings::new();
    library(&mut findings).check(&mut findings);
    let shown: String = findings.items().iter().map(|f| render(f, false)).collect();
    assert_eq!((findings.count(Severity::Error), findings.count(Severity::Warning)), (0, 0), "{shown}");
}

/// Each type has a word of its own for each stage: a goal, what to stop, a way out, five tactics, other numbers.
#[test]
fn every_type_says_in_every_stage_what_to_do_and_what_to_stop() {
    let mut goals = std::collections::BTreeSet::new();
    for playbook in shipped() {
        let Some(stage) = playbook.current_stage() else { continue };
        let which = format!("{} in {}", playbook.id, stage.id);
        assert!(goals.insert(stage.goal.original.clone()), "{which}: the goal is another's");
        assert!(!playbook.is_common(&stage.goal), "{which}: the goal is that of base");
        assert!(stage.enter_when.is_some() && stage.exit.is_some(), "{which}: no way in or out");
        assert!(!stage.stop.is_empty(), "{which}: nothing to stop");
        assert!(stage.tactics.len() >= 5, "{which}: {} tactics", stage.tactics.len());
        let general = library(&mut Findings::new()).resolve(&playbook.id, None, None).unwrap();
        let changed = playbook
            .kpis
            .iter()
            .zip(&general.kpis)
            .filter(|(here, there)| here.weight.value != there.weight.value || here.bands != there.bands);
        assert!(changed.count() > 0, "{which}: no KPI is judged differently");
    }
}

/// Whoever falls has somebody to help: owner, audience, cadence, effort, effect, words to say, and when not to.
#[test]
fn a_tactic_says_everything_that_its_owner_needs() {
    let mut bare = std::collections::BTreeSet::new();
    for playbook in shipped() {
        for tactic in playbook.tactics_at_hand() {
            let staff = tactic.audience.value == qunce::playbook::Audience::Staff;
            let missing: Vec<&str> = [
                ("effort_minutes", tactic.effort_minutes.is_none()),
                ("effect", tactic.effect.is_none()),
                ("avoid", tactic.avoid.is_none()),
                ("message", tactic.message.is_none() && !staff),
                ("source", tactic.provenance.source.is_empty()),
            ]
            .into_iter()
            .filter_map(|(key, gone)| gone.then_some(key))
            .collect();
            if !missing.is_empty() {
                bare.insert(format!("{} `{}`: no {}", playbook.id, tactic.id, missing.join(", ")));
            }
        }
    }
    assert!(bare.is_empty(), "{bare:#?}");
}
