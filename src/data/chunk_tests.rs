#![allow(clippy::unwrap_used)]
//! However a text is cut, its records, their lines and its errors are those of the whole.

use super::*;
use proptest::prelude::*;

/// Lines and fields of all records, and the error that ended them.
type All = (Vec<(u64, Vec<String>)>, Option<String>);

const LIMIT: usize = 200;

fn text(bytes: &[u8]) -> Option<Text> {
    Text::new(Box::new(std::io::Cursor::new(bytes.to_vec())), None).ok()
}

fn read_on(mut records: Records, before: u64, all: &mut All) -> u64 {
    loop {
        match records.next() {
            Ok(Some(split)) => {
                let record = split.record;
                let fields = (0..record.fields.len()).map(|i| record.field(i).to_owned()).collect();
                all.0.push((record.line + before, fields));
            }
            Ok(None) => return records.breaks(),
            Err(error) => {
                all.1 = Some(format!("{:?}", error.after(before)));
                return records.breaks();
            }
        }
    }
}

fn whole(bytes: &[u8]) -> Option<All> {
    let mut all = (Vec::new(), None);
    read_on(Records::new(text(bytes)?, b',', LIMIT), 0, &mut all);
    Some(all)
}

fn cut(bytes: &[u8], piece: usize) -> Option<(All, usize)> {
    let mut all = (Vec::new(), None);
    let mut pieces = Pieces::of_size(text(bytes)?, Dialect { delimiter: b',', max_field: LIMIT }, piece);
    let (mut lines, mut count) = (0, 0);
    while all.1.is_none() {
        match pieces.next() {
            Ok(Some(Piece::Cut(records))) => lines += read_on(records, lines, &mut all),
            Ok(Some(Piece::Rest(records))) => {
                read_on(records.after(lines), 0, &mut all);
            }
            Ok(None) => break,
            Err(error) => all.1 = Some(format!("{error:?}")),
        }
        count += 1;
    }
    Some((all, count))
}

#[test]
fn quotes_breaks_and_marks_are_cut_like_any_text() {
    let rows = [
        "m1,小明,\"第一行\n第二行\",x\r\n",
        "m2,\"a,\"\"b\"\"\r\nc\",,\n",
        "m3,5\" pipe,no\"thing,\r",
        "\n\n\r\n",
        "m4,\"\",\"\"\"\",\"end\"\n",
        "m5,\"stray\"x,1,2\n",
    ];
    let all = rows.concat().repeat(3);
    for bom in ["", "\u{feff}"] {
        let bytes = format!("{bom}{all}").into_bytes();
        let expected = whole(&bytes).unwrap();
        assert_eq!(expected.1, None);
        for piece in 1..bytes.len() + 2 {
            assert_eq!(cut(&bytes, piece).unwrap().0, expected, "pieces of {piece}");
        }
    }
}

#[test]
fn a_long_text_is_cut_into_many_pieces_in_any_encoding() {
    let quoted = "\"m1\",\"今天的茶叶\n到货了吗\",\"x\"\r\n".repeat(40_000);
    let plain = "m1,今天的茶叶到货了吗,x\n".repeat(40_000);
    let (gbk, _, _) = encoding_rs::GB18030.encode(&quoted);
    for bytes in [quoted.as_bytes(), plain.as_bytes(), &gbk] {
        let (all, pieces) = cut(bytes, 10_000).unwrap();
        assert_eq!(all.0.len(), 40_000);
        assert!(pieces > 2, "{pieces}");
        assert_eq!(all, whole(bytes).unwrap());
    }
}

#[test]
fn errors_name_the_line_of_the_whole() {
    let rows = "a,b\n".repeat(50);
    for bad in ["1,\"open\n2,3\n", "1,\"open", "\"x\"\"\n\n"] {
        let bytes = format!("{rows}{bad}{}", "x,\n".repeat(200));
        let expected = whole(bytes.as_bytes()).unwrap();
        assert!(expected.1.as_ref().is_some_and(|e| e.contains("line: 51")), "{expected:?}");
        for piece in [1, 7, 64, 300, 5000] {
            assert_eq!(cut(bytes.as_bytes(), piece).unwrap().0, expected, "{bad:?} in pieces of {piece}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_in_any_pieces(
        text in "([a-c\",\r\n]|\"\"|,\"|\",|\"\n|\r\n|茶){0,60}",
        bytes in proptest::collection::vec(any::<u8>(), 0..3),
        piece in 1usize..40,
    ) {
        let mut all = text.into_bytes();
        all.extend(bytes);
        if let Some(expected) = whole(&all) {
            prop_assert_eq!(cut(&all, piece).unwrap().0, expected);
        }
    }
}
