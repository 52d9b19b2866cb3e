"""The job in Polars, streaming: one scan of each file into member-weeks, from which both answers follow."""
import os
import sys
from datetime import datetime, timedelta

os.environ["POLARS_MAX_THREADS"] = "2"
import polars as pl

data, out, end, weeks = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3]), int(sys.argv[4])
os.makedirs(out, exist_ok=True)
start = end - timedelta(days=7 * weeks)
member = ["group_id", "member_id"]


def weekly(table, time, *sums):
    rows = pl.scan_csv(f"{data}/{table}.csv", infer_schema=False)
    rows = rows.with_columns(pl.col(time).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us"))
    rows = rows.filter((pl.col(time) >= start) & (pl.col(time) < end))
    week = ((pl.col(time) - start).dt.total_days() // 7).alias("week")
    return rows.group_by(*member, week).agg(pl.col(time).max().alias("last"), *sums).collect(engine="streaming")


def is_event(name):
    return (pl.col("event") == name).any()


messages = weekly(
    "messages",
    "sent_at",
    pl.len().alias("messages"),
    (pl.col("kind") == "question").sum().alias("questions"),
    *[(pl.col("sent_at") >= end - timedelta(days=n)).sum().alias(f"messages_{n}") for n in (7, 14, 30)],
)
events = weekly(
    "events",
    "at",
    is_event("open").alias("openers"),
    is_event("click").alias("clickers"),
    is_event("add_to_cart").alias("carters"),
)
orders = weekly("orders", "paid_at", pl.col("amount").cast(pl.Decimal(18, 2)).sum().alias("revenue"))

keys = ["group_id", "week"]
groups = (
    messages.group_by(keys)
    .agg(pl.col("messages").sum(), pl.len().alias("speakers"), pl.col("questions").sum())
    .join(events.group_by(keys).agg(pl.col("openers", "clickers", "carters").sum()), on=keys, how="full", coalesce=True)
    .join(
        orders.group_by(keys).agg(pl.len().alias("payers"), pl.col("revenue").sum()), on=keys, how="full", coalesce=True
    )
)
first = pl.lit(start) + pl.duration(days=7 * pl.col("week"))
columns = ["messages", "speakers", "questions", "openers", "clickers", "carters", "payers", "revenue"]
groups.select("group_id", first.dt.strftime("%G-W%V").alias("period"), *columns).write_csv(f"{out}/groups.csv")

last = pl.concat([t.select(*member, "last") for t in (messages, events, orders)]).group_by(member).agg(pl.col("last").max())
recent = messages.group_by(member).agg(pl.col("messages_7", "messages_14", "messages_30").sum())
people = pl.scan_csv(f"{data}/members.csv", infer_schema=False).select(member).collect()
people.join(last, on=member, how="left").join(recent, on=member, how="left").select(
    *member, pl.col("last").dt.strftime("%Y-%m-%d %H:%M:%S").alias("last_activity"), "messages_7", "messages_14", "messages_30"
).write_csv(f"{out}/members.csv")
