//! All points of the method, each in the place that its kind belongs to.
//!
//! `points.tsv` lists them: id, kind, the sections of which each must hold it (`,`), and a label. A point
//! counts only where an entry names it as its `source`; comments do not count.

use super::{folder, shipped};
use qunce::playbook::{Bands, Origin, Playbook, Provenance, Tactic};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

struct Point {
    id: String,
    kind: String,
    places: Vec<String>,
    label: String,
}

fn points() -> Vec<Point> {
    let text = std::fs::read_to_string(folder().join("points.tsv")).unwrap();
    let rows = text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    rows.map(|row| {
        let [id, kind, places, label] = <[String; 4]>::try_from(row).unwrap();
        Point { id, kind, places: places.split(',').map(str::to_owned).collect(), label }
    })
    .collect()
}

/// Sections by id of the points that stand in them.
#[derive(Default)]
struct Found(BTreeMap<String, BTreeSet<&'static str>>);

impl Found {
    fn add(&mut self, section: &'static str, provenance: &Provenance) {
        for id in &provenance.source {
            self.0.entry(id.clone()).or_default().insert(section);
        }
    }

    fn tactic(&mut self, section: &'static str, tactic: &Tactic) {
        self.add(section, &tactic.provenance);
        tactic.evidence.iter().for_each(|e| self.add("evidence", &e.provenance));
    }

    fn playbook(&mut self, p: &Playbook) {
        p.boards.iter().for_each(|x| self.add("board", &x.provenance));
        p.principles.iter().for_each(|x| self.add("principle", &x.provenance));
        p.kpis.iter().for_each(|x| self.add("kpi", &x.provenance));
        p.funnels.iter().for_each(|x| self.add("funnel", &x.provenance));
        p.segments.iter().for_each(|x| self.add("segment", &x.provenance));
        p.churn.iter().for_each(|x| self.add("churn", &x.provenance));
        p.alerts.iter().for_each(|x| self.add("alert", &x.provenance));
        p.rankings.iter().for_each(|x| self.add("ranking", &x.provenance));
        p.breakdowns.iter().for_each(|x| self.add("breakdown", &x.provenance));
        p.tactics.iter().for_each(|x| self.tactic("tactic", x));
        for stage in &p.stages {
            self.add("stage", &stage.provenance);
            stage.tactics.iter().for_each(|x| self.tactic("stage.tactic", x));
        }
        p.roles.iter().for_each(|x| self.add("role", &x.provenance));
        self.add("positioning", &p.positioning.provenance);
        p.rules.iter().for_each(|x| self.add("rule", &x.provenance));
        p.artefacts.iter().for_each(|x| self.add("artefact", &x.provenance));
        p.tiers.iter().for_each(|x| self.add("tier", &x.provenance));
        p.tasks.iter().for_each(|x| self.add("task", &x.provenance));
        p.sops.iter().for_each(|x| self.add("sop", &x.provenance));
        self.add("calendar", &p.calendar.provenance);
        p.calendar.items.iter().for_each(|x| self.add("calendar.item", &x.provenance));
        self.add("selection", &p.selection.provenance);
        p.selection.cells.iter().for_each(|x| self.add("selection.cell", &x.provenance));
        self.add("pdca", &p.pdca.provenance);
    }
}

/// Where a point of a kind may be told to belong; `points.tsv` names one or more of these for each.
fn allowed(kind: &str) -> &'static [&'static str] {
    match kind {
        "case" => &["evidence", "artefact"],
        "threshold" => &["kpi", "alert", "funnel", "calendar", "selection", "artefact"],
        "rule" => &[
            "rule",
            "principle",
            "role",
            "kpi",
            "alert",
            "stage",
            "pdca",
            "task",
            "tier",
            "breakdown",
            "selection",
            "selection.cell",
            "artefact",
            "tactic",
        ],
        "segment" => &["segment", "churn", "breakdown", "stage", "tier", "role", "positioning"],
        "formula" => &["kpi"],
        "artefact" => {
            &["artefact", "board", "ranking", "breakdown", "calendar", "calendar.item", "selection.cell", "sop", "pdca"]
        }
        "tactic" => &["tactic", "stage.tactic", "calendar.item"],
        "kpi" => &["kpi", "funnel"],
        "trigger" => &["alert"],
        _ => &[],
    }
}

#[test]
fn every_point_of_the_method_is_in_its_place() {
    let mut found = Found::default();
    shipped().iter().for_each(|p| found.playbook(p));
    let points = points();
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut lost = Vec::new();
    for point in &points {
        let parts: Vec<&str> = point.kind.split('+').collect();
        for part in &parts {
            assert!(!allowed(part).is_empty(), "{}: no kind `{part}`", point.id);
            assert!(
                point.places.iter().any(|p| allowed(part).contains(&p.as_str())),
                "{}: a {part} does not belong to {}",
                point.id,
                point.places.join(", ")
            );
        }
        let nothing = BTreeSet::new();
        let places = found.0.get(&point.id).unwrap_or(&nothing);
        let missing: Vec<&str> = point.places.iter().map(String::as_str).filter(|p| !places.contains(p)).collect();
        let (covered, total) = kinds.entry(&point.kind).or_default();
        *total += 1;
        if missing.is_empty() {
            *covered += 1;
        } else {
            lost.push(format!("{} {} ({}): not in {}", point.id, point.label, point.kind, missing.join(", ")));
        }
    }
    let covered: usize = kinds.values().map(|(c, _)| c).sum();
    let mut table = format!("{:<16}covered / total\n", "points by kind");
    for (kind, (covered, total)) in &kinds {
        table.push_str(&format!("{kind:<16}{covered:>7} / {total}\n"));
    }
    table.push_str(&format!("{:<16}{covered:>7} / {}\n", "all", points.len()));
    // Past the capture of test output: the table is for people.
    writeln!(std::io::stderr(), "\n{table}").unwrap();
    assert_eq!((covered, points.len()), (169, 169), "{lost:#?}");
    let known: BTreeSet<&str> = points.iter().map(|p| p.id.as_str()).collect();
    let strange: Vec<&String> = found.0.keys().filter(|id| !known.contains(id.as_str())).collect();
    assert!(strange.is_empty(), "no such points: {strange:?}");
}

/// A figure of a case is a reason to try something. It sets no target: no cut is of origin `case`, no cut
/// that claims the method stands on a case alone, and none repeats a case's figure.
#[test]
fn a_case_never_cuts() {
    let cases: BTreeSet<String> = points().into_iter().filter(|p| p.kind == "case").map(|p| p.id).collect();
    let figures: [(&str, &[f64]); 9] = [
        ("S007", &[8.0]),
        ("S008", &[0.42]),
        ("S010", &[0.29]),
        ("S011", &[3.2]),
        ("S056", &[0.22]),
        ("S070", &[4.2]),
        ("S071", &[0.35, 0.68]),
        ("S099", &[2.8]),
        ("S108", &[1.5, 2.5]),
    ];
    for playbook in shipped() {
        for kpi in &playbook.kpis {
            let Some(bands) = &kpi.bands else { continue };
            let at = format!("{} `{}`", playbook.id, kpi.id);
            assert_ne!(kpi.provenance.origin, Origin::Case, "{at}");
            let all_cases = kpi.provenance.source.iter().all(|s| cases.contains(s));
            assert!(kpi.provenance.origin != Origin::Article || !all_cases, "{at}: only cases behind it");
            let cuts: Vec<f64> = match bands {
                Bands::Line(cuts) => cuts.iter().map(|c| c.value).collect(),
                Bands::Range { floor, watch, healthy } => {
                    [floor.value, watch.value, healthy.value].into_iter().flatten().collect()
                }
            };
            for (id, figures) in figures {
                let named = kpi.provenance.source.iter().any(|s| s == id);
                let repeated = figures.iter().any(|f| cuts.iter().any(|c| (c - f).abs() < 1e-9));
                assert!(!(named && repeated), "{at}: cuts at the figure of the case {id}");
            }
        }
    }
}
