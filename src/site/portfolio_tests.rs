//! The pages of all groups and their scripts: bounded in size, complete, and leading somewhere.
#![allow(clippy::unwrap_used)]

use super::build::editions;
use super::engine::TemplateFiles;
use super::pages::{Kind, Page, Shown, Site};
use super::tests::{built, inputs, text};
use crate::config::Config;
use crate::health::{Assessment, Scope};
use crate::report::fixture::{HOSTILE, assessment};
use crate::report::{Places, Pseudonyms, Reporter};
use serde_json::Value;
use std::collections::BTreeMap;

/// Files of the portfolio alone, by path, in so many languages.
fn portfolio(a: &Assessment, languages: usize) -> BTreeMap<String, Vec<u8>> {
    let mut config = Config::default();
    config.site.languages.truncate(languages);
    let inputs = inputs(a, &config);
    let files = TemplateFiles::load(None).unwrap();
    let editions = editions(&inputs, &files).unwrap_or_else(|_| panic!("the built-in templates"));
    let site = Site::new(a, &config, &[], None);
    let (names, places) = (Pseudonyms::new(config.privacy.members, Some("k")), Places::default());
    let ours = |p: &Page| {
        matches!(
            p.kind,
            Kind::Portfolio(_) | Kind::Rollups(_) | Kind::GroupsScript | Kind::SearchScript | Kind::Type(_)
        )
    };
    site.pages()
        .into_iter()
        .filter(ours)
        .map(|page| {
            let edition = &editions[page.language];
            let reporter =
                Reporter::new(a, &edition.wording, &names, &places, &edition.engine, &config.extra, config.site.zone);
            let content = site.render(&page, &reporter, &edition.engine, &Shown::default()).unwrap();
            (page.path, content)
        })
        .collect()
}

/// Many groups with names of their own, each owner with as many groups as the next.
fn many(groups: usize, owners: usize, name: impl Fn(usize) -> String) -> Assessment {
    let mut a = assessment();
    a.groups.clear();
    while a.groups.len() < groups {
        a.groups.extend(assessment().groups.into_iter().take(groups - a.groups.len()));
    }
    for (i, group) in a.groups.iter_mut().enumerate() {
        group.info.slug = format!("g{i:05}");
        group.info.id = format!("g{i:05}");
        group.info.name = name(i);
        group.info.owner = Some(name(i % owners));
    }
    let owners = (0..owners).map(|i| (Scope::Owner(name(i)), i));
    let model = a.rollups[1].clone();
    a.rollups.extend(owners.map(|(scope, i)| crate::health::Rollup { scope, worst: Some(i), ..model.clone() }));
    a
}

fn data(files: &BTreeMap<String, Vec<u8>>, path: &str) -> Value {
    let script = text(files, path);
    serde_json::from_str(script.split_once('=').unwrap().1.split_once('=').unwrap().1.trim().trim_end_matches(';'))
        .unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn pages_stay_small_whatever_groups_are_called() {
    // The longest and widest names that there can be, and an owner for each.
    let a = many(400, 400, |i| format!("{i}{}", "&\"😀".repeat(60)));
    let files = portfolio(&a, 2);
    let mut listed = 0;
    for (path, bytes) in &files {
        if path.ends_with(".html") && !path.contains("types/") {
            assert!(bytes.len() <= 60_000, "{path} has {} bytes", bytes.len());
        }
        if !path.starts_with("en/") && path.ends_with(".html") && !path.contains("rollups") && !path.contains("types/")
        {
            listed += text(&files, path).matches("data-f=\"name\"").count();
        }
    }
    assert_eq!(listed, 400, "every group is on one page");
    assert!(files.contains_key("groups-20.html") && !files.contains_key("groups-21.html"));
    assert!(text(&files, "types/vip.html").contains("href=\"../index.html#type=vip\""));
}

#[test]
fn five_thousand_groups_make_small_scripts() {
    let a = many(5000, 60, |i| format!("豆苗成长·深圳限时抢购{i}群"));
    let files = portfolio(&a, 1);
    assert_eq!(data(&files, "assets/portfolio.zh-CN.js")["groups"].as_array().unwrap().len(), 5000);
    let size = |path: &str| files[path].len();
    assert!(size("assets/search.zh-CN.js") < 400_000, "{}", size("assets/search.zh-CN.js"));
    assert!(size("assets/portfolio.zh-CN.js") < 1_200_000, "{}", size("assets/portfolio.zh-CN.js"));
    assert!(size("index.html") < 45_000, "{}", size("index.html"));
}

#[test]
fn everything_that_can_be_found_is_where_the_index_says() {
    let (_dir, files) = built();
    for (script, prefix) in [("assets/search.zh-CN.js", ""), ("assets/search.en.js", "en/")] {
        let index = data(&files, script);
        let rows = index["rows"].as_array().unwrap();
        for kind in 0..3 {
            assert!(rows.iter().any(|r| r[0] == kind), "{script} has nothing of kind {kind}");
        }
        for row in rows {
            let mut href = row[3].as_str().unwrap().to_owned();
            if row[0] == 0 {
                href = format!("groups/{href}/index.html");
            }
            let (path, place) = href.split_once('#').map_or((href.as_str(), None), |(p, a)| (p, Some(a)));
            let html = text(&files, &format!("{prefix}{path}"));
            assert!(place.is_none_or(|p| html.contains(&format!("id=\"{p}\""))), "{prefix}{href}");
            assert!(index["words"].get(row[2].as_u64().unwrap() as usize).is_some(), "{row}");
        }
    }
}

#[test]
fn the_scripts_that_pages_name_are_there_and_harmless() {
    let (_dir, files) = built();
    for (path, bytes) in files.iter().filter(|(p, _)| p.ends_with(".html")) {
        let html = std::str::from_utf8(bytes).unwrap();
        for attribute in ["data-groups=\"", "data-index=\""] {
            for part in html.split(attribute).skip(1) {
                let link = part.split('"').next().unwrap();
                let name = link.trim_start_matches("../");
                assert!(files.contains_key(name), "{path} names {link}");
                assert_eq!(link.matches("../").count(), path.matches('/').count(), "{path} names {link}");
            }
        }
    }
    for name in ["portfolio", "search"] {
        let script = text(&files, &format!("assets/{name}.zh-CN.js"));
        assert!(!script.contains(['<', '>', '&', '\u{2028}', '\u{202e}']) && script.lines().count() == 1, "{name}");
        assert!(script.contains("=1+1"), "the hostile group is there: {}", HOSTILE);
    }
}

#[test]
fn the_script_says_what_the_page_says() {
    let (_dir, files) = built();
    let script = data(&files, "assets/portfolio.zh-CN.js");
    let columns: Vec<&str> = script["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    let groups = script["groups"].as_array().unwrap();
    let value = |g: &Value, name: &str| g[columns.iter().position(|c| *c == name).unwrap()].clone();
    let word = |g: &Value, name: &str| {
        let place = value(g, name).as_u64().unwrap() as usize;
        script["words"][place].as_str().unwrap().to_owned()
    };
    let html = text(&files, "index.html");
    let shown: Vec<&str> = html.split("data-f=\"name\"><bdi>").skip(1).map(|p| p.split('<').next().unwrap()).collect();
    assert_eq!(groups.len(), shown.len());
    let g01 = groups.iter().position(|g| value(g, "slug") == "g01").unwrap();
    assert_eq!(shown[g01], value(&groups[g01], "name"), "the same order");
    let row = html.split("<li class=\"row ").nth(g01 + 2).unwrap();
    for name in ["score", "grade", "classText", "coverage", "since", "first", "who", "due", "owner", "stage"] {
        let said = word(&groups[g01], name);
        assert!(row.contains(&said), "{name}: {said} is not in {row}");
    }
    assert!(row.starts_with(&word(&groups[g01], "class")));
    assert!(groups.iter().all(|g| g.as_array().unwrap().len() == columns.len()));
}

#[test]
fn rollups_add_and_name_the_worst() {
    let files = portfolio(&many(40, 40, |i| format!("群{i}")), 1);
    let html = text(&files, "index.html");
    for part in ["18.3%<small>88 ÷ 482</small>", "发言率", "按群主", "href=\"rollups.html\"", "其余 36 行"] {
        assert!(html.contains(part), "{part}");
    }
    let all = text(&files, "rollups.html");
    assert!(all.contains("<bdi>群30</bdi>") && all.contains("href=\"groups/g00030/index.html\""));
    assert!(!text(&portfolio(&assessment(), 1), "index.html").contains("rollups.html"));
}
