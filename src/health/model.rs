//! Judgement as data: everything that reports show, before any wording or layout.

use crate::calendar::{Day, Instant, Period};
use crate::data::TableReport;
use crate::measure::{Missing, Number};
use crate::playbook::{Playbook, Urgency};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The whole workspace, judged.
#[derive(Debug)]
pub struct Assessment {
    /// The last instant that counts.
    pub as_of: Instant,
    /// Zone name, for the pages.
    pub zone: &'static str,
    /// Oldest to latest; the last is the report's period.
    pub periods: Vec<Period>,
    /// By group id.
    pub groups: Vec<GroupHealth>,
    /// All, by playbook, by brand, by owner.
    pub rollups: Vec<Rollup>,
    /// What was read, by table.
    pub data: Vec<TableReport>,
    /// The rule by which orders without a group were attributed and how many there were.
    pub attributed_orders: u64,
    /// Figures by measure for evidence: rows that matched, by group, in the latest period.
    pub days_covered: Option<(Day, Day)>,
}

/// Facts of a group that do not change with the period.
#[derive(Debug, Clone)]
pub struct GroupInfo {
    /// Id, as in the data.
    pub id: String,
    /// Name, as in the data.
    pub name: String,
    /// Safe, unique path segment made of the id.
    pub slug: String,
    /// Creation day.
    pub created_on: Option<Day>,
    /// Days from creation to the end of the latest period.
    pub age_days: Option<i64>,
    /// Owner.
    pub owner: Option<String>,
    /// Brand.
    pub brand: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Capacity.
    pub capacity: Option<i64>,
    /// Tags.
    pub tags: Option<String>,
    /// Whether the stage comes from the data (`false`: inferred).
    pub stage_given: bool,
    /// Customers in the group at the end of the latest period.
    pub members: Option<i64>,
}

/// A group, judged in every period by today's rules.
#[derive(Debug)]
pub struct GroupHealth {
    /// Facts.
    pub info: GroupInfo,
    /// The playbook in its current stage.
    pub playbook: Arc<Playbook>,
    /// One for each of [`Assessment::periods`].
    pub periods: Vec<PeriodHealth>,
    /// Product names and so on of this group's drop, for the manual.
    pub products: Vec<ProductInfo>,
    /// Who stayed, by the period of joining: one for each of [`Assessment::periods`].
    pub cohorts: Result<Vec<Cohort>, Missing>,
}

/// The customers who joined in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// How many joined; `None` where that is withheld.
    pub joined: Option<u64>,
    /// How many of them were in the group at the end of that period and of each one since; empty where it is withheld
    /// how many joined.
    pub stayed: Vec<Stayed>,
}

/// How many of a cohort were still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stayed {
    /// So many.
    Told(u64),
    /// Withheld, since it would single out a few: from `least` to `most`.
    Withheld {
        /// Not fewer.
        least: u64,
        /// Not more.
        most: u64,
    },
}

/// A product that this group has been shown or has bought.
#[derive(Debug, Clone)]
pub struct ProductInfo {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Category.
    pub category: Option<String>,
    /// `products.role`.
    pub role: Option<String>,
    /// Price.
    pub price: Option<rust_decimal::Decimal>,
}

impl GroupHealth {
    /// The latest period.
    #[must_use]
    pub fn latest(&self) -> Option<&PeriodHealth> {
        self.periods.last()
    }
}

/// One group in one period.
#[derive(Debug)]
pub struct PeriodHealth {
    /// The period.
    pub period: Period,
    /// The health score with its coverage and bounds.
    pub score: HealthScore,
    /// In the playbook's order.
    pub boards: Vec<BoardScore>,
    /// In the playbook's order.
    pub kpis: Vec<KpiResult>,
    /// Share of each principle's KPIs, 0..=100; `None` without data.
    pub principles: Vec<(String, Option<f64>)>,
    /// The partition, in the playbook's order.
    pub segments: Counted,
    /// Depths of churn, in the playbook's order.
    pub churn: Counted,
    /// Those that fire, most urgent first.
    pub alerts: Vec<AlertResult>,
    /// Alerts that could not be checked, and why.
    pub unchecked: Vec<(String, Missing)>,
    /// Funnels.
    pub funnels: Vec<FunnelResult>,
    /// Top lists.
    pub rankings: Vec<RankingResult>,
    /// Breakdowns.
    pub breakdowns: Vec<BreakdownResult>,
    /// What to do, by lift.
    pub actions: Vec<Action>,
    /// The previous period's first actions and what became of their KPIs.
    pub review: Vec<ActionReview>,
    /// Customers in the group at the period's end.
    pub members: Option<i64>,
}

/// A partition of members, or why there is none.
#[derive(Debug, Clone)]
pub enum Counted {
    /// Classes with their members.
    Known(Vec<ClassCount>),
    /// No data.
    Missing(Missing),
}

/// A class and who is in it.
#[derive(Debug, Clone)]
pub struct ClassCount {
    /// Segment or churn id.
    pub id: String,
    /// Who, by id.
    pub members: Vec<MemberRef>,
    /// Why nobody can be told to belong, where its condition has no data.
    pub missing: Option<Missing>,
}

/// A member on a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberRef {
    /// `member_id` as in the data; pages and lists show it by the privacy mode.
    pub id: Arc<str>,
}

/// A health score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HealthScore {
    /// 0..=100; `None` below the minimum coverage.
    pub value: Option<f64>,
    /// Grade letter index into the playbook's grades.
    pub grade: Option<usize>,
    /// Measured weight over all weight, 0..=1.
    pub coverage: f64,
    /// The score if all unmeasured weight were 0.
    pub low: f64,
    /// The score if all unmeasured weight were 100.
    pub high: f64,
    /// Change since the previous period, where both have a score.
    pub change: Option<f64>,
    /// Why there is no score.
    pub gap: Option<ScoreGap>,
}

/// Why no score is issued.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ScoreGap {
    /// Too little of the weight was measured; the least share asked for.
    Coverage(f64),
    /// Too few members to judge; the least number asked for.
    Members(u32),
}

/// A board's score.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardScore {
    /// Id.
    pub id: String,
    /// 0..=100; `None` if none of its KPIs has data.
    pub score: Option<f64>,
    /// Weight.
    pub weight: f64,
    /// Measured weight over its weight.
    pub coverage: f64,
}

/// Where a value lies between the cut points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Worse than `watch`.
    Critical,
    /// At least `watch`.
    Watch,
    /// At least `healthy`.
    Healthy,
    /// At least `excellent`.
    Excellent,
}

/// A KPI's value with its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Value in the KPI's unit (a share for percent).
    pub value: f64,
    /// Exact value where it is not a quotient.
    pub exact: Option<Number>,
    /// Numerator of a ratio.
    pub numerator: Option<Number>,
    /// Denominator of a ratio; the number of observations of a mean.
    pub denominator: Option<Number>,
    /// 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// Whether daily totals stood in for rows.
    pub approximate: bool,
}

/// A KPI in one period.
#[derive(Debug, Clone)]
pub struct KpiResult {
    /// Index into the playbook's KPIs.
    pub index: usize,
    /// Id.
    pub id: String,
    /// Value, or why there is none.
    pub reading: Result<Reading, Missing>,
    /// By the cut points; `None` wherever there is no score.
    pub status: Option<Status>,
    /// Whether the interval crosses the cut point that decides the status.
    pub uncertain: bool,
    /// About how many more observations would settle an uncertain status, at the present value.
    pub more_needed: Option<u64>,
    /// 0..=100; `None` without data or bands, or with too few observations.
    pub score: Option<f64>,
    /// The least number of observations asked for, where there are fewer.
    pub too_few: Option<u32>,
    /// Weight (0 for KPIs without bands).
    pub weight: f64,
    /// Points it gives to the health score.
    pub points: f64,
    /// Points it costs.
    pub lost: f64,
    /// Points gained if it reached its `healthy` cut.
    pub lift: f64,
    /// Against the previous period.
    pub change: Option<Change>,
    /// Rows of the drop that the KPI's measures matched in the period, by measure.
    pub rows: BTreeMap<String, u64>,
}

/// A change since the previous period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Previous value.
    pub previous: f64,
    /// New minus previous.
    pub delta: f64,
    /// `Some(false)`: within chance (two-proportion z or Welch t, 95 %); `None`: not tested.
    pub significant: Option<bool>,
    /// Whether it is for the better; `None` for no difference or no direction.
    pub better: Option<bool>,
}

/// An alert that fires.
#[derive(Debug, Clone)]
pub struct AlertResult {
    /// Id.
    pub id: String,
    /// Urgency.
    pub severity: Urgency,
    /// For whom; empty for an alert on the group.
    pub members: Vec<MemberRef>,
    /// Whether it is new since the previous period.
    pub new: bool,
}

/// A funnel in one period.
#[derive(Debug, Clone)]
pub struct FunnelResult {
    /// Id.
    pub id: String,
    /// Steps, or why there are none.
    pub steps: Result<Vec<StepCount>, Missing>,
    /// Index of the step with the lowest rate that is weak.
    pub weakest: Option<usize>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepCount {
    /// Measure id.
    pub measure: String,
    /// Distinct members who passed this and all earlier steps in order.
    pub passed: u64,
    /// Distinct members with this step, in any order.
    pub open: u64,
    /// Passed over passed of the step before.
    pub rate: Option<f64>,
    /// 95 % Wilson interval of the rate.
    pub interval: Option<(f64, f64)>,
    /// Below the weak limit.
    pub weak: bool,
}

/// A top list.
#[derive(Debug, Clone)]
pub struct RankingResult {
    /// Id.
    pub id: String,
    /// Best first; ties by time, then id.
    pub rows: Result<Vec<RankingRow>, Missing>,
}

/// One row of a top list.
#[derive(Debug, Clone)]
pub struct RankingRow {
    /// Id of the post, product or member.
    pub id: String,
    /// Title or name, as in the data; never a member's name.
    pub title: Option<String>,
    /// `posts.kind` or `products.category`.
    pub kind: Option<String>,
    /// Value.
    pub value: Number,
}

/// A breakdown.
#[derive(Debug, Clone)]
pub struct BreakdownResult {
    /// Id.
    pub id: String,
    /// Values with their number, largest first, then by value.
    pub rows: Result<Vec<(Option<String>, Number)>, Missing>,
    /// Number of values that are not among them, since too few persons stand behind them.
    pub withheld: usize,
}

/// Why an action is due.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    /// A KPI below its band.
    Kpi(String),
    /// An alert.
    Alert(String),
    /// A funnel step, by funnel and index of the step.
    Funnel(String, usize),
}

/// Something to do.
#[derive(Debug, Clone)]
pub struct Action {
    /// Tactic id.
    pub tactic: String,
    /// Why, most weighty first.
    pub causes: Vec<Cause>,
    /// Points to gain in the health score, of all its KPIs, each counted once.
    pub lift: f64,
    /// How many it addresses.
    pub audience: Option<u64>,
    /// Slug of the list (`segment` or `alert` id) of them, if there is one.
    pub list: Option<String>,
    /// Role.
    pub owner: String,
    /// Last day.
    pub due: Day,
}

/// What became of an action.
#[derive(Debug, Clone)]
pub struct ActionReview {
    /// Tactic id.
    pub tactic: String,
    /// KPI.
    pub kpi: String,
    /// Before and after.
    pub change: Option<Change>,
}

/// What a roll-up is over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Every group.
    All,
    /// A playbook id.
    Playbook(String),
    /// A brand.
    Brand(String),
    /// An owner.
    Owner(String),
}

/// Groups taken together in the latest period.
#[derive(Debug, Clone)]
pub struct Rollup {
    /// Over what.
    pub scope: Scope,
    /// Number of groups.
    pub groups: usize,
    /// Memberships (places) of customers.
    pub places: u64,
    /// Distinct persons among them.
    pub persons: u64,
    /// Member-weighted mean of the scores there are.
    pub score: Option<f64>,
    /// How many of its groups have a score.
    pub scored: usize,
    /// Group with the lowest score: index into [`Assessment::groups`].
    pub worst: Option<usize>,
    /// Ratio KPIs with added numerators and denominators, by KPI id.
    pub kpis: BTreeMap<String, RollupKpi>,
}

/// A ratio over several groups.
#[derive(Debug, Clone, PartialEq)]
pub struct RollupKpi {
    /// Sum of numerators.
    pub numerator: Number,
    /// Sum of denominators.
    pub denominator: Number,
    /// Quotient.
    pub value: f64,
    /// Interval where both are counts.
    pub interval: Option<(f64, f64)>,
    /// Groups that had data.
    pub groups: usize,
    /// Lowest, median and highest value among them.
    pub spread: [f64; 3],
}
