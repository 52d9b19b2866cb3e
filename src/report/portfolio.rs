//! The portfolio: which groups are in trouble, since when, and whose they are.

use super::kpi::Spark;
use super::reporter::{Reporter, tactic};
use super::score::{ScoreView, trouble};
use super::texts::Reading;
use crate::calendar::Period;
use crate::health::{GroupHealth, PeriodHealth};
use crate::playbook::Urgency;
use serde::Serialize;
use std::collections::BTreeMap;

/// Longest name of a group in a list, in characters, so that a page has a bounded size.
const LONGEST_NAME: usize = 60;
/// Longest name of an owner, a stage or a type there.
const LONGEST_LABEL: usize = 24;
/// Longest title of a deed there.
const LONGEST_TITLE: usize = 80;
/// How many groups a page lists; what it can come to with the longest names is in a test of the site.
pub const GROUPS_PER_PAGE: usize = 20;
/// How many periods the trend of a group in a list has.
const TREND: usize = 9;
/// How many owners are named above the list.
const OWNERS_NAMED: usize = 6;

/// All groups, ranked.
#[derive(Debug, Clone, Serialize)]
pub struct PortfolioView {
    /// Name of the report's period.
    pub period: String,
    /// Its days.
    pub days: String,
    /// How the groups are, in one sentence.
    pub verdict: String,
    /// Owners of groups in trouble, those with most first; in words.
    pub whose: Vec<String>,
    /// Number of groups by class, worst first.
    pub tally: Vec<TallyView>,
    /// One row a group: those in trouble first, within each the most points to gain first.
    pub rows: Vec<GroupRow>,
    /// Short names of the periods of their trends.
    pub heads: Vec<String>,
}

/// How many groups are in a class.
#[derive(Debug, Clone, Serialize)]
pub struct TallyView {
    /// `critical`, `watch`, `healthy`, `excellent` or `none`.
    pub class: String,
    /// The class as a word.
    pub name: String,
    /// How many groups.
    pub count: String,
}

/// A group in a list of groups.
#[derive(Debug, Clone, Serialize)]
pub struct GroupRow {
    /// Name.
    pub name: String,
    /// Path segment.
    pub slug: String,
    /// Link to the report.
    pub href: String,
    /// Link to the manual.
    pub manual: String,
    /// Playbook id.
    pub playbook: String,
    /// Playbook name.
    pub playbook_name: String,
    /// Stage id; empty for none.
    pub stage_id: String,
    /// Stage name.
    pub stage: String,
    /// Owner.
    pub owner: Option<String>,
    /// Brand.
    pub brand: Option<String>,
    /// Number of customers in it, in words.
    pub members: String,
    /// The same as a number.
    pub member_count: Option<i64>,
    /// Score.
    pub score: ScoreView,
    /// Change of the score since the period before, in points.
    pub score_change: Option<f64>,
    /// The score as a length of 0..=100, without decimals; 0 without a score.
    pub meter: String,
    /// The previous score in the same way; empty without one.
    pub mark: String,
    /// Scores of the last periods.
    pub trend: Spark,
    /// Since when it is in trouble, in words.
    pub since: Option<String>,
    /// For how many periods in a row; 0 for a group that is not in trouble.
    pub troubled_for: usize,
    /// Points to gain if every KPI below its healthy cut reached it.
    pub gain: f64,
    /// The same in words; empty where there is nothing to gain.
    pub gain_text: String,
    /// What to do first.
    pub first: Option<FirstView>,
    /// Number of urgent alerts, in words.
    pub urgent: Option<String>,
}

/// The first thing to do.
#[derive(Debug, Clone, Serialize)]
pub struct FirstView {
    /// What.
    pub title: String,
    /// Who, as a role.
    pub who: String,
    /// Until when.
    pub due: String,
}

impl Reporter<'_> {
    /// All groups.
    #[must_use]
    pub fn portfolio(&self) -> PortfolioView {
        let w = self.wording;
        let mut rows: Vec<GroupRow> =
            self.assessment.groups.iter().filter_map(|g| Some(self.row(g, g.latest()?, ""))).collect();
        sort_worst_first(&mut rows);
        let tally: Vec<TallyView> = ["critical", "watch", "healthy", "excellent", "none"]
            .into_iter()
            .map(|class| (class, rows.iter().filter(|r| r.score.class == class).count()))
            .filter(|(_, n)| *n > 0)
            .map(|(class, n)| TallyView {
                class: class.to_owned(),
                name: w.get(&format!("grade_{class}")),
                count: w.count(n as u64),
            })
            .collect();
        let all = ("all", rows.len() as u64);
        let verdict = match rows.iter().filter(|r| r.troubled_for > 0).count() {
            0 => w.plural("portfolio_fine", &[all], &[]),
            n => w.plural("portfolio_trouble", &[all, ("n", n as u64)], &[]),
        };
        let period = self.assessment.periods.last();
        PortfolioView {
            period: period.map(|p| w.period(*p)).unwrap_or_default(),
            days: period.map(|p| w.days(p.first, p.last())).unwrap_or_default(),
            verdict,
            whose: self.whose(&rows),
            tally,
            rows,
            heads: self.trend_heads(),
        }
    }

    /// Short names of the periods that the trends of a list of groups show.
    pub(super) fn trend_heads(&self) -> Vec<String> {
        let periods = &self.assessment.periods;
        periods.iter().skip(periods.len().saturating_sub(TREND)).map(|p| super::trend::short(*p)).collect()
    }

    /// Owners of groups in trouble with their number, most first, the rest as one.
    fn whose(&self, rows: &[GroupRow]) -> Vec<String> {
        let w = self.wording;
        let mut by_owner: BTreeMap<&str, u64> = BTreeMap::new();
        for owner in rows.iter().filter(|r| r.troubled_for > 0).filter_map(|r| r.owner.as_deref()) {
            *by_owner.entry(owner).or_default() += 1;
        }
        let mut owners: Vec<(&str, u64)> = by_owner.into_iter().collect();
        owners.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let mut out: Vec<String> =
            owners.iter().take(OWNERS_NAMED).map(|(name, n)| format!("{name} {}", w.count(*n))).collect();
        if let Some(others) = owners.len().checked_sub(OWNERS_NAMED).filter(|n| *n > 0) {
            out.push(w.plural("more_owners", &[("n", others as u64)], &[]));
        }
        out
    }

    pub(super) fn row(&self, group: &GroupHealth, health: &PeriodHealth, base: &str) -> GroupRow {
        let w = self.wording;
        let head = self.group_head(group, health);
        let history: Vec<&PeriodHealth> =
            group.periods.iter().skip(group.periods.len().saturating_sub(TREND)).collect();
        let urgent = health.alerts.iter().filter(|a| a.severity == Urgency::High).count();
        let trouble = trouble(group);
        let troubled_for = trouble.as_ref().map_or(0, |t| t.periods);
        let since = trouble.map(|t| {
            let since = Period::parse(&t.since).map_or(t.since, |p| w.period(p));
            w.plural("trouble_since", &[("n", t.periods as u64)], &[("since", &since)])
        });
        let gain: f64 = match health.score.value {
            Some(_) => health.kpis.iter().map(|k| k.lift.max(0.0)).sum(),
            None => 0.0,
        };
        GroupRow {
            name: shorten(&head.name, LONGEST_NAME),
            href: format!("{base}groups/{}/index.html", head.slug),
            manual: format!("{base}groups/{}/manual.html", head.slug),
            slug: head.slug,
            playbook: head.playbook,
            playbook_name: shorten(&head.playbook_name, LONGEST_LABEL),
            stage_id: head.stage.unwrap_or_default(),
            stage: shorten(&head.stage_name, LONGEST_LABEL),
            owner: head.owner.map(|o| shorten(&o, LONGEST_LABEL)),
            brand: head.brand.map(|b| shorten(&b, LONGEST_LABEL)),
            members: health.members.map(|n| w.fixed(n as f64, 0)).unwrap_or_else(|| "–".to_owned()),
            member_count: health.members,
            score: self.score(&group.playbook, &health.score),
            score_change: health.score.change,
            meter: length(health.score.value.unwrap_or(0.0)),
            mark: health.score.value.zip(health.score.change).map(|(v, c)| length(v - c)).unwrap_or_default(),
            trend: self.score_spark(&history),
            since,
            troubled_for,
            gain,
            gain_text: if gain >= 0.05 { w.signed(gain, 1) } else { String::new() },
            first: health.actions.first().and_then(|a| {
                let title = &tactic(&group.playbook, &a.tactic)?.title;
                let title = self.fill(title, &self.variables(group, health), Reading::Plain);
                Some(FirstView {
                    title: shorten(&title, LONGEST_TITLE),
                    who: shorten(&self.role(&group.playbook, &a.owner), LONGEST_LABEL),
                    due: w.week_day(a.due),
                })
            }),
            urgent: (urgent > 0).then(|| w.plural("urgent_alerts", &[("n", urgent as u64)], &[])),
        }
    }

    /// A playbook's name as its groups know it.
    pub(super) fn playbook_name(&self, id: &str) -> String {
        self.assessment
            .groups
            .iter()
            .find(|g| g.playbook.id == id)
            .map_or_else(|| super::visible::clean(id), |g| self.text(&g.playbook.name))
    }
}

/// Trouble first, no score last; within each the most points to gain first, then the lowest score; ties by
/// slug.
pub(super) fn sort_worst_first(rows: &mut [GroupRow]) {
    let place = |r: &GroupRow| match (r.score.value, r.troubled_for) {
        (None, _) => 2,
        (Some(_), 0) => 1,
        (Some(_), _) => 0,
    };
    rows.sort_by(|a, b| {
        let score = |r: &GroupRow| r.score.value.unwrap_or(0.0);
        place(a)
            .cmp(&place(b))
            .then_with(|| b.gain.total_cmp(&a.gain))
            .then_with(|| score(a).total_cmp(&score(b)))
            .then_with(|| a.slug.cmp(&b.slug))
    });
}

fn length(score: f64) -> String {
    format!("{:.0}", score.clamp(0.0, 100.0))
}

/// A text of at most so many characters, the last an ellipsis where some were cut.
pub(super) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}
