"""Mathematics without variables, parsed into a tree of our own. Nothing here evaluates, and no text is ever executed.

    listing = [name ("=" | "\\in")] union  ((","|";"|"or"|"and") union)*      2, -2    x = 2 or x = 3
            | sum (":" sum)*                                                3:2
    union   = sum ("\\cup" sum)*                                             [0,1) \\cup (2,\\infty)
    sum     = ["+"|"-"|"\\pm"] product (("+"|"-"|"\\pm") product)*           \\pm 2 is 2, -2, wherever it stands
    product = power (["*"|"/"] power)*                                      2\\pi/3: from left to right
    power   = atom ["!"|"%"] ["^" power]                                   2^{3^2}: from the right
    atom    = number | \\frac, \\binom, \\sqrt[3]{…} | \\pi | e | i | \\infty | 58_9 | brackets around a listing

A change here may change verdicts: raise the versions of the kinds that read it (`tasks.judging.verifiers`).
"""

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from tasks.mathematics.latex import MAX_CHARACTERS, to_latex

MAX_DEPTH = 40

_BEFORE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<![\w.}])(\d+(?:\.\d+)?)[eE]([+-]?\d{1,5})(?![\w.])", re.ASCII), r"(\1\\times 10^{\2})"),
    (re.compile(r"\\(?:left|right)(?![A-Za-z])|(?<=\d),\\!\s*(?=\d{3}(?!\d))", re.ASCII), ""),
    (re.compile(r"\\%"), "%"),
    (re.compile(r"\\mathbb\s*(?:R|\{\s*R\s*\})"), "\u211d"),
    (re.compile(r"\u211d\s*\\(?:setminus|backslash)\s*\\\{([^{},]+)\\\}"), r"(-\\infty,\1)\\cup(\1,\\infty)"),
    (re.compile("\u211d"), r"(-\\infty,\\infty)"),
)
_REPEATING = re.compile(r"(?<![\d.])(\d*)\.(\d*)\\(?:overline|bar)\s*\{(\d{1,20})\}", re.ASCII)
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+)
    | (?P<command>\\[A-Za-z]+|\\[{}])
    | (?P<word>or|and)(?![A-Za-z])
    | (?P<letter>[A-Za-z])(?![A-Za-z])
    | (?P<sign>[-+*/^!%_=,;:()\[\]{}])
    )""",
    re.VERBOSE | re.ASCII,
)
_THOUSANDS = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])", re.ASCII)
_SEPARATORS = frozenset([",", ";", "or", "and"])
_SPELLINGS = {
    "\\cdot": "*",
    "\\times": "*",
    "\\div": "/",
    "\\lbrace": "\\{",
    "\\rbrace": "\\}",
    "\\varnothing": "\\emptyset",
    "\\mp": "\\pm",
}
_CLOSES = {"(": ")]", "[": ")]", "{": "}", "\\{": ("\\}",)}
_STARTS = frozenset(["(", "\\frac", "\\sqrt", "\\binom", "\\pi", "e", "i"])
"""What may follow a factor without a sign of multiplication between them."""


@dataclass(frozen=True)
class Node:
    operator: str
    """`number`, `constant`, `+`, `*`, `/`, `^`, `-`, `!`, `%`, `root`, `binom`, `base` or `several`; and, until all is
    read, `pm`.
    """
    parts: tuple["Node", ...] = ()
    number: Fraction = Fraction(0)
    text: str = ""
    """A constant's name; the brackets around `several`, or what stands between: `()`, `[)`, `{}`, `,`, `:`, `u`."""


class Unread(ValueError):
    """The text is not of this grammar."""


def read_expression(text: str) -> tuple[str, Node]:
    """Return the variable of `x = 3` or `x \\in [0,1]`, mostly empty, and the tree. Raises `Unread`."""
    if len(text) > MAX_CHARACTERS:
        raise Unread(f"{len(text)} characters; at most {MAX_CHARACTERS}")
    text = _REPEATING.sub(_repeating, text)
    for pattern, replacement in _BEFORE:
        text = pattern.sub(replacement, text)
    if _THOUSANDS.fullmatch(text.strip()):
        raise Unread(f"{text}: a thousand, or two numbers?")
    return _Parser(_tokens(to_latex(text))).whole()


def _repeating(decimal: re.Match[str]) -> str:
    """0.1\\overline{6} as a fraction: all its digits once, less those that do not repeat, over nines and zeros."""
    whole, fixed, period = decimal.groups()
    value = Fraction(int(whole + fixed + period) - int(whole + fixed or 0), (10 ** len(period) - 1) * 10 ** len(fixed))
    return rf"\frac{{{value.numerator}}}{{{value.denominator}}}"


def _tokens(latex: str) -> list[str]:
    found, at = [], 0
    latex = latex.rstrip()
    while at < len(latex):
        token = _TOKEN.match(latex, at)
        if token is None:
            raise Unread(latex[at:])
        at = token.end()
        found.append(_SPELLINGS.get(token[0].strip(), token[0].strip()))
    return found


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = [*tokens, ""]
        self._at = self._depth = 0
        self._names: set[str] = set()

    def whole(self) -> tuple[str, Node]:
        node = self._listing()
        if self._peek() or len(self._names) > 1:
            raise Unread(f"{self._peek() or sorted(self._names)}")
        values = _both_signs(node)
        return "".join(self._names), Node("several", tuple(values), text=",") if len(values) > 1 else values[0]

    def _peek(self) -> str:
        return self._tokens[self._at]

    def _next(self) -> str:
        if not self._peek():
            raise Unread("the end")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, *wanted: str) -> str:
        """The next token if it is one of `wanted`, else nothing."""
        token = self._peek()
        if token and token in wanted:
            self._at += 1
            return token
        return ""

    def _need(self, *wanted: str) -> str:
        if token := self._take(*wanted):
            return token
        raise Unread(f"{self._peek() or 'the end'}; needs {' or '.join(wanted)}")

    def _listing(self) -> Node:
        parts = [self._named()]
        if self._peek() == ":":
            while self._take(":"):
                parts.append(self._sum())
            return Node("several", tuple(parts), text=":")
        while separator := self._take(*_SEPARATORS):
            if separator == "," and self._take("or", "and") and self._peek() in _SEPARATORS:
                raise Unread(separator)
            parts.append(self._named())
        return Node("several", tuple(parts), text=",") if len(parts) > 1 else parts[0]

    def _named(self) -> Node:
        name, follows = self._tokens[self._at : self._at + 2] if self._peek() else ("", "")
        if len(name) == 1 and name.isalpha() and follows in ("=", "\\in"):
            self._names.add(name)
            self._at += 2
        parts = [self._sum()]
        while self._take("\\cup"):
            parts.append(self._sum())
        return Node("several", tuple(parts), text="u") if len(parts) > 1 else parts[0]

    def _sum(self) -> Node:
        sign = self._take("+", "-", "\\pm")
        node = self._product()
        if sign == "\\pm":
            node = Node("pm", (Node("number"), node))
        elif sign == "-":
            node = Node("-", (node,))
        while sign := self._take("+", "-", "\\pm"):
            term = self._product()
            operator = "pm" if sign == "\\pm" else "+"
            node = Node(operator, (node, Node("-", (term,)) if sign == "-" else term))
        return node

    def _product(self) -> Node:
        node = self._power()
        while (sign := self._take("*", "/")) or self._peek() in _STARTS:
            node = Node(sign or "*", (node, self._signed_power() if sign else self._power()))
        return node

    def _signed_power(self) -> Node:
        return Node("-", (self._power(),)) if self._take("-") else self._power()

    def _power(self) -> Node:
        node = self._atom()
        if sign := self._take("!", "%"):
            node = Node(sign, (node,))
        return Node("^", (node, self._signed_power())) if self._take("^") else node

    def _atom(self) -> Node:
        if self._peek() in _CLOSES:
            return self._brackets()
        token = self._next()
        if token.isdecimal():
            return self._based(token) if self._take("_") else Node("number", number=Fraction(int(token)))
        if token in ("\\pi", "\\infty", "\\emptyset", "e", "i"):
            return Node("several", text="{}") if token == "\\emptyset" else Node("constant", text=token.lstrip("\\"))
        if token == "\\frac":
            return Node("/", (self._braced(), self._braced()))
        if token == "\\binom":
            return Node("binom", (self._braced(), self._braced()))
        if token == "\\sqrt":
            degree = self._brackets() if self._peek() == "[" else None
            return Node("root", (self._braced(), degree.parts[0] if degree else Node("number", number=Fraction(2))))
        raise Unread(token)

    def _based(self, digits: str) -> Node:
        braced = self._take("{")
        base = self._next()
        if braced:
            self._need("}")
        if not base.isdecimal() or not 2 <= int(base) <= 10 or max(digits) >= str(int(base) % 10 or ":"):
            raise Unread(f"{digits} in base {base}")
        return Node("base", number=Fraction(int(digits, int(base))), text=f"base {int(base)}")

    def _braced(self) -> Node:
        """An argument: one token, or what stands in braces."""
        if self._peek() != "{":
            return self._atom()
        node = self._brackets()
        if node.operator == "several":
            raise Unread("a listing as an argument")
        return node

    def _brackets(self) -> Node:
        """One thing in round brackets or braces is that thing; else the listing keeps its brackets."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unread(f"more than {MAX_DEPTH} brackets in each other")
        opening = self._next()
        if opening in ("{", "\\{") and self._take(*_CLOSES[opening]):
            inside = Node("several", text="{}")
        else:
            inside = self._listing()
            closing = self._need(*_CLOSES[opening])
            bare = inside.operator == "several" and inside.text == ","
            if bare or opening in ("[", "\\{") or closing == "]":
                brackets = f"{opening}{closing}".replace("\\", "")
                inside = Node("several", inside.parts if bare else (inside,), text=brackets)
        self._depth -= 1
        return inside


def _both_signs(node: Node) -> list[Node]:
    """What it stands for: itself, or with `\\pm` in it two things, in a list or set both. Raises `Unread` for more than
    one in a thing: nobody knows whether they go together.
    """
    if node.operator == "several" and node.text in (",", "{}"):
        return [replace(node, parts=tuple(each for part in node.parts for each in _both_signs(part)))]
    signs = _signs(node)
    if signs > 1:
        raise Unread("several signs of both")
    return [_signed(node, "+"), _signed(node, "-")] if signs else [node]


def _signs(node: Node) -> int:
    return (node.operator == "pm") + sum(map(_signs, node.parts))


def _signed(node: Node, sign: str) -> Node:
    parts = tuple(_signed(part, sign) for part in node.parts)
    if node.operator != "pm":
        return replace(node, parts=parts)
    left, right = parts
    return Node("+", (left, right if sign == "+" else Node("-", (right,))))
