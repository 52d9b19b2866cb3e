//! A text as an expression: its errors lie within it, and as the filter of a measure it is valid or told.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qunce::diagnostic::{Findings, render};
use qunce::expr::names;
use qunce::playbook::Library;

fuzz_target!(|text: &str| {
    if let Err(errors) = names(text) {
        assert!(!errors.is_empty());
        for error in errors {
            assert!(error.range.start <= error.range.end && error.range.end <= text.len());
            assert!(text.is_char_boundary(error.range.start) && text.is_char_boundary(error.range.end));
        }
    }
    if text.contains("'''") {
        return;
    }
    for table in ["messages", "members"] {
        let playbook = format!(
            "name = 'x'\n[measure.x]\nname = 'x'\ntable = '{table}'\ncount = '*'\nwhere = '''{text}'''\n[attribute.members]\nskin = 'text'\n"
        );
        let mut findings = Findings::new();
        let library = Library::load(&[("x.toml".to_owned(), playbook)], None, &["zh-CN".to_owned()], &mut findings);
        library.check(&mut findings);
        for finding in findings.items() {
            assert!(!render(finding, false).is_empty());
        }
    }
});
