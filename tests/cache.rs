//! Facts kept between runs: with them, a run says exactly what it says without, whatever was done to the drop.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use proptest::prelude::*;
use qunce::config;
use qunce::data::{QuarantineSink, Quarantined, discover};
use qunce::diagnostic::Findings;
use qunce::measure::{Asked, Facts, FactsCache, Plan, ReadId, Request, measure};
use qunce::playbook::{Grain, Library, built_in};
use qunce::schema::Table;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A measure of every shape, at every grain.
const PLAYBOOK: &str = r#"
name = "All shapes"
[scoring]
grades = { A = 80, D = 0 }
min_coverage = 0.5
[attribute.events]
expires_at = "time"
[measure.messages]
table = "messages"
count = "*"
[measure.staff_messages]
table = "messages"
count = "*"
where = "member.role = 'host'"
absent = "no_data"
[measure.speakers]
table = "messages"
count_distinct = "member_id"
[measure.talk_days]
table = "messages"
count_distinct = "day"
[measure.member_days]
table = "messages"
count_distinct = ["member_id", "day"]
[measure.streak]
table = "messages"
streak = "day"
[measure.last_message]
table = "messages"
max = "sent_at"
[measure.first_message]
table = "messages"
min = "sent_at"
[measure.answered]
table = "messages"
count = "*"
where = "kind = 'question' and answered_at is not null"
[measure.unanswered]
table = "messages"
count_distinct = "member_id"
where = "kind = 'question' and answered_at is null"
[measure.peers]
table = "messages"
count = "*"
where = "kind = 'question' and answered_by_role = 'member'"
[measure.clicks]
table = "events"
count = "*"
where = "event = 'click' and post.kind = 'promo'"
[measure.clickers]
table = "events"
count_distinct = "member_id"
where = "event = 'click'"
[measure.coupons]
table = "events"
count = "*"
on = "expires_at"
[measure.value]
table = "events"
median = "value"
[measure.mean_value]
table = "events"
avg = "value"
[measure.least_value]
table = "events"
min = "value"
[measure.revenue]
table = "orders"
sum = "amount"
[measure.payers]
table = "orders"
count_distinct = "member_id"
[measure.roles]
table = "orders"
count_distinct = "product.role"
[measure.most]
table = "orders"
max = "amount"
[measure.daily]
table = "daily"
sum = "messages"
[[breakdown]]
id = "kinds"
name = "Kinds"
measure = "messages"
by = "coalesce(kind, 'none')"
[[breakdown]]
id = "sold"
name = "Sold"
measure = "revenue"
by = "coalesce(product.role, 'none')"
"#;

const WINDOWS: [&str; 5] = ["", "('10d')", "('30d')", "('14d before window')", "('lifetime')"];

/// A drop as it is written: rows of each table's files.
#[derive(Debug, Clone, Default)]
struct Drop {
    files: BTreeMap<String, Vec<String>>,
    next: u64,
    week: u32,
}

const HEADERS: [(&str, &str); 8] = [
    ("groups", "group_id,name,playbook,created_on"),
    ("members", "group_id,member_id,joined_at,role"),
    ("products", "product_id,name,role"),
    ("posts", "post_id,group_id,sent_at,kind,product_id"),
    ("messages", "message_id,group_id,member_id,sent_at,kind,reply_to"),
    ("events", "group_id,member_id,at,event,post_id,value,expires_at"),
    ("orders", "order_id,group_id,member_id,paid_at,amount,product_id"),
    ("daily", "group_id,date,messages"),
];

/// A source of numbers that is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn day(week: u32, day: u64) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2025, 3, 3).unwrap();
    (first + chrono::Days::new(u64::from(week) * 7 + day)).to_string()
}

impl Drop {
    fn new() -> Self {
        let mut drop = Self::default();
        let mut put = |file: &str, rows: &[&str]| {
            drop.files.insert(file.to_owned(), rows.iter().map(|r| (*r).to_owned()).collect());
        };
        put("groups", &["g1,One,all,2025-01-01", "a group with a long id,Two,all,2025-03-12"]);
        put("members", &["g1,m1,2025-01-02,member", "g1,m2,2025-01-02,host", "a group with a long id,m1,2025-03-13,"]);
        put("products", &["p1,Tea,hot", "p2,Cup,"]);
        put("posts", &["b1,g1,2025-03-04 10:00,promo,p1", "b2,g1,2025-03-05 10:00,teaser,"]);
        drop
    }

    /// Another weekly file of every table.
    fn week(&mut self, dice: &mut Dice) {
        let (week, mut rows) = (self.week, BTreeMap::<&str, Vec<String>>::new());
        self.week += 1;
        let group = |dice: &mut Dice| ["g1", "g1", "a group with a long id", "g3"][dice.roll(4) as usize];
        let member = |dice: &mut Dice| format!("m{}", dice.roll(6) + 1);
        for at in 0..7 {
            for _ in 0..dice.roll(5) {
                self.next += 1;
                let (id, hour) = (self.next, dice.roll(24));
                let reply = if dice.roll(3) == 0 { format!("x{}", dice.roll(id) + 1) } else { String::new() };
                let kind = ["", "question", "text", "image"][dice.roll(4) as usize];
                let (group, member) = (group(dice), member(dice));
                let time = format!("{} {hour:02}:{:02}:00", day(week, at), dice.roll(60));
                // Now and then a row that is set aside.
                let shown = if dice.roll(40) == 0 { "never".to_owned() } else { time.clone() };
                rows.entry("messages").or_default().push(format!("x{id},{group},{member},{shown},{kind},{reply}"));
                let event = ["click", "open", "coupon"][dice.roll(3) as usize];
                let value = ["", "1", "2.5", "10"][dice.roll(4) as usize];
                let end = if dice.roll(3) == 0 { day(week + 1 + dice.roll(4) as u32, 3) } else { String::new() };
                let post = ["", "b1", "b2", "b3", "b4"][dice.roll(5) as usize];
                rows.entry("events").or_default().push(format!("{group},{member},{time},{event},{post},{value},{end}"));
                if dice.roll(3) == 0 {
                    let group = if dice.roll(12) == 0 { "" } else { group };
                    let product = ["", "p1", "p2", "p3", "p4"][dice.roll(5) as usize];
                    let amount = format!("{}.{}", dice.roll(90), dice.roll(10));
                    rows.entry("orders")
                        .or_default()
                        .push(format!("o{id:05},{group},{member},{time},{amount},{product}"));
                }
            }
            rows.entry("daily").or_default().push(format!("g1,{},{}", day(week, at), dice.roll(50)));
        }
        for (table, rows) in rows {
            self.files.insert(format!("{table}-w{week:02}"), rows);
        }
    }

    /// Does something that happens to drops.
    fn change(&mut self, what: u64, dice: &mut Dice) {
        let mut add = |file: &str, row: String| self.files.entry(file.to_owned()).or_default().push(row);
        match what {
            // New members, some of whom rows named before; also at the front of the file.
            0 => add("members", format!("g1,m{},2025-02-01,member", dice.roll(9) + 1)),
            1 => add("members", format!("g1,late{},2025-02-01,", dice.roll(99))),
            2 => self.files.get_mut("members").unwrap().insert(0, format!("g1,front{},2025-02-01,", dice.roll(99))),
            3 => add("members-new", format!("g1,n{},2025-02-01,koc", dice.roll(99))),
            // Somebody changes.
            4 => self.files.get_mut("members").unwrap()[1] = "g1,m2,2025-01-02,member".to_owned(),
            5 => self.files.get_mut("groups").unwrap()[0] = "g1,One,all,2025-03-10".to_owned(),
            6 => add("groups", "g3,Three,all,2025-01-01".to_owned()),
            7 => add("products", "p3,Pot,viral".to_owned()),
            8 => add("posts", "b3,g1,2025-03-20 10:00,promo,p4".to_owned()),
            9 => self.files.get_mut("products").unwrap()[0] = "p1,Tea,".to_owned(),
            // Old files change, go or come late.
            10 => {
                let old = format!("messages-w{:02}", dice.roll(u64::from(self.week)));
                if let Some(rows) = self.files.get_mut(&old) {
                    rows.pop();
                }
            }
            11 => {
                self.files.remove(&format!("events-w{:02}", dice.roll(u64::from(self.week))));
            }
            12 => add("events-w00b", format!("g1,m1,{} 09:00,click,b1,,", day(0, 2))),
            // An old row comes again in a new file.
            13 => {
                let row = self.files.get("messages-w00").and_then(|rows| rows.first()).cloned();
                self.week(dice);
                let newest = format!("messages-w{:02}", self.week - 1);
                self.files.entry(newest).or_default().extend(row);
            }
            14 => add("events-w90", format!("g1,m1,{} 09:00,click,b1,,", day(300, 2))),
            _ => {}
        }
    }

    /// How many files there are of tables that are not held.
    fn streamed(&self) -> usize {
        let held =
            |file: &&String| !["groups", "members", "products", "posts"].contains(&file.split('-').next().unwrap());
        self.files.keys().filter(held).count()
    }

    fn write(&self, root: &Path) {
        let data = root.join("data");
        fs::create_dir_all(&data).unwrap();
        for entry in fs::read_dir(&data).unwrap() {
            let path = entry.unwrap().path();
            if !self.files.contains_key(path.file_stem().unwrap().to_str().unwrap()) {
                fs::remove_file(path).unwrap();
            }
        }
        for (file, rows) in &self.files {
            let table = file.split('-').next().unwrap();
            let header = HEADERS.iter().find(|(name, _)| *name == table).unwrap().1;
            let text = format!("{header}\n{}\n", rows.join("\n"));
            let path = data.join(format!("{file}.csv"));
            if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                fs::write(path, text).unwrap();
            }
        }
    }
}

/// Rows that are set aside, as they are handed on.
#[derive(Clone, Default)]
struct Aside(Arc<Mutex<BTreeMap<Table, Vec<Quarantined>>>>, Option<Table>);

impl QuarantineSink for Aside {
    fn quarantine(&mut self, row: &Quarantined) {
        self.0.lock().unwrap().entry(self.1.unwrap()).or_default().push(row.clone());
    }
}

/// The workspace and what a run of it says.
struct Bench {
    folder: tempfile::TempDir,
    playbook: String,
    settings: String,
}

impl Bench {
    fn new() -> Self {
        let settings = "[site]\ntrend = 3\nlanguages = [\"en\"]\n[data]\nmax_bad_share = 0.9\n".to_owned();
        Self { folder: tempfile::tempdir().unwrap(), playbook: PLAYBOOK.to_owned(), settings }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn cache(&self) -> std::path::PathBuf {
        self.root().join("facts")
    }

    /// Everything that a run says, and how many files it did not read.
    fn said(&self, cached: bool) -> (String, usize) {
        let root = self.root();
        fs::create_dir_all(root.join("playbooks")).unwrap();
        fs::write(root.join("playbooks/all.toml"), &self.playbook).unwrap();
        fs::write(root.join("qunce.toml"), &self.settings).unwrap();
        let mut findings = Findings::new();
        let config = config::load(&root.join("qunce.toml"), &mut findings).unwrap();
        let library = Library::load(&built_in(), Some(&root.join("playbooks")), &config.site.languages, &mut findings);
        let sources = discover(root, &config, &mut findings);
        let playbook = library.resolve("all", None, None);
        let playbook = playbook.unwrap_or_else(|| {
            panic!("{:?}", library.findings_of("all", None, None).items().iter().map(|f| &f.title).collect::<Vec<_>>())
        });
        let mut plan = Plan::new([&*playbook]);
        let mut reads: Vec<(Grain, String, ReadId)> = Vec::new();
        for id in playbook.measures.keys() {
            for window in WINDOWS {
                for grain in [Grain::Group, Grain::Member] {
                    // Some are asked for in the last period alone.
                    for latest in [false, true].into_iter().take(if window == "('30d')" { 2 } else { 1 }) {
                        let name = format!("{id}{window}");
                        let asked = Asked::parse(&name).unwrap();
                        if let Ok(read) = plan.ask(&playbook, &asked, grain, latest) {
                            reads.push((grain, format!("{name} {latest}"), read));
                        }
                    }
                }
            }
        }
        let joined = ["messages", "clicks", "speakers"].map(|id| {
            let asked = Asked::parse(&format!("{id}('14d after joined_at')")).unwrap();
            (Grain::Member, id.to_owned(), plan.ask(&playbook, &asked, Grain::Member, false).unwrap())
        });
        reads.extend(joined);
        let items: Vec<ReadId> = [
            ("clicks", Grain::Post),
            ("clickers", Grain::Post),
            ("revenue", Grain::Product),
            ("payers", Grain::Product),
        ]
        .into_iter()
        .filter_map(|(id, grain)| plan.ask(&playbook, &Asked::parse(id).unwrap(), grain, false).ok())
        .collect();
        assert_eq!(items.len(), 4);
        let splits: Vec<_> = playbook.breakdowns.iter().map(|b| plan.breakdown(&playbook, b).unwrap()).collect();
        let steps: Vec<_> = ["messages", "answered"].iter().map(|id| plan.step(&playbook, id).unwrap()).collect();
        let folder = self.cache();
        let cache = cached.then_some(FactsCache { folder: &folder, least: 0 });
        let aside = Aside::default();
        let sink = |table| -> Option<Box<dyn QuarantineSink + Send>> {
            aside.0.lock().unwrap().remove(&table);
            Some(Box::new(Aside(Arc::clone(&aside.0), Some(table))))
        };
        let request = Request {
            sources: &sources,
            config: &config,
            as_of: None,
            period: None,
            quarantine: &sink,
            cache,
            progress: &|_| {},
        };
        let (facts, told) = match measure(plan, request) {
            Ok(found) => found,
            Err(told) => return (format!("{told:?}"), 0),
        };
        let mut text = format!("{told:?}\n{:?}\n{:?} {:?}\n", facts.reports, facts.as_of, facts.periods);
        writeln!(text, "{} {:?}", facts.attributed_orders, aside.0.lock().unwrap()).unwrap();
        tell(&facts, &reads, &items, &mut text);
        for group in 0..facts.entities.groups.len() as u32 {
            let view = facts.view(group, facts.periods.len() - 1).unwrap();
            splits.iter().for_each(|s| writeln!(text, "{:?} {:?}", view.breakdown(*s), view.persons(*s)).unwrap());
            for steps in steps.iter().filter_map(|s| view.steps(*s)) {
                let days: Vec<_> = view.members().iter().map(|m| steps.of(*m)).collect();
                writeln!(text, "{days:?}").unwrap();
            }
        }
        (text, facts.kept_files)
    }

    /// Both ways say the same; how many files were not read.
    fn agree(&self) -> Result<usize, TestCaseError> {
        let (cold, _) = self.said(false);
        let (kept, files) = self.said(true);
        if cold != kept {
            let pair = cold.lines().zip(kept.lines()).find(|(a, b)| a != b);
            prop_assert!(false, "differs ({files} files not read):\n{pair:#?}");
        }
        Ok(files)
    }
}

fn tell(facts: &Facts, reads: &[(Grain, String, ReadId)], items: &[ReadId], text: &mut String) {
    let entities = &facts.entities;
    for group in 0..entities.groups.len() as u32 {
        for period in 0..facts.periods.len() {
            let view = facts.view(group, period).unwrap();
            for (grain, name, read) in reads {
                if *grain == Grain::Group {
                    writeln!(text, "{group} {period} {name} {:?}", view.value(*read)).unwrap();
                } else {
                    let of = |m: &u32| view.value_of(*read, *m);
                    let all: Vec<_> = view.members().iter().map(of).collect();
                    writeln!(text, "{group} {period} each {name} {all:?}").unwrap();
                }
            }
            items.iter().for_each(|read| writeln!(text, "{:?}", view.ranking(*read)).unwrap());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_with_kept_facts_says_what_one_without_says(
        seed in 1..u64::MAX,
        steps in proptest::collection::vec(0..40_u64, 3..9),
    ) {
        let (mut dice, mut drop, bench) = (Dice(seed), Drop::new(), Bench::new());
        for _ in 0..4 {
            drop.week(&mut dice);
        }
        for step in steps {
            drop.write(bench.root());
            bench.agree()?;
            match step {
                0..15 => drop.change(step, &mut dice),
                15..22 => {
                    drop.week(&mut dice);
                    drop.change(step - 15, &mut dice);
                }
                _ => drop.week(&mut dice),
            }
        }
    }
}

/// Four weeks and what was kept of them.
fn kept() -> (Bench, Drop, Dice) {
    let (mut dice, mut drop, bench) = (Dice(7), Drop::new(), Bench::new());
    for _ in 0..4 {
        drop.week(&mut dice);
    }
    drop.write(bench.root());
    assert_eq!(bench.agree().unwrap(), 0, "nothing was kept yet");
    (bench, drop, dice)
}

/// Messages, events, orders and figures by day.
const TABLES: usize = 4;

#[test]
fn one_more_week_reads_only_its_own_files() {
    let (bench, mut drop, mut dice) = kept();
    for _ in 0..4 {
        let before = drop.streamed();
        drop.week(&mut dice);
        drop.write(bench.root());
        assert_eq!(bench.agree().unwrap(), before);
    }
    assert_eq!(bench.agree().unwrap(), drop.streamed(), "with nothing new all are known");
    // A fresh copy has other times and the same content.
    for entry in fs::read_dir(bench.root().join("data")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, text).unwrap();
    }
    assert_eq!(bench.agree().unwrap(), drop.streamed());
    assert_eq!(fs::read_dir(bench.cache()).unwrap().count(), 1, "what was kept before is replaced");
}

#[test]
fn members_may_come_and_are_numbered_anew() {
    let (bench, mut drop, mut dice) = kept();
    drop.files.get_mut("members").unwrap().insert(0, "g1,a new one,2025-03-30,member".to_owned());
    drop.week(&mut dice);
    drop.write(bench.root());
    // Orders without a group ask for the memberships of their buyers.
    assert!(bench.agree().unwrap() >= 3 * 4, "all other tables");
}

#[test]
fn what_rows_saw_must_be_as_it_was() {
    for change in [4, 5, 6, 9, 10, 11, 12] {
        let (bench, mut drop, mut dice) = kept();
        drop.change(change, &mut dice);
        drop.week(&mut dice);
        drop.write(bench.root());
        let known = bench.agree().unwrap();
        assert!(known < TABLES * 4, "change {change}: {known} files were not read");
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

#[test]
fn damage_is_noticed_and_mended() {
    let (bench, _, _) = kept();
    let path = fs::read_dir(bench.cache()).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&path).unwrap();
    let cold = bench.said(false).0;
    assert_eq!(bench.said(true), (cold.clone(), TABLES * 4));
    let places = (0..48).step_by(3).chain((48..whole.len()).step_by(whole.len() / 17)).chain([whole.len() - 1]);
    for (turn, place) in places.enumerate() {
        let mut bytes = whole.clone();
        if turn % 3 == 0 {
            bytes.truncate(place);
        } else {
            bytes[place] ^= 1 << (turn % 8);
        }
        fs::write(&path, &bytes).unwrap();
        assert_eq!(bench.said(true), (cold.clone(), 0), "at {place}");
        assert_eq!(bench.said(true), (cold.clone(), TABLES * 4), "it is mended");
    }
}

#[test]
fn forged_facts_do_no_harm() {
    let (bench, _, _) = kept();
    let path = fs::read_dir(bench.cache()).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&path).unwrap();
    let mut dice = Dice(11);
    for _ in 0..150 {
        let mut bytes = whole.clone();
        let place = 44 + dice.roll(bytes.len() as u64 - 44) as usize;
        match dice.roll(3) {
            0 => bytes[place] ^= 1 << dice.roll(8),
            1 => bytes[place..].iter_mut().take(8).for_each(|b| *b = 255),
            _ => bytes.truncate(place),
        }
        // As if somebody had meant it.
        let hash = qunce::data::hash_of(&bytes[28..]);
        bytes[12..20].copy_from_slice(&hash[0].to_le_bytes());
        bytes[20..28].copy_from_slice(&hash[1].to_le_bytes());
        fs::write(&path, &bytes).unwrap();
        bench.said(true);
    }
}
