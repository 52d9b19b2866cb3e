//! What views say, and that every word they use exists.
#![allow(clippy::unwrap_used)]

use super::fixture::{assessment, playbook};
use super::*;
use crate::calendar::Zone;
use crate::data::Reason;
use crate::diagnostic::Diagnostic;
use crate::health::{Assessment, Counted};
use crate::measure::Missing;
use crate::playbook::Text;
use crate::schema::Table;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

struct AsWritten;

impl TextTemplates for AsWritten {
    fn fill(&self, text: &Text, language: &str, _: &TextVariables, _: &str, _: Reading) -> Result<String, Diagnostic> {
        Ok(text.get(language).to_owned())
    }
}

pub(super) fn with<T>(tag: &str, assessment: &Assessment, run: impl FnOnce(&Reporter<'_>) -> T) -> T {
    let wording = Wording::load(tag, None).unwrap();
    let names = Pseudonyms::new(crate::config::MemberNames::Pseudonym, Some("k"));
    let (places, extra) = (Places::default(), BTreeMap::new());
    let zone = Zone::new(chrono_tz::Tz::Asia__Shanghai);
    run(&Reporter::new(assessment, &wording, &names, &places, &AsWritten, &extra, zone))
}

#[test]
fn the_verdict_names_change_cause_and_what_gets_better() {
    let a = assessment();
    let zh = with("zh-CN", &a, |r| r.group_report(&a.groups[0], 4).unwrap().verdict.join(""));
    assert_eq!(
        zh,
        "比上期降 3.3 分，到 64 分（C 级），主要被消息打开率（现为 41.4%）拖累。新人破冰率在变好。有 1 条紧急预警。"
    );
    let en = with("en", &a, |r| r.group_report(&a.groups[0], 4).unwrap().verdict.join(" "));
    assert!(en.starts_with("Down 3.3 points to 64 (grade C), mainly because of Open rate (now 41.4%)."), "{en}");
}

#[test]
fn below_the_minimum_coverage_there_is_no_score_and_a_reason() {
    let a = assessment();
    with("zh-CN", &a, |r| {
        let view = r.group_report(&a.groups[3], 4).unwrap();
        assert_eq!((view.score.text.as_str(), view.score.class.as_str()), ("–", "none"));
        assert!(view.verdict[0].contains("41%") && view.verdict[0].contains("60%"));
        let json = r.group_json(&a.groups[3]).unwrap();
        assert!(json["score"]["value"].is_null() && json["score"]["grade"].is_null());
        assert_eq!(json["score"]["reason"], "数据覆盖低于 60%，不给分");
    });
}

#[test]
fn kpis_stand_by_what_there_is_to_gain() {
    let a = assessment();
    with("zh-CN", &a, |r| {
        let view = r.group_report(&a.groups[0], 4).unwrap();
        let failing: Vec<&str> = view.failing.iter().map(|k| k.id.as_str()).collect();
        assert_eq!(failing, ["open_rate", "speak_rate", "pay_rate", "answer_hours", "useful_share"]);
        assert_eq!(view.unknown[0].reason.as_deref(), Some("没有 surveys.csv"));
        assert_eq!(view.unscored[0].value, "¥12,345.50");
        assert_eq!(view.actions.len(), 3);
        assert_eq!(view.more_actions.len(), 1);
        assert!(view.actions[1].list.as_deref() == Some("../../lists/g01/lurker.csv"));
    });
}

#[test]
fn an_earlier_report_links_to_no_list_of_today() {
    let a = assessment();
    with("zh-CN", &a, |r| {
        let view = r.group_report(&a.groups[0], 2).unwrap();
        assert!(view.actions.iter().all(|a| a.list.is_none()));
        assert!(view.segments.classes.iter().all(|c| c.list.is_none()));
        assert_eq!(view.period.next.as_deref(), Some("2025-W18.html"));
    });
}

#[test]
fn a_change_within_chance_is_told_as_none() {
    let a = assessment();
    with("en", &a, |r| {
        let view = r.group_report(&a.groups[0], 4).unwrap();
        assert_eq!(view.failing[1].change.text, "no clear change");
        assert_eq!(view.failing[1].uncertain.as_deref(), Some("uncertain: about 120 more observations needed"));
    });
}

#[test]
fn why_something_is_missing_is_a_sentence() {
    let a = assessment();
    with("zh-CN", &a, |r| {
        let column = Missing::ColumnAbsent(Table::Messages, "reply_to".to_owned());
        assert_eq!(r.missing(&column), "messages.csv 缺少 reply_to 列");
        assert_eq!(r.missing(&Missing::ZeroDenominator), "分母为零");
    });
    let mut a = assessment();
    a.groups[0].periods[4].segments = Counted::Missing(Missing::TableAbsent(Table::Messages));
    with("en", &a, |r| {
        let view = r.group_report(&a.groups[0], 4).unwrap();
        assert_eq!(view.segments.reason.as_deref(), Some("there is no messages.csv"));
        let json = r.group_json(&a.groups[0]).unwrap();
        assert_eq!(json["segments"]["reason"], "there is no messages.csv");
    });
}

#[test]
fn the_portfolio_has_the_worst_first_and_says_since_when() {
    let a = assessment();
    with("zh-CN", &a, |r| {
        let view = r.portfolio();
        let order: Vec<&str> = view.rows.iter().map(|r| r.slug.as_str()).collect();
        assert_eq!(order, ["g02", "g01", "g03", "g04"]);
        assert_eq!(view.rows[1].since.as_deref(), Some("连续 3 期，自 2025年第17周"));
        assert_eq!(view.rows[2].since, None);
        assert_eq!(view.verdict, "4 个群中有 2 个需要处理。");
    });
}

#[test]
fn the_json_keeps_its_promised_keys() {
    let a = assessment();
    with("zh-CN", &a, |r| {
        let json = r.group_json(&a.groups[0]).unwrap();
        assert_eq!(json["schema_version"], 1);
        assert_eq!(json["as_of"], "2025-05-11T15:59:59Z");
        assert_eq!(json["period"], serde_json::json!({"id": "2025-W19", "start": "2025-05-05", "end": "2025-05-11"}));
        assert_eq!(json["kpis"]["speak_rate"]["numerator"], 44);
        assert_eq!(json["kpis"]["nps"]["value"], serde_json::Value::Null);
        assert_eq!(json["kpis"]["nps"]["reason"], "没有 surveys.csv");
        assert_eq!(json["segments"]["active"], 31);
        assert_eq!(json["alerts"]["silent_vip"], 4);
        assert_eq!(json["actions"][0]["kpi"], "open_rate");
        assert_eq!(json["trend"].as_array().unwrap().len(), 5);
        for key in [
            "low",
            "high",
            "status",
            "uncertain",
            "score",
            "weight",
            "lift",
            "previous",
            "significant",
            "points",
            "lost",
        ] {
            assert!(json["kpis"]["open_rate"].get(key).is_some(), "{key}");
        }
    });
}

#[test]
fn the_method_page_tells_variants_of_a_kpi_apart() {
    let a = assessment();
    let mut other = playbook("low", "低价", "Low");
    other.kpis[0].weight.value = 9.0;
    let books =
        [std::sync::Arc::clone(&a.groups[0].playbook), std::sync::Arc::clone(&a.groups[2].playbook), other.into()];
    with("zh-CN", &a, |r| {
        let view = r.method(&books);
        let open = &view.boards[0].kpis[0];
        assert_eq!(open.variants.len(), 2);
        assert_eq!(open.variants[0].used_by, ["VIP 专属 (成长期)", "内容种草 (成长期)"]);
        assert_eq!(view.boards[0].kpis[1].variants.len(), 1);
    });
}

#[test]
fn a_manual_leaves_out_what_the_playbook_has_not() {
    let mut a = assessment();
    let mut bare = (*a.groups[0].playbook).clone();
    bare.tasks.clear();
    bare.selection = crate::playbook::Selection::default();
    bare.calendar = crate::playbook::Calendar::default();
    a.groups[0].playbook = bare.into();
    with("zh-CN", &a, |r| {
        let view = r.manual(&a.groups[0]).unwrap();
        assert!(view.tasks.is_empty() && view.selection.is_none() && view.calendar.is_none());
        assert_eq!(view.stage.unwrap().id, "growth");
        assert_eq!(view.stages.len(), 1, "the other stages are folded");
    });
}

/// Keys that code makes up from a family and a value.
fn families() -> Vec<String> {
    let family = |name: &str, values: &[&str]| values.iter().map(|v| format!("{name}_{v}")).collect::<Vec<_>>();
    let mut keys = family("status", &["critical", "watch", "healthy", "excellent", "none", "plain"]);
    keys.extend(family("grade", &["critical", "watch", "healthy", "excellent", "none"]));
    keys.extend(family("cut", &["floor", "watch", "healthy", "excellent"]));
    keys.extend(family("urgency", &["high", "medium", "low"]));
    keys.extend(family("rollup", &["all", "type", "brand", "owner"]));
    keys.extend(family("core", &["knowledge", "emotion", "conversion"]));
    keys.extend(family("kind", &["useful", "story", "promo", "product", "event", "live", "teaser", "limited"]));
    keys.extend(family("level", &["newcomer", "growth", "advanced"]));
    keys.extend(family("product", &["viral", "hot", "potential", "regular"]));
    keys.extend(family("pdca", &["plan", "do", "check", "act", "plan_when", "do_when", "check_when", "act_when"]));
    keys.extend(family("attribution", &["last_joined", "first_joined", "all"]));
    keys.extend(Reason::ALL.iter().map(|r| format!("reason_{}", r.slug().replace('-', "_"))));
    keys
}

fn sources(folder: &str, suffixes: &[&str]) -> String {
    walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .into_iter()
        .map(Result::unwrap)
        .filter(|e| suffixes.iter().any(|s| e.path().to_string_lossy().ends_with(s)))
        .filter(|e| !e.path().ends_with("report/tests.rs"))
        .map(|e| std::fs::read_to_string(e.path()).unwrap())
        .collect()
}

#[test]
fn every_word_that_is_used_exists_and_every_word_that_exists_is_used() {
    let known: BTreeSet<String> = Wording::load("zh-CN", None).unwrap().messages().keys().cloned().collect();
    let (code, site) = (sources("src/report", &[".rs"]), sources("src/site", &[".rs"]));
    let templates = sources("templates", &[".html", ".md"]);
    let is_key = |c: char| c.is_ascii_lowercase() || c == '_';
    let mut used: BTreeSet<String> = families().into_iter().collect();
    for part in templates.split("ui.").skip(1) {
        used.insert(part.chars().take_while(|c| is_key(*c)).collect());
    }
    for part in templates.split("say(key=\"").skip(1) {
        used.insert(part.chars().take_while(|c| is_key(*c)).collect());
    }
    for call in [".get(\"", ".say(\"", ".plural(\""] {
        for part in code.split(call).skip(1).chain(site.split(call).skip(1)) {
            let key: String = part.chars().take_while(|c| *c != '"').collect();
            if key.chars().all(is_key) && !["promo", "viral"].contains(&key.as_str()) {
                used.insert(key);
            }
        }
    }
    let missing: Vec<&String> = used.difference(&known).collect();
    assert!(missing.is_empty(), "no text for {missing:?}");
    // Keys that reach `say` through a variable stand in the code as plain literals.
    let idle: Vec<&String> = known
        .difference(&used)
        .filter(|k| !code.contains(&format!("\"{k}\"")) && !site.contains(&format!("\"{k}\"")))
        .collect();
    assert!(idle.is_empty(), "never used: {idle:?}");
}
