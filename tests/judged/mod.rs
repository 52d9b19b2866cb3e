//! What the engine built in makes of a drop, as the rows that `qunce sql` gives of it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use qunce::health::{Assessment, Counted, GroupHealth, PeriodHealth};
use qunce::measure::Number;
use qunce::playbook::{Grain, Segment};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Quotients are divided once more.
const ULPS: u64 = 4;

/// Rows by their first four columns, the name of the table before them.
pub type Rows = BTreeMap<Vec<String>, Vec<String>>;

/// Whether two floating-point numbers differ in their last places at most.
pub fn near(a: f64, b: f64) -> bool {
    a == b || (a.is_sign_positive() == b.is_sign_positive() && a.to_bits().abs_diff(b.to_bits()) <= ULPS)
}

/// What a cell must say.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No data.
    Null,
    Text(String),
    Count(u64),
    Exact(Decimal),
    Float(f64),
    Bool(bool),
    /// Whatever it says.
    Any,
}

impl Cell {
    fn number(number: Number) -> Self {
        match number {
            Number::Int(_) | Number::Decimal(_) => Self::Exact(number.to_decimal().unwrap()),
            Number::Float(f) => Self::Float(f),
            // In seconds since 1970.
            Number::Time(t) => Self::Float(t.0 as f64 / 1e6),
        }
    }

    fn says(&self, cell: &str) -> bool {
        match self {
            Self::Null => cell.is_empty(),
            Self::Text(text) => text == cell,
            Self::Count(n) => cell == n.to_string(),
            Self::Exact(d) => {
                cell.parse::<Decimal>().or_else(|_| Decimal::from_scientific(cell)).is_ok_and(|c| c == *d)
            }
            Self::Float(f) => cell.parse::<f64>().is_ok_and(|c| near(c, *f)),
            Self::Bool(b) => cell == b.to_string(),
            Self::Any => true,
        }
    }
}

/// Rows that must be there, and no others.
#[derive(Default)]
pub struct Expected {
    rows: BTreeMap<Vec<String>, Vec<Cell>>,
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

impl Expected {
    /// All that is judged. `open` is the same with no cell of a breakdown withheld.
    pub fn of(assessment: &Assessment, open: &Assessment) -> Self {
        let mut expected = Self::default();
        for (group, open) in assessment.groups.iter().zip(&open.groups) {
            let stage = group.playbook.stage.as_deref();
            expected.add(&["stages", &group.info.id, stage.unwrap_or_default(), "", ""], Vec::new());
            let mut before = BTreeSet::new();
            for (judged, open) in group.periods.iter().zip(&open.periods) {
                expected.kpis(group, judged);
                expected.funnels(group, judged);
                expected.rankings(group, judged);
                expected.breakdowns(group, judged, open);
                expected.partition("segments", group, judged, &group.playbook.segments, &judged.segments);
                expected.partition("churn", group, judged, &group.playbook.churn, &judged.churn);
                expected.alerts(group, judged, &before);
                before = judged.alerts.iter().map(|a| a.id.clone()).collect();
            }
        }
        expected
    }

    fn add(&mut self, key: &[&str], cells: Vec<Cell>) {
        let key: Vec<String> = key.iter().map(|k| (*k).to_owned()).collect();
        assert!(self.rows.insert(key.clone(), cells).is_none(), "{key:?} is there twice");
    }

    fn kpis(&mut self, group: &GroupHealth, judged: &PeriodHealth) {
        let stage = group.playbook.stage.as_deref().unwrap_or_default();
        for kpi in &judged.kpis {
            let cells = match &kpi.reading {
                Err(_) => vec![Cell::Any, Cell::Any, Cell::Null],
                Ok(r) => {
                    let ratio = matches!(
                        group.playbook.kpis.get(kpi.index).map(|k| &k.form),
                        Some(qunce::playbook::KpiForm::Ratio(..))
                    );
                    let float = |n: Option<Number>| n.map_or(Cell::Any, |n| Cell::Float(n.to_f64()));
                    let parts = if ratio {
                        [float(r.numerator), float(r.denominator)]
                    } else {
                        [Cell::Float(r.value), Cell::Null]
                    };
                    parts.into_iter().chain([Cell::Float(r.value)]).collect()
                }
            };
            self.add(&["kpis", &group.info.id, &judged.period.to_string(), stage, &kpi.id], cells);
        }
    }

    fn funnels(&mut self, group: &GroupHealth, judged: &PeriodHealth) {
        for (funnel, result) in group.playbook.funnels.iter().zip(&judged.funnels) {
            assert_eq!(funnel.id, result.id);
            for (place, step) in funnel.steps.iter().enumerate() {
                let mut cells = vec![text(&step.measure)];
                cells.extend(match result.steps.as_ref().map(|steps| &steps[place]) {
                    Err(_) => vec![Cell::Null, Cell::Null, Cell::Null, Cell::Null],
                    Ok(s) => vec![
                        Cell::Count(s.passed),
                        Cell::Count(s.open),
                        s.rate.map_or(Cell::Null, Cell::Float),
                        Cell::Bool(s.weak),
                    ],
                });
                let (period, step) = (judged.period.to_string(), (place + 1).to_string());
                self.add(&["funnels", &group.info.id, &period, &funnel.id, &step], cells);
            }
        }
    }

    fn rankings(&mut self, group: &GroupHealth, judged: &PeriodHealth) {
        let period = judged.period.to_string();
        for ranking in &judged.rankings {
            let known = Cell::Bool(ranking.rows.is_ok());
            let rows = ranking.rows.as_ref().map(Vec::as_slice).unwrap_or_default();
            if rows.is_empty() {
                let cells = vec![Cell::Null, Cell::Null, known.clone()];
                self.add(&["rankings", &group.info.id, &period, &ranking.id, ""], cells);
            }
            for (place, row) in rows.iter().enumerate() {
                let cells = vec![text(&row.id), Cell::number(row.value), known.clone()];
                self.add(&["rankings", &group.info.id, &period, &ranking.id, &(place + 1).to_string()], cells);
            }
        }
    }

    fn breakdowns(&mut self, group: &GroupHealth, judged: &PeriodHealth, open: &PeriodHealth) {
        let period = judged.period.to_string();
        for (told, all) in judged.breakdowns.iter().zip(&open.breakdowns) {
            let known = Cell::Bool(all.rows.is_ok());
            let rows = all.rows.as_ref().map(Vec::as_slice).unwrap_or_default();
            if rows.is_empty() {
                let mut cells = vec![Cell::Null; 5];
                cells.push(known.clone());
                self.add(&["breakdowns", &group.info.id, &period, &all.id, ""], cells);
            }
            let total: f64 = rows.iter().map(|(_, n)| n.to_f64()).sum();
            let left = told.rows.as_ref().map(Vec::as_slice).unwrap_or_default();
            assert_eq!(left.len() + told.withheld, rows.len());
            for (place, (value, number)) in rows.iter().enumerate() {
                let withheld = !left.iter().any(|(v, _)| v == value);
                let cells = vec![
                    value.as_deref().map_or(Cell::Null, text),
                    Cell::number(*number),
                    if total > 0.0 { Cell::Float(number.to_f64() / total) } else { Cell::Null },
                    Cell::Any,
                    Cell::Bool(withheld),
                    known.clone(),
                ];
                self.add(&["breakdowns", &group.info.id, &period, &all.id, &(place + 1).to_string()], cells);
            }
        }
    }

    fn partition(
        &mut self,
        name: &str,
        group: &GroupHealth,
        judged: &PeriodHealth,
        classes: &[Segment],
        counted: &Counted,
    ) {
        for (place, class) in classes.iter().enumerate() {
            let members = match counted {
                Counted::Missing(_) => Cell::Null,
                Counted::Known(counts) if counts[place].missing.is_some() => Cell::Null,
                Counted::Known(counts) => Cell::Count(counts[place].members.len() as u64),
            };
            let (period, place) = (judged.period.to_string(), (place + 1).to_string());
            self.add(&[name, &group.info.id, &period, &place, &class.id], vec![members]);
        }
    }

    fn alerts(&mut self, group: &GroupHealth, judged: &PeriodHealth, before: &BTreeSet<String>) {
        for (place, alert) in group.playbook.alerts.iter().enumerate() {
            let unknown = judged.unchecked.iter().any(|(id, _)| *id == alert.id);
            let firing = judged.alerts.iter().find(|a| a.id == alert.id);
            let cells = if unknown {
                vec![Cell::Null; 3]
            } else {
                let members = firing.map_or(0, |a| a.members.len() as u64);
                let new = firing.is_some() && !before.contains(&alert.id);
                assert_eq!(firing.is_some_and(|a| a.new), new);
                let members = if alert.grain == Grain::Member { Cell::Count(members) } else { Cell::Null };
                vec![Cell::Bool(firing.is_some()), members, Cell::Bool(new)]
            };
            let (period, place) = (judged.period.to_string(), (place + 1).to_string());
            self.add(&["alerts", &group.info.id, &period, &place, &alert.id], cells);
        }
    }

    /// Fails with the first differences of all rows but those that end in `except`; otherwise says how many rows of each table there were, and how many of them
    /// say something else than that there is nothing.
    pub fn compare(&self, found: &Rows, except: &[&str]) -> BTreeMap<String, (usize, usize)> {
        let meant = |key: &&Vec<String>| !except.contains(&key.last().map_or("", String::as_str));
        let mut wrong = Vec::new();
        let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (key, cells) in self.rows.iter().filter(|(key, _)| meant(key)) {
            let (all, telling) = counts.entry(key[0].clone()).or_default();
            *all += 1;
            let nothing = |c: &Cell| matches!(c, Cell::Null | Cell::Any | Cell::Bool(false) | Cell::Count(0));
            *telling += usize::from(cells.is_empty() || !cells.iter().all(nothing));
            match found.get(key) {
                Some(row) if cells.iter().zip(row).all(|(c, r)| c.says(r)) => {}
                Some(row) => wrong.push(format!("{key:?}: the SQL says {row:?}, the judgement {cells:?}")),
                None => wrong.push(format!("{key:?}: the SQL has no row, the judgement {cells:?}")),
            }
        }
        let more = found.keys().filter(|key| !self.rows.contains_key(*key));
        wrong.extend(more.map(|key| format!("{key:?}: only the SQL has this row")));
        let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
        assert!(wrong.is_empty(), "{} of {} rows differ:\n{shown}", wrong.len(), self.rows.len());
        println!("rows that agree, and how many of them tell something: {counts:?}");
        counts
    }
}
