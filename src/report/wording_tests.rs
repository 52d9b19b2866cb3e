//! The texts of a language: complete, filled by kind, and faults told with their place.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::diagnostic::{Place, render};

fn en(overlay: &str) -> Result<Wording, Vec<Diagnostic>> {
    Wording::load("en", Some(("templates/i18n/en.ftl", overlay)))
}

/// What a workspace's file is told, as it is printed.
fn told(overlay: &str) -> String {
    en(overlay).unwrap_err().iter().map(|d| render(d, false)).collect()
}

#[test]
fn all_languages_have_the_same_messages_and_variables() {
    let zh = Catalogue::read("zh", BUILT_IN_ZH).unwrap();
    let en = Catalogue::read("en", BUILT_IN_EN).unwrap();
    assert_eq!(zh.messages.keys().collect::<Vec<_>>(), en.messages.keys().collect::<Vec<_>>());
    for (id, message) in &zh.messages {
        let variables = |m: &crate::report::catalogue::Message| m.variables.keys().cloned().collect::<Vec<_>>();
        assert_eq!(variables(message), variables(&en.messages[id]), "variables of `{id}`");
        assert!(message.messages.is_empty(), "`{id}` refers to a message, whose variables would be hidden");
    }
    let given = Wording::load("zh-CN", None).unwrap().variables;
    for catalogue in [zh, en] {
        assert_eq!(catalogue.faults(None, &given), [], "{}", catalogue.source.name);
    }
}

#[test]
fn numbers_choose_the_form_and_are_written_as_the_language_writes_them() {
    let (zh, en) = (Wording::load("zh-CN", None).unwrap(), Wording::load("en", None).unwrap());
    let members = |w: &Wording, n| w.plural("members", &[("n", n)], &[]);
    assert_eq!([members(&en, 1), members(&en, 2), members(&en, 1234)], ["1 member", "2 members", "1,234 members"]);
    assert_eq!([members(&zh, 1), members(&zh, 1234)], ["1 名成员", "1,234 名成员"]);
    let read = |w: &Wording, f, r, b| w.plural("quality_verdict", &[("files", f), ("rows", r), ("bad", b)], &[]);
    assert_eq!(read(&en, 1, 1200, 0), "1 file with 1,200 rows were read; all could be read.");
}

#[test]
fn a_value_is_never_read_as_a_text_and_gets_no_marks() {
    let w = Wording::load("en", None).unwrap();
    let text = w.say("missing_column", &[("file", "{ $column }"), ("column", "x")]);
    assert_eq!(text, "{ $column } has no column x");
    let right_to_left = w.say("owner_is", &[("name", "עדי")]);
    assert_eq!(right_to_left, "owner עדי");
}

#[test]
fn a_workspace_replaces_single_messages_and_has_terms_of_its_own() {
    let w = en("-who = captain\nowner_is = { -who } { $name }\nmembers = { $n ->\n    [0] nobody\n   *[other] { NUMBER($n) } in all\n }\n").unwrap();
    assert_eq!(w.say("owner_is", &[("name", "Li")]), "captain Li");
    assert_eq!(w.plural("members", &[("n", 0)], &[]), "nobody");
    assert_eq!(w.plural("members", &[("n", 1000)], &[]), "1,000 in all");
    assert_eq!(w.get("no_data"), "no data", "the others stay");
    assert_eq!(en("\u{feff}no_data = none\r\n").unwrap().get("no_data"), "none", "a mark at the start and CRLF");
}

#[test]
fn a_language_of_ones_own_must_be_complete() {
    let found = Wording::load("fr", None).unwrap_err();
    assert_eq!(found[0].code, Code::WordingIncomplete);
    let zh_as_french = Wording::load("fr", Some(("templates/i18n/fr.ftl", BUILT_IN_ZH))).unwrap();
    assert_eq!(zh_as_french.get("no_data"), "无数据");
    assert_eq!(zh_as_french.style, Style::English);
}

#[test]
fn every_fault_of_a_file_of_texts_is_told_with_its_place() {
    let mut wrong = Vec::new();
    for (overlay, code, place, says) in [
        ("no_data none\n", "Q0435", "3:9", "expected a token starting with \"=\""),
        ("no_data = { $n\n", "Q0435", "3:16", "expected a token starting with \"}\""),
        ("no_data = a\nno_data = b\n", "Q0435", "4:1", "`no_data` is there twice"),
        ("no_data = a\n    .title = b\n", "Q0435", "4:6", "`no_data` has an attribute `.title`"),
        ("no_dta = x\n", "Q0436", "3:1", "did you mean `no_data`?"),
        ("owner_is = { $nmae }\n", "Q0436", "3:15", "`owner_is` has no variable `$nmae`"),
        ("no_data = { $n }\n", "Q0436", "3:14", "it has no variables"),
        ("no_data = { nothing }\n", "Q0436", "3:13", "refers to a message `nothing` that does not exist"),
        ("no_data = { unchanged.title }\n", "Q0436", "3:13", "refers to a message `unchanged.title`"),
        ("no_data = { unchanged }\nunchanged = { no_data }\n", "Q0436", "3:13", "refers to itself"),
        ("no_data = { owner_is }\n", "Q0436", "3:13", "no variable `$name`, which `owner_is` uses"),
        ("no_data = { -who }\n", "Q0436", "3:14", "refers to a term `-who` that does not exist"),
        ("points = { DATETIME($n) }\n", "Q0436", "3:12", "calls a function `DATETIME`"),
        ("no_data = 无数据\n无 = x\n", "Q0435", "4:1", "a text cannot be read"),
    ] {
        let text = format!("# own words\n\n{overlay}");
        let printed = told(&text);
        let at = format!("templates/i18n/en.ftl:{place}");
        if ![code, &at, says].iter().all(|part| printed.contains(part)) {
            wrong.push(format!("{overlay:?} should say {code} {at} {says}\n{printed}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

#[test]
fn every_fault_is_told_at_once() {
    let found = en("no_dta = x\nowner_is = { $nmae }\nunchangd = y\n").unwrap_err();
    let lines: Vec<usize> = found
        .iter()
        .map(|d| match &d.labels[0].place {
            Place::Text(span) => span.line(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(BTreeSet::from_iter(lines), BTreeSet::from([1, 2, 3]));
}

#[test]
fn a_template_is_told_what_it_gets_wrong() {
    let w = Wording::load("en", None).unwrap();
    assert!(w.told("nothing", &[]).unwrap_err().contains("`nothing`"));
    assert!(w.told("owner_is", &[]).unwrap_err().contains("`name`"));
    let name = ("name", Given::Text("Li"));
    assert_eq!(w.told("owner_is", &[name]).unwrap(), "owner Li");
    assert!(w.told("owner_is", &[name, ("n", Given::Number(1))]).unwrap_err().contains("`n`"));
}

#[test]
fn every_text_is_put_together_as_fluent_itself_does() {
    let overlay = "members = { $n ->\n    [0] nobody\n    [one] { $n } soul\n   *[other] all { $n }{\" \"}\n }\n\
        owner_is = { $name ->\n    [one] first\n   *[some] { $name }\n }\n";
    let fr = Wording::load("fr", Some(("fr.ftl", BUILT_IN_EN))).unwrap();
    for w in [Wording::load("zh-CN", None).unwrap(), Wording::load("en", None).unwrap(), en(overlay).unwrap(), fr] {
        let mut laid_out = 0;
        for (id, variables) in w.variables.iter().filter(|(_, v)| !v.is_empty()) {
            laid_out += usize::from(w.layouts.contains_key(id));
            let numbers = [0, 1, 2, 3, 999, 1000, 1_234_567, 1 << 53, u64::MAX].map(Given::Number);
            for value in numbers.into_iter().chain(["", "1", "one", "other", "{ $n }", "群"].map(Given::Text)) {
                for other in [Given::Number(1), Given::Number(5), Given::Text("x")] {
                    let given: Vec<(&str, Given<'_>)> = variables
                        .iter()
                        .enumerate()
                        .map(|(i, name)| (name.as_str(), if i == 0 { value } else { other }))
                        .collect();
                    assert_eq!(w.form(id, &given), w.resolved(id, &given), "`{id}` of {} with {given:?}", w.tag);
                }
            }
        }
        assert!(laid_out > 80, "{laid_out} texts of {}", w.tag);
    }
}
