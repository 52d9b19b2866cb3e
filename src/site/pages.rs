//! Which files a site has, and what stands in each.

use super::engine::Engine;
use super::portfolio::Listing;
use super::{ics, lists};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::health::{Assessment, GroupHealth};
use crate::playbook::Playbook;
use crate::report::{CalendarItemView, ManualPart, Reporter};
use serde::Serialize;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use tera::{Context, Value};

/// What a file holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A page of all groups, from 1: `index.html`, `groups-2.html`, …
    Portfolio(usize),
    /// A page of roll-ups, from 1.
    Rollups(usize),
    /// All groups, for the script that filters them.
    GroupsScript,
    /// What can be looked up, for the script that searches.
    SearchScript,
    /// A group's report, by indices of the group and of the period.
    Report(usize, usize),
    /// The evidence of a report, by the same indices.
    Evidence(usize, usize),
    /// The tables of a report in full, by the same indices.
    Detail(usize, usize),
    /// The measures that a group's evidence is made of.
    Measures(usize),
    /// The latest report as Markdown.
    ReportMarkdown(usize),
    /// A group's manual.
    Manual(usize),
    /// A page beside the manual.
    ManualPart(usize, ManualPart),
    /// The same as Markdown.
    ManualMarkdown(usize),
    /// A type's page, by index into the playbooks.
    Type(usize),
    /// The method page.
    Method,
    /// A KPI's method, by index into the KPIs of all playbooks.
    MethodKpi(usize),
    /// The data page.
    Quality,
    /// `api/index.json`
    ApiIndex,
    /// `api/groups/….json`
    ApiGroup(usize),
    /// A list, by group and place among its lists.
    List(usize, usize),
    /// A group's calendar.
    Calendar(usize),
}

/// A file of the site.
#[derive(Debug, Clone)]
pub struct Page {
    /// Index of its language.
    pub language: usize,
    /// Path below the language's root.
    pub local: String,
    /// Path below the output folder.
    pub path: String,
    /// What it holds.
    pub kind: Kind,
}

impl Page {
    /// The group that it belongs to, by index.
    fn group(&self) -> Option<usize> {
        match self.kind {
            Kind::Report(g, _) | Kind::Evidence(g, _) | Kind::Detail(g, _) | Kind::ManualPart(g, _) => Some(g),
            Kind::Measures(g) | Kind::ReportMarkdown(g) | Kind::Manual(g) | Kind::ManualMarkdown(g) => Some(g),
            Kind::ApiGroup(g) | Kind::List(g, _) | Kind::Calendar(g) => Some(g),
            Kind::Portfolio(_) | Kind::Rollups(_) | Kind::GroupsScript | Kind::SearchScript | Kind::Type(_) => None,
            Kind::Method | Kind::MethodKpi(_) | Kind::Quality | Kind::ApiIndex => None,
        }
    }
}

/// The pages of a group in a language together, every other page by itself: what is worked out for a group serves
/// all its pages, and is dropped with the last of them.
pub fn bundles(pages: &[Page]) -> Vec<&[Page]> {
    let together = |a: &Page, b: &Page| a.group().is_some() && (a.language, a.group()) == (b.language, b.group());
    pages.chunk_by(together).collect()
}

/// What several pages of a bundle show, ready for their templates.
#[derive(Debug, Default)]
pub struct Shown {
    /// The latest report.
    report: OnceCell<Value>,
    manual: OnceCell<Value>,
}

/// What every page knows of itself.
#[derive(Debug, Serialize)]
struct PageHead {
    /// Path to the language's root: `../../` or empty.
    root: String,
    /// Path to the assets.
    assets: String,
    /// The same page in the other languages.
    alternates: Vec<Alternate>,
    /// The part of the site: `portfolio`, `group`, `type`, `method` or `quality`.
    section: &'static str,
}

/// The page in another language.
#[derive(Debug, Serialize)]
struct Alternate {
    tag: String,
    name: String,
    href: String,
}

/// Everything pages are made of that all languages share.
pub struct Site<'a> {
    pub assessment: &'a Assessment,
    pub config: &'a Config,
    /// Distinct playbooks in use, in the order of their ids and stages, then those of the library.
    pub playbooks: Vec<Arc<Playbook>>,
    /// One playbook a type, for the types' pages.
    pub types: Vec<Arc<Playbook>>,
    /// Ids of the KPIs of all of these, sorted.
    pub kpis: Vec<String>,
    /// Name of the file of all rows set aside, below the output folder.
    pub quarantine: Option<String>,
    /// The list of all groups by language, made by the first page that shows it.
    pub(super) listings: Vec<OnceLock<Listing>>,
}

impl<'a> Site<'a> {
    /// What a site shows, with the playbooks sorted out.
    pub fn new(
        assessment: &'a Assessment,
        config: &'a Config,
        library: &[Arc<Playbook>],
        quarantine: Option<String>,
    ) -> Self {
        let mut distinct: BTreeMap<(String, Option<String>), Arc<Playbook>> = BTreeMap::new();
        for playbook in assessment.groups.iter().map(|g| &g.playbook).chain(library) {
            distinct.entry((playbook.id.clone(), playbook.stage.clone())).or_insert_with(|| Arc::clone(playbook));
        }
        let mut types: BTreeMap<String, Arc<Playbook>> = BTreeMap::new();
        for group in &assessment.groups {
            types.entry(group.playbook.id.clone()).or_insert_with(|| Arc::clone(&group.playbook));
        }
        let playbooks: Vec<Arc<Playbook>> = distinct.into_values().collect();
        let kpis: BTreeSet<&String> = playbooks.iter().flat_map(|p| &p.kpis).map(|k| &k.id).collect();
        Self {
            assessment,
            config,
            kpis: kpis.into_iter().cloned().collect(),
            playbooks,
            types: types.into_values().collect(),
            quarantine,
            listings: config.site.languages.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// Every file that depends on a language.
    pub fn pages(&self) -> Vec<Page> {
        let mut pages = Vec::new();
        for language in 0..self.config.site.languages.len() {
            let prefix = self.prefix(language);
            let mut add = |local: String, kind: Kind| {
                pages.push(Page { language, path: format!("{prefix}{local}"), local, kind });
            };
            for (name, kind) in self.portfolio_pages() {
                add(name, kind);
            }
            add("method.html".to_owned(), Kind::Method);
            for (k, id) in self.kpis.iter().enumerate() {
                add(format!("method/{id}.html"), Kind::MethodKpi(k));
            }
            add("quality.html".to_owned(), Kind::Quality);
            add("api/index.json".to_owned(), Kind::ApiIndex);
            for (t, playbook) in self.types.iter().enumerate() {
                add(format!("types/{}.html", playbook.id), Kind::Type(t));
            }
            for (g, group) in self.assessment.groups.iter().enumerate() {
                let slug = &group.info.slug;
                let Some(last) = group.periods.len().checked_sub(1) else { continue };
                for (p, health) in group.periods.iter().enumerate() {
                    let name = if p == last { "index".to_owned() } else { health.period.to_string() };
                    add(format!("groups/{slug}/{name}.html"), Kind::Report(g, p));
                    let name = if p == last { String::new() } else { format!("{}-", health.period) };
                    add(format!("groups/{slug}/{name}evidence.html"), Kind::Evidence(g, p));
                    add(format!("groups/{slug}/{name}detail.html"), Kind::Detail(g, p));
                }
                add(format!("groups/{slug}/measures.html"), Kind::Measures(g));
                add(format!("groups/{slug}/report.md"), Kind::ReportMarkdown(g));
                add(format!("groups/{slug}/manual.html"), Kind::Manual(g));
                for part in ManualPart::of(&group.playbook) {
                    add(format!("groups/{slug}/{}", part.file()), Kind::ManualPart(g, part));
                }
                add(format!("groups/{slug}/manual.md"), Kind::ManualMarkdown(g));
                add(format!("api/groups/{slug}.json"), Kind::ApiGroup(g));
                if let Some(health) = group.latest() {
                    for (l, (id, _)) in lists::lists(health).iter().enumerate() {
                        add(format!("lists/{slug}/{id}.csv"), Kind::List(g, l));
                    }
                }
                if has_calendar(group) {
                    add(format!("calendar/{slug}.ics"), Kind::Calendar(g));
                }
            }
            // All languages share the folder of assets.
            let tag = self.config.site.languages.get(language).map_or("", String::as_str);
            for (name, kind) in [("portfolio", Kind::GroupsScript), ("search", Kind::SearchScript)] {
                let path = format!("assets/{name}.{tag}.js");
                pages.push(Page { language, local: path.clone(), path, kind });
            }
        }
        pages
    }

    /// Folder of a language: the first is at the root.
    fn prefix(&self, language: usize) -> String {
        match self.config.site.languages.get(language) {
            Some(tag) if language > 0 => format!("{tag}/"),
            _ => String::new(),
        }
    }

    fn head(&self, page: &Page, section: &'static str) -> PageHead {
        let root = "../".repeat(page.local.matches('/').count());
        let top = "../".repeat(page.path.matches('/').count());
        let alternates = self
            .config
            .site
            .languages
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != page.language)
            .map(|(i, tag)| Alternate {
                tag: tag.clone(),
                name: language_name(tag),
                href: format!("{top}{}{}", self.prefix(i), page.local),
            })
            .collect();
        PageHead { root, assets: format!("{top}assets/"), alternates, section }
    }

    /// The content of a file.
    ///
    /// # Errors
    /// A fault of a template.
    pub fn render(
        &self,
        page: &Page,
        r: &Reporter<'_>,
        engine: &Engine<'_>,
        shown: &Shown,
    ) -> Result<Vec<u8>, Diagnostic> {
        match page.kind {
            Kind::Portfolio(number) => self.groups_page(page, number, r, engine),
            Kind::Rollups(number) => self.rollups_page(page, number, r, engine),
            Kind::GroupsScript => Ok(self.groups_script(page, r)),
            Kind::SearchScript => Ok(self.search_script(r)),
            Kind::Method => self.html(page, engine, "method", "method.html", "method", &r.method(&self.playbooks)),
            Kind::MethodKpi(k) => {
                let view = self.kpis.get(k).and_then(|id| r.method_kpi(&self.playbooks, id));
                self.html(page, engine, "method", "method-kpi.html", "kpi", &view)
            }
            Kind::Quality => {
                let top = "../".repeat(page.path.matches('/').count());
                let file = self.quarantine.as_ref().map(|q| format!("{top}{q}"));
                let view = r.quality(file, self.config.data.attribution);
                self.html(page, engine, "quality", "quality.html", "quality", &view)
            }
            Kind::Type(t) => {
                let view = self.types.get(t).map(|p| r.type_page(p));
                self.html(page, engine, "type", "type.html", "type", &view)
            }
            Kind::Report(g, p) => {
                let make = || value(&self.group(g).and_then(|group| r.group_report(group, p)));
                let latest = self.group(g).is_some_and(|group| p + 1 == group.periods.len());
                let view = if latest { shown.report.get_or_init(make).clone() } else { make() };
                self.filled(page, engine, "group", "group.html", "report", view)
            }
            Kind::Evidence(g, p) => {
                let view = self.group(g).and_then(|group| r.evidence_page(group, p));
                self.html(page, engine, "group", "evidence.html", "evidence", &view)
            }
            Kind::Detail(g, p) => {
                let view = self.group(g).and_then(|group| r.detail_page(group, p));
                self.html(page, engine, "group", "detail.html", "detail", &view)
            }
            Kind::Measures(g) => {
                let view = self.group(g).and_then(|group| r.measures_page(group));
                self.html(page, engine, "group", "measures.html", "measures", &view)
            }
            Kind::ReportMarkdown(g) => {
                let latest = |group: &GroupHealth| r.group_report(group, group.periods.len().checked_sub(1)?);
                let view = shown.report.get_or_init(|| value(&self.group(g).and_then(latest)));
                self.filled(page, engine, "group", "report.md", "report", view.clone())
            }
            Kind::Manual(g) => {
                let view = shown.manual.get_or_init(|| value(&self.group(g).and_then(|group| r.manual(group))));
                self.filled(page, engine, "group", "manual.html", "manual", view.clone())
            }
            Kind::ManualPart(g, part) => {
                let view = self.group(g).and_then(|group| r.manual_part(group, part));
                self.html(page, engine, "group", "manual-part.html", "part", &view)
            }
            Kind::ManualMarkdown(g) => {
                let view = shown.manual.get_or_init(|| value(&self.group(g).and_then(|group| r.manual(group))));
                self.filled(page, engine, "group", "manual.md", "manual", view.clone())
            }
            Kind::ApiIndex => Ok(json(&r.portfolio_json())),
            Kind::ApiGroup(g) => Ok(json(&self.group(g).and_then(|group| r.group_json(group)))),
            Kind::List(g, l) => {
                let health = self.group(g).and_then(GroupHealth::latest);
                let lists = health.map(lists::lists).unwrap_or_default();
                Ok(lists.get(l).map(|(_, members)| lists::csv(members, r.names)).unwrap_or_default())
            }
            Kind::Calendar(g) => Ok(self.group(g).map(|group| self.calendar(group, r)).unwrap_or_default()),
        }
    }

    fn group(&self, index: usize) -> Option<&'a GroupHealth> {
        self.assessment.groups.get(index)
    }

    pub(super) fn html<V: Serialize>(
        &self,
        page: &Page,
        engine: &Engine<'_>,
        section: &'static str,
        template: &str,
        name: &'static str,
        view: &V,
    ) -> Result<Vec<u8>, Diagnostic> {
        self.filled(page, engine, section, template, name, value(view))
    }

    fn filled(
        &self,
        page: &Page,
        engine: &Engine<'_>,
        section: &'static str,
        template: &str,
        name: &'static str,
        view: Value,
    ) -> Result<Vec<u8>, Diagnostic> {
        let mut context = Context::new();
        context.insert("page", &self.head(page, section));
        context.insert_value(name, view);
        engine.render(template, &context)
    }

    fn calendar(&self, group: &GroupHealth, r: &Reporter<'_>) -> Vec<u8> {
        let Some(health) = group.latest() else { return Vec::new() };
        let plan = r.month(group, health);
        let variables = r.variables(group, health);
        let items: Vec<(&_, CalendarItemView)> =
            plan.planned.iter().map(|p| (p, r.planned(&group.playbook, p, &variables))).collect();
        let name = crate::report::visible::clean(&group.info.name);
        ics::calendar(&name, &group.info.slug, self.config.site.zone, self.assessment.as_of, &items).into_bytes()
    }
}

fn value<V: Serialize>(view: &V) -> Value {
    Value::from_serializable(view)
}

fn has_calendar(group: &GroupHealth) -> bool {
    group.latest().is_some_and(|h| {
        !crate::report::plan(&group.playbook.calendar, h.period.end, crate::report::DAYS_AHEAD).planned.is_empty()
    })
}

fn json<V: Serialize>(value: &V) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// A language's name in itself.
fn language_name(tag: &str) -> String {
    match tag.split('-').next() {
        Some("zh") => "中文".to_owned(),
        Some("en") => "English".to_owned(),
        _ => tag.to_owned(),
    }
}
