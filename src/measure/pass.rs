//! One thread's way through a table: which group and membership a row is of, and whether it counts.

use super::columns::{BlockColumns, NEVER, NONE};
use super::day_counts::DayCounts;
use super::fold::{Slots, TableFold};
use super::hand::Hand;
use super::load::Limits;
use super::pairs::{Digest, pair_key, pair_key_of};
use super::run::TOLD;
use crate::calendar::{Day, Instant};
use crate::config::{Attribution, Config};
use crate::data::{Block, Reason, Row, Verdict, Verdicts, Visitor};
use crate::schema::Table;

/// A thread that is shown rows of a table.
pub(super) struct Pass<'a, 'p> {
    fold: &'a TableFold<'p>,
    pub hand: Hand<'a, 'p>,
    config: &'a Config,
    limits: &'a Limits<'a>,
    pub days: DayCounts,
    pub attributed: u64,
    /// Groups of the row at hand; kept to save an allocation a row.
    groups: Vec<u32>,
    /// Of the rows looked at: what their memberships are looked for by, and those that are known.
    digests: Vec<Option<Digest>>,
    members: Vec<u32>,
    /// Of the rows looked at: the groups of those memberships, times and local days.
    groups_known: Vec<u32>,
    times: Vec<Instant>,
    days_known: Vec<Day>,
    /// Of the rows looked at: those that count.
    columns: BlockColumns,
    /// The last day on which a group was made.
    last_made: Option<Day>,
    count: &'a (dyn Fn() + Sync),
    rows: u64,
}

impl Visitor for Pass<'_, '_> {
    fn visit(&mut self, rows: &Block<'_>, verdicts: &mut Verdicts) {
        let Slots { group, member, time, .. } = self.fold.slots;
        match group.zip(member) {
            Some((group, member)) => {
                // All keys before the first look-up, so that look-ups wait for memory together.
                let (groups, members) = (rows.texts(group), rows.texts(member));
                let keys = groups.all().zip(members.all()).map(|(group, member)| Some(pair_key_of(group?, member?)));
                self.fold.entities.pairs.find_all(keys, &mut self.digests, &mut self.members);
            }
            None => {
                self.members.clear();
                self.members.resize(rows.len(), NONE);
            }
        }
        match time {
            Some(time) => rows.times(time, &mut self.times),
            None => self.times.clear(),
        }
        let before = self.rows / TOLD;
        self.rows += rows.len() as u64;
        if self.rows / TOLD > before {
            (self.count)();
        }
        self.columns.begin(self.fold);
        if !self.take_all(rows.len()) {
            self.take_each(rows, verdicts);
        }
        self.columns.seal(self.fold);
        self.hand.add(rows, &mut self.columns);
    }
}

impl<'a, 'p> Pass<'a, 'p> {
    /// Nothing read yet.
    pub fn new(
        fold: &'a TableFold<'p>,
        config: &'a Config,
        limits: &'a Limits<'a>,
        count: &'a (dyn Fn() + Sync),
    ) -> Self {
        Self {
            fold,
            hand: Hand::new(fold),
            config,
            limits,
            days: DayCounts::new(),
            attributed: 0,
            groups: Vec::new(),
            digests: Vec::new(),
            members: Vec::new(),
            groups_known: Vec::new(),
            times: Vec::new(),
            days_known: Vec::new(),
            columns: BlockColumns::default(),
            last_made: fold.entities.created.iter().copied().max().flatten(),
            count,
            rows: 0,
        }
    }

    /// Takes all rows of a block, if each is of a known membership and lies within the time that counts, as nearly
    /// always; else none.
    fn take_all(&mut self, rows: usize) -> bool {
        let ends = self.times.iter().min().zip(self.times.iter().max());
        let Some((first, last)) = ends.filter(|(first, _)| **first != NEVER) else { return rows == 0 };
        if self.limits.late(*last, "").is_some() || self.members.contains(&NONE) {
            return false;
        }
        let (day, end) = (self.hand.local_day(*first), self.hand.local_day(*last));
        let groups = &*self.fold.entities.group_of_member;
        self.groups_known.clear();
        self.groups_known.extend(self.members.iter().map(|m| groups.get(*m as usize).copied().unwrap_or(NONE)));
        self.days_known.clear();
        if day == end {
            self.days_known.resize(rows, day);
        } else {
            self.days_known.extend(self.times.iter().map(|time| self.hand.local_day(*time)));
        }
        let made_before = self.last_made.is_none_or(|made| made <= day)
            || !self.groups_known.iter().zip(&self.days_known).any(|(group, day)| self.is_before(*group, *day));
        if !made_before {
            return false;
        }
        if day == end {
            self.days.add_run(day, rows as u64, *last);
        } else {
            self.days_known.iter().zip(&self.times).for_each(|(day, time)| self.days.add_on(*day, *time));
        }
        self.columns.push_all(&self.groups_known, &self.members, &self.times, &self.days_known);
        true
    }

    /// Takes the rows of a block one by one.
    fn take_each(&mut self, rows: &Block<'_>, verdicts: &mut Verdicts) {
        for (at, row) in (0..).zip(rows.rows()) {
            let time = self.times.get(at as usize).copied().filter(|time| *time != NEVER);
            verdicts.say(at, self.place(at, &row, time));
        }
    }

    fn group_id<'r>(&self, row: &Row<'r>) -> Option<&'r str> {
        row.text(self.fold.slots.group?)
    }

    fn member_id<'r>(&self, row: &Row<'r>) -> Option<&'r str> {
        row.text(self.fold.slots.member?)
    }

    /// Says whether a row counts, and for which groups and membership.
    fn place(&mut self, at: u32, row: &Row<'_>, time: Option<Instant>) -> Verdict {
        let table = self.fold.layout.table;
        let column = table.time().unwrap_or("");
        let Some(time) = time else {
            return Verdict::Reject { column, reason: Reason::EmptyKey };
        };
        let day = self.hand.local_day(time);
        self.days.add_on(day, time);
        if let Some(verdict) = self.limits.late(time, column) {
            self.hand.vain().late = true;
            return verdict;
        }
        let known = self.members.get(at as usize).copied().filter(|member| *member != NONE);
        if let Some((member, group)) =
            known.and_then(|member| Some((member, *self.fold.entities.group_of_member.get(member as usize)?)))
        {
            if self.is_before(group, day) {
                return Verdict::Reject { column, reason: Reason::BeforeGroup };
            }
            self.columns.push(at, (group, Some(member)), (time, day));
            return Verdict::Keep;
        }
        self.groups.clear();
        match self.group_id(row) {
            Some(id) => match self.fold.entities.group_ids.find(id) {
                Some(group) => self.groups.push(group),
                None => {
                    self.hand.vain().group(id);
                    return Verdict::OrphanGroup;
                }
            },
            None if table == Table::Orders => {
                self.hand.vain().by_person = true;
                self.attribute(row, time);
                if self.groups.is_empty() {
                    return Verdict::OrphanMember;
                }
                self.attributed += 1;
            }
            None => return Verdict::Reject { column: "group_id", reason: Reason::EmptyKey },
        }
        let mut verdict = Verdict::Keep;
        for nth in 0..self.groups.len() {
            let Some(group) = self.groups.get(nth).copied() else { break };
            if self.is_before(group, day) {
                return Verdict::Reject { column, reason: Reason::BeforeGroup };
            }
            let member = self.member_id(row).map(|id| self.fold.entities.member(group, id));
            if member == Some(None) {
                let ids = self.fold.entities.group_ids.get(group).zip(self.member_id(row));
                ids.into_iter().for_each(|(group, id)| self.hand.vain().member(pair_key(group, id)));
                verdict = Verdict::OrphanMember;
            }
            self.columns.push(at, (group, member.flatten()), (time, day));
        }
        verdict
    }

    /// Whether a day lies before a group was made.
    fn is_before(&self, group: u32, day: Day) -> bool {
        self.fold.entities.created.get(group as usize).copied().flatten().is_some_and(|created| day < created)
    }

    /// The groups of the buyer to which an order without a group counts.
    fn attribute(&mut self, row: &Row<'_>, paid: Instant) {
        let Some(person) = self.member_id(row).and_then(|id| self.fold.entities.person_ids.find(id)) else { return };
        let mut joined: Vec<(Instant, &str, u32)> = self
            .fold
            .entities
            .members_of_person(person)
            .filter_map(|m| {
                let at = self.fold.entities.stay(m).joined;
                let (group, _) = self.fold.entities.membership(m)?;
                let name = self.fold.entities.group_ids.get(group)?;
                (at <= paid).then_some((at, &**name, group))
            })
            .collect();
        joined.sort_unstable();
        match self.config.data.attribution {
            Attribution::LastJoined => self.groups.extend(joined.last().map(|j| j.2)),
            Attribution::FirstJoined => self.groups.extend(joined.first().map(|j| j.2)),
            Attribution::All => self.groups.extend(joined.iter().map(|j| j.2)),
        }
    }
}
