//! Small questions to a TOML tree that several steps ask.

use crate::config::toml::{Entry, Node, Value};
use crate::diagnostic::Span;

/// The entries of a table; nothing for any other value.
pub(super) fn entries(node: &Node) -> &[Entry] {
    if let Value::Table(entries) = &node.value { entries.as_slice() } else { &[] }
}

/// The items of a list; nothing for any other value.
pub(super) fn items(node: &Node) -> &[Node] {
    if let Value::List(items) = &node.value { items.as_slice() } else { &[] }
}

/// An entry of a table.
pub(super) fn entry<'a>(node: &'a Node, key: &str) -> Option<&'a Entry> {
    entries(node).iter().find(|e| e.key == key)
}

/// The value of a key of a table.
pub(super) fn get<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    entry(node, key).map(|e| &e.node)
}

/// The value when it is a string.
pub(super) fn text(node: &Node) -> Option<&str> {
    if let Value::Text(text) = &node.value { Some(text) } else { None }
}

/// The `id` of a table.
pub(super) fn id(node: &Node) -> Option<&str> {
    text(get(node, "id")?)
}

/// Whether the table says `remove = true`.
pub(super) fn is_removed(node: &Node) -> bool {
    matches!(get(node, "remove"), Some(Node { value: Value::Bool(true), .. }))
}

/// The item of a list that has an id.
pub(super) fn item<'a>(list: &'a Node, wanted: &str) -> Option<&'a Node> {
    items(list).iter().find(|n| id(n) == Some(wanted))
}

/// The finite number that a node holds, whole or not.
pub(super) fn number(node: &Node) -> Option<f64> {
    match node.value {
        // Exact up to 2^53, far beyond any threshold.
        #[allow(clippy::cast_precision_loss)]
        Value::Int(number) => Some(number as f64),
        Value::Float(number) if number.is_finite() => Some(number),
        _ => None,
    }
}

/// The ids of a section of entries or of a list, in order.
pub(super) fn ids<'a>(root: &'a Node, section: &str) -> Vec<&'a str> {
    match get(root, section) {
        Some(Node { value: Value::Table(entries), .. }) => entries.iter().map(|e| e.key.as_str()).collect(),
        Some(Node { value: Value::List(items), .. }) => items.iter().filter_map(id).collect(),
        _ => Vec::new(),
    }
}

/// An empty table at a place.
pub(super) fn empty(span: &Span) -> Node {
    Node { span: span.clone(), value: Value::table(Vec::new()) }
}

/// Whether a name is `snake_case`: lower-case letters, digits and `_`, starting with a letter.
pub(super) fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
