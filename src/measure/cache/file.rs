//! A snapshot on the disk: one file for each set of measures, a few of them in a workspace.

use super::bytes::{Damaged, In, Out, Taken};
use super::held::Digest;
use super::told::Told;
use super::vain::Vain;
use crate::data::hash_of;
use crate::fs;
use crate::schema::Table;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"qunce\0fc";
/// Of the layout of these files.
const VERSION: u32 = 1;
/// Magic, version and the hash of what follows.
const HEAD: usize = 28;
/// How many of them a workspace keeps.
const FILES: usize = 3;
const SUFFIX: &str = "facts";

/// What was kept of an earlier run.
#[derive(Debug)]
pub(super) struct Snapshot {
    bytes: Vec<u8>,
    pub digest: Digest,
    pub tables: BTreeMap<Table, OldTable>,
}

/// A table of it.
#[derive(Debug)]
pub(super) struct OldTable {
    pub told: Told,
    pub vain: Vain,
    /// Where its cells are.
    cells: (usize, usize),
}

/// A table to be kept.
pub(super) struct NewTable {
    pub told: Told,
    pub vain: Vain,
    pub cells: Vec<u8>,
}

/// The file of a set of measures.
pub(super) fn path(folder: &Path, key: u128) -> PathBuf {
    folder.join(format!("{:016x}.{SUFFIX}", key >> 64))
}

/// A snapshot as bytes.
pub(super) fn bytes(key: u128, digest: &Digest, tables: &BTreeMap<Table, NewTable>) -> Vec<u8> {
    let mut out = Out::default();
    out.0.extend_from_slice(MAGIC);
    out.u32(VERSION);
    out.u128(0);
    out.u128(key);
    digest.write(&mut out);
    out.count(tables.len());
    for (table, own) in tables {
        out.text(table.name());
        out.bytes(&own.told.bytes());
        own.vain.write(&mut out);
        out.bytes(&own.cells);
    }
    let hash = hash_of(out.0.get(HEAD..).unwrap_or_default());
    let places = out.0.get_mut(HEAD - 16..HEAD).into_iter().flat_map(|place| place.iter_mut());
    places.zip(hash.iter().flat_map(|half| half.to_le_bytes())).for_each(|(place, byte)| *place = byte);
    out.0
}

impl Snapshot {
    /// Reads what was kept for a set of measures; nothing if there is nothing that can be trusted.
    pub fn load(path: &Path, key: u128) -> Option<Self> {
        Self::parse(fs::read(path).ok()?, key).ok()
    }

    pub fn parse(bytes: Vec<u8>, key: u128) -> Taken<Self> {
        let (head, body) = bytes.split_at_checked(HEAD).ok_or(Damaged)?;
        let mut head = In(head.strip_prefix(MAGIC).ok_or(Damaged)?);
        let mut input = In(body);
        let right = head.u32()? == VERSION && [head.u64()?, head.u64()?] == hash_of(body) && input.u128()? == key;
        if !right {
            return Err(Damaged);
        }
        let digest = Digest::read(&mut input)?;
        let mut tables = BTreeMap::new();
        for _ in 0..input.count(8)? {
            let table = Table::parse(input.text()?).ok_or(Damaged)?;
            let told = Told::read(input.bytes()?)?;
            let vain = Vain::read(&mut input)?;
            let cells = input.bytes()?.len();
            let end = bytes.len() - input.0.len();
            tables.insert(table, OldTable { told, vain, cells: (end - cells, end) });
        }
        input.end()?;
        Ok(Self { bytes, digest, tables })
    }

    /// The cells of a table.
    pub fn cells(&self, table: &OldTable) -> &[u8] {
        self.bytes.get(table.cells.0..table.cells.1).unwrap_or_default()
    }
}

/// Puts a snapshot in the place of the former one, and lets the oldest of other sets of measures go.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> fs::Result<()> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    // What is cut short has another hash, so nothing waits for the disk.
    let new = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    if let Err(error) = fs::write(&new, bytes).and_then(|()| fs::rename(&new, path)) {
        let _ = fs::remove_file(&new);
        return Err(error);
    }
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
