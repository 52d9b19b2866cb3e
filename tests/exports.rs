//! Exports of other systems are read by mapping alone: each folder of `tests/exports` is a workspace as a user
//! would write it. The expected figures are counted by hand from the few rows.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod python;

use assert_cmd::cargo::cargo_bin_cmd;
use python::{copy_folder, tests};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A built workspace: what it says of each group.
struct Site {
    groups: BTreeMap<String, Value>,
    _folder: TempDir,
}

/// Builds a copy of `tests/exports/<name>`; `prepare` may still change its files.
fn build(name: &str, period: &str, prepare: impl Fn(&Path)) -> Site {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&tests().join("exports").join(name), folder.path());
    prepare(&folder.path().join("data"));
    cargo_bin_cmd!("qunce")
        .args(["build", "--quiet", "--period", period, "--workspace"])
        .arg(folder.path())
        .assert()
        .success();
    let mut groups = BTreeMap::new();
    for entry in fs::read_dir(folder.path().join("out/api/groups")).unwrap() {
        let group: Value = serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
        groups.insert(group["group"]["id"].as_str().unwrap().to_owned(), group);
    }
    Site { groups, _folder: folder }
}

impl Site {
    fn ids(&self) -> Vec<&str> {
        self.groups.keys().map(String::as_str).collect()
    }

    fn kpi(&self, group: &str, kpi: &str) -> &Value {
        let found = &self.groups[group]["kpis"][kpi];
        assert!(found.is_object(), "{group} has no KPI {kpi}");
        found
    }

    /// A share as its two numbers; `None` without data.
    fn share(&self, group: &str, kpi: &str) -> Option<(u64, u64)> {
        let kpi = self.kpi(group, kpi);
        Some((kpi["numerator"].as_u64()?, kpi["denominator"].as_u64()?))
    }

    fn value(&self, group: &str, kpi: &str) -> Option<f64> {
        self.kpi(group, kpi)["value"].as_f64()
    }

    fn members(&self, group: &str) -> Option<u64> {
        self.groups[group]["group"]["members"].as_u64()
    }

    /// Members of the segments active, freebie hunter, lurker, light, silent; `None` where nobody can
    /// be told to be one.
    fn segments(&self, group: &str) -> [Option<u64>; 5] {
        ["active", "freebie_hunter", "lurker", "light", "silent"].map(|s| self.groups[group]["segments"][s].as_u64())
    }
}

/// Rewrites a file in another encoding.
fn encode(file: &Path, bytes: impl Fn(&str) -> Vec<u8>) {
    let text = fs::read_to_string(file).unwrap();
    fs::write(file, bytes(&text)).unwrap();
}

#[test]
fn customer_groups_of_wecom_with_times_in_seconds() {
    let site = build("wecom", "2025-W19", |_| ());
    assert_eq!(site.ids(), ["wrA1", "wrB2"]);
    // Customers are `type` 2; who joins at the midnight after the week is not yet in.
    assert_eq!(site.members("wrA1"), Some(5));
    assert_eq!(site.members("wrB2"), Some(2));
    // wmA and wmD. wmB spoke a second too early, wmF joined too late, wmC took the message back.
    assert_eq!(site.share("wrA1", "speak_rate"), Some((2, 5)));
    assert_eq!(site.share("wrB2", "speak_rate"), Some((1, 2)));
    // wmD at the first second of the week and wmE at its last, invited by wmB.
    assert_eq!(site.value("wrA1", "new_members"), Some(2.0));
    assert_eq!(site.share("wrA1", "invited_join_share"), Some((1, 2)));
    assert_eq!(site.value("wrB2", "new_members"), Some(0.0));
    // The export does not tell who left, and that is not the same as nobody leaving.
    assert_eq!(site.value("wrA1", "quit_rate"), None);
    assert_eq!(site.value("wrA1", "member_growth"), None);
}

#[test]
fn chat_histories_with_chinese_headers_in_three_encodings() {
    let site = build("chat_history", "2025-W19", |data| {
        encode(&data.join("聊天记录_1.csv"), |text| encoding_rs::GB18030.encode(text).0.into_owned());
        encode(&data.join("聊天记录_2.csv"), |text| format!("\u{feff}{text}").into_bytes());
        encode(&data.join("聊天记录_3.csv"), |text| {
            format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
        });
    });
    assert_eq!(site.ids(), ["读书群"]);
    // Its authors are its members: 小鹿 阿远 木子 王老师.
    assert_eq!(site.members("读书群"), Some(4));
    // 木子 阿远 王老师; what 小鹿 took back is a message of the system, and 小鹿's next one is of the next week.
    assert_eq!(site.share("读书群", "speak_rate"), Some((3, 4)));
    // Over 30 days 小鹿 spoke as well. Line breaks within cells have not made rows.
    assert_eq!(site.share("读书群", "speak_rate_month"), Some((4, 4)));
    // 1007 is in two files and counts once.
    assert_eq!(site.segments("读书群"), [Some(0), None, Some(0), Some(3), Some(1)]);
    assert_eq!(site.value("读书群", "quit_rate"), None);
}

#[test]
fn message_archives_with_times_in_milliseconds_and_logs_in_utc() {
    let site = build("chat_archive", "2025-W19", |_| ());
    assert_eq!(site.ids(), ["r1", "r2"]);
    // bob at the first millisecond, dee at the last; cem one too early, ann one too late.
    assert_eq!(site.share("r1", "speak_rate"), Some((2, 4)));
    assert_eq!(site.share("r2", "speak_rate"), Some((1, 1)));
    // ann clicked at 16:00 UTC before the week, which is its first local second; dee's click is already next week's.
    assert_eq!(site.segments("r1"), [Some(0), None, Some(2), Some(2), Some(0)]);
}

#[test]
fn orders_of_a_shop_that_know_no_group() {
    let site = build("trade", "2025-W19", |_| ());
    // T0001 was paid before its buyer joined the new group, T0002 after; b2's go to the group joined last.
    // Closed and unpaid orders do not count; T0009's buyer is nobody's member.
    assert_eq!(site.share("old", "purchase_conversion"), Some((2, 4)));
    assert_eq!(site.value("old", "aov"), Some(80.0));
    assert_eq!(site.share("new", "purchase_conversion"), Some((3, 3)));
    assert_eq!(site.value("new", "aov"), Some(57.65));
    // b2 came on two days; b5's second order is of the next week.
    assert_eq!(site.share("old", "repurchase_rate"), Some((0, 2)));
    assert_eq!(site.share("new", "repurchase_rate"), Some((1, 3)));
    // Nothing is known of talk.
    assert_eq!(site.value("old", "speak_rate"), None);
}

#[test]
fn purchases_without_order_numbers_and_with_days_without_dashes() {
    let site = build("no_order_id", "1997-W14", |_| ());
    assert_eq!(site.ids(), ["cdnow"]);
    // Five purchases by four of the seven customers; equal rows are two purchases, free ones count.
    assert_eq!(site.share("cdnow", "purchase_conversion"), Some((4, 7)));
    let aov = site.value("cdnow", "aov").unwrap();
    assert!((aov - 77.59 / 5.0).abs() < 1e-12, "{aov}");
    // In 90 days six bought, and only 00003 on two days.
    assert_eq!(site.share("cdnow", "repurchase_rate"), Some((1, 6)));
}
