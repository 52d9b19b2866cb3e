//! Drops to which things happen.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A drop as it is written: rows of each table's files.
#[derive(Debug, Clone, Default)]
pub struct Drop {
    pub files: BTreeMap<String, Vec<String>>,
    next: u64,
    week: u32,
}

const HEADERS: [(&str, &str); 8] = [
    ("groups", "group_id,name,playbook,created_on"),
    ("members", "group_id,member_id,joined_at,role"),
    ("products", "product_id,name,role"),
    ("posts", "post_id,group_id,sent_at,kind,product_id"),
    ("messages", "message_id,group_id,member_id,sent_at,kind,reply_to"),
    ("events", "group_id,member_id,at,event,post_id,value,expires_at"),
    ("orders", "order_id,group_id,member_id,paid_at,amount,product_id"),
    ("daily", "group_id,date,messages"),
];

/// A source of numbers that is the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

pub fn day(week: u32, day: u64) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2025, 3, 3).unwrap();
    (first + chrono::Days::new(u64::from(week) * 7 + day)).to_string()
}

impl Drop {
    pub fn new() -> Self {
        let mut drop = Self::default();
        let mut put = |file: &str, rows: &[&str]| {
            drop.files.insert(file.to_owned(), rows.iter().map(|r| (*r).to_owned()).collect());
        };
        put("groups", &["g1,One,all,2025-01-01", "a group with a long id,Two,all,2025-03-12"]);
        put("members", &["g1,m1,2025-01-02,member", "g1,m2,2025-01-02,host", "a group with a long id,m1,2025-03-13,"]);
        put("products", &["p1,Tea,hot", "p2,Cup,"]);
        put("posts", &["b1,g1,2025-03-04 10:00,promo,p1", "b2,g1,2025-03-05 10:00,teaser,"]);
        drop
    }

    /// Another weekly file of every table.
    pub fn week(&mut self, dice: &mut Dice) {
        let (week, mut rows) = (self.week, BTreeMap::<&str, Vec<String>>::new());
        self.week += 1;
        let group = |dice: &mut Dice| ["g1", "g1", "a group with a long id", "g3"][dice.roll(4) as usize];
        let member = |dice: &mut Dice| format!("m{}", dice.roll(6) + 1);
        for at in 0..7 {
            for _ in 0..dice.roll(5) {
                self.next += 1;
                let (id, hour) = (self.next, dice.roll(24));
                let reply = if dice.roll(3) == 0 { format!("x{}", dice.roll(id) + 1) } else { String::new() };
                let kind = ["", "question", "text", "image"][dice.roll(4) as usize];
                let (group, member) = (group(dice), member(dice));
                let time = format!("{} {hour:02}:{:02}:00", day(week, at), dice.roll(60));
                // Now and then a row that is set aside.
                let shown = if dice.roll(40) == 0 { "never".to_owned() } else { time.clone() };
                rows.entry("messages").or_default().push(format!("x{id},{group},{member},{shown},{kind},{reply}"));
                let event = ["click", "open", "coupon"][dice.roll(3) as usize];
                let value = ["", "1", "2.5", "10"][dice.roll(4) as usize];
                let end = if dice.roll(3) == 0 { day(week + 1 + dice.roll(4) as u32, 3) } else { String::new() };
                let post = ["", "b1", "b2", "b3", "b4"][dice.roll(5) as usize];
                rows.entry("events").or_default().push(format!("{group},{member},{time},{event},{post},{value},{end}"));
                if dice.roll(3) == 0 {
                    let group = if dice.roll(12) == 0 { "" } else { group };
                    let product = ["", "p1", "p2", "p3", "p4"][dice.roll(5) as usize];
                    let amount = format!("{}.{}", dice.roll(90), dice.roll(10));
                    rows.entry("orders")
                        .or_default()
                        .push(format!("o{id:05},{group},{member},{time},{amount},{product}"));
                }
            }
            rows.entry("daily").or_default().push(format!("g1,{},{}", day(week, at), dice.roll(50)));
        }
        // Their ids are in no order, and some show what no list has.
        for _ in 0..3 {
            self.next += 1;
            let (id, group) = (format!("{}c{}", dice.roll(9), self.next), group(dice));
            let product = ["", "p1", "p2", "p4", "p5", "p6"][dice.roll(6) as usize];
            let time = format!("{} {:02}:00", day(week, dice.roll(7)), dice.roll(24));
            rows.entry("posts").or_default().push(format!("{id},{group},{time},promo,{product}"));
        }
        for (table, rows) in rows {
            self.files.insert(format!("{table}-w{week:02}"), rows);
        }
    }

    /// Does something that happens to drops.
    pub fn change(&mut self, what: u64, dice: &mut Dice) {
        let mut add = |file: &str, row: String| self.files.entry(file.to_owned()).or_default().push(row);
        match what {
            // New members, some of whom rows named before; also at the front of the file.
            0 => add("members", format!("g1,m{},2025-02-01,member", dice.roll(9) + 1)),
            1 => add("members", format!("g1,late{},2025-02-01,", dice.roll(99))),
            2 => self.files.get_mut("members").unwrap().insert(0, format!("g1,front{},2025-02-01,", dice.roll(99))),
            3 => add("members-new", format!("g1,n{},2025-02-01,koc", dice.roll(99))),
            // Somebody changes.
            4 => self.files.get_mut("members").unwrap()[1] = "g1,m2,2025-01-02,member".to_owned(),
            5 => self.files.get_mut("groups").unwrap()[0] = "g1,One,all,2025-03-10".to_owned(),
            6 => add("groups", "g3,Three,all,2025-01-01".to_owned()),
            7 => add("products", "p3,Pot,viral".to_owned()),
            8 => add("posts", "b3,g1,2025-03-20 10:00,promo,p4".to_owned()),
            9 => self.files.get_mut("products").unwrap()[0] = "p1,Tea,".to_owned(),
            // Old files change, go or come late.
            10 => {
                let old = format!("messages-w{:02}", dice.roll(u64::from(self.week)));
                if let Some(rows) = self.files.get_mut(&old) {
                    rows.pop();
                }
            }
            11 => {
                self.files.remove(&format!("events-w{:02}", dice.roll(u64::from(self.week))));
            }
            12 => add("events-w00b", format!("g1,m1,{} 09:00,click,b1,,", day(0, 2))),
            // An old row comes again in a new file.
            13 => {
                let row = self.files.get("messages-w00").and_then(|rows| rows.first()).cloned();
                self.week(dice);
                let newest = format!("messages-w{:02}", self.week - 1);
                self.files.entry(newest).or_default().extend(row);
            }
            14 => add("events-w90", format!("g1,m1,{} 09:00,click,b1,,", day(300, 2))),
            // Members who have not joined yet, one who comes again in a newer file, a post that is not due.
            15 => {
                let joined = day(self.week, dice.roll(7));
                add("members", format!("g1,soon{},{joined},member", dice.roll(99)));
            }
            16 => add("members-new", format!("g1,m{},2025-02-01,koc", dice.roll(3) + 1)),
            17 => add("posts-w90", format!("b9,g1,{} 09:00,promo,p1", day(300, 2))),
            // Lists are written anew, in another order, with less or more.
            18 => self.files.get_mut("products").unwrap().reverse(),
            19 => self.files.get_mut("products").unwrap().truncate(1),
            20 => self.files.get_mut("members").unwrap().reverse(),
            21 => self.files.get_mut("groups").unwrap().insert(0, "g0,Zero,all,2025-01-01".to_owned()),
            22 => {
                self.files.remove("posts-w00");
            }
            _ => {}
        }
    }

    pub fn write(&self, root: &Path) {
        let data = root.join("data");
        fs::create_dir_all(&data).unwrap();
        for entry in fs::read_dir(&data).unwrap() {
            let path = entry.unwrap().path();
            if !self.files.contains_key(path.file_stem().unwrap().to_str().unwrap()) {
                fs::remove_file(path).unwrap();
            }
        }
        for (file, rows) in &self.files {
            let table = file.split('-').next().unwrap();
            let header = HEADERS.iter().find(|(name, _)| *name == table).unwrap().1;
            let text = format!("{header}\n{}\n", rows.join("\n"));
            let path = data.join(format!("{file}.csv"));
            if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                fs::write(path, text).unwrap();
            }
        }
    }
}
