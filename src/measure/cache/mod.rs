//! Facts of files that are as they were: kept in the workspace, so that a new weekly file is all that is read.
//!
//! After a run, the cells of every streamed table are kept with all that they hang on. The next run reads from the
//! newest file down; when the files that are left are those of the kept cells, and nothing that their rows saw is
//! otherwise now, the cells are taken instead. A condition that does not hold costs no more than reading on. What is
//! kept is never trusted: a hash over it must be right, every count is checked, and whatever is odd makes the run
//! read everything.

mod bytes;
mod cells;
mod file;
mod held;
mod key;
mod layers;
mod table;
mod told;
mod vain;
mod values;
mod waiting;

pub(super) use bytes::Damaged;
pub(super) use held::Digest;
pub(super) use vain::Vain;

use super::answer::Answers;
use super::cells::TableCells;
use super::entity::Entities;
use super::facts::Facts;
use super::fold::Filled;
use super::plan::{Home, Plan};
use super::run::STREAMED;
use super::texts::Texts;
use crate::calendar::{Day, Instant};
use crate::config::Config;
use crate::data::{Ends, FileMark, KeyRange, KnownParts, Part, ReadParts, Reuse, Sources};
use crate::diagnostic::StoredFindings;
use crate::schema::Table;
use bytes::{In, Out};
use file::{NewTable, OldTable, Snapshot};
use held::{Columns, Numbers};
use layers::OldCuts;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use told::{KeptFile, KeptReport, KeptRow, Told};

/// Where facts are kept between runs.
#[derive(Debug, Clone, Copy)]
pub struct FactsCache<'a> {
    /// A folder of its own, made when it is needed.
    pub folder: &'a Path,
    /// Bytes of streamed tables below which reading them is quick enough.
    pub least: u64,
}

/// The facts kept by an earlier run of the same plan, and what is needed to keep them again.
pub(super) struct Cache {
    path: PathBuf,
    key: u128,
    columns: Columns,
    old: Option<Snapshot>,
    /// The old files that are as they were, by table.
    marks: BTreeMap<Table, Vec<Option<FileMark>>>,
    ends: BTreeMap<(Table, String), Ends>,
}

impl Cache {
    /// Looks for kept facts; `None` where none can be kept.
    pub fn open(at: FactsCache<'_>, plan: &Plan, config: &Config, sources: &Sources) -> Option<Self> {
        let infer = &config.data.infer;
        let by_period = plan
            .formulas
            .iter()
            .any(|f| matches!(f.home, Home::Row(table) if STREAMED.contains(&table)) && f.expr.depends_on_period());
        if infer.groups.is_some() || infer.members || by_period {
            return None;
        }
        let parts = || STREAMED.iter().flat_map(|table| sources.of(*table));
        if parts().filter_map(|p| crate::fs::stamp(&p.path).ok()).map(|s| s.bytes).sum::<u64>() < at.least {
            return None;
        }
        let key = key::key(plan, config);
        let path = file::path(at.folder, key);
        let old = Snapshot::load(&path, key);
        let mut marks = BTreeMap::new();
        let mut ends = BTreeMap::new();
        for (table, own) in old.iter().flat_map(|o| &o.tables) {
            let by_name: BTreeMap<&str, &Part> = sources.of(*table).iter().map(|p| (p.shown.as_str(), p)).collect();
            let again = |file: &KeptFile| {
                let part = by_name.get(file.shown.as_str()).filter(|p| p.drop == file.drop)?;
                file.mark.again(&part.path)
            };
            let again: Vec<Option<FileMark>> = own.told.files.par_iter().map(again).collect();
            for (file, _) in own.told.files.iter().zip(&again).filter(|(_, mark)| mark.is_some()) {
                if let Some(known) = &file.ends {
                    ends.insert((*table, file.shown.clone()), known.clone());
                }
            }
            marks.insert(*table, again);
        }
        Some(Self { path, key, columns: Columns::of(plan), old, marks, ends })
    }

    /// The times at the ends of a file, known or looked up.
    pub fn ends(&mut self, part: &Part, look: &dyn Fn() -> Ends) -> Ends {
        self.ends.entry((part.table, part.shown.clone())).or_insert_with(look).clone()
    }

    /// Forgets what was kept, which turned out to be damaged.
    pub fn distrust(&mut self) {
        self.old = None;
    }

    /// What rows see of the held tables.
    pub fn digest(&self, entities: &Entities) -> Digest {
        Digest::new(entities, &self.columns)
    }

    /// What of the kept facts holds beside these held tables.
    pub fn meet<'c>(&'c self, digest: &'c Digest, entities: &'c Entities) -> Meeting<'c> {
        let numbers = self.old.as_ref().and_then(|old| digest.follows(&old.digest, entities));
        Meeting { cache: self, digest, entities, numbers }
    }
}

/// Kept facts beside the held tables of a run.
pub(super) struct Meeting<'c> {
    cache: &'c Cache,
    digest: &'c Digest,
    entities: &'c Entities,
    numbers: Option<Numbers>,
}

impl<'c> Meeting<'c> {
    /// What may stand for the files of a table, whose cells are laid out like this.
    pub fn table(&'c self, table: Table, cells: &TableCells, limit: Instant, waits: bool) -> TableFiles<'c> {
        let ready = self.ready(table, cells, limit, waits);
        let marks = self.cache.marks.get(&table).map_or(&[][..], Vec::as_slice);
        TableFiles { ready, marks, adopted: false, read: None }
    }

    fn ready(&'c self, table: Table, cells: &TableCells, limit: Instant, waits: bool) -> Option<Ready<'c>> {
        let (old, numbers) = (self.cache.old.as_ref()?, self.numbers.as_ref()?);
        let own = old.tables.get(&table)?;
        let in_vain = numbers.new_groups.iter().any(|k| own.vain.groups.contains(k))
            || numbers.new_posts.iter().any(|k| own.vain.posts.contains(k))
            || numbers.new_members.iter().any(|k| own.vain.members.contains(k));
        let by_person = own.vain.by_person && !(numbers.new_members.is_empty() && numbers.new_groups.is_empty());
        let out_of_order = waits && !numbers.in_order;
        let late = own.told.last().is_some_and(|last| limit < last);
        let columns = &self.cache.columns;
        let known_now = !own.told.unknown.iter().all(|p| self.digest.is_as_unknown(p, self.entities, columns));
        if in_vain || by_person || out_of_order || late || known_now || own.told.cuts.len() != cells.cuts.len() {
            return None;
        }
        let buckets = own.told.cuts.iter().zip(&cells.cuts).map(|(old, new)| old.buckets(new));
        Some(Ready { old, own, numbers, buckets: buckets.collect::<Option<_>>()? })
    }
}

/// Kept facts of a table that hold if its files do.
struct Ready<'c> {
    old: &'c Snapshot,
    own: &'c OldTable,
    numbers: &'c Numbers,
    buckets: Vec<Vec<u32>>,
}

/// Stands for files that need not be read, and remembers what the others came to.
pub(super) struct TableFiles<'c> {
    ready: Option<Ready<'c>>,
    marks: &'c [Option<FileMark>],
    /// Whether the kept facts stand for the oldest files.
    pub adopted: bool,
    read: Option<ReadParts>,
}

impl Reuse for TableFiles<'_> {
    fn known(&mut self, rest: &[Part], apart: &dyn Fn(&[KeyRange]) -> bool) -> Option<KnownParts> {
        let told = &self.ready.as_ref()?.own.told;
        let same = rest.len() == told.files.len()
            && rest.iter().zip(&told.files).all(|(part, file)| part.shown == file.shown && part.drop == file.drop)
            && self.marks.iter().all(Option::is_some)
            && apart(&told.ranges);
        let known = if same && !rest.is_empty() { told.known()? } else { return None };
        self.adopted = true;
        Some(known)
    }

    fn read(&mut self, parts: ReadParts) {
        self.read = Some(parts);
    }
}

/// What was kept beside cells: rows by day, orders attributed.
pub(super) struct Rest {
    pub days: Vec<(Day, u64, Instant)>,
    pub attributed: u64,
}

impl TableFiles<'_> {
    /// Adds the kept facts of the files that were not read.
    pub fn fill(&self, filled: Filled<'_>, entities: &Entities) -> Result<Option<Rest>, Damaged> {
        let Some(ready) = self.ready.as_ref().filter(|_| self.adopted) else { return Ok(None) };
        let told = &ready.own.told;
        let cuts = told.cuts.iter().zip(&filled.cells.cuts);
        let beyond = cuts.map(|(old, new)| old.reaches_beyond(new));
        filled.beyond.iter_mut().zip(beyond).for_each(|(own, kept)| *own |= kept);
        let goal = table::Goal {
            plan: filled.plan,
            cells: filled.cells,
            answers: filled.answers,
            unknown: filled.unknown,
            products: &entities.product_ids,
            buckets: &ready.buckets,
            seen: filled.measures,
            fresh: &told.unknown,
        };
        let mut input = In(ready.old.cells(ready.own));
        table::merge(goal, ready.numbers, &mut input)?;
        input.end()?;
        filled.vain.join(ready.own.vain.clone());
        let days = told.days.iter().map(|(day, n, last)| (Day(*day), *n, Instant(*last))).collect();
        Ok(Some(Rest { days, attributed: told.attributed }))
    }

    /// What is to be kept of the table, beside its cells.
    pub fn left(self, rest: LeftRest) -> Left {
        let marks = if self.adopted { self.marks.to_vec() } else { Vec::new() };
        let untouched = self.ready.as_ref().filter(|_| self.adopted).is_some_and(|ready| {
            let told = &ready.own.told;
            let same = told.files.iter().zip(&marks).all(|(file, mark)| Some(file.mark) == *mark);
            same && self.read.as_ref().is_some_and(|read| read.parts.len() == told.files.len())
        });
        Left { read: self.read, marks, untouched, rest }
    }
}

/// What a fold leaves besides its cells.
pub(super) struct LeftRest {
    pub vain: Vain,
    pub answers: Option<Answers>,
    pub unknown: Texts,
    pub days: Vec<(Day, u64, Instant)>,
    pub attributed: u64,
    /// By cuts, whether rows lay beyond the last.
    pub beyond: Vec<bool>,
}

/// A table that may be kept.
pub(super) struct Left {
    read: Option<ReadParts>,
    marks: Vec<Option<FileMark>>,
    untouched: bool,
    rest: LeftRest,
}

impl Cache {
    /// Keeps the facts of a run for the next one. That this fails is no harm.
    pub fn keep(&self, facts: &Facts, digest: &Digest, left: BTreeMap<Table, Left>, sources: &Sources) {
        let same = self.old.as_ref().is_some_and(|old| {
            let whole = old.tables.keys().all(|t| left.get(t).is_some_and(|l| l.untouched));
            whole && old.digest == *digest && left.iter().all(|(t, l)| old.tables.contains_key(t) || l.is_empty())
        });
        if same {
            return;
        }
        let tables: BTreeMap<Table, NewTable> = left
            .into_par_iter()
            .filter_map(|(table, left)| Some((table, self.new_table(table, left, facts, digest, sources)?)))
            .collect();
        if !tables.is_empty() {
            let _ = file::replace(&self.path, &file::bytes(self.key, digest, &tables));
        }
    }

    fn new_table(
        &self,
        table: Table,
        left: Left,
        facts: &Facts,
        digest: &Digest,
        sources: &Sources,
    ) -> Option<NewTable> {
        let Left { read, marks, rest, .. } = left;
        let ReadParts { parts, columns, ranges, quarantined } = read?;
        if parts.is_empty() || rest.vain.late || rest.vain.too_many {
            return None;
        }
        let cells = facts.store.tables.get(&table)?;
        let mut files = Vec::new();
        for (at, ((report, findings, mark), part)) in parts.iter().zip(sources.of(table)).enumerate() {
            let mark = mark.or_else(|| marks.get(at).copied().flatten())?;
            files.push(KeptFile {
                shown: part.shown.clone(),
                drop: part.drop.clone(),
                mark,
                ends: self.ends.get(&(table, part.shown.clone())).cloned(),
                report: KeptReport::of(report),
                findings: StoredFindings::of(findings),
            });
        }
        let beyond = |at: usize| rest.beyond.get(at).copied().unwrap_or(true);
        let told = Told {
            files,
            columns,
            ranges: ranges?,
            quarantined: quarantined?.iter().map(KeptRow::of).collect(),
            days: rest.days.iter().map(|(day, n, last)| (day.0, *n, last.0)).collect(),
            attributed: rest.attributed,
            unknown: (0..).map_while(|n| rest.unknown.get(n)).map(ToString::to_string).collect(),
            cuts: cells.cuts.iter().enumerate().map(|(at, cuts)| OldCuts::of(cuts, beyond(at))).collect(),
        };
        let whole = table::Whole {
            plan: &facts.plan,
            cells,
            answers: rest.answers.as_ref(),
            unknown: &rest.unknown,
            known_products: digest.products(),
            products: &facts.entities.product_ids,
        };
        let mut out = Out::default();
        table::write(&whole, &mut out);
        Some(NewTable { told, vain: rest.vain, cells: out.0 })
    }
}

impl Left {
    /// How many files were not read.
    pub fn kept_files(&self) -> usize {
        self.marks.len()
    }

    fn is_empty(&self) -> bool {
        self.read.as_ref().is_none_or(|r| r.parts.is_empty())
    }
}
