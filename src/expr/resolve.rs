//! What a name refers to, and what to say when it refers to nothing.

use super::check::Checker;
use super::error::ExprError;
use super::function::FUNCTIONS;
use super::syntax::Ident;
use super::tokens::must_quote;
use super::tree::{Expr, Kind, Name};
use super::window::{Window, is_plain_name};
use crate::diagnostic::{Code, did_you_mean, list};
use std::ops::Range;

impl Checker<'_> {
    pub(super) fn name(&mut self, qualifier: Option<&Ident>, name: &Ident, range: &Range<usize>) -> Option<Expr> {
        let prefix = qualifier.map(|q| q.text.as_str());
        match self.scope.column(prefix, &name.text) {
            Ok(Some((slot, ty))) => {
                return Some(Expr::new(ty, Kind::Column(Name { slot, text: spelled(qualifier, name) })));
            }
            Ok(None) => {}
            Err(why) => return self.refused(qualifier, name, range, &why),
        }
        match self.scope.measure(prefix, &name.text, None) {
            Ok(Some((slot, ty))) => Some(Expr::new(ty, Kind::Measure(Name { slot, text: spelled(qualifier, name) }))),
            Ok(None) => self.unknown(qualifier, name, "column or measure"),
            Err(why) => self.refused(qualifier, name, range, &why),
        }
    }

    /// A measure over a window.
    pub(super) fn windowed(
        &mut self,
        qualifier: Option<&Ident>,
        name: &Ident,
        window: (&str, &Range<usize>),
        range: &Range<usize>,
    ) -> Option<Expr> {
        let prefix = qualifier.map(|q| q.text.as_str());
        let parsed = self.window(window.0, window.1);
        let resolved = match &parsed {
            Some(parsed) => self.scope.measure(prefix, &name.text, Some(parsed)),
            // The name is still looked up, to tell everything that is wrong.
            None => self.scope.measure(prefix, &name.text, None),
        };
        match resolved {
            Ok(Some((slot, ty))) => {
                let text = format!("{}('{}')", spelled(qualifier, name), parsed?);
                Some(Expr::new(ty, Kind::Measure(Name { slot, text: text.into() })))
            }
            Err(why) => self.refused(qualifier, name, range, &why),
            Ok(None) => match self.scope.column(prefix, &name.text) {
                Ok(Some(_)) | Err(_) => self.fail(
                    ExprError::new(
                        Code::ExprType,
                        name.range.clone(),
                        format!("`{}` is a column, and columns have no window", spelled(qualifier, name)),
                        "only measures are read over a window",
                    )
                    .help(format!("write `{}` without the window", spelled(qualifier, name))),
                ),
                Ok(None) => self.unknown(qualifier, name, "measure"),
            },
        }
    }

    pub(super) fn window(&mut self, text: &str, range: &Range<usize>) -> Option<Window> {
        match Window::parse(text) {
            Ok(window) => Some(window),
            Err(why) => {
                self.fail(ExprError::new(Code::ExprWindow, range.clone(), format!("`{text}` is no window"), why));
                None
            }
        }
    }

    fn refused(&mut self, qualifier: Option<&Ident>, name: &Ident, range: &Range<usize>, why: &str) -> Option<Expr> {
        let name = spelled(qualifier, name);
        self.fail(ExprError::new(Code::ExprGrain, range.clone(), format!("`{name}` cannot be read here"), why))
    }

    pub(super) fn unknown(&mut self, qualifier: Option<&Ident>, name: &Ident, what: &str) -> Option<Expr> {
        let bare = self.scope.known(None);
        if let Some(qualifier) = qualifier {
            let known = self.scope.known(Some(&qualifier.text));
            if known.is_empty() {
                let prefixes: Vec<&str> = bare.iter().filter_map(|n| n.strip_suffix('.')).collect();
                let help = match did_you_mean(&qualifier.text, prefixes.iter().copied()) {
                    Some(close) => Some(format!("did you mean `{close}`?")),
                    None if prefixes.is_empty() => Some("nothing can stand before a `.` here".to_owned()),
                    None => Some(format!("known here: {}", list(&prefixes, "and"))),
                };
                let message = format!("`{}` is not known here", qualifier.text);
                return self.fail(ExprError {
                    help,
                    ..ExprError::new(Code::ExprUnknownName, qualifier.range.clone(), message, "unknown")
                });
            }
            let help = did_you_mean(&name.text, known.iter().map(String::as_str))
                .map(|close| format!("did you mean `{}.{close}`?", qualifier.text));
            let message = format!("unknown {what} `{}.{}`", qualifier.text, name.text);
            return self.fail(ExprError {
                help,
                ..ExprError::new(Code::ExprUnknownName, name.range.clone(), message, "unknown")
            });
        }
        let names = bare.iter().map(String::as_str).filter(|n| !n.ends_with('.'));
        let help = if name.quoted && name.text.chars().count() > 0 {
            Some(format!("a text is written in single quotes: `'{}'`", name.text))
        } else if matches!(name.text.to_ascii_lowercase().as_str(), "now" | "current_date" | "current_timestamp") {
            Some("a report has no present; count from its as-of time with `days_since(…)`".to_owned())
        } else {
            let functions = FUNCTIONS.iter().copied().filter(|_| what != "column or measure");
            did_you_mean(&name.text, names.chain(functions)).map(|close| format!("did you mean `{close}`?"))
        };
        let message = format!("unknown {what} `{}`", name.text);
        self.fail(ExprError { help, ..ExprError::new(Code::ExprUnknownName, name.range.clone(), message, "unknown") })
    }
}

/// A name as it must be written to be read back.
fn spelled(qualifier: Option<&Ident>, name: &Ident) -> Box<str> {
    let mut text = String::new();
    if let Some(qualifier) = qualifier {
        text.push_str(&quoted(&qualifier.text, false));
        text.push('.');
    }
    text.push_str(&quoted(&name.text, qualifier.is_some()));
    text.into()
}

fn quoted(name: &str, after_period: bool) -> String {
    if is_plain_name(name) && (after_period || !must_quote(name)) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}
