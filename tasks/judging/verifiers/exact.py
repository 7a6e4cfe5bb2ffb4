"""Kind `exact`: the same text in normal form (`tasks.judging.same_text`)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from schemas.question import AnswerKind
from schemas.record import canonical_json
from schemas.verdict import Judgement
from tasks.extraction.answer import Stated
from tasks.judging.answer_key import normal_text
from tasks.judging.same_text import ExactSpec, judge_exact
from tasks.judging.same_value import LIBRARIES
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verifiers.verifier import KindVerifier, Read, Reference, unless_refused
from tasks.parsing.grammar import Parsed

_OPENS = re.compile(r"""["']answer["']\s*:\s*"(?P<quote>'\s*)\Z""")
_CLOSES = re.compile(r"""\s*'(?=")""")
_REACH = 40
"""Characters before an answer in which its field begins."""


class ExactVerifier(KindVerifier):
    kind = AnswerKind.EXACT
    version = "13"
    libraries = LIBRARIES
    spec = ExactSpec

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        return unless_refused(judge_exact(reference.gold, answer, reference.spec, reference.question or ""))

    def read(self, text: str, parsed: Parsed, spec: Mapping[str, Any]) -> Read:
        """Find the answer as text. The quotes in a field of JSON stay: there they are part of a value, as `'1 '` is."""
        stated, drafts = super().read(text, parsed, spec)
        opening = _OPENS.search(text[max(0, stated.start - _REACH) : stated.start]) if stated else None
        closing = _CLOSES.match(text, stated.end) if stated and opening else None
        if stated and opening and closing:
            start, end = stated.start - len(opening["quote"]), closing.end()
            stated = Stated(start=start, end=end, answer=text[start:end])
        return stated, drafts

    def with_gold(self, spec: str, gold: str | None) -> str:
        """Replace the gold, without what was accepted beside another gold."""
        return canonical_json({name: value for name, value in json.loads(spec).items() if name != "accept"})

    def spelling(self, gold: str, answer: str) -> str:
        return normal_text(answer)
