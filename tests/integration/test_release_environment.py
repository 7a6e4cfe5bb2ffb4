"""Environments for reinforcement learning, as far as they go without the libraries that run them."""

import ast
import json
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import reflectory
from flows.release import ReleaseOrder, curate_and_release, releases_beside
from schemas.question import AnswerKind, Question
from schemas.release_format import ReleaseFormat, Split
from tasks.curation.policy import Policy
from tasks.publishing.environment import package_name
from tasks.publishing.manifest import read_manifest
from tests.judged_trace import SYSTEM
from tests.released_world import build, question
from warehouse.landing import Warehouse

OF_A_MODEL = Question.of(text="Why?", gold="So.", kind=AnswerKind.JUDGE, source="essays")
WITH_SPEC = Question.of(
    text="Say a or b.", gold="a", kind=AnswerKind.CHOICE, source="letters", spec='{"choices": ["a", "b"]}'
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    made = Warehouse(tmp_path_factory.mktemp("world") / "warehouse")
    made.create()
    build(made, [*(question(n) for n in range(12)), OF_A_MODEL, WITH_SPEC])
    return made


def released(warehouse: Warehouse, name: str, **order: Any) -> Path:
    given = ReleaseOrder(name, releases_beside(warehouse), (ReleaseFormat.VERIFIERS, ReleaseFormat.VERL), **order)
    curate_and_release(warehouse, Policy.model_validate({"rules": ("verdict",), "name": name}), given)
    return given.folder


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("ascii").splitlines()]


def test_it_has_every_question_that_code_can_judge_with_its_gold_and_pass_rate(warehouse: Warehouse) -> None:
    folder = released(warehouse, "RL-v1.0")
    package = folder / "environment" / "reflectory_rl_v1_0"
    asked = rows(package / "questions-train.jsonl")
    assert len(asked) == 13, "the one that a model judges is not among them"
    assert {row["kind"] for row in asked} == {"number", "choice"}
    assert {row["system_prompt"] for row in asked} == {SYSTEM}
    assert {round(row["pass_rate"], 3) for row in asked} == {0.667}
    [spec] = [row["spec"] for row in asked if row["kind"] == "choice"]
    assert spec == {"choices": ["a", "b"]}
    project = tomllib.loads((folder / "environment" / "pyproject.toml").read_text())
    assert project["project"]["dependencies"] == ["verifiers==0.4.*", "reflectory"]
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [package.name]
    taskset = (package / "taskset.py").read_text()
    fields = {"id", "prompt", "system_prompt"}  # of the library's TaskData, which refuses none that it does not know
    declared = next(node for node in ast.parse(taskset).body if getattr(node, "name", "") == "QuestionData")
    assert isinstance(declared, ast.ClassDef)
    fields |= {node.target.id for node in declared.body if isinstance(node, ast.AnnAssign)}  # type: ignore[union-attr]
    assert all(row.keys() == fields for row in asked)
    assert not set("{}") & set(taskset.split('"""')[1]), "no place of the template is left"
    stated = {file["path"] for file in read_manifest(folder)["files"]}
    assert "environment/reflectory_rl_v1_0/taskset.py" in stated
    assert "environment/reflectory_rl_v1_0/questions-train.jsonl" in (folder / "README.md").read_text()


def test_its_splits_are_those_of_the_release(warehouse: Warehouse) -> None:
    folder = released(warehouse, "split", splits={Split.TRAIN: 0.5, Split.TEST: 0.5})
    package = folder / "environment" / "reflectory_split"
    for split in ("train", "test"):
        ids = {row["id"] for row in rows(package / f"questions-{split}.jsonl")}
        assert ids <= {row["question_id"] for row in rows(folder / f"chat-{split}.jsonl")}
        assert ids
        verl = pq.read_table(folder / "verl" / f"questions-{split}.parquet").to_pylist()
        assert {row["extra_info"]["id"] for row in verl} == ids
    assert "One of train, test." in (package / "taskset.py").read_text()


def test_rows_for_verl_are_those_of_the_environment_and_their_reward_is_the_verdict(warehouse: Warehouse) -> None:
    folder = released(warehouse, "verl")
    asked = rows(folder / "environment" / "reflectory_verl" / "questions-train.jsonl")
    given = pq.read_table(folder / "verl" / "questions-train.parquet").to_pylist()
    for place, (row, of_package) in enumerate(zip(given, asked, strict=True)):
        said = {"system": of_package.pop("system_prompt"), "user": of_package.pop("prompt")}
        assert row["prompt"] == [{"role": role, "content": text} for role, text in said.items()]
        assert row["data_source"] == of_package.pop("source")
        assert row["reward_model"] == {"style": "rule", "ground_truth": of_package["gold"]}
        assert row["extra_info"] == of_package | {"index": place, "spec": json.dumps(of_package["spec"])}
    assert "verl/questions-train.parquet" in (folder / "README.md").read_text()
    reward = runpy.run_path(str(folder / "verl" / "reward.py"))
    try:
        for row in given:
            gold = row["reward_model"]["ground_truth"]
            for answer, is_right, is_open in ((gold, 1, 0), ("<thinking>It is 0", 0, 1), (None, 0, 1)):
                text = answer and f"<thinking>Hm.</thinking><output>{answer}</output>" if is_right else answer
                score = reward["compute_score"](row["data_source"], text, gold, row["extra_info"], num_turns=2)
                assert score == {"score": is_right, "unverified": is_open}, (row, text)
            wrong = "b" if gold == "a" else "0"
            score = reward["compute_score"](row["data_source"], f"Answer: {wrong}", gold, row["extra_info"])
            assert score == {"score": 0, "unverified": 0}
    finally:
        reward["judges"]().close()


@pytest.mark.parametrize(
    ("name", "package"), [("demo", "reflectory_demo"), ("A.b-C", "reflectory_a_b_c"), ("1", "reflectory_1")]
)
def test_any_name_of_a_release_gives_a_name_of_a_package(name: str, package: str) -> None:
    assert package_name(name) == package
    assert package.isidentifier()


def test_a_pool_judges_one_by_one_as_verify_does() -> None:
    given = [
        {"id": 1, "gold": "4", "response": "<thinking>2+2</thinking><output>4</output>"},
        {"id": 2, "gold": "4", "response": "Answer: 5"},
        {"id": 3, "gold": None, "kind": "number", "response": "Answer: 5"},
        {"id": 4, "gold": "4", "response": None},
        {"id": 5, "gold": object(), "response": "Answer: 4"},
    ]
    pool = reflectory.VerifierPool(workers=1)
    try:
        judged = [pool.verify(row) for row in given]
    finally:
        pool.close()
    assert [row["verdict"] for row in judged] == ["correct", "incorrect", *["unverified"] * 3]
    with pytest.warns(UserWarning, match="response"), pytest.warns(UserWarning, match="gold"):
        assert judged == reflectory.verify(given)
    with pytest.raises(reflectory.Refused, match="needs a mapping"):
        pool.verify(["4"])
