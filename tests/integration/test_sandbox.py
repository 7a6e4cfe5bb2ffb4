"""The sandbox lives through anything, leaves nothing behind, and refuses to start where it would not hold."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from schemas.verdict import Reason, Ruling
from tasks.judging.code import CodeJudge
from tasks.judging.verify import Verifier
from tasks.sandbox import probes, sandbox
from tasks.sandbox.confinement import ResourceLimits
from tasks.sandbox.sandbox import Sandbox, SandboxUnavailable
from tasks.sandbox.snippet import End, Snippet, SnippetEnded
from tasks.sandbox.values import decode, encode
from tests.benchmarks.sandbox import KINDS, answer, many
from tests.verified_file import verify_file

ROOT = Path(__file__).parents[2]
SPEC = json.dumps({"entry_point": "f", "cases": [{"args": [1], "expected": 2}]})
RIGHT, WRONG = "def f(n): return n + 1", "def f(n): return n"


@pytest.fixture
def ours() -> Iterator[Sandbox]:
    made = Sandbox(ResourceLimits(cpu_s=1, idle_s=0.3, wall_s=1.5))
    yield made
    made.close()


def called(snippet: Snippet, source: str, *arguments: object) -> object:
    loaded = snippet.ask({"do": "load", "prompt": "", "answer": source, "entry_point": "f"})
    assert "loaded" in loaded, loaded
    reply = snippet.ask({"do": "calls", "first": 0, "calls": [[encode(arguments), encode({})]]})
    return decode(reply["value"]) if "value" in reply else reply


def test_five_hundred_snippets_of_every_kind_leave_nothing_behind(ours: Sandbox) -> None:
    """5,000 in `tests/benchmarks/sandbox.py`."""
    ended = {name: answer(ours, source) for name, source in KINDS.items()}
    assert ended == {
        "return": "value",
        "raise": "raised",
        "exit": "gone",
        "crash": "gone",
        "memory": "raised",
        "recursion": "raised",
        "large": "large",
        "syntax": "failed",
        "rubbish": "too_large",
        "fork": "raised",
    }
    early, late = many(ours, 500)
    assert late["judge's descriptors"] == early["judge's descriptors"]
    assert late["zygote's children"] == 0
    assert late["judge's memory"] < early["judge's memory"] + 2048
    assert late["zygote's memory"] < early["zygote's memory"] + 1024
    left = [path for path in Path(tempfile.gettempdir()).iterdir() if path.name.startswith("core")]
    assert not left


def test_many_large_replies_are_too_large() -> None:
    calls = [[encode(()), encode({})]] * 17
    with closing(Sandbox()) as patient, patient.start() as snippet:
        source = "def f(): return 'x' * (4 * 2**20 - 100)"
        snippet.ask({"do": "load", "prompt": "", "answer": source, "entry_point": "f"})
        snippet.send({"do": "calls", "first": 0, "calls": calls})
        for _ in calls[1:]:
            snippet.receive()
        with pytest.raises(SnippetEnded) as ended:
            snippet.receive()
    assert ended.value.end is End.TOO_LARGE


def test_two_sandboxes_answer_alike(ours: Sandbox) -> None:
    """Hashes and random numbers included: the same inputs give the same rows."""
    source = (
        "import random\ndef f(): return list({'a', 'b', 'c', 'd'}), random.random(), random.choices(range(99), k=5)"
    )
    other = Sandbox()
    with ours.start() as one, other.start() as two, ours.start() as three:
        assert called(one, source) == called(two, source) == called(three, source)
    other.close()


def test_a_process_killed_from_outside_is_no_wrong_answer(ours: Sandbox) -> None:
    with ours.start() as snippet:
        threading.Timer(0.2, os.kill, (snippet.process, signal.SIGKILL)).start()
        with pytest.raises(SnippetEnded) as ended:
            called(snippet, "def f():\n    while True: pass")
    assert ended.value.end is End.KILLED


def test_a_process_that_is_not_let_run_is_no_slow_answer(ours: Sandbox) -> None:
    with ours.start() as snippet:
        threading.Timer(0.1, os.kill, (snippet.process, signal.SIGSTOP)).start()
        with pytest.raises(SnippetEnded) as ended:
            called(snippet, "def f():\n    while True: pass")
    assert ended.value.end is End.STARVED


def test_a_slow_answer_is_slow(ours: Sandbox) -> None:
    """The control of the two above: the same code, left alone."""
    with ours.start() as snippet, pytest.raises(SnippetEnded) as ended:
        called(snippet, "def f():\n    while True: pass")
    assert ended.value.end in (End.TOO_SLOW, End.STARVED)  # STARVED where it gets no second of processor time in 1.5


def test_a_zygote_that_is_killed_is_started_again(ours: Sandbox) -> None:
    with ours.start() as snippet:
        assert ours.zygote is not None
        os.kill(ours.zygote, signal.SIGKILL)
        gone([ours.zygote, snippet.process])
        with pytest.raises(SnippetEnded) as ended:
            called(snippet, "def f(): return 1")
        assert ended.value.end is End.KILLED
    with ours.start() as snippet:
        assert called(snippet, "def f(): return 1") == 1


def test_a_snippet_that_starts_while_its_zygote_dies_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel ends it with the zygote only once it has asked for that: here it asks late."""
    start = """
import time; from tasks.sandbox import confinement, zygote
prctl = confinement._prctl
confinement._prctl = lambda option, value: time.sleep(0.3 * (option == 1)) or prctl(option, value)
zygote.main()
"""
    monkeypatch.setattr(sandbox, "_START", sandbox._START.partition("from ")[0] + start.lstrip())
    slow = Sandbox()
    with slow.start() as snippet:
        assert slow.zygote is not None
        os.kill(slow.zygote, signal.SIGKILL)
        gone([slow.zygote, snippet.process])
    slow.close()


def test_it_does_not_outlive_a_killed_owner() -> None:
    code = """
import os, signal
from tasks.sandbox.sandbox import Sandbox
sandbox = Sandbox()
snippet = sandbox.start()
print(sandbox.zygote, snippet.process, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    owner = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    left = [int(process) for process in owner.stdout.split()]
    assert len(left) == 2
    gone(left)


def gone(processes: list[int]) -> None:
    """Waits until they are."""
    deadline = time.monotonic() + 60
    while any(running(process) for process in processes):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def running(process: int) -> bool:
    """Not gone, and not a zombie that whatever adopted it has yet to collect."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


BROKEN = {
    "Landlock that restricts nothing": "confinement.landlock._call = lambda number, *rest: 9",
    "a filter that lets files be opened": "seccomp.SYSCALLS['openat'] = (257, 56)",
    "a filter that lets files be looked at": "seccomp.SYSCALLS['newfstatat'] = (262, 79)",
    "a filter that lets the host be named": "seccomp.SYSCALLS['uname'] = (63, 160)",
    "a filter that lets the user be named": "seccomp.SYSCALLS['getuid'] = (102, 174)",
    "a filter that lets the parent be named": "seccomp.SYSCALLS['getppid'] = (110, 173)",
    "no filter": "confinement.seccomp.load = lambda program: None",
    "a filter that lets sockets in": "seccomp.SYSCALLS['socket'] = (41, 198)",
    "a filter that lets processes in": "seccomp.SYSCALLS['clone'] = (56, 220)",
    "no limit of memory": "confinement._lower = lambda kind, value: None",
    "an environment": "zygote.os.environ.__class__.clear = lambda self: None",
    "open descriptors": "confinement.os.closerange = lambda low, high: None",
    "no standard library": "zygote.Archive.find_spec = lambda *names: None",
    "another standard library": "zygote._import_from = lambda archive: None",
    "a preloaded module that fails": "zygote.importlib.import_module = lambda name: 1 / 0",
    "a snippet that cannot start": "confinement.resource = None",
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_sandbox_that_does_not_hold_is_never_used(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The self-check's known-bad controls: a zygote with one wall missing."""
    broken = f"from tasks.sandbox import confinement, seccomp, zygote; {BROKEN[what]}; zygote.main()"
    monkeypatch.setattr(sandbox, "_START", sandbox._START.partition("from ")[0] + broken)
    judge = CodeJudge()
    for answered in (RIGHT, WRONG):
        judgement = judge.judge(answered, SPEC)
        assert (judgement.verdict, judgement.reason) == (Ruling.UNVERIFIED, Reason.SANDBOX_UNAVAILABLE)
        assert judgement.evidence
    judge.close()


def test_without_a_wall_missing_it_is_used() -> None:
    """The control of the controls."""
    judge = CodeJudge()
    assert [judge.judge(answered, SPEC).reason for answered in (RIGHT, WRONG)] == ["all_cases_passed", "wrong_result"]
    judge.close()


def test_a_kernel_without_landlock_gives_no_verdict() -> None:
    """Its system calls are answered with ENOSYS, as by a kernel before 5.13."""
    code = """
import ctypes, errno, json, struct
from tasks.sandbox import seccomp
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
step = lambda *fields: struct.pack("HBBI", *fields)
refuse = step(0x06, 0, 0, 0x50000 | errno.ENOSYS)
seccomp.load(step(0x20, 0, 0, 0) + step(0x15, 0, 1, 444) + refuse + step(0x06, 0, 0, 0x7FFF0000))
from tasks.judging.code import CodeJudge
spec = {"entry_point": "f", "cases": [{"args": [1], "expected": 2}]}
judgement = CodeJudge().judge("def f(n): return n + 1", json.dumps(spec))
print(judgement.reason, judgement.evidence)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("sandbox_unavailable this kernel has no Landlock"), done


def test_the_probes_bite_where_there_is_no_sandbox(tmp_path: Path) -> None:
    """The control: the self-check's attempts succeed in a plain process, all but what this kernel lets nobody do."""
    (tmp_path / "kept").write_text("x")
    target = {"folder": str(tmp_path), "judge": os.getpid(), "memory": 2**20}
    code = f"from tasks.sandbox import probes; print('reached', len(probes.reached({target!r})))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"HOME": "/"}, capture_output=True, text=True, check=False
    )
    attempts = Path(probes.__file__).read_text("utf-8").count('": lambda') + 1  # and `fork`, which needs none
    assert int(done.stdout.partition("reached ")[2].split()[0]) >= attempts - 2


def test_numpy_where_the_code_asks_for_it() -> None:
    judge = CodeJudge()
    spec = json.dumps({"entry_point": "f", "cases": [{"args": [[1, 2]], "expected": [2.0, 4.0]}]})
    for source in (
        "import numpy as np\ndef f(x): return np.array(x) * 2.0",
        "from numpy.linalg import solve\ndef f(x): return list(solve([[.5, 0], [0, .5]], x))",
    ):
        assert judge.judge(source, spec).reason is Reason.ALL_CASES_PASSED
    test = "import numpy as np\ndef check(candidate):\n    assert (candidate(np.eye(2)) == np.ones((2, 2))).all()"
    arrays = json.dumps({"entry_point": "f", "test": test})
    reasons = [judge.judge(f"def f(x): return x + {n} - x", arrays).reason for n in (1, 2)]
    assert reasons == [Reason.ALL_CASES_PASSED, Reason.WRONG_RESULT]
    assert judge.judge("import pandas\ndef f(x): return x", spec).reason is Reason.BEYOND_SANDBOX
    judge.close()


NOT_THERE = """
    audioop cProfile crypt curses grp nis ossaudiodev pty readline spwd ssl syslog termios tty
    idlelib tkinter turtle turtledemo ensurepip antigravity this
"""
"""Of the standard library: terminals, users, secrets of a network, drawing, a comic and a poem."""


def test_the_standard_library_can_be_imported(ours: Sandbox) -> None:
    """From memory. Private modules are left out that a public one does without, or has beforehand."""
    source = """
import importlib
def f(name):
    try: importlib.import_module(name)
    except BaseException as error: return repr(error)
"""
    here = {name for name in sys.stdlib_module_names if not name.startswith("_") and name not in NOT_THERE.split()}
    failed = {}
    for name in sorted(name for name in here if find_spec(name)):
        with ours.start() as snippet:
            if error := called(snippet, source, name):
                failed[name] = error
    assert failed == {}


def test_modules_in_memory_are_everyones_own(ours: Sandbox) -> None:
    """A snippet that overwrites them spoils its own, and nobody else's."""
    imports = "def f():\n    import colorsys\n    return colorsys.rgb_to_hsv(0, 0, 0)"
    overwrites = """
import ctypes, sys
def f():
    kept, libc = sys.meta_path[-1]._bytes, ctypes.CDLL(None)
    seen = ctypes.create_string_buffer(200)
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(kept), seen, 0)
    address = ctypes.c_void_p.from_buffer(seen).value
    if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(len(kept)), 3): return "refused"
    ctypes.memset(address, 0, len(kept))
    import colorsys
"""
    with ours.start() as snippet:
        spoilt = called(snippet, overwrites)
    assert isinstance(spoilt, dict)
    assert spoilt["raised"] == "EOFError" or "marshal" in spoilt["detail"], spoilt
    with ours.start() as snippet:
        assert called(snippet, imports) == (0.0, 0.0, 0)


def test_what_cannot_be_imported_is_no_wrong_answer() -> None:
    judge = CodeJudge()
    for source in ("import cProfile\ndef f(n): return n", "def f(n): return len(str(n).encode('gbk'))"):
        assert judge.judge(source, SPEC).reason is Reason.BEYOND_SANDBOX
    judge.close()


def test_time_zones_are_there_without_their_files(ours: Sandbox) -> None:
    source = """
import datetime, zoneinfo
def f(key): return str(datetime.datetime(2020, 7, 1, tzinfo=zoneinfo.ZoneInfo(key)).utcoffset())
"""
    for key, offset in {"Europe/Berlin": "2:00:00", "Asia/Kolkata": "5:30:00"}.items():
        with ours.start() as snippet:
            assert called(snippet, source, key) == offset
    with ours.start() as snippet:
        reply = called(snippet, source, "Europe/Nowhere")
        assert isinstance(reply, dict)
        assert reply["raised"] == "ZoneInfoNotFoundError"


def test_reflectory_verify_takes_code(tmp_path: Path) -> None:
    """Whatever stood in the thinking is a draft; the fence in the output is the answer."""
    draft, final = (f"```python\n{source}\n```\n" for source in (WRONG, RIGHT))
    response = (
        f"<thinking>\nSo:\n{draft}<reflection>\nNo.\n</reflection>\n</thinking>\n<output>\nIt is:\n{final}</output>"
    )
    rows = [
        {"id": 1, "kind": "code", "gold": None, "response": RIGHT, "spec": json.loads(SPEC)},
        {"id": 2, "kind": "code", "gold": None, "response": response, "spec": json.loads(SPEC)},
        {"id": 3, "kind": "code", "gold": None, "response": f"```\n{WRONG}\n```", "spec": json.loads(SPEC)},
        {
            "id": 4,
            "kind": "code",
            "gold": None,
            "response": "    return n + 1",
            "spec": json.loads(SPEC) | {"prompt": "def f(n):\n"},
        },
        {"id": 5, "kind": "code", "gold": None, "response": RIGHT, "spec": {}},
        {"id": 6, "kind": "code", "gold": None, "response": "", "spec": json.loads(SPEC)},
        {
            "id": 7,
            "kind": "code",
            "gold": None,
            "response": f"Code: {RIGHT}",
            "spec": json.loads(SPEC) | {"answer_pattern": "Code: (.*)"},
        },
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    verifier = Verifier()
    verify_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl", verifier)
    verifier.close()
    out = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["verdict"], row["reason"], row["effect"]) for row in out] == [
        ("correct", "all_cases_passed", "none"),
        ("correct", "all_cases_passed", "corrected"),
        ("incorrect", "wrong_result", "none"),
        ("correct", "all_cases_passed", "none"),
        ("unverified", "bad_spec", "none"),
        ("unverified", "no_answer", "none"),
        ("correct", "all_cases_passed", "none"),
    ]
    assert out[1]["answer"] == RIGHT


def test_unavailable_is_said_once_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_START", "import time; time.sleep(0.1)")
    unavailable = Sandbox()
    for _ in range(2):
        with pytest.raises(SandboxUnavailable, match="did not start"):
            unavailable.start()
        monkeypatch.undo()
