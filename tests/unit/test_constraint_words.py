"""Instructions of IFEval on words: for each a table of responses, and whether each follows it, strictly and loosely."""

import json
import re
from typing import Any

import pytest

from schemas.verdict import Reason
from tasks.judging.constraints import judge_constraints
from tasks.judging.constraints.text import count_sentences, words

YES, LOOSE, NO, OPEN = "strict", "loose", "not at all", "cannot be told"
"""LOOSE: only once a first or last line, or the asterisks, are taken away."""

KOREAN = "오늘 아침 시장에 가서 빵과 우유를 샀습니다."
HINDI = "आज सुबह मैं बाज़ार गया और रोटी और दूध खरीदा।"
GERMAN = "Heute Morgen ging ich auf den Markt und kaufte Brot und Milch."


CASES: dict[str, list[tuple[dict[str, Any], list[tuple[str, str]]]]] = {
    "change_case:capital_word_frequency": [
        (
            {"capital_frequency": 2, "capital_relation": "at least"},
            [
                ("NASA and ESA agree.", YES),
                ("I am. I was.", YES),
                ("STATE-OF-THE-ART is one, DON'T is another.", YES),
                ("**NA**SA **E**SA", YES),
                ("**N**ew **E**U", YES),
                ("NASA agrees.", NO),
                ("Nasa and Esa agree.", NO),
                ("A DON'T", YES),
                ("DON'T", YES),  # `DO` and `N'T`, as published
                ("L'\u00c9COLE", NO),
            ],
        ),
        (
            {"capital_frequency": 2, "capital_relation": "less than"},
            [("One NASA.", YES), ("NASA ESA", NO), ("THE TITLE\nNothing loud.", LOOSE), ("Quiet.\nA SHOUT", LOOSE)],
        ),
    ],
    "change_case:english_capital": [
        (
            {},
            [
                ("THIS RESPONSE IS IN CAPITAL LETTERS.", YES),
                ("HELLO WORLD", YES),  # too short to tell: counts, as published
                ("THERE ARE 3 OF THEM, AND THEY ARE MINE!", YES),
                ("THIS RESPONSE IS In CAPITAL LETTERS.", NO),
                ("Sure! Here it is:\nTHIS RESPONSE IS IN CAPITAL LETTERS.", LOOSE),
                (GERMAN.upper(), OPEN),  # the published detector takes some of them for English, in capitals
                ("BONJOUR TOUT LE MONDE, COMMENT ALLEZ-VOUS AUJOURD'HUI ?", OPEN),
                ("\u042d\u0422\u041e \u0420\u0423\u0421\u0421\u041a\u0418\u0419 \u0422\u0415\u041a\u0421\u0422.", NO),
                ("123", NO),
            ],
        )
    ],
    "change_case:english_lowercase": [
        (
            {},
            [
                ("every word here is in lowercase.", YES),
                ("hello world", YES),
                ("i have 3 of them, and they are mine!", YES),
                ("Every word here is in lowercase.", NO),
                ("every word here is in lowercase.\n\nBest regards", LOOSE),
                (GERMAN.lower(), NO),
                ("esto es una prueba", NO),
                ("123", NO),
            ],
        )
    ],
    "keywords:existence": [
        (
            {"keywords": ["mom", "cats?$"]},
            [
                ("My mom likes a cat", YES),
                ("MOMENTS of CATS", YES),  # also inside a word, as published
                ("My mom likes a cat.", NO),
                ("My m*o*m likes a cat", LOOSE),
                ("My mother likes a cat", NO),
                ("a cats?$", NO),
            ],
        ),
        ({"keywords": ["C++"]}, [("I write C.", YES), ("I write R.", NO)]),  # a possessive `C+`, as published
        ({"keywords": [" mom"]}, [("My mom", YES), ("Mom", NO)]),
    ],
    "keywords:forbidden_words": [
        (
            {"forbidden_words": ["rock", "colou?r"]},
            [
                ("Stones and rockets.", YES),
                ("Rock and roll.", NO),
                ("On the ROCK!", NO),
                ("The color is red.", NO),
                ("Colourful.", YES),
                ("Rock\nStones.", LOOSE),
                ("Stones.\nrock", LOOSE),
                ("bedrock", YES),
            ],
        ),
        ({"forbidden_words": ["a.b"]}, [("axb", NO), ("a.b", NO), ("ab", YES)]),
        ({"forbidden_words": ["etc."]}, [("this etc.", YES), ("etc. b", YES), ("etcx", NO)]),  # by its `\\b`s
    ],
    "keywords:frequency": [
        (
            {"keyword": "war", "frequency": 2, "relation": "at least"},
            [
                ("War and war", YES),
                ("A warm war", YES),  # also inside a word, as published
                ("One war", NO),
                ("w*a*r and war", LOOSE),
                ("Peace", NO),
            ],
        ),
        (
            {"keyword": "war", "frequency": 2, "relation": "less than"},
            [("One war", YES), ("War, war", NO), ("War\nwar", LOOSE), ("Peace", YES)],
        ),
        ({"keyword": "wars?", "frequency": 2, "relation": "at least"}, [("War, wars", YES), ("wars?", NO)]),
    ],
    "keywords:letter_frequency": [
        (
            {"letter": "E", "let_frequency": 2, "let_relation": "at least"},
            [("Eve", YES), ("e e e", YES), ("one", NO), ("", NO)],
        ),
        (
            {"letter": "#", "let_frequency": 2, "let_relation": "less than"},
            [("# one", YES), ("# one # two", NO), ("# one\n# two", LOOSE)],
        ),
    ],
    "language:response_language": [
        (
            {"language": "ko"},
            [
                (KOREAN, YES),
                (f"{6 * GERMAN}\n{KOREAN}", LOOSE),
                (GERMAN, NO),
                ("I went to the market this morning and bought bread.", NO),
            ],
        ),
        ({"language": "hi"}, [(HINDI, YES), (KOREAN, NO), ("12 : 34", OPEN)]),
        ({"language": "zh-cn"}, [("今天早上我去市场买了面包和牛奶。", YES), (KOREAN, NO)]),
        ({"language": "de"}, [(GERMAN, YES), (GERMAN.upper(), YES), ("Ok", OPEN)]),
        ({"language": "xx"}, [(GERMAN, OPEN)]),
    ],
    "length_constraints:number_sentences": [
        (
            {"num_sentences": 3, "relation": "at least"},
            [
                ("One. Two! Three?", YES),
                ("one. two. three.", YES),
                ("One. Two. And three", YES),
                ("Dr. Who met Mr. T at 3.15 p.m. today. He left.", NO),
                ("One... Two.", NO),
                ("One; two; three.", NO),
            ],
        ),
        (
            {"num_sentences": 3, "relation": "less than"},
            [
                ("One. Two.", YES),
                ("One. Two. Three.", NO),
                ("Sure! Here:\nOne. Two.", LOOSE),
                ("1. Milk\n2. Eggs", LOOSE),  # a number of a list is a sentence, as published
            ],
        ),
        (
            {"num_sentences": 2, "relation": "at least"},
            [("今天。明天\uff01", OPEN), ("今天。", NO), ("आज मैं गया। मैं आया।", OPEN), ("今天。Today. Tomorrow.", YES)],
        ),
    ],
    "length_constraints:number_words": [
        (
            {"num_words": 3, "relation": "at least"},
            [("One two three", YES), ("one-two-three", YES), ("don't do", YES), ("one two", NO), ("* * *", NO)],
        ),
        (
            {"num_words": 3, "relation": "less than"},
            [("One two", YES), ("One two three", NO), ("Sure:\nOne two", LOOSE), ("हिंदी वाक्य", YES)],
        ),
    ],
    "punctuation:no_comma": [
        (
            {},
            [
                ("No comma.", YES),
                ("No; comma.", YES),
                ("One, two.", NO),
                ("1,000", NO),
                ("Sure, here:\nNo comma.", LOOSE),
                ("No comma.\nBye, then.", LOOSE),
                ("Kein Komma\uff0c sagt man.", YES),
            ],
        )
    ],
}

ROWS = [
    (id, kwargs, response, followed)
    for id, tables in CASES.items()
    for kwargs, table in tables
    for response, followed in table
]


def test_each_has_six_responses_at_least() -> None:
    assert len(CASES) == 11
    assert min(sum(len(table) for _, table in tables) for tables in CASES.values()) >= 6


@pytest.mark.parametrize(("id", "kwargs", "response", "followed"), ROWS, ids=lambda part: str(part)[:40])
def test_followed(id: str, kwargs: Any, response: str, followed: str) -> None:
    spec = {"instruction_id_list": [id], "kwargs": [kwargs]}
    strict, loose = (judge_constraints(response, json.dumps(spec | {"mode": mode})) for mode in ("strict", "loose"))
    expected = {YES: Reason.CONSTRAINTS_MET, OPEN: Reason.UNDECIDED}
    assert strict.reason is expected.get(followed, Reason.CONSTRAINT_BROKEN), strict.evidence
    assert loose.reason is (Reason.CONSTRAINTS_MET if followed == LOOSE else strict.reason), loose.evidence
    assert strict.answer == loose.answer == response
    assert followed not in (LOOSE, NO) or str(strict.evidence).startswith(f"{id}: ")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("...", 1),
        ("One", 1),
        ("One.Two.", 1),
        ("Wait... what? Yes.", 2),
        ("What??", 2),  # as NLTK has it
        ("I met J. K. Rowling. She smiled.", 2),
        ("The U.S. economy grew. Prices fell.", 2),
        ("He lives in the U.S. He likes it.", 2),
        ("Pay $3.50. Thanks.", 2),
        ("**One.** *Two.* (Three.)", 3),
        ("# A heading\n\nOne. Two.", 2),
        ("1. One.\n2. Two.", 4),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert count_sentences(text) == (count, count)


@pytest.mark.parametrize(("text", "count"), [("आज मैं गया। मैं आया।", 2), ("今天。明天\uff01", 2), ("今天。", 1)])
def test_sentences_of_other_scripts_may_be_more(text: str, count: int) -> None:
    assert count_sentences(text) == (1, count)


def test_full_stops_are_no_measure() -> None:
    """The control."""
    assert "Dr. Who met Mr. T at 3.15 p.m. today.".count(".") == 6
    assert count_sentences("Dr. Who met Mr. T at 3.15 p.m. today.") == (1, 1)


def test_a_word_keeps_its_vowel_signs() -> None:
    """`re` takes each of these apart: the control."""
    assert words(HINDI) == HINDI.rstrip("।").split()
    assert len(re.findall(r"\w+", HINDI)) > len(words(HINDI))
