"""When the output of a program is the one expected."""

import pytest

from schemas.verdict import Reason
from tasks.judging.program_tests import compared, spoilt

SAME, OTHER, OPEN = Reason.ALL_CASES_PASSED, Reason.WRONG_RESULT, Reason.UNDECIDED


@pytest.mark.parametrize(
    ("expected", "printed", "reason"),
    [
        ("7\n", "7\n", SAME),
        ("7\n", "7", SAME),
        ("7", "7\n\n", SAME),
        ("1 2 3\n", "1 2 3 \n", SAME),
        ("1 2\n3\n", "1 2\r\n3\r\n", SAME),
        ("1  2\n", "1 2\n", SAME),
        ("", "\n", SAME),
        ("7\n", "8\n", OTHER),
        ("7\n", "", OTHER),
        ("7\n", "7\n8\n", OTHER),
        ("7\n8\n", "7\n", OTHER),
        ("1 2\n", "2 1\n", OTHER),
        ("YES\n", "Yes\n", OTHER),
        ("7\n", "The answer is 7\n", OTHER),
        ("10000000\n", "10000001\n", OTHER),
        ("007\n", "7\n", OTHER),
        ("0.5\n", "0.6\n", OTHER),
        ("a\n\nb\n", "a\nb\n", OPEN),
        ("1 2 3\n", "1\n2\n3\n", OPEN),
        ("7\n", "7.0\n", OPEN),
        ("0.333333\n", "0.3333333333\n", OPEN),
        ("0.5\n", ".50\n", OPEN),
        ("1e9\n", "1000000000\n", OPEN),
        ("0.5\n", "nan\n", OTHER),
        ("0.5\n", "1e999999\n", OTHER),
    ],
)
def test_outputs(expected: str, printed: str, reason: Reason) -> None:
    assert compared(expected, printed) is reason


@pytest.mark.parametrize("output", ["", "7\n", "a b\n\nc", "0.5"])
def test_a_spoilt_expectation_is_met_by_nothing_that_met_it(output: str) -> None:
    assert compared(output, output) is SAME
    assert compared(spoilt(output), output) is not SAME
