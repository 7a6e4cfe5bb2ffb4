"""From what a model answered (a body, a function, a module) to code that defines the entry point. Runs in a snippet."""

import ast
import textwrap
from collections.abc import Iterator, Sequence

_FOLDED = (ast.If, ast.Try, ast.With)


class NoEntryPoint(Exception):
    """The answer defines nothing of that name, and does not continue the prompt either."""


def assemble(prompt: str, answer: str, entry_point: str) -> str:
    """The source to execute after the prompt's own code. Raises `SyntaxError`, `NoEntryPoint`, or as `compile` does.

    An answer that defines the entry point is taken as it is; else it is the body that `prompt` ends before, with or
    without its indentation, or with that of its first line lost.
    """
    whole = [source for source in (answer, textwrap.dedent(answer)) if _binds(source, entry_point)]
    if whole:
        return whole[0]
    for source in _continued(prompt, answer):
        if _continues(source, prompt, entry_point):
            return source
    ast.parse(textwrap.dedent(answer))
    raise NoEntryPoint(f"nothing defines {entry_point}")


def prelude(prompt: str) -> str:
    """The prompt as code of its own (imports, helpers, a function still to be filled); "" where it is no code."""
    for source in (prompt, f"{prompt.rstrip()}\n    pass\n"):
        if _compiles(source):
            return source
    return ""


def _continued(prompt: str, answer: str) -> Iterator[str]:
    """The prompt with the answer as its last function's body, for each way in which indentation gets lost."""
    start = f"{prompt.rstrip()}\n"
    indent = _body_indent(prompt)
    first, _, rest = answer.lstrip("\n").partition("\n")
    if prompt.strip():
        yield start + answer
        yield f"{start}{indent}{first.lstrip()}\n{rest}"
        yield start + textwrap.indent(textwrap.dedent(answer), indent)
        yield f"{start}{indent}{first.lstrip()}\n{textwrap.indent(textwrap.dedent(rest), indent)}"


def _body_indent(prompt: str) -> str:
    """That of the last line, which ends a docstring, or one step more than the `def` that it is."""
    lines = prompt.rstrip().splitlines() or [""]
    indent = lines[-1][: len(lines[-1]) - len(lines[-1].lstrip())]
    return indent or "    "


def _continues(source: str, prompt: str, entry_point: str) -> bool:
    """It compiles, and the entry point's body goes on beyond the prompt."""
    if not _compiles(source):
        return False
    last_line = len(prompt.rstrip().splitlines())
    functions = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == entry_point
    ]
    return any((function.end_lineno or 0) > last_line for function in functions)


def _compiles(source: str) -> bool:
    try:
        compile(source, "<prompt>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _binds(source: str, name: str) -> bool:
    try:
        return name in _bound(ast.parse(source).body)
    except (SyntaxError, ValueError):
        return False


def _bound(statements: Sequence[ast.stmt]) -> set[str]:
    """The names that these statements bind at the top level; those of a star import are unknown."""
    names: set[str] = set()
    for node in statements:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, _FOLDED):
            names |= _bound([child for child in ast.walk(node) if isinstance(child, ast.stmt) and child is not node])
        else:
            names.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return names
