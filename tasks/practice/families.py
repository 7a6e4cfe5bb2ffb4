"""The families whose working is shown step by step, each read from a question's text."""

import re
from collections.abc import Callable
from itertools import pairwise

from tasks.practice.chains import KIND, read_chain
from tasks.practice.problem import Pen, Problem, misreadings


def read_family(question: str) -> Problem | None:
    """Return the problem that a question states; None for a text of no family."""
    return next((problem for read in FAMILIES.values() if (problem := read(question.strip())) is not None), None)


def _letter_counting(question: str) -> Problem | None:
    found = re.search(r'letter "(\w)" appear in the text: "(.+)"', question, re.S)
    if not found:
        return None
    letter, words = found[1].lower(), re.findall(r"\w+", found[2])

    def solve(pen: Pen) -> str:
        counts = [pen.compute(f'"{letter}" in {word}', n) for word in words if (n := word.lower().count(letter))]
        if len(counts) == 1:
            return str(counts[0])
        return str(pen.compute(" + ".join(map(str, counts)) or f'"{letter}" in all of it', sum(counts)))

    return Problem("letter counting", f'"{letter}" in {" ".join(words)}', solve, min(1, len(words) / 50))


def _chain_sum(question: str) -> Problem | None:
    found = re.search(
        r"(?:problem:|\A(?:what is|compute|calculate))\s+(-?\d[\d\s+-]*?)\s*(?:=|\?|$)", question, re.I | re.M
    )
    if not found:
        return None
    first, *terms = re.findall(r"[+-]?\s*-?\d+", found[1])

    def solve(pen: Pen) -> str:
        total = int(first)
        for term in terms:
            sign, number = term[0], int(term[1:])
            total = pen.compute(f"{total} {sign} {number}", total + (number if sign == "+" else -number))
        return str(total if terms else pen.compute("the only term", total))

    return Problem("chain sum", found[1], solve, min(1, len(terms) * max(map(len, terms), default=0) / 40))


def _products(question: str) -> Problem | None:
    found = re.search(r"multiplication:\s*(-?\d+(?:\s*\*\s*-?\d+)*)(?!\d|\.\d)", question, re.I)
    if not found:
        return None
    first, *factors = map(int, re.findall(r"-?\d+", found[1]))

    def solve(pen: Pen) -> str:
        total = first
        for factor in factors:
            total = _times(pen, total, factor)
        return str(total if factors else pen.compute("the only factor", total))

    return Problem("products", found[1], solve, min(1, len(found[1]) / 40))


def _times(pen: Pen, a: int, b: int) -> int:
    """`a * b`, by the digits of `b` where both have several."""
    parts = [int(digit) * 10**place for place, digit in enumerate(reversed(str(abs(b)))) if digit != "0"]
    if len(parts) < 2 or abs(a) < 10:
        return pen.compute(f"{a} * {b}", a * b)
    terms = [pen.compute(f"{a} * {part if b > 0 else -part}", a * part * (1 if b > 0 else -1)) for part in parts]
    return pen.compute(" + ".join(map(str, terms)), sum(terms))


def _spell_backward(question: str) -> Problem | None:
    found = re.search(r"spell (?:this|the) word backwards?(?: \([^)\n]*\))?:\s*([^\W_]+)[.\s]*\Z", question, re.I)
    if not found or len(set(found[1].lower())) < 2:  # nothing that could be mistaken
        return None
    word = found[1]
    half = len(word) // 2

    def solve(pen: Pen) -> str:
        parts = [part for part in (word[half:], word[:half]) if part]
        return "".join(str(pen.write(f"{part} backwards", part[::-1], garbled(part[::-1]))) for part in parts)

    return Problem("spell backward", word, solve, min(1, len(word) / 20))


def garbled(text: str) -> list[str]:
    """Return the text with two neighbours exchanged, or with a letter lost or doubled, each way that shows."""
    pairs = [*enumerate(pairwise(text))]
    swapped = [text[:i] + b + a + text[i + 2 :] for i, (a, b) in pairs if a.lower() != b.lower()]
    return [*swapped, *(text[:i] + text[i + 1 :] for i, _ in pairs), *(text[:i] + a + text[i:] for i, (a, _) in pairs)]


def _gcd(question: str) -> Problem | None:
    found = re.search(r"(?:Greatest Common Divisor|GCD)\b[^:\n]*:\s*(\d+(?:,\s*\d+)+)(?!\d)", question, re.I)
    numbers = [*map(int, found[1].split(","))] if found else []
    if not all(numbers) or len(numbers) < 2:
        return None

    def solve(pen: Pen) -> str:
        first, *rest = numbers
        for number in rest:
            first = _euclid(pen, max(first, number), min(first, number))
        return str(first)

    return Problem("gcd", ", ".join(map(str, numbers)), solve, min(1, len(numbers) / 10))


def _euclid(pen: Pen, a: int, b: int) -> int:
    name = f"gcd({a}, {b})"
    while b:
        possible = [rest for rest in {*misreadings(a % b), 0, b - a % b} if rest < b and rest != a % b]
        a, b = b, int(pen.write(f"{a} mod {b}", a % b, sorted(possible)))
    return int(pen.write(name, a, [m for m in misreadings(a) if m]))


FAMILIES: dict[str, Callable[[str], Problem | None]] = {
    "letter counting": _letter_counting,
    "spell backward": _spell_backward,
    "chain sum": _chain_sum,
    "products": _products,
    "gcd": _gcd,
    KIND: read_chain,
}
"""By the name of the family in words."""
