"""From what a model answered (a body, a function, a module) to code that defines the entry point. Runs in a snippet."""

import ast
import textwrap
from collections.abc import Iterator
from types import CodeType

SOLUTION, PROMPT = "<solution>", "<prompt>"
"""File names in tracebacks and syntax errors."""


class NoEntryPoint(Exception):
    """The answer defines nothing of that name, and does not continue the prompt either."""


def prelude(prompt: str) -> CodeType:
    """The prompt as code of its own: imports, helpers, a function still to be filled. Nothing where it is no code."""
    for source in (prompt, f"{prompt.rstrip()}\n    pass\n"):
        if code := _compiled(source, PROMPT):
            return code
    return compile("", PROMPT, "exec")


def assemble(prompt: str, answer: str, entry_point: str) -> CodeType:
    """What to execute after the prompt's own code. Raises `NoEntryPoint`, or what `compile` raises.

    An answer that defines the entry point is taken as it is; else it is the body that `prompt` ends before, with or
    without its indentation, or with that of its first line lost.
    """
    for source in (answer, textwrap.dedent(answer)):
        tree = _parsed(source)
        if tree and _binds(tree, entry_point):
            return compile(tree, SOLUTION, "exec", dont_inherit=True)
    last_line = len(prompt.rstrip().splitlines())
    for source in _continued(prompt, answer):
        tree = _parsed(source)
        if tree and _goes_on(tree, entry_point, last_line) and (code := _compiled(tree, SOLUTION)):
            return code
    compile(textwrap.dedent(answer), SOLUTION, "exec", dont_inherit=True)
    raise NoEntryPoint(f"nothing defines {entry_point}")


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
    return last[: len(last) - len(last.lstrip())] or "    "


def _goes_on(tree: ast.Module, entry_point: str, last_line: int) -> bool:
    """The entry point's body continues after the prompt."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name == entry_point
        and (node.end_lineno or 0) > last_line
        for node in tree.body
    )


def _binds(tree: ast.Module, name: str) -> bool:
    """At the top level, under a condition included. What a star import brings nobody knows before it runs."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name == name:
                return True
        elif any(name in _names(inner) for inner in ast.walk(node)):
            return True
    return False


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
