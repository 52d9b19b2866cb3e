//! `qunce build`: from the workspace to the site.

use super::arguments::BuildOptions;
use super::{Failure, terminal, workspace};

pub(super) fn run(options: &BuildOptions) -> Result<(), Failure> {
    let workspace = workspace::open(&options.workspace)?;
    let bar = terminal::progress("reading");
    let judged = workspace.judge(&options.time, &mut |rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    terminal::report(&judged.findings);
    let _ = workspace.output(options.out.as_deref());
    for group in &judged.assessment.groups {
        let p = group.latest();
        println!("{} {:?}", group.info.id, p.map(|p| p.score));
    }
    Ok(())
}
