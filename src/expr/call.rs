//! Calls: built-in functions, and measures over a window.

use super::check::Checker;
use super::error::ExprError;
use super::function::{FUNCTIONS, Function};
use super::syntax::{Ident, Node, NodeKind};
use super::tree::{Expr, Kind};
use super::value::Type;
use super::window::Window;
use crate::diagnostic::Code;
use std::ops::Range;

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        qualifier: Option<&Ident>,
        name: &Ident,
        arguments: &[Node],
        range: &Range<usize>,
    ) -> Option<Expr> {
        let lower = name.text.to_ascii_lowercase();
        if qualifier.is_none() && !name.quoted && FUNCTIONS.contains(&lower.as_str()) {
            return self.function(&lower, name, arguments);
        }
        if let [Node { kind: NodeKind::Text(text), range: inner }] = arguments {
            return self.windowed(qualifier, name, (text, inner), range);
        }
        let prefix = qualifier.map(|q| q.text.as_str());
        if matches!(self.scope.measure(prefix, &name.text, None), Ok(None)) {
            for argument in arguments {
                self.value(argument);
            }
            return self.unknown(qualifier, name, "function");
        }
        self.fail(
            ExprError::new(
                Code::ExprType,
                name.range.clone(),
                format!("`{}` is a measure and takes one window in quotes", name.text),
                "not a function",
            )
            .help(format!("write `{0}` or `{0}('7d')`", name.text)),
        )
    }

    fn function(&mut self, function: &str, name: &Ident, arguments: &[Node]) -> Option<Expr> {
        let counts = match function {
            "abs" | "days_since" | "hour" | "length" | "lower" | "weekday" => 1..=1,
            "days_between" | "nullif" | "within" => 2..=2,
            "round" => 1..=2,
            _ => 1..=usize::MAX,
        };
        if !counts.contains(&arguments.len()) {
            let wanted = match (*counts.start(), *counts.end()) {
                (1, 1) => "1 argument",
                (2, 2) => "2 arguments",
                (1, 2) => "1 or 2 arguments",
                _ => "at least 1 argument",
            };
            return self.fail(ExprError::new(
                Code::ExprType,
                name.range.clone(),
                format!("`{function}` takes {wanted}"),
                format!("{} given", arguments.len()),
            ));
        }
        let call = |ty, function, arguments: Vec<Expr>| Some(Expr::new(ty, Kind::Call(function, arguments.into())));
        match (function, arguments) {
            ("abs", [number]) => {
                let number = self.number(number, "`abs` needs a number")?;
                call(number.ty, Function::Abs, vec![number])
            }
            ("round", [number, rest @ ..]) => {
                let number = self.number(number, "`round` needs a number");
                let places = self.places(rest.first());
                let (number, places) = (number?, places?);
                call(number.ty, Function::Round(places), vec![number])
            }
            ("coalesce" | "greatest" | "least", _) => self.choice(function, arguments),
            ("nullif", [left, right]) => {
                let values = vec![(self.value(left), left), (self.value(right), right)];
                let (ty, values) = self.unify(values, "`nullif` needs two values of one type")?;
                call(ty, Function::Nullif, values)
            }
            ("lower", [text]) => {
                let text = self.text(text, "`lower` needs a text")?;
                // Folding twice is folding once.
                if super::check::is_lower(&text) { Some(text) } else { call(Type::Text, Function::Lower, vec![text]) }
            }
            ("length", [text]) => {
                let text = self.text(text, "`length` needs a text")?;
                call(Type::Int, Function::Length, vec![text])
            }
            ("within", [time, window]) => self.within(time, window),
            ("days_between", [from, to]) => {
                let (from, to) = (self.moment(function, from), self.moment(function, to));
                call(Type::Int, Function::DaysBetween, vec![from?, to?])
            }
            (_, [time]) => {
                let time = self.moment(function, time)?;
                let function = match function {
                    "days_since" => Function::DaysSince,
                    "hour" => Function::Hour,
                    _ => Function::Weekday,
                };
                call(Type::Int, function, vec![time])
            }
            // The counts above leave nothing else.
            _ => None,
        }
    }

    fn moment(&mut self, function: &str, node: &Node) -> Option<Expr> {
        self.time(node, &format!("`{function}` needs a time"))
    }

    fn choice(&mut self, function: &str, arguments: &[Node]) -> Option<Expr> {
        let values = arguments.iter().map(|a| (self.value(a), a)).collect();
        let (ty, values) = self.unify(values, &format!("the values of `{function}` must have one type"))?;
        let function = match function {
            "coalesce" => Function::Coalesce,
            "greatest" => Function::Greatest,
            _ => Function::Least,
        };
        Some(Expr::new(ty, Kind::Call(function, values.into())))
    }

    /// The number of decimal places, which is fixed when the expression is written.
    fn places(&mut self, node: Option<&Node>) -> Option<u32> {
        let Some(node) = node else { return Some(0) };
        if let NodeKind::Int(places @ 0..=12) = node.kind {
            return u32::try_from(places).ok();
        }
        self.fail(ExprError::new(
            Code::ExprType,
            node.range.clone(),
            "the decimal places of `round` are a number from 0 to 12",
            "expected a number from 0 to 12",
        ));
        None
    }

    fn within(&mut self, time: &Node, window: &Node) -> Option<Expr> {
        let time = self.moment("within", time);
        let NodeKind::Text(text) = &window.kind else {
            return self.fail(
                ExprError::new(
                    Code::ExprType,
                    window.range.clone(),
                    "the window of `within` is a text in quotes",
                    "expected a text in quotes",
                )
                .help("write `within(joined_at, 'window')`"),
            );
        };
        let parsed = self.window(text, &window.range)?;
        if let Window::After { days, column } = &parsed {
            let help = format!("write `days_between({column}, …) between 0 and {}`", days - 1);
            return self.fail(
                ExprError::new(
                    Code::ExprWindow,
                    window.range.clone(),
                    "`within` cannot follow a column",
                    "only a measure can be read over this window",
                )
                .help(help),
            );
        }
        Some(Expr::new(Type::Bool, Kind::Within(Box::new(time?), Box::new(parsed))))
    }
}
