//! What every view is made with: the judgement, the words, and how members and texts are shown.

use super::desk::Desk;
use super::month::plan;
use super::places::Places;
use super::pseudonym::Pseudonyms;
use super::texts::{
    GroupVariables, ItemVariables, MOST_PRODUCTS, MonthVariables, PeriodVariables, ProductVariables, Reading,
    TextTemplates, TextVariables, WeekVariables,
};
use super::visible::{clean, clean_lines, cleaned_lines};
use super::wording::Wording;
use crate::calendar::{Cadence, Instant, Period, Zone};
use crate::diagnostic::Diagnostic;
use crate::health::{Assessment, GroupHealth, PeriodHealth};
use crate::measure::Missing;
use crate::playbook::{Kpi, Origin, Playbook, Provenance, Tactic, Text};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Makes the views of one language.
pub struct Reporter<'a> {
    /// The judgement.
    pub assessment: &'a Assessment,
    /// The words.
    pub wording: &'a Wording,
    /// How members are named.
    pub names: &'a Pseudonyms,
    /// Where things stand in playbooks.
    pub places: &'a Places,
    /// Fills variables into texts.
    pub texts: &'a dyn TextTemplates,
    /// `[extra]` of the configuration.
    pub extra: &'a BTreeMap<String, String>,
    /// The zone of the workspace.
    pub zone: Zone,
    pub(super) desk: Desk,
    problems: RefCell<Vec<Diagnostic>>,
}

impl<'a> Reporter<'a> {
    /// A reporter without findings.
    #[must_use]
    pub fn new(
        assessment: &'a Assessment,
        wording: &'a Wording,
        names: &'a Pseudonyms,
        places: &'a Places,
        texts: &'a dyn TextTemplates,
        extra: &'a BTreeMap<String, String>,
        zone: Zone,
    ) -> Self {
        Self {
            assessment,
            wording,
            names,
            places,
            texts,
            extra,
            zone,
            desk: Desk::default(),
            problems: RefCell::default(),
        }
    }

    /// The findings since this was last asked: texts of playbooks that cannot be filled in.
    #[must_use]
    pub fn take_problems(&self) -> Vec<Diagnostic> {
        self.problems.take()
    }

    /// A plain text of a playbook.
    pub(super) fn text(&self, text: &Text) -> String {
        clean_lines(text.get(&self.wording.tag))
    }

    /// A plain text, if it is there and not empty.
    pub(super) fn maybe(&self, text: Option<&Text>) -> Option<String> {
        text.map(|t| self.text(t)).filter(|t| !t.trim().is_empty())
    }

    /// A text with variables; one that is broken shows as written and is told as a finding.
    pub(super) fn fill(&self, text: &Text, variables: &TextVariables, reading: Reading) -> String {
        self.fill_due(text, variables, "", reading)
    }

    /// As [`fill`](Self::fill), for a text that is due when `schedule` says.
    pub(super) fn fill_due(&self, text: &Text, variables: &TextVariables, schedule: &str, reading: Reading) -> String {
        match self.texts.fill(text, &self.wording.tag, variables, schedule, reading) {
            Ok(filled) => cleaned(filled),
            Err(problem) => {
                self.problems.borrow_mut().push(problem);
                self.text(text)
            }
        }
    }

    /// The variables for a group's texts.
    #[must_use]
    pub fn variables(&self, group: &GroupHealth, health: &PeriodHealth) -> Rc<TextVariables> {
        self.desk.variables.get(health, || self.all_variables(group, health))
    }

    fn all_variables(&self, group: &GroupHealth, health: &PeriodHealth) -> TextVariables {
        let w = self.wording;
        let mut variables = self.own_variables(group, health);
        // Titles of the calendar may use all other variables.
        let items = plan(&group.playbook.calendar, health.period.end, 7).planned;
        variables.week.items = items
            .iter()
            .map(|p| ItemVariables {
                date: match p.time {
                    Some(minutes) => format!("{} {}", w.week_day(p.day), w.time(minutes)),
                    None => w.week_day(p.day),
                },
                title: self.fill(&p.item.title, &variables, Reading::Plain),
            })
            .collect();
        variables
    }

    fn own_variables(&self, group: &GroupHealth, health: &PeriodHealth) -> TextVariables {
        let w = self.wording;
        let info = &group.info;
        let plain = |t: &Option<String>| t.as_deref().map(clean).unwrap_or_default();
        TextVariables {
            group: GroupVariables {
                id: clean(&info.id),
                name: clean(&info.name),
                owner: plain(&info.owner),
                brand: plain(&info.brand),
                region: plain(&info.region),
                members: health.members.unwrap_or(0),
                capacity: info.capacity.unwrap_or(0),
                age_days: info.age_days.unwrap_or(0),
            },
            period: PeriodVariables {
                id: health.period.to_string(),
                label: w.period(health.period),
                start: w.day(health.period.first),
                end: w.day(health.period.last()),
            },
            month: MonthVariables { label: w.period(Period::containing(Cadence::Month, health.period.end)) },
            week: WeekVariables::default(),
            products: group
                .products
                .iter()
                .take(MOST_PRODUCTS)
                .map(|p| ProductVariables {
                    name: clean(&p.name),
                    price: p.price.map(|price| w.money(price)).unwrap_or_default(),
                    role: plain(&p.role),
                })
                .collect(),
            stage: group.playbook.current_stage().map(|s| self.text(&s.name)).unwrap_or_default(),
            playbook: self.text(&group.playbook.name),
            kpi: health
                .kpis
                .iter()
                .filter_map(|k| {
                    let unit = group.playbook.kpis.get(k.index)?.unit;
                    let text = k.reading.as_ref().map_or("–".to_owned(), |r| w.value(unit, r.value));
                    Some((k.id.clone(), text))
                })
                .collect(),
            extra: self.extra.clone(),
        }
    }

    /// Why there is no number, as a sentence.
    pub(super) fn missing(&self, missing: &Missing) -> String {
        let w = self.wording;
        match missing {
            Missing::TableAbsent(table) => w.say("missing_table", &[("file", &format!("{table}.csv"))]),
            Missing::ColumnAbsent(table, column) => {
                w.say("missing_column", &[("file", &format!("{table}.csv")), ("column", &clean(column))])
            }
            Missing::NoRows(table) => w.say("missing_rows", &[("file", &format!("{table}.csv"))]),
            Missing::NeverSeen { table, measure } => {
                w.say("missing_never", &[("file", &format!("{table}.csv")), ("measure", &self.measure_name(measure))])
            }
            Missing::ZeroDenominator => w.get("missing_zero"),
            Missing::Overflow(measure) => w.say("missing_overflow", &[("measure", &self.measure_name(measure))]),
            Missing::Empty => w.get("missing_empty"),
            Missing::NotYetCreated => w.get("missing_not_yet"),
        }
    }

    /// The name of a measure in the first playbook that names it, or its id.
    fn measure_name(&self, id: &str) -> String {
        let named = self.assessment.groups.iter().find_map(|g| g.playbook.measures.get(id)?.name.as_ref());
        named.map_or_else(|| clean(id), |name| self.text(name))
    }

    /// The name of a role, or its id where the playbook names none.
    pub(super) fn role(&self, playbook: &Playbook, id: &str) -> String {
        match playbook.roles.iter().find(|r| r.id == id) {
            Some(role) => self.text(&role.name),
            None => clean(id),
        }
    }

    /// A deadline in words: in days where it is whole days.
    pub(super) fn within(&self, hours: u32) -> String {
        match hours {
            h if h >= 48 && h % 24 == 0 => self.wording.plural("within_days", &[("n", u64::from(h / 24))], &[]),
            h => self.wording.say("within_hours", &[("n", &h.to_string())]),
        }
    }

    /// Where a rule comes from, in words.
    pub(super) fn provenance(&self, provenance: &Provenance) -> String {
        let kind = self.wording.get(match provenance.origin {
            Origin::Article => "origin_article",
            Origin::Case => "origin_case",
            Origin::Default => "origin_default",
            Origin::Own => "origin_own",
        });
        if provenance.source.is_empty() { kind } else { format!("{kind} {}", provenance.source.join(" ")) }
    }

    /// The name of a KPI, or its id where it is unknown.
    pub(super) fn kpi_name(&self, playbook: &Playbook, id: &str) -> String {
        playbook.kpi(id).map_or_else(|| id.to_owned(), |k: &Kpi| self.text(&k.name))
    }

    /// A moment in the workspace's zone: `2025-05-11 23:59`.
    pub(super) fn moment(&self, instant: Instant) -> String {
        self.zone.local(instant).format("%Y-%m-%d %H:%M").to_string()
    }
}

/// Text without marks that mislead, copied only where it has some.
fn cleaned(text: String) -> String {
    match cleaned_lines(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(clean) => clean,
    }
}

/// A tactic by id: of the current stage, of every stage, then of any other.
pub(super) fn tactic<'p>(playbook: &'p Playbook, id: &str) -> Option<&'p Tactic> {
    playbook
        .tactics_at_hand()
        .find(|t| t.id == id)
        .or_else(|| playbook.stages.iter().flat_map(|s| &s.tactics).find(|t| t.id == id))
}
