//! Telling equal measures of different playbooks from those that only share a name.

use crate::playbook::{Aggregate, DistinctKey, Formula, Playbook, Reference};

/// What a measure means, written out with all it depends on, so that equal meanings are found.
pub(super) fn signature(playbook: &Playbook, id: &str) -> String {
    let Some(m) = playbook.measures.get(id) else { return String::new() };
    let mut out = format!("{id}={:?}", m.table);
    let mut formulas: Vec<&Formula> = m.filter.iter().collect();
    aggregate(playbook, &m.aggregate, &mut out, &mut formulas);
    let own = formulas.len();
    if let Some(fallback) = &m.fallback {
        out.push_str(&format!("|else {:?}", fallback.table));
        aggregate(playbook, &fallback.aggregate, &mut out, &mut formulas);
        out.push_str(&format!(" from {own}"));
    }
    for formula in formulas {
        out.push_str(&format!("|{}", formula.text));
        for reference in &formula.refs {
            match reference {
                Reference::Column { entity, name } => {
                    let extra = playbook.attributes.get(&entity.table()).and_then(|a| a.get(name));
                    if let Some(kind) = extra {
                        out.push_str(&format!("{{{name}:{kind:?}}}"));
                    }
                }
                Reference::Measure { id: other, .. } if other != id => {
                    out.push_str(&format!("({})", signature(playbook, other)));
                }
                Reference::Measure { .. } => {}
            }
        }
    }
    out.push_str(&format!("|{:?}|{:?}|{:?}", m.on, m.at, m.absent));
    out
}

/// The aggregate, its expressions aside, which are collected.
fn aggregate<'p>(playbook: &Playbook, aggregate: &'p Aggregate, out: &mut String, formulas: &mut Vec<&'p Formula>) {
    match aggregate {
        Aggregate::Count => out.push_str("|count"),
        Aggregate::Streak => out.push_str("|streak"),
        Aggregate::CountDistinct(keys) => {
            out.push_str("|distinct");
            for key in keys {
                match key {
                    DistinctKey::Member => out.push_str(" member"),
                    DistinctKey::Day => out.push_str(" day"),
                    DistinctKey::Formula(f) => formulas.push(f),
                }
            }
        }
        Aggregate::Sum(f) => formulas.push(tag(out, "sum", f)),
        Aggregate::Avg(f) => formulas.push(tag(out, "avg", f)),
        Aggregate::Min(f) => formulas.push(tag(out, "min", f)),
        Aggregate::Max(f) => formulas.push(tag(out, "max", f)),
        Aggregate::Median(f) => formulas.push(tag(out, "median", f)),
        Aggregate::Combine { parts, with } => {
            out.push_str(&format!("|{with:?}"));
            for part in parts {
                out.push_str(&format!("({})", signature(playbook, &part.value)));
            }
        }
    }
}

fn tag<'a>(out: &mut String, word: &str, formula: &'a Formula) -> &'a Formula {
    out.push('|');
    out.push_str(word);
    formula
}
