//! A snapshot on the disk: one file for each set of measures, a few of them in a workspace.

use super::super::entity::Entities;
use super::super::huge::HugeVec;
use super::bytes::{Damaged, In, Out, Taken};
use super::held::HeldTold;
use super::tables;
use super::told::Told;
use super::vain::Vain;
use crate::data::{hash_of, hash_of_all};
use crate::fs;
use crate::schema::Table;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const MAGIC: &[u8; 8] = b"qunce\0fc";
/// Of the layout of these files.
const VERSION: u32 = 4;
/// Magic, version and the hash of what follows.
const HEAD: usize = 28;
/// How many of them a workspace keeps.
const FILES: usize = 3;
const SUFFIX: &str = "facts";
/// How many were written by this process, since two may be on their way at once.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

/// From where to where some bytes of a snapshot reach.
type Place = (usize, usize);

/// What was kept of an earlier run.
#[derive(Debug)]
pub(super) struct Snapshot {
    bytes: Arc<HugeVec<u8>>,
    /// On what the held tables hang besides their files.
    pub held_key: u128,
    held: BTreeMap<Table, (Option<HeldTold>, Place)>,
    pub tables: BTreeMap<Table, OldTable>,
}

/// A streamed table of it.
#[derive(Debug)]
pub(super) struct OldTable {
    pub told: Told,
    pub vain: Vain,
    cells: Place,
}

/// A streamed table to be kept.
pub(super) struct NewTable {
    pub told: Told,
    pub vain: Vain,
    pub cells: Vec<u8>,
}

/// A held table to be kept.
pub(super) struct HeldTable {
    pub table: Table,
    /// Nothing where its files cannot be known again; then its entities are held against those of the next run.
    pub told: Option<HeldTold>,
    pub content: Piece,
}

/// A piece of a snapshot.
pub(super) enum Piece {
    New(Vec<u8>),
    /// As it was in the former one.
    Old(Place),
}

/// The file of a set of measures.
pub(super) fn path(folder: &Path, key: u128) -> PathBuf {
    folder.join(format!("{:016x}.{SUFFIX}", key >> 64))
}

/// A snapshot that is to be written.
pub(in super::super) struct Writing {
    path: PathBuf,
    former: Option<Arc<HugeVec<u8>>>,
    pieces: Vec<Piece>,
}

impl Writing {
    /// Of these tables, in the place of a former snapshot.
    pub(super) fn new(
        path: PathBuf,
        (key, held_key): (u128, u128),
        former: Option<&Snapshot>,
        held: Vec<HeldTable>,
        tables: BTreeMap<Table, NewTable>,
    ) -> Self {
        let mut out = Out::default();
        let mut pieces = Vec::new();
        out.u128(key);
        out.u128(held_key);
        out.count(held.len());
        for HeldTable { table, told, content } in held {
            out.text(table.name());
            out.u8(u8::from(told.is_some()));
            told.into_iter().for_each(|told| told.write(&mut out));
            out.count(match &content {
                Piece::New(bytes) => bytes.len(),
                Piece::Old((from, to)) => to - from,
            });
            pieces.extend([Piece::New(std::mem::take(&mut out.0)), content]);
        }
        out.count(tables.len());
        for (table, own) in tables {
            out.text(table.name());
            own.told.write(&mut out);
            own.vain.write(&mut out);
            out.count(own.cells.len());
            pieces.extend([Piece::New(std::mem::take(&mut out.0)), Piece::New(own.cells)]);
        }
        pieces.push(Piece::New(out.0));
        Self { path, former: former.map(|f| Arc::clone(&f.bytes)), pieces }
    }

    fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        let former = self.former.as_ref().map_or(&[][..], |f| f);
        self.pieces.iter().map(move |piece| match piece {
            Piece::New(bytes) => bytes,
            Piece::Old((from, to)) => former.get(*from..*to).unwrap_or_default(),
        })
    }

    /// Puts it in the place of the former one, and lets the oldest of other sets of measures go.
    pub fn write(&self) -> fs::Result<()> {
        let Self { path, .. } = self;
        let mut head = Out::default();
        head.0.extend_from_slice(MAGIC);
        head.u32(VERSION);
        hash_of_all(self.bytes()).into_iter().for_each(|half| head.u64(half));
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        // What is cut short has another hash, so nothing waits for the disk.
        let count = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let new = path.with_file_name(format!(".{name}.{}-{count}.new", std::process::id()));
        let fill = || {
            let mut file = fs::create(&new)?;
            std::iter::once(head.0.as_slice()).chain(self.bytes()).try_for_each(|b| fs::fill(&mut file, &new, b))
        };
        if let Err(error) = fill().and_then(|()| fs::rename(&new, path)) {
            let _ = fs::remove_file(&new);
            return Err(error);
        }
        tidy(path)
    }
}

impl Snapshot {
    /// Reads what was kept for a set of measures; nothing if there is nothing that can be trusted.
    pub fn load(path: &Path, key: u128) -> Option<Self> {
        let mut bytes = HugeVec::zeros(usize::try_from(fs::metadata(path).ok()?.len()).ok()?);
        fs::read_exact(path, &mut bytes).ok()?;
        Self::parse(bytes, key).ok()
    }

    fn parse(bytes: HugeVec<u8>, key: u128) -> Taken<Self> {
        let (head, body) = bytes.split_at_checked(HEAD).ok_or(Damaged)?;
        let mut head = In(head.strip_prefix(MAGIC).ok_or(Damaged)?);
        let mut input = In(body);
        let right = head.u32()? == VERSION && [head.u64()?, head.u64()?] == hash_of(body) && input.u128()? == key;
        if !right {
            return Err(Damaged);
        }
        let place = |input: &mut In<'_>| -> Taken<Place> {
            let length = input.bytes()?.len();
            let end = bytes.len() - input.0.len();
            Ok((end - length, end))
        };
        let held_key = input.u128()?;
        let mut held = BTreeMap::new();
        for _ in 0..input.count(8)? {
            let table = Table::parse(input.text()?).ok_or(Damaged)?;
            let told = if input.u8()? == 0 { None } else { Some(HeldTold::read(&mut input)?) };
            held.insert(table, (told, place(&mut input)?));
        }
        let mut tables = BTreeMap::new();
        for _ in 0..input.count(8)? {
            let table = Table::parse(input.text()?).ok_or(Damaged)?;
            let told = Told::read(&mut input)?;
            let vain = Vain::read(&mut input)?;
            tables.insert(table, OldTable { told, vain, cells: place(&mut input)? });
        }
        input.end()?;
        Ok(Self { bytes: Arc::new(bytes), held_key, held, tables })
    }

    /// What is told of the files of a held table.
    pub fn told(&self, table: Table) -> Option<&HeldTold> {
        self.held.get(&table)?.0.as_ref()
    }

    /// Of all held tables.
    pub fn all_told(&self) -> impl Iterator<Item = (Table, &HeldTold)> {
        self.held.iter().filter_map(|(table, (told, _))| Some((*table, told.as_ref()?)))
    }

    /// Where a held table lies.
    pub fn place(&self, table: Table) -> Option<Place> {
        Some(self.held.get(&table)?.1)
    }

    /// Held tables as they were loaded, into entities that are empty; `None` if they are damaged.
    pub fn held(&self, tables: &[Table], mut into: Entities) -> Option<Entities> {
        for table in tables {
            let (from, to) = self.place(*table)?;
            let mut input = In(self.bytes.get(from..to)?);
            tables::read(*table, &mut input, &mut into).ok()?;
            input.end().ok()?;
        }
        Some(into)
    }

    /// The cells of a table.
    pub fn cells(&self, table: &OldTable) -> &[u8] {
        self.bytes.get(table.cells.0..table.cells.1).unwrap_or_default()
    }
}

/// Lets the oldest of other sets of measures go.
fn tidy(path: &Path) -> fs::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut others = Vec::new();
    for other in fs::read_dir(folder)? {
        let ours = other.extension().is_some_and(|e| e == SUFFIX || e == "new");
        if ours && other != path {
            others.push((fs::stamp(&other).map_or(0, |s| s.modified), other));
        }
    }
    others.sort();
    let surplus = others.len().saturating_sub(FILES - 1);
    others.into_iter().take(surplus).try_for_each(|(_, other)| fs::remove_file(&other))
}
