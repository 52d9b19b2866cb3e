//! Runs a plan over a drop: guesses the as-of moment, folds every file once, checks the guess.

use super::cache::{Cache, Damaged, Digest, FactsCache, Filled, Left, LeftRest, Meeting};
use super::cells::{FAR, Store, TableCells};
use super::day_cache::DayCache;
use super::entity::Entities;
use super::facts::Facts;
use super::fold::{Finished, TableFold};
use super::infer::infer;
use super::load::{Limits, load};
use super::pairs::{PairKey, pair_key};
use super::plan::Plan;
use super::texts::Texts;
use crate::calendar::{Day, Instant, Interval, Period, Zone};
use crate::config::{Attribution, Config};
use crate::data::{
    QuarantineSink, Reason, Row, ScanOptions, Sources, TableReport, Verdict, Visitor, are_few, latest_instant_by,
    scan_ahead,
};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::expr::Clock;
use crate::schema::Table;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

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
    /// Makes the sink for a table's quarantined rows, anew if the files must be read again.
    pub quarantine: &'a MakeSink<'a>,
    /// Where facts are kept between runs, if they are to be.
    pub cache: Option<FactsCache<'a>>,
    /// Told of the rows read so far.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// Makes a sink for the quarantined rows of a table.
pub type MakeSink<'a> = dyn Fn(Table) -> Option<Box<dyn QuarantineSink>> + Sync + 'a;

/// Stands for the as-of moment of data without any.
const NO_TIME: Instant = Instant(0);

/// Tables that are folded row by row.
pub(super) const STREAMED: [Table; 5] = [Table::Messages, Table::Events, Table::Orders, Table::Surveys, Table::Daily];

/// Rows by local day, to find out through which day the data reach.
#[derive(Debug)]
struct DayCounts {
    /// Number and last instant of each day's rows.
    days: BTreeMap<Day, (u64, Instant)>,
    cache: DayCache,
    recent: Option<(Day, u64, Instant)>,
}

impl DayCounts {
    fn new() -> Self {
        Self { days: BTreeMap::new(), cache: DayCache::new(), recent: None }
    }

    fn add(&mut self, at: Instant, zone: &Zone) {
        let day = self.cache.day(at, zone);
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

    /// Number and last instant of each day's rows.
    fn all(&mut self) -> Vec<(Day, u64, Instant)> {
        self.flush();
        self.days.iter().map(|(day, (n, last))| (*day, *n, *last)).collect()
    }

    fn flush(&mut self) {
        if let Some((day, n, last)) = self.recent.take() {
            self.put(day, n, last);
        }
    }

    fn put(&mut self, day: Day, n: u64, last: Instant) {
        let known = self.days.entry(day).or_insert((0, last));
        *known = (known.0 + n, known.1.max(last));
    }

    fn merge(&mut self, mut other: Self) {
        other.flush();
        for (day, (n, last)) in other.days {
            self.put(day, n, last);
        }
    }

    /// The last instant, not counting a few rows that lie long after all others.
    fn credible_last(&mut self, gap_days: u32) -> Option<Instant> {
        self.flush();
        let total: u64 = self.days.values().map(|d| d.0).sum();
        let days: Vec<(Day, u64)> = self.days.iter().map(|(d, n)| (*d, n.0)).collect();
        let mut end = days.len();
        let mut beyond = 0;
        for i in (1..days.len()).rev() {
            let (Some((day, n)), Some((before, _))) = (days.get(i), days.get(i - 1)) else { break };
            beyond += n;
            if !are_few(beyond, total) {
                break;
            }
            if i64::from(day.0) - i64::from(before.0) > i64::from(gap_days) {
                end = i;
            }
        }
        days.get(end.checked_sub(1)?).and_then(|(d, _)| self.days.get(d)).map(|d| d.1)
    }
}

/// Reads the drop and folds it.
///
/// # Errors
/// Everything that makes the result worthless: unreadable files, conflicts, too many bad rows.
pub fn measure(plan: Plan, request: Request<'_>) -> Result<(Facts, Findings), Findings> {
    let Request { sources, config, as_of, period, quarantine, cache, progress } = request;
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
    let mut cache = cache.and_then(|at| Cache::open(at, &plan, config, sources));
    let guess = as_of.or_else(|| {
        latest_instant_by(sources, config, &mut |part, look| match &mut cache {
            Some(cache) => cache.ends(part, look),
            None => look(),
        })
    });
    let guess = guess.unwrap_or(NO_TIME);
    let mut limit = guess;
    // The ends of the files tell the last instant of every ordinary drop; where they do not, or
    // where they hold a date far off, the files are read once more with what was learnt.
    for attempt in 0..4 {
        let (facts, mut days, kept) = loop {
            let run = Run::new(plan, config, limit, as_of.is_some(), period, cache.is_some());
            match run.read(sources, quarantine, cache.as_ref(), progress) {
                Ok(read) => break read,
                Err(unread) => {
                    plan = *unread;
                    cache.iter_mut().for_each(Cache::distrust);
                }
            }
        };
        let last = days.credible_last(config.data.isolated_future_days).unwrap_or(limit);
        if as_of.is_some() || last == limit || attempt == 3 {
            let result = finish(facts, config)?;
            if let (Some(cache), Some((digest, left))) = (&cache, kept) {
                cache.keep(&result.0, &digest, left, sources);
            }
            return Ok(result);
        }
        limit = last;
        plan = facts.plan;
    }
    Err(findings)
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
    // Groups alone have no time; a guess would be reported as if it were this week.
    if facts.as_of == NO_TIME && !findings.has_errors() {
        findings.push(
            Diagnostic::error(Code::NoData, "no row tells a time, so there is no week to report")
                .at_file(config.data.dir.clone(), "expected rows with a time, such as those of `messages.csv`")
                .with_help("add such a file, or say until when with `--as-of`"),
        );
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
    /// Later periods, as far as their windows may begin within the rows there are.
    later: Vec<Clock>,
}

/// What is kept of a run: the held tables as rows saw them, and the streamed ones.
type ToKeep = (Digest, BTreeMap<Table, Left>);

/// What the fold of one table came to.
struct Folded {
    table: Table,
    cells: TableCells,
    unknown_products: Texts,
    report: TableReport,
    days: DayCounts,
    attributed: u64,
    left: Option<Left>,
}

impl<'a> Run<'a> {
    fn new(plan: Plan, config: &'a Config, limit: Instant, asked: bool, period: Option<Period>, keeps: bool) -> Self {
        let zone = config.site.zone;
        let last = period.unwrap_or_else(|| Period::last_complete(config.site.period, zone.day(limit)));
        let mut periods = vec![last];
        for _ in 1..config.site.trend {
            let earliest = periods.last().copied().unwrap_or(last);
            periods.push(earliest.previous());
        }
        periods.reverse();
        let span = |p: Period| Interval { start: zone.midnight(p.first), end: zone.midnight(p.end) };
        let clock = |p: Period| Clock { zone, window: span(p), previous: span(p.previous()) };
        let clocks = periods.iter().map(|p| clock(*p)).collect();
        let mut later = Vec::new();
        if keeps {
            let longest = plan.reads.iter().map(|r| r.window.days()).max().unwrap_or(0);
            let mut next = Period::containing(config.site.period, last.end);
            let mut end = next.end;
            // Until even the longest window begins behind the last that rows may reach.
            while later.len() < FAR || next.first.plus(-longest) <= end {
                later.push(clock(next));
                end = if later.len() <= FAR { next.end } else { end };
                next = Period::containing(config.site.period, next.end);
            }
        }
        Self { plan, config, limit, asked, periods, clocks, later }
    }

    /// Reads it all. With kept facts that turn out to be damaged, the plan comes back.
    #[allow(clippy::type_complexity)]
    fn read(
        self,
        sources: &Sources,
        quarantine: &MakeSink<'_>,
        cache: Option<&Cache>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(Facts, DayCounts, Option<ToKeep>), Box<Plan>> {
        let zone = self.config.site.zone;
        let limits = Limits { zone: &zone, as_of: self.limit, asked: self.asked };
        let (mut entities, mut reports) = load(sources, &self.plan, self.config, quarantine, &limits);
        infer(sources, self.config, &limits, &mut entities);
        entities.seal(&zone);
        let mut days = DayCounts::new();
        for post in 0..entities.posts.len() {
            if let Some(at) = entities.posts.time(post, "sent_at") {
                days.add(at, &zone);
            }
        }
        let digest = cache.map(|c| c.digest(&entities));
        let meeting = cache.zip(digest.as_ref()).map(|(c, digest)| c.meet(digest, &entities));
        let read = AtomicU64::new(0);
        // Tables side by side: what is held is only looked at, and each table has cells of its own.
        let folded: Result<Vec<Folded>, Damaged> = STREAMED
            .par_iter()
            .filter_map(|table| {
                let fold = TableFold::new(&self.plan, *table, &entities, &self.clocks, &self.later)?;
                let count = || {
                    let rows = read.fetch_add(TOLD, Ordering::Relaxed) + TOLD;
                    progress(rows);
                };
                Some(self.fold_table(sources, fold, &entities, &limits, quarantine, meeting.as_ref(), &count))
            })
            .collect();
        drop(meeting);
        let folded = match folded {
            Ok(folded) => folded,
            Err(Damaged) => return Err(Box::new(self.plan)),
        };
        let mut left = BTreeMap::new();
        let mut kept_files = 0;
        let mut tables = BTreeMap::new();
        let mut attributed = 0;
        let known_products = u32::try_from(entities.product_ids.len()).unwrap_or(u32::MAX);
        for mut one in folded {
            name_products(&mut entities, known_products, &mut one);
            days.merge(one.days);
            attributed += one.attributed;
            reports.push(one.report);
            kept_files += one.left.as_ref().map_or(0, Left::kept_files);
            left.extend(one.left.map(|l| (one.table, l)));
            tables.insert(one.table, one.cells);
        }
        reports.sort_by_key(|r: &TableReport| r.table);
        let facts = Facts {
            store: Store::new(tables, &self.plan, &self.clocks),
            table_absent: Facts::absent_of(self.config),
            plan: self.plan,
            clocks: self.clocks,
            entities,
            periods: self.periods,
            as_of: self.limit,
            reports,
            attributed_orders: attributed,
            kept_files,
            prepared: OnceLock::new(),
        };
        Ok((facts, days, digest.map(|digest| (digest, left))))
    }

    #[allow(clippy::too_many_arguments)]
    fn fold_table(
        &self,
        sources: &Sources,
        fold: TableFold<'_>,
        entities: &Entities,
        limits: &Limits<'_>,
        quarantine: &MakeSink<'_>,
        meeting: Option<&Meeting<'_>>,
        count: &dyn Fn(),
    ) -> Result<Folded, Damaged> {
        let layout = fold.layout.clone();
        let table = layout.table;
        let mut files = meeting.map(|m| m.table(table, &fold.cells, self.limit, fold.answers.is_some()));
        let mut sink = quarantine(table);
        let mut options = ScanOptions { config: self.config, quarantine: sink.as_deref_mut().map(|s| s as _) };
        let mut pass = Pass {
            fold,
            entities,
            config: self.config,
            limits,
            days: DayCounts::new(),
            attributed: 0,
            groups: Vec::new(),
            keys: Vec::new(),
            known: Vec::new(),
            count,
            rows: 0,
            late: false,
            by_person: false,
        };
        let report = scan_ahead(sources, table, &layout, &mut options, files.as_mut().map(|f| f as _), &mut pass);
        let Pass { mut fold, mut days, mut attributed, late, by_person, .. } = pass;
        fold.vain.late |= late;
        fold.vain.by_person |= by_person;
        let measures = fold.measures().collect();
        let TableFold { cells, answers, unknown_products: unknown, vain, .. } = &mut fold;
        let filled = Filled { plan: &self.plan, cells, answers: answers.as_mut(), unknown, measures, vain };
        let rest = files.as_ref().map_or(Ok(None), |f| f.fill(filled, entities))?;
        if let Some(rest) = &rest {
            rest.days.iter().for_each(|(day, n, last)| days.put(*day, *n, *last));
            attributed += rest.attributed;
        }
        let Finished { cells, unknown_products, answers, vain, mut beyond } = fold.finish();
        if let Some(rest) = rest {
            beyond.iter_mut().zip(rest.beyond).for_each(|(own, kept)| *own |= kept);
        }
        let left = files.map(|f| {
            let unknown = unknown_products.clone();
            f.left(LeftRest { vain, answers, unknown, days: days.all(), attributed, beyond })
        });
        Ok(Folded { table, cells, unknown_products, report, days, attributed, left })
    }
}

/// Rows between two words of progress.
const TOLD: u64 = 65_536;

/// Gives the products that only rows of this table named their numbers among all.
fn name_products(entities: &mut Entities, known: u32, folded: &mut Folded) {
    let mut numbers = Vec::new();
    for local in 0..folded.unknown_products.len() {
        let text = u32::try_from(local).ok().and_then(|l| folded.unknown_products.get(l));
        numbers.push(text.map(|t| entities.product_ids.intern(t)));
    }
    let mut offers: Vec<((u32, u32), u32)> = folded.cells.offers.drain().collect();
    offers.sort_unstable();
    for ((group, product), cell) in offers {
        let product = match product.checked_sub(known) {
            Some(local) => numbers.get(local as usize).copied().flatten().unwrap_or(product),
            None => product,
        };
        entities.offer(group, product);
        folded.cells.offers.insert((group, product), cell);
    }
}

/// One table on its way through the fold.
struct Pass<'a, 'p> {
    fold: TableFold<'p>,
    entities: &'a Entities,
    config: &'a Config,
    limits: &'a Limits<'a>,
    days: DayCounts,
    attributed: u64,
    /// Groups of the row at hand; kept to save an allocation a row.
    groups: Vec<u32>,
    /// Of the rows looked at: the key of group and member, where both are named.
    keys: Vec<Option<PairKey>>,
    /// Of the rows looked at: group and membership, where they are known.
    known: Vec<Option<(u32, u32)>>,
    count: &'a dyn Fn(),
    rows: u64,
    /// Whether a row lay after the as-of moment.
    late: bool,
    /// Whether an order was to be given to the groups of its buyer.
    by_person: bool,
}

impl Visitor for Pass<'_, '_> {
    fn look_ahead(&mut self, rows: &mut dyn Iterator<Item = Row<'_>>) {
        let fold = &self.fold;
        self.keys.clear();
        self.keys.extend(rows.map(|row| Some(pair_key(fold.group_id(&row)?, fold.member_id(&row)?))));
        self.known.clear();
        self.known.extend(self.keys.iter().map(|key| self.entities.pairs.find((*key)?)));
    }

    fn visit(&mut self, at: usize, row: &Row<'_>) -> Verdict {
        self.rows += 1;
        if self.rows.is_multiple_of(TOLD) {
            (self.count)();
        }
        self.place(self.known.get(at).copied().flatten(), row)
    }
}

impl Pass<'_, '_> {
    /// Adds a row of a group and membership, if those are known, to what it belongs to.
    fn place(&mut self, known: Option<(u32, u32)>, row: &Row<'_>) -> Verdict {
        let table = self.fold.layout.table;
        let column = table.time().unwrap_or("");
        let Some(time) = self.fold.time(row) else {
            return Verdict::Reject { column, reason: Reason::EmptyKey };
        };
        self.days.add(time, self.limits.zone);
        if let Some(verdict) = self.limits.late(time, column) {
            self.late = true;
            return verdict;
        }
        self.groups.clear();
        match known {
            Some((group, _)) => self.groups.push(group),
            None => match self.fold.group_id(row) {
                Some(id) => match self.entities.group_ids.find(id) {
                    Some(group) => self.groups.push(group),
                    None => {
                        self.fold.vain.group(id);
                        return Verdict::OrphanGroup;
                    }
                },
                None if table == Table::Orders => {
                    self.by_person = true;
                    self.attribute(row, time);
                    if self.groups.is_empty() {
                        return Verdict::OrphanMember;
                    }
                    self.attributed += 1;
                }
                None => return Verdict::Reject { column: "group_id", reason: Reason::EmptyKey },
            },
        }
        let day = self.fold.local_day(time);
        let mut verdict = Verdict::Keep;
        for at in 0..self.groups.len() {
            let Some(group) = self.groups.get(at).copied() else { break };
            if self.entities.created.get(group as usize).copied().flatten().is_some_and(|created| day < created) {
                return Verdict::Reject { column, reason: Reason::BeforeGroup };
            }
            let member = match known {
                Some((_, member)) => Some(Some(member)),
                None => self.fold.member_id(row).map(|id| self.entities.member(group, id)),
            };
            if member == Some(None) {
                self.fold.unknown_member(row, group);
                verdict = Verdict::OrphanMember;
            }
            self.fold.add(row, group, member.flatten());
        }
        verdict
    }

    /// The groups of the buyer to which an order without a group counts.
    fn attribute(&mut self, row: &Row<'_>, paid: Instant) {
        let Some(person) = self.fold.member_id(row).and_then(|id| self.entities.person_ids.find(id)) else { return };
        let mut joined: Vec<(Instant, &str, u32)> = self
            .entities
            .members_of_person(person)
            .filter_map(|m| {
                let at = self.entities.stays.get(m as usize)?.joined;
                let (group, _) = *self.entities.member_keys.get(m as usize)?;
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
