"""200 real records, a teacher whose answers are half malformed: every record has one fate, whatever happens between."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.call import Request
from schemas.pair import Change
from schemas.record import content_key
from schemas.recycling import Mode
from tasks.scoring.score import ScoredText
from tests.recycling import Killed, RecycleWorkers, ask, books, configured, planned, run
from tests.scripted import REFUSED, Reply, said
from warehouse.landing import Warehouse


def by_hash(job: ScoredText) -> tuple[float | None, float | None]:
    """Better, worse, equal and NULL all occur."""
    draw = int(content_key("draw", job.instruction, job.input, job.response)[:4], 16)
    return (None if draw % 11 == 0 else 0.2 + draw % 9 / 10), (None if draw % 13 == 0 else 0.2 + draw // 9 % 9 / 10)


MALFORMED: dict[Change, Callable[[str], Reply]] = {
    Change.MARKER_MISSING: lambda good: said(good.removesuffix("</new_response>")),
    Change.PLACEHOLDER: lambda good: said(good.replace("in full", "").replace("Answered: ", "...")),
    Change.EMPTY: lambda good: said(""),
    Change.TRUNCATED: lambda good: said(good[:-30], "length"),
    Change.MULTIPLE: lambda good: said(f"{good}\n<new_response>Another.</new_response>"),
    Change.GOOD_ALREADY: lambda good: said("<critique>Fine.</critique><decision>keep</decision>"),
    Change.REFUSED: lambda good: REFUSED,
}


def recorded(request: Request) -> Reply:
    """Half of the answers are malformed, each in one of the named ways."""
    draw = int(request.call_id[:8], 16)
    fault = list(MALFORMED)[draw // 2 % len(MALFORMED)] if draw % 2 else None
    good = f"<new_response>\nAnswered: {'' if fault is Change.PLACEHOLDER else request.call_id}\n</new_response>"
    if "<reflect>\ninstruction" in request.messages[-1].content:
        good = f"<new_instruction>\nDo {request.call_id[:6]} in full.\n</new_instruction>\n{good}"
    return MALFORMED[fault](good) if fault else said(good)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(tmp_path / "warehouse")
    made.create()
    return made


@pytest.fixture
def alpaca(shared_data: Path, tmp_path: Path) -> Path:
    return records(shared_data, tmp_path, 200)


@pytest.fixture
def few(shared_data: Path, tmp_path: Path) -> Path:
    return records(shared_data, tmp_path, 60)


def records(shared_data: Path, folder: Path, n: int) -> Path:
    path = folder / "alpaca.jsonl"
    path.write_text("\n".join((shared_data / "alpaca_cherry.jsonl").read_text("utf-8").splitlines()[:n]), "utf-8")
    return path


@pytest.mark.parametrize("mode", Mode)
def test_200_records_end_with_200_fates(mode: Mode, alpaca: Path, warehouse: Warehouse) -> None:
    workers = RecycleWorkers(recorded, by_hash)
    plan = planned(configured(alpaca, mode=mode))
    run(warehouse, plan, workers)
    found = books(warehouse)
    assert (found["planned"], found["pending"], found["balanced"]) == (200, 0, True)
    assert ask(warehouse, "SELECT count(*), count(DISTINCT original_id) FROM pair_fates WHERE fate <> 'pending'") == [
        (200, 200)
    ]
    assert len(workers.asked) == 400, "two calls for each row, not three"
    assert found["kept"] + found["dropped"] == 200
    assert (found["dropped"] > 50) == (mode in (Mode.SELECTIVE, Mode.SELECTIVE_CUT))
    changes = Counter(dict(ask(warehouse, "SELECT on_instruction, count(*) FROM selections GROUP BY ALL")))
    assert set(MALFORMED) | {Change.ACCEPTED} <= set(changes)
    assert 70 < sum(changes[fault] for fault in MALFORMED) < 130
    if mode is not Mode.RECYCLE:
        assert changes.keys() >= {Change.WORSE, Change.TIE, Change.NULL}
    raw = "SELECT count(*) FROM calls WHERE ended = 'answered' AND octet_length(content::BLOB) >= 0"
    assert ask(warehouse, raw)[0][0] + ask(warehouse, "SELECT count(*) FROM calls WHERE ended = 'refused'")[0][0] == 400


def test_an_instruction_never_meets_the_response_to_another(few: Path, warehouse: Warehouse) -> None:
    run(warehouse, planned(configured(few)), RecycleWorkers(recorded, by_hash))
    mixed = """
        SELECT count(*) FROM pairs p JOIN pairs o ON o.pair_id = p.parent_id
        WHERE p.stage = 'Q*' AND (p.instruction = o.instruction OR p.response = o.response)
           OR p.stage <> 'Q*' AND (p.instruction, p.input) <> (o.instruction, o.input)
    """
    assert ask(warehouse, mixed) == [(0,)]
    assert ask(warehouse, "SELECT count(*) > 15 FROM pairs WHERE stage = 'Q*'") == [(True,)]


def test_killed_twice_it_pays_for_nothing_again(few: Path, warehouse: Warehouse) -> None:
    plan = planned(configured(few))
    asked: list[str] = []
    for after in (30, 25, None):
        workers = RecycleWorkers(recorded, by_hash, after)
        if after is None:
            run(warehouse, plan, workers)
        else:
            with pytest.raises(Killed):
                run(warehouse, plan, workers)
        asked += [request.call_id for request in workers.asked]
    assert len(asked) == len(set(asked)) == 120
    assert books(warehouse)["balanced"] is True
    assert books(warehouse)["pending"] == 0
    assert ask(warehouse, "SELECT count(*), count(DISTINCT call_id) FROM calls") == [(120, 120)]
    again = RecycleWorkers(recorded, by_hash)
    run(warehouse, plan, again)
    assert (again.asked, again.scored) == ([], [])


def test_another_mode_asks_only_what_it_has_not_asked(few: Path, warehouse: Warehouse) -> None:
    run(warehouse, planned(configured(few, mode=Mode.SELECTIVE)), first := RecycleWorkers(recorded, by_hash))
    run(warehouse, planned(configured(few, mode=Mode.SELECTIVE_CUT)), second := RecycleWorkers(recorded, by_hash))
    assert (len(first.asked), second.asked, second.scored) == (120, [], [])
    assert ask(warehouse, "SELECT count(*), bool_and(balanced) FROM pair_books") == [(2, True)]
    run(warehouse, planned(configured(few, mode=Mode.RECYCLE)), third := RecycleWorkers(recorded, by_hash))
    assert 0 < len(third.asked) < 60, "only the responses of instructions that are in force now"


def test_a_row_without_an_answer_is_pending_and_its_neighbours_are_not(few: Path, warehouse: Warehouse) -> None:
    def busy(request: Request) -> Reply | str:
        return "HTTP 503" if int(request.call_id[:2], 16) < 32 else recorded(request)

    plan = planned(configured(few))
    line = run(warehouse, plan, RecycleWorkers(busy, by_hash))
    left = books(warehouse)["pending"]
    assert 4 < left == len(line.pending) < 30
    assert books(warehouse)["balanced"] is True
    more = RecycleWorkers(recorded, by_hash)
    assert run(warehouse, plan, more).pending == {}
    assert left <= len(more.asked) < 2 * left, "those rows and what follows from their answers"
    assert books(warehouse) | {"kept": 0, "dropped": 0} == {
        "planned": 60, "kept": 0, "dropped": 0, "failed": 0, "pending": 0, "doubled": 0, "balanced": True,
    }  # fmt: skip


def test_a_quota_decides_when_all_rows_are_there(few: Path, warehouse: Warehouse) -> None:
    plan = planned(configured(few, per_difficulty=3, levels=4))
    with pytest.raises(Killed):
        run(warehouse, plan, RecycleWorkers(recorded, by_hash, 40))
    assert books(warehouse)["pending"] == 60
    run(warehouse, plan, RecycleWorkers(recorded, by_hash))
    levels = (
        "SELECT difficulty, count(*) FROM pair_fates WHERE fate = 'kept' AND difficulty <> 'ifd unknown' GROUP BY 1"
    )
    assert sorted(ask(warehouse, levels)) == [(f"ifd {level}", 3) for level in (1, 2, 3, 4)]
    assert books(warehouse)["balanced"] is True
    assert ask(warehouse, "SELECT count(*) > 15 FROM pair_fates WHERE reason = 'over_quota'") == [(True,)]
