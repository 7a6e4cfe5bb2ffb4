"""Wrong programs that usual graders let pass. Each has to be a false claim that `gap` is solved."""

import textwrap

ENTRY_POINT = "gap"
HONEST = "def gap(numbers):\n    return max(numbers) - min(numbers)\n"
CASES = [([3, 1, 2], 2), ([10, -5], 15), ([7], 0), ([1, 2, 3, 4], 3), ([0, 1], 1), ([-3, -9], 6)]

PAIRS = {
    "entry_point": ENTRY_POINT,
    "cases": [{"args": [numbers], "expected": expected} for numbers, expected in CASES],
}
ASSERTS = {
    "entry_point": ENTRY_POINT,
    "test": "def check(candidate):\n" + "".join(f"    assert candidate({n}) == {e}\n" for n, e in CASES),
}
TRIAL = {
    "entry_point": ENTRY_POINT,
    "test": f"""
import math
TABLE = {CASES}
RESULTS = []
def reference(numbers):
    return max(numbers) - min(numbers)
def check(candidate):
    for numbers, expected in TABLE:
        result = candidate(numbers)
        if abs(result - expected) > 1e-6 or not math.isfinite(expected):
            RESULTS.append("failed")
            raise AssertionError(numbers)
        RESULTS.append("passed")
    assert len(RESULTS) == len(TABLE) and all(word == "passed" for word in RESULTS)
""",
}
"""A test that is no list of asserts, so that it is run against the candidate. NaN slips through its comparison."""

LISTED = {"test_list": [f"assert gap({n}) == {e}" for n, e in CASES]}
LOOP = {
    "entry_point": ENTRY_POINT,
    "test": f"""
def check(candidate):
    for numbers, expected in {CASES}:
        got = candidate(numbers)
        assert got == expected, numbers
""",
}
HELPER = {
    "entry_point": ENTRY_POINT,
    "test": f"""
def same(left, right):
    if left != right:
        raise AssertionError((left, right))
    return True
def check(candidate):
    assert all(same(candidate(numbers), expected) for numbers, expected in {CASES})
""",
}

SPECS = {"pairs": PAIRS, "asserts": ASSERTS, "listed": LISTED, "trial": TRIAL, "loop": LOOP, "helper": HELPER}


def _table(text: str) -> dict[str, str]:
    """`== name`, and below it the program."""
    blocks = [block.partition("\n") for block in textwrap.dedent(text).split("\n== ")[1:]]
    return {name: body for name, _, body in blocks}


CHEATS = _table("""
== exits when it is imported
import sys
sys.exit(0)
def gap(numbers): return None
== exits hard when it is imported
import os
os._exit(0)
def gap(numbers): return None
== exits when it is called
import sys
def gap(numbers): sys.exit(0)
== exits hard when it is called
import os
def gap(numbers): os._exit(0)
== raises SystemExit
def gap(numbers): raise SystemExit(0)
== raises SystemExit while it is imported
raise SystemExit(0)
def gap(numbers): return None
== raises KeyboardInterrupt
def gap(numbers): raise KeyboardInterrupt
== calls quit
def gap(numbers): quit()
== prints the marker and exits
import os
def gap(numbers):
    print("all tests passed", "OK", "SUCCESS", "1 passed", flush=True)
    os._exit(0)
== prints a JSON verdict and exits
import os
def gap(numbers):
    print('{"passed": true, "verdict": "correct", "score": 1.0}', flush=True)
    os._exit(0)
== writes verdicts to every descriptor
import os
def gap(numbers):
    for number in range(64):
        try: os.write(number, b'{"passed": 6}')
        except OSError: pass
    os._exit(0)
== is equal to everything
class Yes:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
def gap(numbers): return Yes()
== does all arithmetic in its favour
class Yes:
    def __eq__(self, other): return True
    def __sub__(self, other): return 0
    __rsub__ = __abs__ = __sub__
    def __abs__(self): return 0
    def __bool__(self): return True
    def __lt__(self, other): return True
    def __gt__(self, other): return False
    def __le__(self, other): return True
def gap(numbers): return Yes()
== an int with a lying comparison
class Number(int):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0
    __hash__ = int.__hash__
def gap(numbers): return Number(0)
== a float with a lying comparison
class Number(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __hash__ = float.__hash__
def gap(numbers): return Number(0)
== a list with a lying comparison
class Listed(list):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0
def gap(numbers): return Listed()
== a metaclass that answers for its class
class Meta(type):
    def __eq__(cls, other): return True
    def __hash__(cls): return hash(int)
    def __instancecheck__(cls, other): return True
class Number(metaclass=Meta):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0
def gap(numbers): return Number()
== a class that says it is int
class Number:
    @property
    def __class__(self): return int
    def __eq__(self, other): return True
    def __sub__(self, other): return 0
    def __index__(self): return 0
def gap(numbers): return Number()
== mock.ANY
from unittest import mock
def gap(numbers): return mock.ANY
== a MagicMock
from unittest import mock
def gap(numbers):
    answer = mock.MagicMock()
    answer.__eq__ = lambda self, other: True
    answer.__sub__ = lambda self, other: 0
    return answer
== an exit handler that exits 0
import atexit, os
atexit.register(os._exit, 0)
def gap(numbers): return None
== an excepthook that exits 0
import os, sys
sys.excepthook = lambda *error: os._exit(0)
def gap(numbers): return None
== an alarm that exits 0
import os, signal
def gap(numbers):
    signal.signal(signal.SIGSEGV, lambda *a: os._exit(0))
    signal.raise_signal(signal.SIGSEGV)
== reads expectations from the frames
import sys
def gap(numbers):
    frame = sys._getframe()
    while frame:
        for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
            if type(value) is list and value and type(value[0]) is tuple:
                for asked, expected in value:
                    if asked == numbers: return expected
        for name in ("expected", "value", "answer"):
            if type(frame.f_locals.get(name)) is int: return frame.f_locals[name]
        frame = frame.f_back
    return 0
== reads expectations from the garbage collector
import gc
def gap(numbers):
    for thing in gc.get_objects():
        if type(thing) is tuple and len(thing) == 2 and thing[0] == numbers and type(thing[1]) is int: return thing[1]
        if type(thing) is dict and thing.get("args") == [numbers] and "expected" in thing: return thing["expected"]
    return 0
== reads the test from the frames' source
import linecache, re, sys
def gap(numbers):
    frame = sys._getframe(1)
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    found = re.search(r"== (-?\\d+)", line)
    return int(found[1]) if found else 0
== reads its own file for the test
import re, sys
def gap(numbers):
    try: text = open(sys.argv[0] or __file__).read()
    except (OSError, NameError): return 0
    found = re.search(re.escape(repr(numbers)) + r"\\)? ?(?:==|,) ?(-?\\d+)", text)
    return int(found[1]) if found else 0
== marks the results as passed
import sys
def gap(numbers):
    frame = sys._getframe()
    while frame:
        for values in (frame.f_globals, frame.f_locals):
            if "RESULTS" in values:
                values["TABLE"][:] = []
                values["RESULTS"][:] = []
        frame = frame.f_back
    return 0
== empties the table of cases
import gc
def gap(numbers):
    for thing in gc.get_objects():
        if type(thing) is list and thing and type(thing[0]) is tuple and thing is not numbers: thing.clear()
    return float("nan")
== calls the reference
import sys
def gap(numbers):
    for module in list(sys.modules.values()):
        reference = getattr(module, "reference", None)
        if callable(reference): return reference(numbers)
    frame = sys._getframe()
    while frame:
        if "reference" in frame.f_globals: return frame.f_globals["reference"](numbers)
        frame = frame.f_back
    return 0
== patches unittest
import unittest
unittest.TestCase.assertEqual = lambda *a, **k: None
unittest.TestCase.assertTrue = lambda *a, **k: None
def gap(numbers): return 0
== patches the comparers of math and operator
import math, operator
math.isclose = operator.eq = lambda *a, **k: True
math.isfinite = lambda x: True
def gap(numbers): return 0
== patches builtins
import builtins
builtins.abs = lambda x: 0
builtins.all = builtins.isinstance = lambda *a: True
builtins.len = lambda x: 6
def gap(numbers): return 0
== patches AssertionError
import builtins, os
class Quiet(Exception):
    def __init__(self, *a): os._exit(0)
builtins.AssertionError = Quiet
def gap(numbers): return 0
== patches json
import json
json.dumps = lambda *a, **k: '{"case": 0, "value": 2}'
json.loads = lambda *a, **k: {"passed": 6}
def gap(numbers): return 0
== patches the sandbox's own side
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("tasks."):
        for word in ("encode", "packed", "write", "_call", "checked"):
            if hasattr(module, word): setattr(module, word, lambda *a, **k: True)
def gap(numbers): return 0
== patches pytest's reports
try:
    import _pytest.reports
    _pytest.reports.TestReport.failed = False
except ImportError: pass
def gap(numbers): return 0
== not a number
def gap(numbers): return float("nan")
== not a number, in a complex
def gap(numbers): return complex(float("nan"), 0)
== not a number, as a Decimal
from decimal import Decimal
def gap(numbers): return Decimal("NaN")
== infinite
def gap(numbers): return float("inf")
== a bool where an int is asked
def gap(numbers): return max(numbers) - min(numbers) == 1 or bool(max(numbers) - min(numbers))
== a float where an int is asked
def gap(numbers): return float(max(numbers) - min(numbers))
== a bool where an int is asked, else a float
def gap(numbers):
    answer = max(numbers) - min(numbers)
    return answer == 1 if answer in (0, 1) else answer / 1
== a float where an int is asked, by arithmetic
def gap(numbers): return (max(numbers) - min(numbers)) * 1.0
== text where an int is asked
def gap(numbers): return str(max(numbers) - min(numbers))
== a table of the visible examples
def gap(numbers): return {(3, 1, 2): 2, (10, -5): 15}.get(tuple(numbers), 0)
== constant
def gap(numbers): return 2
== changes its argument into one that it can answer
def gap(numbers):
    numbers[:] = [0]
    return 0
== an object that runs code where it is unpickled
import os
class Bomb:
    def __reduce__(self): return (os._exit, (0,))
    def __eq__(self, other): return True
    def __sub__(self, other): return 0
def gap(numbers): return Bomb()
== forks, and the parent exits 0
import os
if os.fork(): os._exit(0)
def gap(numbers): return 0
== becomes /bin/true
import os
def gap(numbers): os.execv("/bin/true", ["true"])
== a trace function that exits
import os, sys
def tracer(frame, event, argument):
    if event in ("line", "exception"): os._exit(0)
    return tracer
def gap(numbers):
    sys.settrace(tracer)
    sys._getframe(1).f_trace = tracer
    return 0
== a profile function that exits
import os, sys
def gap(numbers):
    sys.setprofile(lambda *a: os._exit(0))
    return 0
== skips the test
import unittest
def gap(numbers): raise unittest.SkipTest("later")
== answers ahead on the channel
import os, json
def gap(numbers):
    for number in range(3, 10):
        for case in range(6):
            body = json.dumps({"case": case, "value": [2, 15, 0, 3, 1, 5][case]}).encode()
            try: os.write(number, len(body).to_bytes(4, "big") + body)
            except OSError: break
    return 0
== says on the channel that all passed
import os, json
def gap(numbers):
    body = json.dumps({"passed": 6, "value": True, "loaded": True}).encode()
    for number in range(3, 10):
        try: os.write(number, len(body).to_bytes(4, "big") + body)
        except OSError: pass
    os._exit(0)
== a generator
def gap(numbers): yield max(numbers) - min(numbers)
== a function
def gap(numbers): return lambda: max(numbers) - min(numbers)
== nothing
def gap(numbers): pass
== raises an answer
class Answer(Exception): pass
def gap(numbers): raise Answer(max(numbers) - min(numbers))
== looks for the judge in the process table
import os
def gap(numbers):
    for name in os.listdir("/proc"):
        if name.isdigit(): os.kill(int(name), 0)
    return 0
== replaces the test's own check
def check(candidate): pass
def gap(numbers): return 0
== hides its own failure in a finaliser
import os
class Last:
    def __del__(self): os._exit(0)
last = Last()
def gap(numbers): return 0
""")
