"""`reflectory run` as a user meets it: Prefect, Ray, the practice teacher, the shipped student, and the tables."""

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from schemas.tables import TABLES
from tasks.practice.process import PracticeTeacher
from tests.conftest import OWN, Reflectory, asked
from tests.sums import write_sums
from warehouse.defining import WHOLE
from warehouse.landing import Warehouse
from warehouse.newest import known_whole

CONFIGURATION = """
[questions]
source = "reasoning_gym"
limit = 24

[teacher]
samples = 2

[run]
shard_size = 20
"""
SUMS = ["--set", "questions.source=jsonl", "--set", "questions.path=questions.jsonl"]
"""Instead of reasoning-gym's, which take seconds to draw and to check."""
SECRET = "sk-planted-0123456789abcdef"


class World:
    """A folder with a configuration and a warehouse, and the command to use them."""

    def __init__(self, folder: Path, reflectory: Reflectory) -> None:
        self.folder = folder
        self._reflectory = reflectory
        (folder / "run.toml").write_text(CONFIGURATION)
        write_sums(folder / "questions.jsonl", 12)

    def run(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """Standard output of `reflectory run run.toml ARGUMENTS`; standard error after it where it must fail."""
        return self.call("run", "run.toml", *arguments, code=code, **environment)

    def call(self, *arguments: str, code: int = 0, **environment: str) -> str:
        process = self._reflectory(*arguments, cwd=self.folder, **environment)
        out, err = process.communicate(timeout=240)
        assert process.returncode == code, f"{out}\n{err}"
        assert "Traceback" not in err
        return out if code == 0 else err

    def ask(self, query: str) -> list[dict[str, Any]]:
        return asked(self.folder / "data/warehouse", query)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, reflectory: Reflectory) -> tuple[World, str]:
    made = World(tmp_path_factory.mktemp("world"), reflectory)
    return made, made.run(**OWN)  # as for anybody who has neither


def test_a_run_lands_verified_scored_traces_and_books_that_balance(world: tuple[World, str]) -> None:
    made, printed = world
    assert "books: planned 48 = verified" in printed
    assert "calls: sent 48 = answered 48 + failed 0 + unknown 0" in printed
    (books,) = made.ask("select * from books")
    assert books["balanced"] is True
    assert books["planned"] == 48
    (found,) = made.ask(
        "select count(*) as n, count(ifd) as scored, count(verdict) as judged, count(distinct source) as families"
        " from traces_full"
    )
    assert found["n"] == found["judged"] == 48
    assert found["scored"] > 40
    assert found["families"] == 3


def test_the_same_command_again_does_nothing_and_is_quick(world: tuple[World, str]) -> None:
    made, _ = world
    before = made.call("hashes")
    started = time.monotonic()
    assert "nothing is left to do" in made.run()
    print(f"\nnothing to do took {time.monotonic() - started:.1f} s, start-up included")
    assert made.call("hashes") == before
    assert made.ask("select count(*) as n from runs") == [{"n": 1}]


def test_a_dry_run_says_what_is_due_and_lands_nothing(world: tuple[World, str]) -> None:
    made, _ = world
    assert "12 calls" in made.run("--set", "questions.limit=30", "--dry-run")
    assert made.ask("select count(distinct plan_id) as n from attempts") == [{"n": 1}]


def test_what_is_set_aside_is_told_with_its_place_and_text_by_a_dry_run_too(
    tmp_path: Path, reflectory: Reflectory
) -> None:
    """The bug: a dry run told of 0 questions and not why, and a run of an id that stood in no table."""
    made = World(tmp_path, reflectory)
    rows = [{"question": f"How many [bold] {n}?", "gold": "four or so", "kind": "number"} for n in range(22)]
    own = ("--set", "questions.source=jsonl", "--set", "questions.path=bad.jsonl", "--until", "verify")
    line = (
        "set aside: bad.jsonl, line 3, question 'How many [bold] 0?': its gold 'four or so' of kind number fails its"
        " own test (gold_unparsable)\n"
    )
    sums = (tmp_path / "questions.jsonl").read_text("utf-8").splitlines()[:1]
    for good in ([], sums):  # with no question that is left, and with one
        written = [*good, "", *map(json.dumps, rows)] if good else ["", "", *map(json.dumps, rows)]
        (tmp_path / "bad.jsonl").write_text("\n".join([*written, json.dumps(rows[0])]))
        for arguments in (["--dry-run"], []):
            printed = made.run(*own, *arguments)
            assert line in printed
            assert printed.count("set aside: bad.jsonl") == 20
            assert "set aside: 2 more questions; a run lands them all in the table verdicts" in printed
            counted = f"rows: {23 + len(good)} = {22 + len(good)} questions + 1 equal to an earlier row"
            assert counted in printed
    dry = made.run(*own, "--set", "questions.path=questions.jsonl", "--dry-run")
    assert "set aside" not in dry  # the control


def test_another_student_setting_scores_again_and_buys_nothing(world: tuple[World, str]) -> None:
    made, _ = world
    printed = made.run("--set", "student.response=output")
    assert "calls: sent 48" in printed
    assert made.ask("select count(*) as n from scores") == [{"n": 96}]
    assert made.ask("select count(*) as n from traces_full") == [{"n": 48}], "the newest run's student is in force"


def test_what_to_look_at_next_can_be_typed(world: tuple[World, str]) -> None:
    made, printed = world
    _, _, listed = printed.partition("Look closer:\n")
    commands = [shlex.split(line, comments=True)[3:] for line in listed.splitlines()]
    assert {command[0] for command in commands} == {"show", "sql"}
    for command in commands[:1] + commands[-3:-1]:
        assert made.call(*command)


def test_show_prints_a_trace_and_refuses_what_is_none(world: tuple[World, str]) -> None:
    made, _ = world
    (row,) = made.ask("select trace_id, answer from traces_full where effect = 'corrected' limit 1")
    assert "corrected" in made.call("show", row["trace_id"][:12])
    assert "no trace" in made.call("show", "zzzz", code=2)


@pytest.mark.parametrize("query", ["select 1 +", "select * from nowhere"])
def test_sql_that_cannot_be_asked_is_refused(world: tuple[World, str], query: str) -> None:
    assert "sql:" in world[0].call("sql", query, code=2)


def test_a_run_that_ends_has_noted_that_no_row_is_superseded(world: tuple[World, str]) -> None:
    warehouse = Warehouse(world[0].folder / "data" / "warehouse")
    assert known_whole(warehouse, warehouse.all_files(TABLES.keys())) == set(WHOLE)


def test_an_older_duckdb_command_line_opens_the_catalog(world: tuple[World, str]) -> None:
    made, _ = world
    program = Path(sys.executable).with_name("duckdb")
    catalog = made.folder / "data" / "warehouse" / "warehouse.duckdb"
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("v1."), version
    answer = subprocess.run(
        [program, "-readonly", "-json", str(catalog), "select * from yield_by_source"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert [row["traces"] for row in json.loads(answer.stdout)] == [16, 16, 16]


def test_a_secret_is_in_no_file_that_a_run_writes(
    tmp_path: Path, reflectory: Reflectory, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_KEY", SECRET)
    made = World(tmp_path, reflectory)
    with PracticeTeacher(api_key_env="PLANTED_KEY") as teacher:
        given = [*SUMS, "--set", f"teacher.base_url={teacher.base_url}", "--set", "teacher.api_key=env:PLANTED_KEY"]
        small = ["--set", "questions.limit=3", "--until", "generate"]
        made.run(*given, *small, PLANTED_KEY=SECRET)
        assert "PLANTED_KEY" in made.run(
            *given, "--set", "questions.limit=4", code=2, PLANTED_KEY="sk-wrong-0123456789"
        )
    control = tmp_path / "control"
    control.write_text(SECRET)
    folders = (tmp_path, Path(environment["PREFECT_HOME"]))
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert [file for file in files if file.exists() and SECRET.encode() in file.read_bytes()] == [control]
    assert sum(file.suffix == ".parquet" for file in files) >= 3


def test_the_flow_runs_without_the_command_line(tmp_path: Path, services: dict[str, str]) -> None:
    """As a deployment or a notebook calls it."""
    write_sums(tmp_path / "questions.jsonl", 3)
    script = (
        "from schemas.configuration import *; from schemas.until import Until\n"
        "from flows.synthesize import synthesize\n"
        "asked = RunConfiguration.model_validate({'questions': {'source': 'jsonl', 'path': 'questions.jsonl'}})\n"
        "print(synthesize(asked, until=Until.VERIFY).books)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=services, capture_output=True, text=True, check=True
    )
    assert "planned=3 verified=3" in done.stdout


def test_a_dead_endpoint_is_refused_before_anything_starts(tmp_path: Path, reflectory: Reflectory) -> None:
    made = World(tmp_path, reflectory)
    said = made.run(*SUMS, "--set", "teacher.base_url=http://127.0.0.1:9/v1", code=2)
    assert "teacher.base_url" in said
    assert "127.0.0.1:9" in said


@pytest.mark.timeout(600)
def test_a_budget_stops_the_run_and_a_higher_one_continues(tmp_path: Path, reflectory: Reflectory) -> None:
    made = World(tmp_path, reflectory)
    small = [*SUMS, "--set", "questions.limit=12", "--set", "teacher.samples=1", "--set", "teacher.max_tokens=400"]
    small += ["--until", "generate"]
    assert "forecast: 12 calls, at most" in made.run(*small, "--dry-run")
    nothing = made.run(*small, "--set", "budget.tokens=10", code=3)
    assert re.search(r"12 calls are left, .*: the cheapest of them may cost [\d,]+ tokens, all together", nothing)
    assert made.run(*small, "--set", "budget.tokens=11", code=3).count("12 calls are left") == 1
    [row] = made.ask("SELECT ended, cost_usd FROM runs")
    assert row == {"ended": "budget_reached", "cost_usd": 0.0}, "once the plan has landed, nothing starts for nothing"
    refused = made.run(*small, "--set", "budget.tokens=4500", code=3)
    assert "budget: charged with" in refused
    assert "calls are left" in refused
    assert "higher budget continues" in refused
    [stopped] = made.ask("SELECT ended, ledger.sent AS sent FROM runs ORDER BY started_at DESC LIMIT 1")
    assert stopped["ended"] == "budget_reached"
    assert 0 < stopped["sent"] < 12
    [landed] = made.ask(
        "SELECT count(*) AS calls, sum(usage.prompt_tokens + usage.completion_tokens) AS tokens FROM calls"
    )
    assert landed["calls"] == stopped["sent"], "what was in flight has landed"
    assert landed["tokens"] <= 4500
    assert "of 1,000,000 tokens" in made.run(*small, "--set", "budget.tokens=1000000")
    assert made.ask("SELECT ledger.sent AS sent FROM runs ORDER BY started_at DESC LIMIT 1") == [{"sent": 12}]
