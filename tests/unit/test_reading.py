"""Which part of a response answers a question of each kind."""

import pytest

from tasks.judging.reading import read_answers
from tasks.parsing.grammar import parse

TAGGED = "<thinking>The answer is 7.<reflection>No.</reflection></thinking>\n<output> The answer is 5. </output>"
OPEN = "<thinking>The answer is 7.</thinking>\n The answer is 5. "
PLAIN = " The answer is 5.\n"


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("number", TAGGED, "5"),
        ("number", OPEN, "5"),
        ("constraints", TAGGED, " The answer is 5. "),
        ("constraints", OPEN, "\n The answer is 5. "),
        ("constraints", PLAIN, PLAIN),
        ("constraints", "", ""),
        ("judge", TAGGED, " The answer is 5. "),
        ("judge", OPEN, "\n The answer is 5. "),
        ("judge", PLAIN, PLAIN),
    ],
)
def test_place(kind: str, text: str, answer: str) -> None:
    stated, _ = read_answers(text, parse(text), kind, {})
    assert stated is not None
    assert stated.answer == stated.of(text) == answer


def test_drafts_are_answers_so_a_text_judged_whole_has_none() -> None:
    assert [draft and draft.answer for draft in read_answers(TAGGED, parse(TAGGED), "number", {})[1]] == ["7"]
    assert read_answers(TAGGED, parse(TAGGED), "constraints", {})[1] == (None,)


def test_a_pattern_overrules_the_kind() -> None:
    stated, _ = read_answers(TAGGED, parse(TAGGED), "constraints", {"answer_pattern": r"is (\d)"})
    assert stated is not None
    assert (stated.answer, stated.explicit) == ("5", True)
