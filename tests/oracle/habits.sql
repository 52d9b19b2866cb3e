-- Checking in, falling silent, being woken.
with check_ins as (
    select e.group_id, count(distinct (e.member_id, cast(e.happened_at as date))) as person_days
    from customer_events e
    join customers c using (group_id, member_id)
    where e.event = 'check_in' and in_last_days(e.happened_at, 7) and in_at_closing(c.joined_at, c.left_at)
    group by e.group_id
),
-- Silent: in the group since before the last 14 full days, and no interaction in them.
silence as (
    select
        c.group_id,
        count(*) filter (in_at_closing(joined_at, left_at)) as members,
        count(*) filter (
            in_at_closing(joined_at, left_at) and joined_at < closing() - interval 14 days
            and not exists (
                from interactions i
                where i.group_id = c.group_id and i.member_id = c.member_id and in_last_days(i.happened_at, 14))
        ) as silent
    from customers c
    group by c.group_id
),
asleep as (
    select c.group_id, c.member_id,
        (
            select min(t.happened_at) from customer_events t
            where t.group_id = c.group_id and t.member_id = c.member_id and t.event = 'touch' and in_period(t.happened_at)
        ) as touched_at
    from customers c
    where in_at_opening(joined_at, left_at) and joined_at < opening() - interval 14 days
      and not exists (
          from interactions i
          where i.group_id = c.group_id and i.member_id = c.member_id
            and i.happened_at >= opening() - interval 14 days and i.happened_at < opening())
),
waking as (
    select
        a.group_id,
        count(*) filter (touched_at is not null) as touched,
        count(*) filter (exists (
            from interactions i
            where i.group_id = a.group_id and i.member_id = a.member_id
              and i.happened_at >= a.touched_at and i.happened_at < closing())) as woken,
        count(*) filter (touched_at is null) as untouched,
        count(*) filter (touched_at is null and exists (
            from interactions i
            where i.group_id = a.group_id and i.member_id = a.member_id and in_period(i.happened_at))) as woke_alone
    from asleep a
    group by a.group_id
)
select group_id, unnest([
    {kpi: 'checkin_rate', numerator: case when ever(group_id, 'check_in') then coalesce(person_days, 0) end,
     denominator: 7 * members, value: null::double},
    {kpi: 'silent_share', numerator: case when has_messages then silent end, denominator: members, value: null},
    {kpi: 'wakeup_rate', numerator: case when ever(group_id, 'touch') then woken end, denominator: touched, value: null},
    {kpi: 'wakeup_baseline', numerator: case when ever(group_id, 'touch') then woke_alone end, denominator: untouched, value: null}
], recursive := true)
from known
left join check_ins using (group_id)
left join silence using (group_id)
left join waking using (group_id)
where created;
