//! `qunce init`: a workspace to start from.

use super::arguments::{GroupType, InitOptions};
use super::{Failure, ci, schema, terminal};
use crate::config;
use crate::diagnostic::Findings;
use crate::fs;
use std::path::Path;

/// A playbook that teaches the format by example; `%TYPE%` is what it extends.
const STARTER: &str = include_str!("starter/my_brand.toml");
/// Its English texts.
const STARTER_ENGLISH: &str = include_str!("starter/my_brand.en.toml");

/// A playbook to start from, by group type.
fn starter(kind: GroupType) -> (&'static str, &'static str) {
    match kind {
        GroupType::LowPrice => ("low_price", "low-price"),
        GroupType::Vip => ("vip", "VIP"),
        GroupType::Freebie => ("freebie", "freebie"),
        GroupType::Content => ("content", "content"),
    }
}

pub(super) fn run(options: &InitOptions) -> Result<(), Failure> {
    let (parent, what) = starter(options.r#type);
    let playbook = STARTER.replace("%TYPE%", parent);
    let ignore = "/out\n/.qunce\n";
    let files = [
        (config::FILE_NAME, config::TEMPLATE),
        ("playbooks/my_brand.toml", playbook.as_str()),
        ("playbooks/my_brand.en.toml", STARTER_ENGLISH),
        (".gitignore", ignore),
    ];
    fs::create_dir_all(&options.dir.join("data"))?;
    let mut text = String::new();
    let schemas = schema::FILES.map(|(name, of)| (name, schema::text(of)));
    let schemas = schemas.iter().map(|(name, content)| (*name, content.as_str()));
    let workflow = options.ci.map(ci::workflow);
    let workflow = workflow.iter().map(|(name, content)| (*name, content.as_str()));
    for (name, content) in files.into_iter().chain(schemas).chain(workflow) {
        let made = write_new(&options.dir.join(name), content)?;
        text.push_str(&format!("{:>8}  {}\n", if made { "made" } else { "kept" }, options.dir.join(name).display()));
    }
    text.push_str(&format!(
        "\na workspace with a {what} playbook to extend; next:\n  \
         qunce sample {data}   fill it with a made-up drop, or copy your CSV exports there\n  \
         qunce build -w {dir}   write the site\n",
        data = options.dir.join("data").display(),
        dir = options.dir.display(),
    ));
    if let Some(service) = options.ci {
        text.push_str(ci::next(service));
    }
    terminal::report(&Findings::new());
    terminal::close(&text);
    Ok(())
}

/// Writes a file unless there is one.
fn write_new(path: &Path, content: &str) -> Result<bool, Failure> {
    if path.exists() {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content)?;
    Ok(true)
}
