"""What makes an environment for reinforcement learning of a release: questions, golds, verdicts as reward.

For PrimeIntellect's `verifiers` 0.4 a package, as a task set of its v1; for verl rows and a file with `compute_score`.
Both need Reflectory's base installation for the verdicts.
"""

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.release_format import Split
from schemas.release_rows import AskedQuestion
from tasks.publishing.files import PARQUET_SETTINGS

NEEDS_MODEL = ("judge",)
"""Kinds whose verdict a model gives: no reward for each rollout."""
_TEMPLATE = Path(__file__).with_name("verifiers_taskset.template")
_VERL_REWARD = Path(__file__).with_name("verl_reward.template")
_SAID = {"role": pa.string(), "content": pa.string()}
_VERL = pa.schema(
    {
        "data_source": pa.string(),
        "prompt": pa.list_(pa.struct(_SAID)),
        "reward_model": pa.struct({"style": pa.string(), "ground_truth": pa.string()}),
        "extra_info": pa.struct(
            {
                "index": pa.int64(),
                **dict.fromkeys(("id", "question", "gold", "kind", "spec", "licence"), pa.string()),
                "pass_rate": pa.float64(),
            }
        ),
    }
)
"""What verl's `RLHFDataset` reads. `spec` is JSON: the fields of a struct would be those of all rows."""
_PROJECT = """\
[project]
name = "{name}"
version = "0.1.0"
description = "Questions with golds, and verified answers as reward: an environment of Reflectory."
requires-python = ">=3.11"
dependencies = ["verifiers==0.4.*", "reflectory{extras}"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""


def write_environment(
    folder: Path,
    release: str,
    system: str | None,
    questions: Iterable[AskedQuestion],
    split_of: Mapping[str, Split] | None,
) -> dict[str, int]:
    """Write the package `reflectory_NAME` into `folder`, whose questions are asked with the message `system`.

    Left out are questions on which no verdict can be given there. Returns the rows of its files, by their path in the
    release.
    """
    package = package_name(release)
    inside = folder / package
    inside.mkdir(parents=True)
    by_split = _by_split(questions, split_of)
    kinds = {question.kind for asked in by_split.values() for question in asked}
    extras = {"gym"} & {kind.removeprefix("reasoning_") for kind in kinds}
    for split, asked in by_split.items():
        lines = [json.dumps(_row(question, system)) + "\n" for question in asked]
        (inside / f"questions-{split}.jsonl").write_text("".join(lines), "ascii")
    known = ", ".join(map(str, by_split))
    taskset = _TEMPLATE.read_text("utf-8").replace("{package}", package).replace("{splits}", known)
    (inside / "taskset.py").write_text(taskset.replace("{split}", str(next(iter(by_split)))), "utf-8")
    (inside / "__init__.py").write_text(
        f'from {package}.taskset import QuestionsTaskset\n\n__all__ = ["QuestionsTaskset"]\n', "utf-8"
    )
    named = f"[{','.join(sorted(extras))}]" if extras else ""
    project = _PROJECT.format(name=package.replace("_", "-"), package=package, extras=named)
    (folder / "pyproject.toml").write_text(project, "utf-8")
    return {f"{folder.name}/{package}/questions-{split}.jsonl": len(asked) for split, asked in by_split.items()}


def write_verl(
    folder: Path, system: str | None, questions: Iterable[AskedQuestion], split_of: Mapping[str, Split] | None
) -> dict[str, int]:
    """Write `questions-SPLIT.parquet` and `reward.py` into `folder`; what is left out and returned is as above."""
    folder.mkdir(parents=True)
    by_split = _by_split(questions, split_of)
    for split, asked in by_split.items():
        rows = [_verl_row(index, question, system) for index, question in enumerate(asked)]
        pq.write_table(pa.Table.from_pylist(rows, _VERL), folder / f"questions-{split}.parquet", **PARQUET_SETTINGS)
    shutil.copyfile(_VERL_REWARD, folder / "reward.py")
    return {f"{folder.name}/questions-{split}.parquet": len(asked) for split, asked in by_split.items()}


def _by_split(
    questions: Iterable[AskedQuestion], split_of: Mapping[str, Split] | None
) -> dict[Split, list[AskedQuestion]]:
    """Those on which a verdict can be given, of every split that the release has."""
    there = {Split.TRAIN} if split_of is None else {*split_of.values()} or {Split.TRAIN}
    by_split: dict[Split, list[AskedQuestion]] = {split: [] for split in Split if split in there}
    for question in filter(_is_rewarded, questions):
        by_split[split_of[question.id] if split_of is not None else Split.TRAIN].append(question)
    return by_split


def _is_rewarded(question: AskedQuestion) -> bool:
    """Whether its verifier can say more than `no_gold`, and asks no model."""
    from tasks.judging.verifiers import VERIFIERS  # only who writes this format needs them

    if question.kind in NEEDS_MODEL:
        return False
    return bool((question.gold or "").strip()) or not VERIFIERS[question.kind].needs_gold


def package_name(release: str) -> str:
    """Return the name under which the package of a release is imported."""
    return "reflectory_" + re.sub(r"[^a-z0-9]+", "_", release.lower()).strip("_")


def _row(question: AskedQuestion, system: str | None) -> dict[str, object]:
    fields = question.model_dump(mode="json", exclude={"spec", "n_correct", "n_verified"})
    asked = {"prompt": question.question, "system_prompt": system}
    return fields | asked | {"spec": json.loads(question.spec), "pass_rate": _pass_rate(question)}


def _verl_row(index: int, question: AskedQuestion, system: str | None) -> dict[str, Any]:
    fields = question.model_dump(mode="json", exclude={"source", "n_correct", "n_verified"})
    told = [{"role": "system", "content": system}] if system else []
    return {
        "data_source": question.source,
        "prompt": [*told, {"role": "user", "content": question.question}],
        "reward_model": {"style": "rule", "ground_truth": question.gold},
        "extra_info": {"index": index, **fields, "pass_rate": _pass_rate(question)},
    }


def _pass_rate(question: AskedQuestion) -> float | None:
    return question.n_correct / question.n_verified if question.n_verified else None
