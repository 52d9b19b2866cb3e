//! Truth tables of SQL's three-valued logic.

use super::super::Want;
use super::{compiled, result};

const VALUES: [&str; 3] = ["passed", "failed", "no_bool"];

fn table(operator: &str) -> Vec<String> {
    VALUES
        .iter()
        .map(|a| VALUES.iter().map(|b| result(&format!("{a} {operator} {b}"))).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn and_or_and_equality() {
    assert_eq!(table("and"), ["true false null", "false false false", "null false null"]);
    assert_eq!(table("or"), ["true true true", "true false null", "true null null"]);
    assert_eq!(table("="), ["true false null", "false true null", "null null null"]);
    assert_eq!(table("<>"), ["false true null", "true false null", "null null null"]);
}

#[test]
fn not_and_the_tests_for_one_value() {
    for (text, row) in [
        ("not {}", "false true null"),
        ("{} is true", "true false false"),
        ("{} is not true", "false true true"),
        ("{} is false", "false true false"),
        ("{} is not false", "true false true"),
        ("{} is null", "false false true"),
        ("{} is not null", "true true false"),
    ] {
        let results: Vec<String> = VALUES.iter().map(|v| result(&text.replace("{}", v))).collect();
        assert_eq!(results.join(" "), row, "{text}");
    }
}

#[test]
fn null_is_unknown_wherever_it_is_compared() {
    for (text, expected) in [
        ("no_int = no_int", "null"),
        ("no_text = 'a'", "null"),
        ("no_text <> 'a'", "null"),
        ("no_text in ('a')", "null"),
        ("no_text not in ('a')", "null"),
        ("lower(no_text) = 'a'", "null"),
        ("no_text like '%'", "null"),
        ("kind like no_text", "null"),
        ("kind like null", "null"),
        ("score in (7, null)", "true"),
        ("score in (8, null)", "null"),
        ("score not in (8, null)", "null"),
        ("score not in (7, null)", "false"),
        ("kind in ('a', null)", "null"),
        ("score between no_int and 6", "false"),
        ("score between no_int and 8", "null"),
        ("score not between 8 and no_int", "true"),
        ("null = null", "null"),
        ("null is null", "true"),
    ] {
        assert_eq!(result(text), expected, "{text}");
    }
}

#[test]
fn an_unknown_condition_does_not_hold() {
    for (text, holds) in [("passed", true), ("failed", false), ("no_bool", false), ("null", false)] {
        let (expr, row) = compiled(text, Want::Bool).unwrap();
        assert_eq!(expr.is_true(&row), holds, "{text}");
    }
}
