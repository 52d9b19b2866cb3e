//! `qunce sample`: a made-up drop.

use super::arguments::{SampleArguments, SplitArgument};
use super::{Failure, terminal};
use crate::diagnostic::Findings;
use crate::sample::{SampleOptions, Split, generate_with_progress};

pub(super) fn run(arguments: &SampleArguments) -> Result<(), Failure> {
    let options = SampleOptions {
        groups: arguments.groups,
        members: arguments.members,
        weeks: arguments.weeks,
        seed: arguments.seed,
        activity: arguments.activity,
        event_activity: arguments.event_activity,
        end: arguments.end,
        split: match arguments.split {
            SplitArgument::Single => Split::Single,
            SplitArgument::Weekly => Split::Weekly,
        },
    };
    let bar = terminal::progress("writing");
    let summary = generate_with_progress(&options, &arguments.dir, &mut |rows| bar.set_position(rows))
        .map_err(|e| Failure::System(e.to_string()))?;
    bar.finish_and_clear();
    let mut text = String::new();
    for (table, rows) in &summary.rows {
        text.push_str(&format!("{rows:>12}  {table}\n"));
    }
    text.push_str(&format!("{:>12}  bytes\n", summary.bytes));
    terminal::report(&Findings::new());
    terminal::close(&text);
    Ok(())
}
