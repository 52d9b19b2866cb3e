//! The content calendar as iCalendar (RFC 5545).

use super::escape::ics_text;
use crate::calendar::{Instant, Zone};
use crate::report::{CalendarItemView, Planned};
use chrono::{DateTime, NaiveTime, Utc};

/// A calendar of planned items with their words. The stamp is the as-of moment, so that the same data
/// give the same bytes.
#[must_use]
pub fn calendar(
    name: &str,
    slug: &str,
    zone: Zone,
    as_of: Instant,
    items: &[(&Planned<'_>, CalendarItemView)],
) -> String {
    let mut out = String::new();
    let stamp = utc(as_of);
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//qunce//content calendar//ZH", "CALSCALE:GREGORIAN"] {
        push(&mut out, line);
    }
    push(&mut out, &format!("X-WR-CALNAME:{}", ics_text(name)));
    for (planned, view) in items {
        push(&mut out, "BEGIN:VEVENT");
        push(&mut out, &format!("UID:{}-{}-{}@qunce", slug, view.date, planned.item.id));
        push(&mut out, &format!("DTSTAMP:{stamp}"));
        let day = planned.day.date();
        let start = planned.time.and_then(|m| {
            let time = NaiveTime::from_hms_opt(m / 60, m % 60, 0)?;
            zone.instant(day.and_time(time)).ok()
        });
        match start {
            Some(start) => {
                push(&mut out, &format!("DTSTART:{}", utc(start)));
                push(&mut out, "DURATION:PT30M");
            }
            None => push(&mut out, &format!("DTSTART;VALUE=DATE:{}", day.format("%Y%m%d"))),
        }
        push(&mut out, &format!("SUMMARY:{}", ics_text(&view.title)));
        push(
            &mut out,
            &format!(
                "DESCRIPTION:{} · {} · {}",
                ics_text(&view.core_name),
                ics_text(&view.kind),
                ics_text(&view.owner)
            ),
        );
        push(&mut out, &format!("CATEGORIES:{}", ics_text(&view.core_name)));
        push(&mut out, "END:VEVENT");
    }
    push(&mut out, "END:VCALENDAR");
    out
}

fn utc(instant: Instant) -> String {
    DateTime::<Utc>::from_timestamp_micros(instant.0).unwrap_or_default().format("%Y%m%dT%H%M%SZ").to_string()
}

/// A content line, folded after at most 75 bytes, never within a character.
fn push(out: &mut String, line: &str) {
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut out = String::new();
        push(&mut out, &format!("SUMMARY:{}", "群".repeat(60)));
        assert!(out.split("\r\n").all(|l| l.len() <= 75));
        assert_eq!(out.replace("\r\n ", ""), format!("SUMMARY:{}\r\n", "群".repeat(60)));
    }
}
