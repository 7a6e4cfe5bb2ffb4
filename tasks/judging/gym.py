"""Whether an answer to a question of reasoning-gym is right, by our rule for its family or by the library's own scorer.

Runs only in a process that can be killed: some scorers run long, and three that are asked evaluate the answer's text
(sympy's `parse_expr`, which is `eval` after a rewrite). They see it only if it is made of nothing but what a right
answer needs; everything else is refused, not scored. That and the process (no secrets, time, memory) keep accidents
out. It is no sandbox.
"""

import ast
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import sympy

from schemas.verdict import Reason
from tasks.judging.gym_answer import stand_alone
from tasks.judging.gym_form import FORMS, Form, Shape, bare
from tasks.judging.gym_rule import RULES
from tasks.without_plots import without_plots

_NAMES = "asin|acos|atan|sinh|cosh|tanh|sin|cos|tan|sec|csc|cot|exp|log|ln|sqrt|pi|Abs"
_ALLOWED = re.compile(
    rf"(?:(?<![A-Za-z])(?:{_NAMES})(?![A-Za-z])|(?<![A-Za-z])[A-Za-z](?![A-Za-z])|\d\.\d|[0-9+*/^() -])*"
)
"""Functions by name, variables of one letter, no attributes and no strings."""
_COSTLY = re.compile(r"(?:\*\*|\^)\s*\(*\s*(?:\d{3}|\d+\s*\)*\s*(?:\*\*|\^))")
"""A power of three digits or a tower, which they would work out."""
_POINTS = (sympy.Rational(37, 100), sympy.Rational(-61, 50), sympy.Rational(173, 100))
_NEAR = 1e-9
EVALUATING = frozenset({"intermediate_integration", "polynomial_multiplication", "simple_integration"})
"""The families whose scorer is asked and evaluates the answer."""

with without_plots():
    from reasoning_gym.factory import DATASETS, get_score_answer_fn
    from reasoning_gym.games.boxnet import action_from_response
    from reasoning_gym.games.rush_hour import Board
MAX_CHARACTERS = 20_000
_RIGHT_IN_PART = {
    "knight_swap": 0.06,  # solved, if not in the fewest moves, which the question does not ask for
    "tower_of_hanoi": 0.06,  # likewise
    "propositional_logic": 0.25,  # what follows, if by one letter
    "word_ladder": 2.0**-30,  # only words that the library's list lacks
}
"""The scores from which it may be right after all."""
_scorer = cache(get_score_answer_fn)


def score(dataset: object, answer: str, entry: Any) -> Reason:
    """Return FULL_SCORE only for the entry's own answer, what the family's rule finds right, and 1.0 of its scorer.

    A part of the full score, which some scorers give for merely well-formed or empty answers, is none. What has another
    form than the family's answers is unverified. `entry` is the data set's, as JSON keeps it. Whatever a scorer raises,
    this raises.
    """
    if not isinstance(dataset, str) or dataset not in DATASETS or not isinstance(entry, dict):
        return Reason.BAD_SPEC
    if len(answer) > MAX_CHARACTERS:
        return Reason.ANSWER_REFUSED
    form = FORMS.get(dataset)
    stated, gold = _in_form(answer, form) if form else answer, entry.get("answer")
    if isinstance(gold, str) and gold.strip() in (answer.strip(), stated):
        return Reason.FULL_SCORE
    if dataset in EVALUATING:
        return _evaluated(dataset, stated, entry) if stated and allowed(stated) else Reason.ANSWER_REFUSED
    if stated is None or form is None:
        return Reason.SEVERAL_ANSWERS if form and len(stand_alone(answer, form)) > 1 else Reason.ANSWER_UNPARSABLE
    ruled = RULES[dataset](stated, entry) if dataset in RULES else None
    return ruled or _scored(dataset, stated, entry)


def _in_form(answer: str, form: Form) -> str | None:
    """The answer as its rule reads it; None where it has another form. A value is read by the rule itself."""
    if form.shape is Shape.SENTENCE:
        return answer
    stated = bare(answer, form)
    return answer if stated is None and form.shape is Shape.VALUE and "\n" not in answer.strip() else stated


def _evaluated(dataset: str, formula: str, entry: dict[str, Any]) -> Reason:
    stated = read_formula(formula)
    if stated is None:
        return Reason.ANSWER_UNPARSABLE
    reason = _scored(dataset, stated, entry)
    unproved = reason is Reason.NOT_FULL_SCORE and may_be_right(dataset, stated, entry)
    return Reason.UNDECIDED if unproved else reason


def _scored(dataset: str, answer: str, entry: dict[str, Any]) -> Reason:
    """By the library's scorer, and by a replay of the moves where it overlooks those that cannot be made."""
    points = _scorer(dataset)(answer, entry)
    if points != 1.0:
        return Reason.UNDECIDED if points >= _RIGHT_IN_PART.get(dataset, 1.0) else Reason.NOT_FULL_SCORE
    possible = dataset not in _REPLAYED or _REPLAYED[dataset](answer, entry)
    return Reason.FULL_SCORE if possible else Reason.UNDECIDED


def _boxes_move(answer: str, entry: dict[str, Any]) -> bool:
    state = entry["metadata"]["initial_state"]
    for step in json.loads(answer):
        for agent, action in step.items():
            moved = action_from_response(state, [{agent: action}])
            if moved == state:
                return False
            state = moved
    return True


def _cars_move(answer: str, entry: dict[str, Any]) -> bool:
    board = Board(entry["metadata"]["board_config"])
    for car, steps in re.findall(r"([A-Z])([-+]\d+)", answer):
        piece = board._pieces[ord(car) - ord("A")]
        before = piece.position
        board.move(car, int(steps))
        if piece.position - before != int(steps) * piece.stride:
            return False
    return True


_REPLAYED: dict[str, Callable[[str, dict[str, Any]], bool]] = {"boxnet": _boxes_move, "rush_hour": _cars_move}
"""Whether every move of an answer can be made, of puzzles whose scorers skip those that cannot."""


def allowed(formula: str) -> bool:
    """Return whether a formula is made of nothing but what a right answer needs, and its powers are not costly."""
    return bool(_ALLOWED.fullmatch(formula)) and not _COSTLY.search(formula)


def read_formula(formula: str) -> str | None:
    """Return a formula in Python's spelling; None for what that cannot say, such as `3x` or `2(x + 1)`, and for a
    number called `e`.
    """
    formula = formula.replace("^", "**")
    try:
        nodes = list(ast.walk(ast.parse(formula, mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    functions = all(isinstance(name, ast.Name) and len(name.id) > 1 for name in called)
    return formula if functions and not any(isinstance(node, ast.Name) and node.id == "e" for node in nodes) else None


def may_be_right(dataset: str, formula: str, entry: dict[str, Any]) -> bool:
    """Return whether it agrees with what was asked at a few points, though the scorer found no proof of it."""
    if dataset == "polynomial_multiplication":
        difference = sympy.parse_expr(formula) - sympy.parse_expr(entry["answer"])
    else:
        variable = sympy.Symbol(entry["metadata"]["variable"])
        names = {str(variable): variable, "C": sympy.Symbol("C")}
        stated, integrand = (sympy.parse_expr(one, names) for one in (formula, entry["metadata"]["integrand"]))
        difference = sympy.diff(stated, variable) - integrand
    values = [difference.evalf(subs=dict.fromkeys(difference.free_symbols, point)) for point in _POINTS]
    return all(value.is_number and abs(complex(value)) < _NEAR for value in values)
