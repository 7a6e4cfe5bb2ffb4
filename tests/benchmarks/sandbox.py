"""What the sandbox costs: `python tests/benchmarks/sandbox.py [SNIPPETS]`, 5,000 by default.

Times are given as a ratio to a bare `os.fork` of a small process that exits at once, since both depend on the machine;
bare forks are measured between the problems. HumanEval's problems are judged whole, wrong expectations included.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from tasks.judging.code import CodeJudge
from tasks.sandbox.confinement import ResourceLimits
from tasks.sandbox.sandbox import Sandbox
from tasks.sandbox.snippet import SnippetEnded
from tasks.sandbox.values import encode

SETTLES_S = 0.1
"""Until the zygote has collected the last snippet."""
KINDS = {
    "return": "def f(n): return n + 1",
    "raise": "def f(n): raise ValueError(n)",
    "exit": "import os\ndef f(n): os._exit(3)",
    "crash": "import ctypes\ndef f(n): ctypes.string_at(0)",
    "memory": "def f(n): return len(bytearray(4 << 30))",
    "recursion": "def f(n): return f(n)",
    "large": "def f(n): return 'x' * (8 << 20)",
    "syntax": "def f(n) return",
    "rubbish": "import os\ndef f(n): os.write(3, b'....') and os._exit(0)",
    "fork": "import os\ndef f(n): return os.fork()",
}


def answer(sandbox: Sandbox, source: str) -> str:
    """How one snippet ended, in a word."""
    try:
        with sandbox.start() as snippet:
            reply = snippet.ask({"do": "load", "prompt": "", "answer": source, "entry_point": "f"})
            if "loaded" in reply:
                reply = snippet.ask({"do": "calls", "first": 0, "calls": [[encode((1,)), encode({})]]})
    except SnippetEnded as ended:
        return ended.end.value
    return next(word for word in ("value", "raised", "large", "failed") if word in reply)


def remains(sandbox: Sandbox) -> dict[str, int]:
    """What may not grow: descriptors and memory of both sides, children of the zygote, files."""
    zygote = sandbox.zygote
    time.sleep(SETTLES_S)
    return {
        "judge's descriptors": _entries("/proc/self/fd"),
        "judge's memory": _resident("self"),
        "zygote's memory": _resident(str(zygote)),
        "zygote's children": len(Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()),
        "temporary files": _entries(tempfile.gettempdir()),
    }


def _entries(folder: str) -> int:
    return sum(1 for _ in Path(folder).iterdir())


def _resident(process: str) -> int:
    """KiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def many(sandbox: Sandbox, count: int) -> tuple[dict[str, int], dict[str, int]]:
    """What there was after a tenth of `count` snippets of all kinds, and after all of them."""
    sources = list(KINDS.values())
    early = {}
    for number in range(count):
        if number == count // 10:
            early = remains(sandbox)
        answer(sandbox, sources[number % len(sources)])
    return early, remains(sandbox)


def fork() -> None:
    process = os.fork()
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)


def per_second(work: Callable[[], Any], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        work()
    return count / (time.perf_counter() - start)


def milliseconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


def humaneval(judge: CodeJudge, problems: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """Milliseconds a problem, once it has been judged before, and of bare forks right before and after each."""
    wall, bare = [], []
    for problem in problems:
        spec = json.dumps({name: problem[name] for name in ("entry_point", "prompt", "test")})
        judged = partial(judge.judge, problem["canonical_solution"], spec)
        judged()
        bare.append(milliseconds(fork))
        wall.append(milliseconds(judged))
        bare.append(milliseconds(fork))
    return wall, bare


def main(count: int) -> None:
    with closing(Sandbox(ResourceLimits(cpu_s=2))) as sandbox:
        answer(sandbox, KINDS["return"])
        print({name: answer(sandbox, source) for name, source in KINDS.items()})
        bare = per_second(fork, 500)
        ours = per_second(lambda: answer(sandbox, KINDS["return"]), 500)
        print(f"{ours:.0f} snippets/s, {bare:.0f} bare forks/s: ratio {ours / bare:.2f}")
        start = time.perf_counter()
        early, late = many(sandbox, count)
        print(f"{count} snippets in {time.perf_counter() - start:.0f} s")
        for name, before in early.items():
            print(f"  {name}: {before} then {late[name]}")
    shared = Path(os.environ.get("REFLECTORY_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if (shared / "humaneval.jsonl").exists():
        problems = [json.loads(line) for line in (shared / "humaneval.jsonl").read_text("utf-8").splitlines()]
        with closing(CodeJudge()) as judge:
            wall, forks = humaneval(judge, problems)
        median, forked = statistics.median(wall), statistics.median(forks)
        print(f"HumanEval, warm: median {median:.1f} ms a problem, slowest {max(wall):.0f} ms")
        print(f"a bare fork between: {forked:.1f} ms: ratio {median / forked:.1f}")


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
