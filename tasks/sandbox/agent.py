"""Our side inside a snippet: executes what it is sent and answers with data. Untrusted once it has run an answer.

    {"do": "prompt", prompt}                       what an answer may build on: {"loaded"} or {"failed": why, "detail"}
    {"do": "load", prompt, answer, entry_point}    then the answer: likewise
    {"do": "calls", first, calls}                  each of [args, kwargs], numbered from `first`, has its own reply:
                                                   {"case", "value"}, {"case", "raised", "detail"} or {"case", "large"}
    {"do": "pairs", prompt, test, entry_point}     a test as pairs: {"pairs"}, none where it has to be run
    {"do": "test", prompt, test, entry_point}      a test run: any number of {"asks", "args", "kwargs"}, each answered
                                                   like a call, then {"passed": calls} or {"failed": why, "detail"}

An answer and a test are never sent to the same snippet.
"""

import io
import os
import random
import sys
import types
from collections.abc import Callable
from typing import Any

from tasks.sandbox import frames, program, trial
from tasks.sandbox.errors import described
from tasks.sandbox.frames import Message
from tasks.sandbox.values import TooLarge, Tree, decode, encode

PRINTED_BYTES = 16 * 2**20
"""What a snippet prints goes nowhere; one that prints more than this is ended."""
_REHEARSED = """\
from typing import List


def f(n: int) -> List[int]:
    ''' One of it.
    >>> f(1)
    [1]
    '''
"""


def prepare() -> None:
    """What every snippet starts from: nothing to read, nowhere to print, the same random numbers. Before the forks."""
    sys.stdin = io.StringIO()
    sys.stdout = sys.stderr = io.TextIOWrapper(io.BufferedWriter(_printed), encoding="utf-8", errors="replace")
    random.seed(0)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(0)
    sys.modules["solution"] = types.ModuleType("solution")  # where `dataclass` and the like look for it


def rehearse() -> None:
    """Answers like a snippet, of whose work Python has then the most frequent paths ready: what it changes in its own
    code as it warms up is changed before the forks, and not in each of them.
    """
    there, back = os.pipe()
    known = {"prompt": _REHEARSED, "entry_point": "f"}
    for answer in ["    return n\n", f"{_REHEARSED}    return [n]\n"] * 8:
        module = types.ModuleType("solution")
        for request in ({"do": "prompt", **known}, {"do": "load", "answer": answer, **known}):
            frames.write(back, request)
            assert frames.read(there) == request
        _load_prompt(module, known)
        _, entry = _load(module, {**known, "answer": answer})
        frames.write(back, _call(entry, 0, encode((1,)), encode({})))
        frames.read(there)
    os.close(there)
    os.close(back)


def serve(channel: int) -> None:
    """Until the channel closes."""
    _printed.channel = channel
    module = sys.modules["solution"]
    entry: Callable[..., Any] | None = None
    while (request := frames.read(channel)) is not None:
        match request["do"]:
            case "prompt":
                reply = _load_prompt(module, request)
            case "load":
                reply, entry = _load(module, request)
            case "calls":
                for case, (args, kwargs) in enumerate(request["calls"], request["first"]):
                    frames.write(channel, _call(entry, case, args, kwargs))
                continue
            case "pairs":
                reply = trial.find_pairs(request)
            case _:
                reply = trial.Trial(channel, request).run()
        frames.write(channel, reply)


def _load_prompt(module: types.ModuleType, request: Message) -> Message:
    try:
        exec(program.prelude(request["prompt"]), module.__dict__)
    except BaseException as error:  # noqa: BLE001 - here and below: reported, with its name
        return {"failed": "raised", "detail": described(error)}
    return {"loaded": True}


def _load(module: types.ModuleType, request: Message) -> tuple[Message, Any]:
    name, names = request["entry_point"], module.__dict__
    names.pop(name, None)  # the prompt's, which does nothing yet
    try:
        code = program.assemble(request["prompt"], request["answer"], name)
    except program.NoEntryPoint as error:
        return {"failed": "no_entry_point", "detail": str(error)}, None
    except BaseException as error:  # noqa: BLE001 - also code that is too deep to be compiled
        return {"failed": "syntax_error", "detail": described(error)}, None
    try:
        exec(code, names)
    except BaseException as error:  # noqa: BLE001
        return {"failed": "raised", "detail": described(error)}, None
    if not callable(names.get(name)):
        return {"failed": "no_entry_point", "detail": f"{name} is no function once the code has run"}, None
    return {"loaded": True}, names[name]


def _call(entry: Callable[..., Any] | None, case: int, args: Tree, kwargs: Tree) -> Message:
    assert entry is not None
    try:
        result = entry(*decode(args), **decode(kwargs))
    except BaseException as error:  # noqa: BLE001
        return {"case": case, "raised": type(error).__name__[:60], "detail": described(error)}
    try:
        reply = {"case": case, "value": encode(result)}
    except TooLarge as error:
        return {"case": case, "large": str(error)}
    if len(frames.packed(reply)) > frames.LARGEST_REPLY:
        return {"case": case, "large": f"more than {frames.LARGEST_REPLY >> 20} MiB"}
    return reply


class _Counter(io.RawIOBase):
    """Throws away what is written, and ends the process where it is too much."""

    def __init__(self) -> None:
        self.channel = 0
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += len(data)
        if self._written > PRINTED_BYTES:
            frames.write(self.channel, {"large": f"printed more than {PRINTED_BYTES >> 20} MiB"})
            os._exit(0)
        return len(data)


_printed = _Counter()
