"""What the judge of code says, and why: one line for each way an answer, a question or a machine can be."""

import json
from collections.abc import Iterator

import pytest

from schemas.verdict import Reason
from tasks.judging.code import CodeJudge
from tasks.sandbox.confinement import Limits


@pytest.fixture(scope="module")
def judge() -> Iterator[CodeJudge]:
    made = CodeJudge(Limits(cpu_s=1, idle_s=0.5))
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
    ("def f(n): return n(1)", check("got = candidate(lambda x: x)", "assert got == 1"), Reason.NOT_DATA),
    ("def f(n): return n", check("got = candidate(1)", "while True: pass"), Reason.VERIFIER_TIMEOUT),
    ("def f(n): return n", check("import os", "got = candidate(1)", "os._exit(0)"), Reason.VERIFIER_CRASHED),
    ("def f(n): return n", {"entry_point": "f"}, Reason.BAD_SPEC),
]


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
