//! JSON made for git: sorted, an object of plain values on one line, no character that hides.

use crate::diagnostic::is_hidden;
use serde::Serialize;
use serde_json::Value;

/// A value as text with a line break at its end. Keys are sorted; whatever holds no further object stands on one
/// line, so that a changed fact is a changed line.
#[must_use]
pub fn write<T: Serialize>(value: &T) -> String {
    let mut out = String::new();
    node(&serde_json::to_value(value).unwrap_or_default(), 0, &mut out);
    out.push('\n');
    // Inside of strings only: JSON itself has no such characters but its line breaks.
    out.chars().fold(String::with_capacity(out.len()), |mut safe, c| {
        if is_hidden(c) && c != '\n' {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(c);
        }
        safe
    })
}

fn node(value: &Value, depth: usize, out: &mut String) {
    let is_flat = |v: &Value| !matches!(v, Value::Object(_));
    match value {
        Value::Object(entries) if depth > 0 && entries.values().all(is_flat) => {
            let line: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), flat(value))).collect();
            out.push_str(&format!("{{{}}}", line.join(", ")));
        }
        Value::Object(entries) if !entries.is_empty() => {
            out.push_str("{\n");
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(&format!("{}{}: ", "  ".repeat(depth + 1), Value::from(key.as_str())));
                node(value, depth + 1, out);
                out.push_str(if index + 1 < entries.len() { ",\n" } else { "\n" });
            }
            out.push_str(&format!("{}}}", "  ".repeat(depth)));
        }
        other => out.push_str(&flat(other)),
    }
}

fn flat(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_fact_is_a_line_and_nothing_hides() {
        let value = json!({"b": {"y": 1, "x": [1, 2]}, "a": {"c": {"name": "茶\u{202e}\u{1b}"}}});
        let text = write(&value);
        assert_eq!(
            text,
            "{\n  \"a\": {\n    \"c\": {\"name\": \"茶\\u202e\\u001b\"}\n  },\n  \"b\": {\"x\": [1, 2], \"y\": 1}\n}\n"
        );
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
    }
}
