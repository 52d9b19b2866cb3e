//! `qunce measure`: the pass over the drop alone, with the time it took; hidden, for benchmarks.

use super::arguments::MeasureOptions;
use super::{Failure, terminal, workspace};
use std::time::Instant;

pub(super) fn run(options: &MeasureOptions) -> Result<(), Failure> {
    let workspace = workspace::open(&options.workspace)?.without_cache(options.no_cache);
    let began = Instant::now();
    let facts = workspace.measure(&options.time)?;
    let seconds = began.elapsed().as_secs_f64();
    let rows: u64 = facts.reports.iter().map(|r| r.total(|p| p.rows)).sum();
    terminal::print(&format!(
        "{} in {seconds:.3} s: {}, {}, {}, {} not read\n",
        terminal::counted(usize::try_from(rows).unwrap_or(usize::MAX), "row"),
        terminal::counted(facts.entities.groups.len(), "group"),
        terminal::counted(facts.entities.members.len(), "member"),
        terminal::counted(facts.periods.len(), "period"),
        terminal::counted(facts.kept_files, "file"),
    ));
    Ok(())
}
