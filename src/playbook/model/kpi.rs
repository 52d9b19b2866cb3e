//! KPIs, their cut points, boards and principles, and how scores are issued.

use super::text::{Provenance, Sourced, Text};
use crate::diagnostic::Span;
use crate::playbook::formula::Formula;

/// Which way a KPI is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Between two values is best.
    Range,
}

/// The cut points of a KPI, valid: in the KPI's good direction and finite.
#[derive(Debug, Clone, PartialEq)]
pub enum Bands {
    /// `floor` (score 0), `watch` (50), `healthy` (80), `excellent` (100); ascending for
    /// [`Better::Higher`], descending for [`Better::Lower`].
    Line([Sourced<f64>; 4]),
    /// For [`Better::Range`]: `[low, high]` pairs that contain each other: `healthy` within
    /// `watch` within `floor`. Inside `healthy` the score is 100.
    Range {
        /// Score 0 at and beyond.
        floor: Sourced<[f64; 2]>,
        /// Score 50.
        watch: Sourced<[f64; 2]>,
        /// Score 100 within.
        healthy: Sourced<[f64; 2]>,
    },
}

/// How a KPI's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A share, shown as percent.
    Percent,
    /// Points of a scale.
    Points,
    /// A plain number.
    Number,
    /// Whole things or persons.
    Count,
    /// Money in the workspace's currency.
    Money,
    /// Days.
    Days,
    /// Hours.
    Hours,
}

/// What becomes of a KPI without data in the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Left out; coverage falls.
    Exclude,
    /// Counts as zero points.
    Fail,
}

/// How a KPI's value comes about.
#[derive(Debug, Clone)]
pub enum KpiForm {
    /// Numerator over denominator, each a number at group grain; has a Wilson interval where both
    /// are counts.
    Ratio(Formula, Formula),
    /// Any number at group grain; no interval.
    Value(Formula),
    /// The mean of an `avg` measure, with a Student-t interval.
    Mean(Formula),
}

/// Facts → value → judgement.
#[derive(Debug, Clone)]
pub struct Kpi {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// One sentence: what it counts and over which window.
    pub definition: Option<Text>,
    /// Board.
    pub board: String,
    /// Principle on the radar.
    pub principle: Option<String>,
    /// Value.
    pub form: KpiForm,
    /// Unit.
    pub unit: Unit,
    /// Direction.
    pub better: Better,
    /// Cut points; without them the KPI is shown but not scored.
    pub bands: Option<Bands>,
    /// Weight, > 0.
    pub weight: Sourced<f64>,
    /// Treatment of missing data.
    pub missing: Missing,
    /// KPIs whose product it is, to be shown beside it.
    pub factors: Vec<String>,
    /// Source of the thresholds.
    pub provenance: Provenance,
    /// Where it is declared.
    pub span: Span,
}

/// A board of KPIs.
#[derive(Debug, Clone)]
pub struct Board {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Weight in the health score, > 0.
    pub weight: Sourced<f64>,
    /// Source.
    pub provenance: Provenance,
}

/// A principle of the method, an axis of the radar.
#[derive(Debug, Clone)]
pub struct Principle {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// What it asks for.
    pub body: Option<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// Grades and coverage.
#[derive(Debug, Clone)]
pub struct Scoring {
    /// Grade letters with their lowest score, best first, the last at 0.
    pub grades: Vec<(String, Sourced<f64>)>,
    /// Below this measured share of the weight no score is issued, 0..=1.
    pub min_coverage: Sourced<f64>,
    /// Groups with fewer customers are shown without a score: a few persons decide every ratio.
    pub min_members: Sourced<u32>,
    /// Ratios of counts and means over fewer observations are shown and not scored.
    pub min_sample: Sourced<u32>,
}
