"""From what a model answered (a body, a function, a module) to code that defines the entry point. Runs in a snippet.

The entry point is a function, a class, or a method of a class: `twoSum`, `Solution.twoSum`, `Solution().twoSum`.
"""

import ast
import builtins
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any, NamedTuple

SOLUTION, PROMPT = "<solution>", "<prompt>"
"""File names in tracebacks and syntax errors."""
METHODS_OF = "Solution"
"""The class whose method an entry point is where it names no other."""
_AROUND_A_CLASS = """
import bisect, collections, copy, datetime, functools, heapq, itertools, math, operator, random, re, string, sys, typing
from bisect import *
from collections import *
from copy import *
from functools import *
from heapq import *
from itertools import *
from math import *
from typing import *
"""
"""What graders that ask for a method of `Solution` have imported: answers to them import nothing themselves."""


class Entry(NamedTuple):
    """What is asked for, taken apart."""

    owner: str
    """The class whose method it is; empty where none is named."""
    name: str


class Assembled(NamedTuple):
    code: CodeType
    owner: str
    """The class whose method the entry point is; empty where it is none."""


_DEFINING = ("def ", "async def ", "class ")


class NoEntryPoint(Exception):
    """The answer defines nothing of that name, and does not continue the prompt either."""


def prelude(prompt: str) -> CodeType:
    """Return the prompt as code of its own: imports, helpers, a function still to be filled. Nothing where it is no
    code.
    """
    for source in (prompt, f"{prompt.rstrip()}\n{_body_indent(prompt)}pass\n"):
        if code := _compiled(source, PROMPT):
            return code
    return compile("", PROMPT, "exec")


def entry(entry_point: str) -> Entry:
    owner, _, name = entry_point.replace("()", "").rpartition(".")
    return Entry(owner, name)


def assemble(prompt: str, answer: str, entry_point: str) -> Assembled:
    """Return what to execute after the prompt's own code. Raises `NoEntryPoint`, or what `compile` raises.

    An answer that defines the entry point is taken as it is; else it is the body that `prompt` ends before, with or
    without its indentation, or with that of its first line lost.
    """
    asked = entry(entry_point)
    named = asked.name in answer or not answer.isascii()  # an identifier has more than one spelling there
    for source in (answer, textwrap.dedent(answer)) if named else ():
        tree = _parsed(source)
        if tree and (owner := _owner(tree, asked)) is not None:
            return Assembled(compile(tree, SOLUTION, "exec", dont_inherit=True), owner)
    last_line = len(prompt.rstrip().splitlines())
    for source in _continued(prompt, answer):
        tree = _parsed(source)
        owner = _goes_on(tree, asked, last_line) if tree else None
        if tree and owner is not None and (code := _compiled(tree, SOLUTION)):
            return Assembled(code, owner)
    compile(textwrap.dedent(answer), SOLUTION, "exec", dont_inherit=True)
    raise NoEntryPoint(f"nothing defines {entry_point}")


def whole(answer: str) -> CodeType:
    """Return a program as it stands, or less the indentation that all of it has. Raises what `compile` raises."""
    source = answer if _parsed(answer) else textwrap.dedent(answer)
    return compile(source, SOLUTION, "exec", dont_inherit=True)


def found(names: dict[str, Any], assembled: Assembled, entry_point: str) -> Callable[..., Any] | None:
    """Return the entry point once the code has run; of a method a function that calls it on a new instance."""
    name = entry(entry_point).name
    owner = names.get(assembled.owner) if assembled.owner else names.get(name)
    if not assembled.owner and isinstance(owner, FunctionType) and _is_method(owner):  # its class was left out
        owner = type(METHODS_OF, (), {key: value for key, value in names.items() if _is_method(value)})
    elif not assembled.owner:
        return owner if callable(owner) else None
    if not isinstance(owner, type) or not callable(getattr(owner, name, None)):
        return None
    return lambda *args, **kwargs: getattr(owner(), name)(*args, **kwargs)


def _is_method(value: object) -> bool:
    return isinstance(value, FunctionType) and value.__code__.co_varnames[:1] == ("self",)


def surround(names: dict[str, Any]) -> None:
    """Add what answers in the form of a class expect to be there, beside what is there already."""
    more: dict[str, Any] = {}
    exec(_AROUND_A_CLASS, more)
    names.update({name: value for name, value in more.items() if name not in names and not hasattr(builtins, name)})


def is_class_form(prompt: str, entry_point: str) -> bool:
    return bool(entry(entry_point).owner) or f"class {METHODS_OF}" in prompt


def _continued(prompt: str, answer: str) -> Iterator[str]:
    """The prompt with the answer as its last function's body, for each way in which indentation gets lost."""
    if not prompt.strip():
        return
    start = f"{prompt.rstrip()}\n"
    indent = _body_indent(prompt)
    first, _, rest = answer.lstrip("\n").partition("\n")
    yield start + answer
    yield f"{start}{indent}{first.lstrip()}\n{rest}"
    yield start + textwrap.indent(textwrap.dedent(answer), indent)
    yield f"{start}{indent}{first.lstrip()}\n{textwrap.indent(textwrap.dedent(rest), indent)}"


def _body_indent(prompt: str) -> str:
    """That of the last line, which ends a docstring, or one step more than the `def` that it is."""
    last = prompt.rstrip().rpartition("\n")[2]
    indent = last[: len(last) - len(last.lstrip())]
    return f"{indent}    " if not indent or (last.endswith(":") and last.lstrip().startswith(_DEFINING)) else indent


def _goes_on(tree: ast.Module, asked: Entry, last_line: int) -> str | None:
    """The class (or "") in which the entry point's body continues after the prompt; None where it does not."""
    for owner, node in _definitions(tree):
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == asked.name
        if function and (node.end_lineno or 0) > last_line and asked.owner in ("", owner):
            return owner
    return None


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Each statement of the module, then of its classes, with the class."""
    yield from (("", node) for node in tree.body)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for each in sorted(classes, key=lambda node: node.name != METHODS_OF):
        yield from ((each.name, node) for node in each.body)


def _owner(tree: ast.Module, asked: Entry) -> str | None:
    """The class (or "") that binds the entry point; None where nothing does.

    At the top level, or in a class, under a condition included. What a star import brings nobody knows before it runs.
    """
    for owner, node in _definitions(tree):
        if asked.owner not in ("", owner):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name == asked.name:
                return owner
        elif any(asked.name in _names(inner) for inner in ast.walk(node)):
            return owner
    return None


def _names(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.Name):
        return (node.id,) if isinstance(node.ctx, ast.Store) else ()
    if isinstance(node, ast.alias):
        return (node.asname or node.name,)
    return (node.name,) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else ()


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):  # a NUL is a ValueError
        return None


def _compiled(source: str | ast.Module, name: str) -> CodeType | None:
    try:
        return compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
