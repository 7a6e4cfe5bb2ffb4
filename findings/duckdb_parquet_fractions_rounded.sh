#!/usr/bin/env bash
# duckdb 2.0.0: of several Parquet files it takes the types of the first one for all, and casts the others' values to them: where a shard
# happens to have whole scores only, as pandas and pyarrow write them when all of its rows are right or wrong, the scores of the
# shards behind it are rounded, 0.4 to 0 and 0.9 to 1, and the golds "007" are 7. The mean over all is another number, and
# nothing is said; pyarrow refuses the same files. Named in another order, or with `union_by_name`, the fractions are there. A
# glob sorts by name, so that it hangs on shard 0. Needed: the wider type, or an error. Seen by `avg` and the values.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb

duckdb.sql("copy (select 1 as score, 12 as gold union all select 0, 30) to 'shard-0.parquet'")
duckdb.sql("copy (select 0.4::double as score, '007' as gold union all select 0.9, '008') to 'shard-1.parquet'")
CASES = (
    ("read_parquet('shard-1.parquet')", "score", [0.4, 0.9]),
    ("read_parquet('shard-*.parquet')", "score", [0, 0, 1, 1]),
    ("'shard-*.parquet'", "score", [0, 0, 1, 1]),
    ("read_parquet(['shard-1.parquet', 'shard-0.parquet'])", "score", [0.0, 0.4, 0.9, 1.0]),
    ("read_parquet('shard-*.parquet', union_by_name = true)", "score", [0.0, 0.4, 0.9, 1.0]),
    ("read_parquet('shard-*.parquet')", "avg(score)", [0.5]),
    ("read_parquet('shard-*.parquet', union_by_name = true)", "avg(score)", [0.575]),
    ("read_parquet('shard-*.parquet')", "gold", [7, 8, 12, 30]),
    ("read_parquet('shard-*.parquet', union_by_name = true)", "gold", ["007", "008", "12", "30"]),
)
same = True
for source, column, before in CASES:
    now = [value for [value] in duckdb.sql(f"select {column} from {source} order by all").fetchall()]
    same &= str(now) == str(before)
    print(f"{column} from {source}: {now}{'' if str(now) == str(before) else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON
