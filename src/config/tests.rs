#![allow(clippy::unwrap_used)]
use super::read::from_source;
use super::*;
use crate::diagnostic::{Findings, render};

fn read(text: &str) -> (Option<Config>, String) {
    let mut findings = Findings::new();
    let config = from_source(&SourceText::new(FILE_NAME, text), &mut findings);
    (config, findings.items().iter().map(|d| render(d, false)).collect())
}

#[test]
fn the_template_sets_the_defaults() {
    let (config, shown) = read(TEMPLATE);
    assert_eq!(shown, "");
    assert_eq!(Config { source: None, ..config.unwrap() }, Config::default());
}

#[test]
fn the_template_s_examples_are_valid() {
    let is_toml = |line: &&str| line.starts_with('[') || line.split_once(" = ").is_some_and(|(k, _)| !k.contains(' '));
    let text: Vec<&str> = TEMPLATE.lines().map(|l| l.strip_prefix("# ").filter(|l| is_toml(l)).unwrap_or(l)).collect();
    let (config, shown) = read(&text.join("\n"));
    assert_eq!(shown, "");
    let config = config.unwrap();
    let messages = config.data.table(Table::Messages);
    assert_eq!(messages.delimiter, b';');
    assert_eq!(messages.encoding.map(encoding_rs::Encoding::name), Some("gb18030"));
    assert_eq!(messages.columns["sent_at"], "时间");
    assert_eq!(messages.absent, Absent::Zero);
    assert_eq!(config.data.table(Table::Orders).compute["amount"], ["quantity", "unit_price"]);
    assert_eq!(config.extra["contact"], "ops@example.com");
    let gate = config.gate;
    assert_eq!(gate.fail_under.map(|l| l.value), Some(60.0));
    assert_eq!(gate.fail_on.iter().map(|l| l.value).collect::<Vec<_>>(), [FailOn::Critical, FailOn::Alert]);
    assert_eq!(gate.max_drop.map(|l| l.value), Some(5.0));
    assert_eq!(gate.baseline.map(|l| l.value).as_deref(), Some("baseline.json"));
}

#[test]
fn nothing_is_the_default() {
    let (config, shown) = read("");
    assert_eq!(shown, "");
    assert_eq!(Config { source: None, ..config.unwrap() }, Config::default());
}

#[test]
fn misspelt_keys_are_never_ignored() {
    let (_, shown) = read("[site]\nzone = 'Asia/Shanghai'\nperoid = 'month'\n");
    assert_eq!(
        shown,
        "error[Q0003]: unknown key `peroid`\n \
         --> qunce.toml:3:1\n  \
         |\n\
         3 | peroid = 'month'\n  \
         | ^^^^^^ not a key of `site`\n  \
         |\n  \
         = help: did you mean `period`?\n"
    );
}

#[test]
fn wrong_values_are_told_all_at_once() {
    let (_, shown) = read(concat!(
        "[site]\nlanguages = ['zh-CN', 'zh-CN', '中文']\nzone = 'Asia/Shanghi'\noutput = '../out'\ntrend = 0\n",
        "[data]\nmax_bad_share = nan\nmax_orphan_share = 20\n",
        "[data.orders]\nencoding = 'gb'\ndelimiter = '::'\ntime_format = 'yyyy'\ncompute.group_id = ['a', 'b']\n",
        "columns = { amuont = '金额' }\n[data.order]\n",
    ));
    for part in [
        "`zh-CN` is listed twice",
        "`中文` is not a language tag",
        "did you mean `Asia/Shanghai`?",
        "`../out` does not lie in the workspace",
        "`trend` cannot be 0",
        "`NaN` is not a finite number",
        "`max_orphan_share` cannot be 20",
        "`gb` is not an encoding",
        "`::` cannot separate fields",
        "`yyyy` is not a time format",
        "`group_id` cannot be computed",
        "warning[Q0003]: orders has no column `amuont`",
        "did you mean `amount`?",
        "unknown key `order`",
    ] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
}

#[test]
fn gates_that_mean_nothing_are_refused() {
    let (_, shown) = read("[gate]\nfail_under = 101\nfail_on = ['crtical']\nmax_drop = 5\nfail_over = 3\n");
    for part in
        ["`fail_under` cannot be 101", "`crtical` is not a value of `fail_on`", "qunce.toml:4:12", "`fail_over`"]
    {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    assert!(shown.contains("`max_drop` has no `baseline`"), "{shown}");
}

#[test]
fn a_missing_file_is_a_finding() {
    let mut findings = Findings::new();
    assert!(load(std::path::Path::new("no/such/qunce.toml"), &mut findings).is_none());
    assert!(findings.has_errors());
}

#[test]
fn the_workspace_is_found_upwards() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("a/b");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(dir.path().join(FILE_NAME), "").unwrap();
    assert_eq!(find_workspace(&inner).as_deref(), Some(dir.path()));
}
