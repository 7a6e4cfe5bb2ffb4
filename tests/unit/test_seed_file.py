"""Questions in a file are those that were put there, and no plan holds them in memory."""

import gc
import tracemalloc
from pathlib import Path

import pytest

from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.question import Question
from schemas.until import Until
from tasks.questions import Recorded, Seed
from tasks.questions.seed_file import SeedFile, SeedWriter, in_file
from tasks.synthesis.plan import Plan, make_plan
from tasks.synthesis.worklist import ShardWork, find_work
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

MOST_BYTES = 250
"""That a plan may hold of an attempt: its keys, where it stands, and what of it is lacking."""
RECORDED = RunConfiguration.model_validate({"questions": {"source": "recorded", "path": "x"}})
ASKED = RunConfiguration.model_validate({"questions": {"source": "jsonl", "path": "x"}, "teacher": {"samples": 1}})


def seed(number: int, *texts: str, place: str | None = None) -> Seed:
    """Of a question that is a kilobyte long."""
    said = texts or (f"<output>{number}</output>" + " or so" * 100,)
    external_id = "seven" if number in (7, 8) else None
    text, gold = f"What is {number}?".ljust(1000), str(number) if number % 2 else None
    question = Question.of(text=text, gold=gold, kind="number", source="s", external_id=external_id)
    return Seed(question, tuple(Recorded("response", text) for text in said), place)


def test_seeds_are_read_in_their_order_and_by_place() -> None:
    seeds = [seed(number, place=f"line {number}") for number in range(2500)]
    held = in_file(iter(seeds))
    assert list(held) == seeds
    assert (held[7].place, held[-1], held[1200:1203]) == ("line 7", seeds[-1], seeds[1200:1203])
    assert list(held.ids) == [each.question.question_id for each in seeds]
    assert (held.n_without_gold, held.n_equal_ids, held.is_recorded, set(held.kinds)) == (1250, 1, True, {"number"})
    assert held != seeds[1:], "a known bad"


def test_what_comes_again_is_recorded_with_the_first() -> None:
    writer = SeedWriter()
    for number, text in [(1, "a"), (2, "b"), (1, "c"), (3, "d"), (2, "e"), (1, "a")]:
        writer.add(seed(number, text, place=text))
    held = writer.finish()
    assert [([said.text for said in each.recorded], each.place) for each in held] == [
        (["a", "c", "a"], "a"),
        (["b", "e"], "b"),
        (["d"], "d"),
    ]
    assert [each.place for each in held.without({held.ids[1]})] == ["a", "d"]
    assert list(held.without({held.ids[1]}).ids) == [held.ids[0], held.ids[2]]


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    writer = SeedWriter()
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(writer._rows, "_file", full)
        with pytest.raises(Refused, match="TMPDIR names a folder with room"):
            writer.add(seed(1))


def planned(seeds: SeedFile, warehouse: Warehouse, of: RunConfiguration) -> tuple[Plan, list[ShardWork]]:
    plan = make_plan(of, seeds, "")
    with Snapshot(warehouse) as before:
        return plan, find_work(before, plan, None, Until.VERIFY)


def growth(warehouse: Warehouse, few: int, many: int, keep: bool, of: RunConfiguration) -> float:
    """Bytes that one more attempt takes of a plan with its work; also with its seeds, where they are to be kept, and
    what is asked about them.
    """
    sizes = []
    for n in (few, many):
        gc.collect()
        tracemalloc.start()
        seeds = (seed(number) if of is RECORDED else Seed(seed(number).question, ()) for number in range(n))
        kept = list(seeds) if keep else []
        made = planned(in_file(kept or seeds), warehouse, of)
        asked = list(made[0].first_requests()) if keep else []
        gc.collect()
        sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert len(asked) == (n if keep and of is ASKED else 0)
        assert len(made[0]) == sum(work.count(Until.VERIFY) for work in made[1]) == n
    return (sizes[1] - sizes[0]) / (many - few)


@pytest.fixture
def empty(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(tmp_path / "warehouse")
    warehouse.create()
    return warehouse


@pytest.mark.parametrize("of", [RECORDED, ASKED], ids=["recorded", "asked"])
def test_a_plan_holds_neither_its_rows_nor_what_is_asked(empty: Warehouse, of: RunConfiguration) -> None:
    assert growth(empty, 200, 1700, keep=False, of=of) < MOST_BYTES
    assert growth(empty, 200, 500, keep=True, of=of) > MOST_BYTES, "a known bad"
