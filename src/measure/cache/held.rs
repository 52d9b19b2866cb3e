//! The held tables of an earlier run on their way into this one, file by file as it is with streamed tables.
//!
//! A table whose files are as they were is taken as it was loaded. Where there are newer files besides, their rows
//! are read and stand in front, as they would if all had been read; that no row of theirs replaces an older one is
//! known by their keys.

use super::super::entity::Entities;
use super::bytes::{Damaged, In, Out, Taken, moment};
use super::told::KeptParts;
use super::vain::Vain;
use crate::calendar::Instant;
use crate::data::{Ends, FileMark, KnownKeys, KnownParts, Part, ReadParts, Reuse};
use serde::{Deserialize, Serialize};

use super::beside::NONE;

/// What the rows of a table hang on besides its files.
#[derive(Debug, Default, Clone)]
pub(in super::super) struct HeldSeen {
    /// Groups that there were not.
    pub vain: Vain,
    /// The latest instant by which a row could be too late.
    pub latest: Option<Instant>,
    /// Whether a row was too late.
    pub late: bool,
}

impl HeldSeen {
    /// Notes the time of a row, and whether that is too late.
    pub fn time(&mut self, at: Instant, late: bool) {
        self.latest = self.latest.max(Some(at));
        self.late |= late;
    }

    fn join(&mut self, other: Self) {
        self.vain.join(other.vain);
        self.latest = self.latest.max(other.latest);
        self.late |= other.late;
    }
}

/// What is told of the files of a held table.
#[derive(Debug)]
pub(super) struct HeldTold {
    pub parts: KeptParts,
    pub seen: HeldSeen,
}

/// As it is written.
#[derive(Debug, Serialize, Deserialize)]
struct Written {
    parts: KeptParts,
    latest: Option<i64>,
    late: bool,
}

impl HeldTold {
    pub fn write(self, out: &mut Out) {
        let Self { parts, seen } = self;
        let written = Written { parts, latest: seen.latest.map(|t| t.0), late: seen.late };
        out.bytes(&serde_json::to_vec(&written).unwrap_or_default());
        out.u64s(written.parts.keys.hashes.iter().copied());
        seen.vain.write(out);
    }

    pub fn read(input: &mut In<'_>) -> Taken<Self> {
        let Written { mut parts, latest, late } = serde_json::from_slice(input.bytes()?).map_err(|_| Damaged)?;
        parts.keys.hashes = input.u64s()?;
        parts.check()?;
        let seen = HeldSeen { vain: Vain::read(input)?, latest: latest.map(moment).transpose()?, late };
        Ok(Self { parts, seen })
    }
}

/// How the groups of this run stand to those of the earlier one.
#[derive(Debug, Default, Clone)]
pub(in super::super) struct Groups {
    /// Whether the earlier ones come first, in their order.
    first: bool,
    /// Whether they were made on the same days.
    as_old: bool,
    new: Vec<u128>,
}

impl Groups {
    /// They are the same.
    pub fn same() -> Self {
        Self { first: true, as_old: true, new: Vec::new() }
    }

    pub fn of(old: &Entities, now: &Entities) -> Self {
        let count = u32::try_from(old.group_ids.len()).unwrap_or(NONE);
        let mut first = 0..count;
        let made = |of: &Entities, row: u32| of.groups.time(row as usize, "created_on");
        let new = (count..).map_while(|n| now.group_ids.get(n)).map(|id| super::super::hash::key_of(id));
        Self {
            as_old: first.clone().all(|n| made(old, n) == made(now, n)),
            first: first.all(|n| old.group_ids.get(n) == now.group_ids.get(n)),
            new: new.collect(),
        }
    }
}

/// On what taking a table over depends besides its files.
pub(super) struct Condition<'g> {
    /// The last instant that counts.
    pub limit: Instant,
    /// Whether no newer file may be read in front.
    pub alone: bool,
    /// The groups, where rows name them, and whether the day of their making counts.
    pub groups: Option<(&'g Groups, bool)>,
}

impl Condition<'_> {
    fn holds(&self, seen: &HeldSeen) -> bool {
        let groups = self.groups.is_none_or(|(groups, made)| {
            groups.first && (groups.as_old || !made) && !groups.new.iter().any(|k| seen.vain.groups.contains(k))
        });
        groups && !seen.late && !seen.vain.too_many && seen.latest.is_none_or(|latest| latest <= self.limit)
    }
}

/// Stands for files of a held table that need not be read, and remembers what the others came to.
pub(in super::super) struct HeldFiles<'c> {
    told: Option<&'c HeldTold>,
    marks: &'c [Option<FileMark>],
    alone: bool,
    asked: bool,
    /// Whether the kept rows stand for the oldest files.
    pub adopted: bool,
    read: Option<ReadParts>,
    pub seen: HeldSeen,
}

impl<'c> HeldFiles<'c> {
    /// For files that have these marks now, of which an earlier run told this.
    pub(super) fn new(
        told: Option<&'c HeldTold>,
        marks: &'c [Option<FileMark>],
        parts: &[Part],
        condition: &Condition<'_>,
    ) -> Self {
        let told = told.filter(|told| condition.holds(&told.seen) && marks.iter().all(Option::is_some));
        // Without any file there is nothing that could be otherwise.
        let adopted = parts.is_empty() && told.is_some_and(|told| told.parts.files.is_empty());
        let (alone, asked, read, seen) = (condition.alone, false, None, HeldSeen::default());
        Self { told, marks, alone, asked, adopted, read, seen }
    }

    /// How many files were not read.
    pub(super) fn kept_files(&self) -> usize {
        self.told.filter(|_| self.adopted).map_or(0, |told| told.parts.files.len())
    }

    /// What is to be kept of the files, and whether it is all as it was.
    pub(super) fn left(self, sources: &[Part], ends: impl Fn(&Part) -> Option<Ends>) -> (Option<HeldTold>, bool) {
        let Self { told, marks, adopted, read, mut seen, .. } = self;
        let kept = told.filter(|_| adopted);
        let marks = if kept.is_some() { marks } else { &[] };
        let mark = |at: usize| marks.get(at).copied().flatten();
        let untouched = kept.is_some_and(|told| {
            let files = &told.parts.files;
            files.len() == sources.len() && files.iter().enumerate().all(|(at, file)| Some(file.mark) == mark(at))
        });
        kept.into_iter().for_each(|told| seen.join(told.seen.clone()));
        let parts = read.and_then(|read| KeptParts::of(read, sources, mark, ends));
        (parts.map(|parts| HeldTold { parts, seen }), untouched)
    }
}

impl Reuse for HeldFiles<'_> {
    fn by_hash(&self) -> bool {
        // Each row is held in memory, so its key may be, too; then files may overlap in any way.
        true
    }

    fn known(&mut self, rest: &[Part], apart: &dyn Fn(&KnownKeys) -> bool) -> Option<KnownParts> {
        let first = !std::mem::replace(&mut self.asked, true);
        let told = &self.told.filter(|_| first || !self.alone)?.parts;
        let known = if told.are(rest) && apart(&told.keys) { told.known()? } else { return None };
        self.adopted = true;
        Some(known)
    }

    fn read(&mut self, parts: ReadParts) {
        self.read = Some(parts);
    }
}
