//! The yardstick: the job of `playbooks/job.toml` written by hand for this one purpose.
//!
//! One thread, the csv crate's byte records, one open-addressed table with the keys inline, rows in batches of
//! 256 so that the table's cache misses overlap. It checks nothing and can do nothing else.
//!
//!     peers_fold DATA OUT END WEEKS      END: first day after the last week, 2025-05-12
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a yardstick that cannot go on stops"
)]

use csv::{ByteRecord, Reader};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

const BATCH: usize = 256;
const DAY: i64 = 86_400;
/// Who spoke, opened, clicked, put into the cart, paid.
const KINDS: usize = 5;

/// A member, a cache line.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Member {
    key: [u64; 2],
    group: u32,
    number: u32,
    /// A bit for each week in which the member did it.
    weeks: [u32; KINDS],
    last: u32,
    /// Messages in the last 7, 14 and 30 days.
    recent: [u32; 3],
}

/// What is added up for a group and week.
#[derive(Clone, Copy, Default)]
struct Week {
    messages: u64,
    questions: u64,
    cents: i64,
}

fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// 128 bits of hash of a group and a member.
fn key(group: &[u8], member: &[u8]) -> [u64; 2] {
    let mut state = [0x9e37_79b9_7f4a_7c15_u64, 0xc2b2_ae3d_27d4_eb4f];
    for text in [group, member] {
        for chunk in text.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let word = u64::from_le_bytes(word);
            state[0] = mix(state[0] ^ word, 0xa076_1d64_78bd_642f);
            state[1] = mix(state[1] ^ word, 0xe703_7ed1_a0b4_28db);
        }
        state[0] = mix(state[0] ^ text.len() as u64, 0x8ebc_6af0_9c88_c6e3);
        state[1] ^= state[0].rotate_left(23);
    }
    [state[0], state[1] | 1]
}

struct Members {
    slots: Vec<Member>,
    mask: usize,
}

impl Members {
    fn with_capacity(members: usize) -> Self {
        let size = (members * 2).next_power_of_two();
        Self { slots: vec![Member::default(); size], mask: size - 1 }
    }

    fn slot(&self, key: [u64; 2]) -> usize {
        let mut at = key[0] as usize & self.mask;
        loop {
            let found = self.slots[at].key;
            if found == key || found == [0, 0] {
                return at;
            }
            at = (at + 1) & self.mask;
        }
    }
}

fn two(t: &[u8]) -> i64 {
    i64::from(t[0] - b'0') * 10 + i64::from(t[1] - b'0')
}

/// Days since 1970-01-01 of a date of the civil calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// `YYYY-MM-DD HH:MM:SS`, in seconds of local time; the last day is remembered.
#[derive(Default)]
struct Clock {
    date: [u8; 10],
    midnight: i64,
}

impl Clock {
    fn read(&mut self, t: &[u8]) -> i64 {
        if t[..10] != self.date {
            self.date.copy_from_slice(&t[..10]);
            self.midnight = days(two(&t[..2]) * 100 + two(&t[2..4]), two(&t[5..7]), two(&t[8..10])) * DAY;
        }
        self.midnight + two(&t[11..13]) * 3600 + two(&t[14..16]) * 60 + two(&t[17..19])
    }
}

fn cents(amount: &[u8]) -> i64 {
    let mut parts = amount.split(|b| *b == b'.');
    let digits = |t: &[u8]| t.iter().filter(|b| **b != b'-').fold(0, |n, b| n * 10 + i64::from(b - b'0'));
    let (whole, fraction) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let fraction = digits(fraction) * if fraction.len() == 1 { 10 } else { 1 };
    let value = digits(whole) * 100 + fraction;
    if amount.first() == Some(&b'-') { -value } else { value }
}

struct Job {
    members: Members,
    weeks: Vec<Week>,
    per_group: usize,
    start: i64,
    end: i64,
}

impl Job {
    /// Reads a table in batches: keys first, then places in the table, then what the rows add.
    fn fold(
        &mut self,
        path: &Path,
        [group, member, time]: [&str; 3],
        add: impl Fn(&ByteRecord, &[usize]) -> Row,
        more: &[&str],
    ) {
        let mut reader = open(path);
        let header = reader.byte_headers().unwrap().clone();
        let column = |name: &str| header.iter().position(|h| h == name.as_bytes()).unwrap();
        let (group, member, time) = (column(group), column(member), column(time));
        let more: Vec<usize> = more.iter().map(|name| column(name)).collect();
        let mut batch: Vec<ByteRecord> = vec![ByteRecord::new(); BATCH];
        let mut keys = [[0; 2]; BATCH];
        let mut slots = [0; BATCH];
        let mut clock = Clock::default();
        loop {
            let mut n = 0;
            while n < BATCH && reader.read_byte_record(&mut batch[n]).unwrap() {
                keys[n] = key(&batch[n][group], &batch[n][member]);
                n += 1;
            }
            for i in 0..n {
                slots[i] = self.members.slot(keys[i]);
            }
            for i in 0..n {
                let record = &batch[i];
                let at = clock.read(&record[time]);
                if at < self.start || at >= self.end {
                    continue;
                }
                let week = ((at - self.start) / (7 * DAY)) as usize;
                let member = &mut self.members.slots[slots[i]];
                assert!(member.key != [0, 0], "a row of somebody who is not in members.csv");
                let row = add(record, &more);
                member.last = member.last.max(at as u32);
                if let Some(kind) = row.kind {
                    member.weeks[kind] |= 1 << week;
                }
                if row.message {
                    for (recent, days) in member.recent.iter_mut().zip([7, 14, 30]) {
                        *recent += u32::from(at >= self.end - days * DAY);
                    }
                }
                let sums = &mut self.weeks[member.group as usize * self.per_group + week];
                sums.messages += u64::from(row.message);
                sums.questions += u64::from(row.question);
                sums.cents += row.cents;
            }
            if n < BATCH {
                break;
            }
        }
    }
}

/// What a row is.
#[derive(Default)]
struct Row {
    kind: Option<usize>,
    message: bool,
    question: bool,
    cents: i64,
}

fn open(path: &Path) -> Reader<File> {
    csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_path(path).unwrap()
}

fn local(seconds: i64) -> String {
    let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, out, end, weeks] = arguments.as_slice() else {
        eprintln!("usage: peers_fold DATA OUT END WEEKS");
        return;
    };
    let (data, out) = (Path::new(data), Path::new(out));
    let per_group: usize = weeks.parse().unwrap();
    assert!(per_group <= 32, "a week is a bit");
    let mut clock = Clock::default();
    let end = clock.read(format!("{end} 00:00:00").as_bytes());
    let start = end - per_group as i64 * 7 * DAY;

    let mut groups: Vec<Vec<u8>> = Vec::new();
    let mut names: Vec<Vec<u8>> = Vec::new();
    let mut known = std::collections::HashMap::new();
    let mut records = Vec::new();
    let mut reader = open(&data.join("members.csv"));
    for record in reader.byte_records() {
        let record = record.unwrap();
        let group = *known.entry(record[0].to_vec()).or_insert_with(|| {
            groups.push(record[0].to_vec());
            groups.len() as u32 - 1
        });
        records.push((key(&record[0], &record[1]), group));
        names.push(record[1].to_vec());
    }
    let mut members = Members::with_capacity(records.len());
    for (number, (key, group)) in records.into_iter().enumerate() {
        let slot = members.slot(key);
        members.slots[slot] = Member { key, group, number: number as u32, ..Member::default() };
    }
    let weeks = vec![Week::default(); groups.len() * per_group];
    let mut job = Job { members, weeks, per_group, start, end };
    job.fold(
        &data.join("messages.csv"),
        ["group_id", "member_id", "sent_at"],
        |r, c| Row { kind: Some(0), message: true, question: &r[c[0]] == b"question", cents: 0 },
        &["kind"],
    );
    job.fold(
        &data.join("events.csv"),
        ["group_id", "member_id", "at"],
        |r, c| {
            let kind = match &r[c[0]] {
                b"open" => Some(1),
                b"click" => Some(2),
                b"add_to_cart" => Some(3),
                _ => None,
            };
            Row { kind, ..Row::default() }
        },
        &["event"],
    );
    job.fold(
        &data.join("orders.csv"),
        ["group_id", "member_id", "paid_at"],
        |r, c| Row { kind: Some(4), cents: cents(&r[c[0]]), ..Row::default() },
        &["amount"],
    );

    let mut counts = vec![[0_u32; KINDS]; groups.len() * per_group];
    for member in job.members.slots.iter().filter(|m| m.key != [0, 0]) {
        for (kind, weeks) in member.weeks.iter().enumerate() {
            for week in 0..per_group {
                counts[member.group as usize * per_group + week][kind] += weeks >> week & 1;
            }
        }
    }
    std::fs::create_dir_all(out).unwrap();
    let mut file = BufWriter::new(File::create(out.join("groups.csv")).unwrap());
    writeln!(file, "group_id,period,messages,speakers,questions,openers,clickers,carters,payers,revenue").unwrap();
    for (at, (sums, counts)) in job.weeks.iter().zip(&counts).enumerate() {
        let group = String::from_utf8_lossy(&groups[at / per_group]);
        let first = chrono::DateTime::from_timestamp(start + (at % per_group) as i64 * 7 * DAY, 0).unwrap();
        let [speakers, openers, clickers, carters, payers] = counts;
        let (messages, questions) = (sums.messages, sums.questions);
        let (whole, rest) = (sums.cents / 100, sums.cents % 100);
        let week = first.format("%G-W%V");
        writeln!(
            file,
            "{group},{week},{messages},{speakers},{questions},{openers},{clickers},{carters},{payers},{whole}.{rest:02}"
        )
        .unwrap();
    }
    let mut file = BufWriter::new(File::create(out.join("members.csv")).unwrap());
    writeln!(file, "group_id,member_id,last_activity,messages_7,messages_14,messages_30").unwrap();
    for member in job.members.slots.iter().filter(|m| m.key != [0, 0]) {
        let (group, name) = (&groups[member.group as usize], &names[member.number as usize]);
        let last = if member.last == 0 { String::new() } else { local(i64::from(member.last)) };
        let [a, b, c] = member.recent;
        let (group, name) = (String::from_utf8_lossy(group), String::from_utf8_lossy(name));
        writeln!(file, "{group},{name},{last},{a},{b},{c}").unwrap();
    }
}
