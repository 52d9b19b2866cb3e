#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

type Rows = Vec<(u64, Vec<String>)>;

fn records(bytes: &[u8]) -> Records {
    // One byte at a time, so that every boundary is met.
    struct Drip(std::io::Cursor<Vec<u8>>);
    impl std::io::Read for Drip {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let length = out.len().min(1);
            self.0.read(&mut out[..length])
        }
    }
    let text = Text::new(Box::new(Drip(std::io::Cursor::new(bytes.to_vec()))), Some(encoding_rs::UTF_8)).unwrap();
    Records::new(text, b',', 1024)
}

fn read(bytes: &[u8]) -> Result<Rows, ReadError> {
    let mut records = records(bytes);
    let mut rows = Vec::new();
    while let Some(split) = records.next()? {
        let record = split.record;
        let field = |(from, to): &(u32, u32)| record.text()[*from as usize..*to as usize].to_owned();
        rows.push((record.line, record.fields.iter().map(field).collect()));
    }
    Ok(rows)
}

#[test]
fn lines_are_physical_also_after_breaks_inside_cells() {
    let text = "a,b\r\n\r\n1,\"x\r\ny\"\r\n2,\"\n\n\"\n3,z";
    let lines: Vec<u64> = read(text.as_bytes()).unwrap().iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 3, 5, 8]);
}

#[test]
fn old_mac_line_ends_count_as_lines() {
    let rows = read(b"a\rb\r\rc").unwrap();
    assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 4]);
}

#[test]
fn doubled_quotes_are_one() {
    let rows = read("\"说\"\"好\"\"的\",\"\"\"\",\"\"\n".as_bytes()).unwrap();
    assert_eq!(rows, [(1, vec!["说\"好\"的".into(), "\"".into(), String::new()])]);
}

#[test]
fn a_quote_that_never_closes_names_its_line() {
    let result = read(b"a,b\n1,2\n3,\"open\n4,5\n6,7\n");
    assert!(matches!(result, Err(ReadError::UnclosedQuote { line: 3 })));
    let long = format!("a\n\"open\n{}", "x\n".repeat(2000));
    assert!(matches!(read(long.as_bytes()), Err(ReadError::UnclosedQuote { line: 2 })));
}

#[test]
fn a_field_over_the_limit_is_an_error_not_memory() {
    for text in [format!("a\n{}", "x".repeat(2000)), format!("a\n\"{}\"", "x".repeat(2000))] {
        assert!(matches!(read(text.as_bytes()), Err(ReadError::TooLong { line: 2, limit: 1024 })));
    }
    assert_eq!(read(format!("\"{}\"", "x".repeat(1024)).as_bytes()).unwrap().len(), 1);
}

#[test]
fn flaws_stay_with_their_record() {
    let mut records = records(b"a,b\n\"x\"y,1\nz\0,2\nok,3\n");
    let mut flaws = Vec::new();
    while let Some(split) = records.next().unwrap() {
        flaws.push((split.flaw, split.count));
    }
    assert_eq!(flaws, [(None, 2), (Some(Flaw::StrayQuote), 2), (Some(Flaw::NulByte), 2), (None, 2)]);
}

fn cell() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[a-z,\"\r\n 茶\u{1f375}]{0,6}").unwrap()
}

proptest! {
    #[test]
    fn what_the_csv_crate_writes_is_read_back(rows in proptest::collection::vec(proptest::collection::vec(cell(), 2..4), 1..6)) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let mine: Vec<Vec<String>> = read(&bytes).unwrap().into_iter().map(|(_, row)| row).collect();
        prop_assert_eq!(mine, rows);
    }

    #[test]
    fn well_formed_text_splits_as_in_the_csv_crate(text in "[ab,\n\r茶]{0,40}") {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let theirs: Vec<Vec<String>> =
            reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        let mine: Vec<Vec<String>> = read(text.as_bytes()).unwrap().into_iter().map(|(_, row)| row).collect();
        prop_assert_eq!(mine, theirs);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(text) = Text::new(Box::new(std::io::Cursor::new(bytes)), Some(encoding_rs::UTF_8)) {
            let mut records = Records::new(text, b',', 64);
            records.expect_width(2);
            while let Ok(Some(_)) = records.next() {}
        }
    }

    #[test]
    fn arbitrary_quotes_never_panic(text in "[a\",\r\n\0]{0,60}") {
        let _ = read(text.as_bytes());
    }
}

proptest! {
    #[test]
    fn stops_are_found_eight_bytes_at_a_time(
        bytes in proptest::collection::vec(prop_oneof![Just(b','), Just(b' '), Just(b'-'), Just(b';'), any::<u8>()], 0..40),
        from in 0usize..41,
        delimiter in prop_oneof![Just(b','), Just(b'\t'), Just(b';')],
    ) {
        let records = Records::over(bytes.clone(), "UTF-8", delimiter, 1024);
        let plain = (from..bytes.len()).find(|i| records.stops[usize::from(bytes[*i])]).unwrap_or(bytes.len());
        let from = from.min(bytes.len());
        prop_assert_eq!(next_stop(&bytes, from, &records.stops, records.low), plain);
    }
}
