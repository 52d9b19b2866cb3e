//! The language as a specification, over one small row and a handful of measures.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod blocks;
mod errors;
mod logic;
mod meanings;
mod places;
mod properties;
mod results;

use super::{Clock, Env, Expr, ExprError, Scope, Type, Value, Want, Window, compile};
use crate::calendar::{Instant, Interval, Zone};
use chrono::NaiveDateTime;
use chrono_tz::Tz;
use rust_decimal::Decimal;

/// A local moment in Shanghai.
pub(super) fn at(text: &str) -> Instant {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    Zone::new(Tz::Asia__Shanghai).instant(local).unwrap()
}

/// The report is over the week of 5 May 2025, a Monday.
pub(super) fn clock() -> Clock {
    Clock {
        zone: Zone::new(Tz::Asia__Shanghai),
        window: Interval { start: at("2025-05-05 00:00"), end: at("2025-05-12 00:00") },
        previous: Interval { start: at("2025-04-28 00:00"), end: at("2025-05-05 00:00") },
    }
}

/// The columns with their values; `no_…` are NULL.
pub(super) fn columns() -> Vec<(&'static str, Type, Value<'static>)> {
    vec![
        ("kind", Type::Text, Value::Text("Question")),
        ("topic", Type::Text, Value::Text("护肤 100%")),
        ("no_text", Type::Text, Value::Null),
        ("score", Type::Int, Value::Int(7)),
        ("zero", Type::Int, Value::Int(0)),
        ("no_int", Type::Int, Value::Null),
        ("huge", Type::Int, Value::Int(i64::MAX)),
        ("amount", Type::Decimal, Value::Decimal(Decimal::new(1995, 2))),
        ("rate", Type::Float, Value::Float(0.3)),
        ("big_rate", Type::Float, Value::Float(1e308)),
        ("passed", Type::Bool, Value::Bool(true)),
        ("failed", Type::Bool, Value::Bool(false)),
        ("no_bool", Type::Bool, Value::Null),
        ("sent_at", Type::Time, Value::Time(at("2025-05-06 20:30"))),
        ("joined_at", Type::Time, Value::Time(at("2025-01-31 09:00"))),
        ("left_at", Type::Time, Value::Null),
        ("会员等级", Type::Text, Value::Text("金卡")),
        ("value", Type::Decimal, Value::Decimal(Decimal::new(5, 1))),
        ("end", Type::Int, Value::Int(1)),
        ("member.role", Type::Text, Value::Text("member")),
        ("member.end", Type::Int, Value::Int(2)),
    ]
}

/// The measures with their values over any window.
pub(super) fn measures() -> Vec<(&'static str, Type, Value<'static>)> {
    vec![
        ("messages", Type::Int, Value::Int(3)),
        ("interactions", Type::Int, Value::Int(10)),
        ("revenue", Type::Decimal, Value::Decimal(Decimal::new(1000, 0))),
        ("last_message", Type::Time, Value::Time(at("2025-05-04 23:59"))),
        ("post.clicks", Type::Int, Value::Int(4)),
    ]
}

/// Names as the fixture knows them; a measure's slot also counts its windows.
#[derive(Default)]
pub(super) struct Names {
    pub windows: Vec<(usize, Option<Window>)>,
}

fn full(qualifier: Option<&str>, name: &str) -> String {
    qualifier.map_or_else(|| name.to_owned(), |q| format!("{q}.{name}"))
}

impl Scope for Names {
    fn column(&mut self, qualifier: Option<&str>, name: &str) -> Result<Option<(usize, Type)>, String> {
        if full(qualifier, name) == "member.phone" {
            return Err("the privacy rules keep it out of playbooks".to_owned());
        }
        let name = full(qualifier, name);
        Ok(columns().iter().position(|(n, ..)| *n == name).map(|slot| (slot, columns()[slot].1)))
    }

    fn measure(
        &mut self,
        qualifier: Option<&str>,
        name: &str,
        window: Option<&Window>,
    ) -> Result<Option<(usize, Type)>, String> {
        let name = full(qualifier, name);
        if name == "post.revenue" {
            return Err("orders do not say which post led to them".to_owned());
        }
        let Some(index) = measures().iter().position(|(n, ..)| *n == name) else { return Ok(None) };
        self.windows.push((index, window.cloned()));
        Ok(Some((self.windows.len() - 1, measures()[index].1)))
    }

    fn known(&self, qualifier: Option<&str>) -> Vec<String> {
        let all = columns().into_iter().chain(measures()).map(|(name, ..)| name);
        match qualifier {
            None => all.filter(|n| !n.contains('.')).chain(["member.", "post."]).map(str::to_owned).collect(),
            Some(q) => all.filter_map(|n| n.strip_prefix(q)?.strip_prefix('.')).map(str::to_owned).collect(),
        }
    }
}

/// The row and the measures.
pub(super) struct Row {
    clock: Clock,
    columns: Vec<Value<'static>>,
    measures: Vec<Value<'static>>,
}

impl Row {
    pub(super) fn new(names: &Names) -> Self {
        let values = measures();
        Self {
            clock: clock(),
            columns: columns().into_iter().map(|(.., v)| v).collect(),
            measures: names.windows.iter().map(|(index, _)| values[*index].2).collect(),
        }
    }
}

impl<'a> Env<'a> for Row {
    fn column(&self, slot: usize) -> Value<'a> {
        self.columns[slot]
    }

    fn measure(&self, slot: usize) -> Value<'a> {
        self.measures[slot]
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }
}

pub(super) fn compiled(text: &str, want: Want) -> Result<(Expr, Row), Vec<ExprError>> {
    let mut names = Names::default();
    let expr = compile(text, &mut names, want)?;
    let row = Row::new(&names);
    Ok((expr, row))
}

/// The result as people would write it: `7`, `0.30` (decimal), `0.3f` (fraction), `'text'`, a local time.
pub(super) fn result(text: &str) -> String {
    match compiled(text, Want::Any) {
        Ok((expr, row)) => shown(expr.eval(&row)),
        Err(errors) => format!("error: {}", errors[0].message),
    }
}

pub(super) fn shown(value: Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Decimal(d) => format!("{d}d"),
        Value::Float(f) => format!("{f}f"),
        Value::Text(t) => format!("'{t}'"),
        Value::Time(t) => clock().zone.local(t).format("%Y-%m-%d %H:%M").to_string(),
    }
}
