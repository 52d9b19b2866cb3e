-- Newcomers are judged in the period in which their first days are over; those who left meanwhile count too.
with first_week as (
    select
        c.group_id,
        exists (
            from customer_messages m
            where m.group_id = c.group_id and m.member_id = c.member_id
              and m.sent_at >= c.joined_at and m.sent_at < c.joined_at + interval 7 days
        ) as spoke,
        exists (
            from customer_events e
            where e.group_id = c.group_id and e.member_id = c.member_id and e.event = 'check_in'
              and e.happened_at >= c.joined_at and e.happened_at < c.joined_at + interval 7 days
        ) as checked_in,
        exists (
            from customer_events e
            where e.group_id = c.group_id and e.member_id = c.member_id and e.event = 'task_assigned'
              and e.happened_at >= c.joined_at and e.happened_at < c.joined_at + interval 7 days
        ) as was_assigned,
        exists (
            from customer_events e
            where e.group_id = c.group_id and e.member_id = c.member_id and e.event = 'task_done'
              and e.happened_at >= c.joined_at and e.happened_at < c.joined_at + interval 7 days
        ) as did_a_task
    from customers c
    where in_period(c.joined_at + interval 7 days)
),
first_day as (
    select
        c.group_id,
        exists (
            from customer_events e
            where e.group_id = c.group_id and e.member_id = c.member_id and e.event = 'welcome'
              and e.happened_at >= c.joined_at and e.happened_at < c.joined_at + interval 1 day
        ) as was_welcomed
    from customers c
    where in_period(c.joined_at + interval 1 day)
),
weeks as (
    select
        group_id,
        count(*) as observed,
        count(*) filter (spoke or checked_in) as broke_ice,
        count(*) filter (was_assigned) as assigned,
        count(*) filter (was_assigned and did_a_task) as done
    from first_week group by group_id
),
days as (
    select group_id, count(*) as observed, count(*) filter (was_welcomed) as welcomed from first_day group by group_id
)
select group_id, unnest([
    {kpi: 'ice_break_rate', numerator: case when has_messages then broke_ice end, denominator: weeks.observed, value: null::double},
    {kpi: 'newcomer_task_completion',
     numerator: case when ever(group_id, 'task_assigned') and ever(group_id, 'task_done') then done end, denominator: assigned, value: null},
    {kpi: 'welcome_rate', numerator: case when ever(group_id, 'welcome') then welcomed end, denominator: days.observed, value: null}
], recursive := true)
from known
left join weeks using (group_id)
left join days using (group_id)
where created;
