//! The messages of one `.ftl` file: where each stands, which variables it uses, what it refers to.
//!
//! Project Fluent reads a file with faults as far as it can and shows what is missing in the text. Here a
//! fault stops the build and is told with its place.

use crate::diagnostic::{Code, Diagnostic, SourceText, Span, did_you_mean, list};
use fluent_bundle::FluentResource;
use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// The functions that a message may call.
const FUNCTIONS: [&str; 1] = ["NUMBER"];

/// One file of messages.
#[derive(Debug)]
pub(super) struct Catalogue {
    /// The file, for places.
    pub source: Arc<SourceText>,
    /// What a bundle is made of.
    pub resource: FluentResource,
    /// Messages by id.
    pub messages: BTreeMap<String, Message>,
    /// Terms by id, without their `-`.
    pub terms: BTreeMap<String, Message>,
}

/// What a message uses, each with the first place in the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    /// Where its id stands.
    pub at: Range<usize>,
    pub variables: BTreeMap<String, Range<usize>>,
    pub messages: BTreeMap<String, Range<usize>>,
    pub terms: BTreeMap<String, Range<usize>>,
    pub functions: BTreeMap<String, Range<usize>>,
}

impl Catalogue {
    /// Reads a file.
    ///
    /// # Errors
    /// Every fault of the syntax, ids that are there twice, and attributes, which the site does not use.
    pub fn read(name: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let source = SourceText::new(name, text.trim_start_matches('\u{feff}'));
        let resource = match FluentResource::try_new(source.text.clone()) {
            Ok(resource) => resource,
            Err((_, faults)) => {
                return Err(faults
                    .iter()
                    .map(|fault| {
                        let message = lower_first(&fault.kind.to_string());
                        Diagnostic::error(Code::WordingSyntax, format!("a text cannot be read: {message}"))
                            .at(&Span::new(&source, whole_chars(&source.text, fault.pos.clone())), "here")
                            .with_help("a message has the form `key = text`, with variables as `{ $name }`; further lines are indented")
                    })
                    .collect());
            }
        };
        let (messages, terms, wrong) = entries(&resource, &source);
        if wrong.is_empty() { Ok(Self { source, resource, messages, terms }) } else { Err(wrong) }
    }

    /// The place of a range, for a finding.
    pub fn span(&self, range: &Range<usize>) -> Span {
        Span::new(&self.source, range.clone())
    }

    /// Faults of the messages of this file, which is laid over `base`: ids that the site does not have,
    /// references to nothing, and variables that the site does not give. `given` says which it gives.
    pub fn faults(&self, base: Option<&Self>, given: &BTreeMap<String, BTreeSet<String>>) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        let message = |id: &str| self.messages.get(id).or_else(|| base?.messages.get(id));
        let has_term = |id: &str| self.terms.contains_key(id) || base.is_some_and(|b| b.terms.contains_key(id));
        for (id, own) in &self.messages {
            let Some(given) = given.get(id) else {
                let found = Diagnostic::error(Code::WordingMessage, format!("the site has no message `{id}`"))
                    .at(&self.span(&own.at), "this one is never shown");
                wrong.push(match did_you_mean(id, given.keys().map(String::as_str)) {
                    Some(near) => found.with_help(format!("did you mean `{near}`?")),
                    None => found.with_help("a text of your own that others use is a term: `-name = …`"),
                });
                continue;
            };
            for (variable, at) in own.variables.iter().filter(|(v, _)| !given.contains(*v)) {
                let known = match given.is_empty() {
                    true => "it has no variables".to_owned(),
                    false => {
                        format!("it has {}", list(&given.iter().map(|v| format!("${v}")).collect::<Vec<_>>(), "and"))
                    }
                };
                wrong.push(
                    Diagnostic::error(Code::WordingMessage, format!("`{id}` has no variable `${variable}`"))
                        .at(&self.span(at), known),
                );
            }
            for (other, at) in &own.messages {
                let title = match message(other) {
                    None => format!("`{id}` refers to a message `{other}` that does not exist"),
                    Some(_) if reaches(other, id, &message) => format!("`{id}` refers to itself by way of `{other}`"),
                    Some(m) => match m.variables.keys().find(|v| !given.contains(*v)) {
                        Some(v) => format!("`{id}` has no variable `${v}`, which `{other}` uses"),
                        None => continue,
                    },
                };
                wrong.push(Diagnostic::error(Code::WordingMessage, title).at(&self.span(at), "referred to here"));
            }
        }
        for (id, own) in self.messages.iter().chain(&self.terms) {
            for (term, at) in own.terms.iter().filter(|(t, _)| !has_term(t)) {
                wrong.push(
                    Diagnostic::error(
                        Code::WordingMessage,
                        format!("`{id}` refers to a term `-{term}` that does not exist"),
                    )
                    .at(&self.span(at), "referred to here"),
                );
            }
            for (function, at) in own.functions.iter().filter(|(f, _)| !FUNCTIONS.contains(&f.as_str())) {
                wrong.push(
                    Diagnostic::error(
                        Code::WordingMessage,
                        format!("`{id}` calls a function `{function}` that does not exist"),
                    )
                    .at(&self.span(at), format!("there is {}", list(&FUNCTIONS, "and"))),
                );
            }
        }
        wrong
    }
}

/// Whether a message leads to another by references.
fn reaches<'m>(from: &str, to: &str, message: &impl Fn(&str) -> Option<&'m Message>) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![from.to_owned()];
    while let Some(next) = waiting.pop() {
        if next == to {
            return true;
        }
        if let Some(found) = message(&next).filter(|_| seen.insert(next.clone())) {
            waiting.extend(found.messages.keys().cloned());
        }
    }
    false
}

type Entries = (BTreeMap<String, Message>, BTreeMap<String, Message>, Vec<Diagnostic>);

fn entries(resource: &FluentResource, source: &Arc<SourceText>) -> Entries {
    let (mut messages, mut terms, mut wrong) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    let place = |part: &str| {
        // The parser hands out slices of its text, so that their distance from its start is their place.
        let start = (part.as_ptr() as usize).saturating_sub(resource.source().as_ptr() as usize);
        whole_chars(&source.text, start..start + part.len())
    };
    for entry in resource.entries() {
        let (id, value, attributes, into) = match entry {
            Entry::Message(m) => (m.id.name, m.value.as_ref(), &m.attributes, &mut messages),
            Entry::Term(t) => (t.id.name, Some(&t.value), &t.attributes, &mut terms),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) | Entry::Junk { .. } => continue,
        };
        let mut message = Message { at: place(id), ..Message::default() };
        if let Some(value) = value {
            pattern(value, &place, &mut message);
        }
        for attribute in attributes {
            wrong.push(
                Diagnostic::error(
                    Code::WordingSyntax,
                    format!("`{id}` has an attribute `.{}`, which is never shown", attribute.id.name),
                )
                .at(&Span::new(source, place(attribute.id.name)), "expected only the text after `=`"),
            );
        }
        if into.insert(id.to_owned(), message).is_some() {
            wrong.push(
                Diagnostic::error(Code::WordingSyntax, format!("`{id}` is there twice"))
                    .at(&Span::new(source, place(id)), "again here"),
            );
        }
    }
    (messages, terms, wrong)
}

fn pattern(pattern: &Pattern<&str>, place: &impl Fn(&str) -> Range<usize>, into: &mut Message) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression: e } = element {
            expression(e, place, into);
        }
    }
}

fn expression(e: &Expression<&str>, place: &impl Fn(&str) -> Range<usize>, into: &mut Message) {
    match e {
        Expression::Inline(e) => inline(e, place, into),
        Expression::Select { selector, variants } => {
            inline(selector, place, into);
            for variant in variants {
                pattern(&variant.value, place, into);
            }
        }
    }
}

fn inline(e: &InlineExpression<&str>, place: &impl Fn(&str) -> Range<usize>, into: &mut Message) {
    let mut note = |of: fn(&mut Message) -> &mut BTreeMap<String, Range<usize>>, name: &str| {
        of(into).entry(name.to_owned()).or_insert_with(|| place(name));
    };
    match e {
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        InlineExpression::VariableReference { id } => note(|m| &mut m.variables, id.name),
        InlineExpression::MessageReference { id, attribute: None } => note(|m| &mut m.messages, id.name),
        InlineExpression::MessageReference { id, attribute: Some(attribute) } => {
            into.messages.entry(format!("{}.{}", id.name, attribute.name)).or_insert_with(|| place(id.name));
        }
        InlineExpression::TermReference { id, arguments: given, .. } => {
            note(|m| &mut m.terms, id.name);
            if let Some(given) = given {
                arguments(given, place, into);
            }
        }
        InlineExpression::FunctionReference { id, arguments: given } => {
            note(|m| &mut m.functions, id.name);
            arguments(given, place, into);
        }
        InlineExpression::Placeable { expression: e } => expression(e, place, into),
    }
}

fn arguments(given: &CallArguments<&str>, place: &impl Fn(&str) -> Range<usize>, into: &mut Message) {
    for e in given.positional.iter().chain(given.named.iter().map(|n| &n.value)) {
        inline(e, place, into);
    }
}

/// A range that lies within a text and cuts no character.
fn whole_chars(text: &str, range: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (range.start.min(text.len()), range.end.min(text.len()));
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end.max(start)
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
