-- Buying: conversion, coupons, money, coming back.
with buying as (
    select
        c.group_id,
        count(*) filter (in_at_some_time(joined_at, left_at)) as present,
        count(*) filter (in_at_some_time(joined_at, left_at) and paid) as buyers,
        count(*) filter (in_at_some_time(joined_at, left_at) and clicked) as clickers,
        count(*) filter (in_at_some_time(joined_at, left_at) and clicked and carted) as carters,
        count(*) filter (in_at_some_time(joined_at, left_at) and clicked and carted and paid) as cart_buyers,
        count(*) filter (in_at_opening(joined_at, left_at)) as at_opening,
        count(*) filter (in_at_closing(joined_at, left_at)) as at_closing
    from (
        select
            c.*,
            exists (
                from customer_orders o
                where o.group_id = c.group_id and o.member_id = c.member_id and in_period(o.paid_at)
            ) as paid,
            exists (
                from customer_events e
                where e.group_id = c.group_id and e.member_id = c.member_id
                  and e.event = 'click' and in_period(e.happened_at)
            ) as clicked,
            exists (
                from customer_events e
                where e.group_id = c.group_id and e.member_id = c.member_id
                  and e.event = 'add_to_cart' and in_period(e.happened_at)
            ) as carted
        from customers c
    ) c
    group by c.group_id
),
takings as (
    select
        group_id,
        count(*) filter (in_period(paid_at)) as orders,
        coalesce(sum(amount) filter (in_period(paid_at)), 0) as gross,
        coalesce(sum(amount) filter (in_period(paid_at) and refunded_at is null), 0) as net,
        count(*) filter (in_last_days(paid_at, 30)) as orders_30d,
        count(*) filter (in_last_days(paid_at, 30) and joined_at < closing()) as buyers_orders_30d,
        count(distinct member_id) filter (in_last_days(paid_at, 30) and joined_at < closing()) as buyers_30d
    from customer_orders
    join customers using (group_id, member_id)
    group by group_id
),
-- Who orders first and joins after the period is not yet a customer of the group in it.
visits as (
    select group_id, member_id, count(distinct cast(paid_at as date)) as days
    from customer_orders
    join customers using (group_id, member_id)
    where in_last_days(paid_at, 90) and joined_at < closing()
    group by group_id, member_id
),
returning_buyers as (
    select group_id, count(*) as buyers, count(*) filter (days >= 2) as repeaters from visits group by group_id
),
-- A coupon is judged when its validity ends; it is used when its holder redeemed it.
coupons as (
    select
        i.group_id,
        count(*) as ended,
        count(*) filter (exists (
            from customer_events r
            where r.event = 'coupon_redeemed' and r.group_id = i.group_id and r.member_id = i.member_id and r.ref = i.ref
        )) as used
    from customer_events i
    where i.event = 'coupon_issued' and in_period(i.expires_at)
    group by i.group_id
)
select group_id, unnest([
    {kpi: 'purchase_conversion', numerator: case when has_orders then buying.buyers end, denominator: present, value: null::double},
    -- The open funnel's shares: who also did the next thing within the period, in any order.
    {kpi: 'cart_rate', numerator: case when ever(group_id, 'click') and ever(group_id, 'add_to_cart') then carters end,
     denominator: clickers, value: null},
    {kpi: 'pay_rate', numerator: case when has_orders and ever(group_id, 'click') and ever(group_id, 'add_to_cart') then cart_buyers end,
     denominator: carters, value: null},
    {kpi: 'coupon_use_rate', numerator: case when ever(group_id, 'coupon_issued') then used end, denominator: ended, value: null},
    {kpi: 'repurchase_rate', numerator: case when has_orders then repeaters end, denominator: returning_buyers.buyers, value: null},
    {kpi: 'arpu', numerator: null, denominator: null,
     value: case when has_orders then coalesce(net, 0)::double / nullif((at_opening + at_closing) / 2, 0) end},
    {kpi: 'aov', numerator: null, denominator: null, value: case when has_orders then gross::double / nullif(orders, 0) end},
    {kpi: 'orders_per_buyer', numerator: null, denominator: null,
     value: case when has_orders then buyers_orders_30d / nullif(buyers_30d, 0) end},
    {kpi: 'orders_per_member', numerator: null, denominator: null,
     value: case when has_orders then coalesce(orders_30d, 0) / nullif(at_closing, 0) end}
], recursive := true)
from known
left join buying using (group_id)
left join takings using (group_id)
left join returning_buyers using (group_id)
left join coupons using (group_id)
where created;
