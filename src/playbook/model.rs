//! A resolved playbook: what the consultant decided for one group in one stage, valid and typed.
//!
//! Every value that can change a number keeps the [`Span`] that set it, so that a report can name
//! the file and line of each threshold.

use super::formula::Formula;
use crate::diagnostic::Span;
use crate::expr::Type;
use crate::schema::{ColumnType, Table};
use std::collections::BTreeMap;

/// A text in the playbook's own language with its translations. May be Markdown and may hold
/// template variables where the section says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text of the playbook file itself.
    pub original: String,
    /// Translations by language tag (`en`).
    pub translations: BTreeMap<String, String>,
    /// Where the original stands.
    pub span: Span,
}

impl Text {
    /// The text in a language, or the original where there is no translation.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        self.translations.get(language).unwrap_or(&self.original)
    }
}

/// A value with the place that set it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it was set.
    pub span: Span,
}

/// Where a threshold or rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Origin {
    /// Prescribed by the source article.
    Article,
    /// A figure of a case, quoted as evidence.
    Case,
    /// This tool's default.
    Default,
    /// The consultant's own.
    #[default]
    Own,
}

/// Where something comes from: its kind and the ids of the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// Kind of source.
    pub origin: Origin,
    /// Inventory ids such as `S060`.
    pub source: Vec<String>,
}

/// The rows that a measure is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// One value a group.
    Group,
    /// One value a membership.
    Member,
    /// One value a broadcast item.
    Post,
    /// One value a product within a group.
    Product,
}

impl Grain {
    /// The word used in playbooks.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Member => "member",
            Self::Post => "post",
            Self::Product => "product",
        }
    }

    /// The entity table whose rows have this grain.
    #[must_use]
    pub fn table(self) -> Table {
        match self {
            Self::Group => Table::Groups,
            Self::Member => Table::Members,
            Self::Post => Table::Posts,
            Self::Product => Table::Products,
        }
    }
}

/// How a measure sums up its rows.
#[derive(Debug, Clone)]
pub enum Aggregate {
    /// Number of rows.
    Count,
    /// Number of distinct combinations.
    CountDistinct(Vec<DistinctKey>),
    /// Exact sum.
    Sum(Formula),
    /// Mean.
    Avg(Formula),
    /// Smallest.
    Min(Formula),
    /// Largest.
    Max(Formula),
    /// Median; the mean of the middle two where their number is even.
    Median(Formula),
    /// Longest run of consecutive local days with a row.
    Streak,
    /// Other measures taken together; parts without data are left out unless all are.
    Combine {
        /// Measure ids.
        parts: Vec<Sourced<String>>,
        /// How they are taken together.
        with: CombineWith,
    },
}

/// How a composed measure takes its parts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CombineWith {
    /// Their sum.
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
}

/// What is counted once.
#[derive(Debug, Clone)]
pub enum DistinctKey {
    /// The row's `member_id`.
    Member,
    /// The local day of the row's time.
    Day,
    /// Any other expression, usually a column.
    Formula(Formula),
}

/// When in the window a stock is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// At its first instant.
    Start,
    /// At its end.
    End,
    /// At any of its instants.
    During,
}

/// What a measure says of a group without any matching row in the whole drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Zero.
    Zero,
    /// No data.
    NoData,
}

/// A substitute for drops that only have daily totals; its values are marked approximate.
#[derive(Debug, Clone)]
pub struct Fallback {
    /// Always [`Table::Daily`] for now.
    pub table: Table,
    /// `Avg`, `Sum`, `Min` or `Max` over a column of it.
    pub aggregate: Aggregate,
}

/// Rows → facts.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Id.
    pub id: String,
    /// What it means, for the method page.
    pub name: Option<Text>,
    /// The table it reads; `None` for a composed measure.
    pub table: Option<Table>,
    /// How it sums up.
    pub aggregate: Aggregate,
    /// Which rows.
    pub filter: Option<Formula>,
    /// The time column that places a row in a window; the table's own where it has one.
    /// For entity tables `None`: windows do not select rows, `filter` does.
    pub on: Option<String>,
    /// For stocks over `members`.
    pub at: Option<At>,
    /// Substitute.
    pub fallback: Option<Fallback>,
    /// What no row at all means; `None`: as the table is configured.
    pub absent: Option<Absent>,
    /// Type of its value.
    pub ty: Type,
    /// Where it is declared.
    pub span: Span,
}

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

/// Distinct members by ordered steps.
#[derive(Debug, Clone)]
pub struct Funnel {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Measures, each read at member grain.
    pub steps: Vec<FunnelStep>,
    /// A step's rate below this is weak (strictly).
    pub weak_below: Sourced<f64>,
    /// Each step must follow the one before within so many local days.
    pub within_days: i32,
    /// Source.
    pub provenance: Provenance,
}

/// One step of a funnel.
#[derive(Debug, Clone)]
pub struct FunnelStep {
    /// Measure id.
    pub measure: String,
    /// Shown name.
    pub name: Text,
    /// Place of the reference.
    pub span: Span,
}

/// A class of a partition of members; first match wins.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Who belongs; `None` for the rest.
    pub when: Option<Formula>,
    /// The tactic for its members.
    pub tactic: Option<Sourced<String>>,
    /// What it means.
    pub body: Option<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Worth a look.
    Low,
    /// This week.
    Medium,
    /// Now.
    High,
}

/// A condition that calls for a response.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// [`Grain::Group`] or [`Grain::Member`].
    pub grain: Grain,
    /// Urgency.
    pub severity: Urgency,
    /// Condition.
    pub when: Formula,
    /// Tactic to apply.
    pub action: Sourced<String>,
    /// Role that answers; the tactic's owner where absent.
    pub owner: Option<String>,
    /// Hours within which to answer.
    pub within_hours: u32,
    /// Days during which it does not fire again for the same member or group.
    pub cooldown_days: i32,
    /// What it means.
    pub body: Option<Text>,
    /// Source.
    pub provenance: Provenance,
    /// Where it is declared.
    pub span: Span,
}

/// Top lists.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// What is ranked.
    pub grain: Grain,
    /// Measure, read at that grain over the window.
    pub by: Sourced<String>,
    /// How many.
    pub top: usize,
    /// Source.
    pub provenance: Provenance,
}

/// A measure split by a text column: content mix, reasons of leaving.
#[derive(Debug, Clone)]
pub struct Breakdown {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// A `count` or `sum` measure.
    pub measure: Sourced<String>,
    /// The text to split by, on the measure's rows.
    pub by: Formula,
    /// Names of the values; a value without one is shown as it is.
    pub labels: BTreeMap<String, Text>,
    /// Source.
    pub provenance: Provenance,
}

/// When a tactic is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// Once, within the week.
    Once,
    /// Whenever somebody joins.
    OnJoin,
    /// Every day, at a time if given (minutes from midnight).
    Daily(Option<u32>),
    /// On a weekday (Monday 1).
    Weekly(u32, Option<u32>),
    /// On a day of the month.
    Monthly(u32, Option<u32>),
    /// On the first day of a quarter.
    Quarterly,
}

/// Whom a tactic addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Every member.
    All,
    /// The staff of the group.
    Staff,
    /// A segment.
    Segment(String),
    /// A churn depth.
    Churn(String),
    /// Those for whom an alert fires.
    Alert(String),
}

/// A quoted case or study beside a tactic.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The quotation.
    pub text: Text,
    /// Source.
    pub provenance: Provenance,
}

/// What to do.
#[derive(Debug, Clone)]
pub struct Tactic {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// KPIs it improves.
    pub improves: Vec<Sourced<String>>,
    /// Whom it addresses.
    pub audience: Sourced<Audience>,
    /// Role that does it.
    pub owner: Sourced<String>,
    /// When.
    pub cadence: Rhythm,
    /// Effort in person-minutes each time.
    pub effort_minutes: Option<u32>,
    /// What it should bring.
    pub effect: Option<Text>,
    /// Why one may believe it.
    pub evidence: Vec<Evidence>,
    /// When not to use it.
    pub avoid: Option<Text>,
    /// A message ready to send; a template.
    pub message: Option<Text>,
    /// How to do it; Markdown, a template.
    pub body: Text,
    /// Source.
    pub provenance: Provenance,
    /// Where it is declared.
    pub span: Span,
}

/// A stage of the lifecycle.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Other names under which the data may call it.
    pub aliases: Vec<String>,
    /// Goal.
    pub goal: Text,
    /// When a group is in it; the last stage whose condition holds wins.
    pub enter_when: Option<Formula>,
    /// When it is over, for people.
    pub exit: Option<Text>,
    /// What to stop doing.
    pub stop: Vec<Text>,
    /// Its tactics.
    pub tactics: Vec<Tactic>,
    /// Source.
    pub provenance: Provenance,
}

/// A titled piece of the manual.
#[derive(Debug, Clone)]
pub struct Passage {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Markdown, a template.
    pub body: Text,
    /// Role concerned, where there is one.
    pub owner: Option<String>,
    /// Source.
    pub provenance: Provenance,
}

/// A member tier with its rights.
#[derive(Debug, Clone)]
pub struct Tier {
    /// Id; the value of `members.tier`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// How one gets there.
    pub requirement: Text,
    /// Rights.
    pub rights: Vec<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// A task of the ladder.
#[derive(Debug, Clone)]
pub struct Task {
    /// Id; the value of `events.ref`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// `newcomer`, `growth` or `advanced`.
    pub level: String,
    /// What to do.
    pub body: Text,
    /// What one gets.
    pub reward: Option<Text>,
    /// Target completion, 0..=1.
    pub target: Option<Sourced<f64>>,
    /// Source.
    pub provenance: Provenance,
}

/// A checklist of a role.
#[derive(Debug, Clone)]
pub struct Sop {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// When.
    pub cadence: Rhythm,
    /// Role.
    pub owner: String,
    /// Steps.
    pub steps: Vec<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// Positioning of a group type.
#[derive(Debug, Clone, Default)]
pub struct Positioning {
    /// For whom.
    pub who: Option<Text>,
    /// Their need.
    pub need: Option<Text>,
    /// The peak experience.
    pub peak: Option<Text>,
    /// The value proposition.
    pub value: Option<Text>,
    /// Who is not wanted.
    pub not_for: Option<Text>,
    /// Questions on entry.
    pub questionnaire: Vec<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// One recurring item of the content calendar.
#[derive(Debug, Clone)]
pub struct CalendarItem {
    /// Id.
    pub id: String,
    /// Title; a template.
    pub title: Text,
    /// When.
    pub cadence: Rhythm,
    /// `knowledge`, `emotion` or `conversion`.
    pub core: String,
    /// `posts.kind` it will be sent as.
    pub kind: String,
    /// Role.
    pub owner: String,
    /// How to do it.
    pub body: Option<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// The content calendar.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    /// Target share of useful items, 0..=1.
    pub useful_share: Option<Sourced<f64>>,
    /// Most promotional items a week.
    pub promo_per_week: Option<Sourced<u32>>,
    /// Days without items (`2025-05-01`), with a name.
    pub holidays: BTreeMap<String, Text>,
    /// Items.
    pub items: Vec<CalendarItem>,
    /// Source.
    pub provenance: Provenance,
}

/// One cell of the product-selection matrix.
#[derive(Debug, Clone)]
pub struct SelectionCell {
    /// Id.
    pub id: String,
    /// Objective.
    pub objective: Text,
    /// `products.role`.
    pub role: String,
    /// Mechanic.
    pub mechanic: Text,
    /// How to do it.
    pub body: Option<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// Product selection.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Weekdays on which the assortment changes (Monday 1).
    pub refresh: Vec<u32>,
    /// Time slots (`12:00`).
    pub slots: Vec<String>,
    /// Target share of each product role.
    pub mix: BTreeMap<String, f64>,
    /// Matrix.
    pub cells: Vec<SelectionCell>,
    /// Source.
    pub provenance: Provenance,
}

/// The review rhythm.
#[derive(Debug, Clone, Default)]
pub struct Pdca {
    /// Monthly.
    pub plan: Vec<Text>,
    /// Always.
    pub act_do: Vec<Text>,
    /// Weekly.
    pub check: Vec<Text>,
    /// Quarterly.
    pub act: Vec<Text>,
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

/// A role that acts.
#[derive(Debug, Clone)]
pub struct Role {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Duties.
    pub body: Option<Text>,
    /// Source.
    pub provenance: Provenance,
}

/// Everything decided for one group in one stage.
#[derive(Debug, Clone)]
pub struct Playbook {
    /// Id of the playbook named by the group.
    pub id: String,
    /// From the root to itself.
    pub chain: Vec<String>,
    /// Name.
    pub name: Text,
    /// One paragraph.
    pub summary: Option<Text>,
    /// The stage whose overrides are applied, if one was asked for.
    pub stage: Option<String>,
    /// Extra columns with their types, by table.
    pub attributes: BTreeMap<Table, BTreeMap<String, ColumnType>>,
    /// Measures by id.
    pub measures: BTreeMap<String, Measure>,
    /// KPIs in the order of the files.
    pub kpis: Vec<Kpi>,
    /// Boards in order.
    pub boards: Vec<Board>,
    /// Principles in order.
    pub principles: Vec<Principle>,
    /// Funnels.
    pub funnels: Vec<Funnel>,
    /// The partition of members in the group.
    pub segments: Vec<Segment>,
    /// The partition of members by depth of churn, those who left included.
    pub churn: Vec<Segment>,
    /// Alerts.
    pub alerts: Vec<Alert>,
    /// Top lists.
    pub rankings: Vec<Ranking>,
    /// Breakdowns.
    pub breakdowns: Vec<Breakdown>,
    /// Tactics of every stage.
    pub tactics: Vec<Tactic>,
    /// Stages in order of life.
    pub stages: Vec<Stage>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Positioning.
    pub positioning: Positioning,
    /// Group rules.
    pub rules: Vec<Passage>,
    /// Artefacts ready to copy.
    pub artefacts: Vec<Passage>,
    /// Tiers.
    pub tiers: Vec<Tier>,
    /// Task ladder.
    pub tasks: Vec<Task>,
    /// Checklists.
    pub sops: Vec<Sop>,
    /// Calendar.
    pub calendar: Calendar,
    /// Selection.
    pub selection: Selection,
    /// Review rhythm.
    pub pdca: Pdca,
    /// Scoring.
    pub scoring: Scoring,
}

impl Playbook {
    /// A KPI by id.
    #[must_use]
    pub fn kpi(&self, id: &str) -> Option<&Kpi> {
        self.kpis.iter().find(|k| k.id == id)
    }

    /// The stage whose overrides are applied.
    #[must_use]
    pub fn current_stage(&self) -> Option<&Stage> {
        let id = self.stage.as_deref()?;
        self.stages.iter().find(|s| s.id == id)
    }

    /// Whether a text stands in the playbook that all others build on, as it does where no type, brand,
    /// stage or group has said it in another way.
    #[must_use]
    pub fn is_common(&self, text: &Text) -> bool {
        let Some(root) = self.chain.first().filter(|_| self.chain.len() > 1) else { return false };
        let path = text.span.source.name.as_str();
        path.split('/').any(|part| part == root || part.strip_suffix(".toml") == Some(root))
    }

    /// The tactics at hand: those of the current stage first, then those of every stage.
    pub fn tactics_at_hand(&self) -> impl Iterator<Item = &Tactic> {
        let own = self.current_stage().map_or(&[][..], |s| s.tactics.as_slice());
        own.iter().chain(self.tactics.iter().filter(move |t| own.iter().all(|o| o.id != t.id)))
    }
}
