//! The operating manual of one group: what to do, in the order in which it is needed.

use super::manual_part::own_and_common;
use super::manual_view::{
    AlertRuleView, CalendarItemView, CalendarView, ManualView, PassageView, PdcaView, SelectionCellView, SelectionView,
    SopRoleView, SopView, StageView, TaskLevelView, TaskView, TierView, WeekView,
};
use super::month::{DAYS_AHEAD, Plan, Planned, is_promotion, plan};
use super::reporter::{Reporter, tactic};
use super::score::FactView;
use super::texts::{Reading, TextVariables};
use super::visible::clean;
use crate::health::{GroupHealth, PeriodHealth};
use crate::playbook::{Passage, Playbook, Rhythm, Stage, Text};

/// How many products stand in a cell.
const PRODUCTS: usize = 6;
/// The artefact that a newcomer sees first, and so does the reader.
pub(super) const WELCOME: &str = "welcome_message";
/// Levels of tasks in the order in which members climb them.
const LEVELS: [&str; 3] = ["newcomer", "growth", "advanced"];
/// What an item may be sent as.
const KINDS: [&str; 8] = ["useful", "story", "promo", "product", "event", "live", "teaser", "limited"];

/// Whether an item comes every day, whatever else is planned; promotions may be left out on some.
fn is_daily(planned: &Planned<'_>) -> bool {
    matches!(planned.item.cadence, Rhythm::Daily(_)) && !is_promotion(planned.item)
}

impl Reporter<'_> {
    /// The manual of a group; `None` without any period.
    #[must_use]
    pub fn manual(&self, group: &GroupHealth) -> Option<ManualView> {
        let w = self.wording;
        let health = group.latest()?;
        let playbook = &*group.playbook;
        let v = &self.variables(group, health);
        let current = playbook.current_stage();
        let positioning = &playbook.positioning;
        let fact = |key: &str, text: &Option<Text>| {
            let value = self.maybe(text.as_ref())?;
            Some(FactView { label: w.get(key), value })
        };
        let mut artefacts = self.passages(playbook, &playbook.artefacts, v);
        let welcome = artefacts.iter().position(|a| a.id == WELCOME).map(|i| artefacts.remove(i));
        // What the stage does in its own way stands with the stage; what all types do alike, at the end.
        let (own, common) = own_and_common(playbook);
        Some(ManualView {
            group: self.group_head(group, health),
            summary: self.maybe(playbook.summary.as_ref()),
            positioning: [
                fact("position_who", &positioning.who),
                fact("position_need", &positioning.need),
                fact("position_peak", &positioning.peak),
                fact("position_value", &positioning.value),
                fact("position_not_for", &positioning.not_for),
            ]
            .into_iter()
            .flatten()
            .collect(),
            questionnaire: positioning.questionnaire.iter().map(|q| self.text(q)).collect(),
            welcome,
            artefacts,
            rules: self.passages(playbook, &playbook.rules, v),
            stage: current.map(|s| self.stage(playbook, s, v)),
            tactics: own.into_iter().map(|t| self.tactic(playbook, t, v)).collect(),
            common_pages: self.common_pages(playbook),
            common: common.into_iter().map(|t| self.tactic(playbook, t, v)).collect(),
            stages: self.other_stages(playbook, v),
            calendar: self.calendar(group, health, v),
            tasks: self.tasks(playbook, v),
            tiers: playbook
                .tiers
                .iter()
                .map(|t| TierView {
                    name: self.text(&t.name),
                    requirement: self.text(&t.requirement),
                    rights: t.rights.iter().map(|r| self.text(r)).collect(),
                })
                .collect(),
            sops: self.sops(playbook),
            alerts: self.alert_rules(playbook),
            selection: self.selection(group),
            pdca: self.pdca(playbook),
            review: self.review(playbook, health),
            principles: self.principles(playbook, health),
        })
    }

    /// The stages that the group is not in, in order of life.
    pub(super) fn other_stages(&self, playbook: &Playbook, v: &TextVariables) -> Vec<StageView> {
        let current = playbook.current_stage();
        let others = playbook.stages.iter().filter(|s| current.is_none_or(|c| c.id != s.id));
        others.map(|s| self.stage(playbook, s, v)).collect()
    }

    pub(super) fn passages(&self, playbook: &Playbook, passages: &[Passage], v: &TextVariables) -> Vec<PassageView> {
        passages
            .iter()
            .map(|p| PassageView {
                id: p.id.clone(),
                title: self.text(&p.title),
                body: self.fill(&p.body, v, Reading::Markdown),
                owner: p.owner.as_deref().map(|o| self.role(playbook, o)),
                origin: self.provenance(&p.provenance),
            })
            .collect()
    }

    fn stage(&self, playbook: &Playbook, stage: &Stage, v: &TextVariables) -> StageView {
        StageView {
            id: stage.id.clone(),
            name: self.text(&stage.name),
            goal: self.text(&stage.goal),
            exit: self.maybe(stage.exit.as_ref()),
            stop: stage.stop.iter().map(|s| self.text(s)).collect(),
            tactics: stage.tactics.iter().map(|t| self.tactic(playbook, t, v)).collect(),
        }
    }

    /// The group's calendar from the day after the latest period.
    #[must_use]
    pub fn month<'p>(&self, group: &'p GroupHealth, health: &PeriodHealth) -> Plan<'p> {
        plan(&group.playbook.calendar, health.period.end, DAYS_AHEAD)
    }

    /// A planned item in words.
    #[must_use]
    pub fn planned(&self, playbook: &Playbook, planned: &Planned<'_>, v: &TextVariables) -> CalendarItemView {
        let w = self.wording;
        let item = planned.item;
        CalendarItemView {
            day: w.week_day(planned.day),
            date: planned.day.to_string(),
            time: planned.time.map(|t| w.time(t)).unwrap_or_default(),
            title: self.fill_due(&item.title, v, &w.rhythm(item.cadence), Reading::Plain),
            core: clean(&item.core),
            core_name: self.known("core", &["knowledge", "emotion", "conversion"], &item.core),
            kind: self.known("kind", &KINDS, &item.kind),
            owner: self.role(playbook, &item.owner),
        }
    }

    fn calendar(&self, group: &GroupHealth, health: &PeriodHealth, v: &TextVariables) -> Option<CalendarView> {
        let w = self.wording;
        let plan = self.month(group, health);
        if plan.planned.is_empty() {
            return None;
        }
        let calendar = &group.playbook.calendar;
        let mut weeks: Vec<(i32, WeekView)> = Vec::new();
        let mut daily: Vec<CalendarItemView> = Vec::new();
        let mut told: Vec<&str> = Vec::new();
        for planned in &plan.planned {
            if is_daily(planned) {
                if !told.contains(&planned.item.id.as_str()) {
                    told.push(&planned.item.id);
                    let day = w.rhythm(Rhythm::Daily(None));
                    daily.push(CalendarItemView { day, ..self.planned(&group.playbook, planned, v) });
                }
                continue;
            }
            let monday = planned.day.plus(1 - i32::try_from(planned.day.weekday()).unwrap_or(1));
            let item = self.planned(&group.playbook, planned, v);
            match weeks.last_mut().filter(|(m, _)| *m == monday.0) {
                Some((_, week)) => week.items.push(item),
                None => {
                    weeks.push((monday.0, WeekView { title: w.days(monday, monday.plus(6)), items: vec![item] }));
                }
            }
        }
        let mut rules = Vec::new();
        if let Some(share) = &calendar.useful_share {
            rules.push(w.say("calendar_useful", &[("share", &w.whole_percent(share.value))]));
        }
        if let Some(cap) = &calendar.promo_per_week {
            rules.push(match cap.value {
                0 => w.get("calendar_no_promos"),
                n => w.plural("calendar_cap", &[("n", u64::from(n))], &[]),
            });
        }
        if plan.over_cap > 0 && calendar.promo_per_week.as_ref().is_some_and(|cap| cap.value > 0) {
            rules.push(w.say("calendar_over", &[("n", &plan.over_cap.to_string())]));
        }
        if !plan.holidays.is_empty() {
            let days: Vec<String> =
                plan.holidays.iter().map(|(d, name)| format!("{} {}", w.day(*d), self.text(name))).collect();
            rules.push(w.say("calendar_holidays", &[("days", &days.join(&w.get("list_comma")))]));
        }
        let first = health.period.end;
        Some(CalendarView {
            days: w.days(first, first.plus(DAYS_AHEAD - 1)),
            daily,
            weeks: weeks.into_iter().map(|(_, week)| week).collect(),
            rules,
            ics: format!("../../calendar/{}.ics", group.info.slug),
        })
    }

    fn tasks(&self, playbook: &Playbook, v: &TextVariables) -> Vec<TaskLevelView> {
        let mut levels: Vec<(&str, TaskLevelView)> = Vec::new();
        for task in &playbook.tasks {
            let view = TaskView {
                name: self.text(&task.name),
                body: self.fill(&task.body, v, Reading::Markdown),
                reward: self.maybe(task.reward.as_ref()),
                target: task.target.as_ref().map(|t| self.wording.whole_percent(t.value)),
            };
            match levels.iter_mut().find(|(l, _)| *l == task.level) {
                Some((_, level)) => level.tasks.push(view),
                None => levels.push((
                    &task.level,
                    TaskLevelView { name: self.known("level", &LEVELS, &task.level), tasks: vec![view] },
                )),
            }
        }
        levels.sort_by_key(|(level, _)| LEVELS.iter().position(|l| l == level));
        levels.into_iter().map(|(_, l)| l).collect()
    }

    pub(super) fn sops(&self, playbook: &Playbook) -> Vec<SopRoleView> {
        let mut roles: Vec<(&str, SopRoleView)> = Vec::new();
        for sop in &playbook.sops {
            let view = SopView {
                name: self.text(&sop.name),
                cadence: self.wording.rhythm(sop.cadence),
                steps: sop.steps.iter().map(|s| self.text(s)).collect(),
            };
            match roles.iter_mut().find(|(r, _)| *r == sop.owner) {
                Some((_, role)) => role.lists.push(view),
                None => {
                    let declared = playbook.roles.iter().find(|r| r.id == sop.owner);
                    let role = SopRoleView {
                        role: self.role(playbook, &sop.owner),
                        body: declared.and_then(|r| self.maybe(r.body.as_ref())),
                        lists: vec![view],
                    };
                    roles.push((&sop.owner, role));
                }
            }
        }
        roles.into_iter().map(|(_, r)| r).collect()
    }

    pub(super) fn alert_rules(&self, playbook: &Playbook) -> Vec<AlertRuleView> {
        let w = self.wording;
        playbook
            .alerts
            .iter()
            .map(|alert| {
                let tactic = tactic(playbook, &alert.action.value);
                let owner = alert.owner.as_deref().or(tactic.map(|t| t.owner.value.as_str()));
                let severity = super::people::urgency(alert.severity);
                AlertRuleView {
                    name: self.text(&alert.name),
                    severity: severity.to_owned(),
                    severity_text: w.get(&format!("urgency_{severity}")),
                    when: clean(&alert.when.text),
                    body: self.maybe(alert.body.as_ref()),
                    tactic: tactic.map(|t| self.text(&t.title)),
                    owner: owner.map(|o| self.role(playbook, o)).unwrap_or_default(),
                    within: self.within(alert.within_hours),
                }
            })
            .collect()
    }

    fn selection(&self, group: &GroupHealth) -> Option<SelectionView> {
        let w = self.wording;
        let selection = &group.playbook.selection;
        let comma = w.get("list_comma");
        let mut facts = Vec::new();
        if !selection.refresh.is_empty() {
            let days: Vec<String> = selection.refresh.iter().map(|d| w.weekday(*d)).collect();
            facts.push(FactView { label: w.get("selection_refresh"), value: days.join(&comma) });
        }
        if !selection.slots.is_empty() {
            let slots: Vec<String> = selection.slots.iter().map(|s| clean(s)).collect();
            facts.push(FactView { label: w.get("selection_slots"), value: slots.join(&comma) });
        }
        if !selection.mix.is_empty() {
            let mut mix: Vec<(&String, &f64)> = selection.mix.iter().filter(|(_, share)| **share > 0.0).collect();
            mix.sort_by(|(_, a), (_, b)| b.total_cmp(a));
            let mix: Vec<String> = mix
                .into_iter()
                .map(|(role, share)| format!("{} {}", self.product_role(role), w.whole_percent(*share)))
                .collect();
            facts.push(FactView { label: w.get("selection_mix"), value: mix.join(&comma) });
        }
        let cells: Vec<SelectionCellView> = selection
            .cells
            .iter()
            .map(|cell| {
                let all: Vec<_> = group.products.iter().filter(|p| p.role.as_deref() == Some(&cell.role)).collect();
                SelectionCellView {
                    objective: self.text(&cell.objective),
                    role: self.product_role(&cell.role),
                    mechanic: self.text(&cell.mechanic),
                    body: self.maybe(cell.body.as_ref()),
                    products: all
                        .iter()
                        .take(PRODUCTS)
                        .map(|p| match p.price {
                            Some(price) => format!("{} {}", clean(&p.name), w.money(price)),
                            None => clean(&p.name),
                        })
                        .collect(),
                    more: (all.len() > PRODUCTS)
                        .then(|| w.say("more_products", &[("n", &(all.len() - PRODUCTS).to_string())])),
                }
            })
            .collect();
        (!facts.is_empty() || !cells.is_empty()).then_some(SelectionView { facts, cells })
    }

    fn product_role(&self, role: &str) -> String {
        self.known("product", &["viral", "hot", "potential", "regular"], role)
    }

    /// The word for one of a few known values; another value stands as it is.
    fn known(&self, family: &str, known: &[&str], value: &str) -> String {
        if known.contains(&value) { self.wording.get(&format!("{family}_{value}")) } else { clean(value) }
    }

    fn pdca(&self, playbook: &Playbook) -> Vec<PdcaView> {
        let w = self.wording;
        let pdca = &playbook.pdca;
        [("plan", &pdca.plan), ("do", &pdca.act_do), ("check", &pdca.check), ("act", &pdca.act)]
            .into_iter()
            .filter(|(_, steps)| !steps.is_empty())
            .map(|(name, steps)| PdcaView {
                name: w.get(&format!("pdca_{name}")),
                rhythm: w.get(&format!("pdca_{name}_when")),
                steps: steps.iter().map(|s| self.text(s)).collect(),
            })
            .collect()
    }
}
