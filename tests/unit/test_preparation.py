"""What a run settles before the first actor: golds that fail their own test, what is due, and who may write."""

import asyncio
import io
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from flows.cli.recycle import recycle_configuration
from flows.cli.run import run_configuration
from flows.preparation import land_plan, prepared
from flows.recycle_preparation import prepared_recycling
from schemas.call import Call, CallEnd, Request, SendEnd, Usage
from schemas.configuration import RunConfiguration
from schemas.errors import Refused
from schemas.recycling import RecycleConfiguration
from schemas.until import Until
from schemas.verdict import Reason
from warehouse.journal import Journal
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

ROWS = [
    {"question": "1+1?", "gold": "2", "kind": "number"},
    {"question": "2+2?", "gold": "four or so", "kind": "number"},
    {"question": "Anything?"},
    {"question": "1+1?", "gold": "2", "kind": "number"},
]


@pytest.fixture
def asked(tmp_path: Path) -> RunConfiguration:
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS))
    return RunConfiguration.model_validate(
        {"questions": {"source": "jsonl", "path": str(path)}, "teacher": {"base_url": "http://127.0.0.1:1/v1"}}
    )


def ask(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    with Snapshot(warehouse) as now:
        return now.ask(sql)[1]


def test_a_gold_that_fails_its_own_test_is_set_aside_with_the_reason(
    asked: RunConfiguration, warehouse: Warehouse
) -> None:
    with prepared(asked, warehouse.folder, Until.VERIFY) as preparation:
        assert [verdict.reason for verdict in preparation.set_aside] == [Reason.GOLD_UNPARSABLE]
        assert (len(preparation.plan), preparation.loaded.n_duplicates) == (2, 1)
        land_plan(preparation, "run")
    landed = "SELECT v.reason, q.text FROM verdicts v JOIN questions q ON q.question_id = v.subject_id"
    assert ask(warehouse, f"{landed} WHERE subject = 'gold'") == [("gold_unparsable", "2+2?")]
    with prepared(asked, warehouse.folder, Until.VERIFY) as again:
        assert len(again.set_aside) == 1, "what failed is remembered, not judged again and not sent"
        assert again.plan.plan_id == preparation.plan.plan_id
        land_plan(again, "run")
    assert ask(warehouse, "SELECT count(*) FROM questions") == [(3,)]
    assert ask(warehouse, "SELECT count(*) FROM attempts") == [(2,)]
    assert ask(warehouse, "SELECT count(*) FROM doubled_keys") == [(0,)]


def test_a_preparation_alone_lands_nothing_and_counts_what_is_due(
    asked: RunConfiguration, warehouse: Warehouse
) -> None:
    with prepared(asked, warehouse.folder, Until.VERIFY) as preparation:
        assert len(preparation.calls_due()) == 2
        with pytest.raises(Refused, match="another run"), prepared(asked, warehouse.folder, Until.VERIFY):
            pass
        lines = told(run_configuration, asked, warehouse.folder, Until.VERIFY, "", True)
        assert any("to do: 2 calls" in line for line in lines), "a dry run needs no warehouse of its own"
    assert ask(warehouse, "SELECT count(*) FROM questions") == [(0,)]


def told(command: Callable[..., None], *arguments: Any) -> list[str]:
    console = Console(file=io.StringIO(), width=500)
    command(console, *arguments)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_rows_that_cannot_be_read_are_counted_and_land_once(asked: RunConfiguration, warehouse: Warehouse) -> None:
    path = Path(asked.questions.path or "")
    path.write_text(path.read_text() + '\n{"question": "x", "gold": {}}\n{"question":\n{"question": "x", "gold": {}}')
    lines = told(run_configuration, asked, warehouse.folder, Until.VERIFY, "", True)
    assert lines[0].startswith("rows: 7 = 3 questions + 1 equal to an earlier row + 3 that cannot be read; 0 with")
    assert any(line.startswith("kinds: ") and " number" in line for line in lines)
    assert (
        lines[1]
        == "cannot be read: questions.jsonl, line 5, gold: got {}; needs text, a finite number, true, false or null"
    )
    assert ask(warehouse, "SELECT count(*) FROM rejected_rows") == [(0,)]
    for _ in range(2):
        with prepared(asked, warehouse.folder, Until.VERIFY) as preparation:
            land_plan(preparation, "run")
    rows = ask(warehouse, "SELECT source, place, field FROM rejected_rows ORDER BY place")
    assert rows == [
        ("questions", f"questions.jsonl, line {n}", field) for n, field in ((5, "gold"), (6, None), (7, "gold"))
    ]


def test_rows_that_are_no_pairs_are_failed_counted_and_land_once(tmp_path: Path, warehouse: Warehouse) -> None:
    rows = [{"instruction": "a", "output": "b"}, {"instruction": "a", "output": "b"}, {"instruction": "a", "output": 7}]
    (tmp_path / "pairs.json").write_text(json.dumps(rows))
    recycled = RecycleConfiguration.model_validate({"pairs": {"path": str(tmp_path / "pairs.json")}})
    with warehouse.sole_writer():  # of another run
        lines = told(recycle_configuration, recycled, warehouse.folder, "", True)
    assert lines[0].startswith("rows: 3 = 1 pairs + 1 equal to an earlier row + 1 that cannot be read; 0 with")
    assert lines[1] == "cannot be read: pairs.json, row 3, output: got 7; needs text"
    for _ in range(2):
        with prepared_recycling(recycled, warehouse.folder) as preparation:
            preparation.land_plan("run")
    assert ask(warehouse, "SELECT place, field FROM rejected_rows") == [("pairs.json, row 3", "output")]
    assert ask(warehouse, "SELECT place, bad FROM originals WHERE bad IS NOT NULL") == [
        ("pairs.json, row 3", "not_text")
    ]


def test_places_sort_by_their_number(tmp_path: Path, warehouse: Warehouse) -> None:
    rows = [{"instruction": f"a{n}", "output": "b"} for n in range(12)]
    (tmp_path / "pairs.jsonl").write_text("\n".join(map(json.dumps, rows)))
    recycled = RecycleConfiguration.model_validate({"pairs": {"path": str(tmp_path / "pairs.jsonl")}})
    with prepared_recycling(recycled, warehouse.folder) as preparation:
        preparation.land_plan("run")
    found = ask(warehouse, "SELECT place, position FROM pair_fates")
    assert found == [(f"pairs.jsonl, line {n}", n) for n in range(1, 13)]


def test_an_answer_in_the_journal_is_wanted_but_not_due(asked: RunConfiguration, warehouse: Warehouse) -> None:
    """Killed when every answer was in the journal and none had landed, a rerun had no teacher to fetch them with."""
    with prepared(asked, warehouse.folder, Until.VERIFY) as preparation:
        for call_id, request in preparation.plan.first_requests():
            asyncio.run(_answer(warehouse, call_id, request))
        assert (len(preparation.calls_missing()), len(preparation.calls_due())) == (2, 0)


async def _answer(warehouse: Warehouse, call_id: str, request: Request) -> None:
    with closing(Journal(warehouse.journal_path)) as journal:
        n = await journal.reserve(call_id)
        assert isinstance(n, int)
        await journal.settle(call_id, n, SendEnd.ANSWERED, call=refused(call_id, request))


def refused(call_id: str, request: Request) -> Call:
    return Call(
        **request.model_dump(exclude={"model"}),
        call_id=call_id,
        model_asked=request.model,
        model_answered=None,
        ended=CallEnd.REFUSED,
        error="HTTP 400",
        raw_response=b"",
        content=None,
        reasoning=None,
        finish_reason=None,
        usage=Usage(),
        cost_usd=0.0,
        latency_s=0.0,
        tries=1,
    )
