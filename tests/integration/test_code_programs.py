"""Programs are run as Python runs a file: however they read and print, and each test anew."""

import json
from collections.abc import Iterator

import pytest

from schemas.verdict import Reason
from tasks.judging.code import CodeJudge
from tasks.sandbox.confinement import ResourceLimits

SPEC = json.dumps({"tests": [{"input": "3 4\n", "output": "7\n"}, {"input": "1 2\n", "output": "3\n"}]})
READ = "a, b = map(int, input().split())\n"
SUM = f"{READ}print(a + b)\n"
PASSED = Reason.ALL_CASES_PASSED

PROGRAMS = {
    "as it stands": (SUM, PASSED),
    "guarded": (
        "def solve():\n    a, b = map(int, input().split())\n    print(a + b)\nif __name__ == '__main__':\n    solve()",
        PASSED,
    ),
    "fenced, with its output": (f"So:\n```python\n{SUM}```\nFor `3 4` it prints:\n```\n7\n```\n", PASSED),
    "the buffer": (
        "import sys\nd = sys.stdin.buffer.read().split()\nsys.stdout.write(str(int(d[0]) + int(d[1])))",
        PASSED,
    ),
    "line by line": ("import sys\nfor line in sys.stdin:\n    print(sum(map(int, line.split())))", PASSED),
    "open(0)": ("a, b = map(int, open(0).read().split())\nprint(a + b)", PASSED),
    "the device": ("a, b = map(int, open('/dev/stdin').read().split())\nprint(a + b)", PASSED),
    "descriptors": (
        "import os\nd = os.read(0, os.fstat(0).st_size).split()\nos.write(1, str(int(d[0]) + int(d[1])).encode())",
        PASSED,
    ),
    "a reader of its own": (
        "import io, os\ninput = io.BytesIO(os.read(0, os.fstat(0).st_size)).readline\n" + SUM,
        PASSED,
    ),
    "a writer of its own": (
        f"import io, sys\n{READ}out = io.StringIO()\nprint(a + b, file=out)\nsys.stdout.write(out.getvalue())",
        PASSED,
    ),
    "exits": (f"{SUM}import sys\nsys.exit()", PASSED),
    "exits by another name": (f"{SUM}exit(0)\nraise ValueError", PASSED),
    "leaves at once": (f"{READ}import os\nprint(a + b, flush=True)\nos._exit(0)", PASSED),
    "prints at the exit": (f"import atexit\nL = []\natexit.register(lambda: print(*L))\n{READ}L.append(a + b)", PASSED),
    "a thread for its stack": (
        "import threading\ndef main():\n    a, b = map(int, input().split())\n    print(a + b)\n"
        "threading.stack_size(1 << 26)\nt = threading.Thread(target=main)\nt.start()\nt.join()",
        PASSED,
    ),
    "deep recursion": (
        f"import sys\nsys.setrecursionlimit(10**6)\ndef f(n): return n and f(n - 1)\nf(50_000)\n{SUM}",
        PASSED,
    ),
    "as deep as alone": (f"def f(n): return n and f(n - 1)\nf(997)\n{SUM}", PASSED),
    "deeper than that": (f"def f(n): return n and f(n - 1)\nf(1_100)\n{SUM}", Reason.RAISED),
    "many digits": (f"assert len(str(10**9_999)) == 10_000\n{SUM}", PASSED),
    "raises its limits": (
        f"import resource\nresource.setrlimit(resource.RLIMIT_STACK, (-1, -1))\n{SUM}",
        PASSED,
    ),
    "a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    a: int\n    b: int\n"
        "p = P(*map(int, input().split()))\nprint(p.a + p.b)",
        PASSED,
    ),
    "errors apart": (f"import sys\nprint('debug', file=sys.stderr)\n{SUM}", PASSED),
    "a new interpreter for each": (
        f"import sys\nsys.seen = getattr(sys, 'seen', 0) + 1\n{READ}print(a + b if sys.seen == 1 else 0)",
        PASSED,
    ),
    "wrong": (f"{READ}print(a - b)", Reason.WRONG_RESULT),
    "right once": ("print(7)", Reason.WRONG_RESULT),
    "never flushed": (f"import os\n{READ}print(a + b)\nos._exit(0)", Reason.WRONG_RESULT),
    "never called": ("def solve():\n    print(sum(map(int, input().split())))", Reason.WRONG_RESULT),
    "asks in words": ("a, b = map(int, input('Enter: ').split())\nprint(a + b)", Reason.WRONG_RESULT),
    "raises after printing": (f"{SUM}1 / 0", Reason.RAISED),
    "reads past the end": (f"{SUM}input()", Reason.RAISED),
    "raises an excuse": (f"{READ}raise ModuleNotFoundError('sums')", Reason.RAISED),
    "endless": (f"{SUM}while True: pass", Reason.TOO_SLOW),
    "asleep": (f"{SUM}import time\ntime.sleep(60)", Reason.TOO_SLOW),
    "too much": ("while True: print('x' * 1000)", Reason.TOO_LARGE),
    "no Python": ("print(7", Reason.SYNTAX_ERROR),
    "writes to the judge": ("import os\nos.write(3, b'\\0\\0\\0\\x02{}')", Reason.FORGED),
    "a code of failure": (f"{SUM}import sys\nsys.exit(1)", Reason.UNDECIDED),
    "a decimal": (f"{READ}print(float(a + b))", Reason.UNDECIDED),
    "a package": (f"import pandas\n{SUM}", Reason.BEYOND_SANDBOX),
    "threads that wait for each other": (
        "import threading\ne = threading.Event()\nt = threading.Thread(target=e.wait)\nt.start()\ne.set()\n" + SUM,
        Reason.BEYOND_SANDBOX,
    ),
    "in another language": ("```cpp\nint main() { return 0; }\n```", Reason.ANSWER_UNPARSABLE),
    "two, of which one is right": (f"```python\n{SUM}```\nOr:\n```python\nprint(7)\n```", Reason.SEVERAL_ANSWERS),
}


@pytest.fixture(scope="module")
def judge() -> Iterator[CodeJudge]:
    made = CodeJudge(ResourceLimits(cpu_s=1, idle_s=0.5))
    yield made
    made.close()


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(judge: CodeJudge, name: str) -> None:
    program, reason = PROGRAMS[name]
    judgement = judge.judge(program, SPEC)
    assert (judgement.reason, judgement.verdict) == (reason, reason.ruling), judgement.evidence


def test_a_test_that_expects_nothing_tells_no_program_apart(judge: CodeJudge) -> None:
    spec = json.dumps({"tests": [{"input": "", "output": ""}]})
    assert judge.judge("x = 1", spec).reason is PASSED
    assert judge.judge("print(1)", spec).reason is Reason.WRONG_RESULT
