"""Equations, inequalities and memberships compared as relations: by their sides, never by their truth.

Two true statements (`2+2=4` and `1+1=2`) are not the same answer, nor are two false ones (`x^2=-1` and `y^2=-2`). Pure:
whoever calls says how two sides are compared.

    k = 1                f(2) = 3            named: what stands on the left only names the value
    x > 5                0 < x \\le 1         an interval of the variable, as is \\{x \\mid x > 5\\}
    x \\ne 2                                  two of them
    2x + 3y = 7          1 + 3 = 4           sides: the same ones, up to what the caller can show
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from schemas.verdict import Reason
from tasks.mathematics.number import names_value

MAX_STATEMENTS = 12

_SPELLINGS = (
    (re.compile(r"\\left(?![A-Za-z])|\\right(?![A-Za-z])|\\!"), ""),
    (re.compile(r"<=|=<|≤|⩽|\\leqslant(?![A-Za-z])|\\leq(?![A-Za-z])"), r"\\le "),
    (re.compile(r">=|≥|⩾|\\geqslant(?![A-Za-z])|\\geq(?![A-Za-z])"), r"\\ge "),
    (re.compile(r"(?<![\d)}\]])!=|≠|\\neq(?![A-Za-z])"), r"\\ne "),
    (re.compile(r"\\lt(?![A-Za-z])"), "<"),
    (re.compile(r"\\gt(?![A-Za-z])"), ">"),
    (re.compile(r"≈|\\simeq(?![A-Za-z])"), r"\\approx "),
    (re.compile(r"∈"), r"\\in "),
    (re.compile(r"(?<!:):="), "="),
    (
        re.compile(r"\\(?:text|textbf|mathrm|textnormal|mbox)\s*\{\s*(?:and|,|;)\s*\}|\\(?:wedge|land)(?![A-Za-z])"),
        " and ",
    ),
    (
        re.compile(r"\\(?:text|textbf|mathrm|textnormal|mbox)\s*\{\s*or\s*\}|\\(?:vee|lor)(?![A-Za-z])"),
        " or ",
    ),
    (re.compile(r"\\q?quad(?![A-Za-z])|\\[;,: ]"), " "),
)
_SIGN = re.compile(r"\\(?:le|ge|ne|in|approx)(?![A-Za-z])|[=<>]")
_LE = "\\le"
MIRRORED = {"<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le"}
_SEPARATOR = re.compile(r"[,;]|(?<![A-Za-z\\])(?:and|or)(?![a-z])")
_OPENING, _CLOSING = "([{", ")]}"
_GREEK = "alpha|beta|gamma|delta|epsilon|varepsilon|theta|lambda|mu|nu|rho|sigma|tau|phi|varphi|omega|Delta|Omega"
_VARIABLE = rf"(?:[A-Za-z]|\\(?:{_GREEK})(?![A-Za-z]))(?:_(?:\w|\{{[^{{}}]*\}}))?'*"
_POINTS = r"(?:\|\s*)?(?:\\overline\s*\{\s*[A-Z]{2,4}\s*\}|[A-Z]{2,4})(?:\s*\|)?"
_APPLIED = r"[A-Za-z](?:_(?:\w|\{[^{}]*\}))?(?:'+|\^\{-1\})?\s*\((?:[^()=<>]|\([^()]*\)){1,40}\)"
_MEASURED = (
    r"(?:m\s*)?\\(?:angle|triangle)\s*[A-Z]{1,3}|\\frac\s*\{\s*d\w?\s*\}\s*\{\s*d\w\s*\}"
    r"|\\frac\s*\{\s*[A-Z]{2}\s*\}\s*\{\s*[A-Z]{2}\s*\}"
)
_NAME = rf"(?:{_APPLIED}|{_MEASURED}|{_POINTS}|{_VARIABLE})"
_WORDS = r"(?:\\text\s*\{)?[A-Za-z]{3,}(?: [A-Za-z]{2,}){0,3}\}?"
_PLAIN_WORDS = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]{2,})*")
_LABEL = re.compile(rf"{_NAME}(?:\s*:\s*{_NAME})*|\(\s*{_VARIABLE}(?:\s*,\s*{_VARIABLE})+\s*\)|{_WORDS}")
_LONE = re.compile(_VARIABLE)
_INDEXED = re.compile(r"[A-Za-z]_\d")
_BRACKETS = re.compile(r"\s*\((.*)\)\s*")
_REALS = r"(?:\\mathbb\s*(?:R|\{\s*R\s*\})|\u211d)"
_INTERVAL = re.compile(rf"\s*[(\[].*[)\]]\s*|\s*{_REALS}.*")
_SET_OF = re.compile(
    rf"""\s*\\?\{{\s*({_VARIABLE})(?:\s*\\in\s*{_REALS})?\s*(?:\\(?:mid|vert)(?![A-Za-z])|[|:])
    (.*(?<![A-Za-z])\1(?![A-Za-z]).*?)\\?\}}\s*""",
    re.VERBOSE,
)
"""`\\{x \\mid x > 5\\}`"""
_COMMA = re.compile(r"[,;]")
_FUNCTIONS = re.compile(
    r"\\?(?:log|ln|sin|cos|tan|cot|sec|csc|sqrt|exp|lim|max|min|gcd|lcm|mod|not|arc\w+|sinh|cosh)\b"
)
_LETTER = re.compile(r"(?<![A-Za-z\\])[A-Za-df-hj-z](?![A-Za-z])|\\(?:alpha|beta|gamma|theta|lambda|mu)(?![A-Za-z])")

Compare = Callable[[str, str], Reason]


class Chain(NamedTuple):
    """One statement: `a < b = c` has three sides and two signs; a text without a sign has one side."""

    sides: tuple[str, ...]
    signs: tuple[str, ...]
    joint: str = ""
    """What joins it to the statement before: a comma, `and` or `or`."""

    @property
    def label(self) -> str:
        """What it names, in one spelling; empty where it names nothing, or several things as `f(0) = f(1) = 2`."""
        named = self.signs and set(self.signs) <= {"=", "\\approx", "\\in"} and self.signs[0] != "\\approx"
        return _label(self.sides[0]) if named and not any(map(_label, self.sides[1:-1])) else ""

    @property
    def value(self) -> str:
        """The last side that is no approximation of the one before."""
        exact = [side for side, sign in zip(self.sides[1:], self.signs, strict=True) if sign != "\\approx"]
        return exact[-1] if exact else self.sides[-1]


def has_relation(text: str) -> bool:
    """Decide whether any relation stands in `text`, spelt in any way."""
    return _SIGN.search(_spelt(text)) is not None


def read_statements(text: str) -> list[Chain]:
    """Split `x = 1, y = 2` into its statements, at commas, `and` and `or` outside brackets.

    A piece without a relation belongs to the one before it: `n = 2, 3` is one statement.
    """
    pieces: list[tuple[str, str]] = []
    split, joints = _split(_spelt(text), _SEPARATOR)
    for piece, joint in zip(split, ["", *joints], strict=True):
        if pieces and not _SIGN.search(piece):
            before, first = pieces[-1]
            pieces[-1] = f"{before}, {piece}", first
        elif piece.strip():
            pieces.append((piece, joint))
    return [_chain(piece)._replace(joint=joint) for piece, joint in pieces]


def sides_of_identity(text: str) -> tuple[str, ...]:
    """Return the sides of `2 + 3 = 5`; none of a text with another relation, with several, or that names its value."""
    chains = read_statements(text)
    single = len(chains) == 1 and set(chains[0].signs) == {"="} and not chains[0].label
    return chains[0].sides if single else ()


def compare_relations(gold: str, answer: str, compare: Compare, equivalent: Callable[[Chain, Chain], Reason]) -> Reason:
    """Compare where at least one side states a relation. EQUAL only where the sides were shown to be equal.

    `compare` compares two expressions; `equivalent` says whether two equations, or inequalities, with variables are
    multiples of each other.
    """
    read = [read_statements(text) for text in (gold, answer)]
    if not all(0 < len(chains) <= MAX_STATEMENTS for chains in read):
        return Reason.UNDECIDED
    expected, stated = (_merged(chains) for chains in _one_variable(*read))
    if len(expected) == len(stated) == 1:
        return _compare_chains(expected[0], stated[0], compare, equivalent)
    if len(expected) != len(stated):
        return _compare_parts(expected, stated, compare)
    joints = [{chain.joint for chain in chains[1:]} for chains in (expected, stated)]
    if any("or" in joint for joint in joints) and joints[0] != joints[1]:
        return Reason.UNDECIDED
    if all(chain.label for chain in (*expected, *stated)):
        by_label = {chain.label: chain for chain in stated}
        if len(by_label) < len(stated) or by_label.keys() != {chain.label for chain in expected}:
            return Reason.UNDECIDED
        stated = [by_label[chain.label] for chain in expected]
        found = {_compare_chains(*pair, compare, equivalent) for pair in zip(expected, stated, strict=True)}
        if found == {Reason.EQUAL}:
            return Reason.EQUAL
        return Reason.NOT_EQUAL if Reason.NOT_EQUAL in found else Reason.UNDECIDED
    rows = [[_compare_chains(one, other, compare, equivalent) for other in stated] for one in expected]
    if any(set(row) <= {Reason.NOT_EQUAL} for row in rows):
        return Reason.NOT_EQUAL
    paired = all(Reason.EQUAL in row for row in [*rows, *zip(*rows, strict=True)])
    return Reason.EQUAL if paired else Reason.UNDECIDED


def _compare_parts(gold: Sequence[Chain], answer: Sequence[Chain], compare: Compare) -> Reason:
    """`x = 1, y = 2` against `(x,y) = (1,2)`, or against `(1,2)` where the names are in alphabetical order."""
    named, several = (gold, answer) if len(gold) > len(answer) else (answer, gold)
    names = [chain.label for chain in named]
    if len(several) > 1 or not all(names) or len(set(names)) < len(names):
        return Reason.UNDECIDED
    only = several[0]
    label, value = (only.label, only.value) if only.signs else (f"({','.join(sorted(names))})", only.sides[0])
    parts = _split(_BRACKETS.sub(r"\1", value), _COMMA)[0]
    order = [name.strip() for name in label.strip("()").split(",")]
    if sorted(order) != sorted(names) or len(parts) != len(names):
        return Reason.UNDECIDED
    if not only.signs and (names != order or (several is gold and not _BRACKETS.fullmatch(value))):
        return Reason.UNDECIDED
    values = dict(zip(order, parts, strict=True))
    pairs = [(chain.value, values[chain.label]) for chain in named]
    same = all(compare(*(pair if named is gold else pair[::-1])) is Reason.EQUAL for pair in pairs)
    return Reason.EQUAL if same else Reason.UNDECIDED


def _one_variable(*sides: Sequence[Chain]) -> list[Sequence[Chain]]:
    """`x_1 = 2, x_2 = 3` as values of x where the other side has an x."""
    plain = {chain.label for chains in sides for chain in chains}
    renamed: list[Sequence[Chain]] = []
    for chains in sides:
        bases = {chain.label.partition("_")[0] for chain in chains}
        indexed = len(chains) > 1 and len(bases) == 1 and all(_INDEXED.fullmatch(chain.label) for chain in chains)
        base = bases.pop() if indexed else ""
        renamed.append([Chain((base, c.value), ("=",), c.joint) for c in chains] if base in plain - {""} else chains)
    return renamed


def _compare_chains(
    gold: Chain, answer: Chain, compare: Compare, equivalent: Callable[[Chain, Chain], Reason]
) -> Reason:
    named = _compare_named(gold, answer, compare)
    if named is not None and (named is Reason.EQUAL or not (_varies(gold) and _varies(answer))):
        return named
    intervals = [_interval(chain) for chain in (gold, answer)]
    if all(intervals) and any(chain.signs for chain in (gold, answer)):
        if len({_bounded(chain) for chain in (gold, answer) if chain.signs}) > 1:
            return Reason.NOT_EQUAL
        if gold.signs == answer.signs == ("\\ne",):
            return compare(gold.sides[1], answer.sides[1])
        return compare(*(str(interval) for interval in intervals))
    if not gold.signs or not answer.signs:
        # `2 + 2 = 4` states 4 if it is true; a gold that is a relation is not answered by one of its sides
        if gold.signs or set(answer.signs) != {"="} or _has_letters(answer):
            return Reason.UNDECIDED
        true = {compare(gold.sides[0], side) for side in answer.sides} == {Reason.EQUAL}
        return Reason.EQUAL if true else Reason.UNDECIDED
    if _has_letters(gold) or _has_letters(answer):
        found = equivalent(gold, answer) if len(gold.signs) == len(answer.signs) == 1 else Reason.UNDECIDED
        same = _same_sides(gold, answer, compare)
        return (
            same
            if same is Reason.EQUAL
            else named
            if named is Reason.NOT_EQUAL and found is not Reason.EQUAL
            else found
        )
    return _same_sides(gold, answer, compare)


def _compare_named(gold: Chain, answer: Chain, compare: Compare) -> Reason | None:
    """Where both name a value, or one names it and the other only states it; else None."""
    if gold.label and answer.label:
        if gold.label == answer.label:
            return compare(gold.value, answer.value)
        lone = all(_LONE.fullmatch(chain.label) for chain in (gold, answer))
        return Reason.NOT_EQUAL if lone else Reason.UNDECIDED
    if gold.label and not answer.signs:
        return compare(gold.value, answer.sides[0])
    if answer.label and not gold.signs:
        return compare(gold.sides[0], answer.value)
    return None


def _same_sides(gold: Chain, answer: Chain, compare: Compare) -> Reason:
    """The same sides in the same order, or mirrored."""
    if len(gold.sides) != len(answer.sides):
        return Reason.UNDECIDED
    mirrored = Chain(answer.sides[::-1], tuple(MIRRORED.get(sign, sign) for sign in answer.signs[::-1]))
    verdicts = []
    for turned in (answer, mirrored):
        if turned.signs == gold.signs:
            found = {compare(*pair) for pair in zip(gold.sides, turned.sides, strict=True)}
            if found == {Reason.EQUAL}:
                return Reason.EQUAL
            verdicts.append(Reason.NOT_EQUAL in found)
    return Reason.NOT_EQUAL if verdicts and all(verdicts) else Reason.UNDECIDED


def _interval(chain: Chain) -> str | None:
    """What a lone variable may be, as an interval; of a text in brackets without a relation, that text."""
    if not chain.signs or (chain.signs == ("\\in",) and _LONE.fullmatch(chain.sides[0])):
        return chain.sides[-1] if _INTERVAL.fullmatch(chain.sides[-1]) else None
    sides, signs = chain.sides, chain.signs
    if signs == ("\\ne",) and _LONE.fullmatch(sides[0]) and not _LETTER.search(sides[1]):
        return f"(-\\infty,{sides[1]}) \\cup ({sides[1]},\\infty)"
    if signs[0] in ("\\ge", ">"):
        sides, signs = sides[::-1], tuple(MIRRORED.get(sign, sign) for sign in signs[::-1])
    if not set(signs) <= {"<", "\\le"}:
        return None
    variables = [i for i, side in enumerate(sides) if _LONE.fullmatch(side.strip())]
    if len(variables) != 1 or any(_LETTER.search(side) for i, side in enumerate(sides) if i not in variables):
        return None
    at = variables[0]
    if len(sides) > 3 or (len(sides) == 3 and at != 1):
        return None
    low = f"{'[' if signs[at - 1] == _LE else '('}{sides[at - 1]}" if at else "(-\\infty"
    high = f"{sides[at + 1]}{']' if signs[at] == _LE else ')'}" if at + 1 < len(sides) else "\\infty)"
    return f"{low},{high}"


def _bounded(chain: Chain) -> str:
    """The variable of an interval."""
    return next((side for side in chain.sides if _LONE.fullmatch(side)), "")


def _both(one: Chain, other: Chain) -> Chain | None:
    """What two bounds of one variable say together: `x < 1 or x > 2` a union, `x > 1 and x < 2` what lies between."""
    first, second = _interval(one), _interval(other)
    if not first or not second or not one.signs or not other.signs or _bounded(one) != _bounded(other):
        return None
    if other.joint == "or":
        return Chain((_bounded(one), f"{first} \\cup {second}"), ("\\in",), one.joint)
    if other.joint != "and" or "\\in" in (*one.signs, *other.signs) or len(one.sides) + len(other.sides) > 4:
        return None
    low, high = (first, second) if first.startswith("(-\\infty") else (second, first)
    if not low.startswith("(-\\infty") or not high.endswith("\\infty)"):
        return None
    return Chain((_bounded(one), high.removesuffix("\\infty)") + low.removeprefix("(-\\infty,")), ("\\in",), one.joint)


def _merged(chains: Sequence[Chain]) -> list[Chain]:
    """`x = 1 or x = 2` names x once, with both values."""
    merged: list[Chain] = []
    for chain in chains:
        last = merged[-1] if merged else None
        if last and chain.label and chain.label == last.label and last.signs == chain.signs == ("=",):
            merged[-1] = Chain((last.sides[0], f"{last.value}, {chain.value}"), ("=",), last.joint)
        elif last and (together := _both(last, chain)):
            merged[-1] = together
        else:
            merged.append(chain)
    return merged


def _varies(chain: Chain) -> bool:
    """Its value has variables of its own, so that it may be solved for another one."""
    return bool(chain.signs) and _LETTER.search(chain.value) is not None


def _has_letters(chain: Chain) -> bool:
    return any(_LETTER.search(side) for side in chain.sides)


def _label(side: str) -> str:
    """`f ( 2 )` as `f(2)`; empty for what is no name of a value."""
    side = side.strip()
    if len(side) > 60 or not _LABEL.fullmatch(side) or _FUNCTIONS.match(side) or side in ("e", "i"):
        return ""
    plain = re.sub(r"\\text\s*\{([^{}]*)\}", r"\1", side)
    if _PLAIN_WORDS.fullmatch(plain) and not names_value(plain.strip()):
        return ""
    return re.sub(r"_\{(\w)\}", r"_\1", re.sub(r"\s+|\|", "", plain))


def _spelt(text: str) -> str:
    for pattern, spelling in _SPELLINGS:
        text = pattern.sub(spelling, text)
    described = _SET_OF.fullmatch(text)
    return described[2] if described else text


def _chain(piece: str) -> Chain:
    sides, signs = _split(piece, _SIGN)
    return Chain(tuple(side.strip() for side in sides), tuple(signs))


def _split(text: str, at: re.Pattern[str]) -> tuple[list[str], list[str]]:
    """The pieces between the matches of `at` outside brackets, and those matches."""
    pieces, signs, start, depth = [], [], 0, 0
    for found in re.finditer(rf"[()\[\]{{}}]|{at.pattern}", text):
        if found[0] in _OPENING:
            depth += 1
        elif found[0] in _CLOSING:
            depth -= 1
        elif depth <= 0:
            pieces.append(text[start : found.start()])
            signs.append(found[0].strip())
            start = found.end()
    return [*pieces, text[start:]], signs
