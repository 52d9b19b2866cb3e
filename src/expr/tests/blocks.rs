//! What holds for one entity holds for it among others.

use super::super::{Block, Column, Expr, Fixed, Form, Truths, Type, Value, Want};
use super::properties::{condition, number};
use super::{at, clock, columns, compiled};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::rc::Rc;

/// As many entities as need a second word of bits; each column goes through its values at its own pace.
const LEN: usize = 131;

fn block() -> Vec<Option<Rc<Column<'static>>>> {
    let column = |slot: usize, ty: Type| {
        let choices: Vec<Value<'static>> = match ty {
            Type::Text => vec![Value::Text("question"), Value::Text("Question"), Value::Null, Value::Text("")],
            Type::Int => vec![Value::Int(7), Value::Int(0), Value::Int(-3), Value::Int(8)],
            Type::Decimal => vec![Value::Decimal(Decimal::new(7, 0)), Value::Null, Value::Decimal(Decimal::new(75, 1))],
            Type::Float => vec![Value::Float(0.3), Value::Float(7.0), Value::Null],
            Type::Bool => vec![Value::Bool(true), Value::Null, Value::Bool(false)],
            Type::Time => vec![Value::Time(at("2025-05-05 00:00")), Value::Null, Value::Time(at("2025-05-12 00:00"))],
            Type::Null => vec![Value::Null],
        };
        let values = (0..LEN).map(|i| choices[(i / (slot + 1) + i) % choices.len()]).collect();
        Some(Rc::new(Column::from_values(values)))
    };
    let money = Column::Fixed(Fixed::new(2, (0..LEN as i64).map(|i| i % 7 * 125 - 250).collect()));
    let one = |(slot, (name, ty, _))| if name == "value" { Some(Rc::new(money.clone())) } else { column(slot, ty) };
    columns().into_iter().enumerate().map(one).collect()
}

/// A condition by its form, the way rows of a group are judged.
fn by_form<'a>(expr: &'a Expr, block: &Block<'a, '_>) -> Truths {
    let value = |e: &'a Expr| e.column(block);
    match expr.form() {
        Form::And(parts) => parts.iter().map(|p| by_form(p, block)).reduce(|a, b| a.and(&b)).unwrap(),
        Form::Or(parts) => parts.iter().map(|p| by_form(p, block)).reduce(|a, b| a.or(&b)).unwrap(),
        Form::Not(inner) => by_form(inner, block).not(),
        Form::Compare(op, left, right) => Column::compare(op, &value(left), &value(right), block.len),
        Form::Within(inner, window) => value(inner).within(block.clock.interval(window), block.len),
        Form::IsNull(inner, negated) => value(inner).is_null(negated, block.len),
        Form::OneOf(slot, texts, negated) => {
            block.columns[slot].as_ref().unwrap().is_one_of(&texts, negated, block.len)
        }
        Form::Name(_) | Form::Other => expr.truths(block),
    }
}

#[test]
fn a_condition_on_many_says_of_each_what_it_says_of_one() {
    let columns = block();
    let clock = clock();
    let block = Block { len: LEN, columns: &columns, clock: &clock };
    for text in [
        "score > 0",
        "score >= 7 and zero < 3",
        "score = 7 or score <> 8 or zero <= -3",
        "3 > score",
        "score = amount",
        "amount > 7 and rate < 1",
        "not (amount > 7 or rate < 1)",
        "kind = 'question'",
        "kind <> 'question' and topic in ('Question', '')",
        "kind not in ('question')",
        "kind is null or amount is not null",
        "within(sent_at, 'window') and not within(joined_at, '7d')",
        "within(sent_at + interval '1' day, 'window')",
        "sent_at < joined_at",
        "passed",
        "passed and failed is not true",
        "score between 1 and 7",
        "value >= 2.5 and value < 3",
        "value = 2.505 or value > 3.001",
        "lower(kind) = 'question' and kind like 'Q%'",
        "case when passed then score > 0 else amount > 7 end",
        "coalesce(amount, 8) > 7",
        "amount / nullif(score, 0) > 1",
        "1 < 2 and null",
        "days_since(sent_at) >= 0",
        "score not between -3 and 7 or amount between zero and 7.5",
        "score >= zero and sent_at >= joined_at and sent_at is not null",
    ] {
        let (expr, _) = compiled(text, Want::Bool).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        for truths in [by_form(&expr, &block), expr.truths(&block)] {
            for at in 0..LEN {
                let expected = match expr.value_at(&block, at) {
                    Value::Bool(holds) => (holds, !holds),
                    _ => (false, false),
                };
                assert_eq!((truths.yes.has(at), truths.no.has(at)), expected, "{text} of {at}");
            }
        }
    }
}

#[test]
fn a_value_of_many_is_of_each_what_it_is_of_one() {
    let columns = block();
    let clock = clock();
    let block = Block { len: LEN, columns: &columns, clock: &clock };
    for (text, at_once) in [
        ("score - case when within(sent_at, '7d') then 1 else 0 end", true),
        ("case when score >= 8 then 100 when score <= 0 then -100 else 0 end", true),
        ("case when amount > 7 and kind = 'question' then amount when passed is null then 1 end", true),
        ("case when passed then 1 else 0 end", false),
        ("case when amount > 7 or not within(sent_at, '7d') then amount else score end", true),
        ("case kind when 'question' then 5 else 0 end", false),
        ("least(5, coalesce(score, 0))", true),
        ("least(5.25, score)", true),
        ("greatest(value, 0.5, score)", true),
        ("coalesce(value, 0) * 2 - value", true),
        ("case when value >= 2.5 then value else 0 end", true),
        ("greatest(score, amount, 1)", true),
        ("coalesce(amount, 0.5)", true),
        ("coalesce(score, amount)", true),
        ("nullif(score, 0) * 3 + 4 - zero", true),
        ("score * 9223372036854775807", true),
        ("amount * 2 + score", true),
        ("score / nullif(zero, 0)", true),
        ("-score - -3", true),
        ("abs(amount) + abs(score)", true),
        ("days_between(joined_at, sent_at)", true),
        ("days_since(joined_at) + hour(sent_at) + weekday(sent_at)", true),
        ("round(amount / 3, 2)", true),
        ("length(kind)", false),
        ("1 + 2", true),
    ] {
        let (expr, _) = compiled(text, Want::Number).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!(expr.is_at_once(), at_once, "{text}");
        let column = expr.column(&block);
        for at in 0..LEN {
            let (one, among) = (expr.value_at(&block, at), column.get(at));
            // An exact number may be kept as a decimal where it is whole.
            let same = one.compare(among) == Some(Ordering::Equal) || one.is_null() && among.is_null();
            assert!(same, "{text} of {at}: {one:?}, {among:?}");
        }
    }
    for text in ["sent_at + interval '40' day", "sent_at - interval '1' month", "least(sent_at, joined_at)"] {
        let (expr, _) = compiled(text, Want::Any).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let column = expr.column(&block);
        (0..LEN).for_each(|at| assert_eq!(column.get(at), expr.value_at(&block, at), "{text}"));
    }
}

#[test]
fn every_kind_of_answer_is_met_above() {
    let columns = block();
    let clock = clock();
    let block = Block { len: LEN, columns: &columns, clock: &clock };
    let (expr, _) = compiled("amount > 7 and kind = 'question'", Want::Bool).unwrap();
    let truths = expr.truths(&block);
    let counts = [truths.yes.count(), truths.no.count(), LEN - truths.yes.clone().or(&truths.no).count()];
    assert!(counts.iter().all(|n| *n > 5), "{counts:?}");
    assert_eq!(truths.yes.positions().count(), truths.yes.count());
    assert!(truths.yes.positions().all(|at| truths.yes.has(at)) && truths.no.len() == LEN);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_of_many_is_of_each_what_it_is_of_one(text in prop_oneof![condition(), number()]) {
        let (expr, _) = compiled(&text, Want::Any).map_err(|e| TestCaseError::fail(format!("{text}: {e:?}")))?;
        let columns = block();
        let clock = clock();
        let block = Block { len: LEN, columns: &columns, clock: &clock };
        let (column, truths) = (expr.column(&block), (expr.ty() == Type::Bool).then(|| expr.truths(&block)));
        for at in 0..LEN {
            let (one, among) = (expr.value_at(&block, at), column.get(at));
            let same = one.compare(among) == Some(Ordering::Equal) || one.is_null() && among.is_null();
            prop_assert!(same, "{} of {}: {:?}, {:?}", text, at, one, among);
            if let Some(truths) = &truths {
                let holds = (one == Value::Bool(true), one == Value::Bool(false));
                prop_assert_eq!((truths.yes.has(at), truths.no.has(at)), holds, "{} of {}", text, at);
            }
        }
    }
}
