//! The CSV files: headers, cells and one writer a table, fed day by day.

use super::SampleError;
use super::catalogue::Catalogue;
use super::group::Group;
use super::industry::Attribute;
use super::line::{Line, day_of};
use super::pools;
use super::rows::{Answer, DayRows, MESSAGE_BITS, ROW_BITS, Reference, second};
use crate::calendar::{Cadence, Day, Period};
use crate::fs;
use crate::schema::Table;
use csv::ByteRecord;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Whether the tables of rows are one file each or one file a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// `messages.csv`
    Single,
    /// `messages-2025w19.csv`, by the ISO week of the row's local day.
    Weekly,
}

/// A file that counts its bytes.
struct Counted {
    file: File,
    bytes: Rc<Cell<u64>>,
}

impl Write for Counted {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.file.write(buf)?;
        self.bytes.set(self.bytes.get() + n as u64);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The writer of one table.
struct Sheet {
    table: Table,
    header: &'static [&'static str],
    path: PathBuf,
    writer: Option<csv::Writer<Counted>>,
    rows: u64,
}

impl Sheet {
    fn new(table: Table, header: &'static [&'static str]) -> Self {
        Self { table, header, path: PathBuf::new(), writer: None, rows: 0 }
    }

    fn open(&mut self, folder: &Path, suffix: &str, bytes: &Rc<Cell<u64>>) -> Result<(), SampleError> {
        self.close()?;
        self.path = folder.join(format!("{}{suffix}.csv", self.table.name()));
        let file = Counted { file: fs::create(&self.path)?, bytes: Rc::clone(bytes) };
        self.writer = Some(csv::WriterBuilder::new().buffer_capacity(1 << 17).from_writer(file));
        let header = ByteRecord::from(self.header.to_vec());
        self.write(&header)?;
        self.rows -= 1;
        Ok(())
    }

    fn write(&mut self, record: &ByteRecord) -> Result<(), SampleError> {
        if let Some(writer) = &mut self.writer {
            writer
                .write_byte_record(record)
                .map_err(|source| SampleError::Write { path: self.path.clone(), source })?;
            self.rows += 1;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), SampleError> {
        if let Some(mut writer) = self.writer.take() {
            writer.flush().map_err(|e| SampleError::Write { path: self.path.clone(), source: e.into() })?;
        }
        Ok(())
    }
}

const GROUPS: &[&str] =
    &["group_id", "name", "playbook", "stage", "created_on", "owner", "brand", "region", "capacity", "tags"];
const MEMBERS: &[&str] = &[
    "group_id",
    "member_id",
    "joined_at",
    "left_at",
    "role",
    "tier",
    "source",
    "invited_by",
    "unfollowed_at",
    "name",
    "advisor",
    "baby_age_months",
    "skin_type",
    "skill_level",
];
const PRODUCTS: &[&str] = &["product_id", "name", "category", "price", "cost", "role", "launched_on"];
const MESSAGES: &[&str] = &["group_id", "member_id", "sent_at", "message_id", "kind", "reply_to", "topic"];
const POSTS: &[&str] = &["post_id", "group_id", "sent_at", "kind", "title", "reached", "product_id", "core", "topic"];
const EVENTS: &[&str] = &["group_id", "member_id", "at", "event", "post_id", "ref", "value", "expires_at"];
const ORDERS: &[&str] =
    &["order_id", "group_id", "member_id", "paid_at", "amount", "product_id", "coupon_id", "refunded_at"];
const SURVEYS: &[&str] = &["group_id", "member_id", "answered_at", "survey", "score", "passed", "reason"];

/// All files of a drop.
pub struct Sheets<'a> {
    folder: &'a Path,
    split: Split,
    week: Option<Period>,
    bytes: Rc<Cell<u64>>,
    messages: Sheet,
    posts: Sheet,
    events: Sheet,
    orders: Sheet,
    surveys: Sheet,
    /// Rows of the tables that do not grow with time.
    fixed: Vec<(Table, u64)>,
    line: Line,
}

impl<'a> Sheets<'a> {
    /// The files below a folder that holds no part of a drop yet.
    pub fn new(folder: &'a Path, split: Split) -> Result<Self, SampleError> {
        fs::create_dir_all(folder)?;
        for path in fs::read_dir(folder)? {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let table = name.split(['-', '.']).next().unwrap_or_default();
            if Table::parse(table).is_some() && (name.ends_with(".csv") || name.ends_with(".csv.gz")) {
                return Err(SampleError::Occupied { path });
            }
        }
        Ok(Self {
            folder,
            split,
            week: None,
            bytes: Rc::default(),
            messages: Sheet::new(Table::Messages, MESSAGES),
            posts: Sheet::new(Table::Posts, POSTS),
            events: Sheet::new(Table::Events, EVENTS),
            orders: Sheet::new(Table::Orders, ORDERS),
            surveys: Sheet::new(Table::Surveys, SURVEYS),
            fixed: Vec::new(),
            line: Line::default(),
        })
    }

    /// Opens the files that the rows of a day belong to.
    pub fn turn_to(&mut self, day: Day) -> Result<(), SampleError> {
        let week = Period::containing(Cadence::Week, day);
        let same = match self.split {
            Split::Single => self.week.is_some(),
            Split::Weekly => self.week == Some(week),
        };
        if same {
            return Ok(());
        }
        self.week = Some(week);
        let suffix = match self.split {
            Split::Single => String::new(),
            Split::Weekly => format!("-{}", week.to_string().replace("-W", "w")),
        };
        for sheet in [&mut self.messages, &mut self.posts, &mut self.events, &mut self.orders, &mut self.surveys] {
            sheet.open(self.folder, &suffix, &self.bytes)?;
        }
        Ok(())
    }

    /// Writes the sorted rows of a day.
    pub fn write_day(&mut self, day: Day, rows: &DayRows, catalogues: &[Catalogue]) -> Result<(), SampleError> {
        let line = &mut self.line;
        line.today = day.to_string();
        for row in &rows.messages {
            let record = line
                .start()
                .group(row.group)
                .person(row.person)
                .time_today(second(row.id, MESSAGE_BITS))
                .message(Some(row.id))
                .text(row.kind.id())
                .message(row.reply_to)
                .text(row.topic);
            self.messages.write(&record.record)?;
        }
        for row in &rows.posts {
            let record = line
                .start()
                .numbered('p', row.group, row.number)
                .group(row.group)
                .time_today(second(row.key, ROW_BITS))
                .text(row.kind.id())
                .text(&row.title)
                .number(u64::from(row.reached))
                .product(row.product, catalogues)
                .text(row.kind.core())
                .text(row.topic);
            self.posts.write(&record.record)?;
        }
        for row in &rows.events {
            line.start()
                .group(row.group)
                .person(row.person)
                .time_today(second(row.key, ROW_BITS))
                .text(row.event)
                .numbered('p', row.group, row.post);
            match row.reference {
                Reference::None => line.text(""),
                Reference::Name(name) => line.text(name),
                Reference::Coupon(number) => line.numbered('c', row.group, number),
                Reference::Person(person) => line.person(person),
            };
            if row.value == 0 {
                line.text("")
            } else {
                line.number(u64::from(row.value))
            };
            match row.expires {
                Some(last) => line.text(&format!("{last} 23:59:59")),
                None => line.text(""),
            };
            self.events.write(&line.record)?;
        }
        for row in &rows.orders {
            let record = line
                .start()
                .numbered('o', row.group, row.number)
                .group(row.group)
                .person(row.person)
                .time_today(second(row.key, ROW_BITS))
                .money(row.cents)
                .product(Some(row.product), catalogues)
                .numbered('c', row.group, row.coupon)
                .time(row.refunded);
            self.orders.write(&record.record)?;
        }
        for row in &rows.surveys {
            line.start().group(row.group).person(row.person).time_today(second(row.key, ROW_BITS));
            match row.answer {
                Answer::Entry { passed } => {
                    line.text("entry").text("").text(if passed { "true" } else { "false" }).text("")
                }
                Answer::Nps { score } => line.text("nps").number(u64::from(score)).text("").text(""),
                Answer::Exit { reason } => line.text("exit").text("").text("").text(reason),
            };
            self.surveys.write(&line.record)?;
        }
        Ok(())
    }

    /// Writes the tables of entities.
    pub fn write_entities(&mut self, seed: u64, groups: &[Group], catalogues: &[Catalogue]) -> Result<(), SampleError> {
        let mut sheet = Sheet::new(Table::Groups, GROUPS);
        sheet.open(self.folder, "", &self.bytes)?;
        let line = &mut self.line;
        for group in groups {
            let title = Title::of(group.index);
            let template = group.template;
            let stage = if template.stage_told { template.stage.id() } else { "" };
            line.start()
                .group(group.index)
                .text(&title.name)
                .text(template.kind.id())
                .text(stage)
                .text(&day_of(group.created).to_string())
                .text(title.owner)
                .text(title.brand)
                .text(title.region)
                .number(if group.size <= 200 { 200 } else { 500 })
                .text(if group.index % 3 == 0 { "重点|门店" } else { "" });
            sheet.write(&line.record)?;
        }
        sheet.close()?;
        self.fixed.push((Table::Groups, sheet.rows));

        let mut sheet = Sheet::new(Table::Members, MEMBERS);
        sheet.open(self.folder, "", &self.bytes)?;
        for group in groups {
            for m in &group.members {
                let customer = m.role.is_customer();
                let tier = usize::from(m.tier).checked_sub(1).and_then(|t| group.tiers().get(t)).copied();
                let source = pools::SOURCES.get(usize::from(m.source)).filter(|_| customer).copied();
                line.start()
                    .group(group.index)
                    .person(m.person)
                    .time(Some(m.joined))
                    .time(Some(m.leaves).filter(|&l| l < i64::MAX))
                    .text(m.role.id())
                    .text(tier.unwrap_or_default())
                    .text(source.unwrap_or_default());
                match m.invited_by {
                    Some(person) => line.person(person),
                    None => line.text(""),
                };
                line.time(m.unfollowed);
                let name = if customer { m.person.nickname(seed) } else { staff_name(m.role.id(), group.index) };
                line.text(&name);
                let advisor = m.advisor.and_then(|a| pools::ADVISORS.get(usize::from(a)));
                line.text(advisor.copied().unwrap_or_default());
                let kind = group.template.industry.attribute;
                match m.attribute.filter(|_| kind == Attribute::BabyAge) {
                    Some(months) => line.number(u64::from(months)),
                    None => line.text(""),
                };
                let word = |wanted: Attribute, words: &'static [&'static str]| {
                    m.attribute
                        .filter(|_| kind == wanted)
                        .and_then(|a| words.get(usize::from(a)))
                        .copied()
                        .unwrap_or("")
                };
                line.text(word(Attribute::Skin, &pools::SKIN)).text(word(Attribute::Skill, &pools::SKILL));
                sheet.write(&line.record)?;
            }
        }
        sheet.close()?;
        self.fixed.push((Table::Members, sheet.rows));

        let mut sheet = Sheet::new(Table::Products, PRODUCTS);
        sheet.open(self.folder, "", &self.bytes)?;
        for product in catalogues.iter().flat_map(|c| &c.products) {
            line.start()
                .text(&product.id)
                .text(&product.name)
                .text(product.category)
                .money(product.cents)
                .money(product.cost)
                .text(product.role)
                .text(&product.launched.to_string());
            sheet.write(&line.record)?;
        }
        sheet.close()?;
        self.fixed.push((Table::Products, sheet.rows));
        Ok(())
    }

    /// Closes all files; rows by table (in the schema's order) and bytes of all.
    pub fn finish(mut self) -> Result<(Vec<(Table, u64)>, u64), SampleError> {
        let mut counts = std::mem::take(&mut self.fixed);
        for sheet in [&mut self.messages, &mut self.posts, &mut self.events, &mut self.orders, &mut self.surveys] {
            sheet.close()?;
            counts.push((sheet.table, sheet.rows));
        }
        counts.sort_by_key(|(table, _)| *table);
        Ok((counts, self.bytes.get()))
    }
}

fn staff_name(role: &str, group: u32) -> String {
    match role {
        "host" => format!("群主·{}", Title::of(group).owner),
        "bot" => "群小助手".to_owned(),
        _ => format!("客服{}号", group % 7 + 1),
    }
}

/// How a group is called and whose it is.
#[derive(Debug)]
pub struct Title {
    /// Name.
    pub name: String,
    /// Brand.
    pub brand: &'static str,
    /// Region.
    pub region: &'static str,
    /// Owner.
    pub owner: &'static str,
}

impl Title {
    /// The title of a group, which depends on nothing else.
    pub fn of(index: u32) -> Self {
        let place = index as usize;
        let template = &super::templates::TEMPLATES[place % super::templates::TEMPLATES.len()];
        let cycle = place / super::templates::TEMPLATES.len();
        let brand = template.industry.brands[cycle % template.industry.brands.len()];
        let (city, region) = pools::PLACES[(place + cycle) % pools::PLACES.len()];
        let phrase = template.kind.phrases()[place / 4 % 3];
        let name = match cycle {
            0 => format!("{brand}·{city}{phrase}"),
            _ => format!("{brand}·{city}{phrase}{}群", cycle + 1),
        };
        Self { name, brand, region, owner: pools::OWNERS[(place * 2 + place / 5) % pools::OWNERS.len()] }
    }
}
