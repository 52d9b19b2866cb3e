//! What a group may be: its type, its stage of life, what is planted in it.

use super::climate::Climate;
use super::industry::Industry;

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
