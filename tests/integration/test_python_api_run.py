"""Runs, curations and releases from Python, as in a notebook: inside an event loop that is already running."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sums import write_sums

CELLS = """
import asyncio, json
import reflectory
from schemas.errors import BudgetReached

RUN = {"questions": {"source": "jsonl", "path": "questions.jsonl"}, "run": {"shard_size": 4}}

async def notebook():
    with reflectory.connect("house") as connection:
        generated = connection.run(RUN, until="generate")
        run = connection.run(RUN)
        again = connection.run(RUN)
        rescored = connection.rescore(RUN | {"student": {"max_length": 200}})
        curation = connection.curate()
        release = connection.release("first", formats=["chat"])
        [(scored,)] = connection.sql("select count(distinct student) from scores").fetchall()
        print(json.dumps({
            "generated": [generated.ledger.sent, generated.books.verified],
            "run": [run.ledger.sent, run.books.planned, run.books.verified + run.books.unverified],
            "again": again.ledger.sent,
            "rescored": rescored.flow,
            "kept": [curation.planned, curation.kept, len(release.trace_ids)],
            "tables": connection.table("traces").num_rows,
            "scored": scored,
        }))
        try:
            connection.run(RUN | {"budget": {"tokens": 1}}, fresh="more")
        except BudgetReached as reached:
            print("budget", reached)

asyncio.run(notebook())
"""


@pytest.mark.slow
def test_a_notebook_runs_curates_and_releases(tmp_path: Path, services: dict[str, str]) -> None:
    write_sums(tmp_path / "questions.jsonl", 6)
    done = subprocess.run(
        [sys.executable, "-c", CELLS], cwd=tmp_path, env=services, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr
    told, budget = done.stdout.splitlines()[-2:]
    said = json.loads(told)
    assert said["generated"] == [6, 0]
    assert said["run"][1:] == [6, 6]
    assert said["again"] == said["run"][0]
    assert said["rescored"] == "rescore"
    assert said["kept"][0] == 6
    assert said["kept"][1] == said["kept"][2] > 0
    assert said["tables"] == 6
    assert budget.startswith("budget ")
