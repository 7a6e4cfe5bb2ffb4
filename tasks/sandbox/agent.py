"""Our side inside a snippet: executes what it is sent and answers with data. Untrusted once it has run an answer.

    {"do": "prompt", prompt}                       what an answer may build on: {"loaded"} or {"failed": why, "detail"}
    {"do": "load", prompt, answer, entry_point}    then the answer: likewise
    {"do": "calls", first, calls}                  each of [args, kwargs], numbered from `first`, has its own reply:
                                                   {"case", "value"}, {"case", "raised", "detail"} or {"case", "large"};
                                                   where nothing is returned also {"args"}, if they were changed
    {"do": "call", case, args, kwargs, of, get}    a test's: likewise, of the object that came with {"handle": of} (0 is
                                                   the entry point), or of its attribute `get`; and {"args"}, changed
    {"do": "program", prompt, answer, input}       {"printed", "code"} that it exits with, or {"raised", "detail"}, or
                                                   {"large"}, or {"failed": why, "detail"}
    {"do": "pairs", prompt, test, entry_point}     a test as pairs: {"pairs"}, none where it has to be run
    {"do": "test", prompt, test, entry_point}      a test run: any number of {"asks", "args", "kwargs"}, each answered
                                                   like a call, then {"passed": calls} or {"failed": why, "detail"}

An answer and a test are never sent to the same snippet.
"""

import atexit
import contextlib
import io
import os
import random
import sys
import types
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from tasks.sandbox import errors, frames, program, trial
from tasks.sandbox.errors import described, standard
from tasks.sandbox.frames import Message
from tasks.sandbox.standard_streams import LARGEST_OUTPUT, Streams, TooMuchPrinted, do_without
from tasks.sandbox.values import TooLarge, Tree, decode, encode, text_of

_NO_ARGS: Tree = {"tuple": []}
_NO_KWARGS: Tree = {"dict": []}
OUR_FRAMES = 16
"""More than there are above the code of an answer."""
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
    """Set up what every snippet starts from: nothing to read, nowhere to print, the same random numbers, as deep a
    recursion as in a program of its own, and integers of any length as text. Before the forks.
    """
    sys.setrecursionlimit(sys.getrecursionlimit() + OUR_FRAMES)
    sys.set_int_max_str_digits(0)  # Python had no limit when most benchmarks were written; the time has one
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
        objects: list[Any] = []
        _load_prompt(module, known)
        _load(module, {**known, "answer": answer}, objects)
        frames.write(back, _call(objects[0], 0, encode((1,)), encode({})).reply)
        frames.read(there)
    os.close(there)
    os.close(back)


def serve(channel: int) -> None:
    """Serve requests until the channel closes."""
    _printed.channel = channel
    module = sys.modules["solution"]
    objects: list[Any] = []
    while (request := frames.read(channel)) is not None:
        match request["do"]:
            case "prompt":
                reply = _load_prompt(module, request)
            case "load":
                reply = _load(module, request, objects)
            case "calls":
                for case, (args, kwargs) in enumerate(request["calls"], request["first"]):
                    answered = _call(objects[0], case, args, kwargs)
                    frames.write(channel, answered.reply if answered.result is not None else _with_args(answered, args))
                continue
            case "call":
                reply = _call_for_test(objects, request)
            case "program":
                reply = _run_program(channel, request)
            case "pairs":
                reply = trial.find_pairs(request)
            case _:
                reply = trial.Trial(channel, request).run()
        frames.write(channel, reply)


def _load_prompt(module: types.ModuleType, request: Message) -> Message:
    try:
        if program.is_class_form(request["prompt"], request["entry_point"]):
            program.surround(module.__dict__)
        exec(program.prelude(request["prompt"]), module.__dict__)
    except BaseException as error:  # noqa: BLE001 - here and below: reported, with its name
        return {"failed": "raised", "detail": described(error)}
    return {"loaded": True}


def _load(module: types.ModuleType, request: Message, objects: list[Any]) -> Message:
    """Puts the entry point first among `objects`."""
    entry_point, names = request["entry_point"], module.__dict__
    for name in program.entry(entry_point):
        names.pop(name, None)  # the prompt's, which does nothing yet
    try:
        assembled = program.assemble(request["prompt"], request["answer"], entry_point)
    except program.NoEntryPoint as error:
        return {"failed": "no_entry_point", "detail": str(error)}
    except BaseException as error:  # noqa: BLE001 - also code that is too deep to be compiled
        return {"failed": "syntax_error", "detail": described(error)}
    try:
        if assembled.owner:
            program.surround(names)
        exec(assembled.code, names)
        function = program.found(names, assembled, entry_point)
    except BaseException as error:  # noqa: BLE001
        return {"failed": "raised", **_raised(error)}
    if function is None:
        return {"failed": "no_entry_point", "detail": f"{entry_point} is no function once the code has run"}
    objects.append(function)
    return {"loaded": True}


def _raised(error: BaseException) -> Message:
    return {"detail": described(error), "refused": errors.refusal(error, (program.SOLUTION, "<string>"))}


def _call_for_test(objects: list[Any], request: Message) -> Message:
    target = objects[request["of"]]
    if "get" in request:
        answered = _call(partial(getattr, target, request["get"]), request["case"])
    else:
        answered = _call(target, request["case"], request["args"], request["kwargs"])
    reply = answered.reply
    if "value" in reply and isinstance(reply["value"], dict) and "object" in reply["value"]:
        reply["handle"] = len(objects)
        objects.append(answered.result)
    return _with_args(answered, request.get("args", _NO_ARGS))


def _with_args(answered: "_Answered", given: Tree) -> Message:
    """The reply, and the arguments where the call has changed them and they can be told."""
    reply = answered.reply
    if "value" not in reply:
        return reply
    try:
        after = encode(answered.args)
    except TooLarge:
        return reply
    more = {**reply, "args": after}
    return more if text_of(after) != text_of(given) and len(frames.packed(more)) <= frames.LARGEST_REPLY else reply


class _Answered(NamedTuple):
    reply: Message
    result: Any = None
    args: tuple[Any, ...] = ()
    """As they are after the call."""


def _call(target: Callable[..., Any], case: int, args: Tree = _NO_ARGS, kwargs: Tree = _NO_KWARGS) -> _Answered:
    given: tuple[Any, ...] = ()
    try:
        given = decode(args)
        result = target(*given, **decode(kwargs))
    except BaseException as error:  # noqa: BLE001
        reply = {"raised": type(error).__name__[:60], "standard": standard(error), **_raised(error)}
        return _Answered({"case": case, **reply})
    try:
        reply = {"case": case, "value": encode(result)}
    except TooLarge as error:
        return _Answered({"case": case, "large": str(error)})
    if len(frames.packed(reply)) > frames.LARGEST_REPLY:
        return _Answered({"case": case, "large": f"more than {frames.LARGEST_REPLY >> 20} MiB"})
    return _Answered(reply, result, given)


def _run_program(channel: int, request: Message) -> Message:
    """As Python runs a file, handlers at the exit included. What it printed counts where it leaves by `os._exit`."""
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    streams = Streams(request["input"])
    leave = os._exit

    def leave_early(code: int) -> None:
        frames.write(channel, {"printed": streams.printed, "code": code})
        leave(0)

    streams.install()
    do_without()
    try:
        exec(program.prelude(request["prompt"]), vars(main))
    except BaseException as error:  # noqa: BLE001
        return {"failed": "question", "detail": described(error)}
    try:
        code = program.whole(request["answer"])
    except BaseException as error:  # noqa: BLE001
        return {"failed": "syntax_error", "detail": described(error)}
    os._exit = leave_early  # type: ignore[assignment]
    try:
        exit_code = _executed(code, vars(main))
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.__stdout__):
            with contextlib.suppress(AttributeError, ValueError):  # one of its own, or closed
                stream.flush()  # type: ignore[union-attr]
    except TooMuchPrinted:
        return {"large": f"printed more than {LARGEST_OUTPUT >> 20} MiB"}
    except BaseException as error:  # noqa: BLE001
        return {"raised": type(error).__name__[:60], **_raised(error)}
    reply = {"printed": streams.printed, "code": exit_code}
    return (
        reply if len(frames.packed(reply)) <= frames.LARGEST_REPLY else {"large": "printed what takes too long to tell"}
    )


def _executed(code: types.CodeType, names: dict[str, Any]) -> int:
    """The code that it exits with."""
    try:
        exec(code, names)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


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
