"""A benchmark that is asked for help says what it measures, and measures nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [path for path in sorted((ROOT / "tests/benchmarks").rglob("*.py")) if path.parent.name != "drivers"]
COMMANDS = [path for path in FILES if "__main__" in path.read_text("utf-8")]


def gives_help(text: str) -> bool:
    """Whether what is run first is a look for `--help`, or a parser of arguments."""
    started = [
        node for node in ast.parse(text).body if isinstance(node, ast.If) and "__main__" in ast.unparse(node.test)
    ]
    return "ArgumentParser(" in text or any("'--help' in sys.argv" in ast.unparse(node.body[0]) for node in started)


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: str(path.relative_to(ROOT)))
def test_help_is_no_value(path: Path) -> None:
    """The bug: 15 took it for a folder or a number, and some began to measure."""
    assert gives_help(path.read_text("utf-8"))


def test_the_check_bites() -> None:
    assert not gives_help('if __name__ == "__main__":\n    main(int(sys.argv[1]))\n')


def test_one_of_them_is_asked() -> None:
    command = [sys.executable, ROOT / "tests/benchmarks/house.py", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert told.startswith("Figures of a checkout's structure")
