//! Opens a file and turns its bytes into UTF-8, never guessing where a guess could change text.
//!
//! UTF-8 passes through untouched; its validity is checked record by record, where the line is
//! known. Other encodings are decoded piece by piece, and the first malformed sequence is an error.

use crate::diagnostic::{Code, Diagnostic};
use crate::fs;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, GBK, UTF_8};
use std::io::Read;
use std::path::Path;

/// How much of the beginning is looked at to detect the encoding.
const HEAD: usize = 1 << 20;
/// How much is read at a time.
const PIECE: usize = 1 << 16;
/// How much is read at a time of what needs no decoding.
pub(super) const AT_ONCE: usize = 2 * PIECE;

/// Why a file could not be read on.
#[derive(Debug)]
pub enum DecodeError {
    /// The system refused, or the compression is broken.
    Io(std::io::Error),
    /// Bytes that the encoding does not have.
    Malformed {
        /// The encoding's name.
        encoding: &'static str,
        /// 1-based line of the bytes.
        line: u64,
        /// The bytes, as `\xB2\xE2`.
        bytes: String,
    },
    /// No encoding can be told with certainty.
    Unknown {
        /// 1-based line of the first byte that is not UTF-8.
        line: u64,
        /// The bytes, as `\xB2\xE2`.
        bytes: String,
        /// An encoding that might be meant.
        guess: &'static str,
    },
}

impl DecodeError {
    /// The message to people for a file of a table.
    pub fn diagnostic(&self, file: &str, table: &str) -> Diagnostic {
        let key = |name: &str| {
            format!("if it is, set `encoding = \"{name}\"` in `[data.{table}]`; otherwise export it again")
        };
        match self {
            Self::Io(error) => {
                Diagnostic::error(Code::Unreadable, format!("cannot read the file: {error}")).at_file(file, "")
            }
            Self::Malformed { encoding, line, bytes } => {
                let other = if *encoding == UTF_8.name() { "gb18030" } else { "utf-8" };
                Diagnostic::error(Code::Encoding, format!("bytes that {encoding} does not have"))
                    .at_cell(file, *line, None, bytes.clone(), "cannot be read")
                    .with_note(format!("the file was read as {encoding}; it may be in another encoding or damaged"))
                    .with_help(format!("if it is in another one, set `encoding = \"{other}\"` in `[data.{table}]`; otherwise export it again"))
            }
            Self::Unknown { line, bytes, guess } => {
                Diagnostic::error(Code::Encoding, "neither UTF-8 nor GB18030, and nothing says what else")
                    .at_cell(file, *line, None, bytes.clone(), "not UTF-8")
                    .with_note(format!("it looks like {guess}"))
                    .with_help(key(&guess.to_ascii_lowercase()))
            }
        }
    }
}

/// A file as a stream of UTF-8.
pub struct Text {
    input: Box<dyn Read + Send>,
    /// Bytes read ahead; those before `used` are spent.
    raw: Vec<u8>,
    used: usize,
    ended: bool,
    encoding: &'static Encoding,
    /// `None` for UTF-8, which is passed through.
    decoder: Option<Decoder>,
    /// Line breaks decoded so far.
    breaks: u64,
}

impl Text {
    /// Opens a file, `.gz` or plain, and settles its encoding.
    ///
    /// # Errors
    /// When it cannot be read or its encoding cannot be told.
    pub fn open(path: &Path, forced: Option<&'static Encoding>) -> Result<Self, DecodeError> {
        Self::open_by(path, forced, |file| Box::new(file))
    }

    /// As [`Text::open`], the bytes of the file passing something on their way.
    pub(super) fn open_by(
        path: &Path,
        forced: Option<&'static Encoding>,
        pass: impl FnOnce(std::fs::File) -> Box<dyn Read + Send>,
    ) -> Result<Self, DecodeError> {
        let file = pass(fs::open(path).map_err(|e| DecodeError::Io(e.source))?);
        let packed = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz"));
        let input: Box<dyn Read + Send> = if packed { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { file };
        Self::new(input, forced)
    }

    /// A stream over any bytes.
    ///
    /// # Errors
    /// See [`Text::open`].
    pub fn new(mut input: Box<dyn Read + Send>, forced: Option<&'static Encoding>) -> Result<Self, DecodeError> {
        let mut raw = Vec::new();
        input.by_ref().take(HEAD as u64).read_to_end(&mut raw).map_err(DecodeError::Io)?;
        let ended = raw.len() < HEAD;
        let (encoding, used) = match (Encoding::for_bom(&raw), forced) {
            (Some((encoding, length)), _) => (encoding, length),
            (None, Some(encoding)) => (encoding, 0),
            (None, None) => (detect(&raw, ended)?, 0),
        };
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        Ok(Self { input, raw, used, ended, encoding, decoder, breaks: 0 })
    }

    /// The encoding's WHATWG name.
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// Appends more text to `out`; `false` when there is none left. What is appended may end
    /// within a character only while more follows.
    ///
    /// # Errors
    /// When the file cannot be read on or holds a malformed sequence.
    pub fn more(&mut self, out: &mut Vec<u8>) -> Result<bool, DecodeError> {
        loop {
            if self.used == self.raw.len() && !self.ended {
                // The big look-ahead is needed once only.
                self.raw.truncate(0);
                self.raw.shrink_to(PIECE);
                self.used = 0;
                if self.decoder.is_none() {
                    out.reserve(AT_ONCE + 1);
                    let read = self.input.by_ref().take(AT_ONCE as u64).read_to_end(out).map_err(DecodeError::Io)?;
                    self.ended = read < AT_ONCE;
                    return Ok(read > 0);
                }
                let read =
                    self.input.by_ref().take(PIECE as u64).read_to_end(&mut self.raw).map_err(DecodeError::Io)?;
                self.ended = read < PIECE;
            }
            let pending = self.raw.get(self.used..).unwrap_or_default();
            let Some(decoder) = &mut self.decoder else {
                out.extend_from_slice(pending);
                self.used = self.raw.len();
                return Ok(!pending.is_empty());
            };
            let last = self.ended;
            if pending.is_empty() && !last {
                continue;
            }
            let start = out.len();
            let piece = pending.get(..PIECE).unwrap_or(pending);
            let last = last && piece.len() == pending.len();
            let room = decoder.max_utf8_buffer_length_without_replacement(piece.len()).unwrap_or(4 * PIECE);
            out.resize(start + room, 0);
            let target = out.get_mut(start..).unwrap_or_default();
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(piece, target, last);
            out.truncate(start + written);
            self.breaks += count_breaks(out.get(start..).unwrap_or_default());
            match result {
                DecoderResult::Malformed(length, after) => {
                    let end = self.used + read - usize::from(after).min(read);
                    let from = end.saturating_sub(usize::from(length));
                    let bytes = escaped(self.raw.get(from..).unwrap_or_default());
                    return Err(DecodeError::Malformed {
                        encoding: self.encoding.name(),
                        line: self.breaks + 1,
                        bytes,
                    });
                }
                DecoderResult::InputEmpty | DecoderResult::OutputFull => self.used += read,
            }
            if last {
                self.decoder = None;
                self.used = self.raw.len();
                return Ok(written > 0);
            }
            if written > 0 {
                return Ok(true);
            }
        }
    }
}

fn count_breaks(text: &[u8]) -> u64 {
    text.iter().filter(|b| **b == b'\n').count() as u64
}

/// The first few bytes as `\xB2\xE2`.
pub fn escaped(bytes: &[u8]) -> String {
    bytes.iter().take(4).map(|b| format!("\\x{b:02X}")).collect()
}

/// The encoding of a file that begins with these bytes and has no mark.
fn detect(head: &[u8], whole: bool) -> Result<&'static Encoding, DecodeError> {
    let nul = head.iter().take(1024).filter(|b| **b == 0).count();
    if nul * 4 > head.len().min(1024) {
        let guess = if head.first() == Some(&0) { "UTF-16BE" } else { "UTF-16LE" };
        return Err(DecodeError::Unknown { line: 1, bytes: escaped(head), guess });
    }
    let error = match std::str::from_utf8(head) {
        Ok(_) => return Ok(UTF_8),
        // A character that the look-ahead cut in two.
        Err(e) if e.error_len().is_none() && !whole => return Ok(UTF_8),
        Err(e) => e,
    };
    let good = head.get(..error.valid_up_to()).unwrap_or_default();
    let bad = head.get(error.valid_up_to()..).unwrap_or_default();
    let line = count_breaks(good) + 1;
    // UTF-8 with a flaw must not be taken for something else: other encodings hardly ever form
    // valid sequences of UTF-8 by chance.
    let (sequences, flaws) = census(head);
    if sequences > 2 * flaws {
        return Err(DecodeError::Malformed { encoding: UTF_8.name(), line, bytes: escaped(bad) });
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, whole);
    let guess = detector.guess(None, Utf8Detection::Deny);
    if guess == GBK || guess == GB18030 {
        return Ok(GB18030);
    }
    Err(DecodeError::Unknown { line, bytes: escaped(bad), guess: guess.name() })
}

/// Number of multi-byte sequences that are valid UTF-8, and of those that are not.
fn census(bytes: &[u8]) -> (usize, usize) {
    bytes.utf8_chunks().fold((0, 0), |(good, bad), chunk| {
        let multi = chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        (good + multi, bad + usize::from(!chunk.invalid().is_empty()))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use encoding_rs::{BIG5, SHIFT_JIS};
    use proptest::prelude::*;

    const SAMPLE: &str = "消息ID,发送人,时间,内容\nm1,小明,2025-05-06 08:30,今天的茶叶到货了吗\n";

    fn decode(bytes: &[u8], forced: Option<&'static Encoding>) -> Result<(String, &'static str), DecodeError> {
        let mut text = Text::new(Box::new(std::io::Cursor::new(bytes.to_vec())), forced)?;
        let mut out = Vec::new();
        while text.more(&mut out)? {}
        Ok((String::from_utf8_lossy(&out).into_owned(), text.encoding()))
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    #[test]
    fn every_encoding_reads_as_the_same_text() {
        let (gbk, _, _) = GB18030.encode(SAMPLE);
        let bom = [b"\xEF\xBB\xBF", SAMPLE.as_bytes()].concat();
        for (bytes, name) in [
            (SAMPLE.as_bytes().to_vec(), "UTF-8"),
            (bom, "UTF-8"),
            (gbk.into_owned(), "gb18030"),
            (utf16(SAMPLE, false), "UTF-16LE"),
            (utf16(SAMPLE, true), "UTF-16BE"),
        ] {
            assert_eq!(decode(&bytes, None).unwrap(), (SAMPLE.to_owned(), name));
        }
    }

    #[test]
    fn a_few_chinese_characters_tell_gb18030() {
        for text in ["群名称\n茶友群\n", "group_id,name\ng1,茶友\n", "群名\n茶\n", "id,昵称\n1,龘靐齉\n"]
        {
            let (gbk, _, _) = GB18030.encode(text);
            match decode(&gbk, None) {
                Ok((decoded, _)) => assert_eq!(decoded, text),
                Err(DecodeError::Unknown { guess, .. }) => eprintln!("{text:?} looks like {guess}"),
                Err(other) => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn damaged_utf_8_is_not_taken_for_gbk() {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        bytes.splice(40..40, *b"\xC8");
        assert!(matches!(decode(&bytes, None), Err(DecodeError::Malformed { encoding: "UTF-8", line: 2, .. })));
    }

    #[test]
    fn other_encodings_must_be_named() {
        let (big5, _, _) = BIG5.encode("訊息編號,傳送人\n臺灣烏龍茶葉禮盒,國語學習\n繁體中文說明書與價錢\n");
        assert!(matches!(decode(&big5, None), Err(DecodeError::Unknown { guess: "Big5", line: 1, .. })));
        assert!(decode(&big5, Some(BIG5)).unwrap().0.contains("烏龍"));
        let (sjis, _, _) = SHIFT_JIS.encode("メッセージ,おはようございます\nありがとうございました\n");
        assert!(matches!(decode(&sjis, None), Err(DecodeError::Unknown { .. })));
        let bare = utf16(SAMPLE, false).split_off(2);
        assert!(matches!(decode(b"a\0,\0b\0\n\0", None), Err(DecodeError::Unknown { guess: "UTF-16LE", .. })));
        assert!(decode(&bare, Some(encoding_rs::UTF_16LE)).is_ok());
    }

    #[test]
    fn a_malformed_sequence_names_its_line() {
        let (gbk, _, _) = GB18030.encode(SAMPLE);
        let mut bytes = gbk.into_owned();
        bytes.extend_from_slice(b"m2,\xFF\xFF,x\n");
        let Err(DecodeError::Malformed { line, bytes, .. }) = decode(&bytes, Some(GB18030)) else { panic!() };
        assert_eq!((line, bytes.get(..4)), (3, Some("\\xFF")));
    }

    #[test]
    fn what_lies_beyond_the_look_ahead_is_read_too() {
        let line = "一二三四五六七八九十\n";
        let long = line.repeat(60_000);
        let (gbk, _, _) = GB18030.encode(&long);
        assert_eq!(decode(&gbk, None).unwrap().0.len(), long.len());
        assert_eq!(decode(long.as_bytes(), None).unwrap().0.len(), long.len());
        assert_eq!(decode(&utf16(&long, true), None).unwrap().0, long);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes, None);
            let _ = decode(&bytes, Some(GB18030));
            let _ = decode(&bytes, Some(encoding_rs::UTF_16LE));
        }
    }
}
