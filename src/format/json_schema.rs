//! A format as JSON Schema, for editors that complete and check TOML.
//!
//! Draft 7, since that is what TOML editors understand.

use super::{ATTRIBUTE_TYPES, Key, Kind, Section};
use crate::schema::Table;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Which files of a format a schema is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Those that say everything.
    Whole,
    /// Those that only translate its texts.
    Overlay,
}

/// The JSON Schema of a format. Required keys are asked for only where an entry cannot inherit them.
#[must_use]
pub fn json_schema(title: &str, description: &str, root: &'static Section, sort: Sort) -> Value {
    let mut schema = Writer { sort, definitions: BTreeMap::new() };
    let body = schema.section(root, &[], false);
    let mut whole = Map::new();
    whole.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
    whole.insert("title".into(), json!(title));
    whole.insert("description".into(), json!(description));
    if let Value::Object(body) = body {
        whole.extend(body);
    }
    whole.insert("definitions".into(), json!(schema.definitions));
    Value::Object(whole)
}

/// Taking an inherited entry away, and putting one in its place.
const REMOVE: Key = super::REMOVE;
const BEFORE: Key = super::BEFORE;

struct Writer {
    sort: Sort,
    definitions: BTreeMap<String, Value>,
}

impl Writer {
    fn section(&mut self, section: &'static Section, extra: &[Key], complete: bool) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for key in section.keys.iter().chain(extra) {
            // An entry is found by its id, a step by its measure; neither is a text.
            let names = key.name == "id" || (complete && key.name == "measure");
            let Some(mut value) = (if names { Some(self.any(&key.kind)) } else { self.value(&key.kind) }) else {
                continue;
            };
            if key.name == "id" {
                value = id();
            }
            if let Value::Object(value) = &mut value
                && !key.doc.is_empty()
            {
                value.insert("description".into(), json!(key.doc));
            }
            if key.name == "id" || (complete && key.required && self.sort == Sort::Whole) {
                required.push(key.name);
            }
            properties.insert(key.name.into(), value);
        }
        let mut object = json!({ "type": "object", "additionalProperties": false, "properties": properties });
        if let (Value::Object(object), false) = (&mut object, required.is_empty()) {
            object.insert("required".into(), json!(required));
        }
        object
    }

    /// Refers to a section by a definition of its own, since stages hold most of them again.
    fn refer(&mut self, section: &'static Section, extra: &[Key], complete: bool) -> Value {
        let name = definition_name(section);
        if !self.definitions.contains_key(&name) {
            self.definitions.insert(name.clone(), Value::Null);
            let body = self.section(section, extra, complete);
            self.definitions.insert(name.clone(), body);
        }
        json!({ "$ref": format!("#/definitions/{name}") })
    }

    /// The schema of a value, or `None` if a file of this sort cannot have it.
    fn value(&mut self, kind: &Kind) -> Option<Value> {
        if self.sort == Sort::Whole || has_text(kind) { Some(self.any(kind)) } else { None }
    }

    fn any(&mut self, kind: &Kind) -> Value {
        let removable: &[Key] = if self.sort == Sort::Whole { &[REMOVE] } else { &[] };
        let placed: &[Key] = if self.sort == Sort::Whole { &[REMOVE, BEFORE] } else { &[] };
        match kind {
            Kind::Text | Kind::Formula => json!({ "type": "string", "pattern": "\\S" }),
            Kind::Str => json!({ "type": "string" }),
            Kind::Texts | Kind::Strings => json!({ "type": "array", "items": { "type": "string" } }),
            Kind::StrOrStrings => {
                json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
            }
            Kind::Word(words) => json!({ "enum": words }),
            Kind::FormulaPair => {
                json!({ "type": "array", "items": { "type": "string", "pattern": "\\S" }, "minItems": 2, "maxItems": 2 })
            }
            Kind::Weight => json!({ "type": "number", "exclusiveMinimum": 0 }),
            Kind::Share => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
            Kind::Number => json!({ "type": "number" }),
            Kind::Whole => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
            Kind::Positive => json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX }),
            Kind::Cut => json!({ "anyOf": [
                { "type": "number" },
                { "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 },
            ] }),
            Kind::Flag => json!({ "type": "boolean" }),
            // In draft 7 a description beside `$ref` is not seen.
            Kind::Table(section) => json!({ "allOf": [self.refer(section, &[], false)] }),
            Kind::Entries(section) => json!({
                "type": "object",
                "propertyNames": { "pattern": ID },
                "additionalProperties": self.refer(section, removable, false),
            }),
            Kind::Free(kind) => json!({ "type": "object", "additionalProperties": self.any(kind) }),
            Kind::Attributes => attributes(),
            Kind::List(section) => json!({ "type": "array", "items": self.refer(section, placed, false) }),
            Kind::Sequence(section) => json!({ "type": "array", "items": self.refer(section, &[], true) }),
            Kind::Steps(section) => {
                let step = self.refer(section, &[], true);
                match self.sort {
                    Sort::Whole => json!({ "type": "array", "items": { "anyOf": [{ "type": "string" }, step] } }),
                    Sort::Overlay => json!({ "type": "array", "items": step }),
                }
            }
        }
    }
}

const ID: &str = "^[a-z][a-z0-9_]*$";

fn id() -> Value {
    json!({ "type": "string", "pattern": ID })
}

fn attributes() -> Value {
    let types: Vec<&str> = ATTRIBUTE_TYPES.iter().map(|(name, _)| *name).collect();
    let columns = json!({ "type": "object", "additionalProperties": { "enum": types } });
    let tables: Map<String, Value> = Table::ALL.iter().map(|t| (t.name().to_owned(), columns.clone())).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": tables })
}

/// `a step of a funnel` → `step_of_a_funnel`, `[calendar]` → `calendar`.
fn definition_name(section: &Section) -> String {
    let name: String = section
        .what
        .chars()
        .filter(|c| *c != '`' && *c != '[' && *c != ']')
        .map(|c| if c == ' ' { '_' } else { c })
        .collect();
    for article in ["a_", "an_", "the_"] {
        if let Some(rest) = name.strip_prefix(article) {
            return rest.to_owned();
        }
    }
    name
}

/// Whether a value holds a text for people somewhere.
fn has_text(kind: &Kind) -> bool {
    match kind {
        Kind::Text | Kind::Texts => true,
        Kind::Free(kind) => has_text(kind),
        Kind::Table(s) | Kind::Entries(s) | Kind::List(s) | Kind::Sequence(s) | Kind::Steps(s) => {
            s.keys.iter().any(|k| has_text(&k.kind))
        }
        _ => false,
    }
}
