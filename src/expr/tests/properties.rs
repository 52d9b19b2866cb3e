//! What holds for every text.

use super::super::{Expr, Want, names};
use super::{compiled, shown};
use proptest::prelude::*;

/// Texts made of the words of the language, mostly wrong.
fn soup() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "and",
        "or",
        "not",
        "in",
        "between",
        "is",
        "null",
        "true",
        "like",
        "case",
        "when",
        "then",
        "else",
        "end",
        "(",
        ")",
        "(",
        ")",
        ",",
        "=",
        "<>",
        "<",
        ">=",
        "+",
        "-",
        "*",
        "/",
        ".",
        "kind",
        "score",
        "amount",
        "sent_at",
        "passed",
        "messages",
        "messages('7d')",
        "post.clicks('7d')",
        "member",
        "1",
        "0.5",
        "1e400",
        "'a'",
        "''",
        "'",
        "\"",
        "lower",
        "round",
        "within",
        "'window'",
        "coalesce",
        "date",
        "'2025-05-01'",
        "interval",
        "'7'",
        "day",
        "month",
        "select",
        "count",
        "over",
        "::",
        "||",
        "\n",
        "\r",
        "--",
        "/*",
        "群",
        "（",
        "$1",
        "?",
        "[",
        "{",
        "@",
    ]);
    prop::collection::vec(word, 0..24).prop_map(|words| words.join(" "))
}

/// Well-formed expressions, mostly of fitting types.
pub(super) fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "passed",
        "no_bool",
        "kind = 'Question'",
        "kind <> 'a'",
        "kind in ('a', 'Question')",
        "lower(kind) like 'q%'",
        "score > 3",
        "score = 7.0",
        "rate >= 0.3",
        "no_int < 1",
        "within(sent_at, '7d')",
        "left_at is null",
        "true",
        "null",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            inner.clone().prop_map(|a| format!("not ({a})")),
            inner.clone().prop_map(|a| format!("({a}) is not true")),
            (inner.clone(), number(), number())
                .prop_map(|(c, a, b)| format!("case when {c} then {a} else {b} end > 1")),
            (number(), number()).prop_map(|(a, b)| format!("({a}) <= ({b})")),
            (number(), number(), number()).prop_map(|(a, b, c)| format!("{a} not between {b} and {c}")),
        ]
    })
}

pub(super) fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "score",
            "zero",
            "no_int",
            "huge",
            "amount",
            "value",
            "rate",
            "messages('7d')",
            "days_since(sent_at)",
            "hour(sent_at + interval '1' month)",
        ])
        .prop_map(str::to_owned),
        any::<u32>().prop_map(|i| i.to_string()),
        (any::<u32>(), 0u32..8).prop_map(|(m, s)| rust_decimal::Decimal::new(i64::from(m), s).to_string()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["+", "-", "*", "/"]), inner.clone())
                .prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            inner.clone().prop_map(|a| format!("round({a}, 2)")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("least({a}, greatest({b}, {a}))")),
        ]
    })
}

/// Errors must be told for places that exist.
fn check(text: &str) -> Result<(), TestCaseError> {
    for errors in [compiled(text, Want::Bool).map(|_| ()).err(), names(text).map(|_| ()).err()].into_iter().flatten() {
        prop_assert!(!errors.is_empty());
        for error in errors {
            prop_assert!(text.get(error.range.clone()).is_some(), "{error:?} in {text:?}");
            prop_assert!(!error.message.is_empty() && !error.label.is_empty());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_compiler_panic(text in "\\PC{0,40}") {
        check(&text)?;
    }

    #[test]
    fn no_words_in_whatever_order_make_it_panic(text in soup()) {
        check(&text)?;
        if let Ok((expr, row)) = compiled(&text, Want::Any) {
            expr.eval(&row);
        }
    }

    #[test]
    fn printed_and_compiled_again_it_gives_the_same(text in prop_oneof![condition(), number()]) {
        let (expr, row) = compiled(&text, Want::Any).map_err(|e| TestCaseError::fail(format!("{text}: {e:?}")))?;
        let printed = expr.to_string();
        let (again, same_row) = compiled(&printed, Want::Any)
            .map_err(|e| TestCaseError::fail(format!("{text} printed as {printed}: {e:?}")))?;
        prop_assert_eq!(again.to_string(), printed.clone());
        prop_assert_eq!(again.ty(), expr.ty());
        prop_assert_eq!(shown(again.eval(&same_row)), shown(expr.eval(&row)), "{} printed as {}", text, printed);
    }

    #[test]
    fn the_conjuncts_together_are_the_condition(text in condition()) {
        let (expr, row) = compiled(&text, Want::Bool).map_err(|e| TestCaseError::fail(format!("{text}: {e:?}")))?;
        let all = expr.conjuncts().into_iter().all(|part: &Expr| part.is_true(&row));
        prop_assert_eq!(all, expr.is_true(&row));
    }
}

#[test]
fn long_and_deep_texts_are_refused_and_not_crashed_on() {
    let chain = |part: &str, times: usize| format!("1{}", part.repeat(times));
    for text in [
        chain(" + 1", 900),
        chain(" is null", 900),
        chain(" + 1", 100_000),
        "(".repeat(100_000),
        format!("{}1{}", "(".repeat(500), ")".repeat(500)),
        "not ".repeat(900),
        "-".repeat(900),
        "case ".repeat(900),
        "f(".repeat(900),
        "a.".repeat(900),
        "interval '".repeat(300),
    ] {
        assert!(compiled(&text, Want::Any).is_err());
    }
    let wide = vec!["kind = 'a'"; 400].join(" and ");
    assert!(compiled(&wide, Want::Bool).is_ok());
    let many = format!("kind in ({})", vec!["'a'"; 900].join(", "));
    assert!(compiled(&many, Want::Bool).is_ok());
}
