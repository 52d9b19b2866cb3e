//! The names of an expression before anything is known about them.

use super::error::ExprError;
use super::function::FUNCTIONS;
use super::syntax::{Ident, Node, NodeKind, parse};
use super::window::Window;
use crate::diagnostic::Code;
use std::ops::Range;

/// One use of a column or measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameUse {
    /// What stands before the `.`, such as `member`.
    pub qualifier: Option<String>,
    /// The name of a column or measure.
    pub name: String,
    /// The window that a measure is read over, where one is given.
    pub window: Option<Window>,
    /// Bytes of the expression's text, the qualifier and window included.
    pub range: Range<usize>,
}

/// Every column and measure that an expression names, in the order of the text.
///
/// # Errors
/// What cannot be parsed; names and types are not judged.
pub fn names(text: &str) -> Result<Vec<NameUse>, Vec<ExprError>> {
    let node = parse(text)?;
    let mut uses = Vec::new();
    let mut errors = Vec::new();
    collect(&node, &mut uses, &mut errors);
    if errors.is_empty() {
        uses.sort_by_key(|u| u.range.start);
        Ok(uses)
    } else {
        Err(errors)
    }
}

fn collect(node: &Node, uses: &mut Vec<NameUse>, errors: &mut Vec<ExprError>) {
    let mut found = |qualifier: &Option<Ident>, name: &Ident, window| {
        uses.push(NameUse {
            qualifier: qualifier.as_ref().map(|q| q.text.clone()),
            name: name.text.clone(),
            window,
            range: node.range.clone(),
        });
    };
    match &node.kind {
        NodeKind::Null
        | NodeKind::Bool(_)
        | NodeKind::Int(_)
        | NodeKind::Decimal(_)
        | NodeKind::Text(_)
        | NodeKind::Date(_)
        | NodeKind::Timestamp(_)
        | NodeKind::Interval(_)
        | NodeKind::Broken => {}
        NodeKind::Name { qualifier, name } => found(qualifier, name, None),
        NodeKind::Call { qualifier, name, arguments } => {
            let lower = name.text.to_ascii_lowercase();
            let built_in = qualifier.is_none() && !name.quoted && FUNCTIONS.contains(&lower.as_str());
            match arguments.as_slice() {
                [Node { kind: NodeKind::Text(text), range }] if !built_in => match Window::parse(text) {
                    Ok(window) => found(qualifier, name, Some(window)),
                    Err(why) => {
                        let message = format!("`{text}` is no window");
                        errors.push(ExprError::new(Code::ExprWindow, range.clone(), message, why));
                    }
                },
                _ => arguments.iter().for_each(|a| collect(a, uses, errors)),
            }
        }
        NodeKind::Not(inner)
        | NodeKind::Negate(inner)
        | NodeKind::IsNull { inner, .. }
        | NodeKind::IsBool { inner, .. } => collect(inner, uses, errors),
        NodeKind::And(parts) | NodeKind::Or(parts) => parts.iter().for_each(|p| collect(p, uses, errors)),
        NodeKind::Compare(_, sides) | NodeKind::Arithmetic(_, sides) => {
            sides.iter().for_each(|s| collect(s, uses, errors));
        }
        NodeKind::Between { parts, .. } => parts.iter().for_each(|p| collect(p, uses, errors)),
        NodeKind::In { needle, list, .. } => {
            collect(needle, uses, errors);
            list.iter().for_each(|item| collect(item, uses, errors));
        }
        NodeKind::Like { text, pattern, .. } => {
            collect(text, uses, errors);
            collect(pattern, uses, errors);
        }
        NodeKind::Case { operand, branches, otherwise } => {
            operand.iter().for_each(|o| collect(o, uses, errors));
            for (when, then) in branches {
                collect(when, uses, errors);
                collect(then, uses, errors);
            }
            otherwise.iter().for_each(|o| collect(o, uses, errors));
        }
    }
}
