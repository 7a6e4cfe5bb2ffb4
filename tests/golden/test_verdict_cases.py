"""The given cases, judged from file to file; `pytest -s` prints faults by kind, before and after.

What is left is listed with its reason: nothing else may go wrong, and what goes right must leave the list.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.golden.verdict_cases import Case, judge_cases, read_cases, table

DISAGREED: dict[str, str] = {
    "adv2-0131": "2.6667 is not 8/3: an approximation is another number, here as in `math_pairs.txt`",
}
"""Where the reading that the case gives is not ours, and why."""
LEFT: dict[str, str] = {
    "adv2-0007": "a number in the middle of words that do not call it an answer",
    "adv2-0012": "likewise, behind a denial",
    "adv2-0014": "likewise, behind two denials",
    "adv2-0032": "dollar signs that do not pair",
    "adv2-0104": "a command that is no LaTeX",
    "adv2-0178": "a list with an element twice: a set, or another list",
    "adv2-0181": "two intervals of z for one inequality of |z|",
    "adv2-0200": "a box without an end",
    "adv2-0230": "a command that is no LaTeX (\\quadx)",
    "adv2-0241": "a sum under its sign: none is read",
}
"""Unverified although correct: readings that we lack."""


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> list[Case]:
    return read_cases(shared_data)


@pytest.fixture(scope="module")
def judged(cases: list[Case], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return judge_cases(cases, tmp_path_factory.mktemp("cases"))


def test_no_verdict_is_false_but_those_listed(cases: list[Case], judged: dict[str, dict[str, Any]]) -> None:
    verdicts = {id: row["verdict"] for id, row in judged.items()}
    print("\n" + table(cases, verdicts))
    faults = {case.id: fault for case in cases if (fault := case.fault(verdicts[case.id]))}
    assert {id for id, fault in faults.items() if fault.startswith("false")} == DISAGREED.keys()
    assert {id for id, fault in faults.items() if fault.startswith("unverified")} == LEFT.keys()
    assert len(DISAGREED) <= 0.005 * len(cases)
    assert len(LEFT) <= 0.08 * sum(case.right == {"correct"} for case in cases)


def test_a_judge_that_says_one_thing_would_be_noticed(cases: list[Case]) -> None:
    """The control: each verdict alone is wrong on many cases."""
    for verdict in ("correct", "incorrect", "unverified"):
        assert sum(case.fault(verdict) is not None for case in cases) > 300
