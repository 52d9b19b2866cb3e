//! Facts kept between runs: with them, a run says exactly what it says without, whatever was done to the drop.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod damage;
mod drop;
mod lists;

use bench::Bench;
use drop::{Dice, Drop};
use proptest::prelude::*;
use std::fs;

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_with_kept_facts_says_what_one_without_says(
        seed in 1..u64::MAX,
        steps in proptest::collection::vec(0..50_u64, 3..9),
    ) {
        let (mut dice, mut drop, bench) = (Dice(seed), Drop::new(), Bench::new());
        for _ in 0..4 {
            drop.week(&mut dice);
        }
        for step in steps {
            drop.write(bench.root());
            bench.agree()?;
            match step {
                0..23 => drop.change(step, &mut dice),
                23..41 => {
                    drop.week(&mut dice);
                    drop.change([0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17, 18, 19, 20, 21, 22, 13][step as usize - 23], &mut dice);
                }
                _ => drop.week(&mut dice),
            }
        }
    }
}

/// Four weeks and what was kept of them.
pub fn kept() -> (Bench, Drop, Dice) {
    let (mut dice, mut drop, bench) = (Dice(7), Drop::new(), Bench::new());
    for _ in 0..4 {
        drop.week(&mut dice);
    }
    drop.write(bench.root());
    assert_eq!(bench.agree().unwrap(), 0, "nothing was kept yet");
    (bench, drop, dice)
}

/// Messages, events, orders, posts and figures by day.
const TABLES: usize = 5;
/// Groups, members, products and the first posts.
const LISTS: usize = 4;
/// All files of four weeks.
const ALL: usize = TABLES * 4 + LISTS;

#[test]
fn one_more_week_reads_only_its_own_files() {
    let (bench, mut drop, mut dice) = kept();
    for _ in 0..4 {
        let before = drop.files.len();
        drop.week(&mut dice);
        drop.write(bench.root());
        assert_eq!(bench.agree().unwrap(), before);
    }
    assert_eq!(bench.agree().unwrap(), drop.files.len(), "with nothing new all are known");
    // A fresh copy has other times and the same content.
    for entry in fs::read_dir(bench.root().join("data")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, text).unwrap();
    }
    assert_eq!(bench.agree().unwrap(), drop.files.len());
    assert_eq!(fs::read_dir(bench.cache()).unwrap().count(), 1, "what was kept before is replaced");
}

#[test]
fn members_may_come_and_are_numbered_anew() {
    let (bench, mut drop, mut dice) = kept();
    drop.files.get_mut("members").unwrap().insert(0, "g1,a new one,2025-03-30,member".to_owned());
    drop.week(&mut dice);
    drop.write(bench.root());
    // Orders without a group ask for the memberships of their buyers.
    assert!(bench.agree().unwrap() >= 4 * 4, "all other tables");
}

#[test]
fn what_rows_saw_must_be_as_it_was() {
    for change in [4, 5, 6, 9, 10, 11, 12] {
        let (bench, mut drop, mut dice) = kept();
        drop.change(change, &mut dice);
        drop.week(&mut dice);
        drop.write(bench.root());
        let known = bench.agree().unwrap();
        assert!(known < ALL, "change {change}: {known} files were not read");
    }
}

#[test]
fn another_plan_or_configuration_keeps_its_own() {
    let (mut bench, _, _) = kept();
    bench.playbook = bench.playbook.replace("event = 'click' and", "event = 'open' and");
    assert_eq!(bench.agree().unwrap(), 0);
    bench.settings.push_str("attribution = \"all\"\n");
    assert_eq!(bench.agree().unwrap(), 0);
    bench.settings = bench.settings.replace("trend = 3", "trend = 3\nzone = \"UTC\"");
    assert_eq!(bench.agree().unwrap(), 0);
    bench.settings = bench.settings.replace("trend = 3", "trend = 4");
    bench.agree().unwrap();
    let files = fs::read_dir(bench.cache()).unwrap().count();
    assert!(files <= 3, "{files} of them");
}
