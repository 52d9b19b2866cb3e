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
    /// The earliest replies to a message from two different members, earliest first.
    pub(super) replies: FxHashMap<u128, [Option<Answer>; 2]>,
    pub(super) kept: Vec<Kept>,
}

impl Answers {
    /// None yet; of rows that wait, these columns are kept.
    pub fn new(layout: &Layout, columns: BTreeSet<usize>) -> Self {
        Self {
            id: layout.slot("message_id"),
            reply: layout.slot("reply_to"),
            time: layout.slot("sent_at"),
            columns: columns.into_iter().filter(|slot| *slot < layout.len()).collect(),
            replies: FxHashMap::default(),
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
        let first = self.replies.entry(message).or_default();
        *first = match *first {
            [None, _] => [Some(new), None],
            [Some(a), second] if earlier(&new, &a) => {
                // One member's later reply is never needed.
                [Some(new), if a.member == new.member { second } else { Some(a) }]
            }
            [Some(a), second] if a.member != new.member && second.is_none_or(|b| earlier(&new, &b)) => {
                [Some(a), Some(new)]
            }
            unchanged => unchanged,
        };
    }

    /// Adds what another thread has seen.
    pub fn merge(&mut self, other: Self) {
        other.replies.into_iter().for_each(|(message, answers)| {
            answers.into_iter().flatten().for_each(|answer| self.note_answer(message, answer));
        });
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
        let replies = self.replies.get(&kept.message?)?;
        replies.iter().flatten().find(|a| a.member.is_none() || a.member != kept.refers.member).copied()
    }
}

/// Order by time, then by member, so that the order of rows does not matter.
fn earlier(a: &Answer, b: &Answer) -> bool {
    (a.at, a.member) < (b.at, b.member)
}
