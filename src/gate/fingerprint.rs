//! Short hashes of definitions, by which two results are seen to measure the same.

use crate::playbook::{
    Aggregate, At, CombineWith, DistinctKey, Fallback, Formula, Kpi, KpiForm, Measure, Playbook, Reference,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

/// The first 16 hexadecimal digits of a SHA-256.
fn short(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// The hash of a text.
#[must_use]
pub fn text(text: &str) -> String {
    short(Sha256::digest(text.as_bytes()))
}

/// The hash of files with their names, whatever their order.
///
/// # Errors
/// When one of them cannot be read.
pub fn files<'a>(files: impl IntoIterator<Item = (&'a str, &'a Path)>) -> crate::fs::Result<String> {
    let mut all = std::collections::BTreeMap::new();
    for (name, path) in files {
        let mut file = crate::fs::open(path)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut buffer).map_err(|source| crate::fs::FsError {
                action: "read",
                path: path.to_path_buf(),
                source,
            })?;
            if read == 0 {
                break;
            }
            hash.update(buffer.get(..read).unwrap_or_default());
        }
        all.insert(name, short(hash.finalize()));
    }
    let lines: String = all.iter().map(|(name, hash)| format!("{hash} {name}\n")).collect();
    Ok(text(&lines))
}

/// The hash of what a KPI measures: its expressions and every measure behind them, in their canonical form, so that
/// white space and comments change nothing.
#[must_use]
pub fn kpi_definition(playbook: &Playbook, kpi: &Kpi) -> String {
    let mut writer = Writer { playbook, out: String::with_capacity(4096), seen: BTreeSet::new() };
    match &kpi.form {
        KpiForm::Ratio(numerator, denominator) => {
            writer.formula("ratio", numerator);
            writer.formula("to", denominator);
        }
        KpiForm::Value(formula) => writer.formula("value", formula),
        KpiForm::Mean(formula) => writer.formula("mean", formula),
    }
    text(&writer.out)
}

/// The hash of what decides which stage a group is in.
#[must_use]
pub fn stage_conditions(playbook: &Playbook) -> String {
    let mut writer = Writer { playbook, out: String::with_capacity(4096), seen: BTreeSet::new() };
    for stage in &playbook.stages {
        writer.line("stage", &stage.id);
        stage.aliases.iter().for_each(|alias| writer.line("alias", alias));
        if let Some(formula) = &stage.enter_when {
            writer.formula("enter", formula);
        }
    }
    text(&writer.out)
}

/// Writes definitions line by line; each measure once.
struct Writer<'a> {
    playbook: &'a Playbook,
    out: String,
    seen: BTreeSet<&'a str>,
}

impl<'a> Writer<'a> {
    fn line(&mut self, key: &str, value: &str) {
        // Lengths keep two lines from reading as another one.
        let length = value.len().to_string();
        for part in [key, " ", &length, " ", value, "\n"] {
            self.out.push_str(part);
        }
    }

    fn formula(&mut self, key: &str, formula: &'a Formula) {
        self.line(key, &formula.expr.to_string());
        for reference in &formula.refs {
            match reference {
                Reference::Measure { grain, id, window } => {
                    self.line("reads", &format!("{id} {} {window:?}", grain.name()));
                    self.measure(id);
                }
                Reference::Column { entity, name } => {
                    let table = entity.table();
                    let declared = self.playbook.attributes.get(&table).and_then(|a| a.get(name));
                    self.line("column", &format!("{entity:?} {name} {declared:?}"));
                }
            }
        }
    }

    fn measure(&mut self, id: &'a str) {
        let Some(measure) = self.playbook.measures.get(id) else { return };
        if !self.seen.insert(id) {
            return;
        }
        let Measure { table, aggregate, filter, on, at, fallback, absent, .. } = measure;
        self.line("measure", id);
        self.line("table", table.map_or("", |t| t.name()));
        self.aggregate(aggregate);
        if let Some(filter) = filter {
            self.formula("where", filter);
        }
        self.line("on", on.as_deref().unwrap_or_default());
        self.line(
            "at",
            match at {
                None => "",
                Some(At::Start) => "start",
                Some(At::End) => "end",
                Some(At::During) => "during",
            },
        );
        if let Some(Fallback { table, aggregate }) = fallback {
            self.line("fallback", table.name());
            self.aggregate(aggregate);
        }
        self.line("absent", &format!("{absent:?}"));
    }

    fn aggregate(&mut self, aggregate: &'a Aggregate) {
        match aggregate {
            Aggregate::Count => self.line("count", ""),
            Aggregate::CountDistinct(keys) => {
                for key in keys {
                    match key {
                        DistinctKey::Member => self.line("distinct", "member_id"),
                        DistinctKey::Day => self.line("distinct", "day"),
                        DistinctKey::Formula(formula) => self.formula("distinct", formula),
                    }
                }
            }
            Aggregate::Sum(formula) => self.formula("sum", formula),
            Aggregate::Avg(formula) => self.formula("avg", formula),
            Aggregate::Min(formula) => self.formula("min", formula),
            Aggregate::Max(formula) => self.formula("max", formula),
            Aggregate::Median(formula) => self.formula("median", formula),
            Aggregate::Streak => self.line("streak", "day"),
            Aggregate::Combine { parts, with } => {
                self.line(
                    "combine",
                    match with {
                        CombineWith::Sum => "sum",
                        CombineWith::Max => "max",
                        CombineWith::Min => "min",
                    },
                );
                for part in parts {
                    self.line("part", &part.value);
                    self.measure(&part.value);
                }
            }
        }
    }
}
