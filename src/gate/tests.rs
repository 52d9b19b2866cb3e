//! What must hold of any two results.
#![allow(clippy::unwrap_used)]

use super::attribute::by_itself;
use super::result::{GroupResult, KpiValue, MadeFrom, PeriodRef, ResultFile, ScoreValue, Tool};
use super::rules::{Cuts, KpiRule, RuleSet, Rules, StageRules};
use super::*;
use crate::calendar::Day;
use crate::diagnostic::{Code, Severity};
use proptest::prelude::*;
use std::collections::BTreeMap;

const KPIS: [&str; 5] = ["a", "b", "c", "d", "e"];

fn rule(weight: f64, cuts: [f64; 4], definition: &str) -> KpiRule {
    KpiRule {
        board: "one".to_owned(),
        weight,
        better: "higher".to_owned(),
        missing: "exclude".to_owned(),
        cuts: Some(Cuts::Line(cuts)),
        definition: definition.to_owned(),
    }
}

/// Values are `None` where nothing was measured; the score is that of the rules.
fn result(values: &[Option<f64>], rules: Rules, version: &str, data: &str) -> ResultFile {
    let kpis: BTreeMap<String, KpiValue> = KPIS
        .iter()
        .zip(values)
        .map(|(id, value)| ((*id).to_owned(), KpiValue { value: *value, ..KpiValue::default() }))
        .collect();
    let mut group = GroupResult {
        name: "Tea".to_owned(),
        rules: "tea".to_owned(),
        stage: None,
        members: Some(50),
        score: ScoreValue { value: None, grade: None, coverage: 0.0, low: 0.0, high: 100.0 },
        kpis,
        alerts: BTreeMap::new(),
        waivers: Vec::new(),
    };
    let scored = by_itself(&group, &rules);
    group.score.value = scored.issued.then_some(scored.total);
    group.score.coverage = scored.coverage;
    ResultFile {
        schema_version: RESULT_SCHEMA_VERSION,
        tool: Tool { name: "qunce".to_owned(), version: version.to_owned() },
        as_of: "2025-05-11T16:00:00Z".to_owned(),
        period: PeriodRef { id: "2025-W19".to_owned(), start: "2025-05-05".to_owned(), end: "2025-05-11".to_owned() },
        made_from: MadeFrom { data: Some(data.to_owned()), configuration: "c".to_owned(), playbooks: "p".to_owned() },
        groups: [("g1".to_owned(), group)].into(),
        rules: [("tea".to_owned(), rules)].into(),
    }
}

fn rules(kpis: Vec<KpiRule>) -> Rules {
    Rules {
        stage_conditions: "s".to_owned(),
        all: RuleSet {
            boards: [("one".to_owned(), 1.0)].into(),
            grades: [("A".to_owned(), 0.0)].into(),
            min_coverage: 0.0,
            min_members: 1,
            min_sample: 1,
            kpis: KPIS.iter().map(|k| (*k).to_owned()).zip(kpis).collect(),
        },
        stages: BTreeMap::<String, StageRules>::new(),
    }
}

/// Cut points that ascend.
fn cuts() -> impl Strategy<Value = [f64; 4]> {
    prop::array::uniform4(0.01_f64..1.0).prop_map(|steps| {
        let mut at = 0.0;
        steps.map(|s| {
            at += s;
            at
        })
    })
}

fn some_rules() -> impl Strategy<Value = Rules> {
    prop::collection::vec((0.5_f64..4.0, cuts(), prop::bool::weighted(0.2)), KPIS.len()).prop_map(|all| {
        let rule = |(weight, cuts, other): (f64, [f64; 4], bool)| rule(weight, cuts, if other { "new" } else { "old" });
        rules(all.into_iter().map(rule).collect())
    })
}

fn values() -> impl Strategy<Value = Vec<Option<f64>>> {
    prop::collection::vec(prop::option::weighted(0.8, 0.0_f64..3.0), KPIS.len())
        .prop_filter("something is measured", |v| v.iter().any(Option::is_some))
}

fn part_of(diff: &Diff) -> Option<Parts> {
    diff.groups.get("g1").and_then(|g| g.parts)
}

proptest! {
    #[test]
    fn the_parts_add_up_to_the_change(a in values(), b in values(), old in some_rules(), new in some_rules(), other in any::<bool>()) {
        let (before, after) = (result(&a, old, "1", "x"), result(&b, new, if other { "2" } else { "1" }, "y"));
        let diff = compare(&before, &after);
        if let Some(group) = diff.groups.get("g1") {
            let (change, parts) = (group.change.unwrap(), group.parts.unwrap());
            prop_assert!((change - parts.sum()).abs() < 1e-9, "{change} {parts:?}");
        }
    }

    #[test]
    fn a_result_does_not_differ_from_itself(a in values(), rules in some_rules()) {
        let one = result(&a, rules, "1", "x");
        prop_assert!(compare(&one, &one).is_empty());
        prop_assert!(compare(&one, &serde_json::from_str(&write(&one)).unwrap()).is_empty(), "nor from what is read back");
    }

    #[test]
    fn there_and_back_is_nothing(a in values(), b in values(), old in some_rules(), new in some_rules()) {
        let (one, two) = (result(&a, old, "1", "x"), result(&b, new, "1", "y"));
        let (there, back) = (part_of(&compare(&one, &two)), part_of(&compare(&two, &one)));
        let (there, back) = (there.unwrap_or_default().named(), back.unwrap_or_default().named());
        for ((_, t), (_, b)) in there.iter().zip(&back) {
            prop_assert!((t + b).abs() < 1e-9);
        }
    }

    #[test]
    fn where_only_rules_changed_it_is_all_the_playbook(a in values(), old in some_rules(), new in some_rules()) {
        let diff = compare(&result(&a, old, "1", "x"), &result(&a, new, "1", "x"));
        let parts = part_of(&diff).unwrap_or_default();
        prop_assert_eq!([parts.data, parts.coverage, parts.version], [0.0; 3]);
    }

    #[test]
    fn where_only_values_changed_it_is_all_data(a in values(), shift in prop::collection::vec(-1.0_f64..1.0, KPIS.len()), rules in some_rules()) {
        let b: Vec<Option<f64>> = a.iter().zip(shift).map(|(v, s)| v.map(|v| v + s)).collect();
        let diff = compare(&result(&a, rules.clone(), "1", "x"), &result(&b, rules, "1", "y"));
        let parts = part_of(&diff).unwrap_or_default();
        prop_assert_eq!([parts.playbook, parts.coverage, parts.version], [0.0; 3]);
    }

    #[test]
    fn where_only_a_measurement_ended_it_is_all_coverage(a in values(), which in 0..KPIS.len(), rules in some_rules()) {
        let mut b = a.clone();
        b[which] = None;
        prop_assume!(b.iter().any(Option::is_some));
        let diff = compare(&result(&a, rules.clone(), "1", "x"), &result(&b, rules, "1", "y"));
        let parts = part_of(&diff).unwrap_or_default();
        prop_assert_eq!([parts.playbook, parts.data, parts.version], [0.0; 3]);
    }

    #[test]
    fn a_stricter_gate_never_lets_more_pass(a in 0.0_f64..100.0, b in 0.0_f64..100.0) {
        let assessment = crate::report::fixture::assessment();
        let now = result(&[Some(1.0); 5], rules(vec![rule(1.0, [0.0, 1.0, 2.0, 3.0], "old"); 5]), "1", "x");
        let failing = |least: f64| {
            let gates = Gates { fail_under: Some(Limit { value: least, span: None }), ..Gates::default() };
            check(&gates, &assessment, Day(20_000), &now, None).count(Severity::Error)
        };
        prop_assert!(failing(a.min(b)) <= failing(a.max(b)));
    }

    #[test]
    fn a_wider_margin_never_fails_more(before in values(), after in values(), a in 0.0_f64..100.0, b in 0.0_f64..100.0) {
        let assessment = crate::report::fixture::assessment();
        let by = rules(vec![rule(1.0, [0.0, 1.0, 2.0, 3.0], "old"); 5]);
        let (earlier, now) = (result(&before, by.clone(), "1", "x"), result(&after, by, "1", "y"));
        let failing = |most: f64| {
            let gates = Gates { max_drop: Some(Limit { value: most, span: None }), ..Gates::default() };
            check(&gates, &assessment, Day(20_000), &now, Some((&earlier, "baseline.json"))).count(Severity::Error)
        };
        prop_assert!(failing(a.max(b)) <= failing(a.min(b)));
    }
}

fn five(weight: f64, cuts: [f64; 4], definition: &str) -> Rules {
    rules(vec![rule(weight, cuts, definition); 5])
}

const LINE: [f64; 4] = [0.0, 1.0, 2.0, 3.0];

#[test]
fn a_value_that_is_measured_anew_is_the_playbook_s() {
    let before = result(&[Some(1.0); 5], five(1.0, LINE, "old"), "1", "x");
    let after = result(&[Some(2.0); 5], five(1.0, LINE, "new"), "1", "y");
    let diff = compare(&before, &after);
    let parts = part_of(&diff).unwrap();
    assert_eq!([parts.data, parts.playbook, parts.coverage, parts.version], [0.0, 30.0, 0.0, 0.0]);
    assert!(diff.groups["g1"].kpis.iter().all(|k| k.redefined));
}

#[test]
fn the_same_rows_and_rules_leave_only_the_version() {
    let before = result(&[Some(1.0); 5], five(1.0, LINE, "old"), "1", "x");
    let after = result(&[Some(2.0); 5], five(1.0, LINE, "old"), "2", "x");
    let parts = part_of(&compare(&before, &after)).unwrap();
    assert_eq!([parts.data, parts.playbook, parts.coverage, parts.version], [0.0, 0.0, 0.0, 30.0]);
    // A version that scores in another way tells another score for the same values.
    let mut after = result(&[Some(1.0); 5], five(1.0, LINE, "old"), "2", "x");
    after.groups.get_mut("g1").unwrap().score.value = Some(57.0);
    let parts = part_of(&compare(&before, &after)).unwrap();
    assert_eq!([parts.data, parts.playbook, parts.coverage, parts.version], [0.0, 0.0, 0.0, 7.0]);
}

#[test]
fn two_causes_share_what_neither_did_alone() {
    // Old rows by new rules: 80. New rows by old rules: 80. Both: 100.
    let before = result(&[Some(1.0); 5], five(1.0, LINE, "old"), "1", "x");
    let after = result(&[Some(2.0); 5], five(1.0, [-1.0, 0.0, 1.0, 2.0], "old"), "1", "y");
    let parts = part_of(&compare(&before, &after)).unwrap();
    assert!((parts.data - 25.0).abs() < 1e-9 && (parts.playbook - 25.0).abs() < 1e-9, "{parts:?}");
}

#[test]
fn a_group_that_moves_to_another_stage_by_its_rows_is_data() {
    let mut staged = five(1.0, LINE, "old");
    let mut late = StageRules::default();
    late.kpis.insert("a".to_owned(), Some(rule(9.0, [0.0, 0.1, 0.2, 0.3], "old")));
    staged.stages.insert("mature".to_owned(), late);
    let before = result(&[Some(1.0); 5], staged.clone(), "1", "x");
    let mut after = before.clone();
    let group = after.groups.get_mut("g1").unwrap();
    group.stage = Some("mature".to_owned());
    group.score.value = Some(by_itself(group, &staged).total);
    let parts = part_of(&compare(&before, &after)).unwrap();
    assert!(parts.data > 10.0 && parts.playbook == 0.0 && parts.coverage == 0.0, "{parts:?}");
}

#[test]
fn a_lost_score_names_what_took_it() {
    let mut by = five(1.0, LINE, "old");
    by.all.min_coverage = 0.5;
    let before = result(&[Some(1.0); 5], by.clone(), "1", "x");
    let after = result(&[Some(1.0), None, None, None, None], by, "1", "y");
    let diff = compare(&before, &after);
    let group = &diff.groups["g1"];
    assert_eq!((group.change, group.parts, group.gap), (None, None, Some("coverage")));
    assert!(human(&diff).contains("no score any more, by coverage"), "{}", human(&diff));
}

#[test]
fn names_are_text_in_every_form() {
    const HOSTILE: &str = "x\n::error::y\u{1b}[31m\u{202e}|@all <b>[z](javascript:1)`";
    let before = result(&[Some(1.0); 5], five(1.0, LINE, "old"), "1", "x");
    let mut after = result(&[Some(2.0); 5], five(1.0, LINE, "old"), "1", "y");
    let mut group = after.groups.remove("g1").unwrap();
    group.name = HOSTILE.to_owned();
    after.groups.insert("g1".to_owned(), group.clone());
    after.groups.insert(HOSTILE.to_owned(), group);
    let diff = compare(&before, &after);
    let (human, markdown) = (human(&diff), markdown(&diff));
    for text in [&human, &markdown] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        assert!(text.lines().all(|l| !l.trim_start().starts_with("::")), "{text}");
    }
    assert!(!markdown.contains("@all") && !markdown.contains("<b>") && !markdown.contains("](java"), "{markdown}");
    let columns: Vec<usize> =
        markdown.lines().filter(|l| l.starts_with('|')).map(|l| l.replace("\\|", "").matches('|').count()).collect();
    assert!(columns.iter().all(|n| *n == 9), "{columns:?}\n{markdown}");
    let json = write(&json(&diff));
    assert!(!json.contains('\u{202e}') && json.contains("\\u202e"), "{json}");
}

#[test]
fn a_comment_is_never_longer_than_code_hosts_take_and_begins_with_the_worst() {
    let many = |worst: f64, others: f64| {
        let of = |value: f64| result(&[Some(value); 5], five(1.0, LINE, "old"), "1", &value.to_string());
        let (mut all, other) = (of(worst), of(others).groups.remove("g1").unwrap());
        for n in 0..3000 {
            let mut group = other.clone();
            group.name = format!("茶馆 {n}");
            all.groups.insert(format!("a{n}"), group);
        }
        all
    };
    let (before, mut after) = (many(0.9, 0.9), many(0.1, 0.8));
    for n in 0..3000 {
        let group = after.groups["a0"].clone();
        after.groups.insert(format!("new {n}"), group);
    }
    let markdown = markdown(&compare(&before, &after));
    assert!(markdown.len() < 65_000, "{}", markdown.len());
    let first = markdown.lines().find(|l| l.starts_with("| ") && !l.starts_with("| group") && !l.starts_with("| -"));
    assert!(first.is_some_and(|l| l.starts_with("| g1 Tea | ")), "{first:?}");
    let told = markdown.lines().filter(|l| l.starts_with("| a")).count();
    assert!(markdown.contains(&format!("\n… and {} more groups; ", 3000 - told)), "{told} of 3000 are told");
    assert!(markdown.matches("… and ").count() == 3 && markdown.contains("\nnew:\n\n- new 0 ("), "{markdown}");
}

#[test]
fn a_baseline_that_contradicts_itself_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");
    let refuses = |file: &ResultFile| {
        std::fs::write(&path, write(file)).unwrap();
        match read_result(&path, "baseline.json") {
            Ok(_) => None,
            Err(LoadError::Invalid(finding)) => Some((finding.code, finding.title)),
            Err(LoadError::System(error)) => panic!("{error}"),
        }
    };
    let version = env!("CARGO_PKG_VERSION");
    let sound = result(&[Some(1.0); 5], five(1.0, LINE, "old"), version, "x");
    assert_eq!(refuses(&sound), None);

    let mut edited = sound.clone();
    edited.groups.get_mut("g1").unwrap().score.value = Some(99.0);
    assert!(refuses(&edited).is_some_and(|(code, title)| code == Code::InvalidResult && title.contains("g1")));
    edited.tool.version = "0.0.1".to_owned();
    assert_eq!(refuses(&edited), None, "another version may score in another way");

    let mut orphaned = sound.clone();
    orphaned.rules.clear();
    assert!(refuses(&orphaned).is_some_and(|(code, _)| code == Code::InvalidResult));

    let mut newer = sound;
    newer.schema_version = RESULT_SCHEMA_VERSION + 1;
    newer.tool.version = "9.8.7".to_owned();
    assert!(refuses(&newer).is_some_and(|(code, title)| code == Code::ResultVersion && title.contains("version 2")));
}
