//! What customers do on a day: open, click, put into the cart, buy, check in, speak.

use super::group::{Deed, Group, Mark, Recent, Scene};
use super::joining::HOST;
use super::person::Habit;
use super::profile::Planted;
use super::rows::{Answer, MessageKind, Reference, SurveyRow};
use super::talk::Reply;
use super::{dice::Dice, pools};

/// Nothing that takes several steps begins after this second of the day, so that it ends on the day.
const LAST_START: i64 = 22 * 3600 + 1200;

impl Group {
    /// Lets every customer do what they planned for today.
    pub fn act(&mut self, scene: &mut Scene<'_>) {
        let bit = 1u8 << scene.now.weekday;
        for place in 0..self.present.len() {
            let Some(&member) = self.present.get(place) else { break };
            let plan = self.members[member].plan;
            if plan.speak & bit != 0 {
                let days = (plan.speak >> scene.now.weekday).count_ones().max(1);
                let words = plan.words.div_ceil(days);
                self.members[member].plan.words -= words;
                for _ in 0..words {
                    let at = self.moment(scene.now.start);
                    if at >= self.members[member].shy_until {
                        self.chat(scene, member, at);
                    }
                }
            }
            if plan.open & bit != 0 {
                let days = (plan.open >> scene.now.weekday).count_ones().max(1);
                let opens = plan.opens.div_ceil(days);
                self.members[member].plan.opens -= opens;
                for _ in 0..opens {
                    self.browse(scene, member);
                }
            }
            if plan.check & bit != 0 {
                let at = self.moment(scene.now.start);
                self.check_in(scene, member, at);
            }
            if scene.now.weekday == 6 {
                self.settle_points(scene, member);
            }
        }
    }

    fn check_in(&mut self, scene: &mut Scene<'_>, member: usize, at: i64) {
        if at >= self.members[member].shy_until && self.event(scene, member, at, "check_in", Mark::NONE) {
            let checked = &mut self.members[member].plan.checked;
            *checked = checked.saturating_add(1);
        }
    }

    /// Sunday evening: points for the week's check-ins, and sometimes a benefit for points.
    fn settle_points(&mut self, scene: &mut Scene<'_>, member: usize) {
        let checked = u32::from(self.members[member].plan.checked);
        let evening = scene.now.start + 22 * 3600;
        if checked > 0 {
            let value = checked * 5;
            let days = if self.template.planted == Planted::ExpiringPoints {
                scene.setting.last.0 - scene.now.day.0 + 1 + i32::try_from(self.dice.below(4)).unwrap_or(0)
            } else {
                120
            };
            let mark = Mark { value, expires: Some(scene.now.day.plus(days)), ..Mark::NONE };
            let at = evening + self.dice.seconds(0, 900);
            if self.event(scene, member, at, "points_earned", mark) {
                self.members[member].points += value;
            }
        }
        let points = self.members[member].points;
        if points >= 50 && self.dice.chance(160) {
            let at = evening + self.dice.seconds(1000, 2400);
            let benefit = self.dice.pick(&["free_sample", "points_gift", "member_day"]);
            let spent = Mark { reference: Reference::Name(benefit), value: 50, ..Mark::NONE };
            if self.event(scene, member, at, "points_spent", spent) {
                self.members[member].points -= 50;
                self.event(scene, member, at + 5, "benefit_used", Mark::name(benefit));
            }
        }
    }

    /// One of the posts of the last days, rather a new one, that is out at a moment.
    fn some_post(dice: &mut Dice, recent: &[Recent]) -> Option<Recent> {
        let (a, b) = (dice.index(recent.len()), dice.index(recent.len()));
        recent.get(a.max(b)).copied()
    }

    /// Opens a post; perhaps clicks, shares, fills the cart and pays.
    fn browse(&mut self, scene: &mut Scene<'_>, member: usize) {
        let Some(post) = Self::some_post(&mut self.dice, &self.recent) else { return };
        let mut at = self.moment(scene.now.start).min(scene.now.start + LAST_START - self.dice.seconds(0, 1800));
        if at <= post.at {
            at = post.at + self.dice.seconds(20, 3600);
        }
        // Nobody opens what was posted late before they came.
        at = at.max(self.members[member].joined + 60);
        if !self.event(scene, member, at, "open", Mark::post(post.number)) {
            return;
        }
        let climate = self.climate;
        // More or fewer opens do not mean more or fewer purchases.
        let opens = scene.setting.event_activity;
        let damped = |chance: u32, opens: u64| u32::try_from(u64::from(chance) * 1000 / opens.max(1)).unwrap_or(1000);
        if self.dice.chance(damped(climate.share, opens.max(1000))) {
            let later = at + self.dice.seconds(30, 400);
            self.event(scene, member, later, "share", Mark::post(post.number));
        }
        let click = at + self.dice.seconds(4, 50);
        if !self.dice.chance(climate.click) || !self.event(scene, member, click, "click", Mark::post(post.number)) {
            return;
        }
        let m = &self.members[member];
        let mut cart = climate.cart;
        if m.orders > 0 {
            cart = (cart * 7 / 5).min(900);
        }
        let pay = if m.habit == Habit::Hunter { climate.pay / 2 } else { climate.pay };
        if self.dice.chance(damped(cart, opens).min(950)) {
            let filled = click + self.dice.seconds(20, 600);
            let paid = filled + self.dice.seconds(40, 1500);
            if self.event(scene, member, filled, "add_to_cart", Mark::post(post.number)) && self.dice.chance(pay) {
                let item = self.choose(scene, member, Some(post));
                self.order(scene, member, paid, item, 0, 0);
            }
        }
    }

    /// What a customer takes: the product of the post, or one on show; dearer ones after the first order.
    fn choose(&mut self, scene: &Scene<'_>, member: usize, post: Option<Recent>) -> u8 {
        let first = self.members[member].orders == 0;
        if let Some(item) = post.and_then(|p| p.item)
            && self.dice.chance(if first { 800 } else { 500 })
        {
            return item;
        }
        let weights = if first { [35, 35, 20, 10] } else { [10, 30, 28, 32] };
        let role = self.dice.weighted(&weights);
        self.on_show(scene, role)
    }

    /// The product of a role on show today.
    pub fn on_show(&self, scene: &Scene<'_>, role: usize) -> u8 {
        let turns = self.climate.turns;
        let turn = scene.now.week * turns + u32::from(turns >= 2 && scene.now.weekday >= 3);
        let place =
            scene.catalogues.get(usize::from(self.catalogue)).map_or(0, |c| c.on_show(role, turn, scene.now.day));
        u8::try_from(place).unwrap_or(0)
    }

    /// Does what was put off until today, and what follows from it today.
    pub fn do_pending(&mut self, scene: &mut Scene<'_>) {
        loop {
            let end = scene.now.end;
            let mut due: Vec<_> = self.pending.extract_if(.., |p| p.at < end).collect();
            if due.is_empty() {
                return;
            }
            due.sort_by_key(|p| p.at);
            for p in due {
                self.do_deed(scene, p.member, p.at, p.deed);
            }
        }
    }

    fn do_deed(&mut self, scene: &mut Scene<'_>, member: usize, at: i64, deed: Deed) {
        match deed {
            Deed::Event(name, mark) => {
                self.event(scene, member, at, name, mark);
            }
            Deed::TaskDone(task) => {
                self.event(scene, member, at, "task_done", Mark::name(task));
            }
            Deed::Greet => {
                self.say(scene, member, at, MessageKind::Text, Reply::None, "");
            }
            Deed::CheckIn => self.check_in(scene, member, at),
            Deed::Review => {
                if at >= self.members[member].shy_until {
                    let topic = self.dice.pick(&self.template.industry.topics);
                    self.say(scene, member, at, MessageKind::Review, Reply::None, topic);
                }
            }
            Deed::Unfollow => {
                if self.here(scene, member, at) {
                    self.members[member].unfollowed = Some(at);
                    self.event(scene, member, at, "unfollow", Mark::NONE);
                }
            }
            Deed::Enter => {
                let passed = self.dice.chance(880);
                self.answer(scene, member, at, Answer::Entry { passed });
            }
            Deed::Nps => {
                let climate = self.climate;
                let score = match self.dice.below(1000) {
                    x if x < climate.promoters => self.dice.between(9, 10),
                    x if x < climate.promoters + climate.passives => self.dice.between(7, 8),
                    _ => self.dice.between(2, 6),
                };
                self.answer(scene, member, at, Answer::Nps { score });
            }
            Deed::Exit => {
                let c = self.climate;
                let weights = [c.stale, c.quiet, c.few_benefits, c.promos, c.other];
                let reason = pools::EXIT_REASONS[self.dice.weighted(&weights)];
                if at <= scene.setting.limit {
                    let key = self.key(at);
                    let person = self.members[member].person;
                    scene.rows.surveys.push(SurveyRow {
                        key,
                        group: self.index,
                        person,
                        answer: Answer::Exit { reason },
                    });
                }
            }
            Deed::CouponIssued => self.issue_coupon(scene, member, at),
            Deed::Buy { coupon, yuan } => self.buy_with_coupon(scene, member, at, coupon, yuan),
            Deed::Return => self.come_back(scene, member, at),
            Deed::Violate => self.violate(scene, member, at),
        }
    }

    fn answer(&mut self, scene: &mut Scene<'_>, member: usize, at: i64, answer: Answer) {
        if self.here(scene, member, at) {
            let key = self.key(at);
            let m = &mut self.members[member];
            m.last_active = scene.now.day.0;
            scene.rows.surveys.push(SurveyRow { key, group: self.index, person: m.person, answer });
        }
    }

    fn issue_coupon(&mut self, scene: &mut Scene<'_>, member: usize, at: i64) {
        let yuan = self.dice.pick(&[5, 10, 20]);
        self.coupons += 1;
        let coupon = self.coupons;
        let mark = Mark {
            reference: Reference::Coupon(coupon),
            value: yuan,
            expires: Some(scene.now.day.plus(10)),
            ..Mark::NONE
        };
        if self.event(scene, member, at, "coupon_issued", mark) && self.dice.chance(self.climate.redeem) {
            let days = self.dice.below(5);
            let later = self.moment(scene.now.start + 86_400 * i64::from(days));
            let day_end = later - later.rem_euclid(86_400) + LAST_START;
            self.schedule(later.min(day_end).max(at + 600), member, Deed::Buy { coupon, yuan });
        }
    }

    /// Uses a coupon, through all steps of a purchase when there is a post to start from.
    fn buy_with_coupon(&mut self, scene: &mut Scene<'_>, member: usize, at: i64, coupon: u32, yuan: u32) {
        let post = Self::some_post(&mut self.dice, &self.recent).filter(|p| p.at < at);
        let mut paid = at;
        if let Some(post) = post {
            let mut going = true;
            for step in ["open", "click", "add_to_cart"] {
                going = going && self.event(scene, member, paid, step, Mark::post(post.number));
                paid += self.dice.seconds(5, 300);
            }
            if !going {
                return;
            }
        }
        let item = self.choose(scene, member, post);
        if self.order(scene, member, paid, item, coupon, yuan) {
            let mark = Mark { reference: Reference::Coupon(coupon), value: yuan, ..Mark::NONE };
            self.event(scene, member, paid, "coupon_redeemed", mark);
        }
    }

    /// A long-silent customer takes part again.
    fn come_back(&mut self, scene: &mut Scene<'_>, member: usize, at: i64) {
        if !self.here(scene, member, at) {
            return;
        }
        self.members[member].dormant = false;
        if let Some(post) = Self::some_post(&mut self.dice, &self.recent).filter(|p| p.at < at)
            && self.event(scene, member, at, "open", Mark::post(post.number))
        {
            let click = at + self.dice.seconds(5, 60);
            self.event(scene, member, click, "click", Mark::post(post.number));
        }
        if self.members[member].habit.speaks() > 0 {
            let later = at + self.dice.seconds(60, 1800);
            self.say(scene, member, later, MessageKind::Text, Reply::None, "");
        }
    }

    /// A customer breaks a rule; the second time they are removed.
    fn violate(&mut self, scene: &mut Scene<'_>, member: usize, at: i64) {
        if self.say(scene, member, at, MessageKind::Link, Reply::None, "").is_none() {
            return;
        }
        let rule = self.dice.pick(&["advertising", "advertising", "poaching", "insult"]);
        let noticed = at + self.dice.seconds(60, 1500);
        self.event(scene, member, noticed, "violation", Mark::name(rule));
        let m = &mut self.members[member];
        m.strikes = m.strikes.saturating_add(1);
        if m.strikes >= 2 {
            // In the morning: what the member still does today is told already.
            let removed = scene.now.end + self.dice.seconds(9 * 3600, 11 * 3600);
            if removed <= scene.setting.limit {
                m.leaves = m.leaves.min(removed);
            }
            self.say(scene, HOST, noticed + 30, MessageKind::Text, Reply::None, "");
        }
    }
}
