"""Kind `choice`: the same choice, by letter or text (`tasks.judging.choice`)."""

import re
from collections.abc import Mapping
from typing import Any

from schemas.question import AnswerKind
from schemas.verdict import Judgement, Reason
from tasks.extraction.announced_choice import announced_choice
from tasks.extraction.answer import Stated, answer_place
from tasks.extraction.choice_mentions import LETTERS
from tasks.judging.choice import ChoiceSpec, judge_choice
from tasks.judging.same_value import LIBRARIES
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verifiers.verifier import KindVerifier, Read, Reference, unless_refused
from tasks.parsing.grammar import Parsed

_CHOICE_A = re.compile(r"(?:^|\n)[>#*_ \t-]*A[*_]{0,3} ?:[*_]{0,3}\s*[\"'$(*_]*\Z")
_REACH = 30
_FIRST_LETTER = re.compile(r"\W*(?:(?i:option|choice)\s\W*)?([A-Z])(?!\w)")


class ChoiceVerifier(KindVerifier):
    kind = AnswerKind.CHOICE
    version = "9"
    libraries = LIBRARIES
    spec = ChoiceSpec
    spec_decides = True

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        final = judge_choice(reference.gold, answer, reference.spec)
        return unless_refused(final) if final.reason is Reason.NO_CHOICE_NAMED else final

    def read(self, text: str, parsed: Parsed, spec: Mapping[str, Any]) -> Read:
        """Find the choice that a response names: one that is announced behind the last answer, or where none is stated,
        is the answer. One that the text turns from again leaves what was stated before it open.
        """
        stated, drafts = super().read(text, parsed, spec)
        place, choices = answer_place(text, parsed), spec.get("choices")
        count = len(choices) if isinstance(choices, list | tuple) else len(LETTERS)
        found = announced_choice(place.of(text), count) if stated else None
        if stated is None or found is None or (stated.explicit and place.start + found.start <= stated.end):
            return stated, drafts
        if not found.sure:
            same = _FIRST_LETTER.match(stated.answer)
            return (stated if not stated.explicit or (same and same[1] == found.letter) else None), drafts
        start, end = place.start + found.start, place.start + found.end
        return Stated(start=start, end=end, answer=text[start:end]), drafts

    def labels(self, output: str, start: int) -> bool:
        """Return whether a letter is a label: `A: Paris` names the first choice."""
        return _CHOICE_A.search(output[max(0, start - _REACH) : start]) is not None
