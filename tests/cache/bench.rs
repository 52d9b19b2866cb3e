//! A workspace, and all that a run of it says, with kept facts and without.

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
[measure.shown]
table = "posts"
count = "*"
[measure.shown_anew]
table = "posts"
count = "*"
where = "is_new_product"
[measure.named]
table = "members"
count = "*"
where = "role = 'member'"
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

/// Rows that are set aside, as they are handed on.
#[derive(Clone, Default)]
struct Aside(Arc<Mutex<BTreeMap<Table, Vec<Quarantined>>>>, Option<Table>);

impl QuarantineSink for Aside {
    fn quarantine(&mut self, row: &Quarantined) {
        self.0.lock().unwrap().entry(self.1.unwrap()).or_default().push(row.clone());
    }
}

/// The workspace and what a run of it says.
pub struct Bench {
    folder: tempfile::TempDir,
    pub playbook: String,
    pub settings: String,
}

impl Bench {
    pub fn new() -> Self {
        let settings = "[site]\ntrend = 3\nlanguages = [\"en\"]\n[data]\nmax_bad_share = 0.9\n".to_owned();
        Self { folder: tempfile::tempdir().unwrap(), playbook: PLAYBOOK.to_owned(), settings }
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn cache(&self) -> std::path::PathBuf {
        self.root().join("facts")
    }

    /// Everything that a run says, and how many files it did not read.
    pub fn said(&self, cached: bool) -> (String, usize) {
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
    pub fn agree(&self) -> Result<usize, TestCaseError> {
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
