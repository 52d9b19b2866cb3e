//! A text as a playbook over another one: it resolves or is told what is wrong, and messages can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qunce::diagnostic::{Findings, render};
use qunce::playbook::Library;

/// A small playbook with something of every kind. The shipped ones would be read some thirty times a second.
const TEA: &str = include_str!("../../tests/workspaces/minimal/playbooks/tea.toml");

fuzz_target!(|text: &str| {
    let files = [("tea.toml", TEA), ("mine.toml", text)].map(|(name, text)| (name.to_owned(), text.to_owned()));
    let mut findings = Findings::new();
    let library = Library::load(&files, None, &["zh-CN".to_owned()], &mut findings);
    library.check(&mut findings);
    for finding in findings.items() {
        assert!(!render(finding, false).is_empty());
    }
    if let Some(playbook) = library.resolve("mine", None, None) {
        for stage in &playbook.stages {
            let _ = library.resolve("mine", Some(&stage.id), None);
        }
    } else {
        assert!(findings.has_errors() || !library.ids().iter().any(|id| *id == "mine"), "lost without a word");
    }
});
