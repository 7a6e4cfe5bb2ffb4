"""Reflections that only decorate: they look like checking, and check nothing. Marked by rule, from the text. Pure.

A reflection that states another answer than the one in force is never one of them. Of the rest, those are that

    text_repeated       say, word for word, what already stood before them
    nothing_rechecked   compute and count nothing, name no part of a computation (`PARTS`), and have no quotation and
                        no word of the subject in common with the question and the text before them

A word of the subject is any that is not among `TALK`: words for thinking, checking and answering, and the small
words of English, which are in common everywhere.

A change here may change marks: raise `ROW_VERSION` in `tasks.judging.verify`.
"""

import re
from collections.abc import Sequence

from schemas.trace import Trace
from schemas.verdict import ReflectionMark
from tasks.extraction.stated_answers import find_stated
from tasks.mathematics.number import unwrap

LEAST_WORDS = 3
"""A shorter text, such as `Good.`, is no repetition of one."""
STEM = 5
"""Characters of a word that count: `divisions` takes up what was divided."""

_PARTS = """
bracket brackets capitals carries carry decimal decimals denominator digit digits exponent exponents negative negatives
numerator order parentheses parity remainder remainders sign signs unit units
"""
PARTS = frozenset(_PARTS.split())
"""What may be looked at again although the work did not name it."""
_TALK = """
a about above actually after again all already also although always am an and another answer answers any anything
apparently approach are as at attempt attention away back be because been before begin being believe below best better
between both bother but by can care careful carefully certain certainly change changes check checked checking checks
clear clearly close come comes concerned confident consider consistent correct correctly could did direct do does doing
done double doubt down each easier easily easy enough error errors even ever every everything exactly expect explain
far feel feels few final fine first follow follows for from fully get gets give gives go goes going good got had hand
happen happens happy hard has haste have having he help helps her here him hmm how however hurry i idea if important in
indeed inside instead into is it its itself just keep keeping know last later least leave less let like likely little
logic logical look looked looking looks lost made make makes making many matter may maybe me mean means method might
mind miss missed missing mistake mistakes moment more most move much must my need needs never next no none not nothing
now obvious of off okay on once one only open or other our out over own part pass past patient pause perhaps place
plain plan please point possible problem problems proceed process properly pure put putting question questions quick
quickly quite rather reach read reading ready really reason reasonable reasoning recheck reconsider reflect reflecting
reflection remember rest result results review right rush rushing safe said same satisfied say says second see seem
seems sense settle several shall she short shortcut should show simple simply since skip slip slow slowly small so
solid solution solve solved some something sound stage stand stands start started state step steps still stop
straightforward sure systematic take taken takes task tell than that the their them then there therefore these they
thing things think thinking this those though thought thoughts through thus time to together too trap trick tricky true
trust try trying turn two understand understood until up upon us use used uses using verified verify very wait want was
way ways we well were what when where whether which while why will wish with within without work worked working works
worry would write writing written wrong yes yet you your
"""
TALK = frozenset(_TALK.split())

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+(?:[.,]\d+)*|[-+*/^=<>]")
_COMPUTATION = re.compile(
    r"(?<!\d)(?!100 ?%)\d|[\w)\]}.]\s*(?:[-+*/^=<>\u00d7÷·→≤≥]|\\(?:times|cdot|frac|le|ge)(?![a-z]))\s*[\w(\[{\\.-]"
)
"""A number, or an operator between two things."""
_QUOTATION = re.compile(r"[\"“`]([^\"”`]+)[\"”`]")


def decorative(trace: Trace, question: str) -> tuple[ReflectionMark | None, ...]:
    """Return for each reflection the rule that marks it, or None. `question` is the question's text."""
    before, at = Before(), 0
    before.add(question)
    marks = []
    for reflection, draft in zip(trace.reflections, trace.draft_answers, strict=True):
        before.add(trace.text[at : reflection.start])
        stated = [(start, end) for start, end in find_stated(reflection.text) if start < end]
        standing = unwrap(draft.answer) if draft else None
        changes = any(unwrap(reflection.text[start:end]) != standing for start, end in stated)
        marks.append(None if changes else before.mark(_without(reflection.text, stated)))
        at = reflection.start
    return tuple(marks)


def _without(text: str, ranges: Sequence[tuple[int, int]]) -> str:
    """To state an answer again is to check nothing."""
    for start, end in reversed(ranges):
        text = text[:start] + text[end:]
    return text


class Before:
    """What stands before a reflection: as it is, as words, and the subjects that it names. Grows with the text."""

    def __init__(self) -> None:
        self._text = self._words = " "
        self._subjects: set[str] = set()

    def add(self, text: str) -> None:
        self._text += text
        self._words += f"{' '.join(_WORD.findall(text.lower()))} "
        self._subjects |= subjects(text)

    def mark(self, reflection: str) -> ReflectionMark | None:
        """Return the rule that marks a text which changes no answer."""
        words = _WORD.findall(reflection.lower())
        if len(words) >= LEAST_WORDS and f" {' '.join(words)} " in self._words:
            return ReflectionMark.TEXT_REPEATED
        if _COMPUTATION.search(reflection) or not PARTS.isdisjoint(words) or subjects(reflection) & self._subjects:
            return None
        quoted = (quotation for quotation in _QUOTATION.findall(reflection) if quotation.strip())
        return None if any(quotation in self._text for quotation in quoted) else ReflectionMark.NOTHING_RECHECKED


def subjects(text: str) -> set[str]:
    """Return the beginnings of its words of the subject."""
    return {word[:STEM] for word in _WORD.findall(text.lower()) if word not in TALK and word[0].isalpha()}
