//! One thread's way through a table: which group and membership a row is of, and whether it counts.

use super::columns::Placed;
use super::day_counts::DayCounts;
use super::fold::{Slots, TableFold};
use super::hand::Hand;
use super::load::Limits;
use super::pairs::{PairKey, pair_key, pair_key_of};
use super::run::TOLD;
use crate::calendar::{Day, Instant};
use crate::config::{Attribution, Config};
use crate::data::{Block, Cell, Reason, Row, Verdict, Visitor};
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
    /// Of the rows looked at: the key of group and member, where both are named.
    keys: Vec<Option<PairKey>>,
    /// Where those keys are looked for first.
    homes: Vec<usize>,
    /// Of the rows looked at: group and membership, where they are known.
    known: Vec<Option<(u32, u32)>>,
    /// Of the rows looked at: those that count.
    placed: Vec<Placed>,
    count: &'a (dyn Fn() + Sync),
    rows: u64,
}

impl Visitor for Pass<'_, '_> {
    fn visit(&mut self, rows: &Block<'_>, verdicts: &mut Vec<Verdict>) {
        let mut known = std::mem::take(&mut self.known);
        let pairs = &self.fold.entities.pairs;
        // All keys before the first look-up, so that look-ups wait for memory together.
        self.keys.clear();
        let Slots { group, member, .. } = self.fold.slots;
        if let Some((group, member)) = group.zip(member) {
            let key = |row: Row<'_>| Some(pair_key_of(row.bytes(group)?, row.bytes(member)?));
            self.keys.extend(rows.rows().map(key));
        } else {
            self.keys.resize(rows.len(), None);
        }
        pairs.find_all(&self.keys, &mut self.homes, &mut known);
        self.placed.clear();
        for (at, (row, known)) in (0..).zip(rows.rows().zip(&known)) {
            self.rows += 1;
            if self.rows.is_multiple_of(TOLD) {
                (self.count)();
            }
            verdicts.push(self.place(*known, at, &row));
        }
        self.hand.add(rows, &self.placed);
        self.known = known;
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
            keys: Vec::new(),
            homes: Vec::new(),
            known: Vec::new(),
            placed: Vec::new(),
            count,
            rows: 0,
        }
    }

    /// The time that places a row.
    fn time(&self, row: &Row<'_>) -> Option<Instant> {
        match row.cell(self.fold.slots.time?) {
            Cell::Time(t) => Some(t),
            _ => None,
        }
    }

    fn group_id<'r>(&self, row: &Row<'r>) -> Option<&'r str> {
        row.text(self.fold.slots.group?)
    }

    fn member_id<'r>(&self, row: &Row<'r>) -> Option<&'r str> {
        row.text(self.fold.slots.member?)
    }

    /// Says whether a row counts, and for which groups and membership.
    fn place(&mut self, known: Option<(u32, u32)>, at: u32, row: &Row<'_>) -> Verdict {
        let table = self.fold.layout.table;
        let column = table.time().unwrap_or("");
        let Some(time) = self.time(row) else {
            return Verdict::Reject { column, reason: Reason::EmptyKey };
        };
        let day = self.hand.local_day(time);
        self.days.add_on(day, time);
        if let Some(verdict) = self.limits.late(time, column) {
            self.hand.vain().late = true;
            return verdict;
        }
        if let Some((group, member)) = known {
            if self.is_before(group, day) {
                return Verdict::Reject { column, reason: Reason::BeforeGroup };
            }
            self.placed.push(Placed { row: at, group, member: Some(member), time, day });
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
            self.placed.push(Placed { row: at, group, member: member.flatten(), time, day });
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
                let (group, _) = *self.fold.entities.member_keys.get(m as usize)?;
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
