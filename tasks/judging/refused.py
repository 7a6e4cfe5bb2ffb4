"""A refusal told apart from a wrong answer: it is no example of one."""

from schemas.verdict import Judgement, Reason, Ruling
from tasks.extraction.refusal import refuses


def unless_refused(final: Judgement) -> Judgement:
    """`final`, but REFUSED where all that the answer does is to decline. Where that is right it stays so: the gold may
    be `I don't know`.
    """
    if final.verdict is Ruling.CORRECT or final.answer is None or not refuses(final.answer):
        return final
    return Judgement.of(Reason.REFUSED, final.answer)
