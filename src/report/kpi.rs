//! A KPI as a row of the report: value, bands, interval, change, gain and how it came about.

use super::evidence::{formula, rows};
use super::reporter::Reporter;
use crate::health::{Change, KpiResult, PeriodHealth, Status};
use crate::playbook::{Bands, Better, Kpi, Playbook, Unit};
use serde::{Deserialize, Serialize};

/// A KPI that stands in one line of a list: how it stands, and where its evidence is.
#[derive(Debug, Clone, Serialize)]
pub struct KpiLineView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `critical`, `watch`, `healthy`, `excellent`, `none` (no data) or `plain` (not scored).
    pub status: &'static str,
    /// The status as a word.
    pub status_text: String,
    /// The status as a shape.
    pub mark: &'static str,
    /// The value in its unit; the word for "no data" without one.
    pub value: String,
    /// That the status is uncertain and what would settle it.
    pub uncertain: Option<String>,
    /// Why there is no value, or no score.
    pub reason: Option<String>,
    /// Against the previous period.
    pub change: ChangeView,
    /// Points to gain at the healthy cut; empty where there are none.
    pub gain: String,
    /// Where the evidence stands in full.
    pub href: String,
}

/// A row of the KPI list.
#[derive(Debug, Clone, Serialize)]
pub struct KpiView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it counts.
    pub definition: Option<String>,
    /// Name of its board.
    pub board: String,
    /// `critical`, `watch`, `healthy`, `excellent`, `none` (no data) or `plain` (not scored).
    pub status: &'static str,
    /// The status as a word.
    pub status_text: String,
    /// The status as a shape.
    pub mark: &'static str,
    /// The value in its unit; the word for "no data" without one.
    pub value: String,
    /// Numerator and denominator.
    pub parts: Option<String>,
    /// The 95 % interval.
    pub interval: Option<String>,
    /// That the status is uncertain and what would settle it.
    pub uncertain: Option<String>,
    /// Why there is no value, or no score.
    pub reason: Option<String>,
    /// That daily totals stood in for rows.
    pub approximate: bool,
    /// Against the previous period.
    pub change: ChangeView,
    /// Points to gain at the healthy cut; empty where there are none.
    pub gain: String,
    /// Weight.
    pub weight: String,
    /// The healthy cut in words, the target that the bar shows.
    pub target: Option<String>,
    /// Numbers of the bullet bar; `None` without a value or bands.
    pub bullet: Option<Bullet>,
    /// Numbers of the sparkline.
    pub spark: Spark,
    /// Where the bands of the bullet bar begin, from watch to excellent; empty without bands.
    pub cuts: Vec<String>,
    /// The formula with the numbers filled in.
    pub formula: String,
    /// Rows of the period that its measures matched, in one phrase; empty where no rows are counted.
    pub rows: String,
    /// Where the evidence stands in full.
    pub href: String,
}

/// How a KPI stands, in the words of the fields of [`KpiView`].
pub(super) struct Standing {
    pub status: &'static str,
    pub status_text: String,
    pub mark: &'static str,
    pub value: String,
    pub uncertain: Option<String>,
    pub reason: Option<String>,
}

/// A change in words.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeView {
    /// The difference, "no clear change" or a dash.
    pub text: String,
    /// `better`, `worse`, `flat` or `none`.
    pub class: &'static str,
    /// The previous value in its unit.
    pub previous: Option<String>,
}

/// The numbers of a bullet bar, in the KPI's own unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bullet {
    /// Cut points in ascending order.
    pub cuts: Vec<f64>,
    /// Band classes, one more than cuts: `b0` (critical) to `b3` (excellent).
    pub bands: Vec<String>,
    /// The value.
    pub value: f64,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// The previous period's value.
    pub previous: Option<f64>,
    /// Least value of the axis, where the unit has one.
    pub least: Option<f64>,
    /// Greatest value of the axis, where the unit has one.
    pub most: Option<f64>,
    /// What it shows.
    pub title: String,
    /// The same in words.
    pub label: String,
}

/// The numbers of a sparkline, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spark {
    /// One value a period; `None` without data.
    pub values: Vec<Option<f64>>,
    /// Each of them in words.
    pub cells: Vec<String>,
    /// What it shows.
    pub title: String,
    /// All of it in words.
    pub label: String,
    /// From where to where a value is healthy; open at either end.
    pub band: Option<[Option<f64>; 2]>,
}

impl Reporter<'_> {
    /// A KPI with its evidence at `evidence`, a page.
    pub(super) fn kpi(
        &self,
        playbook: &Playbook,
        (result, kpi): (&KpiResult, &Kpi),
        history: &[&PeriodHealth],
        evidence: &str,
    ) -> KpiView {
        let w = self.wording;
        let reading = result.reading.as_ref().ok();
        let Standing { status, status_text, mark, value, uncertain, reason } = self.standing((result, kpi));
        let name = self.text(&kpi.name);
        let target = kpi.bands.as_ref().map(|_| self.target(kpi));
        KpiView {
            id: kpi.id.clone(),
            definition: self.maybe(kpi.definition.as_ref()),
            board: playbook.boards.iter().find(|b| b.id == kpi.board).map(|b| self.text(&b.name)).unwrap_or_default(),
            status,
            status_text,
            mark,
            parts: reading.and_then(|r| {
                let (n, d) = (r.numerator?, r.denominator?);
                Some(w.say("parts", &[("n", &w.number(n)), ("d", &w.number(d))]))
            }),
            interval: self.interval((result, kpi)),
            uncertain,
            reason,
            approximate: reading.is_some_and(|r| r.approximate),
            change: self.change(kpi.unit, result.change.as_ref()),
            gain: self.gain(result),
            weight: w.fixed(result.weight, if result.weight.fract() == 0.0 { 0 } else { 2 }),
            bullet: reading.and_then(|r| {
                let bullet = bullet(kpi, r.value, r.interval, result.change.map(|c| c.previous))?;
                Some(Bullet { title: name.clone(), label: self.told(kpi, result)?, ..bullet })
            }),
            name,
            value,
            target,
            spark: self.spark(result, kpi, history),
            cuts: self.cuts(kpi),
            formula: formula(self, kpi, Some(result)),
            rows: rows(self, playbook, result),
            href: place(evidence, kpi),
        }
    }

    /// As [`kpi`](Self::kpi), in a line.
    pub(super) fn kpi_line(&self, (result, kpi): (&KpiResult, &Kpi), evidence: &str) -> KpiLineView {
        let Standing { status, status_text, mark, value, uncertain, reason } = self.standing((result, kpi));
        KpiLineView {
            id: kpi.id.clone(),
            name: self.text(&kpi.name),
            status,
            status_text,
            mark,
            value,
            uncertain,
            reason,
            change: self.change(kpi.unit, result.change.as_ref()),
            gain: self.gain(result),
            href: place(evidence, kpi),
        }
    }

    /// Points to gain, in words; empty where there are hardly any.
    fn gain(&self, result: &KpiResult) -> String {
        if result.lift >= 0.05 { self.wording.signed(result.lift, 1) } else { String::new() }
    }

    /// How a KPI stands.
    pub(super) fn standing(&self, (result, kpi): (&KpiResult, &Kpi)) -> Standing {
        let w = self.wording;
        let (status, text, mark) = match (&result.reading, result.status) {
            (Err(_), _) => ("none", "status_none", "–"),
            (Ok(_), None) => ("plain", "status_plain", "·"),
            (Ok(_), Some(status)) => (status_class(status), status_text(status), status_mark(status)),
        };
        let reading = result.reading.as_ref().ok();
        Standing {
            status,
            status_text: w.get(text),
            mark,
            value: reading.map_or_else(|| w.get("no_data"), |r| w.value(kpi.unit, r.value)),
            uncertain: result.uncertain.then(|| match result.more_needed {
                Some(n) => w.plural("uncertain_more", &[("n", n)], &[]),
                None => w.get("uncertain"),
            }),
            reason: result.reading.as_ref().err().map(|m| self.missing(m)).or_else(|| self.too_few(result)),
        }
    }

    /// The 95 % interval of a KPI, in words.
    pub(super) fn interval(&self, (result, kpi): (&KpiResult, &Kpi)) -> Option<String> {
        let (low, high) = result.reading.as_ref().ok()?.interval?;
        let [low, high] = [low, high].map(|end| self.wording.value(kpi.unit, end));
        Some(self.wording.say("interval", &[("low", &low), ("high", &high)]))
    }

    /// That there are too few observations to score, if so.
    pub(super) fn too_few(&self, result: &KpiResult) -> Option<String> {
        result.too_few.map(|least| self.wording.plural("too_few", &[("least", u64::from(least))], &[]))
    }

    pub(super) fn change(&self, unit: Unit, change: Option<&Change>) -> ChangeView {
        let w = self.wording;
        let Some(change) = change else {
            return ChangeView { text: "–".to_owned(), class: "none", previous: None };
        };
        let previous = Some(w.value(unit, change.previous));
        if change.significant == Some(false) || change.delta == 0.0 {
            return ChangeView { text: w.get("no_clear_change"), class: "flat", previous };
        }
        let arrow = if change.delta > 0.0 { "▲" } else { "▼" };
        let class = match change.better {
            Some(true) => "better",
            Some(false) => "worse",
            None => "flat",
        };
        ChangeView { text: format!("{arrow} {}", w.difference(unit, change.delta)), class, previous }
    }

    /// What a bullet bar shows, in words.
    fn told(&self, kpi: &Kpi, result: &KpiResult) -> Option<String> {
        let w = self.wording;
        let r = result.reading.as_ref().ok()?;
        let value = |v: f64| w.value(kpi.unit, v);
        let previous = result.change.map(|c| format!("{} {}", w.get("l_previous"), value(c.previous)));
        let parts = [Some(value(r.value)), previous, Some(self.target(kpi))];
        Some(parts.into_iter().flatten().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · "))
    }

    fn cuts(&self, kpi: &Kpi) -> Vec<String> {
        let value = |v: f64| self.wording.value(kpi.unit, v);
        let span = |[low, high]: [f64; 2]| format!("{}–{}", value(low), value(high));
        match &kpi.bands {
            None => Vec::new(),
            Some(Bands::Line([_, watch, healthy, excellent])) => {
                [watch, healthy, excellent].map(|c| value(c.value)).to_vec()
            }
            Some(Bands::Range { watch, healthy, .. }) => vec![span(watch.value), span(healthy.value), "–".to_owned()],
        }
    }

    /// The way of a KPI over the last periods.
    pub(super) fn spark(&self, result: &KpiResult, kpi: &Kpi, history: &[&PeriodHealth]) -> Spark {
        let values: Vec<Option<f64>> = history
            .iter()
            .map(|p| {
                // Periods of one playbook have the same KPIs in the same order.
                let same = p.kpis.get(result.index).filter(|k| k.id == kpi.id);
                let then = same.or_else(|| p.kpis.iter().find(|k| k.id == kpi.id))?;
                then.reading.as_ref().ok().map(|r| r.value)
            })
            .collect();
        Spark { band: healthy_band(kpi), ..self.spark_of(values, |v| self.wording.value(kpi.unit, v)) }
    }

    /// A sparkline with its values in words.
    pub(super) fn spark_of(&self, values: Vec<Option<f64>>, write: impl Fn(f64) -> String) -> Spark {
        let cells: Vec<String> = values.iter().map(|v| v.map_or_else(|| "–".to_owned(), &write)).collect();
        let n = values.len() as u64;
        // All values stand in a table; from where to where it went is what the picture tells at a glance.
        let mut known = cells.iter().zip(&values).filter(|(_, v)| v.is_some()).map(|(cell, _)| cell.as_str());
        let ends: Vec<&str> = known.next().into_iter().chain(known.next_back()).collect();
        let label = self.wording.plural("spark_label", &[("n", n)], &[("values", &ends.join(" → "))]);
        Spark { title: self.wording.get("l_trend"), label, cells, values, band: None }
    }
}

/// Where the evidence of a KPI stands on the page `evidence`.
pub(super) fn place(evidence: &str, kpi: &Kpi) -> String {
    [evidence, "#kpi-", kpi.id.as_str()].concat()
}

/// The word of a status in classes and JSON.
#[must_use]
pub fn status_class(status: Status) -> &'static str {
    match status {
        Status::Critical => "critical",
        Status::Watch => "watch",
        Status::Healthy => "healthy",
        Status::Excellent => "excellent",
    }
}

fn status_text(status: Status) -> &'static str {
    match status {
        Status::Critical => "status_critical",
        Status::Watch => "status_watch",
        Status::Healthy => "status_healthy",
        Status::Excellent => "status_excellent",
    }
}

fn status_mark(status: Status) -> &'static str {
    match status {
        Status::Critical => "!",
        Status::Watch => "△",
        Status::Healthy => "✓",
        Status::Excellent => "★",
    }
}

fn bullet(kpi: &Kpi, value: f64, interval: Option<(f64, f64)>, previous: Option<f64>) -> Option<Bullet> {
    let (cuts, bands) = match kpi.bands.as_ref()? {
        Bands::Line(cuts) => {
            let [_, watch, healthy, excellent] = cuts.each_ref().map(|c| c.value);
            if kpi.better == Better::Lower {
                (vec![excellent, healthy, watch], vec!["b3", "b2", "b1", "b0"])
            } else {
                (vec![watch, healthy, excellent], vec!["b0", "b1", "b2", "b3"])
            }
        }
        Bands::Range { watch, healthy, .. } => (
            vec![watch.value[0], healthy.value[0], healthy.value[1], watch.value[1]],
            vec!["b0", "b1", "b3", "b1", "b0"],
        ),
    };
    let (least, most) = match kpi.unit {
        Unit::Percent => (Some(0.0), (cuts.iter().all(|c| *c <= 1.0) && value <= 1.0).then_some(1.0)),
        Unit::Count | Unit::Money | Unit::Days | Unit::Hours => (Some(0.0), None),
        Unit::Points | Unit::Number => (None, None),
    };
    let bands = bands.into_iter().map(str::to_owned).collect();
    let (low, high) = interval.unzip();
    Some(Bullet { cuts, bands, value, low, high, previous, least, most, title: String::new(), label: String::new() })
}

/// From where to where a KPI is healthy.
fn healthy_band(kpi: &Kpi) -> Option<[Option<f64>; 2]> {
    Some(match kpi.bands.as_ref()? {
        Bands::Line([_, _, healthy, _]) if kpi.better == Better::Lower => [None, Some(healthy.value)],
        Bands::Line([_, _, healthy, _]) => [Some(healthy.value), None],
        Bands::Range { healthy, .. } => healthy.value.map(Some),
    })
}
