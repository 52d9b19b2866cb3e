//! `qunce.toml`: the site, the languages, the zone, and how this workspace's exports map to tables.
//!
//! A folder without the file is a workspace too: every key has a default ([`Config::default`]).

mod gate;
mod read;
mod sections;
mod table;
#[cfg(test)]
mod tests;
pub mod toml;

pub use gate::{FailOn, Gate};
pub use read::{find_workspace, from_source, load};
pub use sections::format;
pub use table::{Absent, TableConfig};

use crate::calendar::{Cadence, Zone};
use crate::diagnostic::SourceText;
use crate::schema::Table;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The file's name; its folder is the workspace.
pub const FILE_NAME: &str = "qunce.toml";

/// A `qunce.toml` that shows every key: defaults are set, examples are commented out.
pub const TEMPLATE: &str = include_str!("template.toml");

/// A workspace's configuration, validated.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// Titles, languages, periods and folders.
    pub site: Site,
    /// Where data are and how they are read.
    pub data: Data,
    /// How members appear in what is published.
    pub privacy: Privacy,
    /// What must hold.
    pub gate: Gate,
    /// Free texts for templates.
    pub extra: BTreeMap<String, String>,
    /// The file it was read from; `None` for the defaults.
    pub source: Option<Arc<SourceText>>,
}

/// `[site]`
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Title of the site; without one it names itself in the reader's language.
    pub title: Option<String>,
    /// Languages of the output; the first is the default. Never empty, no two alike.
    pub languages: Vec<String>,
    /// Zone in which days begin and in which times without an offset are told.
    pub zone: Zone,
    /// Length of the report's period.
    pub period: Cadence,
    /// Number of periods in trends, the latest included, 2 to 60.
    pub trend: usize,
    /// Output folder, relative to the workspace.
    pub output: String,
    /// Folder of templates that replace built-in ones.
    pub templates: String,
    /// Folder of playbooks.
    pub playbooks: String,
}

/// `[data]`
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// Folder of the drops, relative to the workspace.
    pub dir: String,
    /// Share of quarantined rows of a table, 0 to 1, above which the build fails.
    pub max_bad_share: f64,
    /// Share of orphaned rows, 0 to 1, above which a warning is given.
    pub max_orphan_share: f64,
    /// Share of orphaned rows above which the build fails.
    pub fail_orphan_share: Option<f64>,
    /// Longest field in bytes, at least 1024.
    pub max_field_bytes: usize,
    /// Which group an order without one belongs to.
    pub attribution: Attribution,
    /// Rows that lie more than this many days after all others do not move the as-of moment.
    pub isolated_future_days: u32,
    /// What is made up when a table is missing.
    pub infer: Infer,
    /// Settings of single tables.
    pub tables: BTreeMap<Table, TableConfig>,
}

impl Data {
    /// The settings of a table, the defaults when it has none.
    #[must_use]
    pub fn table(&self, table: Table) -> &TableConfig {
        static DEFAULT: std::sync::LazyLock<TableConfig> = std::sync::LazyLock::new(TableConfig::default);
        self.tables.get(&table).unwrap_or(&DEFAULT)
    }
}

/// `[data.infer]`: how to do without `groups.csv` and `members.csv`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Infer {
    /// Playbook of groups that are known only by their rows; without it they are not inferred.
    pub groups: Option<String>,
    /// Whether members that are known only by their rows are taken as members.
    pub members: bool,
}

/// To which group of the buyer an order without `group_id` counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Attribution {
    /// The one joined last before the payment.
    #[default]
    LastJoined,
    /// The one joined first.
    FirstJoined,
    /// Every one, so that sums over groups exceed the whole.
    All,
}

impl Attribution {
    /// The word in `qunce.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LastJoined => "last_joined",
            Self::FirstJoined => "first_joined",
            Self::All => "all",
        }
    }
}

/// `[privacy]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privacy {
    /// How members are named.
    pub members: MemberNames,
    /// Environment variable with the key of the pseudonyms.
    pub key_env: String,
    /// File with the key, relative to the workspace; used when the variable is not set.
    pub key_file: Option<String>,
    /// Fewest persons behind a cell of a breakdown that is published; 1 publishes all.
    pub min_cell: u64,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { members: MemberNames::default(), key_env: "QUNCE_KEY".into(), key_file: None, min_cell: 5 }
    }
}

/// How members are named in what is published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MemberNames {
    /// By a code that cannot be turned back without the key.
    #[default]
    Pseudonym,
    /// By id and name.
    Plain,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            title: None,
            languages: vec!["zh-CN".into(), "en".into()],
            zone: Zone::new(chrono_tz::Tz::Asia__Shanghai),
            period: Cadence::Week,
            trend: 9,
            output: "out".into(),
            templates: "templates".into(),
            playbooks: "playbooks".into(),
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        Self {
            dir: "data".into(),
            max_bad_share: 0.05,
            max_orphan_share: 0.2,
            fail_orphan_share: None,
            max_field_bytes: 65_536,
            attribution: Attribution::default(),
            isolated_future_days: 60,
            infer: Infer::default(),
            tables: BTreeMap::new(),
        }
    }
}
