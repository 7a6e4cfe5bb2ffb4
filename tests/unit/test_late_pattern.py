"""Patterns that are compiled late do what `re.compile` gives."""

import copy
import re
import subprocess
import sys

import pytest

from tasks.late_pattern import late_pattern


@pytest.mark.parametrize("flags", [0, re.IGNORECASE])
def test_it_does_what_the_compiled_one_does(flags: int) -> None:
    late, compiled = late_pattern("(?P<word>a+)b", flags), re.compile("(?P<word>a+)b", flags)
    for _ in range(2):
        assert [m.span() for m in late.finditer("aab AB")] == [m.span() for m in compiled.finditer("aab AB")]
        assert (late.sub("-", "xAAb"), late.pattern, late.groupindex, late.flags) == (
            compiled.sub("-", "xAAb"),
            compiled.pattern,
            compiled.groupindex,
            compiled.flags,
        )
    assert copy.deepcopy(late_pattern("a", flags)).fullmatch("a")


def test_a_wrong_one_fails_when_it_is_asked() -> None:
    wrong = late_pattern("(")
    with pytest.raises(re.error):
        wrong.search("")


@pytest.mark.parametrize(("made", "compiled"), [("late_pattern", False), ("re.compile", True)])
def test_nothing_is_compiled_before_its_use(made: str, compiled: bool) -> None:
    """`re.compile` is the control."""
    lines = (
        "import re, re._compiler as compiler",
        "from tasks.late_pattern import late_pattern",
        "seen, compile = [], compiler.compile",
        "compiler.compile = lambda *given: seen.append(given) or compile(*given)",
        f"pattern = {made}('a.c')",
        "before = bool(seen)",
        "assert pattern.search('abc') and seen",
        "print(before)",
    )
    found = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(compiled)
