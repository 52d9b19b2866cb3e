-- The closed purchase funnel: reached → clicked → put into the cart → paid, within the period. Who passes a
-- step passed the one before and did this one on the same local day or at most seven days later.
with reached as (
    select c.group_id, c.member_id
    from customers c
    where in_at_some_time(c.joined_at, c.left_at)
      and exists (from posts p where p.group_id = c.group_id and in_period(p.sent_at))
),
clicked as (
    select distinct e.group_id, e.member_id, cast(e.happened_at as date) as day
    from customer_events e join reached using (group_id, member_id)
    where e.event = 'click' and in_period(e.happened_at)
),
carted as (
    select distinct e.group_id, e.member_id, cast(e.happened_at as date) as day
    from customer_events e join clicked before using (group_id, member_id)
    where e.event = 'add_to_cart' and in_period(e.happened_at)
      and cast(e.happened_at as date) - before.day between 0 and 7
),
paid as (
    select distinct o.group_id, o.member_id
    from customer_orders o join carted before using (group_id, member_id)
    where in_period(o.paid_at) and cast(o.paid_at as date) - before.day between 0 and 7
),
counts as (
    select
        k.group_id,
        [
            (select count(*) from reached x where x.group_id = k.group_id),
            (select count(distinct member_id) from clicked x where x.group_id = k.group_id),
            (select count(distinct member_id) from carted x where x.group_id = k.group_id),
            (select count(*) from paid x where x.group_id = k.group_id)
        ] as passed
    from known k
)
select group_id, passed,
    has_posts and has_orders and ever(group_id, 'click') and ever(group_id, 'add_to_cart') as is_known
from known join counts using (group_id)
where created;
