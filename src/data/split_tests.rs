#![allow(clippy::unwrap_used)]
//! A scan shows, counts and tells the same however its files are cut and on however many threads.

use super::chunk::in_pieces_of;
use super::*;
use crate::config::Config;
use crate::diagnostic::{Findings, render};
use crate::fs;
use crate::schema::Table;
use proptest::prelude::*;

/// Visited rows with their lines, rows set aside, the reports of the files, the findings.
type Shown = (Vec<(u64, String, String)>, Vec<Quarantined>, String, String);

/// What the test makes of a row.
fn verdict(row: &Row<'_>) -> Verdict {
    match row.line() % 5 {
        0 => Verdict::OrphanGroup,
        1 => Verdict::OrphanMember,
        2 => Verdict::Reject { column: "sent_at", reason: Reason::FarFuture },
        _ => Verdict::Keep,
    }
}

/// A row with its line.
fn shown(row: &Row<'_>) -> (u64, String, String) {
    let layout = Layout::new(Table::Messages);
    let cells: Vec<String> = (0..layout.len()).map(|slot| format!("{:?}", row.cell(slot))).collect();
    let texts: Vec<&str> = (0..layout.len()).filter_map(|slot| row.text(slot)).collect();
    (row.line(), cells.join("|"), texts.join("|"))
}

/// Keeps what it is shown.
#[derive(Default)]
struct Keeper(Vec<(u64, String, String)>);

impl Visitor for Keeper {
    fn visit(&mut self, rows: &Block<'_>, verdicts: &mut Verdicts) {
        self.0.extend(rows.rows().map(|row| shown(&row)));
        (0..).zip(rows.rows()).for_each(|(at, row)| verdicts.say(at, verdict(&row)));
    }
}

/// `side_by_side` scans with visitors of their own for each thread, and sorts what they were shown.
fn scan_all(files: &[(String, Vec<u8>)], piece: usize, side_by_side: bool) -> Shown {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(&dir.path().join("data").join(name), content).unwrap();
    }
    let mut config = Config::default();
    config.data.max_field_bytes = 1024;
    let sources = discover(dir.path(), &config, &mut Findings::new());
    let layout = Layout::new(Table::Messages);
    let (mut rows, mut aside) = (Vec::new(), Vec::new());
    let mut options = ScanOptions { config: &config, quarantine: Some(&mut aside) };
    let report = in_pieces_of(piece, || {
        if side_by_side {
            let (report, keepers) =
                scan_side_by_side(&sources, Table::Messages, &layout, &mut options, None, &Keeper::default);
            rows = keepers.into_iter().flat_map(|keeper| keeper.0).collect();
            report
        } else {
            scan(&sources, Table::Messages, &layout, &mut options, &mut |row| {
                rows.push(shown(row));
                verdict(row)
            })
        }
    });
    if side_by_side {
        rows.sort();
    }
    let findings = report.findings.items().iter().map(|d| render(d, false)).collect();
    (rows, aside, format!("{:?} {:?}", report.columns, report.parts), findings)
}

const HEADER: &str = "group_id,member_id,sent_at,message_id,kind,topic\r\n";

/// Rows as exports have them, good and bad.
fn row() -> impl Strategy<Value = String> {
    let good = |id: u32, end: &str| format!("g1,u{id},2025-05-0{} 08:30:00,m{id},text,茶{end}", id % 9 + 1);
    prop_oneof![
        6 => (0u32..200).prop_map(move |id| good(id, "\n")),
        2 => (0u32..200).prop_map(move |id| good(id, "\r\n")),
        2 => (0u32..200).prop_map(|id| format!("\"g1\",u{id},\"2025-05-06 08:30\",m{id},\"a \"\"b\"\",c\",\"x\r\ny\n\"\r\n")),
        1 => Just("g1,u1,yesterday,m1,text,\n".to_owned()),
        1 => Just("g1,u1\n".to_owned()),
        1 => Just("g1,u1,2025-05-06,m7,5\" pipe,no\"quote\r".to_owned()),
        1 => Just("g1,u1,2025-05-06,m8,\"stray\"x,\n".to_owned()),
        1 => Just("\n\r\n\n".to_owned()),
        1 => Just(",,,,,\n".to_owned()),
    ]
}

fn rows() -> impl Strategy<Value = String> {
    let end = prop_oneof![
        8 => Just(""), 1 => Just("g1,u1,2025-05-06,m9,\"open\n\n"), 1 => Just("g1,u1,2025-05-06 08:30:00,m9"),
    ];
    (proptest::collection::vec(row(), 0..40), end).prop_map(|(rows, end)| rows.concat() + end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn how_files_are_cut_does_not_matter(
        older in rows(), newer in rows(), bom in any::<bool>(), gbk in any::<bool>(), piece in 1usize..400,
    ) {
        let text = |rows: &str| format!("{HEADER}{rows}");
        let first = if gbk {
            encoding_rs::GB18030.encode(&text(&older)).0.into_owned()
        } else {
            text(&older).into_bytes()
        };
        let mark = if bom { "\u{feff}" } else { "" };
        let files = [
            ("messages-w1.csv".to_owned(), first),
            ("messages-w2.csv".to_owned(), format!("{mark}{}", text(&newer)).into_bytes()),
        ];
        let mut whole = scan_all(&files, usize::MAX / 2, false);
        let cut = scan_all(&files, piece, false);
        prop_assert_eq!(&cut, &whole);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        prop_assert_eq!(&pool.install(|| scan_all(&files, piece, false)), &whole);
        whole.0.sort();
        prop_assert_eq!(&pool.install(|| scan_all(&files, piece, true)), &whole);
    }
}
