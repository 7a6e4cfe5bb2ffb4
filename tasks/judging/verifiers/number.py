"""Kind `number`: the same exact value, units included (`tasks.judging.same_value`)."""

import re
from typing import ClassVar

from schemas.question import AnswerKind
from schemas.verdict import Judgement, Reason, Ruling
from tasks.judging.lone_value import lone_value, said_twice
from tasks.judging.same_text import same_text
from tasks.judging.same_value import LIBRARIES, judge_form, judge_number, judge_words, repeats_question
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verifiers.verifier import KindVerifier, Reference, unless_refused
from tasks.mathematics.boxed import inside, unbox
from tasks.mathematics.notation import judge_notation
from tasks.mathematics.number import PLACEHOLDERS, tidy
from tasks.mathematics.residue import judge_based, judge_residue
from tasks.mathematics.unread import stated_value

_BULLET = re.compile(r"\s*-\s+(?=\d)")
"""Of a list, or a sign."""
_LABELLED = re.compile(
    r"""\$*(?:\\(?:text|textbf|textrm|mathrm|mathbf|textnormal)\s*\{\s*\(?[A-J][).:]+(?:\s|~)*\}
      (?:\s|~|\\[,;:\ ]|\\q?quad|[:.])*
    | \(?[A-J][).:]\s+) (?P<value>[^\s).:].*)""",
    re.VERBOSE | re.DOTALL,
)
r"""`\textbf{(B)}\ 5`, a choice with its label."""
_HAS_LABEL = re.compile(r"[A-J]")
_SUM_OF_NAMES = re.compile(r"\$*\s*(?P<name>[A-Za-z](?:\s*[-+*]?\s*[A-Za-z])+)\s*=\s*(?P<value>[^=]+)")
"""`m+n = 204`"""
_ROUNDED = re.compile(
    r"(?P<value>(?=(?:(?!\\approx)[^\u2248])*\d)[^=\u2248~]+?)\s*(?:\u2248|\\approx(?![A-Za-z]))\s*\$?-?\d[\d,]*\.\d+\$?"
)
"""`5/6 \u2248 0.83`: a value, and what it is about."""
_UNSEEN = re.compile(r"[\s$\\{}*]")
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)


class NumberVerifier(KindVerifier):
    kind = AnswerKind.NUMBER
    version = "11"
    libraries: ClassVar[tuple[str, ...]] = (*LIBRARIES, "mpmath")
    works_out = True

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        return unless_refused(self._judge(reference.gold, answer, reference.question or "", True, resources))

    def check_gold(self, reference: Reference, resources: Resources) -> Judgement:
        """Check a gold without its text, which is the same: a gold that cannot be read is found."""
        return self._judge(reference.gold, reference.gold, "", False, resources)

    def _judge(self, gold: str, answer: str, question: str, by_text: bool, resources: Resources) -> Judgement:
        plain = _INTEGER.fullmatch(gold) and _INTEGER.fullmatch(answer)
        if plain and not (question and gold.rstrip("0") == answer.rstrip("0")):  # most, at a tenth of the time
            return Judgement.of(Reason.EQUAL if int(gold) == int(answer) else Reason.NOT_EQUAL, answer)
        alone = inside(gold), inside(answer)
        gold, answer = unbox(gold), unbox(answer)
        if gold.strip().casefold() in PLACEHOLDERS:
            return Judgement.of(Reason.NO_GOLD, answer)
        reason = self._compare(gold, answer, question, by_text, resources)
        if reason.ruling is Ruling.INCORRECT and alone != (gold, answer):
            found = self._compare(*alone, question, by_text, resources)
            reason = reason if found.ruling is Ruling.INCORRECT else Reason.UNDECIDED
        if reason.ruling is not Ruling.CORRECT and (bare := _bare_value(gold, answer, question)):
            reason = self._compare(gold, bare, question, by_text, resources)
        value = said_twice(answer) if reason.ruling is Ruling.INCORRECT else None  # which algebra takes for a product
        if reason.ruling is Ruling.UNVERIFIED:
            rounded = _ROUNDED.fullmatch(answer)
            value = rounded["value"] if rounded else stated_value(answer) or lone_value(answer, question)
        if value:
            found = self._compare(gold, value, question, by_text, resources)
            reason = found if found.ruling is Ruling.CORRECT else reason
        if reason.ruling is Ruling.INCORRECT and (bullet := _BULLET.match(answer)):
            found = self._compare(gold, answer[bullet.end() :], question, by_text, resources)
            reason = Reason.UNDECIDED if found.ruling is Ruling.CORRECT else reason
        if reason is Reason.EQUAL and question and repeats_question(gold, answer, question):
            reason = Reason.UNDECIDED
        return Judgement.of(reason, answer)

    def _compare(self, gold: str, answer: str, question: str, by_text: bool, resources: Resources) -> Reason:
        """By text, value, or what the kind tries beyond them, whichever decides first."""
        reason = judge_residue(gold, answer) or judge_based(gold, answer, question)
        reason = reason or (judge_notation(gold, answer) if by_text else None)
        if reason is not None:
            return reason
        reason = judge_number(gold, answer, question)
        if reason.ruling is not Ruling.UNVERIFIED:
            return reason
        if by_text and (same_text(gold, answer) or tidy(gold) == tidy(answer)):
            return Reason.EQUAL_TEXT
        return self.beyond_value(gold, answer, reason, by_text, resources)

    def beyond_value(self, gold: str, answer: str, read: Reason, by_text: bool, resources: Resources) -> Reason:
        """Compare what is no number. `read` is what reading both as numbers came to, and left open."""
        if read is Reason.UNIT_UNKNOWN:
            return read
        return judge_form(gold, answer) or (judge_words(gold, answer) if by_text else None) or read


def _bare_value(gold: str, answer: str, question: str) -> str:
    """What an answer says behind the label of a choice, or behind a sum of variables that the question names."""
    labelled = _LABELLED.fullmatch(answer)
    if labelled and not _HAS_LABEL.search(gold):
        return labelled["value"]
    named = _SUM_OF_NAMES.fullmatch(answer) if question else None
    asked = named is not None and _UNSEEN.sub("", named["name"]) in _UNSEEN.sub("", question)
    return named["value"] if named and asked else ""
