//! The site as a whole: built from a workspace with a hostile group.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::config::Config;
use crate::health::Assessment;
use crate::report::fixture::{HOSTILE, assessment};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(super) fn inputs<'a>(assessment: &'a Assessment, config: &'a Config) -> Inputs<'a> {
    Inputs {
        assessment,
        config,
        playbooks: &[],
        templates: None,
        protected: Vec::new(),
        key: Some("k".to_owned()),
        extra: Vec::new(),
    }
}

fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(root)
        .into_iter()
        .map(Result::unwrap)
        .filter(|e| e.file_type().is_file())
        .map(|e| {
            let path = e.path().strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            (path, std::fs::read(e.path()).unwrap())
        })
        .collect()
}

pub(super) fn built() -> (tempfile::TempDir, BTreeMap<String, Vec<u8>>) {
    let dir = tempfile::tempdir().unwrap();
    let (assessment, config) = (assessment(), Config::default());
    build(&inputs(&assessment, &config), &dir.path().join("out")).unwrap_or_else(|f| panic!("{}", told(&f)));
    let files = tree(&dir.path().join("out"));
    (dir, files)
}

fn told(findings: &crate::diagnostic::Findings) -> String {
    findings.items().iter().map(|d| crate::diagnostic::render(d, false)).collect()
}

pub(super) fn text<'a>(files: &'a BTreeMap<String, Vec<u8>>, path: &str) -> &'a str {
    std::str::from_utf8(files.get(path).unwrap_or_else(|| panic!("no {path}"))).unwrap()
}

#[test]
fn the_pages_of_a_group_in_a_language_are_made_together() {
    use crate::site::pages::{Site, bundles};
    let (assessment, config) = (assessment(), Config::default());
    let pages = Site::new(&assessment, &config, &[], None).pages();
    let bundles = bundles(&pages);
    assert_eq!(bundles.iter().map(|b| b.len()).sum::<usize>(), pages.len());
    let shared: Vec<_> = bundles.iter().filter(|b| b.len() > 1).collect();
    assert_eq!(
        shared.len(),
        assessment.groups.iter().filter(|g| g.latest().is_some()).count() * config.site.languages.len()
    );
    for bundle in shared {
        let slug = |path: &str| assessment.groups.iter().position(|g| path.contains(&g.info.slug));
        assert!(bundle.iter().all(|p| p.language == bundle[0].language && slug(&p.local) == slug(&bundle[0].local)));
    }
}

#[test]
fn a_site_has_every_promised_file_in_every_language() {
    let (_dir, files) = built();
    for prefix in ["", "en/"] {
        for path in [
            "index.html",
            "groups/g01/index.html",
            "groups/g01/2025-W18.html",
            "groups/g01/manual.html",
            "groups/g01/manual.md",
            "groups/g01/report.md",
            "types/vip.html",
            "method.html",
            "quality.html",
            "api/index.json",
            "api/groups/g01.json",
            "lists/g01/lurker.csv",
            "lists/g01/deep.csv",
            "lists/g01/silent_vip.csv",
            "calendar/g01.ics",
        ] {
            assert!(files.contains_key(&format!("{prefix}{path}")), "{prefix}{path}");
        }
    }
    assert!(files.contains_key("assets/style.css") && files.contains_key(MANIFEST) && files.contains_key(MARKER));
}

#[test]
fn two_builds_give_the_same_bytes() {
    assert_eq!(built().1, built().1);
}

#[test]
fn every_relative_link_leads_to_a_file_or_a_place_in_the_page() {
    let (_dir, files) = built();
    let mut checked = 0;
    for (path, bytes) in files.iter().filter(|(p, _)| p.ends_with(".html")) {
        let html = std::str::from_utf8(bytes).unwrap();
        for attribute in [" href=\"", " src=\""] {
            for rest in html.split(attribute).skip(1) {
                let link = rest.split('"').next().unwrap();
                if link.starts_with("https://example.com/") {
                    continue; // written by the consultant
                }
                assert!(!link.contains(':') && !link.starts_with('/'), "{path} links to {link}");
                if let Some(place) = link.strip_prefix('#') {
                    assert!(html.contains(&format!("id=\"{place}\"")), "{path} has no place {link}");
                    continue;
                }
                let mut parts: Vec<&str> = path.split('/').collect();
                parts.pop();
                for part in link.split('/') {
                    if part == ".." {
                        assert!(parts.pop().is_some(), "{path} links out: {link}")
                    } else {
                        parts.push(part)
                    }
                }
                let target = parts.join("/");
                let (file, place) = target.split_once('#').map_or((target.as_str(), None), |(f, p)| (f, Some(p)));
                assert!(files.contains_key(file), "{path} links to {link}");
                if let Some(place) = place {
                    assert!(text(&files, file).contains(&format!("id=\"{place}\"")), "{path} has {link}");
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 300, "only {checked} links were found");
}

#[test]
fn no_page_has_an_id_twice() {
    let (_dir, files) = built();
    for (path, bytes) in files.iter().filter(|(p, _)| p.ends_with(".html")) {
        let mut seen = BTreeSet::new();
        for rest in std::str::from_utf8(bytes).unwrap().split(" id=\"").skip(1) {
            let id = rest.split('"').next().unwrap();
            assert!(seen.insert(id), "{path} has `{id}` twice");
        }
    }
}

#[test]
fn pages_load_nothing_from_elsewhere() {
    let (_dir, files) = built();
    for (path, bytes) in files.iter().filter(|(p, _)| p.ends_with(".html") || p.ends_with(".css")) {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(!text.contains("@import") && !text.contains("url(") && !text.contains("src=\"http"), "{path}");
    }
}

#[test]
fn a_hostile_name_is_only_ever_text() {
    let (_dir, files) = built();
    let hidden = |c: char| crate::diagnostic::is_hidden(c) && !matches!(c, '\n' | '\r' | '\t');
    for (path, bytes) in &files {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(!text.contains(hidden), "{path} has a hidden character");
        if path.ends_with(".html") {
            assert!(!text.contains("<img") && text.matches("<script").count() == 2, "{path}");
            assert!(!text.contains("href=\"javascript"), "{path}");
        }
        if path.ends_with(".md") {
            let html = {
                let mut out = String::new();
                pulldown_cmark::html::push_html(
                    &mut out,
                    pulldown_cmark::Parser::new_ext(text, pulldown_cmark::Options::all()),
                );
                out
            };
            assert!(!html.contains("<img") && !html.contains("<script") && !html.contains("<b>raw"), "{path}");
            assert!(!html.contains("href=\"javascript"), "{path}");
        }
        if path.ends_with(".json") {
            serde_json::from_str::<serde_json::Value>(text).unwrap();
        }
        if path.ends_with(".ics") {
            assert!(text.split("\r\n").all(|l| l.len() <= 75 && !l.contains('\n')), "{path}");
        }
        assert!(!text.contains("49`"), "{path}: a name was taken for a template");
    }
    assert!(text(&files, "groups/g02/index.html").contains("&lt;img src=x onerror=alert(1)&gt;"));
    let json: serde_json::Value = serde_json::from_str(text(&files, "api/groups/g02.json")).unwrap();
    assert_eq!(json["group"]["name"], crate::report::visible::clean(HOSTILE));
}

#[test]
fn members_are_published_by_code_alone() {
    let (_dir, files) = built();
    let list = text(&files, "lists/g01/silent_vip.csv");
    let rows: Vec<&str> = list.lines().skip(1).collect();
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|r| r.len() == 10), "{list}");
    assert!(files.values().all(|b| !String::from_utf8_lossy(b).contains("ghost")), "orphan ids are members' ids too");
}

#[test]
fn calendars_are_stamped_with_the_as_of_moment() {
    let (_dir, files) = built();
    let ics = text(&files, "calendar/g01.ics");
    assert!(ics.starts_with("BEGIN:VCALENDAR\r\n") && ics.ends_with("END:VCALENDAR\r\n"));
    let stamps: BTreeSet<&str> = ics.lines().filter(|l| l.starts_with("DTSTAMP")).collect();
    assert_eq!(stamps, BTreeSet::from(["DTSTAMP:20250511T155959Z"]));
    assert!(ics.contains("DTSTART:20250514T070000Z"), "15:00 in Shanghai is 07:00 UTC:\n{ics}");
    assert!(ics.contains("会员日特价\\; 朝朝暮暮烘焙会员群"));
}

#[test]
fn a_folder_of_others_is_refused_untouched() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("mine.txt"), "x").unwrap();
    let (assessment, config) = (assessment(), Config::default());
    let found = build(&inputs(&assessment, &config), &out).unwrap_err();
    assert_eq!(found.items()[0].code.id(), "Q0401");
    assert_eq!(tree(dir.path()).len(), 1);
    let mut into_data = inputs(&assessment, &config);
    into_data.protected = vec![dir.path().join("data")];
    for out in ["data", "data/out", "."] {
        assert_eq!(build(&into_data, &dir.path().join(out)).unwrap_err().items()[0].code.id(), "Q0401", "{out}");
    }
    assert_eq!(tree(dir.path()).len(), 1);
}

#[test]
fn a_rebuild_removes_its_own_old_pages_and_keeps_what_others_put_there() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let (mut assessment, config) = (assessment(), Config::default());
    build(&inputs(&assessment, &config), &out).unwrap();
    std::fs::write(out.join("CNAME"), "example.com").unwrap();
    assessment.groups.remove(2);
    build(&inputs(&assessment, &config), &out).unwrap();
    let files = tree(&out);
    assert!(files.contains_key("CNAME"));
    assert!(!files.keys().any(|p| p.contains("g03")), "pages of a group that is gone");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside the site");
}

#[test]
fn paths_that_differ_by_case_alone_collide() {
    let dir = tempfile::tempdir().unwrap();
    let (mut assessment, config) = (assessment(), Config::default());
    assessment.groups[1].info.slug = "G01".to_owned();
    let found = build(&inputs(&assessment, &config), &dir.path().join("out")).unwrap_err();
    assert!(found.items().iter().all(|d| d.code.id() == "Q0404"));
    assert!(!dir.path().join("out").exists());
}

#[test]
fn a_broken_text_names_its_place_in_the_playbook_once() {
    let dir = tempfile::tempdir().unwrap();
    let (mut assessment, config) = (assessment(), Config::default());
    let mut book = (*assessment.groups[0].playbook).clone();
    book.artefacts[0].body.original = "{{ group.nmae }}".to_owned();
    book.artefacts[0].body.translations = std::sync::Arc::default();
    let book = std::sync::Arc::new(book);
    assessment.groups[0].playbook = std::sync::Arc::clone(&book);
    assessment.groups[1].playbook = book;
    let found = build(&inputs(&assessment, &config), &dir.path().join("out")).unwrap_err();
    assert_eq!(found.items().len(), 1, "{}", told(&found));
    assert_eq!(found.items()[0].code.id(), "Q0402");
    assert!(told(&found).contains("playbooks/vip.toml:13"), "{}", told(&found));
}

#[test]
fn a_workspace_replaces_one_template_and_one_word() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("templates");
    std::fs::create_dir_all(folder.join("components")).unwrap();
    std::fs::create_dir_all(folder.join("i18n")).unwrap();
    std::fs::write(folder.join("components/hero.html"), "<p id=\"own\">{{ report.group.name }}</p>").unwrap();
    std::fs::write(folder.join("i18n/zh-CN.ftl"), "h_actions = 先做这三件\n").unwrap();
    let (assessment, config) = (assessment(), Config::default());
    let mut inputs = inputs(&assessment, &config);
    inputs.templates = Some(folder.clone());
    build(&inputs, &dir.path().join("out")).unwrap();
    let files = tree(&dir.path().join("out"));
    let page = text(&files, "groups/g02/index.html");
    assert!(page.contains("<p id=\"own\">=1+1&lt;img") && page.contains("先做这三件"));
    std::fs::write(folder.join("components/hero.html"), "{{ report.nothing }}").unwrap();
    let found = build(&inputs, &dir.path().join("out")).unwrap_err();
    assert!(told(&found).contains("templates/components/hero.html:1"), "{}", told(&found));
    assert_eq!(tree(&dir.path().join("out")), files, "the old site stands");
}

/// A workspace with one file in its templates folder, built.
fn with_template(path: &str, content: &[u8]) -> Result<SiteSummary, crate::diagnostic::Findings> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("templates").join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, content).unwrap();
    let (assessment, config) = (assessment(), Config::default());
    let mut inputs = inputs(&assessment, &config);
    inputs.templates = Some(dir.path().join("templates"));
    build(&inputs, &dir.path().join("out"))
}

#[test]
fn a_file_of_texts_that_nothing_reads_is_told() {
    for path in ["i18n/zh_CN.ftl", "i18n/zh-CN.toml"] {
        let found = told(&with_template(path, b"no_data = x\n").unwrap().findings);
        assert!(found.contains("warning[Q0438]") && found.contains(&format!("templates/{path}")), "{found}");
        assert!(found.contains("`i18n/zh-CN.ftl` and `i18n/en.ftl`"), "{found}");
    }
}

#[test]
fn faulty_texts_stop_the_build_with_their_place() {
    let found = told(&with_template("i18n/en.ftl", b"owner_is = { $owner }\n").unwrap_err());
    assert!(found.contains("Q0436") && found.contains("templates/i18n/en.ftl:1:15"), "{found}");
    let found = told(&with_template("i18n/en.ftl", b"no_data = caf\xe9\n").unwrap_err());
    assert!(found.contains("not UTF-8") && found.contains("templates/i18n/en.ftl:1:14"), "{found}");
}

#[test]
fn a_template_says_texts_with_variables() {
    for (template, says) in [
        ("{{ say(key=\"nothing\") }}", "there is no text `nothing`"),
        ("{{ say(key=\"members\") }}", "the text `members` wants `n`"),
        ("{{ say(key=\"members\", n=1, m=2) }}", "the text `members` has no variable `m`"),
        ("{{ ui.members }}", "ui.members"),
    ] {
        let found = told(&with_template("components/hero.html", template.as_bytes()).unwrap_err());
        assert!(found.contains("templates/components/hero.html:1") && found.contains(says), "{template}: {found}");
    }
    assert!(with_template("components/hero.html", b"{{ say(key=\"members\", n=1) }}").is_ok());
}
