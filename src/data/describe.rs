//! How the files of a table are laid out, told from their headers alone.

use super::discover::Sources;
use super::plan::{CellSource, Plan};
use super::row::Layout;
use super::scan::{header_of, open};
use crate::config::Config;
use crate::diagnostic::Findings;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// One file, as another program would read it.
#[derive(Debug, Clone)]
pub struct Described {
    /// Where it lies.
    pub path: PathBuf,
    /// Order key of its drop.
    pub drop: String,
    /// Number of fields in its header.
    pub width: usize,
    /// Where the cells of each slot of the layout come from.
    pub cells: Vec<CellSource>,
    /// Fields and the cells of the rows that count.
    pub keep: Vec<(usize, Vec<String>)>,
    /// Fields that are in no column of the schema.
    pub extra: Vec<usize>,
    /// The columns it has: canonical, mapped or as written, and those made up.
    pub columns: BTreeSet<String>,
}

/// The files of a layout's table, the oldest drop first; those that cannot be read are left out, with the finding.
pub fn describe(sources: &Sources, layout: &Layout, config: &Config, findings: &mut Findings) -> Vec<Described> {
    let mut out = Vec::new();
    for part in sources.of(layout.table) {
        let header = open(part, config).and_then(|mut records| header_of(&mut records));
        match header {
            Ok(Some(names)) => {
                let Some(plan) = Plan::new(names, layout, config, &part.shown, findings) else { continue };
                out.push(Described {
                    path: part.path.clone(),
                    drop: part.drop.clone(),
                    width: plan.width(),
                    cells: plan.cell_sources(),
                    keep: plan.kept().to_vec(),
                    extra: plan.extra.clone(),
                    columns: plan.columns().map(str::to_owned).collect(),
                });
            }
            Ok(None) => {}
            Err(error) => findings.push(error.diagnostic(&part.shown, part.table.name())),
        }
    }
    out
}
