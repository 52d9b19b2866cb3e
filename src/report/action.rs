//! What to do: why, for whom, until when, and what became of the last period's deeds.

use super::kpi::ChangeView;
use super::reporter::{Reporter, tactic};
use super::texts::{Reading, TextVariables};
use super::visible::clean;
use crate::health::{Action, Cause, PeriodHealth};
use crate::playbook::{Audience, Bands, Better, Kpi, Playbook, Tactic, Text, Unit};
use serde::Serialize;

/// A deed that the report asks for.
#[derive(Debug, Clone, Serialize)]
pub struct ActionView {
    /// Place in the list, from 1.
    pub n: usize,
    /// Points to gain; what it settles where it gains none.
    pub gain: String,
    /// Why, one sentence a cause.
    pub why: Vec<String>,
    /// The same by name alone.
    pub causes: Vec<String>,
    /// How many it addresses, in words.
    pub audience: String,
    /// The list of them.
    pub list: Option<String>,
    /// Last day.
    pub due: String,
    /// The tactic.
    pub tactic: TacticView,
}

/// A tactic with its texts filled in for the group.
#[derive(Debug, Clone, Serialize)]
pub struct TacticView {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Whom it addresses.
    pub audience: String,
    /// Who does it.
    pub owner: String,
    /// When.
    pub cadence: String,
    /// How long it takes each time.
    pub effort: Option<String>,
    /// What it should bring.
    pub effect: Option<String>,
    /// When not to use it.
    pub avoid: Option<String>,
    /// KPIs it improves.
    pub improves: Vec<String>,
    /// A message ready to send; plain text.
    pub message: Option<String>,
    /// How to do it; Markdown.
    pub body: String,
    /// Quotations with their sources.
    pub evidence: Vec<String>,
    /// Where it comes from.
    pub origin: String,
    /// Where it is declared.
    pub declared: String,
    /// Where the group's manual has it.
    pub href: String,
}

/// A deed of the last period and what became of its KPI.
#[derive(Debug, Clone, Serialize)]
pub struct ReviewView {
    /// Title of the tactic.
    pub title: String,
    /// Name of the KPI.
    pub kpi: String,
    /// Before, and what it came to.
    pub change: ChangeView,
}

impl Reporter<'_> {
    pub(super) fn actions(
        &self,
        playbook: &Playbook,
        health: &PeriodHealth,
        variables: &TextVariables,
        lists: Option<&str>,
    ) -> Vec<ActionView> {
        health
            .actions
            .iter()
            .enumerate()
            .filter_map(|(i, action)| {
                let tactic = tactic(playbook, &action.tactic)?;
                Some(self.action(playbook, health, variables, lists, (i + 1, action, tactic)))
            })
            .collect()
    }

    fn action(
        &self,
        playbook: &Playbook,
        health: &PeriodHealth,
        variables: &TextVariables,
        lists: Option<&str>,
        (n, action, tactic): (usize, &Action, &Tactic),
    ) -> ActionView {
        let w = self.wording;
        let mut view = self.tactic(playbook, tactic, variables);
        view.owner = self.role(playbook, &action.owner);
        // An alert on the group addresses nobody by name.
        let audience = match action.audience.filter(|n| *n > 0) {
            Some(n) => w.plural("audience_count", &[("n", n)], &[("who", &view.audience)]),
            None => view.audience.clone(),
        };
        ActionView {
            n,
            gain: if action.lift >= 0.05 {
                w.say("points", &[("n", &w.signed(action.lift, 1))])
            } else {
                w.get("gain_alert")
            },
            why: action.causes.iter().filter_map(|c| self.cause(playbook, health, c)).collect(),
            causes: action.causes.iter().filter_map(|c| self.cause_name(playbook, c)).collect(),
            audience,
            list: lists.zip(action.list.as_deref()).map(|(base, list)| format!("{base}{list}.csv")),
            due: w.week_day(action.due),
            tactic: view,
        }
    }

    fn cause(&self, playbook: &Playbook, health: &PeriodHealth, cause: &Cause) -> Option<String> {
        let w = self.wording;
        match cause {
            Cause::Kpi(id) => {
                let result = health.kpis.iter().find(|k| &k.id == id)?;
                let kpi = playbook.kpi(id)?;
                let value = result.reading.as_ref().ok().map(|r| w.value(kpi.unit, r.value))?;
                Some(w.say(
                    "why_kpi",
                    &[("kpi", &self.text(&kpi.name)), ("value", &value), ("target", &self.target(kpi))],
                ))
            }
            Cause::Alert(id) => {
                let alert = playbook.alerts.iter().find(|a| &a.id == id)?;
                Some(w.say("why_alert", &[("alert", &self.text(&alert.name))]))
            }
            Cause::Funnel(id, step) => {
                let funnel = playbook.funnels.iter().find(|f| &f.id == id)?;
                let name = funnel.steps.get(*step).map(|s| self.text(&s.name))?;
                Some(w.say("why_funnel", &[("funnel", &self.text(&funnel.name)), ("step", &name)]))
            }
        }
    }

    fn cause_name(&self, playbook: &Playbook, cause: &Cause) -> Option<String> {
        let name = match cause {
            Cause::Kpi(id) => &playbook.kpi(id)?.name,
            Cause::Alert(id) => &playbook.alerts.iter().find(|a| &a.id == id)?.name,
            Cause::Funnel(id, _) => &playbook.funnels.iter().find(|f| &f.id == id)?.name,
        };
        Some(self.text(name))
    }

    pub(super) fn tactic(&self, playbook: &Playbook, tactic: &Tactic, variables: &TextVariables) -> TacticView {
        let w = self.wording;
        let cadence = w.rhythm(tactic.cadence);
        let fill = |text: &Text, reading| self.fill_due(text, variables, &cadence, reading);
        TacticView {
            id: tactic.id.clone(),
            title: fill(&tactic.title, Reading::Plain),
            audience: self.audience(playbook, &tactic.audience.value),
            owner: self.role(playbook, &tactic.owner.value),
            effort: tactic.effort_minutes.map(|m| w.say("minutes", &[("n", &m.to_string())])),
            effect: self.maybe(tactic.effect.as_ref()),
            avoid: self.maybe(tactic.avoid.as_ref()),
            improves: tactic.improves.iter().map(|k| self.kpi_name(playbook, &k.value)).collect(),
            message: tactic.message.as_ref().map(|m| fill(m, Reading::Plain)),
            body: fill(&tactic.body, Reading::Markdown),
            evidence: tactic
                .evidence
                .iter()
                .map(|e| {
                    let source = self.provenance(&e.provenance);
                    w.say("quoted", &[("text", &self.text(&e.text)), ("source", &source)])
                })
                .collect(),
            origin: self.provenance(&tactic.provenance),
            declared: self.places.of(&tactic.span),
            href: self.place_of(playbook, &tactic.id),
            cadence,
        }
    }

    pub(super) fn audience(&self, playbook: &Playbook, audience: &Audience) -> String {
        let w = self.wording;
        let named = |name: Option<String>, id: &str| name.unwrap_or_else(|| clean(id));
        match audience {
            Audience::All => w.get("audience_all"),
            Audience::Staff => w.get("audience_staff"),
            Audience::Segment(id) => {
                named(playbook.segments.iter().find(|s| &s.id == id).map(|s| self.text(&s.name)), id)
            }
            Audience::Churn(id) => named(playbook.churn.iter().find(|s| &s.id == id).map(|s| self.text(&s.name)), id),
            Audience::Alert(id) => named(playbook.alerts.iter().find(|a| &a.id == id).map(|a| self.text(&a.name)), id),
        }
    }

    pub(super) fn review(&self, playbook: &Playbook, health: &PeriodHealth) -> Vec<ReviewView> {
        health
            .review
            .iter()
            .map(|review| {
                let unit = playbook.kpi(&review.kpi).map_or(Unit::Number, |k| k.unit);
                ReviewView {
                    title: tactic(playbook, &review.tactic)
                        .map_or_else(|| clean(&review.tactic), |t| self.text(&t.title)),
                    kpi: self.kpi_name(playbook, &review.kpi),
                    change: self.change(unit, review.change.as_ref()),
                }
            })
            .collect()
    }

    /// The healthy cut of a KPI, as a phrase.
    pub(super) fn target(&self, kpi: &Kpi) -> String {
        let w = self.wording;
        match &kpi.bands {
            Some(Bands::Line([_, _, healthy, _])) => {
                let key = if kpi.better == Better::Lower { "healthy_to" } else { "healthy_from" };
                w.say(key, &[("value", &w.value(kpi.unit, healthy.value))])
            }
            Some(Bands::Range { healthy, .. }) => {
                let [low, high] = healthy.value.map(|v| w.value(kpi.unit, v));
                w.say("healthy_within", &[("low", &low), ("high", &high)])
            }
            None => String::new(),
        }
    }
}
