"""Compares what `qunce build` published with the oracle: numerators and denominators exactly, values exactly
where both divide the same whole numbers, otherwise to 1e-12.

    compare.py --data DATA --out OUT --weeks 2025-W17 2025-W18 2025-W19 [--at-least N] [--verbose]

Prints a table of KPIs by weeks (groups equal / without data / different), then every difference. Exits 1 when
anything differs or when fewer than N KPIs were measured anywhere, which would make the comparison hollow.
"""

import argparse
import json
import math
import pathlib
import sys
from decimal import Decimal

import oracle

UNANSWERED_ABOVE = 5
SEGMENTS = ["active", "freebie_hunter", "lurker", "light", "silent"]


def main():
    args = arguments()
    weeks = oracle.measure(args.data, args.weeks)
    published = {}
    for path in sorted(pathlib.Path(args.out, "api", "groups").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        published[document["group"]["id"]] = document
    if not published:
        sys.exit(f"no group was published below {args.out}")

    tally, differences = {}, []
    for week, truth in weeks.items():
        for (group, kpi), want in sorted(truth.kpis.items()):
            got = reading(published, group, week, kpi)
            if got == "not of this type":
                continue
            verdict, why = judge(want, got)
            tally.setdefault(kpi, {}).setdefault(week, {"equal": 0, "no data": 0, "different": 0})[verdict] += 1
            if why:
                differences.append(f"{week} {group} {kpi}: {why}")
    last = max(weeks)
    differences += latest_only(weeks[last], published, last, tally)

    print_table(tally, list(weeks))
    measured = [k for k, row in tally.items() if any(cell["equal"] for cell in row.values())]
    print(f"\n{len(measured)} of {len(tally)} figures measured somewhere; {len(published)} groups; {len(differences)} differences")
    for line in differences:
        print(f"DIFFERENT {line}")
    if len(measured) < args.at_least:
        never = sorted(set(tally) - set(measured))
        print(f"HOLLOW only {len(measured)} figures were measured, {args.at_least} are asked for; never: {', '.join(never)}")
        return 1
    return 1 if differences else 0


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--data", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--weeks", nargs="+", required=True)
    p.add_argument("--at-least", type=int, default=0)
    return p.parse_args()


def reading(published, group, week, kpi):
    """What the site says: the KPI's object, None if the week or group is missing."""
    document = published.get(group)
    if document is None:
        return None
    if kpi not in document["kpis"]:
        return "not of this type"
    if document["period"]["id"] == week:
        return document["kpis"][kpi]
    for point in document["trend"]:
        if point["period"] == week:
            return point["kpis"].get(kpi)
    return None


def judge(want, got):
    if got is None:
        # A week before the group was created may be left out.
        return ("no data", None) if want.value is None else ("different", f"not published, expected {show(want)}")
    value = got.get("value")
    if want.value is None:
        if value is None:
            return ("no data", None) if got.get("reason") else ("different", "no data without a reason")
        return "different", f"published {shown(got)}, expected no data"
    if value is None:
        return "different", f"published no data ({got.get('reason')}), expected {show(want)}"
    if want.numerator is not None:
        if number(got.get("numerator")) != want.numerator or number(got.get("denominator")) != want.denominator:
            return "different", f"published {shown(got)}, expected {show(want)}"
        if value != want.value:
            return "different", f"published the value {value!r}, expected {want.value!r}"
    elif not math.isclose(value, want.value, rel_tol=1e-12, abs_tol=1e-12):
        return "different", f"published {value!r}, expected {want.value!r}"
    return "equal", None


def number(cell):
    return None if cell is None else Decimal(str(cell))


def show(want):
    return f"{want.numerator}/{want.denominator}" if want.numerator is not None else repr(want.value)


def shown(got):
    if got.get("numerator") is None:
        return repr(got.get("value"))
    return f"{got['numerator']}/{got['denominator']}"


def latest_only(truth, published, week, tally):
    """Segments, the closed funnel and the alert on unanswered questions are published for the last week."""
    differences = []

    def note(figure, group, want, got):
        cell = tally.setdefault(figure, {}).setdefault(week, {"equal": 0, "no data": 0, "different": 0})
        same = want == got
        cell[("no data" if want is None else "equal") if same else "different"] += 1
        if not same:
            differences.append(f"{week} {group} {figure}: published {got}, expected {want}")

    for group, document in sorted(published.items()):
        if document["period"]["id"] != week:
            differences.append(f"{group}: the report is of {document['period']['id']}, not of {week}")
            continue
        for segment in SEGMENTS:
            size = document["segments"].get(segment)
            # Not known is published as an object with a reason.
            if isinstance(size, dict) and size.get("reason"):
                size = size["value"]
            note(f"segment {segment}", group, truth.segments.get(group, {}).get(segment), size)
        steps = document["funnels"].get("purchase", {}).get("steps")
        note("funnel purchase", group, truth.funnel.get(group), steps and [step["passed"] for step in steps])
        asked = truth.unanswered.get(group)
        if asked is not None:
            note("alert unanswered", group, asked > UNANSWERED_ABOVE, "unanswered_questions" in document["alerts"])
    return differences


def print_table(tally, weeks):
    print(f"{'equal / no data / different':28}" + "".join(f"{week:>14}" for week in weeks))
    for figure, row in tally.items():
        cells = []
        for week in weeks:
            c = row.get(week)
            cells.append(f"{c['equal']:>6}/{c['no data']}/{c['different']}" if c else "-")
        print(f"{figure:28}" + "".join(f"{cell:>14}" for cell in cells))


if __name__ == "__main__":
    sys.exit(main())
