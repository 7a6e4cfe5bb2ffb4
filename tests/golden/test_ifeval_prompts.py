"""300 real prompts with verifiable instructions (google-research `instruction_following_eval`, Apache-2.0)."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.verdict import Reason
from tasks.judging.constraints import INSTRUCTIONS, judge_constraints

RESPONSE = "Moms are kind.\n\nThey listen, and they know."


@pytest.fixture(scope="module")
def prompts(shared_data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shared_data / "ifeval_prompts.jsonl").read_text("utf-8").splitlines()]


def test_all_parse_and_none_is_unsupported(prompts: list[dict[str, Any]]) -> None:
    judged = [judge_constraints(RESPONSE, json.dumps(prompt | {"mode": m})) for prompt in prompts for m in MODES]
    assert len(judged) == 600
    assert {judgement.reason for judgement in judged} == {Reason.CONSTRAINTS_MET, Reason.CONSTRAINT_BROKEN}
    assert {id for prompt in prompts for id in prompt["instruction_id_list"]} == set(INSTRUCTIONS)


MODES = ("strict", "loose")


def test_one_unknown_id_or_argument_would_be_noticed(prompts: list[dict[str, Any]]) -> None:
    """The control."""
    for prompt in prompts:
        ids, kwargs = prompt["instruction_id_list"], prompt["kwargs"]
        wrong = ({"instruction_id_list": [*ids[:-1], "keywords:unheard_of"]}, {"kwargs": [*kwargs[:-1], {"nym": 1}]})
        for changed in wrong:
            assert judge_constraints(RESPONSE, json.dumps(prompt | changed)).reason is Reason.BAD_SPEC
