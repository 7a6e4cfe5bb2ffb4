"""A gold only where independent solutions agree."""

import pytest

from tasks.questions.written import Gold, agreed_gold
from tests.unit.test_questions_replies import call


@pytest.mark.parametrize(
    ("answers", "share", "gold"),
    [
        (["12", "12", "12.0", "12", "12"], 0.8, Gold("12", "gold:5/5")),
        (["12", "12", "12", "12", "13"], 0.8, Gold("12", "gold:4/5")),
        (["12", "12", "12", "13", "13"], 0.8, Gold(None, "no_gold:no_majority")),
        (["12", "12", "12", "13", "13"], 0.6, Gold("12", "gold:3/5")),
        (["12", "12", "13", "13"], 0.5, Gold(None, "no_gold:no_majority")),
        (["1", "2", "3", "4", "5"], 0.2, Gold(None, "no_gold:no_majority")),
        (["12", None, None, None, None], 0.2, Gold(None, "no_gold:too_few_samples")),
        (["12", "12", "12", None, None], 0.8, Gold(None, "no_gold:no_majority")),  # silence agrees with none
        (["Paris", "paris.", "**Paris**", "Paris"], 1.0, Gold("Paris", "gold:4/4")),
        (["Paris", "Paris", "Paris, in France", "Paris"], 1.0, Gold(None, "no_gold:no_majority")),
        (["none", "None.", "none", "none", "12"], 0.8, Gold(None, "no_gold:unanswerable")),
        ([], 0.8, Gold(None, "no_gold:not_asked_for")),
    ],
)
def test_agreement(answers: list[str | None], share: float, gold: Gold) -> None:
    said = [f"First {n}.\nAnswer: {answer}" if answer else "I cannot tell." for n, answer in enumerate(answers)]
    assert agreed_gold([call(text) for text in said], share) == gold


def test_the_same_refusal_is_no_answer() -> None:
    for said in ("I cannot solve this.", "Answer: I cannot solve this.", "The answer is: I don't know."):
        assert agreed_gold([call(said)] * 5, 0.8) == Gold(None, "no_gold:too_few_samples")


def test_a_solution_that_was_cut_off_does_not_count() -> None:
    cut = call("So far the answer is 12", finish_reason="length")
    assert agreed_gold([cut] * 5, 0.8) == Gold(None, "no_gold:too_few_samples")
    assert agreed_gold([call("So far the answer is 12")] * 5, 0.8).text == "12"  # the control


def test_an_answer_of_many_words_is_no_gold() -> None:
    assert agreed_gold([call(f"Answer: {'so ' * 200}it is")] * 5, 0.8).text is None
