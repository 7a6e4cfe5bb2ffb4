"""A public docstring begins with a verb, so that `help(f)` says what `f` does to somebody who has read nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("flows", "tasks", "warehouse", "schemas", "reflectory")
NO_VERB = re.compile(
    "a|about|after|all|also|an|and|another|any|as|at|before|behind|below|beside|both|but|by|each|either|every|few|for|from|"
    "here|how|if|in|inside|into|it|its|last|like|likewise|more|most|much|no|none|not|nothing|of|on|once|one|only|or|other|"
    "same|several|so|some|such|that|the|their|then|these|they|this|those|to|two|under|until|what|whatever|when|where|"
    "whether|which|who|whoever|whose|why|with|within|without",
    re.IGNORECASE,
)


def begins_with_a_verb(docstring: str) -> bool:
    """Return whether the first word may be one: no number, no code, no word that begins a phrase or refers back."""
    word = docstring.split(maxsplit=1)[0].rstrip(",:;.")
    return word.isalpha() and word.istitle() and not NO_VERB.fullmatch(word)


def public_docstrings(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield name and docstring of public functions and methods; a property is a noun."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_docstrings(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
            docstring = ast.get_docstring(node)
            if docstring and not decorators & {"property", "cached_property"}:
                yield node.name, docstring


@pytest.mark.parametrize(
    ("docstring", "stands_alone"),
    [
        ("Return the rows of a table.", True),
        ("Wait, and look again.", True),
        ("The rows of a table.", False),
        ("Whether the table has rows.", False),
        ("Likewise, of a curation.", False),
        ("Of two sets; 0 when both are empty.", False),
        ("As `exchange`, for a stream.", False),
        ("`text` without quotes.", False),
        ("32 hex characters.", False),
        ("(tokens, texts) of a row.", False),
        ("exp(loss)", False),
    ],
)
def test_which_docstrings_stand_alone(docstring: str, stands_alone: bool) -> None:
    assert begins_with_a_verb(docstring) is stands_alone


def test_public_docstrings_begin_with_a_verb() -> None:
    files = [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]
    found = [(file, *each) for file in files for each in public_docstrings(ast.parse(file.read_text("utf-8")))]
    fragments = [
        f"{file.relative_to(ROOT)}: {name}: {text}" for file, name, text in found if not begins_with_a_verb(text)
    ]
    assert len(found) > 1_000
    assert not fragments
