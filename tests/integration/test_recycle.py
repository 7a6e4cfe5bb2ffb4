"""`reflectory recycle` as a user meets it: Prefect, Ray, the practice teacher, the shipped student, and the tables."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = f"""
[pairs]
path = "{ROOT / "deploy" / "recycle_pairs.jsonl"}"
limit = 40

[run]
shard_size = 15
"""

Reflectory = Callable[..., subprocess.Popen[str]]
Call = Callable[..., str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, reflectory: Reflectory) -> tuple[Call, str]:
    """The command in a folder of its own, and what its first run printed."""
    folder = tmp_path_factory.mktemp("recycle")
    (folder / "recycle.toml").write_text(CONFIGURATION)

    def run(*arguments: str, code: int = 0) -> str:
        process = reflectory(*arguments, cwd=folder)
        out, err = process.communicate(timeout=240)
        assert process.returncode == code, f"{out}\n{err}"
        assert "Traceback" not in err
        return out if code == 0 else err

    return run, run("recycle", "recycle.toml")


def ask(run: Call, query: str) -> list[dict[str, Any]]:
    return list(json.loads(run("sql", query, "--format", "json")))


def test_every_pair_has_a_fate_and_the_books_balance(world: tuple[Call, str]) -> None:
    run, printed = world
    assert "books: planned 40 = kept" in printed
    assert "pending 0" in printed
    ((books,), (fates,)) = (ask(run, "select * from pair_books"), ask(run, FATES))
    assert (books["planned"], books["balanced"]) == (40, True)
    assert fates == {"n": 40, "pending": 0, "unreasoned": 0}


FATES = (
    "select count(*) as n, count(*) filter (fate = 'pending') as pending,"
    " count(*) filter (reason is null) as unreasoned from pair_fates"
)


def test_what_is_chosen_is_scored_by_the_student_and_never_known_to_be_wrong(world: tuple[Call, str]) -> None:
    rows = ask(world[0], "select stage, chosen, ifd, rifd, verdict from pairs_full")
    assert {row["stage"] for row in rows} == {"original", "Q*", "A*", "QA*"}
    assert all(row["ifd"] and row["rifd"] for row in rows)
    assert {row["verdict"] for row in rows if row["chosen"]} <= {"correct", "unverified"}
    assert any(row["verdict"] == "incorrect" for row in rows), "else there was nothing to overrule"


def test_before_and_after_are_compared(world: tuple[Call, str]) -> None:
    before, *_, after = ask(world[0], "select * from pair_statistics")
    assert (before["version"], after["version"]) == ("original", "chosen")
    assert after["response_tokens"] > before["response_tokens"]
    assert after["incorrect"] == 0 < before["incorrect"]


def test_the_same_command_does_nothing_and_another_mode_asks_little(world: tuple[Call, str]) -> None:
    run, _ = world
    before = run("hashes")
    assert "nothing is left to do" in run("recycle", "recycle.toml")
    assert run("hashes") == before
    said = run("recycle", "recycle.toml", "--set", "selection.mode=selective", "--dry-run")
    assert int(said.split("calls due now: ")[1].split()[0]) < 10
    assert "pairs.path" in run("recycle", "recycle.toml", "--set", "pairs.path=nowhere.jsonl", code=2)
    assert "did you mean selection.mode" in run("recycle", "recycle.toml", "--set", "selection.mod=x", code=2)
