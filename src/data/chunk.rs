//! Cutting a text between records, so that its pieces may be split into records side by side.
//!
//! A line break ends a record unless it lies within quotes, and whether it does hangs on all quotes
//! before it. Quotes that stand only where a cell begins and ends can be told by looking at quotes
//! alone; where one stands elsewhere, the records of the piece are found one by one, as they are
//! when they are read. Either way the pieces hold the very records of the whole.

use super::decode::{AT_ONCE, Text};
use super::read_error::ReadError;
use super::record::Records;
use memchr::{memchr, memchr_iter, memrchr};

/// The least that is cut off, in bytes.
const PIECE: usize = AT_ONCE;

/// No piece is longer by more than what is read at a time, so that four bytes tell places in it.
const LONGEST: usize = 1 << 30;

#[cfg(not(test))]
fn piece_size() -> usize {
    PIECE
}

#[cfg(test)]
thread_local! {
    static PIECE_HERE: std::cell::Cell<usize> = const { std::cell::Cell::new(PIECE) };
}

#[cfg(test)]
fn piece_size() -> usize {
    PIECE_HERE.get()
}

/// Cuts the texts that this thread reads into pieces of another size.
#[cfg(test)]
pub fn in_pieces_of<T>(size: usize, read: impl FnOnce() -> T) -> T {
    PIECE_HERE.set(size);
    let read = read();
    PIECE_HERE.set(PIECE);
    read
}

/// How records are told apart in a file.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// The byte between cells.
    pub delimiter: u8,
    /// Longest field in bytes.
    pub max_field: usize,
}

impl Piece {
    /// Line breaks passed in it so far.
    pub fn breaks(&self) -> u64 {
        match self {
            Self::Cut(records) | Self::Rest(records) => records.breaks(),
        }
    }
}

/// A text on its way into pieces.
pub struct Pieces {
    text: Option<Text>,
    encoding: &'static str,
    dialect: Dialect,
    piece: usize,
    /// Read, and not yet handed on; begins with a record.
    rest: Vec<u8>,
    /// Room of texts that are done with.
    spare: Vec<Vec<u8>>,
    failed: Option<ReadError>,
}

/// Some whole records.
pub enum Piece {
    /// All there.
    Cut(Records),
    /// The rest of a text in which no record ends within the limits; it is read as it comes.
    Rest(Records),
}

impl Pieces {
    /// Pieces of a text.
    pub fn new(text: Text, dialect: Dialect) -> Self {
        Self::of_size(text, dialect, piece_size())
    }

    /// Pieces of at least so many bytes, the last one aside.
    pub fn of_size(text: Text, dialect: Dialect, piece: usize) -> Self {
        let encoding = text.encoding();
        Self { text: Some(text), encoding, dialect, piece, rest: Vec::new(), spare: Vec::new(), failed: None }
    }

    /// The encoding's name.
    pub fn encoding(&self) -> &'static str {
        self.encoding
    }

    /// Takes back the room of a text that is done with.
    pub fn give_back(&mut self, text: String) {
        let mut room = text.into_bytes();
        room.clear();
        if (1..=4 * AT_ONCE).contains(&room.capacity()) {
            self.spare.push(room);
        }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When the file cannot be read on. All records before that were handed on.
    pub fn next(&mut self) -> Result<Option<Piece>, ReadError> {
        let mut wanted = self.piece;
        loop {
            self.fill(wanted);
            if self.text.is_none() {
                return self.last();
            }
            // What lies a little beyond is cut off with it, or it would be moved again and again.
            let sight = match self.rest.len() {
                much if much > wanted + wanted / 8 => self.rest.get(..wanted).unwrap_or(&self.rest),
                _ => &self.rest,
            };
            let end = match boundary(sight, self.dialect.delimiter) {
                Some(end) => end,
                None => self.whole_records(),
            };
            if end > 0 {
                let mut after = self.spare.pop().unwrap_or_default();
                after.reserve(self.rest.len() - end + AT_ONCE + 1);
                after.extend_from_slice(self.rest.get(end..).unwrap_or_default());
                self.rest.truncate(end);
                let cut = std::mem::replace(&mut self.rest, after);
                return Ok(Some(Piece::Cut(self.records(cut))));
            }
            // A record is longer than a piece; beyond the limit of records its reader tells why.
            if self.rest.len() > self.dialect.max_field.saturating_mul(16).min(LONGEST) {
                let rest = std::mem::take(&mut self.rest);
                let records = self.records(rest);
                return Ok(self.text.take().map(|text| Piece::Rest(records.followed_by(text))));
            }
            wanted = self.rest.len().saturating_add(self.piece);
        }
    }

    /// Reads until so much is there or the text ends.
    fn fill(&mut self, wanted: usize) {
        while self.rest.len() < wanted {
            let Some(text) = &mut self.text else { return };
            match text.more(&mut self.rest) {
                Ok(true) => {}
                Ok(false) => self.text = None,
                Err(error) => {
                    self.text = None;
                    self.failed = Some(ReadError::Decode(error));
                    let whole = self.whole_records();
                    self.rest.truncate(whole);
                }
            }
        }
    }

    fn last(&mut self) -> Result<Option<Piece>, ReadError> {
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            return Ok(Some(Piece::Cut(self.records(rest))));
        }
        self.failed.take().map_or(Ok(None), Err)
    }

    fn records(&self, bytes: Vec<u8>) -> Records {
        Records::over(bytes, self.encoding, self.dialect.delimiter, self.dialect.max_field)
    }

    /// Where the last record ends that surely does, found record by record.
    fn whole_records(&mut self) -> usize {
        let rest = std::mem::take(&mut self.rest);
        let mut records = self.records(rest).unfinished_text();
        let end = records.skip_all();
        self.rest = records.into_bytes();
        end
    }
}

/// The end of the last line that ends outside quotes, where looking at quotes alone can tell.
fn boundary(bytes: &[u8], delimiter: u8) -> Option<usize> {
    let ends = |b: Option<&u8>| b.is_some_and(|b| *b == delimiter || matches!(b, b'\n' | b'\r'));
    let Some(first) = memchr(b'"', bytes) else { return memrchr(b'\n', bytes).map(|at| at + 1) };
    let mut last = None;
    // Start of the stretch outside quotes at hand; `None` within them.
    let mut outside = Some(0);
    let mut skip = None;
    for quote in memchr_iter(b'"', bytes.get(first..)?).map(|at| first + at) {
        if skip == Some(quote) {
            continue;
        }
        match outside {
            Some(start) => {
                if quote > 0 && !ends(bytes.get(quote - 1)) {
                    return None;
                }
                last = memrchr(b'\n', bytes.get(start..quote)?).map(|at| start + at + 1).or(last);
                outside = None;
            }
            None => match bytes.get(quote + 1) {
                Some(b'"') => skip = Some(quote + 1),
                None => return last,
                after if ends(after) => outside = Some(quote + 1),
                Some(_) => return None,
            },
        }
    }
    if let Some(start) = outside {
        last = memrchr(b'\n', bytes.get(start..)?).map(|at| start + at + 1).or(last);
    }
    last
}

#[cfg(test)]
#[path = "chunk_tests.rs"]
mod tests;
