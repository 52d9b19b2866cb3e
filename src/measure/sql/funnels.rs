//! Funnels: distinct members who passed every step in order, told by local days.

use super::super::plan::{MeasureId, ReadId};
use super::dialect::{literal_text, quoted};
use super::followed::{Followed, Steps, shared};
use super::script::Script;
use super::stages::{followers, union};
use crate::expr::Window;
use crate::schema::Table;

pub(super) const COLUMNS: [&str; 9] =
    ["group_id", "period", "funnel", "step", "measure", "passed", "open", "rate", "weak"];

/// What stands for a step.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    /// Members of a set, on any day of the period.
    Standing,
    /// Members on days.
    OnDays,
}

impl Script<'_> {
    /// A row for each step; all is NULL where a step has no data.
    pub(super) fn funnels(&mut self, facts: &str, followed: &[Followed]) {
        let mut rows = Vec::new();
        for (number, (funnel, by)) in shared(followed, |f| &f.funnels).into_iter().enumerate() {
            let name = format!("funnel {number}");
            let kinds: Vec<Step> = funnel.steps.iter().map(|(_, read)| self.kind(*read)).collect();
            for (step, (_, read)) in funnel.steps.iter().enumerate() {
                let sql = match kinds.get(step) {
                    Some(Step::OnDays) => self.days_of_step(&name, *read, &kinds),
                    _ => self.set_of_step(*read, facts, &by),
                };
                self.cte(&format!("{name} step {step}"), sql);
            }
            self.in_order(&name, &kinds, funnel.within_days);
            rows.push(self.funnel_rows(&name, funnel, &by));
        }
        self.cte("funnels", union(&rows, &COLUMNS));
    }

    fn kind(&self, read: ReadId) -> Step {
        let table = self.plan.planned_read(read).and_then(|r| self.plan.planned(r.measure)).and_then(|p| p.table);
        if table.is_some_and(|t| t != Table::Members) { Step::OnDays } else { Step::Standing }
    }

    /// The members whom a measure over them counts.
    fn set_of_step(&self, read: ReadId, facts: &str, by: &[usize]) -> String {
        let planned = self.plan.planned_read(read).and_then(|r| Some((r, self.plan.planned(r.measure)?)));
        let holds = match planned {
            Some((read, planned)) if planned.table == Some(Table::Members) => self.held_filter(read, planned),
            _ => "false".to_owned(),
        };
        format!(
            "select gf.\"group\", mf.\"member\", gf.\"period\"\nfrom {}\nwhere {} and {holds}",
            self.judged_members(facts),
            followers(by)
        )
    }

    /// The days of the period on which customers, and whoever a set of another step has, took a step.
    fn days_of_step(&self, name: &str, read: ReadId, kinds: &[Step]) -> String {
        let measure = self.plan.planned_read(read).map_or(MeasureId(0), |r| r.measure);
        let Some((rows, spans, flag)) = self.rows_and_spans(measure) else {
            return "select null as \"group\", null as \"member\", null as \"period\", null as \"day\" where false"
                .to_owned();
        };
        let sets = kinds.iter().enumerate().filter(|(_, k)| **k == Step::Standing);
        let also: Vec<String> = sets
            .map(|(step, _)| {
                format!(
                    " or exists (select 1 from \"{name} step {step}\" x where x.\"group\" = r.\"group\" and x.\"member\" = r.\"member\" and x.\"period\" = s.\"period\")"
                )
            })
            .collect();
        let MeasureId(id) = measure;
        format!(
            "select distinct r.\"group\", r.\"member\", s.\"period\", r.\"day\"\nfrom {rows} r join {spans} s on s.\"bucket\" = r.\"bucket\"\n  \
             join \"counted members\" m on m.\"group_id\" = r.\"group\" and m.\"member_id\" = r.\"member\"\n\
             where r.f{id} and s.{flag} and (m.\"role\" in ('member', 'koc'){})",
            also.concat()
        )
    }

    /// Who passed each step: it was taken on the same day as the one before or up to so many days later.
    fn in_order(&mut self, name: &str, kinds: &[Step], within_days: i32) {
        let mut before = Step::Standing;
        for (step, kind) in kinds.iter().enumerate() {
            let here = format!("\"{name} step {step}\" x");
            let sql = match (step.checked_sub(1).map(|s| format!("\"{name} passed {s}\" b")), before, kind) {
                (None, ..) => format!("select x.* from {here}"),
                (Some(earlier), Step::OnDays, Step::Standing) => format!(
                    "select b.* from {earlier} where exists (select 1 from {here} where x.\"group\" = b.\"group\" and x.\"member\" = b.\"member\" and x.\"period\" = b.\"period\")"
                ),
                (Some(earlier), before, _) => {
                    let days = if before == Step::OnDays {
                        format!(" and x.\"day\" - b.\"day\" between 0 and {within_days}")
                    } else {
                        String::new()
                    };
                    format!(
                        "select x.* from {here} where exists (select 1 from {earlier} where b.\"group\" = x.\"group\" and b.\"member\" = x.\"member\" and b.\"period\" = x.\"period\"{days})"
                    )
                }
            };
            self.cte(&format!("{name} passed {step}"), sql);
            if *kind == Step::OnDays {
                before = Step::OnDays;
            }
        }
    }

    fn funnel_rows(&self, name: &str, funnel: &Steps, by: &[usize]) -> String {
        let mut known = Vec::new();
        let mut names = Vec::new();
        for (step, (measure, read)) in funnel.steps.iter().enumerate() {
            names.push(format!("({step}, {})", literal_text(measure)));
            known.extend(self.plan.planned_read(*read).map(|r| self.known_column(r.needed())));
        }
        let counted = |what: &str| {
            let steps = (0..funnel.steps.len()).map(|step| {
                format!(
                    "select {step} as \"step\", \"group\", \"period\", count(distinct \"member\") as \"members\" from {} group by \"group\", \"period\"",
                    quoted(&format!("{name} {what} {step}"))
                )
            });
            steps.collect::<Vec<_>>().join("\n    union all ")
        };
        let before = "lag(\"passed\") over (partition by \"group_id\", \"period\" order by \"step\")";
        format!(
            "select *, case when \"passed\" is not null then coalesce(\"rate\" < cast('{:?}' as float8), false) end as \"weak\"\nfrom (\n  \
             select *, cast(\"passed\" as float8) / cast(nullif({before}, 0) as float8) as \"rate\"\n  from (\n    \
             select gf.\"group\" as \"group_id\", p.\"name\" as \"period\", {} as \"funnel\", c.\"step\" + 1 as \"step\", c.\"measure\",\n      \
             case when {known} then coalesce(a.\"members\", 0) end as \"passed\", case when {known} then coalesce(o.\"members\", 0) end as \"open\"\n    \
             from {}\n    cross join (values {}) as c(\"step\", \"measure\")\n    \
             left join (\n    {}\n    ) a on a.\"group\" = gf.\"group\" and a.\"period\" = gf.\"period\" and a.\"step\" = c.\"step\"\n    \
             left join (\n    {}\n    ) o on o.\"group\" = gf.\"group\" and o.\"period\" = gf.\"period\" and o.\"step\" = c.\"step\"\n    where {}\n  ) counted\n) rated",
            funnel.weak_below,
            literal_text(&funnel.id),
            self.judged("known"),
            names.join(", "),
            counted("passed"),
            counted("step"),
            followers(by),
            known = known.join(" and "),
        )
    }

    /// The rows of a streamed measure, the spans of their buckets, and the flag of the report's period.
    pub(super) fn rows_and_spans(&self, measure: MeasureId) -> Option<(String, String, String)> {
        let planned = self.plan.planned(measure)?;
        let table = planned.table.filter(|t| t.time().is_some() && *t != Table::Posts)?;
        let on = planned.on.as_deref().unwrap_or_default();
        let name = format!("{table} by {on}");
        let flag = self.span_flag(table, on, &Window::Period)?;
        Some((quoted(&format!("{name} rows")), quoted(&format!("{name} spans")), flag))
    }
}
