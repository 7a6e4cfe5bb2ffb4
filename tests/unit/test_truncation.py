"""A text that was cut off is not wrong for what it had not said yet; the control is the same text, ended by itself."""

import json

import pytest

from schemas.attempt import Attempt
from schemas.question import AnswerKind, Question
from schemas.verdict import Reason, Verdict
from tasks.judging.verify import HINT, Verifier
from tasks.tracing.strategy import Answer
from tasks.tracing.trace import make_trace

CODE = {"entry_point": "double", "cases": [{"args": [2], "expected": 4}]}
CHOICES = {"choices": ["Mars", "Jupiter", "Venus"]}
SPECS = {"code": CODE, "choice": CHOICES}
CUT = [
    # kind, gold, text, and what it is where it ended by itself
    ("number", "42", "Let us look at what a spider is, first", Reason.ANSWER_UNPARSABLE),
    ("number", "42", "Let us look at what a spider is. It is no insect.", Reason.ANSWER_NOT_A_NUMBER),
    ("number", "42", "So we take 40 and add the 2 to", Reason.ANSWER_UNPARSABLE),
    ("number", "42", "We take 40. Then we add 2.", Reason.ANSWER_UNPARSABLE),
    ("number", "42", "<thinking>We take 40 and add 2.", Reason.NO_ANSWER),
    ("number", "42", "<thinking>40, 2.</thinking>\n<output>We take 40", Reason.ANSWER_UNPARSABLE),
    ("number", "420", "<thinking>x</thinking>\n<output>Answer: 42", Reason.NOT_EQUAL),
    ("number", "420", "Answer: 42", Reason.NOT_EQUAL),
    ("number", "420", "42", Reason.NOT_EQUAL),
    ("exact", "New York", "<thinking>x</thinking>\n<output>Answer: New", Reason.NOT_EQUAL),
    ("exact", "York", "It is the city that", Reason.NOT_EQUAL),
    ("math", "x+12", "The answer is x", Reason.NOT_EQUAL),
    ("code", None, "```python\ndef double(n):\n    return", Reason.WRONG_RESULT),
    ("choice", "B", "<thinking>x</thinking>\n<output>Of the three planets, Mars is", Reason.OTHER_CHOICE),
]
WHOLE = [
    # what was whole before the cut is judged as it is
    ("number", "42", "Answer: 42", Reason.EQUAL),
    ("number", "42", "<thinking>x</thinking>\n<output>Answer: 42</output>\nBy the way", Reason.EQUAL),
    ("number", "42", "<thinking>x</thinking>\n<output>Answer: 41</output>\nBy the way", Reason.NOT_EQUAL),
    ("number", "42", "<thinking>x</thinking>\n<output>41</output>", Reason.NOT_EQUAL),
    ("number", "42", "Answer: 41.\nThat is because", Reason.NOT_EQUAL),
    ("math", r"\frac{3}{4}", r"The answer is \boxed{3}", Reason.NOT_EQUAL),
    ("number", None, "Let us look at what a spider is, first", Reason.NO_GOLD),
    ("code", None, "```python\ndef double(n):\n    return 3 * n\n```\nThis", Reason.WRONG_RESULT),
    ("code", None, "```python\ndef double(n):\n    return 2 * n\n", Reason.ALL_CASES_PASSED),
]


def verdict(verifier: Verifier, kind: str, gold: str | None, text: str, finish: str, **spec: object) -> Verdict:
    of = Question.of(
        text="How many?",
        gold=gold,
        kind=AnswerKind(kind),
        source="s",
        spec=json.dumps(SPECS.get(kind, {}) | spec),
    )
    attempt = Attempt(
        attempt_id="a",
        plan_id="p",
        shard_id="s",
        question_id=of.question_id,
        sample_index=0,
        call_id="c",
        prompt_version=None,
    )
    trace = make_trace(attempt, [], Answer(text, finish), of)
    return verifier.verify_traces([(trace, of)])[0]


@pytest.mark.parametrize(("kind", "gold", "text", "ended"), CUT)
def test_what_was_cut_before_its_answer_is_unverified(
    verifier: Verifier, kind: str, gold: str | None, text: str, ended: Reason
) -> None:
    for finish in ("length", "content_filter"):
        found = verdict(verifier, kind, gold, text, finish)
        assert (found.reason, found.evidence) == (Reason.TRUNCATED, HINT)
    assert verdict(verifier, kind, gold, text, "stop").reason is ended


@pytest.mark.parametrize(("kind", "gold", "text", "reason"), WHOLE)
def test_what_was_whole_before_the_cut_is_judged(
    verifier: Verifier, kind: str, gold: str | None, text: str, reason: Reason
) -> None:
    found = verdict(verifier, kind, gold, text, "length")
    assert found.reason is reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [("I say 41", Reason.TRUNCATED), ("I say 41, and", Reason.NOT_EQUAL), ("I", Reason.TRUNCATED)],
)
def test_with_a_pattern_of_the_user_s(verifier: Verifier, text: str, reason: Reason) -> None:
    found = verdict(verifier, "number", "42", text, "length", answer_pattern=r"say (\d+)")
    assert found.reason is reason
