#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::diagnostic::{Code, Findings, render};
use crate::expr::{Type, Window};
use crate::schema::Table;
use std::sync::Arc;

/// What the playbooks of these tests extend; quoted in messages, so its lines matter to no test.
const BASE: &str = include_str!("../../tests/playbooks/base.toml");

fn load(files: &[(&str, &str)]) -> (Library, Findings) {
    let files: Vec<(String, String)> =
        [("base.toml", BASE)].iter().chain(files).map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect();
    let mut findings = Findings::new();
    let library = Library::load(&files, None, &["zh-CN".into()], &mut findings);
    library.check(&mut findings);
    (library, findings)
}

/// A library without mistakes.
fn library(files: &[(&str, &str)]) -> Library {
    let (library, findings) = load(files);
    let shown: String = findings.items().iter().map(|f| render(f, false)).collect();
    assert!(findings.is_empty(), "{shown}");
    library
}

/// A playbook `vip` over the base, in a stage.
fn vip(text: &str, stage: Option<&str>) -> Arc<Playbook> {
    let text = format!("extends = \"base\"\nname = \"VIP\"\n{text}");
    library(&[("vip.toml", &text)]).resolve("vip", stage, None).unwrap()
}

fn cuts(playbook: &Playbook, kpi: &str) -> [f64; 4] {
    match &playbook.kpi(kpi).unwrap().bands {
        Some(Bands::Line(cuts)) => [cuts[0].value, cuts[1].value, cuts[2].value, cuts[3].value],
        other => panic!("{other:?}"),
    }
}

#[test]
fn later_files_win_key_by_key_and_every_value_knows_who_set_it() {
    let library = library(&[
        ("vip.toml", "extends = \"base\"\nname = \"VIP\"\n[kpi.speak_rate]\nbands.healthy = 0.3\n"),
        ("acme_vip.toml", "extends = \"vip\"\nname = \"Acme\"\n\n[kpi.speak_rate]\nweight = 5\n"),
    ]);
    let playbook = library.resolve("acme_vip", None, None).unwrap();
    assert_eq!(playbook.chain, ["base", "vip", "acme_vip"]);
    assert_eq!(cuts(&playbook, "speak_rate"), [0.0, 0.1, 0.3, 0.4]);
    let kpi = playbook.kpi("speak_rate").unwrap();
    let Some(Bands::Line(bands)) = &kpi.bands else { panic!() };
    assert_eq!(kpi.weight.span.to_string(), "built-in/acme_vip.toml:5");
    assert_eq!(bands[2].span.to_string(), "built-in/vip.toml:4");
    assert!(bands[1].span.to_string().starts_with("built-in/base.toml:"));
    assert_eq!(kpi.span.to_string(), "built-in/acme_vip.toml:4");
    assert_eq!(kpi.name.original, "发言率");
}

#[test]
fn whoever_moves_a_threshold_answers_for_it() {
    assert_eq!(vip("[kpi.speak_rate]\nweight = 5", None).kpi("speak_rate").unwrap().provenance.origin, Origin::Article);
    let moved = vip("[kpi.speak_rate]\nbands.healthy = 0.3", None);
    let provenance = &moved.kpi("speak_rate").unwrap().provenance;
    // These tests load their files as built-in ones; of a workspace it would be the consultant's own.
    assert_eq!((provenance.origin, provenance.source.len()), (Origin::Default, 0));
    let said = vip("[kpi.speak_rate]\nbands.healthy = 0.3\norigin = \"case\"\nsource = [\"S1\"]", None);
    assert_eq!(
        said.kpi("speak_rate").unwrap().provenance,
        Provenance { origin: Origin::Case, source: vec!["S1".into()] }
    );
}

#[test]
fn a_key_that_replaces_another_makes_it_void() {
    let playbook = vip(
        "[kpi.speak_rate]\nvalue = \"speakers\"\n[measure.interactions]\ntable = \"orders\"\nsum = \"amount\"",
        None,
    );
    assert!(matches!(playbook.kpi("speak_rate").unwrap().form, KpiForm::Value(_)));
    assert!(matches!(playbook.measures["interactions"].aggregate, Aggregate::Sum(_)));
    let ranged = "[kpi.speak_rate]\nbetter = \"range\"\nbands = { floor = [0.0, 1.0], watch = [0.1, 0.9], healthy = [0.2, 0.5] }";
    let playbook = vip(ranged, None);
    assert!(matches!(playbook.kpi("speak_rate").unwrap().bands, Some(Bands::Range { .. })));
}

#[test]
fn inherited_entries_are_removed_and_what_only_served_them_goes_along() {
    let playbook = vip(
        "kpi.revenue.remove = true\nkpi.speak_rate.remove = true\n[[segment]]\nid = \"quiet\"\nremove = true\n\
         [kpi.talk]\nname = \"说\"\nboard = \"engagement\"\nvalue = \"messages\"\norigin = \"own\"\n\
         bands = { floor = 0, watch = 1, healthy = 2, excellent = 3 }\n\
         [[tactic]]\nid = \"ask\"\nimproves = [\"talk\"]",
        None,
    );
    assert_eq!(playbook.kpis.iter().map(|k| k.id.as_str()).collect::<Vec<_>>(), ["talk"]);
    assert_eq!(playbook.segments.len(), 1);
    let (library, findings) = load(&[("vip.toml", "extends = \"base\"\nname = \"V\"\nkpi.speak_rate.remove = true")]);
    // The tactic that improved it has lost its purpose, which is a warning and no error.
    assert!(library.resolve("vip", None, None).unwrap().tactics[0].improves.is_empty());
    assert!(findings.items().iter().all(|f| f.code == Code::OrphanTactic), "{findings:?}");
}

#[test]
fn what_was_removed_can_be_declared_afresh() {
    let library = library(&[
        ("a.toml", "extends = \"base\"\nname = \"A\"\nkpi.revenue.remove = true"),
        (
            "b.toml",
            "extends = \"a\"\nname = \"B\"\n[kpi.revenue]\nname = \"额\"\nboard = \"engagement\"\nvalue = \"orders\"\norigin = \"own\"",
        ),
    ]);
    assert_eq!(library.resolve("b", None, None).unwrap().kpi("revenue").unwrap().unit, Unit::Number);
}

#[test]
fn new_entries_come_last_unless_placed() {
    let playbook = vip(
        "[[segment]]\nid = \"loud\"\nname = \"吵\"\nwhen = \"messages > 9\"\nbefore = \"active\"\n\
         [[segment]]\nid = \"new\"\nname = \"新\"\nwhen = \"days_in_group < 7\"\nbefore = \"quiet\"\n\
         [[board]]\nid = \"value\"\nname = \"价值\"",
        None,
    );
    let order: Vec<&str> = playbook.segments.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(order, ["loud", "active", "new", "quiet"]);
    assert_eq!(playbook.boards.iter().map(|b| b.id.as_str()).collect::<Vec<_>>(), ["engagement", "value"]);
}

#[test]
fn a_stage_overrides_the_playbook_only_while_a_group_is_in_it() {
    let text = "[[stage]]\nid = \"launch\"\nkpi.speak_rate = { bands.healthy = 0.35, weight = 9 }\nkpi.revenue.remove = true\n\
                [[stage.segment]]\nid = \"fresh\"\nname = \"新人\"\nwhen = \"days_in_group < 3\"\nbefore = \"active\"";
    let launch = vip(text, Some("launch"));
    assert_eq!(cuts(&launch, "speak_rate"), [0.0, 0.1, 0.35, 0.4]);
    assert_eq!(launch.segments[0].id, "fresh");
    assert!(launch.kpi("revenue").is_none());
    assert_eq!(launch.current_stage().unwrap().name.original, "初建期");
    for other in [None, Some("growth")] {
        let playbook = vip(text, other);
        assert_eq!(cuts(&playbook, "speak_rate")[2], 0.2);
        assert_eq!((playbook.segments.len(), playbook.kpis.len()), (2, 2));
    }
}

#[test]
fn stage_overrides_of_a_chain_are_laid_over_each_other() {
    let library = library(&[
        (
            "a.toml",
            "extends = \"base\"\nname = \"A\"\n[[stage]]\nid = \"launch\"\nkpi.speak_rate = { weight = 7, bands.healthy = 0.3 }\nkpi.revenue.remove = true",
        ),
        (
            "b.toml",
            "extends = \"a\"\nname = \"B\"\n[kpi.speak_rate]\nweight = 8\n[[stage]]\nid = \"launch\"\nkpi.speak_rate = { bands.excellent = 0.5 }\nkpi.revenue = { weight = 2 }",
        ),
    ]);
    let playbook = library.resolve("b", Some("launch"), None).unwrap();
    assert_eq!(cuts(&playbook, "speak_rate"), [0.0, 0.1, 0.3, 0.5]);
    assert_eq!(playbook.kpi("speak_rate").unwrap().weight.value, 7.0, "a stage is narrower than a playbook");
    assert_eq!(playbook.kpi("revenue").unwrap().weight.value, 2.0, "the removal was taken back");
}

#[test]
fn tactics_of_a_stage_build_on_those_of_the_playbook() {
    let text = "[[stage]]\nid = \"launch\"\n[[stage.tactic]]\nid = \"ask\"\ncadence = \"weekly wed\"\n\
                [[stage]]\nid = \"growth\"\n[[stage.tactic]]\nid = \"ask\"\nremove = true\n\
                [[stage.tactic]]\nid = \"thank\"\ntitle = \"谢\"\nowner = \"host\"\ncadence = \"once\"\nbody = \"谢\"\nimproves = [\"speak_rate\"]";
    let at_hand = |stage| -> Vec<(String, Rhythm)> {
        vip(text, stage).tactics_at_hand().map(|t| (t.id.clone(), t.cadence)).collect()
    };
    assert_eq!(at_hand(Some("launch")), [("ask".to_owned(), Rhythm::Weekly(3, None))]);
    assert_eq!(at_hand(Some("growth")), [("thank".to_owned(), Rhythm::Once)]);
    assert_eq!(at_hand(None), [("ask".to_owned(), Rhythm::Daily(Some(1200)))]);
}

#[test]
fn the_group_has_the_last_word() {
    let library = library(&[
        (
            "vip.toml",
            "extends = \"base\"\nname = \"VIP\"\n[[stage]]\nid = \"launch\"\nkpi.speak_rate = { weight = 7, bands.healthy = 0.3 }",
        ),
        (
            "groups/g.1.toml",
            "[kpi.speak_rate]\nweight = 8\n[[stage]]\nid = \"launch\"\ngoal = \"全员破冰\"\nkpi.speak_rate = { bands.healthy = 0.39 }",
        ),
    ]);
    assert_eq!(library.group_overrides(), ["g.1"]);
    let playbook = library.resolve("vip", Some("launch"), Some("g.1")).unwrap();
    let kpi = playbook.kpi("speak_rate").unwrap();
    assert_eq!((kpi.weight.value, cuts(&playbook, "speak_rate")[2]), (8.0, 0.39));
    assert_eq!(playbook.current_stage().unwrap().goal.original, "全员破冰");
    assert_eq!(kpi.weight.span.source.name, "built-in/groups/g.1.toml");
    let other = library.resolve("vip", Some("launch"), Some("g.2")).unwrap();
    assert_eq!(other.kpi("speak_rate").unwrap().weight.value, 7.0);
}

#[test]
fn overlays_translate_texts_wherever_the_playbook_carries_them() {
    let library = library(&[
        (
            "base.en.toml",
            "name = \"All groups\"\nkpi.speak_rate.name = \"Speaking rate\"\n[[tactic]]\nid = \"ask\"\nbody = \"Ask.\"",
        ),
        (
            "vip.toml",
            "extends = \"base\"\nname = \"VIP 群\"\npositioning.questionnaire = [\"甲\", \"乙\"]\n[kpi.speak_rate]\nweight = 4\n\
                      [funnel.f]\nname = \"漏斗\"\nsteps = [\"messages\", { measure = \"orders\", name = \"下单\" }]\n\
                      [[breakdown]]\nid = \"b\"\nname = \"分\"\nmeasure = \"messages\"\nby = \"kind\"\nlabels = { text = \"文字\" }",
        ),
        (
            "vip.en.toml",
            "name = \"VIP group\"\npositioning.questionnaire = [\"a\", \"b\"]\nfunnel.f.steps = [{ measure = \"orders\", name = \"ordered\" }]\n\
                         [[breakdown]]\nid = \"b\"\nlabels = { text = \"text\" }",
        ),
    ]);
    let playbook = library.resolve("vip", None, None).unwrap();
    assert_eq!((playbook.name.get("en"), playbook.name.get("zh-CN")), ("VIP group", "VIP 群"));
    assert_eq!(playbook.kpi("speak_rate").unwrap().name.get("en"), "Speaking rate");
    assert_eq!(playbook.tactics[0].body.get("en"), "Ask.");
    assert_eq!(playbook.tactics[0].title.get("en"), "每日一问", "without a translation the original stands");
    assert_eq!(playbook.positioning.questionnaire[1].get("en"), "b");
    assert_eq!(playbook.funnels[0].steps[1].name.get("en"), "ordered");
    assert_eq!(playbook.breakdowns[0].labels["text"].get("en"), "text");
}

#[test]
fn a_text_that_a_later_file_replaces_loses_its_old_translation() {
    let library = library(&[
        ("base.en.toml", "kpi.speak_rate.name = \"Speaking rate\""),
        ("vip.toml", "extends = \"base\"\nname = \"VIP\"\nkpi.speak_rate.name = \"会员发言率\""),
    ]);
    let playbook = library.resolve("vip", None, None).unwrap();
    assert_eq!(playbook.kpi("speak_rate").unwrap().name.get("en"), "会员发言率");
}

#[test]
fn a_playbook_can_lie_in_several_files() {
    let library = library(&[
        (
            "vip.toml",
            "extends = \"base\"\nname = \"VIP\"\n[[stage]]\nid = \"decline\"\nname = \"衰退期\"\ngoal = \"唤醒\"",
        ),
        ("vip/b.toml", "[[stage]]\nid = \"decline\"\n[[stage.tactic]]\nid = \"ask\"\navoid = \"深夜\""),
        (
            "vip/a.toml",
            "[attribute.members]\nage = \"int\"\n[measure.old]\ntable = \"members\"\ncount = \"*\"\nwhere = \"age > 60\"",
        ),
    ]);
    let playbook = library.resolve("vip", Some("decline"), None).unwrap();
    assert_eq!(playbook.current_stage().unwrap().tactics[0].avoid.as_ref().unwrap().original, "深夜");
    assert!(playbook.measures.contains_key("old"));
    assert_eq!(library.stage_ids("vip"), ["launch", "growth", "decline"]);
}

#[test]
fn names_mean_what_the_place_says() {
    let playbook = vip(
        "[measure.fresh]\ntable = \"members\"\ncount = \"*\"\nwhere = \"member.tier is null and messages('7d after joined_at') > 0 and group.messages > 9 and group.age_days > 3\"\n\
         [measure.shown]\ntable = \"posts\"\ncount = \"*\"\nwhere = \"product.role = 'hot' and clicks('7d after sent_at') > 0\"\n\
         [measure.clicks]\ntable = \"events\"\ncount = \"*\"\nwhere = \"event = 'click' and post.kind = 'promo'\"",
        None,
    );
    let refs = |id: &str| playbook.measures[id].filter.as_ref().unwrap().refs.clone();
    let column = |entity, name: &str| Reference::Column { entity, name: name.into() };
    let measure = |grain, id: &str, window| Reference::Measure { grain, id: id.into(), window };
    assert_eq!(
        refs("fresh"),
        [
            column(Entity::Row(Table::Members), "tier"),
            measure(Grain::Member, "messages", Window::After { days: 7, column: "joined_at".into() }),
            measure(Grain::Group, "messages", Window::Period),
            column(Entity::Group, "age_days"),
        ]
    );
    assert_eq!(
        refs("shown"),
        [
            column(Entity::Product, "role"),
            measure(Grain::Post, "clicks", Window::After { days: 7, column: "sent_at".into() }),
        ]
    );
    assert_eq!(refs("clicks"), [column(Entity::Row(Table::Events), "event"), column(Entity::Post, "kind")]);
    assert_eq!(playbook.stages[0].enter_when.as_ref().unwrap().refs, [column(Entity::Group, "age_days")]);
    let active = playbook.segments[0].when.as_ref().unwrap();
    assert_eq!(active.refs, [measure(Grain::Member, "messages", Window::Trailing { days: 7 })]);
}

#[test]
fn types_follow_from_what_is_measured() {
    let playbook = vip(
        "[measure.mean]\ntable = \"orders\"\navg = \"amount\"\n[measure.last]\ntable = \"orders\"\nmax = \"paid_at\"\n\
         [measure.run]\ntable = \"messages\"\nstreak = \"day\"\n[measure.both]\ncombine = [\"revenue\", \"orders\"]\n\
         [measure.latest]\ncombine = [\"last\"]\ncombine_with = \"max\"\n\
         [measure.reach]\ntable = \"members\"\nsum = \"revenue\"",
        None,
    );
    let ty = |id: &str| playbook.measures[id].ty;
    assert_eq!([ty("messages"), ty("speakers"), ty("run"), ty("talkative")], [Type::Int; 4]);
    assert_eq!([ty("revenue"), ty("both"), ty("reach")], [Type::Decimal; 3]);
    assert_eq!([ty("last"), ty("latest")], [Type::Time; 2]);
    assert_eq!(ty("mean"), Type::Float);
    assert_eq!(playbook.measures["run"].on.as_deref(), Some("sent_at"));
    assert_eq!(playbook.measures["members"].on, None);
}

#[test]
fn the_same_question_gives_the_same_object() {
    let library = library(&[("vip.toml", "extends = \"base\"\nname = \"VIP\"")]);
    let first = library.resolve("vip", Some("launch"), Some("g1")).unwrap();
    assert!(Arc::ptr_eq(&first, &library.resolve("vip", Some("launch"), None).unwrap()));
    assert!(library.resolve("vip", Some("lunch"), None).is_none());
    assert!(library.resolve("base", None, None).is_none(), "abstract");
    assert_eq!(library.ids(), ["vip"]);
}

#[test]
fn the_order_of_everything_is_stable() {
    let order = || -> Vec<String> {
        let files = built_in();
        let library = Library::load(&files, None, &["zh-CN".into(), "en".into()], &mut Findings::new());
        let mut order = Vec::new();
        for id in library.ids() {
            let Some(playbook) = library.resolve(id, None, None) else { continue };
            order.extend(playbook.kpis.iter().map(|k| format!("{id} {} {}", k.id, k.span)));
            order.extend(playbook.measures.keys().cloned());
            order.extend(playbook.segments.iter().map(|s| s.id.clone()));
            order.extend(playbook.tactics.iter().map(|t| t.id.clone()));
            order.extend(playbook.stages.iter().map(|s| s.id.clone()));
        }
        order
    };
    let first = order();
    assert!(!first.is_empty());
    assert_eq!(first, order());
    let playbook = vip(
        "[kpi.a]\nname = \"甲\"\nboard = \"engagement\"\nvalue = \"messages\"\norigin = \"own\"\n[kpi.revenue]\nweight = 2",
        None,
    );
    assert_eq!(playbook.kpis.iter().map(|k| k.id.as_str()).collect::<Vec<_>>(), ["speak_rate", "revenue", "a"]);
}

#[test]
fn a_file_of_the_workspace_replaces_the_built_in_one_with_its_overlays() {
    let folder = tempfile::tempdir().unwrap();
    let mine = BASE.replace("发言率", "开口率");
    std::fs::write(folder.path().join("base.toml"), mine).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no playbook").unwrap();
    let files = [
        ("base.toml", BASE),
        ("base.en.toml", "kpi.speak_rate.name = \"Speaking rate\""),
        ("vip.toml", "extends = \"base\"\nname = \"VIP\""),
    ]
    .map(|(p, t)| (p.to_owned(), t.to_owned()));
    let mut findings = Findings::new();
    let library = Library::load(&files, Some(folder.path()), &["zh-CN".into()], &mut findings);
    library.check(&mut findings);
    assert!(findings.is_empty(), "{findings:?}");
    let playbook = library.resolve("vip", None, None).unwrap();
    assert_eq!(playbook.kpi("speak_rate").unwrap().name.get("en"), "开口率");
}

#[test]
fn other_languages_are_asked_for_only_where_configured() {
    let load = |languages: &[&str]| {
        let languages: Vec<String> = languages.iter().map(|l| (*l).to_owned()).collect();
        let mut findings = Findings::new();
        let files = [("a.toml".to_owned(), "name = \"甲\"".to_owned())];
        let library = Library::load(&files, None, &languages, &mut findings);
        library.check(&mut findings);
        findings.items().iter().filter(|f| f.code == Code::MissingTranslation).count()
    };
    assert_eq!(load(&["zh-CN"]), 0);
    assert_eq!(load(&["zh-CN", "en"]), 1);
    assert_eq!(load(&["en", "zh-CN"]), 0, "the files are in zh-CN");
}
