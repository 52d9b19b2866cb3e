//! The records of a piece of a file side by side, with every field's place in their text.

use super::record::Flaw;
use super::row::Record;

/// Records and their fields.
#[derive(Debug, Default)]
pub struct Fields {
    pub(super) text: String,
    /// Byte ranges of the fields of all records, one record's after another's.
    pub(super) ranges: Vec<(u32, u32)>,
    pub(super) records: Vec<Bounds>,
    /// The number of fields of every record, where all have as many and none lacks its ranges; else 0.
    pub(super) width: usize,
}

/// Where a record lies, and what it is like.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Its first byte.
    pub start: u32,
    /// The end of its last field.
    pub end: u32,
    /// Where the ranges of its fields begin.
    pub fields: u32,
    /// Lines before it.
    pub line: u32,
    /// Number of its fields, which may exceed the kept ones.
    pub count: u32,
    /// Its flaw, if it has one.
    pub flaw: Option<Flaw>,
}

/// A number below the size of a piece, which four bytes hold.
#[allow(clippy::cast_possible_truncation, reason = "pieces are cut far below that")]
#[inline]
pub(super) fn short(number: usize) -> u32 {
    number as u32
}

impl Fields {
    /// Forgets the records, not their room.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ranges.clear();
        self.records.clear();
        self.width = 0;
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// The byte range of a field of a record that has as many as it should.
    #[inline(always)]
    fn range(&self, at: usize, index: usize) -> Option<(u32, u32)> {
        let first = if self.width > 0 { at * self.width } else { self.records.get(at)?.fields as usize };
        self.ranges.get(first + index).copied()
    }

    /// Such a field, without surrounding white space.
    #[inline]
    pub fn field(&self, at: usize, index: usize) -> &str {
        let Some((from, to)) = self.range(at, index) else { return "" };
        trimmed(self.text.get(from as usize..to as usize).unwrap_or_default())
    }

    /// The bytes of such a field.
    #[inline(always)]
    pub fn bytes(&self, at: usize, index: usize) -> &[u8] {
        let Some((from, to)) = self.range(at, index) else { return &[] };
        let bytes = self.text.as_bytes().get(from as usize..to as usize).unwrap_or_default();
        if is_bare(bytes) { bytes } else { self.field(at, index).as_bytes() }
    }

    /// Whether a field surely holds more than white space; a look at its first byte tells of nearly all.
    #[inline]
    pub fn is_filled(&self, at: usize, index: usize) -> bool {
        self.range(at, index)
            .is_some_and(|(from, to)| from < to && matches!(self.text.as_bytes().get(from as usize), Some(b'!'..=b'~')))
    }

    /// A record; `before` is the number of lines before the first.
    pub fn record(&self, at: usize, before: u64) -> Option<Record<'_>> {
        let Bounds { start, end, fields, line, .. } = *self.records.get(at)?;
        let after = self.records.get(at + 1).map_or(self.ranges.len(), |next| next.fields as usize);
        Some(Record {
            whole: &self.text,
            start: start as usize,
            end: end as usize,
            fields: self.ranges.get(fields as usize..after)?,
            line: before + u64::from(line) + 1,
        })
    }
}

/// A text without surrounding white space.
#[inline]
pub(super) fn trimmed(text: &str) -> &str {
    if is_bare(text.as_bytes()) { text } else { text.trim() }
}

/// Whether a text surely has no white space around it, as nearly all cells, which begin and end with a visible ASCII
/// character.
#[inline]
fn is_bare(bytes: &[u8]) -> bool {
    matches!(bytes, [] | [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'])
}
