//! The health report of one group in one period.

use super::action::{ActionView, ReviewView};
use super::changes::ChangesView;
use super::flow::{FunnelView, TableView, width};
use super::kpi::{KpiLineView, KpiView, Spark};
use super::people::{AlertView, PartitionView};
use super::principles::PrinciplesView;
use super::reporter::Reporter;
use super::score::{FactView, ScoreView};
use super::shared::Shared;
use super::trend::{RetentionView, SegmentsTrend};
use super::visible::clean;
use super::waiver::{HOLDS, WaiverView};
use crate::health::{GroupHealth, KpiResult, PeriodHealth, Status};
use crate::playbook::Kpi;
use serde::Serialize;

/// How many deeds stand at the top.
const FIRST_ACTIONS: usize = 3;
/// How many periods a sparkline shows.
const TREND: usize = 9;
/// How many rows of a table stand in the report.
const FIRST_ROWS: usize = 5;
/// How many KPIs stand with their charts; the others of the list stand in a line each.
const CHARTED: usize = 8;

/// The health report.
#[derive(Debug, Clone, Serialize)]
pub struct GroupReportView {
    /// The group.
    pub group: GroupHead,
    /// The period.
    pub period: PeriodHead,
    /// The health score.
    pub score: ScoreView,
    /// The verdict: one sentence that says it all, then a few that add to it.
    pub verdict: Vec<String>,
    /// Facts beside the gauge.
    pub facts: Vec<FactView>,
    /// The scores of the last periods.
    pub trend: Spark,
    /// Short names of these periods.
    pub trend_heads: Vec<String>,
    /// What the playbook puts up with; only in the latest report.
    pub waivers: Vec<WaiverView>,
    /// How many of them hold something back now.
    pub waived: usize,
    /// The first three things to do.
    pub actions: Vec<ActionView>,
    /// The rest of them; what they ask for stands in the manual.
    pub more_actions: Vec<ActionView>,
    /// The boards.
    pub boards: Vec<BoardView>,
    /// KPIs that cost points or lie below their band, most to gain first.
    pub failing: Vec<KpiView>,
    /// How many of them stand with their charts.
    pub charted: usize,
    /// KPIs at or above their healthy cut.
    pub passing: Vec<KpiLineView>,
    /// KPIs that have too few observations to be scored.
    pub too_few: Vec<KpiLineView>,
    /// KPIs that are shown but never scored.
    pub unscored: Vec<KpiLineView>,
    /// KPIs without data.
    pub unknown: Vec<KpiLineView>,
    /// The same by what is missing.
    pub gaps: Vec<GapView>,
    /// The principles with their scores, and the golden rule.
    pub principles: PrinciplesView,
    /// Funnels.
    pub funnels: Vec<FunnelView>,
    /// Members by segment.
    pub segments: PartitionView,
    /// The segments of the last periods.
    pub segments_trend: SegmentsTrend,
    /// Who stayed, by the period of joining.
    pub retention: RetentionView,
    /// Members by depth of churn.
    pub churn: PartitionView,
    /// Alerts that fire.
    pub alerts: Vec<AlertView>,
    /// Breakdowns.
    pub breakdowns: Vec<Shared<TableView>>,
    /// Top lists.
    pub rankings: Vec<Shared<TableView>>,
    /// What content and products are made of: the first rows of each table.
    pub mix: Vec<TableView>,
    /// The first row of each table on members.
    pub leads: Vec<LeadView>,
    /// Breakdowns and top lists that have no rows, each with the reason.
    pub empty_tables: Vec<Shared<TableView>>,
    /// The page that has all rows of all tables.
    pub detail: String,
    /// What changed since the previous period, and why.
    pub changes: ChangesView,
    /// The page of the evidence.
    pub evidence: String,
    /// What became of the last period's deeds.
    pub review: Vec<ReviewView>,
    /// What is to be known of the data.
    pub notes: Vec<String>,
}

/// KPIs that have no value for one and the same reason.
#[derive(Debug, Clone, Serialize)]
pub struct GapView {
    /// Why.
    pub reason: String,
    /// Which, each with the place of its evidence.
    pub kpis: Vec<NamedLink>,
}

/// A table's name with its first row.
#[derive(Debug, Clone, Serialize)]
pub struct LeadView {
    /// What it counts.
    pub name: String,
    /// Where it stands in full.
    pub href: String,
    /// The first row in one phrase.
    pub lead: String,
}

/// A name that leads somewhere.
#[derive(Debug, Clone, Serialize)]
pub struct NamedLink {
    /// What.
    pub name: String,
    /// Where.
    pub href: String,
}

/// Who the group is.
#[derive(Debug, Clone, Serialize)]
pub struct GroupHead {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Path segment.
    pub slug: String,
    /// Playbook id.
    pub playbook: String,
    /// Playbook name.
    pub playbook_name: String,
    /// Stage id.
    pub stage: Option<String>,
    /// Stage name.
    pub stage_name: String,
    /// Owner.
    pub owner: Option<String>,
    /// Brand.
    pub brand: Option<String>,
    /// Number of customers in it, in words.
    pub members: Option<String>,
    /// Short facts: type, stage and age, owner, brand, members.
    pub chips: Vec<String>,
}

/// Which period it is.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodHead {
    /// `2025-W19`
    pub id: String,
    /// `2025年第19周`
    pub title: String,
    /// `5月5日–5月11日`
    pub days: String,
    /// First day, ISO.
    pub start: String,
    /// Last day, ISO.
    pub end: String,
    /// Whether it is the report's period.
    pub latest: bool,
    /// The report of the period before.
    pub previous: Option<String>,
    /// The report of the period after.
    pub next: Option<String>,
    /// This period's report.
    pub report: String,
}

/// A board's score.
#[derive(Debug, Clone, Serialize)]
pub struct BoardView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Score without decimals, or a dash.
    pub score: String,
    /// `excellent` to `critical`, or `none`.
    pub class: String,
    /// 0..=100, for the bar.
    pub width: String,
    /// Weight.
    pub weight: String,
    /// Measured share of its weight.
    pub coverage: String,
}

impl Reporter<'_> {
    /// The report of a group in its period `index`; `None` beyond the last.
    #[must_use]
    pub fn group_report(&self, group: &GroupHealth, index: usize) -> Option<GroupReportView> {
        let health = group.periods.get(index)?;
        let before = index.checked_sub(1).and_then(|i| group.periods.get(i));
        let latest = index + 1 == group.periods.len();
        let playbook = &*group.playbook;
        let history = history(group, index);
        let variables = self.variables(group, health);
        let base = format!("../../lists/{}/", group.info.slug);
        // Lists are written for the latest period only; an old page must not link to today's people.
        let lists = latest.then_some(base.as_str());

        let evidence = beside(group, index, "evidence.html");
        let mut kpis: Vec<(&KpiResult, &Kpi)> =
            health.kpis.iter().filter_map(|k| Some((k, playbook.kpis.get(k.index)?))).collect();
        kpis.sort_by(|(a, _), (b, _)| {
            b.lift.total_cmp(&a.lift).then(a.status.cmp(&b.status)).then(a.index.cmp(&b.index))
        });
        let (mut failing, mut passing, mut too_few, mut unscored, mut unknown) =
            (vec![], vec![], vec![], vec![], vec![]);
        for of in kpis {
            let list = match (&of.0.reading, of.0.status) {
                (Ok(_), Some(Status::Critical | Status::Watch)) => {
                    failing.push(self.kpi(playbook, of, &history, &evidence));
                    continue;
                }
                (Ok(_), Some(Status::Healthy | Status::Excellent)) => &mut passing,
                (Ok(_), None) if of.0.too_few.is_some() => &mut too_few,
                (Ok(_), None) => &mut unscored,
                (Err(_), _) => &mut unknown,
            };
            list.push(self.kpi_line(of, &evidence));
        }
        let mut actions = self.actions(playbook, health, &variables, lists);
        let more_actions = actions.split_off(actions.len().min(FIRST_ACTIONS));
        let all = self.detail_tables(playbook, health);
        let detail = beside(group, index, "detail.html");
        let tables = || all.breakdowns.iter().chain(&all.rankings);
        let waivers = if latest { self.waivers(group) } else { Vec::new() };
        Some(GroupReportView {
            group: self.group_head(group, health),
            period: self.period_head(group, index),
            score: self.score(playbook, &health.score),
            verdict: self.verdict(playbook, health, before),
            facts: self.score_facts(playbook, &health.score),
            trend: self.score_spark(&history),
            trend_heads: heads(&history),
            waived: waivers.iter().filter(|w| w.state == HOLDS).count(),
            waivers,
            actions,
            more_actions,
            boards: self.boards(group, health),
            charted: failing.len().min(CHARTED),
            failing,
            passing,
            too_few,
            unscored,
            notes: self.notes(group, health),
            gaps: gaps(&unknown),
            unknown,
            principles: self.principles(playbook, health),
            funnels: health.funnels.iter().filter_map(|f| self.funnel(playbook, f)).collect(),
            segments: self.partition(
                playbook,
                (&playbook.segments, &self.wording.get("h_segments")),
                (&health.segments, before.map(|b| &b.segments)),
                lists,
            ),
            churn: self.partition(
                playbook,
                (&playbook.churn, &self.wording.get("h_churn")),
                (&health.churn, before.map(|b| &b.churn)),
                lists,
            ),
            alerts: self.alerts(playbook, health, lists),
            segments_trend: self.segments_trend(playbook, &history),
            retention: self.retention(group, index),
            mix: tables().filter(|t| t.mix).map(|t| first_rows(t)).collect(),
            leads: tables().filter(|t| !t.mix).map(|t| lead(t, &detail)).collect(),
            breakdowns: all.breakdowns.clone(),
            rankings: all.rankings.clone(),
            empty_tables: all.empty.clone(),
            detail,
            changes: self.changes(playbook, health, before, &evidence),
            evidence,
            review: self.review(playbook, health),
        })
    }

    /// Who a group is.
    #[must_use]
    pub fn group_head(&self, group: &GroupHealth, health: &PeriodHealth) -> GroupHead {
        let w = self.wording;
        let info = &group.info;
        let playbook = &*group.playbook;
        let playbook_name = self.text(&playbook.name);
        let stage_name = playbook.current_stage().map(|s| self.text(&s.name)).unwrap_or_default();
        let members = health.members.map(|n| w.plural("members", &[("n", n.max(0).unsigned_abs())], &[]));
        let plain = |t: &Option<String>| t.as_deref().map(clean).filter(|t| !t.trim().is_empty());
        let (owner, brand) = (plain(&info.owner), plain(&info.brand));
        let stage = match (stage_name.is_empty(), info.age_days) {
            (true, None) => String::new(),
            (true, Some(days)) => w.plural("age", &[("n", days.max(0).unsigned_abs())], &[]),
            (false, None) => stage_name.clone(),
            (false, Some(days)) => {
                format!("{stage_name} · {}", w.plural("age", &[("n", days.max(0).unsigned_abs())], &[]))
            }
        };
        let chips = [
            Some(playbook_name.clone()),
            Some(stage),
            members.clone(),
            owner.as_ref().map(|o| w.say("owner_is", &[("name", o)])),
            brand.clone(),
        ];
        GroupHead {
            id: clean(&info.id),
            name: clean(&info.name),
            slug: info.slug.clone(),
            playbook: playbook.id.clone(),
            playbook_name,
            stage: playbook.stage.clone(),
            stage_name,
            owner,
            brand,
            members,
            chips: chips.into_iter().flatten().filter(|c| !c.is_empty()).collect(),
        }
    }

    pub(super) fn period_head(&self, group: &GroupHealth, index: usize) -> PeriodHead {
        let w = self.wording;
        let count = group.periods.len();
        let href = |i: usize| {
            group
                .periods
                .get(i)
                .map(|p| if i + 1 == count { "index.html".to_owned() } else { format!("{}.html", p.period) })
        };
        let Some(health) = group.periods.get(index) else {
            return PeriodHead {
                id: String::new(),
                title: String::new(),
                days: String::new(),
                start: String::new(),
                end: String::new(),
                latest: false,
                previous: None,
                next: None,
                report: String::new(),
            };
        };
        let period = health.period;
        PeriodHead {
            id: period.to_string(),
            title: w.period(period),
            days: w.days(period.first, period.last()),
            start: period.first.to_string(),
            end: period.last().to_string(),
            latest: index + 1 == count,
            previous: index.checked_sub(1).and_then(href),
            next: href(index + 1),
            report: href(index).unwrap_or_default(),
        }
    }

    fn boards(&self, group: &GroupHealth, health: &PeriodHealth) -> Vec<BoardView> {
        let w = self.wording;
        health
            .boards
            .iter()
            .map(|board| {
                let declared = group.playbook.boards.iter().find(|b| b.id == board.id);
                BoardView {
                    id: board.id.clone(),
                    name: declared.map_or_else(|| clean(&board.id), |b| self.text(&b.name)),
                    score: board.score.map_or_else(|| "–".to_owned(), |s| w.fixed(s, 0)),
                    class: board.score.map_or("none", band_class).to_owned(),
                    width: width(board.score.unwrap_or(0.0), 100.0),
                    weight: w.fixed(board.weight, if board.weight.fract() == 0.0 { 0 } else { 1 }),
                    coverage: w.whole_percent(board.coverage),
                }
            })
            .collect()
    }

    fn notes(&self, group: &GroupHealth, health: &PeriodHealth) -> Vec<String> {
        let w = self.wording;
        let mut notes = Vec::new();
        let mut unchecked: Vec<(String, Vec<String>)> = Vec::new();
        for (id, why) in &health.unchecked {
            let name =
                group.playbook.alerts.iter().find(|a| &a.id == id).map_or_else(|| clean(id), |a| self.text(&a.name));
            let reason = self.missing(why);
            match unchecked.iter_mut().find(|(r, _)| *r == reason) {
                Some((_, names)) => names.push(name),
                None => unchecked.push((reason, vec![name])),
            }
        }
        for (reason, names) in unchecked {
            let n = names.len() as u64;
            let names = names.join(&w.get("list_comma"));
            notes.push(w.plural("note_unchecked", &[("n", n)], &[("reason", &reason), ("names", &names)]));
        }
        let approximate = health.kpis.iter().filter(|k| k.reading.as_ref().is_ok_and(|r| r.approximate)).count();
        if approximate > 0 {
            notes.push(w.plural("note_approximate", &[("n", approximate as u64)], &[]));
        }
        if group.playbook.stage.is_some() && !group.info.stage_given {
            notes.push(w.get("note_stage_inferred"));
        }
        let bad: u64 = self.assessment.data.iter().map(|t| t.total(|p| p.quarantined)).sum();
        if bad > 0 {
            notes.push(w.plural("note_quarantined", &[("n", bad)], &[]));
        }
        notes
    }
}

/// The periods that a trend shows: those up to `index`.
pub(super) fn history(group: &GroupHealth, index: usize) -> Vec<&PeriodHealth> {
    group.periods.iter().take(index + 1).skip((index + 1).saturating_sub(TREND)).collect()
}

/// Short names of the periods of a trend.
pub(super) fn heads(history: &[&PeriodHealth]) -> Vec<String> {
    history.iter().map(|p| super::trend::short(p.period)).collect()
}

/// The name of a page beside the report of a group's period: plain for the latest one.
pub(super) fn beside(group: &GroupHealth, index: usize, name: &str) -> String {
    match group.periods.get(index).filter(|_| index + 1 < group.periods.len()) {
        Some(earlier) => format!("{}-{name}", earlier.period),
        None => name.to_owned(),
    }
}

/// A table cut to the rows that stand in the report.
fn first_rows(table: &TableView) -> TableView {
    TableView {
        id: table.id.clone(),
        name: table.name.clone(),
        rows: table.rows.iter().take(FIRST_ROWS).cloned().collect(),
        reason: table.reason.clone(),
        mix: table.mix,
    }
}

fn lead(table: &TableView, page: &str) -> LeadView {
    let lead = table.rows.first().map(|r| format!("{} {} {}", r.label, r.value, r.share).trim().to_owned());
    LeadView { name: table.name.clone(), href: format!("{page}#table-{}", table.id), lead: lead.unwrap_or_default() }
}

/// KPIs without data by what is missing, in the order in which reasons are first met.
fn gaps(unknown: &[KpiLineView]) -> Vec<GapView> {
    let mut gaps: Vec<GapView> = Vec::new();
    for kpi in unknown {
        let reason = kpi.reason.clone().unwrap_or_default();
        let link = NamedLink { name: kpi.name.clone(), href: kpi.href.clone() };
        match gaps.iter_mut().find(|g| g.reason == reason) {
            Some(gap) => gap.kpis.push(link),
            None => gaps.push(GapView { reason, kpis: vec![link] }),
        }
    }
    gaps
}

/// The class of a board's score: the scores at the cut points of a KPI.
fn band_class(score: f64) -> &'static str {
    match score {
        s if s >= 100.0 => "excellent",
        s if s >= 80.0 => "healthy",
        s if s >= 50.0 => "watch",
        _ => "critical",
    }
}
