"""The package that makes an environment for reinforcement learning of a release: questions, golds, verdicts as reward.

For PrimeIntellect's `verifiers` 0.4, as a task set of its v1. It needs Reflectory's base installation for the verdicts.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from schemas.release_format import Split
from schemas.release_rows import AskedQuestion

NEEDS_MODEL = ("judge",)
"""Kinds whose verdict a model gives: no reward for each rollout."""
_TEMPLATE = Path(__file__).with_name("verifiers_taskset.template")
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
    by_split: dict[str, list[AskedQuestion]] = {split: [] for split in dict.fromkeys((split_of or {}).values())}
    by_split = {split: by_split[split] for split in Split if split in by_split} or {Split.TRAIN: []}
    extras: set[str] = set()
    for question in questions:
        if _is_rewarded(question):
            by_split[split_of[question.id] if split_of is not None else Split.TRAIN].append(question)
            extras |= {"gym"} & {question.kind.removeprefix("reasoning_")}
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
    rate = question.n_correct / question.n_verified if question.n_verified else None
    asked = {"prompt": question.question, "system_prompt": system}
    return fields | asked | {"spec": json.loads(question.spec), "pass_rate": rate}
