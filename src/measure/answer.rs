//! Questions and their first answers.
//!
//! An answer may come after, in another file or before its question in file order, so questions wait
//! until the table's end. What is kept grows with questions and replies, not with messages.

use super::fold::stored;
use super::hash::key_of;
use super::held::Stored;
use super::row::{Answer, Refers};
use crate::calendar::Instant;
use crate::data::{Cell, Layout, Row};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// A row that waits.
#[derive(Debug)]
pub(super) struct Kept {
    pub message: Option<u128>,
    pub refers: Refers,
    /// The time that places it.
    pub on: Instant,
    /// Number of the measures that it may match.
    pub set: u32,
}

/// The replies seen so far, and the rows that wait for them.
#[derive(Debug)]
pub(super) struct Answers {
    id: Option<usize>,
    reply: Option<usize>,
    time: Option<usize>,
    /// The columns that an expression which waits asks for, ascending.
    columns: Vec<usize>,
    pub(super) replies: Replies,
    kept: Vec<Kept>,
    /// The cells of the rows that wait, those of one after those of another.
    cells: Vec<Stored>,
    /// Measures that rows may match together: there are few such sets, however many rows.
    sets: Vec<Arc<[usize]>>,
    set_numbers: FxHashMap<Arc<[usize]>, u32>,
}

/// The earliest replies to a message from two different members, earliest first.
type Earliest = [Option<Answer>; 2];

/// Shares of the messages, which are taken together side by side.
const SHARDS: usize = 16;

/// The earliest replies to messages.
#[derive(Debug)]
pub(super) struct Replies {
    shards: Vec<FxHashMap<u128, Earliest>>,
}

impl Replies {
    fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| FxHashMap::default()).collect() }
    }

    /// The share of a message: by bits of its key that tell nothing within a share.
    fn shard(message: u128) -> usize {
        (message >> 124) as usize
    }

    fn note(&mut self, message: u128, answer: Answer) {
        if let Some(shard) = self.shards.get_mut(Self::shard(message)) {
            note_in(shard, message, answer);
        }
    }

    fn get(&self, message: u128) -> Option<&Earliest> {
        self.shards.get(Self::shard(message))?.get(&message)
    }

    fn merge(&mut self, other: Self) {
        self.shards.par_iter_mut().zip(other.shards).for_each(|(mine, mut theirs)| {
            if mine.len() < theirs.len() {
                std::mem::swap(mine, &mut theirs);
            }
            theirs.into_iter().for_each(|(message, answers)| {
                answers.into_iter().flatten().for_each(|answer| note_in(mine, message, answer));
            });
        });
    }

    /// By message, in its order.
    pub fn sorted(&self) -> Vec<(u128, Earliest)> {
        let mut all: Vec<_> = self.shards.iter().flatten().map(|(message, earliest)| (*message, *earliest)).collect();
        all.sort_unstable_by_key(|(message, _)| *message);
        all
    }
}

fn note_in(shard: &mut FxHashMap<u128, Earliest>, message: u128, new: Answer) {
    let first = shard.entry(message).or_default();
    *first = match *first {
        [None, _] => [Some(new), None],
        [Some(a), second] if earlier(&new, &a) => {
            // One member's later reply is never needed.
            [Some(new), if a.member == new.member { second } else { Some(a) }]
        }
        [Some(a), second] if a.member != new.member && second.is_none_or(|b| earlier(&new, &b)) => [Some(a), Some(new)],
        unchanged => unchanged,
    };
}

impl Answers {
    /// None yet; of rows that wait, these columns are kept.
    pub fn new(layout: &Layout, columns: BTreeSet<usize>) -> Self {
        Self {
            id: layout.slot("message_id"),
            reply: layout.slot("reply_to"),
            time: layout.slot("sent_at"),
            columns: columns.into_iter().filter(|slot| *slot < layout.len()).collect(),
            replies: Replies::new(),
            kept: Vec::new(),
            cells: Vec::new(),
            sets: Vec::new(),
            set_numbers: FxHashMap::default(),
        }
    }

    /// Remembers a row if it is a reply.
    pub fn note(&mut self, row: &Row<'_>, member: Option<u32>) {
        let Some(target) = self.reply.and_then(|s| row.text(s)) else { return };
        let Some(Cell::Time(at)) = self.time.map(|s| row.cell(s)) else { return };
        self.note_answer(key_of(target), Answer { at, member });
    }

    /// Remembers a reply to a message.
    pub fn note_answer(&mut self, message: u128, new: Answer) {
        self.replies.note(message, new);
    }

    /// Adds what another thread has seen.
    pub fn merge(&mut self, other: Self) {
        self.replies.merge(other.replies);
        let sets: Vec<u32> = other.sets.iter().map(|set| self.set(set)).collect();
        let own = |number: u32| sets.get(number as usize).copied().unwrap_or(u32::MAX);
        self.kept.extend(other.kept.into_iter().map(|kept| Kept { set: own(kept.set), ..kept }));
        self.cells.extend(other.cells);
    }

    /// Keeps a row until the end, for measures that the same time places.
    pub fn keep(&mut self, row: &Row<'_>, refers: Refers, on: Instant, measures: &[usize]) {
        let message = self.id.and_then(|s| row.text(s)).map(key_of);
        let set = self.set(measures);
        self.kept.push(Kept { message, refers, on, set });
        self.cells.extend(self.columns.iter().map(|slot| stored(row, *slot)));
    }

    /// Keeps a row of an earlier run, with the cells of all columns.
    pub(super) fn keep_again(&mut self, kept: Kept, cells: Vec<Stored>) {
        self.kept.push(kept);
        self.cells.extend(cells);
    }

    /// The number of a set of measures.
    pub(super) fn set(&mut self, measures: &[usize]) -> u32 {
        if let Some(known) = self.set_numbers.get(measures) {
            return *known;
        }
        let number = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        let set: Arc<[usize]> = Arc::from(measures);
        self.sets.push(Arc::clone(&set));
        self.set_numbers.insert(set, number);
        number
    }

    /// All sets of measures, by number.
    pub(super) fn sets(&self) -> &[Arc<[usize]>] {
        &self.sets
    }

    /// The columns of which cells are kept.
    pub(super) fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// How many rows wait.
    pub fn waiting(&self) -> usize {
        self.kept.len()
    }

    /// Some of the rows that wait, each with its cells and the measures that it may match.
    pub fn rows(&self, of: Range<usize>) -> impl Iterator<Item = (&Kept, &[Stored], &[usize])> {
        let width = self.columns.len();
        Range::clone(&of).zip(self.kept.get(of).unwrap_or(&[])).map(move |(at, kept)| {
            let cells = self.cells.get(at * width..(at + 1) * width).unwrap_or(&[]);
            (kept, cells, self.sets.get(kept.set as usize).map_or(&[][..], |set| set))
        })
    }

    /// The first reply to a row by somebody else than its author.
    pub fn answer(&self, kept: &Kept) -> Option<Answer> {
        let replies = self.replies.get(kept.message?)?;
        replies.iter().flatten().find(|a| a.member.is_none() || a.member != kept.refers.member).copied()
    }
}

/// Order by time, then by member, so that the order of rows does not matter.
fn earlier(a: &Answer, b: &Answer) -> bool {
    (a.at, a.member) < (b.at, b.member)
}
