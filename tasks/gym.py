"""reasoning-gym's own scorers. Imported only in a process that can be killed: some run long, nine run code.

Those nine evaluate the answer's text (`eval`, or sympy's `parse_expr`, which is `eval` after a rewrite). They
see it only if it is made of nothing but what a right answer needs; everything else is refused, not scored. That and
the process (no secrets, time, memory) keep accidents out. It is no sandbox.
"""

import re
from typing import Any

from reasoning_gym.factory import DATASETS, get_score_answer_fn

from schemas.verdict import Reason

MAX_CHARACTERS = 20_000

_ROWS = re.compile(r"[A-Za-z0-9_ \n,\[\]'\"-]*")
"""A grid or list. Without calls, operators and attributes `eval` can do nothing with it."""
_ARITHMETIC = re.compile(r"[0-9+*/() \n-]*")
_NAMES = "sin cos tan sec csc cot asin acos atan sinh cosh tanh exp log ln sqrt pi Abs".split()
_FORMULA = re.compile(rf"(?:{'|'.join(_NAMES)}|(?<![A-Za-z])[A-Za-z](?![A-Za-z])|\d\.\d|[0-9+*/^() \n-])*")
"""Functions by name, variables of one letter, no attributes and no strings."""

EVALUATING = {
    "string_insertion": _ROWS,
    "spiral_matrix": _ROWS,
    "binary_matrix": _ROWS,
    "n_queens": _ROWS,
    "puzzle24": _ARITHMETIC,
    "countdown": _ARITHMETIC,
    "simple_integration": _FORMULA,
    "intermediate_integration": _FORMULA,
    "polynomial_multiplication": _FORMULA,
}
"""The data sets whose scorer evaluates the answer, and what an answer to them may be made of."""
_TOWER = re.compile(r"\*\*[^+-]*\*\*|\d{6}")
_GRIDS = ("arc_agi", "rearc")


def score(dataset: str, answer: str, entry: dict[str, Any]) -> Reason:
    """FULL_SCORE only for 1.0: the scorers give parts of it for merely well-formed answers.

    `entry` is the data set's entry, as JSON keeps it. Whatever a scorer raises, this raises.
    """
    if dataset not in DATASETS or not isinstance(entry, dict):
        return Reason.BAD_SPEC
    allowed = EVALUATING.get(dataset)
    if len(answer) > MAX_CHARACTERS or (allowed and not allowed.fullmatch(answer)):
        return Reason.ANSWER_REFUSED
    if dataset in _GRIDS:
        entry = entry | {"metadata": entry["metadata"] | {"output": _tuples(entry["metadata"]["output"])}}
    full = get_score_answer_fn(dataset)(answer, entry) == 1.0
    return Reason.FULL_SCORE if full else Reason.NOT_FULL_SCORE


def _tuples(grid: list[list[int]]) -> tuple[tuple[int, ...], ...]:
    """The two ARC scorers compare with tuples, which JSON does not keep."""
    return tuple(tuple(row) for row in grid)
