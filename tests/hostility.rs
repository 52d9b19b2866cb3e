//! Hostile texts in every text column, in a playbook and in the configuration stay text: the whole site
//! is looked through by parsers that are not ours.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod python;
mod support;

use python::{python, succeed, tests};
use support::Workspace;

#[test]
fn hostile_texts_stay_text_everywhere() {
    let Some(mut plant) = python("the scan of a site full of hostile texts") else { return };
    let workspace = Workspace::empty();
    workspace.run(&["init"]).well();
    workspace.run(&["sample", "--groups", "4", "--members", "30", "--weeks", "5"]).well();
    let planted = succeed(plant.arg(tests().join("hostility/plant.py")).arg(workspace.path()));
    let planted = String::from_utf8(planted.stdout).unwrap();
    assert!(planted.lines().count() > 30, "{planted}");
    let said = workspace.run(&["build"]).well();
    // What a terminal or the log of a CI server would act upon.
    for line in said.err.lines().chain(said.out.lines()) {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        assert!(!line.contains(['\u{1b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{7}']), "{line:?}");
    }
    let mut scan = python("the scan of a site full of hostile texts").unwrap();
    let output = succeed(scan.arg(tests().join("hostility/scan.py")).arg(workspace.path().join("out")).arg("--marks"));
    print!("{}", String::from_utf8_lossy(&output.stdout));
}

/// A scan that finds nothing must be able to find something.
#[test]
fn the_scan_finds_what_is_planted_into_a_page() {
    let workspace = Workspace::empty();
    let page = "<!doctype html><html lang=en><head><title>t</title></head><body><main><h1>t</h1>%</main></body></html>";
    for bad in [
        "<script>alert(1)</script>",
        "<script src='https://evil.example/x.js'></script>",
        "<img src=x onerror=alert(1)>",
        "<a href=' java\nscript:alert(1)'>x</a>",
        "<a href='//evil.example'>x</a>",
        "<a href='../../etc/passwd'>x</a>",
        "<svg><a xlink:href='javascript:alert(1)'/></svg>",
        "<p style='background:url(x)'>x</p>",
        "<iframe srcdoc='x'></iframe>",
        "</main><main>",
        "x\u{202e}y",
    ] {
        let Some(mut scan) = python("the trial of the scan") else { return };
        workspace.write("out/index.html", page.replace('%', bad));
        let output = scan.arg(tests().join("hostility/scan.py")).arg(workspace.path().join("out")).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{bad} passed: {text}{}", String::from_utf8_lossy(&output.stderr));
    }
}
