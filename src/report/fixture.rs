//! A judged workspace made by hand, with a hostile group, for the tests of `report` and `site`.
#![allow(clippy::unwrap_used)]

mod book;
mod figures;

pub use book::playbook;

use crate::calendar::{Cadence, Day, Instant, Period};
use crate::data::{PartReport, Quarantined, Reason, TableReport};
use crate::diagnostic::Findings;
use crate::health::*;
use crate::measure::{Missing, Number};
use crate::playbook::*;
use crate::schema::Table;
use figures::kpis;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A name that attacks every format at once.
pub const HOSTILE: &str =
    "=1+1\u{202e}<img src=x onerror=alert(1)></script>|[x](javascript:alert(1))`{{ 7*7 }}`\u{1b}[31m @all\u{200b}";

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
