//! What single cells and rows may hold, and what is set aside.

use super::*;

#[test]
fn numbers_that_are_no_plain_decimals_never_get_in() {
    let cells = ["NaN", "inf", "1e400", "\"1,000\"", "１２", "¥5", "abc", "-5", "0", "12.50"];
    let mut text = ORDERS.to_owned();
    for (i, cell) in cells.iter().enumerate() {
        text += &format!("o{i},g1,m1,2025-05-06,{cell},\n");
    }
    let shown = one("orders.csv", text).scan(Table::Orders);
    assert_eq!(
        set_aside(&shown),
        [
            "2 amount NaN not-finite",
            "3 amount inf not-finite",
            "4 amount 1e400 exponent",
            "5 amount 1,000 thousands-separator",
            "6 amount １２ wide-digits",
            "7 amount ¥5 currency",
            "8 amount abc not-a-number",
            "9 amount -5 negative-amount",
        ]
    );
    assert_eq!(shown.rows.len(), 2);
    assert_eq!(
        shown.findings,
        "warning[Q0308]: 8 of 10 rows set aside\n \
         --> data/orders.csv:2:21\n  \
         |\n\
         2 |                     NaN\n  \
         |                     ^^^ `amount`: not a finite number; leave the cell empty when there is no value\n"
    );
}

#[test]
fn a_cell_is_told_with_the_column_at_which_it_begins() {
    let shown = one("surveys.csv", format!("{SURVEYS}g1,\"多\n行\",2025-05-06,nps,9,,\ng1,\"m,2\",  昨天,nps,9,,\n"))
        .scan(Table::Surveys);
    assert!(shown.findings.contains(" --> data/surveys.csv:4:12\n"), "{}", shown.findings);
    let shown = one("surveys.csv", format!("{SURVEYS}g1,\"多\n行\",昨天,nps,9,,\n")).scan(Table::Surveys);
    assert!(shown.findings.contains(" --> data/surveys.csv:3:4\n"), "the line of the cell: {}", shown.findings);
}

#[test]
fn a_refund_may_be_negative_and_absent_times_have_many_forms() {
    let shown = one("orders.csv", format!("{ORDERS}o1,g1,m1,2025-05-06,-5,2025-05-07\no2,g1,m1,2025-05-06,5,0\no3,g1,m1,2025-05-06,5,-1\no4,g1,m1,2025-05-06,-5,0\n"))
        .scan(Table::Orders);
    assert_eq!(shown.rows.len(), 3);
    assert_eq!(set_aside(&shown), ["5 amount -5 negative-amount"]);
}

#[test]
fn impossible_times_are_set_aside() {
    let zone = "[site]\nzone = 'Europe/Berlin'\n[data]\nmax_bad_share = 1\n";
    let text = format!(
        "{SURVEYS}g1,a,2025-03-30 02:30:00,nps,,,\ng1,b,2025-02-29,nps,,,\ng1,c,1970-01-01,nps,,,\ng1,d,0,nps,,,\ng1,e,2024-02-29,nps,,,\ng1,f,2025-10-26 02:30:00,nps,,,\ng1,g,2025-10-26 02:30:00+01:00,nps,,,\n"
    );
    let shown = one("surveys.csv", text).configured(zone).scan(Table::Surveys);
    assert_eq!(
        set_aside(&shown),
        [
            "2 answered_at 2025-03-30 02:30:00 clock-gap",
            "3 answered_at 2025-02-29 not-a-time",
            "4 answered_at 1970-01-01 impossible-year",
            "5 answered_at 0 not-a-time",
        ]
    );
    let part = &shown.report.parts[0];
    assert_eq!(shown.rows.len(), 3);
    assert_eq!(part.last.unwrap().0 - 3_600_000_000, 1_761_438_600_000_000, "the fold's earlier hour came first");
}

#[test]
fn what_the_visitor_rejects_or_ignores_is_counted() {
    let text = format!("{SURVEYS}g1,m1,2025-05-06,nps,1,,\ng1,m1,2025-05-07,nps,2,,\ng1,m1,2025-05-08,nps,3,,\n");
    let shown = one("surveys.csv", text).scan_with(&Layout::new(Table::Surveys), |row| match row.cell(4) {
        Cell::Int(1) => Verdict::Reject { column: "answered_at", reason: Reason::BeforeGroup },
        Cell::Int(3) => Verdict::Future,
        _ => Verdict::Keep,
    });
    let part = &shown.report.parts[0];
    assert_eq!((part.kept, part.quarantined, part.future), (1, 1, 1));
    assert_eq!(part.first, part.last);
    assert_eq!(set_aside(&shown), ["2 answered_at 2025-05-06 before-group"]);
}

#[test]
fn empty_identity_and_empty_meaning_are_set_aside() {
    let shown = one(
        "surveys.csv",
        format!("{SURVEYS},m1,2025-05-06,nps,,,\ng1,\u{3000},2025-05-06,nps,,,\ng1,m1,,nps,,,\ng1,m1,2025-05-06,,,,\n"),
    )
    .scan(Table::Surveys);
    assert_eq!(
        set_aside(&shown),
        ["2 group_id  empty-key", "3 member_id  empty-key", "4 answered_at  missing", "5 survey  missing"]
    );
    assert!(shown.findings.starts_with("warning[Q0319]"));
}

#[test]
fn nul_bytes_and_stray_quotes_are_set_aside() {
    let shown = one(
        "surveys.csv",
        format!("{SURVEYS}g1,m\0,2025-05-06,nps,,,\ng1,\"小\"明,2025-05-06,nps,,,\ng1,m1,2025-05-06,nps,,,\n"),
    )
    .scan(Table::Surveys);
    assert_eq!(shown.rows.len(), 1);
    let slugs: Vec<_> = shown.report.parts[0].examples.iter().map(|q| (q.line, q.reason.slug())).collect();
    assert_eq!(slugs, [(2, "nul-byte"), (3, "stray-quote")]);
    assert!(!shown.findings.contains('\0'));
}

#[test]
fn the_workspace_maps_constants_replaces_keeps_and_computes() {
    let text = "订单;买家;时间;数量;单价;状态;渠道\no1;m1;06/05/2025 08:30;3;2.50;交易成功;小程序\no2;m1;06/05/2025 08:30;1;9.99;已关闭;小程序\n";
    let workspace = one("导出/淘宝 订单.csv", text).configured(concat!(
        "[data.orders]\nfiles = ['导出/*订单.csv']\ndelimiter = ';'\ntime_format = '%d/%m/%Y %H:%M'\n",
        "columns = { order_id = '订单', member_id = '买家', paid_at = '时间', channel = '渠道' }\n",
        "constants = { group_id = 'g01' }\nvalues.channel = { '小程序' = 'mini' }\n",
        "keep = { '状态' = ['交易成功', '已付款'] }\ncompute.amount = ['数量', '单价']\n",
    ));
    let layout = Layout {
        table: Table::Orders,
        attributes: vec![
            ("channel".into(), ColumnType::Text),
            ("数量".into(), ColumnType::Int),
            ("gone".into(), ColumnType::Int),
        ],
    };
    let shown = workspace.scan_with(&layout, |row| {
        assert_eq!(row.extra_filled(), 4);
        assert_eq!(row.cell(4), Cell::Decimal(Decimal::new(750, 2)));
        Verdict::Keep
    });
    assert_eq!(shown.findings, "");
    assert_eq!(shown.rows, ["2:o1|g01|m1|2025-05-06T08:30:00|7.50|-|-|-|mini|3|-"]);
    assert_eq!(shown.report.parts[0].filtered, 1);
    assert!(shown.report.columns.contains("amount") && shown.report.columns.contains("group_id"));
}
