"""Assert-style tests as input and expectation, found by running the test without any candidate. Runs in a snippet.

    assert candidate(X) == E      E == candidate(X)      candidate(X) is True      candidate(X)      not candidate(X)
    assert abs(candidate(X) - E) < T      abs(E - candidate(X)) <= T      A and B, of these

Each such assert is rewritten into a call that notes X and E. Everything around it (loops, imports, helpers, random
numbers) runs as it stands, so X and E may be any expressions; but where the candidate is mentioned in any other way,
or another assert looks at a variable that it was given, what the test does depends on the answer, or on what becomes
of the arguments, and there are no pairs.
"""

import ast
from typing import Any

from tasks.sandbox.values import TooLarge, Tree, encode, leaves

MOST_PAIRS = 5000
NOTE = "__note_pair__"
"""The name under which a rewritten test calls `Notebook.note`."""


class NoPairs(Exception):
    """The test is no list of pairs; it has to be run against the candidate."""


class Notebook:
    """Notes pairs as {"args", "kwargs", "expect", ...}: `value` is the expectation, `within` a tolerance."""

    def __init__(self) -> None:
        self.pairs: list[dict[str, Tree]] = []

    def note(self, expect: str, value: object = None, within: object = None) -> Any:
        """Note an expectation; what the rewritten assert calls with the candidate's arguments."""

        def called(*args: object, **kwargs: object) -> None:
            if len(self.pairs) >= MOST_PAIRS:
                raise NoPairs(f"more than {MOST_PAIRS} pairs")
            try:
                pair = {
                    "args": encode(args),
                    "kwargs": encode(kwargs),
                    "value": encode(value),
                    "within": encode(within),
                }
            except TooLarge as error:
                raise NoPairs(str(error)) from None
            if any(tag == "object" for tree in pair.values() for tag, _ in leaves(tree)):
                raise NoPairs("an argument or an expectation that is no plain data")
            self.pairs.append({"expect": expect, **pair})

        return called


def rewrite(test: str, entry_point: str) -> ast.Module:
    """Return the test with every assert of the forms above noted instead. Raises `NoPairs`, or `SyntaxError`."""
    tree = ast.parse(test)
    tree.body = [node for node in tree.body if not _calls_check(node)]  # whoever runs the test calls it
    checks = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "check"]
    names = {entry_point, *{check.args.args[0].arg for check in checks if check.args.args}}
    rewriter = _PairRewriter(names)
    rewriter.visit(tree)
    if any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(tree)):
        raise NoPairs("the candidate is used in another way")
    if any(rewriter.given & _variables(node) for node in ast.walk(tree) if isinstance(node, ast.Assert)):
        raise NoPairs("an argument is looked at")
    ast.fix_missing_locations(tree)
    return tree


def _variables(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _calls_check(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "check"


class _PairRewriter(ast.NodeTransformer):
    def __init__(self, names: set[str]) -> None:
        self._names = names
        self.given: set[str] = set()
        """Variables in the candidate's arguments."""

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        parts = (
            node.test.values if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And) else [node.test]
        )
        noted = [self._noted(part) for part in parts]
        if any(call is None for call in noted):
            return [node]
        return [ast.copy_location(ast.Expr(call), node) for call in noted if call]

    def _noted(self, test: ast.expr) -> ast.Call | None:
        if self._asks(test):
            return self._note(test, "true")
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) and self._asks(test.operand):
            return self._note(test.operand, "false")
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return self._compared(test.left, test.ops[0], test.comparators[0])
        return None

    def _compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.Call | None:
        if isinstance(operator, ast.Lt | ast.LtE) and (sides := _difference(left)):
            asked, expected = sides if self._asks(sides[0]) else (sides[1], sides[0])
            return self._note(asked, "close", expected, right) if self._asks(asked) else None
        asked, expected = (left, right) if self._asks(left) else (right, left)
        singleton = isinstance(expected, ast.Constant) and isinstance(expected.value, bool | None)
        if not self._asks(asked) or not (isinstance(operator, ast.Eq) or (isinstance(operator, ast.Is) and singleton)):
            return None
        return self._note(asked, "equal" if isinstance(operator, ast.Eq) else "same", expected)

    def _asks(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self._names

    def _note(self, asked: ast.expr, expect: str, *values: ast.expr) -> ast.Call:
        assert isinstance(asked, ast.Call)
        self.given |= set().union(*map(_variables, (*asked.args, *asked.keywords)))
        noting = ast.Call(ast.Name(NOTE, ast.Load()), [ast.Constant(expect), *values], [])
        return ast.copy_location(ast.Call(noting, asked.args, asked.keywords), asked)


def _difference(node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """The two sides of `abs(a - b)`."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.BinOp):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in ("abs", "fabs") and isinstance(node.args[0].op, ast.Sub):
            return node.args[0].left, node.args[0].right
    return None
