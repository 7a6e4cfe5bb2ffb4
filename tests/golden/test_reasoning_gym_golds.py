"""Every family of reasoning-gym verifies its own reference answers, after the trip through JSON that a spec makes."""

import ast
import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from reasoning_gym.factory import DATASETS, create_dataset, get_score_answer_fn

from schemas.verdict import Reason, Ruling
from tasks.judging.gym import EVALUATING, UNSOUND
from tasks.judging.verify import Verifier

NO_FAMILY = {"composite"}
NO_GOLD = {"boxnet", "graph_color", "propositional_logic", "rubiks_cube", "rush_hour"}
"""Their entries hold no reference answer: there is nothing to check, and the scorer judges by the rest of the entry."""
FAMILIES = sorted(set(DATASETS) - NO_FAMILY)
EVALUATES = {"eval", "exec", "parse_expr", "sympify"}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    made = Verifier()
    yield made
    made.close()


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


CARELESS = [
    ("coin_flip", {"answer": "0.3125", "metadata": {}}, "0"),
    ("game_of_life_halting", {"answer": "True", "metadata": {}}, "False"),
    ("gsm_symbolic", {"answer": "18", "metadata": {}}, "-18"),
    ("puzzle24", {"answer": "2 + 9 + 6 + 7", "metadata": {"numbers": [2, 9, 6, 7]}}, "1*9*3 - 3"),
]


@pytest.mark.parametrize(("family", "entry", "wrong"), CARELESS)
def test_full_score_for_a_wrong_answer_does_not_count(
    verifier: Verifier, family: str, entry: dict[str, Any], wrong: str
) -> None:
    assert get_score_answer_fn(family)(wrong, entry) == 1.0, "the control: the library's own scorer takes it"
    assert family in UNSOUND
    assert judge(verifier, family, entry, wrong) is Reason.UNDECIDED
    assert judge(verifier, family, entry, entry["answer"]) is Reason.FULL_SCORE


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
    """number_sorting evaluates the entry's answer, which is ours; the others the model's."""
    assert code_runners() - {"number_sorting"} == set(EVALUATING)


ATTACKS = [
    "__import__('os').system('touch {}')",
    "(lambda: open('{}', 'w'))()",
    "[open('{}', 'w')]",
    "x.__class__.__base__.__subclasses__()",
    "9**9**9**9",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("family", sorted(EVALUATING))
def test_an_answer_is_not_executed(verifier: Verifier, tmp_path: Path, family: str, attack: str) -> None:
    entry = entries(family)[0]
    reason = judge(verifier, family, entry, attack.format(tmp_path / "executed"))
    assert reason is Reason.ANSWER_REFUSED
    assert not list(tmp_path.iterdir())


def test_an_answer_that_takes_for_ever_is_no_wrong_answer(verifier: Verifier) -> None:
    entry = entries("countdown")[0]
    assert judge(verifier, "countdown", entry, "(((9**99+0)**99+0)**99+0)**99") is Reason.VERIFIER_TIMEOUT
    assert judge(verifier, "countdown", entry, entry["answer"]) is Reason.FULL_SCORE


def test_the_scorer_alone_executes_it(tmp_path: Path) -> None:
    """The control."""
    attack = ATTACKS[0].format(tmp_path / "executed")
    get_score_answer_fn("spiral_matrix")(attack, entries("spiral_matrix")[0])
    assert (tmp_path / "executed").exists()
