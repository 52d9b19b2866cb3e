//! Alerts: whether each fires, and of how many members.

use super::dialect::literal_text;
use super::followed::{Followed, Watch, shared};
use super::script::Script;
use super::stages::{CUSTOMERS, JOINED, NOT_LEFT, followers, union};
use crate::playbook::Grain;

pub(super) const COLUMNS: [&str; 7] = ["group_id", "period", "place", "alert", "fires", "members", "new"];

impl Script<'_> {
    /// A row for each alert; all is NULL where its condition has no data. Once it has fired, for the group or for a
    /// member, it keeps quiet for its cool-down, as from the first of the periods.
    pub(super) fn alerts(&mut self, facts: &str, followed: &[Followed]) {
        let mut rows = Vec::new();
        let lists = shared(followed, |f| std::slice::from_ref(&f.alerts));
        for (number, (alerts, by)) in lists.into_iter().filter(|(alerts, _)| !alerts.is_empty()).enumerate() {
            let mut hits = Vec::new();
            for (grain, member) in [(Grain::Member, "\"member\""), (Grain::Group, "cast(null as text)")] {
                let own: Vec<(usize, &Watch)> = alerts
                    .iter()
                    .enumerate()
                    .filter(|(_, a)| (a.grain == Grain::Member) == (grain == Grain::Member))
                    .collect();
                if own.is_empty() {
                    continue;
                }
                let name = format!("alerts {number} {}", grain.name());
                let conditions: Vec<String> = own
                    .iter()
                    .map(|(place, alert)| {
                        let (known, holds) = self.condition(alert.when);
                        format!("{known} and {holds} as a{place}")
                    })
                    .collect();
                let (keys, from, whom) = if grain == Grain::Member {
                    let whom = format!(" and {CUSTOMERS} and {JOINED} and {NOT_LEFT}");
                    ("gf.\"group\", mf.\"member\"", self.judged_members(facts), whom)
                } else {
                    ("gf.\"group\"", self.judged(facts), String::new())
                };
                self.cte(
                    &name,
                    format!(
                        "select {keys}, gf.\"period\",\n  {}\nfrom {from}\nwhere {}{whom}",
                        conditions.join(",\n  "),
                        followers(&by)
                    ),
                );
                hits.extend(own.iter().map(|(place, _)| {
                    format!("select {place} as \"place\", \"group\", {member} as \"member\", \"period\" from \"{name}\" where a{place}")
                }));
            }
            let fired = format!("alerts {number} fired");
            let sql = self.fired(alerts, &hits);
            self.cte(&fired, sql);
            rows.push(self.alert_rows(alerts, &by, &fired));
        }
        let sql = union(&rows, &COLUMNS);
        self.cte("alerts", sql);
    }

    /// For how many each alert fires, cool-downs observed: period after period, each beside those before it.
    fn fired(&self, alerts: &[Watch], hits: &[String]) -> String {
        let longest = alerts.iter().map(|a| i64::from(a.cooldown_days)).max().unwrap_or(0);
        let cooldowns: Vec<String> =
            alerts.iter().enumerate().map(|(place, a)| format!("({place}, {})", a.cooldown_days)).collect();
        let met: Vec<String> =
            (0..self.periods.len()).map(|p| format!("bool_or(h.\"period\" = {p}) as h{p}")).collect();
        let mut sql = format!(
            "select h.\"place\", h.\"group\", h.\"member\", c.\"cooldown\", {}\nfrom (\n  {}\n) h join (values {}) as c(\"place\", \"cooldown\") \
             on c.\"place\" = h.\"place\"\ngroup by h.\"place\", h.\"group\", h.\"member\", c.\"cooldown\"",
            met.join(", "),
            hits.join("\n  union all "),
            cooldowns.join(", ")
        );
        let mut fires = Vec::new();
        for (at, period) in self.periods.iter().enumerate() {
            let quiet: Vec<String> = self
                .periods
                .iter()
                .take(at)
                .enumerate()
                .map(|(before, p)| (before, i64::from(period.end.0) - i64::from(p.end.0)))
                .filter(|(_, days)| *days < longest)
                .map(|(before, days)| format!(" and not (f{before} and \"cooldown\" > {days})"))
                .collect();
            sql = format!("select *, h{at}{} as f{at} from (\n{sql}\n) q{at}", quiet.concat());
            fires.push(format!("when {at} then f{at}"));
        }
        format!(
            "select f.\"place\", f.\"group\", p.\"period\", count(*) as \"fired\"\nfrom (\n{sql}\n) f cross join periods p\n\
             where case p.\"period\" {} end\ngroup by f.\"place\", f.\"group\", p.\"period\"",
            fires.join(" ")
        )
    }

    fn alert_rows(&self, alerts: &[Watch], by: &[usize], fired: &str) -> String {
        let mut known = "case c.\"place\"".to_owned();
        let mut names = Vec::new();
        for (place, alert) in alerts.iter().enumerate() {
            known.push_str(&format!(" when {place} then {}", self.condition(alert.when).0));
            names.push(format!("({place}, {}, {})", literal_text(&alert.id), alert.grain == Grain::Member));
        }
        format!(
            "select \"group_id\", \"period\", \"place\", \"alert\", \"fired\" > 0 as \"fires\", case when \"of members\" then \"fired\" end as \"members\",\n  \
             case when \"fired\" is not null then \"fired\" > 0 and not coalesce(lag(\"fired\") over (partition by \"group_id\", \"place\" order by \"number\") > 0, false) end as \"new\"\n\
             from (\n  select gf.\"group\" as \"group_id\", p.\"period\" as \"number\", p.\"name\" as \"period\", c.\"place\" + 1 as \"place\", c.\"alert\", c.\"of members\",\n    \
             case when {known} end then coalesce(n.\"fired\", 0) end as \"fired\"\n  from {}\n  \
             cross join (values {}) as c(\"place\", \"alert\", \"of members\")\n  \
             left join \"{fired}\" n on n.\"group\" = gf.\"group\" and n.\"period\" = gf.\"period\" and n.\"place\" = c.\"place\"\n  where {}\n) checked",
            self.judged("known"),
            names.join(", "),
            followers(by)
        )
    }
}
