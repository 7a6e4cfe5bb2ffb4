"""The final answer of a response: where it is looked for, and what is found there."""

import re
from collections.abc import Sequence

from schemas.errors import Refused
from schemas.trace import Span
from tasks.extraction.correction import correction, turns_between
from tasks.extraction.stated_answers import find_stated, matched, trimmed
from tasks.mathematics.boxed import in_parts, runs, unclear
from tasks.parsing.grammar import TAG, Parsed, parse
from tasks.parsing.thinking import after_thinking
from tasks.parsing.turn import next_questions

_ENDS_IN_MATHS = re.compile(
    r"""\s*+(?P<lead>[^\n$\\]{0,200}(?:\b(?:is|are|that|thus|hence|therefore|so|find|get|have|obtain|gives?|yields?)
      |:)),?\s*
    (?P<maths>\$\$[^$]+\$\$|\$[^$]+\$|\\\((?:(?!\\[()]).)+\\\)|\\\[(?:(?!\\[\[\]]).)+\\\])[.\s]*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
"""One sentence that ends in its only formula, such as `We find that $x < 3$.`"""
_DOUBTS = re.compile(
    r"n['\u2019]t\b|\b(?:not|no|never|if|unless|whether|neither|cannot|suppose|assume|let|doubt\w*|wrong|incorrect|false)\b",
    re.IGNORECASE,
)
_QUESTIONS = 4
"""Next questions at which a text is cut where an answer stands before them; more would take quadratic time."""
_REACH = 40
"""Characters before an answer in which it is called final."""
_SENTENCE = 200
"""Characters of a sentence that states an answer, before it."""
_CONDITION = re.compile(
    r"(?:^|[.;!?\n])[\W\d]*(?:if|when|whenever|assuming|suppose|otherwise|else|case|with|without)\b(?:(?![.;!?]\s)[^\n])*\Z",
    re.IGNORECASE,
)
_FIRST_NUMBER = re.compile(r"\s*\**([-+]?[$€£]?\d[\d,]*(?:[./]\d+)?%?)\**[ \t]*\n[ \t]*\n")
_ASKED = re.compile(r"^[A-Z\u00c0-\u1eff\u3040-\ud7af][^\n]{5,}[?\uff1f][ \t]*$", re.MULTILINE)
_LEFT_BLANK = re.compile(r"""["'](?:final_)?answer["']\s*:\s*(?:""|'')\s*(?:[,}]|$)""", re.MULTILINE)
"""A field of JSON or Python for an answer that is none."""
_GOES_ON = 150
"""Characters of thinking behind an answer in it, which then was not the last word."""
_LONG, _TAIL, _AGAIN = 1_000, 80, 3
"""Characters of a text that may end in a loop, and of its end; how often that stands there, and the words in it."""
_WORD = re.compile(r"[A-Za-z]{2,}")
_BARE = re.compile(r"\S{1,20}(?:\s\S{1,20}){0,2}(?<![a-z][.:])")
"""An answer without a word about it."""


class Stated(Span):
    """An answer and where it stands: `answer == text[start:end]`."""

    answer: str
    explicit: bool = True
    """False where nothing was stated and the whole place searched is taken for the answer."""


def find_answer(text: str, pattern: str | None = None, parsed: Parsed | None = None) -> Stated | None:
    """Return the final answer of a whole response, in offsets of `text`; `parsed` spares parsing it again.

    With `pattern` it is what the group of its last match in the place searched holds, untrimmed; no match,
    or an empty group, is no answer. A user's pattern may take exponential time: call this where it can be
    killed.

    Without one it is the last answer stated there, before the text asks itself a next question. Where none is stated
    the response is judged as it is: the whole place is the answer (not `explicit`), be it a word, a sentence or a grid
    of many lines; never its last line or last number, which nobody called an answer. None when the place is blank, or
    holds tags that do not fit; when the text takes its last answer back, rejects all it boxes, or boxes one answer for
    each of several parts.
    """
    place = answer_place(text, parsed or parse(text))
    searched = place.of(text)
    unended = (rest := after_thinking(text)) is not None and not rest.closed and rest.place == place
    if pattern is not None:
        found = matched(searched, pattern)
        span, explicit = (found[-1] if found else None), True
    else:
        span, explicit = _last_answer(searched)
    if span is None or span[0] == span[1]:
        return None
    start, end = span
    if unended and pattern is None and len(searched[end:].strip()) > _GOES_ON:
        return None  # thinking that was cut off thought on
    return Stated(start=place.start + start, end=place.start + end, answer=searched[start:end], explicit=explicit)


def _last_answer(searched: str) -> tuple[tuple[int, int] | None, bool]:
    """Its range, and whether it is stated."""
    found = find_stated(searched)
    own = searched[: own_end(searched)]
    found = find_stated(own) if len(own) < len(searched) else found
    if _begins_with_question(own, searched) and found != find_stated(searched):
        return None, True
    if found:
        parts = _unasked(own, found) or (len(found) > 1 and _in_parts(own, found))
        taken_back = found[-1][1] < len(own) and correction(own, *found[-1])
        return (None if parts or (taken_back and taken_back[0] == taken_back[1]) else found[-1]), True
    if runs(own) or TAG.search(own) or _LEFT_BLANK.search(own) or _ends_in_loop(own):
        return None, True
    in_maths = _ENDS_IN_MATHS.fullmatch(own)
    if in_maths and not _DOUBTS.search(in_maths["lead"]):
        return trimmed(own, in_maths.start("maths"), in_maths.end("maths")), False
    return trimmed(own, 0, len(own)), False


def _ends_in_loop(text: str) -> bool:
    """Whether it says one thing again and again until it was cut off, and has come to nothing."""
    tail = text[-_TAIL:]
    return len(text) > _LONG and text.count(tail) > _AGAIN and len(_WORD.findall(tail)) > _AGAIN


def _unasked(own: str, found: Sequence[tuple[int, int]]) -> bool:
    """Whether the last answer may be to another question: one asked on a line between two answers, and not in doubt of
    the first, or one behind a number that was all of the answer.
    """
    start, end = found[-1]
    first = _FIRST_NUMBER.match(own)
    if first and first.end() <= found[0][0] and all(own[slice(*each)] != first[1] for each in found):
        return True
    other = next((each for each in reversed(found) if own[slice(*each)] != own[start:end]), None)
    if other is None or other[1] > start:
        return False
    return _ASKED.search(own, other[1], start) is not None and not turns_between(own, other[1], start)


def _in_parts(own: str, found: Sequence[tuple[int, int]]) -> bool:
    """Whether the answers stated are those of parts, or of a list, so that the last one is not the answer."""
    last = found[-1][0]
    if "inal" in own[max(0, last - _REACH) : last]:
        return False
    if (
        len(found) > 1
        and own[slice(*found[-2])] != own[slice(*found[-1])]
        and all(_on_condition(own, each) for each in found[-2:])
    ):
        return True
    boxed = runs(own)
    if boxed and last <= boxed[-1][-1].end and unclear(own, boxed):
        return True
    return in_parts(own, [(start, own[start:end]) for start, end in found])


def _on_condition(own: str, stated: tuple[int, int]) -> bool:
    """Whether the sentence of an answer begins with a condition: `If n is odd, the answer is 5`."""
    before = own[max(0, stated[0] - _SENTENCE) : stated[0]]
    return _CONDITION.search(before) is not None


def own_end(text: str) -> int:
    """Return where `text` ends, or asks itself a next question after it has answered."""
    asked = next_questions(text)
    for start, others in asked[:_QUESTIONS]:
        before = text[:start].strip()
        if before and (others or _BARE.fullmatch(before) or find_stated(text[:start])):
            return start
    return len(text)


def _begins_with_question(own: str, whole: str) -> bool:
    """Whether the text restates questions, so that nobody can tell which of them is its own."""
    return len(own) < len(whole) and any(not own[:start].strip() for start, _ in next_questions(own))


def answer_place(text: str, parsed: Parsed) -> Span:
    """Return where the final answer is looked for: the `<output>`, else what follows the thinking, else all."""
    rest = after_thinking(text[: parsed.end])
    if parsed.output and ("output>" in text or rest is None or rest.place.start <= parsed.output.start):
        return parsed.output  # one that no tag names may begin with thinking in another spelling
    return rest.place if rest else Span(start=0, end=parsed.end)


def check_pattern(pattern: str) -> None:
    """Raise `Refused` unless `pattern` is a regular expression with exactly one group."""
    needs = "needs a Python regular expression with exactly one group, such as 'A: (.*)'"
    try:
        groups = re.compile(pattern).groups
    except (re.error, OverflowError, RecursionError) as error:
        raise Refused(f"answer_pattern: got {pattern!r}, which does not compile ({error}); {needs}") from None
    if groups != 1:
        raise Refused(f"answer_pattern: got {pattern!r}, which has {groups} groups; {needs}")
