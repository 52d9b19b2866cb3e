//! Runs a plan over a drop: guesses the as-of moment, folds every file once, checks the guess.

use super::cache::{Cache, Damaged, FactsCache, Former, Keeping, Known, Left, LeftRest, Meeting, ToKeep};
use super::cells::{FAR, Store, TableCells};
use super::day_counts::DayCounts;
use super::entity::Entities;
use super::facts::Facts;
use super::fold::{Filled, Finished, TableFold};
use super::infer::infer;
use super::load::{Limits, Loader};
use super::pass::Pass;
use super::plan::Plan;
use super::texts::Texts;
use crate::calendar::{Instant, Interval, Period};
use crate::config::Config;
use crate::data::{QuarantineSink, ScanOptions, Sources, TableReport, latest_instant_by, scan_side_by_side};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::expr::{Clock, Value};
use crate::schema::Table;
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
pub type MakeSink<'a> = dyn Fn(Table) -> Option<Box<dyn QuarantineSink + Send>> + Sync + 'a;

/// Stands for the as-of moment of data without any.
const NO_TIME: Instant = Instant(0);

/// Tables that are folded row by row.
pub(super) const STREAMED: [Table; 5] = [Table::Messages, Table::Events, Table::Orders, Table::Surveys, Table::Daily];

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
            let (mut facts, findings) = finish(facts, config)?;
            let writing = cache.as_ref().zip(kept).map(|(cache, kept)| cache.keep(&facts, kept, sources));
            if let (Some(cache), Some(writing)) = (cache, writing) {
                facts.keeping = Keeping::begin(cache, writing);
            }
            return Ok((facts, findings));
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
    fn read<'c>(
        self,
        sources: &Sources,
        quarantine: &MakeSink<'_>,
        cache: Option<&'c Cache>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(Facts, DayCounts, Option<ToKeep<'c>>), Box<Plan>> {
        let zone = self.config.site.zone;
        let limits = Limits { zone: &zone, as_of: self.limit, asked: self.asked };
        let loader = Loader { sources, plan: &self.plan, config: self.config, quarantine, limits: &limits };
        let (mut entities, mut reports, former) = loader.load(cache);
        let known = Known { products: entities.product_ids.len(), offers: entities.offer_keys.len() };
        infer(sources, self.config, &limits, &mut entities);
        entities.seal(&zone);
        // Rows name memberships by both ids; persons alone are looked for where an order names no group.
        entities.person_ids.rest();
        let mut days = DayCounts::new();
        let sent = entities.posts.column("sent_at");
        for post in 0..entities.posts.len() {
            if let Some(Value::Time(at)) = sent.map(|sent| entities.posts.value(post, sent)) {
                days.add(at, &zone);
            }
        }
        let meeting = cache.zip(former.as_ref()).map(|(c, former)| c.meet(former, &entities));
        let read = AtomicU64::new(0);
        let count = || progress(read.fetch_add(TOLD, Ordering::Relaxed) + TOLD);
        let mut folded = Vec::new();
        for table in STREAMED {
            let Some(fold) = TableFold::new(&self.plan, table, &entities, &self.clocks, &self.later) else { continue };
            match self.fold_table(sources, fold, &limits, quarantine, meeting.as_ref(), &count) {
                Ok(one) => folded.push(one),
                Err(Damaged) => return Err(Box::new(self.plan)),
            }
        }
        drop(meeting);
        entities.rest();
        let mut left = BTreeMap::new();
        let mut kept_files = former.as_ref().map_or(0, Former::kept_files);
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
            store: Store::new(tables, &self.plan, &self.clocks, &entities),
            table_absent: Facts::absent_of(self.config),
            plan: self.plan,
            clocks: self.clocks,
            entities,
            periods: self.periods,
            as_of: self.limit,
            reports,
            attributed_orders: attributed,
            kept_files,
            keeping: Keeping::default(),
            prepared: OnceLock::new(),
        };
        Ok((facts, days, former.map(|former| ToKeep { former, known, left })))
    }

    fn fold_table(
        &self,
        sources: &Sources,
        fold: TableFold<'_>,
        limits: &Limits<'_>,
        quarantine: &MakeSink<'_>,
        meeting: Option<&Meeting<'_>>,
        count: &(dyn Fn() + Sync),
    ) -> Result<Folded, Damaged> {
        let layout = fold.layout.clone();
        let table = layout.table;
        let mut files = meeting.map(|m| m.table(table, &fold.cells, self.limit, fold.waits()));
        let mut sink = quarantine(table);
        let mut options = ScanOptions { config: self.config, quarantine: sink.as_deref_mut().map(|s| s as _) };
        let hire = || Pass::new(&fold, self.config, limits, count);
        let (report, passes) = {
            let reuse = files.as_mut().map(|f| f as _);
            scan_side_by_side(sources, table, &layout, &mut options, reuse, &hire)
        };
        let mut days = DayCounts::new();
        let mut attributed = 0;
        let mut gathered = Vec::new();
        for pass in passes {
            days.merge(pass.days);
            attributed += pass.attributed;
            gathered.push(pass.hand.gather());
        }
        let entities = fold.entities;
        let finished = fold.finish(gathered, &mut |filled: Filled<'_>| {
            let rest = files.as_ref().map_or(Ok(None), |f| f.fill(filled, entities))?;
            for (day, n, last) in rest.iter().flat_map(|r| &r.days) {
                days.put(*day, *n, *last);
            }
            attributed += rest.map_or(0, |r| r.attributed);
            Ok(())
        })?;
        let Finished { cells, unknown_products, answers, vain, beyond } = finished;
        let left = files.map(|f| {
            let unknown = unknown_products.clone();
            f.left(LeftRest { vain, answers, unknown, days: days.all(), attributed, beyond })
        });
        Ok(Folded { table, cells, unknown_products, report, days, attributed, left })
    }
}

/// Rows between two words of progress.
pub(super) const TOLD: u64 = 65_536;

/// Gives the products that only rows of this table named their numbers among all.
fn name_products(entities: &mut Entities, known: u32, folded: &mut Folded) {
    // Which thread met one first is chance; the numbers are not.
    let mut texts: Vec<_> = (0_u32..).map_while(|local| Some((folded.unknown_products.get(local)?, local))).collect();
    texts.sort_unstable();
    let mut numbers = vec![None; texts.len()];
    for (text, local) in texts {
        if let Some(number) = numbers.get_mut(local as usize) {
            *number = Some(entities.product_ids.intern(text));
        }
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
