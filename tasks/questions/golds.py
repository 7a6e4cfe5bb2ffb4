"""The gold of a written question: what independent solutions of it agree on. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from schemas.call import CUT_OFF, Call
from schemas.verdict import Reason
from tasks.asking.compose import compose
from tasks.extraction.answer import find_answer
from tasks.extraction.refusal import refuses
from tasks.judging.consensus import find_majority
from tasks.judging.same_value import compare_cheaply

LONGEST = 300
"""Characters of a gold; more is no answer that others will spell alike."""
UNANSWERABLE = "none"
"""What the prompt wants stated where a question has no answer."""


class Gold(NamedTuple):
    text: str | None
    tag: str
    """`gold:4/5`, or why there is none: `no_gold:` and too_few_samples, no_majority, unanswerable or not_asked_for."""


def agreed_gold(solutions: Sequence[Call], share: float) -> Gold:
    """What at least `share` of the solutions state, in its commonest spelling.

    One that states no answer agrees with none, and neither does one that was cut off. The same model may well be wrong
    in the same way each time: such a gold is its opinion, and the tag says so.
    """
    if not solutions:
        return Gold(None, "no_gold:not_asked_for")
    stated = [_stated(call) for call in solutions]
    found = find_majority(stated, 2, share, compare_cheaply)
    if found.reason is not Reason.MAJORITY:
        return Gold(None, f"no_gold:{found.reason}")
    gold = Counter(found.answers).most_common(1)[0][0]
    if gold.strip(" .").casefold() == UNANSWERABLE:
        return Gold(None, "no_gold:unanswerable")
    return Gold(gold, f"gold:{len(found.answers)}/{len(stated)}")


def _stated(call: Call) -> str | None:
    if call.finish_reason in CUT_OFF or not (call.content or call.reasoning):
        return None
    found = find_answer(compose(call.content or "", call.reasoning))
    usable = found is not None and found.explicit and len(found.answer) <= LONGEST
    return found.answer if found and usable and not refuses(found.answer) else None
