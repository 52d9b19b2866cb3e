"""Runs the statements of `qunce sql` in DuckDB and writes what the query gives as CSV."""
import sys

import duckdb

text, out = sys.argv[1:]
with open(text, encoding="utf-8") as file:
    sql = file.read()
statements = duckdb.extract_statements(sql)
query = statements.pop().query.strip().rstrip(";")
db = duckdb.connect()
db.execute("set timezone = 'UTC'")
for statement in statements:
    db.execute(statement)
db.execute(f"copy ({query}) to '{out}' (header)")
