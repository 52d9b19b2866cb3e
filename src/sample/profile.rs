//! The twelve kinds of groups that are told: what is right and what is wrong with each.

use super::industry::{self, Industry};

/// The type of a group, its playbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Draws people in with low prices.
    LowPrice,
    /// Serves few who pay much.
    Vip,
    /// Gives benefits for points and check-ins.
    Freebie,
    /// Convinces by knowledge.
    Content,
}

impl Kind {
    /// The column `playbook`.
    pub fn id(self) -> &'static str {
        match self {
            Self::LowPrice => "low_price",
            Self::Vip => "vip",
            Self::Freebie => "freebie",
            Self::Content => "content",
        }
    }

    /// One letter for product ids.
    pub fn letter(self) -> char {
        match self {
            Self::LowPrice => 'l',
            Self::Vip => 'v',
            Self::Freebie => 'f',
            Self::Content => 'c',
        }
    }

    /// What groups of this type are called, by turns.
    pub fn phrases(self) -> [&'static str; 3] {
        match self {
            Self::LowPrice => ["一元秒杀群", "拼团特价群", "限时抢购群"],
            Self::Vip => ["VIP管家群", "黑金会员群", "私享顾问群"],
            Self::Freebie => ["福利社", "积分打卡群", "试用官群"],
            Self::Content => ["成长营", "研究所", "同学会"],
        }
    }

    /// Share of joins by invitation, in thousandths.
    pub fn invited(self) -> u32 {
        match self {
            Self::LowPrice => 380,
            Self::Vip => 150,
            Self::Freebie => 420,
            Self::Content => 220,
        }
    }
}

/// Where a group is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Younger than 30 days.
    Launch,
    /// Growing steadily, about three months old.
    Growth,
    /// A year old, joins and leaves in balance.
    Mature,
    /// Older, more leave than join.
    Decline,
}

impl Stage {
    /// The column `stage`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Launch => "launch",
            Self::Growth => "growth",
            Self::Mature => "mature",
            Self::Decline => "decline",
        }
    }

    /// Age on the last day, lowest and highest.
    pub fn ages(self) -> (u32, u32) {
        match self {
            Self::Launch => (18, 26),
            Self::Growth => (76, 96),
            Self::Mature => (300, 480),
            Self::Decline => (420, 600),
        }
    }
}

/// What was planted in a group, so that tests and demonstrations can point at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// Nothing special; middling figures.
    Ordinary,
    /// Nearly every figure above its healthy cut.
    Excellent,
    /// Opens collapse over the last six weeks, questions stay unanswered, members leave.
    Trouble,
    /// Six to eight customers: too few to judge.
    TooSmall,
    /// Messages and orders, but not one row in `events`.
    Untracked,
    /// Eight promotions a day.
    PromoFlood,
    /// All points expire within a few days after the last day.
    ExpiringPoints,
    /// Many violations of the group's rules.
    Violations,
}

impl Planted {
    /// A stable name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Excellent => "excellent",
            Self::Trouble => "trouble",
            Self::TooSmall => "too_small",
            Self::Untracked => "untracked",
            Self::PromoFlood => "promo_flood",
            Self::ExpiringPoints => "expiring_points",
            Self::Violations => "violations",
        }
    }

    /// What a reader of the data should find.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Ordinary => "nothing planted; middling figures",
            Self::Excellent => {
                "nearly every figure is above its healthy cut: speakers, opens, ice-breaking, tasks, answers, coupons, repurchase, NPS"
            }
            Self::Trouble => "over the last six weeks opens collapse, questions stay unanswered and members leave",
            Self::TooSmall => "six to eight customers, too few to judge",
            Self::Untracked => "event tracking is missing: messages and orders, but no row in events",
            Self::PromoFlood => "eight promotions a day; leavers name too many promos",
            Self::ExpiringPoints => "all points expire within four days after the last day",
            Self::Violations => "many violations of the rules, some members removed for the second",
        }
    }
}

macro_rules! climate {
    ($( $(#[$doc:meta])* $name:ident = $steady:literal; )*) => {
        /// The rates of a group in one week; thousandths unless said otherwise.
        #[derive(Debug, Clone, Copy)]
        pub struct Climate { $( $(#[$doc])* pub $name: u32, )* }

        /// A middling group.
        pub const STEADY: Climate = Climate { $( $name: $steady, )* };

        impl Climate {
            /// The climate `num/den` of the way from one to another.
            pub fn between(from: &Self, to: &Self, num: u32, den: u32) -> Self {
                let blend = |a: u32, b: u32| (a * (den - num) + b * num) / den.max(1);
                Self { $( $name: blend(from.$name, to.$name), )* }
            }
        }
    };
}

climate! {
    /// Multiplies the chances to speak and to open.
    mood = 1000;
    /// Newcomers by habit: active.
    active = 130;
    /// Light.
    light = 270;
    /// Lurker.
    lurker = 310;
    /// Freebie hunter.
    hunter = 110;
    /// Silent.
    silent = 180;
    /// Clicks of opens.
    click = 330;
    /// Carts of clicks.
    cart = 230;
    /// Payments of carts.
    pay = 380;
    /// Questions of members' messages.
    ask = 150;
    /// Questions answered.
    answered = 860;
    /// Usual minutes until an answer.
    answer_minutes = 70;
    /// Answers given by members.
    peer = 300;
    /// Members who check in at all in a week.
    checkin = 180;
    /// Shares of opens.
    share = 70;
    /// Newcomers who break the ice in seven days.
    ice = 560;
    /// Newcomers welcomed in time.
    welcome = 860;
    /// Newcomers who do their task.
    newcomer_task = 720;
    /// Members given a growth task a week.
    tasks = 50;
    /// Growth tasks done.
    task_done = 660;
    /// Joins a week of the group's size.
    join = 20;
    /// Leaves a week of the members.
    leave = 9;
    /// Members who go silent a week.
    fade = 14;
    /// Members who unfollow the official account a week.
    unfollow = 4;
    /// Long-silent members touched a week.
    touch = 180;
    /// Touched members who come back.
    wake = 260;
    /// Members given a coupon a week.
    coupons = 50;
    /// Coupons used.
    redeem = 380;
    /// Orders refunded.
    refund = 50;
    /// Answers 9 and 10 to the NPS question.
    promoters = 560;
    /// Answers 7 and 8.
    passives = 290;
    /// Violations a week of the members.
    violations = 2;
    /// Checklist items done.
    sop_done = 850;
    /// Days on which the host speaks.
    host = 650;
    /// Members who join an activity a week.
    activity = 25;
    /// Changes of the assortment a week (a count).
    turns = 1;
    /// Useful posts a week (a count).
    useful = 4;
    /// Stories a week.
    story = 1;
    /// Promotions a week.
    promo = 2;
    /// Products a week.
    product = 1;
    /// Events a week.
    event = 1;
    /// Leavers who name stale content (a weight).
    stale = 25;
    /// Too quiet.
    quiet = 25;
    /// Too few benefits.
    few_benefits = 20;
    /// Too many promotions.
    promos = 15;
    /// Something else.
    other = 15;
}

/// A kind of group.
#[derive(Debug)]
pub struct Template {
    /// Type.
    pub kind: Kind,
    /// Industry of the brand.
    pub industry: &'static Industry,
    /// Stage.
    pub stage: Stage,
    /// Whether the column `stage` says so, or a reader must infer it.
    pub stage_told: bool,
    /// What was planted.
    pub planted: Planted,
    /// Size in thousandths of the average.
    pub size: u32,
    /// Guests come from the group so many places before, of the same brand; 0 for none.
    pub guests_from: u32,
    /// The rates before the turn.
    pub from: Climate,
    /// The rates on the last day.
    pub to: Climate,
    /// Weeks that the turn takes; 0 for a group that does not change.
    pub turn_weeks: u32,
}

const LOW_PRICE: Climate = Climate {
    active: 110,
    light: 240,
    lurker: 270,
    hunter: 220,
    silent: 160,
    cart: 300,
    pay: 620,
    useful: 2,
    promo: 5,
    product: 2,
    turns: 2,
    ..STEADY
};
const VIP: Climate = Climate { click: 380, cart: 260, pay: 420, ice: 620, peer: 200, promo: 1, product: 2, ..STEADY };
const FREEBIE: Climate =
    Climate { hunter: 260, lurker: 240, silent: 150, active: 100, light: 250, checkin: 350, coupons: 80, ..STEADY };
const CONTENT: Climate = Climate { useful: 6, promo: 1, click: 360, share: 100, ..STEADY };

const fn steady(
    kind: Kind,
    industry: &'static Industry,
    stage: Stage,
    stage_told: bool,
    planted: Planted,
    size: u32,
    climate: Climate,
) -> Template {
    Template {
        kind,
        industry,
        stage,
        stage_told,
        planted,
        size,
        guests_from: 0,
        from: climate,
        to: climate,
        turn_weeks: 0,
    }
}

/// The templates; group `i` follows template `i % 12`.
pub static TEMPLATES: [Template; 12] = [
    steady(
        Kind::LowPrice,
        &industry::GROCERY,
        Stage::Growth,
        true,
        Planted::Ordinary,
        1750,
        Climate { active: 150, mood: 1020, ..LOW_PRICE },
    ),
    steady(
        Kind::Vip,
        &industry::PETS,
        Stage::Mature,
        true,
        Planted::Excellent,
        1000,
        Climate {
            mood: 1120,
            active: 400,
            light: 360,
            lurker: 150,
            hunter: 40,
            silent: 50,
            click: 560,
            cart: 430,
            pay: 560,
            ask: 170,
            answered: 985,
            answer_minutes: 8,
            peer: 480,
            checkin: 420,
            share: 260,
            ice: 985,
            welcome: 1000,
            newcomer_task: 985,
            tasks: 110,
            task_done: 975,
            join: 30,
            leave: 10,
            fade: 3,
            unfollow: 0,
            touch: 600,
            wake: 650,
            coupons: 80,
            redeem: 800,
            refund: 12,
            promoters: 900,
            passives: 85,
            violations: 0,
            sop_done: 1000,
            host: 1000,
            activity: 140,
            turns: 2,
            useful: 12,
            story: 1,
            promo: 0,
            product: 1,
            event: 1,
            ..VIP
        },
    ),
    steady(
        Kind::Freebie,
        &industry::SKIN_CARE,
        Stage::Mature,
        false,
        Planted::ExpiringPoints,
        1250,
        Climate { checkin: 420, ..FREEBIE },
    ),
    steady(
        Kind::Content,
        &industry::EXAM,
        Stage::Growth,
        false,
        Planted::Untracked,
        1200,
        Climate { active: 170, ..CONTENT },
    ),
    Template {
        kind: Kind::LowPrice,
        industry: &industry::BAKERY,
        stage: Stage::Decline,
        stage_told: true,
        planted: Planted::PromoFlood,
        size: 1350,
        guests_from: 0,
        from: Climate {
            promo: 56,
            useful: 1,
            story: 0,
            product: 0,
            event: 0,
            mood: 820,
            leave: 18,
            fade: 22,
            ..LOW_PRICE
        },
        to: Climate {
            promo: 56,
            useful: 1,
            story: 0,
            product: 0,
            event: 0,
            mood: 560,
            click: 180,
            cart: 140,
            leave: 45,
            fade: 40,
            unfollow: 22,
            join: 4,
            promoters: 180,
            passives: 260,
            redeem: 150,
            stale: 10,
            quiet: 5,
            few_benefits: 5,
            promos: 70,
            other: 10,
            ..LOW_PRICE
        },
        turn_weeks: 10,
    },
    steady(
        Kind::Vip,
        &industry::SKIN_CARE,
        Stage::Launch,
        true,
        Planted::TooSmall,
        0,
        Climate { leave: 0, fade: 0, join: 0, violations: 0, ..VIP },
    ),
    steady(
        Kind::Freebie,
        &industry::BABY,
        Stage::Launch,
        false,
        Planted::Violations,
        1050,
        Climate { violations: 100, leave: 18, ..FREEBIE },
    ),
    Template {
        kind: Kind::Content,
        industry: &industry::FITNESS,
        stage: Stage::Decline,
        stage_told: false,
        planted: Planted::Trouble,
        size: 1050,
        guests_from: 0,
        from: Climate { leave: 10, fade: 12, ..CONTENT },
        to: Climate {
            mood: 150,
            click: 120,
            cart: 90,
            pay: 220,
            ask: 520,
            answered: 60,
            answer_minutes: 600,
            checkin: 25,
            share: 15,
            ice: 120,
            welcome: 200,
            newcomer_task: 200,
            task_done: 150,
            join: 4,
            leave: 75,
            fade: 70,
            unfollow: 40,
            touch: 20,
            wake: 40,
            coupons: 20,
            redeem: 60,
            refund: 180,
            promoters: 120,
            passives: 250,
            sop_done: 200,
            host: 60,
            activity: 2,
            turns: 0,
            useful: 1,
            story: 0,
            promo: 3,
            product: 1,
            event: 0,
            stale: 45,
            quiet: 35,
            few_benefits: 8,
            promos: 5,
            other: 7,
            ..CONTENT
        },
        turn_weeks: 6,
    },
    Template {
        guests_from: 2,
        ..steady(
            Kind::LowPrice,
            &industry::BABY,
            Stage::Launch,
            true,
            Planted::Ordinary,
            700,
            Climate { ice: 680, welcome: 950, mood: 1080, ..LOW_PRICE },
        )
    },
    Template {
        guests_from: 7,
        ..steady(
            Kind::Vip,
            &industry::SKIN_CARE,
            Stage::Decline,
            true,
            Planted::Ordinary,
            550,
            Climate { leave: 36, join: 6, fade: 26, mood: 820, answer_minutes: 180, ..VIP },
        )
    },
    Template {
        guests_from: 6,
        ..steady(
            Kind::Freebie,
            &industry::BAKERY,
            Stage::Growth,
            false,
            Planted::Ordinary,
            1050,
            Climate { share: 160, mood: 1050, ..FREEBIE },
        )
    },
    Template {
        guests_from: 10,
        ..steady(
            Kind::Content,
            &industry::PETS,
            Stage::Mature,
            true,
            Planted::Ordinary,
            800,
            Climate { mood: 1040, active: 170, answered: 930, answer_minutes: 35, promoters: 640, ..CONTENT },
        )
    },
];

/// How a group differs from its template.
#[derive(Debug, Clone, Copy)]
pub struct Variation {
    /// Multiplies the mood, in thousandths.
    pub mood: u32,
    /// Multiplies the leaves, in thousandths.
    pub leave: u32,
}

impl Template {
    /// The rates so many weeks before the last one.
    pub fn climate(&self, weeks_left: u32, variation: Variation) -> Climate {
        let mut climate = if self.turn_weeks == 0 {
            self.to
        } else {
            let done = self.turn_weeks.saturating_sub(weeks_left);
            Climate::between(&self.from, &self.to, done, self.turn_weeks)
        };
        climate.mood = climate.mood * variation.mood / 1000;
        climate.leave = climate.leave * variation.leave / 1000;
        climate
    }
}
