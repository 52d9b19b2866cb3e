//! A text as a playbook over the built-in ones: it resolves or is told what is wrong, and messages can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qunce::diagnostic::{Findings, render};
use qunce::playbook::{Library, built_in};
use std::sync::LazyLock;

static BUILT_IN: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    // Base alone: the others would only slow it down.
    built_in().into_iter().filter(|(path, _)| path.starts_with("base") && !path.ends_with(".en.toml")).collect()
});

fuzz_target!(|text: &str| {
    let mut files = BUILT_IN.clone();
    files.push(("mine.toml".to_owned(), text.to_owned()));
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
