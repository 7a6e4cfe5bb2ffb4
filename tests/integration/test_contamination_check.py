"""The warehouse's questions: what lands, what is found again, and what a reviewer is shown."""

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from schemas.contamination import Detector
from schemas.detection import Benchmark, Detection
from schemas.errors import Refused
from schemas.question import AnswerKind, Question
from tasks.contamination.check import Checked, check_questions
from tasks.contamination.judge import Messages
from tasks.curation.rules.contamination import ContaminationRule
from tests.meaning import WordCounts
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot

ITEM = "Anna has 12 red apples and 30 green pears in 4 baskets and she gives half of her pears to Tom today"
NEAR = ITEM.replace("12", "15").replace("30", "44").replace("4 b", "6 b").replace("today", "now")
OTHER = "Water boils at a lower temperature on mountains; explain why that is and what follows for cooking"

_IN_FORCE = "SELECT contaminated FROM newest_contaminations JOIN questions USING (question_id) WHERE text = ?"


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(tmp_path / "warehouse")
    made.create()
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Detection:
    path = tmp_path / "bench.jsonl"
    path.write_text(json.dumps({"q": {"text": ITEM}, "id": 3}) + "\n", "utf-8")
    bench = Benchmark(path=str(path), column="q.text")
    return Detection(benchmarks=(bench,), borderline=0.5, with_numbers=0.7, alone=0.95)


def ask_questions(warehouse: Warehouse, *texts: str) -> None:
    made = [Question.of(text=text, gold=None, kind=AnswerKind.EXACT, source="test") for text in texts]
    warehouse.land("questions", made, "run", f"questions {texts}")


def check(warehouse: Warehouse, settings: Detection, model: WordCounts, reply: str | None = None) -> Checked:
    def ask(conversations: Sequence[Messages]) -> list[str | None]:
        return [reply] * len(conversations)

    with Snapshot(warehouse) as now:
        checked = check_questions(now, settings, lambda _: model, ask)
    warehouse.land("contaminations", checked.new, "run", "contamination")
    return checked


def test_what_is_landed_is_not_embedded_again(warehouse: Warehouse, settings: Detection) -> None:
    ask_questions(warehouse, f"Well: {ITEM}", NEAR, OTHER)
    model = WordCounts()
    first = check(warehouse, settings, model)
    by = {(row.detector, row.contaminated) for row in first.new if row.match_text == ITEM}
    assert by >= {(Detector.NGRAM, True), (Detector.EMBEDDING, True), (Detector.EMBEDDING, False)}
    assert {row.match_id for row in first.new} == {"3"}
    assert model.embedded == 4
    again = check(warehouse, settings, model)
    assert (again.new, again.check_ids, model.embedded) == ([], first.check_ids, 4)
    ask_questions(warehouse, OTHER.replace("Water", "Milk"))
    assert [row.detector for row in check(warehouse, settings, model).new] == [Detector.EMBEDDING]
    assert model.embedded == 6


def test_another_threshold_or_benchmark_is_another_check(warehouse: Warehouse, settings: Detection) -> None:
    ask_questions(warehouse, NEAR)
    first = check(warehouse, settings, WordCounts())
    other = check(warehouse, settings.model_copy(update={"alone": 0.96}), WordCounts())
    assert len(set(first.check_ids) & set(other.check_ids)) == 1  # n-grams have no thresholds
    Path(settings.benchmarks[0].path).write_text(json.dumps({"q": {"text": OTHER}}) + "\n", "utf-8")
    assert not set(check(warehouse, settings, WordCounts()).check_ids) & set(first.check_ids)


def test_a_warehouse_of_older_rules_or_models_is_checked_again(
    warehouse: Warehouse, settings: Detection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_questions(warehouse, NEAR, ITEM)
    with monkeypatch.context() as old:
        for rules in ("ngrams", "neighbours"):
            old.setattr(f"tasks.contamination.{rules}.VERSION", "of old")
        first = check(warehouse, settings, WordCounts())
    second = check(warehouse, settings, WordCounts())
    assert len({*first.check_ids, *second.check_ids}) == 4
    assert len(second.new) == len(first.new) > 0
    model = WordCounts()
    with Snapshot(warehouse) as now:
        third = check_questions(now, settings, lambda _: model, load_across=lambda: model)
    assert len({*second.check_ids, *third.check_ids}) == 3  # n-grams need no model
    assert [row.detector_version.count("words@1") for row in third.new] == [2, 2]


def test_a_judge_who_failed_is_asked_again_and_then_in_force(warehouse: Warehouse, settings: Detection) -> None:
    settings = settings.model_copy(update={"detectors": (Detector.JUDGE,)})
    ask_questions(warehouse, NEAR, OTHER)
    seen = []
    for reply in (None, None, "They differ.\nVerdict: different", None):
        check(warehouse, settings, WordCounts(), reply)
        with Snapshot(warehouse) as now:
            open_cases = now.ask("SELECT contaminated FROM borderline_contaminations")[1]
            (in_force,) = now.ask(_IN_FORCE, [NEAR])[1]
            assert now.ask("FROM doubled_keys")[1] == []
        seen.append((in_force[0], len(open_cases)))
    assert seen == [(None, 1), (None, 1), (False, 0), (False, 0)]


def test_borderline_cases_stand_beside_their_items(warehouse: Warehouse, settings: Detection) -> None:
    ask_questions(warehouse, ITEM, NEAR, OTHER)
    check(warehouse, settings, WordCounts())
    with Snapshot(warehouse) as now:
        rows = now.ask("SELECT DISTINCT question, match_text, benchmark FROM borderline_contaminations")[1]
    assert rows == [(NEAR, ITEM, "bench")]


def test_a_stage_lands_evidence_once(warehouse: Warehouse, settings: Detection) -> None:
    rule = ContaminationRule(benchmarks=settings.benchmarks, detectors=(Detector.NGRAM,))
    ask_questions(warehouse, f"Well: {ITEM}", OTHER)
    checks = [rule.prepare(warehouse, None, f"run {n}") for n in range(2)]
    assert checks[0] == checks[1]
    with Snapshot(warehouse) as now:
        rows = now.ask("SELECT check_id, contaminated, match_id, start FROM contaminations")[1]
    assert rows == [(checks[0][0], True, "3", 6)]


@pytest.mark.parametrize("suffix", ["parquet", "folder"])
def test_a_benchmark_may_be_parquet_or_a_data_set(warehouse: Warehouse, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "data.parquet" if suffix == "parquet" else tmp_path / "set" / "test.parquet"
    path.parent.mkdir(exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.table({"problem": [OTHER, ITEM], "key": [1, 2]}), path)
    at = path if suffix == "parquet" else path.parent
    bench = Benchmark(path=str(at), column="problem", id_column="key", name="ours")
    ask_questions(warehouse, ITEM)
    checked = check(warehouse, Detection(benchmarks=(bench,), detectors=(Detector.NGRAM,)), WordCounts())
    assert [(row.benchmark, row.match_id, row.contaminated) for row in checked.new] == [("ours", "2", True)]


def test_without_benchmarks_nothing_is_checked(warehouse: Warehouse) -> None:
    ask_questions(warehouse, ITEM)
    assert check(warehouse, Detection(), WordCounts()) == Checked((), [])


@pytest.mark.parametrize(
    ("content", "message"),
    [("{}", "needs the text of an item"), ("", "holds no items"), ("x", "not JSON")],
)
def test_a_benchmark_that_cannot_be_read(warehouse: Warehouse, settings: Detection, content: str, message: str) -> None:
    Path(settings.benchmarks[0].path).write_text(content, "utf-8")
    with pytest.raises(Refused, match=f"contamination.benchmarks: .*{message}"):
        check(warehouse, settings, WordCounts())
