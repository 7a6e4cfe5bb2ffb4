"""Mathematics as people and models write it, put into the LaTeX that the algebra reads in one way only; or refused.

A change here may change verdicts: raise the versions of the kinds that read it (`tasks.judging.verifiers`).
"""

import re

from tasks.late_pattern import late_pattern
from tasks.mathematics.number import powers_in_ascii, unwrap
from tasks.mathematics.unit import read_unit

MAX_CHARACTERS = 400
MAX_DEPTH = 12
MAX_POWERS = 20

_FUNCTIONS = "arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|ln|log|exp|sqrt"
_GREEK = "alpha|beta|gamma|delta|epsilon|theta|lambda|mu|pi|rho|sigma|tau|phi|omega"
_COMMANDS = frozenset(
    f"{_FUNCTIONS}|{_GREEK}|frac|binom|cdot|times|div|pm|mp|infty|circ|le|leq|ge|geq|lt|gt|ne|neq|in|cup|cap|"
    "setminus|emptyset|mathbb|left|right|lfloor|rfloor|lceil|rceil|begin|end".split("|")
)
_FACTOR = r"\\(?:frac|sqrt|binom|pi)(?![A-Za-z])|(?:\\left\s*)?\("


def _fraction(decimal: re.Match[str]) -> str:
    return rf"\frac{{{int(decimal[1] + decimal[2])}}}{{{10 ** len(decimal[2])}}}"


_SYMBOLS = (
    ("∞", r"\\infty "),
    ("π", r"\\pi "),
    ("√", r"\\sqrt "),
    ("\u00d7", r"\\times "),
    ("÷", r"\\div "),
    ("·", r"\\cdot "),
    ("∅", r"\\emptyset "),
    ("\u222a", r"\\cup "),
    ("∈", r"\\in "),
    ("≤", r"\\le "),
    ("≥", r"\\ge "),
    ("≠", r"\\ne "),
    ("±", r"\\pm "),
    ("∓", r"\\mp "),
    ("⋅", r"\\cdot "),
    ("∩", r"\\cap "),
    ("°", r"^{\\circ}"),
)
_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (late_pattern(pattern), replacement)
    for pattern, replacement in (
        (r"\\[dtc](frac|binom)(?![A-Za-z])", r"\\\1"),
        (r"(?<!\\)\\(?:displaystyle|quad|[,;:! ])", " "),
        (r"\\(?:text(?:normal|rm|bf|it)?|math(?:rm|bf|it)|mbox)\s*\{([^{}]*)\}", r" \1 "),
        (r"(?:\\left)?\s*[\[(]\s*\\begin\{array\}\s*\{[lcr|]*\}", r"\\begin{pmatrix}"),
        (r"\\end\{array\}\s*(?:\\right)?\s*[\])]", r"\\end{pmatrix}"),
        (r"\*\*", "^"),
        *((symbol, command) for symbol, command in _SYMBOLS),
        (rf"(?<![\\A-Za-z])({_FUNCTIONS}|pi|theta)(?![A-Za-z])", r"\\\1"),
        (r"\{\s*(\w+)\s*\\choose\s*(\w+)\s*\}", r"\\binom{\1}{\2}"),
        (r"\\sqrt\s*\(([^()]*)\)", r"\\sqrt{\1}"),
        (r"\\sqrt\s*(\d+)", r"\\sqrt{\1}"),
        (r"\\frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}"),
        (r"\^\s*(-?\s*\d*\.?\d+)", r"^{\1}"),
        (r"\^\s*\(([^()]*)\)", r"^{\1}"),
    )
)
_DECIMAL = late_pattern(r"(?<![\d.])(\d*)\.(\d+)(?![\d.])", re.ASCII)
_MIXED = late_pattern(r"(?<![\d^_{.])(\d+)\s*(\\frac\s*\{\s*\d+\s*\}\s*\{\s*\d+\s*\})", re.ASCII)
_PRODUCTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (late_pattern(pattern), r"\1\\cdot ")
    for pattern in (
        rf"((?<![\^_])\d|\))\s*(?={_FACTOR.replace('frac|', '')})",
        rf"(\))\s*(?={_FACTOR}|\d)",
        rf"(\\(?:frac|binom)\s*\{{[^{{}}]*\}}\s*\{{[^{{}}]*\}})\s*(?={_FACTOR}|\d)",
    )
)

_CHARACTERS = late_pattern(r"[A-Za-z0-9\s+\-*/^=<>!(){}\[\],.|_&\\]*", re.ASCII)
_COMMAND = late_pattern(r"\\([A-Za-z]+|.)", re.DOTALL)
_AMBIGUOUS = late_pattern(
    r"""
      (?<![\d^_])\d+\s+\d                                            # 1 2: twelve, two numbers, a product?
    | \d\s*[xX]\s*\d                                                # 3 x 4
    | (?<![\^_\w}])\d+\s*\{                                         # 2{3}
    | (?<!\d)0[xXbBoO][\dA-Fa-f]                                     # 0xFF
    | \d[eE][-+]?\d                                                 # 2e3 inside an expression
    | \.\s*\.                                                       # an ellipsis: 1, 2, ..., n
    | ^[^(\[{]*(?<![\d,])\d{1,3}(?:,\d{3})+(?!\d)                   # 1,234x: a thousand, or two things
    | (?<![\\A-Za-z])(?!p?matrix\}|bmatrix\})(?:[A-Za-z]{4,}|of|is|in|if|no|at|to|by|the|mod|per|for|not|yes|odd)
      (?![A-Za-z])
    | (?<![\\A-Za-z])[A-Za-z]{2,}\s+(?:[A-Za-z]{2}|\d)               # she has, so 5: a sentence
    | \d\s+[A-Z]{2,}(?![A-Za-z])                                    # 300 BC
    | \\(?:begin|end)\s*\{(?!p?matrix\}|bmatrix\})
    | \d\s*_                                                        # 58_9: in base nine
    | __
    """,
    re.VERBOSE | re.ASCII,
)
_COSTLY = late_pattern(
    r"""
      \d{60}                                    # digits
    | \^\s*\{?\s*[-+]?\s*\(?\d{5}               # powers
    | \^[^\^+=,]*\^[^\^+=,]*\^                  # towers of three
    | \d{5}\s*[)}]*\s*!                         # factorials
    | ![)}\s]*!
    """,
    re.VERBOSE | re.ASCII,
)
_UNIT = late_pattern(
    r"""
      \\(?:text(?:normal|rm)?|mathrm|mbox)\s*\{[\s~]*(?P<text>[A-Za-z][^{}]*)\}(?P<text_power>\^\{?[23]\}?)?$
    | (?<=[)}\s])(?<!\\)(?P<words>[A-Za-z]{2,}(?:[ /][A-Za-z]+)*)(?P<power>\^\{?[23]\}?)?$
    | (?P<degrees>\^\s*\{?\s*\\circ\s*\}?)$
    """,
    re.VERBOSE | re.ASCII,
)
_TRIGONOMETRIC = late_pattern(r"sin|cos|tan|cot|sec|csc")


def split_unit(text: str) -> tuple[str, str]:
    """Return the expression and the unit written after it, in normal form; the unit is empty when there is none.

    Letters outside `\\text` are a unit only if they are a known one or a word that cannot be a product.
    """
    text = unwrap(text.strip())
    if len(text) > MAX_CHARACTERS or not (match := _UNIT.search(text)):
        return text, ""
    expression = text[: match.start()].strip()
    if match["degrees"]:
        return (text, "") if _TRIGONOMETRIC.search(text) else (expression, "degree")
    words, power = match["text"] or match["words"], match["power"] or match["text_power"] or ""
    product = not match["text"] and len(words.split()[0]) < 4
    unit = read_unit("", ("" if product else " ") + words + power.strip("^{}"))
    return (expression, unit) if unit else (text, "")


def to_latex(text: str) -> str:
    """Return `text` with one spelling of functions, roots and powers, decimals as fractions and products with a dot.

    Text beyond `MAX_CHARACTERS` is returned as it is, to be refused.
    """
    if len(text) > MAX_CHARACTERS:
        return text
    text = powers_in_ascii(text)
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    text = _DECIMAL.sub(_fraction, _MIXED.sub(r"(\1+\2)", text))
    for pattern, replacement in _PRODUCTS:
        text = pattern.sub(replacement, text)
    return text.strip()


def refuses(latex: str) -> bool:
    """Return whether a text is not for the algebra: too large, of unbounded cost, ambiguous, or made of other things
    than it is known to read.

    What is left may still cost too much; that is what its time limit is for.
    """
    if not latex or len(latex) > 2 * MAX_CHARACTERS or not _CHARACTERS.fullmatch(latex):
        return True
    if any(name not in _COMMANDS for name in _COMMAND.findall(latex) if name.isalpha() or name not in "{}|\\"):
        return True
    too_many = latex.count("^") > MAX_POWERS or _depth(latex) > MAX_DEPTH
    return too_many or _AMBIGUOUS.search(latex) is not None or _COSTLY.search(latex) is not None


def _depth(latex: str) -> int:
    deepest = depth = 0
    for character in latex:
        if character in "({[":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")}]":
            depth -= 1
    return deepest
