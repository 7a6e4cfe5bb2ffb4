"""`reflectory run` over recorded responses: nothing is asked, and the golds are those of the file."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.conftest import Reflectory, asked

CONFIGURATION = """
[questions]
source = "recorded"
path = "recorded.parquet"
"""


def test_float32_golds_are_the_decimals_that_were_written(
    tmp_path: Path, shared_data: Path, reflectory: Reflectory
) -> None:
    lines = (shared_data / "report_cases.jsonl").read_text("utf-8").splitlines()
    cases = [row for row in map(json.loads, lines) if row["fault"] == "parquet_float32_gold"]
    assert cases
    given = [case["input"] for case in cases]
    columns = {name: [row[name] for row in given] for name in ("question", "response")}
    golds = pa.array([row["gold_float32"] for row in given], pa.float32())
    pq.write_table(pa.table(columns | {"gold": golds}), tmp_path / "recorded.parquet")
    (tmp_path / "run.toml").write_text(CONFIGURATION)

    _, err = (run := reflectory("run", "run.toml", "--until", "verify", cwd=tmp_path)).communicate(timeout=240)
    assert run.returncode == 0, err
    query = "SELECT question, gold, verdict FROM traces_full ORDER BY question"
    rows = asked(tmp_path / "data/warehouse", query)
    assert [(row["question"], row["gold"], row["verdict"]) for row in rows] == [
        (case["input"]["question"], case["right_gold"], case["right"][0]) for case in cases
    ]

    assert len([*(tmp_path / "data/warehouse/finished").iterdir()]) == 1
    out, err = (again := reflectory("run", "run.toml", "--until", "verify", cwd=tmp_path)).communicate(timeout=240)
    assert again.returncode == 0, err
    assert "nothing is left to do" in out
    assert f"verified {sum(case['right'][0] != 'unverified' for case in cases)}" in out

    # a plan of which another has done all there is to do was never landed, and its books did not balance
    less = reflectory("run", "run.toml", "--until", "verify", "--set", "questions.limit=1", cwd=tmp_path)
    out, err = less.communicate(timeout=240)
    assert less.returncode == 0, err
    assert "books: planned 1 = verified 1" in out
