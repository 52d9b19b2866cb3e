//! A text as each of the files that are kept between runs and may be damaged or come from others: a result, a site's
//! list, findings. What is read can be worked with; what cannot be is refused, and nothing outside is touched.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qunce::diagnostic::{Findings, Format, StoredFindings, document, render};
use qunce::gate::{LoadError, compare, human, json, markdown, read_result, write};
use qunce::site::{MANIFEST, MARKER, Manifest, Patience, Target};
use std::fs;
use std::path::Path;

fuzz_target!(|text: &str| {
    let Ok(folder) = tempfile::tempdir() else { return };
    result(folder.path(), text);
    site(folder.path(), text);
    findings(text);
});

fn result(folder: &Path, text: &str) {
    let path = folder.join("baseline.json");
    fs::write(&path, text).unwrap();
    let read = match read_result(&path, "baseline.json") {
        Ok(read) => read,
        Err(LoadError::Invalid(finding)) => return assert!(!render(&finding, false).is_empty()),
        Err(LoadError::System(error)) => panic!("{error}"),
    };
    assert!(compare(&read, &read).is_empty(), "something changed between a result and itself");
    let written = write(&read);
    fs::write(&path, &written).unwrap();
    let Ok(again) = read_result(&path, "baseline.json") else { panic!("its own text is refused: {written}") };
    assert_eq!(write(&again), written);
    let known = read_result(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/stored/result")), "known").unwrap();
    for diff in [compare(&known, &read), compare(&read, &known)] {
        let _ = (human(&diff), json(&diff), markdown(&diff));
    }
}

fn site(folder: &Path, text: &str) {
    let outside = folder.join("mine");
    fs::write(&outside, "mine").unwrap();
    // A site, and what a build left that was cut short, both with this list.
    for name in ["out", ".out.qunce-old"] {
        let site = folder.join(name);
        fs::create_dir(&site).unwrap();
        for (file, content) in [(MARKER, ""), (MANIFEST, text), ("a.html", "a"), ("b.html", "b")] {
            fs::write(site.join(file), content).unwrap();
        }
    }
    let out = folder.join("out");
    if let Ok(list) = Manifest::read(&out) {
        let _ = (list.stamps(&out), list.holds_for(&out));
        assert!(Manifest::read(&out).is_ok_and(|again| again.to_bytes() == list.to_bytes()));
    }
    match Target::open(&out, &[]).map(|target| target.take(Patience::None)) {
        Ok(taken) => assert!(taken.is_ok(), "{taken:?}"),
        Err(finding) => assert!(!render(&finding, false).is_empty()),
    }
    assert!(outside.is_file() && out.join("a.html").is_file() && out.join("b.html").is_file());
}

fn findings(text: &str) {
    let stored = serde_json::from_str::<StoredFindings>(text).ok();
    let Some(findings) = stored.and_then(StoredFindings::restore) else { return };
    let again = StoredFindings::of(&findings).restore();
    assert_eq!(again.as_ref().map(Findings::items), Some(findings.items()));
    for format in [Format::Human, Format::Json, Format::Sarif, Format::Github, Format::Junit, Format::Markdown] {
        assert!(document(&findings, format, 3, 0, true).len() < 1 << 24);
    }
}
