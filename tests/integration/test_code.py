"""What the judge of code says, and why: one line for each way an answer, a question or a machine can be."""

import json
from collections.abc import Iterator

import pytest

from schemas.verdict import Reason
from tasks.judging.code import CodeJudge
from tasks.sandbox.confinement import ResourceLimits


@pytest.fixture(scope="module")
def judge() -> Iterator[CodeJudge]:
    made = CodeJudge(ResourceLimits(cpu_s=1, idle_s=0.5))
    yield made
    made.close()


def pairs(*cases: tuple[list[object], object]) -> dict[str, object]:
    return {"entry_point": "f", "cases": [{"args": args, "expected": expected} for args, expected in cases]}


def check(*lines: str) -> dict[str, object]:
    return {"entry_point": "f", "test": "def check(candidate):\n" + "".join(f"    {line}\n" for line in lines)}


ADDS_ONE = pairs(([1], 2), ([5], 6))
RUN = check("got = candidate(1)", "assert got == 2")

ANSWERS = [
    ("def f(n): return n + 1", ADDS_ONE, Reason.ALL_CASES_PASSED),
    ("def f(n): return 2", ADDS_ONE, Reason.WRONG_RESULT),
    ("def f(n): return (n + 1,)", pairs(([1], [2])), Reason.ALL_CASES_PASSED),
    ("def f(n): return {n: n}", pairs(([1], {"1": 1})), Reason.ALL_CASES_PASSED),
    ("def f(n):\n    n.append(1)\n    return n", pairs(([[]], [1]), ([[]], [1])), Reason.ALL_CASES_PASSED),
    (
        "seen = []\ndef f(n):\n    seen.append(n)\n    return len(seen)",
        pairs(([1], 1), ([1], 2)),
        Reason.ALL_CASES_PASSED,
    ),
    ("def f(n): return [][n]", ADDS_ONE, Reason.RAISED),
    ("1 / 0\ndef f(n): return n + 1", ADDS_ONE, Reason.RAISED),
    ("def f(n): return bytearray(4 << 30)", ADDS_ONE, Reason.RAISED),
    ("def f(n): return f(n)", ADDS_ONE, Reason.RAISED),
    ("def f(n) return n", ADDS_ONE, Reason.SYNTAX_ERROR),
    ("`def f(n): return n + 1`", ADDS_ONE, Reason.ANSWER_UNPARSABLE),  # quoted, or between marks that are not read
    ("> ```python\n> def f(n): return n + 1\n> ```", ADDS_ONE, Reason.ANSWER_UNPARSABLE),
    ("<pre><code>def f(n): return n + 1\n</code></pre>", ADDS_ONE, Reason.ANSWER_UNPARSABLE),
    ("```python\n>>> def f(n):\n...     return n + 1\n```", ADDS_ONE, Reason.ANSWER_UNPARSABLE),
    ("```python\ndef f(n):\n    s = '''```'''\n    return n + 1\n```", ADDS_ONE, Reason.ALL_CASES_PASSED),
    (
        "Instead of\n```python\ndef f(n): return n\n```\nuse\n```python\ndef f(n): return n + 1\n```",
        ADDS_ONE,
        Reason.ALL_CASES_PASSED,
    ),
    ("def f(n): return " + "(" * 5000 + "1" + ")" * 5000, ADDS_ONE, Reason.SYNTAX_ERROR),
    ("def f(n): return 1" + "+1" * 50_000, ADDS_ONE, Reason.SYNTAX_ERROR),
    ("def f(n): return n\x00", ADDS_ONE, Reason.SYNTAX_ERROR),
    ("def g(n): return n + 1", ADDS_ONE, Reason.NO_ENTRY_POINT),
    ("f = 5", ADDS_ONE, Reason.NO_ENTRY_POINT),
    ("def f(n):\n    while True: pass", ADDS_ONE, Reason.TOO_SLOW),
    ("import time\ndef f(n): time.sleep(60)", ADDS_ONE, Reason.TOO_SLOW),
    (
        "import time\ndef f(n):\n    time.sleep(0.2)\n    return n",
        pairs(*[([n], n) for n in range(50)]),
        Reason.TOO_SLOW,
    ),
    ("def f(n): return 'x' * (8 << 20)", ADDS_ONE, Reason.TOO_LARGE),
    ("def f(n):\n    while True: print('x' * 999)", ADDS_ONE, Reason.TOO_LARGE),
    ("while True: print('x' * 999)\ndef f(n): return n + 1", ADDS_ONE, Reason.TOO_LARGE),
    ("import os\ndef f(n): os._exit(0)", ADDS_ONE, Reason.ENDED_EARLY),
    ("import ctypes\ndef f(n): ctypes.string_at(0)", ADDS_ONE, Reason.ENDED_EARLY),
    (
        "import os\ndef f(n):\n  for d in range(64):\n    try: os.close(d)\n    except OSError: pass",
        ADDS_ONE,
        Reason.ENDED_EARLY,
    ),
    ("import os, time\ndef f(n):\n  os.closerange(0, 64)\n  time.sleep(9)", ADDS_ONE, Reason.ENDED_EARLY),  # not killed
    ("import os\ndef f(n): os.write(3, b'\\0\\0\\0\\x02[]')", ADDS_ONE, Reason.FORGED),
    ("import no_such_package\ndef f(n): return n + 1", ADDS_ONE, Reason.BEYOND_SANDBOX),
    ("def f(n): return open('/etc/passwd').read()", ADDS_ONE, Reason.BEYOND_SANDBOX),
    ("import threading\ndef f(n): threading.Thread(target=int).start()", ADDS_ONE, Reason.BEYOND_SANDBOX),
    ("import no_such_name from math", ADDS_ONE, Reason.SYNTAX_ERROR),
    ("from math import no_such_name\ndef f(n): return n + 1", ADDS_ONE, Reason.RAISED),
    ("def f(n): return n + 1", RUN, Reason.ALL_CASES_PASSED),
    ("def f(n): return n", RUN, Reason.WRONG_RESULT),
    ("def f(n): return None", check("got = candidate(1)", "assert got + 1 == 3"), Reason.WRONG_RESULT),
    ("def f(n): return [][n]", RUN, Reason.RAISED),
    ("def f(n): return object()", RUN, Reason.NOT_DATA),
    ("import os\ndef f(n): os._exit(0)", RUN, Reason.ENDED_EARLY),
    ("def f(n):\n    while True: pass", RUN, Reason.TOO_SLOW),
]

RAISES = check("try:", "    candidate(-1)", "except ValueError:", "    return", "assert False")
MAY_BE_NAN = check("import math", "got = candidate(0)", "assert math.isnan(got) and candidate(2) == 0.5")
VAGUE = check("import math", "got = candidate(2)", "assert not math.isnan(0.5) and not abs(got - 0.5) > 1e-6")

QUESTIONS = [
    ("def f(n): raise ValueError(n)", RAISES, Reason.ALL_CASES_PASSED),
    ("def f(n): return n", RAISES, Reason.WRONG_RESULT),
    ("def f(n): return 1 / n if n else float('nan')", MAY_BE_NAN, Reason.ALL_CASES_PASSED),
    ("def f(n): return float('nan')", MAY_BE_NAN, Reason.WRONG_RESULT),
    ("def f(n): return 1 / n", VAGUE, Reason.ALL_CASES_PASSED),
    ("def f(n): return float('nan')", VAGUE, Reason.TEST_TOO_WEAK),
    (
        "def f(n): return float('nan')",
        check("got = candidate(0)  # finance", "assert not got > 1"),
        Reason.WRONG_RESULT,
    ),
    ("def f(n): return n", check("got = candidate(1)", "assert isinstance(got, int)"), Reason.TEST_TOO_WEAK),
    ("def f(n): return n", check("pass"), Reason.TEST_TOO_WEAK),
    ("def f(n): return n", check("assert candidate(1) == undefined"), Reason.QUESTION_FAILED),
    ("def f(n): return n", check("import no_such_package", "assert candidate(1) == 1"), Reason.QUESTION_FAILED),
    ("def f(n): return n", {"entry_point": "f", "test": "def check(candidate) pass"}, Reason.QUESTION_FAILED),
    ("def f(n): return n", check("assert 1 == 2", "got = candidate(1)", "assert got == 1"), Reason.QUESTION_FAILED),
    ("def f(n): return '1 + 1'", check("got = candidate(1)", "assert eval(got) == 2"), Reason.QUESTION_FAILED),
    ("def f(n): return b''", check("import pickle", "assert pickle.loads(candidate(1))"), Reason.QUESTION_FAILED),
    ("def f(n): return n", {**ADDS_ONE, "prompt": "import no_such_package\n"}, Reason.QUESTION_FAILED),
    ("def f(n): return n", {**ADDS_ONE, "prompt": "import os\nos._exit(0)\n"}, Reason.QUESTION_FAILED),
    ("def f(n): return n(1)", check("got = candidate(lambda x: x)", "assert got == 1"), Reason.NOT_DATA),
    ("def f(n): return n", check("got = candidate(1)", "while True: pass"), Reason.VERIFIER_TIMEOUT),
    ("def f(n): return n", check("import os", "got = candidate(1)", "os._exit(0)"), Reason.VERIFIER_CRASHED),
    ("def f(n): return n", {"entry_point": "f"}, Reason.BAD_SPEC),
]


PASSED, WRONG, OPEN = Reason.ALL_CASES_PASSED, Reason.WRONG_RESULT, Reason.UNDECIDED
TWO_SUM: dict[str, object] = {"entry_point": "twoSum", "cases": [{"args": [[2, 7], 9], "expected": [0, 1]}]}
SOLUTION = """class Solution:
    def twoSum(self, nums: List[int], target: int) -> Optional[List[int]]:
        seen = defaultdict(int)
        for i, n in enumerate(nums):
            if target - n in seen:
                return [seen[target - n], i]
            seen[n] = i
"""
HEADER = "class Solution:\n    def twoSum(self, nums: List[int], target: int) -> List[int]:\n"
METHODS: list[tuple[str, dict[str, object], Reason]] = [
    *[
        (SOLUTION, {**TWO_SUM, "entry_point": name}, PASSED)
        for name in ("twoSum", "Solution.twoSum", "Solution().twoSum")
    ],
    (SOLUTION.replace("[target - n], i]", "[target - n], n]"), TWO_SUM, WRONG),
    ("class Solution:\n    @staticmethod\n    def twoSum(a, t): return [0, 1]", TWO_SUM, PASSED),
    ("class Base:\n    def twoSum(self, a, t): return [0, 1]\nclass Solution(Base): pass", TWO_SUM, PASSED),
    (
        "class Solution:\n    def __init__(self): self.r = [0, 1]\n    def twoSum(self, a, t): return self.r",
        TWO_SUM,
        PASSED,
    ),
    ("def twoSum(nums, target): return [0, 1]", TWO_SUM, PASSED),
    ("def twoSum(nums, target): return [0, 1]", {**TWO_SUM, "entry_point": "Solution.twoSum"}, Reason.NO_ENTRY_POINT),
    (SOLUTION, {**TWO_SUM, "prompt": HEADER}, PASSED),
    ("        return [0, 1]", {**TWO_SUM, "prompt": HEADER}, PASSED),
    ("return [0, 1]", {**TWO_SUM, "prompt": f"{HEADER}        "}, PASSED),
    ("        return [0, 1]", {**TWO_SUM, "prompt": f"{HEADER}        'So.'\n"}, PASSED),
    (
        "def twoSum(self, nums, target): return self.pair()\ndef pair(self): return [0, 1]",
        {**TWO_SUM, "prompt": HEADER},
        PASSED,
    ),
    (SOLUTION, {"entry_point": "twoSum", "test": "assert Solution().twoSum([2, 7], 9) == [0, 1]"}, PASSED),
    (SOLUTION, {"entry_point": "twoSum", "test": "assert Solution().twoSum([2, 7], 9) == [1, 0]"}, WRONG),
]


def lines(first: str, *rest: str, **more: object) -> dict[str, object]:
    return {**check(first, *rest), **more}


NAMED = "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(y): return P(y, y)"
BY_THE_TEST: list[tuple[str, dict[str, object], Reason]] = [
    ("import math\ndef f(n): return math.pow(n, 2)", lines("assert candidate(3) == 9"), PASSED),
    ("import math\ndef f(n): return math.pow(n, 2)", lines("got = candidate(3)", "assert got == 9"), PASSED),
    ("def f(n): return n in (1,)", lines("assert candidate(1) == 1"), PASSED),
    ("def f(n): return [x / 1 for x in n]", lines("assert candidate([1, 2]) == [1, 2]"), PASSED),
    ("def f(n): return [x / 1 for x in n]", pairs(([[1, 2]], [1, 2])), WRONG),
    ("def f(n): return (1, 2)", lines("assert candidate(1) == [1, 2]"), WRONG),
    (NAMED, lines("assert candidate(2) == (2, 2)"), PASSED),
    (NAMED, pairs(([2], [2, 2])), PASSED),
    ("def f(n): return float(n)", lines("assert candidate(3) == 3"), OPEN),
    ("def f(n): return n / 1", lines("assert candidate(3) == 3", prompt="def f(n: int) -> int:\n"), OPEN),
    ("def f(n): return n / 1", lines("assert candidate(3) == 3", prompt="def f(n: int) -> float:\n"), PASSED),
    ("def f(n): return n / 1 if n > 1 else n > 0", lines("assert candidate(3) == 3", "assert candidate(1) == 1"), OPEN),
    ("import re\ndef f(s): return re.match('a', s)", lines("assert candidate('a')"), Reason.NOT_DATA),
    (
        "from datetime import date\ndef f(y): return date(y, 1, 1)",
        lines("from datetime import date", "assert candidate(2020) == date(2020, 1, 1)"),
        PASSED,
    ),
    (
        "from decimal import Decimal\ndef f(y): return Decimal(y)",
        lines("from decimal import Decimal", "assert candidate(2) == Decimal(2)"),
        PASSED,
    ),
    ("def sq(x): return x * x", {"test_list": ["assert sq(2) == 4", "assert sq(3) == 9"]}, PASSED),
    ("def sq(x): return x + x", {"test_list": ["assert sq(2) == 4", "assert sq(3) == 9"]}, WRONG),
]

STACK = """class Stack:
    def __init__(self): self.items = []
    def push(self, x): self.items.append(x)
    def pop(self):
        if not self.items: raise Empty("nothing left")
        return self.items.pop()
    def __len__(self): return len(self.items)
class Empty(ValueError): pass
"""
USES_A_STACK = {
    "entry_point": "Stack",
    "test": """
def check(candidate):
    s = candidate()
    s.push(1)
    s.push(2)
    assert len(s) == 2 and s.items == [1, 2]
    assert s.pop() == 2
    assert s.pop() == 1
    try:
        s.pop()
    except ValueError:
        return
    assert False
""",
}
LIAR = "class Y:\n    def __eq__(self, other): return True\n"
OBJECTS: list[tuple[str, dict[str, object], Reason]] = [
    (STACK, USES_A_STACK, PASSED),
    (STACK.replace("append(x)", "insert(0, x)"), USES_A_STACK, WRONG),
    (STACK.replace("return self.items.pop()", "self.items.pop(); return Y()") + LIAR, USES_A_STACK, Reason.NOT_DATA),
    (f"{LIAR}def f(n): return Y()", lines("got = candidate(1)", "assert got == 1"), Reason.NOT_DATA),
    (f"{LIAR}def f(n): return Y()", lines("assert candidate(1) == 1"), WRONG),
    (
        f"{LIAR}def f(n): return Y()",
        lines("try: assert candidate(1) != 1", "except BaseException: pass"),
        Reason.NOT_DATA,
    ),
    (
        "class Y:\n    def __contains__(self, x): return True\ndef f(n): return Y()",
        lines("got = candidate(1)", "assert 2 in got"),
        Reason.NOT_DATA,
    ),
    (
        "class Y:\n    def equals(self, x): return True\ndef f(n): return Y()",
        lines("assert candidate(1).equals(2)"),
        Reason.NOT_DATA,
    ),
    ("def f(n): yield from range(n)", lines("assert list(candidate(3)) == [0, 1, 2]"), PASSED),
    ("def f(n): yield from range(1, n)", lines("assert list(candidate(3)) == [0, 1, 2]"), WRONG),
    ("def f(n): yield from range(n)", lines("assert candidate(2) == [0, 1]"), WRONG),
    (
        "import itertools\ndef f(n): return itertools.count(n)",
        lines("g = candidate(3)", "assert [next(g) for _ in range(3)] == [3, 4, 5]"),
        PASSED,
    ),
    ("def f(d): return d.keys()", lines("assert sorted(candidate({'b': 1, 'a': 2})) == ['a', 'b']"), PASSED),
]

SORTED = lines("a = [3, 1, 2]", "candidate(a)", "assert a == [1, 2, 3]")
UNTOUCHED = lines("a = [3, 1, 2]", "assert candidate(a) == [1, 2, 3]", "assert a == [3, 1, 2]")
UNIQUE = lines("a = [1, 1, 2]", "k = candidate(a)", "assert k == 2 and a[:k] == [1, 2]")
ROWS = lines("m = [[1, 2], [3, 4]]", "r = m[0]", "candidate(m)", "assert m == [[2, 1], [4, 3]] and r == [2, 1]")
IN_PLACE: list[tuple[str, dict[str, object], Reason]] = [
    ("def f(a): a.sort()", SORTED, PASSED),
    ("def f(a): a.sort(reverse=True)", SORTED, WRONG),
    ("def f(a): return sorted(a)", SORTED, WRONG),
    ("def f(a): pass", SORTED, WRONG),
    ("def f(a): a.sort()", lines("a = [3, 1]", "assert candidate(a) is None", "assert a == [1, 3]"), PASSED),
    ("def f(a): a.sort()", lines("a = [1, 2]", "candidate(a)", "assert a == [1, 2]"), Reason.TEST_TOO_WEAK),
    ("def f(m):\n    for row in m: row.reverse()", ROWS, PASSED),
    ("def f(d): d['a'] = 1", lines("d = {}", "candidate(d)", "assert d == {'a': 1}"), PASSED),
    ("def f(s): s.add(1)", lines("s = set()", "candidate(s)", "assert s == {1}"), PASSED),
    ("def f(a): a.sort()", lines("a = [3, 1, 2]", "candidate(a)", "assert a[0] == 1 and a[1] == 2"), PASSED),
    ("def f(a): a.sort()", lines("a = [3, 1, 2]", "candidate(a)", "assert a[0] == 2 and a[1] == 2"), WRONG),
    ("def f(a):\n    a[:] = sorted(set(a))", lines("a = [1, 1, 2]", "candidate(a)", "assert a[:2] == [1, 2]"), PASSED),
    ("def f(m):\n    m[0].reverse()", lines("m = [(0,), [1, 2]][1:]", "candidate(m)", "assert m[0] == [2, 1]"), PASSED),
    ("def f(d): d['x'] = 1", lines("d = {}", "candidate(d)", "assert d['x'] == 1"), PASSED),
    ("def f(s): s.add(5)", lines("s = {4}", "candidate(s)", "assert 5 in s"), PASSED),
    ("def f(a): a.sort()", lines("a = [3, 1, 2]", "candidate(a)", "assert len(a) >= 3"), Reason.TEST_TOO_WEAK),
    ("def f(a): return sorted(a)", UNTOUCHED, PASSED),
    ("def f(a):\n    a.sort()\n    return list(a)", UNTOUCHED, OPEN),
    ("def f(a):\n    a[:] = sorted(set(a))\n    return len(a)", UNIQUE, OPEN),
    ("def f(a): return 2", UNIQUE, WRONG),
    ("def f(a): a.sort()", pairs(([[3, 1]], [1, 3])), OPEN),
    ("def f(a): a.sort()", {**pairs(([[3, 1]], [1, 3])), "prompt": "def f(a: list[int]) -> None:\n"}, PASSED),
    ("def f(a): a.clear()", {**pairs(([[3, 1]], [1, 3])), "prompt": "def f(a: list[int]) -> None:\n"}, WRONG),
    ("def f(a): a.sort()", lines("a = [3, 1]", "assert candidate(a) == [1, 3]"), WRONG),
    ("def f(a):\n    a[:] = [0]\n    return 0", lines("a = [5]", "got = candidate(a)", "assert got == sum(a)"), OPEN),
]

ADDS = check("got = candidate(1)", "assert got == 2")
EXCUSES: list[tuple[str, dict[str, object], Reason]] = [
    ("def f(n): raise ModuleNotFoundError('x')", ADDS, Reason.RAISED),
    ("def f(n): raise PermissionError('x')", ADDS_ONE, Reason.RAISED),
    (
        'def f(n):\n    if n == 5: raise RuntimeError("can\'t start new thread")\n    return n + 1',
        ADDS_ONE,
        Reason.RAISED,
    ),
    ("raise ImportError('libfoo')\ndef f(n): return 1", ADDS_ONE, Reason.RAISED),
    (
        "class E(Exception): pass\ndef f(n): raise E(n)",
        check("try: got = candidate(1)", "except Exception as e: raise RuntimeError('bad') from e", "assert got == 2"),
        Reason.RAISED,
    ),
    (
        "def f(n):\n    try: import pandas\n    except ImportError: raise ImportError('needs pandas')",
        ADDS_ONE,
        Reason.BEYOND_SANDBOX,
    ),
    ("class Bad(ValueError): pass\ndef f(n): raise Bad(n)", RAISES, PASSED),
    ("class Bad(Exception): pass\ndef f(n): raise Bad(n)", RAISES, Reason.RAISED),
]

SEVERAL: list[tuple[str, dict[str, object], Reason]] = [
    (
        "```python\ndef f(n): return n + 1\n```\nOr:\n```python\ndef f(n): return 2\n```",
        ADDS_ONE,
        Reason.SEVERAL_ANSWERS,
    ),
    ("```python\ndef f(n): return n + 1\n```\nOr:\n```python\ndef f(n): return 1 + n\n```", ADDS_ONE, PASSED),
    ("```python\ndef f(n): return n\n```\nOr:\n```python\ndef f(n): return 2\n```", ADDS_ONE, WRONG),
    ("```python\ndef g(n): return n\n```\nand\n```python\ndef f(n): return g(n) + 1\n```", ADDS_ONE, PASSED),
]


@pytest.mark.parametrize(
    ("answer", "spec", "reason"), [*METHODS, *BY_THE_TEST, *OBJECTS, *IN_PLACE, *EXCUSES, *SEVERAL]
)
def test_forms(judge: CodeJudge, answer: str, spec: dict[str, object], reason: Reason) -> None:
    judgement = judge.judge(answer, json.dumps(spec))
    assert (judgement.reason, judgement.verdict) == (reason, reason.ruling), judgement.evidence


@pytest.mark.parametrize(("answer", "spec", "reason"), ANSWERS)
def test_answers(judge: CodeJudge, answer: str, spec: dict[str, object], reason: Reason) -> None:
    judgement = judge.judge(answer, json.dumps(spec))
    assert (judgement.reason, judgement.verdict) == (reason, reason.ruling), judgement.evidence
    assert judgement.evidence


@pytest.mark.parametrize(("answer", "spec", "reason"), QUESTIONS)
def test_questions_that_are_not_plain_pairs(
    judge: CodeJudge, answer: str, spec: dict[str, object], reason: Reason
) -> None:
    judgement = judge.judge(answer, json.dumps(spec))
    assert (judgement.reason, judgement.verdict) == (reason, reason.ruling), judgement.evidence


def test_evidence_says_which_case_and_what_came_back(judge: CodeJudge) -> None:
    judgement = judge.judge("def f(n): return 2", json.dumps(ADDS_ONE))
    assert judgement.evidence == "case 2 of 2: f(5) returned 2; expected 6"


def test_evidence_is_the_same_in_every_run(judge: CodeJudge) -> None:
    """An address in a message would differ; a lone surrogate or NUL would not land."""
    source = "def f(n): raise ValueError(f'{object()} \\ud800 \\0')"
    evidence = [judge.judge(source, json.dumps(ADDS_ONE)).evidence for _ in range(2)]
    assert evidence[0] == evidence[1]
    assert "0x…" in str(evidence[0])
    assert str(evidence[0]).encode()
    assert "\0" not in str(evidence[0])
