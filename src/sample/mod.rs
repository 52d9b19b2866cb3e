//! Deterministic data drops that tell believable stories of chat communities, for demonstrations,
//! tests and benchmarks.
//!
//! A drop is told day by day for all groups side by side, so memory follows the members and one day's
//! rows, never the length of the story. Each group has its own random source: group `i` is the same
//! whatever the number of groups.
//!
//! # How many rows
//!
//! At activity 1.0 a customer makes about 1.1 messages, 2.4 events and 0.08 orders a week, over all types
//! and stages. Launch and growth groups are younger than a long story, so its groups hold about two thirds
//! of `groups` × `members` × `weeks` customer-weeks.
//!
//! `activity` multiplies the messages of those who speak and the opens and clicks of those who open, not
//! who speaks or opens: above 1.0 the ratios stay and messages grow in proportion; check-ins, tasks and
//! orders stay, so events grow by about 1.1 a customer-week for each 1.0. Below 1.0 all events become
//! fewer and the ratios fall with them; orders fall less. For 2,000 groups of 200 members in 26 weeks (6.9 million
//! customer-weeks), activity 1.5 makes 10 million messages and activity 6 about 95 million rows in all;
//! `event_activity` below 1.0 makes fewer events for the same messages.

mod acts;
mod catalogue;
mod climate;
mod dice;
mod group;
mod industry;
mod joining;
mod line;
mod person;
mod pools;
mod profile;
mod rows;
mod staff;
mod tables;
mod talk;
mod templates;
#[cfg(test)]
mod tests;
mod week;

pub use profile::{Kind, Planted, Stage};
pub use tables::Split;

use crate::calendar::Day;
use crate::fs::FsError;
use crate::schema::Table;
use catalogue::Catalogue;
use chrono::{Datelike, NaiveDate};
use group::{Group, Now, Scene, Setting, midnight};
use rows::DayRows;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tables::{Sheets, Title};
use templates::TEMPLATES;

/// What to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleOptions {
    /// Number of groups, 1 to 100,000. Default 12: one of each planted profile; later groups repeat the
    /// twelve with variation.
    pub groups: u32,
    /// Average number of customers a group holds (or aims at), 10 to 10,000. Default 90.
    pub members: u32,
    /// Weeks told up to the last day, 1 to 520. Default 16.
    pub weeks: u32,
    /// Every seed tells another story with the same planted facts. Default 1.
    pub seed: u64,
    /// Multiplies the messages of those who speak and the events of those who open, 0.01 to 1,000. Default 1.
    pub activity: f64,
    /// Multiplies the events alone, instead of `activity`. Default none.
    pub event_activity: Option<f64>,
    /// Last day told, through 23:00 local time, in the years 2015 to 2060. Default Sunday 2025-05-11.
    pub end: NaiveDate,
    /// One file a table, or one a table and week. Default single.
    pub split: Split,
}

impl Default for SampleOptions {
    fn default() -> Self {
        Self {
            groups: 12,
            members: 90,
            weeks: 16,
            seed: 1,
            activity: 1.0,
            event_activity: None,
            end: NaiveDate::from_ymd_opt(2025, 5, 11).unwrap_or_default(),
            split: Split::Single,
        }
    }
}

/// Why no drop was written, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// An option lies outside its range.
    #[error("`{name}` is {value}, expected {expected}")]
    Option {
        /// Name of the option.
        name: &'static str,
        /// Its value.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The folder holds a part of a drop already; both would be read as one.
    #[error("`{}` is in the way: choose a folder without tables, or remove them", path.display())]
    Occupied {
        /// The first table found.
        path: PathBuf,
    },
    /// A file could not be created.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// A row could not be written.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: csv::Error,
    },
}

/// A group of a drop and what was planted in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleGroup {
    /// `group_id`
    pub group_id: String,
    /// Name.
    pub name: String,
    /// Type.
    pub kind: Kind,
    /// The stage as told, even where the column `stage` is left empty.
    pub stage: Stage,
    /// What was planted.
    pub planted: Planted,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleSummary {
    /// Rows by table, in the order of the schema.
    pub rows: Vec<(Table, u64)>,
    /// Bytes of all files.
    pub bytes: u64,
    /// The groups in order.
    pub groups: Vec<SampleGroup>,
}

impl SampleSummary {
    /// Rows of one table.
    #[must_use]
    pub fn rows_of(&self, table: Table) -> u64 {
        self.rows.iter().find(|(t, _)| *t == table).map_or(0, |(_, n)| *n)
    }

    /// The first group in which something was planted.
    #[must_use]
    pub fn group(&self, planted: Planted) -> Option<&SampleGroup> {
        self.groups.iter().find(|g| g.planted == planted)
    }
}

/// Writes a drop into a folder (the data folder itself), which is made if it is missing.
///
/// # Errors
/// When an option is out of range, the folder holds tables already, or a file cannot be written.
pub fn generate(options: &SampleOptions, out: &Path) -> Result<SampleSummary, SampleError> {
    generate_with_progress(options, out, &mut |_| {})
}

/// As [`generate`]; after every day told, the rows written so far are reported.
///
/// # Errors
/// As [`generate`].
pub fn generate_with_progress(
    options: &SampleOptions,
    out: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<SampleSummary, SampleError> {
    let setting = options.setting()?;
    let mut sheets = Sheets::new(out, options.split)?;
    let mut catalogues = Vec::new();
    let mut known: BTreeMap<(&str, usize, char), u16> = BTreeMap::new();
    let mut groups = Vec::new();
    for index in 0..options.groups {
        let template = &TEMPLATES[index as usize % TEMPLATES.len()];
        let brand = index as usize / TEMPLATES.len() % template.industry.brands.len();
        let shelf = *known.entry((template.industry.code, brand, template.kind.letter())).or_insert_with(|| {
            let (first, last) = (setting.first, setting.last);
            catalogues.push(Catalogue::new(setting.seed, template.industry, brand, template.kind, first, last));
            u16::try_from(catalogues.len() - 1).unwrap_or(u16::MAX)
        });
        groups.push(Group::new(&setting, index, shelf));
    }
    let mut rows = DayRows::default();
    let mut written = 0u64;
    let mut day = setting.first;
    while day <= setting.last {
        rows.clear();
        let now = Now::new(day, setting.last);
        let mut scene = Scene { setting: &setting, catalogues: &catalogues, now, rows: &mut rows };
        for group in &mut groups {
            group.tell(&mut scene);
        }
        rows.sort();
        sheets.turn_to(day)?;
        sheets.write_day(day, &rows, &catalogues)?;
        written += rows.len() as u64;
        progress(written);
        day = day.plus(1);
    }
    sheets.write_entities(setting.seed, &groups, &catalogues)?;
    let (rows, bytes) = sheets.finish()?;
    progress(rows.iter().map(|(_, n)| n).sum());
    let groups = groups.iter().map(|group| SampleGroup {
        group_id: format!("g{:03}", group.index + 1),
        name: Title::of(group.index).name,
        kind: group.template.kind,
        stage: group.template.stage,
        planted: group.template.planted,
    });
    Ok(SampleSummary { rows, bytes, groups: groups.collect() })
}

impl SampleOptions {
    fn setting(&self) -> Result<Setting, SampleError> {
        fn within(
            name: &'static str,
            ok: bool,
            value: impl ToString,
            expected: &'static str,
        ) -> Result<(), SampleError> {
            if ok { Ok(()) } else { Err(SampleError::Option { name, value: value.to_string(), expected }) }
        }
        let factor = 0.01..=1000.0;
        let events = self.event_activity.unwrap_or(self.activity);
        within("groups", (1..=100_000).contains(&self.groups), self.groups, "1 to 100000")?;
        within("members", (10..=10_000).contains(&self.members), self.members, "10 to 10000")?;
        within("weeks", (1..=520).contains(&self.weeks), self.weeks, "1 to 520")?;
        within("activity", factor.contains(&self.activity), self.activity, "0.01 to 1000")?;
        within("event_activity", factor.contains(&events), events, "0.01 to 1000")?;
        within("end", (2015..=2060).contains(&self.end.year()), self.end, "a day of the years 2015 to 2060")?;
        let last = Day::from_date(self.end);
        let days = i32::try_from(self.weeks * 7).unwrap_or(i32::MAX);
        Ok(Setting {
            seed: self.seed,
            members: self.members,
            first: last.plus(1 - days),
            last,
            limit: midnight(last) + 23 * 3600,
            // The only floats; from here on all is whole numbers.
            activity: (self.activity * 1000.0).round() as u64,
            event_activity: (events * 1000.0).round() as u64,
        })
    }
}
