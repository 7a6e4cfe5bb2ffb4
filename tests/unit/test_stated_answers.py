"""Answers that are taken back in short, that only are spoken of, and what may follow one that stands."""
# ruff: noqa: RUF001

import pytest

from tasks.extraction.answer import find_answer
from tasks.mathematics.unread import stated_value

TAKEN_BACK = [
    "If you ask of its history, then the answer is 4. However, it depends on the year.",
    "So the answer is 4. Therefore, the answer (a number) is not known.",
    "The answer is 4. Upon reflection, it's 5.",
    "The answer is 4. On reflection: 5.",
    "The answer is 4. Apologies, 5.",
    "The answer is 4. My bad, 5.",
    "The answer is 4. Strike that, 5.",
    "The answer is 4. I take that back: 5.",
    "The answer is 4. Let me correct myself: 5.",
    "The answer is 4. Let me correct: it's 5.",
    "The answer is 4. Nope, 5.",
    "The answer is 4. Nah, 5.",
    "The answer is 4. Hmm, 5.",
    "The answer is 4. Actually 5.",
    "The answer is 4, actually 5.",
    "The answer is 4. Rather, 5.",
    "The answer is 4. Or 5?",
    "The answer is 4. Make that 5.",
    "The answer is 4. That should be 5.",
    "The answer is 4. Should be 5.",
    "The answer is 4. I mean, 5.",
    "The answer is 4 (I mean 5).",
    "The answer is 4 (sorry, 5).",
    "The answer is 4 [edit: 5].",
    "The answer is 4. EDIT: 5",
    "The answer is 4. UPDATE: 5",
    "The answer is 4. Typo: 5",
    "The answer is 4 – no, 5.",
    "The answer is 4, or is it 5?",
    "The answer is 4. Whoops, 5.",
    "The answer is 4. Oh, it's 5.",
    "The answer is 4. But that's not right. 5.",
    "The answer is 4. That's off by one. 5.",
    "The answer is 4. I forgot to add 1, so 5.",
    "The answer is 4. Ignore that: 5.",
    "The answer is 4. Disregard that; 5.",
    "The answer is 4. Forget that, 5.",
    "The answer is 4. That is not correct.",
    "The answer is 4. This is a mistake.",
    "The answer is 4, I guess, or 5.",
    "The answer is 4? Let me check. No.",
    "The answer is 4 if I'm not mistaken, but check: it is 5.",
    "The answer is 4. That can't be right.",
    "The answer is 4. That doesn't look right.",
    "The answer is 4. That doesn't make sense.",
    "The answer is 4. Hmm, that seems too low.",
    "The answer is 4. I disagree with that.",
    "The answer is 4, they say.",
    "The answer is 4, according to him.",
    "The answer is 4, he claims.",
    "The answer is 4 only if n is 2.",
    "The answer is 4 unless n is 2.",
    "The answer is 4 when n = 2 and 5 otherwise.",
    "The answer is 4 for n=2, 5 for n=3.",
    "The answer is 4 in the first case and 5 in the second.",
    "The answer is 4 for Tom and 5 for Ann.",
]
"""Whatever takes its place, it is not 4."""
REJECTED = [
    "\\boxed{4} is the answer to part (a). \\boxed{5} is the answer to part (b).",
    "~~\\boxed{4}~~ \\boxed{5}",
    "<s>\\boxed{4}</s> \\boxed{5}",
    "\\boxed{4}? No.",
    "\\boxed{4} (wrong)",
    "\\boxed{4} -- wrong",
    "\\boxed{4}: incorrect",
    "\\boxed{4} ✗",
    "\\boxed{4} ❌",
    "❌ \\boxed{4}",
    "Wrong: \\boxed{4}",
    "Incorrect answer: \\boxed{4}",
    "Not \\boxed{4}.",
    "The wrong result was \\boxed{4}.",
    "A wrong attempt gave \\boxed{4}.",
    "One might write \\boxed{4}.",
    "One might think \\boxed{4}.",
    "Someone wrote \\boxed{4}, but it is 5.",
    "Example format: \\boxed{4}",
    "Put your answer in \\boxed{4} like this.",
    "e.g. \\boxed{4}",
    "The format is \\boxed{answer}, e.g. \\boxed{4}.",
    "I will write the answer like \\boxed{4}.",
]
"""No box is the answer 4."""
TALK = [
    "The answer to (a) is 4 and the answer to (b) is 5.",
    "The answer to the first is 4, and to the second 5.",
    "The answers are 4 and 5.",
    "Answers: 4, 5",
    '"The answer is 4" is wrong.',
    "'The answer is 4' is what he said.",
    'He said: "The answer is 4."',
    "The claim that the answer is 4 is wrong.",
    "Saying the answer is 4 is a mistake.",
    "To say the answer is 4 would be wrong.",
    "It is tempting to conclude that the answer is 4.",
    "It seems that the answer is 4, but it isn't.",
    "You might think the answer is 4.",
    "It looks like the answer is 4, but no.",
    "Suppose the answer is 4.",
    "Let's say the answer is 4.",
    "Let us assume the answer is 4.",
    "Say the answer is 4.",
    "Imagine the answer is 4.",
    "Guess: the answer is 4. Check: 4+1=5, no.",
    "Could the answer be 4?",
    "Can we say the answer is 4?",
    "Why is the answer 4?",
    "How can the answer be 4?",
    "The answer can't be 41.",
    "The answer may be 41.",
    "The answer might be 41.",
    "The answer could be 41.",
    "Someone claims the answer is 41.",
    "You say the answer is 41.",
    "The user says the answer is 41.",
    "My first answer was 41.",
    "My friend's answer is 41.",
    "A wrong answer is 41.",
    "One common wrong answer is 41.",
    "A naive answer is 41.",
    "It would be silly to say the answer is 41.",
    "It's false that the answer is 41.",
    "Nobody would say the answer is 41.",
    "I refuse to say that the answer is 41.",
    "Without the discount, the answer is 41. With it, the answer is 42.",
    "For part (a) the answer is 40; for part (b) the answer is 41.",
    "If x>0 the answer is 41, otherwise 42.",
]
"""None says that it is."""
STANDS = [
    "The answer is 18. This answer is based on the most likely reading.",
    "The answer is 18. Total steps: 3.",
    "The answer is 18. Without breakfast it would be 24.",
    "The answer is 18. Please let me know if this is wrong.",
    "The answer is 18. If I made a mistake, please tell me.",
    "The answer is 18. A common mistake is to answer 24.",
    "The answer is 18. Many people get 24, which is wrong.",
    "The answer is 18\n\nConfidence: 95%",
    "The answer is 18. See step 3.",
    "The answer is 18. Actually, this can be seen from 9 × 2 = 18.",
    "The answer is 18. Remember that there are 16 eggs.",
    "The answer is 18. She sells 9 eggs at $2.",
    "The answer is 18. Sorry for the long explanation.",
    "The answer is 18. It would be wrong to include the 3 eggs.",
    "The answer is 18. You may have expected 24, but the muffins use 4.",
    "The answer is 18. Moment of truth!",
    "The answer is 18. Don't forget she eats 3.",
    "The answer is 18 ✅",
    "The answer is 18 :)",
    "The answer is 18, i.e. two times nine.",
    "The answer is 18: two times nine.",
    "The answer is exactly 18.",
    "The answer is 18 instead of 24.",
    "<answer>The answer is 18.</answer>",
    "The answer we get is 18.",
    "The answer, then, is 18.",
    "The answer (in dollars) is 18.",
    "The answer would be 18.",
    "The answer turns out to be 18.",
    "Answer - 18",
    "Answer – 18",
]
"""18 in each."""


OF_ANOTHER_QUESTION = [
    "If the question were about apples, the answer is 4.",
    "**If the question were about apples, the answer is 4.**",
    "- If they had asked for the total, the answer is 4.",
    "Note: if the question asked for the sum, it would be \\boxed{4}.",
    "If the question asked for the sum, we would get $\\boxed{4}$.",
    "For comparison, if it were a square the answer would be $\\boxed{4}$.",
    "If it were a square with all the sides and all the angles that the figure above has, the answer would be 4.",
    "If instead there were 3 dogs, the answer is 4.",
    "If order mattered, the answer is 4.",
    "If you mean France, the answer is 4.",
    "Had they asked for the total, the answer is 4.",
    "Were it the case that x>0, the answer is 4.",
    "Should the question mean per week, the answer is 4.",
    "In case the question asks for the sum, the answer is 4.",
    "Supposing the question was about boys, the answer is 4.",
    "Wenn die Frage nach \u00c4pfeln w\u00e4re, ist die Antwort 4.",
    "Si la question portait sur les pommes, la r\u00e9ponse est 4.",
    "Si le carr\u00e9 avait cinq c\u00f4t\u00e9s, la r\u00e9ponse serait 4.",
    "Si la pregunta fuera sobre manzanas, la respuesta es 4.",
    "Se a pergunta fosse sobre ma\u00e7\u00e3s, a resposta \u00e9 4.",
    "Se la domanda fosse sulle mele, la risposta \u00e8 4.",
    "Если бы вопрос был о яблоках, ответ: 4.",
    "如果问题是关于苹果的，答案是4。",
    "もし質問がりんごについてなら、答えは4です。",
    "만약 질문이 사과에 관한 것이라면 정답은 4입니다.",
    "यदि प्रश्न सेब के बारे में होता, तो उत्तर 4 है।",
    "إذا كان السؤال عن التفاح، فإن الجواب هو 4.",
]
"""An answer to it says nothing of the one that was asked."""
OF_THIS_QUESTION = [
    "If each box has 3 apples, then the answer is 18.",
    "If Tom had 3 boxes with 6 apples, the answer is 18.",
    "If there were 3 more apples, there would be \\boxed{18} apples.",
    "If I understand the question correctly, the answer is 18.",
    "If the problem is correct, the answer is 18.",
    "The question asks for the total. If each box has 3, the answer is 18.",
    "We are asked for the sum. Therefore, the answer is 18.",
    "Si chaque bo\u00eete contient 3 pommes, la r\u00e9ponse est 18.",
    "如果每盒有3个苹果，那么答案是18。",
    *[f"{text} The answer is 18." for text in OF_ANOTHER_QUESTION],
]
LABELLED = ["\u2234 Ans = 18", "Ans = 18", "**Final result: 18**", "x^2 = 324\n\\boxed{18}"]
WITH_STOPS = [
    ("The answer is Rs. 100.", "Rs. 100"),
    ("The answer is J. R. R. Tolkien. He wrote it.", "J. R. R. Tolkien"),
    ("The answer is Mt. Everest. It is high.", "Mt. Everest"),
    ("The answer is Dr. Seuss.", "Dr. Seuss"),
    ("The answer is B. A is wrong.", "B"),
    ("The answer is Vitamin C. However, it is rare.", "Vitamin C"),
]


@pytest.mark.parametrize("text", OF_ANOTHER_QUESTION)
def test_the_answer_to_another_question_is_none(text: str) -> None:
    assert answer(text) != "4"


@pytest.mark.parametrize("text", [*OF_THIS_QUESTION, *LABELLED])
def test_the_answer_to_this_one_is(text: str) -> None:
    assert answer(text) == "18"


@pytest.mark.parametrize(("text", "expected"), WITH_STOPS)
def test_a_stop_of_an_abbreviation_ends_nothing(text: str, expected: str) -> None:
    assert answer(text) == expected


def answer(text: str) -> str | None:
    stated = find_answer(text)
    assert stated is None or stated.of(text) == stated.answer
    return stated.answer if stated and stated.explicit else None


@pytest.mark.parametrize("text", [*TAKEN_BACK, *REJECTED])
def test_taken_back(text: str) -> None:
    assert answer(text) != "4"


@pytest.mark.parametrize("text", TALK)
def test_talk_states_no_value(text: str) -> None:
    assert answer(text) not in ("4", "41")
    assert stated_value(text) not in ("4", "41")


@pytest.mark.parametrize("text", STANDS)
def test_stands(text: str) -> None:
    assert answer(text) == "18"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("If n is even, the answer is 4. If n is odd, the answer is 5.", None),
        ("Without the discount, the answer is 4. With it, the answer is 5.", None),
        ("The answer is 4.\n\nWhat is 2 + 3?\nThe answer is 5.", None),  # to another question
        ("The answer is 4.\n\nWait, is that right?\nThe answer is 5.", "5"),
        ("4\n\nTest 2: add 2 and 3.\nAnswer: 5", None),
        ("4\n\nThe answer is 4.", "4"),
        ("Answer: B. Sorry, I meant C.", "C"),
        ("Answer: B. Paris", "B. Paris"),
    ],
)
def test_one_of_two(text: str, expected: str | None) -> None:
    assert answer(text) == expected


def test_the_first_number_is_no_measure() -> None:
    """The control: a grader that takes what follows the phrase takes what was taken back."""
    assert sum("answer is 4" in text for text in TAKEN_BACK) == len(TAKEN_BACK)


SAME_FIGURES = [
    ("5", "-5"),
    ("-5", "5"),
    ("50%", "50"),
    ("50", "50%"),
    ("x^2+1", "x^2-1"),
    ("[0,1)", "[0,1]"),
    ("3+4i", "3-4i"),
    ("x>2", "x<2"),
    (r"\pi", r"2\pi"),
    (r"\frac{1}{2}", r"-\frac{1}{2}"),
    ("(1, 2)", "(2, 1)"),
    ("10:30", "11:30"),
    ("no", "yes"),
]


@pytest.mark.parametrize(("one", "other"), SAME_FIGURES)
def test_an_answer_is_taken_back_for_another_in_the_same_figures(one: str, other: str) -> None:
    """The last number of the first answer stood in the second, so that the first one was judged."""
    for turn in ("Wait, that's wrong. We get", "Wait, I made a mistake: it must be"):
        found = find_answer(f"The answer is {one}.\n\n{turn} {other}.")
        assert found is None or found.answer == other
    again = find_answer(f"The answer is {one}.\n\nWait, is that not too easy? It is, but the sum gives {one}, too.")
    assert (again and again.answer) == (one if one != "no" else None)


def test_a_number_that_names_a_choice_takes_nothing_back() -> None:
    for behind in (" (option 2).", ", choice 3.", " by method 2."):
        assert answer(f"The answer is 18{behind}") is not None
    assert answer("The answer is 18. Ahem, 19.") != "18"


def test_what_is_scratched_is_no_answer() -> None:
    assert find_answer("The answer is 18. Scratch that.") is None
    assert find_answer("One cannot say that the answer is 18.").explicit is False  # type: ignore[union-attr]


def test_a_part_of_a_number_is_no_answer() -> None:
    """`30` of `Thus, 10:30 is the answer.`"""
    for said in ("Thus, 10:30 is the answer.", "A total of 1,234 is the answer."):
        found = find_answer(said)
        assert found is not None
        assert found.answer not in ("30", "234")
