//! Rows that are shown together: what is asked of memory for many rows at once comes sooner than for each in turn.

use super::judge::NEVER;
use super::parse::Parsed;
use super::plan::{Place, Plan};
use super::row::{Row, Verdict};
use crate::calendar::Instant;

/// Is shown the rows of a table, some at a time.
pub trait Visitor {
    /// Takes rows, and says in their order what it made of those that do not simply count.
    fn visit(&mut self, rows: &Block<'_>, verdicts: &mut Verdicts);
}

/// What a visitor made of the rows of a block: they count, but for those of which something else is said.
#[derive(Debug, Default)]
pub struct Verdicts {
    others: Vec<(u32, Verdict)>,
}

impl Verdicts {
    /// Says what was made of the row of a place in the block; rows that come later are said later.
    #[inline]
    pub fn say(&mut self, at: u32, verdict: Verdict) {
        if verdict != Verdict::Keep {
            self.others.push((at, verdict));
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.others.clear();
    }

    /// The places of rows that do not simply count, ascending.
    pub(super) fn others(&self) -> &[(u32, Verdict)] {
        &self.others
    }
}

/// Rows that are shown at once.
pub struct Block<'r> {
    pub(super) parsed: &'r Parsed,
    pub(super) plan: &'r Plan,
    /// Lines before the parsed.
    pub(super) before: u64,
    pub(super) part: usize,
    /// Their places among the parsed, ascending.
    pub(super) rows: &'r [u32],
}

impl<'r> Block<'r> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row of a place in the block.
    #[must_use]
    #[inline]
    pub fn row(&self, at: usize) -> Option<Row<'r>> {
        self.rows.get(at).map(|at| self.row_at(*at))
    }

    /// All rows in their order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'r>> {
        self.rows.iter().map(|at| self.row_at(*at))
    }

    #[inline]
    fn row_at(&self, at: u32) -> Row<'r> {
        let Self { parsed, plan, before, part, .. } = *self;
        Row { parsed, plan, before, part, at: at as usize }
    }

    /// The times of a slot, [`Instant::MIN`] for none, in place of what was there.
    pub fn times(&self, slot: usize, into: &mut Vec<Instant>) {
        into.clear();
        let Some(Place::Time(column)) = self.plan.places.get(slot) else {
            into.resize(self.len(), NEVER);
            return;
        };
        let times = self.parsed.cells.times(*column);
        let span = self.rows.first().zip(self.rows.last()).map(|(first, last)| *first as usize..*last as usize + 1);
        match span.filter(|span| span.len() == self.len()).and_then(|span| times.get(span)) {
            Some(run) => into.extend_from_slice(run),
            None => into.extend(self.rows.iter().map(|at| times.get(*at as usize).copied().unwrap_or(NEVER))),
        }
    }

    /// The texts of a slot.
    #[must_use]
    pub fn texts(&self, slot: usize) -> Texts<'_, 'r> {
        Texts { block: self, slot, field: self.plan.bare_field(slot) }
    }
}

/// The texts of one slot of the rows of a block.
#[derive(Clone, Copy)]
pub struct Texts<'b, 'r> {
    block: &'b Block<'r>,
    slot: usize,
    /// The field that they are as it stands.
    field: Option<usize>,
}

impl<'r> Texts<'_, 'r> {
    /// The bytes of the text of a place, trimmed and with the workspace's replacements; `None` if it is empty.
    #[must_use]
    #[inline]
    pub fn bytes(&self, at: usize) -> Option<&'r [u8]> {
        self.of(*self.block.rows.get(at)?)
    }

    /// The bytes of all, in the order of the rows.
    pub fn all(&self) -> impl Iterator<Item = Option<&'r [u8]>> + Clone {
        self.block.rows.iter().map(|row| self.of(*row))
    }

    #[inline(always)]
    fn of(&self, row: u32) -> Option<&'r [u8]> {
        match self.field {
            Some(field) => Some(self.block.parsed.fields.bytes(row as usize, field)).filter(|bytes| !bytes.is_empty()),
            None => self.block.row_at(row).text(self.slot).map(str::as_bytes),
        }
    }
}
