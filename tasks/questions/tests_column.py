"""Which column of a row holds tests of code, in the forms that public sets have. Pure."""

from collections.abc import Mapping
from typing import Any

from tasks.rows.values import look_up

TESTS = (
    *("public_test_cases", "input_output", "verification_info", "reward_model.ground_truth", "official_tests"),
    *("public_tests", "tests", "test_cases", "test_list", "test", "inputs"),
)
"""Columns of tests, the first that a row has; others may go with it."""


def test_column(row: Mapping[str, Any]) -> str | None:
    """Return the column that holds a row's tests, None where no column does in a form that is read."""
    for name in ("test", *TESTS) if row.get("entry_point") else TESTS:
        try:
            value = look_up(row, name)
        except LookupError:
            continue
        if _looks_like_tests(value, name) and (name != "inputs" or "outputs" in row):
            return name
    return None


def _looks_like_tests(value: Any, name: str) -> bool:
    """Whether it is no gold of mathematics, and no text of another use, in a column of a name that others have, too."""
    if isinstance(value, str):
        told = ("assert",) if name == "test" else ('put"', 'puts"', "assert", "test_cases")
        return (name == "test" or value.lstrip()[:1] in ("{", "[")) and (
            name == "inputs" or any(word in value for word in told)
        )
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, Mapping):
        return not {"input", "inputs", "test_cases"}.isdisjoint(first)
    return isinstance(first, str) and (name == "inputs" or "assert" in first)
