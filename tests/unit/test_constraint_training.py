"""The instructions that IFBench's authors train on: responses that follow each, that do not, and that are left open.

Each row was held against the published checker; what is left open follows either it or its prompt, and not both.
"""

import json
from typing import Any

import pytest

from schemas.verdict import Reason
from tasks.judging.constraints import TRAINING, judge_constraints

Row = tuple[dict[str, Any], list[str], list[str], list[str]]
"""Arguments, responses that follow, that do not, and that are left open."""

ECHO = {"prompt_to_repeat": "Say what it is."}

CASES: dict[str, Row] = {
    "copy:copy": (ECHO, ["Say what it is.", " say what IT is. "], ["It is tea.", "Say what it is. Tea."], []),
    "copy:copying_simple": (ECHO, ["Say what it is."], ["Say what it is", "Tea."], []),
    "copy:copying_multiple": (
        {**ECHO, "N": 2},
        ["Say what it is.\n******\nsay what it is."],
        ["Say what it is.", "******".join(["Say what it is."] * 3), "Say what it is.***Say what it is."],
        [],
    ),
    "copy:repeat_phrase": (
        {"phrase": "Dance like nobody is watching you", "small_n": 2},
        ["Dance like somebody is watching you. Dance like nobody was watching you!"],
        ["Dance like somebody is watching you.", "Dance like nobody is watching you. Dance like all is watching you."],
        [],
    ),
    "new:copy_span_idx": (
        {"prompt_to_repeat": "Name it at once", "n_start": 5, "n_end": 8},
        [],
        ["Name it", "it at"],
        ["it", "it a"],  # the checker leaves out the last character, which its prompt includes
    ),
    "detectable_format:sentence_hyphens": (
        {},
        ["Tea is hot.-Milk is cold.", "Tea is hot."],
        ["Tea is hot. Milk is cold.", "Tea is hot. - Milk is cold.", "Tea is hot.\nMilk is cold."],
        ["It costs $1.5 a cup.-So be it."],  # sentences by every mark
    ),
    "detectable_format:square_brackets": ({}, ["[Tea] [is] [hot.]"], ["[Tea is hot.]", "[Tea] [is] [hot]."], []),
    "detectable_format:bigram_wrapping": (
        {},
        ["<<I am>> <<at home>>", "<<I am>> here"],
        ["<<I am>> at home", "<<I am at home>>"],
        [],
    ),
    "keywords:no_adjacent_consecutive": ({}, ["Cat ran", "dog cat", "a a"], ["A bee", "so Tea"], []),
    "keywords:word_once": ({"keyword": "tea"}, ["Tea.", "A steam train"], ["tea and tea", "milk", "tea, steam"], []),
    "keywords:word_count_different_numbers": (
        {"keyword": "tea", "frequency": 2, "relation": "at least"},
        ["tea and Tea"],
        ["tea", "milk"],
        ["tea tea tea"],  # the prompt says two
    ),
    "keywords:exclude_word_harder": (
        {"keyword": "tea"},
        ["I like milk.", "steam", "I like Tea"],
        ["I like tea a lot."],
        ["I like tea.", "tea is hot"],  # the checker looks between two spaces
    ),
    "keywords:palindrome": ({}, ["a level field", "it was 11 then"], ["no such word", "Anna"], ["I am here"]),
    "keywords:keyword_specific_position": (
        {"keyword": ["tea"], "n": 2, "m": 3},
        ["It is hot. I like tea."],
        ["It is hot. I like Tea.", "I like tea.", "It is hot. We do like tea."],
        ["At 5 p.m. I like tea. I do."],  # the sentence is the third by every mark
    ),
    "keywords:start_end": ({}, ["Tea is tea", "tea or Tea"], ["Tea is tea.", "Tea", "tea or milk"], []),
    "paragraphs:paragraphs": ({}, ["One. *** Two.", "*** One. *** Two."], ["One.", "a *** *** b", "a***b***c"], []),
    "paragraphs:paragraphs2": (
        {},
        ["One.\n\nTwo.", "One.\n\nTwo.\n\n"],
        ["One.\nTwo.", "a\n\n\n\nb", "a\n\nb\n\nc"],
        [],
    ),
    "first_word:first_word_sent": (
        {"first_word": "tea"},
        ["Tea is hot. Tea is good!"],
        ["Tea is hot. It is good."],
        ["Tea, hot. Tea is good."],
    ),
    "first_word:first_word_answer": ({"first_word": ["tea"]}, ["Tea is hot."], ["It is tea.", "Teas"], ["Tea, hot."]),
    "last_word:last_word_sent": (
        {"last_word": "tea"},
        ["I like tea. You like Tea!"],
        ["I like tea. You like milk."],
        ["I like it for $1.5 a tea."],
    ),
    "last_word:last_word_answer": ({"last_word": "tea"}, ["I like tea.", "Hot **tea**"], ["tea is hot", "steam"], []),
    "punctuation:punctuation_dot": ({}, ["Tea!"], ["Tea.", "1.5"], []),
    "punctuation:punctuation_exclamation": ({}, ["Tea."], ["Tea!"], []),
    "count:lowercase_counting": ({"N": 2}, ["I LIKE hot tea", "Tea"], ["I like hot tea"], []),
    "count:counting_composition": (
        {"n_sent": 1, "n_words": 2},
        [],
        ["ant bee***cat dog", "ant bee cat***dog eel fox***gnu hen ibis"],
        ["ant bee.***cat dog.***eel fox.", "ant.***bee.***cat."],  # a full stop is a word for the checker
    ),
    "count:count_unique": (
        {},
        ["Tea is hot.", "The cat saw the"],
        ["tea or tea", "Tea is hot. It is good"],
        ["Tea is hot. Milk, too."],  # a full stop is a word for the checker
    ),
    "count:count_increment_word": (
        {"keyword1": "tea", "keyword2": "milk"},
        ["Milk, tea, milk"],
        ["tea, milk", "tea tea milk milk", "milk milk"],
        [],
    ),
    "letters:letter_counting": ({"N": 4, "relation": "at least"}, ["a b c d", "teas"], ["tea 1 2 3"], []),
    "letters:letter_counting2": (
        {"letter": "a", "let_frequency": 2, "let_relation": "less than"},
        ["Tea"],
        ["A tea"],
        [],
    ),
}
REASONS = (Reason.CONSTRAINTS_MET, Reason.CONSTRAINT_BROKEN, Reason.UNDECIDED)
ROWS = [
    (id, given, response, reason)
    for id, (given, *tables) in CASES.items()
    for reason, responses in zip(REASONS, tables, strict=True)
    for response in responses
]


@pytest.mark.parametrize(("id", "given", "response", "reason"), ROWS, ids=lambda part: str(part)[:40])
def test_followed(id: str, given: dict[str, Any], response: str, reason: Reason) -> None:
    spec = json.dumps({"instruction_id_list": [id], "kwargs": [given]})
    assert judge_constraints(response, spec).reason is reason


def test_each_has_a_row_that_breaks_it() -> None:
    assert CASES.keys() == TRAINING.keys()
    assert all(breaking for _, _, breaking, _ in CASES.values())
