"""Our side inside a snippet: executes what it is sent and answers with data. Untrusted once it has run an answer.

    {"do": "prompt", prompt}                       what an answer may build on: {"loaded"} or {"failed": why, "detail"}
    {"do": "load", prompt, answer, entry_point}    then the answer: likewise
    {"do": "call", case, args, kwargs}             {"case", "value"}, {"case", "raised", "detail"} or {"case", "large"};
                                                   with `watch` also {"args"} that it has changed
    {"do": "call", case, of, get}                  likewise: an attribute of an object that was answered before with
                                                   {"handle": of}; with args instead of `get` the object is called
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
from typing import Any

from tasks.sandbox import errors, frames, program, trial
from tasks.sandbox.errors import described, standard
from tasks.sandbox.frames import Message
from tasks.sandbox.values import TooLarge, decode, encode, text_of

PRINTED_BYTES = 16 * 2**20
"""What a snippet prints goes nowhere; one that prints more than this is ended."""


def serve(channel: int) -> None:
    """Until the channel closes."""
    sys.stdin = io.StringIO()
    sys.stdout = sys.stderr = _nowhere(channel)
    sys.argv = [""]
    random.seed(0)  # Python seeds it anew in every fork
    module = sys.modules["solution"] = types.ModuleType("solution")  # where `dataclass` and the like look for it
    objects: list[Any] = []
    while (request := frames.read(channel)) is not None:
        match request["do"]:
            case "prompt":
                reply = _load_prompt(module, request)
            case "load":
                reply = _load(module, request, objects)
            case "call":
                reply = _call(objects, request)
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
        return {"failed": "raised", **_told(error)}
    if function is None:
        return {"failed": "no_entry_point", "detail": f"{entry_point} is no function once the code has run"}
    objects.append(function)
    return {"loaded": True}


def _told(error: BaseException) -> Message:
    by_hand = errors.by_hand(error, (program.SOLUTION, "<string>"))
    return {"detail": described(error), "by_hand": by_hand}


def _call(objects: list[Any], request: Message) -> Message:
    case, target = request["case"], objects[request.get("of", 0)]
    args: tuple[Any, ...] = ()
    try:
        if "get" in request:
            result = getattr(target, request["get"])
        else:
            args = decode(request["args"])
            result = target(*args, **decode(request["kwargs"]))
    except BaseException as error:  # noqa: BLE001
        return {"case": case, "raised": type(error).__name__[:60], "standard": standard(error), **_told(error)}
    try:
        reply = {"case": case, "value": encode(result)}
        if request.get("watch") and text_of(after := encode(args)) != text_of(request["args"]):
            reply["args"] = after
    except TooLarge as error:
        return {"case": case, "large": str(error)}
    if isinstance(reply["value"], dict) and "object" in reply["value"]:
        reply["handle"] = len(objects)
        objects.append(result)
    if len(frames.packed(reply)) > frames.LARGEST_REPLY:
        return {"case": case, "large": f"more than {frames.LARGEST_REPLY >> 20} MiB"}
    return reply


class _Counter(io.RawIOBase):
    """Throws away what is written, and ends the process where it is too much."""

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += len(data)
        if self._written > PRINTED_BYTES:
            frames.write(self._channel, {"large": f"printed more than {PRINTED_BYTES >> 20} MiB"})
            os._exit(0)
        return len(data)


def _nowhere(channel: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(_Counter(channel)), encoding="utf-8", errors="replace")
