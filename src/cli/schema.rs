//! `qunce schema`: the formats as JSON Schema.

use super::arguments::{SchemaArgument, SchemaOptions};
use super::terminal;
use crate::format::{Sort, json_schema};
use crate::{config, playbook};

pub(super) fn run(options: &SchemaOptions) {
    terminal::print(&text(options.of));
}

/// Every schema with its name in a workspace's folder `schema`.
pub(super) const FILES: [(&str, SchemaArgument); 3] = [
    ("schema/playbook.json", SchemaArgument::Playbook),
    ("schema/overlay.json", SchemaArgument::Overlay),
    ("schema/qunce.json", SchemaArgument::Config),
];

/// A schema as the text of its file.
pub(super) fn text(of: SchemaArgument) -> String {
    let schema = match of {
        SchemaArgument::Playbook => json_schema(
            "qunce playbook",
            "The strategy for a type of group: what is measured, how it is judged, what is done.",
            playbook::format(),
            Sort::Whole,
        ),
        SchemaArgument::Overlay => json_schema(
            "qunce playbook overlay",
            "The texts of a playbook in another language; numbers and rules stay in the playbook.",
            playbook::format(),
            Sort::Overlay,
        ),
        SchemaArgument::Config => json_schema(
            "qunce.toml",
            "The configuration of a workspace: the site, the data, privacy.",
            config::format(),
            Sort::Whole,
        ),
    };
    format!("{schema:#}\n")
}
