//! Who is in a group: persons, their roles and habits, and what they have planned for the week.

use super::dice::mix;
use super::pools;

/// A person: the group in which they first appear and their number there. Guests of other groups
/// keep their person, so one customer may sit in several groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Index of the home group.
    pub home: u32,
    /// Number within the home group.
    pub ordinal: u32,
}

impl Person {
    /// The nickname, the same in every group; about one in fifty is hostile to careless renderers.
    pub fn nickname(self, seed: u64) -> String {
        let hash = mix(seed, u64::from(self.home), u64::from(self.ordinal));
        let at = |shift: u32, len: usize| (hash >> shift) as usize % len;
        let given = pools::GIVEN[at(0, pools::GIVEN.len())];
        let noun = pools::NOUNS[at(8, pools::NOUNS.len())];
        let adjective = pools::ADJECTIVES[at(16, pools::ADJECTIVES.len())];
        match at(32, 100) {
            0..2 => pools::HOSTILE[at(40, pools::HOSTILE.len())].to_owned(),
            2..30 => format!("{adjective}{noun}"),
            30..50 => format!("{}{given}", pools::SURNAMES[at(24, pools::SURNAMES.len())]),
            50..60 => format!("{given}妈妈"),
            60..72 => format!("{given}{}", pools::EMOJI[at(24, pools::EMOJI.len())]),
            72..84 => format!("{}{}", pools::LATIN[at(24, pools::LATIN.len())], 1 + at(48, 99)),
            84..94 => format!("小{noun}"),
            _ => format!("阿{}", given.chars().last().unwrap_or('宁')),
        }
    }
}

/// A member's role in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A customer.
    Member,
    /// A customer who creates content for the group.
    Koc,
    /// The host who runs the group.
    Host,
    /// Other staff.
    Staff,
    /// A robot.
    Bot,
}

impl Role {
    /// The value of the column `role`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Koc => "koc",
            Self::Host => "host",
            Self::Staff => "staff",
            Self::Bot => "bot",
        }
    }

    /// Whether the one in this role is a customer.
    pub fn is_customer(self) -> bool {
        matches!(self, Self::Member | Self::Koc)
    }
}

/// A habit that decides what a customer does in a usual week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Speaks three times a week or more.
    Active,
    /// Speaks once or twice.
    Light,
    /// Opens and clicks, says nothing.
    Lurker,
    /// Comes for check-ins, coupons and points.
    Hunter,
    /// Hardly ever seen.
    Silent,
}

impl Habit {
    /// All, in the order of the mix of a climate.
    pub const ALL: [Self; 5] = [Self::Active, Self::Light, Self::Lurker, Self::Hunter, Self::Silent];

    /// Chance to speak in a usual week, in thousandths.
    pub fn speaks(self) -> u32 {
        match self {
            Self::Active => 900,
            Self::Light => 520,
            Self::Lurker | Self::Hunter | Self::Silent => 0,
        }
    }

    /// Chance to open something in a usual week, in thousandths.
    pub fn opens(self) -> u32 {
        match self {
            Self::Active => 900,
            Self::Light => 760,
            Self::Lurker => 850,
            Self::Hunter => 560,
            Self::Silent => 70,
        }
    }

    /// How much more (or less) likely than others to leave, in thousandths.
    pub fn leaves(self) -> u32 {
        match self {
            Self::Active => 350,
            Self::Light => 750,
            Self::Lurker => 950,
            Self::Hunter => 1300,
            Self::Silent => 1700,
        }
    }
}

/// What a customer will do this week: bit masks of weekdays (bit 0 Monday) and totals.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// Days on which they speak.
    pub speak: u8,
    /// Messages left to say.
    pub words: u32,
    /// Days on which they open posts.
    pub open: u8,
    /// Opens left to do.
    pub opens: u32,
    /// Days on which they check in.
    pub check: u8,
    /// Check-ins done this week.
    pub checked: u8,
}

/// A member of a group.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who it is.
    pub person: Person,
    /// Local second of joining.
    pub joined: i64,
    /// Local second of leaving, `i64::MAX` while staying.
    pub leaves: i64,
    /// Local second of unfollowing the official account.
    pub unfollowed: Option<i64>,
    /// Role.
    pub role: Role,
    /// Habit (customers).
    pub habit: Habit,
    /// Whether they have stopped taking part without leaving.
    pub dormant: bool,
    /// Tier, 0 for none.
    pub tier: u8,
    /// Index into the sources.
    pub source: u8,
    /// Who invited them.
    pub invited_by: Option<Person>,
    /// Says nothing and does not check in before this second: newcomers who do not break the ice.
    pub shy_until: i64,
    /// Local day of the last interaction.
    pub last_active: i32,
    /// Orders so far.
    pub orders: u16,
    /// Points in hand.
    pub points: u32,
    /// Violations so far.
    pub strikes: u8,
    /// Industry attribute: months, skin type or skill, by the industry.
    pub attribute: Option<u8>,
    /// Index of the adviser.
    pub advisor: Option<u8>,
    /// This week.
    pub plan: Plan,
}

impl Member {
    /// Whether the member is in the group at a local second.
    pub fn is_in(&self, at: i64) -> bool {
        self.joined <= at && at < self.leaves
    }
}
