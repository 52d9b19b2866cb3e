//! Runs a plan over a drop: guesses the as-of moment, folds every file once, checks the guess.

use super::entity::Entities;
use super::facts::Facts;
use super::fold::{Store, TableFold, created_day};
use super::load::{Limits, load, met};
use super::plan::Plan;
use crate::calendar::{Day, Instant, Interval, Period, Zone};
use crate::config::{Attribution, Config};
use crate::data::{QuarantineSink, Reason, Row, ScanOptions, Sources, TableReport, Verdict, latest_instant, scan};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::expr::Clock;
use crate::schema::Table;
use std::collections::BTreeMap;

/// What is to be measured, and until when.
pub struct Request<'a> {
    /// The files.
    pub sources: &'a Sources,
    /// The workspace.
    pub config: &'a Config,
    /// The last instant that counts, if somebody asked for one.
    pub as_of: Option<Instant>,
    /// The report's period; the last complete one if nobody asked.
    pub period: Option<Period>,
    /// Makes the sink for quarantined rows, anew if the files must be read again.
    pub quarantine: &'a mut dyn FnMut() -> Option<Box<dyn QuarantineSink>>,
    /// Told of the rows read so far.
    pub progress: &'a mut dyn FnMut(u64),
}

/// Tables that are folded row by row.
const STREAMED: [Table; 5] = [Table::Messages, Table::Events, Table::Orders, Table::Surveys, Table::Daily];

/// At most this share of the rows may lie beyond a long gap for them to be taken as mistakes.
const ISOLATED_SHARE: f64 = 0.01;

/// Rows by local day, to find out through which day the data reach.
#[derive(Debug, Default)]
struct DayCounts {
    counts: BTreeMap<Day, u64>,
    last: Option<Instant>,
    /// The last instant of each day.
    lasts: BTreeMap<Day, Instant>,
    recent: Option<(Day, u64, Instant)>,
}

impl DayCounts {
    fn add(&mut self, at: Instant, zone: &Zone) {
        let day = zone.day(at);
        self.last = Some(self.last.map_or(at, |l| l.max(at)));
        match &mut self.recent {
            Some((d, n, last)) if *d == day => {
                *n += 1;
                *last = (*last).max(at);
            }
            _ => {
                self.flush();
                self.recent = Some((day, 1, at));
            }
        }
    }

    fn flush(&mut self) {
        if let Some((day, n, last)) = self.recent.take() {
            *self.counts.entry(day).or_default() += n;
            let known = self.lasts.entry(day).or_insert(last);
            *known = (*known).max(last);
        }
    }

    /// The last instant, not counting a few rows that lie long after all others.
    fn credible_last(&mut self, gap_days: u32) -> Option<Instant> {
        self.flush();
        let total: u64 = self.counts.values().sum();
        let days: Vec<(Day, u64)> = self.counts.iter().map(|(d, n)| (*d, *n)).collect();
        let mut end = days.len();
        let mut beyond = 0;
        for i in (1..days.len()).rev() {
            let (Some((day, n)), Some((before, _))) = (days.get(i), days.get(i - 1)) else { break };
            beyond += n;
            if beyond as f64 > total as f64 * ISOLATED_SHARE {
                break;
            }
            if i64::from(day.0) - i64::from(before.0) > i64::from(gap_days) {
                end = i;
            }
        }
        days.get(end.checked_sub(1)?).and_then(|(d, _)| self.lasts.get(d)).copied()
    }
}

/// Reads the drop and folds it.
///
/// # Errors
/// Everything that makes the result worthless: unreadable files, conflicts, too many bad rows.
pub fn measure(plan: Plan, request: Request<'_>) -> Result<(Facts, Findings), Findings> {
    let Request { sources, config, as_of, period, quarantine, progress } = request;
    let mut plan = plan;
    let mut findings = Findings::new();
    if sources.parts.is_empty() {
        findings.push(
            Diagnostic::error(Code::NoData, "no data files were found")
                .at_file(config.data.dir.clone(), "expected CSV files such as `groups.csv` and `messages.csv`")
                .with_help("put a drop there, or make one to try with `qunce sample`"),
        );
        return Err(findings);
    }
    let guess = as_of.or_else(|| latest_instant(sources, config)).unwrap_or(Instant(0));
    let mut limit = guess;
    // The ends of the files tell the last instant of every ordinary drop; where they do not, or
    // where they hold a date far off, the files are read once more with what was learnt.
    for _attempt in 0..3 {
        let run = Run::new(plan, config, limit, as_of.is_some(), period);
        let (facts, mut days) = run.read(sources, quarantine(), progress);
        if as_of.is_some() {
            return finish(facts, config);
        }
        let last = days.credible_last(config.data.isolated_future_days).unwrap_or(limit);
        if last == limit {
            return finish(facts, config);
        }
        limit = last;
        plan = facts.plan;
    }
    let run = Run::new(plan, config, limit, false, period);
    let (facts, _) = run.read(sources, quarantine(), progress);
    finish(facts, config)
}

fn finish(facts: Facts, config: &Config) -> Result<(Facts, Findings), Findings> {
    let mut findings = Findings::new();
    for report in &facts.reports {
        findings.extend(report.findings.clone());
    }
    if facts.entities.groups.is_empty() {
        let mut finding = Diagnostic::error(Code::NoData, "no group is known")
            .at_file(config.data.dir.clone(), "expected `groups.csv` with at least one row");
        if config.data.infer.groups.is_none() {
            finding = finding.with_help(
                "add the file, or set `groups = \"<playbook>\"` under `[data.infer]` to make groups of the ids in the other files",
            );
        }
        findings.push(finding);
    }
    if findings.has_errors() { Err(findings) } else { Ok((facts, findings)) }
}

struct Run<'a> {
    plan: Plan,
    config: &'a Config,
    limit: Instant,
    asked: bool,
    periods: Vec<Period>,
    clocks: Vec<Clock>,
}

impl<'a> Run<'a> {
    fn new(plan: Plan, config: &'a Config, limit: Instant, asked: bool, period: Option<Period>) -> Self {
        let zone = config.site.zone;
        let last = period.unwrap_or_else(|| Period::last_complete(config.site.period, zone.day(limit)));
        let mut periods = vec![last];
        for _ in 1..config.site.trend {
            let earliest = periods.last().copied().unwrap_or(last);
            periods.push(earliest.previous());
        }
        periods.reverse();
        let span = |p: Period| Interval { start: zone.midnight(p.first), end: zone.midnight(p.end) };
        let clocks = periods.iter().map(|p| Clock { zone, window: span(*p), previous: span(p.previous()) }).collect();
        Self { plan, config, limit, asked, periods, clocks }
    }

    fn read(
        self,
        sources: &Sources,
        mut sink: Option<Box<dyn QuarantineSink>>,
        progress: &mut dyn FnMut(u64),
    ) -> (Facts, DayCounts) {
        let zone = self.config.site.zone;
        let limits = Limits { zone: &zone, as_of: self.limit, asked: self.asked };
        let mut options = ScanOptions { config: self.config, quarantine: sink.as_deref_mut().map(|s| s as _) };
        let (mut entities, mut reports) = load(sources, &self.plan, &mut options, &limits);
        let mut days = DayCounts::default();
        for post in 0..entities.posts.len() {
            if let Some(at) = entities.posts.time(post, "sent_at") {
                days.add(at, &zone);
            }
        }
        let mut store = Store::default();
        let mut attributed = 0;
        let mut rows_read = 0;
        for table in STREAMED {
            let Some(fold) = TableFold::new(&self.plan, table, &self.clocks, &mut store) else { continue };
            let mut pass = Pass {
                fold,
                entities: &mut entities,
                store: &mut store,
                days: &mut days,
                config: self.config,
                limits: &limits,
                attributed: &mut attributed,
                groups: Vec::new(),
            };
            let layout = pass.fold.layout.clone();
            let report = scan(sources, table, &layout, &mut options, &mut |row| {
                rows_read += 1;
                if rows_read % 65_536 == 0 {
                    progress(rows_read);
                }
                pass.visit(row)
            });
            let Pass { fold, .. } = pass;
            fold.finish(&entities, &mut store);
            reports.push(report);
        }
        infer_creation(&mut entities, self.config, &zone);
        reports.sort_by_key(|r: &TableReport| r.table);
        let facts = Facts {
            table_absent: Facts::absent_of(self.config),
            plan: self.plan,
            store,
            clocks: self.clocks,
            entities,
            periods: self.periods,
            as_of: self.limit,
            reports,
            attributed_orders: attributed,
        };
        (facts, days)
    }
}

/// One table on its way through the fold.
struct Pass<'a, 'p> {
    fold: TableFold<'p>,
    entities: &'a mut Entities,
    store: &'a mut Store,
    days: &'a mut DayCounts,
    config: &'a Config,
    limits: &'a Limits<'a>,
    attributed: &'a mut u64,
    /// Groups of the row at hand; kept to save an allocation a row.
    groups: Vec<u32>,
}

impl Pass<'_, '_> {
    fn visit(&mut self, row: &Row<'_>) -> Verdict {
        let table = self.fold.layout.table;
        let column = table.time().unwrap_or("");
        let Some(time) = self.fold.time(row) else {
            return Verdict::Reject { column, reason: Reason::EmptyKey };
        };
        self.days.add(time, self.limits.zone);
        if let Some(verdict) = self.limits.late(time, column) {
            return verdict;
        }
        self.groups.clear();
        match self.fold.group_id(row) {
            Some(id) => match self.entities.group_ids.find(id) {
                Some(group) => self.groups.push(group),
                None if self.config.data.infer.groups.is_some() => self.groups.push(self.entities.add_group(id)),
                None => return Verdict::OrphanGroup,
            },
            None if table == Table::Orders => {
                self.attribute(row, time);
                if self.groups.is_empty() {
                    return Verdict::OrphanMember;
                }
                *self.attributed += 1;
            }
            None => return Verdict::Reject { column: "group_id", reason: Reason::EmptyKey },
        }
        let mut verdict = Verdict::Keep;
        for at in 0..self.groups.len() {
            let Some(group) = self.groups.get(at).copied() else { break };
            if created_day(self.entities, group, self.limits.zone).is_some_and(|d| self.limits.zone.day(time) < d) {
                return Verdict::Reject { column, reason: Reason::BeforeGroup };
            }
            let member = match self.fold.member_id(row) {
                None => None,
                Some(id) => match self.entities.member(group, id) {
                    Some(known) => Some(known),
                    None if self.config.data.infer.members => Some(self.entities.add_member(group, id)),
                    None => {
                        verdict = Verdict::OrphanMember;
                        None
                    }
                },
            };
            if let (Some(member), true) = (member, self.config.data.infer.members) {
                met(self.entities, member, time);
            }
            let refers = self.fold.refers(row, group, member, self.entities);
            self.fold.add(row, refers, self.entities, self.store);
        }
        verdict
    }

    /// The groups of the buyer to which an order without a group counts.
    fn attribute(&mut self, row: &Row<'_>, paid: Instant) {
        let Some(person) = self.fold.member_id(row).and_then(|id| self.entities.person_ids.find(id)) else { return };
        let members = &self.entities.members;
        let mut joined: Vec<(Instant, &str, u32)> = self
            .entities
            .members_of_person
            .get(person as usize)
            .into_iter()
            .flatten()
            .filter_map(|m| {
                let at = members.time(*m as usize, "joined_at")?;
                let (group, _) = *self.entities.member_keys.get(*m as usize)?;
                let name = self.entities.group_ids.get(group)?;
                (at <= paid).then_some((at, &**name, group))
            })
            .collect();
        joined.sort_unstable();
        match self.config.data.attribution {
            Attribution::LastJoined => self.groups.extend(joined.last().map(|j| j.2)),
            Attribution::FirstJoined => self.groups.extend(joined.first().map(|j| j.2)),
            Attribution::All => self.groups.extend(joined.iter().map(|j| j.2)),
        }
    }
}

/// Groups that are known only by their rows are taken to be made on the day of their first member.
fn infer_creation(entities: &mut Entities, config: &Config, zone: &Zone) {
    if config.data.infer.groups.is_none() {
        return;
    }
    let Some(created) = entities.groups.column("created_on") else { return };
    entities.groups.mark_present("created_on");
    for group in 0..entities.groups.len() {
        if entities.groups.time(group, "created_on").is_some() {
            continue;
        }
        let members = entities.members_of_group.get(group).map_or(&[][..], Vec::as_slice);
        let first = members.iter().filter_map(|m| entities.members.time(*m as usize, "joined_at")).min();
        if let Some(first) = first {
            let day = zone.midnight(zone.day(first));
            entities.groups.set(group, created, super::entity::Stored::Time(day));
        }
    }
}
