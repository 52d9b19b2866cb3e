//! The pages of a real sample: short enough for a phone, laid out for readers and for screen readers,
//! and explainable from every number down to rows and the playbook's line.

#![allow(clippy::expect_used, reason = "a test that cannot go on says why")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use support::{Workspace, project, tree};

/// The most a page may weigh without the stylesheet that all share.
const MOST: usize = 60 * 1024;

/// The texts of the site of four groups, one a type, with everything the shipped playbooks ask for.
static SITE: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let workspace = Workspace::empty();
    workspace.run(&["init"]).well();
    workspace.run(&["sample", "--groups", "4", "--members", "120", "--weeks", "9"]).well();
    workspace.run(&["build"]).well();
    let text = |(path, bytes): (String, Vec<u8>)| Some((path, String::from_utf8(bytes).ok()?));
    workspace.tree("out").into_iter().filter_map(text).collect()
});

/// Its HTML pages.
static PAGES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    SITE.iter().filter(|(path, _)| path.ends_with(".html")).map(|(path, html)| (path.clone(), html.clone())).collect()
});

#[test]
fn what_is_due_before_the_next_report_comes_first() {
    let mut later = 0;
    for (path, text) in SITE.iter().filter(|(path, _)| path.starts_with("api/groups/")) {
        let group: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let next = (group["period"]["end"].as_str())
            .and_then(|end| chrono::NaiveDate::parse_from_str(end, "%Y-%m-%d").ok())
            .map(|end| (end + chrono::Days::new(7)).to_string())
            .expect("the end of the period");
        let due: Vec<&str> =
            group["actions"].as_array().expect("deeds").iter().filter_map(|a| a["due"].as_str()).collect();
        let after: Vec<bool> = due.iter().map(|due| *due > next.as_str()).collect();
        assert!(after.is_sorted(), "{path}: {due:?}, the next report is of the week to {next}");
        later += after.iter().filter(|after| **after).count();
    }
    assert!(later > 0, "nothing was due later, so nothing was shown");
}

/// The inside of every tag of a name, with the text up to its end tag.
fn elements<'h>(html: &'h str, name: &str) -> Vec<(&'h str, &'h str)> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    html.split(open.as_str())
        .skip(1)
        .filter(|rest| rest.starts_with([' ', '>', '\n']))
        .filter_map(|rest| {
            let (tag, after) = rest.split_once('>')?;
            Some((tag, after.split(close.as_str()).next().unwrap_or_default()))
        })
        .collect()
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()
}

#[test]
fn no_page_is_heavier_than_a_phone_likes() {
    let heavy: Vec<(&String, usize)> =
        PAGES.iter().map(|(path, html)| (path, html.len())).filter(|(_, bytes)| *bytes > MOST).collect();
    assert!(heavy.is_empty(), "{heavy:?}");
    assert!(PAGES.len() > 200, "only {} pages", PAGES.len());
}

#[test]
fn headings_begin_with_one_and_skip_no_level() {
    for (path, html) in PAGES.iter() {
        let levels: Vec<u32> = html
            .match_indices("<h")
            .filter_map(|(i, _)| html.get(i + 2..i + 4)?.strip_suffix(['>', ' '])?.parse().ok())
            .collect();
        assert_eq!(levels.iter().filter(|l| **l == 1).count(), 1, "{path}: {levels:?}");
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{path}: {levels:?}");
    }
}

/// The words and numbers of a text: what a reader can look for in the page.
fn numbers(text: &str) -> BTreeSet<&str> {
    let part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '%');
    let numbers = text.split(|c| !part(c)).map(|n| n.trim_matches(['.', ',']));
    numbers.filter(|n| n.contains(|c: char| c.is_ascii_digit())).collect()
}

/// The text of a page without its charts.
fn words(html: &str) -> String {
    let mut out = String::new();
    for (i, part) in html.split("<svg").enumerate() {
        let part = if i == 0 { part } else { part.split_once("</svg>").map_or("", |(_, rest)| rest) };
        for piece in part.split('<') {
            out.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
            out.push(' ');
        }
    }
    out
}

/// A chart is a picture with a name, a description, and each number of it in the page's text or tables; or it is mere
/// ornament of a text that says it all.
#[test]
fn every_chart_has_a_name_a_description_and_its_numbers_in_the_page() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, html) in PAGES.iter() {
        let text = words(html);
        let told = numbers(&text);
        for (tag, inside) in elements(html, "svg") {
            if attribute(tag, "aria-hidden") == Some("true") {
                continue;
            }
            assert_eq!(attribute(tag, "role"), Some("img"), "{path}: {tag}");
            let inner = |name| elements(inside, name).first().map(|(_, text)| text.trim()).unwrap_or_default();
            let (title, description) = (inner("title"), inner("desc"));
            assert!(!title.is_empty() && !description.is_empty(), "{path}: {tag}: {title} / {description}");
            // How many periods a trend has is seen by its columns.
            let described = description.split_once(['：', ':']).map_or(description, |(_, numbers)| numbers);
            let lacking: Vec<&str> = numbers(described).difference(&told).copied().collect();
            assert!(lacking.is_empty(), "{path}: {description}: {lacking:?}");
            let kind = attribute(tag, "class").and_then(|c| c.split(' ').next()).unwrap_or_default();
            *kinds.entry(kind).or_default() += 1;
        }
    }
    for kind in ["gauge", "bullet", "spark", "stack", "stacks", "heat", "radar", "slope"] {
        assert!(kinds.get(kind).is_some_and(|n| *n > 5), "{kind}: {kinds:?}");
    }
}

#[test]
fn tables_have_scopes_folds_have_names_and_every_page_a_language() {
    // The portfolio has tests of its own.
    for (path, html) in PAGES.iter().filter(|(p, _)| p.contains('/') && !p.ends_with("en/index.html")) {
        let tag = if path.starts_with("en/") { "en" } else { "zh-CN" };
        assert!(html.contains(&format!("<html lang=\"{tag}\"")), "{path}");
        assert!(html.contains("<main id=\"main\"") && html.contains("class=\"skip\" href=\"#main\""), "{path}");
        for (_, inside) in elements(html, "details") {
            let name = elements(inside, "summary").first().map(|(_, text)| text.trim()).unwrap_or_default();
            assert!(!name.is_empty(), "{path}");
        }
        for table in html.split("<table class=\"").skip(1) {
            let table = table.split("</table>").next().unwrap_or_default();
            for (head, text) in elements(table, "th") {
                assert!(head.contains("scope=") || text.trim().is_empty(), "{path}: <th{head}>{text}");
            }
        }
    }
}

/// What a report shows, another page explains: each link to evidence ends at the KPI's formula, which
/// names measures that a third page defines, each with a file and a line.
#[test]
fn every_number_of_a_report_is_explained_down_to_the_playbooks_line() {
    let mut followed = 0;
    for (path, report) in PAGES.iter().filter(|(p, _)| p.contains("groups/") && p.ends_with("/index.html")) {
        let folder = path.trim_end_matches("index.html");
        let anchors: BTreeSet<&str> =
            report.split("href=\"evidence.html#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(anchors.len() > 20, "{path}: {anchors:?}");
        let evidence = PAGES.get(&format!("{folder}evidence.html")).expect("the evidence");
        let measures = PAGES.get(&format!("{folder}measures.html")).expect("the measures");
        for anchor in anchors {
            let proof = evidence
                .split("<article ")
                .find(|part| part.contains(&format!("id=\"{anchor}\"")))
                .expect("the KPI's evidence");
            assert!(proof.contains("class=\"formula\"") && proof.contains(".toml:"), "{path}: {proof}");
            for rest in proof.split("href=\"measures.html#").skip(1) {
                let id = rest.split('"').next().unwrap_or_default();
                let defined = measures.split("<div id=\"").find(|part| part.starts_with(&format!("{id}\"")));
                assert!(defined.is_some_and(|part| part.contains(".toml:")), "{path}: {id}");
                followed += 1;
            }
        }
    }
    assert!(followed > 300, "only {followed} measures were followed");
}

#[test]
fn a_report_says_first_what_is_to_be_done() {
    let order = [
        "class=\"verdict\"",
        "class=\"gauge",
        "id=\"actions\"",
        "id=\"kpis\"",
        "id=\"funnels\"",
        "id=\"segments\"",
        "id=\"alerts\"",
        "id=\"churn\"",
        "id=\"detail\"",
        "id=\"changes\"",
        "id=\"evidence\"",
    ];
    for (path, html) in PAGES.iter().filter(|(p, _)| p.contains("groups/") && p.ends_with("/index.html")) {
        let places: Vec<Option<usize>> = order.iter().map(|mark| html.find(mark)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{path}: {places:?}");
        assert!(html.matches("<li class=\"act\"").count() <= 3, "{path}");
    }
}

/// A consultant changes one look by one file; every other part stays as it is.
#[test]
fn one_file_of_a_workspace_restyles_one_part_of_every_report() {
    let workspace = Workspace::empty();
    workspace.run(&["init"]).well();
    workspace.run(&["sample", "--groups", "2", "--members", "20", "--weeks", "4"]).well();
    workspace.run(&["build"]).well();
    let before = workspace.read("out/groups/g001/index.html");
    workspace.write(
        "templates/components/kpi.html",
        "<li class=\"own\"><b>{{ k.name }}</b> {{ k.value }} {{ k.spark | spark }} <a href=\"{{ k.href }}\">?</a></li>\n",
    );
    workspace.run(&["build"]).well();
    let after = workspace.read("out/groups/g001/index.html");
    assert!(after.contains("<li class=\"own\">") && !after.contains("<li class=\"kpi "));
    let rest = |html: &str| html.split("<section id=\"funnels\">").nth(1).map(str::to_owned);
    assert_eq!(rest(&before), rest(&after));
}

/// Levels of the headings of a Markdown file, in order.
fn outline(markdown: &str) -> Vec<u8> {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
        .filter_map(|event| match event {
            Event::Start(Tag::Heading { level, .. }) => Some(level as u8),
            _ => None,
        })
        .collect()
}

/// Authors begin their texts with headings of any level; those of the page keep their place.
#[test]
fn headings_of_authors_stand_below_those_of_the_page() {
    let workspace = Workspace::empty();
    workspace.run(&["init"]).well();
    workspace.run(&["sample", "--groups", "2", "--members", "20", "--weeks", "2"]).well();
    let mut changed = 0;
    for (path, bytes) in tree(&project("playbooks")).into_iter().filter(|(p, _)| p.ends_with(".toml")) {
        let text = String::from_utf8(bytes).expect("a playbook");
        let titled = text.replace("body = \"\"\"\n", "body = \"\"\"\n# AA\n\n#### BB\n\nCC\n===\n\n");
        changed += titled.matches("# AA").count();
        workspace.write(&format!("playbooks/{path}"), titled);
    }
    assert!(changed > 20, "only {changed} texts");
    workspace.run(&["build"]).well();
    let mut found = 0;
    for (path, bytes) in workspace.tree("out") {
        let text = String::from_utf8_lossy(&bytes);
        let levels: Vec<u8> = match path.rsplit('.').next() {
            Some("md") => outline(&text),
            Some("html") => {
                let level = |(i, _): (usize, &str)| text.get(i + 2..i + 4)?.strip_suffix(['>', ' '])?.parse().ok();
                text.match_indices("<h").filter_map(level).collect()
            }
            _ => continue,
        };
        assert_eq!(levels.iter().filter(|l| **l == 1).count(), 1, "{path}: {levels:?}");
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{path}: {levels:?}");
        found += text.matches("AA").count();
        // The page's own sections are where they would be without the texts.
        if path.ends_with("manual.md") {
            assert!(text.contains("\n### AA\n\n#### BB\n\n### CC\n"), "{path}: {text}");
        }
    }
    assert!(found > 20, "only {found} such headings are shown");
}
