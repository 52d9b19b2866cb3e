//! A judged workspace made by hand, with a hostile group, for the tests of `report` and `site`.
#![allow(clippy::unwrap_used)]

use crate::calendar::{Cadence, Day, Instant, Period};
use crate::data::{PartReport, Quarantined, Reason, TableReport};
use crate::diagnostic::{Findings, SourceText, Span};
use crate::expr::{Scope as ExprScope, Type, Want, Window, compile};
use crate::health::*;
use crate::measure::{Missing, Number};
use crate::playbook::{self, *};
use crate::schema::Table;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A name that attacks every format at once.
pub const HOSTILE: &str =
    "=1+1\u{202e}<img src=x onerror=alert(1)></script>|[x](javascript:alert(1))`{{ 7*7 }}`\u{1b}[31m @all\u{200b}";

fn span(line: usize) -> Span {
    let source = SourceText::new("playbooks/vip.toml", "#\n".repeat(200));
    Span::new(&source, line * 2..line * 2 + 1)
}

/// A text in both languages.
pub fn text(zh: &str, en: &str) -> Text {
    let translations = if en.is_empty() { BTreeMap::new() } else { BTreeMap::from([("en".to_owned(), en.to_owned())]) };
    Text { original: zh.to_owned(), translations: Arc::new(translations), span: span(12) }
}

fn by(origin: Origin, source: &str) -> Provenance {
    Provenance { origin, source: source.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect() }
}

fn set<T>(value: T, line: usize) -> Sourced<T> {
    Sourced { value, span: span(line) }
}

struct Loose;

impl ExprScope for Loose {
    fn column(&mut self, _: Option<&str>, _: &str) -> Result<Option<(usize, Type)>, String> {
        Ok(Some((0, Type::Int)))
    }
    fn measure(&mut self, _: Option<&str>, _: &str, _: Option<&Window>) -> Result<Option<(usize, Type)>, String> {
        Ok(Some((0, Type::Int)))
    }
    fn known(&self, _: Option<&str>) -> Vec<String> {
        Vec::new()
    }
}

fn formula(text: &str) -> Formula {
    let refs = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|w| MEASURES.iter().any(|m| m.0 == *w))
        .map(|w| Reference::Measure { grain: Grain::Group, id: w.to_owned(), window: Window::Period })
        .collect();
    let expr = compile("1", &mut Loose, Want::Any).unwrap();
    Formula { expr, refs, text: text.to_owned(), span: span(30) }
}

const MEASURES: &[(&str, &str, Table, &str)] = &[
    ("speakers", "发言人数", Table::Messages, "member.role = 'member' and kind <> 'system'"),
    ("members", "在群成员", Table::Members, "role = 'member'"),
    ("opened", "打开人数", Table::Events, "event = 'open' and member.role = 'member'"),
    ("reached", "触达人数", Table::Posts, ""),
    ("payers", "付款人数", Table::Orders, "refunded_at is null"),
    ("carters", "加购人数", Table::Events, "event = 'add_to_cart'"),
    ("newcomers", "新人", Table::Members, "within(joined_at, 'window')"),
    ("broke_ice", "破冰新人", Table::Members, "messages('7d after joined_at') > 0"),
    ("revenue", "销售额", Table::Orders, "refunded_at is null"),
    ("promoters", "推荐者", Table::Surveys, "score >= 9"),
    ("leavers", "退群人数", Table::Members, "within(left_at, 'window')"),
    ("useful_posts", "干货条数", Table::Posts, "kind = 'useful'"),
    ("posts", "推送条数", Table::Posts, ""),
];

struct K(&'static str, &'static str, &'static str, &'static str, KpiForm, Unit, Better, Option<[f64; 4]>, f64);

fn ratio(n: &str, d: &str) -> KpiForm {
    KpiForm::Ratio(formula(n), formula(d))
}

fn kpis() -> Vec<Kpi> {
    use Better::{Higher, Lower};
    let list = vec![
        K(
            "open_rate",
            "消息打开率",
            "Open rate",
            "engagement",
            ratio("opened", "reached"),
            Unit::Percent,
            Higher,
            Some([0.2, 0.4, 0.6, 0.8]),
            3.0,
        ),
        K(
            "speak_rate",
            "发言率",
            "Speaking rate",
            "engagement",
            ratio("speakers", "members"),
            Unit::Percent,
            Higher,
            Some([0.0, 0.1, 0.2, 0.4]),
            3.0,
        ),
        K(
            "ice_break_rate",
            "新人破冰率",
            "Ice-break rate",
            "growth",
            ratio("broke_ice", "newcomers"),
            Unit::Percent,
            Higher,
            Some([0.1, 0.3, 0.5, 0.75]),
            2.0,
        ),
        K(
            "quit_rate",
            "退群率",
            "Quit rate",
            "growth",
            ratio("leavers", "members"),
            Unit::Percent,
            Lower,
            Some([0.2, 0.1, 0.05, 0.02]),
            2.0,
        ),
        K(
            "pay_rate",
            "加购 → 付款",
            "Cart to payment",
            "conversion",
            ratio("payers", "carters"),
            Unit::Percent,
            Higher,
            Some([0.05, 0.2, 0.375, 0.75]),
            2.0,
        ),
        K(
            "revenue_week",
            "销售额",
            "Revenue",
            "conversion",
            KpiForm::Value(formula("revenue")),
            Unit::Money,
            Higher,
            None,
            1.0,
        ),
        K(
            "nps",
            "净推荐值 NPS",
            "NPS",
            "conversion",
            KpiForm::Value(formula("100 * promoters / survey_answers")),
            Unit::Points,
            Higher,
            Some([-100.0, 0.0, 40.0, 70.0]),
            1.0,
        ),
        K(
            "answer_hours",
            "首次回复时长",
            "Hours to first answer",
            "engagement",
            KpiForm::Mean(formula("avg_answer_hours")),
            Unit::Hours,
            Lower,
            Some([48.0, 24.0, 8.0, 2.0]),
            1.0,
        ),
    ];
    let mut kpis: Vec<Kpi> = list
        .into_iter()
        .enumerate()
        .map(|(i, K(id, zh, en, board, form, unit, better, bands, weight))| Kpi {
            id: id.to_owned(),
            name: text(zh, en),
            definition: Some(text("按本期内去重人数计算", "Counts distinct people of the period")),
            board: board.to_owned(),
            principle: Some("mutual_help".to_owned()),
            form,
            unit,
            better,
            bands: bands
                .map(|b| Bands::Line([set(b[0], 80 + i), set(b[1], 80 + i), set(b[2], 81 + i), set(b[3], 81 + i)])),
            weight: set(weight, 90 + i),
            missing: playbook::Missing::Exclude,
            factors: Vec::new(),
            provenance: by(Origin::Article, "S060 S061"),
            span: span(70 + i),
        })
        .collect();
    kpis.push(Kpi {
        id: "useful_share".to_owned(),
        name: text("干货占比", "Useful share"),
        definition: None,
        board: "growth".to_owned(),
        principle: None,
        form: ratio("useful_posts", "posts"),
        unit: Unit::Percent,
        better: Better::Range,
        bands: Some(Bands::Range {
            floor: set([0.4, 1.0], 88),
            watch: set([0.6, 0.95], 88),
            healthy: set([0.75, 0.9], 88),
        }),
        weight: set(1.5, 99),
        missing: playbook::Missing::Exclude,
        factors: Vec::new(),
        provenance: by(Origin::Default, ""),
        span: span(79),
    });
    kpis
}

fn tactic(id: &str, zh: &str, en: &str, improves: &str, audience: Audience, owner: &str) -> Tactic {
    Tactic {
        id: id.to_owned(),
        title: text(zh, en),
        improves: vec![set(improves.to_owned(), 120)],
        audience: set(audience, 121),
        owner: set(owner.to_owned(), 122),
        cadence: Rhythm::Weekly(3, Some(1200)),
        effort_minutes: Some(20),
        effect: Some(text("打开率回到六成", "Open rate back to 60%")),
        evidence: vec![Evidence {
            text: text("同类群改时段后打开率升到 58%", "A like group rose to 58%"),
            provenance: by(Origin::Case, "S101"),
        }],
        avoid: Some(text("大促当天", "On days of a big sale")),
        message: Some(text(
            "{{ group.name }} 的朋友们，下午茶时间到！\n今天分享一个 3 分钟的小技巧。",
            "Friends of {{ group.name }}, tea time!\nToday: a three-minute trick.",
        )),
        body: text(
            "1. 把推送改到 **15:00**\n2. 附一条小知识，[范例](https://example.com/a)\n3. 现在打开率是 {{ kpi.open_rate }}",
            "1. Move the post to **15:00**\n2. Add a small piece of knowledge, [sample](https://example.com/a)\n3. The open rate is {{ kpi.open_rate }}",
        ),
        provenance: by(Origin::Article, "S102"),
        span: span(118),
    }
}

/// The playbook of a type in its growth stage.
pub fn playbook(id: &str, zh: &str, en: &str) -> Playbook {
    let measures = MEASURES
        .iter()
        .enumerate()
        .map(|(i, (id, name, table, filter))| {
            let measure = Measure {
                id: (*id).to_owned(),
                name: Some(text(name, id)),
                table: Some(*table),
                aggregate: match *id {
                    "revenue" => Aggregate::Sum(formula("amount")),
                    "reached" => Aggregate::Sum(formula("reached_count")),
                    _ => Aggregate::CountDistinct(vec![DistinctKey::Member]),
                },
                filter: (!filter.is_empty()).then(|| formula(filter)),
                on: None,
                at: None,
                fallback: None,
                absent: None,
                ty: if *id == "revenue" { Type::Decimal } else { Type::Int },
                span: span(10 + i),
            };
            ((*id).to_owned(), measure)
        })
        .collect();
    let segment = |id: &str, zh: &str, en: &str, tactic: Option<&str>| Segment {
        id: id.to_owned(),
        name: text(zh, en),
        when: None,
        tactic: tactic.map(|t| set(t.to_owned(), 40)),
        body: None,
        provenance: by(Origin::Own, ""),
    };
    let passage = |id: &str, zh: &str, en: &str, body: &str| Passage {
        id: id.to_owned(),
        title: text(zh, en),
        body: text(body, body),
        owner: Some("host".to_owned()),
        provenance: by(Origin::Article, "S070"),
    };
    let item = |id: &str, zh: &str, en: &str, cadence, core: &str, kind: &str| CalendarItem {
        id: id.to_owned(),
        title: text(zh, en),
        cadence,
        core: core.to_owned(),
        kind: kind.to_owned(),
        owner: "host".to_owned(),
        body: None,
        provenance: by(Origin::Article, ""),
    };
    let stage = |id: &str, zh: &str, en: &str, tactics: Vec<Tactic>| Stage {
        id: id.to_owned(),
        name: text(zh, en),
        aliases: Vec::new(),
        goal: text("让一半成员每周至少说一句话", "Half of the members speak at least once a week"),
        enter_when: None,
        exit: Some(text("连续四周发言率达到健康线", "Four weeks of a healthy speaking rate")),
        stop: vec![text("不要每天群发优惠", "Do not post offers every day")],
        tactics,
        provenance: by(Origin::Article, "S050"),
    };
    Playbook {
        id: id.to_owned(),
        chain: vec!["base".to_owned(), id.to_owned()],
        name: text(zh, en),
        summary: Some(text(
            "为老客建立的小群，服务先于销售。",
            "Small groups of loyal customers; service before sales.",
        )),
        stage: Some("growth".to_owned()),
        attributes: BTreeMap::new(),
        measures,
        kpis: kpis(),
        boards: [
            ("engagement", "互动", "Engagement", 1.0),
            ("growth", "增长与留存", "Growth and retention", 1.0),
            ("conversion", "转化", "Conversion", 0.8),
        ]
        .into_iter()
        .map(|(id, zh, en, w)| Board {
            id: id.to_owned(),
            name: text(zh, en),
            weight: set(w, 5),
            provenance: by(Origin::Own, ""),
        })
        .collect(),
        principles: [
            ("purpose", "目的明确", "A clear purpose"),
            ("mutual_help", "互动互助", "Mutual help"),
            ("owner_online", "群主在线", "The owner is there"),
        ]
        .into_iter()
        .map(|(id, zh, en)| Principle {
            id: id.to_owned(),
            name: text(zh, en),
            body: Some(text("让成员彼此帮助。", "Members help each other.")),
            provenance: by(Origin::Article, "S014"),
        })
        .collect(),
        funnels: vec![Funnel {
            id: "purchase".to_owned(),
            name: text("购买", "Purchase"),
            steps: [
                ("reached", "触达", "Reached"),
                ("clickers", "点击", "Clicked"),
                ("carters", "加购", "Added to cart"),
                ("payers", "付款", "Paid"),
            ]
            .into_iter()
            .map(|(m, zh, en)| FunnelStep { measure: m.to_owned(), name: text(zh, en), span: span(50) })
            .collect(),
            weak_below: set(0.15, 51),
            within_days: 7,
            provenance: by(Origin::Article, ""),
        }],
        segments: vec![
            segment("active", "活跃", "Active", None),
            segment("light", "轻度", "Light", None),
            segment("lurker", "潜水", "Lurkers", Some("wake_lurkers")),
            segment("freebie", "羊毛", "Freebie hunters", None),
            segment("silent", "沉默", "Silent", None),
        ],
        churn: vec![
            segment("shallow", "浅度流失", "Shallow", None),
            segment("mid", "中度流失", "Mid", None),
            segment("deep", "深度流失", "Deep", None),
        ],
        alerts: vec![
            Alert {
                id: "unanswered".to_owned(),
                name: text("问题超过 24 小时没人回答", "Questions unanswered for 24 hours"),
                grain: Grain::Group,
                severity: Urgency::High,
                when: formula("unanswered_questions >= 5"),
                action: set("answer_questions".to_owned(), 60),
                owner: Some("host".to_owned()),
                within_hours: 24,
                cooldown_days: 7,
                body: Some(text("没有回应的群很快会安静下来。", "A group without answers soon falls silent.")),
                provenance: by(Origin::Own, ""),
                span: span(60),
            },
            Alert {
                id: "silent_vip".to_owned(),
                name: text("高价值成员沉默", "Valued members fall silent"),
                grain: Grain::Member,
                severity: Urgency::Medium,
                when: formula("days_since(last_activity) >= 14"),
                action: set("wake_lurkers".to_owned(), 61),
                owner: None,
                within_hours: 72,
                cooldown_days: 14,
                body: None,
                provenance: by(Origin::Article, "S080"),
                span: span(61),
            },
        ],
        rankings: vec![Ranking {
            id: "top_posts".to_owned(),
            name: text("互动最多的内容", "Most engaging posts"),
            grain: Grain::Post,
            by: set("posts".to_owned(), 62),
            top: 5,
            provenance: by(Origin::Own, ""),
        }],
        breakdowns: vec![Breakdown {
            id: "content_mix".to_owned(),
            name: text("内容构成", "Content mix"),
            measure: set("posts".to_owned(), 63),
            by: formula("kind"),
            labels: BTreeMap::from([
                ("useful".to_owned(), text("干货", "Useful")),
                ("promo".to_owned(), text("促销", "Promotion")),
            ]),
            provenance: by(Origin::Own, ""),
        }],
        tactics: vec![tactic(
            "answer_questions",
            "回复所有超过 24 小时的问题",
            "Answer every question older than 24 hours",
            "answer_hours",
            Audience::Staff,
            "host",
        )],
        stages: vec![
            stage(
                "launch",
                "初建期",
                "Launch",
                vec![tactic(
                    "three_part_welcome",
                    "欢迎语三要素",
                    "A welcome in three parts",
                    "ice_break_rate",
                    Audience::Segment("light".to_owned()),
                    "host",
                )],
            ),
            stage(
                "growth",
                "成长期",
                "Growth",
                vec![
                    tactic(
                        "tea_time",
                        "发送时间改到 15:00，附一条下午茶小知识",
                        "Post at 15:00 with a piece of tea-time knowledge",
                        "open_rate",
                        Audience::All,
                        "host",
                    ),
                    tactic(
                        "wake_lurkers",
                        "给潜水成员推送本周未读的 3 篇精华",
                        "Send lurkers the three best posts they missed",
                        "speak_rate",
                        Audience::Segment("lurker".to_owned()),
                        "ops",
                    ),
                ],
            ),
        ],
        roles: vec![
            Role {
                id: "host".to_owned(),
                name: text("群主", "Host"),
                body: Some(text("每天在线，带头回应。", "Is there every day and answers first.")),
                provenance: by(Origin::Own, ""),
            },
            Role {
                id: "ops".to_owned(),
                name: text("运营", "Operations"),
                body: None,
                provenance: by(Origin::Own, ""),
            },
        ],
        positioning: Positioning {
            who: Some(text("在门店买过两次以上的烘焙爱好者", "People who baked with us twice or more")),
            need: Some(text("想少走弯路，做出能拿得出手的甜点", "To bake something worth showing")),
            peak: Some(text("晒出成品被大家夸", "Praise for the first cake")),
            value: Some(text("每周学会一款", "One recipe a week")),
            not_for: None,
            questionnaire: vec![
                text("你最想学的第一款甜点？", "Which dessert first?"),
                text("家里有烤箱吗？", "Do you have an oven?"),
            ],
            provenance: by(Origin::Own, ""),
        },
        rules: vec![passage(
            "no_ads",
            "不发广告",
            "No advertising",
            "第一次提醒，第二次移出。\n\n<b>raw</b> [bad](javascript:alert(1))",
        )],
        artefacts: vec![passage(
            "welcome",
            "欢迎语",
            "Welcome",
            "欢迎来到 **{{ group.name }}**！\n\n- 我是群主\n- 先做个自我介绍吧",
        )],
        tiers: vec![Tier {
            id: "gold".to_owned(),
            name: text("金卡", "Gold"),
            requirement: text("累计消费 1000 元", "1000 spent"),
            rights: vec![text("新品试吃", "Tasting"), text("生日礼", "Birthday gift")],
            provenance: by(Origin::Own, ""),
        }],
        tasks: vec![Task {
            id: "intro".to_owned(),
            name: text("自我介绍", "Introduce yourself"),
            level: "newcomer".to_owned(),
            body: text("三句话就好", "Three sentences"),
            reward: Some(text("10 积分", "10 points")),
            target: Some(set(0.5, 64)),
            provenance: by(Origin::Own, ""),
        }],
        sops: vec![
            Sop {
                id: "morning".to_owned(),
                name: text("早间", "Morning"),
                cadence: Rhythm::Daily(Some(540)),
                owner: "host".to_owned(),
                steps: vec![
                    text("回复昨夜的问题", "Answer last night's questions"),
                    text("发早安小知识", "Post the morning tip"),
                ],
                provenance: by(Origin::Own, ""),
            },
            Sop {
                id: "weekly".to_owned(),
                name: text("周复盘", "Weekly review"),
                cadence: Rhythm::Weekly(1, None),
                owner: "ops".to_owned(),
                steps: vec![text("看健康报告", "Read the health report")],
                provenance: by(Origin::Own, ""),
            },
        ],
        calendar: Calendar {
            useful_share: Some(set(0.8, 65)),
            promo_per_week: Some(set(1, 66)),
            holidays: BTreeMap::from([("2025-06-02".to_owned(), text("端午节", "Dragon Boat Festival"))]),
            items: vec![
                item("tip", "周三小知识", "Wednesday tip", Rhythm::Weekly(3, Some(900)), "knowledge", "useful"),
                item("show", "晒作品", "Show your cake", Rhythm::Weekly(6, Some(1200)), "emotion", "story"),
                item(
                    "sale",
                    "会员日特价; {{ group.name }}",
                    "Members' day; {{ group.name }}",
                    Rhythm::Weekly(5, Some(720)),
                    "conversion",
                    "promo",
                ),
                item("monday", "周一开箱", "Monday unboxing", Rhythm::Weekly(1, None), "emotion", "story"),
                item("flash", "限时抢购", "Flash sale", Rhythm::Weekly(7, None), "conversion", "promo"),
            ],
            provenance: by(Origin::Own, ""),
        },
        selection: Selection {
            refresh: vec![2, 5],
            slots: vec!["12:00".to_owned(), "20:00".to_owned()],
            mix: BTreeMap::from([("viral".to_owned(), 0.2), ("regular".to_owned(), 0.8)]),
            cells: vec![SelectionCell {
                id: "pull".to_owned(),
                objective: text("拉新", "Bring people in"),
                role: "viral".to_owned(),
                mechanic: text("限量低价", "Few and cheap"),
                body: Some(text("每人限一件", "One each")),
                provenance: by(Origin::Article, ""),
            }],
            provenance: by(Origin::Own, ""),
        },
        pdca: Pdca {
            plan: vec![text("定下月主题", "Choose the theme")],
            act_do: vec![text("照日历执行", "Follow the calendar")],
            check: vec![text("看周报", "Read the report")],
            act: vec![text("调整阈值", "Adjust thresholds")],
            provenance: by(Origin::Own, ""),
        },
        waivers: Vec::new(),
        scoring: Scoring {
            grades: [("A", 85.0), ("B", 70.0), ("C", 60.0), ("D", 40.0), ("E", 0.0)]
                .into_iter()
                .map(|(g, v)| (g.to_owned(), set(v, 3)))
                .collect(),
            min_coverage: set(0.6, 4),
            min_members: set(10, 5),
            min_sample: set(3, 6),
        },
    }
}

/// One group's numbers in one period: open, speak, ice-break, quit, pay, score.
fn period_health(
    period: Period,
    n: [(i64, i64); 5],
    score: Option<f64>,
    previous: Option<(&PeriodHealth, f64)>,
) -> PeriodHealth {
    let value = |i: usize| n[i].0 as f64 / n[i].1 as f64;
    let list = kpis();
    let statuses = [Status::Critical, Status::Watch, Status::Healthy, Status::Healthy, Status::Critical];
    let kpis: Vec<KpiResult> = list
        .iter()
        .enumerate()
        .map(|(i, kpi)| {
            let lift = [6.4, 1.6, 0.0, 0.0, 1.1, 0.0, 0.0, 0.9, 0.6][i];
            let reading = match (i, kpi.id.as_str()) {
                (0..=4, _) => {
                    let (p, d) = (value(i), n[i].1 as f64);
                    let half = 1.96 * (p * (1.0 - p) / d).sqrt();
                    Ok(Reading {
                        value: p,
                        exact: None,
                        numerator: Some(Number::Int(n[i].0)),
                        denominator: Some(Number::Int(n[i].1)),
                        interval: Some(((p - half).max(0.0), (p + half).min(1.0))),
                        approximate: i == 1,
                    })
                }
                (_, "revenue_week") => Ok(Reading {
                    value: 12_345.5,
                    exact: Some(Number::Decimal("12345.50".parse().unwrap())),
                    numerator: None,
                    denominator: None,
                    interval: None,
                    approximate: false,
                }),
                (_, "answer_hours") => Ok(Reading {
                    value: 9.4,
                    exact: None,
                    numerator: None,
                    denominator: Some(Number::Int(37)),
                    interval: Some((6.1, 12.7)),
                    approximate: false,
                }),
                (_, "useful_share") => Ok(Reading {
                    value: 14.0 / 21.0,
                    exact: None,
                    numerator: Some(Number::Int(14)),
                    denominator: Some(Number::Int(21)),
                    interval: Some((0.45, 0.83)),
                    approximate: false,
                }),
                _ => Err(Missing::TableAbsent(Table::Surveys)),
            };
            let status = match i {
                0..=4 => Some(statuses[i]),
                7 | 8 => Some(Status::Watch),
                _ => None,
            };
            let change = previous.and_then(|(p, _)| {
                let old = p.kpis[i].reading.as_ref().ok()?.value;
                let new = reading.as_ref().ok()?.value;
                let delta = new - old;
                (i < 5).then_some(Change {
                    previous: old,
                    delta,
                    significant: Some(delta.abs() > 0.04),
                    better: Some((delta > 0.0) == (kpi.better == Better::Higher)),
                })
            });
            KpiResult {
                index: i,
                id: kpi.id.clone(),
                score: reading.is_ok().then_some(50.0),
                reading,
                status,
                uncertain: i == 1 || i == 7,
                more_needed: (i == 1).then_some(120),
                too_few: None,
                weight: if kpi.bands.is_some() { kpi.weight.value } else { 0.0 },
                points: value(i.min(4)) * 20.0,
                lost: lift * 1.5,
                lift,
                change,
                rows: BTreeMap::from([("opened".to_owned(), 5204), ("speakers".to_owned(), 312)]),
            }
        })
        .collect();
    let people =
        |prefix: &str, n: usize| (0..n).map(|i| MemberRef { id: format!("{prefix}{i}").into() }).collect::<Vec<_>>();
    let class = |id: &str, n: usize| ClassCount { id: id.to_owned(), members: people(id, n), missing: None };
    let lines = n[1].1 as usize;
    PeriodHealth {
        period,
        score: HealthScore {
            value: score,
            grade: score.map(|s| [85.0, 70.0, 60.0, 40.0, 0.0].iter().position(|g| s >= *g).unwrap_or(4)),
            coverage: if score.is_some() { 0.92 } else { 0.41 },
            low: score.unwrap_or(30.0) * 0.92,
            high: (score.unwrap_or(30.0) * 0.92 + 8.0).min(100.0),
            gap: None,
            change: score.zip(previous).map(|(s, (_, p))| s - p),
        },
        boards: vec![
            BoardScore { id: "engagement".to_owned(), score: Some(58.1), weight: 1.0, coverage: 1.0 },
            BoardScore { id: "growth".to_owned(), score: Some(81.4), weight: 1.0, coverage: 1.0 },
            BoardScore { id: "conversion".to_owned(), score: Some(47.0), weight: 0.8, coverage: 0.6 },
        ],
        kpis,
        principles: vec![
            ("purpose".to_owned(), Some(80.0)),
            ("mutual_help".to_owned(), Some(55.5)),
            ("owner_online".to_owned(), None),
        ],
        segments: Counted::Known(vec![
            class("active", 31),
            class("light", 58),
            class("lurker", 63),
            class("freebie", 27),
            class("silent", lines.saturating_sub(179)),
        ]),
        churn: Counted::Known(vec![class("shallow", 12), class("mid", 7), class("deep", 23)]),
        alerts: vec![
            AlertResult { id: "unanswered".to_owned(), severity: Urgency::High, members: Vec::new(), new: true },
            AlertResult { id: "silent_vip".to_owned(), severity: Urgency::Medium, members: people("v", 4), new: false },
        ],
        unchecked: Vec::new(),
        funnels: vec![FunnelResult {
            id: "purchase".to_owned(),
            steps: Ok([("reached", 1216), ("clickers", 402), ("carters", 80), ("payers", 11)]
                .into_iter()
                .scan(0_u64, |before, (m, passed)| {
                    let rate = (*before > 0).then(|| passed as f64 / *before as f64);
                    *before = passed;
                    Some(StepCount {
                        measure: m.to_owned(),
                        passed,
                        open: passed,
                        rate,
                        interval: rate.map(|r| (r * 0.8, r * 1.2)),
                        weak: rate.is_some_and(|r| r < 0.15),
                    })
                })
                .collect()),
            weakest: Some(3),
        }],
        rankings: vec![RankingResult {
            id: "top_posts".to_owned(),
            rows: Ok([("p1", "三分钟奶油打发", 88), ("p2", HOSTILE, 41), ("p3", "周末开箱", 17)]
                .into_iter()
                .map(|(id, t, v)| RankingRow {
                    id: id.to_owned(),
                    title: Some(t.to_owned()),
                    kind: Some("useful".to_owned()),
                    value: Number::Int(v),
                })
                .collect()),
        }],
        breakdowns: vec![BreakdownResult {
            id: "content_mix".to_owned(),
            rows: Ok(vec![
                (Some("useful".to_owned()), Number::Int(14)),
                (Some("promo".to_owned()), Number::Int(6)),
                (None, Number::Int(1)),
            ]),
            withheld: 0,
        }],
        actions: vec![
            Action {
                tactic: "tea_time".to_owned(),
                causes: vec![Cause::Kpi("open_rate".to_owned())],
                lift: 6.4,
                audience: Some(n[1].1 as u64),
                list: None,
                owner: "host".to_owned(),
                due: period.end.plus(2),
            },
            Action {
                tactic: "wake_lurkers".to_owned(),
                causes: vec![Cause::Kpi("speak_rate".to_owned()), Cause::Alert("silent_vip".to_owned())],
                lift: 1.6,
                audience: Some(63),
                list: Some("lurker".to_owned()),
                owner: "ops".to_owned(),
                due: period.end.plus(3),
            },
            Action {
                tactic: "answer_questions".to_owned(),
                causes: vec![Cause::Alert("unanswered".to_owned())],
                lift: 0.0,
                audience: None,
                list: None,
                owner: "host".to_owned(),
                due: period.end,
            },
            Action {
                tactic: "three_part_welcome".to_owned(),
                causes: vec![Cause::Funnel("purchase".to_owned(), 3)],
                lift: 1.1,
                audience: Some(58),
                list: Some("light".to_owned()),
                owner: "host".to_owned(),
                due: period.end.plus(6),
            },
        ],
        review: vec![ActionReview {
            tactic: "three_part_welcome".to_owned(),
            kpi: "ice_break_rate".to_owned(),
            change: Some(Change { previous: 0.44, delta: 0.131, significant: Some(true), better: Some(true) }),
        }],
        members: Some(n[1].1),
    }
}

fn group(id: &str, name: &str, slug: &str, book: &Arc<Playbook>, owner: &str, scores: [Option<f64>; 5]) -> GroupHealth {
    let last = Period::containing(Cadence::Week, Day::from_date("2025-05-05".parse().unwrap()));
    let mut list = vec![last];
    while list.len() < scores.len() {
        list.insert(0, list[0].previous());
    }
    let mut periods: Vec<PeriodHealth> = Vec::new();
    for (i, (period, score)) in list.into_iter().zip(scores).enumerate() {
        let k = i as i64;
        let n = [(640 - 34 * k, 1216), (40 + k, 241), (16 + k, 35), (9 - k, 241), (15 - k, 80)];
        let health = {
            let previous = periods.last().and_then(|p| Some((p, p.score.value?)));
            period_health(period, n, score, previous)
        };
        periods.push(health);
    }
    GroupHealth {
        info: GroupInfo {
            id: id.to_owned(),
            name: name.to_owned(),
            slug: slug.to_owned(),
            created_on: Some(Day::from_date("2025-03-10".parse().unwrap())),
            age_days: Some(63),
            owner: Some(owner.to_owned()),
            brand: Some("朝暮".to_owned()),
            region: None,
            capacity: Some(500),
            tags: None,
            stage_given: false,
            members: Some(241),
        },
        playbook: Arc::clone(book),
        periods,
        products: vec![ProductInfo {
            id: "p1".to_owned(),
            name: "海盐卷".to_owned(),
            category: Some("面包".to_owned()),
            role: Some("viral".to_owned()),
            price: Some("19.9".parse().unwrap()),
        }],
        cohorts: Ok((0..5)
            .map(|p| Cohort { joined: Some(10 - p), stayed: (0..5 - p).map(|k| Stayed::Told(10 - p - k)).collect() })
            .collect()),
    }
}

/// Four groups over five weeks; the second has a hostile name, the fourth no score.
pub fn assessment() -> Assessment {
    let vip = Arc::new(playbook("vip", "VIP 专属", "VIP"));
    let content = Arc::new(playbook("content", "内容种草", "Content"));
    let groups = vec![
        group(
            "g01",
            "朝朝暮暮烘焙会员群",
            "g01",
            &vip,
            "林晓",
            [Some(71.0), Some(70.2), Some(69.0), Some(67.5), Some(64.2)],
        ),
        group(
            "g02",
            HOSTILE,
            "g02",
            &vip,
            "=cmd|' /C calc'!A0",
            [Some(40.0), Some(38.0), Some(39.0), Some(41.0), Some(36.4)],
        ),
        group(
            "g03",
            "露营生活研究所",
            "g03",
            &content,
            "周舟",
            [Some(78.0), Some(80.0), Some(83.0), Some(84.0), Some(88.1)],
        ),
        group("g04", "新开的群", "g04", &content, "周舟", [None; 5]),
    ];
    let periods = groups[0].periods.iter().map(|p| p.period).collect();
    let rolled = RollupKpi {
        numerator: Number::Int(88),
        denominator: Number::Int(482),
        value: 88.0 / 482.0,
        interval: Some((0.15, 0.22)),
        groups: 2,
        spread: [0.12, 0.18, 0.25],
    };
    let rollup = |scope, groups, worst| Rollup {
        scope,
        groups,
        places: 482,
        persons: 450,
        score: Some(61.0),
        scored: groups,
        worst: Some(worst),
        kpis: BTreeMap::from([("speak_rate".to_owned(), rolled.clone())]),
    };
    let part = PartReport {
        shown: "data/2025-05-12/messages.csv".to_owned(),
        encoding: "GB18030",
        rows: 5206,
        kept: 5200,
        quarantined: 2,
        orphan_groups: 4,
        orphan_members: 3,
        orphan_examples: vec!["ghost".to_owned()],
        first: Some(Instant::from_seconds(1_744_000_000)),
        last: Some(Instant::from_seconds(1_746_979_199)),
        examples: vec![Quarantined {
            file: "data/2025-05-12/messages.csv".to_owned(),
            line: 17,
            column: Some("sent_at".to_owned()),
            place: None,
            text: HOSTILE.to_owned(),
            code: crate::diagnostic::Code::BadCell,
            reason: Reason::NotATime,
        }],
        ..PartReport::default()
    };
    Assessment {
        as_of: Instant::from_seconds(1_746_979_199),
        zone: "Asia/Shanghai",
        periods,
        groups,
        rollups: vec![
            rollup(Scope::All, 4, 1),
            rollup(Scope::Playbook("vip".to_owned()), 2, 1),
            rollup(Scope::Playbook("content".to_owned()), 2, 2),
            rollup(Scope::Brand("朝暮".to_owned()), 4, 1),
            rollup(Scope::Owner("周舟".to_owned()), 2, 2),
        ],
        data: vec![
            TableReport {
                table: Table::Messages,
                present: true,
                columns: BTreeSet::from(["group_id".to_owned(), "member_id".to_owned(), "sent_at".to_owned()]),
                parts: vec![part],
                findings: Findings::new(),
            },
            TableReport {
                table: Table::Surveys,
                present: false,
                columns: BTreeSet::new(),
                parts: Vec::new(),
                findings: Findings::new(),
            },
        ],
        attributed_orders: 12,
        days_covered: Some((
            Day::from_date("2025-04-07".parse().unwrap()),
            Day::from_date("2025-05-11".parse().unwrap()),
        )),
    }
}
