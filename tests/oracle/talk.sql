-- Who speaks, who asks, who answers, and whether the host is there.
with speaking as (
    select
        c.group_id,
        count(*) as members,
        count(*) filter (exists (
            from customer_messages m
            where m.group_id = c.group_id and m.member_id = c.member_id and in_period(m.sent_at)
        )) as spoke,
        count(*) filter (exists (
            from customer_messages m
            where m.group_id = c.group_id and m.member_id = c.member_id and in_last_days(m.sent_at, 1)
        )) as spoke_on_last_day,
        count(*) filter (exists (
            from customer_messages m
            where m.group_id = c.group_id and m.member_id = c.member_id and in_last_days(m.sent_at, 30)
        )) as spoke_in_30_days,
        count(*) filter (exists (
            from customer_messages m
            where m.group_id = c.group_id and m.member_id = c.member_id and in_period(m.sent_at) and m.topic is not null
        )) as spoke_on_topic
    from customers c
    where in_at_closing(c.joined_at, c.left_at)
    group by c.group_id
),
asking as (
    select
        group_id,
        count(*) as asked,
        count(*) filter (answered_at is not null) as answered,
        count(*) filter (answered_by_customer) as answered_by_peer,
        count(*) filter (answered_at <= asked_at + interval 24 hours) as answered_in_a_day
    from questions
    where in_period(asked_at)
    group by group_id
),
hosting as (
    select m.group_id, count(distinct cast(m.sent_at as date)) as days
    from messages m join members h using (group_id, member_id)
    where h.role = 'host' and m.kind not in ('system', 'recall', 'recalled') and in_last_days(m.sent_at, 7)
    group by m.group_id
)
select group_id, unnest([
    {kpi: 'speak_rate', numerator: spoke, denominator: members, value: null::double},
    {kpi: 'speak_rate_day', numerator: spoke_on_last_day, denominator: members, value: null},
    {kpi: 'speak_rate_month', numerator: spoke_in_30_days, denominator: members, value: null},
    {kpi: 'topic_participation', numerator: spoke_on_topic, denominator: members, value: null},
    {kpi: 'answer_rate', numerator: answered, denominator: asked, value: null},
    {kpi: 'same_day_answer_rate', numerator: answered_in_a_day, denominator: asked, value: null},
    {kpi: 'peer_reply_share', numerator: answered_by_peer, denominator: answered, value: null},
    {kpi: 'owner_active_days', numerator: coalesce(days, 0), denominator: 7, value: null}
], recursive := true)
from known
left join speaking using (group_id)
left join asking using (group_id)
left join hosting using (group_id)
where has_messages and created;
