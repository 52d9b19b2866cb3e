//! The plan as SQL: another engine that runs it over the same files finds the same facts, every measure in every
//! window, for every group and member, in every period.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod judged;
mod python;

use assert_cmd::cargo::cargo_bin_cmd;
use judged::{Expected, Rows, near};
use python::{copy_folder, python, succeed, tests};
use qunce::config::{self, Config};
use qunce::data::{Layout, Sources, describe, discover};
use qunce::diagnostic::Findings;
use qunce::health::{Assessment, Question, assess};
use qunce::measure::sql::{Choice, Dialect, Query, write};
use qunce::measure::{Fact, Facts, Number, Plan, Request, measure};
use qunce::playbook::{Grain, Library, Playbook, built_in};
use qunce::sample::{SampleOptions, generate};
use qunce::schema::{ColumnType, Table};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

const WHAT: &str = "the comparison of the SQL with the fold";
/// What playbooks make of the facts, as `--of` names it.
const JUDGED: [&str; 8] = ["stages", "kpis", "funnels", "rankings", "breakdowns", "segments", "churn", "alerts"];

struct Workspace {
    config: Config,
    playbooks: Library,
    sources: Sources,
}

fn open(root: &Path) -> Workspace {
    let mut findings = Findings::new();
    let config = config::load(&root.join("qunce.toml"), &mut findings).unwrap();
    let folder = root.join("playbooks");
    let playbooks =
        Library::load(&built_in(), folder.is_dir().then_some(folder.as_path()), &config.site.languages, &mut findings);
    let sources = discover(root, &config, &mut findings);
    assert!(!findings.has_errors(), "{findings:?}");
    Workspace { config, playbooks, sources }
}

impl Workspace {
    /// The playbooks of all groups in every stage, with the group to which overrides apply.
    fn playbooks(&self) -> Vec<(Option<String>, Arc<Playbook>)> {
        let mut found = Vec::new();
        for id in self.playbooks.ids() {
            let stages = self.playbooks.stage_ids(id).into_iter().map(Some);
            for stage in std::iter::once(None).chain(stages) {
                found.extend(self.playbooks.resolve(id, stage.as_deref(), None).map(|p| (None, p)));
                for group in self.playbooks.group_overrides() {
                    let own = self.playbooks.resolve(id, stage.as_deref(), Some(group));
                    found.extend(own.map(|p| (Some(group.to_owned()), p)));
                }
            }
        }
        found
    }

    fn plan(&self) -> Plan {
        let playbooks = self.playbooks();
        let mut plan = Plan::new(playbooks.iter().map(|(_, p)| &**p));
        for (group, playbook) in &playbooks {
            plan.ask_all(playbook, group.as_deref());
        }
        plan
    }

    fn facts(&self) -> Facts {
        let request = Request {
            sources: &self.sources,
            config: &self.config,
            as_of: None,
            period: None,
            quarantine: &|_| None,
            cache: None,
            progress: &|_| {},
        };
        measure(self.plan(), request).unwrap().0
    }

    fn assess(&self, min_cell: u64) -> Assessment {
        let mut config = self.config.clone();
        config.privacy.min_cell = min_cell;
        let question = Question {
            config: &config,
            library: &self.playbooks,
            sources: &self.sources,
            as_of: None,
            period: None,
            quarantine: &|_| None,
            cache: None,
            progress: &|_| {},
        };
        assess(question).unwrap().0
    }

    /// What the engine built in judges.
    fn expected(&self) -> Expected {
        Expected::of(&self.assess(self.config.privacy.min_cell), &self.assess(1))
    }

    fn sql(&self, facts: &Facts, dialect: Dialect, choice: Choice) -> String {
        let query = Query {
            plan: &self.plan(),
            followed: &[],
            config: &self.config,
            sources: &self.sources,
            as_of: facts.as_of,
            periods: &facts.periods,
            dialect,
            choice,
        };
        let mut findings = Findings::new();
        let sql = write(&query, &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        sql
    }
}

/// What the program prints.
fn printed(workspace: &Path, dialect: &str, of: &str) -> String {
    let mut command = cargo_bin_cmd!("qunce");
    let output =
        command.args(["sql", "--dialect", dialect, "--of", of, "--workspace"]).arg(workspace).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// All that playbooks judge, in one run: the plan is printed whole, whatever it ends in, so that the ends can be put
/// together. A row begins with the name of its table.
fn judgements(workspace: &Path, dialect: &str) -> String {
    let mut plan = String::new();
    let mut ends = Vec::new();
    for of in JUDGED {
        let sql = printed(workspace, dialect, of);
        let (whole, end) = sql.rsplit_once("\n)\nselect ").unwrap();
        assert!(plan.is_empty() || plan == whole, "{of} is made of another plan");
        whole.clone_into(&mut plan);
        let end = end.split("\norder by").next().unwrap();
        let (columns, table) = end.split_once("\nfrom ").unwrap();
        let mut columns: Vec<String> =
            columns.split(", ").map(|c| format!("cast({} as text)", c.split(" as ").next().unwrap())).collect();
        columns.resize(10, "cast(null as text)".to_owned());
        ends.push(format!("select '{of}' as \"table\", {} from {table}", columns.join(", ")));
    }
    format!("{plan}\n)\n{};\n", ends.join("\nunion all "))
}

/// The rows that DuckDB gives, by their first columns.
fn run(workspace: &Path, sql: &str, keys: usize) -> Rows {
    let (text, out) = (workspace.join("plan.sql"), workspace.join("facts.csv"));
    fs::write(&text, sql).unwrap();
    succeed(python(WHAT).unwrap().arg(tests().join("sql/run.py")).arg(&text).arg(&out));
    rows(&out, keys)
}

/// The rows of a file, by their first columns.
fn rows(out: &Path, keys: usize) -> Rows {
    let mut reader = csv::Reader::from_path(out).unwrap();
    let mut rows = BTreeMap::new();
    for record in reader.records() {
        let cells: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
        let (key, values) = cells.split_at(keys);
        assert!(rows.insert(key.to_vec(), values.to_vec()).is_none(), "{key:?} is there twice");
    }
    rows
}

/// Whether a cell says what a fact does; an empty one says that there are no data.
fn agrees(cell: &str, fact: &Fact) -> bool {
    let Fact::Known { number: Some(number), .. } = fact else { return cell.is_empty() };
    match number {
        Number::Int(_) | Number::Decimal(_) => {
            let expected = number.to_decimal().unwrap();
            cell.parse::<Decimal>().or_else(|_| Decimal::from_scientific(cell)).is_ok_and(|d| d == expected)
        }
        Number::Float(f) => cell.parse::<f64>().is_ok_and(|d| near(d, *f)),
        Number::Time(t) => {
            chrono::DateTime::parse_from_str(cell, "%Y-%m-%d %H:%M:%S%.f%#z").is_ok_and(|d| d.timestamp_micros() == t.0)
        }
    }
}

/// What was compared.
#[derive(Default)]
struct Comparison {
    wrong: Vec<String>,
    count: usize,
}

impl Comparison {
    fn check(&mut self, place: &[&str], name: &str, cell: &str, fact: &Fact) {
        self.count += 1;
        if !agrees(cell, fact) {
            self.wrong.push(format!("{} {name}: the SQL says `{cell}`, the fold {fact:?}", place.join(" ")));
        }
    }

    /// Every figure of every group and period but `except`.
    fn groups(&mut self, facts: &Facts, plan: &Plan, rows: &Rows, except: &[&str]) {
        let columns = plan.columns(Grain::Group);
        let ids = &facts.entities.group_ids;
        assert_eq!(rows.len(), ids.len() * facts.periods.len());
        for group in 0..u32::try_from(ids.len()).unwrap() {
            let id = ids.get(group).unwrap().to_string();
            for (index, period) in facts.periods.iter().enumerate() {
                let key = [id.clone(), period.to_string()];
                let view = facts.view(group, index).unwrap();
                let cells = rows.get(&key[..]).unwrap();
                assert_eq!(cells.len(), columns.len());
                for ((read, name), cell) in columns.iter().zip(cells).filter(|((_, n), _)| !except.contains(&&**n)) {
                    self.check(&[&key[0], &key[1]], name, cell, &view.value(*read));
                }
            }
        }
    }

    /// Every figure of every member and period.
    fn members(&mut self, facts: &Facts, plan: &Plan, rows: &Rows) {
        let columns = plan.columns(Grain::Member);
        let entities = &facts.entities;
        assert_eq!(rows.len(), entities.members.len() * facts.periods.len());
        for (member, (group, person)) in (0_u32..).map_while(|member| Some((member, entities.membership(member)?))) {
            let (id, name) = (entities.group_ids.get(group).unwrap(), entities.person_ids.get(person).unwrap());
            for (index, period) in facts.periods.iter().enumerate() {
                let key = [id.to_string(), name.to_string(), period.to_string()];
                let view = facts.view(group, index).unwrap();
                for ((read, name), cell) in columns.iter().zip(rows.get(&key[..]).unwrap()) {
                    self.check(&[&key[0], &key[1], &key[2]], name, cell, &view.value_of(*read, member));
                }
            }
        }
    }

    /// Fails with the first differences; otherwise says how many figures there were.
    fn finish(self) -> usize {
        let Self { wrong, count } = self;
        let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
        assert!(wrong.is_empty(), "{} of {count} figures differ:\n{shown}", wrong.len());
        println!("{count} figures agree");
        count
    }
}

/// A copy of the sample workspace, in which one group follows a playbook full of edges.
fn sample(folder: &Path) -> Workspace {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["data", "playbooks"] {
        copy_folder(&repository.join(name), &folder.join(name));
    }
    fs::copy(repository.join("qunce.toml"), folder.join("qunce.toml")).unwrap();
    fs::copy(tests().join("sql/edges.toml"), folder.join("playbooks/groups/g001.toml")).unwrap();
    open(folder)
}

#[test]
fn every_figure_of_the_sample_is_the_same_in_sql() {
    if python(WHAT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let workspace = sample(folder.path());
    let (facts, plan) = (workspace.facts(), workspace.plan());
    let asked = |choice, keys| run(folder.path(), &workspace.sql(&facts, Dialect::DuckDb, choice), keys);
    let mut comparison = Comparison::default();
    comparison.groups(&facts, &plan, &asked(Choice::Groups, 2), &[]);
    comparison.members(&facts, &plan, &asked(Choice::Members, 3));
    assert!(comparison.finish() > 500_000);
}

/// Measures of rows that never were, for which daily totals stand in.
const STANDING_IN: &str = r#"
[measure.edge_never]
name = "Never"
table = "messages"
count = "*"
where = "kind = 'never'"
absent = "no_data"
fallback = { table = "daily", sum = "messages" }

[measure.edge_never_or_bought]
name = "Never, or bought"
combine = ["edge_never", "edge_orders"]

[measure.edge_orders]
name = "Orders"
table = "orders"
count = "*"

[measure.edge_silent]
name = "Silent"
table = "members"
count = "*"
at = "end"
where = "edge_never = 0"

[measure.edge_idle]
name = "Idle"
table = "members"
count = "*"
at = "end"
where = "edge_never_or_bought = 0"
"#;

#[test]
fn daily_totals_stand_in_the_same_in_sql() {
    if python(WHAT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let options = SampleOptions { groups: 3, members: 20, weeks: 6, ..SampleOptions::default() };
    generate(&options, &folder.path().join("data")).unwrap();
    let daily = "group_id,date,messages\ng001,2025-05-05,40\ng001,2025-05-06,2\n";
    fs::write(folder.path().join("data/daily.csv"), daily).unwrap();
    fs::write(folder.path().join("qunce.toml"), "[site]\nlanguages = [\"zh-CN\"]\ntrend = 3\n").unwrap();
    fs::create_dir_all(folder.path().join("playbooks/groups")).unwrap();
    fs::write(folder.path().join("playbooks/groups/g001.toml"), STANDING_IN).unwrap();
    let workspace = open(folder.path());
    let (facts, plan) = (workspace.facts(), workspace.plan());
    let asked = |choice, keys| run(folder.path(), &workspace.sql(&facts, Dialect::DuckDb, choice), keys);
    let mut comparison = Comparison::default();
    comparison.groups(&facts, &plan, &asked(Choice::Groups, 2), &[]);
    comparison.members(&facts, &plan, &asked(Choice::Members, 3));
    assert!(comparison.finish() > 5_000);
}

#[test]
fn every_figure_of_a_million_rows_is_the_same_in_sql() {
    if python(WHAT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let options =
        SampleOptions { groups: 40, members: 60, weeks: 16, activity: 20.0, seed: 7, ..SampleOptions::default() };
    let summary = generate(&options, &folder.path().join("data")).unwrap();
    let rows: u64 = summary.rows.iter().map(|(_, n)| n).sum();
    assert!(rows > 1_000_000, "{rows}");
    fs::write(folder.path().join("qunce.toml"), "[site]\nlanguages = [\"zh-CN\"]\ntrend = 3\n").unwrap();
    let workspace = open(folder.path());
    let (facts, plan) = (workspace.facts(), workspace.plan());
    let found = run(folder.path(), &workspace.sql(&facts, Dialect::DuckDb, Choice::Groups), 2);
    let mut comparison = Comparison::default();
    comparison.groups(&facts, &plan, &found, &[]);
    assert!(comparison.finish() > 20_000);
    let counts = workspace.expected().compare(&run(folder.path(), &judgements(folder.path(), "duckdb"), 5), &[]);
    assert!(JUDGED.iter().all(|name| counts[*name].1 >= 40));
}

#[test]
fn every_judgement_of_the_sample_is_the_same_in_sql() {
    if python(WHAT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let workspace = sample(folder.path());
    let counts = workspace.expected().compare(&run(folder.path(), &judgements(folder.path(), "duckdb"), 5), &[]);
    for (name, least) in [("stages", 12), ("kpis", 2_000), ("funnels", 300), ("rankings", 1_000)] {
        assert!(counts[name].1 >= least, "{name}");
    }
    for (name, least) in [("breakdowns", 2_000), ("segments", 300), ("churn", 200), ("alerts", 100)] {
        assert!(counts[name].1 >= least, "{name}");
    }
}

#[test]
fn judgements_of_few_rows_are_the_same_in_sql() {
    if python(WHAT).is_none() {
        return;
    }
    let check = |name: &str, change: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(&tests().join("workspaces").join(name), folder.path());
        change(&folder.path().join("data"));
        let found = run(folder.path(), &judgements(folder.path(), "duckdb"), 5);
        println!("{name}");
        open(folder.path()).expected().compare(&found, &[]);
    };
    for name in ["brand", "minimal", "months", "no_data", "stages"] {
        check(name, &|_| {});
    }
    check("late_drops", &|data| {
        // Rows that a build sets aside are no concern of the SQL.
        let orders = data.join("2025-05-12/orders.csv");
        let text = fs::read_to_string(&orders).unwrap();
        fs::write(&orders, text.lines().filter(|l| !l.starts_with("o5")).collect::<Vec<_>>().join("\n")).unwrap();
    });
    check("brand", &|data| {
        fs::remove_file(data.join("messages.csv")).unwrap();
        let days = (5..19).map(|day| format!("g1,2025-05-{day:02},{},3,40,1,0\n", 20 + day));
        let header = "group_id,date,members,speakers,messages,joins,leaves\n".to_owned();
        fs::write(data.join("daily.csv"), header + &days.collect::<String>()).unwrap();
        let own = "[measure.both]\nname = \"Both\"\ncombine = [\"message_volume\", \"speakers\"]\n\
                   [kpi.both]\nname = \"Both\"\nboard = \"engagement\"\nvalue = \"both\"\norigin = \"own\"\n";
        fs::create_dir_all(data.with_file_name("playbooks/groups")).unwrap();
        fs::write(data.with_file_name("playbooks/groups/g1.toml"), own).unwrap();
    });
}

/// A table, column and type a line, as PostgreSQL declares them; only what the drop has.
fn declared(workspace: &Workspace, plan: &Plan) -> String {
    let mut text = String::new();
    for table in Table::ALL {
        let layout = Layout { table, attributes: plan.attributes(table) };
        let files = describe(&workspace.sources, &layout, &workspace.config, &mut Findings::new());
        for (name, kind) in layout.slots().filter(|(name, _)| files.iter().any(|f| f.columns.contains(*name))) {
            let kind = match kind {
                ColumnType::Text => "text",
                ColumnType::Int => "bigint",
                ColumnType::Decimal => "numeric",
                ColumnType::Time => "timestamptz",
                ColumnType::Date => "date",
                ColumnType::Bool => "boolean",
            };
            text.push_str(&format!("{table}\t{name}\t{kind}\n"));
        }
    }
    text
}

/// The folder of a PostgreSQL server's programs: what `QUNCE_POSTGRESQL` names, the newest of Debian's, or what is on
/// the path.
fn server() -> Option<PathBuf> {
    let fits = |folder: &PathBuf| folder.join("initdb").is_file();
    if let Some(named) = std::env::var_os("QUNCE_POSTGRESQL") {
        return Some(PathBuf::from(named)).filter(fits);
    }
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().map(|v| v.unwrap().path());
    let version = |p: &PathBuf| p.file_name().and_then(|n| n.to_str()?.parse::<u32>().ok());
    let newest = debian.map(|p| (version(&p), p.join("bin"))).filter(|(_, p)| fits(p)).max();
    newest.map(|(_, folder)| folder).or_else(|| {
        let path = std::env::var_os("PATH")?;
        // What is found there may be a link to one of the programs, which need each other.
        let found = std::env::split_paths(&path).find(fits)?.join("initdb").canonicalize().ok()?;
        found.parent().map(Path::to_path_buf)
    })
}

#[test]
fn every_figure_of_the_sample_is_the_same_in_postgresql() {
    let Some(server) = server() else {
        let lacking = "no server is found; `tests/run` installs one (Debian: apt-get install postgresql)";
        let strict = std::env::var("QUNCE_TESTS_STRICT").is_ok_and(|v| v != "0");
        assert!(!strict, "the run in PostgreSQL cannot be skipped: {lacking}");
        eprintln!("\n!!! SKIPPED the run in PostgreSQL: {lacking} !!!\n");
        return;
    };
    if python(WHAT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let workspace = sample(folder.path());
    let facts = workspace.facts();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("duckdb.sql"), workspace.sql(&facts, Dialect::DuckDb, Choice::Groups)).unwrap();
    fs::write(file("groups.sql"), workspace.sql(&facts, Dialect::Postgres, Choice::Groups)).unwrap();
    fs::write(file("judged.sql"), judgements(folder.path(), "postgres")).unwrap();
    fs::write(file("tables.tsv"), declared(&workspace, &workspace.plan())).unwrap();
    let mut command = python(WHAT).unwrap();
    command.arg(tests().join("sql/postgres.py")).arg(&server);
    command.args([file("duckdb.sql"), file("tables.tsv")]).arg("Asia/Shanghai");
    command.args(["groups.sql", "groups.csv", "judged.sql", "judged.csv"].map(file));
    succeed(&mut command);
    let mut comparison = Comparison::default();
    // It counts the filled columns of the export that no playbook names; the tables here have only the named ones.
    comparison.groups(&facts, &workspace.plan(), &rows(&file("groups.csv"), 2), &["profile_dims"]);
    assert!(comparison.finish() > 20_000);
    let judged = rows(&file("judged.csv"), 5);
    workspace.expected().compare(&judged, &["profile_dims"]);
}

#[test]
fn without_a_server_the_run_in_postgresql_is_skipped_or_fails_where_nothing_may_be() {
    let run = |strict: &str| {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "every_figure_of_the_sample_is_the_same_in_postgresql", "--nocapture"])
            .env("QUNCE_POSTGRESQL", "there-is-none")
            .env("QUNCE_TESTS_STRICT", strict)
            .output()
            .unwrap()
    };
    let (strict, otherwise) = (run("1"), run("0"));
    assert!(!strict.status.success());
    assert!(String::from_utf8_lossy(&strict.stderr).contains("cannot be skipped: no server is found"), "{strict:?}");
    assert!(otherwise.status.success());
    assert!(String::from_utf8_lossy(&otherwise.stderr).contains("SKIPPED the run in PostgreSQL"), "{otherwise:?}");
}

#[test]
fn the_text_for_postgresql_is_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    for of in ["groups", "members"].iter().chain(&JUDGED) {
        let sql = printed(folder.path(), "postgres", of);
        let statements = sqlparser::parser::Parser::parse_sql(&sqlparser::dialect::PostgreSqlDialect {}, &sql)
            .unwrap_or_else(|e| panic!("{of}: {e}"));
        assert_eq!(statements.len(), 1);
        for foreign in ["read_csv", "date_trunc", "qualify", "try_cast"] {
            assert!(!sql.contains(foreign), "{foreign}");
        }
    }
}
