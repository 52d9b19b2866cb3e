//! View models: what templates and the JSON of a site show, in the reader's language.
//!
//! The structs that end in `View` are the public contract of the templates, version
//! [`SCHEMA_VERSION`]. Everything is computed and worded here; a template only lays out.

mod action;
mod catalogue;
mod changes;
mod desk;
mod detail;
mod evidence;
mod findable;
mod flow;
mod format;
mod group;
mod json;
mod kpi;
mod manual;
mod manual_part;
mod manual_view;
mod method;
mod month;
mod pattern;
mod people;
mod places;
mod portfolio;
mod portfolio_data;
mod principles;
mod proof;
mod pseudonym;
mod reference;
mod reporter;
mod rollups;
pub mod rounding;
mod score;
mod shared;
mod texts;
mod trend;
pub mod visible;
mod waiver;
mod wording;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

pub use action::{ActionView, ReviewView, TacticView};
pub use changes::{ChangesView, MoveView, RestView, Slope};
pub use detail::{DetailPageView, KpiTrendView};
pub use evidence::{CutView, EvidenceView, MeasureView};
pub use findable::Findable;
pub use flow::{FunnelView, RowView, StepView, TableView};
pub use group::{BoardView, GapView, GroupHead, GroupReportView, LeadView, NamedLink, PeriodHead};
pub use json::SCHEMA_VERSION;
pub use kpi::{Bullet, ChangeView, KpiLineView, KpiView, Spark};
pub use manual_part::{ManualPart, ManualPartView};
pub use manual_view::{
    AlertRuleView, CalendarItemView, CalendarView, ManualView, PassageView, PdcaView, SelectionCellView, SelectionView,
    SopRoleView, SopView, StageView, TaskLevelView, TaskView, TierView, WeekView,
};
pub use method::{MethodBoard, MethodKpi, MethodVariant, MethodView};
pub use month::{DAYS_AHEAD, Plan, Planned, plan};
pub use people::{AlertView, ClassView, PartitionView, Stack};
pub use places::Places;
pub use portfolio::{FirstView, GROUPS_PER_PAGE, GroupRow, PortfolioView, TallyView};
pub use principles::{FactorView, IndexView, PrincipleView, PrinciplesView, Radar};
pub use proof::{EvidencePageView, MeasuresView, ProofBoard, ProofView, RowsView, ThresholdView};
pub use pseudonym::{DEFAULT_KEY, Pseudonyms};
pub use reference::{BenchmarkView, QualityExample, QualityPart, QualityTable, QualityView, TypeView};
pub use reporter::Reporter;
pub use rollups::{RatioView, RollupRow, RollupTable, RollupsView, rollup_pages};
pub use score::{FactView, ScoreView};
pub use shared::Shared;
pub use texts::{
    GroupVariables, ItemVariables, MOST_PRODUCTS, MonthVariables, PeriodVariables, ProductVariables, Reading,
    TextTemplates, TextVariables, WeekVariables,
};
pub use trend::{CohortRow, RetentionView, SegmentsTrend, Stacks, TrendRow};
pub use waiver::WaiverView;
pub(crate) use wording::Given;
pub use wording::{BUILT_IN_EN, BUILT_IN_ZH, Style, Wording};
