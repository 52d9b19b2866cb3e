//! The whole judgement: which playbooks are needed, what they measure, and what it comes to.

use super::advice::{self, actions, review};
use super::band::{score as band_score, status};
use super::cohort::cohorts;
use super::funnel::funnels;
use super::handles::Handles;
use super::lists::{breakdowns, products, rankings};
use super::members::{Cooldowns, Roster, customers, customers_ever, partition};
use super::model::{Assessment, GroupHealth, GroupInfo, KpiResult, PeriodHealth};
use super::reading::{self, Read, certainty, observations};
use super::rollup::rollups;
use super::score::score;
use super::slug::slugs;
use super::stage::stage;
use crate::calendar::{Instant, Period};
use crate::config::Config;
use crate::data::{Layout, ScanOptions, Sources, Verdict, scan};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity, did_you_mean, list};
use crate::expr::Value;
use crate::measure::{Facts, FactsCache, MakeSink, Missing, Plan, Request, View, measure};
use crate::playbook::{Library, Playbook};
use crate::schema::Table;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is to be judged.
pub struct Question<'a> {
    /// The workspace's configuration.
    pub config: &'a Config,
    /// All playbooks.
    pub library: &'a Library,
    /// The files.
    pub sources: &'a Sources,
    /// The last instant that counts, if somebody asked for one.
    pub as_of: Option<Instant>,
    /// The period, if somebody asked for one.
    pub period: Option<Period>,
    /// Makes the sink for a table's quarantined rows.
    pub quarantine: &'a MakeSink<'a>,
    /// Where facts are kept between runs, if they are to be.
    pub cache: Option<FactsCache<'a>>,
    /// Told of the rows read so far.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// A group as `groups.csv` names it.
struct Named {
    id: String,
    playbook: Option<String>,
    place: Option<(String, u64)>,
}

/// One playbook of one group or of all groups of a type: without a stage, and in each.
struct Variants {
    neutral: Handles,
    stages: BTreeMap<String, Handles>,
}

/// Measures and judges every group.
///
/// # Errors
/// Everything that is wrong with the groups' playbooks or the data.
pub fn assess(question: Question<'_>) -> Result<(Assessment, Findings), Findings> {
    let Question { config, library, .. } = question;
    let (facts, variants, mut findings) = read(question)?;
    let assessment = judge(&facts, &variants, config, library, &mut findings);
    if findings.has_errors() { Err(findings) } else { Ok((assessment, findings)) }
}

/// Plans what the groups' playbooks ask for and measures it.
fn read(question: Question<'_>) -> Result<(Facts, BTreeMap<Key, Variants>, Findings), Findings> {
    let Question { config, library, sources, as_of, period, quarantine, cache, progress } = question;
    let mut findings = Findings::new();
    let named = name_groups(sources, config);
    let wanted = wanted_playbooks(&named, config, library, &mut findings);
    if findings.has_errors() {
        return Err(findings);
    }
    let resolved: Vec<Resolved> = wanted
        .into_iter()
        .map(|key| {
            let group = key.1.as_deref();
            let mut all: Vec<(Option<String>, Arc<Playbook>)> = Vec::new();
            let stages = library.stage_ids(&key.0).into_iter().map(Some);
            for stage in std::iter::once(None).chain(stages) {
                match library.resolve(&key.0, stage.as_deref(), group) {
                    Some(playbook) => all.push((stage, playbook)),
                    // An override may fit another playbook than the one its group follows.
                    None => broken(library, &key, stage.as_deref(), &mut findings),
                }
            }
            (key, all)
        })
        .collect();
    if config.data.infer.groups.is_none() {
        let ids: BTreeSet<&str> = named.iter().map(|g| g.id.as_str()).collect();
        resolved.iter().flat_map(|(_, all)| all).for_each(|(_, p)| waivers_are_for(p, &ids, &mut findings));
    }
    if findings.has_errors() {
        return Err(findings);
    }
    let mut plan = Plan::new(resolved.iter().flat_map(|(_, all)| all.iter().map(|(_, p)| &**p)));
    let mut variants: BTreeMap<Key, Variants> = BTreeMap::new();
    for (key, all) in &resolved {
        let mut neutral = None;
        let mut stages = BTreeMap::new();
        for (stage, playbook) in all {
            let handles = Handles::bind(&mut plan, playbook);
            match stage {
                None => neutral = Some(handles),
                Some(id) => {
                    stages.insert(id.clone(), handles);
                }
            }
        }
        if let Some(neutral) = neutral {
            variants.insert(key.clone(), Variants { neutral, stages });
        }
    }
    let request = Request { sources, config, as_of, period, quarantine, cache, progress };
    let (facts, measured) = measure(plan, request)?;
    findings.extend(measured);
    Ok((facts, variants, findings))
}

/// A playbook without a stage and in each, with what it was asked for by.
type Resolved = (Key, Vec<(Option<String>, Arc<Playbook>)>);

/// A judged group, its customers as persons, and what is to be said of it.
struct Judged {
    health: GroupHealth,
    persons: BTreeSet<u32>,
    finding: Option<Diagnostic>,
}

/// A playbook, and the group whose overrides apply.
type Key = (String, Option<String>);

fn key_of(playbook: &str, group: &str, library: &Library) -> Key {
    let own = library.group_overrides().contains(&group);
    (playbook.to_owned(), own.then(|| group.to_owned()))
}

/// Tells once what is wrong with a playbook that some group follows.
fn broken(library: &Library, (playbook, group): &Key, stage: Option<&str>, findings: &mut Findings) {
    for finding in library.findings_of(playbook, stage, group.as_deref()).items() {
        if finding.severity == Severity::Error && !findings.items().contains(finding) {
            findings.push(finding.clone());
        }
    }
}

/// Tells once of each waiver that is for a group which the data do not have.
fn waivers_are_for(playbook: &Playbook, groups: &BTreeSet<&str>, findings: &mut Findings) {
    for (waiver, group) in playbook.waivers.iter().flat_map(|w| w.groups.iter().map(move |g| (w, g))) {
        if groups.contains(group.value.as_str()) {
            continue;
        }
        let title = format!("waiver `{}` is for a group `{}`, which the data do not have", waiver.id, group.value);
        let mut finding =
            Diagnostic::error(Code::UnknownGroup, title).at(&group.span, "expected a `group_id` of groups.csv");
        if let Some(meant) = did_you_mean(&group.value, groups.iter().copied()) {
            finding = finding.with_help(format!("did you mean `{meant}`?"));
        }
        if !findings.items().contains(&finding) {
            findings.push(finding);
        }
    }
}

/// Reads which playbook each group follows, before anything can be planned.
fn name_groups(sources: &Sources, config: &Config) -> Vec<Named> {
    let layout = Layout { table: Table::Groups, attributes: Vec::new() };
    let slot = |name| layout.slot(name).unwrap_or(usize::MAX);
    let (id, playbook) = (slot("group_id"), slot("playbook"));
    let parts = sources.parts.get(&Table::Groups).map_or(&[][..], Vec::as_slice);
    let mut named = Vec::new();
    let mut options = ScanOptions { config, quarantine: None };
    scan(sources, Table::Groups, &layout, &mut options, &mut |row| {
        if let Some(id) = row.text(id) {
            named.push(Named {
                id: id.to_owned(),
                playbook: row.text(playbook).map(str::to_owned),
                place: parts.get(row.part()).map(|p| (p.shown.clone(), row.line())),
            });
        }
        Verdict::Keep
    });
    named
}

fn wanted_playbooks(named: &[Named], config: &Config, library: &Library, findings: &mut Findings) -> BTreeSet<Key> {
    let known = library.ids();
    let mut wanted = BTreeSet::new();
    for group in named {
        let Some(playbook) = group.playbook.as_deref().or(config.data.infer.groups.as_deref()) else {
            continue;
        };
        if known.contains(&playbook) {
            wanted.insert(key_of(playbook, &group.id, library));
            continue;
        }
        let mut finding =
            Diagnostic::error(Code::UnknownPlaybook, format!("group `{}` follows an unknown playbook", group.id))
                .with_note(format!("known playbooks: {}", list(&known, "and")));
        if let Some((file, line)) = &group.place {
            finding = finding.at_cell(file.clone(), *line, None, playbook, "column `playbook`");
        }
        if let Some(meant) = did_you_mean(playbook, known.iter().copied()) {
            finding = finding.with_help(format!("did you mean `{meant}`?"));
        }
        findings.push(finding);
    }
    if let Some(inferred) = &config.data.infer.groups {
        if known.contains(&inferred.as_str()) {
            wanted.insert((inferred.clone(), None));
        } else {
            findings.push(
                Diagnostic::error(
                    Code::UnknownPlaybook,
                    format!("`[data.infer] groups` names an unknown playbook `{inferred}`"),
                )
                .with_note(format!("known playbooks: {}", list(&known, "and"))),
            );
        }
    }
    let ids: BTreeSet<&str> = named.iter().map(|g| g.id.as_str()).collect();
    for own in library.group_overrides() {
        if !ids.contains(own) && config.data.infer.groups.is_none() {
            findings.push(
                Diagnostic::warning(
                    Code::UnknownGroup,
                    format!("overrides for group `{own}`, which the data do not have"),
                )
                .with_help("check the file's name under `groups/` against the column `group_id` of groups.csv"),
            );
        }
    }
    wanted
}

fn judge(
    facts: &Facts,
    variants: &BTreeMap<Key, Variants>,
    config: &Config,
    library: &Library,
    findings: &mut Findings,
) -> Assessment {
    let entities = &facts.entities;
    let mut order: Vec<(Arc<str>, u32)> = (0..entities.groups.len())
        .filter_map(|g| u32::try_from(g).ok())
        .filter_map(|g| Some((entities.group_ids.get(g)?.clone(), g)))
        .collect();
    order.sort();
    let slugs = slugs(&order.iter().map(|(id, _)| &**id).collect::<Vec<_>>());
    let judged: Vec<Option<Judged>> = order
        .par_iter()
        .zip(slugs)
        .map(|((id, group), slug)| {
            let playbook = entities.groups.text(*group as usize, "playbook").or(config.data.infer.groups.as_deref())?;
            let variants = variants.get(&key_of(playbook, id, library))?;
            judge_group(facts, variants, *group, id, slug, config.privacy.min_cell)
        })
        .collect();
    let mut groups = Vec::new();
    let mut persons = Vec::new();
    for one in judged.into_iter().flatten() {
        groups.push(one.health);
        persons.push(one.persons);
        one.finding.into_iter().for_each(|f| findings.push(f));
    }
    let rollups = rollups(&groups, &persons);
    let days: Vec<Instant> =
        facts.reports.iter().flat_map(|r| &r.parts).flat_map(|p| [p.first, p.last]).flatten().collect();
    let zone = config.site.zone;
    let covered = days.iter().min().zip(days.iter().max()).map(|(a, b)| (zone.day(*a), zone.day(*b.min(&facts.as_of))));
    Assessment {
        as_of: facts.as_of,
        zone: zone.name(),
        periods: facts.periods.clone(),
        groups,
        rollups,
        data: facts.reports.clone(),
        attributed_orders: facts.attributed_orders,
        days_covered: covered,
    }
}

fn judge_group(
    facts: &Facts,
    variants: &Variants,
    group: u32,
    id: &str,
    slug: String,
    min_cell: u64,
) -> Option<Judged> {
    let entities = &facts.entities;
    let row = group as usize;
    let last = facts.periods.len().checked_sub(1)?;
    let latest = facts.view(group, last)?;
    let found = stage(&variants.neutral, &latest, entities.groups.text(row, "stage"));
    let handles = found.id.as_ref().and_then(|s| variants.stages.get(s)).unwrap_or(&variants.neutral);
    let finding = found.unknown.then(|| {
        let known: Vec<&str> = handles.playbook.stages.iter().map(|s| s.id.as_str()).collect();
        let text = entities.groups.text(row, "stage").unwrap_or_default();
        Diagnostic::warning(
            Code::UnknownReference,
            format!("group `{id}` is in a stage `{text}` that its playbook does not have"),
        )
        .with_note(format!("known stages: {}", list(&known, "and")))
        .with_help("the stage was inferred instead")
    });

    let roster = Roster::new(facts, &latest);
    let mut cooldowns = Cooldowns::default();
    let mut periods: Vec<PeriodHealth> = Vec::new();
    let mut before: Vec<Result<Read, Missing>> = Vec::new();
    for index in 0..facts.periods.len() {
        let case = Case { facts, view: latest.in_period(index)?, roster: &roster, handles, min_cell };
        let (health, reads) = judge_period(&case, index, &before, periods.last(), &mut cooldowns)?;
        periods.push(health);
        before = reads;
    }
    let persons: BTreeSet<u32> = customers(&latest)
        .positions()
        .filter_map(|at| latest.members().get(at))
        .filter_map(|m| entities.person(*m))
        .collect();
    let text = |column| entities.groups.text(row, column).map(str::to_owned);
    let zone = &latest.clock().zone;
    let created = entities.groups.time(row, "created_on").map(|t| zone.day(t));
    let info = GroupInfo {
        id: id.to_owned(),
        name: text("name").unwrap_or_else(|| id.to_owned()),
        slug,
        created_on: created,
        age_days: created.map(|c| i64::from(zone.day(latest.clock().window.end).0) - i64::from(c.0)),
        owner: text("owner"),
        brand: text("brand"),
        region: text("region"),
        capacity: match entities.groups.named(row, "capacity") {
            Value::Int(i) => Some(i),
            _ => None,
        },
        tags: text("tags"),
        stage_given: found.given,
        members: periods.last().and_then(|p| p.members),
    };
    let health = GroupHealth {
        info,
        playbook: Arc::clone(&handles.playbook),
        periods,
        products: products(facts, group),
        cohorts: cohorts(facts, group, min_cell),
    };
    Some(Judged { health, persons, finding })
}

/// What a period of a group is judged by.
struct Case<'a, 'f> {
    facts: &'a Facts,
    view: View<'f>,
    roster: &'a Roster,
    handles: &'a Handles,
    min_cell: u64,
}

fn judge_period(
    case: &Case<'_, '_>,
    index: usize,
    before: &[Result<Read, Missing>],
    previous: Option<&PeriodHealth>,
    cooldowns: &mut Cooldowns,
) -> Option<(PeriodHealth, Vec<Result<Read, Missing>>)> {
    let Case { facts, view, roster, handles, min_cell } = case;
    let playbook = &handles.playbook;
    let period = *facts.periods.get(index)?;
    let here = customers(view);
    let known_members = !view.members().is_empty();
    let members = known_members.then(|| i64::try_from(here.count()).unwrap_or(i64::MAX));
    let reads: Vec<Result<Read, Missing>> = handles.kpis.iter().map(|h| reading::read(view, *h)).collect();
    let mut kpis: Vec<KpiResult> = playbook
        .kpis
        .iter()
        .enumerate()
        .zip(&reads)
        .map(|((at, kpi), read)| {
            let known = read.as_ref().ok().map(|r| &r.reading);
            let bands = kpi.bands.as_ref();
            let (uncertain, more_needed) = known.zip(bands).map_or((false, None), |(r, b)| certainty(b, kpi.better, r));
            let least = playbook.scoring.min_sample.value;
            let too_few = known.and_then(observations).is_some_and(|n| n < f64::from(least)).then_some(least);
            let judged = known.zip(bands).filter(|_| too_few.is_none());
            let earlier = before.get(at).and_then(|r| r.as_ref().ok());
            KpiResult {
                index: at,
                id: kpi.id.clone(),
                reading: read.as_ref().map(|r| r.reading.clone()).map_err(Clone::clone),
                status: judged.map(|(r, b)| status(b, kpi.better, r.value)),
                uncertain,
                more_needed,
                score: judged.map(|(r, b)| band_score(b, r.value)),
                too_few,
                weight: if bands.is_some() { kpi.weight.value } else { 0.0 },
                points: 0.0,
                lost: 0.0,
                lift: 0.0,
                change: read.as_ref().ok().zip(earlier).map(|(now, then)| reading::change(kpi, then, now)),
                rows: handles.kpis.get(at).map(|h| rows(view, *h)).unwrap_or_default(),
            }
        })
        .collect();
    let (mut health, boards) = score(playbook, &mut kpis, members);
    health.change = health.value.zip(previous.and_then(|p| p.score.value)).map(|(now, then)| now - then);
    let segments = partition(roster, view, &playbook.segments, &handles.segments, &here);
    let ever = customers_ever(view);
    let churn = partition(roster, view, &playbook.churn, &handles.churn, &ever);
    let alerts = cooldowns.check(roster, view, handles, &here);
    let funnels = funnels(view, handles, &here);
    let end = view.clock().window.end;
    let staff = view.those_in(end).without(&view.customers()).count() as u64;
    let actions = actions(&advice::Findings {
        playbook,
        period,
        kpis: &kpis,
        alerts: &alerts.firing,
        funnels: &funnels,
        segments: &segments,
        churn: &churn,
        customers: here.count() as u64,
        staff,
    });
    let principles = principles(playbook, &kpis);
    let result = PeriodHealth {
        period,
        score: health,
        boards,
        principles,
        segments,
        churn,
        alerts: alerts.firing,
        unchecked: alerts.unchecked,
        funnels,
        rankings: rankings(facts, view, handles),
        breakdowns: breakdowns(view, handles, *min_cell),
        review: previous.map(|p| review(&p.actions, &kpis)).unwrap_or_default(),
        actions,
        kpis,
        members,
    };
    Some((result, reads))
}

fn rows(view: &View<'_>, handle: super::handles::KpiHandle) -> BTreeMap<String, u64> {
    handle.bounds().into_iter().flat_map(|b| view.rows(b)).collect()
}

/// The weighted mean score of each principle's KPIs that have one.
fn principles(playbook: &Playbook, kpis: &[KpiResult]) -> Vec<(String, Option<f64>)> {
    playbook
        .principles
        .iter()
        .map(|principle| {
            let own = kpis.iter().filter(|k| {
                playbook.kpis.get(k.index).is_some_and(|p| p.principle.as_deref() == Some(principle.id.as_str()))
            });
            let (weight, points) =
                own.filter_map(|k| Some((k.weight, k.score?))).fold((0.0, 0.0), |(w, p), (kw, s)| (w + kw, p + kw * s));
            (principle.id.clone(), (weight > 0.0).then(|| points / weight))
        })
        .collect()
}
