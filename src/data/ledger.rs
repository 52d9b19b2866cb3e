//! Which keys were seen, in as little memory as the order of the files allows.
//!
//! While the keys of a file rise strictly and the ranges of the files do not overlap, nothing is
//! stored but the ends of each range: two keys cannot be equal. Only when a key breaks the order,
//! or falls into the range of a file read before, are the keys concerned stored, by reading that
//! file's keys again. Of stored keys 64 bits of hash are kept as long as no two of them are the same; from then
//! on, by reading the files once more, 96 bits, with the place and 32 bits of hash of the row. The hashes are the same
//! in every run.

use super::halves::Halves;
use super::reuse::{KnownKeys, MOST_HASHES};
use super::seen::{KeyHash, Place, SeenKeys};
use rayon::slice::ParallelSliceMut;
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// What the ledger knows about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Never seen.
    New,
    /// Seen in a newer drop.
    Newer,
    /// Seen in the same drop.
    Same {
        /// Part of the other row.
        part: usize,
        /// Line of the other row.
        line: u64,
        /// Whether it has the same cells.
        identical: bool,
    },
}

/// A row with identity.
#[derive(Clone, Copy)]
pub struct Keyed<'a> {
    /// Its key, in the encoding of [`push_text`] and [`push_number`].
    pub key: &'a [u8],
    /// Computes the hash of all its cells, which is not needed while keys are in order.
    pub row: &'a dyn Fn() -> u64,
    /// Its line.
    pub line: u64,
}

/// Reads the rows of a part again and hands them on, of the current part those before the current row.
pub type Reread<'a> = &'a mut dyn FnMut(usize, &mut dyn FnMut(Keyed<'_>));

/// Where a row of a part is.
fn place(row: Keyed<'_>, part: usize) -> Place {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Place { row: halved((row.row)()), line: number(row.line), part: number(part as u64) }
}

/// Half of a hash.
fn halved(hash: u64) -> u32 {
    (hash ^ (hash >> 32)) as u32
}

/// The keys of the parts read so far.
pub struct KeyLedger {
    /// The drop of each part.
    drops: Vec<String>,
    /// Stored keys, none of which was met twice, and the parts that they are of.
    fresh: Halves,
    fresh_parts: Vec<usize>,
    /// Stored keys with their places, once one was met twice.
    stored: SeenKeys,
    twice: bool,
    /// Parts in strict order whose keys are not stored, with their first and last key.
    ranges: Vec<(usize, Vec<u8>, Vec<u8>)>,
    part: usize,
    /// First and last key of the current part, while in strict order.
    span: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether the current part is out of order, so that its keys are stored.
    storing: bool,
    /// Whether the keys of every part are stored.
    all: bool,
    /// The first and the last of them, where all are.
    reach: Option<(Vec<u8>, Vec<u8>)>,
    /// The next key that may lie in a range of another part; `None`: not known.
    clear_until: Option<Option<Vec<u8>>>,
}

impl KeyLedger {
    /// A ledger for parts of these drops.
    pub fn new(drops: Vec<String>) -> Self {
        Self {
            drops,
            fresh: Halves::default(),
            fresh_parts: Vec::new(),
            stored: SeenKeys::default(),
            twice: false,
            ranges: Vec::new(),
            part: 0,
            span: None,
            storing: false,
            all: false,
            reach: None,
            clear_until: None,
        }
    }

    /// Takes room for the keys of about so many rows, should they have to be stored.
    pub fn expect(&mut self, rows: usize) {
        self.fresh.expect(rows);
    }

    /// Turns to the next part; newer drops come first.
    pub fn begin(&mut self, part: usize) {
        self.close();
        self.part = part;
        self.storing = self.all;
        if self.all {
            self.fresh_parts.push(part);
        }
        self.clear_until = None;
    }

    fn close(&mut self) {
        if let Some((first, last)) = self.span.take()
            && !self.storing
        {
            self.ranges.push((self.part, first, last));
        }
    }

    /// Stores every key from now on, so that it can be held against hashes of others.
    pub fn store_all(&mut self) {
        self.all = true;
    }

    /// Whether these keys are certain to differ from all that were noted.
    pub fn is_apart(&self, known: &KnownKeys) -> bool {
        let own = self.ranges.iter().map(|(_, first, last)| (first, last));
        let span = self.span.as_ref().filter(|_| !self.storing).map(|(first, last)| (first, last));
        let mut own = own.chain(span);
        let apart =
            |(first, last): (&Vec<u8>, &Vec<u8>)| known.ranges.iter().all(|(from, to)| last < from || to < first);
        // The hash of a key does not tell whether it lies in a range.
        let stored = match &self.reach {
            Some((first, last)) => apart((first, last)),
            None => self.count() == 0 || known.ranges.is_empty(),
        };
        stored
            && (known.hashes.is_empty() || own.clone().next().is_none())
            && own.all(apart)
            && self.halves().all(|half| known.hashes.binary_search(&half).is_err())
    }

    /// The keys noted; `None` if they are too many.
    pub fn into_keys(mut self) -> Option<KnownKeys> {
        self.close();
        if self.count() > MOST_HASHES {
            return None;
        }
        let mut hashes: Vec<u64> = self.halves().collect();
        let mut ranges = Vec::new();
        let by_hash = !hashes.is_empty();
        for (_, first, last) in self.ranges {
            if by_hash && first == last { hashes.push(KeyHash::of(&first).half()) } else { ranges.push((first, last)) }
        }
        hashes.par_sort_unstable();
        Some(KnownKeys { ranges, hashes })
    }

    /// Number of keys stored.
    pub(super) fn count(&self) -> usize {
        self.fresh.len() + self.stored.len()
    }

    /// Whether there may be any.
    fn stores(&self) -> bool {
        self.twice || !self.fresh_parts.is_empty()
    }

    /// Halves of the hashes of all keys stored, in no order.
    fn halves(&self) -> impl Iterator<Item = u64> {
        self.fresh.all().chain(self.stored.halves())
    }

    /// Notes a row of the current part and says whether its key was seen before.
    pub fn note(&mut self, row: Keyed<'_>, reread: Reread<'_>) -> Seen {
        if !self.storing {
            if self.span.as_ref().is_none_or(|(_, last)| row.key > last.as_slice()) {
                if self.clear_until.as_ref().is_none_or(|u| u.as_ref().is_some_and(|u| row.key >= u.as_slice())) {
                    self.store_ranges_around(row.key, reread);
                    let next = self.ranges.iter().map(|(_, first, _)| first).filter(|f| f.as_slice() > row.key).min();
                    self.clear_until = Some(next.cloned());
                }
                match &mut self.span {
                    Some((_, last)) => {
                        last.clear();
                        last.extend_from_slice(row.key);
                    }
                    None => self.span = Some((row.key.to_vec(), row.key.to_vec())),
                }
                if !self.stores() {
                    return Seen::New;
                }
                let key = KeyHash::of(row.key);
                if self.fresh.has(key) {
                    self.tell_places(reread);
                }
                return self.stored.get(key).map_or(Seen::New, |s| self.compare(s, row));
            }
            self.begin_storing(reread);
        }
        if self.all {
            self.widen(row.key);
        }
        self.store_ranges_around(row.key, reread);
        let (part, key) = (self.part, KeyHash::of(row.key));
        if !self.twice {
            if self.fresh.add(key) {
                return Seen::New;
            }
            self.tell_places(reread);
        }
        match self.stored.note(key, || place(row, part)) {
            Some(before) => self.compare(before, row),
            None => Seen::New,
        }
    }

    /// From now on stores the keys of the current part, those before included.
    fn begin_storing(&mut self, reread: Reread<'_>) {
        self.storing = true;
        self.fresh_parts.push(self.part);
        if self.span.is_some() {
            self.store(self.part, reread);
        }
    }

    /// Notes many rows of the current part at once, if that none of their keys was seen can be told by hashes alone;
    /// `false` if they must be noted one by one.
    pub fn note_new(&mut self, keys: &HashedKeys, reread: Reread<'_>) -> bool {
        if self.twice || !self.ranges.is_empty() {
            return false;
        }
        if !self.storing {
            self.begin_storing(reread);
        }
        if self.twice || !self.fresh.add_all(&keys.hashes) {
            return false;
        }
        if self.all {
            self.widen(&keys.least);
            self.widen(&keys.most);
        }
        true
    }

    /// Stores the places of all stored keys, by reading their files again.
    fn tell_places(&mut self, reread: Reread<'_>) {
        self.twice = true;
        self.fresh = Halves::default();
        for part in std::mem::take(&mut self.fresh_parts) {
            self.store(part, reread);
        }
    }

    fn widen(&mut self, key: &[u8]) {
        let (first, last) = self.reach.get_or_insert_with(|| (key.to_vec(), key.to_vec()));
        for end in
            [(key < first.as_slice()).then_some(first), (key > last.as_slice()).then_some(last)].into_iter().flatten()
        {
            end.clear();
            end.extend_from_slice(key);
        }
    }

    /// Notes many rows of the current part at once, whose keys rise from the first to the last; `false` if
    /// some may have been seen, so that they must be noted one by one.
    pub fn note_rising(&mut self, first: &[u8], last: &[u8]) -> bool {
        let apart = |(_, from, to): &(usize, Vec<u8>, Vec<u8>)| last < from.as_slice() || to.as_slice() < first;
        let rises = self.span.as_ref().is_none_or(|(_, before)| before.as_slice() < first);
        if self.storing || self.stores() || !rises || !self.ranges.iter().all(apart) {
            return false;
        }
        match &mut self.span {
            Some((_, known)) => *known = last.to_vec(),
            None => self.span = Some((first.to_vec(), last.to_vec())),
        }
        self.clear_until = None;
        true
    }

    fn compare(&self, stored: Place, row: Keyed<'_>) -> Seen {
        let part = stored.part as usize;
        if self.drops.get(part) == self.drops.get(self.part) {
            Seen::Same { part, line: u64::from(stored.line), identical: stored.row == halved((row.row)()) }
        } else {
            Seen::Newer
        }
    }

    /// Stores the keys of every part whose range the key falls into.
    fn store_ranges_around(&mut self, key: &[u8], reread: Reread<'_>) {
        let around = |(_, first, last): &(usize, Vec<u8>, Vec<u8>)| first.as_slice() <= key && key <= last.as_slice();
        while let Some(index) = self.ranges.iter().position(around) {
            let (part, _, _) = self.ranges.swap_remove(index);
            self.fresh_parts.push(part);
            self.store(part, reread);
        }
    }

    fn store(&mut self, part: usize, reread: Reread<'_>) {
        if !self.twice {
            let (fresh, mut met) = (&mut self.fresh, false);
            reread(part, &mut |row| met |= !fresh.add(KeyHash::of(row.key)));
            if met {
                self.tell_places(reread);
            }
            return;
        }
        let stored = &mut self.stored;
        reread(part, &mut |row| {
            // A key stored before is of a newer drop and stays.
            stored.note(KeyHash::of(row.key), || place(row, part));
        });
    }
}

/// The keys of many rows, by their hashes.
#[derive(Debug, Default)]
pub struct HashedKeys {
    pub(super) hashes: Vec<KeyHash>,
    /// The least and the greatest of them.
    pub(super) least: Vec<u8>,
    pub(super) most: Vec<u8>,
}

impl HashedKeys {
    /// Adds the key of a row.
    pub fn add(&mut self, key: &[u8]) {
        if self.hashes.is_empty() {
            self.least = key.to_vec();
            self.most = key.to_vec();
        } else if key < self.least.as_slice() {
            self.least.clear();
            self.least.extend_from_slice(key);
        } else if key > self.most.as_slice() {
            self.most.clear();
            self.most.extend_from_slice(key);
        }
        self.hashes.push(KeyHash::of(key));
    }
}

/// Hash of all cells of a row. It only tells rows of one key apart, so it may be a quick one.
pub fn hash_row<'a>(cells: impl Iterator<Item = &'a str>) -> u64 {
    let mut hasher = FxHasher::default();
    for cell in cells {
        cell.hash(&mut hasher);
    }
    hasher.finish()
}

/// Appends a text to a key. Shorter texts sort first, so that `m9`, `m10` is in order.
pub fn push_text(key: &mut Vec<u8>, text: &str) {
    push_bytes(key, text.as_bytes());
}

/// As [`push_text`], the bytes of a text.
pub fn push_bytes(key: &mut Vec<u8>, text: &[u8]) {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    key.extend_from_slice(&length.to_be_bytes());
    key.extend_from_slice(text);
}

/// Appends a number to a key, in the order of its value.
pub fn push_number(key: &mut Vec<u8>, number: i64) {
    key.extend_from_slice(&(number.cast_unsigned() ^ (1 << 63)).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Runs rows `(key, cells)` of parts, newest first, and returns the answers and the keys stored. Pieces of so many
    /// rows are first offered whole, as far as that is asked for.
    fn run_pieces(parts: &[(&str, Vec<(u8, u64)>)], piece: Option<usize>) -> (Vec<Vec<Seen>>, usize) {
        let mut ledger = KeyLedger::new(parts.iter().map(|(drop, _)| (*drop).to_owned()).collect());
        let mut answers = vec![Vec::new(); parts.len()];
        for (index, (_, rows)) in parts.iter().enumerate() {
            ledger.begin(index);
            let reread = |before: usize| {
                move |part: usize, hand_on: &mut dyn FnMut(Keyed<'_>)| {
                    let until = if part == index { before } else { usize::MAX };
                    for (line, (key, cells)) in parts[part].1.iter().enumerate().take(until) {
                        hand_on(Keyed { key: &[*key], row: &|| *cells, line: line as u64 });
                    }
                }
            };
            let mut begin = 0;
            for piece in rows.chunks(piece.unwrap_or(1)) {
                let whole = piece.len() > 1 && {
                    let mut hashed = HashedKeys::default();
                    piece.iter().for_each(|(key, _)| hashed.add(&[*key]));
                    let rises = piece.is_sorted_by(|a, b| a.0 < b.0);
                    rises && ledger.note_rising(&hashed.least, &hashed.most)
                        || ledger.note_new(&hashed, &mut reread(begin))
                };
                for (at, (key, cells)) in (begin..).zip(piece) {
                    answers[index].push(match whole {
                        true => Seen::New,
                        false => {
                            let row = Keyed { key: &[*key], row: &|| *cells, line: at as u64 };
                            ledger.note(row, &mut reread(at))
                        }
                    });
                }
                begin += piece.len();
            }
        }
        let stored = ledger.count();
        (answers, stored)
    }

    fn run(parts: &[(&str, Vec<(u8, u64)>)]) -> (Vec<Vec<Seen>>, usize) {
        run_pieces(parts, None)
    }

    #[test]
    fn ordered_disjoint_files_store_nothing() {
        let (answers, stored) = run(&[("b", vec![(5, 0), (6, 0), (9, 0)]), ("a", vec![(1, 0), (2, 0), (10, 0)])]);
        assert_eq!(stored, 0);
        assert!(answers.iter().flatten().all(|s| *s == Seen::New));
    }

    #[test]
    fn a_newer_drop_hides_the_key_and_the_same_drop_is_compared() {
        let (answers, _) = run(&[("b", vec![(5, 0), (3, 0), (5, 0), (3, 1)]), ("a", vec![(3, 7), (4, 0)])]);
        assert_eq!(
            answers,
            [
                vec![
                    Seen::New,
                    Seen::New,
                    Seen::Same { part: 0, line: 0, identical: true },
                    Seen::Same { part: 0, line: 1, identical: false },
                ],
                vec![Seen::Newer, Seen::New],
            ]
        );
    }

    #[test]
    fn keys_sort_by_number_and_length() {
        let key = |text: &str| {
            let mut key = Vec::new();
            push_text(&mut key, text);
            key
        };
        assert!(key("m9") < key("m10"));
        let number = |n: i64| {
            let mut key = Vec::new();
            push_number(&mut key, n);
            key
        };
        assert!(number(-5) < number(0) && number(0) < number(i64::MAX));
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_plain_map(
            parts in proptest::collection::vec((0u8..3, proptest::collection::vec((0u8..40, 0u64..2), 0..8)), 1..5),
            piece in proptest::option::of(1usize..5),
        ) {
            let names = ["a", "b", "c"];
            let mut parts: Vec<(&str, Vec<(u8, u64)>)> = parts.into_iter().map(|(d, rows)| (names[usize::from(d)], rows)).collect();
            parts.sort_by(|a, b| b.0.cmp(a.0));
            let (answers, _) = run_pieces(&parts, piece);
            let mut known: BTreeMap<u8, (usize, u64, u64)> = BTreeMap::new();
            for (index, (drop, rows)) in parts.iter().enumerate() {
                for (at, (key, cells)) in rows.iter().enumerate() {
                    let expected = match known.get(key) {
                        None => {
                            known.insert(*key, (index, at as u64, *cells));
                            Seen::New
                        }
                        Some((part, line, other)) if parts[*part].0 == *drop => {
                            Seen::Same { part: *part, line: *line, identical: other == cells }
                        }
                        Some(_) => Seen::Newer,
                    };
                    prop_assert_eq!(answers[index][at], expected);
                }
            }
        }
    }
}
