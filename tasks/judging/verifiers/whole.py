"""What kinds have in common that judge a response as it is: nothing is looked for in it, and it has no draft."""

from collections.abc import Mapping
from typing import Any

from schemas.trace import Span
from tasks.extraction.answer import Stated, answer_place
from tasks.judging.verifiers.verifier import KindVerifier, Read
from tasks.parsing.grammar import Parsed
from tasks.parsing.thinking import after_thinking


class WholeVerifier(KindVerifier):
    needs_gold = False
    checks_gold = False
    states_answers = False

    def read(self, text: str, parsed: Parsed, spec: Mapping[str, Any]) -> Read:
        """Take all but the thinking, which is never judged: where it does not end, nothing is."""
        place, rest = answer_place(text, parsed), after_thinking(text[: parsed.end])
        if rest and rest.place == place and not rest.closed:
            place = Span(start=parsed.end, end=parsed.end)
        whole = Stated(start=place.start, end=place.end, answer=place.of(text), explicit=False)
        return whole, (None,) * len(parsed.reflections)
