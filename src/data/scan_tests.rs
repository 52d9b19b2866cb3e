#![allow(clippy::unwrap_used)]
//! Every way in which the content of a CSV file can be wrong, and what happens then.

use super::super::row::Cell;
use super::*;
use crate::data::{Quarantined, Reason, discover, latest_instant};
use crate::diagnostic::render;
use crate::schema::ColumnType;
use encoding_rs::GB18030;
use proptest::prelude::*;
use rust_decimal::Decimal;

#[path = "scan_cells_tests.rs"]
mod cells;

struct Workspace {
    dir: tempfile::TempDir,
    config: Config,
}

/// What a scan showed: each visited row as `line:cells`, the report and its findings in words.
struct Shown {
    rows: Vec<String>,
    report: TableReport,
    findings: String,
}

impl Workspace {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(&dir.path().join("data").join(name), content).unwrap();
        }
        // Small files must not trip over the share of bad rows, unless a test is about it.
        let mut config = Config::default();
        config.data.max_bad_share = 1.0;
        Self { dir, config }
    }

    fn configured(mut self, toml: &str) -> Self {
        let source = crate::diagnostic::SourceText::new("qunce.toml", toml);
        let mut findings = Findings::new();
        self.config = crate::config::from_source(&source, &mut findings).unwrap();
        assert!(findings.is_empty(), "{:?}", findings.items());
        self
    }

    fn sources(&self) -> Sources {
        discover(self.dir.path(), &self.config, &mut Findings::new())
    }

    fn scan_with(&self, layout: &Layout, visit: impl Fn(&Row<'_>) -> Verdict + Sync) -> Shown {
        let mut rows = Vec::new();
        let mut options = ScanOptions { config: &self.config, quarantine: None };
        let report = scan(&self.sources(), layout.table, layout, &mut options, &mut |row| {
            let cells: Vec<String> = (0..layout.len())
                .map(|slot| match row.cell(slot) {
                    Cell::Absent => "-".into(),
                    Cell::Null => String::new(),
                    Cell::Text => row.text(slot).unwrap().to_owned(),
                    Cell::Int(n) => n.to_string(),
                    Cell::Decimal(d) => d.to_string(),
                    Cell::Time(t) => self.config.site.zone.local(t).format("%FT%T").to_string(),
                    Cell::Bool(b) => b.to_string(),
                })
                .collect();
            rows.push(format!("{}:{}", row.line(), cells.join("|")));
            visit(row)
        });
        for part in &report.parts {
            let counted = part.kept
                + part.quarantined
                + part.replaced
                + part.duplicates
                + part.filtered
                + part.future
                + part.orphan_groups;
            assert_eq!(part.rows, counted, "every row is counted once");
        }
        let findings = report.findings.items().iter().map(|d| render(d, false)).collect();
        Shown { rows, report, findings }
    }

    fn scan(&self, table: Table) -> Shown {
        self.scan_with(&Layout::new(table), |_| Verdict::Keep)
    }
}

fn one(name: &str, content: impl AsRef<[u8]>) -> Workspace {
    Workspace::new(&[(name, content.as_ref())])
}

/// Reasons of the rows set aside, as `line column text slug`.
fn set_aside(shown: &Shown) -> Vec<String> {
    let rows = shown.report.parts.iter().flat_map(|p| &p.examples);
    rows.map(|q| format!("{} {} {} {}", q.line, q.column.as_deref().unwrap_or("-"), q.text, q.reason.slug())).collect()
}

const SURVEYS: &str = "group_id,member_id,answered_at,survey,score,passed,reason\n";
const ORDERS: &str = "order_id,group_id,member_id,paid_at,amount,refunded_at\n";

#[test]
fn rows_are_typed_and_absent_columns_told_from_empty_cells() {
    let shown = one(
        "surveys.csv",
        "survey,group_id,member_id,answered_at,score\nnps, g1 ,m1,2025-05-06 08:30,9\nexit,g1,m2,2025/5/6 9:00,\n",
    )
    .scan(Table::Surveys);
    assert_eq!(shown.findings, "");
    assert_eq!(shown.rows, ["2:g1|m1|2025-05-06T08:30:00|nps|9|-|-", "3:g1|m2|2025-05-06T09:00:00|exit||-|-"]);
    let part = &shown.report.parts[0];
    assert_eq!((part.encoding, part.rows, part.kept, part.sorted_by_time), ("UTF-8", 2, 2, true));
    assert!(part.first < part.last);
    assert_eq!(
        shown.report.columns.iter().map(String::as_str).collect::<Vec<_>>(),
        ["answered_at", "group_id", "member_id", "score", "survey"]
    );
}

#[test]
fn every_encoding_gives_the_same_rows() {
    let text =
        "群ID,成员ID,发送时间,类型\n茶友群,小明,2025-05-06 08:30:00,文本\n茶友群,小红,2025-05-06 08:31:00,图片\n";
    let (gbk, _, _) = GB18030.encode(text);
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let bom = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let expected = one("messages.csv", text).scan(Table::Messages);
    assert_eq!(expected.rows[0], "2:茶友群|小明|2025-05-06T08:30:00|-|文本|-|-|-|-");
    for (bytes, encoding) in [(bom, "UTF-8"), (gbk.into_owned(), "gb18030"), (utf16, "UTF-16LE")] {
        let shown = one("messages.csv", bytes).scan(Table::Messages);
        assert_eq!((shown.rows, shown.findings), (expected.rows.clone(), String::new()));
        assert_eq!(shown.report.parts[0].encoding, encoding);
    }
}

#[test]
fn undecodable_bytes_name_file_line_and_the_key_that_would_help() {
    let shown = one(
        "surveys.csv",
        [
            SURVEYS.as_bytes(),
            "g1,m1,2025-05-06,退群问卷,,,\ng1,m\u{8336}1,2025-05-06,n\u{8336}ps,,,\n".as_bytes(),
            b"g1,\xB2\xE2,2025-05-06,nps,,,\n",
        ]
        .concat(),
    )
    .scan(Table::Surveys);
    assert_eq!(
        shown.findings,
        "error[Q0304]: bytes that UTF-8 does not have\n \
         --> data/surveys.csv:4:1\n  \
         |\n\
         4 | \\xB2\\xE2\\x2C\\x32\n  \
         | ^^^^^^^^^^^^^^^^ cannot be read\n  \
         |\n  \
         = note: the file was read as UTF-8; it may be in another encoding or damaged\n  \
         = help: if it is in another one, set `encoding = \"gb18030\"` in `[data.surveys]`; otherwise export it again\n"
    );
}

#[test]
fn a_ragged_row_is_set_aside_and_the_rest_is_read() {
    let shown = one("surveys.csv", format!("{SURVEYS}g1,m1,2025-05-06,nps,9,,\ng1,m2,2025-05-06\ng1,m3,2025-05-06,nps,8,,,x\ng1,m4,2025-05-06,nps,7,,\n"))
        .scan(Table::Surveys);
    assert_eq!(shown.rows.len(), 2);
    assert_eq!(set_aside(&shown), ["3 - g1,m2,2025-05-06 ragged", "4 - g1,m3,2025-05-06,nps,8,,,x ragged"]);
    assert_eq!(
        shown.findings,
        "warning[Q0305]: 2 of 4 rows set aside\n \
         --> data/surveys.csv:3:1\n  \
         |\n\
         3 | g1,m2,2025-05-06\n  \
         | ^^^^^^^^^^^^^^^^ the row has 3 fields and the header 7; quote cells that hold separators\n"
    );
}

#[test]
fn a_quote_that_never_closes_is_an_error_where_it_opened() {
    let shown = one(
        "surveys.csv",
        format!("{SURVEYS}g1,m1,2025-05-06,nps,9,,\ng1,m2,2025-05-06,nps,9,,\"too dear\ng1,m3,2025-05-06,nps,8,,\n"),
    )
    .scan(Table::Surveys);
    assert_eq!(shown.rows.len(), 1);
    assert_eq!(
        shown.findings,
        "error[Q0306]: a quote opens and never closes\n\
         --> data/surveys.csv:3\n \
         = note: the quote opens on this line\n \
         = help: close it, or write a quote inside a cell as `\"\"`\n"
    );
}

#[test]
fn a_field_over_the_limit_is_an_error_not_memory() {
    let shown =
        one("surveys.csv", format!("{SURVEYS}g1,m1,2025-05-06,nps,9,,{}\n", "x".repeat(70_000))).scan(Table::Surveys);
    assert_eq!(
        shown.findings,
        "error[Q0307]: a field is longer than 65536 bytes\n\
         --> data/surveys.csv:2\n \
         = note: it starts on this line\n \
         = help: check its quotes and the `delimiter`, or raise `max_field_bytes` in `[data]`\n"
    );
}

#[test]
fn a_duplicate_header_is_an_error() {
    let shown = one("products.csv", "product_id,name,price,price\np1,tea,1,2\n").scan(Table::Products);
    assert!(shown.rows.is_empty());
    assert!(shown.findings.starts_with("error[Q0303]: products has two columns `price`\n"), "{}", shown.findings);
    assert!(shown.findings.contains("columns 3 and 4"), "{}", shown.findings);
}

#[test]
fn a_missing_required_column_lists_the_header_and_the_closest_name() {
    let shown = one("products.csv", "product_idd,name,price\np1,tea,1\n").scan(Table::Products);
    assert_eq!(
        shown.findings,
        "error[Q0302]: products needs a column `product_id`\n \
         --> data/products.csv:1:1\n  \
         |\n\
         1 | product_idd,name,price\n  \
         | ^^^^^^^^^^^^^^^^^^^^^^ not in this header\n  \
         |\n  \
         = help: if `product_idd` is it, set `columns.product_id = \"product_idd\"` in `[data.products]`\n"
    );
}

#[test]
fn an_empty_file_is_an_error_and_a_bare_header_is_no_data() {
    let shown = one("surveys.csv", "").scan(Table::Surveys);
    assert_eq!(
        shown.findings,
        "error[Q0314]: the file is empty\n\
         --> data/surveys.csv\n \
         = help: export it again; a table without rows still has a header\n"
    );
    let shown = one("surveys.csv", SURVEYS).scan(Table::Surveys);
    assert_eq!(shown.findings, "note[Q0314]: the file has a header and no rows\n--> data/surveys.csv\n");
    assert_eq!(shown.report.total(|p| p.rows), 0);
    assert!(shown.report.present && shown.report.columns.contains("score"));
    assert!(!one("notes.txt", "").scan(Table::Surveys).report.present);
}

#[test]
fn identical_rows_of_one_drop_are_kept_once() {
    let shown = one(
        "orders.csv",
        format!("{ORDERS}o1,g1,m1,2025-05-06,10,\no2,g1,m1,2025-05-06,20,\no1,g1,m1,2025-05-06,10,\n"),
    )
    .scan(Table::Orders);
    assert_eq!(shown.rows.len(), 2);
    assert_eq!(shown.report.parts[0].duplicates, 1);
    assert_eq!(shown.findings, "");
}

#[test]
fn conflicting_rows_of_one_drop_are_an_error_with_both_lines() {
    let shown = one(
        "orders.csv",
        format!("{ORDERS}o1,g1,m1,2025-05-06,10,\no2,g1,m1,2025-05-06,20,\no1,g1,m1,2025-05-06,11,\n"),
    )
    .scan(Table::Orders);
    // Once is enough: neither as rows set aside nor as too many bad rows is it told again.
    assert_eq!(
        shown.findings,
        "error[Q0311]: two different rows of orders have the same key\n \
         --> data/orders.csv:4:1\n  \
         |\n\
         4 | o1,g1,m1,2025-05-06,11,\n  \
         | ^^^^^^^^^^^^^^^^^^^^^^^ this row\n \
         ::: data/orders.csv:2\n  \
         = note: the other row\n  \
         = help: remove one of them, or set `key` in `[data.orders]` to the columns that tell them apart, `[]` for rows without identity\n"
    );
}

#[test]
fn a_later_drop_wins() {
    let shown = Workspace::new(&[
        ("orders.csv", format!("{ORDERS}o1,g1,m1,2025-05-06,10,\no2,g1,m1,2025-05-06,20,\n").as_bytes()),
        ("2025-05-12/orders.csv", format!("{ORDERS}o1,g1,m1,2025-05-06,15,\n").as_bytes()),
    ])
    .scan(Table::Orders);
    assert_eq!(shown.rows.iter().map(|r| r.split('|').nth(4).unwrap()).collect::<Vec<_>>(), ["15", "20"]);
    let counts: Vec<_> = shown.report.parts.iter().map(|p| (p.shown.as_str(), p.kept, p.replaced)).collect();
    assert_eq!(counts, [("data/orders.csv", 1, 1), ("data/2025-05-12/orders.csv", 1, 0)]);
}

#[test]
fn the_workspace_may_choose_the_key_or_none() {
    let text = "order_id,product_id,member_id,paid_at,amount\no1,p1,m1,2025-05-06,10\no1,p2,m1,2025-05-06,20\no1,p1,m1,2025-05-06,10\n";
    let scan = |toml: &str| one("orders.csv", text).configured(toml).scan(Table::Orders);
    let lines = scan("[data.orders]\nkey = ['order_id', 'product_id']");
    assert_eq!((lines.rows.len(), lines.report.parts[0].duplicates), (2, 1));
    assert_eq!(scan("[data.orders]\nkey = []").rows.len(), 3);
    let wrong = scan("[data.orders]\nkey = ['line_no']");
    assert!(
        wrong.findings.starts_with("error[Q0302]: `key` names a column that the file does not have"),
        "{}",
        wrong.findings
    );
}

#[test]
fn messages_without_an_id_have_no_identity() {
    let text = "group_id,member_id,sent_at,message_id\ng1,m1,2025-05-06 08:30,\ng1,m1,2025-05-06 08:30,\n";
    assert_eq!(one("messages.csv", text).scan(Table::Messages).rows.len(), 2);
    let text = "group_id,member_id,sent_at\ng1,m1,2025-05-06 08:30\ng1,m1,2025-05-06 08:30\n";
    assert_eq!(one("messages.csv", text).scan(Table::Messages).rows.len(), 2);
}

#[test]
fn orphans_are_counted_with_examples_and_judged_by_their_share() {
    let text = format!(
        "{SURVEYS}g1,m1,2025-05-06,nps,9,,\ng9,m1,2025-05-06,nps,9,,\ng1,m8,2025-05-06,nps,9,,\ng1,m8,2025-05-06,nps,9,,\n"
    );
    let layout = Layout::new(Table::Surveys);
    let visit = |row: &Row<'_>| match (row.text(0), row.text(1)) {
        (Some("g1"), Some("m1")) => Verdict::Keep,
        (Some("g1"), _) => Verdict::OrphanMember,
        _ => Verdict::OrphanGroup,
    };
    let shown = one("surveys.csv", &text).scan_with(&layout, visit);
    let part = &shown.report.parts[0];
    assert_eq!((part.kept, part.orphan_groups, part.orphan_members), (3, 1, 2));
    assert_eq!(part.orphan_examples, ["g9", "m8"]);
    assert_eq!(
        shown.findings,
        "warning[Q0312]: 3 of 4 rows name unknown groups or members\n\
         --> data/surveys.csv\n \
         = note: among them: g9, m8\n \
         = help: add them to `groups.csv` and `members.csv`, or let `[data.infer]` do it\n"
    );
    let failing = one("surveys.csv", &text).configured("[data]\nfail_orphan_share = 0.5").scan_with(&layout, visit);
    assert!(failing.findings.starts_with("error[Q0312]"));
}

#[test]
fn too_many_bad_rows_fail_and_name_the_worst_file() {
    let shown = Workspace::new(&[
        ("surveys-1.csv", format!("{SURVEYS}g1,m1,2025-05-06,nps,9,,\n").as_bytes()),
        ("surveys-2.csv", format!("{SURVEYS}g1,m1,x,nps,9,,\n").as_bytes()),
    ])
    .configured("")
    .scan(Table::Surveys);
    assert!(
        shown.findings.ends_with(
            "error[Q0313]: 1 of 2 rows of surveys could not be read\n\
             --> data/surveys-2.csv\n \
             = note: the workspace allows 5 %\n \
             = help: mend the rows listed in `quarantine.csv`, or raise `max_bad_share` in `[data]`\n"
        ),
        "{}",
        shown.findings
    );
}

#[test]
fn a_file_that_changes_while_it_is_read_is_noticed() {
    let workspace = one("surveys.csv", format!("{SURVEYS}g1,m1,2025-05-06,nps,9,,\n"));
    let path = workspace.dir.path().join("data/surveys.csv");
    let shown = workspace.scan_with(&Layout::new(Table::Surveys), |_| {
        fs::write(&path, format!("{SURVEYS}changed")).unwrap();
        Verdict::Keep
    });
    assert_eq!(
        shown.findings,
        "error[Q0315]: the file changed while it was read\n\
         --> data/surveys.csv\n \
         = help: run again when the export is complete\n"
    );
}

#[test]
fn packed_files_are_read_and_broken_ones_are_errors() {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(format!("{SURVEYS}g1,m1,2025-05-06,nps,9,,\n").as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    assert_eq!(one("surveys.csv.gz", &packed).scan(Table::Surveys).rows.len(), 1);
    let broken = one("surveys.csv.gz", &packed[..packed.len() / 2]).scan(Table::Surveys);
    assert!(broken.findings.starts_with("error[Q0007]: cannot read the file: "), "{}", broken.findings);
}

#[test]
fn every_quarantined_row_reaches_the_sink() {
    let workspace = one("surveys.csv", format!("{SURVEYS}{}", "g1,m1,x,nps,,,\n".repeat(30)));
    let mut sink: Vec<Quarantined> = Vec::new();
    let mut options = ScanOptions { config: &workspace.config, quarantine: Some(&mut sink) };
    let report =
        scan(&workspace.sources(), Table::Surveys, &Layout::new(Table::Surveys), &mut options, &mut |_| Verdict::Keep);
    assert_eq!((sink.len(), report.parts[0].examples.len()), (30, 20));
    assert_eq!(sink[29].line, 31);
}

#[test]
fn the_latest_moment_is_guessed_from_the_ends_of_the_files() {
    let mut text = SURVEYS.to_owned();
    for i in 0..20_000 {
        text += &format!("g1,m{i},2025-05-{:02} 08:00:00,nps,9,,\n", i / 1000 + 1);
    }
    text += "g1,m1,2099-01-01 00:00:00,nps,9,,\n";
    let workspace = one("surveys.csv", text);
    let expected = super::super::parse_time("2025-05-20 08:00:00", workspace.config.site.zone).unwrap();
    assert_eq!(latest_instant(&workspace.sources(), &workspace.config), Some(expected));
}

fn row() -> impl Strategy<Value = (String, String, u32)> {
    ("[a-z茶,\"\n]{1,6}", "[a-z\u{1f375} ,\"\r\n]{0,8}", any::<u32>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), with_header in any::<bool>()) {
        let content = if with_header { [SURVEYS.as_bytes(), &bytes].concat() } else { bytes };
        let workspace = one("surveys.csv", content);
        workspace.scan(Table::Surveys);
        let _ = latest_instant(&workspace.sources(), &workspace.config);
    }

    #[test]
    fn rows_come_back_as_written_in_every_encoding_and_at_their_line(rows in proptest::collection::vec(row(), 0..8)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["product_id", "name", "price"]).unwrap();
        let mut expected = Vec::new();
        let mut line = 2;
        for (index, (id, name, price)) in rows.iter().enumerate() {
            let id = format!("{index}{id}.");
            writer.write_record([&id, name, &price.to_string()]).unwrap();
            expected.push(format!("{line}:{}|{}|-|{price}|-|-|-", id.trim(), name.trim()));
            let breaks = format!("{id}{name}").replace("\r\n", "\n").matches(['\r', '\n']).count();
            line += 1 + breaks;
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        let (gbk, _, _) = GB18030.encode(&text);
        let (plain, wide) = (one("products.csv", &text).scan(Table::Products), one("products.csv", utf16).scan(Table::Products));
        let han = one("products.csv", gbk).configured("[data.products]\nencoding = 'gb18030'").scan(Table::Products);
        prop_assert_eq!(&plain.rows, &expected);
        prop_assert_eq!(&wide.rows, &expected);
        prop_assert_eq!(&han.rows, &expected);
    }
}
