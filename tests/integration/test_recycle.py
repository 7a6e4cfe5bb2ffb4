"""`reflectory recycle` as a user meets it: Prefect, Ray, the practice teacher, the shipped student, and the tables."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Reflectory, asked

ROOT = Path(__file__).parents[2]
CONFIGURATION = f"""
[pairs]
path = "{ROOT / "deploy" / "recycle_pairs.jsonl"}"
limit = 40

[run]
shard_size = 15
"""


class World:
    """A folder with a configuration and a warehouse, and the command to use them."""

    def __init__(self, folder: Path, reflectory: Reflectory) -> None:
        self.folder, self._reflectory = folder, reflectory
        (folder / "recycle.toml").write_text(CONFIGURATION)

    def recycle(self, *arguments: str, code: int = 0) -> str:
        process = self._reflectory("recycle", "recycle.toml", *arguments, cwd=self.folder)
        out, err = process.communicate(timeout=240)
        assert process.returncode == code, f"{out}\n{err}"
        assert "Traceback" not in err
        return out if code == 0 else err

    def ask(self, query: str) -> list[dict[str, Any]]:
        return asked(self.folder / "data/warehouse", query)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, reflectory: Reflectory) -> tuple[World, str]:
    made = World(tmp_path_factory.mktemp("recycle"), reflectory)
    return made, made.recycle("--plot", "shift.svg")


def test_every_pair_has_a_fate_and_the_books_balance(world: tuple[World, str]) -> None:
    made, printed = world
    assert "books: planned 40 = kept" in printed
    assert "pending 0" in printed
    (books,) = made.ask("SELECT * FROM pair_books")
    assert (books["planned"], books["balanced"]) == (40, True)
    (fates,) = made.ask(
        "SELECT count(*) AS n, count(reason) AS why, count_if(fate = 'pending') AS open FROM pair_fates"
    )
    assert fates == {"n": 40, "why": 40, "open": 0}
    (run,) = made.ask("SELECT flow, ended, ledger.sent AS sent, ledger.answered AS answered FROM runs")
    assert (run["flow"], run["ended"]) == ("recycle", "done")
    assert 40 < run["sent"] == run["answered"] <= 80


def test_what_is_chosen_is_scored_and_never_known_to_be_wrong(world: tuple[World, str]) -> None:
    rows = world[0].ask("SELECT stage, chosen, ifd, rifd, verdict FROM pairs_full")
    assert {row["stage"] for row in rows} == {"original", "Q*", "A*", "QA*"}
    assert all(row["ifd"] and row["rifd"] for row in rows)
    assert {row["verdict"] for row in rows if row["chosen"]} <= {"correct", "unverified"}
    assert any(row["verdict"] == "incorrect" for row in rows), "else there was nothing to overrule"


def test_before_and_after_are_compared(world: tuple[World, str]) -> None:
    before, *_, after = world[0].ask("SELECT * FROM pair_statistics")
    assert (before["version"], after["version"]) == ("original", "chosen")
    assert after["response_tokens"] > before["response_tokens"]
    assert after["incorrect"] == 0 < before["incorrect"]
    assert after["correct"] > 0, "by golds of the originals"
    assert "</svg>" in (world[0].folder / "shift.svg").read_text()


def test_the_same_command_does_nothing_and_another_mode_asks_little(world: tuple[World, str]) -> None:
    made, _ = world
    versions = "SELECT count(*) AS n FROM (FROM calls UNION ALL BY NAME FROM scores UNION ALL BY NAME FROM pairs)"
    before = made.ask(versions)
    assert "nothing is left to do" in made.recycle()
    assert made.ask(versions) == before
    said = made.recycle("--set", "selection.mode=selective", "--dry-run")
    assert int(said.split("calls due now: ")[1].split()[0]) < 10


def test_what_it_cannot_use_it_refuses(world: tuple[World, str]) -> None:
    said = world[0].recycle("--set", "pairs.path=nowhere.jsonl", code=2)
    assert "pairs.path: got 'nowhere.jsonl'; no such file" in said
