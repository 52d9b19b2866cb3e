//! The parts of an operating manual, as templates see them.

use super::action::{ReviewView, TacticView};
use super::group::{GroupHead, NamedLink};
use super::principles::PrinciplesView;
use super::score::FactView;
use serde::Serialize;

/// The manual. Empty parts are left out of the page.
#[derive(Debug, Clone, Serialize)]
pub struct ManualView {
    /// The group.
    pub group: GroupHead,
    /// What this type of group is.
    pub summary: Option<String>,
    /// Positioning: who, need, peak experience, value, who is not wanted.
    pub positioning: Vec<FactView>,
    /// Questions on entry.
    pub questionnaire: Vec<String>,
    /// The welcome message.
    pub welcome: Option<PassageView>,
    /// Further texts ready to copy.
    pub artefacts: Vec<PassageView>,
    /// Group rules.
    pub rules: Vec<PassageView>,
    /// The current stage.
    pub stage: Option<StageView>,
    /// Tactics of every stage.
    pub tactics: Vec<TacticView>,
    /// The other stages, in order of life.
    pub stages: Vec<StageView>,
    /// Tactics that every type has in the same words, for reference.
    pub common: Vec<TacticView>,
    /// The pages of those.
    pub common_pages: Vec<NamedLink>,
    /// The coming weeks.
    pub calendar: Option<CalendarView>,
    /// Tasks by level.
    pub tasks: Vec<TaskLevelView>,
    /// Tiers with their rights.
    pub tiers: Vec<TierView>,
    /// Checklists by role.
    pub sops: Vec<SopRoleView>,
    /// How to answer alerts.
    pub alerts: Vec<AlertRuleView>,
    /// Product selection.
    pub selection: Option<SelectionView>,
    /// The review rhythm.
    pub pdca: Vec<PdcaView>,
    /// What became of the last period's deeds.
    pub review: Vec<ReviewView>,
    /// The principles with the group's scores.
    pub principles: PrinciplesView,
}

/// A titled text.
#[derive(Debug, Clone, Serialize)]
pub struct PassageView {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// Role concerned.
    pub owner: Option<String>,
    /// Where it comes from.
    pub origin: String,
}

/// A stage of the lifecycle.
#[derive(Debug, Clone, Serialize)]
pub struct StageView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Goal.
    pub goal: String,
    /// When it is over.
    pub exit: Option<String>,
    /// What to stop doing.
    pub stop: Vec<String>,
    /// Its tactics.
    pub tactics: Vec<TacticView>,
}

/// The coming weeks.
#[derive(Debug, Clone, Serialize)]
pub struct CalendarView {
    /// First to last day.
    pub days: String,
    /// What comes every day, told once.
    pub daily: Vec<CalendarItemView>,
    /// The rest by weeks from Monday.
    pub weeks: Vec<WeekView>,
    /// Rules: useful share, cap of promotions, holidays.
    pub rules: Vec<String>,
    /// The same as a calendar file.
    pub ics: String,
}

/// A week of the calendar.
#[derive(Debug, Clone, Serialize)]
pub struct WeekView {
    /// Its days.
    pub title: String,
    /// Its items.
    pub items: Vec<CalendarItemView>,
}

/// An item on a day.
#[derive(Debug, Clone, Serialize)]
pub struct CalendarItemView {
    /// The day with its weekday.
    pub day: String,
    /// The day, ISO.
    pub date: String,
    /// Time of day, or empty.
    pub time: String,
    /// Title.
    pub title: String,
    /// `knowledge`, `emotion` or `conversion`.
    pub core: String,
    /// The same as a word.
    pub core_name: String,
    /// What it will be sent as.
    pub kind: String,
    /// Who sends it.
    pub owner: String,
}

/// Tasks of one level.
#[derive(Debug, Clone, Serialize)]
pub struct TaskLevelView {
    /// Name of the level.
    pub name: String,
    /// Tasks.
    pub tasks: Vec<TaskView>,
}

/// A task.
#[derive(Debug, Clone, Serialize)]
pub struct TaskView {
    /// Name.
    pub name: String,
    /// What to do; Markdown.
    pub body: String,
    /// What one gets.
    pub reward: Option<String>,
    /// Target completion.
    pub target: Option<String>,
}

/// A member tier.
#[derive(Debug, Clone, Serialize)]
pub struct TierView {
    /// Name.
    pub name: String,
    /// How one gets there.
    pub requirement: String,
    /// Rights.
    pub rights: Vec<String>,
}

/// The checklists of a role.
#[derive(Debug, Clone, Serialize)]
pub struct SopRoleView {
    /// The role.
    pub role: String,
    /// Its duties.
    pub body: Option<String>,
    /// Its checklists.
    pub lists: Vec<SopView>,
}

/// A checklist.
#[derive(Debug, Clone, Serialize)]
pub struct SopView {
    /// Name.
    pub name: String,
    /// When.
    pub cadence: String,
    /// Steps.
    pub steps: Vec<String>,
}

/// How to answer an alert.
#[derive(Debug, Clone, Serialize)]
pub struct AlertRuleView {
    /// Name.
    pub name: String,
    /// `high`, `medium` or `low`.
    pub severity: String,
    /// The urgency as a word.
    pub severity_text: String,
    /// The condition as written.
    pub when: String,
    /// What it means.
    pub body: Option<String>,
    /// Title of the tactic.
    pub tactic: Option<String>,
    /// Who answers.
    pub owner: String,
    /// Within how long.
    pub within: String,
}

/// Product selection.
#[derive(Debug, Clone, Serialize)]
pub struct SelectionView {
    /// Facts: days of change, slots, mix.
    pub facts: Vec<FactView>,
    /// The matrix.
    pub cells: Vec<SelectionCellView>,
}

/// A cell of the selection matrix.
#[derive(Debug, Clone, Serialize)]
pub struct SelectionCellView {
    /// Objective.
    pub objective: String,
    /// Name of the product role.
    pub role: String,
    /// Mechanic.
    pub mechanic: String,
    /// How to do it; Markdown.
    pub body: Option<String>,
    /// The group's products of this role.
    pub products: Vec<String>,
    /// How many more there are, in words.
    pub more: Option<String>,
}

/// One part of the review rhythm.
#[derive(Debug, Clone, Serialize)]
pub struct PdcaView {
    /// Its name.
    pub name: String,
    /// Its rhythm.
    pub rhythm: String,
    /// Its steps.
    pub steps: Vec<String>,
}
