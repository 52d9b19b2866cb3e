//! Bytes as a file of orders: whatever they are, every row is counted once and nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qunce::config::Config;
use qunce::data::{Layout, ScanOptions, Verdict, discover, scan};
use qunce::diagnostic::Findings;
use qunce::schema::Table;

fuzz_target!(|bytes: &[u8]| {
    let Ok(folder) = tempfile::tempdir() else { return };
    let data = folder.path().join("data");
    if std::fs::create_dir(&data).is_err() || std::fs::write(data.join("orders.csv"), bytes).is_err() {
        return;
    }
    let config = Config::default();
    let sources = discover(folder.path(), &config, &mut Findings::new());
    let layout = Layout::new(Table::Orders);
    let mut visited = 0;
    let mut options = ScanOptions { config: &config, quarantine: None };
    let report = scan(&sources, Table::Orders, &layout, &mut options, &mut |row| {
        for slot in 0..layout.len() {
            let _ = (row.cell(slot), row.text(slot));
        }
        visited += 1;
        Verdict::Keep
    });
    let part = |count: fn(&qunce::data::PartReport) -> u64| report.total(count);
    assert_eq!(visited, part(|p| p.kept));
    if !report.findings.has_errors() {
        let told = part(|p| p.kept + p.quarantined + p.replaced + p.duplicates + p.filtered + p.future);
        assert_eq!(told, part(|p| p.rows), "rows that nobody counted");
    }
});
