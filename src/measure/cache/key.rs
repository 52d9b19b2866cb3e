//! What facts of old rows hang on besides the files: the plan, the configuration and the program.

use super::super::hash::key_of;
use super::super::pairs::pair_key;
use super::super::plan::{Home, Plan};
use super::super::run::STREAMED;
use crate::config::Config;
use crate::data::hash_of;
use std::fmt::Write;

/// One hash of it all.
pub(super) fn key(plan: &Plan, config: &Config) -> u128 {
    let mut text = String::new();
    // The hashes of the standard library may change with the compiler.
    let probe = (key_of("probe"), pair_key("a group whose id is long", "a member"));
    let program = std::env::current_exe().ok().and_then(|p| crate::fs::stamp(&p).ok()).map_or(0, |s| s.bytes);
    let mut add = |part: std::fmt::Arguments<'_>| {
        // A text takes whatever is written to it.
        let _ = writeln!(text, "{part}");
    };
    add(format_args!("{} {program} {probe:?}", env!("CARGO_PKG_VERSION")));
    for formula in &plan.formulas {
        // Numbers of formulas stand for their places, so that each has a line.
        match formula.home {
            Home::Row(table) if STREAMED.contains(&table) => add(format_args!("{formula:?}")),
            home => add(format_args!("{home:?}")),
        }
    }
    add(format_args!("{:?}", plan.measures));
    add(format_args!("{:?}", plan.reads));
    add(format_args!("{:?}", plan.breakdowns));
    add(format_args!("{:?}", plan.attributes));
    let data = &config.data;
    let zone = config.site.zone.name();
    add(format_args!("{zone} {:?} {} {:?}", config.site.period, data.max_field_bytes, data.attribution));
    for table in STREAMED {
        let own = data.table(table);
        let encoding = own.encoding.map(encoding_rs::Encoding::name);
        add(format_args!("{table} {encoding:?} {} {:?} {:?}", own.delimiter, own.zone, own.time_format));
        add(format_args!("{:?} {:?} {:?}", own.key, own.columns, own.constants));
        add(format_args!("{:?} {:?} {:?}", own.values, own.keep, own.compute));
    }
    let [low, high] = hash_of(text.as_bytes());
    u128::from(high) << 64 | u128::from(low)
}
