"""Kind `math`: the same value as for `number`, or closed form, or mathematics (`tasks.mathematics.algebra`)."""

import re

from schemas.question import AnswerKind
from schemas.verdict import Reason
from tasks.judging.answer_key import form_spelling, value_spelling
from tasks.judging.same_value import LIBRARIES, MATHEMATICS_CHARACTERS, are_words, judge_closed_form, judge_words
from tasks.judging.verifiers.number import NumberVerifier
from tasks.judging.verifiers.resources import Killable, Resources
from tasks.mathematics.number import read_quantity, unwrap
from tasks.mathematics.unread import may_be_other_notation

_TWO_OR_DECIMAL = re.compile(r"\$*(?:[A-Za-z]\s*=\s*)?-?\d+,\d\$*", re.ASCII)
"""`2,3` of mathematics: two numbers or one."""
_IN_BRACKETS = re.compile(r"(?:\\left)?[(\[](.*?)(?:\\right)?[)\]]")
_SPACES = re.compile(r"\s|\\[,;:! ]")
_REALS = re.compile(
    r"\A\$*(?:\\text\s?\{)?\s?(?:the set of )?all real (?:numbers|values)(?: of [a-z])?\.?\s?\}?\$*\Z", re.IGNORECASE
)
_LABEL = re.compile(r"\$*(?:\\(?:text|mathrm|textbf|mathbf)(?:bf|rm)?\s?\{)?\s?\(?([A-J])\)?\s?\}?\$*")
_LABEL_OF = re.compile(r"\$*(?:\\(?:text|mathrm|textbf|mathbf)(?:bf|rm)?\s?\{)?\s?\(([A-J])\)")
"""`(B)`, of a choice."""
_LABELLED = re.compile(r"\(?[A-J][).:]")
ALGEBRA = ("tasks.mathematics.algebra", "decide")


class MathVerifier(NumberVerifier):
    kind = AnswerKind.MATH
    version = "11"
    libraries = (*LIBRARIES, "math-verify", "latex2sympy2_extended", "sympy", "mpmath")

    def _compare(self, gold: str, answer: str, question: str, by_text: bool, resources: Resources) -> Reason:
        gold, answer = (_REALS.sub(lambda _: r"\mathbb{R}", text) for text in (gold, answer))
        reason = super()._compare(gold, answer, question, by_text, resources)
        if reason is Reason.NOT_EQUAL and (_is_labelled(gold, answer) or _may_be_choice(gold, answer, question)):
            return Reason.UNDECIDED
        if reason is not Reason.EQUAL:
            return reason
        ambiguous = _TWO_OR_DECIMAL.fullmatch(gold) and "," not in answer and read_quantity(answer)
        return Reason.UNDECIDED if ambiguous or _is_tuple(gold, answer) or are_words(gold, answer) else reason

    def beyond_value(self, gold: str, answer: str, read: Reason, by_text: bool, resources: Resources) -> Reason:
        """Compare by algebra. Where `read` was not sure, only another list may decide. The algebra runs where it can be
        killed.
        """
        if max(len(gold), len(answer)) > MATHEMATICS_CHARACTERS:
            return Reason.GOLD_REFUSED if len(gold) > MATHEMATICS_CHARACTERS else Reason.ANSWER_REFUSED
        if read is Reason.UNIT_UNKNOWN or (read is Reason.UNDECIDED and not ("," in gold and "," in answer)):
            return read
        found = judge_closed_form(gold, answer) or judge_words(gold, answer)
        expected = read_quantity(gold) if found in (None, Reason.NOT_EQUAL) else None
        if expected and may_be_other_notation(expected, answer):
            return Reason.UNDECIDED
        return found or Reason(resources.call(Killable(*ALGEBRA, resources.math_timeout_s), gold, answer))

    def spelling(self, gold: str, answer: str) -> str:
        return value_spelling(gold, answer, form_spelling)


def _is_tuple(gold: str, answer: str) -> bool:
    """Whether one side is a list, and the other the same in brackets: a point, perhaps, or an interval."""
    sides = [_SPACES.sub("", unwrap(text)) for text in (gold, answer)]
    brackets = [_IN_BRACKETS.fullmatch(side) for side in sides]
    bare = next((side for side, found in zip(sides, brackets, strict=True) if not found), "")
    held = next((found[1] for found in brackets if found), None)
    return held is not None and "," in bare and held == bare


def _may_be_choice(gold: str, answer: str, question: str) -> bool:
    """Whether the gold is the label of a choice, by its brackets or the question's, and the answer, which names none,
    may be its text: NuminaMath's `\\text{(C)}` and 7.
    """
    label = _LABEL.fullmatch(gold.strip())
    if label is None or _LABEL.fullmatch(answer.strip()) or _LABELLED.match(answer.strip()):
        return False
    listed = re.search(rf"(?<![A-Za-z\\]){label[1]}\s?[).:]", question)
    return gold.strip() != label[1] or listed is not None


def _is_labelled(gold: str, answer: str) -> bool:
    """Whether the gold is the label of a choice, and the answer is that label with the choice itself."""
    label, labelled = _LABEL.fullmatch(gold.strip()), _LABEL_OF.match(answer.strip())
    return label is not None and labelled is not None and label[1] == labelled[1]
