"""Notes what a test's own comparisons let stand for an int: `1 == True` and `abs(2.0 - 2) < 1e-6` hold in Python."""

import ast

_NOTING = {"==": "__noting_equal__", "!=": "__noting_unequal__", "-": "__noting_minus__"}


class Noted:
    """The names under which a rewritten test compares and subtracts, and what it compared an int with."""

    def __init__(self) -> None:
        self.stood_in: set[str] = set()
        """Of "bool" and "float"."""

    def names(self) -> dict[str, object]:
        return {_NOTING["=="]: self._equal, _NOTING["!="]: self._unequal, _NOTING["-"]: self._minus}

    def _equal(self, left: object, right: object) -> object:
        self._note(left, right)
        return left == right

    def _unequal(self, left: object, right: object) -> object:
        self._note(left, right)
        return left != right

    def _minus(self, left: object, right: object) -> object:
        self._note(left, right)
        return left - right  # type: ignore[operator]

    def _note(self, left: object, right: object) -> None:
        kinds = (type(left), type(right))
        if int in kinds:
            self.stood_in |= {kind.__name__ for kind in kinds if kind is bool or kind is float}
        elif kinds in ((list, list), (tuple, tuple)):
            for one, other in zip(left, right, strict=False):  # type: ignore[call-overload]
                self._note(one, other)
        elif kinds == (dict, dict):
            for key in left:  # type: ignore[attr-defined]
                if key in right:  # type: ignore[operator]
                    self._note(left[key], right[key])  # type: ignore[index]


def noting(test: str) -> ast.Module:
    """Return the test with its comparisons noted. Raises `SyntaxError`."""
    tree = _ComparisonRewriter().visit(ast.parse(test))
    return ast.fix_missing_locations(tree)  # type: ignore[no-any-return]


class _ComparisonRewriter(ast.NodeTransformer):
    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            return _call("==" if isinstance(node.ops[0], ast.Eq) else "!=", node, node.left, node.comparators[0])
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        return _call("-", node, node.left, node.right) if isinstance(node.op, ast.Sub) else node


def _call(operator: str, node: ast.expr, left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(ast.Name(_NOTING[operator], ast.Load()), [left, right], []), node)
