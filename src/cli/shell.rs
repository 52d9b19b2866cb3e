//! `qunce completions` and `qunce man`, both from the arguments themselves.

use super::arguments::{Arguments, CompletionsOptions, ManOptions};
use super::{Failure, terminal};
use crate::diagnostic::Findings;
use crate::fs;
use clap::CommandFactory;

pub(super) fn completions(options: &CompletionsOptions) {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "qunce", &mut script);
    terminal::print(&String::from_utf8_lossy(&script));
}

pub(super) fn man(options: &ManOptions) -> Result<(), Failure> {
    let mut program = Arguments::command();
    program.build();
    fs::create_dir_all(&options.dir)?;
    let mut commands = vec![program.clone()];
    commands.extend(program.get_subcommands().filter(|c| c.get_name() != "help" && !c.is_hide_set()).cloned());
    for command in commands {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        fs::write(&options.dir.join(format!("{name}.1")), &page)?;
    }
    terminal::report(&Findings::new());
    Ok(())
}
