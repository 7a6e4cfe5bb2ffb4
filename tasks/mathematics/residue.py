"""Residues and figures of another base: `7 \\pmod{10}` beside 7, `2516_8` beside `2516_{\\text{eight}}`. Pure."""

import re
from typing import NamedTuple

from schemas.verdict import Reason

MAX_CHARACTERS = 200
_RESIDUE = re.compile(
    r"(?:[A-Za-z]\s*(?:\\equiv|\u2261|=)\s*)?(?P<value>-?\d+)(?:\s|\\[,;:! ]|~|\$)*"
    r"(?:\\pmod\s*\{?\s*(?P<pmod>\d+)\s*\}?|\(?\s*(?:\\[bp]?mod|mod(?:ulo)?)\s*\{?\s*(?P<mod>\d+)\s*\}?\s*\)?)\.?",
    re.ASCII,
)
_BASES = (
    "binary:2 ternary:3 octal:8 decimal:10 two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 "
    "eleven:11 twelve:12 sixteen:16"
)
_NAMED = {name: int(base) for name, base in (pair.split(":") for pair in _BASES.split())}
_BASED = re.compile(
    r"\(?(?P<digits>-?[0-9A-F]+)\)?\s*(?:_\s*\{?\s*(?:\\(?:text|mathrm|textrm|rm)\s*\{?\s*)?(?P<base>\d{1,2}|[a-z]{3,7})\s*\}{0,2}"
    r"|,?\s\(?(?:in\s)?base[\s~-](?P<said>\d{1,2}|[a-z]{3,7})\)?)\.?",
    re.ASCII,
)
_INTEGER = re.compile(r"-?\d{1,100}", re.ASCII)
_ASKS_BASE = re.compile(r"\bbase\b|\b(?:binary|octal|hexadecimal|ternary)\b", re.IGNORECASE)


class _Residue(NamedTuple):
    value: int
    modulus: int


class _Based(NamedTuple):
    digits: str
    base: int


def judge_residue(gold: str, answer: str) -> Reason | None:
    """Compare where either is a residue with its modulus; None where neither is, or one is no integer."""
    expected, stated = (_residue(text) for text in (gold, answer))
    if expected is None or stated is None or not (expected.modulus or stated.modulus):
        return None
    if expected.modulus and stated.modulus and expected.modulus != stated.modulus:
        return Reason.UNDECIDED
    if expected.value == stated.value:
        return Reason.EQUAL
    if (expected.value - stated.value) % (expected.modulus or stated.modulus):
        return Reason.NOT_EQUAL
    return Reason.EQUAL if expected.modulus == stated.modulus else Reason.UNDECIDED


def _residue(text: str) -> _Residue | None:
    """Its modulus is 0 where none is written."""
    text = text.strip().strip("$").strip()
    if len(text) > MAX_CHARACTERS:
        return None
    if _INTEGER.fullmatch(text):
        return _Residue(int(text), 0)
    read = _RESIDUE.fullmatch(text)
    modulus = int(read["pmod"] or read["mod"]) if read else 0
    return _Residue(int(read["value"]), modulus) if read and modulus else None


def judge_based(gold: str, answer: str, question: str = "") -> Reason | None:
    """Compare where either is written in a base: equal are the same figures in the same base, or without one where the
    question asks for it. The same figures or the same number otherwise are left open. None where neither is.
    """
    expected, stated = (_based(text) for text in (gold, answer))
    if expected is None or stated is None or not (expected.base or stated.base):
        return None
    if expected.base == stated.base:
        return Reason.EQUAL if expected.digits == stated.digits else Reason.NOT_EQUAL
    if expected.digits == stated.digits and not (expected.base and stated.base):
        return Reason.EQUAL if _ASKS_BASE.search(question) else Reason.UNDECIDED
    values = [int(side.digits, side.base or 10) for side in (expected, stated)]
    return Reason.UNDECIDED if values[0] == values[1] else Reason.NOT_EQUAL


def _based(text: str) -> _Based | None:
    """Its base is 0 where none is written."""
    text = text.strip().strip("$").strip()
    if len(text) > MAX_CHARACTERS:
        return None
    if _INTEGER.fullmatch(text):
        return _Based(text, 0)
    read = _BASED.fullmatch(text)
    named = (read["base"] or read["said"]) if read else ""
    base = _NAMED.get(named, int(named) if named.isdecimal() else 0)
    if read is None or not 2 <= base <= 16:
        return None
    try:
        int(read["digits"], base)
    except ValueError:
        return None
    return _Based(read["digits"].lstrip("0") or "0", base)
