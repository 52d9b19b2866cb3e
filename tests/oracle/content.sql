-- What the operators send, whom it reaches, who opens it and passes it on.
with sent as (
    select
        group_id,
        count(*) as items,
        count(*) filter (kind is not null) as labelled,
        count(*) filter (kind = 'useful') as useful,
        count(*) filter (kind in ('promo', 'product')) as promoting
    from posts
    where in_period(sent_at)
    group by group_id
),
-- A product is new in a showing when this group has not been shown it in the 14 full local days before.
shown as (
    select
        p.group_id, p.product_id,
        bool_or(not exists (
            from posts earlier
            where earlier.group_id = p.group_id and earlier.product_id = p.product_id
              and earlier.sent_at < p.sent_at and cast(p.sent_at as date) - cast(earlier.sent_at as date) <= 14
        )) as is_new
    from posts p
    where p.product_id is not null and in_period(p.sent_at)
    group by p.group_id, p.product_id
),
assortment as (
    select group_id, count(*) as products, count(*) filter (is_new) as new_products from shown group by group_id
),
-- Reached: in the group at some time of the period, and the group was sent something.
audience as (
    select
        c.group_id,
        count(*) filter (coalesce(s.items, 0) > 0) as reached,
        count(*) filter (opened) as openers,
        count(*) filter (opened and shared) as sharers
    from (
        select
            c.*,
            exists (
                from customer_events e
                where e.group_id = c.group_id and e.member_id = c.member_id
                  and e.event = 'open' and in_period(e.happened_at)
            ) as opened,
            exists (
                from customer_events e
                where e.group_id = c.group_id and e.member_id = c.member_id
                  and e.event = 'share' and in_period(e.happened_at)
            ) as shared
        from customers c
        where in_at_some_time(c.joined_at, c.left_at)
    ) c
    left join sent s using (group_id)
    group by c.group_id
)
select group_id, unnest([
    {kpi: 'open_rate',
     numerator: case when has_posts and ever(group_id, 'open') then openers end, denominator: reached, value: null::double},
    {kpi: 'content_spread_rate',
     numerator: case when ever(group_id, 'open') and ever(group_id, 'share') then sharers end, denominator: openers, value: null},
    {kpi: 'useful_share', numerator: coalesce(useful, 0), denominator: coalesce(labelled, 0), value: null},
    {kpi: 'promo_share', numerator: coalesce(promoting, 0), denominator: coalesce(labelled, 0), value: null},
    {kpi: 'new_sku_share', numerator: coalesce(new_products, 0), denominator: coalesce(products, 0), value: null}
], recursive := true)
from known
left join sent using (group_id)
left join assortment using (group_id)
left join audience using (group_id)
where created;
