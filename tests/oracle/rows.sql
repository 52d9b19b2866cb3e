-- The drop as typed rows, and the vocabulary of all other files.
--
-- Parameters: `folder` (the drop), `start` and `stop` (the period, half-open, local time of Asia/Shanghai).
-- All times are local: China has had one offset and no summer time in all the years that occur here.

create or replace macro moment(text) as (
    case
        when text is null or trim(text) = '' then null
        -- a time that names its offset is moved to +08:00
        when regexp_matches(text, '(Z|[+-]\d\d:?\d\d)$') and length(text) > 12
            then make_timestamp(epoch_us(cast(text as timestamptz))) + interval 8 hours
        else cast(text as timestamp)
    end);

create or replace macro blank_as(text, other) as coalesce(nullif(trim(text), ''), other);

-- ── The period ──────────────────────────────────────────────────────────────────────────────
create or replace macro opening() as cast(getvariable('start') as timestamp);
create or replace macro closing() as cast(getvariable('stop') as timestamp);
create or replace macro in_period(t) as t >= opening() and t < closing();
create or replace macro in_last_days(t, n) as t >= closing() - to_days(n) and t < closing();

-- Stocks are taken between two rows: someone who leaves at the very first instant of a period was still
-- there when it opened, someone who joins at it was not yet.
create or replace macro in_at_opening(joined, gone) as joined < opening() and (gone is null or gone >= opening());
create or replace macro in_at_closing(joined, gone) as joined < closing() and (gone is null or gone >= closing());
create or replace macro in_at_some_time(joined, gone) as joined < closing() and (gone is null or gone >= opening());

-- `messages.csv` is older than `messages-2025w19.csv`.
create or replace macro part(path) as regexp_replace(path, '\.csv$', '');

-- ── Entities ────────────────────────────────────────────────────────────────────────────────
create or replace temp table groups as
select group_id, playbook, cast(created_on as timestamp) as created_on
from read_csv(getvariable('folder') || '/**/groups*.csv', all_varchar = true, union_by_name = true);

-- A row of a later drop replaces the earlier row of the same key.
create or replace temp table members as
select
    group_id, member_id,
    moment(joined_at) as joined_at, moment(left_at) as left_at,
    blank_as(role, 'member') as role,
    nullif(trim(tier), '') as tier,
    nullif(trim(invited_by), '') as invited_by,
    moment(unfollowed_at) as unfollowed_at,
    nullif(trim(advisor), '') as advisor
from read_csv(getvariable('folder') || '/**/members*.csv', all_varchar = true, union_by_name = true, filename = true)
qualify row_number() over (partition by group_id, member_id order by part(filename) desc) = 1;

create or replace temp view customers as
select * from members where role in ('member', 'koc');

-- ── What happened ───────────────────────────────────────────────────────────────────────────
create or replace temp table messages as
select
    group_id, member_id, moment(sent_at) as sent_at, message_id,
    blank_as(kind, 'text') as kind,
    nullif(trim(reply_to), '') as reply_to,
    nullif(trim(topic), '') as topic
from read_csv(getvariable('folder') || '/**/messages*.csv', all_varchar = true, union_by_name = true, filename = true)
qualify row_number() over (partition by message_id order by part(filename) desc) = 1;

create or replace temp table posts as
select
    post_id, group_id, moment(sent_at) as sent_at,
    nullif(trim(kind), '') as kind,
    nullif(trim(product_id), '') as product_id
from read_csv(getvariable('folder') || '/**/posts*.csv', all_varchar = true, union_by_name = true, filename = true)
qualify row_number() over (partition by post_id order by part(filename) desc) = 1;

create or replace temp table events as
select
    group_id, member_id, moment("at") as happened_at, event,
    nullif(trim(post_id), '') as post_id,
    nullif(trim(ref), '') as ref,
    moment(expires_at) as expires_at
from read_csv(getvariable('folder') || '/**/events*.csv', all_varchar = true, union_by_name = true);

create or replace temp table orders as
select
    order_id, group_id, member_id, moment(paid_at) as paid_at,
    cast(amount as decimal(18, 4)) as amount,
    nullif(trim(product_id), '') as product_id,
    nullif(trim(coupon_id), '') as coupon_id,
    moment(refunded_at) as refunded_at
from read_csv(getvariable('folder') || '/**/orders*.csv', all_varchar = true, union_by_name = true, filename = true)
qualify row_number() over (partition by order_id order by part(filename) desc) = 1;

create or replace temp table surveys as
select
    group_id, member_id, moment(answered_at) as answered_at, survey,
    cast(nullif(trim(score), '') as decimal(6, 2)) as score,
    passed
from read_csv(getvariable('folder') || '/**/surveys*.csv', all_varchar = true, union_by_name = true);

-- ── Derived ─────────────────────────────────────────────────────────────────────────────────
create or replace temp view customer_messages as
select m.* from messages m join customers using (group_id, member_id)
where m.kind not in ('system', 'recall', 'recalled');

create or replace temp view customer_events as
select e.* from events e join customers using (group_id, member_id);

create or replace temp view customer_orders as
select o.* from orders o join customers using (group_id, member_id);

-- What counts as an interaction: a message, check-in, click, add-to-cart, order, share, task or survey
-- answer. Opening something is not one.
create or replace temp view interactions as
select group_id, member_id, sent_at as happened_at from customer_messages
union all
select group_id, member_id, happened_at from customer_events
where event in ('check_in', 'click', 'add_to_cart', 'share', 'task_done')
union all
select group_id, member_id, paid_at from customer_orders
union all
select s.group_id, s.member_id, s.answered_at from surveys s join customers using (group_id, member_id);

-- A question is answered by the first reply that somebody else than the asker gave.
create or replace temp view questions as
select q.group_id, q.message_id, q.member_id as asker, q.sent_at as asked_at,
    first.replier, first.sent_at as answered_at,
    exists (
        from customers c where c.group_id = q.group_id and c.member_id = first.replier
    ) as answered_by_customer
from messages q
join customers using (group_id, member_id)
left join (
    select r.reply_to, r.member_id as replier, r.sent_at
    from messages r
    join messages asked on asked.message_id = r.reply_to and asked.group_id = r.group_id
    where r.member_id <> asked.member_id
    qualify row_number() over (partition by r.reply_to order by r.sent_at, r.message_id) = 1
) first on first.reply_to = q.message_id
where q.kind = 'question';

-- ── What is known of a group at all ─────────────────────────────────────────────────────────
-- A group without any row of a table in the whole drop is "no data" there, not zero. The same goes for
-- events that not every platform can record.
create or replace temp view known as
select
    g.group_id,
    g.created_on < closing() as created,
    exists (from members x where x.group_id = g.group_id) as has_members,
    exists (from messages x where x.group_id = g.group_id) as has_messages,
    exists (from posts x where x.group_id = g.group_id) as has_posts,
    exists (from events x where x.group_id = g.group_id) as has_events,
    exists (from orders x where x.group_id = g.group_id) as has_orders,
    exists (from surveys x where x.group_id = g.group_id) as has_surveys
from groups g;

create or replace macro ever(id, name) as
    exists (from events seen where seen.group_id = id and seen.event = name);
