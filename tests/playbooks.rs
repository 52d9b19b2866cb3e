//! Playbooks as consultants write them: the shipped ones, and every mistake with its message.
#![allow(clippy::unwrap_used, missing_docs)]

use qunce::diagnostic::{Findings, Severity, render};
use qunce::playbook::{Library, built_in};

fn shown(findings: &Findings) -> String {
    findings.items().iter().map(|f| render(f, false)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_playbooks_are_valid() {
    let mut findings = Findings::new();
    let library = Library::load(&built_in(), None, &["zh-CN".into(), "en".into()], &mut findings);
    library.check(&mut findings);
    assert_eq!(findings.count(Severity::Error), 0, "{}", shown(&findings));
}
