//! `qunce facts`: what playbooks measure, as CSV.

use super::arguments::FactsOptions;
use super::followed::{Key, playbooks};
use super::workspace::usage;
use super::{Failure, terminal, workspace};
use crate::calendar::Zone;
use crate::diagnostic::{Code, Diagnostic, Findings, did_you_mean};
use crate::fs;
use crate::measure::{Asked, Fact, Facts, Number, Plan, ReadId, Refusal, Request, measure};
use crate::playbook::{Grain, Playbook};
use chrono::{Datelike, NaiveDateTime, Timelike};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// Groups that are written out at once.
const CHUNK: usize = 64;

pub(super) fn run(options: &FactsOptions) -> Result<(), Failure> {
    let workspace = workspace::open(&options.workspace)?.without_cache(options.no_cache);
    let (as_of, period) = (workspace.as_of(&options.time)?, workspace.period(&options.time)?);
    let mut findings = workspace.findings.clone();
    if findings.has_errors() {
        return Err(Failure::Input(findings));
    }
    let sources = workspace.sources(&mut findings);
    let playbooks = playbooks(&workspace, &sources, &mut findings);
    if findings.has_errors() {
        return Err(Failure::Input(findings));
    }
    let mut plan = Plan::new(playbooks.values().map(|p| &**p));
    let all = if options.group.is_empty() && options.member.is_empty() { names(&playbooks) } else { Vec::new() };
    let groups = Columns::ask(&mut plan, &playbooks, "--group", &[&options.group[..], &all].concat(), Grain::Group)?;
    let members = Columns::ask(&mut plan, &playbooks, "--member", &options.member, Grain::Member)?;
    let bar = terminal::progress("reading");
    let progress = |rows| bar.set_position(rows);
    let config = &workspace.config;
    let (quarantine, cache) = (&|_| None, workspace.cache());
    let request = Request { sources: &sources, config, as_of, period, quarantine, cache, progress: &progress };
    let (facts, more) = measure(plan, request).map_err(Failure::Input)?;
    bar.finish_and_clear();
    findings.extend(more);
    terminal::report(&findings);
    let order = Order { facts: &facts, inferred: config.data.infer.groups.as_deref(), zone: config.site.zone };
    if !groups.names.is_empty() {
        let head = ["group_id", "period"];
        order.write(&options.dir.join("groups.csv"), &head, &groups, &|id, group| order.periods(id, group, &groups))?;
    }
    if !members.names.is_empty() {
        let head = ["group_id", "member_id"];
        let rows = |id: &str, group| order.members(id, group, &members);
        order.write(&options.dir.join("members.csv"), &head, &members, &rows)?;
    }
    let rows: u64 = facts.reports.iter().map(|r| r.total(|p| p.rows)).sum();
    terminal::close(&format!(
        "{} of {}, {}; {} known from before\n",
        terminal::counted(facts.periods.len(), "period"),
        terminal::counted(facts.entities.groups.len(), "group"),
        terminal::counted(usize::try_from(rows).unwrap_or(usize::MAX), "row"),
        terminal::counted(facts.kept_files, "file"),
    ));
    facts.end();
    // The same holds for all else that is large.
    std::mem::forget((playbooks, sources, workspace));
    Ok(())
}

/// Every measure that one of the playbooks declares.
fn names(playbooks: &BTreeMap<Key, Arc<Playbook>>) -> Vec<String> {
    let ids: BTreeSet<&String> = playbooks.values().flat_map(|p| p.measures.keys()).collect();
    ids.into_iter().cloned().collect()
}

/// What is asked for, by playbook; a playbook may lack what another one has.
struct Columns {
    names: Vec<String>,
    reads: BTreeMap<Key, Vec<Option<ReadId>>>,
}

impl Columns {
    fn ask(
        plan: &mut Plan,
        playbooks: &BTreeMap<Key, Arc<Playbook>>,
        option: &str,
        names: &[String],
        grain: Grain,
    ) -> Result<Self, Failure> {
        let mut columns = Self { names: names.to_vec(), reads: BTreeMap::new() };
        let latest = grain == Grain::Member;
        for name in names {
            let asked = Asked::parse(name).map_err(|why| usage(option, name, &why))?;
            let mut refused = None;
            let mut answered = false;
            for (key, playbook) in playbooks {
                let read = match plan.ask(playbook, &asked, grain, latest) {
                    Ok(read) => Some(read),
                    Err(why) => {
                        refused = Some(why);
                        None
                    }
                };
                answered |= read.is_some();
                columns.reads.entry(key.clone()).or_default().push(read);
            }
            if let Some(why) = refused.filter(|_| !answered) {
                return Err(refusal(playbooks, name, &asked, &why));
            }
        }
        Ok(columns)
    }
}

fn refusal(playbooks: &BTreeMap<Key, Arc<Playbook>>, name: &str, asked: &Asked, why: &Refusal) -> Failure {
    let mut findings = Findings::new();
    findings.push(match why {
        Refusal::Unfit(why) => Diagnostic::error(Code::UnfitMeasure, format!("`{name}` cannot be read: {why}")),
        Refusal::Unknown => {
            let finding =
                Diagnostic::error(Code::UnknownMeasure, format!("no playbook in use has a measure `{}`", asked.id));
            let known = self::names(playbooks);
            match did_you_mean(&asked.id, known.iter().map(String::as_str)) {
                Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
                None => finding,
            }
        }
    });
    Failure::Usage(findings)
}

/// The groups in the order of their ids, ready to be written.
struct Order<'a> {
    facts: &'a Facts,
    inferred: Option<&'a str>,
    zone: Zone,
}

/// The rows of one group, as CSV.
type RowsOf<'r> = dyn Fn(&str, u32) -> std::io::Result<Vec<u8>> + Sync + 'r;

impl Order<'_> {
    fn write(&self, path: &Path, head: &[&str], columns: &Columns, rows: &RowsOf<'_>) -> Result<(), Failure> {
        let entities = &self.facts.entities;
        let mut order: Vec<(Arc<str>, u32)> = (0..entities.groups.len())
            .filter_map(|g| u32::try_from(g).ok())
            .filter_map(|g| Some((entities.group_ids.get(g)?.clone(), g)))
            .collect();
        order.sort();
        let mut file = std::io::BufWriter::new(fs::create(path)?);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(head.iter().copied().chain(columns.names.iter().map(String::as_str))).map_err(as_io)?;
        file.write_all(&bytes(writer)?)?;
        for chunk in order.chunks(CHUNK) {
            let texts: Vec<std::io::Result<Vec<u8>>> = chunk.par_iter().map(|(id, group)| rows(id, *group)).collect();
            for text in texts {
                file.write_all(&text?)?;
            }
        }
        file.flush()?;
        Ok(())
    }

    fn reads<'c>(&self, id: &str, group: u32, columns: &'c Columns) -> Option<&'c [Option<ReadId>]> {
        let playbook = self.facts.entities.groups.text(group as usize, "playbook").or(self.inferred)?;
        let own = columns.reads.get(&(playbook.to_owned(), Some(id.to_owned())));
        own.or_else(|| columns.reads.get(&(playbook.to_owned(), None))).map(Vec::as_slice)
    }

    fn periods(&self, id: &str, group: u32, columns: &Columns) -> std::io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let reads = self.reads(id, group, columns).unwrap_or_default();
        // What hangs on no period is worked out once for all of them.
        let first = self.facts.view(group, 0);
        for (index, period) in self.facts.periods.iter().enumerate() {
            let Some(view) = first.as_ref().and_then(|first| first.in_period(index)) else { continue };
            writer.write_field(id).map_err(as_io)?;
            writer.write_field(period.to_string()).map_err(as_io)?;
            self.cells(&mut writer, reads.iter().map(|read| Some(view.value((*read)?))))?;
        }
        bytes(writer)
    }

    fn members(&self, id: &str, group: u32, columns: &Columns) -> std::io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let entities = &self.facts.entities;
        let last = self.facts.periods.len().saturating_sub(1);
        if let (Some(view), Some(reads)) = (self.facts.view(group, last), self.reads(id, group, columns)) {
            let name = |m: &u32| Some((entities.person_ids.get(entities.person(*m)?)?, *m));
            let mut members: Vec<(&str, u32)> = view.members().iter().filter_map(name).collect();
            members.sort();
            for (name, member) in members {
                writer.write_field(id).map_err(as_io)?;
                writer.write_field(name).map_err(as_io)?;
                self.cells(&mut writer, reads.iter().map(|read| Some(view.value_of((*read)?, member))))?;
            }
        }
        bytes(writer)
    }

    /// Writes values as the last cells of a line; empty for no data and for what is not there to be taken.
    fn cells(
        &self,
        writer: &mut csv::Writer<Vec<u8>>,
        values: impl Iterator<Item = Option<Fact>>,
    ) -> std::io::Result<()> {
        let mut text = Vec::new();
        for value in values {
            text.clear();
            if let Some(Fact::Known { number: Some(number), .. }) = value {
                match number {
                    Number::Int(i) => write!(text, "{i}")?,
                    Number::Decimal(d) => write!(text, "{}", d.normalize())?,
                    Number::Float(f) => write!(text, "{f}")?,
                    Number::Time(t) => time(&mut text, self.zone.local(t))?,
                }
            }
            writer.write_field(&text).map_err(as_io)?;
        }
        writer.write_record(None::<&[u8]>).map_err(as_io)
    }
}

/// `YYYY-MM-DD HH:MM:SS`, with fractions of the second where there are any.
fn time(text: &mut Vec<u8>, at: NaiveDateTime) -> std::io::Result<()> {
    // Nearly all are whole seconds of years with four digits, which need no pattern.
    if at.nanosecond() != 0 || !(1000..=9999).contains(&at.year()) {
        return write!(text, "{}", at.format("%Y-%m-%d %H:%M:%S%.f"));
    }
    let year = at.year().unsigned_abs();
    let parts = [at.month(), at.day(), at.hour(), at.minute(), at.second()];
    let two = |n: u32| [b'0' + (n / 10 % 10) as u8, b'0' + (n % 10) as u8];
    text.extend(two(year / 100));
    text.extend(two(year));
    for (before, part) in b"-- ::".iter().zip(parts) {
        text.push(*before);
        text.extend(two(part));
    }
    Ok(())
}

fn as_io(error: csv::Error) -> std::io::Error {
    std::io::Error::other(error)
}

fn bytes(writer: csv::Writer<Vec<u8>>) -> std::io::Result<Vec<u8>> {
    writer.into_inner().map_err(|e| e.into_error())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_read_as_the_pattern_says(seconds in -62_000_000_000i64..300_000_000_000, micros in prop_oneof![Just(0u32), 0u32..1_000_000]) {
            let at = chrono::DateTime::from_timestamp(seconds, micros * 1000).unwrap().naive_utc();
            let mut text = Vec::new();
            time(&mut text, at).unwrap();
            prop_assert_eq!(String::from_utf8(text).unwrap(), at.format("%Y-%m-%d %H:%M:%S%.f").to_string());
        }
    }
}
