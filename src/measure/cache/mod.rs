//! Facts of files that are as they were: kept in the workspace, so that a new weekly file is all that is read.
//!
//! After a run, the held tables are kept as they were loaded, and the cells of every streamed table with all that
//! they hang on. The next run reads from the newest file down; when the files that are left are those that were
//! kept, and nothing that their rows saw is otherwise now, the kept rows and cells are taken instead. A condition
//! that does not hold costs no more than reading on. What is kept is never trusted: a hash over it must be right,
//! every count is checked, and whatever is odd makes the run read everything.

mod beside;
mod bytes;
mod cells;
mod columns;
mod file;
mod former;
mod held;
mod keeping;
mod key;
mod layers;
mod table;
mod tables;
mod told;
mod vain;
mod values;
mod waiting;

pub(super) use bytes::Damaged;
pub(super) use former::Former;
pub(super) use held::HeldSeen;
pub(super) use keeping::Keeping;
pub(super) use tables::Known;
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
use crate::data::{Ends, FileMark, KnownKeys, KnownParts, Part, ReadParts, Reuse, Sources};
use crate::schema::Table;
use beside::{Columns, Numbers, is_as_unknown};
use bytes::{In, Out};
use file::{NewTable, OldTable, Snapshot, Writing};
use layers::OldCuts;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use told::{KeptParts, Told};

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
    held_key: u128,
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
        let streamed = old.iter().flat_map(|o| &o.tables).map(|(table, own)| (*table, &own.told.parts));
        let held = old.iter().flat_map(Snapshot::all_told).map(|(table, told)| (table, &told.parts));
        for (table, parts) in streamed.chain(held) {
            let again = parts.marks(sources.of(table));
            for (file, _) in parts.files.iter().zip(&again).filter(|(_, mark)| mark.is_some()) {
                if let Some(known) = &file.ends {
                    ends.insert((table, file.shown.clone()), known.clone());
                }
            }
            marks.insert(table, again);
        }
        let held_key = key::held_key(plan, config);
        Some(Self { path, key, held_key, columns: Columns::of(plan), old, marks, ends })
    }

    /// The times at the ends of a file, known or looked up.
    pub fn ends(&mut self, part: &Part, look: &dyn Fn() -> Ends) -> Ends {
        self.ends.entry((part.table, part.shown.clone())).or_insert_with(look).clone()
    }

    /// Forgets what was kept, which turned out to be damaged.
    pub fn distrust(&mut self) {
        self.old = None;
    }

    /// What of the kept facts holds beside these held tables.
    pub fn meet<'c>(&'c self, former: &Former<'_>, entities: &'c Entities) -> Meeting<'c> {
        Meeting { cache: self, entities, numbers: former.numbers(&self.columns, entities) }
    }
}

/// Kept facts beside the held tables of a run.
pub(super) struct Meeting<'c> {
    cache: &'c Cache,
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
        let known_now = !own.told.unknown.iter().all(|p| is_as_unknown(p, self.entities, columns));
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
    fn by_hash(&self) -> bool {
        self.ready.as_ref().is_some_and(|ready| !ready.own.told.parts.keys.hashes.is_empty())
    }

    fn known(&mut self, rest: &[Part], apart: &dyn Fn(&KnownKeys) -> bool) -> Option<KnownParts> {
        let told = &self.ready.as_ref()?.own.told.parts;
        let same = told.are(rest) && self.marks.iter().all(Option::is_some) && apart(&told.keys);
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
            let told = &ready.own.told.parts;
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

/// What is to be kept of a run.
pub(super) struct ToKeep<'c> {
    pub former: Former<'c>,
    pub known: Known,
    pub left: BTreeMap<Table, Left>,
}

impl Cache {
    /// What is to be written, so that the next run has the facts of this one; nothing if all is as it was.
    pub fn keep(&self, facts: &Facts, kept: ToKeep<'_>, sources: &Sources) -> Option<Writing> {
        let ToKeep { former, known, left } = kept;
        let (held, untouched) = former.left(&facts.entities, known, sources);
        let same = self.old.as_ref().is_some_and(|old| {
            let whole = old.tables.keys().all(|t| left.get(t).is_some_and(|l| l.untouched));
            whole && untouched && left.iter().all(|(t, l)| old.tables.contains_key(t) || l.is_empty())
        });
        if same {
            return None;
        }
        let tables: BTreeMap<Table, NewTable> = left
            .into_par_iter()
            .filter_map(|(table, left)| Some((table, self.new_table(table, left, facts, known, sources)?)))
            .collect();
        let keys = (self.key, self.held_key);
        (!tables.is_empty()).then(|| Writing::new(self.path.clone(), keys, self.old.as_ref(), held, tables))
    }

    fn new_table(&self, table: Table, left: Left, facts: &Facts, known: Known, sources: &Sources) -> Option<NewTable> {
        let Left { read, marks, rest, .. } = left;
        let read = read.filter(|read| !read.parts.is_empty() && !rest.vain.late && !rest.vain.too_many)?;
        let cells = facts.store.tables.get(&table)?;
        let mark = |at: usize| marks.get(at).copied().flatten();
        let ends = |part: &Part| self.ends.get(&(table, part.shown.clone())).cloned();
        let parts = KeptParts::of(read, sources.of(table), mark, ends)?;
        let beyond = |at: usize| rest.beyond.get(at).copied().unwrap_or(true);
        let told = Told {
            parts,
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
            known_products: known.products,
            products: &facts.entities.product_ids,
        };
        let former = self.old.as_ref().and_then(|old| Some(old.cells(old.tables.get(&table)?).len()));
        let mut out = Out::with_room(former.unwrap_or(0) * 2);
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
