//! Splits text into records and fields (RFC 4180), with exact lines and bounded memory.
//!
//! The `csv` crate reads a quote that never closes as one field of the rest of the file, and
//! copies every field. Here a field is a range of the buffer, the line of every record and quote
//! is known, and a field or record beyond the limit is an error. On well-formed input the two
//! agree, which a test holds.

use super::decode::{DecodeError, Text, escaped};
use super::fields::{self, Fields, short};
use super::read_error::ReadError;
use super::row::Record;
use super::stops::{BLOCK, FIRST_HIGH, Stops, next_stop};

/// What is wrong with a record that could be told from its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Text after a closing quote.
    StrayQuote,
    /// A NUL byte.
    NulByte,
}

/// The records of a text, read one by one.
pub struct Records {
    /// Where more comes from; `None` when all is in the buffer.
    text: Option<Text>,
    encoding: &'static str,
    delimiter: u8,
    /// The bytes at which an unquoted field may end or is flawed.
    stops: [bool; 256],
    /// Whether all of them come before the letters and digits.
    low: bool,
    max_field: usize,
    /// Fields of a record that are kept; further ones are only counted.
    max_fields: usize,
    buffer: Vec<u8>,
    /// Start of what is not yet read in `buffer`.
    start: usize,
    ended: bool,
    /// Line at `start`.
    line: u64,
    fields: Vec<(u32, u32)>,
}

/// A record as found in the buffer.
struct Found {
    /// End of its last field.
    end: usize,
    /// Start of the next record.
    next: usize,
    /// Line breaks up to `next`.
    breaks: u64,
    /// Number of fields, also of those not kept.
    count: usize,
    flaw: Option<Flaw>,
    /// Whether a field holds doubled quotes.
    doubled: bool,
}

/// Where a record lies in the buffer, and what it is like.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// Its first byte.
    start: usize,
    /// The end of its last field.
    end: usize,
    /// The line on which it starts.
    line: u64,
    /// Number of its fields, which may exceed the kept ones.
    count: usize,
    flaw: Option<Flaw>,
    doubled: bool,
}

/// A record and what is wrong with it.
pub struct Split<'r> {
    /// The record.
    pub record: Record<'r>,
    /// Number of its fields, which may exceed the kept ones.
    pub count: usize,
    /// Its flaw, if it has one.
    pub flaw: Option<Flaw>,
}

impl Records {
    /// Reads records from a text.
    pub fn new(text: Text, delimiter: u8, max_field: usize) -> Self {
        Self { ended: false, ..Self::over(Vec::new(), text.encoding(), delimiter, max_field) }.followed_by(text)
    }

    /// Reads the records of text that is all there.
    pub fn over(buffer: Vec<u8>, encoding: &'static str, delimiter: u8, max_field: usize) -> Self {
        let mut stops = [false; 256];
        for byte in [delimiter, b'\n', b'\r', 0] {
            stops[usize::from(byte)] = true;
        }
        Self {
            text: None,
            encoding,
            delimiter,
            low: delimiter < FIRST_HIGH,
            stops,
            max_field,
            max_fields: 4096,
            buffer,
            start: 0,
            ended: true,
            line: 1,
            fields: Vec::new(),
        }
    }

    /// The same records, and then those of a text.
    pub fn followed_by(self, text: Text) -> Self {
        Self { text: Some(text), ended: false, ..self }
    }

    /// The same records, the first of them after so many lines.
    pub fn after(self, lines: u64) -> Self {
        Self { line: lines + 1, ..self }
    }

    /// Line breaks passed so far.
    pub fn breaks(&self) -> u64 {
        self.line - 1
    }

    /// The same bytes as the beginning of more, so that a record they cut off is none.
    pub fn unfinished_text(self) -> Self {
        Self { ended: false, ..self }
    }

    /// Passes over every whole record in the buffer and says where the last one ends.
    pub fn skip_all(&mut self) -> usize {
        loop {
            self.skip_blank_lines();
            if self.start >= self.buffer.len() {
                return self.start;
            }
            // A record that cannot be read is told when it is read.
            let Ok(Some(found)) = self.find() else { return self.start };
            self.start = found.next;
            self.line += found.breaks;
        }
    }

    /// All bytes, those passed included.
    pub fn into_bytes(self) -> Vec<u8> {
        self.buffer
    }

    /// From now on keeps no more fields of a record than a header of this width can name.
    pub fn expect_width(&mut self, width: usize) {
        self.max_fields = width.saturating_add(1);
    }

    /// The next record; `None` at the end. Blank lines are no records.
    ///
    /// # Errors
    /// When the file cannot be read on; there is no use in calling again.
    pub fn next(&mut self) -> Result<Option<Split<'_>>, ReadError> {
        let Some(Bounds { start, end, line, count, flaw, doubled }) = self.advance()? else { return Ok(None) };
        if doubled {
            self.check(start, end, line)?;
            self.undouble(start);
        }
        self.check(start, end, line).map(|text| {
            let record = Record { whole: text, start: 0, end: text.len(), fields: &self.fields, line };
            Some(Split { record, count, flaw })
        })
    }

    fn undouble(&mut self, start: usize) {
        for field in &mut self.fields {
            undouble(&mut self.buffer, start, field);
        }
    }

    /// Finds all records of a text that is all there and notes where each lies, counting lines from the first
    /// record. Whether the bytes are UTF-8 is left open; the text itself is not noted.
    ///
    /// # Errors
    /// When the rest cannot be read.
    pub fn all(&mut self, into: &mut Fields) -> Result<(), ReadError> {
        let before = self.line;
        loop {
            self.plain(before, into);
            let Some(bounds) = self.advance()? else { return Ok(()) };
            let Bounds { start, end, line, count, flaw, doubled } = bounds;
            // Only bytes that are UTF-8 are changed; others end the file.
            if doubled && self.check(start, end, line).is_ok() {
                self.undouble(start);
            }
            let first = short(into.ranges.len());
            let offset = short(start);
            into.ranges.extend(self.fields.iter().map(|(from, to)| (from + offset, to + offset)));
            into.records.push(fields::Bounds {
                start: offset,
                end: short(end),
                fields: first,
                line: u32::try_from(line - before).unwrap_or(u32::MAX),
                count: short(count),
                flaw,
            });
        }
    }

    /// Finds records as long as they are plain: without quotes, NULs, lone carriage returns, fields beyond those that
    /// are kept, or anything beyond a limit.
    fn plain(&mut self, before: u64, into: &mut Fields) {
        let Self { buffer, delimiter, max_fields, max_field, start, line, .. } = self;
        let (bytes, delimiter) = (buffer.as_slice(), *delimiter);
        let Fields { ranges, records, .. } = into;
        // Where the record and the field at hand begin, and the record's fields; a piece is short.
        let (mut record, mut field) = (short(*start), short(*start));
        let mut first = ranges.len();
        let mut block = *start;
        'blocks: while block < bytes.len() {
            let Stops { ends, breaks, odd } = Stops::of(bytes, block, delimiter);
            // Only what comes before anything odd.
            let mut ends = ends & (odd & odd.wrapping_neg()).wrapping_sub(1);
            while ends != 0 {
                let bit = ends & ends.wrapping_neg();
                let stop = short(block) + bit.trailing_zeros();
                ends ^= bit;
                if breaks & bit == 0 {
                    ranges.push((field, stop));
                    field = stop + 1;
                    continue;
                }
                let returns = stop > field && bytes.get(stop as usize - 1) == Some(&b'\r');
                let end = stop - u32::from(returns);
                if end > record {
                    ranges.push((field, end));
                    let count = ranges.len() - first;
                    if (end - record) as usize > *max_field || count > *max_fields {
                        break 'blocks;
                    }
                    records.push(fields::Bounds {
                        start: record,
                        end,
                        fields: short(first),
                        line: u32::try_from(*line - before).unwrap_or(u32::MAX),
                        count: short(count),
                        flaw: None,
                    });
                    first = ranges.len();
                }
                *line += 1;
                (*start, record, field) = (stop as usize + 1, stop + 1, stop + 1);
            }
            if odd != 0 {
                break;
            }
            block += BLOCK;
        }
        ranges.truncate(first);
    }

    /// The bytes of a text that is all there, those up to `end`, checked; the error tells the first that are not UTF-8.
    pub fn into_text(self, end: usize) -> Result<String, std::string::FromUtf8Error> {
        let mut bytes = self.buffer;
        bytes.truncate(end);
        String::from_utf8(bytes)
    }

    /// What is wrong with bytes, at a line.
    pub fn malformed(encoding: &'static str, line: u64, bytes: &[u8]) -> ReadError {
        ReadError::Decode(DecodeError::Malformed { encoding, line, bytes: escaped(bytes) })
    }

    /// The encoding's name.
    pub fn encoding(&self) -> &'static str {
        self.encoding
    }

    /// Passes over the next record and says where it lies.
    fn advance(&mut self) -> Result<Option<Bounds>, ReadError> {
        let found = loop {
            self.skip_blank_lines();
            if self.start < self.buffer.len()
                && let Some(found) = self.find()?
            {
                break found;
            }
            if self.ended {
                return Ok(None);
            }
            self.refill()?;
        };
        let Found { end, next, breaks, count, flaw, doubled } = found;
        let bounds = Bounds { start: self.start, end, line: self.line, count, flaw, doubled };
        self.start = next;
        self.line += breaks;
        Ok(Some(bounds))
    }

    fn check(&self, start: usize, end: usize, line: u64) -> Result<&str, ReadError> {
        let bytes = self.buffer.get(start..end).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|error| {
            let (good, bad) = bytes.split_at(error.valid_up_to());
            Self::malformed(self.encoding, line + good.iter().filter(|b| **b == b'\n').count() as u64, bad)
        })
    }

    fn skip_blank_lines(&mut self) {
        while let Some(byte) = self.buffer.get(self.start) {
            match byte {
                b'\n' => self.line += 1,
                // A lone carriage return ends a line too; a following line feed belongs to it.
                b'\r' => match self.buffer.get(self.start + 1) {
                    Some(b'\n') => {}
                    None if !self.ended => return,
                    _ => self.line += 1,
                },
                _ => return,
            }
            self.start += 1;
        }
    }

    fn refill(&mut self) -> Result<(), ReadError> {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.ended = match &mut self.text {
            Some(text) => !text.more(&mut self.buffer).map_err(ReadError::Decode)?,
            None => true,
        };
        Ok(())
    }

    /// Finds the end of the record at `start`; `None` when more text is needed.
    fn find(&mut self) -> Result<Option<Found>, ReadError> {
        let Self { buffer, fields, .. } = self;
        fields.clear();
        let (buffer, start) = (buffer.as_slice(), self.start);
        // Generous, so that the field is blamed where one is to blame.
        let max_record = self.max_field.saturating_mul(self.max_fields.clamp(16, 64)).min(u32::MAX as usize / 2);
        let too_long = |line| ReadError::TooLong { line, limit: self.max_field };
        let mut found = Found { end: start, next: start, breaks: 0, count: 0, flaw: None, doubled: false };
        let mut at = start;
        loop {
            let field = at;
            let (mut from, mut to) = (field, field);
            let mut quoted = buffer.get(at) == Some(&b'"');
            if quoted {
                let opened = found.breaks;
                let mut multiline = false;
                from = at + 1;
                at = from;
                loop {
                    let rest = buffer.get(at..).unwrap_or_default();
                    let Some(length) = rest.iter().position(|b| matches!(b, b'"' | b'\n' | b'\r' | 0)) else {
                        at = buffer.len();
                        break;
                    };
                    at += length;
                    match (buffer.get(at), buffer.get(at + 1)) {
                        (Some(b'"'), Some(b'"')) => {
                            found.doubled = true;
                            at += 1;
                        }
                        (Some(b'"'), None) if !self.ended => {
                            return self.unfinished(at - from, self.line + opened, multiline);
                        }
                        (Some(b'"'), _) => break,
                        (Some(b'\n'), _) => {
                            found.breaks += 1;
                            multiline = true;
                        }
                        (Some(b'\r'), None) if !self.ended => {
                            return self.unfinished(at - from, self.line + opened, multiline);
                        }
                        (Some(b'\r'), next) if next != Some(&b'\n') => {
                            found.breaks += 1;
                            multiline = true;
                        }
                        (Some(0), _) => found.flaw = Some(Flaw::NulByte),
                        _ => {}
                    }
                    at += 1;
                    if at - from > self.max_field {
                        break;
                    }
                }
                to = at;
                if at - from > self.max_field {
                    return Err(if multiline {
                        ReadError::UnclosedQuote { line: self.line + opened }
                    } else {
                        too_long(self.line + opened)
                    });
                }
                if at >= buffer.len() {
                    if self.ended {
                        return Err(ReadError::UnclosedQuote { line: self.line + opened });
                    }
                    return Ok(None);
                }
                at += 1;
                if buffer.get(at).is_some_and(|b| *b != self.delimiter && !matches!(b, b'\r' | b'\n')) {
                    found.flaw = Some(Flaw::StrayQuote);
                    quoted = false;
                    from = field;
                }
            }
            if !quoted {
                loop {
                    at = next_stop(buffer, at, &self.stops, self.low);
                    if buffer.get(at) != Some(&0) {
                        break;
                    }
                    found.flaw = Some(Flaw::NulByte);
                    at += 1;
                }
                to = at;
            }
            if to - from > self.max_field || at - start > max_record {
                return Err(too_long(self.line + found.breaks));
            }
            let ending = buffer.get(at).copied();
            if !self.ended && (ending.is_none() || (ending == Some(b'\r') && at + 1 == buffer.len())) {
                return Ok(None);
            }
            found.count += 1;
            if fields.len() < self.max_fields {
                let relative = |i: usize| u32::try_from(i - start).unwrap_or(u32::MAX);
                fields.push((relative(from), relative(to)));
            }
            found.end = at;
            found.next = at;
            match ending {
                Some(b) if b == self.delimiter => at += 1,
                Some(b'\r') => {
                    found.next += if buffer.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
                    found.breaks += 1;
                    return Ok(Some(found));
                }
                Some(_) => {
                    found.next += 1;
                    found.breaks += 1;
                    return Ok(Some(found));
                }
                None => return Ok(Some(found)),
            }
        }
    }

    /// A quoted field that the buffer cuts off: more text is needed, unless it is too long already.
    fn unfinished(&self, length: usize, line: u64, multiline: bool) -> Result<Option<Found>, ReadError> {
        if length <= self.max_field {
            Ok(None)
        } else if multiline {
            Err(ReadError::UnclosedQuote { line })
        } else {
            Err(ReadError::TooLong { line, limit: self.max_field })
        }
    }
}

/// Makes `""` one quote in a quoted field; what becomes free is filled so that the record stays UTF-8.
fn undouble(buffer: &mut [u8], start: usize, field: &mut (u32, u32)) {
    let (from, to) = (start + field.0 as usize, start + field.1 as usize);
    let quoted = from > start && buffer.get(from - 1) == Some(&b'"');
    let Some(bytes) = buffer.get_mut(from..to).filter(|b| quoted && b.contains(&b'"')) else { return };
    let (mut read, mut write) = (0, 0);
    while let Some(byte) = bytes.get(read).copied() {
        if let Some(slot) = bytes.get_mut(write) {
            *slot = byte;
        }
        write += 1;
        read += if byte == b'"' { 2 } else { 1 };
    }
    if let Some(free) = bytes.get_mut(write..) {
        free.fill(b' ');
    }
    field.1 = field.0 + u32::try_from(write).unwrap_or(u32::MAX);
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
