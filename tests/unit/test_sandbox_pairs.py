"""Which tests are lists of pairs, and which have to be run."""

import pytest

from tasks.sandbox.pairs import NOTE, NoPairs, Notebook, rewrite
from tasks.sandbox.values import decode

Noted = list[tuple[str, tuple[object, ...], object]]


def noted(test: str) -> Noted:
    notebook = Notebook()
    names: dict[str, object] = {NOTE: notebook.note}
    exec(compile(rewrite(test, "f"), "<test>", "exec"), names)
    if "check" in names:
        names["check"](None)  # type: ignore[operator]
    return [(pair["expect"], decode(pair["args"]), decode(pair["value"])) for pair in notebook.pairs]


def check(*lines: str) -> str:
    return "METADATA = {'author': 'x'}\n\ndef check(candidate):\n" + "".join(f"    {line}\n" for line in lines)


ONE: list[tuple[str, Noted]] = [
    ("assert candidate(1, 'a') == [2]", [("equal", (1, "a"), [2])]),
    ("assert [2] == candidate(1)", [("equal", (1,), [2])]),
    ("assert candidate(1) is True, 'why'", [("same", (1,), True)]),
    ("assert candidate(1) is None", [("same", (1,), None)]),
    ("assert candidate([])", [("true", ([],), None)]),
    ("assert not candidate('')", [("false", ("",), None)]),
    ("assert candidate(3 * 19, 'a' + 'b') == (3 + 5, 2 ** 3)", [("equal", (57, "ab"), (8, 8))]),
    ("assert abs(candidate(1.5) - 0.5) < 1e-6", [("close", (1.5,), 0.5)]),
    ("assert abs(0.5 - candidate(1.5)) <= 1e-6", [("close", (1.5,), 0.5)]),
    ("import math\n    assert math.fabs(candidate(1.5) - 0.5) < 1e-6", [("close", (1.5,), 0.5)]),
    ("assert candidate(1) == 2 and not candidate(2)", [("equal", (1,), 2), ("false", (2,), None)]),
    ("assert f(1) == 2", [("equal", (1,), 2)]),
    ("assert candidate(*[1, 2]) == 3", [("equal", (1, 2), 3)]),
    ("for x in range(2):\n        assert candidate(x) == str(x)", [("equal", (0,), "0"), ("equal", (1,), "1")]),
    ("x = sorted([2, 1])\n    assert candidate(x) == len(x)", [("equal", ([1, 2],), 2)]),
    ("x = [2, 1]\n    assert len([1]) == 1\n    assert candidate(x) == 2", [("equal", ([2, 1],), 2)]),
    ("assert True", []),
]


@pytest.mark.parametrize(("line", "pairs"), ONE, ids=[line for line, _ in ONE])
def test_an_assert_is_a_pair(line: str, pairs: Noted) -> None:
    assert noted(check(line)) == pairs


def test_asserts_without_a_check() -> None:
    assert noted("assert f(1) == 2\nassert f(2) == 3\n") == [("equal", (1,), 2), ("equal", (2,), 3)]


def test_a_check_that_calls_itself_is_noted_once() -> None:
    assert noted(check("assert candidate(1) == 2") + "\ncheck(f)\n") == [("equal", (1,), 2)]


def test_keywords_and_tolerances_are_noted() -> None:
    notebook = Notebook()
    notebook.note("close", 0.5, 1e-6)(1, key="v")
    (pair,) = notebook.pairs
    assert decode(pair["kwargs"]) == {"key": "v"}
    assert decode(pair["within"]) == 1e-6


@pytest.mark.parametrize(
    "line",
    [
        "assert tuple(candidate([1])) == (1,)",
        "result = candidate(1)\n    assert result == 2",
        "assert candidate(1) == f(2)",
        "assert candidate(candidate(1)) == 2",
        "assert candidate(1) > 2",
        "assert candidate(1) != 2",
        "assert candidate(1) == 2 or candidate(1) == 3",
        "assert 1 < candidate(1) < 2",
        "assert candidate(1) is not None",
        "assert candidate(1).real == 1",
        "assert abs(candidate(1) - candidate(2)) < 1",
        "try:\n        candidate(1)\n    except ValueError:\n        pass",
        "for g in [candidate]:\n        assert g(1) == 2",
        "assert candidate(1) == object()",
        "assert candidate(lambda: 1) == 2",
        "x = [1]\n    assert candidate(x) == 1\n    assert x == [1]",
        "for n in range(10**9):\n        assert candidate(n) == n",
    ],
)
def test_what_depends_on_the_answer_has_to_be_run(line: str) -> None:
    with pytest.raises(NoPairs):
        noted(check(line))
