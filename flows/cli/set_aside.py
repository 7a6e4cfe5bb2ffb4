"""Questions whose golds do not stand, in lines by which they are found in their file."""

from collections.abc import Sequence
from itertools import islice
from textwrap import shorten

from schemas.verdict import Reason, Verdict
from tasks.questions.recorded import Seed

_SHOWN = 20
"""Questions that are set aside and told one by one; `verdicts` has all of a run's."""
_LONGEST = 80
"""Characters of a question or a gold in a line."""


def format_set_aside(seeds: Sequence[Seed], aside: Sequence[Verdict]) -> list[str]:
    """List questions whose golds do not stand, the first ones of the rows one by one, and what to do about those that
    contradict each other.
    """
    verdicts = {verdict.subject_id: verdict for verdict in aside}
    found = (seed for seed in seeds if seed.question.question_id in verdicts) if aside else iter(())
    lines = [_set_aside(seed, verdicts[seed.question.question_id]) for seed in islice(found, _SHOWN)]
    if len(aside) > _SHOWN:
        lines.append(f"set aside: {len(aside) - _SHOWN} more questions; a run lands them all in the table verdicts")
    if n := sum(verdict.reason is Reason.GOLD_CONTRADICTED for verdict in aside):
        lines.append(
            f"set aside for contradicting each other: {n} questions; correct the rows, or drop all but the right one of"
            " each by questions.rulings"
        )
    return lines


def _set_aside(seed: Seed, verdict: Verdict) -> str:
    """A line that finds the question in its file, and says why."""
    question = seed.question
    place = f"{seed.place}, " if seed.place else ""
    text, gold = (shorten(text or "", _LONGEST, placeholder="…") for text in (question.text, question.gold))
    why = f"{verdict.reason}: {verdict.evidence}" if verdict.evidence else verdict.reason
    if verdict.reason is Reason.BAD_SPEC:
        return f"set aside: {place}question {text!r}: kind {question.kind} cannot use its spec ({why})"
    test = "is in doubt" if verdict.reason is Reason.GOLD_CONTRADICTED else "fails its own test"
    return f"set aside: {place}question {text!r}: its gold {gold!r} of kind {question.kind} {test} ({why})"
