//! From a value back to the rows: formula, measures, filters, tables, and who set each threshold.

use super::reporter::Reporter;
use super::visible::clean;
use crate::health::KpiResult;
use crate::playbook::{
    Aggregate, Bands, CombineWith, DistinctKey, Formula, Kpi, KpiForm, Measure, Playbook, Reference,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// How a KPI's value came about.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceView {
    /// The formula with the numbers filled in.
    pub formula: String,
    /// The measures it reads, those of their filters included.
    pub measures: Vec<MeasureView>,
    /// The cut points.
    pub cuts: Vec<CutView>,
    /// The weight with the place that set it.
    pub weight: CutView,
    /// Where the thresholds come from.
    pub origin: String,
    /// Where the KPI is declared.
    pub declared: String,
}

/// A measure as it is declared.
#[derive(Debug, Clone, Serialize)]
pub struct MeasureView {
    /// Id.
    pub id: String,
    /// What it means.
    pub name: Option<String>,
    /// The table it reads.
    pub table: Option<String>,
    /// How it sums up.
    pub aggregate: String,
    /// Which rows, as written in the playbook.
    pub filter: Option<String>,
    /// Where it is declared.
    pub declared: String,
}

/// A threshold with the place that set it.
#[derive(Debug, Clone, Serialize)]
pub struct CutView {
    /// Its name.
    pub name: String,
    /// `floor`, `watch`, `healthy`, `excellent` or `weight`.
    pub class: String,
    /// Its value in the KPI's unit.
    pub value: String,
    /// `playbooks/vip.toml:88`
    pub place: String,
}

/// The evidence that needs no numbers: for the method page.
pub(super) fn method(r: &Reporter<'_>, playbook: &Playbook, kpi: &Kpi) -> EvidenceView {
    let mut seen = BTreeSet::new();
    let mut measures = Vec::new();
    for formula in formulas(&kpi.form) {
        collect(playbook, formula, &mut seen, &mut measures);
    }
    let measures = measures.into_iter().map(|m| measure(r, m)).collect();
    EvidenceView { formula: formula(r, kpi, None), measures, ..declaration(r, kpi) }
}

/// The rows of the period that a KPI's measures matched, in one phrase.
pub(super) fn rows(r: &Reporter<'_>, playbook: &Playbook, result: &KpiResult) -> String {
    let w = r.wording;
    let one = |(id, n): (&String, &u64)| {
        let name = playbook.measures.get(id).and_then(|m| r.maybe(m.name.as_ref())).unwrap_or_else(|| clean(id));
        w.plural("measure_rows", &[("n", *n)], &[("measure", &name)])
    };
    result.rows.iter().map(one).collect::<Vec<_>>().join(&w.get("list_comma"))
}

pub(super) fn declaration(r: &Reporter<'_>, kpi: &Kpi) -> EvidenceView {
    EvidenceView {
        formula: String::new(),
        measures: Vec::new(),
        cuts: cuts(r, kpi),
        weight: CutView {
            name: r.wording.get("weight"),
            class: "weight".to_owned(),
            value: r.wording.fixed(kpi.weight.value, if kpi.weight.value.fract() == 0.0 { 0 } else { 2 }),
            place: r.places.of(&kpi.weight.span),
        },
        origin: r.provenance(&kpi.provenance),
        declared: r.places.of(&kpi.span),
    }
}

fn formulas(form: &KpiForm) -> Vec<&Formula> {
    match form {
        KpiForm::Ratio(n, d) => vec![n, d],
        KpiForm::Value(f) | KpiForm::Mean(f) => vec![f],
    }
}

pub(super) fn formula(r: &Reporter<'_>, kpi: &Kpi, result: Option<&KpiResult>) -> String {
    let w = r.wording;
    let mut out = r.text(&kpi.name);
    let mut add = |pieces: &[&str]| pieces.iter().for_each(|piece| out.push_str(piece));
    match &kpi.form {
        KpiForm::Ratio(n, d) => add(&[" = ", &n.text, " ÷ ", &d.text]),
        KpiForm::Value(f) => add(&[" = ", &f.text]),
        KpiForm::Mean(f) => add(&[" = ", &w.say("mean_of", &[("measure", &f.text)])]),
    }
    match result.map(|k| &k.reading) {
        None => {}
        Some(Err(_)) => add(&[" = ", &w.get("no_data")]),
        Some(Ok(reading)) => {
            let value = w.value(kpi.unit, reading.value);
            match (&kpi.form, reading.numerator, reading.denominator) {
                (KpiForm::Ratio(..), Some(n), Some(d)) => {
                    add(&[" = ", &w.number(n), " ÷ ", &w.number(d), " = ", &value]);
                }
                (_, _, Some(d)) => add(&[" = ", &value, " (n = ", &w.number(d), ")"]),
                _ => add(&[" = ", &value]),
            }
        }
    }
    out
}

/// Ids of the measures that a KPI reads, in the order in which its formula comes to them, those of their filters
/// included.
pub(super) fn read_in_order(playbook: &Playbook, kpi: &Kpi) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut measures = Vec::new();
    for formula in formulas(&kpi.form) {
        collect(playbook, formula, &mut seen, &mut measures);
    }
    measures.into_iter().map(|m| m.id.clone()).collect()
}

fn collect<'p>(playbook: &'p Playbook, formula: &'p Formula, seen: &mut BTreeSet<&'p str>, out: &mut Vec<&'p Measure>) {
    for reference in &formula.refs {
        if let Reference::Measure { id, .. } = reference {
            add(playbook, id, seen, out);
        }
    }
}

fn add<'p>(playbook: &'p Playbook, id: &'p str, seen: &mut BTreeSet<&'p str>, out: &mut Vec<&'p Measure>) {
    let Some(measure) = playbook.measures.get(id) else { return };
    // Measures may be shared by numerator and denominator.
    if !seen.insert(id) {
        return;
    }
    out.push(measure);
    if let Aggregate::Combine { parts, .. } = &measure.aggregate {
        for part in parts {
            add(playbook, &part.value, seen, out);
        }
    }
    if let Some(filter) = &measure.filter {
        collect(playbook, filter, seen, out);
    }
}

/// A measure as declared.
pub(super) fn measure(r: &Reporter<'_>, measure: &Measure) -> MeasureView {
    MeasureView {
        id: measure.id.clone(),
        name: r.maybe(measure.name.as_ref()),
        table: measure.table.map(|t| format!("{t}.csv")),
        aggregate: aggregate(measure),
        filter: measure.filter.as_ref().map(|f| clean(&f.text)),
        declared: r.places.of(&measure.span),
    }
}

/// The measures that a KPI reads, those of its measures included, each once.
pub(super) fn measure_ids(playbook: &Playbook, kpi: &Kpi) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<&str> = formulas(&kpi.form).into_iter().flat_map(read_by).collect();
    while let Some(id) = waiting.pop() {
        let Some(measure) = playbook.measures.get(id) else { continue };
        if !found.insert(id.to_owned()) {
            continue;
        }
        if let Aggregate::Combine { parts, .. } = &measure.aggregate {
            waiting.extend(parts.iter().map(|p| p.value.as_str()));
        }
        waiting.extend(measure.filter.iter().flat_map(read_by));
    }
    found
}

fn read_by(formula: &Formula) -> Vec<&str> {
    let named = formula.refs.iter().filter_map(|reference| match reference {
        Reference::Measure { id, .. } => Some(id.as_str()),
        _ => None,
    });
    named.collect()
}

fn aggregate(measure: &Measure) -> String {
    match &measure.aggregate {
        Aggregate::Count => "count(*)".to_owned(),
        Aggregate::CountDistinct(keys) => {
            let keys: Vec<String> = keys
                .iter()
                .map(|k| match k {
                    DistinctKey::Member => "member_id".to_owned(),
                    DistinctKey::Day => "day".to_owned(),
                    DistinctKey::Formula(f) => f.text.clone(),
                })
                .collect();
            format!("count_distinct({})", keys.join(", "))
        }
        Aggregate::Sum(f) => format!("sum({})", f.text),
        Aggregate::Avg(f) => format!("avg({})", f.text),
        Aggregate::Min(f) => format!("min({})", f.text),
        Aggregate::Max(f) => format!("max({})", f.text),
        Aggregate::Median(f) => format!("median({})", f.text),
        Aggregate::Streak => "streak".to_owned(),
        Aggregate::Combine { parts, with } => {
            let sign = match with {
                CombineWith::Sum => "sum",
                CombineWith::Max => "max",
                CombineWith::Min => "min",
            };
            let parts: Vec<&str> = parts.iter().map(|p| p.value.as_str()).collect();
            format!("{sign}({})", parts.join(", "))
        }
    }
}

fn cuts(r: &Reporter<'_>, kpi: &Kpi) -> Vec<CutView> {
    let w = r.wording;
    const NAMES: [&str; 4] = ["floor", "watch", "healthy", "excellent"];
    let cut = |class: &str, value: String, place: String| CutView {
        name: w.get(&format!("cut_{class}")),
        class: class.to_owned(),
        value,
        place,
    };
    match &kpi.bands {
        None => Vec::new(),
        Some(Bands::Line(cuts)) => cuts
            .iter()
            .zip(NAMES)
            .map(|(c, name)| cut(name, w.value(kpi.unit, c.value), r.places.of(&c.span)))
            .collect(),
        Some(Bands::Range { floor, watch, healthy }) => [floor, watch, healthy]
            .into_iter()
            .zip(NAMES)
            .map(|(c, name)| {
                let value = format!("{} – {}", w.value(kpi.unit, c.value[0]), w.value(kpi.unit, c.value[1]));
                cut(name, value, r.places.of(&c.span))
            })
            .collect(),
    }
}
