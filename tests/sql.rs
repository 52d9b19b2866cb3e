//! The plan as SQL: another engine that runs it over the same files finds the same facts, every measure in every
//! window, for every group and member, in every period.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod python;

use assert_cmd::cargo::cargo_bin_cmd;
use python::{copy_folder, python, succeed, tests};
use qunce::config::{self, Config};
use qunce::data::{Sources, discover};
use qunce::diagnostic::Findings;
use qunce::health::{Question, assess};
use qunce::measure::sql::{Choice, Dialect, Query, write};
use qunce::measure::{Fact, Facts, Number, Plan, Request, measure};
use qunce::playbook::{Grain, Library, Playbook, built_in};
use qunce::sample::{SampleOptions, generate};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const WHAT: &str = "the comparison of the SQL with the fold";
/// Means, medians and quotients are summed in another order and divided once more.
const ULPS: u64 = 4;

struct Workspace {
    root: PathBuf,
    config: Config,
    library: Library,
    sources: Sources,
}

fn open(root: &Path) -> Workspace {
    let mut findings = Findings::new();
    let config = config::load(&root.join("qunce.toml"), &mut findings).unwrap();
    let folder = root.join("playbooks");
    let library =
        Library::load(&built_in(), folder.is_dir().then_some(folder.as_path()), &config.site.languages, &mut findings);
    let sources = discover(root, &config, &mut findings);
    assert!(!findings.has_errors(), "{findings:?}");
    Workspace { root: root.to_path_buf(), config, library, sources }
}

impl Workspace {
    /// The playbooks of all groups in every stage, with the group to which overrides apply.
    fn playbooks(&self) -> Vec<(Option<String>, Arc<Playbook>)> {
        let mut found = Vec::new();
        for id in self.library.ids() {
            let stages = self.library.stage_ids(id).into_iter().map(Some);
            for stage in std::iter::once(None).chain(stages) {
                found.extend(self.library.resolve(id, stage.as_deref(), None).map(|p| (None, p)));
                for group in self.library.group_overrides() {
                    let own = self.library.resolve(id, stage.as_deref(), Some(group));
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
            progress: &|_| {},
        };
        measure(self.plan(), request).unwrap().0
    }

    fn sql(&self, facts: &Facts, dialect: Dialect, choice: Choice) -> String {
        let query = Query {
            plan: &self.plan(),
            kpis: &[],
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

/// The rows that DuckDB gives, by their first columns.
fn run(workspace: &Path, sql: &str, keys: usize) -> BTreeMap<Vec<String>, Vec<String>> {
    let (text, out) = (workspace.join("plan.sql"), workspace.join("facts.csv"));
    fs::write(&text, sql).unwrap();
    succeed(python(WHAT).unwrap().arg(tests().join("sql/run.py")).arg(&text).arg(&out));
    let mut reader = csv::Reader::from_path(&out).unwrap();
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

fn near(a: f64, b: f64) -> bool {
    a == b || (a.is_sign_positive() == b.is_sign_positive() && a.to_bits().abs_diff(b.to_bits()) <= ULPS)
}

/// Compares every figure of every group and period, and of every member where asked for; returns how many there are.
fn compare(workspace: &Workspace, with_members: bool) -> usize {
    let facts = workspace.facts();
    let plan = workspace.plan();
    let mut wrong: Vec<String> = Vec::new();
    let mut count = 0;
    let mut check = |place: &str, name: &str, cell: &str, fact: &Fact| {
        count += 1;
        if !agrees(cell, fact) {
            wrong.push(format!("{place} {name}: the SQL says `{cell}`, the fold {fact:?}"));
        }
    };
    let groups = run(&workspace.root, &workspace.sql(&facts, Dialect::DuckDb, Choice::Groups), 2);
    let columns = plan.columns(Grain::Group);
    let ids = &facts.entities.group_ids;
    for group in 0..u32::try_from(ids.len()).unwrap() {
        let id = ids.get(group).unwrap().to_string();
        for (index, period) in facts.periods.iter().enumerate() {
            let cells = groups.get(&vec![id.clone(), period.to_string()]).unwrap();
            let view = facts.view(group, index).unwrap();
            for ((read, name), cell) in columns.iter().zip(cells) {
                check(&format!("{id} {period}"), name, cell, &view.value(*read));
            }
        }
    }
    assert_eq!(groups.len(), ids.len() * facts.periods.len());
    if with_members {
        let members = run(&workspace.root, &workspace.sql(&facts, Dialect::DuckDb, Choice::Members), 3);
        let columns = plan.columns(Grain::Member);
        for (member, (group, person)) in (0_u32..).zip(&facts.entities.member_keys) {
            let id = [ids.get(*group), facts.entities.person_ids.get(*person)].map(|t| t.unwrap().to_string());
            for (index, period) in facts.periods.iter().enumerate() {
                let key = vec![id[0].clone(), id[1].clone(), period.to_string()];
                let cells = members.get(&key).unwrap();
                let view = facts.view(*group, index).unwrap();
                for ((read, name), cell) in columns.iter().zip(cells) {
                    check(&key.join(" "), name, cell, &view.value_of(*read, member));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} figures differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
    count
}

/// A copy of the sample workspace.
fn sample(folder: &Path) -> Workspace {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["data", "playbooks"] {
        copy_folder(&repository.join(name), &folder.join(name));
    }
    fs::copy(repository.join("qunce.toml"), folder.join("qunce.toml")).unwrap();
    open(folder)
}

#[test]
fn every_figure_of_the_sample_is_the_same_in_sql() {
    if python(WHAT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let figures = compare(&sample(folder.path()), true);
    println!("{figures} figures agree");
    assert!(figures > 100_000, "{figures}");
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
    println!("{rows} rows, {} figures agree", compare(&open(folder.path()), false));
}

#[test]
fn every_kpi_of_the_sample_is_the_same_in_sql() {
    if python(WHAT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let workspace = sample(folder.path());
    let output =
        cargo_bin_cmd!("qunce").args(["sql", "--of", "kpis", "--workspace"]).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows = run(folder.path(), &String::from_utf8(output.stdout).unwrap(), 4);
    let question = Question {
        config: &workspace.config,
        library: &workspace.library,
        sources: &workspace.sources,
        as_of: None,
        period: None,
        quarantine: &|_| None,
        progress: &|_| {},
    };
    let (assessment, _) = assess(question).unwrap();
    let mut wrong = Vec::new();
    let mut measured = 0;
    for group in &assessment.groups {
        for judged in &group.periods {
            for kpi in &judged.kpis {
                let key = |stage: Option<&str>| {
                    [&group.info.id, &judged.period.to_string(), stage.unwrap_or_default(), &kpi.id]
                        .map(str::to_owned)
                        .to_vec()
                };
                // A stage has rows of its own where it judges by other numbers.
                let own = rows.get(&key(group.playbook.stage.as_deref()));
                let cells = own.or_else(|| rows.get(&key(None))).unwrap_or_else(|| panic!("no row {:?}", key(None)));
                let reading = kpi.reading.as_ref().ok();
                let expected = reading.map(|r| r.value);
                let found = cells[2].parse::<f64>().ok();
                let parts = reading.is_none_or(|r| match (r.numerator, r.denominator) {
                    (Some(n), Some(_)) if cells[1].is_empty() => near(n.to_f64(), found.unwrap_or(f64::NAN)),
                    (Some(n), Some(d)) => {
                        [n, d].iter().zip(cells).all(|(n, c)| c.parse::<f64>().is_ok_and(|c| near(c, n.to_f64())))
                    }
                    _ => true,
                });
                measured += usize::from(expected.is_some());
                let same = match (expected, found) {
                    (Some(a), Some(b)) => near(a, b),
                    (a, b) => a.is_none() && b.is_none(),
                };
                if !same || !parts {
                    wrong.push(format!("{:?}: the SQL says {cells:?}, the judgement {:?}", key(None), kpi.reading));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {measured}:\n{}", wrong.len(), wrong[..wrong.len().min(30)].join("\n"));
    println!("{measured} KPIs agree");
    assert!(measured > 2_000, "{measured}");
}

#[test]
fn the_text_for_postgresql_is_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    for of in ["groups", "members", "kpis"] {
        let output = cargo_bin_cmd!("qunce")
            .args(["sql", "--dialect", "postgres", "--of", of, "--workspace"])
            .arg(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let sql = String::from_utf8(output.stdout).unwrap();
        let statements = sqlparser::parser::Parser::parse_sql(&sqlparser::dialect::PostgreSqlDialect {}, &sql)
            .unwrap_or_else(|e| panic!("{of}: {e}"));
        assert_eq!(statements.len(), 1);
        for foreign in ["read_csv", "date_trunc", "qualify", "try_cast"] {
            assert!(!sql.contains(foreign), "{foreign}");
        }
    }
}
