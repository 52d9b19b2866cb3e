//! How customers come into a group and what happens in their first days.

use super::group::{Deed, Group, Mark, Scene};
use super::industry::Attribute;
use super::person::{Habit, Member, Person, Plan, Role};
use super::pools;
use super::profile::{Kind, Planted};
use super::rows::{MessageKind, Reference};
use super::talk::Reply;

impl Group {
    /// Adds a customer with a habit, a source and attributes; emits nothing.
    pub fn admit(&mut self, at: i64) -> usize {
        let person = self.next_person();
        let climate = self.climate;
        let weights = [climate.active, climate.light, climate.lurker, climate.hunter, climate.silent];
        let habit = Habit::ALL[self.dice.weighted(&weights)];
        let role = if habit == Habit::Active && self.dice.chance(220) { Role::Koc } else { Role::Member };
        let mut source = [0u8, 2, 3, 4][self.dice.weighted(&[40, 25, 20, 15])];
        let mut invited_by = None;
        if !self.present.is_empty() && self.dice.chance(self.template.kind.invited()) {
            let inviter = self.present[self.dice.index(self.present.len())];
            if self.members[inviter].is_in(at - 200) {
                source = 1;
                invited_by = Some(self.members[inviter].person);
            }
        }
        let attribute = match self.template.industry.attribute {
            Attribute::BabyAge => Some(self.dice.below(40)),
            Attribute::Skin => Some(self.dice.below(4)),
            Attribute::Skill => Some(self.dice.weighted(&[50, 35, 15]) as u32),
            Attribute::None => None,
        };
        // Not everybody says it.
        let attribute = attribute.filter(|_| self.dice.chance(820)).and_then(|a| u8::try_from(a).ok());
        let advisor = (self.template.kind == Kind::Vip
            && self.dice.chance(if self.template.planted == Planted::Excellent { 1000 } else { 780 }))
        .then(|| self.dice.index(pools::ADVISORS.len()) as u8);
        let tier = match self.template.kind {
            Kind::Vip => 1 + self.dice.weighted(&[55, 30, 15]),
            Kind::Freebie | Kind::Content if self.dice.chance(500) => 1 + self.dice.weighted(&[60, 30, 10]),
            _ => 0,
        };
        self.members.push(Member {
            person,
            joined: at,
            leaves: i64::MAX,
            unfollowed: None,
            role,
            habit,
            dormant: false,
            tier: tier as u8,
            source,
            invited_by,
            shy_until: at,
            last_active: i32::try_from(at / 86_400).unwrap_or(0),
            orders: 0,
            points: 0,
            strikes: 0,
            attribute,
            advisor,
            plan: Plan::default(),
        });
        let member = self.members.len() - 1;
        self.present.push(member);
        member
    }

    /// A new person, or now and then one who is a customer of a sister group of the brand.
    fn next_person(&mut self) -> Person {
        let from = self.template.guests_from;
        let sister = self.index.checked_sub(from).filter(|_| from > 0);
        // Few enough that the sister group has them all.
        let room = (self.size / 8).min(6);
        if let Some(home) = sister
            && self.guests < room
            && self.dice.chance(90)
        {
            self.guests += 1;
            return Person { home, ordinal: 5 + self.guests };
        }
        self.ordinals += 1;
        Person { home: self.index, ordinal: self.ordinals }
    }

    /// Lets in those who come today.
    pub fn receive(&mut self, scene: &mut Scene<'_>) {
        let end = scene.now.end;
        let mut today: Vec<i64> = self.arrivals.extract_if(.., |at| *at < end).collect();
        today.sort_unstable();
        for at in today {
            if at <= scene.setting.limit {
                self.join(scene, at);
            }
        }
    }

    fn join(&mut self, scene: &mut Scene<'_>, at: i64) {
        let member = self.admit(at);
        let Some(newcomer) = self.members.get(member).cloned() else { return };
        if let Some(inviter) = newcomer.invited_by
            && let Some(&host) = self.present.iter().find(|&&m| self.members[m].person == inviter)
        {
            let mark = Mark { reference: Reference::Person(newcomer.person), value: 1, ..Mark::NONE };
            let before = at - self.dice.seconds(20, 180);
            self.event(scene, host, before, "invite", mark);
        }
        self.say(scene, BOT, at + 1, MessageKind::System, Reply::None, "");
        let climate = self.climate;
        let entry = if self.template.kind == Kind::Vip { 900 } else { 620 };
        if self.dice.chance(entry) {
            let later = at + self.dice.seconds(40, 900);
            self.schedule(later, member, Deed::Enter);
        }
        if self.dice.chance(640) {
            let later = at + self.dice.seconds(60, 3600);
            self.schedule(later, member, Deed::Event("follow", Mark::NONE));
        }
        if self.dice.chance(climate.welcome) {
            let later = waking(at + self.dice.seconds(120, 5 * 3600));
            self.schedule(later, member, Deed::Event("welcome", Mark::name("three_part_welcome")));
        }
        let task = at + self.dice.seconds(600, 1200);
        self.schedule(task, member, Deed::Event("task_assigned", Mark::name("newcomer_intro")));
        if self.dice.chance(climate.newcomer_task) {
            let later = waking(task + self.dice.seconds(900, 30 * 3600));
            self.schedule(later, member, Deed::TaskDone("newcomer_intro"));
        }
        if self.dice.chance(climate.ice) {
            let later = waking(at + self.dice.seconds(1300, 4 * 86_400));
            let deed = if self.dice.chance(800) { Deed::Greet } else { Deed::CheckIn };
            self.schedule(later, member, deed);
        } else if let Some(m) = self.members.get_mut(member) {
            m.shy_until = at + 8 * 86_400;
        }
        // Some only look in.
        let fleeting = self.dice.chance(climate.leave * 2) && self.dice.chance(600);
        if fleeting {
            let leaves = at + self.dice.seconds(6 * 3600, 4 * 86_400);
            self.depart(scene, member, leaves);
        }
        self.plan_member(scene, member);
    }

    /// Sets when a customer leaves, and perhaps lets them say why.
    pub fn depart(&mut self, scene: &Scene<'_>, member: usize, leaves: i64) {
        // What lies after the last day told has not happened.
        if leaves > scene.setting.limit {
            return;
        }
        if let Some(m) = self.members.get_mut(member) {
            m.leaves = m.leaves.min(leaves);
        }
        if self.dice.chance(420) {
            let later = leaves + self.dice.seconds(40, 7200);
            self.schedule(later, member, Deed::Exit);
        }
    }
}

/// Place of the host among the members.
pub const HOST: usize = 0;
/// Place of the helper.
pub const STAFF: usize = 1;
/// Place of the bot.
pub const BOT: usize = 2;

/// A moment moved out of the night.
pub fn waking(at: i64) -> i64 {
    match at.rem_euclid(86_400) / 3600 {
        0..8 => at - at.rem_euclid(86_400) + 8 * 3600 + at.rem_euclid(5400),
        23 => at + 10 * 3600,
        _ => at,
    }
}
