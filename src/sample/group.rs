//! One group while it is told: its people, its counters and the rows it emits.

use super::catalogue::Catalogue;
use super::climate::Climate;
use super::dice::Dice;
use super::person::{Habit, Member, Person, Plan, Role};
use super::pools;
use super::profile::{Planted, Stage, Template, Variation};
use super::rows::{self, DayRows, EventRow, OrderRow, ProductRef, Reference};
use super::talk::Talk;
use super::templates::TEMPLATES;
use super::week::Slot;
use crate::calendar::Day;

/// What is the same for all groups.
#[derive(Debug)]
pub struct Setting {
    pub seed: u64,
    /// Average size.
    pub members: u32,
    /// First day told.
    pub first: Day,
    /// Last day told.
    pub last: Day,
    /// Last local second told.
    pub limit: i64,
    /// Messages per speaker, in thousandths of the usual.
    pub activity: u64,
    /// Events per actor, in thousandths of the usual.
    pub event_activity: u64,
}

impl Setting {
    /// A chance of an event that cannot happen more often than usual, only more seldom.
    pub fn thin(&self, chance: u32) -> u32 {
        u32::try_from(u64::from(chance) * self.event_activity.min(1000) / 1000).unwrap_or(chance)
    }
}

/// The day that is being told.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    pub day: Day,
    /// Local second of its midnight.
    pub start: i64,
    /// Local second of the next midnight.
    pub end: i64,
    /// 0 Monday to 6 Sunday.
    pub weekday: u32,
    /// Weeks until the last one.
    pub weeks_left: u32,
    /// A number of the week that does not depend on the options.
    pub week: u32,
}

impl Now {
    /// The day as seen from the last one.
    pub fn new(day: Day, last: Day) -> Self {
        let weekday = day.weekday() - 1;
        let monday = |d: Day| d.0 - i32::try_from(d.weekday() - 1).unwrap_or(0);
        let week = u32::try_from((monday(day) + 3) / 7).unwrap_or(0);
        let last_week = u32::try_from((monday(last) + 3) / 7).unwrap_or(0);
        let start = midnight(day);
        Self { day, start, end: start + 86_400, weekday, weeks_left: last_week.saturating_sub(week), week }
    }
}

/// Local second of a day's midnight.
pub fn midnight(day: Day) -> i64 {
    i64::from(day.0) * 86_400
}

/// Everything outside the group that telling a day needs.
pub struct Scene<'a> {
    pub setting: &'a Setting,
    pub catalogues: &'a [Catalogue],
    pub now: Now,
    pub rows: &'a mut DayRows,
}

/// A post that may still be opened.
#[derive(Debug, Clone, Copy)]
pub struct Recent {
    pub number: u32,
    pub at: i64,
    pub item: Option<u8>,
}

/// What an event carries besides who and when.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub post: u32,
    pub reference: Reference,
    pub value: u32,
    pub expires: Option<Day>,
}

impl Mark {
    /// Nothing.
    pub const NONE: Self = Self { post: 0, reference: Reference::None, value: 0, expires: None };

    /// A post.
    pub fn post(number: u32) -> Self {
        Self { post: number, ..Self::NONE }
    }

    /// A fixed name.
    pub fn name(name: &'static str) -> Self {
        Self { reference: Reference::Name(name), ..Self::NONE }
    }
}

/// Something that a member or the staff will do.
#[derive(Debug, Clone, Copy)]
pub struct Pending {
    pub at: i64,
    pub member: usize,
    pub deed: Deed,
}

/// A deed that waits for its time.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    Enter,
    Event(&'static str, Mark),
    TaskDone(&'static str),
    Greet,
    CheckIn,
    Unfollow,
    CouponIssued,
    Buy { coupon: u32, yuan: u32 },
    Review,
    Exit,
    Return,
    Nps,
    Violate,
}

/// A group.
#[derive(Debug)]
pub struct Group {
    pub index: u32,
    pub template: &'static Template,
    pub variation: Variation,
    /// Local second of its creation.
    pub created: i64,
    /// Customers it holds or aims at.
    pub size: u32,
    pub catalogue: u16,
    pub dice: Dice,
    pub members: Vec<Member>,
    /// Customers who are in.
    pub present: Vec<usize>,
    pub climate: Climate,
    /// Joins to come this week.
    pub arrivals: Vec<i64>,
    /// Posts to come this week.
    pub slots: Vec<Slot>,
    pub recent: Vec<Recent>,
    pub pending: Vec<Pending>,
    pub talk: Talk,
    pub posts: u32,
    pub orders: u32,
    pub coupons: u32,
    /// Ordinary persons so far.
    pub ordinals: u32,
    /// Guests so far.
    pub guests: u32,
    /// Rows of the day, for their sort keys.
    rows_today: u32,
}

impl Group {
    /// The group as it stands before the first day.
    pub fn new(setting: &Setting, index: u32, catalogue: u16) -> Self {
        let template = &TEMPLATES[index as usize % TEMPLATES.len()];
        let mut dice = Dice::new(setting.seed, index);
        let cycle = index / TEMPLATES.len() as u32;
        let variation = if cycle == 0 {
            Variation { mood: 1000, leave: 1000 }
        } else {
            Variation { mood: dice.between(940, 1060), leave: dice.between(800, 1250) }
        };
        let (young, old) = template.stage.ages();
        let age = dice.between(young, old);
        let created_day = setting.last.plus(-i32::try_from(age).unwrap_or(0));
        let created = midnight(created_day) + 10 * 3600 + dice.seconds(0, 6 * 3600);
        let wished = u64::from(setting.members) * u64::from(template.size) / 1000;
        let wished = u32::try_from(wished).unwrap_or(u32::MAX);
        let size = match (template.planted, cycle) {
            (Planted::TooSmall, 0) => 7,
            (Planted::TooSmall, _) => dice.between(6, 8),
            (_, 0) => wished.max(6),
            _ => (wished * dice.between(850, 1150) / 1000).max(6),
        };
        let mut group = Self {
            index,
            template,
            variation,
            created,
            size,
            catalogue,
            dice,
            members: Vec::new(),
            present: Vec::new(),
            climate: template.climate(Now::new(setting.first, setting.last).weeks_left, variation),
            arrivals: Vec::new(),
            slots: Vec::new(),
            recent: Vec::new(),
            pending: Vec::new(),
            talk: Talk::default(),
            posts: 0,
            orders: 0,
            coupons: 0,
            ordinals: 0,
            guests: 0,
            rows_today: 0,
        };
        group.appoint_staff();
        if created_day < setting.first {
            group.settle(setting, created_day);
        }
        group
    }

    /// Tells one day.
    pub fn tell(&mut self, scene: &mut Scene<'_>) {
        if scene.now.end <= self.created {
            return;
        }
        self.rows_today = 0;
        let opening = scene.now.start <= self.created;
        if scene.now.weekday == 0 || opening || scene.now.day == scene.setting.first {
            self.plan_week(scene);
        }
        self.receive(scene);
        self.publish(scene);
        self.say_late_answers(scene);
        self.act(scene);
        self.work(scene);
        self.do_pending(scene);
        self.close_day(scene);
        let end = scene.now.end;
        let members = &self.members;
        self.present.retain(|&m| members.get(m).is_some_and(|member| member.leaves >= end));
    }

    /// Whether a member is in the group at a moment of the day that is told.
    pub fn here(&self, scene: &Scene<'_>, member: usize, at: i64) -> bool {
        (scene.now.start..scene.now.end).contains(&at)
            && at <= scene.setting.limit
            && self.members.get(member).is_some_and(|m| m.is_in(at))
    }

    /// A unique sort key for a row of today.
    pub fn key(&mut self, at: i64) -> u64 {
        self.rows_today = self.rows_today.wrapping_add(1);
        rows::key(at, self.index, self.rows_today, rows::ROW_BITS)
    }

    /// Emits an event if the member is in at that time; says whether it happened. A group without
    /// tracking lives on, its events are only not written.
    pub fn event(&mut self, scene: &mut Scene<'_>, member: usize, at: i64, event: &'static str, mark: Mark) -> bool {
        if !self.here(scene, member, at) {
            return false;
        }
        if INTERACTIONS.contains(&event)
            && let Some(m) = self.members.get_mut(member)
        {
            m.last_active = scene.now.day.0;
        }
        if self.template.planted == Planted::Untracked {
            return true;
        }
        let key = self.key(at);
        let Mark { post, reference, value, expires } = mark;
        let person = self.members[member].person;
        scene.rows.events.push(EventRow { key, group: self.index, person, event, post, reference, value, expires });
        true
    }

    /// Emits an order if the member is in at that time; says whether it happened.
    pub fn order(&mut self, scene: &mut Scene<'_>, member: usize, at: i64, item: u8, coupon: u32, yuan: u32) -> bool {
        if !self.here(scene, member, at) {
            return false;
        }
        let price = scene
            .catalogues
            .get(usize::from(self.catalogue))
            .and_then(|c| c.products.get(usize::from(item)))
            .map_or(100, |p| p.cents);
        let pieces = match self.dice.below(100) {
            0..82 => 1,
            82..96 => 2,
            _ => 3,
        };
        let full = price * pieces;
        let cents = full.saturating_sub(u64::from(yuan) * 100).max(full / 4).max(1);
        let refunded = self.dice.chance(self.climate.refund).then(|| at + self.dice.seconds(86_400, 6 * 86_400));
        self.orders += 1;
        let key = self.key(at);
        let m = &mut self.members[member];
        m.orders = m.orders.saturating_add(1);
        m.last_active = scene.now.day.0;
        scene.rows.orders.push(OrderRow {
            key,
            group: self.index,
            number: self.orders,
            person: m.person,
            cents,
            product: ProductRef { catalogue: self.catalogue, item },
            coupon,
            refunded: refunded.filter(|&r| r <= scene.setting.limit),
        });
        let speaks = self.members[member].habit.speaks() > 0;
        if speaks && self.dice.chance(150) {
            let later = super::joining::waking(at + self.dice.seconds(86_400, 5 * 86_400));
            self.schedule(later, member, Deed::Review);
        }
        true
    }

    /// Puts a deed off.
    pub fn schedule(&mut self, at: i64, member: usize, deed: Deed) {
        self.pending.push(Pending { at, member, deed });
    }

    /// The customers in the group at a moment.
    pub fn head_count(&self, at: i64) -> u32 {
        let n = self.present.iter().filter(|&&m| self.members.get(m).is_some_and(|m| m.is_in(at))).count();
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// A moment of a day, by the hours at which people look at their phones.
    pub fn moment(&mut self, start: i64) -> i64 {
        const HOURS: [u32; 16] = [4, 6, 6, 7, 7, 10, 8, 5, 5, 5, 6, 8, 10, 12, 11, 7];
        let hour = 7 + self.dice.weighted(&HOURS);
        start + hour as i64 * 3600 + self.dice.seconds(0, 3599)
    }

    /// Host, bot and helpers, who join when the group is made.
    fn appoint_staff(&mut self) {
        let roles: &[Role] = if self.size >= 80 {
            &[Role::Host, Role::Staff, Role::Bot, Role::Staff]
        } else {
            &[Role::Host, Role::Staff, Role::Bot]
        };
        for (place, &role) in roles.iter().enumerate() {
            self.ordinals += 1;
            self.members.push(Member {
                person: Person { home: self.index, ordinal: self.ordinals },
                joined: self.created + 60 * place as i64,
                leaves: i64::MAX,
                unfollowed: None,
                role,
                habit: Habit::Silent,
                dormant: false,
                tier: 0,
                source: 0,
                invited_by: None,
                shy_until: 0,
                last_active: 0,
                orders: 0,
                points: 0,
                strikes: 0,
                attribute: None,
                advisor: None,
                plan: Plan::default(),
            });
        }
    }

    /// Those who joined before the first day, some of whom are gone already.
    fn settle(&mut self, setting: &Setting, created_day: Day) {
        let first = midnight(setting.first);
        let weeks = u32::try_from((setting.first.0 - created_day.0) / 7).unwrap_or(0);
        let size = self.size;
        let stay = match self.template.stage {
            Stage::Launch => size * (500 + 170 * weeks).min(1000) / 1000,
            Stage::Growth => size * (250 + 65 * weeks).min(1000) / 1000,
            Stage::Mature | Stage::Decline => size,
        };
        let gone = if self.template.planted == Planted::TooSmall { 0 } else { stay * self.climate.leave / 100 };
        let span = u32::try_from((first - self.created - 3600).max(1)).unwrap_or(u32::MAX);
        let mut joins: Vec<i64> =
            (0..stay + gone).map(|_| self.created + 3600 + self.dice.seconds(0, span - 1)).collect();
        joins.sort_unstable();
        for (place, &at) in joins.iter().enumerate() {
            let member = self.admit(at);
            let asleep = (self.climate.fade * 8).min(300);
            let dormant = self.dice.chance(asleep);
            let ago = if dormant { self.dice.between(10, 80) } else { self.dice.between(1, 9) };
            let points = self.dice.below(12) * 5;
            // Those who are gone are spread over all who ever joined.
            let every = (stay + gone).checked_div(gone).unwrap_or(0);
            let left = every > 0 && place as u32 / every < gone && (place as u32).is_multiple_of(every);
            let mut leaves = i64::MAX;
            if left {
                let back = self.dice.seconds(86_400, 90 * 86_400);
                leaves = (first - back).max(at + 86_400).min(first - 60);
                leaves = leaves.max(at + 60);
            }
            if let Some(m) = self.members.get_mut(member) {
                m.dormant = dormant;
                m.last_active = setting.first.0 - i32::try_from(ago).unwrap_or(0);
                m.points = points;
                m.leaves = leaves;
            }
        }
        self.present.retain(|&m| self.members[m].leaves >= first);
    }

    /// The tier list of the group's type.
    pub fn tiers(&self) -> &'static [&'static str; 3] {
        let place = usize::from(self.template.kind != super::profile::Kind::Vip);
        &pools::TIERS[place]
    }
}

/// Events that count as a member's own activity.
const INTERACTIONS: [&str; 7] =
    ["click", "add_to_cart", "share", "check_in", "task_done", "activity_joined", "benefit_used"];
