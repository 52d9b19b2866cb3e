//! Expressions and their results.

use super::super::{NameUse, Window, names};
use super::{Names, compiled, measures, result};
use crate::expr::{Type, Want, compile};
use crate::schema::Table;
use std::collections::BTreeSet;

fn all(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(text, expected)| result(text) != *expected)
        .map(|(text, expected)| format!("{text}\n  gives    {}\n  expected {expected}", result(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn literals() {
    all(&[
        ("null", "null"),
        ("TRUE", "true"),
        ("7", "7"),
        ("007", "7"),
        ("0.15", "0.15d"),
        (".5", "0.5d"),
        ("1e3", "1000d"),
        ("1.5E-2", "0.015d"),
        ("9223372036854775808", "9223372036854775808d"),
        ("'it''s'", "'it's'"),
        ("'群策'", "'群策'"),
        ("date '2025-05-01'", "2025-05-01 00:00"),
        ("timestamp '2025-05-01 20:30:00'", "2025-05-01 20:30"),
        ("timestamp '2025-05-01T20:30'", "2025-05-01 20:30"),
        ("date '0000-01-01'", "error: `0000-01-01` is no time"),
        ("date '-001-01-01'", "error: `-001-01-01` is no time"),
        ("date '2025-5-1'", "error: `2025-5-1` is no time"),
        ("timestamp '2025-05-01 23:59:60'", "error: `2025-05-01 23:59:60` is no time"),
        ("7 -- a comment", "7"),
        ("7 /* a comment */ + 1", "8"),
    ]);
}

#[test]
fn names_are_columns_before_measures() {
    all(&[
        ("score", "7"),
        ("member.role", "'member'"),
        ("messages", "3"),
        ("messages('7d')", "3"),
        ("post.clicks", "4"),
        ("post.clicks('14d before window')", "4"),
        ("会员等级 = '金卡'", "true"),
        ("\"score\"", "7"),
        ("`score`", "7"),
        ("\"end\"", "1"),
        ("member.end", "2"),
        ("value * 2", "1.0d"),
    ]);
}

#[test]
fn arithmetic_keeps_decimals_exact_and_divides_into_fractions() {
    all(&[
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 2 - 3", "5"),
        ("-score + 1", "-6"),
        ("- -1", "1"),
        ("2 --1", "3"),
        ("amount + 0.05", "20.00d"),
        ("amount * 2", "39.90d"),
        ("0.1 + 0.2", "0.3d"),
        ("amount + rate", "20.25f"),
        ("7 / 2", "3.5f"),
        ("6 / 2", "3f"),
        ("0.3 / 0.1", "3f"),
        ("100 * (messages - 1) / interactions", "20f"),
        ("1 / 0", "null"),
        ("1.0 / 0.0", "null"),
        ("0 / 0", "null"),
        ("1 / zero", "null"),
        ("rate / 0", "null"),
        ("huge + 1", "null"),
        ("huge * 2", "null"),
        ("-huge - 2", "null"),
        ("79228162514264337593543950335 + 1.0", "null"),
        ("big_rate * 10", "null"),
        ("no_int + 1", "null"),
        ("1 + null", "null"),
    ]);
}

#[test]
fn numbers_of_all_types_compare() {
    all(&[
        ("score = 7.0", "true"),
        ("3 / 10 = 0.3", "true"),
        ("3 / 10 >= 0.3", "true"),
        ("rate = 0.3", "true"),
        ("rate < amount", "true"),
        ("messages / interactions between 0.3 and 0.3", "true"),
        ("messages / interactions in (0.1, 0.3)", "true"),
        ("score <> 7", "false"),
        ("score != 8", "true"),
        ("huge > 9223372036854775806.5", "true"),
        ("huge < 1e308", "error: `1e308` is no number that can be computed with"),
        ("big_rate > huge", "true"),
    ]);
}

#[test]
fn texts_compare_by_bytes_and_match_patterns() {
    all(&[
        ("kind = 'Question'", "true"),
        ("'Question' = kind", "true"),
        ("kind = 'question'", "false"),
        ("kind <> 'question'", "true"),
        ("'B' < 'a'", "true"),
        ("'群' > 'z'", "true"),
        ("kind in ('a', 'Question')", "true"),
        ("kind not in ('a', 'b')", "true"),
        ("kind between 'A' and 'Z'", "true"),
        ("kind like 'Qu%'", "true"),
        ("kind like '%tion'", "true"),
        ("kind like '%est%'", "true"),
        ("kind like 'Q_estion'", "true"),
        ("kind like 'question'", "false"),
        ("kind not like '%x%'", "true"),
        ("topic like '__ 100_'", "true"),
        ("kind like kind", "true"),
        ("lower(kind) = 'question'", "true"),
        ("lower(kind) = lower('QUESTION')", "true"),
        ("lower(kind) in ('a', 'question')", "true"),
        ("lower(kind) like 'q%'", "true"),
        ("lower(kind) between 'q' and 'r'", "true"),
        ("lower(lower(kind)) <> 'Question'", "true"),
        ("case lower(kind) when 'question' then 1 else 2 end", "1"),
        ("length(topic)", "7"),
        ("length(lower(kind))", "8"),
        ("length('')", "0"),
    ]);
}

#[test]
fn conditions() {
    all(&[
        ("passed", "true"),
        ("not failed", "true"),
        ("passed = true", "true"),
        ("passed and score > 5 or failed", "true"),
        ("passed or failed and failed", "true"),
        ("not passed or passed", "true"),
        ("not (passed or passed)", "false"),
        ("not score = 8", "true"),
        ("score between 7 and 7", "true"),
        ("score not between 8 and 9", "true"),
        ("left_at is null", "true"),
        ("sent_at is not null and passed", "true"),
        ("score = 7 is true", "true"),
    ]);
}

#[test]
fn choices() {
    all(&[
        ("case when score > 5 then 'high' when score > 3 then 'mid' else 'low' end", "'high'"),
        ("case when no_bool then 1 else 2 end", "2"),
        ("case when failed then 1 end", "null"),
        ("case score when 1 then 'a' when 7 then 'b' end", "'b'"),
        ("case no_int when null then 1 else 2 end", "2"),
        ("case when passed then 1 else 0.5 end", "1d"),
        ("case when passed then 1 else rate end", "1f"),
        ("coalesce(no_int, null, 4)", "4"),
        ("coalesce(no_text, kind)", "'Question'"),
        ("coalesce(no_int, 0.5)", "0.5d"),
        ("nullif(score, 7)", "null"),
        ("nullif(score, 8)", "7"),
        ("nullif(score, no_int)", "7"),
        ("greatest(1, 3, 2)", "3"),
        ("least(1, no_int, 2)", "1"),
        ("least(no_int, no_int)", "null"),
        ("greatest(1, amount)", "19.95d"),
        ("greatest(sent_at, joined_at)", "2025-05-06 20:30"),
        ("abs(-3)", "3"),
        ("abs(amount - 20)", "0.05d"),
        ("abs(-huge - 1)", "null"),
        ("round(amount)", "20d"),
        ("round(2.5)", "3d"),
        ("round(-2.5)", "-3d"),
        ("round(amount, 1)", "20.0d"),
        ("round(2 / 3, 2)", "0.67f"),
        ("round(score, 2)", "7"),
        ("round(big_rate, 12) = big_rate", "true"),
    ]);
}

#[test]
fn times_are_local() {
    all(&[
        ("within(sent_at, 'window')", "true"),
        ("within(sent_at, 'previous')", "false"),
        ("within(joined_at, 'lifetime')", "true"),
        ("within(date '2025-05-05', 'window')", "true"),
        ("within(date '2025-05-12', 'window')", "false"),
        ("within(date '2025-05-04', '14d before window')", "true"),
        ("within(date '2025-04-20', '14d before window')", "false"),
        ("within(timestamp '2025-05-11 23:59:59', '1d')", "true"),
        ("within(timestamp '2025-05-10 23:59:59', '1d')", "false"),
        ("within(left_at, 'window')", "null"),
        ("days_since(date '2025-05-11')", "0"),
        ("days_since(timestamp '2025-05-10 23:59:59')", "1"),
        ("days_since(date '2025-05-04')", "7"),
        ("days_since(date '2025-06-01')", "0"),
        ("days_since(last_message)", "7"),
        ("days_since(left_at)", "null"),
        ("days_between(joined_at, sent_at)", "95"),
        ("days_between(sent_at, joined_at)", "-95"),
        ("days_between(left_at, sent_at)", "null"),
        ("hour(sent_at)", "20"),
        ("weekday(sent_at)", "2"),
        ("weekday(date '2025-05-04')", "7"),
        ("sent_at + interval '7' day", "2025-05-13 20:30"),
        ("sent_at - interval 7 days", "2025-04-29 20:30"),
        ("joined_at + interval '1' month", "2025-02-28 09:00"),
        ("joined_at - interval '2' months", "2024-11-30 09:00"),
        ("joined_at + interval '1' month + interval '1' day", "2025-03-01 09:00"),
        ("date '2024-02-29' + interval '12' month", "2025-02-28 00:00"),
        ("date '9999-12-31' + interval '2' day", "null"),
        ("left_at + interval '1' day", "null"),
        ("sent_at >= date '2025-05-06' and sent_at < date '2025-05-07'", "true"),
        ("sent_at in (date '2025-05-06')", "false"),
    ]);
}

#[test]
fn a_condition_is_one_list_of_conjuncts() {
    let (expr, _) = compiled("passed and (score > 1 and kind = 'a') and (failed or passed)", Want::Bool).unwrap();
    let parts: Vec<String> = expr.conjuncts().iter().map(ToString::to_string).collect();
    assert_eq!(parts, ["passed", "score > 1", "kind = 'a'", "failed or passed"]);
    let (single, _) = compiled("passed or failed", Want::Bool).unwrap();
    assert_eq!(single.conjuncts(), [&single]);
}

#[test]
fn slots_are_collected() {
    let text = "kind = 'a' and kind in ('a', 'b') and case when messages > 1 then score else 2 end > 0 \
                and coalesce(post.clicks('7d'), zero) > 0 and topic like kind";
    let mut scope = Names::default();
    let expr = compile(text, &mut scope, Want::Bool).unwrap();
    assert_eq!(expr.columns(), BTreeSet::from([0, 1, 3, 4]));
    let used: Vec<(&str, Option<Window>)> = expr
        .measures()
        .into_iter()
        .map(|slot| (measures()[scope.windows[slot].0].0, scope.windows[slot].1.clone()))
        .collect();
    assert_eq!(used, [("messages", None), ("post.clicks", Some(Window::Trailing { days: 7 }))]);
}

#[test]
fn types_are_known_before_any_row() {
    for (text, ty) in [
        ("null", Type::Null),
        ("score + amount", Type::Decimal),
        ("score / 2", Type::Float),
        ("kind like 'a'", Type::Bool),
        ("coalesce(null, left_at)", Type::Time),
        ("case when passed then 1 else rate end", Type::Float),
    ] {
        assert_eq!(compiled(text, Want::Any).unwrap().0.ty(), ty, "{text}");
    }
    assert!(compiled("score / 2", Want::Number).is_ok());
    assert!(compiled("null", Want::Bool).is_ok());
}

#[test]
fn every_column_of_the_schema_is_a_plain_name() {
    for table in Table::ALL {
        for column in table.columns() {
            let name = column.name;
            for (text, expected) in [
                (name.to_owned(), (None, name)),
                (format!("{name} is null"), (None, name)),
                (format!("not {name}"), (None, name)),
                (format!("({name}) in ({name})"), (None, name)),
                (format!("{table}.{name} = 1"), (Some(table.name()), name)),
                (format!("{}.{name}('7d') > 0", table.name()), (Some(table.name()), name)),
            ] {
                let uses = names(&text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
                assert_eq!((uses[0].qualifier.as_deref(), uses[0].name.as_str()), expected, "{text}");
            }
        }
    }
    for name in ["window", "group", "order", "user", "level", "time", "type", "first", "array", "all", "key", "date"] {
        assert_eq!(names(&format!("{name} = 1")).unwrap()[0].name, name);
    }
}

#[test]
fn names_are_found_without_knowing_them() {
    let text = "within(joined_at, 'window') and messages('7d after joined_at') > member.x + abs(\"y z\")";
    let name = |qualifier: Option<&str>, name: &str, window: Option<&str>, written: &str| {
        let start = text.find(written).unwrap();
        NameUse {
            qualifier: qualifier.map(str::to_owned),
            name: name.to_owned(),
            window: window.map(|w| Window::parse(w).unwrap()),
            range: start..start + written.len(),
        }
    };
    assert_eq!(
        names(text).unwrap(),
        [
            name(None, "joined_at", None, "joined_at"),
            name(None, "messages", Some("7d after joined_at"), "messages('7d after joined_at')"),
            name(Some("member"), "x", None, "member.x"),
            name(None, "y z", None, "\"y z\""),
        ]
    );
}

#[test]
fn the_canonical_text() {
    for (text, canonical) in [
        ("KIND", "error"),
        ("kind='a' AND NOT(passed)", "kind = 'a' and not passed"),
        ("(passed or failed) and passed", "(passed or failed) and passed"),
        ("not (passed and failed)", "not (passed and failed)"),
        ("1-(2-3)", "1 - (2 - 3)"),
        ("(1*2)/3", "1 * 2 / 3"),
        ("-(1+2)", "-(1 + 2)"),
        ("1e3", "1000.0"),
        ("rate>=0.30", "rate >= 0.30"),
        ("score in(1,2)", "score in (1, 2)"),
        ("(score = 1) is not true", "(score = 1) is not true"),
        ("messages( ' 7d  after joined_at' )", "messages('7d after joined_at')"),
        ("sent_at-interval '1' month", "sent_at - interval '1' month"),
        ("round( amount , 2 )", "round(amount, 2)"),
        ("case when passed then 1 else 0.5 end", "case when passed then 1 else 0.5 end"),
        ("\"end\" + member.end", "\"end\" + member.end"),
        ("kind = 'it''s'", "kind = 'it''s'"),
    ] {
        let printed = compiled(text, Want::Any).map_or("error".to_owned(), |(e, _)| e.to_string());
        assert_eq!(printed, canonical, "{text}");
    }
}
