"""What `qunce sql` prints, run by DuckDB as it is."""
import os
import sys

import duckdb

text, out = sys.argv[1:]
os.makedirs(out, exist_ok=True)
with open(text, encoding="utf-8") as file:
    *views, query = duckdb.extract_statements(file.read())
db = duckdb.connect()
db.execute("set threads = 2")
db.execute("set preserve_insertion_order = false")
db.execute("set timezone = 'UTC'")
for view in views:
    db.execute(view)
db.execute(f"copy ({query.query.strip().rstrip(';')}) to '{out}/groups.csv' (header)")
