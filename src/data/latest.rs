//! Guesses the as-of moment from the ends of the files, without reading them whole.

use super::decode::Text;
use super::discover::{Part, Sources};
use super::plan::Plan;
use super::record::Records;
use super::row::Layout;
use super::scan::{header_of, open};
use super::time::TimeReader;
use crate::calendar::Instant;
use crate::config::Config;
use crate::diagnostic::Findings;
use crate::fs;
use crate::schema::Table;
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek, SeekFrom};

/// How much of each end of a file is read.
const END: usize = 64 * 1024;
const DAY_MICROS: i64 = 86_400_000_000;

/// Number of times and the latest of each UTC day.
type Days = BTreeMap<i64, (u64, Instant)>;

/// The latest moment of the data, guessed from the first and last 64 KiB of each plain file;
/// packed ones and those in UTF-16 are read whole. `None` when no row tells a time.
///
/// A few rows that lie more than `isolated_future_days` after all others are left out. The true
/// last moment may be later where a file is not in the order of time: a scan's
/// [`PartReport::last`](super::PartReport) tells.
#[must_use]
pub fn latest_instant(sources: &Sources, config: &Config) -> Option<Instant> {
    latest_instant_by(sources, config, &mut |_, look| look())
}

/// The times at the ends of a file: UTC day, number and latest in microseconds.
pub type Ends = Vec<(i64, u64, i64)>;

/// As [`latest_instant`], for a caller who may know the ends of a part without a look at it.
pub fn latest_instant_by(
    sources: &Sources,
    config: &Config,
    ends: &mut dyn FnMut(&Part, &dyn Fn() -> Ends) -> Ends,
) -> Option<Instant> {
    let mut days = Days::new();
    for part in sources.parts.values().flatten() {
        let Some(column) = part.table.time() else { continue };
        let look = || {
            let mut own = Days::new();
            peek(part, column, config, &mut own);
            own.into_iter().map(|(day, (count, last))| (day, count, last.0)).collect()
        };
        for (day, count, last) in ends(part, &look) {
            let known = days.entry(day).or_insert((0, Instant(last)));
            *known = (known.0.saturating_add(count), known.1.max(Instant(last)));
        }
    }
    if days.is_empty() {
        for part in sources.of(Table::Members) {
            peek(part, "joined_at", config, &mut days);
        }
    }
    latest_of(&days, i64::from(config.data.isolated_future_days))
}

/// Whether rows that lie after a long gap are so few that a clock or a typing error made them: at most one in a
/// hundred, or up to three that are at most one in ten, so that one such row does not rule a small drop.
#[must_use]
pub fn are_few(rows: u64, all: u64) -> bool {
    rows * 100 <= all || (rows <= 3 && rows * 10 <= all)
}

/// The latest time that is not isolated.
fn latest_of(days: &Days, gap: i64) -> Option<Instant> {
    let total: u64 = days.values().map(|(count, _)| count).sum();
    let (mut latest, mut cluster, mut later) = (None, 0, None);
    for (day, (count, last)) in days.iter().rev() {
        if later.is_some_and(|l: i64| l - day > gap) {
            if !are_few(cluster, total) {
                break;
            }
            (latest, cluster) = (None, 0);
        }
        latest = latest.or(Some(*last));
        cluster += count;
        later = Some(*day);
    }
    latest
}

/// Notes the times at the ends of a part. What cannot be read is left to the scan to tell.
fn peek(part: &Part, column: &str, config: &Config, days: &mut Days) {
    for records in ends(part, config).unwrap_or_default() {
        note_times(records, part, column, config, days);
    }
}

fn ends(part: &Part, config: &Config) -> Option<Vec<Records>> {
    let whole = || open(part, config).ok().map(|r| vec![r]);
    let mut file = fs::open(&part.path).ok()?;
    let length = file.metadata().ok()?.len();
    let packed = part.path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz"));
    if packed || length <= 3 * END as u64 {
        return whole();
    }
    let mut head = Vec::with_capacity(END);
    file.by_ref().take(END as u64).read_to_end(&mut head).ok()?;
    let wide = |e: &'static encoding_rs::Encoding| e == encoding_rs::UTF_16LE || e == encoding_rs::UTF_16BE;
    let settings = config.data.table(part.table);
    if settings.encoding.is_some_and(wide) || encoding_rs::Encoding::for_bom(&head).is_some_and(|(e, _)| wide(e)) {
        return whole();
    }
    let header = head.iter().position(|b| *b == b'\n')? + 1;
    let until = head.iter().rposition(|b| *b == b'\n')? + 1;
    file.seek(SeekFrom::End(-i64::try_from(END).ok()?)).ok()?;
    let mut tail = head.get(..header)?.to_vec();
    let mut end = Vec::with_capacity(END);
    file.take(END as u64).read_to_end(&mut end).ok()?;
    let from = end.iter().position(|b| *b == b'\n')? + 1;
    tail.extend_from_slice(end.get(from..)?);
    head.truncate(until);
    let records = |bytes: Vec<u8>| {
        let text = Text::new(Box::new(Cursor::new(bytes)), settings.encoding).ok()?;
        Some(Records::new(text, settings.delimiter, config.data.max_field_bytes))
    };
    Some([head, tail].into_iter().filter_map(records).collect())
}

fn note_times(mut records: Records, part: &Part, column: &str, config: &Config, days: &mut Days) {
    let Ok(Some(names)) = header_of(&mut records) else { return };
    let layout = Layout::new(part.table);
    let plan = Plan::new(names, &layout, config, &part.shown, &mut Findings::new());
    let (Some(plan), Some(slot)) = (plan, layout.slot(column)) else { return };
    let settings = config.data.table(part.table);
    let mut clock = TimeReader::new(settings.zone.unwrap_or(config.site.zone), settings.time_format.clone());
    while let Ok(Some(split)) = records.next() {
        let text = plan.text(slot, |index| split.record.field(index)).unwrap_or_default();
        if split.count == plan.width()
            && let Ok(time) = clock.instant(text)
        {
            let day = days.entry(time.0.div_euclid(DAY_MICROS)).or_insert((0, time));
            *day = (day.0 + 1, day.1.max(time));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(counts: &[(i64, u64)]) -> Days {
        counts.iter().map(|(day, count)| (*day, (*count, Instant(day * DAY_MICROS)))).collect()
    }

    #[test]
    fn isolated_future_rows_do_not_move_the_moment() {
        let latest = |counts: &[(i64, u64)]| latest_of(&days(counts), 60).map(|i| i.0 / DAY_MICROS);
        assert_eq!(latest(&[]), None);
        assert_eq!(latest(&[(100, 50), (130, 50), (9000, 2)]), Some(130));
        assert_eq!(latest(&[(100, 50), (9000, 1), (20_000, 1)]), Some(100));
        assert_eq!(latest(&[(100, 50), (160, 1)]), Some(160));
        assert_eq!(latest(&[(100, 50), (200, 20)]), Some(200));
        assert_eq!(latest(&[(100, 1), (200, 1)]), Some(200));
    }
}
