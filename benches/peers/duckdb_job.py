"""The job in DuckDB: one scan of each file into member-weeks, from which both answers follow."""
import csv
import os
import sys

import duckdb

data, out, end, weeks = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
os.makedirs(out, exist_ok=True)
db = duckdb.connect()
db.execute("set threads = 2")
db.execute("set preserve_insertion_order = false")


def scan(table, time):
    """A file's columns with their types told, so that nothing has to be guessed."""
    with open(f"{data}/{table}.csv", encoding="utf-8") as file:
        header = next(csv.reader(file))
    types = {"amount": "DECIMAL(18,2)", time: "TIMESTAMP"}
    columns = ", ".join(f"'{name}': '{types.get(name, 'VARCHAR')}'" for name in header)
    return f"read_csv('{data}/{table}.csv', header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}})"


def weekly(table, column, sums):
    time = f'"{column}"'  # `at` is a word of the language
    db.execute(f"""
        create temp table {table} as
        select group_id, member_id, cast(date_diff('day', date '{end}', {time}::date) + 7 * {weeks} as integer) // 7 as week,
            max({time}) as last, {sums}
        from {scan(table, column)}
        where {time} >= timestamp '{end}' - interval {7 * weeks} day and {time} < timestamp '{end}'
        group by all""")


recent = ", ".join(
    f"count(*) filter (where sent_at >= timestamp '{end}' - interval {n} day) as m{n}" for n in (7, 14, 30)
)
weekly("messages", "sent_at", f"count(*) as messages, count(*) filter (where kind = 'question') as questions, {recent}")
weekly(
    "events",
    "at",
    "bool_or(event = 'open') as opened, bool_or(event = 'click') as clicked, bool_or(event = 'add_to_cart') as carted",
)
weekly("orders", "paid_at", "sum(amount) as revenue")

db.execute(f"""
    copy (
        with m as (
            select group_id, week, sum(messages) as messages, count(*) as speakers, sum(questions) as questions
            from messages group by all
        ), e as (
            select group_id, week, count(*) filter (where opened) as openers, count(*) filter (where clicked) as clickers,
                count(*) filter (where carted) as carters
            from events group by all
        ), o as (
            select group_id, week, count(*) as payers, sum(revenue) as revenue from orders group by all
        )
        select group_id, strftime(date '{end}' + cast(7 * (week - {weeks}) as integer), '%G-W%V') as period,
            messages, speakers, questions, openers, clickers, carters, payers, revenue
        from m full join e using (group_id, week) full join o using (group_id, week)
    ) to '{out}/groups.csv' (header)""")
db.execute(f"""
    copy (
        with m as (
            select group_id, member_id, max(last) as last, sum(m7) as m7, sum(m14) as m14, sum(m30) as m30
            from messages group by all
        ), l as (
            select group_id, member_id, max(last) as last
            from (select group_id, member_id, last from messages union all select group_id, member_id, last from events
                union all select group_id, member_id, last from orders) group by all
        )
        select group_id, member_id, strftime(l.last, '%Y-%m-%d %H:%M:%S') as last_activity, m7 as messages_7,
            m14 as messages_14, m30 as messages_30
        from (select group_id, member_id from read_csv('{data}/members.csv', header = true, all_varchar = true)) p
        left join l using (group_id, member_id) left join m using (group_id, member_id)
    ) to '{out}/members.csv' (header)""")
