"""What a spec lacks is said: what came, what is needed, and what the spec of its kind holds; and before any call."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.question import KINDS, Question
from schemas.verdict import Reason
from tasks.judging.verifiers import VERIFIERS
from tasks.judging.verify import Verifier
from tasks.rows.rewriting import Complaints
from tests.verified_file import verify_file

SPECS: list[tuple[str, dict[str, Any], str]] = [
    ("choice", {}, "spec: choices: got none; needs a value (the spec of kind choice holds choices)"),
    ("choice", {"choices": "AB"}, "spec: choices: got 'AB'; needs a valid tuple ("),
    ("choice", {"choices": ["a"]}, "spec: choices: got ['a']; "),
    (
        "reasoning_gym",
        {},
        "spec: dataset: got none; needs a value (the spec of kind reasoning_gym holds dataset, entry)",
    ),
    ("code", {}, "spec: needs one of cases, test and tests (the spec of kind code holds entry_point, prompt, cases,"),
    ("constraints", {}, "spec: instruction_id_list: got none; needs a value (the spec of kind constraints holds "),
    ("exact", {"accept": "B"}, "spec: accept: got 'B'; needs a valid tuple (the spec of kind exact holds accept)"),
    ("exact", {"accept": [" "]}, "spec: accept.0: got ' '; "),
    ("consensus", {"samples": "2"}, "spec: samples: got '2'; needs a valid tuple (the spec of kind consensus holds "),
]
SOUND = {
    "choice": {"choices": ["a", "b"]},
    "reasoning_gym": {"dataset": "chain_sum", "entry": {"answer": "2"}},
    "code": {"tests": [{"input": "1", "output": "2"}]},
    "constraints": {"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]},
}


@pytest.mark.parametrize(("kind", "spec", "told"), SPECS)
def test_what_a_spec_lacks_is_said(
    tmp_path: Path, verifier: Verifier, kind: str, spec: dict[str, Any], told: str
) -> None:
    """The bug: `bad_spec` alone, and of a kind that needs no gold only once its traces were paid for."""
    judged = verifier.judge(kind, "A", "A", json.dumps(spec), "Which?")
    assert judged.reason is Reason.BAD_SPEC
    assert str(judged.evidence).startswith(told)
    asked = Question.of(text="Which?", gold=None, kind=kind, spec=json.dumps(spec), source="s")
    [verdict] = verifier.check_golds([asked])
    assert (verdict.reason, verdict.evidence) == (judged.reason, judged.evidence)
    (tmp_path / "in.jsonl").write_text(json.dumps({"kind": kind, "gold": "A", "response": "A", "spec": spec}))
    complaints = Complaints(tmp_path / "in.jsonl")
    verify_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", verifier, complaints)
    assert complaints.lines()[0].startswith(f"{tmp_path}/in.jsonl, line 1, {told}")


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_sound_spec_has_no_fault(verifier: Verifier, kind: str) -> None:
    spec = json.dumps(SOUND.get(kind, {}))
    assert VERIFIERS[kind].spec_fault(spec, "Which?") is None
    assert (VERIFIERS[kind].spec_fault("{}", "Which?") is None) is (kind not in SOUND)
