"""Runs queries of `qunce sql --dialect postgres` in a PostgreSQL server of its own.

The server's programs are in the folder given first. The tables are filled from the views that `qunce sql` makes for DuckDB. The server lives in a temporary folder,
listens on a socket there and on no port, and is gone at the end.
"""
import getpass
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

bin_folder, duck, tables, zone, *files = sys.argv[1:]
bin_folder = Path(bin_folder)
user = "postgres" if os.geteuid() == 0 else getpass.getuser()
as_user = {"user": user, "group": user} if os.geteuid() == 0 else {}

columns = {}
for line in Path(tables).read_text(encoding="utf-8").splitlines():
    table, column, kind = line.split("\t")
    columns.setdefault(table, []).append((column, kind))
folder = Path(tempfile.mkdtemp(prefix="qunce-pg-"))
os.chmod(folder, 0o777)


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, **more)
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stdout.decode(errors='replace')[-4000:]}")


def psql(text):
    file = folder / "statements.sql"
    file.write_text(text, encoding="utf-8")
    run(bin_folder / "psql", "-h", folder, "-U", user, "-d", "postgres", "-qv", "ON_ERROR_STOP=1", "-f", file, **as_user)


try:
    db = duckdb.connect()
    for statement in duckdb.extract_statements(Path(duck).read_text(encoding="utf-8"))[:-1]:
        db.execute(statement)
    load = ["set timezone = 'UTC';"]
    for table, own in columns.items():
        asked = ", ".join(
            f"cast(\"{c}\" at time zone '{zone}' as date) as \"{c}\"" if kind == "date" else f'"{c}"' for c, kind in own
        )
        db.execute("set timezone = 'UTC'")
        db.execute(f"copy (select {asked} from \"{table}\") to '{folder}/{table}.csv' (header)")
        declared = ", ".join(f'"{c}" {kind}' for c, kind in own)
        load.append(f'create table "{table}" ({declared});')
        load.append(f"\\copy \"{table}\" from '{folder}/{table}.csv' (format csv, header)")
    load.append("analyze;")
    for file in folder.glob("*.csv"):
        file.chmod(0o644)
    data = folder / "data"
    run(bin_folder / "initdb", "-D", data, "-U", user, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", **as_user)
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c jit=off -c work_mem=128MB"
    run(bin_folder / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start", **as_user)
    try:
        psql("\n".join(load))
        for number, query in enumerate(files[0::2]):
            lines = Path(query).read_text(encoding="utf-8").strip().rstrip(";").splitlines()
            text = " ".join(line for line in lines if not line.lstrip().startswith("--"))
            psql(f"set timezone = 'UTC';\n\\copy ({text}) to '{folder}/{number}.out' (format csv, header)")
    finally:
        run(bin_folder / "pg_ctl", "-D", data, "-m", "immediate", "stop", **as_user)
    for number, out in enumerate(files[1::2]):
        shutil.copy(folder / f"{number}.out", out)
finally:
    shutil.rmtree(folder, ignore_errors=True)
