//! Errors of meaning: names, windows and types.

use super::super::{Want, names};
use super::compiled;
use super::errors::{all, line};

#[test]
fn names_that_nobody_knows() {
    all(&[
        (
            r#"kind = "abc""#,
            &[
                r#"Q0202 «"abc"» unknown column or measure `abc` / unknown / a text is written in single quotes: `'abc'`"#,
            ],
        ),
        ("knd = 'a'", &["Q0202 «knd» unknown column or measure `knd` / unknown / did you mean `kind`?"]),
        ("messges > 3", &["Q0202 «messges» unknown column or measure `messges` / unknown / did you mean `messages`?"]),
        ("xyzzy > 3", &["Q0202 «xyzzy» unknown column or measure `xyzzy` / unknown"]),
        (
            "member.rol = 'a'",
            &["Q0202 «rol» unknown column or measure `member.rol` / unknown / did you mean `member.role`?"],
        ),
        ("membr.role = 'a'", &["Q0202 «membr» `membr` is not known here / unknown / did you mean `member`?"]),
        ("xyzzy.role = 'a'", &["Q0202 «xyzzy» `xyzzy` is not known here / unknown / known here: `member` and `post`"]),
        (
            "now() > sent_at",
            &[
                "Q0202 «now» unknown function `now` / unknown / a report has no present; count from its as-of time with `days_since(…)`",
            ],
        ),
        (
            "current_date > sent_at",
            &[
                "Q0202 «current_date» unknown column or measure `current_date` / unknown / a report has no present; count from its as-of time with `days_since(…)`",
            ],
        ),
        ("mesages('7d') > 1", &["Q0202 «mesages» unknown measure `mesages` / unknown / did you mean `messages`?"]),
        (
            "days_sinc(sent_at) > 1",
            &["Q0202 «days_sinc» unknown function `days_sinc` / unknown / did you mean `days_since`?"],
        ),
        (
            "foo(score, knd) > 1",
            &[
                "Q0202 «foo» unknown function `foo` / unknown",
                "Q0202 «knd» unknown column or measure `knd` / unknown / did you mean `kind`?",
            ],
        ),
        (
            "mesages('0d') > 1",
            &[
                "Q0202 «mesages» unknown measure `mesages` / unknown / did you mean `messages`?",
                "Q0205 «'0d'» `0d` is no window / the number of days must lie between 1 and 3660",
            ],
        ),
        (
            "knd = 'a' and messges > 1 or kind > 3",
            &[
                "Q0202 «knd» unknown column or measure `knd` / unknown / did you mean `kind`?",
                "Q0202 «messges» unknown column or measure `messges` / unknown / did you mean `messages`?",
                "Q0203 «3» text cannot be compared with a whole number / this is a whole number / write `'3'` in quotes",
            ],
        ),
    ]);
}

#[test]
fn types_that_do_not_fit() {
    all(&[
        (
            "interval '7' day > 1",
            &[
                "Q0203 «'7'» an interval can only be added to a time or taken from it / no time stands before this / write `joined_at + interval '7' day`",
            ],
        ),
        (
            "messages(7) > 1",
            &[
                "Q0203 «messages» `messages` is a measure and takes one window in quotes / not a function / write `messages` or `messages('7d')`",
            ],
        ),
        (
            "messages() > 1",
            &[
                "Q0203 «messages» `messages` is a measure and takes one window in quotes / not a function / write `messages` or `messages('7d')`",
            ],
        ),
        (
            "kind('7d') > 1",
            &[
                "Q0203 «kind» `kind` is a column, and columns have no window / only measures are read over a window / write `kind` without the window",
            ],
        ),
        (
            "within(sent_at, kind)",
            &[
                "Q0203 «kind» the window of `within` is a text in quotes / expected a text in quotes / write `within(joined_at, 'window')`",
            ],
        ),
        ("within(score, 'window')", &["Q0203 «score» `within` needs a time / this is a whole number"]),
        ("within(sent_at)", &["Q0203 «within» `within` takes 2 arguments / 1 given"]),
        ("round(score, 1, 2) > 1", &["Q0203 «round» `round` takes 1 or 2 arguments / 3 given"]),
        (
            "round(score, zero) > 1",
            &["Q0203 «zero» the decimal places of `round` are a number from 0 to 12 / expected a number from 0 to 12"],
        ),
        ("round(kind) > 1", &["Q0203 «kind» `round` needs a number / this is text"]),
        ("abs() > 1", &["Q0203 «abs» `abs` takes 1 argument / 0 given"]),
        ("coalesce() > 1", &["Q0203 «coalesce» `coalesce` takes at least 1 argument / 0 given"]),
        (
            "coalesce(score, kind) > 1",
            &[
                "Q0203 «kind» the values of `coalesce` must have one type / this is text / the values before it are a whole number",
            ],
        ),
        (
            "case when passed then 1 else 'a' end > 1",
            &[
                "Q0203 «'a'» the results of a `case` must have one type / this is text / the values before it are a whole number",
            ],
        ),
        (
            "case when score then 1 else 2 end > 1",
            &["Q0203 «score» `when` needs a condition / this is a whole number / compare it: `score > 0`"],
        ),
        (
            "case kind when 1 then 2 end > 1",
            &["Q0203 «1» text cannot be compared with a whole number / this is a whole number / write `'1'` in quotes"],
        ),
        (
            "kind > 3",
            &["Q0203 «3» text cannot be compared with a whole number / this is a whole number / write `'3'` in quotes"],
        ),
        (
            "3 = kind",
            &["Q0203 «3» text cannot be compared with a whole number / this is a whole number / write `'3'` in quotes"],
        ),
        (
            "score = '7'",
            &[
                "Q0203 «'7'» a whole number cannot be compared with text / this is text / write the number without quotes",
            ],
        ),
        (
            "sent_at > '2025-05-01'",
            &[
                "Q0203 «'2025-05-01'» a time cannot be compared with text / this is text / write a time as `date '2025-05-01'`",
            ],
        ),
        (
            "sent_at > 7",
            &[
                "Q0203 «7» a time cannot be compared with a whole number / this is a whole number / count days with `days_since(sent_at)`",
            ],
        ),
        (
            "passed = 1",
            &[
                "Q0203 «1» a condition cannot be compared with a whole number / this is a whole number / write `passed` or `not passed`",
            ],
        ),
        (
            "passed = 'yes'",
            &["Q0203 «'yes'» a condition cannot be compared with text / this is text / write `passed` or `not passed`"],
        ),
        ("kind = sent_at", &["Q0203 «sent_at» text cannot be compared with a time / this is a time"]),
        (
            "kind in ('a', 1, 2)",
            &[
                "Q0203 «1» text cannot be compared with a whole number / this is a whole number / write `'1'` in quotes",
                "Q0203 «2» text cannot be compared with a whole number / this is a whole number / write `'2'` in quotes",
            ],
        ),
        (
            "score in ('a', 7)",
            &[
                "Q0203 «'a'» a whole number cannot be compared with text / this is text / write the number without quotes",
            ],
        ),
        (
            "score between 'a' and 7",
            &[
                "Q0203 «'a'» a whole number cannot be compared with text / this is text / write the number without quotes",
            ],
        ),
        ("kind + 1 > 2", &["Q0203 «kind» `+` needs numbers / this is text"]),
        (
            "sent_at - joined_at > 2",
            &[
                "Q0203 «sent_at - joined_at» times cannot be subtracted / both are times / write `days_between(joined_at, sent_at)`",
            ],
        ),
        (
            "sent_at + 7 > sent_at",
            &["Q0203 «sent_at» `+` needs numbers / this is a time / write `sent_at + interval '7' day`"],
        ),
        ("-kind > 1", &["Q0203 «kind» `-` needs a number / this is text"]),
        (
            "score and passed",
            &["Q0203 «score» `and` needs conditions / this is a whole number / compare it: `score > 0`"],
        ),
        (
            "kind or 'a'",
            &[
                "Q0203 «kind» `or` needs conditions / this is text / compare it: `kind = '…'`",
                "Q0203 «'a'» `or` needs conditions / this is text",
            ],
        ),
        ("not score", &["Q0203 «score» `not` needs a condition / this is a whole number / compare it: `score > 0`"]),
        (
            "score is true",
            &[
                "Q0203 «score» `is true` and `is false` need a condition / this is a whole number / compare it: `score > 0`",
            ],
        ),
        ("score like 'a'", &["Q0203 «score» `like` needs a text / this is a whole number"]),
        ("kind like 7", &["Q0203 «7» `like` needs a pattern / this is a whole number"]),
        ("lower(score) = 'a'", &["Q0203 «score» `lower` needs a text / this is a whole number"]),
        ("length(score) > 1", &["Q0203 «score» `length` needs a text / this is a whole number"]),
        ("days_since(kind) > 1", &["Q0203 «kind» `days_since` needs a time / this is text"]),
        ("days_between(sent_at, score) > 1", &["Q0203 «score» `days_between` needs a time / this is a whole number"]),
        ("hour(1) > 1", &["Q0203 «1» `hour` needs a time / this is a whole number"]),
        ("score", &["Q0203 «score» a condition is needed here / this is a whole number / compare it: `score > 0`"]),
        ("kind", &["Q0203 «kind» a condition is needed here / this is text / compare it: `kind = '…'`"]),
        ("passed + 1", &["Q0203 «passed» `+` needs numbers / this is a condition"]),
        (
            "sent_at + interval '7' day and passed = 1",
            &[
                "Q0203 «sent_at + interval '7'» `and` needs conditions / this is a time / compare it: `sent_at + interval '7' day is not null` or `within(sent_at + interval '7' day, 'window')`",
                "Q0203 «1» a condition cannot be compared with a whole number / this is a whole number / write `passed` or `not passed`",
            ],
        ),
    ]);
}

#[test]
fn windows() {
    all(&[
        (
            "messages('last week') > 1",
            &[
                "Q0205 «'last week'» `last week` is no window / expected `window`, `previous`, `lifetime`, `7d`, `14d before window` or `7d after joined_at`",
            ],
        ),
        ("messages('0d') > 1", &["Q0205 «'0d'» `0d` is no window / the number of days must lie between 1 and 3660"]),
        (
            "within(sent_at, 'last week')",
            &[
                "Q0205 «'last week'» `last week` is no window / expected `window`, `previous`, `lifetime`, `7d`, `14d before window` or `7d after joined_at`",
            ],
        ),
        (
            "within(sent_at, '7d after joined_at')",
            &[
                "Q0205 «'7d after joined_at'» `within` cannot follow a column / only a measure can be read over this window / write `days_between(joined_at, …) between 0 and 6`",
            ],
        ),
    ]);
}

#[test]
fn names_that_cannot_be_read_here() {
    all(&[
        (
            "member.phone = 'a'",
            &["Q0206 «member.phone» `member.phone` cannot be read here / the privacy rules keep it out of playbooks"],
        ),
        (
            "post.revenue > 1",
            &["Q0206 «post.revenue» `post.revenue` cannot be read here / orders do not say which post led to them"],
        ),
        (
            "post.revenue('7d') > 1",
            &[
                "Q0206 «post.revenue('7d')» `post.revenue` cannot be read here / orders do not say which post led to them",
            ],
        ),
    ]);
}

#[test]
fn what_the_place_needs() {
    for (text, want, expected) in [
        (
            "score",
            Want::Bool,
            "Q0203 «score» a condition is needed here / this is a whole number / compare it: `score > 0`",
        ),
        ("kind", Want::Number, "Q0203 «kind» a number is needed here / this is text"),
        ("passed", Want::Number, "Q0203 «passed» a number is needed here / this is a condition"),
    ] {
        let errors = compiled(text, want).map(|_| ()).expect_err(text);
        assert_eq!(errors.iter().map(|e| line(text, e)).collect::<Vec<_>>(), [expected]);
    }
}

#[test]
fn names_are_not_judged_before_they_are_resolved() {
    assert!(names("nobody.knows('7d') + this = 'x'").is_ok());
    let errors = names("messages('soon') > 1").unwrap_err();
    assert_eq!(&"messages('soon') > 1"[errors[0].range.clone()], "'soon'");
}
