#!/usr/bin/env bash
# DuckDB 2.0.0 does not unnest a struct that a scalar subquery gives: "Serialization Error: Cannot copy
# BoundSubqueryExpression". The same struct as the column of a subquery in FROM is unnested.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.0
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb

queries = (
    "SELECT unnest((SELECT {'a': 1, 'b': 2}))",
    "SELECT unnest(s) FROM (SELECT (SELECT {'a': 1, 'b': 2}) AS s)",
)
found = []
for query in queries:
    try:
        found.append(duckdb.sql(query).fetchall())
    except duckdb.Error as error:
        found.append(f"{type(error).__name__}: {error}")
    print(f"duckdb {duckdb.__version__}: {query}: {found[-1]}")
raise SystemExit(found != ["SerializationException: Serialization Error: Cannot copy BoundSubqueryExpression", [(1, 2)]])
PYTHON
