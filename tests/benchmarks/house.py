"""Figures of a checkout's structure, for tables of before and after: `python tests/benchmarks/house.py PATH`.

Everything is read from the syntax tree of `PATH`, so that it works on any commit. Lines are all lines of a file.
"""

import ast
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOMS = ("schemas", "warehouse", "tasks", "flows", "reflectory")
KINDS = {"exact", "number", "math", "reasoning_gym", "code", "choice", "constraints", "consensus", "judge"}
REGISTRY = ("tasks/judging/verifiers", "tasks/judging/kinds", "schemas/")
"""Where a kind may be named: its class, the registry, and the enumeration itself."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


class House:
    """The product's modules, parsed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        paths = [path for room in ROOMS for path in sorted((root / room).rglob("*.py"))]
        self.texts = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}
        self.trees = {name: ast.parse(text) for name, text in self.texts.items()}

    def lines(self, prefix: str) -> int:
        return sum(len(text.splitlines()) for name, text in self.texts.items() if name.startswith(prefix))

    def functions(self) -> Iterator[tuple[str, Function]]:
        for name, tree in self.trees.items():
            yield from ((name, node) for node in ast.walk(tree) if isinstance(node, Function))

    def mutual_imports(self) -> list[tuple[str, str]]:
        """Pairs of packages within `tasks/` that import each other."""
        seen: dict[str, set[str]] = defaultdict(set)
        for name, tree in self.trees.items():
            if re.fullmatch(r"tasks/\w+/.*", name):
                own = name.split("/")[1]
                found = {module.split(".")[1] for module in _imported(tree) if re.match(r"tasks\.\w+", module)}
                seen[own] |= found - {own}
        return sorted((a, b) for a in seen for b in seen[a] if a < b and a in seen.get(b, ()))

    def shared_names(self) -> dict[str, int]:
        """Classes at the top of a module that have the name of another."""
        classes = (n.name for tree in self.trees.values() for n in tree.body if isinstance(n, ast.ClassDef))
        return {name: n for name, n in sorted(Counter(classes).items()) if n > 1}

    def kind_branches(self) -> list[str]:
        """Comparisons and cases outside the registry that name a kind; practice has families, not kinds."""
        found = []
        for name, tree in self.trees.items():
            if not name.startswith((*REGISTRY, "tasks/practice")):
                found += [f"{name}:{node.lineno}" for node in ast.walk(tree) if _branches_on_kind(node)]
        return sorted(found)

    def private_functions(self) -> tuple[int, int]:
        """How many private functions at the top of a module there are, and how many are named once outside of it."""
        used = once = 0
        for name, tree in self.trees.items():
            for node in tree.body:
                if isinstance(node, Function) and node.name.startswith("_") and not node.name.startswith("__"):
                    used += 1
                    once += len(re.findall(rf"\b{node.name}\b", self.texts[name])) == 2
        return used, once


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from [alias.name for alias in node.names]


def _branches_on_kind(node: ast.AST) -> bool:
    if isinstance(node, ast.MatchValue):
        return _names_kind(node.value)
    if not isinstance(node, ast.Compare):
        return False
    sides = [node.left, *node.comparators]
    member = any(_names_kind(part) for side in sides for part in ast.walk(side))
    literal = any(isinstance(part, ast.Constant) and part.value in KINDS for side in sides for part in ast.walk(side))
    return member or (literal and any("kind" in ast.unparse(side).lower() for side in sides))


def _names_kind(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "AnswerKind"


def figures(house: House) -> Iterator[tuple[str, object]]:
    yield "modules", len(house.texts)
    for room in ROOMS:
        yield f"lines in {room}/", house.lines(f"{room}/")
    yield "product lines without tests", house.lines("")
    yield "practice lines", house.lines("tasks/practice/")
    yield "packages in tasks/ with mutual imports", _told(house.mutual_imports())
    yield "classes that share a name", _told(f"{name} {n}" for name, n in house.shared_names().items())
    yield "kind-branches outside the registry", _told(house.kind_branches())
    private, once = house.private_functions()
    n = sum(1 for _ in house.functions())
    shares = f"{once / max(private, 1):.0%} of private, {once / max(n, 1):.0%} of all"
    yield "private functions used once", f"{once} of {private} ({shares})"
    lengths = [(node.end_lineno or node.lineno) - node.lineno + 1 for _, node in house.functions()]
    yield "longest function, median", f"{max(lengths)}, {statistics.median(lengths):g}"


def _told(found: Iterable[object]) -> str:
    each = [" ~ ".join(item) if isinstance(item, tuple) else str(item) for item in found]
    return f"{len(each)}: {', '.join(each)}" if each else "0"


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    for label, value in figures(House(Path(sys.argv[1]))):
        print(f"{label:40} {value}")
