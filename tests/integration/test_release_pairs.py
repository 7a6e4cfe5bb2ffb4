"""Pairs that recycling chose go into a release like traces: by a policy, with fates, beside traces by their share."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from flows.release import Released, ReleaseOrder, curate_and_release, releases_beside
from schemas.call import Request
from schemas.errors import Refused
from schemas.release_format import ReleaseFormat
from tasks.curation.curate import curate_warehouse
from tasks.curation.policy import Policy
from tasks.publishing.manifest import read_manifest
from tasks.scoring.score import ScoredText
from tests.integration.report_reading import Page
from tests.recycling import RecycleWorkers, ask, configured, planned, run
from tests.released_world import build, question
from tests.scripted import Reply, said
from warehouse.landing import Warehouse

PAIRS = (
    ("Add 1 and 2.", "", "3", "3"),
    ("Sort the words.", "pear, fig, date", "date, fig, pear", None),
    ("Name a colour.", "", "Blue is one.", None),
    ("What is 2 + 2?", "", "5", "4"),
    ("", "", "an answer without a question", None),
)
KEEP: dict[str, Any] = {"verdict": {"keep": ("correct", "unverified")}}
BOTH: dict[str, Any] = KEEP | {"lines": ("pairs", "traces"), "name": "both"}


def answer(request: Request) -> Reply:
    text = request.messages[-1].content
    if "<reflect>\ninstruction" in text:
        return said("<critique>Fine.</critique><decision>keep</decision>")
    return said("<new_response>\nStep by step. The words are date, fig and pear.\n</new_response>")


def better(job: ScoredText) -> tuple[float, float]:
    return 0.5, 0.3 if job.response.startswith("Step") and "Sort" in job.instruction else 0.6


@pytest.fixture(scope="module")
def recycled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a warehouse with the pairs in it, to be copied."""
    folder = tmp_path_factory.mktemp("recycled")
    made = Warehouse(folder / "warehouse")
    made.create()
    rows = [dict(zip(("instruction", "input", "output", "gold"), row, strict=True)) for row in PAIRS]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run(made, planned(configured(folder / "pairs.jsonl")), RecycleWorkers(answer, better))
    return made.folder


@pytest.fixture
def warehouse(recycled: Path, tmp_path: Path) -> Warehouse:
    return Warehouse(shutil.copytree(recycled, tmp_path / "warehouse"))


def released(warehouse: Warehouse, **policy: Any) -> Released:
    order = ReleaseOrder("demo", releases_beside(warehouse), tuple(ReleaseFormat))
    return curate_and_release(warehouse, Policy.model_validate(policy), order)


def lines(warehouse: Warehouse, file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (releases_beside(warehouse) / "demo" / file).read_text().splitlines()]


def test_what_recycling_chose_is_released_with_the_fate_of_every_original(warehouse: Warehouse) -> None:
    made = released(warehouse, **KEEP, lines=("pairs",))
    curation = made.curated.curation
    fates = dict(ask(warehouse, "SELECT fate, count(*) FROM decisions GROUP BY ALL"))
    assert (curation.planned, curation.kept, curation.dropped, curation.failed) == (5, 3, 1, 1), fates
    assert [step.rule for step in curation.funnel] == ["judged", "selection", "verdict", "structure", "duplicates"]
    assert [count.reason for count in curation.funnel[1].dropped] == ["incorrect"]
    assert curation.scorer
    assert curation.scorer.student == "hashes", "the only one that scored, written down"
    told = ask(warehouse, "SELECT place, curation_fate, curation_reason, release FROM pair_fates ORDER BY place")
    assert [fate for _, fate, *_ in told] == ["kept", "kept", "kept", "dropped", "failed"]
    assert {release for *_, release in told} == {"demo"}
    chat = {row["messages"][0]["content"]: row for row in lines(warehouse, "chat.jsonl")}
    assert chat.keys() == {"Add 1 and 2.", "Sort the words.\n\npear, fig, date", "Name a colour."}
    sorted_ = chat["Sort the words.\n\npear, fig, date"]
    assert sorted_["line"] == "pairs"
    assert sorted_["messages"][1]["content"].startswith("Step by step.")
    assert (sorted_["ifd"], sorted_["rifd"], sorted_["verdict"]) == (0.5, 0.3, "unverified")
    assert chat["Add 1 and 2."]["verdict"] == "correct"
    alpaca = {row["instruction"]: row for row in lines(warehouse, "alpaca.jsonl")}
    assert alpaca["Sort the words."]["input"] == "pear, fig, date"
    card = (releases_beside(warehouse) / "demo" / "README.md").read_text()
    assert "3 recycled pairs" in card
    assert "reflection traces" not in card
    page = Page(made.report.read_text("utf-8"))
    assert page.blocks["pair_books"].rows, "the books of recycling"
    assert "Step by step" in made.report.read_text("utf-8")


def test_a_release_may_mix_both_lines_and_says_the_share_of_each(warehouse: Warehouse) -> None:
    build(warehouse, [question(n) for n in range(3)])
    only = curate_warehouse(warehouse, Policy.model_validate(KEEP)).curation
    assert only.planned == 9, "the known bad: without `lines` no pair is looked at"
    made = released(warehouse, **BOTH)
    curation = made.curated.curation
    assert (curation.planned, curation.kept) == (14, 9)
    assert read_manifest(releases_beside(warehouse) / "demo")["lines"] == {"pairs": 3, "traces": 6}
    card = (releases_beside(warehouse) / "demo" / "README.md").read_text()
    assert "6 (66.7%) reflection traces" in card
    assert "3 (33.3%) recycled pairs" in card
    table = pq.read_table(releases_beside(warehouse) / "demo" / "chat.parquet")
    assert sorted(set(table["line"].to_pylist())) == ["pairs", "traces"]
    block = Page(made.report.read_text("utf-8")).blocks["lines"]
    shown = {row[0]: dict(zip(block.heads, row, strict=True)) for row in block.rows}
    assert (shown["pairs"]["kept"], shown["traces"]["kept"]) == ("3", "6")
    again = released(warehouse, **BOTH)
    assert not again.made.is_new
    assert not again.curated.is_new, "what was released is no duplicate of itself"


@pytest.mark.parametrize(
    ("rule", "gone"),
    [
        ({"length": {"max_characters": 20}}, ("Sort the words.", "too_long")),
        ({"language": {"keep": "de", "unknown": False}}, ("Sort the words.", "other_language")),
        ({"ifd": {"low": 0.55}}, ("Sort the words.", "too_low")),
        ({"quotas": {"per_question": 1, "per_source": 1}}, (None, "source_full")),
        ({"verdict": {"keep": ("correct",)}}, ("Sort the words.", "no_gold")),
    ],
)
def test_every_rule_looks_at_a_pair_as_at_a_trace(
    warehouse: Warehouse, rule: dict[str, Any], gone: tuple[str | None, str]
) -> None:
    curate_warehouse(warehouse, Policy.model_validate(KEEP | {"lines": ("pairs",)} | rule))
    decided = "decisions d JOIN recycled_full USING (attempt_id) WHERE d.rule <> 'selection'"
    found = ask(warehouse, f"SELECT instruction, d.reason FROM {decided}")
    assert (gone in found) if gone[0] else gone[1] in [reason for _, reason in found], found


def test_pairs_that_stand_in_a_benchmark_go(warehouse: Warehouse, tmp_path: Path) -> None:
    text = "Sort the words.\n\npear, fig, date"
    (tmp_path / "benchmark.jsonl").write_text(json.dumps({"id": "b1", "question": text}))
    rule = {"benchmarks": [{"path": str(tmp_path / "benchmark.jsonl")}], "detectors": ["ngram"]}
    asked = KEEP | {"lines": ["pairs"], "contamination": rule}
    made = curate_warehouse(warehouse, Policy.model_validate_json(json.dumps(asked))).curation
    gone = "SELECT r.instruction FROM decisions d JOIN recycled_full r USING (attempt_id) WHERE rule = 'contamination'"
    assert ask(warehouse, f"{gone} AND curation_id = '{made.curation_id}'") == [("Sort the words.",)]
    found = "SELECT source, question, match_id, attempts, kept FROM contaminated_questions"
    assert ask(warehouse, found) == [("pairs", text, "b1", 1, 0)], "they are no rows of `questions`"
    page = Page(released(warehouse, **asked).report.read_text("utf-8"))
    assert [row[3] for row in page.blocks["contamination_evidence"].rows] == [text]


def test_a_warehouse_without_pairs_has_none_to_release(tmp_path: Path) -> None:
    other = Warehouse(tmp_path / "other")
    other.create()
    build(other, [question(1)])
    with pytest.raises(Refused, match="has no plan of pairs"):
        released(other, lines=("pairs",))
