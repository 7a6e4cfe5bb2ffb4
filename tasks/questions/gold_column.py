r"""Which kind the golds of a column ask for, where no row names one: by all of them, for one alone may be a code.

    18   1,234   -0.5   3/4   $5               each is a number by itself: nothing else is written so
    50%  2 1/2  1e3  1 000  ٣  12,800 metres   `number`, where every gold of the column reads as one number: 0.5 is 50%
    \frac{14}{3}   2\sqrt{3}                   `math`, where every gold is LaTeX or reads as a number
    1,2                                        text, for it may be two numbers; `number` beside 3,05 or 1,5 m
    007   0xFF                                 text, as all beside them: their zeros count, but perhaps in 025
    50% beside Paris                           text, but for what is a number by itself

A row is read before the next one is there, so that its own kind is that of its gold alone. The column's stands in the
configuration: `init` writes it, a dry run says that it is missing.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from schemas.question import AnswerKind
from tasks.mathematics.number import PLACEHOLDERS, read_quantity
from tasks.rows.values import infer_kind, is_plain

LOOKED_AT = 1000
"""Golds; reading them takes longer than reading the file."""
_LONGEST = 60
"""Characters of a gold in a line."""
_ZEROS = re.compile(r"0\d+", re.ASCII)
_CODE = re.compile(r"[-+]?0[\dxXbBoO].*")
_PAIR = re.compile(r"[-+]?\d+,\d{1,2}", re.ASCII)
"""A decimal of most of Europe, or two numbers."""
_DECIMAL = re.compile(r"[-+]?[\d.]*\d,(?:0\d|\d{4,}|\d+\s?[^\d\s,.].*)|[-+]?\d{1,3}(?:\.\d{3})+,\d+", re.ASCII)
"""What is one number with a comma, and shows that others of its column may be."""
_MAY_BE_READ = re.compile(r"[^\w\s]{0,2}\s?\d", re.UNICODE)
"""How a number in figures begins; reading what begins otherwise would only cost time."""
_LATEX = re.compile(r"\\[A-Za-z]{2,}|\^\{")


@dataclass
class GoldColumn:
    """What is seen in a column of golds whose rows name no kind."""

    n: int = 0
    """Golds that were looked at."""
    examples: dict[str, str] = field(default_factory=dict)
    """Of each kind that a gold has by itself, the first gold, or one that the column may be about."""
    read: str | None = None
    """The first that reads as a number, and is none by itself."""
    pair: str | None = None
    """The first that may be two numbers."""
    has_commas: bool = False
    """Whether one has a comma before its decimals, and is surely one number."""
    latex: str | None = None
    """The first formula that reads as no number."""
    zeros: str | None = None
    """The first of figures alone that begins with a zero: a code, or a number that is spelt in three figures."""
    is_mixed: bool = False
    """Whether one is neither."""

    def add(self, gold: str | None, value: Any = None) -> None:
        """Add a gold. `value` is what stands in the row, as for `infer_kind`."""
        if gold is None or gold in PLACEHOLDERS or self.n >= LOOKED_AT:
            return
        self.n += 1
        kind = infer_kind(gold, value)
        self.examples.setdefault(kind, gold)
        if is_plain(gold, value):
            return
        plain = gold.strip()
        self.has_commas = self.has_commas or _DECIMAL.fullmatch(plain) is not None
        if _PAIR.fullmatch(plain) and not _DECIMAL.fullmatch(plain):
            self.pair = self.pair or gold
        elif reads_as_number(gold):
            self.read = self.read or gold
        elif _ZEROS.fullmatch(plain):
            self.zeros = self.zeros or gold
        elif _LATEX.search(gold):
            self.latex = self.latex or gold
        else:
            self.is_mixed = True
        self.examples[kind] = self.shown or self.examples[kind]

    @property
    def kind(self) -> AnswerKind | None:
        """That of all golds together; None where each has its own."""
        return None if self.is_mixed or self.zeros or self.shown is None or self.is_doubtful else self.may_be

    @property
    def is_doubtful(self) -> bool:
        """Whether some may be two numbers, and none shows that they are one."""
        return self.pair is not None and not self.has_commas

    @property
    def shown(self) -> str | None:
        """A gold that is compared as text, and hardly should be."""
        return self.latex or (self.pair if self.is_doubtful else self.read or self.pair)

    @property
    def may_be(self) -> AnswerKind:
        """What `shown` is, if it is no text."""
        return AnswerKind.MATH if self.latex else AnswerKind.NUMBER

    @property
    def advice(self) -> str | None:
        """What to set, for a person; None where there is nothing to set."""
        if self.zeros and not self.is_mixed:
            return (
                f'{format_gold(self.zeros)} is compared as text: set questions.kind = "{self.may_be}" if it is a number'
            )
        if self.shown is None:
            return None
        if self.kind:
            return f'none of these golds is other text: set questions.kind = "{self.kind}" to have them read'
        if self.shown == self.pair:
            one_or_two = 'if it is a decimal, "math" if it is two numbers'
            return f'{format_gold(self.shown)} is compared as text: set questions.kind = "number" {one_or_two}'
        said = (
            f'a column `kind` with "{self.may_be}" has such rows read; questions.kind would refuse golds that are text'
        )
        return f"{format_gold(self.shown)} is compared as text: {said}"


def format_gold(gold: str) -> str:
    """Return a gold in a line for a person."""
    return repr(gold if len(gold) <= _LONGEST else f"{gold[:_LONGEST]}…")


def reads_as_number(gold: str) -> bool:
    """Return whether a gold is one number, in whatever notation, and no code."""
    gold = gold.strip()
    begins = _MAY_BE_READ.match(gold) or _LATEX.search(gold) or not gold.isascii()
    if not begins or _CODE.fullmatch(gold) or not any(map(str.isnumeric, gold)):
        return False
    return read_quantity(gold) is not None
