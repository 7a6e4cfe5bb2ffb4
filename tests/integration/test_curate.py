"""Curation of a small warehouse, in this process and by the command."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from schemas.curation import Curation, Decision
from schemas.errors import BooksDoNotBalance, Refused
from schemas.record import Provenance
from schemas.release import Release
from schemas.verdict import Ruling
from tasks.curation.curate import Curated, curate_warehouse
from tasks.curation.policy import Policy
from tasks.curation.rules.amounts import SampleRule
from tests.benchmarks.synthetic_warehouse import make
from tests.conftest import Reflectory
from warehouse.arrow_schema import arrow_schema
from warehouse.landing import Warehouse
from warehouse.reading import Snapshot
from warehouse.row_hash import row_hash

ATTEMPTS = 400


def ask(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    with Snapshot(warehouse) as now:
        return now.ask(sql)[1]


def hashes(warehouse: Warehouse) -> list[str]:
    with Snapshot(warehouse) as now:
        return [row_hash(now, table) for table in ("signatures", "curations", "decisions")]


def curate(warehouse: Warehouse, **values: Any) -> Curated:
    return curate_warehouse(warehouse, Policy.model_validate(values))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, Curation]:
    """Curated by the default policy."""
    warehouse = make(tmp_path_factory.mktemp("world") / "warehouse", ATTEMPTS)
    return warehouse, curate(warehouse).curation


def test_every_attempt_has_one_fate_and_the_funnel_adds_up(world: tuple[Warehouse, Curation]) -> None:
    warehouse, curation = world
    assert curation.planned == ATTEMPTS == curation.kept + curation.dropped + curation.failed + curation.pending
    assert min(curation.kept, curation.dropped, curation.failed, curation.pending) > 0
    left = [step.remaining for step in curation.funnel]
    gone = [sum(count.n for count in step.dropped) for step in curation.funnel]
    assert [step.rule for step in curation.funnel] == ["judged", "verdict", "structure", "duplicates"]
    assert left == [left[0] - sum(gone[: n + 1]) for n in range(len(left))]
    assert left[-1] == curation.kept
    assert all(step.remaining == sum(count.n for count in step.by_source) for step in curation.funnel)
    same = "SELECT count(*) FROM fates JOIN decisions USING (attempt_id) WHERE {}"
    matching = "fates.fate = decisions.fate AND fate_reason IS NOT DISTINCT FROM reason"
    assert ask(warehouse, same.format(matching)) == [(ATTEMPTS,)]
    ranks = ask(warehouse, "SELECT rank FROM decisions WHERE fate = 'kept' ORDER BY rank")
    assert ranks == [(n,) for n in range(curation.kept)]
    assert ask(warehouse, "SELECT DISTINCT balanced FROM books") == [(True,)]


def test_a_duplicate_names_a_kept_trace_with_the_same_text(world: tuple[Warehouse, Curation]) -> None:
    warehouse, _ = world
    found = ask(
        warehouse,
        """
        SELECT d.reason, a.text = b.text, keeper.fate, count(*)
        FROM decisions d
        JOIN traces a ON a.trace_id = d.trace_id
        JOIN traces b ON b.trace_id = d.duplicate_of
        JOIN decisions keeper ON keeper.trace_id = d.duplicate_of
        GROUP BY ALL ORDER BY ALL
        """,
    )
    assert [row[:3] for row in found] == [("exact_duplicate", True, "kept"), ("near_duplicate", False, "kept")]


def test_the_same_policy_again_lands_nothing(world: tuple[Warehouse, Curation]) -> None:
    warehouse, curation = world
    before = hashes(warehouse)
    again = curate(warehouse)
    assert not again.is_new
    assert again.curation == curation
    assert hashes(warehouse) == before


def test_a_sample_is_drawn_by_the_seed_and_the_newest_curation_is_in_force(world: tuple[Warehouse, Curation]) -> None:
    warehouse, _ = world
    kept = "SELECT trace_id FROM decisions WHERE curation_id = '{}' AND fate = 'kept'"
    policies: list[dict[str, Any]] = [{"name": "one"}, {"name": "other", "seed": 1}]
    curations = [curate(warehouse, sample={"size": 50}, **policy).curation for policy in policies]
    one, other = ({*ask(warehouse, kept.format(curation.curation_id))} for curation in curations)
    assert len(one) == len(other) == 50
    assert one != other
    assert ask(warehouse, "SELECT curation, count(*) FROM fates WHERE fate = 'kept' GROUP BY ALL") == [("other", 50)]


def test_rows_in_another_order_and_in_increments_get_the_same_decisions(
    world: tuple[Warehouse, Curation], tmp_path: Path
) -> None:
    warehouse, curation = world
    grown = make(tmp_path / "grown", ATTEMPTS, first=ATTEMPTS // 2)
    curate(grown, name="half")
    assert ask(grown, "SELECT count(*) FROM signatures") == ask(grown, "SELECT count(*) FROM traces")
    make(tmp_path / "grown", ATTEMPTS // 2)
    assert curate(grown).curation.curation_id == curation.curation_id
    assert ask(grown, "SELECT count(*) FROM doubled_keys") == [(0,)]
    with Snapshot(warehouse) as one, Snapshot(grown) as two:
        assert row_hash(one, "signatures") == row_hash(two, "signatures")


def release(warehouse: Warehouse, trace_ids: Sequence[str]) -> None:
    fields = [field for field in arrow_schema(Release) if field.name not in Provenance.model_fields]
    columns = {field.name: pa.nulls(1, field.type) for field in fields}
    columns |= {"release_id": pa.array(["r"]), "trace_ids": pa.array([trace_ids])}
    warehouse.land_columns("releases", pa.table(columns), "run", "release")


def test_what_was_released_stays_and_its_duplicates_go(world: tuple[Warehouse, Curation], tmp_path: Path) -> None:
    warehouse = Warehouse(shutil.copytree(world[0].folder, tmp_path / "warehouse"))
    good = "FROM traces_full WHERE verdict = 'correct' AND structure = 'ok' AND source = 'family_19'"
    copies = [trace_id for (trace_id,) in ask(warehouse, f"SELECT trace_id {good}")]
    release(warehouse, copies)
    turned = curate(warehouse).curation
    fates = dict(ask(warehouse, f"SELECT trace_id, fate FROM decisions WHERE curation_id = '{turned.curation_id}'"))
    assert {fates[trace_id] for trace_id in copies} == {"kept"}
    assert turned.kept == world[1].kept, "the other one of each pair goes"
    # a released trace that an earlier rule drops still keeps its duplicates out
    asked: dict[str, Any] = {"rules": ["verdict", "structure", "quotas", "duplicates"]}
    asked |= {"name": "rest", "quotas": {"per_tag": {"family_19": 0}}}
    assert {count.reason for count in curate(warehouse, **asked).curation.funnel[-1].dropped} == {
        "exact_duplicate",
        "near_duplicate",
    }
    assert curate(warehouse, **asked, duplicates={"released": False}).curation.funnel[-1].dropped == ()


def test_traces_of_questions_that_stand_in_a_benchmark_go(world: tuple[Warehouse, Curation], tmp_path: Path) -> None:
    warehouse, _ = world
    [(question_id, text)] = ask(warehouse, "SELECT question_id, text FROM questions ORDER BY 1 LIMIT 1")
    benchmark = tmp_path / "benchmark.jsonl"
    benchmark.write_text(json.dumps({"id": "b1", "question": text}))
    detection = {"benchmarks": [{"path": str(benchmark)}], "detectors": ["ngram"]}
    made = curate(warehouse, name="clean", verdict={"keep": [*Ruling]}, contamination=detection).curation
    gone = "SELECT DISTINCT question_id, fate FROM decisions WHERE rule = 'contamination' AND curation_id = '{}'"
    assert ask(warehouse, gone.format(made.curation_id)) == [(question_id, "dropped")]
    convicts = "SELECT question_id FROM contaminations WHERE contaminated AND check_id IN {}"
    assert ask(warehouse, convicts.format(list(made.checks or ()))) == [(question_id,)]
    with pytest.raises(ValueError, match="needs `judge`"):
        curate(warehouse, contamination=detection | {"detectors": ["ngram", "judge"]})


def test_a_rule_that_drops_a_row_twice_unbalances_the_books(
    world: tuple[Warehouse, Curation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of every balanced funnel above: past what each statement is checked for."""
    twice = "INSERT INTO drops BY NAME SELECT place, 'sample' AS rule, 'twice' AS reason FROM remaining, range(2)"
    monkeypatch.setattr(SampleRule, "make_facts", lambda rule, connection: connection.execute(twice))
    with pytest.raises(BooksDoNotBalance, match="does not balance"):
        curate(world[0], name="twice", sample={"size": 1})
    assert ask(world[0], "SELECT count(*) FROM curations WHERE name = 'twice'") == [(0,)]


def test_a_policy_may_keep_nothing(world: tuple[Warehouse, Curation]) -> None:
    nothing = curate(world[0], name="nothing", structure={"keep": ["empty"]}).curation
    assert [(step.rule, step.remaining) for step in nothing.funnel[2:]] == [("structure", 0), ("duplicates", 0)]


def test_a_plan_that_is_not_there_is_refused(world: tuple[Warehouse, Curation]) -> None:
    with pytest.raises(Refused, match="plans: got nobody"):
        curate(world[0], plans=["nobody"])


def test_the_command_prints_the_funnel_and_what_is_missing(
    world: tuple[Warehouse, Curation], tmp_path: Path, reflectory: Reflectory
) -> None:
    warehouse, _ = world
    policy = tmp_path / "policy.toml"
    policy.write_text('[mix.shares]\n"level:1" = 0.5\n"level:2" = 0.5\n')

    arguments = ["--name", "mixed", "--set", "sample.size=40", "--top-up", "100", "--warehouse", str(warehouse.folder)]
    twice = reflectory("curate", str(policy), "--policy", str(policy), *arguments, cwd=tmp_path)
    assert "needs one policy" in twice.communicate(timeout=240)[1]
    process = reflectory("curate", "--policy", str(policy), *arguments, cwd=tmp_path)  # or without the option's name
    printed, err = process.communicate(timeout=240)
    assert process.returncode == 0, f"{printed}\n{err}"
    assert "Funnel of the policy mixed" in printed
    assert f"books: planned {ATTEMPTS} = kept 40 + dropped" in printed
    assert "Questions that each bucket lacks of 100 accepted rows" in printed
    tags = "SELECT [tag FOR tag IN tags IF starts_with(tag, 'level')] AS level, count(*) FROM fates"
    asked = f"{tags} JOIN questions USING (question_id) WHERE fate = 'kept' GROUP BY ALL ORDER BY ALL"
    assert ask(warehouse, asked) == [(["level:1"], 20), (["level:2"], 20)]


def test_the_shipped_policy_is_read_and_a_decision_is_a_record(world: tuple[Warehouse, Curation]) -> None:
    from flows.cli.curate import read_policy

    warehouse, curation = world
    shipped = read_policy(Path(__file__).parents[2] / "deploy" / "policy.toml", None, [])
    assert [*shipped.rules_on][:4] == ["verdict", "structure", "effect", "length"]
    made = curate_warehouse(warehouse, shipped).curation
    with Snapshot(warehouse) as now:
        assert len(now.rows(Decision, "curation_id", [made.curation_id])) == made.planned
        assert now.rows(Curation, "curation_id", [curation.curation_id]) == [curation]
