//! How long it takes to read, measure and judge a made-up drop: `cargo bench`.
//!
//! A drop of about 200,000 rows is written once to a temporary folder; every sample reads it whole.
#![allow(clippy::expect_used, missing_docs, reason = "a benchmark that cannot go on says why")]

use divan::{Bencher, counter::ItemsCount};
use qunce::config::Config;
use qunce::data::{Sources, discover};
use qunce::diagnostic::Findings;
use qunce::health::{Question, assess};
use qunce::playbook::{Library, built_in};
use qunce::sample::{SampleOptions, generate};
use std::sync::LazyLock;
use tempfile::TempDir;

struct Drop {
    /// Removed when the process ends.
    _folder: TempDir,
    config: Config,
    playbooks: Library,
    sources: Sources,
    rows: u64,
}

static DROP: LazyLock<Drop> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = SampleOptions { groups: 40, members: 100, weeks: 26, ..SampleOptions::default() };
    let summary = generate(&options, &folder.path().join("data")).expect("a made-up drop");
    let config = Config::default();
    let mut findings = Findings::new();
    let library = Library::load(&built_in(), None, &config.site.languages, &mut findings);
    let sources = discover(folder.path(), &config, &mut findings);
    let rows = summary.rows.iter().map(|(_, n)| n).sum();
    Drop { _folder: folder, config, playbooks: library, sources, rows }
});

fn main() {
    divan::main();
}

/// Everything from the files to the judgement of all groups and periods, by all shipped playbooks.
#[divan::bench(sample_count = 10)]
fn read_measure_judge(bencher: Bencher<'_, '_>) {
    let drop = &*DROP;
    bencher.counter(ItemsCount::new(drop.rows)).bench(|| {
        let question = Question {
            config: &drop.config,
            library: &drop.playbooks,
            sources: &drop.sources,
            as_of: None,
            period: None,
            quarantine: &|_| None,
            cache: None,
            progress: &|_| {},
        };
        let (assessment, _) = assess(question).expect("a judgement");
        assessment.groups.len()
    });
}

/// Loading, merging and checking all shipped playbooks in every stage.
#[divan::bench(sample_count = 10)]
fn load_playbooks() -> usize {
    let mut findings = Findings::new();
    let library = Library::load(&built_in(), None, &["zh-CN".into(), "en".into()], &mut findings);
    library.check(&mut findings);
    findings.items().len()
}
