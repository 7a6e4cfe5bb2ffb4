"""How an exception of code that is not ours is told. Runs in a snippet."""

import builtins
import dis
import re
from collections.abc import Iterator

LONGEST = 200
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def described(error: BaseException) -> str:
    """Return an error's type and message, without addresses, which differ between two runs."""
    name = type(error).__name__[:60]
    try:
        message = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) and error.lineno else str(error)
    except BaseException:  # noqa: BLE001 - its own `__str__` is a model's code
        message = ""
    message = _ADDRESS.sub("0x…", message)
    return f"{name}: {message[:LONGEST]}" if message else name


def standard(error: BaseException) -> str:
    """Return the name of the first of Python's own classes that it is an instance of: one of a program's own may mean
    nothing elsewhere.
    """
    kinds: tuple[type, ...] = type.__getattribute__(type(error), "__mro__")
    return next(kind.__name__ for kind in kinds if vars(builtins).get(kind.__name__) is kind or kind is BaseException)


def refusal(error: BaseException, files: tuple[str, ...]) -> str | None:
    """Return what was refused to the code and so made it raise: none where code of `files` raised it by a `raise` of
    its own, unless something refused was what it was handling.
    """
    for each in _chain(error):
        encoding = type(each) is LookupError  # one that is not there
        if (encoding or isinstance(each, _REFUSALS)) and _last_instruction(each, files) != "RAISE_VARARGS":
            return described(each)
    return None


_REFUSALS = (PermissionError, ImportError, RuntimeError)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """It, and what was being handled when it was raised."""
    for _ in range(20):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _last_instruction(error: BaseException, files: tuple[str, ...]) -> str:
    """The name of the instruction that raised it; "" where that is not in one of `files`."""
    at = error.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    if at is None or at.tb_frame.f_code.co_filename not in files or at.tb_lasti < 0:
        return ""
    return dis.opname[at.tb_frame.f_code.co_code[at.tb_lasti]]
