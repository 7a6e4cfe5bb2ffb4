"""Multiple choice: every usual way of naming a choice, and every way of naming none, several, or two at odds."""

import json
from time import process_time

import pytest

from schemas.verdict import Reason
from tasks.extraction.answer import find_answer
from tasks.judging.choice import judge_choice, pick, read_choices

CITIES = ["London", "Rome", "Paris", "Paris, Texas"]
NAMED = [
    # by letter
    ("B", "B"),
    ("b", "B"),
    ("(b)", "B"),
    ("[B]", "B"),
    ("B)", "B"),
    ("B.", "B"),
    ("**B**", "B"),
    ("$B$", "B"),
    (r"\boxed{B}", "B"),
    (r"\boxed{\text{B}}", "B"),
    ("Option B", "B"),
    ("option b", "B"),
    ("Choice (B)", "B"),
    ("Letter C", "C"),
    ("The answer is B", "B"),
    ("The answer: c", "C"),
    ("It's B", "B"),
    ("I think it's B.", "B"),
    ("I pick A.", "A"),
    ("A is right", "A"),
    ("B, because it is old", "B"),
    ("B because it is not red", "B"),
    ("There is no doubt that it is B", "B"),
    ("the second option", "B"),
    ("option 2", "B"),
    ("the last one", "D"),
    # by text
    ("Rome", "B"),
    ("ROME", "B"),
    ("It is Rome.", "B"),
    ("'Paris'", "C"),
    ("Paris, Texas", "D"),  # contains the text of C
    ("It must be Paris, Texas!", "D"),
    ("London is the capital of England", "A"),
    # by both
    ("B) Rome", "B"),
    ("(B) Rome", "B"),
    ("B: Rome", "B"),
    ("B - Rome", "B"),
    ("B\nRome", "B"),
    ("Rome (B)", "B"),
    ("c) paris", "C"),
    ("D) Paris, Texas", "D"),
    ("A Rome", Reason.CHOICE_CONTRADICTS),
    ("C. Paris is the capital of France", "C"),
    # with others ruled out
    ("C, not B", "C"),
    ("not B but C", "C"),
    ("B rather than C", "B"),
    ("Rome instead of Paris", "B"),
    ("B and C are wrong, so A", "A"),
    ("C. Paris is the capital of France, not Rome", "C"),
    # by what the choice does
    ("The only option that works is B.", "B"),
    ("The option that best matches this description is B) Rome.", "B"),
    ("The only choice that satisfies all the conditions is (B).", "B"),
    ("The option which is correct is B.", "B"),
    ("The best option among these is B.", "B"),
    # on a line of its own, above an explanation that only mentions others
    ("C\n\nOption A ignores the river, and B confuses it with another.", "C"),
    ("**C**\n\nThe river of London is another one. Rome lies on the Tiber.", "C"),
    ("C) Paris\n\nThe river of London is another one. Rome lies on the Tiber.", "C"),
]
UNDECIDED = [
    ("C\n\nHowever, A has the river, and B has none.", Reason.SEVERAL_CHOICES),
    ("C\n\nOption A has the river. So it is B.", Reason.SEVERAL_CHOICES),
    ("C\n\nWait, no. A has the river, and B has none.", Reason.SEVERAL_CHOICES),
    ("C\n\nOption A is the best of B and A.", Reason.SEVERAL_CHOICES),
    ("C) Rome\n\nOption A ignores the river, and B confuses it.", Reason.SEVERAL_CHOICES),
    ("C\nB\n\nOption A ignores the river.", Reason.SEVERAL_CHOICES),
    ("B and C", Reason.SEVERAL_CHOICES),
    ("A/B", Reason.SEVERAL_CHOICES),
    ("A, B", Reason.SEVERAL_CHOICES),
    ("Rome or Paris", Reason.SEVERAL_CHOICES),
    ("B) Rome or C) Paris", Reason.SEVERAL_CHOICES),
    ("A) London B) Rome C) Paris D) Paris, Texas", Reason.SEVERAL_CHOICES),
    ("Between B and C, I choose C", Reason.SEVERAL_CHOICES),
    ("The only option that does not work is B.", Reason.ONLY_RULED_OUT),
    ("The option that fails is B.", Reason.NO_CHOICE_NAMED),
    ("The option that matches the wrong river is B.", Reason.ONLY_RULED_OUT),
    ("The option that could work is B.", Reason.NO_CHOICE_NAMED),
    ("The option that is tempting is B.", Reason.NO_CHOICE_NAMED),
    ("The option that matches A is B.", Reason.SEVERAL_CHOICES),
    ("B or something else", Reason.NO_CHOICE_NAMED),
    ("B, or perhaps another city", Reason.NO_CHOICE_NAMED),
    ("Nobody says the answer is Rome.", Reason.NO_CHOICE_NAMED),
    ("B) Paris", Reason.CHOICE_CONTRADICTS),
    ("(B) Paris", Reason.CHOICE_CONTRADICTS),
    ("B. Paris is the capital of France", Reason.CHOICE_CONTRADICTS),
    ("not B", Reason.ONLY_RULED_OUT),
    ("isn't B", Reason.ONLY_RULED_OUT),
    ("B is incorrect", Reason.ONLY_RULED_OUT),
    ("not B or C", Reason.ONLY_RULED_OUT),
    ("neither A nor B", Reason.ONLY_RULED_OUT),
    ("A and C are wrong", Reason.ONLY_RULED_OUT),
    ("Not B) Rome", Reason.ONLY_RULED_OUT),
    ("not B) Paris", Reason.ONLY_RULED_OUT),
    ("The answer cannot possibly be B", Reason.ONLY_RULED_OUT),
    ("Berlin", Reason.NO_CHOICE_NAMED),
    ("Romeo", Reason.NO_CHOICE_NAMED),
    ("A dog", Reason.NO_CHOICE_NAMED),  # an article
    ("none of the above", Reason.NO_CHOICE_NAMED),
    ("2", Reason.NO_CHOICE_NAMED),
    ("E", Reason.NO_SUCH_CHOICE),
    ("(E)", Reason.NO_SUCH_CHOICE),
    ("Option F", Reason.NO_SUCH_CHOICE),
    ("B" * 30_000, Reason.ANSWER_REFUSED),
]


def named(text: str, choices: list[str]) -> str | Reason:
    picked = pick(text, choices)
    return picked if isinstance(picked, Reason) else "ABCDEFGH"[picked]


UNDETERMINED = [
    *[
        "It cannot be determined.",
        "Cannot be determined",
        "It can\u2019t be determined",
        "Therefore, it cannot be determined.",
    ],
    *["The answer is that it cannot be determined."],
    "The answer cannot be determined from the given information.",
]


@pytest.mark.parametrize("text", UNDETERMINED)
@pytest.mark.parametrize("choice", ["It cannot be determined", "Cannot be determined", "Can't be determined"])
def test_that_nothing_can_be_determined_is_one_choice_in_any_words(text: str, choice: str) -> None:
    assert named(text, ["Yes", "No", choice, "None of these"]) == "C"
    assert named(text, ["Yes", "No", choice, "The answer cannot be determined"]) != "A"
    assert named(f"{text} Is it so? No.", ["Yes", "No", choice]) != "C"


@pytest.mark.parametrize(
    "text",
    [
        "If the question were about breathing, the answer is A.",
        "If they had asked for air, A would be right.",
        "Had it been a gas, the answer is A.",
        "Si la question portait sur l'air, la r\u00e9ponse serait A.",
        "Wenn nach Luft gefragt wäre, wäre die Antwort A.",
        "\u5982\u679c\u95ee\u7684\u662f\u547c\u5438\uff0c\u7b54\u6848\u662fA\u3002",
    ],
)
def test_the_choice_of_another_question_is_none(text: str) -> None:
    assert answer_of(text) != "A"
    assert answer_of(f"{text} The answer is B.") == "B"


def answer_of(text: str) -> str | Reason:
    stated = find_answer(text)
    return named(stated.answer if stated else "", CITIES)


def test_a_letter_beyond_the_choices_may_begin_one() -> None:
    assert named("T", ["True", "False"]) is Reason.NO_CHOICE_NAMED
    assert named("I", ["I only", "II only", "I and II"]) is Reason.NO_CHOICE_NAMED
    assert named("Z", ["True", "False"]) is Reason.NO_SUCH_CHOICE


@pytest.mark.parametrize(("text", "expected"), NAMED + UNDECIDED, ids=lambda case: str(case)[:40])
def test_what_an_answer_names(text: str, expected: str | Reason) -> None:
    assert named(text, CITIES) == expected


@pytest.mark.parametrize(
    ("choices", "text", "expected"),
    [
        (["3", "4", "5"], "4.0", "B"),
        (["3", "4", "5"], "B) 4", "B"),
        (["Лондон", "Париж"], "Б", "B"),
        (["Лондон", "Париж"], "Б) Париж", "B"),
        (["Лондон", "Париж"], "Б) Лондон", Reason.CHOICE_CONTRADICTS),
        (["Лондон", "Париж", "Рим"], "\u0412", Reason.NO_CHOICE_NAMED),  # the third letter, or a Latin one
        (["لندن", "باريس"], "ب", "B"),
        (["赤", "緑"], "イ", "B"),
        (["赤", "緑"], "緑です。", "B"),
        (["빨강", "초록"], "초록입니다.", "B"),
        (["Yes", "No"], "Yes, no doubt.", "A"),
        (["Yes", "No"], "No \u2014 9 is divisible by 3.", "B"),
        (["3", "4", "5"], "B) 5.00", Reason.CHOICE_CONTRADICTS),
        (["3", "4", "5"], "7", Reason.NO_SUCH_CHOICE),
        (["3", "4", "5"], "2", Reason.NO_CHOICE_NAMED),  # perhaps the second
        (["$3", "$4"], "4 dollars", "B"),
        (["10^-4 eV", "10^-8 eV"], "$10^{-8}$ eV", "B"),
        (["10^-4 eV", "10^-8 eV"], "1e-8 eV", "B"),
        (["10^-4 eV", "10^-8 eV"], "10^-8", "B"),
        (["10^-4 eV", "10^-8 eV"], "10^-8 J", Reason.NO_CHOICE_NAMED),
        (["10^-4 eV", "10^-8 eV"], "10^8 eV", Reason.NO_SUCH_CHOICE),
        ([r"\frac{1}{2}", r"\frac{1}{3}"], "1/2", "A"),
        ([r"\frac{1}{2}", r"\frac{1}{3}"], "B) 1/2", Reason.CHOICE_CONTRADICTS),
        (["x^2", "2x", "x"], "x", "C"),
        (["B", "A", "C"], "A", Reason.SEVERAL_CHOICES),  # the letter or the text
        (["4", "4", "5"], "B", "A"),  # the same choice twice
        (["True", "False"], "True, not False", "A"),
        (["yes", "no"], "no, it is not", "B"),
        (["I", "II", "III"], "II only", "B"),
        (list("zyxwvutsr"), "either I or H", Reason.SEVERAL_CHOICES),  # the verdict was H
        (list("zyxwvutsr"), "I think it is H", "H"),
        (["Vitamin A", "Vitamin B"], "It is Vitamin B", "B"),
        (["cat", "dog"], "a dog", "B"),
        (["all of the above", "none of the above"], "None of the above.", "B"),
        (["It is not possible", "It is possible"], "It is not possible", "A"),
        # a label before its own choice in other words, with the letters of a formula in it
        (["A = benzene, B = TsOH", "A = TsOH, B = HCl"], "B. A = TsOH and B = HCl (aq)", "B"),
        ([r"2 \times 10^{-7}", r"3 \times 10^{-7} M"], r"B. \(3 \times 10^{-7} \, \text{M}\)", "B"),
        (["ground", "forrest"], "(B) forest", Reason.NO_CHOICE_NAMED),
        (["sea water", "ground water"], "B: water of the ground", "B"),
        (["sea water", "ground water"], "B: water of the sea", Reason.NO_CHOICE_NAMED),
        (["you and me", "nobody"], "(A) and (B)", Reason.SEVERAL_CHOICES),
        (["foo and bar", "nothing"], "A. foo and B. bar", Reason.SEVERAL_CHOICES),
        (["ground water", "sea water"], "A. Irrelevant.", Reason.NO_CHOICE_NAMED),
        # no letter, but a variable: the verdict was no_such_choice
        (["x", "y"], "We solve (a - E)(b - E) = 0 and go on.", Reason.NO_CHOICE_NAMED),
    ],
)
def test_choices_that_are_numbers_letters_words_or_sentences(
    choices: list[str], text: str, expected: str | Reason
) -> None:
    assert named(text, choices) == expected


def first_letter(text: str) -> str | None:
    """The control: what a usual grader does."""
    return next((c.upper() for c in text if c.upper() in "ABCD"), None)


def test_the_first_letter_is_no_measure() -> None:
    wrong = [text for text, expected in NAMED if first_letter(text) != expected]
    faked = [text for text, expected in UNDECIDED if isinstance(expected, Reason) and first_letter(text)]
    assert len(wrong) > len(NAMED) / 3
    assert len(faked) > len(UNDECIDED) / 2


SPEC = json.dumps({"choices": CITIES})


@pytest.mark.parametrize(
    ("gold", "answer", "reason"),
    [
        ("C", "Paris", Reason.SAME_CHOICE),
        ("c", "(C) Paris", Reason.SAME_CHOICE),
        ("Paris", "C", Reason.SAME_CHOICE),
        ("C) Paris", "C", Reason.SAME_CHOICE),
        ("C", "B", Reason.OTHER_CHOICE),
        ("Paris", "Paris, Texas", Reason.OTHER_CHOICE),
        ("C", "E", Reason.NO_SUCH_CHOICE),
        ("C", "A, B, C or D", Reason.SEVERAL_CHOICES),
        ("C", "B) Paris", Reason.CHOICE_CONTRADICTS),
        ("B) Paris", "C", Reason.GOLD_UNPARSABLE),
        ("Berlin", "C", Reason.GOLD_UNPARSABLE),
        ("A and C", "A and C", Reason.GOLD_UNPARSABLE),
    ],
)
def test_against_the_gold(gold: str, answer: str, reason: Reason) -> None:
    judgement = judge_choice(gold, answer, SPEC)
    assert (judgement.reason, judgement.verdict, judgement.answer) == (reason, reason.ruling, answer)
    if reason is Reason.OTHER_CHOICE:
        assert judgement.evidence in ("B, gold C", "D, gold C")


@pytest.mark.parametrize(
    "spec",
    ["{}", "[]", "null", '{"choices": "AB"}', '{"choices": ["a"]}', '{"choices": ["a", ""]}', '{"choices": [1, null]}'],
)
def test_a_bad_spec_is_a_reason(spec: str) -> None:
    assert judge_choice("A", "A", spec).reason is Reason.BAD_SPEC


@pytest.mark.parametrize(
    ("spec", "choices"),
    [
        ('{"choices": [1, 2.5, true]}', ["1", "2.5", "true"]),
        ('{"choices": [" a ", "b"], "answer_pattern": "(.)", "more": null}', ["a", "b"]),
        (r'{"choices": ["\ud800", "b"]}', ["\ufffd", "b"]),  # no text that a table could hold
        ('{"choices": ["a", ["b"]]}', None),
        ('{"choices": {"A": "a", "B": "b"}}', None),
        (f'{{"choices": {["a"] * 27}}}'.replace("'", '"'), None),
        ("[" * 100_000, None),
    ],
)
def test_a_spec_is_read_or_refused(spec: str, choices: list[str] | None) -> None:
    assert read_choices(spec) == choices


def test_choices_may_be_numbers_or_bring_their_labels() -> None:
    assert read_choices('{"choices": [3, 4.5]}') == ["3", "4.5"]
    assert read_choices('{"choices": ["A) cat", "B) dog"]}') == ["cat", "dog"]
    assert read_choices('{"choices": ["A) cat", "C) dog"]}') == ["A) cat", "C) dog"]


@pytest.mark.parametrize("piece", ["B ", "not ", "(", "A) ", "option ", "* ", " ", "Paris ", "n't "])
def test_hostile_text_ends_soon(piece: str) -> None:
    """The slowest takes 0.05 s."""
    start = process_time()
    pick(piece * (5_000 // len(piece)), CITIES)
    assert process_time() - start < 1
