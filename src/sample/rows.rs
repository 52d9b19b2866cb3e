//! Rows of one day in compact form, kept only until the day is sorted and written.

use super::person::Person;
use crate::calendar::Day;

/// 2000-01-01 in local seconds: message numbers and sort keys count from here.
const EPOCH: i64 = 946_684_800;

/// A sort key that is unique within a table: local second, group, number.
///
/// The key orders rows by time, then by group, and does not depend on the number of groups.
pub fn key(at: i64, group: u32, number: u32, number_bits: u32) -> u64 {
    let second = u64::try_from(at - EPOCH).unwrap_or(0) & 0x7FFF_FFFF;
    (second << (17 + number_bits))
        | (u64::from(group & 0x1_FFFF) << number_bits)
        | (u64::from(number) & ((1 << number_bits) - 1))
}

/// Bits for the number of a message within its second.
pub const MESSAGE_BITS: u32 = 7;
/// Bits for the number of another row within its group and day.
pub const ROW_BITS: u32 = 16;

/// The local second of a key.
pub fn second(key: u64, number_bits: u32) -> i64 {
    i64::try_from(key >> (17 + number_bits)).unwrap_or(0) + EPOCH
}

/// A product by catalogue and place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProductRef {
    /// Index of the catalogue.
    pub catalogue: u16,
    /// Index in the catalogue.
    pub item: u8,
}

/// The column `kind` of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    Text,
    Image,
    Link,
    Question,
    Answer,
    Review,
    System,
}

impl MessageKind {
    pub fn id(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Link => "link",
            Self::Question => "question",
            Self::Answer => "answer",
            Self::Review => "review",
            Self::System => "system",
        }
    }
}

/// A row of `messages`.
#[derive(Debug, Clone, Copy)]
pub struct MessageRow {
    pub id: u64,
    pub reply_to: Option<u64>,
    pub person: Person,
    pub group: u32,
    pub kind: MessageKind,
    pub topic: &'static str,
}

/// The column `kind` of posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostKind {
    Useful,
    Story,
    Promo,
    Product,
    Event,
}

impl PostKind {
    pub const ALL: [Self; 5] = [Self::Useful, Self::Story, Self::Promo, Self::Product, Self::Event];

    pub fn id(self) -> &'static str {
        match self {
            Self::Useful => "useful",
            Self::Story => "story",
            Self::Promo => "promo",
            Self::Product => "product",
            Self::Event => "event",
        }
    }

    /// Which of the three content cores it serves.
    pub fn core(self) -> &'static str {
        match self {
            Self::Useful => "knowledge",
            Self::Story | Self::Event => "emotion",
            Self::Promo | Self::Product => "conversion",
        }
    }
}

/// A row of `posts`.
#[derive(Debug, Clone)]
pub struct PostRow {
    pub key: u64,
    pub group: u32,
    pub number: u32,
    pub kind: PostKind,
    pub title: String,
    pub topic: &'static str,
    pub reached: u32,
    pub product: Option<ProductRef>,
}

/// What an event refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    None,
    /// A fixed name: a task, tactic, rule, benefit or checklist item.
    Name(&'static str),
    /// A coupon of the group.
    Coupon(u32),
    /// A person.
    Person(Person),
}

/// A row of `events`.
#[derive(Debug, Clone, Copy)]
pub struct EventRow {
    pub key: u64,
    pub group: u32,
    pub person: Person,
    pub event: &'static str,
    /// Number of the post, 0 for none.
    pub post: u32,
    pub reference: Reference,
    /// 0 for none.
    pub value: u32,
    /// Valid through the end of this day.
    pub expires: Option<Day>,
}

/// A row of `orders`.
#[derive(Debug, Clone, Copy)]
pub struct OrderRow {
    pub key: u64,
    pub group: u32,
    pub number: u32,
    pub person: Person,
    pub cents: u64,
    pub product: ProductRef,
    /// Number of the coupon, 0 for none.
    pub coupon: u32,
    pub refunded: Option<i64>,
}

/// A row of `surveys`.
#[derive(Debug, Clone, Copy)]
pub struct SurveyRow {
    pub key: u64,
    pub group: u32,
    pub person: Person,
    pub answer: Answer,
}

/// What was answered.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// The questionnaire at the door.
    Entry { passed: bool },
    /// Would you recommend us, 0 to 10.
    Nps { score: u32 },
    /// Why do you leave.
    Exit { reason: &'static str },
}

/// All rows of one day over all groups.
#[derive(Debug, Default)]
pub struct DayRows {
    pub messages: Vec<MessageRow>,
    pub posts: Vec<PostRow>,
    pub events: Vec<EventRow>,
    pub orders: Vec<OrderRow>,
    pub surveys: Vec<SurveyRow>,
}

impl DayRows {
    /// Puts every table into the order of time.
    pub fn sort(&mut self) {
        self.messages.sort_unstable_by_key(|r| r.id);
        self.posts.sort_unstable_by_key(|r| r.key);
        self.events.sort_unstable_by_key(|r| r.key);
        self.orders.sort_unstable_by_key(|r| r.key);
        self.surveys.sort_unstable_by_key(|r| r.key);
    }

    /// Empties every table and keeps the memory.
    pub fn clear(&mut self) {
        self.messages.clear();
        self.posts.clear();
        self.events.clear();
        self.orders.clear();
        self.surveys.clear();
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.messages.len() + self.posts.len() + self.events.len() + self.orders.len() + self.surveys.len()
    }
}
