"""A stranger's query that takes too much, in the process of its own that `reflectory sql --untrusted` gives it."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from schemas.errors import Refused
from tests.benchmarks.synthetic_warehouse import make
from warehouse.landing import Warehouse
from warehouse.untrusted import QueryLimits, ask_untrusted

BRIEF = QueryLimits(timeout_s=1, rows=5, memory_mib=256, result=1 << 20, query=5_000)
BOMBS = {
    "cross joins": ("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b", "stopped after 1 s"),
    "endless recursion": (
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
        "stopped after 1 s",
    ),
    "a million million rows": ("SELECT count(DISTINCT hash(range)) FROM range(1000000000000)", "stopped|memory"),
    "one huge list": ("SELECT len(list_transform(range(2000000000), lambda x: x * x))", "stopped|memory"),
    "one huge text": ("SELECT len(repeat('x', 4000000000))", "stopped|memory"),
    "a text that doubles": (
        "WITH RECURSIVE r AS (SELECT 'x' AS t UNION ALL SELECT t || t FROM r) SELECT max(len(t)) FROM r",
        "stopped|memory",
    ),
    "deep nesting": (f"SELECT {'(' * 2000}1{')' * 2000}", "nest|depth|memory"),
    "a wide answer": ("SELECT 0" + ", repeat('x', 20000)" * 15 + " FROM range(5)", "bytes; at most"),
    "a long query": (f"SELECT '{'x' * 5_000}'", "at most 5000"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make(tmp_path_factory.mktemp("it's a world") / "warehouse", 40)


@pytest.mark.parametrize(("query", "said"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_ends_in_time_and_says_why(world: Warehouse, query: str, said: str) -> None:
    began = time.monotonic()
    with pytest.raises(Refused, match=said):
        ask_untrusted(world, query, BRIEF)
    assert time.monotonic() - began < 20


def test_the_process_has_no_secret_to_show(world: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "s3cr3t")
    with pytest.raises(Refused):
        ask_untrusted(world, "SELECT content FROM read_text('/proc/self/environ')", BRIEF)


def test_the_command(world: Warehouse, environment: Mapping[str, str]) -> None:
    command = [
        sys.executable,
        "-m",
        "flows",
        "sql",
        "--warehouse",
        str(world.folder),
        "--untrusted",
        "--format",
        "json",
    ]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *arguments], capture_output=True, text=True, env=environment, check=False)

    done = run("SELECT count(*) AS n FROM traces_full")
    assert (done.returncode, json.loads(done.stdout)[0]["n"] > 30) == (0, True)
    done = run("FROM traces SELECT trace_id", "--rows", "2")
    assert (len(json.loads(done.stdout)), "more than 2 rows" in done.stderr) == (2, True)
    done = run("COPY traces TO 'traces.csv'")
    assert (done.returncode, done.stdout, "one SELECT" in done.stderr) == (2, "", True)
    assert not Path("traces.csv").exists()
