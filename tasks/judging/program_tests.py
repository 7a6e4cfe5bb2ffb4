"""Programs, by standard input and output: each test runs in a snippet of its own, with limits of its own.

Outputs are compared line by line and token by token: white space at the ends of lines and blank lines at either end
do not count. Tokens are text, and so are numbers: `1.0` is not `1`. But graders of the field differ there, and in how
they read line ends, so an output that has the same tokens in other lines, or decimals that are as near as the most
generous of them allow, is left open.
"""

import math
import re
from itertools import zip_longest

from schemas.verdict import Reason
from tasks.judging.candidate import ENDS, EarlyVerdict, deciding, raised
from tasks.judging.code_spec import CodeSpec, ProgramTest
from tasks.judging.expectation import SHOWN_CHARACTERS
from tasks.sandbox.frames import Message
from tasks.sandbox.sandbox import Sandbox
from tasks.sandbox.standard_streams import LARGEST_OUTPUT

RELATIVE_TOLERANCE = ABSOLUTE_TOLERANCE = 1e-5
"""CodeContests' and APPS' graders let numbers that far away pass."""
LONGEST_NUMBER = 60
_DECIMAL = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_THREADS = re.compile(r"\b(?:threading|_thread|ThreadPool\w*|concurrent\.futures|asyncio\.to_thread)\b")


def run_program(sandbox: Sandbox, code: str, asked: CodeSpec) -> str:
    """Return how many tests it passed: all. Raises `EarlyVerdict` at the first that it did not, and where no output
    tells an expectation from one that is wrong.
    """
    told_apart = False
    for number, test in enumerate(asked.tests):
        place = f"test {number + 1} of {len(asked.tests)}"
        if len(test.output) > LARGEST_OUTPUT:
            raise EarlyVerdict(Reason.GOLD_REFUSED, f"{place} expects more than {LARGEST_OUTPUT >> 20} MiB")
        printed = _printed(sandbox, code, asked, test, place)
        if (found := compared(test.output, printed)) is not Reason.ALL_CASES_PASSED:
            raise EarlyVerdict(found, f"{place} printed {_shown(printed)}; expected {_shown(test.output)}")
        told_apart = told_apart or compared(spoilt(test.output), printed) is not Reason.ALL_CASES_PASSED
    if not told_apart:
        raise EarlyVerdict(Reason.TEST_TOO_WEAK, "it also passes with every expectation spoilt")
    return f"{len(asked.tests)} of {len(asked.tests)} tests"


def compared(expected: str, printed: str) -> Reason:
    """Return ALL_CASES_PASSED, WRONG_RESULT, or UNDECIDED where graders of the field would differ."""
    ours, theirs = _tokens(expected), _tokens(printed)
    if ours == theirs:
        return Reason.ALL_CASES_PASSED
    pairs = zip_longest((word for line in ours for word in line), (word for line in theirs for word in line))
    near = all(one == other or (one and other and _near(one, other)) for one, other in pairs)
    return Reason.UNDECIDED if near else Reason.WRONG_RESULT


def spoilt(output: str) -> str:
    """Return an expectation that no output meets which meets this one."""
    return f"{output.rstrip()}~"


def _tokens(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().split("\n")]


def _near(one: str, other: str) -> bool:
    """Two numbers of which one at least is written as a decimal."""
    if max(len(one), len(other)) > LONGEST_NUMBER or not (_DECIMAL.fullmatch(one) and _DECIMAL.fullmatch(other)):
        return False
    if one.lstrip("+-").isdigit() and other.lstrip("+-").isdigit():
        return False
    return math.isclose(float(one), float(other), rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)


def _printed(sandbox: Sandbox, code: str, asked: CodeSpec, test: ProgramTest, place: str) -> str:
    """Raises `EarlyVerdict` where it did not end well."""
    try:
        with deciding(ENDS, place), sandbox.start() as snippet:
            reply = snippet.ask({"do": "program", "prompt": asked.prompt, "answer": code, "input": test.input})
        return _output(reply, test, place)
    except EarlyVerdict as decided:
        if decided.reason.ruling is Reason.RAISED.ruling and _THREADS.search(code):
            raise EarlyVerdict(
                Reason.BEYOND_SANDBOX, f"threads run one after the other here; {decided.evidence}"
            ) from None
        raise


def _output(reply: Message, test: ProgramTest, place: str) -> str:
    if "large" in reply:
        raise EarlyVerdict(Reason.TOO_LARGE, f"{place}: {reply['large']}")
    if reply.get("failed") == "question":
        raise EarlyVerdict(Reason.QUESTION_FAILED, f"the prompt's own code: {reply.get('detail')}")
    if reply.get("failed") == "syntax_error":
        raise EarlyVerdict(Reason.SYNTAX_ERROR, str(reply.get("detail")))
    if "raised" in reply:
        raise EarlyVerdict(raised(reply), f"{place} raised {reply.get('detail')}")
    printed, code = reply.get("printed"), reply.get("code")
    if not isinstance(printed, str):
        raise EarlyVerdict(Reason.FORGED, f"{place}: no output on the channel")
    if code and compared(test.output, printed) is Reason.ALL_CASES_PASSED:
        raise EarlyVerdict(Reason.UNDECIDED, f"{place}: the output is right, and the program exits with {code!r}")
    return printed


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…")
