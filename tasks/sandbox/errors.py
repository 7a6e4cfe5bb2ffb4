"""How code of others is compiled, and how what it raises is told. Runs in a snippet."""

import ast
import re
import types

LONGEST = 200
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def code_of(source: str | ast.Module, name: str) -> types.CodeType:
    """Compiled without our own `__future__` imports."""
    return compile(source, name, "exec", dont_inherit=True)


def described(error: BaseException) -> str:
    """Its type and message, without addresses, which differ between two runs."""
    name = type(error).__name__[:60]
    try:
        message = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else str(error)
    except BaseException:  # noqa: BLE001 - its own `__str__` is a model's code
        message = ""
    message = _ADDRESS.sub("0x…", message)
    return f"{name}: {message[:LONGEST]}" if message else name
