//! What facts of old rows hang on besides the files: the plan, the configuration and the program.

use super::super::hash::key_of;
use super::super::pairs::pair_key;
use super::super::plan::{Home, Plan};
use super::super::run::STREAMED;
use super::tables::HELD;
use crate::config::Config;
use crate::data::hash_of;
use crate::schema::Table;
use std::fmt::Write;

/// What streamed rows and their cells hang on.
pub(super) fn key(plan: &Plan, config: &Config) -> u128 {
    let mut text = program();
    for formula in &plan.formulas {
        // Numbers of formulas stand for their places, so that each has a line.
        match formula.home {
            Home::Row(table) if STREAMED.contains(&table) => add(&mut text, format_args!("{formula:?}")),
            home => add(&mut text, format_args!("{home:?}")),
        }
    }
    add(&mut text, format_args!("{:?} {:?} {:?}", plan.measures, plan.reads, plan.breakdowns));
    add(&mut text, format_args!("{:?} {:?}", plan.attributes, config.data.attribution));
    tables(&mut text, config, &STREAMED);
    hash(&text)
}

/// What rows of held tables hang on.
pub(super) fn held_key(plan: &Plan, config: &Config) -> u128 {
    let mut text = program();
    add(&mut text, format_args!("{:?} {:?}", plan.attributes, plan.member_slots()));
    add(&mut text, format_args!("{:?} {}", plan.post_slots(), plan.reads_posts()));
    tables(&mut text, config, &HELD);
    hash(&text)
}

fn program() -> String {
    // The hashes of the standard library may change with the compiler.
    let probe = (key_of("probe"), pair_key("a group whose id is long", "a member"));
    let program = std::env::current_exe().ok().and_then(|p| crate::fs::stamp(&p).ok()).map_or(0, |s| s.bytes);
    format!("{} {program} {probe:?}\n", env!("CARGO_PKG_VERSION"))
}

/// How these tables are read.
fn tables(text: &mut String, config: &Config, tables: &[Table]) {
    let data = &config.data;
    let zone = config.site.zone.name();
    add(text, format_args!("{zone} {:?} {}", config.site.period, data.max_field_bytes));
    for table in tables {
        let own = data.table(*table);
        let encoding = own.encoding.map(encoding_rs::Encoding::name);
        add(text, format_args!("{table} {encoding:?} {} {:?} {:?}", own.delimiter, own.zone, own.time_format));
        add(text, format_args!("{:?} {:?} {:?}", own.key, own.columns, own.constants));
        add(text, format_args!("{:?} {:?} {:?}", own.values, own.keep, own.compute));
    }
}

fn add(text: &mut String, line: std::fmt::Arguments<'_>) {
    // A text takes whatever is written to it.
    let _ = writeln!(text, "{line}");
}

fn hash(text: &str) -> u128 {
    let [low, high] = hash_of(text.as_bytes());
    u128::from(high) << 64 | u128::from(low)
}
