"""No gold: what a clear majority of other samples answers, and when there is none."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.verdict import Reason, Ruling
from tasks.judging.same_value import compare_cheaply
from tasks.judging.verifiers import consensus
from tasks.judging.verify import Verifier


@pytest.fixture
def verifier() -> Iterator[Verifier]:
    made = Verifier()
    yield made
    made.close()


def said(*answers: str) -> list[str]:
    return [f"<thinking>Perhaps 5.</thinking><output>So the answer is {answer}.</output>" for answer in answers]


JUDGED: list[tuple[list[Any], str, Reason, str]] = [
    (said("18", "18.0", "$18"), "18", Reason.MAJORITY, "3 of 3 say 18; next 0"),
    (said("18", "18", "17"), "18 dollars", Reason.MAJORITY, "2 of 3 say 18; next 1"),
    (said("18", "18", "17"), "17", Reason.MINORITY, "2 of 3 say 18; next 1"),
    (said("18", "18", "18", "17", "16"), "16", Reason.NO_MAJORITY, "3 of 5 say 18; next 1"),
    (said("18", "18", "17", "17"), "18", Reason.NO_MAJORITY, "2 of 4 say 18; next 2"),
    (said("18", "18"), "18", Reason.TOO_FEW_SAMPLES, "2 samples, not 3"),
    ([*said("18", "18"), "", None], "18", Reason.TOO_FEW_SAMPLES, "2 samples, not 3"),
    (
        [*said("18", "18", "18"), "", None],
        "18",
        Reason.NO_MAJORITY,
        "3 of 5 say 18; next 0",
    ),  # silence agrees with none
    ([*said("18", "18", "18", "18"), None], "18", Reason.MAJORITY, "4 of 5 say 18; next 0"),
    ([], "18", Reason.TOO_FEW_SAMPLES, "0 samples, not 3"),
    (said("50%", "1/2", "0.5"), "50", Reason.MINORITY, "3 of 3 say 50%; next 0"),
    (said("Paris", "paris", "**Paris**"), "Paris", Reason.MAJORITY, "3 of 3 say Paris; next 0"),
    (said("Paris", "Paris", "Paris"), "London", Reason.MINORITY, "3 of 3 say Paris; next 0"),
    (said("Paris", "Paris", "Paris"), "Paris, France", Reason.UNDECIDED, "3 of 3 say Paris; next 0"),
    (said("x+1", "1+x", "x + 1"), "x+1", Reason.NO_MAJORITY, "1 of 3 say x+1; next 1"),  # only what is cheap
]


@pytest.mark.parametrize(("samples", "answer", "reason", "evidence"), JUDGED)
def test_majority(verifier: Verifier, samples: list[Any], answer: str, reason: Reason, evidence: str) -> None:
    judgement = verifier.judge("consensus", None, answer, json.dumps({"samples": samples}))
    assert (judgement.reason, judgement.evidence) == (reason, evidence)


def test_the_most_frequent_text_is_no_measure() -> None:
    """The control: a vote without a margin, over texts, says correct or incorrect in every case."""
    faked = [case for case in JUDGED if case[2].ruling is Ruling.UNVERIFIED and case[0]]
    assert len(faked) >= 6


def test_the_bounds_are_settings(verifier: Verifier) -> None:
    spec = {"samples": said("18", "18", "17", "17", "18")}
    assert verifier.judge("consensus", None, "18", json.dumps(spec)).reason is Reason.NO_MAJORITY
    assert verifier.judge("consensus", None, "18", json.dumps(spec | {"min_share": 0.6})).reason is Reason.MAJORITY
    strict = json.dumps(spec | {"min_share": 0.6, "min_samples": 6})
    assert verifier.judge("consensus", None, "18", strict).reason is Reason.TOO_FEW_SAMPLES
    tie = json.dumps({"samples": said("18", "18", "17", "17"), "min_share": 0.5})
    assert verifier.judge("consensus", None, "18", tie).reason is Reason.NO_MAJORITY


def test_among_choices(verifier: Verifier) -> None:
    spec = json.dumps({"samples": said("B", "Rome", "(b) Rome"), "choices": ["London", "Rome"]})
    assert verifier.judge("consensus", None, "option B", spec).reason is Reason.MAJORITY
    assert verifier.judge("consensus", None, "A", spec).reason is Reason.MINORITY
    assert verifier.judge("consensus", None, "A or B", spec).reason is Reason.UNDECIDED


def test_samples_are_read_by_the_pattern(verifier: Verifier) -> None:
    spec = {"samples": ["= 18 = 19", "= 18", "x = 18"], "answer_pattern": r"= (\d+)"}
    judgement = verifier.judge("consensus", None, "18", json.dumps(spec))
    assert (judgement.reason, judgement.evidence) == (Reason.MAJORITY, "2 of 3 say 18; next 1")


def test_a_pattern_of_exponential_time_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consensus, "SEARCH", consensus.SEARCH._replace(timeout_s=0.3))
    verifier = Verifier()
    spec = json.dumps({"samples": ["a" * 50 + "b"], "answer_pattern": "((?:a+)+)$"})
    assert verifier.judge("consensus", None, "a", spec).reason is Reason.VERIFIER_TIMEOUT
    verifier.close()


@pytest.mark.parametrize(
    "spec",
    ["[]", "null", '{"samples": "18"}', '{"samples": [18]}', '{"min_share": 2}', '{"min_samples": 0}', "[" * 5000],
)
def test_a_bad_spec_is_a_reason(verifier: Verifier, spec: str) -> None:
    assert verifier.judge("consensus", None, "18", spec).reason is Reason.BAD_SPEC


@pytest.mark.parametrize(
    ("one", "other", "ruling"),
    [
        ("18", "$18.00", Ruling.CORRECT),
        ("18 eggs", "18", Ruling.CORRECT),
        ("18", "17", Ruling.INCORRECT),
        ("18", "Paris", Ruling.UNVERIFIED),  # as a gold, `Paris` is no number
        ("B", "C", Ruling.INCORRECT),
        ("Paris", "London", Ruling.INCORRECT),
    ],
)
def test_the_order_does_not_matter(one: str, other: str, ruling: Ruling) -> None:
    assert compare_cheaply(one, other).ruling is ruling
    assert compare_cheaply(other, one).ruling is ruling
