//! Measures asked for by name, as `messages` or `messages('30d')`, outside any expression.

use super::fact::Fact;
use super::number::Number;
use super::plan::{Plan, ReadId};
use super::program::Rows;
use super::view::View;
use crate::expr::{Window, names};
use crate::playbook::{Aggregate, Grain, Measure, Playbook, Reference};
use crate::schema::Table;
use std::collections::BTreeSet;

/// A measure with the window it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Id of the measure.
    pub id: String,
    /// The report's period where none is named.
    pub window: Window,
}

/// Why a playbook cannot answer what is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The playbook has no such measure.
    Unknown,
    /// The measure has no value at this grain or over this window; half a sentence why.
    Unfit(String),
}

impl Asked {
    /// Reads `messages` or `messages('30d')`.
    ///
    /// # Errors
    /// What is wrong with the text, as half a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        const FORM: &str = "expected a measure such as `messages` or `messages('30d')`";
        let uses =
            names(text).map_err(|errors| errors.first().map_or_else(|| FORM.to_owned(), |e| e.message.clone()))?;
        match uses.as_slice() {
            [one] if one.qualifier.is_none() && one.range == (0..text.len()) => {
                Ok(Self { id: one.name.clone(), window: one.window.clone().unwrap_or(Window::Period) })
            }
            _ => Err(FORM.to_owned()),
        }
    }
}

impl Plan {
    /// Plans what is asked of a playbook, in every period or in the `latest` alone.
    ///
    /// # Errors
    /// Why the playbook cannot answer.
    pub fn ask(&mut self, playbook: &Playbook, asked: &Asked, grain: Grain, latest: bool) -> Result<ReadId, Refusal> {
        let measure = playbook.measures.get(&asked.id).ok_or(Refusal::Unknown)?;
        if !has_value(playbook, measure, grain) {
            return Err(Refusal::Unfit(format!("it has no value for a single {}", grain.name())));
        }
        if let Window::After { column, .. } = &asked.window {
            let known = self.column_slot(grain.table(), column).is_some();
            if grain == Grain::Group || !known {
                return Err(Refusal::Unfit(format!("a {} has no time `{column}`", grain.name())));
            }
        }
        if asked.window != Window::Period && is_tied(playbook, measure) {
            return Err(Refusal::Unfit("it looks at the report's period by itself".to_owned()));
        }
        let window = asked.window.clone();
        let read = if latest {
            self.read_latest(playbook, &asked.id, grain, window)
        } else {
            self.read(playbook, &asked.id, grain, window)
        };
        read.ok_or(Refusal::Unknown)
    }
}

impl Plan {
    /// Everything that is read at a grain, each by a name of its own: `messages`, `messages('30d')`. Measures that
    /// playbooks declare differently under one id are told apart by a number.
    #[must_use]
    pub fn columns(&self, grain: Grain) -> Vec<(ReadId, String)> {
        let names = self.read_names();
        let reads = self.reads.iter().zip(names).enumerate();
        reads.filter(|(_, (read, _))| read.grain == grain).map(|(i, (_, name))| (ReadId(i), name)).collect()
    }

    /// A name for each read, unique within its grain.
    pub(super) fn read_names(&self) -> Vec<String> {
        let mut used: BTreeSet<(Grain, String)> = BTreeSet::new();
        let mut names = Vec::new();
        for (number, read) in self.reads.iter().enumerate() {
            let id = self.planned(read.measure).map_or("", |p| p.id.as_str());
            let mut name = match &read.window {
                Window::Period => id.to_owned(),
                window => format!("{id}('{window}')"),
            };
            // PostgreSQL cuts off longer names.
            if name.len() > LONGEST {
                name = format!("read {number}");
            }
            let plain = name.clone();
            let mut twin = 2;
            while !used.insert((read.grain, name.clone())) {
                name = format!("{plain} {twin}");
                twin += 1;
            }
            names.push(name);
        }
        names
    }
}

/// The longest name of a column, in bytes.
const LONGEST: usize = 58;

/// Whether a measure can be read of a single entity.
fn has_value(playbook: &Playbook, measure: &Measure, grain: Grain) -> bool {
    if let Aggregate::Combine { parts, .. } = &measure.aggregate {
        return parts.iter().filter_map(|p| playbook.measures.get(&p.value)).all(|p| has_value(playbook, p, grain));
    }
    let Some(table) = measure.table else { return false };
    let has = |name: &str| {
        let declared = playbook.attributes.get(&table).is_some_and(|a| a.contains_key(name));
        table.column(name).is_some() || declared
    };
    match grain {
        Grain::Group => true,
        Grain::Member => table != Table::Members && has("member_id"),
        Grain::Post => table != Table::Posts && has("post_id"),
        Grain::Product => table != Table::Products && (has("product_id") || has("post_id")),
    }
}

/// Whether a measure is of the report's period whatever window it is read over.
fn is_tied(playbook: &Playbook, measure: &Measure) -> bool {
    if let Aggregate::Combine { parts, .. } = &measure.aggregate {
        return parts.iter().filter_map(|p| playbook.measures.get(&p.value)).any(|p| is_tied(playbook, p));
    }
    measure
        .formulas()
        .into_iter()
        .any(|f| f.expr.depends_on_period() || f.refs.iter().any(|r| matches!(r, Reference::Measure { .. })))
}

impl View<'_> {
    /// The value of a measure of the group.
    #[must_use]
    pub fn value(&self, read: ReadId) -> Fact {
        self.fact(read)
    }

    /// The value of a measure of one of the group's memberships.
    #[must_use]
    pub fn value_of(&self, read: ReadId, member: u32) -> Fact {
        if let Some(missing) = self.missing_read(read) {
            return Fact::Missing(missing);
        }
        let values = self.read_all(read, Rows::Members);
        let place = self.members().binary_search(&member).ok();
        let number = place.and_then(|at| Number::from_value(values.get(at)));
        Fact::Known { number, approximate: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_asked_for_with_or_without_a_window() {
        let asked = |id: &str, window| Ok(Asked { id: id.to_owned(), window });
        assert_eq!(Asked::parse("messages"), asked("messages", Window::Period));
        assert_eq!(Asked::parse("messages('30d')"), asked("messages", Window::Trailing { days: 30 }));
        for wrong in ["", "messages + 1", "member.messages", "messages('soon')", "messages, speakers"] {
            assert!(Asked::parse(wrong).is_err(), "{wrong}");
        }
    }
}
