"""Runs the job in every program by turns, checks that all answers agree, and prints what each took."""
import argparse
import csv
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = Path(os.environ["QUNCE_TARGET"]) / "peers"
QUNCE = Path(os.environ["QUNCE_TARGET"]) / "release" / "qunce"
FOLD = Path(os.environ["QUNCE_TARGET"]) / "release" / "examples" / "peers_fold"
END, LAST_DAY = "2025-05-12", "2025-05-11"
GROUPS = ["messages", "speakers", "questions", "openers", "clickers", "carters", "payers", "revenue"]
MEMBERS = ["last_activity('lifetime')", "messages('7d')", "messages('14d')", "messages('30d')"]
CORES = "2"


def options():
    ask = argparse.ArgumentParser(prog="benches/peers/run", description=__doc__)
    ask.add_argument("--groups", type=int, help="2000 unless told otherwise")
    ask.add_argument("--members", type=int, default=200)
    ask.add_argument("--weeks", type=int, default=26, choices=range(2, 33), metavar="2..32")
    ask.add_argument("--activity", type=float, default=1.5)
    ask.add_argument("--event-activity", type=float, default=0.35)
    ask.add_argument("--small", action="store_true", help="40 groups of 100 members, to try")
    ask.add_argument("-n", "--rounds", type=int, default=5, help="runs of each program (the median counts)")
    ask.add_argument("--only", nargs="+", metavar="NAME", help="only these: qunce, fold, duckdb, polars")
    ask.add_argument("--growth", action="store_true", help="qunce alone, with more rows of the same members")
    ask.add_argument("--times", type=float, default=10, help="so many times the activity for --growth (10)")
    ask.add_argument("--playbooks", action="store_true", help="qunce alone: all measures of the shipped playbooks")
    ask.add_argument("--sql", action="store_true", help="the shipped playbooks in qunce, and in DuckDB what `qunce sql` "
                     "prints of them (200 groups unless told otherwise: DuckDB takes some 2 GB for each 100)")
    ask.add_argument("--keep", action="store_true", help="keep the drop (target/peers) for the next run")
    given = ask.parse_args()
    if given.small:
        given.groups, given.members = 40, 100
    given.groups = given.groups or (200 if given.sql else 2000)
    return given


def drop(given, factor=1):
    """A workspace with a made-up drop; the same arguments find it again."""
    activity, events = given.activity * factor, given.event_activity * factor
    name = f"{given.groups}x{given.members}x{given.weeks}-{activity:g}-{events:g}"
    folder = TARGET / "drops" / name
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(HERE / "workspace", folder)
        sample = [QUNCE, "sample", folder / "data", "--end", LAST_DAY]
        for option in ("groups", "members", "weeks"):
            sample += [f"--{option}", str(getattr(given, option))]
        subprocess.run([*sample, "--activity", str(activity), "--event-activity", str(events)], check=True)
        shutil.move(folder / "data/groups.csv", folder / "groups.csv")
        with open(folder / "groups.csv", encoding="utf-8", newline="") as told:
            groups = list(csv.DictReader(told))
        with open(folder / "data/groups.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, groups[0])
            writer.writeheader()
            writer.writerows({**group, "playbook": "job"} for group in groups)
        (folder / "complete").touch()
    text = (HERE / "workspace/qunce.toml").read_text(encoding="utf-8")
    (folder / "qunce.toml").write_text(text.replace("trend = 26", f"trend = {given.weeks}"), encoding="utf-8")
    return folder


def shipped(folder):
    """The same drop in a workspace without playbooks of its own."""
    other = folder.with_name(folder.name + "-shipped")
    shutil.rmtree(other, ignore_errors=True)
    (other / "data").mkdir(parents=True)
    shutil.copy(folder / "qunce.toml", other)
    for file in (folder / "data").iterdir():
        os.link(folder / file.name if file.name == "groups.csv" else file, other / "data" / file.name)
    return other


def rows(folder):
    total = 0
    for file in sorted((folder / "data").glob("*.csv")):
        with open(file, "rb") as text:
            while block := text.read(1 << 24):
                total += block.count(b"\n")
        total -= 1
    return total


def qunce(folder, out, *asked):
    if not asked:
        asked = [word for name in GROUPS for word in ("-g", name)] + [word for name in MEMBERS for word in ("-m", name)]
    return [QUNCE, "facts", out, "--no-cache", "--workspace", folder, *asked]


def commands(folder, weeks):
    data = folder / "data"
    return {
        "qunce": lambda out: qunce(folder, out),
        "fold": lambda out: [FOLD, data, out, END, str(weeks)],
        "duckdb": lambda out: [sys.executable, HERE / "duckdb_job.py", data, out, END, str(weeks)],
        "polars": lambda out: [sys.executable, HERE / "polars_job.py", data, out, END, str(weeks)],
    }


def measure(command, log):
    """Wall seconds, processor seconds and peak memory in MB of a child."""
    environment = dict(os.environ, RAYON_NUM_THREADS=CORES, POLARS_MAX_THREADS=CORES)
    began = time.perf_counter()
    with open(log, "wb") as said:
        child = subprocess.Popen([str(word) for word in command], env=environment, stdout=said, stderr=said)
        _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{command[0]} ended with {child.returncode}:\n{Path(log).read_text(errors='replace')}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def answer(out):
    """Both tables by key, without rows in which nothing happened."""
    tables = {}
    for name, keys in (("groups", 2), ("members", 2)):
        with open(out / f"{name}.csv", encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            next(lines)
            number = lambda text: None if not text or Decimal(text) == 0 else Decimal(text)
            cell = lambda text: text if ":" in text else number(text)
            table = {tuple(line[:keys]): [cell(text) for text in line[keys:]] for line in lines}
        tables[name] = {key: values for key, values in table.items() if any(v is not None for v in values)}
    return tables


def differ(name, found, expected):
    """The first differences, for people."""
    told = []
    for table in expected:
        keys = found[table].keys() | expected[table].keys()
        wrong = sorted(k for k in keys if found[table].get(k) != expected[table].get(k))
        told += [f"{name}, {table} {k}: {found[table].get(k)} is not {expected[table].get(k)}" for k in wrong[:5]]
        if len(wrong) > 5:
            told.append(f"{name}, {table}: {len(wrong)} rows differ")
    return told


def columns(sql):
    """The columns that a printed query ends in, as `qunce facts` is asked for them; not those that stand behind others:
    daily totals and the persons of a breakdown."""
    end = sql.rsplit("\n)\nselect ", 1)[1].rsplit("\nfrom ", 1)[0]
    names = re.findall(r' as "([^"]+)"', end)
    behind = (" (daily)", " (members)")
    return [name for name in names if name not in ("group_id", "period") and not name.endswith(behind)]


def alike(out):
    """How many figures of the two programs were compared: all numbers, where a group's playbook has the measure. Ends
    the run if any differ."""
    tables = []
    for name in ("qunce", "duckdb"):
        with open(out / name / "groups.csv", encoding="utf-8", newline="") as file:
            tables.append({(row["group_id"], row["period"]): row for row in csv.DictReader(file)})
    mine, theirs = tables
    names = (next(iter(mine.values())).keys() & next(iter(theirs.values())).keys()) - {"group_id", "period"}
    compared, wrong = 0, []
    for key, row in mine.items():
        for name in sorted(name for name in names if row[name] and ":" not in row[name]):
            one, other = row[name], theirs.get(key, {}).get(name)
            compared += 1
            if not other or abs(float(one) - float(other)) > 1e-9 * max(1, abs(float(one))):
                wrong.append(f"{key} {name}: {one} is not {other}")
    if wrong or not compared:
        sys.exit("\n".join([f"{len(wrong)} of {compared} figures differ", *wrong[:9]]))
    return compared


def compete(jobs, rounds, outs):
    """All jobs by turns, so that a busy moment of the machine meets all of them."""
    taken = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, command in jobs.items():
            shutil.rmtree(outs / name, ignore_errors=True)
            taken[name].append(measure(command(outs / name), outs / f"{name}.log"))
    return {name: [statistics.median(column) for column in zip(*runs)] for name, runs in taken.items()}


def table(taken, base, count):
    print(f"\n{'':12}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'M rows/s':>10}{'wall':>8}{'CPU':>8}{'memory':>8}")
    for name, (wall, cpu, memory) in taken.items():
        ratios = "".join(f"{mine / theirs:8.2f}" for mine, theirs in zip((wall, cpu, memory), taken[base]))
        print(f"{name:12}{wall:9.2f}{cpu:9.2f}{memory:9.0f}{count / wall / 1e6:10.2f}{ratios}")
    print(f"{'':49}(times {base})")


def main():
    given = options()
    outs = TARGET / "out"
    outs.mkdir(parents=True, exist_ok=True)
    folders = [drop(given)]
    if given.growth:
        folders.append(drop(given, given.times))
        counts = [rows(folder) for folder in folders]
        jobs = {f"{n:,}": (lambda f: lambda out: qunce(f, out))(folder) for n, folder in zip(counts, folders)}
        taken = compete(jobs, given.rounds, outs)
        first, second = taken.values()
        table(taken, next(iter(taken)), counts[0])
        print(f"rows times {counts[1] / counts[0]:.2f}: wall times {second[0] / first[0]:.2f}, "
              f"CPU times {second[1] / first[1]:.2f}, memory times {second[2] / first[2]:.3f}")
    elif given.sql:
        folder = shipped(folders[0])
        text = outs / "plan.sql"
        with open(text, "wb") as file:
            subprocess.run([QUNCE, "sql", "--workspace", folder], check=True, stdout=file, stderr=subprocess.DEVNULL)
        asked = columns(text.read_text(encoding="utf-8"))
        jobs = {
            "qunce": lambda out: qunce(folder, out, *(word for name in asked for word in ("-g", name))),
            "duckdb": lambda out: [sys.executable, HERE / "duckdb_plan.py", text, out],
        }
        taken = compete(jobs, given.rounds, outs)
        count = rows(folder)
        print(f"{count:,} rows, {given.groups:,} groups, {given.weeks} weeks, {len(asked)} columns; median of {given.rounds} by "
              f"turns; all {alike(outs):,} figures agree")
        table(taken, "qunce", count)
    elif given.playbooks:
        folders.append(shipped(folders[0]))
        jobs = {"the job": lambda out: qunce(folders[0], out), "playbooks": lambda out: [QUNCE, "facts", out, "--no-cache", "-w", folders[1]]}
        taken = compete(jobs, given.rounds, outs)
        with open(outs / "playbooks/groups.csv", encoding="utf-8") as file:
            measures = len(next(csv.reader(file))) - 2
        print(f"{rows(folders[0]):,} rows; the shipped playbooks declare {measures} measures, the job asks for "
              f"{len(GROUPS) + len(MEMBERS)}; median of {given.rounds}")
        table(taken, "the job", rows(folders[0]))
    else:
        jobs = commands(folders[0], given.weeks)
        jobs = {name: job for name, job in jobs.items() if not given.only or name in given.only}
        taken = compete(jobs, given.rounds, outs)
        answers = {name: answer(outs / name) for name in jobs}
        base = "fold" if "fold" in jobs else next(iter(jobs))
        told = [line for name in jobs for line in differ(name, answers[name], answers[base])]
        if told:
            sys.exit("the answers differ:\n" + "\n".join(told))
        size = sum(f.stat().st_size for f in (folders[0] / "data").iterdir())
        count = rows(folders[0])
        print(f"{count:,} rows, {size / 1e6:,.0f} MB, {given.groups:,} groups, {given.weeks} weeks; {CORES} threads (the fold: one); "
              f"median of {given.rounds} by turns; all answers agree: {len(answers[base]['groups']):,} group-weeks, "
              f"{len(answers[base]['members']):,} members")
        table(taken, base, count)
    if not given.keep:
        shutil.rmtree(TARGET / "drops", ignore_errors=True)


main()
