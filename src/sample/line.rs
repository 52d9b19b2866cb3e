//! The cells of a row, written without allocating.

use super::catalogue::Catalogue;
use super::person::Person;
use super::rows::ProductRef;
use crate::calendar::Day;
use csv::ByteRecord;

pub fn day_of(at: i64) -> Day {
    Day(i32::try_from(at.div_euclid(86_400)).unwrap_or(0))
}

/// The record being filled, with its scratch memory.
#[derive(Default)]
pub struct Line {
    /// The cells so far.
    pub record: ByteRecord,
    cell: Vec<u8>,
    /// The day of [`Line::time_today`], as text.
    pub today: String,
}

impl Line {
    pub fn start(&mut self) -> &mut Self {
        self.record.clear();
        self
    }

    pub fn text(&mut self, text: &str) -> &mut Self {
        self.record.push_field(text.as_bytes());
        self
    }

    /// Pushes the scratch cell and empties it.
    fn push(&mut self) -> &mut Self {
        self.record.push_field(&self.cell);
        self.cell.clear();
        self
    }

    pub fn number(&mut self, n: u64) -> &mut Self {
        digits(&mut self.cell, n, 1);
        self.push()
    }

    /// `g001`
    pub fn group(&mut self, index: u32) -> &mut Self {
        self.cell.push(b'g');
        digits(&mut self.cell, u64::from(index) + 1, 3);
        self.push()
    }

    /// `u1-42`
    pub fn person(&mut self, person: Person) -> &mut Self {
        self.numbered('u', person.home, person.ordinal)
    }

    /// `p1-42`, or nothing for number 0.
    pub fn numbered(&mut self, letter: char, group: u32, number: u32) -> &mut Self {
        if number > 0 {
            self.cell.push(letter as u8);
            digits(&mut self.cell, u64::from(group) + 1, 1);
            self.cell.push(b'-');
            digits(&mut self.cell, u64::from(number), 1);
        }
        self.push()
    }

    /// `m` and eleven digits to the base of 32, in the order of ASCII.
    pub fn message(&mut self, id: Option<u64>) -> &mut Self {
        const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
        if let Some(id) = id {
            self.cell.push(b'm');
            for place in (0..11).rev() {
                self.cell.push(DIGITS[(id >> (place * 5)) as usize & 31]);
            }
        }
        self.push()
    }

    pub fn money(&mut self, cents: u64) -> &mut Self {
        digits(&mut self.cell, cents / 100, 1);
        self.cell.push(b'.');
        digits(&mut self.cell, cents % 100, 2);
        self.push()
    }

    pub fn product(&mut self, product: Option<ProductRef>, catalogues: &[Catalogue]) -> &mut Self {
        let found = product.and_then(|p| catalogues.get(usize::from(p.catalogue))?.products.get(usize::from(p.item)));
        self.text(found.map_or("", |p| p.id.as_str()))
    }

    pub fn time_today(&mut self, at: i64) -> &mut Self {
        self.cell.extend_from_slice(self.today.as_bytes());
        clock(&mut self.cell, at);
        self.push()
    }

    pub fn time(&mut self, at: Option<i64>) -> &mut Self {
        if let Some(at) = at {
            self.cell.extend_from_slice(day_of(at).to_string().as_bytes());
            clock(&mut self.cell, at);
        }
        self.push()
    }
}

fn clock(out: &mut Vec<u8>, at: i64) {
    let second = u64::try_from(at.rem_euclid(86_400)).unwrap_or(0);
    for (mark, part) in [(b' ', second / 3600), (b':', second / 60 % 60), (b':', second % 60)] {
        out.push(mark);
        digits(out, part, 2);
    }
}

/// Appends a number in at least so many digits.
fn digits(out: &mut Vec<u8>, mut n: u64, least: usize) {
    let mut text = [b'0'; 20];
    let mut start = text.len();
    while n > 0 || text.len() - start < least {
        start -= 1;
        text[start] = b'0' + (n % 10) as u8;
        n /= 10;
    }
    out.extend_from_slice(&text[start..]);
}
