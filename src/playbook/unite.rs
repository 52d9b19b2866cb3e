//! Puts the parts of one playbook together: nothing may be said twice.

use super::sections::PLAYBOOK;
use super::tree;
use crate::config::toml::{Entry, Node, Value};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::format::{Kind, Section};

/// A part joined to the parts before it.
pub(super) fn join(before: &Node, part: &Node, findings: &mut Findings) -> Node {
    table(before, part, &PLAYBOOK, findings)
}

fn table(before: &Node, part: &Node, section: &'static Section, findings: &mut Findings) -> Node {
    let mut joined = tree::entries(before).to_vec();
    for entry in tree::entries(part) {
        let kind = section.key(&entry.key).map(|k| k.kind);
        add(&mut joined, entry, kind.as_ref(), findings);
    }
    Node { span: before.span.clone(), value: Value::table(joined) }
}

fn add(joined: &mut Vec<Entry>, entry: &Entry, kind: Option<&Kind>, findings: &mut Findings) {
    let Some(there) = joined.iter_mut().find(|e| e.key == entry.key) else {
        joined.push(entry.clone());
        return;
    };
    match (kind, &there.node.value, &entry.node.value) {
        (Some(Kind::Table(section)), Value::Table(_), Value::Table(_)) => {
            there.node = table(&there.node, &entry.node, section, findings);
        }
        (Some(Kind::Entries(section)), Value::Table(_), Value::Table(_)) => {
            let mut inner = tree::entries(&there.node).to_vec();
            for e in tree::entries(&entry.node) {
                add(&mut inner, e, Some(&Kind::Table(section)), findings);
            }
            there.node.value = Value::table(inner);
        }
        (Some(Kind::Free(_) | Kind::Attributes), Value::Table(_), Value::Table(_)) => {
            let nested = matches!(kind, Some(Kind::Attributes)).then_some(&Kind::Free(&Kind::Str));
            let mut inner = tree::entries(&there.node).to_vec();
            tree::entries(&entry.node).iter().for_each(|e| add(&mut inner, e, nested, findings));
            there.node.value = Value::table(inner);
        }
        (Some(Kind::List(section)), Value::List(_), Value::List(_)) => {
            let mut items = tree::items(&there.node).to_vec();
            for item in tree::items(&entry.node) {
                match items.iter_mut().find(|n| tree::id(n).is_some() && tree::id(n) == tree::id(item)) {
                    Some(place) => *place = table(place, item, section, findings),
                    None => items.push(item.clone()),
                }
            }
            there.node.value = Value::list(items);
        }
        _ if entry.key == "id" => {}
        _ => findings.push(
            Diagnostic::error(Code::SetTwice, format!("`{}` is set in two parts of one playbook", entry.key))
                .at(&entry.key_span, "set again here")
                .at(&there.key_span, "first set here")
                .with_help("keep one of them, or override it in a playbook that `extends` this one"),
        ),
    }
}
