//! Errors of form: where they point, what they say, and what they advise.

use super::super::{ExprError, Want};
use super::compiled;

/// An error as `code «words» message / label / help`.
pub(super) fn line(text: &str, error: &ExprError) -> String {
    let words = &text[error.range.clone()];
    let mut line = format!("{} «{words}» {} / {}", error.code.id(), error.message, error.label);
    if let Some(help) = &error.help {
        line.push_str(" / ");
        line.push_str(help);
    }
    line
}

/// Checks expressions in a place that needs a condition.
pub(super) fn all(table: &[(&str, &[&str])]) {
    for (text, expected) in table {
        let errors = compiled(text, Want::Bool).map(|_| ()).expect_err(text);
        let found: Vec<String> = errors.iter().map(|e| line(text, e)).collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn what_cannot_be_parsed() {
    all(&[
        ("", &["Q0201 «» the expression is empty / expected an expression"]),
        ("passed and", &["Q0201 «» the end was not expected here / expected a name, number, text or `(`"]),
        ("and passed", &["Q0201 «and» `and` was not expected here / expected a name, number, text or `(`"]),
        (
            "passed passed",
            &["Q0201 «passed» an operator is missing before `passed` / expected an operator such as `and` or `=`"],
        ),
        ("kind =", &["Q0201 «» the end was not expected here / expected a name, number, text or `(`"]),
        (
            "kind = 'abc",
            &[
                "Q0201 «'abc» a text is not closed / this quote has no partner / a text ends with `'`; write `''` for a quote inside it",
            ],
        ),
        (r#""score"#, &[r#"Q0201 «"score» a quoted name is not closed / this quote has no partner"#]),
        ("(passed or failed", &["Q0201 «(» a `(` is never closed / no `)` belongs to this"]),
        ("passed)", &["Q0201 «)» a `)` closes nothing / no `(` belongs to this"]),
        ("score in ()", &["Q0201 «)» `)` was not expected here / expected a name, number, text or `(`"]),
        ("score in 7", &["Q0201 «7» `7` was not expected here / expected `(`"]),
        ("case when passed then 1", &["Q0201 «» the end was not expected here / expected `end`"]),
        ("case passed then 1 end", &["Q0201 «then» `then` was not expected here / expected `when`"]),
        (
            "score is 7",
            &["Q0201 «7» `is` must be followed by `null`, `true` or `false` / expected `null`, `true` or `false`"],
        ),
        (
            "score is not",
            &["Q0201 «» `is` must be followed by `null`, `true` or `false` / expected `null`, `true` or `false`"],
        ),
        ("score between 1", &["Q0201 «» the end was not expected here / expected `and`"]),
        ("1e400 > 1", &["Q0201 «1e400» `1e400` is no number that can be computed with / too large or too many digits"]),
        (
            "1_000 > 1",
            &["Q0201 «1_000» `1_000` is no number / not a number / write digits only, such as `1000` or `0.15`"],
        ),
        (
            "sent_at + interval '7' > sent_at",
            &[
                "Q0201 «>» an interval needs a unit / expected `day` or `month` / write `interval '7' day` or `interval '1' month`",
            ],
        ),
        (
            "sent_at + interval 'x' day > sent_at",
            &[
                "Q0201 «'x'» an interval needs a whole number / expected a number of days or months / write `interval '7' day` or `interval '1' month`",
            ],
        ),
        (
            "sent_at > date '2025-02-30'",
            &[
                "Q0201 «'2025-02-30'» `2025-02-30` is no time / not a day of the calendar / write it as `date '2025-05-01'`",
            ],
        ),
        (
            "sent_at > timestamp '2025-02-20'",
            &[
                "Q0201 «'2025-02-20'» `2025-02-20` is no time / not a time of a day / write it as `timestamp '2025-05-01 20:30:00'`",
            ],
        ),
        (
            "from messages",
            &["Q0201 «messages» an operator is missing before `messages` / expected an operator such as `and` or `=`"],
        ),
        (
            "kind = e'abc'",
            &["Q0201 «'abc'» an operator is missing before `'abc'` / expected an operator such as `and` or `=`"],
        ),
        ("passed and -- comment", &["Q0201 «» the end was not expected here / expected a name, number, text or `(`"]),
        ("kind = and", &["Q0201 «and» `and` was not expected here / expected a name, number, text or `(`"]),
        ("or passed", &["Q0201 «or» `or` was not expected here / expected a name, number, text or `(`"]),
        ("passed and or failed", &["Q0201 «or» `or` was not expected here / expected a name, number, text or `(`"]),
        ("case else 1 end", &["Q0201 «else» `else` was not expected here / expected a name, number, text or `(`"]),
        ("kind in in ('a')", &["Q0201 «in» `in` was not expected here / expected a name, number, text or `(`"]),
        (
            "1000x > 1",
            &["Q0201 «1000x» `1000x` is no number / not a number / write digits only, such as `1000` or `0.15`"],
        ),
        ("in", &["Q0201 «in» `in` was not expected here / expected a name, number, text or `(`"]),
        ("kind = 'a' and end", &["Q0201 «end» `end` was not expected here / expected a name, number, text or `(`"]),
    ]);
}

#[test]
fn sql_that_playbooks_do_not_have() {
    all(&[
        ("score =! 7", &["Q0204 «!» `!` cannot be used here / not part of playbook expressions / write `not`"]),
        ("score == 7", &["Q0204 «==» `==` cannot be used here / not part of playbook expressions / write `=`"]),
        ("score => 7", &["Q0204 «=>» `=>` cannot be used here / not part of playbook expressions / write `>=`"]),
        (
            "kind || 'a' = 'b'",
            &[
                "Q0204 «||» `||` cannot be used here / not part of playbook expressions / texts cannot be joined; conditions are joined with `or`",
            ],
        ),
        ("passed && failed", &["Q0204 «&&» `&&` cannot be used here / not part of playbook expressions / write `and`"]),
        ("!passed", &["Q0204 «!» `!` cannot be used here / not part of playbook expressions / write `not`"]),
        (
            "score::text = '7'",
            &[
                "Q0204 «::» `::` cannot be used here / not part of playbook expressions / values are not cast; columns and measures have the right type already",
            ],
        ),
        (
            "kind ~ 'a'",
            &[
                "Q0204 «~» `~` cannot be used here / not part of playbook expressions / match with `like`, where `%` stands for any text",
            ],
        ),
        (
            "score % 2 = 1",
            &[
                "Q0204 «%» `%` cannot be used here / not part of playbook expressions / a share is written `0.15`; `%` only stands for any text in a `like`",
            ],
        ),
        (
            "kind ilike 'a'",
            &[
                "Q0204 «ilike» `ilike` cannot be used here / not part of playbook expressions / write `lower(name) like '…'`",
            ],
        ),
        (
            "kind regexp 'a'",
            &[
                "Q0204 «regexp» `regexp` cannot be used here / not part of playbook expressions / match with `like`, where `%` stands for any text",
            ],
        ),
        (
            "kind not regexp 'a'",
            &[
                "Q0204 «regexp» `regexp` cannot be used here / not part of playbook expressions / match with `like`, where `%` stands for any text",
            ],
        ),
        (
            "count(*) > 3",
            &[
                "Q0204 «count» `count` cannot be used here / not part of playbook expressions / an aggregate is declared as a measure, `[measure.id]`, and used by its id",
            ],
        ),
        (
            "count(distinct kind) > 3",
            &[
                "Q0204 «count» `count` cannot be used here / not part of playbook expressions / an aggregate is declared as a measure, `[measure.id]`, and used by its id",
            ],
        ),
        (
            "sum(score) > 3",
            &[
                "Q0204 «sum» `sum` cannot be used here / not part of playbook expressions / an aggregate is declared as a measure, `[measure.id]`, and used by its id",
            ],
        ),
        (
            "(select 1) = 1",
            &[
                "Q0204 «select» `select` cannot be used here / not part of playbook expressions / subqueries are not possible; declare a measure and use its name",
            ],
        ),
        (
            "score in (select 1)",
            &[
                "Q0204 «select» `select` cannot be used here / not part of playbook expressions / subqueries are not possible; declare a measure and use its name",
            ],
        ),
        (
            "exists (select 1)",
            &[
                "Q0204 «exists» `exists` cannot be used here / not part of playbook expressions / subqueries are not possible; declare a measure and use its name",
            ],
        ),
        (
            "cast(score as text) = '7'",
            &[
                "Q0204 «cast» `cast` cannot be used here / not part of playbook expressions / values are not cast; columns and measures have the right type already",
            ],
        ),
        (
            "extract(hour from sent_at) = 3",
            &[
                "Q0204 «extract» `extract` cannot be used here / not part of playbook expressions / use `hour(…)`, `weekday(…)` or `days_since(…)`",
            ],
        ),
        (
            "rank() over (order by score) > 1",
            &[
                "Q0204 «over» `over` cannot be used here / not part of playbook expressions / rows cannot look at other rows; declare a measure and use its name",
            ],
        ),
        (
            "score；",
            &[
                "Q0204 «；» `；` cannot be used here / not part of playbook expressions / write one expression, without `;`",
            ],
        ),
        (
            "kind ＝ 'a'",
            &["Q0204 «＝» `＝` cannot be used here / not part of playbook expressions / write `=` instead of `＝`"],
        ),
        (
            "kind = ‘a’",
            &[
                "Q0204 «‘» `‘` cannot be used here / not part of playbook expressions / write `'` instead of `‘`",
                "Q0204 «’» `’` cannot be used here / not part of playbook expressions / write `'` instead of `’`",
            ],
        ),
        (
            "（passed）",
            &[
                "Q0204 «（» `（` cannot be used here / not part of playbook expressions / write `(` instead of `（`",
                "Q0204 «）» `）` cannot be used here / not part of playbook expressions / write `)` instead of `）`",
            ],
        ),
        (
            "member.role.x = 1",
            &[
                "Q0204 «member.role.x» a name has at most two parts / not part of playbook expressions / write it as `member.role`",
            ],
        ),
        (
            "post.clicks.y('7d') > 1",
            &[
                "Q0204 «post.clicks.y» a name has at most two parts / not part of playbook expressions / write it as `post.clicks('7d')`",
            ],
        ),
        (
            "sent_at + interval '7' hour > sent_at",
            &[
                "Q0204 «hour» intervals are counted in days or months, not in `hour` / not part of playbook expressions / write `interval '7' day` or `interval '1' month`",
            ],
        ),
        (
            "(1, 2) = 1",
            &[
                "Q0204 «1, 2» a list of values can only follow `in` / not part of playbook expressions / write one value",
            ],
        ),
        (
            "lower(kind)",
            &[
                "Q0204 «lower(kind)» `lower` can only be compared or matched / not part of playbook expressions / write `lower(kind) = '…'` or `lower(kind) like '…'`",
            ],
        ),
        (
            "coalesce(lower(kind), 'a') = 'a'",
            &[
                "Q0204 «lower(kind)» `lower` can only be compared or matched / not part of playbook expressions / write `lower(kind) = '…'` or `lower(kind) like '…'`",
            ],
        ),
        (
            "score > 1; score < 2",
            &[
                "Q0204 «;» `;` cannot be used here / not part of playbook expressions / write one expression, without `;`",
            ],
        ),
        (
            "kind collate x = 'a'",
            &[
                "Q0204 «collate» `collate` cannot be used here / not part of playbook expressions / texts are compared by their code points; fold them with `lower(…)`",
            ],
        ),
        (
            r#"kind like 'a' escape '\'"#,
            &[
                "Q0204 «escape» `escape` cannot be used here / not part of playbook expressions / `%` and `_` cannot be escaped in a `like`; compare with `=`",
            ],
        ),
        (
            "score as x",
            &[
                "Q0204 «as» `as` cannot be used here / not part of playbook expressions / an expression is not named here",
            ],
        ),
        (
            "score > 1 limit 3",
            &[
                "Q0204 «limit» `limit` cannot be used here / not part of playbook expressions / write one condition or value, not a query",
            ],
        ),
        (
            "median(score) > 1",
            &[
                "Q0204 «median» `median` cannot be used here / not part of playbook expressions / an aggregate is declared as a measure, `[measure.id]`, and used by its id",
            ],
        ),
        (
            "kind = n'abc'",
            &[
                "Q0204 «n'abc'» `n'abc'` cannot be used here / not part of playbook expressions / use names, numbers, texts in single quotes, and the operators of SQL's `where`",
            ],
        ),
        (
            "a[1] = 2",
            &[
                "Q0204 «[» `[` cannot be used here / not part of playbook expressions / use names, numbers, texts in single quotes, and the operators of SQL's `where`",
                "Q0204 «]» `]` cannot be used here / not part of playbook expressions / use names, numbers, texts in single quotes, and the operators of SQL's `where`",
            ],
        ),
        (
            "round(*) > 1",
            &["Q0204 «round» `*` can only multiply / not part of playbook expressions / name what is to be computed"],
        ),
    ]);
}

#[test]
fn an_error_may_stand_on_any_line_after_any_script() {
    let text = "topic = '群 😀'\r\n  and -- 注释\n  knd = 1";
    let errors = compiled(text, Want::Bool).map(|_| ()).unwrap_err();
    assert_eq!(&text[errors[0].range.clone()], "knd");
}
