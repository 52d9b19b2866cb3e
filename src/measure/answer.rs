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

/// A row that waits, with the measures it may match.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) message: Option<u128>,
    pub refers: Refers,
    /// As far as an expression that waits asks for them.
    pub cells: Vec<Stored>,
    /// Position of the measure and the time that places the row.
    pub measures: Vec<(usize, Instant)>,
}

/// The replies seen so far, and the rows that wait for them.
#[derive(Debug)]
pub(super) struct Answers {
    id: Option<usize>,
    reply: Option<usize>,
    time: Option<usize>,
    /// The columns that an expression which waits asks for.
    columns: BTreeSet<usize>,
    pub(super) replies: Replies,
    pub(super) kept: Vec<Kept>,
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
        self.kept.extend(other.kept);
    }

    /// Keeps a row until the end.
    pub fn keep(&mut self, row: &Row<'_>, refers: Refers, measures: Vec<(usize, Instant)>) {
        let message = self.id.and_then(|s| row.text(s)).map(key_of);
        let cell = |slot| if self.columns.contains(&slot) { stored(row, slot) } else { Stored::Null };
        let cells = (0..self.width()).map(cell).collect();
        self.kept.push(Kept { message, refers, cells, measures });
    }

    /// How many cells of a row are kept, from the first.
    pub(super) fn width(&self) -> usize {
        self.columns.last().map_or(0, |last| last + 1)
    }

    /// The rows that waited.
    pub fn rows(&self) -> &[Kept] {
        &self.kept
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
