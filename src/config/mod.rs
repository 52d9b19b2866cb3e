//! `qunce.toml`: the site, the languages, the zone, and how this workspace's exports map to tables.

pub mod toml;
