//! Playbooks as consultants write them: the shipped ones, valid examples, and every mistake with
//! its message. A folder in `playbooks/invalid/` is a case; its snapshot is in `playbooks/messages/`.
#![allow(clippy::unwrap_used, missing_docs)]

use qunce::diagnostic::{Findings, Severity, render};
use qunce::playbook::{Library, built_in};
use std::path::{Path, PathBuf};

fn shown(findings: &Findings) -> String {
    findings.items().iter().map(|f| render(f, false)).collect::<Vec<_>>().join("\n")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/playbooks")
}

fn cases(kind: &str) -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(folder().join(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// Loads a case over the small base playbook of the tests and checks everything.
fn check(case: &Path, languages: &[&str]) -> (Library, Findings) {
    let base = std::fs::read_to_string(folder().join("base.toml")).unwrap();
    let languages: Vec<String> = languages.iter().map(|l| (*l).to_owned()).collect();
    let mut findings = Findings::new();
    let library = Library::load(&[("base.toml".into(), base)], Some(case), &languages, &mut findings);
    library.check(&mut findings);
    (library, findings)
}

#[test]
fn the_shipped_playbooks_are_valid() {
    let mut findings = Findings::new();
    let library = Library::load(&built_in(), None, &["zh-CN".into(), "en".into()], &mut findings);
    library.check(&mut findings);
    assert_eq!(findings.count(Severity::Error), 0, "{}", shown(&findings));
    for id in ["low_price", "vip", "freebie", "content"] {
        assert!(library.resolve(id, None, None).is_some(), "{id}");
    }
}

#[test]
fn every_mistake_has_its_message() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("playbooks/messages");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for case in cases("invalid") {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        // Elsewhere the missing translations would hide what the case is about.
        let languages: &[&str] = if name == "missing_translation" { &["zh-CN", "en"] } else { &["zh-CN"] };
        let (_, findings) = check(&case, languages);
        assert!(!findings.is_empty(), "{name} has nothing wrong with it");
        insta::assert_snapshot!(name, shown(&findings));
    }
}

#[test]
fn a_mistake_is_told_once_and_costs_only_the_playbooks_it_is_in() {
    let (library, findings) = check(&folder().join("invalid/threshold_order"), &["zh-CN"]);
    assert_eq!(findings.items().len(), 1, "{}", shown(&findings));
    assert!(library.resolve("vip", None, None).is_none());
    assert!(!library.findings_of("vip", Some("growth"), None).is_empty());
}

#[test]
fn valid_examples_have_nothing_to_remark() {
    for case in cases("valid") {
        let (_, findings) = check(&case, &["zh-CN"]);
        assert!(findings.is_empty(), "{}\n{}", case.display(), shown(&findings));
    }
}
