//! What consultants start from: the starter of `qunce init` and the brand playbook of the sample workspace.

use qunce::diagnostic::{Findings, render};
use qunce::playbook::{Library, built_in};
use std::path::Path;

fn qunce() -> assert_cmd::Command {
    assert_cmd::Command::cargo_bin("qunce").unwrap()
}

#[test]
fn a_fresh_workspace_of_every_type_has_nothing_to_remark() {
    for kind in ["low_price", "vip", "freebie", "content"] {
        let dir = tempfile::tempdir().unwrap();
        qunce().arg("init").arg(dir.path()).args(["--type", kind]).assert().success();
        let starter = std::fs::read_to_string(dir.path().join("playbooks/my_brand.toml")).unwrap();
        assert!(starter.lines().count() < 42, "{kind}: the starter is to be read at a glance");
        let check = qunce().args(["check", "--workspace"]).arg(dir.path()).assert().success();
        let told = String::from_utf8_lossy(&check.get_output().stdout).into_owned();
        assert!(told.contains("0 errors, 0 warnings"), "{kind}: {told}");
    }
}

/// The sample drop is used by the workspace that `init` makes without any further step.
#[test]
fn a_fresh_workspace_with_the_sample_drop_is_built() {
    let dir = tempfile::tempdir().unwrap();
    qunce().arg("init").arg(dir.path()).assert().success();
    let small = ["--groups", "3", "--members", "20", "--weeks", "2"];
    qunce().arg("sample").arg(dir.path().join("data")).args(small).assert().success();
    qunce().args(["build", "--quiet", "--workspace"]).arg(dir.path()).assert().success();
    assert!(dir.path().join("out/index.html").is_file());
}

/// The brand example: short, it changes what it says, and leaves the rest as in the type.
#[test]
fn the_brand_playbook_of_the_sample_extends_vip_in_under_forty_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("playbooks");
    let files = ["chuxi_vip.toml", "chuxi_vip.en.toml"]
        .map(|name| (name.to_owned(), std::fs::read_to_string(root.join(name)).unwrap()));
    assert!(files[0].1.lines().count() < 40, "{} lines", files[0].1.lines().count());
    let mut all = built_in();
    all.extend(files);
    let mut findings = Findings::new();
    let library = Library::load(&all, None, &["zh-CN".into(), "en".into()], &mut findings);
    library.check(&mut findings);
    let shown: String = findings.items().iter().map(|f| render(f, false)).collect();
    assert!(findings.is_empty(), "{shown}");
    let brand = library.resolve("chuxi_vip", Some("growth"), None).unwrap();
    let vip = library.resolve("vip", Some("growth"), None).unwrap();
    assert_eq!(brand.chain, ["base", "vip", "chuxi_vip"]);
    assert!(brand.kpis.len() > vip.kpis.len());
    assert!(brand.tactics.len() > vip.tactics.len());
    assert_ne!(brand.positioning.who, vip.positioning.who);
}
