//! The manuals of a small workspace: one language each as a whole, and two types side by side.

use super::{folder, library, shipped};
use qunce::diagnostic::Findings;
use qunce::playbook::{Playbook, Text};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;

/// The site of the workspace, built once.
fn site() -> &'static Path {
    static SITE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let dir = SITE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        // A build keeps what it knows beside the workspace, and this one lies in the repository.
        copy(&folder().join("workspace"), &dir.path().join("workspace"));
        assert_cmd::Command::cargo_bin("qunce")
            .unwrap()
            .env("QUNCE_KEY", "a key for the test")
            .args(["build", "--quiet", "--workspace"])
            .arg(dir.path().join("workspace"))
            .arg("--out")
            .arg(dir.path().join("out"))
            .assert()
            .success();
        dir
    });
    dir.path()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy(&from, &to) } else { std::fs::copy(&from, &to).map(drop).unwrap() }
    }
}

fn manual(language: &str, group: &str) -> String {
    std::fs::read_to_string(site().join("out").join(language).join(format!("groups/{group}/manual.md"))).unwrap()
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn the_manual_of_a_vip_group_in_launch_reads_well_in_chinese() {
    snapshot("vip_launch.zh-CN", &manual("", "g006"));
}

#[test]
fn the_manual_of_a_mature_freebie_group_reads_well_in_english() {
    snapshot("freebie_mature.en", &manual("en", "g003"));
}

/// Faults that a reader stumbles over whatever the texts say.
#[test]
fn no_manual_has_a_hole_in_it() {
    for group in ["g003", "g006", "g007"] {
        for language in ["", "en"] {
            let text = manual(language, group);
            let at = format!("{group} {language}");
            for sign in ["{{", "{%", "⟦", "NaN", "None", "null"] {
                assert!(!text.contains(sign), "{at}: `{sign}`");
            }
            let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
            let level = |line: &str| line.chars().take_while(|c| *c == '#').count();
            for pair in lines.windows(2) {
                let (above, below) = (level(pair[0]), level(pair[1]));
                let empty = above > 0 && below > 0 && below <= above;
                assert!(!empty, "{at}: nothing below `{}`", pair[0]);
            }
            let headings: Vec<&&str> = lines.iter().filter(|l| l.starts_with('#')).collect();
            let mut distinct = BTreeSet::new();
            for heading in headings {
                assert!(distinct.insert(heading.trim_start_matches('#')), "{at}: `{heading}` stands twice");
            }
            if language == "en" {
                let own = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
                // Names of groups, people and products stay as the data has them.
                let names = text_of_data();
                for line in &lines {
                    for word in line.split(|c: char| !own(c)).filter(|w| !w.is_empty()) {
                        assert!(names.contains(word), "{at}: untranslated `{word}` in `{line}`");
                    }
                }
            }
        }
    }
}

fn text_of_data() -> String {
    let data = folder().join("workspace/data");
    ["groups.csv", "products.csv"].map(|f| std::fs::read_to_string(data.join(f)).unwrap()).concat()
}

/// What one type of group shares with another is what `base` says for all: its rules and its papers.
/// Everything else is said for the type.
#[test]
fn a_vip_group_in_launch_and_a_freebie_group_in_decline_share_only_what_base_owns() {
    let library = library(&mut Findings::new());
    let vip = library.resolve("vip", Some("launch"), None).unwrap();
    let freebie = library.resolve("freebie", Some("decline"), None).unwrap();
    let (here, there) = (paragraphs(&manual("", "g006")), paragraphs(&manual("", "g007")));
    let words = letters(qunce::report::BUILT_IN_ZH);
    let mut list = String::new();
    let mut wrong = Vec::new();
    for paragraph in here.intersection(&there) {
        match owner(&vip, paragraph).or_else(|| owner(&freebie, paragraph)) {
            Some((section, text)) => {
                let file = &text.span.source.name;
                list.push_str(&format!("{section:<10}{file:<24}{}\n", paragraph.chars().take(40).collect::<String>()));
                if !matches!(section, "rule" | "artefact") || !vip.is_common(text) {
                    wrong.push(format!("{section} {file}: {paragraph}"));
                }
            }
            // A day, an owner, an audience, or a phrase of the page itself.
            None if is_schedule(paragraph) || words.contains(&letters(paragraph)) => {}
            None => wrong.push(format!("of no text: {paragraph}")),
        }
    }
    writeln!(std::io::stderr(), "\nshared paragraphs by owner\n{list}").unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// No type takes a text of its own from another type, and none of base's tactics, checklists, tasks or
/// calendar items stands as an own text in two types.
#[test]
fn no_two_types_say_the_same() {
    let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for playbook in shipped() {
        for (section, text) in texts(&playbook) {
            for (language, least) in [("zh-CN", 16), ("en", 40)] {
                let letters = letters(text.get(language));
                // Short labels such as the name of a tier may well be the same.
                if letters.chars().count() >= least && !playbook.is_common(text) {
                    said.entry(format!("{section}: {letters}")).or_default().insert(playbook.id.clone());
                }
            }
        }
    }
    let twice: Vec<_> = said.into_iter().filter(|(_, types)| types.len() > 1).collect();
    assert!(twice.is_empty(), "{twice:#?}");
}

fn paragraphs(text: &str) -> BTreeSet<String> {
    text.split("\n\n")
        .map(|p| p.lines().filter(|l| !l.starts_with('#')).map(str::trim).collect::<Vec<_>>().join(" "))
        .filter(|p| letters(p).chars().count() > 4)
        .collect()
}

/// A line of facts such as `群主 · 每周三 20:00 · 全体成员` or `5月12日–6月15日`.
fn is_schedule(paragraph: &str) -> bool {
    let dates = paragraph.contains('月') && paragraph.contains('–');
    (dates || paragraph.contains(" · ")) && paragraph.chars().count() < 60
}

/// The letters and digits of a text, so that marks of Markdown do not matter.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn owner<'p>(playbook: &'p Playbook, paragraph: &str) -> Option<(&'static str, &'p Text)> {
    let wanted = letters(paragraph);
    texts(playbook).into_iter().find(|(_, t)| {
        let own = letters(&t.original);
        own.contains(&wanted) || (own.chars().count() > 8 && wanted.contains(&own))
    })
}

fn texts(p: &Playbook) -> Vec<(&'static str, &Text)> {
    let mut all: Vec<(&'static str, &Text)> = Vec::new();
    all.extend(p.rules.iter().map(|r| ("rule", &r.body)));
    all.extend(p.artefacts.iter().map(|r| ("artefact", &r.body)));
    all.extend(p.principles.iter().filter_map(|x| Some(("principle", x.body.as_ref()?))));
    let positioning = &p.positioning;
    let facts = [&positioning.who, &positioning.need, &positioning.peak, &positioning.value, &positioning.not_for];
    all.extend(facts.into_iter().flatten().chain(&positioning.questionnaire).map(|t| ("positioning", t)));
    for stage in &p.stages {
        all.push(("stage", &stage.goal));
        all.extend(stage.exit.iter().chain(&stage.stop).map(|t| ("stage", t)));
    }
    for t in p.tactics.iter().chain(p.stages.iter().flat_map(|s| &s.tactics)) {
        let parts = [Some(&t.body), t.message.as_ref(), t.effect.as_ref(), t.avoid.as_ref()];
        all.extend(parts.into_iter().flatten().map(|x| ("tactic", x)));
        all.extend(t.evidence.iter().map(|e| ("evidence", &e.text)));
    }
    all.extend(p.tasks.iter().map(|t| ("task", &t.body)));
    all.extend(p.tiers.iter().flat_map(|t| std::iter::once(&t.requirement).chain(&t.rights)).map(|t| ("tier", t)));
    all.extend(p.sops.iter().flat_map(|s| &s.steps).map(|t| ("sop", t)));
    all.extend(p.calendar.items.iter().flat_map(|i| std::iter::once(&i.title).chain(&i.body)).map(|t| ("calendar", t)));
    all.extend(p.selection.cells.iter().flat_map(|c| std::iter::once(&c.mechanic).chain(&c.body)).map(|t| ("cell", t)));
    let pdca = &p.pdca;
    all.extend(pdca.plan.iter().chain(&pdca.act_do).chain(&pdca.check).chain(&pdca.act).map(|t| ("pdca", t)));
    all
}
