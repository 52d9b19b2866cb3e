//! Messages of a day: drafts that get their numbers when the day is closed, and answers.

use super::group::{Group, Scene};
use super::joining::{HOST, STAFF, waking};
use super::person::{Habit, Person};
use super::pools;
use super::rows::{self, MESSAGE_BITS, MessageKind, MessageRow};

/// What a message replies to.
#[derive(Debug, Clone, Copy)]
pub enum Reply {
    None,
    /// A message of today, by its draft.
    Today(usize),
    /// An earlier message, by its number.
    Earlier(u64),
}

#[derive(Debug, Clone, Copy)]
struct Draft {
    at: i64,
    person: Person,
    kind: MessageKind,
    reply: Reply,
    topic: &'static str,
}

/// An answer that comes on another day.
#[derive(Debug, Clone, Copy)]
struct Late {
    at: i64,
    by: usize,
    reply: Reply,
}

/// Drafts of today and answers still to come.
#[derive(Debug, Default)]
pub struct Talk {
    drafts: Vec<Draft>,
    late: Vec<Late>,
}

impl Group {
    /// Drafts a message if its sender is in at that time.
    pub fn say(
        &mut self,
        scene: &Scene<'_>,
        member: usize,
        at: i64,
        kind: MessageKind,
        reply: Reply,
        topic: &'static str,
    ) -> Option<usize> {
        if !self.here(scene, member, at) {
            return None;
        }
        let sender = self.members.get_mut(member)?;
        sender.last_active = scene.now.day.0;
        self.talk.drafts.push(Draft { at, person: sender.person, kind, reply, topic });
        Some(self.talk.drafts.len() - 1)
    }

    /// A customer says something of their own.
    pub fn chat(&mut self, scene: &Scene<'_>, member: usize, at: i64) {
        if self.dice.chance(self.climate.ask) {
            self.ask(scene, member, at);
            return;
        }
        let koc = self.members[member].role == super::person::Role::Koc;
        let kind = match self.dice.below(100) {
            0..12 => MessageKind::Image,
            12..15 => MessageKind::Link,
            15..19 => MessageKind::Review,
            19..40 if koc => MessageKind::Review,
            _ => MessageKind::Text,
        };
        let about = if kind == MessageKind::Review { 800 } else { 90 };
        let topic = if self.dice.chance(about) { self.topic() } else { "" };
        self.say(scene, member, at, kind, Reply::None, topic);
    }

    fn topic(&mut self) -> &'static str {
        if self.dice.chance(8) {
            self.dice.pick(&pools::HOSTILE_TOPICS)
        } else {
            self.dice.pick(&self.template.industry.topics)
        }
    }

    /// A customer asks, and perhaps somebody answers.
    fn ask(&mut self, scene: &Scene<'_>, member: usize, at: i64) {
        let topic = self.topic();
        let Some(draft) = self.say(scene, member, at, MessageKind::Question, Reply::None, topic) else { return };
        if !self.dice.chance(self.climate.answered) {
            return;
        }
        let usual = self.climate.answer_minutes * 60;
        let answered = waking(at + i64::from(usual) * self.dice.seconds(250, 2400) / 1000 + 20);
        let mut by = if self.dice.chance(700) { STAFF } else { HOST };
        if self.dice.chance(self.climate.peer)
            && let Some(peer) = self.helper(member, answered)
        {
            by = peer;
        }
        if answered < scene.now.end {
            self.say(scene, by, answered, MessageKind::Answer, Reply::Today(draft), "");
        } else {
            self.talk.late.push(Late { at: answered, by, reply: Reply::Today(draft) });
        }
    }

    /// An active customer other than the asker, if one is found quickly.
    fn helper(&mut self, asker: usize, at: i64) -> Option<usize> {
        for _ in 0..6 {
            let &member = self.present.get(self.dice.index(self.present.len()))?;
            let m = self.members.get(member)?;
            let willing = matches!(m.habit, Habit::Active) && !m.dormant && m.shy_until <= at && m.is_in(at);
            if willing && member != asker {
                return Some(member);
            }
        }
        None
    }

    /// Answers to questions of the days before.
    pub fn say_late_answers(&mut self, scene: &Scene<'_>) {
        let end = scene.now.end;
        let today: Vec<Late> = self.talk.late.extract_if(.., |late| late.at < end).collect();
        for late in today {
            self.say(scene, late.by, late.at, MessageKind::Answer, late.reply, "");
        }
    }

    /// Puts the day's messages into order, numbers them and hands them over.
    pub fn close_day(&mut self, scene: &mut Scene<'_>) {
        let mut drafts = std::mem::take(&mut self.talk.drafts);
        let mut order: Vec<usize> = (0..drafts.len()).collect();
        order.sort_by_key(|&draft| drafts[draft].at);
        let mut ids = vec![0u64; drafts.len()];
        let (mut second, mut number) = (0i64, 0u32);
        for &draft in &order {
            let at = drafts[draft].at;
            if at > second {
                (second, number) = (at, 0);
            } else if number + 1 < 1 << MESSAGE_BITS {
                number += 1;
            } else {
                // A full second: the message comes in the next one.
                (second, number) = (second + 1, 0);
            }
            ids[draft] = rows::key(second, self.index, number, MESSAGE_BITS);
        }
        let number_of = |reply: Reply| match reply {
            Reply::None => None,
            Reply::Today(draft) => ids.get(draft).copied(),
            Reply::Earlier(id) => Some(id),
        };
        for &draft in &order {
            let Draft { person, kind, reply, topic, .. } = drafts[draft];
            let reply_to = number_of(reply);
            scene.rows.messages.push(MessageRow { id: ids[draft], reply_to, person, group: self.index, kind, topic });
        }
        for late in &mut self.talk.late {
            if let Some(id) = number_of(late.reply) {
                late.reply = Reply::Earlier(id);
            }
        }
        drafts.clear();
        self.talk.drafts = drafts;
    }
}
