"""The oracle: runs the hand-written SQL of this folder over a drop, for some ISO weeks."""

import datetime
import pathlib
from dataclasses import dataclass
from fractions import Fraction

import duckdb

HERE = pathlib.Path(__file__).parent
KPI_TOPICS = ["membership", "talk", "content", "newcomers", "purchase", "habits", "voices"]


@dataclass(frozen=True)
class Expected:
    """What a KPI must be: a part of a whole, or a plain number; `value` is None where there is no data."""

    numerator: int | None
    denominator: int | None
    value: float | None


@dataclass
class Week:
    """Everything the oracle says about one ISO week."""

    kpis: dict  # (group, kpi) -> Expected
    segments: dict  # group -> {segment: members}
    funnel: dict  # group -> [members who passed each step], or None
    unanswered: dict  # group -> questions


def bounds(week):
    """First local midnight of an ISO week such as 2025-W19, and the one after it."""
    year, number = week.split("-W")
    first = datetime.date.fromisocalendar(int(year), int(number), 1)
    return first, first + datetime.timedelta(days=7)


def sql(name):
    return (HERE / f"{name}.sql").read_text(encoding="utf-8")


def measure(folder, weeks):
    """The expectation of each week: {week: Week}."""
    con = duckdb.connect()
    con.execute("set variable folder = $1", [str(folder)])
    answer = {}
    for week in weeks:
        start, stop = bounds(week)
        con.execute(f"set variable start = '{start} 00:00:00'")
        con.execute(f"set variable stop = '{stop} 00:00:00'")
        if not answer:
            con.execute(sql("rows"))
        kpis = {}
        for topic in KPI_TOPICS:
            for group, kpi, numerator, denominator, value in con.execute(sql(topic)).fetchall():
                kpis[group, kpi] = expected(numerator, denominator, value)
        segments = {}
        for group, segment, members in con.execute(sql("segments")).fetchall():
            segments.setdefault(group, {})[segment] = members
        funnel = {g: (passed if known else None) for g, passed, known in con.execute(sql("funnel")).fetchall()}
        unanswered = dict(con.execute(sql("alerts")).fetchall())
        answer[week] = Week(kpis, segments, funnel, unanswered)
    return answer


def expected(numerator, denominator, value):
    if value is not None:
        return Expected(None, None, float(value))
    if numerator is None or not denominator:
        return Expected(None, None, None)
    return Expected(int(numerator), int(denominator), float(Fraction(int(numerator), int(denominator))))
