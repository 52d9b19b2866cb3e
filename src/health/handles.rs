//! The plan's handles of everything a playbook asks for in one stage.

use crate::expr::Window;
use crate::measure::{Bound, BreakdownId, Home, Plan, ReadId};
use crate::playbook::{Grain, KpiForm, Playbook};
use crate::schema::Table;
use std::sync::Arc;

/// The expressions of a KPI.
#[derive(Debug, Clone, Copy)]
pub(super) enum KpiHandle {
    Ratio(Bound, Bound),
    Value(Bound),
    Mean(Bound),
}

impl KpiHandle {
    pub fn bounds(self) -> Vec<Bound> {
        match self {
            Self::Ratio(a, b) => vec![a, b],
            Self::Value(a) | Self::Mean(a) => vec![a],
        }
    }
}

/// A playbook in one stage, bound to the plan.
#[derive(Debug)]
pub(super) struct Handles {
    pub playbook: Arc<Playbook>,
    /// One a KPI.
    pub kpis: Vec<KpiHandle>,
    /// One a segment; `None` takes the rest.
    pub segments: Vec<Option<Bound>>,
    pub churn: Vec<Option<Bound>>,
    pub alerts: Vec<Bound>,
    /// Steps of each funnel.
    pub funnels: Vec<Vec<ReadId>>,
    pub rankings: Vec<Option<ReadId>>,
    pub breakdowns: Vec<Option<BreakdownId>>,
    /// `enter_when` of each stage.
    pub stages: Vec<Option<Bound>>,
}

impl Handles {
    /// Plans everything that a playbook asks for.
    pub fn bind(plan: &mut Plan, playbook: &Arc<Playbook>) -> Self {
        let p: &Playbook = playbook;
        let member = Home::Row(Table::Members);
        let kpis: Vec<KpiHandle> = p
            .kpis
            .iter()
            .map(|k| match &k.form {
                KpiForm::Ratio(n, d) => KpiHandle::Ratio(plan.bind(p, n, Home::Group), plan.bind(p, d, Home::Group)),
                KpiForm::Value(f) => KpiHandle::Value(plan.bind(p, f, Home::Group)),
                KpiForm::Mean(f) => KpiHandle::Mean(plan.bind(p, f, Home::Group)),
            })
            .collect();
        kpis.iter().flat_map(|kpi| kpi.bounds()).for_each(|bound| plan.tell_rows(bound));
        let segments = p.segments.iter().map(|s| s.when.as_ref().map(|w| plan.bind(p, w, member))).collect();
        let churn = p.churn.iter().map(|s| s.when.as_ref().map(|w| plan.bind(p, w, member))).collect();
        let alerts = p
            .alerts
            .iter()
            .map(|a| plan.bind(p, &a.when, if a.grain == Grain::Member { member } else { Home::Group }))
            .collect();
        let funnels =
            p.funnels.iter().map(|f| f.steps.iter().filter_map(|s| plan.step(p, &s.measure)).collect()).collect();
        if p.rankings.iter().any(|r| r.grain == Grain::Post) {
            plan.show_posts();
        }
        let rankings = p.rankings.iter().map(|r| plan.read(p, &r.by.value, r.grain, Window::Period)).collect();
        let breakdowns = p.breakdowns.iter().map(|b| plan.breakdown(p, b)).collect();
        let stages = p.stages.iter().map(|s| s.enter_when.as_ref().map(|w| plan.bind(p, w, Home::Group))).collect();
        Self { playbook: Arc::clone(playbook), kpis, segments, churn, alerts, funnels, rankings, breakdowns, stages }
    }
}
