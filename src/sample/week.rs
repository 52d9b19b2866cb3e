//! What a group plans on Mondays: joins, leaves, posts, and each customer's week.

use super::group::{Deed, Group, Mark, Scene};
use super::person::{Habit, Plan, Role};
use super::profile::{Kind, Planted, Stage};
use super::rows::PostKind;

/// A post to come.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    pub at: i64,
    pub kind: PostKind,
}

/// Days since the last interaction after which staff may touch a customer.
const SILENT_DAYS: i32 = 14;

impl Group {
    /// Plans the rest of the week from today on.
    pub fn plan_week(&mut self, scene: &mut Scene<'_>) {
        self.climate = self.template.climate(scene.now.weeks_left, self.variation);
        self.plan_joins(scene);
        self.plan_posts(scene);
        for place in 0..self.present.len() {
            let Some(&member) = self.present.get(place) else { break };
            self.plan_leaving(scene, member);
            self.plan_member(scene, member);
            self.plan_care(scene, member);
        }
    }

    fn plan_joins(&mut self, scene: &Scene<'_>) {
        let now = scene.now;
        let opening = now.start <= self.created;
        let size = u64::from(self.size);
        let thousandths = match (self.template.planted, self.template.stage) {
            (Planted::TooSmall, _) if opening => (size - 2) * 1000,
            (Planted::TooSmall, _) if self.ordinals < self.size + 3 => 1000,
            (Planted::TooSmall, _) => 0,
            (_, Stage::Launch) if opening => size * 520,
            (_, Stage::Launch) => size * 165,
            (_, Stage::Growth) if opening => size * 260,
            (_, Stage::Growth) => size * (62 + u64::from(self.climate.leave)),
            _ => (size * u64::from(self.climate.join)).max(1000),
        };
        let joins = self.dice.round(thousandths);
        for _ in 0..joins {
            let day = if opening && self.dice.chance(600) { now.weekday } else { self.dice.between(now.weekday, 6) };
            let start = now.start + i64::from(day - now.weekday) * 86_400;
            let at = self.moment(start);
            // On the opening day nobody comes before the group is there.
            self.arrivals.push(if at < self.created + 1800 {
                self.created + self.dice.seconds(1800, 4 * 3600)
            } else {
                at
            });
        }
    }

    fn plan_posts(&mut self, scene: &Scene<'_>) {
        let now = scene.now;
        let c = self.climate;
        let counts = [c.useful, c.story, c.promo, c.product, c.event];
        for (place, (kind, count)) in PostKind::ALL.into_iter().zip(counts).enumerate() {
            for k in 0..count {
                let day = (k * 7 / count + place as u32 * 2) % 7;
                let hour = match kind {
                    PostKind::Useful if k % 2 == 0 => 10,
                    PostKind::Useful => 15,
                    PostKind::Story => 20,
                    PostKind::Promo => 9 + (k * 7 % 52) / 4,
                    PostKind::Product => 12,
                    PostKind::Event => 18,
                };
                let minute = self.dice.between(0, 29);
                let start = now.start + (i64::from(day) - i64::from(now.weekday)) * 86_400;
                let at = start + i64::from(hour) * 3600 + i64::from(minute) * 60;
                if day >= now.weekday && at > self.created + 1800 {
                    self.slots.push(Slot { at, kind });
                }
            }
        }
    }

    fn plan_leaving(&mut self, scene: &Scene<'_>, member: usize) {
        let m = &self.members[member];
        if m.leaves < i64::MAX {
            return;
        }
        let mut chance = self.climate.leave * m.habit.leaves() / 1000;
        if m.dormant {
            chance = chance * 8 / 5;
        }
        if m.role == Role::Koc {
            chance /= 4;
        }
        if self.dice.chance(chance) {
            let at = self.sometime(scene);
            self.depart(scene, member, at);
            return;
        }
        // Those who will be seen no more stay on the list all the same.
        let fade = self.climate.fade * fades(self.members[member].habit) / 1000;
        if !self.members[member].dormant && self.dice.chance(fade) {
            self.members[member].dormant = true;
        }
    }

    /// A moment in the rest of the week.
    pub fn sometime(&mut self, scene: &Scene<'_>) -> i64 {
        let days = self.dice.below(7 - scene.now.weekday);
        self.moment(scene.now.start + i64::from(days) * 86_400)
    }

    /// What a customer will do from today to Sunday.
    pub fn plan_member(&mut self, scene: &Scene<'_>, member: usize) {
        let m = &self.members[member];
        let mut plan = Plan::default();
        let (habit, dormant) = (m.habit, m.dormant);
        if !dormant {
            let climate = self.climate;
            let from = scene.now.weekday;
            if self.dice.chance(habit.speaks() * climate.mood / 1000) {
                let usual = if habit == Habit::Active { 3 + self.dice.below(3) } else { 1 + self.dice.below(2) };
                plan.words = self.dice.round(u64::from(usual) * scene.setting.activity);
                plan.speak = self.days(from, if habit == Habit::Active { 3 } else { 2 });
            }
            if self.dice.chance((habit.opens() * climate.mood / 1000).min(990)) {
                let usual = 1000 + u64::from(self.dice.below(700));
                plan.opens = self.dice.round(usual * scene.setting.event_activity / 1000);
                plan.open = self.days(from, 2);
            }
            let keen = match habit {
                Habit::Hunter => 1600,
                Habit::Active => 1300,
                Habit::Light => 1000,
                Habit::Lurker => 400,
                Habit::Silent => 60,
            };
            if self.dice.chance(scene.setting.thin((climate.checkin * keen / 1000).min(960))) {
                plan.check = if self.dice.chance(40) { 0x7F } else { self.days(from, 2) };
            }
        }
        self.members[member].plan = plan;
    }

    /// A mask of so many days (or fewer, when one is drawn twice) from a weekday on.
    fn days(&mut self, from: u32, n: u32) -> u8 {
        let mut mask = 0u8;
        for _ in 0..n {
            mask |= 1 << self.dice.between(from, 6);
        }
        mask
    }

    /// What staff will do for a customer this week, and what else may befall them.
    fn plan_care(&mut self, scene: &Scene<'_>, member: usize) {
        let now = scene.now;
        let climate = self.climate;
        let (dormant, habit, last) = {
            let m = &self.members[member];
            (m.dormant, m.habit, m.last_active)
        };
        let monday = now.start - i64::from(now.weekday) * 86_400;
        if last < now.day.0 - SILENT_DAYS {
            if self.dice.chance(climate.touch) {
                let tactic = if now.day.0 - last >= 60 { "recall_deep" } else { "recall_shallow" };
                let at = monday + 2 * 86_400 + 14 * 3600 + self.dice.seconds(0, 4 * 3600);
                self.schedule(at, member, Deed::Event("touch", Mark::name(tactic)));
                if self.dice.chance(climate.wake) {
                    let later = super::joining::waking(at + self.dice.seconds(1800, 3 * 86_400));
                    self.schedule(later, member, Deed::Return);
                }
            }
        } else if !dormant && self.dice.chance(climate.coupons) && habit != Habit::Silent {
            let at = monday + 86_400 + 10 * 3600 + self.dice.seconds(0, 1800);
            self.schedule(at, member, Deed::CouponIssued);
        }
        if !dormant
            && matches!(habit, Habit::Active | Habit::Light)
            && self.dice.chance(scene.setting.thin(climate.tasks))
        {
            let (task, at) = (self.task_name(habit), monday + 9 * 3600 + self.dice.seconds(0, 7200));
            self.schedule(at, member, Deed::Event("task_assigned", Mark::name(task)));
            if self.dice.chance(climate.task_done) {
                let later = super::joining::waking(at + self.dice.seconds(3600, 5 * 86_400));
                self.schedule(later, member, Deed::TaskDone(task));
            }
        }
        let breaks = climate.violations * if habit == Habit::Hunter { 3 } else { 1 };
        if self.dice.chance(breaks) {
            let at = self.sometime(scene);
            self.schedule(at, member, Deed::Violate);
        }
        let unfollow = climate.unfollow * if dormant { 3 } else { 1 };
        if self.members[member].unfollowed.is_none() && self.dice.chance(unfollow) {
            let at = self.sometime(scene);
            self.schedule(at, member, Deed::Unfollow);
        }
        if now.weeks_left.is_multiple_of(4) && !dormant && habit != Habit::Silent && self.dice.chance(230) {
            let at = self.sometime(scene);
            self.schedule(at, member, Deed::Nps);
        }
        if !dormant && habit != Habit::Silent && self.dice.chance(scene.setting.thin(climate.activity)) {
            let at = monday + 2 * 86_400 + 19 * 3600 + self.dice.seconds(1800, 5400);
            self.schedule(at, member, Deed::Event("activity_joined", Mark::name("weekly_live")));
        }
        if self.template.kind == Kind::Vip {
            self.plan_vip_care(scene, member);
        }
    }

    fn plan_vip_care(&mut self, scene: &Scene<'_>, member: usize) {
        if self.dice.chance(if self.template.planted == Planted::Excellent { 60 } else { 14 }) {
            let at = self.sometime(scene);
            self.schedule(at, member, Deed::Event("interview", Mark::name("one_to_one")));
        }
        let m = &self.members[member];
        if !m.dormant && self.dice.chance(15 * u32::from(m.tier)) {
            let benefit = self.dice.pick(&["new_trial", "salon", "birthday_gift"]);
            let at = self.sometime(scene);
            self.schedule(at, member, Deed::Event("benefit_used", Mark::name(benefit)));
        }
    }

    fn task_name(&mut self, habit: Habit) -> &'static str {
        if habit == Habit::Active && self.dice.chance(400) { "advanced_review" } else { "growth_share" }
    }
}

/// How much more likely than others a habit is to fade, in thousandths.
fn fades(habit: Habit) -> u32 {
    match habit {
        Habit::Active => 500,
        Habit::Light => 1000,
        Habit::Lurker | Habit::Hunter => 1200,
        Habit::Silent => 2000,
    }
}
