//! Groups and members that no table lists, made of the rows that name them.
//!
//! Exports of chats often come without lists. What is inferred must be known before rows are folded,
//! because rows are placed by when their member joined; so these workspaces have their files read twice.

use super::entity::Entities;
use super::held::Stored;
use super::load::Limits;
use super::run::STREAMED;
use crate::calendar::Instant;
use crate::config::Config;
use crate::data::{Cell, Layout, ScanOptions, Sources, Verdict, scan};

/// Adds what the configuration lets be inferred.
pub(super) fn infer(sources: &Sources, config: &Config, limits: &Limits<'_>, entities: &mut Entities) {
    let groups = config.data.infer.groups.is_some();
    let members = config.data.infer.members;
    if !groups && !members {
        return;
    }
    for table in STREAMED {
        let layout = Layout { table, attributes: Vec::new() };
        let slot = |name: &str| layout.slot(name);
        let time = table.time().and_then(slot);
        let (group_slot, member_slot) = (slot("group_id"), slot("member_id"));
        let mut options = ScanOptions { config, quarantine: None };
        scan(sources, table, &layout, &mut options, &mut |row| {
            let Some(Cell::Time(at)) = time.map(|s| row.cell(s)) else { return Verdict::Keep };
            let Some(group) = group_slot.and_then(|s| row.text(s)) else { return Verdict::Keep };
            if limits.late(at, "").is_some() {
                return Verdict::Keep;
            }
            let group = match entities.group_ids.find(group) {
                Some(known) => known,
                None if groups => entities.add_group(group),
                None => return Verdict::Keep,
            };
            if members && let Some(id) = member_slot.and_then(|s| row.text(s)) {
                let listed = entities.member(group, id);
                let member = listed.unwrap_or_else(|| entities.add_member(group, id));
                met(entities, member, at, listed.is_none());
            }
            Verdict::Keep
        });
    }
    if groups {
        date_groups(entities, limits);
    }
}

/// Takes the first time a member was met for the time of joining.
fn met(entities: &mut Entities, member: u32, at: Instant, new: bool) {
    let Some(joined) = entities.members.column("joined_at") else { return };
    entities.members.mark_present("joined_at");
    let known = entities.members.time(member as usize, "joined_at");
    // Those whom the member list dates keep their date.
    let own = entities.inferred.contains(&member);
    if new {
        entities.inferred.insert(member);
    }
    if known.is_none() || (own && known.is_some_and(|t| at < t)) {
        entities.inferred.insert(member);
        entities.members.set(member as usize, joined, Stored::Time(at));
    }
}

/// Takes the day of a group's first member for the day of its making.
fn date_groups(entities: &mut Entities, limits: &Limits<'_>) {
    let Some(created) = entities.groups.column("created_on") else { return };
    entities.groups.mark_present("created_on");
    for group in 0..entities.groups.len() {
        if entities.groups.time(group, "created_on").is_some() {
            continue;
        }
        let members = entities.members_of_group.get(group).map_or(&[][..], Vec::as_slice);
        let first = members.iter().filter_map(|m| entities.members.time(*m as usize, "joined_at")).min();
        if let Some(first) = first {
            let day = limits.zone.midnight(limits.zone.day(first));
            entities.groups.set(group, created, Stored::Time(day));
        }
    }
}
