//! Files that need not be read again: what a scan tells of those it read, and what it takes as known.

use super::discover::Part;
use super::report::{PartReport, QuarantineSink, Quarantined};
use crate::diagnostic::Findings;
use crate::fs::{self, Stamp};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use twox_hash::XxHash3_128;

/// A file that changed so many nanoseconds before it was read could change again and keep its stamp.
const TICK: i128 = 2_000_000_000;

/// The first and the last key of a file whose keys rise.
pub type KeyRange = (Vec<u8>, Vec<u8>);

/// By what a file is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FileMark {
    /// As it was when it was read.
    pub stamp: Stamp,
    /// 128 bits of hash of its bytes, in two halves.
    pub hash: [u64; 2],
    /// When it was read, in nanoseconds since 1970.
    pub at: i128,
}

impl FileMark {
    /// The mark of a file that has this stamp, by reading it; `None` if it changes meanwhile or cannot be read.
    #[must_use]
    pub fn of(path: &Path, stamp: Stamp) -> Option<Self> {
        let at = now()?;
        let mut content = Content::default();
        fs::stream(path, |bytes| content.add(bytes)).ok()?;
        // A file that is being written has no content to know it by.
        let whole = fs::stamp(path).ok()? == stamp && content.bytes == stamp.bytes;
        whole.then(|| Self { stamp, hash: content.hash(), at })
    }

    /// Whether a file that has this stamp now is as it was, so that it need not be read.
    #[must_use]
    pub fn holds(&self, stamp: Stamp) -> bool {
        stamp == self.stamp && stamp.latest() + TICK < self.at
    }

    /// The mark of a file that is still the same: by its stamp, or else by its content, which is then read.
    /// `None` if it changed or cannot be read.
    #[must_use]
    pub fn again(&self, path: &Path) -> Option<Self> {
        let stamp = fs::stamp(path).ok()?;
        if self.holds(stamp) {
            return Some(*self);
        }
        let now = if stamp.bytes == self.stamp.bytes { Self::of(path, stamp)? } else { return None };
        (now.hash == self.hash).then_some(now)
    }
}

/// Nanoseconds since 1970.
pub(super) fn now() -> Option<i128> {
    i128::try_from(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
}

/// Keys of rows, as far as it takes to tell that others are not among them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KnownKeys {
    /// The first and the last key of each file whose keys rise and that lies apart from the others.
    pub ranges: Vec<KeyRange>,
    /// Hashes of all other keys, ascending; too many to be written as text.
    #[serde(skip)]
    pub hashes: Vec<u64>,
}

/// More hashes of keys than this are not kept: 64 MB of them.
pub(super) const MOST_HASHES: usize = 1 << 23;

impl KnownKeys {
    /// With the keys of other rows; `None` if they are too many.
    pub(super) fn and(mut self, other: Self) -> Option<Self> {
        self.ranges.extend(other.ranges);
        self.hashes.extend(other.hashes);
        // Both are in order, which the sort makes use of.
        self.hashes.sort();
        (self.hashes.len() <= MOST_HASHES).then_some(self)
    }
}

/// What is known of parts that need not be read.
#[derive(Debug)]
pub struct KnownParts {
    /// From the oldest to the newest.
    pub parts: Vec<(PartReport, Findings)>,
    /// The columns of all of them.
    pub columns: BTreeSet<String>,
    /// Their keys.
    pub keys: KnownKeys,
    /// Their rows that were set aside, in the order of reading.
    pub quarantined: Vec<Quarantined>,
}

/// What a scan came to, so that it can be kept.
#[derive(Debug)]
pub struct ReadParts {
    /// From the oldest to the newest; without a mark those that were known, and those that changed meanwhile.
    pub parts: Vec<(PartReport, Findings, Option<FileMark>)>,
    /// The columns of all of them.
    pub columns: BTreeSet<String>,
    /// Their keys; `None` if they are too many to be kept.
    pub keys: Option<KnownKeys>,
    /// Their rows that were set aside, in the order of reading; `None` if they are too many to be kept.
    pub quarantined: Option<Vec<Quarantined>>,
}

/// Knows what files came to that were read before.
pub trait Reuse {
    /// Whether keys are known by their hashes, so that those of new rows have to be noted as such.
    fn by_hash(&self) -> bool;

    /// What the parts that are left, the oldest ones, came to; asked before each part is read. `apart` tells
    /// whether no key read so far can be among some others.
    fn known(&mut self, rest: &[Part], apart: &dyn Fn(&KnownKeys) -> bool) -> Option<KnownParts>;

    /// Is told at the end what all parts came to.
    fn read(&mut self, parts: ReadParts);
}

/// The bytes of a file on their way through a hash.
#[derive(Default)]
pub(super) struct Content {
    hasher: XxHash3_128Hasher,
    pub bytes: u64,
}

type XxHash3_128Hasher = twox_hash::xxhash3_128::Hasher;

impl Content {
    fn add(&mut self, bytes: &[u8]) {
        self.hasher.write(bytes);
        self.bytes += bytes.len() as u64;
    }

    fn hash(&self) -> [u64; 2] {
        halves(self.hasher.finish_128())
    }
}

/// A hash in two halves, the lower one first.
#[must_use]
pub fn halves(hash: u128) -> [u64; 2] {
    [hash as u64, (hash >> 64) as u64]
}

/// The hash of bytes that come in pieces.
#[must_use]
pub fn hash_of_all<'b>(pieces: impl Iterator<Item = &'b [u8]>) -> [u64; 2] {
    let mut content = Content::default();
    pieces.for_each(|piece| content.add(piece));
    content.hash()
}

/// The hash of bytes at hand.
#[must_use]
pub fn hash_of(bytes: &[u8]) -> [u64; 2] {
    halves(XxHash3_128::oneshot(bytes))
}

/// A file being read whose bytes are hashed as they pass.
pub(super) struct Watched<R> {
    input: R,
    content: Arc<Mutex<Content>>,
}

impl<R: Read> Watched<R> {
    pub fn new(input: R, content: &Arc<Mutex<Content>>) -> Self {
        Self { input, content: Arc::clone(content) }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        content.add(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// The mark of a file that was read whole between two looks at it.
pub(super) fn mark(before: Stamp, after: Stamp, at: Option<i128>, content: &Mutex<Content>) -> Option<FileMark> {
    let content = content.lock().unwrap_or_else(PoisonError::into_inner);
    (before == after && content.bytes == after.bytes).then_some(())?;
    Some(FileMark { stamp: after, hash: content.hash(), at: at? })
}

/// Keeps the rows that are set aside while it hands them on.
pub(super) struct Recorder<'a> {
    pub to: Option<&'a mut (dyn QuarantineSink + Send)>,
    pub rows: Option<Vec<Quarantined>>,
}

/// How many rows set aside are kept at most.
const ASIDE: usize = 10_000;

impl QuarantineSink for Recorder<'_> {
    fn quarantine(&mut self, row: &Quarantined) {
        if let Some(to) = &mut self.to {
            to.quarantine(row);
        }
        if let Some(rows) = &mut self.rows {
            rows.push(row.clone());
            if rows.len() > ASIDE {
                self.rows = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_is_known_again_by_its_stamp_or_else_by_its_content() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        std::fs::write(&path, "one").unwrap();
        let stamp = fs::stamp(&path).unwrap();
        let mark = FileMark { stamp, hash: hash_of(b"one"), at: stamp.latest() + TICK + 1 };
        assert_eq!(mark.again(&path), Some(mark));
        // The stamp says that nothing changed, so the content is not asked.
        let lying = FileMark { hash: [0, 0], ..mark };
        assert_eq!(lying.again(&path), Some(lying));
        // Read so soon after its change that it may have changed again.
        assert_eq!(FileMark { at: stamp.latest(), ..lying }.again(&path), None);
        let touched = FileMark { stamp: Stamp { inode: stamp.inode + 1, modified: 7, ..stamp }, ..mark };
        assert_eq!(touched.again(&path).unwrap().stamp, stamp);
        std::fs::write(&path, "two").unwrap();
        assert_eq!(touched.again(&path), None);
        std::fs::write(&path, "three").unwrap();
        assert_eq!(mark.again(&path), None);
    }
}
