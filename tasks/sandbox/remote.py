"""What a test holds in place of an object that stays with the candidate. Runs in a test's snippet.

Its methods can be called, its attributes read, its items asked for: each is a question to the candidate, and data comes
back, or another such object. What it is equal to, whether it is true, holds something or is less, is never asked: the
answer would be a judgement of the candidate's own.
"""

from collections.abc import Callable
from typing import Any

from tasks.sandbox.frames import Message
from tasks.sandbox.values import encode

_NEVER_ASKED = """
    eq ne lt le gt ge bool hash str repr format bytes int float complex index round neg pos abs invert instancecheck
    add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow matmul rmatmul and rand or ror xor
    rxor lshift rshift contains setitem delitem enter exit
"""


class NotData(BaseException):
    """The test's verdict would depend on what an object of the candidate's says of itself."""


class Remote:
    """An object of the candidate's, by its number there; 0 is the candidate itself."""

    def __init__(self, ask: Callable[[Message], Any], name: str, handle: int) -> None:
        vars(self).update(_ask=ask, _handle=handle, __name__=name, __qualname__=name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):  # what Python itself looks for, and does without
            raise AttributeError(name)
        return self._get(name)

    def __setattr__(self, name: str, value: object) -> None:
        self._ask({"refused": f"{name} of an object of type {self.__name__} is set"})

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self._ask({"of": self._handle, "args": encode(args), "kwargs": encode(kwargs), "given": args})

    def __iter__(self) -> Any:
        return self._operate("__iter__")

    def __next__(self) -> Any:
        return self._operate("__next__")

    def __len__(self) -> Any:
        return self._operate("__len__")

    def __getitem__(self, key: object) -> Any:
        return self._operate("__getitem__", key)

    def _operate(self, operation: str, *args: object) -> Any:
        try:
            method = self._get(operation)
        except AttributeError:
            raise TypeError(f"an object of type {self.__name__} has no {operation}") from None
        return method(*args)

    def _get(self, name: str) -> Any:
        return self._ask({"of": self._handle, "get": name})


def _refusing(operation: str) -> Callable[..., Any]:
    return lambda self, *_: self._ask({"refused": f"{operation} of an object of type {self.__name__}"})


for _operation in _NEVER_ASKED.split():
    setattr(Remote, f"__{_operation}__", _refusing(f"__{_operation}__"))


def show(given: object, after: object) -> None:
    """Make an argument of the test's what the candidate made of it, in place and as deep as the two are alike."""
    if (isinstance(given, list) and isinstance(after, list)) or (isinstance(given, tuple) and isinstance(after, tuple)):
        if len(given) == len(after) and all(map(_alike, given, after)):
            for one, other in zip(given, after, strict=True):
                show(one, other)
        elif isinstance(given, list):
            given[:] = after
    elif isinstance(given, dict) and isinstance(after, dict):
        if given.keys() == after.keys() and all(_alike(given[key], after[key]) for key in given):
            for key in given:
                show(given[key], after[key])
        else:
            given.clear()
            given.update(after)
    elif isinstance(given, set) and isinstance(after, set):
        given.clear()
        given.update(after)
    elif isinstance(given, bytearray) and isinstance(after, bytes):
        given[:] = after


def _alike(given: object, after: object) -> bool:
    """Whether the one can become the other in place, or is it already."""
    return (type(given) is type(after) and isinstance(given, list | dict | set | tuple)) or given == after
