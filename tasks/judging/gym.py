"""reasoning-gym's own scorers. Imported only in a process that can be killed: some run long, nine run code.

Those nine evaluate the answer's text (`eval`, or sympy's `parse_expr`, which is `eval` after a rewrite). They
see it only if it is made of nothing but what a right answer needs; everything else is refused, not scored. That and
the process (no secrets, time, memory) keep accidents out. It is no sandbox.
"""

import re
from functools import cache
from typing import Any

from reasoning_gym.factory import DATASETS, get_score_answer_fn

from schemas.verdict import Reason
from tasks.mathematics.number import compare_quantities, read_quantity

MAX_CHARACTERS = 20_000

_ROWS = re.compile(r"[A-Za-z0-9_ \n,\[\]'\"-]*")
"""A grid or list. Without calls, operators and attributes `eval` can do nothing with it."""
_ARITHMETIC = re.compile(r"[0-9+*/() \n-]*")
_NAMES = "asin|acos|atan|sinh|cosh|tanh|sin|cos|tan|sec|csc|cot|exp|log|ln|sqrt|pi|Abs"
_FORMULA = re.compile(
    rf"(?:(?<![A-Za-z])(?:{_NAMES})(?![A-Za-z])|(?<![A-Za-z])[A-Za-z](?![A-Za-z])|\d\.\d|[0-9+*/^() \n-])*"
)
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
_COSTLY = re.compile(r"\*\*\s*\(*\s*(?:\d{3}|\d+\s*\)*\s*\*\*)")
"""A power of three digits or a tower, which they would work out."""
_GRIDS = ("arc_agi", "rearc")


def _same(answer: str, entry: dict[str, Any]) -> bool:
    """The same text as the entry's own answer, or exactly the same number."""
    gold: str = entry["answer"]
    expected, stated = read_quantity(gold), read_quantity(answer)
    if expected is None or stated is None:
        return answer.strip() == gold.strip()
    return compare_quantities(expected, stated) is Reason.EQUAL


def _uses_the_numbers(answer: str, entry: dict[str, Any]) -> bool:
    return sorted(map(int, re.findall(r"\d+", answer))) == sorted(entry["metadata"]["numbers"])


UNSOUND = {
    "coin_flip": _same,  # 0 for 0.3125: a prefix is enough
    "game_of_life_halting": _same,  # every text
    "gsm_symbolic": _same,  # -18 for 18, and `3 then 18` for 3
    "puzzle24": _uses_the_numbers,  # any four numbers that make 24
}
"""The data sets whose scorer gives full score to wrong answers too, and what a right one must also pass."""

_scorer = cache(get_score_answer_fn)


def score(dataset: object, answer: str, entry: Any) -> Reason:
    """FULL_SCORE only for 1.0: the scorers give parts of it for merely well-formed answers.

    UNDECIDED where a scorer that is known to be careless gave it, and a closer look does not bear it out.

    `entry` is the data set's entry, as JSON keeps it. Whatever a scorer raises, this raises.
    """
    if not isinstance(dataset, str) or dataset not in DATASETS or not isinstance(entry, dict):
        return Reason.BAD_SPEC
    allowed = EVALUATING.get(dataset)
    if len(answer) > MAX_CHARACTERS or (allowed and (not allowed.fullmatch(answer) or _COSTLY.search(answer))):
        return Reason.ANSWER_REFUSED
    if dataset in _GRIDS:
        entry = entry | {"metadata": entry["metadata"] | {"output": _tuples(entry["metadata"]["output"])}}
    if _scorer(dataset)(answer, entry) != 1.0:
        return Reason.NOT_FULL_SCORE
    confirmed = dataset not in UNSOUND or UNSOUND[dataset](answer, entry)
    return Reason.FULL_SCORE if confirmed else Reason.UNDECIDED


def _tuples(grid: list[list[int]]) -> tuple[tuple[int, ...], ...]:
    """The two ARC scorers compare with tuples, which JSON does not keep."""
    return tuple(tuple(row) for row in grid)
