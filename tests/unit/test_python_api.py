"""The Python API on plain values, and its questions to a warehouse."""

import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import reflectory
from flows.cli.main import app
from tests.released_world import build, question
from warehouse.landing import Warehouse

ROOT = Path(__file__).parents[2]
HEAVY = ("prefect", "ray", "torch", "openai", "deltalake", "transformers")
TRACE = "<thinking>Answer: 5\n<reflection>No, 6.</reflection></thinking><output>Answer: 6</output>"


@pytest.fixture
def filled(warehouse: Warehouse) -> Warehouse:
    build(warehouse, [question(n) for n in range(2)])
    return warehouse


def in_process(code: str | Path) -> str:
    """What a text or a script prints, in a process of its own that starts in a folder without our code."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *([code] if isinstance(code, Path) else ["-c", code])],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout


def test_verify_loads_no_framework_and_works_inside_an_event_loop() -> None:
    code = f"""
import asyncio, sys, reflectory
async def cell():
    return reflectory.verify([{{"id": 7, "gold": "4", "response": "Answer: 4"}}])
[row] = asyncio.run(cell())
print(row["verdict"], [name for name in {HEAVY} if name in sys.modules])
import prefect
print([name for name in {HEAVY} if name in sys.modules])
"""
    told, control = in_process(code).splitlines()
    assert told == "correct []"
    assert "prefect" in control


def test_verify_says_what_the_command_says(tmp_path: Path) -> None:
    lines = (ROOT / "deploy" / "example_answers.jsonl").read_text("utf-8").splitlines()
    out = tmp_path / "out.jsonl"
    app(["verify", str(ROOT / "deploy" / "example_answers.jsonl"), "--out", str(out)], standalone_mode=False)
    judged = reflectory.verify(map(json.loads, lines))
    assert judged == [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert {row["verdict"] for row in judged} == {"correct", "incorrect", "unverified"}


def test_a_row_that_cannot_be_judged_is_unverified_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="rows, line 2, response: got null; needs text"):
        judged = reflectory.verify([{"gold": "4", "response": "4"}, {"id": 2, "gold": "4"}])
    assert [row["reason"] for row in judged] == ["equal", "bad_row"]
    assert reflectory.verify([]) == []


BY_VALUE = [
    (np.int64(4), "4"),
    (np.float64(0.5), "0.5"),
    (np.float32(0.1), "0.1"),
    (np.array([4]), "4"),
    (np.array(4, dtype=np.uint8), "4"),
    (Decimal("4.0"), "4"),
    (Decimal("1E+3"), "1000"),
    (Decimal("0.30"), "0.3"),
    (("4",), "4"),
    (date(2026, 11, 30), "2026-11-30"),
    (pd.Timestamp("2026-11-30"), "2026-11-30"),
    (pd.Series([4]), "4"),
    (4.0, "4"),
]
NOT_HELD = [float("nan"), np.float32("inf"), Decimal("NaN"), {1}, 1j, np.complex128(1), b"4", pd.NA, pd.NaT, 10**5000]


def test_what_is_no_json_is_read_by_value() -> None:
    """As data frames hold it. One such value refused all rows of a call."""
    rows = [{"id": np.int64(n), "gold": gold, "response": f"Answer: {said}"} for n, (gold, said) in enumerate(BY_VALUE)]
    judged = reflectory.verify(rows, 1)
    assert [row["id"] for row in judged] == list(range(len(rows)))
    assert {str(gold): row["verdict"] for (gold, _), row in zip(BY_VALUE, judged, strict=True)} == {
        str(gold): "correct" for gold, _ in BY_VALUE
    }


@pytest.mark.parametrize("column", ["gold", "response", "spec", "at"])
def test_a_value_that_json_cannot_hold_costs_its_row(column: str) -> None:
    """Of a column that is read; another one costs nothing. Within a spec, a value would be judged as something else."""
    values = [{"choices": ["4", value]} for value in NOT_HELD] if column == "spec" else NOT_HELD
    rows = [{"gold": "4", "response": "4"} | {column: value} for value in values]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        judged = reflectory.verify([*rows, {"gold": "4", "response": "4"}], 1)
    reason = {"at": "equal", "spec": "bad_spec"}.get(column, "bad_row")
    assert [row["reason"] for row in judged] == [reason] * len(rows) + ["equal"]
    said = [str(warning.message) for warning in told if warning.category is UserWarning]
    assert all(re.match(rf"rows, line \d, {column}: got .*, which JSON cannot hold", line) for line in said[:5]), said
    assert bool(said) == (column != "at")


def test_a_pool_judges_what_is_no_json_likewise() -> None:
    pool = reflectory.VerifierPool(1)
    try:
        assert pool.verify({"gold": float("nan"), "response": "4"})["reason"] == "bad_row"
        assert pool.verify({"gold": np.int64(4), "response": "4"})["reason"] == "equal"
    finally:
        pool.close()


def test_decontaminate_finds_a_copy() -> None:
    text = "A farmer has seventeen sheep and all but nine of them run away; how many sheep are left on the farm?"
    found = reflectory.decontaminate(
        [{"id": "a", "text": text}, {"text": "Hi"}], [{"id": "b", "text": text}], ["ngram"]
    )
    assert [(row["id"], row["contaminated"], row["match_id"]) for row in found] == [
        ("a", True, "b"),
        ("line 2", False, None),
    ]


def test_what_cannot_be_looked_up_is_said_as_by_the_command() -> None:
    items = [{"text": "How much is one and one?"}]
    with pytest.warns(UserWarning, match="rows, line 2, the row: got 'answer'; needs"):
        found = reflectory.decontaminate([{"text": "Hi"}, {"answer": "2"}], items, ["ngram"])
    assert [row["contaminated"] for row in found] == [False, None]
    with pytest.raises(reflectory.Refused, match="none of the rows can be used"):
        reflectory.decontaminate([{"answer": "2"}], items, ["ngram"])


def test_a_release_is_the_one_of_the_command(warehouse: Warehouse, tmp_path: Path) -> None:
    """Its formats were others, so that a name of one was refused to the other; splits were not to be had."""
    build(warehouse, [question(n) for n in range(12)])
    app(["release", "whole", "--warehouse", warehouse.address, "--out", str(tmp_path)], standalone_mode=False)
    with reflectory.connect(warehouse.address) as connected:
        assert connected.release("whole", out=tmp_path).content_hash
        split = connected.release("split", splits={"train": 0.5, "test": 0.5}, best_of=2, out=tmp_path)
        assert {"chat-train.jsonl", "chat-test.jsonl"} <= {file.path for file in split.files}
        with pytest.raises(reflectory.Refused, match="needs shares above 0 that are 1 together"):
            connected.release("other", splits={"train": 0.5}, out=tmp_path)


def test_parse_reads_the_parts_of_a_response() -> None:
    parsed = reflectory.parse(TRACE)
    assert parsed["structure"] == "ok"
    assert parsed["reflections"] == ["No, 6."]
    assert (parsed["draft_answers"], parsed["answer"]) == (["5"], "6")
    assert reflectory.parse(TRACE, "length")["structure"] == "truncated"


def test_ifd_is_the_ratio_of_perplexities_or_of_losses() -> None:
    assert reflectory.ifd([-1.0, -2.0], [-2.0, -2.0]) == pytest.approx(2.718281828**-0.5)
    assert reflectory.ifd([-1.0, -2.0], [-2.0, -2.0], "loss_ratio") == 0.75
    assert reflectory.ifd([float("-inf")], [-1.0]) is None


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: reflectory.verify("text"), "rows: got a str; needs a list of mappings"),
        (lambda: reflectory.verify(None), "rows: got a NoneType; needs a list of mappings"),
        (lambda: reflectory.verify(pa.table({"gold": ["4"]})), "rows: got a Table; needs a list of mappings"),
        (lambda: reflectory.verify([1]), "rows, number 1: got a int; needs a mapping"),
        (lambda: reflectory.verify([{"gold": "4"}]), "none of the rows can be used\nrows, line 1, response"),
        (lambda: reflectory.decontaminate([], [{}]), "against.jsonl, line 1, the row: got nothing; needs"),
        (lambda: reflectory.decontaminate([], [], ["judge"]), "its calls need a journal"),
        (lambda: reflectory.decontaminate([], [], []), "detectors: got ''; needs some of"),
        (lambda: reflectory.verify(pd.DataFrame({"gold": ["4"]})), "; a data frame gives them by to_dict('records')"),
        (lambda: reflectory.parse(None), "parse: got a NoneType; needs text"),
        (lambda: reflectory.ifd("What?", "It."), "ifd: got text; needs log-probabilities"),
        (lambda: reflectory.ifd([], []), "got 0 and 0 values"),
        (lambda: reflectory.ifd([-1.0], [-1.0], "ratio"), "needs one of ppl_ratio, loss_ratio"),
        (lambda: reflectory.score([], max_length=1), "max_length: got 1; needs at least 2"),
        (lambda: reflectory.connect("/nowhere").sql("select 1"), "connect: no warehouse at /nowhere"),
        (lambda: reflectory.connect("/nowhere").run({}), "questions.source: got none"),
        (lambda: reflectory.connect("/nowhere").run({"questions": {"source": "csv"}}), 'questions.source: got "csv"'),
        (lambda: reflectory.connect("/nowhere").run(3), "got a int; needs the path of a TOML file, a mapping or a Run"),
        (lambda: reflectory.connect("/nowhere").curate({"quota": 1}), "quota: unknown key; did you mean quotas?"),
    ],
)
def test_what_is_refused_says_what_came_and_what_is_needed(call: Callable[[], Any], says: str) -> None:
    with pytest.raises(reflectory.Refused) as refused:
        call()
    assert says in str(refused.value)


def test_every_table_and_view_can_be_asked(filled: Warehouse) -> None:
    with reflectory.connect(filled.folder) as connection:
        by_verdict = "select verdict, count(*) as n from traces_full group by all order by all"
        assert connection.sql(by_verdict).fetchall() == [("correct", 4), ("incorrect", 2)]
        assert connection.sql("select $n", {"n": 3}).fetchall() == [(3,)]
        assert {"questions", "traces_full", "books"} <= set(connection.names)
        assert connection.table("questions").num_rows == 2
        assert list(connection.df("traces_full")["sample_index"].sort_values().unique()) == [0, 1, 2]


def test_threads_share_a_connection(filled: Warehouse) -> None:
    """The bug: DuckDB refused a question while another thread's kept the connection busy. A cursor has no SET of it."""
    asked = "select count(*), $n, current_setting('TimeZone') from traces_full"
    with reflectory.connect(filled.folder) as connection, ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda n: connection.sql(asked, {"n": n}).fetchall(), range(64))
        assert list(answers) == [[(6, n, "UTC")] for n in range(64)]
        assert set(threads.map(lambda _: len(connection.df("questions")), range(16))) == {2}
        filled.land("questions", [question(100)], "later", "later")
        assert set(threads.map(lambda _: connection.table("questions").num_rows, range(16))) == {2}
        connection.refresh()
        assert set(threads.map(lambda _: connection.table("questions").num_rows, range(16))) == {3}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_connection_that_was_asked_goes_to_other_processes(filled: Warehouse, method: str) -> None:
    """The bugs: a fork waited for threads of DuckDB that it does not have, and for any other it was no pickle."""
    code = f"""
import multiprocessing, reflectory
connection = reflectory.connect({str(filled.folder)!r})
def count(asked):
    return (asked or connection).table("questions").num_rows
if __name__ == "__main__":
    assert count(connection) == 2
    with multiprocessing.get_context({method!r}).Pool(2) as processes:
        found = [processes.apply_async(count, [asked]) for asked in (connection, None)]
        print([each.get(timeout=60) for each in found], count(connection))
"""
    script = filled.folder.parent / "asks.py"
    script.write_text(code, "utf-8")
    assert in_process(script) == "[2, 2] 2\n"


def test_a_refreshed_connection_sees_what_has_landed_since(filled: Warehouse) -> None:
    with reflectory.connect(filled.folder) as connection:
        before = connection.table("questions").num_rows
        filled.land("questions", [question(100)], "later", "later")
        assert connection.table("questions").num_rows == before
        connection.refresh()
        assert connection.table("questions").num_rows == before + 1


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("delete from questions", "got DELETE; needs one SELECT"),
        ("copy questions to 'x.csv'", "got COPY"),
        ("select 1; select 2", "got SELECT, SELECT"),
        ("", "got nothing"),
        ("select nothing from questions", "Binder Error"),
    ],
)
def test_a_warehouse_is_only_read(filled: Warehouse, query: str, says: str) -> None:
    with reflectory.connect(filled.folder) as connection, pytest.raises(reflectory.Refused, match=says):
        connection.sql(query)


def test_an_unknown_table_is_refused_with_the_one_that_may_be_meant(filled: Warehouse) -> None:
    refused = pytest.raises(reflectory.Refused, match=r"got 'question'; needs questions\?")
    with reflectory.connect(filled.folder) as connection, refused:
        connection.table("question")


def test_curating_and_releasing_needs_no_prefect_for_a_release(filled: Warehouse, tmp_path: Path) -> None:
    with reflectory.connect(filled.folder) as connection:
        made = connection.release("first", {"name": "all", "rules": ["verdict"]}, ["chat"], out=tmp_path)
        again = connection.release("first", {"name": "all", "rules": ["verdict"]}, ["chat"], out=tmp_path)
        assert (made.release_id, made.files) == (again.release_id, again.files)
        assert (tmp_path / "first" / "chat.jsonl").read_text("utf-8").count("\n") == len(made.trace_ids) == 4
        assert connection.table("releases").num_rows == 1
        with pytest.raises(reflectory.Refused, match="first exists with other content"):
            connection.release("first", {"name": "other"}, ["chat", "dpo"], out=tmp_path)


def test_what_comes_back_is_shown_in_a_line(filled: Warehouse) -> None:
    """The bug: a run was 2 KB in a notebook, the whole configuration among it."""
    from schemas.curation import Curation
    from schemas.release import Release
    from schemas.run import NO_BOOKS, Ledger, Run, RunEnd

    ledger = Ledger(sent=4, answered=4, failed=0, unknown=0)
    books = NO_BOOKS.model_copy(update={"planned": 4, "verified": 4})
    more = {"flow": "synthesize", "ended": RunEnd.DONE, "configuration": "x" * 2000, "cost_usd": None}
    run = Run.model_construct(run_id="r", books=books, ledger=ledger, **more)
    assert f"{run}" == repr(run) == "Run(synthesize r done: planned=4, verified=4; sent=4, cost_usd=unknown)"
    figures = {"planned": 4, "kept": 3, "dropped": 1, "failed": 0, "pending": 0}
    curation = Curation.model_construct(curation_id="c", name="default", policy="x" * 2000, **figures)
    assert str(curation) == "Curation(default c: planned=4, kept=3, dropped=1, failed=0, pending=0)"
    release = Release.model_construct(release_id="r", name="n", files=(), trace_ids=("t",) * 500)
    assert str(release) == "Release(n r: 500 traces in )"
    with reflectory.connect(filled.folder) as connection:
        assert repr(connection) == f"Connection({str(filled.folder)!r})"
