"""Instructions of IFBench on words, sentences, counts and ratios: responses that follow each, and that do not.

Each row was held against the published checker; where the two would differ the row says why.
"""

import json
from typing import Any

import pytest

from schemas.verdict import Reason
from tasks.judging.constraints import judge_constraints

Table = tuple[dict[str, Any], list[str], list[str]]
"""Arguments, responses that follow, and responses that do not."""

KEYWORDS = {f"keyword{i}": word for i, word in enumerate(("ant", "bee", "cat", "dog", "eel"), 1)}
MENAGERIE = "ant " + "bee " * 2 + "cat " * 3 + "dog " * 5 + "eel " * 7
PALINDROMES = "level radar civic kayak refer rotor madam tenet stats solos"

CASES: dict[str, list[Table]] = {
    "count:conjunctions": [
        (
            {"small_n": 2},
            ["Tea and milk, but no sugar.", "So be it, or not.", "And one and two."],  # the case tells two apart
            ["Tea and milk and sugar.", "Tea with milk.", "android butter"],
        )
    ],
    "count:keywords_multiple": [
        (
            KEYWORDS,
            [MENAGERIE, MENAGERIE.upper(), MENAGERIE.replace("ant", "giant")],
            [MENAGERIE + "ant", MENAGERIE.replace("dog", "cow", 1), "ant bee cat dog eel"],
        )
    ],
    "count:numbers": [
        ({"N": 2}, ["7 and 1,000.5", "Room 12, 3rd floor", "a1b2"], ["7", "1 2 3", "seven and eight", "1.5"]),
        ({"N": 2.0}, ["1 2"], ["1-2"]),  # as tables of numbers write it
    ],
    "count:person_names": [
        (
            {"N": 2},
            ["Emma met Liam.", "Zoe, Leo and Mia"],
            ["Emma met Emma.", "emma met liam", "Emmanuel met Liam.", "Bob met Jim."],
        )
    ],
    "count:pronouns": [
        (
            {"N": 3},
            ["She gave it to them.", "she/her/hers", "I AM WHO I AM.", "It's his or mine."],
            ["She gave bread to Tom.", "Nobody sang.", "shell itch theme"],
        )
    ],
    "count:punctuation": [
        (
            {},
            ["Hi, you: come; go. What?! Why? No!", "a, b: c; d. e!? f? g!", "\u203d . , ! ; : ?"],
            ["Hi, you: come; go. Why? No!", "Hi, you: come; go. What?!", "?! . , ; : !"],
        )
    ],
    "count:unique_word_count": [
        ({"N": 3}, ["One two three.", "a b c a"], ["One one, ONE!", "one two"]),
        ({"N": 2}, ["one -"], ["one one."]),  # a dash alone is a word, as published
    ],
    "count:word_count_range": [
        (
            {"min_words": 2, "max_words": 3},
            ["One two.", "it's", "यह एक हिंदी"],
            ["One", "It's a day", "one two three four"],
        ),
        ({"min_words": 3, "max_words": 2}, [], ["One two", "One two three"]),
    ],
    "count:words_japanese": [
        (
            {"N": 2},
            ["one 二 three 四", "one かな", "one 2 three 日本語!", "one", "one - three"],
            ["one two", "二 two", "one 二 three four"],
        ),
        ({"N": 1}, ["日本 カナ"], ["日本 kana"]),
    ],
    "ratio:overlap": [
        ({"reference_text": "abcdef", "percentage": 50}, ["abcdxy", "abcx"], ["abcdef", "xyz", "ab"]),
        ({"reference_text": "abcdef", "percentage": 100}, ["abcdef", "abc"], ["abx", "ABC"]),
        ({"reference_text": "", "percentage": 0}, ["abc"], ["ab"]),
    ],
    "ratio:sentence_balance": [
        (
            {},
            ["Yes. No? Oh!", "No full stop", "Oh! Who? Me. You. He? No!"],
            ["Yes. No?", "Yes.", "Yes. Yes. No? Oh!"],
        )
    ],
    "ratio:sentence_type": [
        ({}, ["One. Two. Three?", "Three? One. Two. Oh!", "Oh!"], ["One. Two?", "One. Two.", "One. Two. Three? Four?"])
    ],
    "ratio:sentence_words": [
        (
            {},
            ["Abc de. Fgh ij. Klm no.", "It is. It is! It is?"],  # the same words pass, as published
            ["Abc de. Fgh ij.", "Abc de. Fgh ijk. Lmn op.", "Abc de. Fgh ij. Klm no. Pqr st."],
        )
    ],
    "ratio:stop_words": [
        ({"percentage": 50}, ["The cat", "Cats eat fish", "It rains cats"], ["The cat is on it", "...", "Don't"]),
        ({"percentage": 0}, ["Cats eat fish"], ["A cat eats fish"]),
    ],
    "sentence:alliteration_increment": [
        (
            {},
            ["One two. Big bears run.", "All alone. Big bad bears run.", "One."],
            ["Big bears run. One two.", "Big bears. Big bears.", "One two. Three four."],
        )
    ],
    "sentence:increment": [
        (
            {"small_n": 1},
            ["One. One two. One two three.", "One.", "Oh - no! So it is."],
            ["One. One two three.", "One two. One.", "One. Two."],
        ),
        ({"small_n": 0}, ["One. Two."], ["One. Two three."]),
    ],
    "sentence:keyword": [
        (
            {"word": "cat", "N": 2},
            ["A dog. A CAT. A cow.", "Oh! The cat's tail."],
            ["A cat. A dog.", "A cat.", "A dog. Cats."],
        ),
        ({"word": "a.b", "N": 1}, ["see a.b now"], ["see axb now"]),
    ],
    "words:alphabet": [
        (
            {},
            ["A big cat dances.", "Yes, zebras are big.", "x-ray yes", "Zoe"],
            ["A cat", "1 a b", "Alpha beta delta", "...", "A big 3"],
        )
    ],
    "words:consonants": [
        ({}, ["Strong myths", "try"], ["Strong a", "A banana", "Strong - myths", "you"]),
    ],
    "words:keywords_specific_position": [
        (
            {"keyword": "cat", "n": 2, "m": 3},
            ["Oh. See, the Cat runs.", "One. Two, three, cat."],
            ["See the cat runs. Oh.", "Oh. The cat runs.", "Oh. One two cats.", "Oh."],
        ),
        ({"keyword": "n't", "n": 1, "m": 3}, ["I don't."], ["I do not."]),  # tokens, as published
    ],
    "words:last_first": [
        (
            {},
            ["I see you. You see me. Me too.", "One.", "We can go! -go on."],
            ["I see you. He sees me.", "I see. See you. Me too.", 'He said "go". Go on!'],
        )
    ],
    "words:no_consecutive": [
        ({}, ["One big cat", "an (ox) eats", "- -"], ["Big bears", "an 'apple'", "One - one"]),
    ],
    "words:odd_even_syllables": [
        ({}, ["cat apple dog", "Apple, cat!", "word"], ["cat dog", "apple table", "cat apple table"]),
    ],
    "words:palindrome": [
        (
            {},
            [PALINDROMES, f"{PALINDROMES.upper()}!", "level, " * 10],
            [PALINDROMES.removesuffix(" solos"), PALINDROMES.replace("solos", "noon"), "words " * 10],
        )
    ],
    "words:paragraph_last_first": [
        (
            {},
            ["Sun is the sun.", "Sun is sun.\n\n*Moon and moon*!", "One", "---"],
            ["Sun is a moon.", "Sun is sun.\nMoon is sun.", "*Moon* and moon"],
        )
    ],
    "words:prime_lengths": [
        ({}, ["It's the hello", "be", "!"], ["a", "this", "the cats", f"{'a' * 101}"]),
    ],
    "words:repeats": [
        (
            {"small_n": 2},
            ["A cat and a dog", "one one"],
            ["one One ONE", "a cat, a dog, a cow"],
        ),
        ({"small_n": 0}, ["..."], ["one"]),
    ],
    "words:start_verb": [
        (
            {},
            ["was it?", "becoming rich", "According to him"],
            ["The cat runs.", "I run.", "12 cats", "To run"],
        )
    ],
    "words:vowel": [
        ({}, ["Banana bread", "BCD", "aei y"], ["Education", "a\ne", "aeiO"]),
    ],
    "words:words_position": [
        (
            {"keyword": "cat"},
            ["The cat saw a cat run.", "a CAT b", "a cat b cat c !", "x cat y."],
            ["The cat saw a dog run.", "cat the cat the", "The cats saw cats run", "cat"],
        )
    ],
}
ROWS = [
    (id, kwargs, response, followed)
    for id, tables in CASES.items()
    for kwargs, following, breaking in tables
    for followed, responses in ((True, following), (False, breaking))
    for response in responses
]


def judge(id: str, kwargs: Any, response: str) -> Reason:
    return judge_constraints(response, json.dumps({"instruction_id_list": [id], "kwargs": [kwargs]})).reason


@pytest.mark.parametrize(("id", "kwargs", "response", "followed"), ROWS, ids=lambda part: str(part)[:40])
def test_followed(id: str, kwargs: Any, response: str, followed: bool) -> None:
    assert judge(id, kwargs, response) is (Reason.CONSTRAINTS_MET if followed else Reason.CONSTRAINT_BROKEN)


@pytest.mark.parametrize("response", ["Run to the shop.", "Sure, here it is.", "Write!", "**Bold** words"])
def test_most_verbs_are_left_open(response: str) -> None:
    """The published tagger takes `Run` for a name here, and `**` for a verb at times."""
    assert judge("words:start_verb", {}, response) is Reason.UNDECIDED


def test_each_has_both() -> None:
    assert len(CASES) == 30
    for tables in CASES.values():
        assert sum(len(following) for _, following, _ in tables) >= 2
        assert sum(len(breaking) for _, _, breaking in tables) >= 2
