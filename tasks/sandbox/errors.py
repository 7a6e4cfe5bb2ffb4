"""How an exception of code that is not ours is told. Runs in a snippet."""

import re

LONGEST = 200
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def described(error: BaseException) -> str:
    """Its type and message, without addresses, which differ between two runs."""
    name = type(error).__name__[:60]
    try:
        message = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) and error.lineno else str(error)
    except BaseException:  # noqa: BLE001 - its own `__str__` is a model's code
        message = ""
    message = _ADDRESS.sub("0x…", message)
    return f"{name}: {message[:LONGEST]}" if message else name
