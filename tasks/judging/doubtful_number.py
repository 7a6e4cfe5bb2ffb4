"""A bool or a float that passed for an int: `True == 1` and `2.0 == 2` hold in Python, and so in a test's own `==`.

That is right for a program that sums with `math.pow`, or counts one truth, and it is how one that misses the type gets
round a test. Where something says that the int was meant nobody can tell the two apart.
"""

import re
from collections.abc import Set as AbstractSet

from schemas.verdict import Reason
from tasks.judging.candidate import EarlyVerdict
from tasks.judging.code_spec import CodeSpec
from tasks.sandbox.values import Tree, leaves

_CONVERTS = {
    "bool": re.compile(r"\bbool\s*\("),
    "float": re.compile(r"\bfloat\s*\(|\*\s*1\.0?\b|\b1\.0?\s*\*|\+\s*0?\.0\b"),
}
"""Calls that do nothing else, and arithmetic that does nothing else."""
_INT = re.compile(r"\bint\b")
_OTHER_NUMBERS = re.compile(r"float|complex|number|any|union|real|decimal|bool|\|", re.IGNORECASE)


def check_numbers(stood_in: AbstractSet[str], code: str, asked: CodeSpec) -> None:
    """Raise `EarlyVerdict` where what passed for an int (a "bool", "float") comes with a sign that an int is meant:
    the prompt says so, or it is now the one and now the other, or the code converts on purpose.
    """
    if not stood_in:
        return
    if _INT.search(asked.returns) and not _OTHER_NUMBERS.search(asked.returns):
        why = f"the prompt asks for {asked.returns}"
    elif len(stood_in) > 1:
        why = "it is now the one, now the other"
    elif any(_CONVERTS[kind].search(code) for kind in stood_in):
        why = "the code converts on purpose"
    else:
        return
    raise EarlyVerdict(Reason.UNDECIDED, f"a {' and a '.join(sorted(stood_in))} passed for an int, and {why}")


def kinds_in(tree: Tree) -> frozenset[str]:
    """Return which of the two an answer holds."""
    found = {"bool" if isinstance(body, bool) else tag for tag, body in leaves(tree)}
    return frozenset(found & {"bool", "float"})
