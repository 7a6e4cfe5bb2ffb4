"""Every family of reasoning-gym verifies its own reference answers, after the trip through JSON that a spec makes, and
none takes what only its library's scorer takes.
"""

import ast
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from reasoning_gym.factory import DATASETS, create_dataset, get_score_answer_fn

from schemas.verdict import Reason, Ruling
from tasks.judging.gym import EVALUATING, allowed, read_formula
from tasks.judging.gym_form import FORMS
from tasks.judging.gym_rule import RULES
from tasks.judging.verifiers.resources import Killable
from tasks.judging.verify import Verifier

NO_FAMILY = {"composite"}
NO_GOLD = {"boxnet", "graph_color", "propositional_logic", "rubiks_cube", "rush_hour"}
"""Their entries hold no reference answer: there is nothing to check, and the scorer judges by the rest of the entry."""
FAMILIES = sorted(set(DATASETS) - NO_FAMILY)
EVALUATES = {"eval", "exec", "parse_expr", "sympify"}


@cache
def entries(family: str) -> list[dict[str, Any]]:
    return [entry for seed in (1, 2, 3) for entry in create_dataset(family, size=2, seed=seed)]


def judge(verifier: Verifier, family: str, entry: dict[str, Any], answer: str | None) -> Reason:
    spec = json.dumps({"dataset": family, "entry": entry})
    return verifier.judge("reasoning_gym", None, answer, spec).reason


@pytest.mark.parametrize("family", FAMILIES)
def test_its_own_golds_get_full_score_and_nonsense_does_not(verifier: Verifier, family: str) -> None:
    for entry in entries(family):
        assert (entry["answer"] is None) == (family in NO_GOLD)
        if family not in NO_GOLD:
            assert judge(verifier, family, entry, entry["answer"]) is Reason.FULL_SCORE
            assert judge(verifier, family, entry, entry["answer"].strip()) is Reason.FULL_SCORE
        assert judge(verifier, family, entry, "zzz wrong").ruling is not Ruling.CORRECT


def test_every_family_has_a_form() -> None:
    assert set(FORMS) == set(FAMILIES)
    assert set(RULES) <= set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_part_of_the_score_for_nothing_is_none(verifier: Verifier, family: str) -> None:
    entry = entries(family)[0]
    assert all(
        judge(verifier, family, entry, blank).ruling is not Ruling.CORRECT for blank in ("", " ", None, "...", "[]")
    )


def test_some_scorers_give_points_for_nothing() -> None:
    """The control."""
    generous = ("advanced_geometry", "arc_agi", "countdown", "emoji_mystery", "game_of_life_halting", "rubiks_cube")
    assert all(get_score_answer_fn(family)(" ", entries(family)[0]) > 0 for family in generous)


POOLED = {"matrix": [[5, 5], [5, 4]], "pool_size": 2, "pool_type": "average"}
HALVES = {"simplified_numerator": 1, "simplified_denominator": 2, "numerator": 2, "denominator": 4}
TWO_VERTICES = {"vertices": [0, 1], "edges": [[0, 1]], "color_options": [1, 2]}
SQUARE = {"row_sums": [1, 2], "col_sums": [1, 2], "n_rows": 2, "n_cols": 2}
SUMS = {"board_size": 2, "solution": [[1, 2], [2, 4]], "puzzle": [[0, 2], [2, 4]], "candidate_numbers": [1]}
KNIGHTS = "Zoey is a hero, and Aria is a villain."
CARELESS = [
    ("coin_flip", "0.3125", {}, "0"),
    ("game_of_life_halting", "True", {}, "False"),
    ("gsm_symbolic", "18", {}, "-18"),
    ("gsm_symbolic", "18", {}, "18 or 20"),
    ("puzzle24", "2 + 9 + 6 + 7", {"numbers": [2, 9, 6, 7]}, "1*9*3 - 3"),
    ("puzzle24", "7*7/2*1", {"numbers": [7, 7, 2, 1]}, "1*7*7/2"),
    ("countdown", "99999 + 1", {"numbers": [99999, 1], "target": 100000}, "99999*1"),
    ("number_sorting", "['1.0', '5.5']", {"direction": "ascending"}, "['1.0', '6.5']"),
    ("decimal_arithmetic", "14.870", {}, "14.871"),
    ("number_format", "7.857", {"solution": 7.857}, "7.858"),
    ("pool_matrix", "4.75", POOLED, "4.76"),
    ("letter_jumble", "and may not", {}, "and may not or and not may"),
    ("figlet_font", "ABCDEFGHIJK", {}, "ABCDEFGHIJX"),
    ("fraction_simplification", "1/2", HALVES, r"\frac{1}{2} or \frac{2}{3}"),
    ("advanced_geometry", "(1.000, 2.000)", {"task_type": "orthocenter", "ortho": ["1", "2"]}, "(1, 2), (3, 4)"),
    ("time_intervals", "5 days", {"task_type": "date"}, "5 days or 7 days"),
    ("game_of_life", "[[0,1]]", {}, "[[0,1,1],[1,1]]"),
    ("game_of_life", "[[0,1]]", {}, "[[false,true]]"),
    ("codeio", '{"a": 1}', {}, '{"a": true}'),
    ("polynomial_equations", "1.5", {}, "1.5, none"),
    ("polynomial_equations", "", {}, "all of them"),
    ("knights_knaves", KNIGHTS, {}, f"It is false that {KNIGHTS}"),
    ("cryptarithm", "A=1,B=2", {"words_letters": ["A", "A"], "result_letters": "B"}, "A=3,B=2,A=1"),
    ("graph_color", None, {"puzzle": TWO_VERTICES}, '{"0": 1, "1": 1, "1": 2}'),
    ("palindrome_partitioning", '[["a", "b"]]', {"solution": [["a", "b"]]}, '["ab"]'),
    ("palindrome_partitioning", '[["a", "b"]]', {"solution": [["a", "b"]]}, '[["a", "b"], ["a", "b"]]'),
    ("jugs", '["fill A"]', {"puzzle": {"jug_capacities": [3], "target": 3}}, '["fill A or B"]'),
    ("quantum_lock", "A \u2192 B", {}, "first A then B"),
    ("survo", "1 2\n2 4", SUMS, "1 or 2\n2 4"),
    ("kakurasu", "1 0\n0 1", SQUARE, "1 2 0\n0 3 1"),
    ("rubiks_cube", None, {"cube_size": 3, "scramble_moves": "U'"}, "U 3D"),
    ("sokoban", "R", {"gamestr": "+ + + + +  \n+ * @ X +  \n+ + + + +  \n"}, "R or L"),
    ("rush_hour", None, {"board_config": "o" * 12 + "oooAAo" + "o" * 18}, "A+9"),
]


@pytest.mark.parametrize(("family", "gold", "metadata", "wrong"), CARELESS)
def test_full_score_for_a_wrong_answer_does_not_count(
    verifier: Verifier, family: str, gold: str | None, metadata: dict[str, Any], wrong: str
) -> None:
    entry = {"answer": gold, "metadata": metadata}
    assert get_score_answer_fn(family)(wrong, json.loads(json.dumps(entry))) == 1.0, "the control: the library takes it"
    assert judge(verifier, family, entry, wrong).ruling is not Ruling.CORRECT
    if gold:
        assert judge(verifier, family, entry, gold) is Reason.FULL_SCORE


SPELT_OTHERWISE = [
    ("lcm", "2842", {}, "2,842"),
    ("products", "5", {}, "5.0"),
    ("gsm_symbolic", "18", {}, "$18"),
    ("acre", "off", {}, "Off"),
    ("list_functions", "[28, 88]", {}, "[28,88]"),
    ("codeio", '[[1.5], {"a": null}]', {}, '[[1.5],{"a":null}]'),
    ("number_sorting", "['1.0', '5.5']", {"direction": "ascending"}, '["1", "5.50"]'),
    ("rotate_matrix", "1 2\n3 4", {}, "1  2 \n 3 4"),
    ("word_sequence_reversal", "go, to", {}, "go,to"),
    ("prime_factorization", "2 \u00d7 5", {}, "2 * 5"),
    ("coin_flip", "0.03515625", {"rational": {"numerator": 9, "denominator": 256}}, "9/256"),
    ("complex_arithmetic", "6.00i", {"result": [0.0, 6.0]}, "6i"),
    ("simple_integration", "x**2 + C", {"variable": "x", "integrand": "2*x"}, "x^2"),
    ("emoji_mystery", '"Go," he said.', {}, '**"Go," he said.**'),
    ("pool_matrix", "4.12", POOLED | {"matrix": [[4, 4], [4, 4.5]]}, "4.125"),
    ("survo", "1 2\n2 4", SUMS | {"solution": [[9, 9], [9, 9]]}, "1 2\n2 4\n"),
]


@pytest.mark.parametrize(("family", "gold", "metadata", "right"), SPELT_OTHERWISE)
def test_another_spelling_is_right(
    verifier: Verifier, family: str, gold: str, metadata: dict[str, Any], right: str
) -> None:
    assert judge(verifier, family, {"answer": gold, "metadata": metadata}, right) is Reason.FULL_SCORE


HANOI = {"num_disks": 1, "num_pegs": 3, "start_peg": 1, "target_peg": 2, "solution_length": 1}
UNSURE = [
    (
        "tower_of_hanoi",
        HANOI,
        "Move disk 1 from Peg 1 to Peg 3\nMove disk 1 from Peg 3 to Peg 2",
    ),  # solved, in two moves
    ("propositional_logic", {"variables": ["P", "Q"], "premises": ["(Q \u2192 P)", "Q"]}, "P"),
    ("simple_integration", {"variable": "x", "integrand": "2*x"}, "3x"),  # no product in Python
    ("polynomial_multiplication", {}, "x*(x + 1)"),
    ("lcm", {}, "zzz wrong"),
    ("coin_flip", {"rational": {"numerator": 9, "denominator": 256}}, "0.0352"),
    ("decimal_arithmetic", {}, "1.234567890123"),
    ("rotate_matrix", {}, "[[1, 2], [3, 4]]"),
    ("futoshiki", {}, "1 < 2\n2 > 1"),
]
GOLDS = {
    "polynomial_multiplication": "x**2 + x",
    "coin_flip": "0.03515625",
    "lcm": "12",
    "decimal_arithmetic": "1.23456789012",
    "rotate_matrix": "1 2\n3 4",
    "futoshiki": "1   2\n     \n2   1",
    "simple_integration": "x**2",
}


@pytest.mark.parametrize(("family", "metadata", "answer"), UNSURE)
def test_what_may_be_right_after_all_is_unverified(
    verifier: Verifier, family: str, metadata: dict[str, Any], answer: str
) -> None:
    entry = {"answer": GOLDS.get(family), "metadata": metadata}
    assert judge(verifier, family, entry, answer).ruling is Ruling.UNVERIFIED


def code_runners() -> set[str]:
    """Families whose class has a `score_answer` that evaluates text, read from the library's source."""
    found = set()
    for family, (cls, _) in DATASETS.items():
        spec = find_spec(cls.__module__)
        assert spec is not None
        assert spec.origin is not None
        for node in ast.walk(ast.parse(Path(spec.origin).read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name == cls.__name__:
                scorers = [item for item in node.body if getattr(item, "name", "") == "score_answer"]
                calls = [c.func for scorer in scorers for c in ast.walk(scorer) if isinstance(c, ast.Call)]
                if {getattr(call, "attr", getattr(call, "id", "")) for call in calls} & EVALUATES:
                    found.add(family)
    return found


def test_scorers_that_evaluate_text_are_known() -> None:
    """They are asked for three families only. number_sorting evaluates the entry's answer, which is ours."""
    assert code_runners() - set(RULES) == EVALUATING


ATTACKS = ["__import__('os').getpid()", "(lambda: open('{}', 'w'))()", "[open('{}', 'w')]", "x.__class__"]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("family", sorted(code_runners()))
def test_an_answer_is_not_executed(verifier: Verifier, tmp_path: Path, family: str, attack: str) -> None:
    reason = judge(verifier, family, entries(family)[0], attack.format(tmp_path / "executed"))
    assert reason.ruling is not Ruling.CORRECT
    assert family not in EVALUATING or reason is Reason.ANSWER_REFUSED
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "formula", ["x**100", "x^100", "2**3**2", "(2**3)**2**1", "x**(100)", "lambda: x", "x.y", "x[0]"]
)
def test_a_costly_formula_is_refused_by_its_shape(formula: str) -> None:
    assert not allowed(formula)


@pytest.mark.parametrize(
    ("formula", "read"),
    [("-x^2/2 + C", "-x**2/2 + C"), ("sin(x)**2", "sin(x)**2"), ("3x", None), ("2(x + 1)", None), ("e**x", None)],
)
def test_a_formula_that_python_cannot_spell_is_unread(formula: str, read: str | None) -> None:
    assert allowed(formula)
    assert read_formula(formula) == read


def test_a_scorer_that_takes_for_ever_is_no_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Killable("tests.golden.slow_scorer", "score", 0.05)
    monkeypatch.setattr("tasks.judging.verifiers.reasoning_gym.SCORER", slow)
    verifier = Verifier()
    assert judge(verifier, "countdown", {"answer": "1", "metadata": {}}, "2") is Reason.VERIFIER_TIMEOUT
    verifier.close()
