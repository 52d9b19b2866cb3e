-- Segments of the members who are in when the period closes: a partition, the first that holds wins.
with signs as (
    select
        c.group_id, c.member_id,
        (select count(*) from customer_messages m
         where m.group_id = c.group_id and m.member_id = c.member_id and in_last_days(m.sent_at, 7)) as messages_7d,
        (select count(*) from customer_messages m
         where m.group_id = c.group_id and m.member_id = c.member_id and in_last_days(m.sent_at, 30)) as messages_30d,
        (select count(*) from customer_orders o
         where o.group_id = c.group_id and o.member_id = c.member_id and o.coupon_id is null
           and in_last_days(o.paid_at, 30)) as full_price_orders_30d,
        (select count(*) from customer_events e
         where e.group_id = c.group_id and e.member_id = c.member_id
           and e.event in ('coupon_issued', 'coupon_redeemed', 'points_spent', 'benefit_used')
           and in_last_days(e.happened_at, 30)) as benefits_30d,
        (select count(*) from customer_events e
         where e.group_id = c.group_id and e.member_id = c.member_id and e.event = 'open'
           and in_last_days(e.happened_at, 7)) as opens_7d,
        (select count(*) from interactions i
         where i.group_id = c.group_id and i.member_id = c.member_id and in_last_days(i.happened_at, 7)) as interactions_7d
    from customers c
    where in_at_closing(c.joined_at, c.left_at)
),
-- Whether somebody is a freebie hunter is not known where orders are not: nobody is taken for one.
placed as (
    select group_id, case
        when messages_7d >= 3 then 'active'
        when benefits_30d >= 1 and messages_30d = 0 and full_price_orders_30d = 0 and has_orders then 'freebie_hunter'
        when messages_7d = 0 and opens_7d + interactions_7d > 0 then 'lurker'
        when messages_7d between 1 and 2 then 'light'
        else 'silent'
    end as segment
    from signs join known using (group_id)
)
-- A segment of which nobody can be told to be has no size: not known is not none.
select k.group_id, s.segment,
    case when s.segment <> 'freebie_hunter' or (k.has_events and k.has_orders) then count(p.segment) end as members
from known k
cross join (select unnest(['active', 'freebie_hunter', 'lurker', 'light', 'silent']) as segment) s
left join placed p on p.group_id = k.group_id and p.segment = s.segment
-- Of a group that nothing was heard of, nothing can be said.
where created and has_messages
group by k.group_id, s.segment, k.has_events, k.has_orders;
