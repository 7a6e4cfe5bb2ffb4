"""Instructions of IFEval on words: for each a table of responses, and whether each follows it, strictly and loosely."""

import json
from typing import Any

import pytest

from schemas.verdict import Reason
from tasks.judging.constraints import judge_constraints
from tasks.judging.constraints.sentences import count_sentences

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
                (GERMAN.upper(), NO),
                ("ESTO ES UNA PRUEBA", NO),
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
            {"keywords": ["mom", "C++"]},
            [
                ("My mom likes C++.", YES),
                ("MOMENTS of c++", YES),  # also inside a word, as published
                ("My mom likes C.", NO),
                ("My m*o*m likes C++.", LOOSE),
                ("My mother likes C++.", NO),
                ("C++", NO),
            ],
        )
    ],
    "keywords:forbidden_words": [
        (
            {"forbidden_words": ["rock", "C++"]},
            [
                ("Stones and rockets.", YES),
                ("Rock and roll.", NO),
                ("On the ROCK!", NO),
                ("I write C++.", NO),
                ("I write C+++ and Ccc.", NO),
                ("Rock\nStones.", LOOSE),
                ("Stones.\nrock", LOOSE),
                ("bedrock", YES),
            ],
        ),
        ({"forbidden_words": ["a.b"]}, [("axb", YES), ("a.b", NO)]),
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
                ("One, e.g. two. Three...", NO),
                ("One; two; three.", NO),
            ],
        ),
        (
            {"num_sentences": 3, "relation": "less than"},
            [
                ("One. Two.", YES),
                ("One. Two. Three.", NO),
                ("Sure! Here:\nOne. Two.", LOOSE),
                ("1. Milk\n2. Eggs\n3. Bread", YES),
            ],
        ),
    ],
    "length_constraints:number_words": [
        (
            {"num_words": 3, "relation": "at least"},
            [("One two three", YES), ("one-two-three", YES), ("don't do", YES), ("one two", NO), ("* * *", NO)],
        ),
        (
            {"num_words": 3, "relation": "less than"},
            [("One two", YES), ("One two three", NO), ("Sure:\nOne two", LOOSE)],
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
        ("...", 0),
        ("One", 1),
        ("One.Two.", 1),
        ('"Stop!" he said. She did.', 2),
        ("Wait... what? Yes.", 2),
        ("Wait... What? Yes.", 3),
        ("I met J. K. Rowling. She smiled.", 2),
        ("The U.S. economy grew. Prices fell.", 2),
        ("He lives in the U.S. He likes it.", 2),
        ("Apples, pears, etc. are cheap. Buy some.", 2),
        ("Apples, pears, etc. The rest is dear.", 2),
        ("It is no. 5. No. It is 6.", 3),
        ("Pay $3.50. Thanks.", 2),
        ("It was I. You know.", 2),
        ("**One.** *Two.* (Three.)", 3),
        ("# A heading\n\nOne. Two.", 2),
        ("1. One.\n2. Two.", 2),
        ("आज मैं गया। मैं आया।", 2),
        ("今天。明天\uff01", 2),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert count_sentences(text) == count


def test_full_stops_are_no_measure() -> None:
    """The control."""
    assert "Dr. Who met Mr. T at 3.15 p.m. today.".count(".") == 6
    assert count_sentences("Dr. Who met Mr. T at 3.15 p.m. today.") == 1
